"""A yes beforehand, as a pure rule: what it may be said to, what it fits, and what it eases."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError
from sallyport.model import (
    Ahead,
    Answer,
    ApprovalState,
    Grant,
    Json,
    JsonObject,
    Level,
    Lookup,
    Origin,
    Plumbing,
    Question,
    Stage,
    Verdict,
)
from sallyport.rules import answering, beforehand
from sallyport.rules.answering import Kind, Said
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.routine import OF_COURSE
from tests.unit.rules import worlds
from tests.unit.rules.test_batches import row
from tests.unit.rules.worlds import NOW_US, PROPOSAL, Situation

SITUATIONS = st.builds(
    Situation,
    level=st.sampled_from(Level),
    impact=st.booleans(),
    stage=st.sampled_from(Stage),
    influenced=st.booleans(),
    entry=st.sampled_from(["none", "allow", "bare", "ask"]),
    switches=st.lists(st.sampled_from(Verdict), max_size=2).map(tuple),
    origin=st.sampled_from(Origin),
    wrong=st.sampled_from(["", "", "", "", *worlds.WRONGS]),
    frozen=st.sampled_from([None, *Level]),
)


def grant(seen: Context, **changes: Any) -> Grant:
    """Return a yes to two more of just this call."""
    fields: dict[str, Any] = {
        "id": "g1",
        "approval": "a1",
        "task": seen.proposal.task_id,
        "tool": seen.proposal.tool,
        "boundary": seen.active.digest if seen.active else "",
        "person": "lea",
        "ahead": Ahead(at_most=2, until_us=NOW_US + 10),
        "question": Question(who=("lead",)),
        "args": seen.proposal.args,
        "meta": seen.proposal.meta,
        "asked_for": OF_COURSE,
    }
    return Grant(**{**fields, **changes})


@given(
    situation=SITUATIONS,
    asked_for=st.frozensets(st.sampled_from(sorted(OF_COURSE))),
    used=st.integers(0, 3),
)
def test_it_lifts_exactly_what_was_asked_and_nothing_else(
    situation: Situation, asked_for: frozenset[str], used: int
) -> None:
    """Against the same call without it: only *ask*, only for the reasons it was said to.

    And where that is all there is, and it is not used up, it does.
    """
    seen = replace(worlds.build(situation), counters={"grant:g1": used})
    without = decide(seen)
    who = without.question.who if without.question else ("lead",)
    given_ = grant(seen, asked_for=asked_for, question=Question(who=who))
    found = decide(replace(seen, grant=given_))
    asks = {floor.code for floor in without.floors if floor.verdict is not Verdict.ALLOW}
    covered = (
        without.verdict is Verdict.ASK
        and asks <= asked_for
        and seen.level < Level.EXTERNAL
        and not situation.impact
        and situation.origin is Origin.AGENT
        and used < 2
    )

    assert bool(found.grant) is covered
    assert found.verdict is (Verdict.ALLOW if covered else without.verdict)
    if not covered:
        assert found == without


ARGS = st.dictionaries(
    st.sampled_from(["on", "note", "more"]),
    st.sampled_from(["T1", "T2", 1, True, None, "\u202eT1"]),
    min_size=1,
)


@given(seen_args=ARGS, args=ARGS, free=st.frozensets(st.sampled_from(["note", "more"])))
def test_it_fits_a_call_that_differs_in_what_is_free_alone(
    seen_args: JsonObject, args: JsonObject, free: frozenset[str]
) -> None:
    """Same names, same values but for the free ones, and those hide nothing."""
    seen = worlds.context(proposal=replace(PROPOSAL, args=args))
    ahead = Ahead(at_most=1, until_us=NOW_US + 1, free=tuple(sorted(free)))
    found = beforehand.fits(grant(seen, args=seen_args, ahead=ahead), seen)
    same = args.keys() == seen_args.keys() and all(
        "\u202e" not in str(value) if name in free else _same(value, seen_args[name])
        for name, value in args.items()
    )

    assert found is same


def _same(left: Json, right: Json) -> bool:
    return type(left) is type(right) and left == right


@pytest.mark.parametrize(
    "change",
    [
        {"task": "t2"},
        {"tool": "desk.other"},
        {"boundary": "v0"},
        {"meta": {"x": 1}},
        {"ahead": Ahead(at_most=2, until_us=NOW_US)},
    ],
    ids=str,
)
def test_it_fits_no_other_task_tool_boundary_meta_or_time(change: dict[str, Any]) -> None:
    """Each alone is enough."""
    seen = worlds.context()
    assert beforehand.fits(grant(seen), seen)
    assert not beforehand.fits(grant(seen, **change), seen)


def test_it_answers_nothing_that_asks_other_people_or_more_of_them() -> None:
    """Naming other roles, or a second person, is another question."""
    for who, how_many in product((("lead",), ("owner", "lead"), ("owner",)), (1, 2)):
        rule = worlds.rule(Level.UPDATE, ask=(worlds.ask(*who, how_many=how_many),))
        seen = worlds.context(worlds.boundary(rule))
        found = decide(replace(seen, grant=grant(seen)))
        assert bool(found.grant) is ("lead" in who and how_many == 1)


def test_what_decides_whom_is_fixed_as_far_as_the_system_says() -> None:
    """Critical arguments, amounts in small units, and what the record is looked up by."""
    look_up = Lookup(tool="desk.look", args={"id": "arg.on", "of": "task.ticket"})
    plumbing = Plumbing(critical=("to",), units={"cents": "EUR"}, before=look_up)
    system = replace(worlds.PLAIN, tools={worlds.TOOL: plumbing})
    boundary = worlds.boundary(worlds.rule(Level.UPDATE), system=system)
    call = row(1, {"on": "T1"}).call
    call = replace(call, proposal=replace(call.proposal, tool=worlds.TOOL))

    assert beforehand.fixed(call, boundary) == {"to", "cents", "on"}
    assert beforehand.fixed(call, None) == frozenset()


@pytest.mark.parametrize("state", ApprovalState)
def test_it_stands_only_while_its_answer_does(state: ApprovalState) -> None:
    """Approved, or used for the first call; whatever else became of the question ends it."""
    seen = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
    answer = Answer(
        person="lea",
        yes=True,
        because="",
        at_us=NOW_US,
        signature="signed",
        ahead=Ahead(at_most=1, until_us=NOW_US + 1),
    )
    approval = worlds.question(seen, state=state, answers=(answer,))
    found = beforehand.granted("g1", approval, answer)

    assert (found is not None) is (state in {ApprovalState.APPROVED, ApprovalState.USED})
    assert beforehand.granted("g1", approval, replace(answer, ahead=None)) is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.APPROVE])
def test_only_a_yes_says_it(kind: Kind) -> None:
    """With any other answer it is no answer."""
    said = Said(
        kind=kind,
        because="why",
        code="other" if kind is Kind.REJECT else "",
        ahead=Ahead(at_most=1, until_us=1),
        args={"on": "T2"} if kind is Kind.EDIT else None,
        to="lea" if kind is Kind.HAND_OVER else "",
    )
    with pytest.raises(BadInputError, match="only a yes"):
        answering.check(said, {"on": "T1"})


def test_it_is_part_of_what_is_signed_and_an_answer_without_it_is_as_before() -> None:
    """The order in which free arguments are named makes no difference."""
    one = Ahead(at_most=2, until_us=5, free=("b", "a"))
    other = replace(one, free=("a", "b"))
    parts = [
        answering.signed_part(Said(kind=Kind.APPROVE, ahead=ahead), person="lea", at_us=1)
        for ahead in (one, other, None)
    ]

    assert parts[0] == parts[1]
    assert parts[0]["ahead"] == {"at_most": 2, "until_us": 5, "free": ["a", "b"]}
    assert "ahead" not in parts[2]
