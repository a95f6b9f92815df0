"""Nouns as the JSON doors show them: to people what they decide by, to agents what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import NamedTuple, cast

from sallyport.doors.api.fields import TIME_US_MAX
from sallyport.flow import rows
from sallyport.flow.dispatch import OnWire
from sallyport.flow.house import House
from sallyport.flow.inbox import Item
from sallyport.flow.reading import Timeline, Verified
from sallyport.flow.registry import Token
from sallyport.flow.rounds import alike
from sallyport.model import (
    Agent,
    Answer,
    Approval,
    Boundary,
    Call,
    Floor,
    Json,
    JsonObject,
    Origin,
    Passed,
    Person,
    Switch,
    Verdict,
    WorkflowStep,
)
from sallyport.ports import LedgerQuery
from sallyport.rules import approval as approvals
from sallyport.rules import approval_object, confirming, reasons, told
from sallyport.rules.answering import ahead_of
from sallyport.rules.boundary.explain import explain
from sallyport.rules.commands import Ended
from sallyport.rules.shown import shown as args_shown
from sallyport.rules.strict_json import loads
from sallyport.rules.telling.before import changes
from sallyport.rules.trace import Heard, Step, Trace


class Reason(NamedTuple):
    """One reason as the ledger keeps it: the floor's verdict and code, and its sentence."""

    verdict: Verdict
    code: str
    sentence: str

    def as_json(self) -> JsonObject:
        """Return the reason as it is shown."""
        return {
            "verdict": self.verdict.name.lower(),
            "code": self.code,
            "sentence": self.sentence,
        }


def switch(one: Switch) -> JsonObject:
    """Return a switch that is set."""
    return {
        "id": one.id,
        "scope": one.scope,
        "verdict": one.verdict.name.lower(),
        "because": one.because,
        "by": one.by,
        "since_us": one.since_us,
    }


def on_wire(out: OnWire) -> JsonObject:
    """Return a call that has left and was not answered yet."""
    return {
        "call": out.call.id,
        "tool": out.call.proposal.tool,
        "agent": out.call.agent,
        "since_us": out.since_us,
    }


def person(one: Person) -> JsonObject:
    """Return a person."""
    return {
        "name": one.name,
        "roles": list[Json](sorted(one.roles)),
        "public_key": one.public_key,
        "passkeys": list[Json](one.passkeys),
        "recovery_codes": len(one.recovery),
        "identity": one.identity,
        "active": one.active,
        "away": away(one),
    }


def away(one: Person) -> JsonObject | None:
    """Return when somebody is not there and who stands in; None where they never said so."""
    return asdict(one.away) if one.away is not None else None


def agent(one: Agent) -> JsonObject:
    """Return an agent."""
    return {
        "name": one.name,
        "owner": one.owner,
        "purpose": one.purpose,
        "contact": one.contact,
        "stage": one.stage.value,
        "active": one.active,
    }


def workflow_step(one: WorkflowStep) -> JsonObject:
    """Return a workflow step that may answer."""
    return {
        "name": one.name,
        "workflow": one.workflow,
        "public_key": one.public_key,
        "because": one.because,
        "active": one.active,
    }


def token(one: Token) -> JsonObject:
    """Return what a token is, by the beginning of its hash; the token itself nobody has."""
    return {
        "id": one.id[:16],
        "kind": one.kind,
        "agent": one.agent,
        "workflow": one.workflow,
        "task": one.task,
        "person": one.person,
        "label": one.label,
        "expires_us": one.expires_us,
    }


def boundary(one: Boundary) -> JsonObject:
    """Return a boundary in plain words."""
    return {
        "workflow": one.workflow.name,
        "digest": one.digest,
        "agent": one.workflow.agent,
        "plain": explain(one),
    }


def floor(one: Floor) -> JsonObject:
    """Return a floor and its sentence."""
    return Reason(verdict=one.verdict, code=one.code, sentence=reasons.say(one)).as_json()


def answers(given: Sequence[Answer]) -> list[Json]:
    """Return the answers to a question."""
    return [
        {
            "person": one.person,
            "yes": one.yes,
            "because": one.because,
            "at_us": one.at_us,
            "confirmed_own": one.confirmed_own,
            "kind": one.kind,
            "code": one.code,
            "arguments": list[Json](one.arguments),
            "ahead": ahead_of(one.ahead) if one.ahead else None,
            "listed": one.listed.size if one.listed else 0,
        }
        for one in given
    ]


def passed(given: Sequence[Passed]) -> list[Json]:
    """Return how a question was passed on."""
    return [
        {
            "person": one.person,
            "how": one.how,
            "to": one.to,
            "because": one.because,
            "at_us": one.at_us,
        }
        for one in given
    ]


def item(house: House, one: Item, why: Sequence[Reason]) -> JsonObject:
    """Return something that waits for people, with why it does."""
    call, approval = one.call, one.approval
    plumbing = house.gateway.registry.plumbing_of(call)
    shown: JsonObject = {
        "kind": one.kind,
        "id": _item_id(one),
        "call": call.id,
        "tool": call.proposal.tool,
        "system": call.system,
        "level": call.level.name.lower(),
        "agent": call.agent,
        "requester": call.requester,
        "workflow": call.workflow,
        "task": call.proposal.task_id,
        "who": list[Json](approval.question.who) if approval else [],
        "how_many": approval.question.how_many if approval else 1,
        "asked_us": _since(one),
        "expires_us": approval.expires_us if approval else 0,
        "state": _state(one),
        "risen": approval.risen if approval else 1,
        "not_before_us": approval.not_before_us if approval else 0,
        "alike": alike(call),
        "sentences": list[Json](dict.fromkeys(reason.sentence for reason in why)),
        "args": call.proposal.args,
        **args_shown(call.proposal.args, plumbing).as_json(),
        "confirm": confirming.asked(approval) if approval else None,
        "statement_of": approvals.bound(approval) if approval else None,
    }
    return shown


async def detail(house: House, one: Item, why: Sequence[Reason]) -> JsonObject:
    """Return all that a person should see before they answer."""
    call, approval = one.call, one.approval
    image = _before(approval) or await _image(house, call)
    return {
        **item(house, one, why),
        "meta": call.proposal.meta,
        "answers": answers(approval.answers) if approval else [],
        "passed": passed(approval.passed) if approval else [],
        "object": approval.object if approval else None,
        "changed": list[Json](approval_object.came_back(approval.object)) if approval else [],
        "boundary": approval.boundary if approval else call.boundary,
        "target": approval.target if approval else "",
        "image": image,
        "preview": _preview(house, call, image),
        "reads": await _reads(house, call),
    }


async def why_of(house: House, call: Call, *, only: Verdict | None = None) -> tuple[Reason, ...]:
    """Return the reasons of a call's last decision as the ledger keeps them, strictest first.

    Args:
        house: Whose ledger.
        call: The call.
        only: The verdict to keep; None for all of them.
    """
    known = await _known_as(house, call)
    heard = await house.reading.search(LedgerQuery(call=known), unseal=True)
    told_why = [entry for entry in heard if _reasons(entry)]
    if known != call.id:
        told_why = [entry for entry in told_why if entry.body.get("verdict") == "ask"]
    found = _reasons(told_why[-1]) if told_why else ()
    return tuple(one for one in found if only is None or one.verdict is only)


async def as_it_stands(house: House, call: Call, *, to_agent: bool = False) -> JsonObject:
    """Return how a call stands now, from what the database and ledger keep.

    With `to_agent` it leaves out what people have arranged among themselves.
    """
    found = await house.gateway.outside.store.rows("calls", {"id": call.id})
    answer = rows.result_of(found[0], house.gateway.outside.vault) if found else None
    drafts = await house.gateway.outside.store.rows("drafts", {"call": call.id})
    hidden = told.AMONG_PEOPLE if to_agent else frozenset[str]()
    why = [one for one in await why_of(house, call) if one.code not in hidden]
    shown = said(
        Ended(
            call=call,
            # A sentence cannot be taken apart into the words that filled it, and stands for itself.
            floors=tuple(Floor(verdict=one.verdict, code=one.sentence) for one in why),
            result=(answer or {}).get("result"),
            error=(answer or {}).get("error"),
            approval=await house.inbox.approval(call.approval_id) if call.approval_id else None,
            draft=rows.draft_of(drafts[0]) if drafts else None,
        )
    )
    statement = cast("dict[str, Json]", shown["call"])
    return {**shown, "call": {**statement, "reasons": [one.as_json() for one in why]}}


def said(one: Ended) -> JsonObject:
    """Return the gateway's statement on a call, the words for it, and its result."""
    shown: JsonObject = {"call": told.meta(one), "text": told.text(one)}
    if one.result is not None:
        shown["result"] = one.result
    if one.error is not None:
        shown["error"] = one.error
    return shown


def call(found: Call) -> JsonObject:
    """Return how a call stands, for people."""
    return {
        "call": found.id,
        "ending": found.ending.value,
        "action": found.action.value if found.action else None,
        "verdict": found.verdict.name.lower(),
    }


def heard(entry: Heard) -> JsonObject:
    """Return a ledger entry."""
    return {"seq": entry.seq, "kind": entry.kind, "at_us": entry.at_us, "body": entry.body}


def trace(found: Trace) -> JsonObject:
    """Return a call's eight steps."""
    return {"call": found.call, "steps": [_step(step) for step in found.steps]}


def timeline(found: Timeline) -> JsonObject:
    """Return a task's history, each thing after all that it follows from."""
    return {
        "task": found.task,
        "cut": found.cut,
        "moments": [one.as_json() for one in found.moments],
    }


def verified(found: Verified) -> JsonObject:
    """Return what verifying the ledger has shown."""
    chain = found.chain
    return {
        "intact": found.intact,
        "said": found.said,
        "entries": chain.entries,
        "heads": {
            stream: {"seq": head.seq, "hash": head.hash} for stream, head in chain.heads.items()
        },
        "faults": chain.faults,
        "problems": [
            {"index": p.index, "stream": p.stream, "seq": p.seq, "what": p.what.value}
            for p in chain.problems
        ],
        "anchored_up_to": chain.anchored_up_to,
        "unanchored_tail": chain.unanchored_tail,
        "payloads": found.payloads,
        "erased": found.erased,
        "altered": list[Json](found.altered),
        "signed": found.signed,
        "unsigned": [{"seq": seq, "what": what} for seq, what in found.unsigned],
    }


def question(approval: Approval, call: Call) -> JsonObject:
    """Return where a question stands after an answer."""
    stands: JsonObject = {
        "approval": approval.id,
        "state": approval.state.value,
        "call": call.id,
    }
    if approval.not_before_us:
        stands["not_before_us"] = approval.not_before_us
    return stands


def _preview(house: House, call: Call, image: Json) -> list[Json]:
    """Return what the call would change, field by field."""
    declared = house.gateway.registry.plumbing_of(call).changes
    return [one.as_json() for one in changes(image, call.proposal.args, declared)]


def _item_id(one: Item) -> str:
    if one.draft is not None:
        return one.draft.id
    return one.approval.id if one.approval else one.call.id


def _since(one: Item) -> int:
    if one.draft is not None:
        return one.draft.stored_us
    return one.approval.asked_us if one.approval else one.call.proposed_us


def _state(one: Item) -> str:
    if one.draft is not None:
        return one.draft.state.value
    if one.approval is not None:
        return one.approval.state.value
    return one.call.action.value if one.call.action else one.call.ending.value


def _step(step: Step) -> JsonObject:
    return {
        "name": step.name,
        "at_us": step.at_us,
        "said": step.said,
        "facts": dict(step.facts),
    }


def _reasons(entry: Heard) -> tuple[Reason, ...]:
    """Return the reasons that an entry tells of: codes in clear, sentences sealed with it."""
    codes = entry.body.get("floors") or entry.body.get("why")
    sentences = (entry.secret or {}).get("sentences")
    if not isinstance(codes, list) or not isinstance(sentences, list):
        return ()
    return tuple(
        _reason(str(code), str(sentence)) for code, sentence in zip(codes, sentences, strict=False)
    )


def _reason(spelled: str, sentence: str) -> Reason:
    verdict, _, code = spelled.partition(" ")
    return Reason(verdict=Verdict[verdict.upper()], code=code, sentence=sentence)


def _before(approval: Approval | None) -> Json:
    """Return the record as it was read when the question was asked."""
    action = approval.object.get("action") if approval else None
    return action.get("before") if isinstance(action, dict) else None


async def _known_as(house: House, call: Call) -> str:
    """Return the id by which the ledger knows of a call: of an exercise, what it was made from."""
    if call.proposal.origin is not Origin.GATEWAY:
        return call.id
    exercise = await house.inbox.exercises.of_call(call.id)
    return exercise.of_call if exercise is not None else call.id


async def _answered_us(house: House, call: Call) -> int:
    """Return until when what was read for a call is shown: of an exercise, until the real answer.

    What was read once more before the effect would say that it has happened already.
    """
    known = await _known_as(house, call)
    if known == call.id:
        return TIME_US_MAX
    found = await house.reading.search(LedgerQuery(call=known, kind="approval.answered"))
    return found[-1].at_us if found else 0


async def _image(house: House, call: Call) -> Json:
    found = await house.gateway.outside.store.rows("images", {"id": f"{call.id}.before"})
    if not found:
        return None
    label = f"images/{call.id}.before"
    sealed = rows.blob(found[0], "sealed")
    plain = house.gateway.outside.vault.open(label, sealed)
    return loads(plain, bytes_max=rows.STORED_BYTES_MAX, depth_max=rows.STORED_DEPTH_MAX)


async def _reads(house: House, call: Call) -> list[Json]:
    """Return what the gateway read for itself to decide on a call: the facts and the target."""
    shown: list[Json] = []
    known, until_us = await _known_as(house, call), await _answered_us(house, call)
    for row in await house.gateway.outside.store.rows("calls", {"parent": known}):
        read = rows.call_of(row, house.gateway.outside.vault)
        if read.proposal.origin != "gateway" or read.proposed_us > until_us:
            continue
        query = LedgerQuery(call=read.id, kind="call.concluded")
        kept = await house.reading.search(query, unseal=True)
        answer = (kept[-1].secret or {}).get("result") if kept else None
        shown.append({"tool": read.proposal.tool, "args": read.proposal.args, "answer": answer})
    return shown
