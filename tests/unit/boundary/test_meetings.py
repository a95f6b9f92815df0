"""Which values are tried for an example, and what an owner is shown of the call that they make."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Entry,
    Json,
    JsonObject,
    Moment,
    Operator,
)
from sallyport.rules.boundary.overlap import (
    candidates,
    example,
    is_proven_empty,
    meeting,
    shared_value,
)
from tests.unit.boundary.examples import tool

LAST = ("own", "a", "")
"""What is tried after all else."""
DOMAINS = ("example.com", "a.io")
MAILBOXES = ("ann@example.com", "a@b.io")
ADDRESSES = ("https://example.com/", "http://a")
PATHS = ("folder", "a")


def of(*lines: str) -> list[Constraint]:
    """Return what lines of a file say of one argument together."""
    rules = [tool(f"only: {{x: {line}}}").only["x"] for line in lines]
    return [constraint for rule in rules for constraint in rule.constraints]


def rules(*lines: str) -> dict[str, ArgumentRule]:
    """Return what lines of a file say of several arguments."""
    return dict(tool(f"only: {{{', '.join(lines)}}}").only) if lines else {}


def entry(*lines: str, **when: tuple[Json, ...]) -> Entry:
    """Return an entry that says this of its arguments, and counts under these facts."""
    return Entry(where="e", args=rules(*lines), when=when)


def d(text: str) -> Decimal:
    """Return a number."""
    return Decimal(text)


TRIED: list[tuple[list[str], list[Json]]] = [
    (["any"], []),
    (["{max_length: 3}"], []),
    (["{is: b}"], ["b"]),
    (["{is: 5.5}"], [d("5.5")]),
    (["{is: true}"], [True]),
    (["{one_of: [b, 5, 2.50]}"], ["b", 5, d("2.50")]),
    (["{one_of: [5.00 EUR, b]}"], [d("5.00"), "5.00 EUR", "5 EUR", "b"]),
    (
        ["{is: 20.50 EUR}"],
        [d("20.50"), "20.50 EUR", "20.5 EUR", d("20.50"), d("19.50"), d("21.50")],
    ),
    (["{is: task.own}"], []),
    (["{one_of: [task.own, b]}"], ["b"]),
    (["{domain: example.org}"], ["example.org", *DOMAINS]),
    (["{domain: under example.org}"], ["a.example.org", *DOMAINS]),
    (["{domain: task.own}"], [*DOMAINS]),
    (["{email: ann@example.org}"], ["ann@example.org", *MAILBOXES]),
    (["{email: '@example.org'}"], ["a@example.org", *MAILBOXES]),
    (["{email: under example.org}"], ["a@a.example.org", *MAILBOXES]),
    (["{url: 'https://example.org/docs'}"], ["https://example.org/docs", *ADDRESSES]),
    (["{path_under: /srv}"], ["/srv", *PATHS]),
    (["{at_most: 5}"], [5, d("4"), d("6")]),
    (["{at_least: 5, below: 8}"], [5, 8, d("6.5"), d("4"), d("9")]),
    (["{above: 2.5}", "{below: 3}"], [d("2.5"), 3, d("2.75"), d("1.5"), d("4")]),
    (
        ["{at_most: 5.00 EUR}", "{above: 1}"],
        [d("0.00"), d("5.00"), 1, d("0.50"), d("3.00"), d("-1.00"), d("6.00")],
    ),
    (["{at_most: 2026-01-01}"], ["2026-01-01", "2025-12-31", "2026-01-02"]),
    (
        ["{above: '2026-01-01T12:00:00Z'}"],
        [
            "2026-01-01T12:00:00Z",
            "2026-01-01T11:59:59.999999Z",
            "2026-01-01T12:00:00.000001Z",
        ],
    ),
    (["{starts_with: ab}"], ["ab", "ab.com", "abexample.com", "ab@example.com"]),
    (
        ["{starts_with: ann}", "{email: '@example.org'}"],
        [
            *("ann", "a@example.org", *MAILBOXES, "ann@example.org", "annxample.org"),
            *("ann.com", "annexample.com", "ann@example.com"),
        ],
    ),
    (
        ["{starts_with: a}", "{starts_with: ann}", "{email: ann@example.org}"],
        [
            *("a", "ann", "ann@example.org", *MAILBOXES, "ann@example.org", "ann@example.org"),
            *("ann.com", "annexample.com", "ann@example.com"),
        ],
    ),
    (
        ["{starts_with: b}", "{domain: under example.org}"],
        [
            *("b", "a.example.org", *DOMAINS, "b.example.org", "bexample.org", "b.example.org"),
            *("b.com", "bexample.com", "b@example.com"),
        ],
    ),
    (
        ["{starts_with: ex}", "{domain: example.org}"],
        [
            *("ex", "example.org", *DOMAINS, "example.org"),
            *("ex.com", "exexample.com", "ex@example.com"),
        ],
    ),
    (["{only: [b, 5]}"], [["b"], []]),
    (["{only: [task.own]}"], [["own"], []]),
    (["{only: [a]}", "{only: [b]}"], [[]]),
    (["{each: {at_most: 5}}"], [[5], []]),
    (["{each: {email: '@b.example'}}", "{each: {email: c@b.example}}"], [["c@b.example"], []]),
    (["{each: {at_most: 5}, above: 1 items}"], [[5], [5, 5], []]),
    (["{at_most: 1 items}"], [["own"], ["own", "own"], []]),
    (
        ["{at_least: 3 items}"],
        [["own"], ["own", "own"], ["own", "own", "own"], ["own", "own", "own", "own"], []],
    ),
]


@pytest.mark.parametrize("lines, tried", TRIED)
def test_values_at_between_and_beyond_the_bounds_are_tried(
    lines: list[str], tried: list[Json]
) -> None:
    """In this order, since an owner is shown the first that fits."""
    found = list(candidates(of(*lines)))

    assert found == [*tried, *LAST]
    assert [type(one) for one in found] == [type(one) for one in (*tried, *LAST)]


FIRST, LATEST = Moment(-62_135_596_800_000_000), Moment(253_402_300_799_999_999)
BORDERS: list[tuple[Operator, Bound, list[Json]]] = [
    (Operator.AT_MOST, date.min, ["0001-01-01", "0001-01-02"]),
    (Operator.AT_MOST, date.max, ["9999-12-31", "9999-12-30"]),
    (Operator.AT_MOST, FIRST, ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000001Z"]),
    (Operator.AT_MOST, LATEST, ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999998Z"]),
    (Operator.STARTS_WITH, 5, []),
    (Operator.AT_MOST, "x", []),
]


@pytest.mark.parametrize("operator, bound, tried", BORDERS)
def test_there_is_nothing_before_the_first_day_or_after_the_last(
    operator: Operator, bound: Bound, tried: list[Json]
) -> None:
    """And nothing near a bound that orders nothing."""
    one = Constraint(operator=operator, bounds=(bound,))

    assert list(candidates([one])) == [*tried, *LAST]


@pytest.mark.parametrize(
    "count, lengths", [(99, [1, 98, 99, 100, 0]), (100, [1, 99, 100, 0]), (101, [1, 100, 0])]
)
def test_lists_of_up_to_a_hundred_items_are_tried(count: int, lengths: list[int]) -> None:
    """No longer ones: what is not tried is not ruled out either."""
    tried = candidates(of(f"{{at_least: {count} items}}"))

    assert [len(one) for one in tried if isinstance(one, list)] == lengths


SHARED: list[tuple[list[str], list[Json], Json]] = [
    (["{is: b}"], [], "b"),
    (["{is: b}", "{is: c}"], [], None),
    (["{max_length: 9}"], ["x", "z"], "x"),
    (["{starts_with: z}"], ["x", "z"], "z"),
    (["{each: {at_most: 5}}"], ["x", 3, [6], [2]], [2]),
    (["{each: {at_most: 5}}", "{below: 1 items}"], [], []),
    (["{only: [task.own]}"], ["x", ["x"]], ["x"]),
    (["{is: task.own}"], [["x"], 7], 7),
    (["{is: task.own}", "{at_most: 5}"], [], 5),
    (["{is: task.own}", "{above: 5.2, below: 5.4}"], [], d("5.3")),
    (["{email: task.own}"], [5, "x", "b@c.example"], "b@c.example"),
]


@pytest.mark.parametrize("lines, first, value", SHARED)
def test_the_first_value_that_meets_all_is_taken(
    lines: list[str], first: list[Json], value: Json
) -> None:
    """An input of the task may turn out to be just that value, if it is one of its form."""
    assert shared_value(of(*lines), first) == value


EMPTY: list[tuple[list[str], bool]] = [
    (["any"], False),
    (["absent"], True),
    (["{is: b}"], True),
    (["{one_of: [b, c]}", "{max_length: 9}"], True),
    (["{is: task.own}"], False),
    (["{is: 5.00 EUR}", "{starts_with: '5'}"], False),
    (["{email: any}", "{max_length: 9}"], False),
    (["{at_most: 5}", "{above: 5}"], True),
    (["{at_most: 5}"], False),
    (["{email: any}", "{above: 2026-01-01}", "{below: 2026-01-02}"], True),
    (["{above: 2026-01-01}", "{below: 2026-01-02}"], True),
    (["{above: 2026-01-01}", "{below: 2026-01-03}"], False),
    (["{above: '2026-01-01T12:00:00Z'}", "{below: '2026-01-01T12:00:00.000001Z'}"], True),
    (["{above: 98 items}", "{below: 99 items}"], True),
    (["{above: 99 items}", "{below: 100 items}"], False),
    (["{above: 98 items}", "{below: 100 items}"], False),
    (["{above: 100 items}"], False),
    (["{at_least: 1 items}"], False),
    (["{each: {is: b}, at_least: 1 items}"], False),
    (["{each: {is: b}}", "{each: {is: c}}"], False),
    (["{each: {is: b}, at_most: 1 items}", "{each: {is: c}}"], False),
    (["{each: {is: b}, at_least: 1 items}", "{each: {is: c}}"], True),
    (["{each: {is: b}, at_least: 1 items, at_most: 3 items}", "{each: {is: c}}"], True),
    (["{each: {is: b}, at_most: 3 items, at_least: 1 items}", "{each: {is: c}}"], True),
    (["{only: [a, b], above: 0 items}", "{only: [c]}"], True),
    (["{each: {email: any}, at_least: 1 items}", "{each: {max_length: 5}}"], False),
    (["{each: {email: any}, at_least: 1 items}", "{each: {starts_with: '@'}}"], True),
]


@pytest.mark.parametrize("lines, is_empty", EMPTY)
def test_that_nothing_was_found_proves_something_only_where_all_there_is_was_tried(
    lines: list[str], is_empty: bool
) -> None:
    """Single values, ranges without a value in them, and items that would have to be two."""
    assert is_proven_empty(of(*lines)) is is_empty


UNKNOWN = "(some value: none was found, and none ruled out)"

# What is said of all calls, the entries, and the call: in words, for certain, with its parts.
Shown = tuple[str, bool, JsonObject, JsonObject]
MEETINGS: list[tuple[list[str], list[Entry], Shown | None]] = [
    ([], [entry()], ("no arguments", True, {}, {})),
    (["x: any"], [entry()], ("x: (anything)", True, {"x": "own"}, {})),
    (["x: {max_length: 9}"], [entry()], ("x: (some text)", True, {"x": "own"}, {})),
    (["x: any"], [entry("x: {max_length: 9}")], ("x: (some text)", True, {"x": "own"}, {})),
    (["x: {is: b, optional: true}"], [entry()], ("no arguments", True, {}, {})),
    (
        ["x: {is: b, optional: true}"],
        [entry("x: {one_of: [a, b]}")],
        ("x: b", True, {"x": "b"}, {}),
    ),
    ([], [entry("x: {is: b}")], ("x: b", True, {"x": "b"}, {})),
    ([], [entry("x: {is: b}"), entry("z: {is: b}")], None),
    ([], [entry("x: absent"), entry("x: any")], None),
    (
        [],
        [entry("x: {is: b, optional: true}"), entry("z: {is: b, optional: true}")],
        ("no arguments", True, {}, {}),
    ),
    (
        ["x: {is: b}", "z: {at_most: 5}"],
        [entry(), entry()],
        ("x: b, z: 5", True, {"x": "b", "z": 5}, {}),
    ),
    (["x: {is: true}"], [entry()], ("x: true", True, {"x": True}, {})),
    (["x: {is: 5.00 EUR}"], [entry()], ("x: 5.00", True, {"x": d("5.00")}, {})),
    (["x: {only: [b]}"], [entry()], ('x: ["b"]', True, {"x": ["b"]}, {})),
    (["x: {each: {is: b}, below: 1 items}"], [entry()], ("x: []", True, {"x": []}, {})),
    (["x: {is: task.own}"], [entry()], ("x: task.own", True, {"x": "own"}, {"own": "own"})),
    (["x: {only: [task.own]}"], [entry()], ('x: ["own"]', True, {"x": ["own"]}, {"own": "own"})),
    (
        ["x: {each: {is: task.own}}"],
        [entry()],
        ('x: ["own"]', True, {"x": ["own"]}, {"own": "own"}),
    ),
    (["x: {one_of: [task.own, b]}"], [entry("x: {is: b}")], ("x: b", True, {"x": "b"}, {})),
    (
        ["x: {one_of: [b, task.own]}"],
        [entry("x: {is: c}")],
        ("x: task.own", True, {"x": "c"}, {"own": "c"}),
    ),
    (
        ["x: {only: [task.own, b]}"],
        [entry("x: {only: [b]}")],
        ('x: ["b"]', True, {"x": ["b"]}, {}),
    ),
    (
        ["x: {email: task.own}"],
        [entry("x: {email: '@b.example'}")],
        ("x: task.own", True, {"x": "a@b.example"}, {"own": "a@b.example"}),
    ),
    (
        ["x: {is: task.own}", "z: {is: task.own}"],
        [entry("x: {is: b}")],
        ("x: task.own, z: task.own", True, {"x": "b", "z": "b"}, {"own": "b"}),
    ),
    (
        ["x: {is: task.own}", "z: {is: task.own}", "w: {is: c}"],
        [entry("x: {is: b}", "z: {is: c}")],
        (
            "x: task.own, z: task.own, w: c",
            False,
            {"x": "b", "z": "c", "w": "c"},
            {"own": "b"},
        ),
    ),
    (
        ["x: {at_least: 101 items}", "z: {is: b}"],
        [entry()],
        (f"x: {UNKNOWN}, z: b", False, {"z": "b"}, {}),
    ),
    (["x: {at_most: 5}", "z: {is: b}"], [entry("x: {above: 5}")], None),
    (["x: {above: 2026-01-01}"], [entry("x: {below: 2026-01-02}")], None),
]


@pytest.mark.parametrize("only, entries, shown", MEETINGS)
def test_a_call_is_shown_as_its_owner_would_write_it(
    only: list[str], entries: list[Entry], shown: Shown | None
) -> None:
    """With the inputs that it needs; none is shown where it is proven that there is none."""
    said_of_all = rules(*only)
    found = meeting(said_of_all, *entries)

    told = found and (str(found), found.certain, found.args, found.inputs)
    assert told == shown
    assert example(said_of_all, *entries) == (None if shown is None else shown[0])


FACTS: list[tuple[list[Entry], JsonObject | None]] = [
    ([entry()], {}),
    ([entry(state=("open", "shut"))], {"state": "open"}),
    (
        [entry(state=("lost", "shut", "open"), kind=(1,)), entry(state=("gone", "open", "shut"))],
        {"state": "shut", "kind": 1},
    ),
    ([entry(state=("open",)), entry(state=("shut",))], None),
    ([entry(state=("open",), kind=(1,)), entry(kind=(2,))], None),
    ([entry(state=(True,)), entry(state=(1,))], None),
    ([entry(state=(d("1.0"),)), entry(state=(1,))], {"state": d("1.0")}),
]


@pytest.mark.parametrize("entries, facts", FACTS)
def test_entries_meet_only_under_facts_that_all_of_them_list(
    entries: list[Entry], facts: JsonObject | None
) -> None:
    """The first that they share is shown."""
    found = meeting({}, *entries)

    assert (found is None) is (facts is None)
    assert found is None or found.facts == facts
