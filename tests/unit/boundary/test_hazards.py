"""Mistakes that were found in engines and policies in use: none of them is one of ours.

Each is a call that some other way of writing authority lets through, or a `never` that it skips.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.errors import SallyportError
from sallyport.model import Json, JsonObject, Verdict
from sallyport.rules import strict_json
from sallyport.rules.boundary.problems import Problem
from tests.requirements import requirement
from tests.unit.boundary.examples import problems_of, ruled, tool, verdict
from tests.unit.boundary.gallery import one_tool


def passes(only: str, args: JsonObject, *, never: str = "") -> bool:
    """Return whether a call gets through a rule with these lines."""
    forbids = f"\nallow: [{{}}]\nnever: [{{args: {never}}}]" if never else ""
    return verdict(ruled(tool(f"only: {only}{forbids}"), args)) in {None, Verdict.ALLOW}


def refused(line: str) -> tuple[Problem, ...]:
    """Return what is wrong with a line about the argument `a`."""
    return problems_of(one_tool(f"only: {{a: {line}}}"))


# Engines measured side by side.


@pytest.mark.parametrize("risk", [None, 5, ["high"], {"is": "high"}, True])
def test_a_forbid_that_cannot_be_evaluated_is_not_skipped(risk: Json) -> None:
    """An engine that drops the failing `forbid` answers *allow*."""
    assert not passes("{risk: any}", {"risk": risk}, never="{risk: {is: high}}")
    assert not passes("{risk: any}", {"risk": risk}, never="{risk: {starts_with: hi}}")
    assert not passes("{risk: any}", {"risk": risk}, never="{risk: {email: any}}")


def test_a_forbidden_argument_that_is_absent_leaves_the_other_checks_standing() -> None:
    """A missing attribute is neither an error that allows nor a match that forbids."""
    assert not passes("{risk: any}", {}, never="{risk: {is: high}}")


@pytest.mark.parametrize("amount", ["12.123456", "500.00004", "500.000000000000000000001"])
def test_an_amount_is_never_rounded_to_fit(amount: str) -> None:
    """A type of four places lets 500.00004 pass as 500."""
    for line in ("{at_most: 500.00 EUR}", "{at_most: 12.1234}"):
        over = Decimal(amount) > Decimal(
            line.removeprefix("{at_most: ").split(" ", 1)[0].rstrip("}")
        )
        assert passes(f"{{a: {line}}}", {"a": Decimal(amount)}) is not over


@pytest.mark.parametrize("amount", [10**18, -(10**18), 2**63, 2**64 + 1])
def test_a_large_number_overflows_into_nothing(amount: int) -> None:
    """Neither allowed by wrapping around, nor an error that skips a `never`."""
    assert passes("{a: {at_most: 5}}", {"a": amount}) is (amount < 0)
    assert passes("{a: any}", {"a": amount}, never="{a: {above: 5}}") is (amount < 0)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), True])
def test_what_compares_with_nothing_is_within_no_bound(number: Json) -> None:
    """`not (nan > 500)` holds, and `True <= 500` too."""
    for line in ("{at_most: 500}", "{below: 500.00 EUR}", "{at_least: 0}", "{each: {at_most: 1}}"):
        assert not passes(f"{{a: {line}}}", {"a": number})
    assert not passes("{a: any}", {"a": number}, never="{a: {above: 500}}")


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '"\\ud800"', '{"a":1,"a":2}'])
def test_what_two_readers_of_json_read_differently_never_arrives(text: str) -> None:
    """Refused where bytes become values, before any constraint is asked."""
    with pytest.raises(SallyportError):
        strict_json.loads(text.encode(), bytes_max=1000, depth_max=5)


def test_a_missing_argument_absorbs_no_error() -> None:
    """`missing == "x" || true` is true elsewhere; here what is not optional is required."""
    assert not passes("{a: {one_of: [x, b]}, b: any}", {"b": 1})


# Validators measured side by side.


@pytest.mark.parametrize("text", ["ann@example.com\n", "ann@example.com\r", "\nann@example.com"])
def test_a_line_break_ends_no_comparison(text: str) -> None:
    """A `$` in a pattern matches before a final line break."""
    for line in ("{email: '@example.com'}", "{email: any}", "{is: ann@example.com}"):
        assert not passes(f"{{a: {line}}}", {"a": text})
    assert not passes("{a: {domain: example.com}}", {"a": "example.com\n"})
    assert not passes("{a: {url: 'https://example.com'}}", {"a": "https://example.com\n"})
    assert not passes("{a: {path_under: /srv}}", {"a": "/srv/x\n"})
    assert not passes("{a: {above: 1.00 EUR}}", {"a": "2 EUR\n"})
    assert not passes("{a: {above: 2026-01-01}}", {"a": "2026-01-02\n"})


# Policies in use.


def test_a_text_is_compared_to_its_end() -> None:
    """A match at the beginning is not equality."""
    assert not passes("{a: {is: admin}}", {"a": "administrator"})
    assert not passes("{a: {one_of: [open, shut]}}", {"a": "opened"})


def test_a_restriction_is_not_skipped_for_an_argument_that_is_left_out() -> None:
    """`if name in arguments` around a check is a way around the check."""
    assert not passes("{to: {email: '@example.com'}, body: any}", {"body": "x"})


def test_what_ends_like_our_domain_is_not_ours() -> None:
    """`endsWith("acme.com")` is true for `evilacme.com`; there is no word for it."""
    for to in ("eve@evilexample.com", "eve@example.com.evil.example", "eve@mail.example.com"):
        assert not passes("{to: {email: '@example.com'}}", {"to": to})
    for word in ("ends_with", "suffix"):
        assert "`domain` or `email`" in refused(f"{{{word}: example.com}}")[0].fix


def test_an_address_prefix_stops_at_its_border() -> None:
    """`https://api.example.com` as a prefix lets `https://api.example.com.evil.example` through."""
    line = "{a: {url: 'https://api.example.com'}}"
    assert passes(line, {"a": "https://api.example.com/v1"})
    assert not passes(line, {"a": "https://api.example.com.evil.example/v1"})
    assert not passes(line, {"a": "https://api.example.com@evil.example/v1"})
    assert refused("{starts_with: 'https://api.example.com'}")[0].fix == "write `url`"


@pytest.mark.parametrize("word", ["regex", "pattern", "matches", "like", "glob"])
def test_there_are_no_patterns_to_get_wrong(word: str) -> None:
    """`.*@[^ourcompany.com$].*` is a class of characters, and its author did not know."""
    (problem,) = refused(f"{{{word}: '.*@[^example.com$].*'}}")
    assert problem.code == "boundary.unknown_word"
    assert "no patterns" in problem.fix


@requirement("A-101")
@pytest.mark.parametrize(
    "line",
    [
        '{is: "*"}',
        '{one_of: [a, "*"]}',
        '{only: ["*"]}',
        '{domain: "*"}',
        '{domain: "*.example.com"}',
        '{email: "*@example.com"}',
        '{url: "https://*.example.com/"}',
        '{url: "https://example.com/*"}',
        '{path_under: "/srv/*"}',
        '{starts_with: "*"}',
    ],
)
def test_a_star_grants_nothing(line: str) -> None:
    """A wildcard is refused when it is written, with what to write in its place."""
    (problem,) = refused(line)
    assert problem.code == "boundary.wildcard"
    assert problem.fix


@requirement("B-59")
@pytest.mark.parametrize("root", ["/", "//", ".", "./", "/.", "~", "/..", "..", "C:/", "c:\\\\"])
def test_a_whole_drive_is_no_folder(root: str) -> None:
    """Members are named; the root of everything is not a name."""
    assert [one.code for one in refused(f'{{path_under: "{root}"}}')] == ["boundary.bad_bound"]


@requirement("B-71")
@pytest.mark.parametrize(
    "args,through",
    [
        ({"table": "tickets", "fields": ["status"], "from": "https://desk.example.com/t"}, True),
        ({"table": "people", "fields": ["status"], "from": "https://desk.example.com/t"}, False),
        ({"table": "tickets", "fields": ["salary"], "from": "https://desk.example.com/t"}, False),
        (
            {
                "table": "tickets",
                "fields": ["status", "salary"],
                "from": "https://desk.example.com/t",
            },
            False,
        ),
        ({"table": "tickets", "fields": ["status"], "from": "https://crm.example.com/t"}, False),
        ({"table": "tickets", "fields": ["status"], "from": "https://desk.example.com/u"}, False),
        ({"table": "tickets", "fields": [], "from": "https://desk.example.com/t"}, False),
        ({"table": "tickets", "from": "https://desk.example.com/t"}, False),
    ],
)
def test_record_types_fields_and_source_systems_are_those_that_are_named(
    args: JsonObject, *, through: bool
) -> None:
    """A field more, another kind of record or another system: each refuses the whole call."""
    only = (
        "{table: {one_of: [tickets, comments]}, "
        "fields: {only: [status, title], at_least: 1 items}, "
        "from: {url: 'https://desk.example.com/t'}}"
    )
    assert passes(only, args) is through
