"""The stop file, noticed: written into the ledger and told to people when it begins and ends.

Rules:
  1. The file stops by itself, before each first byte, whether or not this has seen it. Nothing
     here permits or refuses.
  2. What was written down last is found in the ledger at the start. So what somebody did to the
     file while the gateway was down is told once, and a restart tells nothing again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sallyport.flow.evidence import Draught
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import read
from sallyport.model import Json, JsonObject
from sallyport.ports import LedgerQuery

CHANGED = "stop_file.changed"


def note(
    gateway: Gateway,
    draught: Draught,
    now: frozenset[str],
    *,
    by: str = "",
    out: Sequence[str] = (),
) -> None:
    """Add an entry to an append: what the file stops now, and what of that is new or over.

    Args:
        gateway: Knows what the ledger has so far.
        draught: The append.
        now: The scopes.
        by: Who took one out of it; empty where somebody wrote to the folder, who is unknown.
        out: The calls that it came too late for.
    """
    before = gateway.registry.filed
    body: JsonObject = {
        "scopes": list[Json](sorted(now)),
        "began": list[Json](sorted(now - before)),
        "ended": list[Json](sorted(before - now)),
        "on_wire": list[Json](out),
        "by": by,
    }
    gateway.evidence.note(draught, CHANGED, body, index={"person": by} if by else {})


class FileStops:
    """Notices what the stop file stops, and that it does no more."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def restore(self) -> None:
        """Know again what was written down last."""
        query = LedgerQuery(kind=CHANGED, newest_first=True, limit=1)
        for entry in await self._gateway.outside.store.ledger(query):
            scopes = cast("list[str]", read(entry, None).body["scopes"])
            self._gateway.registry.filed = frozenset(scopes)

    async def look(self) -> None:
        """Write down what the file stops since the last look, or stops no more."""
        registry = self._gateway.registry
        before, now = registry.filed, frozenset(self._gateway.outside.stop_file.scopes())
        if now == before:
            return
        out = [one.call.id for one in self._gateway.dispatcher.on_wire()] if now - before else []
        draught = self._gateway.evidence.draught()
        note(self._gateway, draught, now, out=out)
        # Before it is written, so that another look meanwhile does not tell it a second time.
        registry.filed = now
        try:
            await self._gateway.outside.store.append(draught.done())
        except BaseException:
            registry.filed = before
            raise
