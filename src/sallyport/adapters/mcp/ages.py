"""How long a list of tools is relied on before it is asked for again.

A system need not say that its tools changed, and one that was replaced does not know it. So a list
has an age. In the stateless era a system names it (`ttlMs`), within bounds: none can have its list
asked for with every call, and none can have it relied on for ever.

Source: MCP 2026-07-28, "Caching".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sallyport.adapters.mcp.link import Question
from sallyport.model import ToolPin
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

FRESH_S_MIN: Final = 5.0
FRESH_S_MAX: Final = 300.0

Exchange: TypeAlias = Callable[[Question, Launch], Awaitable[jsonrpc.Response]]


class Age:
    """What the pages of one list say about how long they are good for.

    `fresh_s` is how long the list as a whole is relied on, in seconds.
    """

    def __init__(self) -> None:
        self.fresh_s = FRESH_S_MAX

    def noting(self, exchange: Exchange) -> Exchange:
        """Return the same exchange, whose answers are looked at in passing."""

        async def noted(question: Question, launch: Launch) -> jsonrpc.Response:
            answer = await exchange(question, launch)
            self._note(answer)
            return answer

        return noted

    def _note(self, answer: jsonrpc.Response) -> None:
        said = None if answer.result is None else answer.result.get("ttlMs")
        if isinstance(said, int) and not isinstance(said, bool):
            self.fresh_s = min(self.fresh_s, max(FRESH_S_MIN, said / 1000))


@dataclass(frozen=True, slots=True)
class _Listed:
    digests: frozenset[tuple[str, str]]
    until_s: float


@dataclass(slots=True)
class Lists:
    """What each system listed last, and until when that is relied on."""

    _known: dict[str, _Listed] = field(default_factory=dict[str, _Listed])
    _asking: dict[str, asyncio.Lock] = field(default_factory=dict[str, asyncio.Lock])

    def keep(self, system: str, pins: Sequence[ToolPin], fresh_s: float) -> None:
        """Remember a list that just came."""
        digests = frozenset((pin.tool, pin.digest) for pin in pins)
        self._known[system] = _Listed(digests, asyncio.get_running_loop().time() + fresh_s)

    def forget(self, system: str) -> None:
        """Rely on no list until another comes."""
        self._known.pop(system, None)

    def is_too_old(self, system: str) -> bool:
        """Return whether there is a list that must be asked for again."""
        known = self._known.get(system)
        return known is not None and asyncio.get_running_loop().time() >= known.until_s

    def digests(self, system: str) -> frozenset[tuple[str, str]]:
        """Return the tools of the last list with their digests."""
        known = self._known.get(system)
        return known.digests if known else frozenset()

    def asking(self, system: str) -> asyncio.Lock:
        """Return the lock under which one asks for all who wait."""
        return self._asking.setdefault(system, asyncio.Lock())
