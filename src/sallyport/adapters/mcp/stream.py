"""The events of one streamed answer, as they arrive, and where to go on after they broke off.

Source: MCP 2025-11-25, "Resumability and Redelivery"; WHATWG HTML, section 9.2.
"""

from __future__ import annotations

from typing import Final

from sallyport.adapters.mcp.link import Limits
from sallyport.adapters.mcp.sse import EventReader, EventTooLargeError
from sallyport.adapters.mcp.wire import Incoming, is_plain
from sallyport.errors import UpstreamProtocolError

EVENT_ID_LENGTH_MAX: Final = 1024
RETRY_S: Final = 1.0
"""How long to wait before a stream is asked for again, unless the system says otherwise."""

RETRY_S_MIN: Final = 0.05
RETRY_S_MAX: Final = 30.0


class Stream:
    """One event stream.

    Args:
        system: The system's name.
        incoming: The answer that carries it.
        limits: The bounds.
        unbounded: Whether it may last for ever, so that only each event is bounded.
    """

    def __init__(
        self, system: str, incoming: Incoming, limits: Limits, *, unbounded: bool = False
    ) -> None:
        self._system = system
        self._incoming = incoming
        self._reader = EventReader(limits.answer_bytes)
        self._unbounded = unbounded
        self._ready: list[bytes] = []

    async def next(self) -> bytes | None:
        """Return the data of the next event; None at the end of the stream.

        Raises:
            UpstreamProtocolError: An event, or all together, are more than may be held.
        """
        while not self._ready:
            chunk = await self._incoming.chunk(unbounded=self._unbounded)
            if not chunk:
                return None
            self._ready = self._fed(chunk)
        return self._ready.pop(0)

    def _fed(self, chunk: bytes) -> list[bytes]:
        try:
            return self._reader.feed(chunk)
        except EventTooLargeError:
            raise UpstreamProtocolError(
                f"system `{self._system}` sent more than its answer may hold"
            ) from None

    def finish(self) -> None:
        """Read no further."""
        self._incoming.finish()

    def close(self) -> None:
        """Hang up."""
        self._incoming.close()

    def last_id(self, before: str = "") -> str:
        """Return the id to go on after, `before` if this stream named none; empty if there is none.

        An id that cannot stand in a header is none.
        """
        named = self._reader.last_id
        if named is None:
            return before
        said = named.decode("utf-8", "replace")
        return said if len(said) <= EVENT_ID_LENGTH_MAX and is_plain(said) else ""

    def retry_s(self, before_s: float = RETRY_S) -> float:
        """Return how long to wait before going on, in seconds, within bounds."""
        said = self._reader.retry_ms
        return before_s if said is None else min(RETRY_S_MAX, max(RETRY_S_MIN, said / 1000))
