"""Entries are kept apart: an example call where they meet, none where they provably cannot."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Entry,
    Json,
    JsonObject,
    Level,
    Money,
    Operator,
    ToolRule,
)
from sallyport.rules.boundary.overlap import example, meeting
from tests.unit.boundary.examples import ruled, tool

NUMBERS: list[int | Decimal] = [0, 1, Decimal("1.5"), 2, 3]
TEXTS = ["", "a", "bb", "true", "2026-01-02"]
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3)]
VALUES: list[Json] = [
    *NUMBERS, Decimal("0.5"), Decimal("1.25"), Decimal("1.75"), Decimal("2.5"), -1, 4,
    *TEXTS, True, False, "longer",
    "2025-12-31", "2026-01-01", "2026-01-03", "2026-01-04",
    "2.00 EUR",
]  # fmt: skip
PLAIN = [
    Operator.ONE_OF, Operator.AT_LEAST, Operator.ABOVE, Operator.AT_MOST, Operator.BELOW,
    Operator.MAX_LENGTH, Operator.ANY, Operator.ABSENT,
]  # fmt: skip
LITERALS: list[Bound] = [*NUMBERS, *TEXTS, True, False, Money(Decimal(2), "EUR")]
ENDS: list[Bound] = [*NUMBERS, *DAYS]


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    """Draw any constraint on numbers, dates, literals and lengths that needs no task."""
    operator = draw(st.sampled_from(PLAIN))
    if operator is Operator.ONE_OF:
        bounds = draw(st.lists(st.sampled_from(LITERALS), min_size=1, max_size=3))
        return Constraint(operator=operator, bounds=tuple(bounds))
    if operator is Operator.MAX_LENGTH:
        return Constraint(operator=operator, bounds=(1,))
    if operator in {Operator.ANY, Operator.ABSENT}:
        return Constraint(operator=operator)
    return Constraint(operator=operator, bounds=(draw(st.sampled_from(ENDS)),))


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, ArgumentRule]:
    """Draw what is said of up to two arguments."""
    rules: dict[str, ArgumentRule] = {}
    for name in draw(st.sets(st.sampled_from(["x", "y"]))):
        drawn = draw(st.lists(constraints(), min_size=1, max_size=2))
        optional = draw(st.booleans())
        rules[name] = ArgumentRule(name=name, constraints=tuple(drawn), optional=optional)
    return rules


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw an entry over those arguments and one fact."""
    states = draw(st.sets(st.sampled_from(["open", "shut"])))
    when: dict[str, tuple[Json, ...]] = {"state": tuple(sorted(states))} if states else {}
    return Entry(where="e", args=draw(arguments()), when=when)


def matches(only: dict[str, ArgumentRule], entry: Entry, args: JsonObject, state: str) -> bool:
    """Return whether an entry covers a call, as the evaluator sees it."""
    rule = ToolRule(tool="t", system="", level=Level.READ, only=only, allow=(entry,))
    ruling = ruled(rule, args, inputs={}, facts={"state": state})
    return ruling.entry is not None and len(ruling.floors) == 1


def all_calls() -> list[JsonObject]:
    """Return every call of two arguments with values at, between and beyond all bounds."""
    choices: list[JsonObject] = [{}]
    for name in ("x", "y"):
        choices = [*choices, *({**one, name: value} for one in choices for value in VALUES)]
    return choices


CALLS = all_calls()


@given(arguments(), entries(), entries())
def test_an_example_is_given_exactly_where_two_entries_meet(
    only: dict[str, ArgumentRule], one: Entry, other: Entry
) -> None:
    """The loader's answer is the evaluator's, over a world that holds every case."""
    meet = any(
        matches(only, one, args, state) and matches(only, other, args, state)
        for state in ("open", "shut")
        for args in CALLS
    )
    assert (example(only, one, other) is not None) is meet


# The whole vocabulary, written as owners write it, and values near what it names.
SAID = [
    "any", "{is: a}", "{is: 5}", "{is: 5.00 EUR}", "{is: task.own}", "{one_of: [a, b, 5, true]}",
    "{one_of: [task.own, b]}", "{at_most: 5}", "{above: 5, below: 7}", "{at_most: 5.00 EUR}",
    "{above: 5.00 EUR, at_most: 9.00 EUR}", "{above: 5.00 USD}", "{below: 2026-01-02}",
    "{at_least: 2026-01-02}", "{above: 2026-01-01, below: 2026-01-02}",
    "{at_most: 2026-01-01T12:00:00Z}", "{above: 2026-01-01T13:00:00+01:00}",
    "{domain: any}", "{domain: example.com}", "{domain: under example.com}",
    "{domain: [a.example.com, under example.org]}", "{domain: task.own}",
    "{email: any}", "{email: ann@example.com}", "{email: '@example.com'}",
    "{email: under example.com}", "{email: [bob@example.com, '@example.org']}",
    "{email: task.own}", "{url: any}", "{url: 'https://example.com'}",
    "{url: 'https://example.com/docs'}", "{url: 'https://example.com/docs/a'}",
    "{url: ['http://example.com/docs', 'https://example.com:8443/']}",
    "{path_under: /srv}", "{path_under: /srv/a}", "{path_under: srv}", "{path_under: [b, /srv/c]}",
    "{path_under: task.own}", "{starts_with: a}", "{starts_with: ann}", "{starts_with: A}",
    "{starts_with: example, max_length: 30}", "{max_length: 3}", "{max_length: 12}",
    "{email: any, max_length: 15}", "{domain: any, starts_with: a.}",
    "{only: [a, b]}", "{only: [b, 5]}", "{only: [task.own]}", "{only: [a], at_least: 1 items}",
    "{at_most: 2 items}", "{above: 2 items}", "{below: 0 items}",
    "{each: {email: '@example.com'}}", "{each: {email: '@example.org'}, at_least: 1 items}",
    "{each: {email: under example.com}, at_least: 1 items, at_most: 3 items}",
    "{each: {at_most: 5}, at_least: 2 items}", "{each: {above: 5}, at_least: 1 items}",
    "{each: {is: task.own}, at_least: 1 items}",
]  # fmt: skip
ITEMS: list[Json] = [
    "a", "b", 5, 6, 7, True, "5.00 EUR", "5 EUR", "9.00 EUR", "6.00 USD", Decimal("5.5"),
    {"amount": 5, "currency": "EUR"}, {"amount": 6, "currency": "USD"},
    "2026-01-01", "2026-01-02", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00.000001Z",
    "2026-01-01T13:00:00+01:00", "2025-12-31T23:00:00-02:00",
    "example.com", "EXAMPLE.com", "a.example.com", "A.Example.Com", "a.example.org", "ann", "Ann",
    "ann@example.com", "ann@EXAMPLE.com", "bob@example.com", "bob@a.example.com",
    "ann@example.org", "https://example.com", "HTTPS://Example.com:443/docs/",
    "https://example.com/docs/%61", "http://example.com/docs/a", "https://example.com:8443/docs",
    "/srv", "/srv/", "//srv", "/srv/a/x", "/srv//a", "/srv/c", "srv", "srv/a", "./srv", "b", "",
]  # fmt: skip
OFFERED: list[Json] = [
    *ITEMS, None, [], ["a"], ["b"], [5], [5, 5], [6], ["a", "b"], ["b", "b", "b"],
    ["ann@example.com"], ["ann@example.org"], ["ann@a.example.com", "bob@b.example.com"],
]  # fmt: skip


def said_of_x(said: str) -> dict[str, ArgumentRule]:
    """Return what one line of a file says of the argument x."""
    return dict(tool(f"only: {{x: {said}}}").only)


ENTRIES = {said: Entry(where=said, args=said_of_x(said)) for said in SAID}
MEETINGS = {
    (one, other): meeting({}, ENTRIES[one], ENTRIES[other])
    for n, one in enumerate(SAID)
    for other in SAID[n:]
}


def covers(said: str, value: Json, inputs: JsonObject) -> bool:
    """Return whether an entry covers a call with x, as the evaluator sees it."""
    rule = ToolRule(tool="t", system="", level=Level.READ, allow=(ENTRIES[said],))
    return ruled(rule, {"x": value}, inputs=inputs, facts={}).entry is not None


@pytest.mark.parametrize("own", ["a", "example.com", "ann@example.com", "srv"])
def test_no_call_that_two_entries_cover_is_overlooked(own: str) -> None:
    """Entries count as apart only where no value whatever is covered by both."""
    covered = {
        said: {n for n, value in enumerate(OFFERED) if covers(said, value, {"own": own})}
        for said in SAID
    }
    for (one, other), found in MEETINGS.items():
        both = [OFFERED[n] for n in covered[one] & covered[other]]
        assert found is not None or not both, (one, other, both)


def test_a_call_that_is_certain_is_covered_by_both_entries() -> None:
    """What is shown to an owner as an example is one."""
    for pair, found in MEETINGS.items():
        if found is not None and found.certain:
            shown = [covers(said, found.args["x"], found.inputs) for said in pair]
            assert shown == [True, True], (*pair, str(found))


def test_it_is_seldom_unknown_whether_entries_meet() -> None:
    """An owner is nearly always shown a call, or left in peace."""
    unsure = [pair for pair, call in MEETINGS.items() if call is not None and not call.certain]
    assert len(unsure) <= len(MEETINGS) / 40, unsure


@given(st.text(max_size=12), st.sampled_from(SAID), st.sampled_from(SAID))
def test_no_text_that_two_entries_cover_is_overlooked(text: str, one: str, other: str) -> None:
    """The same, over texts that nobody thought of."""
    inputs: JsonObject = {"own": text}
    if covers(one, text, inputs) and covers(other, text, inputs):
        assert meeting({}, ENTRIES[one], ENTRIES[other]) is not None


@given(st.data(), st.sampled_from(SAID), st.sampled_from(SAID))
def test_no_list_that_two_entries_cover_is_overlooked(
    data: st.DataObject, one: str, other: str
) -> None:
    """The same, over lists."""
    value: Json = data.draw(st.lists(st.sampled_from(ITEMS), max_size=4))
    inputs: JsonObject = {"own": data.draw(st.sampled_from(["a", "ann@example.com"]))}
    if covers(one, value, inputs) and covers(other, value, inputs):
        assert meeting({}, ENTRIES[one], ENTRIES[other]) is not None


APART = [
    ("{at_most: 50.00 EUR}", "{above: 50.00 EUR}"),
    ("{email: '@example.com'}", "{email: under example.com}"),
    ("{email: ann@example.com}", "{email: bob@example.com}"),
    ("{domain: example.com}", "{domain: [example.org, under example.com]}"),
    ("{domain: under a.example.com}", "{domain: under b.example.com}"),
    ("{url: 'https://example.com/v1'}", "{url: 'https://example.com/v10'}"),
    ("{url: 'https://example.com/'}", "{url: 'http://example.com/'}"),
    ("{path_under: /srv/a}", "{path_under: /srv/ab}"),
    ("{path_under: /srv}", "{path_under: srv}"),
    ("{path_under: /srv}", "{domain: any}"),
    ("{starts_with: ab}", "{starts_with: ac}"),
    ("{starts_with: long}", "{max_length: 3}"),
    ("{at_most: 2 items}", "{above: 2 items}"),
    ("{each: {email: '@a.example'}, at_least: 1 items}", "{each: {email: '@b.example'}}"),
    ("{only: [a, b], above: 0 items}", "{only: [c]}"),
    ("{below: 2026-01-01T00:00:00Z}", "{at_least: 2026-01-01T01:00:00+01:00}"),
    ("{above: 2026-01-01}", "{below: 2026-01-02}"),
    ("{email: any}", "{url: any}"),
    ("{is: 5.00 EUR}", "{is: 5.01 EUR}"),
    ("{one_of: [a, b]}", "{email: any}"),
]


@pytest.mark.parametrize("one,other", APART)
def test_entries_that_owners_would_write_are_told_apart(one: str, other: str) -> None:
    """And neither of them is dead."""
    first, second = (Entry(where="e", args=said_of_x(said)) for said in (one, other))
    assert meeting({}, first, second) is None
    assert meeting({}, first) is not None
    assert meeting({}, second) is not None


def test_an_input_that_would_have_to_be_two_things_leaves_it_open() -> None:
    """One input keeps nothing apart, and no example is claimed that is none."""
    only = dict(tool("only: {x: {is: task.own}, z: {is: task.own}}").only)
    one = Entry(where="e", args=said_of_x("{is: a}"))
    found = meeting(only, one)
    assert found is not None
    assert found.certain
    assert found.inputs == {"own": "a"}
    other = Entry(where="e", args=dict(tool("only: {z: {is: b}}").only))
    torn = meeting(only, one, other)
    assert torn is None or not torn.certain
