"""Several questions as one list: what differs, what stands out, and one signature for all rows."""

from __future__ import annotations

from sallyport.doors.api import lists
from sallyport.doors.console import about, signing
from sallyport.doors.console.page import Page, Visit, page_digest
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError, ConflictError
from sallyport.flow.inbox import Item
from sallyport.model import Json, JsonObject
from sallyport.rules import answering, batches
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.batches import Plan, Row
from sallyport.rules.statements import Signed

IDS_MAX = 100
ACT = "list"


async def show(visit: Visit) -> Page:
    """Return the list that can be made of the questions in the address, and what is left out."""
    ids = _ids(visit.query.get("ids", ""))
    plan = await visit.house.inbox.plan(ids, visit.person.name) if ids else Plan()
    rows: list[Json] = [await _line(visit, row) for row in plan.rows]
    apart: list[Json] = [{**await _line(visit, row), "why": why} for row, why in plan.apart]
    first = plan.rows[0].call if plan.rows else None
    view: JsonObject = {
        "title": say("list.title", n=len(rows)) if _enough(plan) else say("list.title.none"),
        "ids": ",".join(row.approval.id for row in plan.rows),
        "tool": first.proposal.tool if first else "",
        "agent": first.agent if first else "",
        "workflow": first.workflow if first else "",
        "same": plan.same,
        "differing": list[Json](plan.differing),
        "rows": rows,
        "apart": apart,
        "can_be_signed": _enough(plan),
        "root": _root(plan),
        "passkey": bool(visit.person.passkeys),
        "now_us": visit.now_us,
    }
    await _note_shown(visit, plan, view)
    crumbs = (("/inbox", say("nav.inbox")),)
    return Page(template="list", title=say("list"), at="inbox", view=view, crumbs=crumbs)


async def begin(visit: Visit) -> JsonObject:
    """Return what the one who looks signs to say yes to every row."""
    ids, because = _ids(signing.text(visit, "ids")), signing.text(visit, "because")
    plan = await visit.house.inbox.plan(ids, visit.person.name)
    if len(plan.rows) != len(ids) or not _enough(plan):
        raise ConflictError(
            "this list changed while you read it; nothing was signed", fix="read it again"
        )
    at_us = visit.now_us
    said = Said(kind=Kind.APPROVE, because=because)
    place = batches.places([approvals.bound(row.approval) for row in plan.rows])[0]
    made = batches.signable(
        batches.about(plan.rows[0].approval.object, place.root, place.size),
        answering.signed_part(said, person=visit.person.name, at_us=at_us),
    )
    data: JsonObject = {"ids": ",".join(ids), "because": because, "at_us": at_us}
    return signing.begin(visit, ACT, made, data)


async def finish(visit: Visit) -> JsonObject:
    """Hand a signed list to the house; say what became of each row."""
    data, signature = signing.finish(visit, ACT)
    at_us = data.get("at_us")
    if not isinstance(at_us, int):
        raise ConflictError("this was signed for something else", fix="begin again")
    ids, because = _ids(str(data["ids"])), str(data["because"])
    signed = Signed(person=visit.person.name, at_us=at_us, signature=signature)
    taken = await visit.house.inbox.say_list(ids, because, signed)
    failed = any(one.why is not None for one in taken)
    to = f"/lists?ids={','.join(ids)}" if failed else "/inbox"
    return {"to": to, "rows": [lists.answered(one) for one in taken]}


async def revoke(visit: Visit) -> JsonObject:
    """Take a yes beforehand back, at once; it asks for no signature."""
    kept = await visit.house.inbox.revoke(visit.path["id"], by=visit.person.name)
    return {"to": signing.text(visit, "back") or "/controls", "grant": kept.id}


def _ids(text: str) -> list[str]:
    ids = list(dict.fromkeys(one for one in text.split(",") if one))
    if len(ids) > IDS_MAX:
        raise BadInputError(f"that names more than {IDS_MAX} questions", fix="pick fewer")
    return ids


def _enough(plan: Plan) -> bool:
    return len(plan.rows) >= batches.AT_LEAST


def _root(plan: Plan) -> str:
    """Return the root that would be signed; nothing where there is no list."""
    places = batches.places([approvals.bound(row.approval) for row in plan.rows])
    return places[0].root if places else ""


async def _line(visit: Visit, row: Row) -> JsonObject:
    item = Item(call=row.call, approval=row.approval)
    shown = await about.brief(visit, item)
    names = ("id", "call", "sentence", "args", "origins", "odd", "requester", "task", "state")
    return {
        **{name: shown[name] for name in names},
        "href": f"/approvals/{row.approval.id}",
    }


async def _note_shown(visit: Visit, plan: Plan, view: JsonObject) -> None:
    """Write down, for each question, that it was shown in this list, to whom, and by digest."""
    evidence = visit.house.gateway.evidence
    draught = evidence.draught()
    shown: dict[str, Json] = {name: value for name, value in view.items() if name != "now_us"}
    digest = page_digest(shown)
    for row in (*plan.rows, *(row for row, _ in plan.apart)):
        body: JsonObject = {
            "approval": row.approval.id,
            "call": row.call.id,
            "person": visit.person.name,
            "session": visit.session.id,
            "shown": digest,
        }
        index = {"call": row.call.id, "person": visit.person.name}
        evidence.note(draught, "approval.shown", body, index=index)
    if draught.records:
        await visit.house.gateway.outside.store.append(draught.done())
