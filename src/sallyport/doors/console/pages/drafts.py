"""Drafts: calls that were stored in place of being made. Releasing one is a new call that asks."""

from __future__ import annotations

from sallyport.doors.console import about, seen, signing
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import ConflictError
from sallyport.flow.inbox import Item
from sallyport.model import Draft, DraftState, Json, JsonObject
from sallyport.rules.roles import may

SETTLERS = ("administrator", "operator", "owner", "reviewer")


async def show_all(visit: Visit) -> Page:
    """Return every draft that is stored."""
    found = [one for one in await visit.house.inbox.items() if one.kind == "draft"]
    rows: list[Json] = [
        {**await about.brief(visit, one), "href": f"/drafts/{one.draft.id}"}
        for one in found
        if one.draft is not None
    ]
    view: JsonObject = {"drafts": rows, "now_us": visit.now_us}
    return Page(template="drafts", title=say("nav.drafts"), at="drafts", view=view)


async def show(visit: Visit) -> Page:
    """Return one draft: what it would do, where its values come from, what it would change."""
    draft = await visit.house.inbox.draft(visit.path["id"])
    item = Item(call=await visit.house.inbox.call(draft.call_id), draft=draft)
    view: JsonObject = {
        **await about.whole(visit, item),
        "state": draft.state.value,
        "stored_us": draft.stored_us,
        "released_as": draft.released_as,
        "may": _may(visit, draft),
        "now_us": visit.now_us,
    }
    await seen.note(visit, "draft", view, call=draft.call_id)
    crumbs = (("/drafts", say("nav.drafts")),)
    title = str(view["sentence"])
    return Page(template="draft", title=title, at="drafts", view=view, crumbs=crumbs)


async def begin_release(visit: Visit) -> JsonObject:
    """Return what is signed to propose a draft anew."""
    return signing.begin_verb(visit, "release", {"draft": visit.path["id"]})


async def release(visit: Visit) -> JsonObject:
    """Propose a draft anew, for the person who signed; it is decided anew, and asks."""
    house = visit.house
    details, signed = signing.finish_verb(visit, "release")
    who = house.people.verify("release", _this(visit, details), signed)
    fresh_id = house.gateway.outside.ids.new("c")
    ended = await house.inbox.release(str(details["draft"]), person=who.name, fresh_id=fresh_id)
    asked = ended.approval
    return {"to": f"/approvals/{asked.id}" if asked else f"/calls/{ended.call.id}"}


async def begin_discard(visit: Visit) -> JsonObject:
    """Return what is signed to throw a draft away."""
    return signing.begin_verb(visit, "discard", {"draft": visit.path["id"]})


async def discard(visit: Visit) -> JsonObject:
    """Throw a draft away; what it would have done stays in the ledger."""
    details, signed = signing.finish_verb(visit, "discard")
    who = visit.house.people.verify("discard", _this(visit, details), signed, roles=SETTLERS)
    await visit.house.inbox.discard(str(details["draft"]), person=who.name)
    return {"to": f"/drafts/{details['draft']}"}


def _this(visit: Visit, details: JsonObject) -> JsonObject:
    if details.get("draft") != visit.path["id"]:
        raise ConflictError("this was signed for another draft", fix="begin again")
    return details


def _may(visit: Visit, draft: Draft) -> JsonObject:
    """Return what the one who looks may do with a draft now, and why not."""
    if draft.state is not DraftState.STORED:
        return {"release": False, "discard": False, "why": ""}
    if not visit.person.passkeys:
        return {"release": False, "discard": False, "why": say("approval.no_passkey")}
    if not may(visit.person.roles, "draft.release"):
        return {"release": False, "discard": False, "why": say("draft.no_right")}
    held = bool(visit.person.roles.intersection(SETTLERS))
    return {"release": True, "discard": held, "why": ""}
