"""The second gate: who may answer, what an answer does, and when it still counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.model import Answer, Approval, ApprovalState, Level, Person, Question
from sallyport.rules import approval as approvals
from sallyport.rules.approval import TRANSITIONS, admit, answered, move, satisfies, statement
from sallyport.rules.context import Context
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LEA, NOW_US, RITA, SAM

EVENTS = ("approve", "reject", "expire", "stale", "use")
ENDS = {
    ApprovalState.REJECTED,
    ApprovalState.EXPIRED,
    ApprovalState.STALE,
    ApprovalState.USED,
}
NOT_WAITING = [state for state in ApprovalState if state is not ApprovalState.WAITING]
NOT_APPROVED = [state for state in ApprovalState if state is not ApprovalState.APPROVED]
ASKING = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
WAITING = worlds.question(ASKING, state=ApprovalState.WAITING, answers=())


def _admit(
    person: Person, approval: Approval = WAITING, *, now_us: int = NOW_US, lone: bool = False
) -> bool:
    return admit(approval, person, requester="rita", now_us=now_us, lone=lone, editor="", owner="")


def _said(person: str, *, yes: bool = True) -> Answer:
    return Answer(person=person, yes=yes, because="seen", at_us=NOW_US, signature="signed")


def test_the_table_has_these_transitions_and_no_other() -> None:
    """Written down a second time, so that nobody adds one by accident."""
    known = {
        ("waiting", "approve"): "approved",
        ("waiting", "reject"): "rejected",
        ("waiting", "change"): "changed",
        ("waiting", "expire"): "expired",
        ("waiting", "stale"): "stale",
        ("waiting", "withdraw"): "withdrawn",
        ("approved", "use"): "used",
        ("approved", "expire"): "expired",
        ("approved", "stale"): "stale",
        ("approved", "undo"): "undone",
    }

    assert {at: move(ApprovalState(at[0]), at[1]).value for at in known} == known
    assert len(TRANSITIONS) == len(known)


@pytest.mark.parametrize("state, event", list(product(ApprovalState, EVENTS)))
def test_a_transition_stands_in_the_table_or_is_impossible(
    state: ApprovalState, event: str
) -> None:
    """All thirty pairs: seven lead somewhere, and every other one is a conflict."""
    if (state, event) in TRANSITIONS:
        assert move(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(ConflictError, match=f"is {state.value} cannot {event}"):
            move(state, event)


def test_the_table_lets_nothing_come_back() -> None:
    """Only what waits can be approved, only what was approved can be used, and ends are ends."""
    assert {state for state, _ in TRANSITIONS}.isdisjoint(ENDS)
    assert [key for key, to in TRANSITIONS.items() if to is ApprovalState.APPROVED] == [
        (ApprovalState.WAITING, "approve")
    ]
    assert [key for key, to in TRANSITIONS.items() if to is ApprovalState.USED] == [
        (ApprovalState.APPROVED, "use")
    ]


def test_an_unknown_event_is_a_conflict() -> None:
    """No word outside the table moves anything."""
    with pytest.raises(ConflictError):
        move(ApprovalState.WAITING, "confirm")


def test_somebody_with_the_role_may_answer() -> None:
    """And it is not their own request."""
    assert _admit(LEA) is False


def test_nobody_answers_their_own_request() -> None:
    """Not even with the role that is asked."""
    asker = replace(RITA, roles=frozenset({"lead"}))

    with pytest.raises(NotPermittedError, match="own request"):
        _admit(asker)


def test_a_lone_person_answers_their_own_request_and_it_is_noted() -> None:
    """`team: one`: there is nobody else, and the answer says so."""
    assert _admit(RITA, lone=True) is True
    assert _admit(LEA, lone=True) is False


@pytest.mark.parametrize(
    "person",
    [
        replace(LEA, roles=frozenset({"staff"})),
        replace(LEA, roles=frozenset()),
        replace(LEA, active=False),
        replace(LEA, public_key=""),
    ],
    ids=["another role", "no role", "switched off", "no key"],
)
def test_without_role_key_or_being_active_nobody_answers(person: Person) -> None:
    """Each of them is needed."""
    with pytest.raises(NotPermittedError):
        _admit(person)


@pytest.mark.parametrize(
    "person", [replace(LEA, active=False), replace(LEA, public_key="")], ids=["off", "no key"]
)
def test_a_lone_person_still_needs_a_key_and_to_be_active(person: Person) -> None:
    """`team: one` waives the role, and nothing else."""
    with pytest.raises(NotPermittedError):
        _admit(person, lone=True)


def test_an_empty_list_of_roles_permits_nobody() -> None:
    """A question that asks no role cannot be answered with one."""
    nobody = replace(WAITING, question=Question(who=()))

    with pytest.raises(NotPermittedError, match=r"\(nobody\)"):
        _admit(replace(LEA, roles=frozenset({"lead", "owner", ""})), nobody)


@pytest.mark.parametrize("state", NOT_WAITING)
def test_a_question_that_is_settled_takes_no_answer(state: ApprovalState) -> None:
    """Not after a yes, a no, its end or its use."""
    with pytest.raises(ConflictError, match=f"is {state.value} already"):
        _admit(LEA, replace(WAITING, state=state))


@pytest.mark.parametrize(
    "state, said",
    [
        (ApprovalState.APPROVED, "approved"),
        (ApprovalState.USED, "approved"),
        (ApprovalState.REJECTED, "rejected"),
        (ApprovalState.CHANGED, "changed"),
    ],
)
def test_whoever_comes_too_late_reads_who_answered_and_when(
    state: ApprovalState, said: str
) -> None:
    """The last answer settled it; what nobody answered, nobody is named for."""
    answers = (_said("sam"), replace(_said("lea"), at_us=NOW_US + 1_000_000))

    assert approvals.settled(replace(WAITING, state=state, answers=answers)) == (
        f"question `a1` was {said} by lea at 2026-09-21 14:13:21 UTC"
    )
    expired = replace(WAITING, state=ApprovalState.EXPIRED, answers=answers)
    assert approvals.settled(expired) == "question `a1` is expired already"
    assert approvals.settled(replace(WAITING, state=state)) == f"question `a1` is {state} already"


@pytest.mark.parametrize("who", [("lead", "owner"), ("step.scan",)], ids=", ".join)
def test_whom_a_question_asks_is_said_to_those_it_does_not_ask(who: tuple[str, ...]) -> None:
    """Every role of them."""
    with pytest.raises(NotPermittedError) as refused:
        _admit(
            replace(LEA, roles=frozenset({"staff"})), replace(WAITING, question=Question(who=who))
        )
    assert refused.value.what == f"`a1` asks {', '.join(who)}"


def test_a_step_is_answered_for_by_itself_alone() -> None:
    """A person to whom a step's name was given as a role does not pass for it."""
    scan = replace(WAITING, question=Question(who=("step.scan",)))
    step = replace(LEA, name="step.scan", roles=frozenset({"step.scan"}))

    assert _admit(step, scan) is False
    with pytest.raises(NotPermittedError, match=r"asks step\.scan"):
        _admit(replace(LEA, roles=frozenset({"step.scan"})), scan)
    with pytest.raises(NotPermittedError, match=r"asks step\.scan"):
        _admit(replace(step, name="step.other"), scan)


def test_a_question_ends_to_the_microsecond() -> None:
    """The last moment before its end counts; the end does not."""
    assert _admit(LEA, now_us=WAITING.expires_us - 1) is False
    with pytest.raises(ConflictError, match="has expired"):
        _admit(LEA, now_us=WAITING.expires_us)


def test_one_person_counts_once() -> None:
    """A quorum is of different people."""
    two = replace(WAITING, question=Question(who=("lead",), how_many=2))
    once = answered(two, _said("lea"))

    assert once.state is ApprovalState.WAITING
    with pytest.raises(ConflictError, match="has answered"):
        _admit(LEA, once)
    assert _admit(SAM, once) is False


@given(how_many=st.integers(1, 5), answers=st.lists(st.booleans(), min_size=1, max_size=6))
def test_one_no_ends_it_and_only_enough_yeses_approve(how_many: int, answers: list[bool]) -> None:
    """Whatever is said in whatever order, the state is the one that counting gives."""
    asked = replace(WAITING, question=Question(who=("lead",), how_many=how_many))
    for number, yes in enumerate(answers):
        if asked.state is not ApprovalState.WAITING:
            break
        asked = answered(asked, _said(f"person-{number}", yes=yes))
    yeses = answers.index(False) if False in answers else len(answers)

    if yeses >= how_many:
        assert asked.state is ApprovalState.APPROVED
    elif False in answers:
        assert asked.state is ApprovalState.REJECTED
    else:
        assert asked.state is ApprovalState.WAITING


def test_a_settled_question_cannot_be_answered_again() -> None:
    """Even when nobody asked `admit`: a no after the yes, a yes after the no."""
    with pytest.raises(ConflictError):
        answered(answered(WAITING, _said("lea")), _said("sam", yes=False))
    with pytest.raises(ConflictError):
        answered(answered(WAITING, _said("lea", yes=False)), _said("sam"))


def test_an_approval_counts_for_exactly_this_call() -> None:
    """Same digest, boundary, target, and before its end."""
    assert satisfies(worlds.approved(ASKING))


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "of another call"},
        {"boundary": "v0"},
        {"target": "of a changed record"},
        {"expires_us": NOW_US},
        *({"state": state} for state in NOT_APPROVED),
    ],
    ids=lambda changed: "-".join(map(str, changed.values())),
)
def test_an_approval_of_anything_else_does_not_count(changed: dict[str, Any]) -> None:
    """One difference suffices."""
    assert not satisfies(worlds.approved(ASKING, **changed))


MOVES: Mapping[str, Callable[[Context], Context]] = {
    "arguments": lambda seen: replace(seen, proposal=replace(seen.proposal, args={"on": "T2"})),
    "meta": lambda seen: replace(seen, proposal=replace(seen.proposal, meta={"trace": "1"})),
    "tool": lambda seen: replace(seen, proposal=replace(seen.proposal, tool=worlds.LOOK)),
    "task": lambda seen: replace(seen, proposal=replace(seen.proposal, task_id="t2")),
    "requester": lambda seen: replace(seen, task=replace(worlds.TASK, requester="sam")),
    "agent": lambda seen: replace(seen, task=replace(worlds.TASK, agent="other")),
    "boundary": lambda seen: replace(seen, boundaries=(worlds.boundary(digest="v2"),)),
    "pin": lambda seen: replace(seen, boundaries=(worlds.boundary(pins={}),)),
    "target": lambda seen: replace(seen, target="the record changed"),
    "no boundary": lambda seen: replace(seen, boundaries=()),
    "no approval": lambda seen: replace(seen, approval=None),
}


@pytest.mark.parametrize("change", MOVES)
def test_a_yes_does_not_follow_a_call_that_moved(change: str) -> None:
    """Other arguments, meta, tool, task, requester, agent, boundary, pin or target: asked anew."""
    assert not satisfies(MOVES[change](worlds.approved(ASKING)))


def test_what_is_signed_covers_the_question_and_the_answer() -> None:
    """Changing any word of either changes the bytes."""
    said = {"person": "lea", "yes": True, "because": "seen", "at_us": NOW_US}
    base = statement(WAITING, person="lea", yes=True, because="seen", at_us=NOW_US)
    others = [
        statement(WAITING, **{**said, **change})  # type: ignore[arg-type]
        for change in ({"person": "sam"}, {"yes": False}, {"because": ""}, {"at_us": 1})
    ]
    moved = [
        replace(WAITING, **change)
        for change in (
            {"id": "a2"},
            {"call_id": "c2"},
            {"digest": "d"},
            {"boundary": "b"},
            {"target": "t"},
            {"expires_us": 1},
            {"question": Question(who=("owner",))},
            {"question": Question(who=("lead",), how_many=2)},
        )
    ]
    others += [
        statement(one, person="lea", yes=True, because="seen", at_us=NOW_US) for one in moved
    ]

    assert len({base, *others}) == 1 + len(others)
    assert base.startswith(b"sallyport/answer/v1\n")
    assert json.loads(base.split(b"\n", 1)[1])["approval"] == approvals.bound(WAITING)


def test_everything_that_decides_is_bound() -> None:
    """A field that is added to the question tomorrow is bound, or stands here with its reason."""
    left_out = {"state", "asked_us", "answers", "passed"}
    left_out |= {"object"}  # by its digest, `about`
    left_out |= {"risen"}  # who is told of it, which is no part of what is answered
    left_out |= {
        "not_before_us"
    }  # how long a yes waits stands in the object; when it was given not
    known = {field.name for field in fields(Approval)} - left_out
    renamed = {"call_id": "call", "question": "who"}

    assert {renamed.get(name, name) for name in known} <= set(approvals.bound(WAITING))
