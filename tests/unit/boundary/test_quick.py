"""The short way to a ruling says what the long way says, of every rule and every call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.model import (
    Ability,
    ArgumentRule,
    Constraint,
    Entry,
    Impact,
    Json,
    JsonObject,
    Level,
    Operator,
    ToolRule,
)
from sallyport.rules.boundary import quick
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.boundary.evaluate import rule_in_full, rule_on
from sallyport.rules.boundary.holding import holding
from sallyport.rules.boundary.ruling import Ruling
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


def _is(*values: Json) -> tuple[Constraint, ...]:
    bounds = tuple(one for one in values if isinstance(one, str | int))
    return (Constraint(operator=Operator.ONE_OF, bounds=bounds),)


ITEMS = (Constraint(operator=Operator.EACH, inner=_is("a")),)
X = ArgumentRule(name="x", constraints=ITEMS, optional=True)
EVERY_WORD = ToolRule(
    tool="t",
    system="desk",
    level=Level.UPDATE,
    touches=frozenset({Impact.RECORDS}),
    only={"x": X},
    when={"state": ("open", 3)},
    allow=(
        Entry(
            where="t.allow[0]",
            args={"k": ArgumentRule(name="k", constraints=_is(1, 5))},
            when={"mood": ("calm",)},
            because="it is fine",
            until=TODAY,
        ),
        Entry(where="t.allow[1]", args={"k": ArgumentRule(name="k", constraints=_is(3, 5, 6))}),
    ),
    ask=(
        Entry(
            where="t.ask[0]",
            args={
                "k": ArgumentRule(name="k", constraints=_is(2, 4, 6)),
                "l": ArgumentRule(name="l", constraints=_is("b"), optional=True),
            },
            because="it counts",
            who=("lead", "boss"),
            how_many=2,
            within_s=60,
            needs_human=True,
        ),
        Entry(
            where="t.ask[1]",
            args={"k": ArgumentRule(name="k", constraints=_is(4))},
            who=("lead",),
        ),
    ),
    never=(Entry(where="t.never[0]", args={"k": ArgumentRule(name="k", constraints=_is(9))}),),
    undo={"k": "by_hand"},
    may_ask=frozenset({Ability.FORM}),
    irreversible=True,
    implied_by="u",
)
OPEN: JsonObject = {"state": "open", "mood": "calm"}
TOMORROW = date(2026, 12, 2)
ANSWERED: list[tuple[JsonObject, JsonObject, date, str]] = [
    ({"k": 1}, OPEN, TODAY, "t.allow[0]"),
    ({"k": 1}, OPEN, PAST, "t.allow[0]"),
    ({"k": 1}, OPEN, TOMORROW, ""),
    ({"k": 1}, {"state": 3, "mood": "calm"}, TODAY, "t.allow[0]"),
    ({"k": 1}, {"state": Decimal("3.0"), "mood": "calm"}, TODAY, "t.allow[0]"),
    ({"k": 1}, {"state": "3", "mood": "calm"}, TODAY, ""),
    ({"k": 1}, {"state": True, "mood": "calm"}, TODAY, ""),
    ({"k": 1}, {"state": "shut", "mood": "calm"}, TODAY, ""),
    ({"k": 1}, {"state": "open", "mood": "wild"}, TODAY, ""),
    ({"k": 1}, {"state": "open"}, TODAY, ""),
    ({"k": 1}, {"mood": "calm"}, TODAY, ""),
    ({"k": 1, "l": "b"}, OPEN, TODAY, ""),
    ({"k": 2, "l": "b"}, OPEN, TODAY, "t.ask[0]"),
    ({"k": 2, "l": "c"}, OPEN, TODAY, ""),
    ({"k": 2}, OPEN, TODAY, "t.ask[0]"),
    ({"k": 2, "x": ["a", "a"]}, OPEN, TOMORROW, "t.ask[0]"),
    ({"k": 2, "x": ["a", "b"]}, OPEN, TODAY, ""),
    ({"k": 2, "y": 1}, OPEN, TODAY, ""),
    ({"k": 3}, OPEN, TODAY, "t.allow[1]"),
    ({"k": 3}, OPEN, TOMORROW, "t.allow[1]"),
    ({"k": 4}, OPEN, TODAY, ""),
    ({"k": 5}, OPEN, TODAY, ""),
    ({"k": 6}, OPEN, TODAY, "t.ask[0]"),
    ({"k": 7}, OPEN, TODAY, ""),
    ({"x": ["a"]}, OPEN, TODAY, ""),
    ({}, OPEN, TODAY, ""),
]


@pytest.mark.parametrize("args, facts, today, where", ANSWERED, ids=range(len(ANSWERED)))
def test_the_short_way_answers_where_exactly_one_live_entry_covers_the_call(
    args: JsonObject, facts: JsonObject, today: date, where: str
) -> None:
    """Of a rule that uses every word it knows; an entry that asks goes before one that allows."""
    found = quick.ruling(EVERY_WORD, args, {}, facts, today)

    assert (found.entry.where if found and found.entry else "") == where
    if found is not None:
        assert found == rule_in_full(EVERY_WORD, args, inputs={}, facts=facts, today=today)


ITEM = {"x": ArgumentRule(name="x", constraints=_is("a"))}
LEFT_OUT = {"x": ArgumentRule(name="x", constraints=_is("a"), optional=True)}
USING: dict[str, tuple[type, str, ToolRule]] = {
    "a tool": (ToolRule, "undo", replace(PLAIN, undo={"x": "by_hand"})),
    "what allows": (Entry, "because", replace(PLAIN, allow=(Entry(where="e", because="fine"),))),
    "what asks": (
        Entry,
        "because",
        replace(PLAIN, ask=(Entry(where="e", because="x", who=("a",)),)),
    ),
    "what forbids": (Entry, "because", replace(PLAIN, never=(Entry(where="e", because="x"),))),
    "an argument": (ArgumentRule, "optional", replace(PLAIN, only=LEFT_OUT)),
    "an argument of an entry": (
        ArgumentRule,
        "optional",
        replace(PLAIN, allow=(Entry(where="e", args=LEFT_OUT),)),
    ),
    "a constraint": (Constraint, "bounds", replace(PLAIN, only=ITEM)),
    "a constraint on the items of a list": (
        Constraint,
        "bounds",
        replace(PLAIN, only={"x": replace(X, optional=False)}),
    ),
}


@pytest.mark.parametrize("part", USING)
def test_a_word_that_comes_later_goes_the_long_way_wherever_it_stands(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until somebody has taught the short way what it means: shown by a word made unknown."""
    kind, word, rule = USING[part]
    names = [*rule.only, *(name for one in rule.allow for name in one.args)]
    args: JsonObject = dict.fromkeys(names, ["a"] if "list" in part else "a")
    assert quick.ruling(rule, args, {}, {}, TODAY) is not None

    known = vars(quick)["_KNOWN"]
    monkeypatch.setitem(known, kind, known[kind] - {word})

    assert quick.ruling(replace(rule), args, {}, {}, TODAY) is None


def test_every_fact_that_is_asked_for_must_be_among_its_values() -> None:
    """One that is not is enough."""
    rule = replace(PLAIN, when={"mood": ("calm", 3), "state": ("open",)})
    facts: list[tuple[Json, Json, bool]] = [
        ("calm", "open", True),
        (3, "open", True),
        ("calm", "shut", False),
        ("wild", "open", False),
    ]
    for mood, state, fits in facts:
        found = quick.ruling(rule, {}, {}, {"mood": mood, "state": state}, TODAY)
        assert (found is not None) is fits


def test_a_rule_without_entries_answers_where_everything_is_named() -> None:
    """And leaves it to the level; what is not named, or not there, goes the long way."""
    rule = replace(EVERY_WORD, allow=(), ask=(), only={"x": replace(X, optional=False)})

    assert quick.ruling(rule, {"x": ["a"]}, {}, OPEN, TODAY) == Ruling(floors=())
    assert quick.ruling(rule, {"x": ["a"], "k": 1}, {}, OPEN, TODAY) is None
    assert quick.ruling(rule, {}, {}, OPEN, TODAY) is None
