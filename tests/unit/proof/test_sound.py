"""What is proved is so: no call of any kind is treated more loosely, whoever looks for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import Boundary, Environment, JsonObject, ToolRule, Workflow
from sallyport.rules.proof.claims import narrower
from sallyport.rules.replay import Recorded, decided
from sallyport.rules.times import DAY_US
from tests.unit.proof.test_encoding import TODAY, calls, rules

SOLVE = solver(10)
_NOON_US = (TODAY - date(1970, 1, 1)).days * DAY_US + DAY_US // 2


def of(rule: ToolRule) -> Boundary:
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
    )
    return Boundary(workflow=workflow, systems={}, pins={}, digest="d")


@settings(max_examples=150, deadline=None)
@given(rules(), rules(), calls(), calls())
def test_what_is_proved_to_narrow_lets_no_call_through(
    new: ToolRule,
    old: ToolRule,
    one_call: tuple[JsonObject, JsonObject, JsonObject],
    another: tuple[JsonObject, JsonObject, JsonObject],
) -> None:
    """And a counterexample is one, in the words that it is told in."""
    now, was = of(new), of(old)
    found = narrower(now, was, today=TODAY, solve=SOLVE)

    for args, inputs, facts in (one_call, another) if found.proved else ():
        call = Recorded(
            where="x", tool="t", args=args, role="r", at_us=_NOON_US, inputs=inputs, facts=facts
        )
        assert decided(call, now).verdict >= decided(call, was).verdict
    for one in found.counterexamples:
        assert one.now != one.was


PARTS = ("only", "allow", "ask", "never", "level", "units", "irreversible")


@settings(max_examples=100, deadline=None)
@given(
    rules(),
    rules(),
    st.sets(st.sampled_from(PARTS), min_size=1, max_size=2),
    st.lists(calls(), min_size=12, max_size=12),
)
def test_what_is_proved_of_a_change_in_one_part_is_so(
    old: ToolRule,
    other: ToolRule,
    parts: set[str],
    asked: list[tuple[JsonObject, JsonObject, JsonObject]],
) -> None:
    """Versions that differ a little are proved far more often than two that were drawn apart."""
    new = replace(old, **{part: getattr(other, part) for part in parts})
    now, was = of(new), of(old)
    if not narrower(now, was, today=TODAY, solve=SOLVE).proved:
        return
    for args, inputs, facts in asked:
        call = Recorded(
            where="x", tool="t", args=args, role="r", at_us=_NOON_US, inputs=inputs, facts=facts
        )
        assert decided(call, now).verdict >= decided(call, was).verdict
