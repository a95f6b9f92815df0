"""What a version must keep by itself, found without a solver: by calls at its bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sallyport.model import (
    Always,
    Boundary,
    Decision,
    Entry,
    Impact,
    Level,
    Limit,
    ToolRule,
    Verdict,
)
from sallyport.rules.proof import standing as module
from sallyport.rules.proof.formula import Formula, Model
from sallyport.rules.proof.found import Counterexample, Found, Unsolved
from sallyport.rules.proof.standing import GUARDED, standing
from sallyport.rules.replay import Recorded
from tests.unit.boundary.examples import tool
from tests.unit.proof.test_hidden_widenings import of
from tests.unit.proof.test_narrower import gives_up, shown, with_workflow

TODAY = date(2026, 11, 21)
ONE = tool("only: {x: {is: 1}}")
ASKING = tool("ask: [{args: {x: {is: 1}}, who: [a]}]")


def found(boundary: Boundary, *lines: Always) -> Found:
    """Return what comes of these lines where no solver helps."""
    promising = with_workflow(boundary, always=lines)
    return standing(promising, today=TODAY, solve=gives_up)


def line(**more: Any) -> Always:
    """Return a line of a file."""
    return Always(where="always[0]", **more)


def claimed(now: str, was: str, **more: Any) -> Counterexample:
    """Return a call that refutes a line."""
    return shown(now, was, claim="always[0]", **more)


def gave_up(*tools: str) -> list[str]:
    """Return what is said of tools of which nothing is known."""
    return [f"always[0] of `{tool}`: it gave up" for tool in tools]


@pytest.mark.parametrize(
    "rule, wanted, refuted",
    [
        (ONE, Verdict.ASK, claimed("allow", "at least ask")),
        (ONE, Verdict.DRAFT, claimed("allow", "at least draft")),
        (ONE, Verdict.REFUSE, claimed("allow", "refuse")),
        (ONE, None, claimed("allow", "refuse")),
        (ASKING, Verdict.ASK, None),
        (ASKING, Verdict.DRAFT, claimed("ask a within 4h", "at least draft")),
        (ASKING, Verdict.REFUSE, claimed("ask a within 4h", "refuse")),
        (tool("only: {x: {is: 1}}\nnever: [{args: {x: any}}]"), Verdict.REFUSE, None),
    ],
)
def test_a_line_is_refuted_by_a_call_that_is_treated_more_loosely(
    rule: ToolRule, wanted: Verdict | None, refuted: Counterexample | None
) -> None:
    """In the words of the line; what no call shows is not known to hold."""
    told = found(of(rule), line(at_least=wanted))

    assert told.counterexamples == ([refuted] if refuted else [])
    assert told.unknown == ([] if refuted else gave_up("t"))


def test_what_a_solver_is_certain_of_is_proved() -> None:
    """Of every line, and of what asks by default."""
    guarded = replace(ASKING, level=Level.EXTERNAL)
    lines = (line(at_least=Verdict.REFUSE), line(args=tool("only: {x: {is: 2}}").only))
    boundary = with_workflow(of(guarded), always=lines)

    assert standing(boundary, today=TODAY, solve=lambda _: None).proved


TOOLS = {
    "a": replace(ASKING, system="s", level=Level.READ),
    "b": replace(ASKING, system="r", level=Level.UPDATE),
    "c": replace(ASKING, system="s", level=Level.UPDATE, touches=frozenset({Impact.LEGAL})),
    "d": replace(ASKING, system="s"),
}


@pytest.mark.parametrize(
    "named, tools",
    [
        ({}, "abc"),
        ({"tools": ("a",)}, "a"),
        ({"tools": ("b", "d")}, "b"),
        ({"levels": (Level.UPDATE,)}, "bc"),
        ({"levels": (Level.UPDATE, Level.READ)}, "abc"),
        ({"levels": (Level.CREATE,)}, ""),
        ({"systems": ("s",)}, "ac"),
        ({"systems": ("q",)}, ""),
        ({"touches": (Impact.LEGAL, Impact.SAFETY)}, "c"),
        ({"touches": (Impact.SAFETY,)}, ""),
        ({"levels": (Level.UPDATE,), "systems": ("s",)}, "c"),
        ({"levels": (Level.READ,), "systems": ("r",)}, ""),
        ({"tools": ("a",), "touches": (Impact.LEGAL,)}, ""),
    ],
)
def test_a_line_speaks_of_the_tools_that_it_names(named: dict[str, Any], tools: str) -> None:
    """By all that it says of them; never of one that is kept from the agent anyway."""
    boundary = with_workflow(of(ONE), tools=TOOLS, never=("d",))

    assert found(boundary, line(at_least=Verdict.ASK, **named)).unknown == gave_up(*tools)


REFUND = tool("only: {refund: {at_most: 5.00 EUR}, x: {max_length: 3, optional: true}}")


@pytest.mark.parametrize(
    "args, refuted",
    [
        ("{refund: {at_most: 5.00 EUR}}", None),
        ("{refund: {at_most: 4.99 EUR}}", {"refund": "5.00"}),
        ("{x: {max_length: 3}}", None),
        ("{x: {max_length: 2}}", {"refund": "0.00", "x": "own"}),
        ("{z: {is: 1}}", None),
        ("{refund: {at_most: 5.00 EUR}, x: {starts_with: o}}", {"refund": "0.00", "x": "O"}),
    ],
)
def test_a_line_about_arguments_is_refuted_by_one_that_does_not_fit(
    args: str, refuted: dict[str, str] | None
) -> None:
    """And is let happen; an argument that is not there fits."""
    told = found(of(REFUND), line(tools=("t",), args=tool(f"only: {args}").only))

    assert [
        {name: str(value) for name, value in one.args.items()} for one in told.counterexamples
    ] == ([refuted] if refuted else [])
    assert told.unknown == ([] if refuted else gave_up("t"))
    assert [(one.was, one.now, one.context["claim"]) for one in told.counterexamples] == (
        [("refuse", "allow", "always[0]")] if refuted else []
    )


def test_a_line_about_arguments_reads_the_task_and_the_unit() -> None:
    """What is the task's own fits where the call has it; cents are read as the amount they are."""
    own = tool("only: {x: {is: task.own}, z: any}")
    held = found(of(own), line(tools=("t",), args=tool("only: {x: {is: task.own}}").only))
    assert held == Found(unknown=gave_up("t"))

    cents = replace(tool("only: {refund: {at_most: 5.00 EUR}}"), units={"refund": "EUR"})
    five = found(of(cents), line(args=tool("only: {refund: {at_most: 5.00 EUR}}").only))
    less = found(of(cents), line(args=tool("only: {refund: {at_most: 4.99 EUR}}").only))
    assert five == Found(unknown=gave_up("t"))
    assert [one.args for one in less.counterexamples] == [{"refund": 500}]


MOST = Limit(name="line", at_most=2, per="task")


def test_a_line_about_a_sum_is_refuted_by_a_sequence() -> None:
    """What a limit of its terms would refuse, whatever other limits say."""
    (one,) = found(of(ONE), line(at_most=MOST)).counterexamples
    assert one == shown(
        "allow",
        claim="always[0]",
        earlier_calls=2,
        each_of_them={"tool": "t", "args": {"x": 1}},
        spread="in one task",
        limit="line: 2",
    )
    three, other = replace(MOST, name="own", at_most=3), replace(MOST, name="other", per="hour")
    (one,) = found(of(ONE, three), line(at_most=MOST)).counterexamples
    assert one.context["limit"] == "line: 2"
    assert found(of(ONE, replace(three, at_most=2)), line(at_most=MOST)) == Found()
    held = found(of(ONE, replace(other, at_most=1)), line(at_most=MOST)).counterexamples
    assert [one.context["spread"] for one in held] == ["in one task, over the hours of the day"]
    assert found(of(ONE), line(at_most=replace(MOST, at_most=10**9))) == Found(
        unknown=["always[0]: no limit holds it for certain, and no calls were found that pass it"]
    )


def test_few_calls_hold_a_line_about_a_sum_if_each_is_certain_to_add_little() -> None:
    """Which is a solver's to say."""
    sums = Limit(
        name="line", at_most=10**7, per="task", counts="sum", argument="refund", currency="EUR"
    )
    boundary = of(REFUND, replace(MOST, at_most=2))

    assert found(boundary, line(at_most=sums)).unknown == [
        "always[0]: no limit holds it for certain, and no calls were found that pass it"
    ]
    certain = with_workflow(boundary, always=(line(at_most=sums),))
    assert standing(certain, today=TODAY, solve=lambda _: None).unknown == []


def test_every_line_is_looked_at() -> None:
    """One about a sum hides none that comes after it."""
    told = found(of(ONE), line(at_most=MOST), line(at_least=Verdict.ASK))

    assert [one.was for one in told.counterexamples] == ["refuse", "at least ask"]


def lifted(**more: Any) -> ToolRule:
    """Return a rule with an entry that lets something happen unasked."""
    rule = tool("allow: [{args: {x: {is: 1}}, because: small, until: 2026-12-24}]")
    return replace(rule, **more)


NAMED = "t.allow[0] until 2026-12-24, because small"
UNKNOWN = "`t` asks by default: it gave up"


@pytest.mark.parametrize(
    "more, unknown, unasked",
    [
        ({}, [], []),
        ({"level": Level.UPDATE}, [], []),
        ({"level": Level.EXTERNAL}, [UNKNOWN], [NAMED]),
        ({"touches": frozenset({Impact.MONEY, Impact.LEGAL})}, [UNKNOWN], [NAMED]),
        ({"touches": frozenset({Impact.ACCESS})}, [UNKNOWN], [NAMED]),
        ({"touches": frozenset({Impact.LEGAL, Impact.DELETION})}, [], []),
        ({"level": Level.EXTERNAL, "irreversible": True}, [UNKNOWN], []),
    ],
)
def test_what_reaches_outside_moves_money_or_changes_access_is_claimed_to_ask(
    more: dict[str, Any], unknown: list[str], unasked: list[str]
) -> None:
    """But for the entries that are named; no call by one of them refutes it."""
    assert found(of(lifted(**more))) == Found(unknown=unknown, unasked=unasked)
    assert frozenset({Impact.MONEY, Impact.ACCESS}) == GUARDED


def test_what_never_is_called_needs_no_question() -> None:
    """It is kept from the agent."""
    kept = with_workflow(of(lifted(level=Level.EXTERNAL)), never=("t",))

    assert found(kept, line(at_least=Verdict.ASK)) == Found(
        useless=["`t` can never be called: it stands under `never`"]
    )


@pytest.mark.parametrize(
    "rule", [ASKING, lifted(irreversible=True), lifted(allow=(Entry(where="t.allow[0]"),))]
)
def test_a_default_that_did_not_ask_would_be_shown(
    rule: ToolRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evaluator never does that, which is why a broken one stands in for it here."""
    (entry,) = (*rule.allow, *rule.ask)

    def broken(_: Recorded, __: Boundary) -> Decision:
        return Decision(verdict=Verdict.ALLOW, floors=(), entry=entry.where)

    monkeypatch.setattr(module, "decided", broken)
    told = found(of(replace(rule, level=Level.EXTERNAL)))

    assert [(one.was, one.now, one.context["claim"]) for one in told.counterexamples] == [
        ("at least ask", "allow", "the default of its level and impacts")
    ]


class Certain:
    """Is certain that there is no call, but for the questions of these numbers."""

    def __init__(self, *unknown: int) -> None:
        self._unknown = unknown
        self.asked = 0

    def __call__(self, _: Formula) -> Model | Unsolved | None:
        """Return that there is none, or that it is not known."""
        self.asked += 1
        return Unsolved("it gave up") if self.asked in self._unknown else None


BOTH = "only: {x: {is: 1}}\nallow: [{args: {z: {is: 1}}}, {args: {z: {is: 2}}}]\n"
DEAD = BOTH + "never: [{args: {z: {is: 2}}}]\nask: [{args: {z: {is: 3}}, who: [a]}]"
IDLE = "only: {x: {is: 1}}\nnever: [{args: {x: any}}]"
NEVER = "`t` can never be called: whatever it is called with is refused"
LOST = "no call can ever match `t.allow[1]`"


@pytest.mark.parametrize(
    "lines, unknown, useless, asked",
    [
        ("only: {x: {is: 1}}", (), [], 0),
        (BOTH, (), [], 0),
        (DEAD, (), [NEVER], 1),
        (DEAD, (1,), [LOST], 2),
        (DEAD, (1, 2), [], 2),
        (IDLE, (), [NEVER], 1),
        (IDLE, (1,), [], 1),
    ],
)
def test_what_no_call_at_hand_uses_is_useless_if_that_is_certain(
    lines: str, unknown: tuple[int, ...], useless: list[str], asked: int
) -> None:
    """First the tool, then each entry by itself; what is used by any call is not asked about."""
    solver = Certain(*unknown)

    assert standing(of(tool(lines)), today=TODAY, solve=solver) == Found(useless=useless)
    assert solver.asked == asked


def test_each_tool_is_looked_at_for_itself() -> None:
    """And one that can never be called is said to be so for the first reason."""
    idle = replace(tool(IDLE), system="s")
    boundary = with_workflow(of(ONE), tools={"a": idle, "b": idle, "c": ONE}, never=("b",))

    assert standing(boundary, today=TODAY, solve=Certain()).useless == [
        "`a` can never be called: whatever it is called with is refused",
        "`b` can never be called: it stands under `never`",
    ]
