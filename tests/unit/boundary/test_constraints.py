"""Each constraint: what it takes, what it refuses and in which words, and the laws of all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Constraint, Json, JsonObject, Operator, TaskInput
from sallyport.rules.boundary.constraints import (
    RANGES,
    is_number,
    listed,
    may_hold,
    same,
    sort_of,
    unmet,
)
from tests.unit.boundary.examples import problems_of, tool
from tests.unit.boundary.gallery import one_tool
from tests.unit.boundary.test_overlap import ITEMS, OFFERED, SAID

INPUTS: Mapping[str, Json] = {"own": "ann@example.com"}


@cache
def constraints(said: str) -> tuple[Constraint, ...]:
    """Return what a line of a file says of the argument `a`."""
    return tool(f"only: {{a: {said}}}").only["a"].constraints


def why(said: str, value: Json, inputs: Mapping[str, Json] = INPUTS) -> str:
    """Return why a value breaks a line; empty when it does not."""
    found = (unmet("a", one, value, inputs) for one in constraints(said))
    return next((reason for reason in found if reason), "")


@cache
def nevers(said: str) -> tuple[Constraint, ...]:
    """Return what a line of a `never` entry says of the argument `a`."""
    rule = tool(f"only: {{a: any}}\nallow: [{{}}]\nnever: [{{args: {{a: {said}}}}}]")
    return rule.never[0].args["a"].constraints


def forbidden(said: str, value: Json, inputs: Mapping[str, Json] = INPUTS) -> bool:
    """Return whether a `never` with this line holds for a value."""
    return all(may_hold(one, value, inputs) for one in nevers(said))


HOLDS: list[tuple[str, list[Json]]] = [
    ("{at_most: 50.00 EUR}", [0, 50, Decimal("50.000"), "50 EUR", "50.00 EUR", "0.1 EUR"]),
    ("{at_most: 50.00 EUR}", [{"amount": 50, "currency": "EUR"}]),
    ("{is: 5.00 EUR}", [5, Decimal("5.0"), "5 EUR", {"amount": Decimal("5.0"), "currency": "EUR"}]),
    ("{above: 5000 JPY}", [5001, "5001 JPY"]),
    ("{is: 5.5}", [Decimal("5.50")]),
    ("{is: 2026-01-31}", ["2026-01-31"]),
    ("{at_most: -5.00 EUR}", [-5, -6]),
    ("{at_least: 2026-01-01T12:00:00Z}", ["2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00"]),
    ("{below: 2026-01-01T12:00:00+02:00}", ["2026-01-01T09:59:59.999999Z"]),
    ("{domain: example.com}", ["example.com", "EXAMPLE.com", "Example.Com"]),
    ("{domain: under example.com}", ["a.example.com", "a.B.example.com"]),
    ("{domain: bücher.example}", ["bücher.example", "Bücher.example", "xn--bcher-kva.example"]),
    ("{domain: [a.example, b.example]}", ["a.example", "b.example"]),
    ("{domain: any}", ["localhost", "example.com", "日本語.jp", "россия.рф", "has-dash.example"]),
    ("{email: ann@example.com}", ["ann@example.com", "ann@EXAMPLE.com"]),
    ("{email: '@example.com'}", ["ann@example.com", "a.b+c@example.com", "x_1@example.com"]),
    ("{email: under example.com}", ["ann@mail.example.com"]),
    ("{email: task.own}", ["ann@example.com", "ann@Example.com"]),
    ("{email: any}", ["ann@example.com", "ann@bücher.example"]),
    (
        "{url: 'https://example.com/docs'}",
        [
            "https://example.com/docs",
            "HTTPS://Example.com:443/docs/",
            "https://example.com/docs/a?b=c#d",
            "https://example.com/%64ocs/a%20b",
            "https://example.com/docs/@ann",
        ],
    ),
    ("{url: 'https://example.com'}", ["https://example.com", "https://example.com/?q=1"]),
    ("{url: 'http://127.0.0.1:8080/'}", ["http://127.0.0.1:8080/x", "http://[::ffff:7f00:1]:8080"]),
    ("{url: 'http://[2001:db8::1]/'}", ["http://[2001:0db8:0:0::1]/", "http://[2001:DB8::1]"]),
    ("{url: any}", ["http://intern/", "https://example.com/a/b/"]),
    ("{path_under: /srv/a}", ["/srv/a", "/srv/a/", "/srv//a/b", "/srv/./a/b c.txt", "/srv/a/..."]),
    ("{path_under: docs}", ["docs", "./docs/x", "docs/ü.md"]),
    ('{starts_with: "Re: "}', ["Re: ", "Re: x"]),
    ("{max_length: 2}", ["", "ab", "\U0001f600\U0001f600"]),
    ("{only: [a, 5]}", [[], ["a"], ["a", 5, Decimal("5.0")]]),
    ("{only: [task.own]}", [["ann@example.com"]]),
    ("{at_most: 2 items}", [[], [1], [None, {}]]),
    ("{at_least: 1 items}", [["x"]]),
    ("{each: {email: '@example.com'}}", [[], ["ann@example.com", "bob@EXAMPLE.com"]]),
    ("{each: {at_most: 5.00 EUR}, below: 3 items}", [[5, "4 EUR"]]),
]


@pytest.mark.parametrize("said,values", HOLDS)
def test_what_fits_holds_however_it_is_spelt(said: str, values: list[Json]) -> None:
    """Parsed before compared: spellings of one thing decide alike."""
    assert [why(said, value) for value in values] == [""] * len(values)


REASONS: list[tuple[str, Json, str]] = [
    ("{at_most: 500.00 EUR}", 620, "a 620.00 EUR is above 500.00 EUR"),
    ("{at_most: 500.00 EUR}", "620.5 EUR", "a 620.50 EUR is above 500.00 EUR"),
    ("{at_most: 500.00 EUR}", -1, "a -1.00 EUR is below 0.00 EUR"),
    ("{at_most: 500.00 EUR}", "62 USD", "a is in USD, and the boundary names EUR"),
    ("{at_most: 500.00 EUR}", "62", "a must be a number, or an amount in EUR"),
    ("{at_most: 500.00 EUR}", "62 XXX", "a must be a number, or an amount in EUR"),
    ("{above: 5.00 EUR}", "007 EUR", "a must be a number, or an amount in EUR"),
    ("{above: 5.00 EUR}", " 7 EUR", "a must be a number, or an amount in EUR"),
    (
        "{above: 5.00 EUR}",
        {"amount": True, "currency": "EUR"},
        "a must be a number, or an amount in EUR",
    ),
    (
        "{above: 5.00 EUR}",
        {"amount": 6, "currency": "EUR", "note": 1},
        "a must be a number, or an amount in EUR",
    ),
    ("{at_most: 5}", 6, "a 6 is above 5"),
    ("{at_most: 5}", "5", "a must be a number"),
    ("{above: 2026-01-01}", "2026-01-01", "a 2026-01-01 is not above 2026-01-01"),
    (
        "{above: 2026-01-01}",
        "2026-02-01T00:00:00Z",
        "a must be a date written as YYYY-MM-DD",
    ),
    (
        "{at_most: 2026-01-01T12:00:00Z}",
        "2026-01-01T12:00:00-01:00",
        "a 2026-01-01T13:00:00Z is above 2026-01-01T12:00:00Z",
    ),
    (
        "{at_most: 2026-01-01T12:00:00Z}",
        "2026-01-01T11:00:00",
        "a must be a time with its zone, such as 2026-01-01T12:00:00Z",
    ),
    ("{domain: example.com}", "a.example.com", "a must be the domain example.com"),
    ("{domain: example.com}", "example.com.evil.example", "a must be the domain example.com"),
    ("{domain: under example.com}", "example.com", "a must be a domain under example.com"),
    ("{domain: under example.com}", "evilexample.com", "a must be a domain under example.com"),
    (
        "{domain: [a.example, under b.example]}",
        "c.example",
        "a must be the domain a.example or a domain under b.example",
    ),
    ("{domain: any}", "ann@example.com", "it has a character that no name has"),
    ("{domain: any}", "example.com.", "a must be a domain name, and a part of it is empty"),
    ("{domain: any}", "ex\u0430mple.com", "a part of it mixes the letters of several scripts"),
    ("{domain: any}", "xn--exmple-4nf.com", "a part of it mixes the letters of several scripts"),
    (
        "{domain: any}",
        "\u0430\u0440\u0440\u04cf\u0435.com",
        "a must be a domain name, and its letters only look like plain ones",
    ),
    ("{domain: any}", "\u0261oogle.com", "its letters only look like plain ones"),
    (
        "{domain: any}",
        "fa\u00df.example",
        "it has a letter that some readers replace; its `xn--` spelling has not",
    ),
    ("{domain: any}", "example\u3002com", "it has a character that no name has"),
    ("{domain: any}", "\uff45xample.com", "it has a character that no name has"),
    ("{domain: any}", "exam\u00adple.com", "it has a character that no name has"),
    ("{domain: any}", "xn--a.com", "it has a character that no name has"),
    ("{domain: any}", "127.0.0.1", "it ends in a number, as no name does"),
    ("{domain: any}", "a." * 130 + "com", "it is too long"),
    ("{domain: any}", 5, "a must be a domain name, written as text"),
    ("{email: '@example.com'}", "ann@mail.example.com", "a must be an address at example.com"),
    ("{email: '@example.com'}", "ann@evil-example.com", "a must be an address at example.com"),
    (
        "{email: '@example.com'}",
        "@example.com",
        "what stands before the `@` can be read in several ways",
    ),
    ("{email: ann@example.com}", "Ann@example.com", "a must be the address ann@example.com"),
    ("{email: ann@example.com}", "ann+x@example.com", "a must be the address ann@example.com"),
    (
        "{email: under example.com}",
        "ann@example.com",
        "a must be an address under example.com",
    ),
    ("{email: task.own}", "bob@example.com", "a must be the task's own own"),
    ("{email: any}", "Ann <ann@example.com>", "it is more than one plain address"),
    ("{email: any}", "a@example.com,b@example.com", "it is more than one plain address"),
    ("{email: any}", "ann@example.com\n", "it has a character that no name has"),
    ("{email: any}", "a@b@example.com", "it has not one `@`"),
    (
        "{email: any}",
        "ann%evil.example@example.com",
        "what stands before the `@` can be read in several ways",
    ),
    (
        "{email: any}",
        "-oQ/tmp@example.com",
        "what stands before the `@` can be read in several ways",
    ),
    ("{email: any}", '"a b"@example.com', "it is more than one plain address"),
    (
        "{email: any}",
        "\u0430nn@example.com",
        "what stands before the `@` can be read in several ways",
    ),
    ("{email: any}", "ann@[127.0.0.1]", "it has a character that no name has"),
    ("{email: any}", ["ann@example.com"], "a must be one e-mail address, written as text"),
    ("{url: any}", "javascript:alert(1)", "it is not written as `https://host/path`"),
    ("{url: any}", "file:///etc/passwd", "it begins with neither `https://` nor `http://`"),
    ("{url: any}", "https://example.com@evil.example/", "it has a user name before its host"),
    ("{url: any}", "https://example.com:443@evil.example/", "it has a user name before its host"),
    ("{url: any}", "https://example.com#@evil.example/", "it lacks a `/` after its host"),
    ("{url: any}", "https://example.com?@evil.example/", "it lacks a `/` after its host"),
    (
        "{url: any}",
        "https:\\\\example.com\\",
        "it has a backslash, a space or an invisible character",
    ),
    (
        "{url: any}",
        "https://example.com\\@evil.example/",
        "it has a backslash, a space or an invisible character",
    ),
    (
        "{url: any}",
        "https://example.com/\tx",
        "it has a backslash, a space or an invisible character",
    ),
    (
        "{url: any}",
        " https://example.com/",
        "it has a backslash, a space or an invisible character",
    ),
    ("{url: any}", "https:/example.com/", "it is not written as `https://host/path`"),
    ("{url: any}", "https:///example.com/", "its host or its port is not one"),
    ("{url: any}", "https://example.com:99999/", "its host or its port is not one"),
    ("{url: any}", "https://example.com:/", "its host or its port is not one"),
    (
        "{url: any}",
        "http://2130706433/",
        "its host is a number that readers take for different addresses",
    ),
    (
        "{url: any}",
        "http://127.1/",
        "its host is a number that readers take for different addresses",
    ),
    (
        "{url: any}",
        "http://0177.0.0.1/",
        "its host is a number that readers take for different addresses",
    ),
    ("{url: any}", "http://0x7f.0.0.1/", "it ends in a number, as no name does"),
    ("{url: any}", "http://[fe80::1%25eth0]/", "its host has a zone"),
    ("{url: any}", "https://ex%61mple.com/", "it has a character that no name has"),
    ("{url: any}", "https://example.com/a/../b", "its path goes up or nowhere with `.` or `..`"),
    (
        "{url: any}",
        "https://example.com/a/%2E%2e/b",
        "its path goes up or nowhere with `.` or `..`",
    ),
    ("{url: any}", "https://example.com/a/..;x/b", "its path goes up or nowhere with `.` or `..`"),
    (
        "{url: any}",
        "https://example.com/a%2fb",
        "its path hides a `/`, a `%` or a control character",
    ),
    (
        "{url: any}",
        "https://example.com/%252e%252e/",
        "its path hides a `/`, a `%` or a control character",
    ),
    ("{url: any}", "https://example.com/%00", "its path hides a `/`, a `%` or a control character"),
    ("{url: any}", "https://example.com/a%", "its path has a `%` that encodes nothing"),
    ("{url: any}", "https://example.com/%ff", "its path is not encoded as UTF-8"),
    ("{url: any}", "https://example.com//x", "its path has an empty segment"),
    (
        "{url: any}",
        "https://example.com/a\uff0f..\uff0fb",
        "its path hides a `/`, a `%` or a control character",
    ),
    (
        "{url: any}",
        "https://example.com/\uff0e\uff0e/b",
        "its path goes up or nowhere with `.` or `..`",
    ),
    ("{url: any}", "https://example.com/..%20/b", "its path goes up or nowhere with `.` or `..`"),
    (
        "{url: 'https://example.com/v1'}",
        "https://example.com/v10",
        "a must be https://example.com/v1 or below it",
    ),
    (
        "{url: 'https://example.com'}",
        "https://example.com.evil.example/",
        "a must be https://example.com/ or below it",
    ),
    (
        "{url: 'https://example.com'}",
        "http://example.com/",
        "a must be https://example.com/ or below it",
    ),
    (
        "{url: 'https://example.com'}",
        "https://example.com:8443/",
        "a must be https://example.com/ or below it",
    ),
    (
        "{url: 'https://example.com'}",
        "https://www.example.com/",
        "a must be https://example.com/ or below it",
    ),
    (
        "{url: 'https://example.com/Docs'}",
        "https://example.com/docs",
        "a must be https://example.com/Docs or below it",
    ),
    ("{path_under: /srv/a}", "/srv/a/../b", "a must be a path, and it goes up with `..`"),
    ("{path_under: /srv/a}", "/srv/ab", "a must be in /srv/a"),
    ("{path_under: /srv/a}", "srv/a", "a must be in /srv/a"),
    ("{path_under: srv}", "/srv", "a must be in srv"),
    ("{path_under: /srv/a}", "//srv/a", "it begins with `//` or `~`"),
    ("{path_under: /srv/a}", "/srv/a\x00.txt", "it has a backslash or a control character"),
    ("{path_under: /srv/a}", "/srv/a/%2e%2e/b", "it has a percent-encoded character"),
    ("{path_under: /srv/a}", "C:/srv/a", "it begins with a drive letter or a scheme"),
    ("{path_under: /srv/a}", "\\srv\\a", "it has a backslash or a control character"),
    ("{path_under: /srv/a}", "~/a", "it begins with `//` or `~`"),
    (
        "{path_under: /srv/a}",
        "/srv/a/\uff0e\uff0e/b",
        "it has a character that some readers take for `.` or `/`",
    ),
    (
        "{path_under: /srv/a}",
        "/srv/a/x\uff0fy",
        "it has a character that some readers take for `.` or `/`",
    ),
    (
        "{path_under: /srv/a}",
        "/srv/a/\u2025/b",
        "it has a character that some readers take for `.` or `/`",
    ),
    ("{path_under: /srv/a}", "", "it is empty or too long"),
    ("{path_under: /srv/a}", None, "a must be a path, written as text"),
    ('{starts_with: "Re: "}', "re: x", 'a must start with "Re: "'),
    ('{starts_with: "Re: "}', ["Re: "], "a must be text"),
    ("{max_length: 2}", "abc", "a is longer than 2 characters"),
    ("{only: [a]}", ["a", "b"], "a may only hold a"),
    ("{only: [a]}", "a", "a must be a list"),
    ("{only: ['1']}", [1], "a may only hold 1"),
    ("{at_most: 2 items}", [1, 2, 3], "a has 3 items, and that is above 2 items"),
    ("{at_most: 2 items}", "ab", "a must be a list"),
    ("{at_most: 2 items}", {"a": 1}, "a must be a list"),
    ("{at_least: 1 items}", [], "a has 0 items, and that is below 1 item"),
    (
        "{each: {email: '@example.com'}}",
        ["ann@example.com", "eve@evil.example"],
        "item 2 of a must be an address at example.com",
    ),
    ("{each: {at_most: 5}}", [1, [2]], "item 2 of a must be a number"),
    ("{each: {at_most: 5}}", 1, "a must be a list"),
    ("{is: x}", "y", "a must be x"),
    ("{is: true}", 1, "a must be true"),
    ("{is: false}", None, "a must be false"),
    ("{is: 2026-01-31}", "2026-02-28", "a must be 2026-01-31"),
    ("{is: 5.00 EUR}", "5.00 USD", "a must be 5.00 EUR"),
    ("{is: 5.00 EUR}", "4.99 EUR", "a must be 5.00 EUR"),
    ("{one_of: [x, 5, false]}", "y", "a must be one of x, 5, false"),
    ("{one_of: [x, task.own]}", "y", "a must be one of x, task.own"),
    ("{is: task.own}", "bob@example.com", "a must be the task's own own"),
    ("{only: [x, task.own]}", ["x", None], "a may only hold x, task.own"),
    ("absent", "x", "a must be left out"),
    ("{at_least: 5}", 4, "a 4 is below 5"),
    ("{above: 5}", 5, "a 5 is not above 5"),
    ("{below: 5}", 5, "a 5 is not below 5"),
    ("{below: 5}", True, "a must be a number"),
    ("{below: 5.00 EUR}", 5, "a 5.00 EUR is not below 5.00 EUR"),
    ("{below: 5.00 EUR}", "5 EUR", "a 5.00 EUR is not below 5.00 EUR"),
    ("{below: 5.00 EUR}", Decimal("5.1"), "a 5.10 EUR is not below 5.00 EUR"),
    ("{at_most: 5}", Decimal("5.1"), "a 5.1 is above 5"),
    ("{at_most: 1 items}", [1, 2], "a has 2 items, and that is above 1 item"),
    ("{above: 2026-01-01}", 20260102, "a must be a date written as YYYY-MM-DD"),
    ("{max_length: 2}", ["a"], "a must be text"),
    ("{starts_with: re}", "r", 'a must start with "re"'),
]

UNREADABLE = {
    "domain": "a must be a domain name, and ",
    "email": "a must be one e-mail address, and ",
    "url": "a must be a web address, and ",
    "path_under": "a must be a path, and ",
}
"""What stands before why a text cannot be read."""


@pytest.mark.parametrize("said,value,reason", REASONS)
def test_what_does_not_fit_is_refused_in_words(said: str, value: Json, reason: str) -> None:
    """With the bound as its owner wrote it, and never the text that was proposed."""
    found = why(said, value)
    word = said.removeprefix("{").partition(":")[0]
    assert found in {reason, f"{UNREADABLE.get(word, '')}{reason}"}
    if isinstance(value, str) and len(value) > len("2026-01-01T12:00:00-01:00"):
        assert value not in found


def test_a_task_that_has_no_such_input_is_told_so() -> None:
    """Null is no value, so nothing is the task's own."""
    for value in ("ann@example.com", None):
        for inputs in ({}, {"own": None}):
            assert why("{is: task.own}", value, inputs) == (
                "a must be the task's own own, and the task has none"
            )
    assert why("{one_of: [x, task.own]}", None, {}) == "a must be one of x, task.own"


@pytest.mark.parametrize(
    "value, told",
    [
        (2**90 - 1, "1237940039285380274899124223"),
        (2**90, "(a very large number)"),
        (Decimal("1E+29"), "100000000000000000000000000000"),
        (Decimal("1E+30"), "(a very long number)"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E-28"), "0.0000000000000000000000000001"),
        (Decimal("1E-29"), "(a very long number)"),
        (Decimal("1E+999999"), "(a very long number)"),
        (Decimal("1E+999999999999999999"), "(a very long number)"),
        (Decimal("0.1234567890123456789012345678"), "0.1234567890123456789012345678"),
        (Decimal("0.12345678901234567890123456789"), "(a very long number)"),
        (Decimal("7.125"), "7.125"),
    ],
)
def test_a_number_is_shown_whole_or_not_at_all(value: Json, told: str) -> None:
    """Thirty characters are read by nobody, and half a number is another one."""
    above = value > 1 if isinstance(value, (int, Decimal)) else False
    said, word = ("{at_most: -1}", "above -1") if above else ("{at_least: 1}", "below 1")
    assert why(said, value) == f"a {told} is {word}"


@pytest.mark.parametrize(
    "value, told",
    [
        (6, "6.00"),
        (Decimal("6.1"), "6.10"),
        (Decimal("6.12"), "6.12"),
        (Decimal("6.125"), "6.125"),
        (Decimal("6E+1"), "60.00"),
    ],
)
def test_an_amount_is_shown_with_two_decimals_at_least(value: Json, told: str) -> None:
    """And with every further one that it has."""
    assert why("{at_most: 5.00 EUR}", value) == f"a {told} EUR is above 5.00 EUR"


UNBOUND = [one for one in Operator if one in {*RANGES, Operator.MAX_LENGTH, Operator.STARTS_WITH}]


@pytest.mark.parametrize("operator", UNBOUND)
@pytest.mark.parametrize("value", ["", "2026-01-01", "x", 0, 1, 2])
def test_a_constraint_without_its_bound_is_met_by_nothing(operator: Operator, value: Json) -> None:
    """No file can say it, and whatever did opens no door."""
    assert unmet("a", Constraint(operator=operator), value, {}).startswith("a must be ")


@pytest.mark.parametrize(
    "value, expected",
    [
        ([], "a must hold an item that fits"),
        (["x", 5, 9], "a must hold an item that fits"),
        (["x", 6], ""),
        (6, "a must be a list"),
    ],
)
def test_some_item_must_fit_wherever_that_is_asked(value: Json, expected: str) -> None:
    """A file says it under `never` alone; a program that asks it elsewhere is answered alike."""
    ends = ((Operator.ABOVE, 5), (Operator.BELOW, 8))
    inner = tuple(Constraint(operator=one, bounds=(bound,)) for one, bound in ends)
    assert unmet("a", Constraint(operator=Operator.SOME, inner=inner), value, {}) == expected


@pytest.mark.parametrize(
    "value, sort",
    [
        (None, "null"),
        (True, "truth"),
        (1, "number"),
        (Decimal("1.5"), "number"),
        ("", "text"),
        (Decimal("NaN"), "other"),
        (Decimal("Infinity"), "other"),
        ([], "other"),
        ({}, "other"),
    ],
)
def test_each_value_is_of_one_sort(value: Json, sort: str) -> None:
    """What is no finite number, no text and no truth value compares with nothing."""
    assert sort_of(value) == sort
    assert is_number(value) is (sort == "number")


SORTS: list[Json] = [None, True, False, 1, 0, "", "1", "True", []]


def test_values_of_two_sorts_are_never_the_same() -> None:
    """Python says `True == 1` and `Decimal(50) == 50`; here only the second is so."""
    alike = [(one, other) for one in SORTS for other in SORTS if same(one, other)]
    assert alike == [(one, one) for one in SORTS if one != []]
    assert same(50, Decimal("50.00"))
    for one in (Decimal("NaN"), Decimal("sNaN")):
        assert not any(same(one, other) or same(other, one) for other in (one, *SORTS))


def test_bounds_are_listed_as_their_owner_wrote_them() -> None:
    """Truth values as YAML has them, dates as the calendar."""
    bounds = (True, False, 5, "x", date(2026, 1, 31), TaskInput("own"))
    assert listed(bounds) == "true, false, 5, x, 2026-01-31, task.own"


NEVERS: list[tuple[str, list[Json], list[Json]]] = [
    (
        "{domain: evil.example}",
        ["evil.example", "EVIL.example", "evil.example.", 5, None, ["evil.example"]],
        ["fine.example", "a.evil.example"],
    ),
    (
        "{email: boss@example.com}",
        ["boss@example.com", "BOSS@example.com", "boss+x@example.com", "Boss <boss@example.com>"],
        ["ann@example.com", "boss@example.org"],
    ),
    ("{email: '@evil.example'}", ["x@evil.example", "x@EVIL.example", ""], ["x@fine.example"]),
    (
        "{url: 'https://example.com/admin'}",
        [
            "https://example.com/admin",
            "https://example.com/ADMIN/x",
            "https://example.com/admin;v=1/x",
            "https://example.com/a/../admin",
            "https://example.com/%61dmin",
        ],
        ["https://example.com/administrator", "https://example.org/admin"],
    ),
    (
        "{path_under: /srv/secret}",
        ["/srv/secret/x", "/srv/SECRET/x", "/srv/x/../secret", "secret", "/srv/secret. /x"],
        ["/srv/secrets", "/srv/open"],
    ),
    ("{starts_with: rm}", ["rm x", 5, ["rm"]], ["ls", "RM"]),
    ("{above: 5.00 EUR}", [6, "6 EUR", "6 USD", "six", {"amount": 6}], [5, "4.99 EUR"]),
    ("{at_least: 2026-01-01T00:00:00Z}", ["2026-01-01", "soon"], ["2025-12-31T23:59:59Z"]),
    ("{above: 2 items}", [[1, 2, 3], "abc", None], [[1, 2], []]),
    (
        "{some: {email: '@evil.example'}}",
        [["a@fine.example", "b@evil.example"], ["?"], "b@evil.example", 5],
        [[], ["a@fine.example"]],
    ),
    ("{some: {one_of: [x, z]}}", [["a", "x"], [5]], [["a"], []]),
    ("{email: task.own}", ["ANN@example.com"], ["bob@example.com"]),
    ("{is: x}", ["x", 5, None, True, ["x"]], ["y", "X"]),
    ("{is: 5}", [5, Decimal("5.0"), "5", True, None], [6]),
    ("{is: true}", [True, 1, "true", None], [False]),
    ("{is: 2026-01-31}", ["2026-01-31", 20260131], ["2026-02-28"]),
    ("{one_of: [x, 5]}", ["x", 5, True, None], ["y", 6]),
    ("{one_of: [5, x]}", ["x", 5, True, None], ["y", 6]),
    ("{is: 5.00 EUR}", ["5 EUR", 5, "five", True, {"amount": 5}], ["5 USD", 6, "4.99 EUR"]),
    ("{one_of: [5.00 EUR, x]}", ["5 EUR", "x", "y", None], ["6 EUR", 6]),
    ("{one_of: [x, 5.00 EUR]}", ["5 EUR", "x", "y", None], ["6 EUR", 6]),
    ("{is: task.own}", ["ann@example.com", 5, None], ["bob@example.com"]),
    ("{above: 2026-01-01}", ["2026-01-02", "soon", 20260102], ["2026-01-01"]),
    ("{above: 5}", [6, "6", True, None, Decimal("NaN")], [5, Decimal("4.9")]),
    ("{max_length: 2}", ["ab", 5, None], ["abc"]),
    ("{some: {starts_with: x}}", [["a", "xa"], [5]], [["a"], []]),
    ("{some: {above: 5, below: 8}}", [[9, 6], ["6"], 6], [[9, 4], [8]]),
]


@pytest.mark.parametrize("said,hit,missed", NEVERS)
def test_never_holds_for_what_may_be_meant(said: str, hit: list[Json], missed: list[Json]) -> None:
    """What cannot be parsed, or may be delivered alike, is forbidden too."""
    assert [forbidden(said, value) for value in hit] == [True] * len(hit)
    assert [forbidden(said, value) for value in missed] == [False] * len(missed)


@pytest.mark.parametrize(
    "operator, hit, missed",
    [
        (Operator.EACH, [[], ["x"], ["x", 5], "x"], [["y"], ["x", "y"]]),
        (Operator.ONLY, [[], ["x"], ["x", 5], "x"], [["y"], ["x", "y"]]),
    ],
)
def test_never_of_whole_lists_holds_where_every_item_may_be_meant(
    operator: Operator, hit: list[Json], missed: list[Json]
) -> None:
    """No file says it, since one harmless item would excuse the rest; what it means is clear."""
    one = Constraint(
        operator=operator,
        bounds=("x",) if operator is Operator.ONLY else (),
        inner=(Constraint(operator=Operator.IS, bounds=("x",)),),
    )
    assert [may_hold(one, value, {}) for value in hit] == [True] * len(hit)
    assert [may_hold(one, value, {}) for value in missed] == [False] * len(missed)


def test_never_by_an_input_that_the_task_lacks_holds() -> None:
    """Which value is forbidden cannot be told."""
    for said in ("{is: task.own}", "{one_of: [x, task.own]}"):
        for inputs in ({}, {"own": None}):
            assert forbidden(said, "y", inputs)


def test_never_by_an_input_that_is_no_such_text_holds() -> None:
    """Whose address it is cannot be told."""
    for own in (None, 5, "not an address", "@example.com"):
        assert forbidden("{email: task.own}", "ann@example.com", {"own": own})


@pytest.mark.parametrize("own", [None, 5, "", "@example.com", "under example.com", "any"])
def test_an_input_stands_for_one_thing_only(own: Json) -> None:
    """A requester's words cannot widen a bound to a whole domain."""
    for value in ("ann@example.com", "ann@mail.example.com"):
        assert why("{email: task.own}", value, {"own": own})


@pytest.mark.parametrize("own", ["/", ".", "", "/srv/.."])
def test_an_input_is_never_a_whole_drive(own: str) -> None:
    """Roots are refused wherever they come from."""
    assert why("{path_under: task.own}", "/srv/x", {"own": own})


# Spellings of one thing, each made from the plainest by what nobody would call a change.
@given(st.sampled_from(["example.com", "a.example.com", "b.example.org"]), st.data())
def test_capitals_in_a_domain_decide_nothing(name: str, data: st.DataObject) -> None:
    """DNS compares without regard to case, and so do we, in all three places."""
    turned = "".join(data.draw(st.sampled_from([one, one.upper()])) for one in name)
    for said in ("{domain: example.com}", "{domain: under example.com}"):
        assert bool(why(said, name)) is bool(why(said, turned))
    for said in ("{email: '@example.com'}", "{email: [x@b.example.org, under example.com]}"):
        assert bool(why(said, f"x@{name}")) is bool(why(said, f"x@{turned}"))
    said = "{url: 'https://example.com/a'}"
    assert bool(why(said, f"https://{name}/a")) is bool(why(said, f"HTTPS://{turned}:443/a"))


@given(st.sampled_from(["docs", "doc", "docs/a b", "docs/é", "x"]), st.data())
def test_percent_encoding_decides_nothing(path: str, data: st.DataObject) -> None:
    """A letter and its encoding are one."""
    spelt = "/".join(
        "".join(
            data.draw(st.sampled_from([quote(one), "".join(f"%{b:02x}" for b in one.encode())]))
            for one in part
        )
        for part in path.split("/")
    )
    said = "{url: ['https://example.com/docs/a%20b', 'https://example.com/docs/%C3%A9']}"
    plain = why(said, f"https://example.com/{quote(path)}")
    assert bool(why(said, f"https://example.com/{spelt}")) is bool(plain)


@given(st.lists(st.sampled_from(["", ".", "srv", "a", "b"]), max_size=5))
def test_empty_and_single_dotted_parts_of_a_path_decide_nothing(parts: list[str]) -> None:
    """`/srv//a/./b` is `/srv/a/b`."""
    plain = [part for part in parts if part not in {"", "."}]
    spelt = why("{path_under: /srv/a}", "/".join(["", "srv", *parts]))
    assert bool(spelt) is bool(why("{path_under: /srv/a}", "/".join(["", "srv", *plain])))


@given(st.decimals(-10, 10, places=3), st.sampled_from(["EUR", "USD"]))
def test_ways_to_state_an_amount_decide_alike(number: Decimal, currency: str) -> None:
    """As a text, as an object, as a number where the currency is the bound's."""
    said = f"{{above: 2.00 {currency}, at_most: 5.00 {currency}}}"
    stated: JsonObject = {"amount": number, "currency": currency}
    spelt: list[Json] = [f"{number:f} {currency}", stated, number]
    assert len({bool(why(said, one)) for one in spelt}) == 1


@given(st.integers(-12, 12), st.integers(0, 59))
def test_a_moment_is_one_in_every_zone(hours: int, minutes: int) -> None:
    """12:00 in one place is 14:00 in another."""
    noon = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    zone = timezone(timedelta(hours=hours, minutes=minutes))
    for step, holds in ((-1, True), (0, True), (1, False)):
        spelt = (noon + timedelta(microseconds=step)).astimezone(zone).isoformat()
        assert (not why("{at_most: 2026-01-01T12:00:00Z}", spelt)) is holds


TIGHTER = [
    ("{at_most: 4.99 EUR}", "{at_most: 5.00 EUR}"),
    ("{below: 5.00 EUR}", "{at_most: 5.00 EUR}"),
    ("{at_least: 2, at_most: 5}", "{at_least: 1, at_most: 6}"),
    ("{above: 2026-01-02}", "{above: 2026-01-01}"),
    ("{below: 2026-01-01T12:00:00Z}", "{at_most: 2026-01-01T12:00:00Z}"),
    ("{is: a}", "{one_of: [a, b]}"),
    ("{domain: example.com}", "{domain: [example.com, under example.com]}"),
    ("{domain: under a.example.com}", "{domain: under example.com}"),
    ("{domain: example.com}", "{domain: any}"),
    ("{email: ann@example.com}", "{email: '@example.com'}"),
    ("{email: '@example.com'}", "{email: any}"),
    ("{email: '@a.example.com'}", "{email: under example.com}"),
    ("{email: any, max_length: 15}", "{email: any}"),
    ("{url: 'https://example.com/docs/a'}", "{url: 'https://example.com/docs'}"),
    ("{url: 'https://example.com/docs'}", "{url: any}"),
    ("{path_under: /srv/a}", "{path_under: /srv}"),
    ("{path_under: srv}", "{path_under: [srv, b]}"),
    ("{starts_with: ann}", "{starts_with: a}"),
    ("{max_length: 3}", "{max_length: 12}"),
    ("{only: [a]}", "{only: [a, b]}"),
    ("{at_most: 1 items}", "{at_most: 2 items}"),
    ("{each: {email: '@example.com'}, at_most: 2 items}", "{each: {email: '@example.com'}}"),
    ("{each: {email: '@example.com'}}", "{each: {email: any}}"),
    *((said, "any") for said in SAID),
]


@pytest.mark.parametrize("tight,loose", TIGHTER)
def test_a_tighter_line_lets_nothing_more_through(tight: str, loose: str) -> None:
    """What the tighter one lets happen, the looser one did too."""
    widened = [one for one in OFFERED if not why(tight, one) and why(loose, one)]
    assert widened == []


OF_ITEMS = ("each", "only")


@pytest.mark.parametrize(
    "tight,loose", [pair for pair in TIGHTER if not any(word in pair[0] for word in OF_ITEMS)]
)
def test_a_never_of_a_looser_line_forbids_whatever_the_tighter_forbids(
    tight: str, loose: str
) -> None:
    """For what is forbidden, the looser line is the stricter one."""
    lost = [one for one in OFFERED if forbidden(tight, one) and not forbidden(loose, one)]
    assert lost == []


@given(st.sampled_from(SAID), st.sampled_from(ITEMS))
def test_never_holds_wherever_only_would(said: str, value: Json) -> None:
    """For one and the same line, what fits is forbidden: the careful reading loses nothing."""
    for one in constraints(said):
        if not unmet("a", one, value, INPUTS):
            assert may_hold(one, value, INPUTS)


json_values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.text(max_size=20)
    | st.sampled_from(ITEMS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(SAID), json_values, json_values)
def test_every_constraint_answers_whatever_json_arrives(said: str, value: Json, own: Json) -> None:
    """Never an exception, whether it is asked to hold or to forbid."""
    for one in constraints(said):
        assert isinstance(unmet("a", one, value, {"own": own}), str)
        assert isinstance(may_hold(one, value, {"own": own}), bool)


@given(st.sampled_from(SAID), st.text(min_size=12))
def test_no_proposed_text_is_in_a_reason(said: str, text: str) -> None:
    """Text of an agent reaches no person through a reason, alone or in a list."""
    values: list[Json] = [text, [text], {"amount": text, "currency": text}]
    for value in values:
        assert text not in why(said, value)


def test_every_operator_is_tried_here() -> None:
    """Whoever adds a word adds its cases."""
    tried = {one.operator for said in SAID for one in constraints(said)}
    assert tried | {Operator.SOME, Operator.ABSENT} == set(Operator)


@pytest.mark.parametrize(
    "said",
    ["{domain: any}", "{email: any}", "{url: any}", "{path_under: srv}", "{above: 5.00 EUR}"],
)
@pytest.mark.parametrize("filler", ["a", "a.", "%61", "../", "1", "@", "\u0430", "xn--", "[", ":"])
def test_long_texts_are_told_without_backtracking(said: str, filler: str) -> None:
    """A million characters of anything are answered, since sizes are looked at first."""
    for text in (filler * 100_000, "https://" + filler * 100_000, "a@" + filler * 100_000):
        assert why(said, text)


@pytest.mark.parametrize(
    "said",
    [
        "{at_most: 2027-01-31T12:00:00}",
        "{at_most: 12:30:00Z}",
        "{at_most: 1000000 items}",
        "{at_most: -1 items}",
        "{at_most: 50 EURO}",
        "{at_most: EUR 50}",
        "{domain: 5}",
        "{domain: []}",
        "{domain: {is: x}}",
        "{email: [any]}",
        "{url: 'ftp://example.com'}",
        "{url: task.other}",
        "{path_under: ~}",
        "{starts_with: ''}",
        "{starts_with: task.own}",
        "{only: []}",
        "{only: ['*']}",
        "{only: a}",
        "{each: any}",
        "{each: {optional: true}}",
        "{each: {each: {is: a}}}",
        "{each: {any: true}}",
        "{some: {is: a}}",
        "{email: any, domain: any}",
        "{email: any, at_most: 5}",
        "{only: [a], max_length: 5}",
        "{is: a, email: any}",
    ],
)
def test_a_line_that_says_nothing_clear_is_refused(said: str) -> None:
    """With a place and what to write."""
    found = problems_of(one_tool(f"only: {{a: {said}}}"))
    assert found
    assert all(one.line == 12 and one.column > 0 and one.what and one.fix for one in found)


ADVISED: JsonObject = {
    "equals": "`is`",
    "max": "`at_most`",
    "prefix": "`starts_with`",
    "suffix": "`domain` or `email`",
    "regex": "no patterns",
    "not": "`never`",
    "at_mots": "did you mean `at_most`?",
    "emial": "did you mean `email`?",
    "path_undr": "did you mean `path_under`?",
    "start_with": "did you mean `starts_with`?",
}


@pytest.mark.parametrize("word", ADVISED)
def test_a_word_of_another_language_is_translated(word: str) -> None:
    """Whoever knows another tool's word is told ours."""
    (found,) = problems_of(one_tool(f"only: {{a: {{{word}: x}}}}"))
    assert str(ADVISED[word]) in found.fix
