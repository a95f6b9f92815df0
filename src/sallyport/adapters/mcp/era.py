"""Which of MCP's two eras a system speaks, found out once for each link.

The handshake era (2025-11-25 and older) agrees on everything with `initialize`. In the stateless
era (2026-07-28) every request says for itself which version it speaks and what its client can do.

Rules:
  1. `server/discover` is asked first. Only a system that names a stateless version we speak is
     spoken to in that era; whatever else it says, or if it says nothing, we shake hands.
  2. A system that says during the handshake that it wants none, or that said nothing before, is
     asked once more: it may have been slow to start.
  3. Which era a link speaks never changes. A system that comes back in the other one ends the link.

Source: MCP 2026-07-28, "Versioning" and the sections "Backward Compatibility" of both transports.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from sallyport import __version__
from sallyport.adapters.mcp.link import Question, unguarded
from sallyport.errors import UpstreamDownError, UpstreamLostError
from sallyport.model import Json, JsonObject
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

STATELESS: Final = "2026-07-28"
"""The version of the stateless era that we speak."""

RESERVED: Final = "io.modelcontextprotocol/"
VERSION_KEY: Final = f"{RESERVED}protocolVersion"
CLIENT_KEY: Final = f"{RESERVED}clientInfo"
CAPABILITIES_KEY: Final = f"{RESERVED}clientCapabilities"
SERVER_KEY: Final = f"{RESERVED}serverInfo"

CLIENT: Final[JsonObject] = {"name": "sallyport", "version": __version__}

OF_ONE_HOP: Final = frozenset(
    (
        VERSION_KEY,
        CLIENT_KEY,
        CAPABILITIES_KEY,
        f"{RESERVED}logLevel",
        f"{RESERVED}subscriptionId",
    )
)
"""The `_meta` keys of a request with which a client speaks for itself; ours are never another's."""

OWN_META: Final[JsonObject] = {
    VERSION_KEY: STATELESS,
    CLIENT_KEY: CLIENT,
    CAPABILITIES_KEY: {},
}
"""What each of our requests in the stateless era says: we can do nothing that is asked of us."""

UNSUPPORTED_VERSION: Final = -32022
HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
SPOKEN: Final = frozenset(
    (
        HEADER_MISMATCH,
        MISSING_CAPABILITY,
        jsonrpc.METHOD_NOT_FOUND,
        jsonrpc.INVALID_PARAMS,
        jsonrpc.INTERNAL_ERROR,
    )
)
"""The codes with which a system of the stateless era refuses a request and stays in its era."""

PROBE_S: Final = 3.0
"""How long a system may be silent about its era. Some old ones ignore what they do not know."""

DISCOVER: Final = Question(method="server/discover")
LISTEN: Final = Question(
    method="subscriptions/listen", members={"notifications": {"toolsListChanged": True}}
)

Ask: TypeAlias = Callable[[Question, Launch, str], Awaitable[jsonrpc.Response]]
"""Sends one question in the manner of a version, and returns the answer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a system and we agreed on."""

    version: str
    tells_of_changes: bool = False

    @property
    def stateless(self) -> bool:
        """Whether each request stands alone."""
        return self.version == STATELESS


async def greet(system: str, ask: Ask) -> Welcome:
    """Find out the era of a system and agree on a version.

    Raises:
        UpstreamDownError: The system declines, or speaks no version that we speak.
    """
    found = await _discover(ask)
    if found is not None and (welcome := _understood(system, found)) is not None:
        return welcome
    answer = await _initialize(ask)
    if answer.result is None and (found is None or _wants_no_handshake(answer)):
        again = await _discover(ask)
        late = None if again is None else _understood(system, again)
        if late is not None:
            return late
    return _agreed(system, answer)


def _wants_no_handshake(answer: jsonrpc.Response) -> bool:
    return answer.error is not None and answer.error.get("code") == UNSUPPORTED_VERSION


async def _discover(ask: Ask) -> jsonrpc.Response | None:
    """Return what a system says of itself; None if it cannot be told from silence."""
    try:
        async with asyncio.timeout(PROBE_S):
            return await ask(DISCOVER, unguarded, STATELESS)
    except (TimeoutError, UpstreamLostError):
        return None


def _understood(system: str, answer: jsonrpc.Response) -> Welcome | None:
    """Return the agreement in the stateless era, or None where a handshake may be had.

    Raises:
        UpstreamDownError: It speaks neither era in a version that we speak.
    """
    if answer.result is not None:
        versions = answer.result.get("supportedVersions")
    else:
        versions = _named_instead(answer.error or {})
    if not isinstance(versions, list):
        return None
    if answer.result is not None and STATELESS in versions:
        return Welcome(version=STATELESS, tells_of_changes=_tells_of_changes(answer.result))
    if not any(known in versions for known in jsonrpc.VERSIONS):
        raise _foreign(system)
    return None


def _named_instead(error: JsonObject) -> Json:
    """Return the versions that a system names when it refuses ours."""
    data = error.get("data")
    if error.get("code") != UNSUPPORTED_VERSION or not isinstance(data, dict):
        return None
    return data.get("supported")


async def shake_hands(system: str, ask: Ask) -> Welcome:
    """Send `initialize`, without another question before, and return what was agreed.

    Raises:
        UpstreamDownError: The system declines, or speaks no version that we speak.
    """
    return _agreed(system, await _initialize(ask))


async def _initialize(ask: Ask) -> jsonrpc.Response:
    hello: JsonObject = {
        "protocolVersion": jsonrpc.LATEST,
        "capabilities": {},
        "clientInfo": CLIENT,
    }
    return await ask(Question(method="initialize", members=hello), unguarded, jsonrpc.LATEST)


def _agreed(system: str, answer: jsonrpc.Response) -> Welcome:
    if answer.result is None:
        raise UpstreamDownError(f"system `{system}` declined the MCP handshake")
    version = answer.result.get("protocolVersion")
    if not isinstance(version, str) or version not in jsonrpc.VERSIONS:
        raise _foreign(system)
    return Welcome(version=version, tells_of_changes=_tells_of_changes(answer.result))


def _foreign(system: str) -> UpstreamDownError:
    return UpstreamDownError(
        f"system `{system}` speaks no MCP version that Sallyport speaks",
        fix="update the system's MCP server to one of " + ", ".join((STATELESS, *jsonrpc.VERSIONS)),
    )


def _tells_of_changes(result: JsonObject) -> bool:
    capabilities = result.get("capabilities")
    tools = capabilities.get("tools") if isinstance(capabilities, dict) else None
    return isinstance(tools, dict) and tools.get("listChanged") is True
