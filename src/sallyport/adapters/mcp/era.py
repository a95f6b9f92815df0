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
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sallyport import __version__
from sallyport.adapters.mcp.link import Question, unguarded
from sallyport.adapters.mcp.talk import TOKEN, Talk
from sallyport.errors import UpstreamDownError, UpstreamLostError
from sallyport.model import Json, JsonObject
from sallyport.ports import Launch
from sallyport.rules import asking, jsonrpc, methods

STATELESS: Final = "2026-07-28"
"""The version of the stateless era that we speak."""

RESERVED: Final = "io.modelcontextprotocol/"
VERSION_KEY: Final = f"{RESERVED}protocolVersion"
CLIENT_KEY: Final = f"{RESERVED}clientInfo"
CAPABILITIES_KEY: Final = f"{RESERVED}clientCapabilities"
SERVER_KEY: Final = f"{RESERVED}serverInfo"
LOG_LEVEL_KEY: Final = f"{RESERVED}logLevel"
SUBSCRIPTION_KEY: Final = f"{RESERVED}subscriptionId"

CLIENT: Final[JsonObject] = {"name": "sallyport", "version": __version__}

OF_ONE_HOP: Final = frozenset(
    (
        VERSION_KEY,
        CLIENT_KEY,
        CAPABILITIES_KEY,
        LOG_LEVEL_KEY,
        SUBSCRIPTION_KEY,
        "progressToken",
    )
)
"""The `_meta` keys of a request with which a client speaks for itself; ours are never another's."""


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

INSTRUCTIONS_LENGTH_MAX: Final = 16_384

DISCOVER: Final = Question(method="server/discover")
LISTEN: Final = "subscriptions/listen"
NOTHING: Final = frozenset[str]()

_UNASKED: Final = ("resources.subscribe", "logging")

_SERVED_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    methods.READ: ("resources",),
    methods.LIST_RESOURCES: ("resources",),
    methods.LIST_TEMPLATES: ("resources",),
    methods.SUBSCRIBE: ("resources", "resources.subscribe"),
    methods.UNSUBSCRIBE: ("resources", "resources.subscribe"),
    methods.GET_PROMPT: ("prompts",),
    methods.LIST_PROMPTS: ("prompts",),
    methods.COMPLETE: ("completions",),
}

Ask: TypeAlias = Callable[[Question, Launch, str], Awaitable[jsonrpc.Response]]
"""Sends one question in the manner of a version, and returns the answer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a system and we agreed on."""

    version: str
    tells_of_changes: bool = False
    offers: frozenset[str] = frozenset()
    """The capabilities that a system declares, and details of them as `resources.subscribe`."""
    instructions: str = ""
    """What it tells agents beforehand; nothing where that is longer than anybody would read."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods governed like tools that a system serves."""
        return tuple(
            method for method, needs in _SERVED_WITH.items() if self.offers.issuperset(needs)
        )

    @property
    def stateless(self) -> bool:
        """Whether each request stands alone."""
        return self.version == STATELESS

    @property
    def speaks_unasked(self) -> bool:
        """Whether a system of the handshake era may say something outside of any call's stream."""
        return self.tells_of_changes or not self.offers.isdisjoint(_UNASKED)

    def listen(self) -> Question:
        """Return the question to be told of whatever a system tells of."""
        wanted: JsonObject = {
            f"{name}ListChanged": True
            for name in ("tools", "prompts", "resources")
            if f"{name}.listChanged" in self.offers
        }
        return Question(method=LISTEN, members={"notifications": wanted})


def watch(uris: frozenset[str]) -> Question:
    """Return the question to be told of changes of these resources."""
    wanted: JsonObject = {"resourceSubscriptions": list[Json](sorted(uris))}
    return Question(method=LISTEN, members={"notifications": wanted})


def set_level(level: str) -> Question:
    """Return the question by which the handshake era sets the level of log messages."""
    return Question(method="logging/setLevel", members={"level": level})


def own_meta(abilities: frozenset[str]) -> JsonObject:
    """Return what our requests in the stateless era say, for askers that can be asked so much."""
    return {
        VERSION_KEY: STATELESS,
        CLIENT_KEY: CLIENT,
        CAPABILITIES_KEY: asking.capabilities(abilities),
    }


def meta_of(version: str, own: JsonObject, talk: Talk, token: int) -> JsonObject | None:
    """Return what a link adds to the `_meta` of a request that is sent in a version's manner."""
    added = dict(own) if version == STATELESS else {}
    if talk.progress:
        added[TOKEN] = token
    if talk.log_level and version == STATELESS:
        added[LOG_LEVEL_KEY] = talk.log_level
    return added or None


async def greet(system: str, ask: Ask, abilities: frozenset[str] = NOTHING) -> Welcome:
    """Find out the era of a system and agree on a version.

    Raises:
        UpstreamDownError: The system declines, or speaks no version that we speak.
    """
    found = await _discover(ask)
    if found is not None and (welcome := _understood(system, found)) is not None:
        return welcome
    answer = await _initialize(ask, abilities)
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
        return _welcome(STATELESS, answer.result)
    if not any(known in versions for known in jsonrpc.VERSIONS):
        raise _foreign(system)
    return None


def _named_instead(error: JsonObject) -> Json:
    """Return the versions that a system names when it refuses ours."""
    data = error.get("data")
    if error.get("code") != UNSUPPORTED_VERSION or not isinstance(data, dict):
        return None
    return data.get("supported")


async def shake_hands(system: str, ask: Ask, abilities: frozenset[str] = NOTHING) -> Welcome:
    """Send `initialize`, without another question before, and return what was agreed.

    Raises:
        UpstreamDownError: The system declines, or speaks no version that we speak.
    """
    return _agreed(system, await _initialize(ask, abilities))


async def _initialize(ask: Ask, abilities: frozenset[str]) -> jsonrpc.Response:
    hello: JsonObject = {
        "protocolVersion": jsonrpc.LATEST,
        "capabilities": asking.capabilities(abilities),
        "clientInfo": CLIENT,
    }
    return await ask(Question(method="initialize", members=hello), unguarded, jsonrpc.LATEST)


def _agreed(system: str, answer: jsonrpc.Response) -> Welcome:
    if answer.result is None:
        raise UpstreamDownError(f"system `{system}` declined the MCP handshake")
    version = answer.result.get("protocolVersion")
    if not isinstance(version, str) or version not in jsonrpc.VERSIONS:
        raise _foreign(system)
    return _welcome(version, answer.result)


def _foreign(system: str) -> UpstreamDownError:
    return UpstreamDownError(
        f"system `{system}` speaks no MCP version that Sallyport speaks",
        fix="update the system's MCP server to one of " + ", ".join((STATELESS, *jsonrpc.VERSIONS)),
    )


def _welcome(version: str, result: JsonObject) -> Welcome:
    found = result.get("capabilities")
    offers: set[str] = set()
    for name, details in (found if isinstance(found, dict) else {}).items():
        if isinstance(details, dict):
            offers.add(name)
            offers |= {f"{name}.{detail}" for detail, is_so in details.items() if is_so is True}
    told = ("tools.listChanged", "resources.listChanged", "prompts.listChanged")
    return Welcome(
        version=version,
        tells_of_changes=not offers.isdisjoint(told),
        offers=frozenset(offers),
        instructions=_instructions(result.get("instructions")),
    )


def _instructions(said: Json) -> str:
    return said if isinstance(said, str) and len(said) <= INSTRUCTIONS_LENGTH_MAX else ""
