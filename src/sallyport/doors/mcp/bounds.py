"""What the door needs to know of the settings, and the times it keeps by itself."""

from __future__ import annotations

from typing import Final, Protocol

KEEP_ALIVE_S: Final = 3.0
"""How often a silent stream says that it is alive: below the idle limit of common proxies, and
below the 5 s after which httpx, as it comes, gives up on a stream (mcp 1.x then hangs for ever)."""

GRACE_S: Final = 2.0
"""How long an answer may take before a client that reads streams gets one to wait on."""

TICK_S: Final = 1.0
"""How often an open stream looks whether the offer has changed, or its token was revoked."""

COMPARE_S: Final = 5.0
"""How long a list of tools waits for a system whose tools were not compared with their pins."""

LOOK_AGAIN_S: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""After how long a system that could not be compared is asked again: once, twice and so on."""

STREAMS_MAX: Final = 1000
"""How many listening streams may be open at once."""


class Bounds(Protocol):
    """The settings that bound this door."""

    @property
    def hold_s(self) -> int:
        """How long a call that asks is held open, in seconds."""
        ...

    @property
    def body_bytes_max(self) -> int:
        """The longest request body, in bytes."""
        ...

    @property
    def depth_max(self) -> int:
        """How deep JSON may be nested."""
        ...

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Names a `Host` header may have beside those of the loopback."""
        ...

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins of web pages, as browsers write them, beside those of the loopback."""
        ...

    @property
    def unsafe_loopback_agent(self) -> str:
        """The agent that requests without a token act as; empty for nobody."""
        ...

    @property
    def unsafe_loopback_requester(self) -> str:
        """The person for whom they do."""
        ...
