"""Drafts: calls that were stored in place of being made. Releasing one is a new call that asks."""

from __future__ import annotations

from sallyport.doors.console import about, change_form, seen, signing
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError, ConflictError
from sallyport.flow.inbox import Item
from sallyport.model import Call, Draft, DraftState, Json, JsonObject
from sallyport.rules.answering import changed
from sallyport.rules.roles import may

RIGHT = "draft.release"


async def show_all(visit: Visit) -> Page:
    """Return every draft that is stored."""
    inbox = visit.house.inbox
    rows: list[Json] = []
    for one in await visit.waiting():
        if one.kind == "draft":
            item = Item(call=await inbox.call(one.call), draft=await inbox.draft(one.id))
            rows.append({**await about.brief(visit, item), "href": f"/drafts/{one.id}"})
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
        "form": change_form.rows(
            item.call, _schema(visit, item.call), about.rule_of(visit, item.call), {}
        ),
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
    who = house.people.verify("release", _this(visit, details), signed, right=RIGHT)
    fresh_id = house.gateway.outside.ids.new("c")
    args = details.get("args")
    ended = await house.inbox.release(
        str(details["draft"]),
        person=who.name,
        fresh_id=fresh_id,
        args=args if isinstance(args, dict) else None,
    )
    asked = ended.approval
    return {"to": f"/approvals/{asked.id}" if asked else f"/calls/{ended.call.id}"}


async def begin_edit(visit: Visit) -> JsonObject:
    """Return what is signed to propose a draft with other values."""
    draft = await visit.house.inbox.draft(visit.path["id"])
    call = await visit.house.inbox.call(draft.call_id)
    fields = visit.form.get("fields")
    args = change_form.edited(
        fields if isinstance(fields, dict) else {}, call, _schema(visit, call)
    )
    if not changed(call.proposal.args, args):
        raise BadInputError("nothing was changed", fix="change a value, or release it as it is")
    return signing.begin_verb(visit, "release", {"draft": draft.id, "args": args})


async def edit(visit: Visit) -> JsonObject:
    """Propose a draft with other values, in the name of the person who signed."""
    return await release(visit)


async def begin_discard(visit: Visit) -> JsonObject:
    """Return what is signed to throw a draft away."""
    return signing.begin_verb(visit, "discard", {"draft": visit.path["id"]})


async def discard(visit: Visit) -> JsonObject:
    """Throw a draft away; what it would have done stays in the ledger."""
    details, signed = signing.finish_verb(visit, "discard")
    who = visit.house.people.verify("discard", _this(visit, details), signed, right=RIGHT)
    await visit.house.inbox.discard(str(details["draft"]), person=who.name)
    return {"to": f"/drafts/{details['draft']}"}


def _schema(visit: Visit, call: Call) -> JsonObject:
    """Return the input schema of a draft's tool, as it was accepted."""
    boundary = visit.house.gateway.registry.boundaries.get(call.boundary)
    pin = boundary.pins.get(call.proposal.tool) if boundary else None
    schema = pin.definition.get("inputSchema") if pin else None
    return schema if isinstance(schema, dict) else {}


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
    if not may(visit.person.roles, RIGHT):
        return {"release": False, "discard": False, "why": say("draft.no_right")}
    return {"release": True, "discard": True, "why": ""}
