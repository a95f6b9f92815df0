"""Many calls: when a limit is certain to hold them, and the sequence that shows it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    JsonObject,
    Level,
    Limit,
    Money,
    Operator,
    ToolRule,
)
from sallyport.rules.proof.found import Counterexample
from sallyport.rules.proof.sequences import at_most, keeps, passing, sums
from tests.unit.boundary.examples import tool
from tests.unit.proof.test_hidden_widenings import of

DAY = date(2026, 11, 21).toordinal()
EUROS = 10**6
SEND = tool("only: {to: {email: task.own}, sum: {at_most: 5.00 EUR}}", task="{own: email}")
SIMPLE = tool("only: {x: {is: a}}")


def calls(most: int, per: str = "task", counts: str = "call", each: str = "") -> Limit:
    """Return a limit on calls."""
    return Limit(name=f"{counts}s", at_most=most, per=per, counts=counts, each=each)


def money(most: int, per: str = "day", **more: Any) -> Limit:
    """Return a limit on euros."""
    limit = Limit(
        name="sums", at_most=most * EUROS, per=per, counts="sum", argument="sum", currency="EUR"
    )
    return replace(limit, **more)


# What is certain.


@pytest.mark.parametrize(
    "own, limit, is_held",
    [
        ([], calls(25), False),
        ([calls(24)], calls(25), True),
        ([calls(25)], calls(25), True),
        ([calls(26)], calls(25), False),
        ([calls(99), calls(25)], calls(25), True),
        ([calls(25, "hour")], calls(25, "day"), False),
        ([calls(25, "hour")], calls(599, "day"), False),
        ([calls(25, "hour")], calls(600, "day"), True),
        ([calls(25, "day")], calls(25, "hour"), True),
        ([calls(26, "day")], calls(25, "hour"), False),
        ([calls(1, "task")], calls(10**12, "day"), False),
        ([calls(1, "task")], calls(10**40, "day"), False),
        ([calls(1, "hour")], calls(24, "task"), False),
        ([calls(1, "day")], calls(24, "task"), False),
        ([calls(25, each="to")], calls(25), False),
        ([calls(25, each="to")], calls(25, each="to"), True),
        ([calls(25, each="x")], calls(25, each="to"), False),
        ([calls(25)], calls(25, each="to"), True),
        ([calls(25)], calls(25, counts="external"), True),
        ([calls(25, counts="external")], calls(25, counts="external"), True),
        ([calls(25, counts="external")], calls(25), False),
        ([calls(25, counts="external")], calls(25, counts="create"), False),
        ([money(500)], money(500), True),
        ([money(501)], money(500), False),
        ([money(500, argument="cost")], money(500), False),
        ([money(500, currency="USD")], money(500), False),
        ([calls(25, "day")], money(500), False),
        ([money(5, per="hour")], money(120), True),
        ([money(5, per="hour")], money(119), False),
    ],
)
def test_a_limit_holds_what_it_counts_and_no_more(
    own: list[Limit], limit: Limit, *, is_held: bool
) -> None:
    """At least the same calls, for the same people, in the same time, and no more of them."""
    assert keeps(of(SEND, *own), limit, lambda _: False) is is_held


@pytest.mark.parametrize(
    "own, limit, asked",
    [
        ([], money(500), []),
        ([calls(5, "day")], money(500), [100 * EUROS]),
        ([calls(3, "day")], money(500), [166_666_666]),
        ([calls(5, "hour")], money(600), [5 * EUROS]),
        ([calls(5, "task")], money(600), []),
        ([calls(5, "day"), calls(2, "day")], money(500), [100 * EUROS, 250 * EUROS]),
        ([calls(5, "day", each="to")], money(500), []),
        ([calls(5, "day", each="to")], money(500, each="to"), [100 * EUROS]),
        ([calls(5, "day")], money(500, each="to"), [100 * EUROS]),
        ([calls(5, "day", counts="external")], money(500), [100 * EUROS]),
        ([calls(5, "day", counts="update")], money(500), []),
        ([calls(3, "day")], money(1, at_most=2), []),
        ([calls(3, "day")], money(1, at_most=3), [1]),
        ([calls(1, "task")], money(1, at_most=10**40), []),
        ([calls(5, "day")], calls(3, "day", counts="cost"), []),
        ([calls(5, "day")], replace(money(500), counts="cost"), []),
    ],
)
def test_few_calls_hold_a_sum_where_each_adds_little_enough(
    own: list[Limit], limit: Limit, asked: list[int]
) -> None:
    """How much a call may add at most is asked; one yes is enough."""
    external = replace(SEND, level=Level.EXTERNAL)
    for answer in (False, True):
        heard: list[int] = []

        def largest(amount: int, heard: list[int] = heard, *, answer: bool = answer) -> bool:
            heard.append(amount)
            return answer

        assert keeps(of(external, *own), limit, largest) is (answer and bool(asked))
        assert heard == (asked[:1] if answer else asked)


def test_calls_that_leave_hold_a_sum_only_if_nothing_else_adds_to_it() -> None:
    """A tool that stays in the house would not be counted."""
    boundary = of(replace(SEND, level=Level.EXTERNAL), calls(5, "day", counts="external"))
    both = with_tools(boundary, {**boundary.workflow.tools, "u": SEND})

    assert keeps(boundary, money(500), lambda _: True)
    assert not keeps(both, money(500), lambda _: True)
    assert keeps(with_tools(both, both.workflow.tools, never=("u",)), money(500), lambda _: True)
    aside = with_tools(boundary, {**boundary.workflow.tools, "u": SIMPLE})
    assert keeps(aside, money(500), lambda _: True)


def with_tools(boundary: Boundary, tools: Any, *, never: tuple[str, ...] = ()) -> Boundary:
    """Return a boundary with these tools."""
    return replace(boundary, workflow=replace(boundary.workflow, tools=tools, never=never))


def test_only_tools_that_may_have_the_argument_add_to_a_sum() -> None:
    """Nor does one that stands under `never`."""
    tools = {"a": SEND, "b": SIMPLE, "c": SEND, "d": SEND}
    boundary = with_tools(of(SEND), tools, never=("c",))

    assert list(sums(boundary, money(1))) == [("a", SEND), ("d", SEND)]


def test_to_add_no_more_is_to_lie_between_two_amounts() -> None:
    """What is below zero moves as much money."""
    five = Decimal("5.000001")

    assert at_most(money(500), 5_000_001) == {
        "sum": ArgumentRule(
            name="sum",
            constraints=(
                Constraint(operator=Operator.AT_LEAST, bounds=(Money(-five, "EUR"),)),
                Constraint(operator=Operator.AT_MOST, bounds=(Money(five, "EUR"),)),
            ),
        )
    }


# What is shown.


def shown(
    rule: ToolRule, limit: Limit, *kept: Limit, was: ToolRule | None = None
) -> Counterexample | None:
    """Return a sequence that one version stops at a limit, and another with other limits not."""
    return passing(of(rule, *kept), of(was or rule, limit), limit, DAY)


def way(one: Counterexample | None) -> tuple[Any, ...] | None:
    """Return how many calls came before, with which arguments, how they lie, and the last one."""
    if one is None:
        return None
    context = one.context
    first = context["each_of_them"]
    assert isinstance(first, dict)
    return context["earlier_calls"], first["args"], context["spread"], one.args


A: JsonObject = {"x": "a"}
ANN: JsonObject = {"to": "ann@example.com", "sum": Decimal("5.00")}
CENT: JsonObject = {**ANN, "sum": Decimal("0.01")}
APART = "each in a task of its own"
HOURS = "each in a task of its own, over the hours of the day"
OTHERS = "each in a task of its own, over the hours of the day, each with other values"


def test_a_sequence_says_all_that_it_takes_to_repeat_it() -> None:
    """The last call, those before it, and the limit that one version had."""
    assert shown(SIMPLE, calls(2, "day")) == Counterexample(
        tool="t",
        args=A,
        context={
            "inputs": {},
            "facts": {},
            "day": "2026-11-21",
            "role": "r",
            "agent": "a",
            "earlier_calls": 2,
            "each_of_them": {"tool": "t", "args": A},
            "spread": "in one task",
            "limit": "calls: 2",
        },
        was="refuse",
        now="allow",
    )


@pytest.mark.parametrize(
    "limit, kept, expected",
    [
        (calls(0), [], (0, A, "in one task", A)),
        (calls(1), [], (1, A, "in one task", A)),
        (calls(2), [calls(3)], (2, A, "in one task", A)),
        (calls(2), [calls(2)], None),
        (calls(2), [calls(1)], None),
        (calls(2), [calls(9), calls(2)], None),
        (calls(2), [calls(3, "day")], (2, A, "in one task", A)),
        (calls(2), [calls(2, "day")], None),
        (calls(30, "day"), [calls(20, "hour")], (30, A, HOURS, A)),
        (calls(30), [calls(20, "hour")], (30, A, "in one task, over the hours of the day", A)),
        (calls(2, "hour"), [calls(2, "task")], (2, A, APART, A)),
        (calls(2, "day"), [calls(2, "task")], (2, A, HOURS, A)),
        (calls(2, "task"), [calls(2, "task", counts="t")], None),
        (calls(2, "task"), [calls(2, "task", counts="external")], (2, A, "in one task", A)),
        (calls(20_000), [], None),
    ],
)
def test_a_sequence_of_like_calls_passes_what_no_limit_holds(
    limit: Limit, kept: list[Limit], expected: tuple[Any, ...] | None
) -> None:
    """At once, or over the time of the limit; twenty thousand calls are not tried."""
    assert way(shown(SIMPLE, limit, *kept)) == expected


@pytest.mark.parametrize(
    "limit, kept, expected",
    [
        (money(12), [], (2, ANN, "in one task", ANN)),
        (money(12), [money(15)], (2, ANN, "in one task", ANN)),
        (money(12), [money(13)], (2, ANN, "in one task", {**ANN, "sum": 3})),
        (money(12), [money(20), money(13)], (2, ANN, "in one task", {**ANN, "sum": 3})),
        (
            money(12),
            [money(12, at_most=12_340_000)],
            (2, ANN, "in one task", {**ANN, "sum": Decimal("2.34")}),
        ),
        (money(12), [money(12)], None),
        (money(12), [money(11)], None),
        (money(10), [money(10)], None),
        (money(12), [money(13, per="hour")], (2, ANN, HOURS, ANN)),
        (money(4), [], (0, ANN, "in one task", ANN)),
        (money(2), [money(3)], (200, CENT, "in one task", CENT)),
    ],
)
def test_a_sequence_of_amounts_ends_with_what_is_left(
    limit: Limit, kept: list[Limit], expected: tuple[Any, ...] | None
) -> None:
    """The largest that is let happen, then just as much as another version of the limit leaves."""
    assert way(shown(SEND, limit, *kept)) == expected


MANY = tool("only: {to: {email: '@example.com'}, cc: {one_of: [5, a]}, sum: {at_most: 5.00 EUR}}")


@pytest.mark.parametrize(
    "rule, each, first, last",
    [
        (SEND, "to", "ann@example.com", "ann2@example.com"),
        (MANY, "to", "a@example.com", "a2@example.com"),
    ],
)
def test_where_each_value_counts_for_itself_every_call_has_another(
    rule: ToolRule, each: str, first: str, last: str
) -> None:
    """And the input of the task that it was bound to; what is no text stays."""
    found = shown(rule, calls(2, "day"), calls(1, "day", each=each), calls(9, "day", each="cc"))

    assert found is not None
    assert found.context["spread"] == OTHERS
    assert found.context["each_of_them"] == {
        "tool": "t",
        "args": {**found.args, each: first},
    }
    assert found.args[each] == last
    assert found.context["inputs"] == ({"own": last} if rule is SEND else {})


def test_only_what_other_limits_count_apart_is_varied() -> None:
    """The limit in question counts each value for itself, so its own stays the same."""
    rule = tool("only: {to: {email: '@example.com'}, cc: {email: '@example.com'}}")
    found = shown(
        rule,
        calls(2, "day", each="to"),
        calls(1, "day", each="cc"),
        calls(2, "task", each="to"),
    )

    assert found is not None
    assert found.args == {"to": "a@example.com", "cc": "a2@example.com"}
    assert found.context["day"] == "2026-11-21"
    assert found.context["spread"] == OTHERS


def test_a_value_that_cannot_be_another_shows_nothing() -> None:
    """A fixed word, and what is no text."""
    for line in ("{is: a}", "{is: 5}"):
        rule = tool(f"only: {{x: {line}}}")
        assert shown(rule, calls(2, "day"), calls(1, "day", each="x")) is None


def test_the_same_value_counted_for_itself_needs_no_other() -> None:
    """The limit in question counts for each value, so they are alike."""
    found = shown(SEND, calls(2, "day", each="to"), calls(2, "task", each="to"))

    nothing = {**ANN, "sum": Decimal("0.00")}
    assert way(found) == (2, nothing, HOURS, nothing)


FORBIDDEN = "never: [{args: {x: {is: a}}}]"


def test_a_call_that_one_version_refuses_by_itself_shows_nothing() -> None:
    """However little it adds; nor does a tool that is new, or kept away."""
    other = tool("only: {x: {is: b}}")
    assert shown(SIMPLE, calls(2), was=other) is None
    assert shown(SIMPLE, calls(0), was=other) is None

    words = tool("only: {x: {one_of: [a, b]}}")
    first_refused = replace(words, never=tool("only: {x: any}\n" + FORBIDDEN).never)
    assert way(shown(first_refused, calls(2), was=words)) == (
        2,
        {"x": "b"},
        "in one task",
        {"x": "b"},
    )

    old = of(SIMPLE, calls(2))
    new = with_tools(of(SIMPLE), {"u": SIMPLE, "t": SIMPLE})
    found = passing(new, old, calls(2), DAY)
    assert found is not None
    assert found.tool == "t"
    assert passing(with_tools(new, new.workflow.tools, never=("t",)), old, calls(2), DAY) is None


def test_what_was_refused_and_what_asks_are_told_in_full() -> None:
    """Where people are asked, whom."""
    asking = tool("only: {x: {is: a}}\nask: [{who: [lead]}]")
    found = shown(asking, calls(1))

    assert found is not None
    assert (found.was, found.now) == ("refuse", "ask lead within 4h")


CENTS = replace(SEND, units={"sum": "EUR"})


def test_what_counts_cents_is_shown_in_cents() -> None:
    """Also what is left for the last one."""
    found = way(shown(CENTS, money(12), money(13)))

    assert found == (2, {**ANN, "sum": 500}, "in one task", {**ANN, "sum": 300})


def test_of_each_tool_the_four_largest_amounts_are_tried() -> None:
    """Here what is left after the larger ones is never an amount that is let happen."""

    def of_sizes(*sizes: str) -> ToolRule:
        return tool(f"only: {{sum: {{one_of: [{', '.join(f'{one} EUR' for one in sizes)}]}}}}")

    four, five = (
        of_sizes("10.00", "9.00", "8.00", "5.50"),
        of_sizes("10.00", "9.00", "8.00", "7.00", "5.50"),
    )
    assert way(shown(four, money(10), money(11))) == (
        1,
        {"sum": Decimal("5.50")},
        "in one task",
        {"sum": Decimal("5.50")},
    )
    assert shown(five, money(10), money(11)) is None


@pytest.mark.parametrize("words, is_shown", [(292, True), (291, False)])
def test_of_each_tool_the_first_six_hundred_calls_are_tried(words: int, *, is_shown: bool) -> None:
    """An amount that comes after all values of another argument, as the last or one later.

    A number as text has two values, itself and one beside it; the word has three.
    """
    listed = [f"'{number}'" for number in range(words)] + ([] if is_shown else ["word"])
    rule = tool(
        f"only: {{x: {{one_of: [{', '.join(listed)}]}},"
        " sum: {at_most: 5.00 EUR, optional: true}}"
    )
    assert (shown(rule, money(1)) is not None) is is_shown
