"""Exercises as they are kept: all but their times and ids is sealed, above all what they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

import msgspec

from sallyport.errors import StoreCorruptError
from sallyport.flow import rows
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Call,
    Ending,
    Json,
    JsonObject,
    Level,
    Origin,
    Proposal,
    Question,
    Verdict,
)
from sallyport.ports import Row, Vault
from sallyport.rules import canonical
from sallyport.rules.attention.exercises import Exercise, Kind, State, Wrong
from sallyport.rules.strict_json import loads

TABLE = "exercises"


def exercise_row(one: Exercise, vault: Vault, changed_us: int) -> Row:
    """Return the row of an exercise."""
    return {
        "id": one.id,
        "call": one.call.id,
        "made_from": one.of,
        "state": one.state.value,
        "asked_us": one.approval.asked_us,
        "expires_us": one.approval.expires_us,
        "changed_us": changed_us,
        "sealed": vault.seal(_label(one.id), canonical.encode(as_kept(one))),
    }


def exercise_of(row: Row, vault: Vault) -> Exercise:
    """Return the exercise of a row."""
    exercise_id = rows.text(row, "id")
    kept = loads(
        vault.open(_label(exercise_id), rows.blob(row, "sealed")),
        bytes_max=rows.STORED_BYTES_MAX,
        depth_max=rows.STORED_DEPTH_MAX,
    )
    if not isinstance(kept, dict):
        raise StoreCorruptError(f"what is kept of `{exercise_id}` is no object")
    state = State(rows.text(row, "state"))
    answer = _answer(kept.get("answer"))
    approval = _approval(row, cast("JsonObject", kept["approval"]), answer, state)
    wrong = cast("JsonObject | None", kept["wrong"])
    return Exercise(
        kind=Kind(str(kept["kind"])),
        state=state,
        approval=approval,
        call=_call(approval, cast("JsonObject", kept["call"])),
        of=rows.text(row, "made_from"),
        of_call=str(kept["of_call"]),
        first=str(kept["first"]),
        knows=tuple(cast("list[str]", kept["knows"])),
        wrong=_wrong(wrong) if wrong is not None else None,
        answer=answer,
    )


def as_kept(one: Exercise) -> JsonObject:
    """Return what is sealed of an exercise, in its row and beside its entries."""
    call, approval = one.call, one.approval
    given = one.answer
    answer = {**asdict(given), "arguments": list[Json](given.arguments)} if given else None
    return {
        "kind": one.kind.value,
        "of_call": one.of_call,
        "first": one.first,
        "knows": list[Json](one.knows),
        "wrong": asdict(one.wrong) if one.wrong is not None else None,
        "answer": answer,
        "approval": {
            "digest": approval.digest,
            "boundary": approval.boundary,
            "target": approval.target,
            "who": list[Json](approval.question.who),
            "how_many": approval.question.how_many,
            "within_s": approval.question.within_s,
            "about": approval.about,
            "object": approval.object,
        },
        "call": {
            "task": call.proposal.task_id,
            "tool": call.proposal.tool,
            "args": call.proposal.args,
            "meta": call.proposal.meta,
            "channel": call.proposal.channel,
            "agent": call.agent,
            "instance": call.instance,
            "workflow": call.workflow,
            "requester": call.requester,
            "system": call.system,
            "level": call.level.name,
            "verdict": call.verdict.name,
            "boundary": call.boundary,
            "proposed_us": call.proposed_us,
        },
    }


def _label(exercise_id: str) -> str:
    return f"{TABLE}/{exercise_id}"


_STATES = {
    State.WAITING: ApprovalState.WAITING,
    State.EXPIRED: ApprovalState.EXPIRED,
    State.WITHDRAWN: ApprovalState.WITHDRAWN,
}


def _approval(row: Row, kept: JsonObject, answer: Answer | None, state: State) -> Approval:
    return Approval(
        id=rows.text(row, "id"),
        call_id=rows.text(row, "call"),
        digest=str(kept["digest"]),
        boundary=str(kept["boundary"]),
        question=Question(
            who=tuple(cast("list[str]", kept["who"])),
            how_many=cast(int, kept["how_many"]),
            within_s=cast(int, kept["within_s"]),
        ),
        # Answered, it is over in a way that nothing follows from, whatever was said.
        state=_STATES.get(state, ApprovalState.WITHDRAWN),
        asked_us=rows.number(row, "asked_us"),
        expires_us=rows.number(row, "expires_us"),
        target=str(kept["target"]),
        about=str(kept["about"]),
        object=cast("JsonObject", kept["object"]),
        answers=(answer,) if answer is not None else (),
    )


def _call(approval: Approval, kept: JsonObject) -> Call:
    proposal = Proposal(
        call_id=approval.call_id,
        task_id=str(kept["task"]),
        tool=str(kept["tool"]),
        args=cast("JsonObject", kept["args"]),
        channel=str(kept["channel"]),
        origin=Origin.GATEWAY,
        meta=cast("JsonObject", kept["meta"]),
    )
    return Call(
        id=approval.call_id,
        proposal=proposal,
        agent=str(kept["agent"]),
        instance=str(kept["instance"]),
        workflow=str(kept["workflow"]),
        requester=str(kept["requester"]),
        system=str(kept["system"]),
        level=Level[str(kept["level"])],
        digest=approval.digest,
        boundary=str(kept["boundary"]),
        ending=Ending.WAITING,
        proposed_us=cast(int, kept["proposed_us"]),
        verdict=Verdict[str(kept["verdict"])],
        approval_id=approval.id,
    )


def _answer(kept: Json) -> Answer | None:
    return msgspec.convert(kept, Answer) if isinstance(kept, dict) else None


def _wrong(kept: JsonObject) -> Wrong:
    return Wrong(
        argument=str(kept["argument"]),
        how=str(kept["how"]),
        was=kept["was"],
        shown=kept["shown"],
    )
