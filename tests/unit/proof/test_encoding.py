"""The formulas say what the evaluator says, of every call, and their axioms hold of every value."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.model import ArgumentRule, Entry, Json, JsonObject, Level, ToolRule, Verdict
from sallyport.rules.boundary.evaluate import rule_on
from sallyport.rules.boundary.units import stated
from sallyport.rules.proof.encode import said
from sallyport.rules.proof.formula import holds_in
from sallyport.rules.proof.subjects import World
from tests.unit.boundary.examples import tool
from tests.unit.boundary.test_overlap import OFFERED, SAID
from tests.unit.proof.real import model_of

TODAY = date.fromordinal(738_000)
OWN: list[Json] = ["a", "b", 5, True, "example.com", "ann@example.com", "srv", "2026-01-02", None]
ARGUMENTS: dict[str, dict[str, ArgumentRule]] = {
    line: dict(tool(f"only: {{x: {line}}}").only) for line in SAID
}


def _args(draw: st.DrawFn) -> dict[str, ArgumentRule]:
    found: dict[str, ArgumentRule] = {}
    for name in draw(st.sets(st.sampled_from(["x", "y"]))):
        one = ARGUMENTS[draw(st.sampled_from(SAID))]["x"]
        optional = draw(st.booleans())
        found[name] = ArgumentRule(name=name, constraints=one.constraints, optional=optional)
    return found


@st.composite
def _entries(draw: st.DrawFn, word: str) -> Entry:
    reasoned = word == "allow" and draw(st.booleans())
    states = draw(st.sets(st.sampled_from(["open", "shut"])))
    return Entry(
        where=word,
        args=_args(draw),
        when={"state": tuple(sorted(states))} if states else {},
        because="it is fine" if reasoned else "",
        until=draw(st.sampled_from([TODAY, date(2000, 1, 1)])) if reasoned else None,
        who=("lead",) if word == "ask" else (),
    )


@st.composite
def rules(draw: st.DrawFn) -> ToolRule:
    """Return a rule of a tool with up to two arguments."""
    lists = {word: st.lists(_entries(word), max_size=2) for word in ("allow", "ask", "never")}
    level = draw(st.sampled_from([Level.READ, Level.UPDATE]))
    return ToolRule(
        tool="t",
        system="",
        level=level,
        only=_args(draw),
        allow=tuple(draw(lists["allow"])),
        ask=tuple(draw(lists["ask"])),
        never=tuple(draw(lists["never"])),
        units=draw(st.sampled_from([{}, {"x": "EUR"}, {"x": "JPY"}])),
        irreversible=draw(st.booleans()),
    )


@st.composite
def calls(draw: st.DrawFn) -> tuple[JsonObject, JsonObject, JsonObject]:
    """Return arguments, inputs of a task, and facts."""
    names = draw(st.sets(st.sampled_from(["x", "y", "z"])))
    args: JsonObject = {name: draw(st.sampled_from(OFFERED)) for name in sorted(names)}
    own = draw(st.sampled_from(OWN))
    facts: JsonObject = {}
    if draw(st.booleans()):
        facts["state"] = draw(st.sampled_from(["open", "shut", "odd", 3, None]))
    return args, ({} if own is None else {"own": own}), facts


def _evaluated(rule: ToolRule, args: JsonObject, inputs: JsonObject, facts: JsonObject) -> Verdict:
    ruling = rule_on(rule, args, inputs=inputs, facts=facts, today=TODAY)
    verdict = max((floor.verdict for floor in ruling.floors), default=Verdict.ALLOW)
    strict = rule.irreversible or (rule.level is Level.UPDATE and not ruling.loosens)
    return max(verdict, Verdict.ASK) if strict else verdict


@settings(max_examples=1500, deadline=None)
@given(rules(), calls())
def test_formulas_and_evaluator_agree(
    rule: ToolRule, call: tuple[JsonObject, JsonObject, JsonObject]
) -> None:
    """Allowed, asked and refused mean the same to both, and what is certain is so."""
    args, inputs, facts = call
    world = World()
    told = said(rule, world, ("x", "y", "z"))
    axioms = world.axioms()
    model = model_of(world, stated(rule.units, args), inputs, facts)

    by_formula = (
        Verdict.ALLOW
        if holds_in(told.allowed, model)
        else (Verdict.ASK if holds_in(told.asked, model) else Verdict.REFUSE)
    )
    assert by_formula is _evaluated(rule, args, inputs, facts)
    assert holds_in(axioms, model)


@pytest.mark.parametrize("line", SAID)
def test_every_line_is_told_alike_of_every_value(line: str) -> None:
    """One argument, one line, every value of the corpus, with several inputs of the task."""
    rule = ToolRule(tool="t", system="", level=Level.READ, only=ARGUMENTS[line])
    world = World()
    told = said(rule, world, ("x",))
    axioms = world.axioms()
    for own in OWN:
        inputs: JsonObject = {} if own is None else {"own": own}
        for value in OFFERED:
            model = model_of(world, {"x": value}, inputs, {})
            expected = _evaluated(rule, {"x": value}, inputs, {}) is Verdict.ALLOW
            assert holds_in(told.allowed, model) is expected, (line, value, own)
            assert holds_in(axioms, model), (line, value, own)
