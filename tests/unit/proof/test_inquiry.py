"""One question about the calls of a tool: asked of a solver, answered by the evaluator alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain, repeat
from typing import TypeAlias

import pytest

from sallyport.model import Level, ToolRule
from sallyport.rules.proof.formula import YES, Formula, Model, Truth, holds_in
from sallyport.rules.proof.found import Counterexample, Unsolved
from sallyport.rules.proof.inquiry import Inquiry, asked_also, context_of, recorded
from sallyport.rules.proof.search import Case
from sallyport.rules.replay import Recorded
from tests.unit.boundary.examples import support, tool

DAY = date(2026, 11, 21).toordinal()
LAST = DAY + 10
GAVE_UP = Unsolved("it gave up")
SHOWN = Counterexample(tool="t", args={}, context={}, was="refuse", now="allow")
UNKNOWN = Unsolved("neither proved nor refuted")
RULE = tool("only: {x: {one_of: [a, b]}}")
WANTED = Truth("wanted")

Answer: TypeAlias = "Model | Unsolved | None"


class Solver:
    """Gives these answers one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Answer, then: Answer = None) -> None:
        self._answers = chain(answers, repeat(then))
        self.asked: list[Formula] = []

    def __call__(self, formula: Formula) -> Answer:
        """Return the next answer."""
        self.asked.append(formula)
        return next(self._answers)


class Confirming:
    """Confirms one of the calls that it is shown, by its number from one, and keeps them all."""

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self.shown: list[Case] = []

    def __call__(self, case: Case) -> Counterexample | None:
        """Return what was found."""
        self.shown.append(case)
        return SHOWN if len(self.shown) == self._number else None


def inquiry(solver: Solver, rule: ToolRule = RULE) -> Inquiry:
    """Return an inquiry about a rule."""
    return Inquiry((rule,), (DAY, LAST), solver)


ANY: Model = {}
NEAR = len(list(inquiry(Solver()).near()))


@pytest.mark.parametrize("answer, is_so", [(None, True), (GAVE_UP, False), ({"p": True}, False)])
def test_only_what_is_certain_never_happens(answer: Answer, *, is_so: bool) -> None:
    """Whether a solver has a model or does not know, there may be such a call."""
    assert inquiry(Solver(answer)).none(WANTED) is is_so


@pytest.mark.parametrize(
    "answers, confirmed, expected, asked, shown",
    [
        ([None], 1, None, 1, 0),
        ([GAVE_UP], 1, SHOWN, 1, 1),
        ([GAVE_UP], NEAR, SHOWN, 1, NEAR),
        ([GAVE_UP], NEAR + 1, GAVE_UP, 1, NEAR),
        ([ANY], NEAR, SHOWN, 1, NEAR),
        ([ANY, None], NEAR + 1, SHOWN, 2, NEAR + 1),
        ([ANY, GAVE_UP], NEAR + 1, SHOWN, 2, NEAR + 1),
        ([ANY, GAVE_UP], NEAR + 2, GAVE_UP, 2, NEAR + 1),
        ([ANY, None], NEAR + 2, UNKNOWN, 2, NEAR + 1),
        ([ANY] * 99, NEAR + 25, SHOWN, 26, NEAR + 25),
        ([ANY] * 99, NEAR + 26, UNKNOWN, 26, NEAR + 25),
    ],
)
def test_what_the_evaluator_confirms_is_an_answer_and_nothing_else(
    answers: list[Answer],
    confirmed: int,
    expected: Counterexample | Unsolved | None,
    asked: int,
    shown: int,
) -> None:
    """First the calls at the bounds, then one after each of up to 25 models."""
    solver, confirming = Solver(*answers), Confirming(confirmed)

    assert inquiry(solver).answer(WANTED, confirming) == expected
    assert (len(solver.asked), len(confirming.shown)) == (asked, shown)


def test_every_model_is_another_one() -> None:
    """A model that was tried is ruled out, by what tells two values of an argument apart."""
    x = "arg.x|"
    tried: list[Model] = [ANY, {f"{x}present": True, f"{x}sort": 3, f"{x}text": 1}]
    like: Model = {**tried[1], f"{x}length": 5, "wanted": True, "day": LAST}
    other: Model = {**tried[1], f"{x}text": 2}
    solver = Solver(*tried)
    one = inquiry(solver)
    one.said(RULE)
    one.answer(YES, Confirming())

    def fits(formula: Formula, model: Model) -> bool:
        return holds_in(formula, {"day": DAY, **model, f"{x}sort": 3})

    first, second, third = solver.asked
    models = (tried[1], like, other)
    assert [fits(first, model) for model in models] == [True, True, True]
    assert [fits(second, model) for model in models] == [True, True, True]
    assert [fits(third, model) for model in models] == [False, False, True]
    null: Model = {"day": DAY, f"{x}sort": 0}
    assert [holds_in(one, null) for one in (first, second, third)] == [True, False, False]
    assert fits(third, {**tried[1], f"{x}present": False})
    for asked in solver.asked:
        assert not fits(asked, {**other, "day": DAY - 1})
        assert not holds_in(asked, {**other, "day": DAY, f"{x}sort": 7})


def test_a_question_is_about_the_days_that_matter() -> None:
    """From the first to the last, and whatever is certain of every value holds."""
    for wanted in (False, True):
        solver = Solver()
        one = inquiry(solver)
        one.said(RULE)
        assert one.none(WANTED) if wanted else one.answer(WANTED, Confirming()) is None
        (asked,) = solver.asked
        told = {"wanted": True, "arg.x|sort": 3}
        assert [
            holds_in(asked, {**told, "day": day}) for day in (DAY - 1, DAY, LAST, LAST + 1)
        ] == [False, True, True, False]
        assert not holds_in(asked, {**told, "day": DAY, "wanted": False})
        assert not holds_in(asked, {**told, "day": DAY, "arg.x|sort": 7})


def test_calls_at_the_bounds_are_of_days_that_matter() -> None:
    """The end of an entry is tried where it lies among them; a first or last day does."""
    ends = "allow: [{args: {x: {is: 1}}, until: END, because: b}]"

    def days(end: int) -> set[int]:
        rule = tool(ends.replace("END", date.fromordinal(end).isoformat()))
        return {case.day for case in inquiry(Solver(), rule).near()}

    assert days(DAY - 1) == {DAY}
    assert days(LAST) == {DAY, LAST}
    assert days(LAST + 1) == {DAY}
    gone = Inquiry((tool(ends.replace("END", "2026-12-24")),), (DAY + 1, LAST), Solver())
    assert {case.day for case in gone.near()} == {DAY + 1}


def test_of_very_many_calls_the_first_three_thousand_are_tried() -> None:
    """So a question ends, however many arguments a rule names."""
    names = ", ".join(f"a{n}: any" for n in range(18))

    assert sum(1 for _ in inquiry(Solver(), tool(f"only: {{{names}}}")).near()) == 3000


CASE = Case(args={"x": 1}, inputs={"own": "o"}, facts={"s": "open"}, day=DAY)
NOON_US = 1_795_262_400_000_000
"""2026-11-21, 12:00 UTC."""


def test_a_case_is_a_call_at_noon_by_whoever_may_make_it() -> None:
    """By the first role and the agent of the boundary, unless others are named."""
    boundary = support()
    call = Recorded(
        where="a call",
        tool="t",
        args={"x": 1},
        role="support_agent",
        at_us=NOON_US,
        inputs={"own": "o"},
        facts={"s": "open"},
        agent="support-bot",
    )

    assert recorded(CASE, "t", boundary) == call
    assert recorded(CASE, "t", boundary, role="lead", agent="bot") == replace(
        call, role="lead", agent="bot"
    )
    nobody = replace(boundary, workflow=replace(boundary.workflow, users=()))
    assert recorded(CASE, "t", nobody) == replace(call, role="")
    assert context_of(call) == {
        "inputs": {"own": "o"},
        "facts": {"s": "open"},
        "day": "2026-11-21",
        "role": "support_agent",
        "agent": "support-bot",
    }


def test_what_is_asked_also_says_its_arguments_and_nothing_else() -> None:
    """In the units of the rule that it stands beside."""
    rule = replace(tool("only: {x: any}"), units={"x": "EUR"}, system="s", irreversible=True)
    args = tool("only: {z: any}").only

    assert asked_also(rule, args) == ToolRule(
        tool="t", system="", level=Level.READ, only=args, units={"x": "EUR"}
    )
