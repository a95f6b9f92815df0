"""Widenings that look like no change: what is equal to Python, or to a sum, and not to a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import Always, Boundary, Environment, Limit, Lookup, System, ToolRule, Workflow
from sallyport.rules.boundary.diff import diff
from sallyport.rules.proof.claims import narrower
from tests.unit.boundary.examples import tool

TODAY = date(2026, 11, 21)
SOLVE = solver(10)
PER_DAY = Limit(
    name="refunds_per_day",
    at_most=500 * 10**6,
    per="day",
    counts="sum",
    argument="refund",
    currency="EUR",
)


def of(rule: ToolRule, *limits: Limit) -> Boundary:
    """Return a boundary with one tool."""
    workflow = Workflow(
        name="w",
        purpose="p",
        owner="o",
        agent="a",
        environment=Environment.TEST,
        expires=date(2030, 1, 1),
        users=("r",),
        task_inputs={},
        tools={"t": replace(rule, system="s")},
        limits=limits,
    )
    return Boundary(workflow=workflow, systems={}, pins={}, digest="d")


def proved(new: Boundary, old: Boundary) -> bool:
    """Return whether one version provably grants nothing that another did not."""
    return narrower(new, old, today=TODAY, solve=SOLVE).proved


TWINS = [
    ("only: {x: {is: 1}}", "only: {x: {is: true}}"),
    ("only: {x: {is: 0}}", "only: {x: {is: false}}"),
    ("only: {x: {one_of: [1, a]}}", "only: {x: {one_of: [true, a]}}"),
    ("only: {x: {only: [1]}}", "only: {x: {only: [true]}}"),
    ("only: {x: {each: {is: 1}}}", "only: {x: {each: {is: true}}}"),
    ("when: {s: [1]}", "when: {s: [true]}"),
    (
        "allow: [{args: {x: any}, when: {s: [1]}}]",
        "allow: [{args: {x: any}, when: {s: [true]}}]",
    ),
    (
        "only: {x: any}\nnever: [{args: {x: {is: 1}}}]",
        "only: {x: any}\nnever: [{args: {x: {is: true}}}]",
    ),
    (
        "templates: {x: {t: {text: 'Hi {who}.', slots: {who: {is: 1}}}}}",
        "templates: {x: {t: {text: 'Hi {who}.', slots: {who: {is: true}}}}}",
    ),
]


@pytest.mark.parametrize("pair", TWINS, ids=str)
def test_one_and_true_are_two_things(pair: tuple[str, str]) -> None:
    """To Python `1 == True`; to a call they are two values, so either change grants something."""
    one, other = (of(tool(lines)) for lines in pair)
    assert not proved(one, other)
    assert not proved(other, one)
    assert diff(one, other)


def test_one_and_true_are_two_things_in_a_system_and_in_a_promise() -> None:
    """A look-up that is made with another argument reads something else."""
    rule = tool("only: {x: any}")
    lookups = (Lookup(tool="r", args={"full": value}) for value in (1, True))
    versions = [
        replace(of(rule), systems={"s": System(name="s", facts={"f": one})}) for one in lookups
    ]
    assert not proved(*versions)

    lines = [
        Always(where="always[0]", tools=("t",), args=tool(f"only: {{x: {{is: {value}}}}}").only)
        for value in ("1", "true")
    ]
    kept = [of(rule) for _ in lines]
    kept = [
        replace(one, workflow=replace(one.workflow, always=(line,)))
        for one, line in zip(kept, lines, strict=True)
    ]
    assert not proved(*kept)


TWO_ENTRIES = """\
allow:
  - {args: {refund: {at_most: 50.00 EUR}}, when: {s: [a]}}
  - {args: {refund: BOUND}, when: {s: [b]}}
"""
OTHER_MONEY = [
    ("only: {refund: {at_most: 100000.00 USD}}", "only: {refund: any}"),
    tuple(TWO_ENTRIES.replace("BOUND", bound) for bound in ("{is: 1000.00 USD}", "any")),
]


@pytest.mark.parametrize("pair", OTHER_MONEY, ids=["the only bound", "one more bound"])
def test_a_bound_in_another_currency_takes_nothing_out_of_a_sum_unseen(
    pair: tuple[str, str],
) -> None:
    """Amounts that a limit refused or counted before would not count against it any more."""
    new, old = (of(tool(lines), PER_DAY) for lines in pair)
    assert not proved(new, old)
