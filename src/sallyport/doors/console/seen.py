"""Who looked at what: a look at a call's contents is an entry of the ledger, by digest."""

from __future__ import annotations

from sallyport.doors.console.page import Visit, page_digest
from sallyport.model import Json, JsonObject

MOVES = frozenset({"now_us"})
"""What of a page changes by itself, and is no part of what was looked at."""


async def note(visit: Visit, page: str, view: JsonObject, *, call: str = "") -> None:
    """Write down that a page was shown, to whom, and a digest of all that it showed."""
    evidence = visit.house.gateway.evidence
    draught = evidence.draught()
    shown: dict[str, Json] = {name: value for name, value in view.items() if name not in MOVES}
    body: JsonObject = {
        "page": page,
        "call": call,
        "person": visit.person.name,
        "session": visit.session.id,
        "shown": page_digest(shown),
    }
    evidence.note(draught, "page.shown", body, index={"call": call, "person": visit.person.name})
    await visit.house.gateway.outside.store.append(draught.done())
