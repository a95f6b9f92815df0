"""Entries are kept apart exactly: an example call where they meet, none where they cannot."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Entry,
    Json,
    JsonObject,
    Level,
    Money,
    Operator,
    ToolRule,
)
from sallyport.rules.boundary.overlap import example
from tests.unit.boundary.examples import ruled

NUMBERS: list[int | Decimal] = [0, 1, Decimal("1.5"), 2, 3]
TEXTS = ["", "a", "bb", "true", "2026-01-02"]
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3)]
VALUES: list[Json] = [
    *NUMBERS, Decimal("0.5"), Decimal("1.25"), Decimal("1.75"), Decimal("2.5"), -1, 4,
    *TEXTS, True, False, "longer",
    "2025-12-31", "2026-01-01", "2026-01-03", "2026-01-04",
]  # fmt: skip
LITERALS: list[Bound] = [*NUMBERS, *TEXTS, True, False, Money(Decimal(2), "EUR")]
ENDS: list[Bound] = [*NUMBERS, *DAYS]


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    """Draw any constraint that needs no task."""
    operator = draw(st.sampled_from([one for one in Operator if one is not Operator.IS]))
    if operator is Operator.ONE_OF:
        bounds = draw(st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3))
        return Constraint(operator=operator, bounds=tuple(bounds))
    if operator is Operator.MAX_LENGTH:
        return Constraint(operator=operator, bounds=(1,))
    if operator in {Operator.ANY, Operator.ABSENT}:
        return Constraint(operator=operator)
    return Constraint(operator=operator, bounds=(draw(st.sampled_from(ENDS)),))


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, ArgumentRule]:
    """Draw what is said of up to two arguments."""
    rules: dict[str, ArgumentRule] = {}
    for name in draw(st.sets(st.sampled_from(["x", "y"]))):
        drawn = draw(st.lists(constraints(), min_size=1, max_size=2))
        optional = draw(st.booleans())
        rules[name] = ArgumentRule(name=name, constraints=tuple(drawn), optional=optional)
    return rules


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw an entry over those arguments and one fact."""
    states = draw(st.sets(st.sampled_from(["open", "shut"])))
    when: dict[str, tuple[Json, ...]] = {"state": tuple(sorted(states))} if states else {}
    return Entry(where="e", args=draw(arguments()), when=when)


def matches(only: dict[str, ArgumentRule], entry: Entry, args: JsonObject, state: str) -> bool:
    """Return whether an entry covers a call, as the evaluator sees it."""
    rule = ToolRule(tool="t", system="", level=Level.READ, only=only, allow=(entry,))
    ruling = ruled(rule, args, inputs={}, facts={"state": state})
    return ruling.entry is not None and len(ruling.floors) == 1


def all_calls() -> list[JsonObject]:
    """Return every call of two arguments with values at, between and beyond all bounds."""
    choices: list[JsonObject] = [{}]
    for name in ("x", "y"):
        choices = [*choices, *({**one, name: value} for one in choices for value in VALUES)]
    return choices


CALLS = all_calls()


@given(arguments(), entries(), entries())
def test_an_example_is_given_exactly_where_two_entries_meet(
    only: dict[str, ArgumentRule], one: Entry, other: Entry
) -> None:
    """The loader's answer is the evaluator's, over a world that holds every case."""
    meet = any(
        matches(only, one, args, state) and matches(only, other, args, state)
        for state in ("open", "shut")
        for args in CALLS
    )
    assert (example(only, one, other) is not None) is meet
