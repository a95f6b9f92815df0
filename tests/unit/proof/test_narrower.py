"""Which call shows a widening, found without a solver: at the bounds of what the rules say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import Boundary, JsonObject, Level, Limit, ToolRule
from sallyport.rules.proof.claims import narrower, sums_at_most
from sallyport.rules.proof.formula import Formula, Model
from sallyport.rules.proof.found import Counterexample, Found, Unsolved
from tests.unit.boundary.examples import tool
from tests.unit.proof.test_hidden_widenings import PER_DAY, of

TODAY = date(2026, 11, 21)
ONE = tool("only: {x: {is: 1}}")


def gives_up(_: Formula) -> Model | Unsolved | None:
    """Answer that nothing is known."""
    return Unsolved("it gave up")


def compared(new: Boundary, old: Boundary) -> Found:
    """Return what comes of two versions where no solver helps."""
    return narrower(new, old, today=TODAY, solve=gives_up)


def shown(
    now: str, was: str = "refuse", *, tool: str = "t", args: Any = None, **context: Any
) -> Counterexample:
    """Return a call that is treated more loosely."""
    usual: JsonObject = {"inputs": {}, "facts": {}, "day": "2026-11-21", "role": "r", "agent": "a"}
    return Counterexample(
        tool=tool,
        args={"x": 1} if args is None else args,
        context={**usual, **context},
        was=was,
        now=now,
    )


def asking(**more: Any) -> ToolRule:
    """Return a rule that asks about `x: 1`, in its own way."""
    rule = tool("ask: [{args: {x: {is: 1}}, who: [a, b], within: 4h}]")
    return replace(rule, ask=(replace(rule.ask[0], **more),))


USUAL = "ask a or b within 4h"
WAYS = [
    ({"who": ("a",)}, "ask a within 4h"),
    ({"how_many": 2}, "ask 2 of a or b within 4h"),
    ({"within_s": 4 * 3600 - 60}, "ask a or b within 239m"),
    ({"needs_human": True}, "ask a or b within 4h, by their decision alone"),
]


@pytest.mark.parametrize("stricter, said", WAYS)
def test_a_question_that_is_put_more_loosely_is_shown(stricter: dict[str, Any], said: str) -> None:
    """To more people, to fewer of them, for longer, or to be answered by time."""
    loose, strict = of(asking()), of(asking(**stricter))

    assert compared(loose, strict) == Found(counterexamples=[shown(USUAL, said)])
    assert compared(strict, loose) == Found(unknown=["`t`: it gave up"])


def test_other_people_are_a_widening_both_ways() -> None:
    """Neither may answer what only the other may."""
    one, other = of(asking(who=("a", "c"))), of(asking(who=("b", "a")))

    assert compared(one, other).counterexamples == [
        shown("ask a or c within 4h", "ask b or a within 4h")
    ]
    assert compared(other, one).counterexamples == [
        shown("ask b or a within 4h", "ask a or c within 4h")
    ]
    assert compared(of(asking(who=("b", "a"))), of(asking())).counterexamples == []


NOBODY = "ask owner or reviewer within 4h"


@pytest.mark.parametrize(
    "new, old, now, was",
    [
        ("only: {x: {is: 1}}", "only: {x: {is: 2}}", "allow", "refuse"),
        ("allow: [{args: {x: {is: 1}}}]", "ask: [{args: {x: {is: 1}}, who: [a]}]", "allow", "ask a within 4h"),  # noqa: E501
        ("ask: [{args: {x: {is: 1}}, who: [a]}]", "only: {x: {is: 2}}", "ask a within 4h", "refuse"),  # noqa: E501
        ("only: {x: {is: 1}}", "only: {x: {is: 1}}\ntouches: [legal]", "allow", NOBODY),
    ],
)  # fmt: skip
def test_a_verdict_that_is_looser_is_shown_and_a_stricter_one_is_not(
    new: str, old: str, now: str, was: str
) -> None:
    """From refusing to asking to allowing."""
    found = compared(of(tool(new)), of(tool(old)))
    back = compared(of(tool(old)), of(tool(new)))

    assert found.counterexamples == [shown(now, was)]
    assert all(one.args != {"x": 1} for one in back.counterexamples)


def test_what_a_solver_is_certain_of_is_not_looked_for() -> None:
    """It says that there is no such call, so none is tried."""
    wider = narrower(of(tool("only: {x: any}")), of(ONE), today=TODAY, solve=lambda _: None)

    assert wider == Found()


def with_workflow(boundary: Boundary, **changes: Any) -> Boundary:
    """Return a boundary with something else in its workflow."""
    return replace(boundary, workflow=replace(boundary.workflow, **changes))


@pytest.mark.parametrize(
    "changes, context, what",
    [
        ({"agent": "b"}, {"agent": "b"}, "agent `b` may work in it"),
        ({"users": ("r", "q")}, {"role": "q"}, "people with the role `q` may have it work"),
        (
            {"expires": date(2030, 1, 2)},
            {"day": "2030-01-02"},
            "it counts until 2030-01-02",
        ),
    ],
)
def test_whoever_may_do_something_only_now_is_shown_doing_it(
    changes: dict[str, Any], context: dict[str, Any], what: str
) -> None:
    """By any call; where no call is let happen at all, it is unknown."""
    old, idle = of(ONE), of(tool("only: {x: {is: 1}}\nnever: [{args: {x: {is: 1}}}]"))

    assert compared(with_workflow(old, **changes), old) == Found(
        counterexamples=[shown("allow", **context)]
    )
    assert compared(with_workflow(idle, **changes), idle) == Found(unknown=[what])
    assert compared(old, with_workflow(old, **changes)).unknown == []


def test_another_tool_may_show_what_the_first_one_cannot() -> None:
    """Each is tried, in their order."""
    idle = tool("only: {x: {is: 1}}\nnever: [{args: {x: {is: 1}}}]")
    old = with_workflow(of(ONE), tools={"i": idle, "t": ONE, "u": ONE})

    assert compared(with_workflow(old, agent="b"), old).counterexamples == [
        shown("allow", agent="b")
    ]


@pytest.mark.parametrize(
    "changes", [{"users": ("r",)}, {"expires": date(2029, 12, 31)}, {"expires": date(2030, 1, 1)}]
)
def test_fewer_people_and_an_earlier_end_grant_nothing(changes: dict[str, Any]) -> None:
    """And nothing has to be asked."""
    old = with_workflow(of(ONE), users=("r", "q"))

    assert compared(with_workflow(old, **changes), old) == Found()


def test_a_call_is_shown_for_somebody_who_might_have_had_it_made_before() -> None:
    """So that what is shown is the change of the rule, and not of who may use it."""
    old = with_workflow(of(tool("only: {x: {is: 2}}")), users=("r", "s"))
    new = with_workflow(of(ONE), users=("q", "s", "r"))

    assert [one.context["role"] for one in compared(new, old).counterexamples] == ["q", "s"]
    others = with_workflow(of(ONE), users=("q",))
    assert [one.context["role"] for one in compared(others, old).counterexamples] == ["q", "q"]


def test_a_new_tool_is_shown_and_one_that_is_kept_away_is_not() -> None:
    """Whether it was not named before, or stood under `never`."""
    old = of(ONE)
    new = with_workflow(old, tools={**old.workflow.tools, "u": ONE})
    assert compared(new, old) == Found(counterexamples=[shown("allow", tool="u")])
    assert compared(with_workflow(new, never=("u",)), old) == Found()

    lower = replace(ONE, level=Level.UPDATE, system="other")
    assert compared(with_workflow(of(ONE), never=("t",)), of(lower)) == Found()
    kept = with_workflow(old, never=("t",))
    assert compared(old, kept) == Found(
        counterexamples=[shown("allow")],
        unknown=["`t` is kept from the agent no more, here and in its other workflows"],
    )


def test_what_may_be_looser_beside_the_words_is_named_with_its_tool() -> None:
    """Whatever comes of its words."""
    old = of(replace(ONE, level=Level.CLASSIFY))

    assert compared(of(ONE), old).unknown == ["`t`: its level is lower"]


def test_what_says_the_same_is_not_asked() -> None:
    """Of a tool that did not change, nothing needs a proof."""
    assert compared(of(ONE), of(tool("only: {x: {is: 1}}"))) == Found()


CALLS = Limit(name="calls_per_task", at_most=2, per="task")


def test_a_limit_that_holds_no_more_is_shown_or_unknown() -> None:
    """By a sequence of calls; a limit that nothing comes near is only unknown."""
    (found,) = compared(of(ONE), of(ONE, CALLS)).counterexamples
    assert (found.was, found.now, found.context["earlier_calls"]) == ("refuse", "allow", 2)
    assert found.context["day"] == "2026-11-21"

    many = replace(CALLS, at_most=10**9)
    assert compared(of(ONE), of(ONE, many)) == Found(
        unknown=[
            "more than `calls_per_task` let pass may be counted: no calls were found that show it"
        ]
    )
    assert compared(of(ONE, CALLS), of(ONE, CALLS)) == Found()
    assert compared(of(ONE, CALLS), of(ONE)) == Found()


SOLVE = solver(10)
APART = tool("allow: [{args: {refund: {at_most: 5.00 EUR}}}, {args: {x: {is: 1}}}]")
FIVE = tool("only: {refund: {at_most: 5.00 EUR}}")
FREE = tool("only: {refund: any}")


@pytest.mark.parametrize(
    "tools, never, amount, is_so",
    [
        ({"t": FIVE}, (), 5_000_000, True),
        ({"t": FIVE}, (), 4_999_999, False),
        ({"t": APART}, (), 5_000_000, True),
        ({"t": ONE}, (), 1, True),
        ({}, (), 1, True),
        ({"t": FIVE, "u": FREE}, (), 5_000_000, False),
        ({"t": FIVE, "u": FREE}, ("u",), 5_000_000, True),
        ({"t": FREE, "u": FIVE}, (), 5_000_000, False),
        ({"t": tool("only: {refund: any}\nnever: [{args: {refund: any}}]")}, (), 1, True),
    ],
)
def test_what_one_call_adds_to_a_sum_at_most_is_proved(
    tools: dict[str, ToolRule], never: tuple[str, ...], amount: int, *, is_so: bool
) -> None:
    """Of every tool that may have the argument, and of calls that are not refused."""
    boundary = with_workflow(of(FIVE), tools=tools, never=never)

    assert sums_at_most(boundary, PER_DAY, amount, TODAY.toordinal(), SOLVE) is is_so


def test_what_one_call_adds_counts_on_the_days_that_matter() -> None:
    """An entry whose end is past adds nothing."""
    rule = tool(
        "allow: [{args: {refund: any}, because: b, until: 2026-11-20},"
        " {args: {refund: any, x: any}}]\nnever: [{args: {x: any}}]"
    )
    boundary = of(rule)

    assert sums_at_most(boundary, PER_DAY, 1, TODAY.toordinal(), SOLVE)
    assert not sums_at_most(boundary, PER_DAY, 1, TODAY.toordinal() - 1, SOLVE)
