"""A constraint's quick test answers as the long one, and what is common it answers alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Constraint, Json, JsonObject, Operator
from sallyport.rules.boundary import holding
from sallyport.rules.boundary.constraints import unmet
from tests.unit.boundary.examples import tool

INPUTS: JsonObject = {"own": "a", "number": 5, "nothing": None}

# What a file says, what is answered without a look at reasons, and what is not.
COMMON: list[tuple[str, list[Json], list[Json]]] = [
    ("{is: a}", ["a"], ["b", "A", "", 5, True, None, ["a"]]),
    ("{one_of: [a, '5']}", ["a", "5"], ["b", 5, None, {}]),
    ("{is: task.own}", ["a"], ["b", ""]),
    ("{at_most: 5}", [5, Decimal("4.99"), -1], [6, "5", True, None, Decimal("NaN")]),
    ("{above: 5}", [6, Decimal("5.01")], [5, Decimal("5.00"), "6", Decimal("Infinity")]),
    ("{at_least: 5}", [5, 6], [4, "5"]),
    ("{below: 5}", [4], [5, "4", False]),
    ("{at_most: 5.00 EUR}", [5, Decimal("5.00"), 0], [6, Decimal("5.01"), -1]),
    ("{above: 5.00 EUR}", [6, Decimal("5.01")], [5, Decimal("5.00")]),
    ("{max_length: 2}", ["", "ab"], ["abc", 5, None, ["a"]]),
]
RARE: list[tuple[str, list[Json], list[Json]]] = [
    ("{one_of: [a, 5]}", ["a", 5, Decimal("5.0")], ["5", "b", True, None]),
    ("{is: 5}", [5, Decimal("5.00")], ["5", True, 6]),
    ("{is: 5.00 EUR}", [5, "5 EUR"], ["5 USD", 6]),
    ("{is: task.own}", [], [5, None, True, ["a"]]),
    ("{is: task.number}", [5, Decimal("5.0")], ["5", "a", True]),
    ("{is: task.nothing}", [], ["a", 5, None]),
    ("{is: task.missing}", [], ["a", "", None]),
    ("{one_of: [task.own, b]}", ["a", "b"], ["c", 5]),
    ("{one_of: [b, task.own]}", ["a", "b"], ["c", 5]),
    ("{one_of: [task.own, task.number]}", ["a", 5], ["b", 6]),
    ("{at_most: 5.00 EUR}", ["5.00 EUR", {"amount": 5, "currency": "EUR"}], ["6 EUR", "5 USD"]),
    ("{at_most: 5.00 EUR}", [], ["5", True, None, Decimal("NaN"), Decimal("-Infinity")]),
    ("{at_most: 2026-01-02}", ["2026-01-01"], ["2026-01-03", 5, "x"]),
    ("{above: 1 items}", [["a", "b"]], [["a"], "ab", 2]),
    ("{email: any}", ["ann@example.com"], ["ann", 5]),
    ("{starts_with: ab}", ["abc"], ["ba", 5]),
    ("{each: {at_most: 5}}", [[], [5, 4]], [[6], 5]),
    ("any", ["a", None, {}], []),
]
TASK = "{own: text, number: number, nothing: text, missing: text}"


def constraints(said: str) -> tuple[Constraint, ...]:
    """Return what a line says of an argument."""
    return tool(f"only: {{x: {said}}}", task=TASK).only["x"].constraints


def answers(said: str, values: list[Json]) -> list[bool]:
    """Return what the quick tests answer together; a truth value, and nothing like one."""
    tests = [holding.holding(one) for one in constraints(said)]
    found = [[test(value, INPUTS) for test in tests] for value in values]
    assert {type(one) for each in found for one in each} <= {bool}
    return [all(each) for each in found]


def reasoned(said: str, values: list[Json]) -> list[bool]:
    """Return where there is no reason against a value."""
    known = constraints(said)
    return [not any(unmet("x", one, value, INPUTS) for one in known) for value in values]


@pytest.mark.parametrize("said, holds, fails", COMMON)
def test_what_is_common_is_answered_without_a_look_at_reasons(
    said: str, holds: list[Json], fails: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be no short way if it asked."""
    monkeypatch.delattr(holding, "unmet")

    assert answers(said, holds) == [True] * len(holds)
    assert answers(said, fails) == [False] * len(fails)


@pytest.mark.parametrize("said, holds, fails", [*COMMON, *RARE])
def test_a_quick_test_holds_exactly_where_there_is_no_reason_against_it(
    said: str, holds: list[Json], fails: list[Json]
) -> None:
    """The reasons are the one truth."""
    assert answers(said, holds) == reasoned(said, holds) == [True] * len(holds)
    assert answers(said, fails) == reasoned(said, fails) == [False] * len(fails)


ORDERS = (Operator.AT_LEAST, Operator.ABOVE, Operator.AT_MOST, Operator.BELOW)


@pytest.mark.parametrize(
    "operator", [*ORDERS, Operator.IS, Operator.ONE_OF, Operator.MAX_LENGTH, Operator.STARTS_WITH]
)
@pytest.mark.parametrize("value", [0, 1, 2, "", "a", "2026-01-01", None])
def test_nothing_meets_a_constraint_that_lacks_its_bound(operator: Operator, value: Json) -> None:
    """No file can say that; whoever builds one that does opens nothing."""
    one = Constraint(operator=operator)

    assert unmet("x", one, value, INPUTS)
    assert holding.holding(one)(value, INPUTS) is False


def test_only_the_first_of_several_ends_of_a_range_counts() -> None:
    """As for the reasons; no file can say that, either."""
    one = Constraint(operator=Operator.AT_MOST, bounds=(5, 9))

    assert [holding.holding(one)(value, {}) for value in (5, 6)] == [True, False]
    assert [not unmet("x", one, value, {}) for value in (5, 6)] == [True, False]
