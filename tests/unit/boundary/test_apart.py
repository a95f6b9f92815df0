"""Which lines about an argument no value can meet at once: the nearest that can, and cannot.

That nothing is told apart which some value meets, `test_overlap` shows over values; this is the
table of what is known, on both sides of every edge.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations

import pytest

from sallyport.model import Constraint, Operator
from sallyport.rules.boundary.apart import (
    ALL,
    are_apart,
    has_input,
    is_finite,
    kind_of,
    sorts_of,
)
from tests.unit.boundary.examples import tool

DAY, MOMENT = "{above: 2026-01-01}", "{above: '2026-01-01T12:00:00Z'}"
MONEY, NUMBER, ITEMS = "{above: 5.00 EUR}", "{above: 5}", "{above: 2 items}"
DOMAIN, EMAIL, URL, PATH = "{domain: any}", "{email: any}", "{url: any}", "{path_under: /srv}"
OWN_DOMAIN, OWN_EMAIL, OWN_PATH = (
    *("{domain: task.own}", "{email: task.own}"),
    "{path_under: task.own}",
)


@cache
def read(said: str) -> list[Constraint]:
    """Return what a line of a file asks of its argument."""
    return list(tool(f"only: {{a: {said}}}").only["a"].constraints)


def apart(one: str, other: str) -> bool:
    """Return what is told of two lines, which does not depend on their order."""
    found = are_apart([*read(one), *read(other)])
    assert are_apart([*read(other), *read(one)]) is found
    return found


APART: list[tuple[str, str]] = [
    # Other sorts of JSON values.
    ("{is: true}", "{is: 5}"), ("{is: a}", "{is: 5}"), (NUMBER, "{is: a}"), (NUMBER, "{is: true}"),
    ("{max_length: 3}", ITEMS), (EMAIL, ITEMS), (DAY, ITEMS), (MOMENT, ITEMS), (MONEY, ITEMS),
    (NUMBER, DAY), (NUMBER, "{starts_with: a}"), (NUMBER, PATH), (MONEY, "{is: true}"),
    ("{only: [a]}", "{is: a}"), ("{each: {is: a}}", "{max_length: 3}"), ("{only: [a]}", MONEY),
    ("{is: task.own}", ITEMS),
    # Texts of two kinds of which none is both.
    *combinations((DAY, MOMENT, MONEY, EMAIL, URL), 2),
    *((DOMAIN, other) for other in (MOMENT, MONEY, EMAIL, URL)),
    (PATH, URL), ("{path_under: srv}", URL), (OWN_PATH, URL), ("{is: 5.00 EUR}", DOMAIN),
    ("{one_of: [5.00 EUR, 6.00 EUR]}", EMAIL),
    # Ranges of which one ends before the other begins.
    ("{above: 5}", "{at_most: 5}"), ("{at_least: 5}", "{below: 5}"), ("{above: 5}", "{below: 5}"),
    ("{at_least: 6}", "{at_most: 5}"), ("{at_least: 5.5}", "{at_most: 5.4}"),
    ("{above: 5.00 EUR}", "{at_most: 5.00 EUR}"), ("{above: 5.00 EUR}", "{at_most: 5}"),
    ("{above: 2026-01-02}", "{at_most: 2026-01-02}"),
    ("{at_least: 2026-01-02}", "{at_most: 2026-01-01}"),
    (MOMENT, "{at_most: '2026-01-01T13:00:00+01:00'}"), (ITEMS, "{at_most: 2 items}"),
    ("{at_most: 5.00 EUR}", "{at_most: -1.00 EUR}"),
    # Folders, and texts without a slash.
    (PATH, DOMAIN), ("{path_under: a/b}", DOMAIN), ("{path_under: srv}", "{domain: example.com}"),
    ("{path_under: [a/b, example.com]}", "{domain: under example.com}"), (PATH, OWN_DOMAIN),
    ("{path_under: srv}", EMAIL), ("{path_under: srv}", DAY), ("{path_under: srv}", MOMENT),
    ("{path_under: srv}", "{is: 5.00 EUR}"), ("{path_under: /5.00 EUR}", "{is: 5.00 EUR}"),
    ("{path_under: a/2026-01-02}", DAY),
    # First letters.
    ("{starts_with: a}", "{starts_with: b}"), ("{starts_with: aa}", "{starts_with: ab}"),
    ("{starts_with: x}", DAY), ("{starts_with: -}", DAY), ("{starts_with: T}", MOMENT),
    ("{starts_with: x}", MONEY), ("{starts_with: x}", URL), ("{starts_with: -}", EMAIL),
    ("{starts_with: '@'}", EMAIL), ("{starts_with: x}", "{domain: example.com}"),
    ("{starts_with: x}", "{domain: [example.com, a.org]}"), ("{starts_with: s}", PATH),
    ("{starts_with: bob}", "{email: ann@example.com}"),
    ("{starts_with: example.de}", "{domain: example.com}"),
    ("{starts_with: x}", "{email: [ann@example.com, bob@example.com]}"),
    # Lengths.
    ("{max_length: 3}", "{starts_with: abcd}"), ("{max_length: 9}", DAY),
    ("{max_length: 19}", MOMENT), ("{max_length: 4}", MONEY), ("{max_length: 7}", URL),
    ("{max_length: 2}", EMAIL), ("{max_length: 10}", "{domain: example.com}"),
    ("{max_length: 12}", "{domain: under example.com}"),
    ("{max_length: 4}", "{domain: [example.com, b.org]}"),
    ("{max_length: 14}", "{email: ann@example.com}"),
    ("{max_length: 12}", "{email: '@example.com'}"),
    ("{max_length: 14}", "{email: under example.com}"), ("{max_length: 2}", OWN_EMAIL),
    ("{max_length: 3}", PATH), ("{max_length: 2}", "{path_under: srv}"),
    ("{max_length: 7}", "{url: 'https://example.com'}"),
    ("{max_length: 4}", "{email: [ann@xn--bcher-kva.example]}"),
    # Places.
    ("{domain: a.org}", "{domain: b.org}"), ("{domain: a.org}", "{domain: under a.org}"),
    ("{domain: under a.org}", "{domain: under b.org}"),
    ("{domain: [a.org, b.org]}", "{domain: [c.org, d.org]}"),
    ("{domain: x.a.org}", "{domain: under b.org}"),
    ("{email: ann@a.org}", "{email: bob@a.org}"), ("{email: ann@a.org}", "{email: ann@b.org}"),
    ("{email: '@a.org'}", "{email: '@b.org'}"), ("{email: '@a.org'}", "{email: under a.org}"),
    ("{url: 'https://a.org/x'}", "{url: 'http://a.org/x'}"),
    ("{url: 'https://a.org/x'}", "{url: 'https://b.org/x'}"),
    ("{url: 'https://a.org:8443/x'}", "{url: 'http://a.org:8443/x'}"),
    ("{url: 'https://a.org/x'}", "{url: 'https://a.org:8443/x'}"),
    ("{url: 'https://a.org/x'}", "{url: 'https://a.org/y'}"),
    (PATH, "{path_under: srv}"), ("{path_under: /srv/a}", "{path_under: /srv/b}"),
    ("{path_under: /srv/a}", "{path_under: [/srv/b, /opt]}"),
]  # fmt: skip
BOTH: list[tuple[str, str]] = [
    ("any", "any"), ("any", NUMBER), ("any", EMAIL), ("{is: true}", "{one_of: [true, 5]}"),
    ("{is: a}", "{max_length: 3}"), ("{only: [a]}", ITEMS), ("{each: {is: a}}", ITEMS),
    ("{is: task.own}", NUMBER), ("{is: task.own}", EMAIL), ("{is: 5}", MONEY), (MONEY, NUMBER),
    ("{is: 5.00 EUR}", MONEY), ("{one_of: [5.00 EUR, a]}", DOMAIN),
    (DOMAIN, DAY), (DOMAIN, "{path_under: srv}"), (PATH, "{is: /srv}"),
    # Ranges that meet in a point, or beyond.
    ("{at_least: 5}", "{at_most: 5}"), ("{above: 4}", "{below: 5}"), (NUMBER, NUMBER),
    ("{above: 4.5}", "{at_most: 4.6}"), ("{at_least: 5.00 EUR}", "{at_most: 5.00 EUR}"),
    ("{at_least: 2026-01-02}", "{at_most: 2026-01-02}"),
    ("{at_least: '2026-01-01T12:00:00Z'}", "{at_most: '2026-01-01T13:00:00+01:00'}"),
    ("{at_least: 2 items}", "{at_most: 2 items}"), ("{at_most: 5}", "{at_most: 3}"),
    ("{at_least: 5}", "{above: 7}"),
    # Folders, and texts without a slash.
    ("{path_under: example.com}", "{domain: example.com}"),
    ("{path_under: [a.org, example.com]}", "{domain: example.com}"),
    ("{path_under: [/srv, srv]}", DOMAIN),
    ("{path_under: [a/b, x.a.org]}", "{domain: under a.org}"),
    (OWN_PATH, DOMAIN), (OWN_PATH, EMAIL), ("{path_under: srv}", OWN_DOMAIN),
    ("{path_under: srv}", OWN_EMAIL), ("{path_under: '2026-01-02'}", DAY),
    ("{path_under: 5.00 EUR}", "{is: 5.00 EUR}"), ("{path_under: srv}", "{is: srv}"),
    ("{path_under: srv}", "{starts_with: s}"),
    # First letters.
    ("{starts_with: ab}", "{starts_with: a}"), ("{starts_with: ab}", "{starts_with: ab}"),
    ("{starts_with: '2'}", DAY), ("{starts_with: '2'}", MOMENT), ("{starts_with: -}", MONEY),
    ("{starts_with: '7'}", MONEY), ("{starts_with: h}", URL), ("{starts_with: H}", URL),
    *((f"{{starts_with: '{letter}'}}", EMAIL) for letter in "_aZ09"),
    ("{starts_with: x}", DOMAIN),
    ("{starts_with: exa}", "{domain: example.com}"),
    ("{starts_with: EXA}", "{domain: example.com}"),
    ("{starts_with: x}", "{domain: under example.com}"),
    ("{starts_with: a}", "{domain: [example.com, a.org]}"),
    ("{starts_with: x}", "{domain: [example.com, under a.org]}"),
    ("{starts_with: b}", "{domain: xn--bcher-kva.example}"),
    ("{starts_with: ANN}", "{email: Ann@example.com}"), ("{starts_with: b}", "{email: '@a.org'}"),
    ("{starts_with: b}", "{email: ann@xn--bcher-kva.example}"),
    ("{starts_with: htt}", "{url: 'https://example.com'}"),
    ("{starts_with: x}", "{path_under: srv}"), ("{starts_with: x}", OWN_DOMAIN),
    ("{starts_with: x}", "{is: xy}"), ("{starts_with: x}", "{max_length: 1}"),
    # Lengths.
    ("{max_length: 4}", "{starts_with: abcd}"), ("{max_length: 10}", DAY),
    ("{max_length: 20}", MOMENT), ("{max_length: 5}", MONEY), ("{max_length: 8}", URL),
    ("{max_length: 3}", EMAIL), ("{max_length: 11}", "{domain: example.com}"),
    ("{max_length: 13}", "{domain: under example.com}"),
    ("{max_length: 5}", "{domain: [example.com, b.org]}"), ("{max_length: 1}", DOMAIN),
    ("{max_length: 15}", "{email: ann@example.com}"),
    ("{max_length: 13}", "{email: '@example.com'}"),
    ("{max_length: 15}", "{email: under example.com}"), ("{max_length: 3}", OWN_EMAIL),
    ("{max_length: 1}", OWN_DOMAIN), ("{max_length: 1}", "{domain: xn--bcher-kva.example}"),
    ("{max_length: 5}", "{email: [ann@xn--bcher-kva.example]}"), ("{max_length: 4}", PATH),
    ("{max_length: 3}", "{path_under: srv}"), ("{max_length: 8}", "{url: 'https://example.com'}"),
    ("{max_length: 1}", OWN_PATH),
    # Places.
    ("{domain: a.org}", "{domain: a.org}"), ("{domain: x.a.org}", "{domain: under a.org}"),
    ("{domain: under a.org}", "{domain: under a.org}"),
    ("{domain: under a.org}", "{domain: under x.a.org}"),
    ("{domain: [a.org, b.org]}", "{domain: [c.org, b.org]}"), (DOMAIN, "{domain: a.org}"),
    (OWN_DOMAIN, "{domain: a.org}"), (OWN_DOMAIN, OWN_DOMAIN), (EMAIL, "{email: ann@a.org}"),
    ("{email: ann@a.org}", "{email: ann@a.org}"), ("{email: ann@a.org}", "{email: '@a.org'}"),
    ("{email: ann@x.a.org}", "{email: under a.org}"), (OWN_EMAIL, "{email: ann@a.org}"),
    ("{email: '@a.org'}", "{email: '@a.org'}"), (URL, "{url: 'https://a.org/x'}"),
    ("{url: 'https://a.org/x'}", "{url: 'https://a.org/x'}"),
    ("{url: 'https://a.org/x'}", "{url: 'https://a.org/x/y'}"),
    ("{url: 'https://a.org'}", "{url: 'https://a.org/y'}"), (PATH, PATH),
    (PATH, "{path_under: /srv/a}"), ("{path_under: /srv/a}", "{path_under: [/srv, /opt]}"),
    (OWN_PATH, PATH), (OWN_PATH, OWN_PATH),
]  # fmt: skip


def test_lines_that_no_value_meets_are_told_apart() -> None:
    """Whatever is spelt however."""
    assert [pair for pair in APART if not apart(*pair)] == []


def test_lines_that_a_value_may_meet_are_not_told_apart() -> None:
    """The nearest to the above; what an input of the task will be is not known."""
    assert [pair for pair in BOTH if apart(*pair)] == []


def test_one_pair_that_is_apart_is_enough_among_many() -> None:
    """Of three lines, whichever two they are."""
    assert are_apart([*read("{at_least: 5}"), *read("{at_most: 9}"), *read("{below: 5}")])
    assert not are_apart([*read("{at_least: 5}"), *read("{at_most: 9}"), *read("{below: 6}")])
    assert not are_apart(read(EMAIL))
    assert not are_apart([])


def test_only_a_path_from_the_root_begins_with_a_slash() -> None:
    """No file says so of letters, but the rule knows it."""
    slash = Constraint(operator=Operator.STARTS_WITH, bounds=("/srv",))

    assert not are_apart([slash, *read(PATH)])
    assert are_apart([slash, *read(DAY)])


@pytest.mark.parametrize("kind", [EMAIL, URL, MONEY, DAY, MOMENT])
def test_nothing_that_is_parsed_begins_with_a_tilde(kind: str) -> None:
    """A file takes it for a path; among letters it is one that none of these has."""
    tilde = Constraint(operator=Operator.STARTS_WITH, bounds=("~",))

    assert are_apart([tilde, *read(kind)])


def test_the_empty_text_is_shorter_than_anything() -> None:
    """A limit that no file can name either, and that any empty text meets."""
    none = Constraint(operator=Operator.MAX_LENGTH, bounds=(0,))

    assert not are_apart([none, *read("any")])
    assert are_apart([none, *read("{starts_with: a}")])


KINDS = {
    NUMBER: "number", "{at_most: 5.5}": "number", MONEY: "money", MOMENT: "moment", DAY: "day",
    ITEMS: "items", "{is: 5.00 EUR}": "money", "{one_of: [5.00 EUR, 6.00 USD]}": "money",
    "{one_of: [5.00 EUR, a]}": "", "{is: a}": "", "{is: 5}": "", "{is: task.own}": "",
    DOMAIN: "domain", EMAIL: "email", URL: "url", PATH: "path_under", "{max_length: 3}": "",
    "{starts_with: a}": "", "{only: [a]}": "", "{each: {is: a}}": "", "any": "",
}  # fmt: skip


def test_a_constraint_has_the_kind_of_what_it_compares() -> None:
    """What it orders or parses; nothing where it does neither."""
    assert {said: kind_of(read(said)[0]) for said in KINDS} == KINDS


SORTS = {
    "any": set(ALL), NUMBER: {"number"}, MONEY: {"number", "text", "object"}, MOMENT: {"text"},
    DAY: {"text"}, ITEMS: {"list"}, "{is: 5.00 EUR}": {"number", "text", "object"},
    "{is: a}": {"text"}, "{is: 5}": {"number"}, "{is: 5.5}": {"number"}, "{is: true}": {"truth"},
    "{is: task.own}": {"truth", "number", "text"}, "{one_of: [a, 5]}": {"number", "text"},
    "{one_of: [5.00 EUR, true]}": {"number", "text", "object", "truth"}, DOMAIN: {"text"},
    EMAIL: {"text"}, URL: {"text"}, PATH: {"text"}, "{max_length: 3}": {"text"},
    "{starts_with: a}": {"text"}, "{only: [a]}": {"list"}, "{each: {is: a}}": {"list"},
}  # fmt: skip


def test_a_constraint_accepts_these_sorts_of_json() -> None:
    """An amount is a number, a text or an object; whatever is not said is anything."""
    assert {said: sorts_of(read(said)[0]) for said in SORTS} == SORTS


def test_a_word_for_lists_of_a_never_accepts_lists() -> None:
    """`some` stands under `never` alone."""
    rule = tool("never: [{args: {a: {some: {is: a}}}}]").never[0].args["a"]

    assert sorts_of(rule.constraints[0]) == {"list"}
    assert {"null", "truth", "number", "text", "list", "object"} == ALL


@pytest.mark.parametrize(
    "said, beside, finite",
    [
        ("{is: a}", [], True),
        ("{one_of: [a, 5]}", [EMAIL, "{starts_with: a}"], True),
        ("{is: 5.00 EUR}", [], True),
        ("{is: 5.00 EUR}", ["{max_length: 9}", MONEY], True),
        ("{is: 5.00 EUR}", ["{starts_with: a}"], False),
        ("{is: 5.00 EUR}", ["{max_length: 9}", "{starts_with: a}"], False),
        ("{is: 5.00 EUR}", [EMAIL, "{max_length: 9}"], False),
        ("{one_of: [a, 5.00 EUR]}", [PATH], False),
        ("{one_of: [a, b]}", [PATH], True),
        ("{is: task.own}", [], False),
        ("{one_of: [a, task.own]}", [], False),
        ("{at_most: 5}", [], False),
        ("{only: [a]}", [], False),
        ("any", [], False),
    ],
)
def test_values_can_be_listed_where_they_were_named(
    said: str, beside: list[str], finite: bool
) -> None:
    """An amount has many spellings, which letters beside it tell apart."""
    others = [one for line in beside for one in read(line)]

    assert is_finite(read(said)[0], others) is finite


def test_a_constraint_has_an_input_where_one_of_its_bounds_is_one() -> None:
    """Among others too."""
    assert has_input(read("{one_of: [a, task.own]}")[0])
    assert not has_input(read("{one_of: [a, b]}")[0])
    assert not has_input(Constraint(operator=Operator.ANY))
