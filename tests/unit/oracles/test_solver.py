"""A solver that reads our formulas finds no call on which they and the evaluator part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Context, Decimal
from fractions import Fraction
from random import Random

import pytest

from sallyport.adapters.prover.z3_solver import Z3
from sallyport.model import Json, ToolRule, Verdict
from sallyport.rules.boundary import units
from sallyport.rules.proof.encode import DAY, Said, said
from sallyport.rules.proof.formula import (
    All,
    Compare,
    Formula,
    Not,
    Number,
    Some,
    Truth,
    all_of,
    holds_in,
    no,
    some_of,
)
from sallyport.rules.proof.subjects import World
from sallyport.rules.replay import Recorded, decided
from tests.unit.boundary.test_overlap import SAID
from tests.unit.oracles.drawn import TODAY, Callers, named, rule_of
from tests.unit.proof.real import Values, model_of
from tests.unit.rules import worlds

BLOCKS, RULES, CALLS = 10, 25, 40
MET_MIN = 20
SECONDS = 30
NOW_US = int(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
OWN: list[Json] = ["a", "b", 5, True, "example.com", "ann@example.com", "srv", "2026-01-02", None]
EXACT = Context(prec=2000)


def formula_of(told: Said, verdict: Verdict) -> Formula:
    """Return when the formulas give a verdict."""
    return {Verdict.ALLOW: told.allowed, Verdict.ASK: told.asked, Verdict.REFUSE: told.refused}[
        verdict
    ]


def variables(formula: Formula) -> Iterator[Truth | Number]:
    """Yield every variable of a formula, as often as it stands there."""
    match formula:
        case Truth():
            yield formula
        case Not(what):
            yield from variables(what)
        case All(parts) | Some(parts):
            for part in parts:
                yield from variables(part)
        case Compare(left, _, right):
            yield left
            if isinstance(right, Number):
                yield right


def pinned(formula: Formula, values: Values) -> Formula:
    """Return that each variable of a formula is as it is in one call."""
    return all_of(_is(one, values.get(one.name, 0)) for one in dict.fromkeys(variables(formula)))


def _is(one: Truth | Number, value: bool | int | Fraction) -> Formula:
    if isinstance(one, Truth):
        return one if value else no(one)
    exact = Fraction(value)
    number = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    assert Fraction(number) == exact
    return Compare(one, "==", number)


def parting(rule: ToolRule, asked: list[Recorded], met: Counter[Verdict]) -> Formula:
    """Return that a call is among those asked, and the formulas say what the evaluator does not."""
    boundary, world = worlds.boundary(rule, task_inputs={"own": "text"}), World()
    told, parts = said(rule, world, (*named(rule), "unnamed")), list[Formula]()
    axioms = world.axioms()
    for call in asked:
        verdict = decided(replace(call, role="staff", at_us=NOW_US), boundary).verdict
        inputs = dict(call.inputs)
        values = model_of(world, units.stated(rule.units, call.args), inputs, dict(call.facts))
        values[DAY.name] = TODAY.toordinal()
        says = formula_of(told, verdict)
        assert holds_in(all_of((says, axioms)), values), (verdict, rule, call)
        parts.append(all_of((pinned(says, values), no(says))))
        met[verdict] += 1
    return some_of(parts)


@pytest.mark.parametrize("seed", range(BLOCKS))
def test_solver_and_evaluator_decide_alike(seed: int) -> None:
    """10,000 calls at the edges of 250 random rules: the solver finds none that they part on."""
    chance, met = Random(seed), Counter[Verdict]()  # noqa: S311 (it has to repeat itself)
    solve = Z3(SECONDS)
    for _ in range(RULES):
        rule = rule_of(chance, SAID, SAID)
        callers = Callers(rule, {"own": OWN})
        asked = [callers.call(chance) for _ in range(CALLS)]
        assert solve(parting(rule, asked, met)) is None, rule

    assert min(met[one] for one in (Verdict.ALLOW, Verdict.ASK, Verdict.REFUSE)) > MET_MIN


def test_the_solver_would_show_a_call_that_they_part_on() -> None:
    """A formula that is wrong about one call of forty is satisfiable, with that call's values."""
    chance = Random(1)  # noqa: S311 (it has to repeat itself)
    rule = rule_of(chance, SAID, SAID)
    call, world = Callers(rule, {"own": OWN}).call(chance), World()
    told = said(rule, world, (*named(rule), "unnamed"))
    values = model_of(world, call.args, dict(call.inputs), dict(call.facts))
    wrong = all_of((pinned(told.refused, values), told.refused))

    expected = holds_in(told.refused, values)
    assert (Z3(SECONDS)(wrong) is not None) is expected


def test_the_blocks_make_ten_thousand_calls() -> None:
    """As many as were asked for."""
    assert BLOCKS * RULES * CALLS >= 10_000
