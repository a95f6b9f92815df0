"""The short way to a ruling says what the long way says, of every rule and every call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.model import ArgumentRule, Entry, Json, JsonObject, Level, ToolRule
from sallyport.rules.boundary import quick
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.boundary.evaluate import rule_in_full, rule_on
from sallyport.rules.boundary.holding import holding
from tests.unit.boundary.examples import FACTS, INPUTS, TODAY, UPDATE, support, tool
from tests.unit.boundary.test_evaluate import calls, contexts, values
from tests.unit.boundary.test_overlap import OFFERED, SAID

PAST = date(2026, 11, 30)
DESK = tuple(support().workflow.tools.values())
CONSTRAINTS = {line: tool(f"only: {{x: {line}}}").only["x"].constraints for line in SAID}


def _args(draw: st.DrawFn) -> dict[str, ArgumentRule]:
    found: dict[str, ArgumentRule] = {}
    for name in draw(st.sets(st.sampled_from(["x", "y"]))):
        constraints = CONSTRAINTS[draw(st.sampled_from(SAID))]
        optional = draw(st.booleans())
        found[name] = ArgumentRule(name=name, constraints=constraints, optional=optional)
    return found


@st.composite
def _entries(draw: st.DrawFn, word: str) -> Entry:
    states = draw(st.sets(st.sampled_from(["open", 3, None, True])))
    return Entry(
        where=f"t.{word}[{draw(st.integers(0, 9))}]",
        args=_args(draw),
        when={"state": tuple(states)} if states else {},
        because="it is fine" if word == "allow" else "",
        until=draw(st.sampled_from([None, TODAY, PAST])) if word == "allow" else None,
        who=("lead", "boss") if word == "ask" else (),
    )


@st.composite
def _rules(draw: st.DrawFn) -> ToolRule:
    lists = {word: st.lists(_entries(word), max_size=3) for word in ("allow", "ask", "never")}
    return ToolRule(
        tool="t",
        system="desk",
        level=Level.UPDATE,
        only=_args(draw),
        when=draw(st.sampled_from([{}, {"state": ("open", 3)}])),
        allow=tuple(draw(lists["allow"])),
        ask=tuple(draw(lists["ask"])),
        never=tuple(draw(lists["never"])),
    )


def _agree(rule: ToolRule, args: JsonObject, inputs: JsonObject, facts: JsonObject) -> None:
    short = rule_on(rule, args, inputs=inputs, facts=facts, today=TODAY)
    long = rule_in_full(rule, args, inputs=inputs, facts=facts, today=TODAY)

    assert short == long


@given(
    _rules(),
    st.dictionaries(st.sampled_from(["x", "y", "z"]), st.sampled_from(OFFERED)),
    st.sampled_from([{}, {"own": "a"}, {"own": 5}, {"own": "ann@example.com"}]),
    st.sampled_from([{}, {"state": "open"}, {"state": 3}, {"state": True}, {"state": None}]),
)
@settings(max_examples=500)
def test_the_short_way_and_the_long_way_agree(
    rule: ToolRule, args: JsonObject, inputs: JsonObject, facts: JsonObject
) -> None:
    """Floors, entry, question and loosening are the same, whatever the rule says."""
    _agree(rule, args, inputs, facts)


@given(st.sampled_from(DESK), calls, contexts, contexts)
def test_they_agree_on_the_support_desk(
    rule: ToolRule, args: JsonObject, inputs: JsonObject, facts: JsonObject
) -> None:
    """So they do on a whole boundary, for any arguments, inputs and facts."""
    _agree(rule, args, inputs, facts)


@given(
    st.sampled_from(SAID), st.sampled_from(OFFERED) | values, st.sampled_from(["a", 5, None, True])
)
@settings(max_examples=500)
def test_a_constraint_holds_exactly_where_there_is_no_reason_against_it(
    line: str, value: Json, own: Json
) -> None:
    """The test that is made of a constraint answers as its reason does."""
    for one in CONSTRAINTS[line]:
        reason = unmet("x", one, value, {"own": own})

        assert holding(one)(value, {"own": own}) == (not reason)


def test_what_fits_is_answered_the_short_way() -> None:
    """The short way is taken: it would be no use if it never had an answer."""
    desk = support().workflow.tools["tickets.update"]
    contact = support().workflow.tools["crm.get_contact"]

    asked = quick.ruling(desk, {**UPDATE, "refund": 120}, INPUTS, FACTS, TODAY)
    read = quick.ruling(contact, {"contact_id": "C-1"}, INPUTS, {}, TODAY)

    assert asked
    assert asked.question
    assert read
    assert not read.floors


PLAIN = ToolRule(tool="t", system="desk", level=Level.READ)


@pytest.mark.parametrize(
    "rule", [replace(PLAIN, templates={"x": ()}), replace(PLAIN, units={"x": "EUR"})]
)
def test_a_word_that_it_does_not_know_goes_the_long_way(rule: ToolRule) -> None:
    """A rule that says more than the short way reads has no short way."""
    assert quick.ruling(PLAIN, {}, {}, {}, TODAY) is not None
    assert quick.ruling(rule, {}, {}, {}, TODAY) is None
