"""One question: what will happen, what is odd, every value with its origin, and the answers."""

from __future__ import annotations

import contextlib

import msgspec

from sallyport.adapters.keys import passkeys
from sallyport.doors.api import lists
from sallyport.doors.console import about, change_form, signing
from sallyport.doors.console.ceremonies import to_get
from sallyport.doors.console.page import Page, Visit, page_digest
from sallyport.doors.console.pages import people, undoing
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError, ConflictError, NotPermittedError
from sallyport.flow.inbox import Item
from sallyport.flow.inbox.answering import Taken
from sallyport.model import Ahead, Approval, ApprovalState, Call, Json, JsonObject
from sallyport.rules import answering, confirming, flags
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.attention.exercises import Exercise, State
from sallyport.rules.attention.telling import feedback
from sallyport.rules.beforehand import HOURS_MAX
from sallyport.rules.statements import Signed
from sallyport.rules.waiting_rules import MINUTE_US

BECAUSE_MAX = 4000


async def show(visit: Visit) -> Page:
    """Return the page of a question, and note by digest what was shown."""
    exercise = await visit.house.inbox.exercises.find(visit.path["id"])
    if exercise is not None and exercise.state is not State.WAITING:
        return over(visit, exercise)
    approval = await visit.house.inbox.approval(visit.path["id"])
    item = Item(call=await visit.house.inbox.call(approval.call_id), approval=approval)
    view = await about.whole(visit, item)
    view["may"] = _may(visit, approval, item)
    if approval.state is ApprovalState.WAITING:
        view["form"] = _form(visit, item, view)
        view["others"] = _others(visit, approval, item.call)
        view["reasons"] = dict[str, Json](answering.REASONS)
        view["ahead"] = lists.offered(visit.house, approval, item.call)
    view["flagged"] = await _flagged(visit, approval, item.call)
    view["cooling"] = undoing.standing(visit, item)
    view["next"] = _next(approval, item.call)
    view["grant"] = await _grant(visit, approval)
    view["viewing_s"] = visit.house.team.viewing_s(item.call)
    view["now_us"] = visit.now_us
    await _note_shown(visit, approval, view)
    crumbs = (("/inbox", say("nav.inbox")),)
    title = str(view["sentence"])
    return Page(template="approval", title=title, at="inbox", view=view, crumbs=crumbs)


def over(visit: Visit, one: Exercise) -> Page:
    """Return what stands in the place of an exercise that is over."""
    view = feedback(one, visit.person.name)
    crumbs = (("/inbox", say("nav.inbox")),)
    title = say("exercise.title")
    return Page(template="exercise", title=title, at="inbox", view=view, crumbs=crumbs)


async def begin(visit: Visit) -> JsonObject:
    """Return what the one who looks signs to answer, whichever answer it is."""
    approval = await visit.house.inbox.approval(visit.path["id"])
    call = await visit.house.inbox.call(approval.call_id)
    said = _said(visit, call)
    answering.check(said, call.proposal.args)
    visit.house.inbox.admit(approval, call, visit.person)
    if not any(one.startswith(passkeys.PREFIX) for one in visit.person.passkeys):
        raise NotPermittedError(
            "you have no passkey yet", fix="add one under People, or answer in a terminal"
        )
    if said.kind is Kind.APPROVE:
        confirming.check(approval, said)
        await visit.house.team.must_have_looked(approval, call, visit.session.id)
    at_us = visit.now_us
    statement = approvals.said_by(approval, said, person=visit.person.name, at_us=at_us)
    data: JsonObject = {
        **answering.signed_part(said, person=visit.person.name, at_us=at_us),
        "kind": said.kind.value,
        "approval": approval.id,
    }
    ceremony = visit.ceremonies.begin(
        "answer", statement, now_us=at_us, session=visit.session.id, data=data
    )
    return to_get(ceremony, statement, visit.rp, visit.person)


async def finish(visit: Visit) -> JsonObject:
    """Hand a signed answer to the house; say how the question stands."""
    credential = visit.form.get("credential")
    if not isinstance(credential, dict):
        raise BadInputError("there is no passkey's answer", fix="use the page's own button")
    ceremony = visit.ceremonies.take(
        str(visit.form.get("ceremony")), "answer", now_us=visit.now_us, session=visit.session.id
    )
    kept, at_us = ceremony.data, ceremony.data["at_us"]
    if kept["approval"] != visit.path["id"] or not isinstance(at_us, int):
        raise ConflictError("this was signed for another question", fix="begin again")
    args = kept.get("args")
    said = Said(
        kind=Kind(str(kept["kind"])),
        because=str(kept["because"]),
        code=str(kept.get("code", "")),
        args=args if isinstance(args, dict) else None,
        to=str(kept.get("to", "")),
        typed=str(kept.get("typed", "")),
        ahead=msgspec.convert(kept["ahead"], Ahead) if kept.get("ahead") else None,
    )
    signed = Signed(
        person=visit.person.name, at_us=at_us, signature=passkeys.signature_of(credential)
    )
    taken = await visit.house.inbox.say(str(kept["approval"]), said, signed)
    state = "exercise" if taken.exercise is not None else taken.approval.state.value
    return {"state": state, "to": _where(taken)}


async def _grant(visit: Visit, approval: Approval) -> JsonObject | None:
    """Return the yes beforehand that was said with this question and is in force."""
    found = [one for one in await visit.house.inbox.grants() if one.granted.approval == approval.id]
    return lists.in_force(found[0]) if found else None


def _where(taken: Taken) -> str:
    """Return where a person goes on: what an edit became is another question, or a call."""
    if taken.edited is None:
        return f"/approvals/{taken.approval.id}"
    if taken.edited.approval is None:
        return f"/calls/{taken.edited.call.id}"
    return f"/approvals/{taken.edited.approval.id}"


def _said(visit: Visit, call: Call) -> Said:
    """Return what a page's buttons and fields say."""
    because, named = _text(visit, "because"), _text(visit, "kind")
    kind = next((one for one in Kind if one.value == named), None)
    if kind is None:
        raise BadInputError("this is no answer", fix="use the page's own buttons")
    if kind is Kind.REJECT and not because.strip():
        raise BadInputError("no reason was given", fix="say why; the agent is told")
    fields = visit.form.get("fields")
    args = None
    if kind is Kind.EDIT:
        given = fields if isinstance(fields, dict) else {}
        args = change_form.edited(given, call, _schema(visit, call))
    return Said(
        kind=kind,
        because=because,
        code=_text(visit, "code") if kind is Kind.REJECT else "",
        args=args,
        to=_text(visit, "to") if kind is Kind.HAND_OVER else "",
        typed=_text(visit, "confirm").strip() if kind is Kind.APPROVE else "",
        ahead=_ahead(visit) if kind is Kind.APPROVE else None,
    )


def _ahead(visit: Visit) -> Ahead | None:
    """Return what a page's fields say yes to beforehand; None where they say nothing."""
    given = visit.form.get("ahead")
    if not isinstance(given, dict):
        return None
    count, minutes, free = (given.get(name) for name in ("at_most", "minutes", "free"))
    if isinstance(count, bool) or isinstance(minutes, bool):
        raise BadInputError("this is no yes beforehand", fix="use the page's own fields")
    if not isinstance(count, int) or not isinstance(minutes, int) or not isinstance(free, list):
        raise BadInputError("this is no yes beforehand", fix="use the page's own fields")
    if not 0 < minutes <= HOURS_MAX * 60:
        raise BadInputError(f"a yes beforehand ends within {HOURS_MAX} hours", fix="pick a time")
    until_us = visit.now_us + minutes * MINUTE_US
    return Ahead(at_most=count, until_us=until_us, free=tuple(str(one) for one in free))


def _text(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    if not isinstance(value, str) or len(value) > BECAUSE_MAX:
        raise BadInputError("this is no answer", fix="use the page's own buttons")
    return value


def _schema(visit: Visit, call: Call) -> JsonObject:
    """Return the input schema of a call's tool, as it was accepted."""
    boundary = visit.house.gateway.registry.boundaries.get(call.boundary)
    pin = boundary.pins.get(call.proposal.tool) if boundary else None
    schema = pin.definition.get("inputSchema") if pin else None
    return schema if isinstance(schema, dict) else {}


def _form(visit: Visit, item: Item, view: JsonObject) -> list[Json]:
    changes = view.get("before")
    known = [one for one in changes if isinstance(one, dict)] if isinstance(changes, list) else []
    before = {str(one["field"]): one["now"] for one in known if one.get("known")}
    schema, rule = _schema(visit, item.call), about.rule_of(visit, item.call)
    return change_form.rows(item.call, schema, rule, before)


async def begin_decision(visit: Visit) -> JsonObject:
    """Return what is signed to close what only people close."""
    details = flags.details(visit.path["id"], signing.text(visit, "because"))
    return signing.begin_verb(visit, flags.VERB, details)


async def decide(visit: Visit) -> JsonObject:
    """Put a decision on record, and close the question with it."""
    details, signed = signing.finish_verb(visit, flags.VERB)
    if details.get("approval") != visit.path["id"]:
        raise ConflictError("this was signed for another question", fix="begin again")
    who = visit.house.people.verify(flags.VERB, details, signed)
    await visit.house.inbox.decide(
        visit.path["id"], person=who.name, because=str(details["because"]), by=signed
    )
    return {"to": "/inbox"}


async def _flagged(visit: Visit, approval: Approval, call: Call) -> JsonObject | None:
    """Return whether the one who looks may close what only people close; None if it is closed."""
    if all(one.approval != approval for one in await visit.house.inbox.flagged()):
        return None
    try:
        lone = visit.house.people.lone()
        flags.admit(approval, visit.person, requester=call.requester, lone=lone)
    except NotPermittedError as error:
        return {"decide": False, "why": error.what}
    if not visit.person.passkeys:
        return {"decide": False, "why": say("approval.no_passkey")}
    return {"decide": True, "why": ""}


def _others(visit: Visit, approval: Approval, call: Call) -> list[Json]:
    """Return whom a question can be handed to: who could answer it by their own right."""
    found: list[Json] = []
    for person in visit.house.gateway.registry.people.values():
        if person.name == visit.person.name:
            continue
        with contextlib.suppress(ConflictError, NotPermittedError):
            visit.house.inbox.admit(approval, call, person)
            found.append(person.name)
    return [*found, *(one for one in approval.question.who if one not in found)]


def _next(approval: Approval, call: Call) -> str:
    """Return the question that stands in the place of one that went stale."""
    newer = call.approval_id not in {"", approval.id}
    return call.approval_id if newer and approval.state is ApprovalState.STALE else ""


def _may(visit: Visit, approval: Approval, item: Item) -> JsonObject:
    """Return whether the one who looks may answer now, and if not, why."""
    if approval.state is not ApprovalState.WAITING:
        return {"answer": False, "why": "", "add": False}
    try:
        own = visit.house.inbox.admit(approval, item.call, visit.person)
    except (ConflictError, NotPermittedError) as error:
        return {"answer": False, "why": error.what, "add": False}
    if not visit.person.passkeys:
        why = say("approval.no_passkey")
        return {"answer": False, "why": why, "add": people.is_fresh(visit)}
    return {"answer": True, "why": "", "add": False, "own": own}


async def _note_shown(visit: Visit, approval: Approval, view: JsonObject) -> None:
    """Write down that this page was shown, to whom, and a digest of all that it showed."""
    evidence = visit.house.gateway.evidence
    draught = evidence.draught()
    shown: dict[str, Json] = {name: value for name, value in view.items() if name != "now_us"}
    body: JsonObject = {
        "approval": approval.id,
        "call": approval.call_id,
        "person": visit.person.name,
        "session": visit.session.id,
        "shown": page_digest(shown),
    }
    index = {"call": approval.call_id, "person": visit.person.name}
    evidence.note(draught, "approval.shown", body, index=index)
    await visit.house.gateway.outside.store.append(draught.done())
