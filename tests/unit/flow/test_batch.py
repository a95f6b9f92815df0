"""A yes to a list, through the flow: one signature, each row by itself, and no row twice."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow.inbox.batch import Answered
from sallyport.flow.recovery import recover
from sallyport.model import Approval, ApprovalState, Ending, Json, Stage, Verdict
from sallyport.ports import Update
from sallyport.rules import approval as approvals
from sallyport.rules import batches, signed_answers
from sallyport.rules.answering import Kind, Said
from sallyport.rules.commands import Ended
from sallyport.rules.statements import GOOD_FOR_US, Signed
from tests.unit.flow.room import Room
from tests.unit.flow.test_beforehand import NOTE, room_on_probation

KEYS = {"lea": frozenset({"key-of-lea"})}


def three(room: Room, count: int = 3) -> list[Approval]:
    """Return several questions of one kind."""
    task = room.task()
    texts = [f"note {number}" for number in range(count)]
    asked = [room.propose(task, "tickets.note", {**NOTE, "text": text}) for text in texts]
    found = [one.approval for one in asked]
    return [one for one in found if one is not None]


def sign(
    room: Room, questions: Sequence[Approval], person: str = "lea", ago_us: int = 0, key: str = ""
) -> Signed:
    """Return a person's signature over a list of questions."""
    ordered = sorted(questions, key=lambda one: one.id)
    place = batches.places([approvals.bound(one) for one in ordered])[0]
    at_us = room.clock.now_us() - ago_us
    said = Said(kind=Kind.APPROVE, because="seen")
    made = approvals.said_to_list(ordered[0], place, said, person=person, at_us=at_us)
    assert made
    signature = room.keys.sign(key or f"key-of-{person}", made)
    return Signed(person=person, at_us=at_us, signature=signature)


def say(
    room: Room, questions: Sequence[Approval], signed: Signed, because: str = "seen"
) -> tuple[Answered, ...]:
    """Give a signed yes to a list."""
    return room.run(room.inbox.say_list([one.id for one in questions], because, signed))


def test_one_signature_answers_every_row_and_each_is_carried_out_once() -> None:
    """And the ledger says so for each of them, with its proof; offline it verifies by itself."""
    room = room_on_probation()
    questions = three(room)
    given = say(room, questions, sign(room, questions))
    ends = room.follow()

    assert [one.why for one in given] == [None] * 3
    assert all(isinstance(one, Ended) and one.ending is Ending.DONE for one in ends)
    assert room.sent.count("tickets.note") == 3
    answered = room.heard(kind="approval.answered")
    asked = {one.body["approval"]: one for one in room.heard(kind="approval.asked")}
    assert len({str(one.body["signature"]) for one in answered}) == 1
    for one in answered:
        question = asked[one.body["approval"]]
        assert signed_answers.problem(one, question, KEYS, room.keys.verify) == ""
    assert room.kinds().count("list.signed") == 1


def test_what_was_signed_is_good_for_once() -> None:
    """The same list and signature again: refused, and nothing leaves a second time."""
    room = room_on_probation()
    questions = three(room)
    signed = sign(room, questions)
    say(room, questions, signed)
    room.follow()
    with pytest.raises((ConflictError, NotPermittedError)):
        say(room, questions, signed)
    room.follow()
    assert room.sent.count("tickets.note") == 3


def test_a_signature_is_not_good_for_rows_that_failed_the_first_time() -> None:
    """A row that was left out then cannot be had by showing the signature again."""
    room = room_on_probation()
    questions = three(room)
    signed = sign(room, questions)
    _write(room, questions[0], {"expires_us": room.clock.now_us() + 10**9})
    with pytest.raises((SignatureError, NotPermittedError)):
        say(room, questions, signed)
    _write(room, questions[0], {"expires_us": questions[0].expires_us})
    say(room, questions, signed)
    with pytest.raises((ConflictError, NotPermittedError)):
        say(room, questions, signed)
    room.follow()


def test_only_just_that_list_was_signed() -> None:
    """A row less, a row more, another key, another reason, or too long ago: refused."""
    room = room_on_probation()
    questions = three(room, 3)
    signed = sign(room, questions[:2])
    for rows, because, by in (
        (questions, "seen", signed),
        (questions[:2], "other", signed),
        (questions[1:], "seen", signed),
        (questions[:2], "seen", sign(room, questions[:2], key="key-of-sam")),
        (questions[:2], "seen", replace(signed, person="sam")),
        (questions[:2], "seen", sign(room, questions[:2], ago_us=2 * GOOD_FOR_US)),
    ):
        with pytest.raises(SignatureError):
            say(room, rows, by, because)
    assert "list.signed" not in room.kinds()
    assert "tickets.note" not in room.sent
    with pytest.raises(BadInputError):
        say(room, questions[:1], signed)


def test_who_may_not_answer_one_of_the_rows_may_not_answer_the_list() -> None:
    """A list gives nobody a right."""
    room = room_on_probation()
    questions = three(room)
    for name in ("pat", "rita"):
        with pytest.raises(NotPermittedError):
            say(room, questions, sign(room, questions, name))
    plan = room.run(room.inbox.plan([one.id for one in questions], "rita"))
    assert plan.rows == ()
    assert len(plan.apart) == 3


def test_each_row_is_decided_again_and_may_fail_alone() -> None:
    """A floor that is set right after the answer: rows that have not left ask or stay."""
    room = room_on_probation()
    questions = three(room)
    say(room, questions, sign(room, questions))
    first, *others = room.spawned
    room.spawned[:] = others
    room.run(first)
    room.run(room.controls.set("tool:tickets.note", Verdict.REFUSE, because="look", by="boss"))
    ends = [one for one in room.follow() if isinstance(one, Ended)]

    assert room.sent.count("tickets.note") == 1
    assert {one.ending for one in ends} == {Ending.REFUSED}


def test_after_a_crash_every_answered_row_leaves_once_and_the_list_is_not_taken_again() -> None:
    """Right after the answers, and once more after some of the rows have left."""
    room = room_on_probation()
    questions = three(room)
    signed = sign(room, questions)
    say(room, questions, signed)
    first, *others = room.spawned
    room.run(first)
    for lost in others:
        cast("Coroutine[Any, Any, object]", lost).close()
    room.spawned.clear()
    for _ in range(2):
        boundaries = dict(room.gateway.registry.boundaries)
        room.start()
        room.gateway.registry.boundaries.update(boundaries)
        room.gateway.registry.agents["helper"] = replace(
            room.gateway.registry.agents["helper"], stage=Stage.ASK
        )
        room.run(recover(room.gateway))

    assert room.sent.count("tickets.note") == 3
    assert {room.run(room.inbox.approval(one.id)).state for one in questions} == {
        ApprovalState.USED
    }
    with pytest.raises((ConflictError, NotPermittedError)):
        say(room, questions, signed)


def test_a_row_that_was_answered_meanwhile_leaves_the_others_as_they_are() -> None:
    """Two reviewers at once: one of them wins the row, the list wins the rest."""
    room = room_on_probation()
    questions = three(room)
    signed = sign(room, questions)
    took = False

    async def answered_meanwhile(append: object) -> object:
        nonlocal took
        kept = await original(append)  # type: ignore[arg-type]
        if not took:
            took = True
            ended = Ended(call=await room.inbox.call(questions[1].call_id), approval=questions[1])
            await _no(room, ended)
        return kept

    original = room.store.append
    room.store.append = answered_meanwhile  # type: ignore[assignment, method-assign]
    given = say(room, questions, signed)
    room.store.append = original  # type: ignore[method-assign]
    room.follow()

    failed = [one.row.approval.id for one in given if one.why is not None]
    assert failed == [questions[1].id]
    assert room.sent.count("tickets.note") == 2


async def _no(room: Room, ended: Ended) -> None:
    assert ended.approval is not None
    said = Said(kind=Kind.REJECT, because="mine", code="other")
    at_us = room.clock.now_us()
    made = approvals.said_by(ended.approval, said, person="sam", at_us=at_us)
    signed = Signed(person="sam", at_us=at_us, signature=room.keys.sign("key-of-sam", made))
    await room.inbox.say(ended.approval.id, said, signed)


def test_a_row_changed_after_signing_counts_no_more() -> None:
    """Whoever writes to the database, and has no key, sends nothing."""
    room = room_on_probation()
    questions = three(room)
    say(room, questions, sign(room, questions))
    _write(room, questions[0], {"digest": questions[1].digest})
    (row,) = room.run(room.store.rows("approvals", {"id": questions[2].id}))
    _write(room, questions[2], {"answers": str(row["answers"]).replace('"index":', '"index":1')})
    room.follow()

    assert room.sent.count("tickets.note") == 1
    states = [room.run(room.inbox.approval(one.id)).state for one in questions]
    assert states[1] is ApprovalState.USED
    assert ApprovalState.USED not in (states[0], states[2])


@pytest.mark.parametrize("part", ["root", "path", "size", "index", "missing"])
def test_a_forged_root_or_proof_in_the_ledger_is_found_offline(part: str) -> None:
    """Each part of the proof is needed; without it the signature is nobody's."""
    room = room_on_probation()
    questions = three(room)
    say(room, questions, sign(room, questions))
    room.follow()
    (first, *_) = room.heard(kind="approval.answered")
    (asked,) = [
        one
        for one in room.heard(kind="approval.asked")
        if one.body["approval"] == first.body["approval"]
    ]
    place = first.body["listed"]
    assert isinstance(place, dict)
    forgeries: dict[str, Json] = {
        "root": {**place, "root": "ab" * 32},
        "path": {**place, "path": list[Json](["cd" * 32, "ef" * 32])},
        "size": {**place, "size": 4},
        "index": {**place, "index": 7},
        "missing": None,
    }
    entry = replace(first, body={**first.body, "listed": forgeries[part]})

    assert signed_answers.problem(entry, asked, KEYS, room.keys.verify)


def _write(room: Room, question: Approval, columns: dict[str, str | int]) -> None:
    draught = room.gateway.evidence.draught()
    draught.changes.append(Update("approvals", question.id, {}, columns))
    room.run(room.store.append(draught.done()))
