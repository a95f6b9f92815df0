"""A yes beforehand, as a pure rule: what it may be said to, what it fits, and what it eases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import (
    Ahead,
    Answer,
    ApprovalState,
    ArgumentRule,
    Constraint,
    Grant,
    Impact,
    Json,
    JsonObject,
    Level,
    Limit,
    Lookup,
    Money,
    Operator,
    Origin,
    Plumbing,
    Question,
    Stage,
    System,
    ToolRule,
    Verdict,
)
from sallyport.rules import answering, beforehand
from sallyport.rules.answering import Kind, Said
from sallyport.rules.batches import Row
from sallyport.rules.checks.limits import Reservation
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.routine import CHECKED, OF_COURSE
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


SYSTEM = replace(worlds.PLAIN, tools={worlds.TOOL: Plumbing(critical=("to",))})
SAYABLE = row(1, {"on": "T1", "to": "ann", "note": "n"}, tool=worlds.TOOL)
AHEAD = Ahead(at_most=1, until_us=NOW_US + 1)


def said_of(
    ahead: Ahead = AHEAD,
    one: Row = SAYABLE,
    *,
    system: System = SYSTEM,
    rule: ToolRule | None = None,
    **proposal: Any,
) -> tuple[str, str]:
    """Return what is said to somebody who says it along with their answer, and what to do."""
    known = worlds.boundary(rule or worlds.rule(Level.UPDATE), system=system)
    call = replace(one.call, proposal=replace(one.call.proposal, **proposal))
    try:
        beforehand.check(ahead, one.approval, call, known, now_us=NOW_US)
    except (BadInputError, NotPermittedError) as error:
        return error.what, error.fix
    return "", ""


SIZE = ("a yes beforehand is for 1 to 20 calls", "name a number of these")
ENDS = ("a yes beforehand ends within 8 hours", "name an earlier end to come")
HOURS_US = 3_600 * 1_000_000


@pytest.mark.parametrize(
    "ahead, said",
    [
        (replace(AHEAD, at_most=0), SIZE),
        (replace(AHEAD, at_most=20), ("", "")),
        (replace(AHEAD, at_most=21), SIZE),
        (replace(AHEAD, until_us=NOW_US), ENDS),
        (replace(AHEAD, until_us=NOW_US + 1), ("", "")),
        (replace(AHEAD, until_us=NOW_US + 8 * HOURS_US), ("", "")),
        (replace(AHEAD, until_us=NOW_US + 8 * HOURS_US + 1), ENDS),
    ],
    ids=str,
)
def test_it_is_for_twenty_calls_and_eight_hours_at_most(
    ahead: Ahead, said: tuple[str, str]
) -> None:
    """And for one call, and a moment to come, at least."""
    assert said_of(ahead) == said


@pytest.mark.parametrize(
    "free, said",
    [
        (("note", "on"), ("", "")),
        (
            ("note", "more"),
            (
                "what may differ is not a list of the call's own arguments",
                "use names of note, on, to",
            ),
        ),
        (
            ("note", "note"),
            (
                "what may differ is not a list of the call's own arguments",
                "use names of note, on, to",
            ),
        ),
        (
            ("note", "to"),
            (
                "`to` decides whom it is about or how much, and stays as it is",
                "leave it out of what may differ",
            ),
        ),
    ],
    ids=str,
)
def test_what_may_differ_is_named_once_and_decides_nothing(
    free: tuple[str, ...], said: tuple[str, str]
) -> None:
    """A name that is no argument would look like a promise."""
    assert said_of(replace(AHEAD, free=free)) == said


def test_nothing_may_differ_where_nobody_said_what_decides() -> None:
    """A system's file that is silent leaves all as it was seen."""
    assert said_of(AHEAD, system=worlds.PLAIN) == ("", "")
    assert said_of(replace(AHEAD, free=("note",)), system=worlds.PLAIN) == (
        "the system's file does not say which arguments decide whom it is about",
        "let nothing differ, or have `critical` or `before` declared for the tool",
    )
    assert said_of(replace(AHEAD, free=("note",)), args={}) == (
        "what may differ is not a list of the call's own arguments",
        "use names of (none)",
    )


MONEY = ArgumentRule(
    name="note",
    constraints=(Constraint(operator=Operator.AT_MOST, bounds=(Money(Decimal(50), "EUR"),)),),
)
AGAINST: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another tool": ({}, {"tool": "desk.other"}, "its tool is not known here any more"),
    "released": ({}, {"origin": Origin.RELEASE}, "no agent proposes it as it stands"),
    "an answer": ({}, {"answers": "c0"}, "no agent proposes it as it stands"),
    "two people": ({"how_many": 2}, {}, "2 people answer it"),
    "external": ({"level": Level.EXTERNAL}, {}, "it leaves the house"),
    "external by its rule": ({}, {"rule": worlds.rule(Level.EXTERNAL)}, "it leaves the house"),
    "irreversible": (
        {},
        {"rule": worlds.rule(Level.UPDATE, irreversible=True)},
        "nobody can take it back",
    ),
    "declared irreversible": ({"reversibility": "false"}, {}, "nobody can take it back"),
    "money": (
        {},
        {"rule": worlds.rule(Level.UPDATE, touches=frozenset({Impact.MONEY}))},
        "it touches money",
    ),
    "an amount": (
        {},
        {"rule": worlds.rule(Level.UPDATE, only={"on": worlds.ANY, "note": MONEY})},
        "`note` is an amount",
    ),
    "a floor by hand": ({"findings": ["switch.floor"]}, {}, CHECKED),
    "nothing": ({}, {}, ""),
}


@pytest.mark.parametrize("name", AGAINST)
def test_whatever_speaks_against_it_is_said_in_full(name: str) -> None:
    """Each alone is enough; with nothing against it, it may be said."""
    changes, against, why = AGAINST[name]
    one = row(1, dict(SAYABLE.call.proposal.args), tool=worlds.TOOL, **changes)
    said = (f"such a call is answered by itself each time: {why}", "say yes to this one alone")

    assert said_of(AHEAD, one, **against) == (said if why else ("", ""))


def test_what_was_said_is_kept_as_it_was_answered() -> None:
    """Whole: the call as it was seen, who said it, and the reasons that it was asked for."""
    seen = worlds.context(proposal=replace(PROPOSAL, meta={"trace": "m1"}))
    answer = Answer(
        person="lea", yes=True, because="", at_us=NOW_US, signature="signed", ahead=AHEAD
    )
    asked = worlds.question(seen, answers=(answer,))
    made: JsonObject = {**asked.object, "findings": ["level.ask", "switch.floor"]}

    assert beforehand.granted("g1", replace(asked, object=made), answer) == Grant(
        id="g1",
        approval="a1",
        task="t1",
        tool=worlds.TOOL,
        boundary="v1",
        person="lea",
        ahead=AHEAD,
        question=Question(who=("lead",)),
        args={"on": "T1"},
        meta={"trace": "m1"},
        asked_for=frozenset({"level.ask"}),
    )


@pytest.mark.parametrize("used, left", [(None, True), (1, True), (2, False), (3, False)])
def test_it_covers_as_many_calls_as_were_said(used: int | None, left: bool) -> None:
    """The third of two asks again; what was never counted is none."""
    counters = {} if used is None else {"grant:g1": used}
    seen = replace(worlds.context(), counters=counters)
    given_ = grant(seen)

    assert beforehand.covers(given_, seen, (), given_.question) is left


def test_a_yes_to_one_covers_one() -> None:
    """Before anything was counted, too."""
    seen = worlds.context()
    given_ = grant(seen, ahead=AHEAD)

    assert beforehand.covers(given_, seen, (), given_.question)


def test_one_version_by_which_nobody_can_take_it_back_is_enough() -> None:
    """The stricter of two versions counts, whichever it is."""
    plain, final = worlds.rule(Level.UPDATE), worlds.rule(Level.UPDATE, irreversible=True)
    for rules in ((plain, plain), (plain, final), (final, plain)):
        active, frozen = (worlds.boundary(rule) for rule in rules)
        seen = worlds.context(active, frozen)
        given_ = grant(seen)
        assert beforehand.covers(given_, seen, (), given_.question) is (final not in rules)


def test_each_call_is_counted_under_its_own_yes() -> None:
    """One counter for each, which ends with its scope."""
    limit = Limit(name="g1", at_most=2, per="task", counts="grant")

    assert beforehand.reservation(grant(worlds.context())) == Reservation("grant:g1", 2, limit)
    assert (beforehand.counter("g1"), beforehand.scope("g1")) == ("grant:g1", "grant:g1")


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
