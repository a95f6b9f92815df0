"""Nouns to rows and back. The store knows tables, the rules know nouns; only this file knows both.

Rows written for calls, tasks and drafts are sealed where they hold what somebody said: the clear
columns are ids, names, states and times.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

import msgspec

from sallyport.errors import StoreCorruptError
from sallyport.model import (
    ActionState,
    Agent,
    Answer,
    Approval,
    ApprovalState,
    Asks,
    Away,
    BreakGlass,
    Call,
    Draft,
    DraftState,
    Ending,
    Floor,
    GlassState,
    Json,
    JsonObject,
    Level,
    Origin,
    Passed,
    Person,
    Proposal,
    Question,
    Stage,
    Switch,
    Task,
    Verdict,
    Vouched,
    WorkflowStep,
)
from sallyport.ports import Row, Vault
from sallyport.rules import canonical
from sallyport.rules.strict_json import loads

# What we sealed ourselves was bounded when it came in; these only keep a damaged row from harm.
STORED_BYTES_MAX = 64 * 1024 * 1024
STORED_DEPTH_MAX = 512


def agent_row(agent: Agent, created_us: int) -> Row:
    """Return the row of an agent."""
    return {
        "id": agent.name,
        "owner": agent.owner,
        "stage": agent.stage.value,
        "active": int(agent.active),
        "created_us": created_us,
        "purpose": agent.purpose,
        "contact": agent.contact,
    }


def agent_of(row: Row) -> Agent:
    """Return the agent of a row."""
    return Agent(
        name=text(row, "id"),
        owner=text(row, "owner"),
        stage=Stage(text(row, "stage")),
        active=bool(row["active"]),
        purpose=text(row, "purpose"),
        contact=text(row, "contact"),
    )


def person_row(person: Person, enrolled_us: int) -> Row:
    """Return the row of a person."""
    return {
        "id": person.name,
        "roles": json.dumps(sorted(person.roles)),
        "public_key": person.public_key,
        "passkeys": json.dumps(person.passkeys),
        "recovery": json.dumps(person.recovery),
        "identity": person.identity,
        "away": json.dumps(asdict(person.away)) if person.away else "",
        "active": int(person.active),
        "enrolled_us": enrolled_us,
    }


def person_of(row: Row) -> Person:
    """Return the person of a row."""
    return Person(
        name=text(row, "id"),
        roles=frozenset(json.loads(text(row, "roles"))),
        public_key=text(row, "public_key"),
        passkeys=tuple(json.loads(text(row, "passkeys") or "[]")),
        recovery=tuple(json.loads(text(row, "recovery") or "[]")),
        identity=text(row, "identity"),
        away=Away(**json.loads(text(row, "away"))) if row["away"] else None,
        active=bool(row["active"]),
    )


def workflow_step_row(step: WorkflowStep, added_us: int) -> Row:
    """Return the row of a workflow step."""
    return {
        "id": step.name,
        "workflow": step.workflow,
        "public_key": step.public_key,
        "because": step.because,
        "active": int(step.active),
        "added_us": added_us,
    }


def workflow_step_of(row: Row) -> WorkflowStep:
    """Return the workflow step of a row."""
    return WorkflowStep(
        name=text(row, "id"),
        workflow=text(row, "workflow"),
        public_key=text(row, "public_key"),
        because=text(row, "because"),
        active=bool(row["active"]),
    )


def task_row(task: Task, vault: Vault) -> Row:
    """Return the row of a task; its inputs and the requester's words are sealed."""
    return {
        "id": task.id,
        "workflow": task.workflow,
        "agent": task.agent,
        "instance": task.instance,
        "requester": task.requester,
        "boundary": task.boundary,
        "inputs": vault.seal(f"tasks/{task.id}/inputs", canonical.encode(dict(task.inputs))),
        "words": vault.seal(f"tasks/{task.id}/words", task.words.encode()),
        "opened_us": task.opened_us,
        "expires_us": task.expires_us,
        "standing": int(task.standing),
        "closed": int(task.closed),
    }


def task_of(row: Row, vault: Vault) -> Task:
    """Return the task of a row."""
    task_id = text(row, "id")
    return Task(
        id=task_id,
        workflow=text(row, "workflow"),
        agent=text(row, "agent"),
        instance=text(row, "instance"),
        requester=text(row, "requester"),
        boundary=text(row, "boundary"),
        inputs=_object(vault.open(f"tasks/{task_id}/inputs", blob(row, "inputs"))),
        words=vault.open(f"tasks/{task_id}/words", blob(row, "words")).decode(),
        opened_us=number(row, "opened_us"),
        expires_us=number(row, "expires_us"),
        standing=bool(row["standing"]),
        closed=bool(row["closed"]),
    )


def call_row(call: Call, vault: Vault, *, reasons: str, at_us: int) -> Row:
    """Return the row of a new call; the proposal is sealed."""
    return {
        "id": call.id,
        "task": call.proposal.task_id,
        "tool": call.proposal.tool,
        "system": call.system,
        "workflow": call.workflow,
        "agent": call.agent,
        "instance": call.instance,
        "requester": call.requester,
        "level": call.level.name.lower(),
        "digest": call.digest,
        "boundary": call.boundary,
        "origin": call.proposal.origin.value,
        "parent": call.proposal.parent,
        "channel": call.proposal.channel,
        "verdict": call.verdict.name.lower(),
        "ending": call.ending.value,
        "action": call.action.value if call.action else None,
        "approval": call.approval_id,
        "idempotency_key": call.idempotency_key,
        "delivered": int(call.delivered),
        "proposed_us": call.proposed_us,
        "changed_us": at_us,
        "proposal": vault.seal(f"calls/{call.id}/proposal", proposal_bytes(call.proposal)),
        "result": None,
        "reasons": reasons,
        "glass": call.glass,
    }


def call_of(row: Row, vault: Vault) -> Call:
    """Return the call of a row."""
    call_id = text(row, "id")
    action = row["action"]
    sealed = _object(vault.open(f"calls/{call_id}/proposal", blob(row, "proposal")))
    return Call(
        id=call_id,
        proposal=Proposal(
            call_id=call_id,
            task_id=text(row, "task"),
            tool=text(row, "tool"),
            args=cast(JsonObject, sealed["args"]),
            meta=cast(JsonObject, sealed["meta"]),
            channel=text(row, "channel"),
            origin=Origin(text(row, "origin")),
            parent=text(row, "parent"),
            by=cast(str, sealed["by"]),
            declared=frozenset(cast("list[str]", sealed.get("declared", []))),
            answers=cast(JsonObject, sealed.get("answers", {})),
        ),
        agent=text(row, "agent"),
        instance=text(row, "instance"),
        workflow=text(row, "workflow"),
        requester=text(row, "requester"),
        system=text(row, "system"),
        level=Level[text(row, "level").upper()],
        digest=text(row, "digest"),
        boundary=text(row, "boundary"),
        ending=Ending(text(row, "ending")),
        verdict=Verdict[text(row, "verdict").upper()],
        action=ActionState(action) if isinstance(action, str) else None,
        approval_id=text(row, "approval"),
        idempotency_key=text(row, "idempotency_key"),
        delivered=bool(row["delivered"]),
        glass=text(row, "glass"),
        proposed_us=number(row, "proposed_us"),
    )


def proposal_bytes(proposal: Proposal) -> bytes:
    """Return the part of a proposal that is sealed."""
    said: JsonObject = {"args": proposal.args, "meta": proposal.meta, "by": proposal.by}
    if proposal.declared:
        said["declared"] = list[Json](sorted(proposal.declared))
    if proposal.answers:
        said["answers"] = proposal.answers
    return canonical.encode(said)


def approval_row(approval: Approval, vault: Vault) -> Row:
    """Return the row of an approval; what people answer about is sealed."""
    return {
        "id": approval.id,
        "call": approval.call_id,
        "digest": approval.digest,
        "boundary": approval.boundary,
        "target": approval.target,
        "state": approval.state.value,
        "who": json.dumps(approval.question.who),
        "how_many": approval.question.how_many,
        "within_s": approval.question.within_s,
        "asked_us": approval.asked_us,
        "expires_us": approval.expires_us,
        "changed_us": approval.asked_us,
        "answers": answers_text(approval),
        "about": approval.about,
        "object": vault.seal(f"approvals/{approval.id}/object", canonical.encode(approval.object)),
        "passed": passed_text(approval),
        "risen": approval.risen - 1,
        "not_before_us": approval.not_before_us,
    }


def approval_of(row: Row, vault: Vault) -> Approval:
    """Return the approval of a row. One that an older release asked has no object, and is stale."""
    sealed, label = row["object"], f"approvals/{text(row, 'id')}/object"
    return Approval(
        id=text(row, "id"),
        call_id=text(row, "call"),
        digest=text(row, "digest"),
        boundary=text(row, "boundary"),
        target=text(row, "target"),
        state=ApprovalState(text(row, "state")),
        question=Question(
            who=tuple(json.loads(text(row, "who"))),
            how_many=number(row, "how_many"),
            within_s=number(row, "within_s"),
        ),
        asked_us=number(row, "asked_us"),
        expires_us=number(row, "expires_us"),
        about=text(row, "about"),
        object=_object(vault.open(label, sealed)) if isinstance(sealed, bytes) else {},
        answers=msgspec.json.decode(text(row, "answers"), type=tuple[Answer, ...]),
        passed=passed_of(row),
        risen=1 + number(row, "risen"),
        not_before_us=number(row, "not_before_us"),
    )


def answers_text(approval: Approval) -> str:
    """Return an approval's answers as the column keeps them."""
    return msgspec.json.encode(approval.answers).decode()


def passed_of(row: Row) -> tuple[Passed, ...]:
    """Return how often the question of a row was passed on; nothing of it is sealed."""
    kept = text(row, "passed")
    return msgspec.json.decode(kept, type=tuple[Passed, ...]) if kept not in {"", "[]"} else ()


def passed_text(approval: Approval) -> str:
    """Return how often a question was passed on, as the column keeps it."""
    return msgspec.json.encode(approval.passed).decode()


def draft_row(draft: Draft) -> Row:
    """Return the row of a draft; what it would do stands, sealed, with its call."""
    return {
        "id": draft.id,
        "call": draft.call_id,
        "task": draft.task_id,
        "tool": draft.tool,
        "state": draft.state.value,
        "stored_us": draft.stored_us,
        "changed_us": draft.stored_us,
        "released_as": draft.released_as,
    }


def draft_of(row: Row) -> Draft:
    """Return the draft of a row."""
    return Draft(
        id=text(row, "id"),
        call_id=text(row, "call"),
        task_id=text(row, "task"),
        tool=text(row, "tool"),
        state=DraftState(text(row, "state")),
        stored_us=number(row, "stored_us"),
        released_as=text(row, "released_as"),
    )


def switch_row(switch: Switch) -> Row:
    """Return the row of a switch that is on."""
    return {
        "id": switch.id,
        "scope": switch.scope,
        "verdict": switch.verdict.name.lower(),
        "because": switch.because,
        "by_person": switch.by,
        "since_us": switch.since_us,
        "lifted_us": None,
        "lifted_by": "",
    }


def switch_of(row: Row) -> Switch:
    """Return the switch of a row."""
    return Switch(
        id=text(row, "id"),
        scope=text(row, "scope"),
        verdict=Verdict[text(row, "verdict").upper()],
        because=text(row, "because"),
        by=text(row, "by_person"),
        since_us=number(row, "since_us"),
    )


def glass_row(glass: BreakGlass) -> Row:
    """Return the row of a break-glass."""
    return {
        "id": glass.id,
        "scope": glass.scope,
        "because": glass.because,
        "lasts_s": glass.lasts_s,
        "state": glass.state.value,
        "asked": _vouched_text(glass.asked),
        "asked_us": glass.asked_us,
        "second": _vouched_text(glass.second),
        "since_us": glass.since_us,
        "ends_us": glass.ends_us,
        "ended_us": glass.ended_us,
        "ended_by": glass.ended_by,
        "review": _vouched_text(glass.review),
        "found": glass.found,
        "words": glass.words,
    }


def glass_of(row: Row) -> BreakGlass:
    """Return the break-glass of a row."""
    return BreakGlass(
        id=text(row, "id"),
        scope=text(row, "scope"),
        because=text(row, "because"),
        lasts_s=number(row, "lasts_s"),
        state=GlassState(text(row, "state")),
        asked=msgspec.json.decode(text(row, "asked"), type=Vouched),
        asked_us=number(row, "asked_us"),
        second=_vouched(text(row, "second")),
        since_us=number(row, "since_us"),
        ends_us=number(row, "ends_us"),
        ended_us=number(row, "ended_us"),
        ended_by=text(row, "ended_by"),
        review=_vouched(text(row, "review")),
        found=text(row, "found"),
        words=text(row, "words"),
    )


def _vouched_text(vouched: Vouched | None) -> str:
    return msgspec.json.encode(vouched).decode() if vouched is not None else ""


def _vouched(kept: str) -> Vouched | None:
    return msgspec.json.decode(kept, type=Vouched) if kept else None


def text(row: Row, column: str) -> str:
    """Return a text column.

    Raises:
        StoreCorruptError: It holds something else.
    """
    value = row[column]
    if not isinstance(value, str):
        raise StoreCorruptError(f"column `{column}` does not hold text")
    return value


def number(row: Row, column: str) -> int:
    """Return an integer column.

    Raises:
        StoreCorruptError: It holds something else.
    """
    value = row[column]
    if not isinstance(value, int):
        raise StoreCorruptError(f"column `{column}` does not hold a number")
    return value


def blob(row: Row, column: str) -> bytes:
    """Return a column of bytes.

    Raises:
        StoreCorruptError: It holds something else.
    """
    value = row[column]
    if not isinstance(value, bytes):
        raise StoreCorruptError(f"column `{column}` does not hold bytes")
    return value


def kept_bytes(
    call_id: str,
    vault: Vault,
    *,
    result: JsonObject | None = None,
    error: JsonObject | None = None,
    floors: Iterable[Floor] = (),
    asks: Asks | None = None,
) -> bytes:
    """Return, sealed, what is kept of a call for an asker who has not heard it yet."""
    why: list[Json] = [
        {"verdict": f.verdict.name.lower(), "code": f.code, "words": dict(f.words)} for f in floors
    ]
    kept: JsonObject = {"result": result, "error": error, "why": why}
    if asks is not None:
        kept["asks"] = {"requests": asks.requests, "state": asks.state, "open": asks.open}
    return vault.seal(f"calls/{call_id}/result", canonical.encode(kept))


def result_of(row: Row, vault: Vault) -> Mapping[str, Any] | None:
    """Return what was kept: `{"result": ..., "error": ..., "why": [...]}`, or None."""
    sealed = row["result"]
    if not isinstance(sealed, bytes):
        return None
    return _object(vault.open(f"calls/{text(row, 'id')}/result", sealed))


def asks_of(kept: Mapping[str, Any]) -> Asks | None:
    """Return what the system asked, among what was kept of a call."""
    found = cast("dict[str, Any] | None", kept.get("asks"))
    return None if found is None else Asks(**found)


def floors_of(kept: Mapping[str, Any]) -> tuple[Floor, ...]:
    """Return the floors among what was kept of a call."""
    return tuple(
        Floor(verdict=Verdict[one["verdict"].upper()], code=one["code"], words=one["words"])
        for one in kept.get("why", ())
    )


def _object(data: bytes) -> JsonObject:
    value: Json = loads(data, bytes_max=STORED_BYTES_MAX, depth_max=STORED_DEPTH_MAX)
    if not isinstance(value, dict):
        raise StoreCorruptError("sealed bytes do not hold an object")
    return value
