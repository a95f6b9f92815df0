"""Which test of a text implies which other, and how each is named."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from sallyport.model import Constraint, Money, Operator
from sallyport.rules.proof.formula import NO, Compare, Number, Truth, holds_in
from sallyport.rules.proof.subjects import NULL, TEXT, Texts, World, covers, spelled
from tests.unit.boundary.examples import tool


def said(line: str) -> Constraint:
    """Return the one test that a line says."""
    (one,) = tool(f"only: {{x: {{{line}}}}}").only["x"].constraints
    return one


ANY_DOMAIN = Constraint(operator=Operator.DOMAIN)


@pytest.mark.parametrize(
    "wide, narrow, is_so",
    [
        ("max_length: 9", "max_length: 8", True),
        ("max_length: 9", "max_length: 10", False),
        ("max_length: 9", "max_length: 9", False),
        ("starts_with: ab", "starts_with: abc", True),
        ("starts_with: ab", "starts_with: a", False),
        ("starts_with: '9'", "max_length: 9", False),
        ("domain: any", "domain: example.com", True),
        ("domain: example.com", "domain: any", False),
        ("domain: any", "email: ann@example.com", False),
        ("domain: example.com", "domain: other.example", False),
        ("domain: under example.com", "domain: a.example.com", True),
        ("domain: under example.com", "domain: example.com", False),
        ("domain: under example.com", "domain: under a.example.com", True),
        ("domain: under a.example.com", "domain: under example.com", False),
        ("domain: a.example.com", "domain: under example.com", False),
        ("domain: a.example.com", "domain: under a.example.com", False),
        ("email: '@example.com'", "email: ann@example.com", True),
        ("email: ann@example.com", "email: '@example.com'", False),
        ("email: bob@example.com", "email: ann@example.com", False),
        ("email: '@example.org'", "email: ann@example.com", False),
        ("email: under example.com", "email: ann@a.example.com", True),
        ("email: under example.com", "email: under a.example.com", True),
        ("email: under example.com", "email: '@a.example.com'", True),
        ("email: under example.com", "email: '@example.com'", False),
        ("url: 'https://example.com/'", "url: 'https://example.com/a'", True),
        ("url: 'https://example.com/a'", "url: 'https://example.com/a/b'", True),
        ("url: 'https://example.com/a'", "url: 'https://example.com/b/a'", False),
        ("url: 'https://example.com/a'", "url: 'http://example.com/a/b'", False),
        ("url: 'https://example.com/a'", "url: 'http://example.com:443/a/b'", False),
        ("url: 'https://example.com/a'", "url: 'https://example.com:8443/a/b'", False),
        ("url: 'https://example.com/a'", "url: 'https://example.org/a/b'", False),
        ("url: 'https://example.com/a/b'", "url: 'https://example.com/a'", False),
        ("path_under: /srv", "path_under: /srv/a", True),
        ("path_under: /srv/a", "path_under: /srv", False),
        ("path_under: /srv", "path_under: srv/a", False),
        ("path_under: srv", "path_under: srv/a", True),
        ("path_under: /srv", "path_under: /other/srv", False),
        ("domain: task.own", "domain: example.com", False),
        ("domain: example.com", "domain: task.own", False),
        ("domain: any", "domain: task.own", True),
    ],
)
def test_a_test_covers_another_only_where_that_is_certain(
    wide: str, narrow: str, *, is_so: bool
) -> None:
    """Whatever passes the narrow one passes the wide one, by what both name."""
    assert covers(said(wide), said(narrow)) is is_so
    assert not covers(said(wide), said(wide))


def test_the_same_domain_under_another_spelling_of_its_bounds_is_covered() -> None:
    """Below the same domain is below it."""
    both = Constraint(operator=Operator.DOMAIN, bounds=said("domain: under example.com").bounds)
    two = replace_bounds(both)

    assert not covers(ANY_DOMAIN, Constraint(operator=Operator.DOMAIN))
    assert covers(both, two)


def replace_bounds(one: Constraint) -> Constraint:
    """Return the same test with a second bound beside the first."""
    return Constraint(operator=one.operator, bounds=(*one.bounds, *one.bounds))


@pytest.mark.parametrize(
    "line, name",
    [
        ("is: '1'", "is[\"str '1'\"][]"),
        ("is: 1", 'is["int 1"][]'),
        ("is: true", 'is["bool True"][]'),
        ("max_length: 9", 'max_length["int 9"][]'),
        ("one_of: [a, 2.50]", "one_of[\"str 'a'\",\"Decimal Decimal('2.50')\"][]"),
        (
            "each: {max_length: 3, starts_with: a}",
            'each[][starts_with["str \'a\'"][],max_length["int 3"][]]',
        ),
    ],
)
def test_every_test_has_a_name_of_its_own(line: str, name: str) -> None:
    """One and true and the text of them are three."""
    (one,) = tool(f"only: {{x: {{{line}}}}}").only["x"].constraints

    assert spelled(one) == name


def test_texts_and_currencies_have_numbers_of_their_own() -> None:
    """From one, in the order in which they are named; no currency is none."""
    texts = Texts()

    assert [texts.number(one) for one in ("a", "b", "a", "EUR")] == [1, 2, 1, 3]
    assert texts.currency(Money(Decimal(1), "EUR")) == 4
    assert texts.currency(Money(Decimal(2), "EUR")) == 4
    assert texts.currency(Money(Decimal(1), "")) == 0


def test_what_tells_two_values_apart_is_said_once() -> None:
    """Tests first, then its sort, then the texts that were named."""
    world = World()
    x = world.named("x")
    one = said("max_length: 3")
    x.holds(one)
    x.holds(said("is: a"))

    assert world.named("x") is x
    assert world.input("own") is world.named("task.own")
    assert world.subjects == [x, world.input("own")]
    sort, text = Number("x|sort", whole=True), Number("x|text", whole=True)
    assert world.said_of(x) == [
        Truth(f"x|passes {spelled(one)}"),
        *(Compare(sort, "==", number) for number in range(6)),
        Compare(text, "==", 1),
    ]


def test_what_only_the_evaluator_can_take_for_a_fit_is_a_truth_of_its_own() -> None:
    """It is noted, and whatever fits for certain is among it."""
    world = World()
    x = world.named("x")
    one = said("domain: any")
    may = Truth(f"x|may {spelled(one)}")

    assert x.may_hold(one) == may
    assert list(x.mays) == [one]
    assert not holds_in(world.axioms(), {"x|sort": 3, f"x|passes {spelled(one)}": True})
    assert holds_in(world.axioms(), {"x|sort": 3, f"x|passes {spelled(one)}": True, may.name: True})


def test_a_text_that_is_named_is_the_amount_that_it_reads_as() -> None:
    """Of that currency and no other."""
    world = World()
    world.add(world.named("x").is_listed(("5.00 EUR",)))
    known: dict[str, int | Fraction] = {
        "x|present": True,
        "x|sort": TEXT,
        "x|text": 1,
        "x|is amount": True,
        "x|amount": Fraction(5),
        "x|currency": 2,
    }

    assert holds_in(world.axioms(), known)
    assert world.texts.number("currency EUR") == 2
    for wrong in ({"x|amount": Fraction(4)}, {"x|currency": 1}, {"x|is amount": False}):
        assert not holds_in(world.axioms(), {**known, **wrong})


def test_a_fact_is_nothing_only_where_nothing_is_listed() -> None:
    """And a value that no text, number or truth is like is never one of a list."""
    x = World().named("x")

    assert x.is_listed((None,)) == x.is_sort(NULL)
    assert x.is_listed(([],)) == NO
