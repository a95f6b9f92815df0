"""Templates in proofs: which is certain to be no wider than another, and which texts are tried."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sallyport.model import Json, Template
from sallyport.rules.proof.texts import (
    TEXTS_MAX,
    filled,
    inputs_of,
    is_filled,
    is_narrower,
    own,
)
from tests.unit.boundary.examples import tool


def template(slots: str = "", text: str = "Hi {a}, {b}.") -> Template:
    """Return a template with these slots."""
    said = f", slots: {{{slots}}}" if slots else ""
    return tool(f"templates: {{x: {{t: {{text: '{text}'{said}}}}}}}").templates["x"][0]


A, B = "a: {max_length: 8}", "b: {max_length: 9}"


@pytest.mark.parametrize(
    "narrow, wide, is_so",
    [
        (f"{A}, {B}", f"{A}, {B}", True),
        (f"{A}, b: {{max_length: 8}}", f"{A}, {B}", True),
        (f"{A}, {B}", f"{A}, b: {{max_length: 8}}", False),
        (f"a: {{max_length: 7}}, {B}", f"{A}, {B}", True),
        (f"a: {{max_length: 9}}, {B}", f"{A}, {B}", False),
        (f"a: {{max_length: 7, starts_with: w}}, {B}", f"{A}, {B}", False),
        (f"a: {{is: w}}, {B}", f"{A}, {B}", False),
        (f"{A}, b: {{is: w}}", f"{A}, {B}", False),
        (f"{A}, b: {{at_most: 4}}", f"{A}, b: {{at_most: 5}}", True),
        (f"{A}, b: {{at_most: 5}}", f"{A}, b: {{at_most: 4}}", False),
        (f"{A}, b: {{at_least: 4}}", f"{A}, b: {{at_least: 5}}", False),
        (f"{A}, b: {{at_least: 5}}", f"{A}, b: {{at_least: 4}}", True),
        (f"{A}, b: {{below: 4}}", f"{A}, b: {{below: 5}}", True),
        (f"{A}, b: {{below: 4}}", f"{A}, b: {{at_most: 5}}", False),
        (f"{A}, b: {{at_most: 4.00 EUR}}", f"{A}, b: {{at_most: 5.00 EUR}}", True),
        (f"{A}, b: {{at_most: 6.00 EUR}}", f"{A}, b: {{at_most: 5.00 EUR}}", False),
        (f"{A}, b: {{at_most: 4.00 USD}}", f"{A}, b: {{at_most: 5.00 EUR}}", False),
        (f"{A}, b: {{at_most: 4}}", f"{A}, b: {{at_most: 5.00 EUR}}", False),
        (f"{A}, b: {{at_most: 4.00 EUR}}", f"{A}, b: {{at_most: 5}}", False),
        (f"{A}, b: {{below: 2026-01-01}}", f"{A}, b: {{below: 2026-01-02}}", False),
        (f"{A}, b: {{below: 2026-01-01}}", f"{A}, b: {{below: 5}}", False),
        (f"{A}, b: {{below: 5}}", f"{A}, b: {{below: 2026-01-01}}", False),
        (f"{A}, b: {{email: ann@example.com}}", f"{A}, b: {{email: '@example.com'}}", True),
        (f"a: {{at_most: 4}}, {B}", f"a: {{at_most: 5}}, {B}", False),
        (
            f"{A}, b: {{at_least: 1, at_most: 4}}",
            f"{A}, b: {{at_most: 5}}",
            True,
        ),
        (
            f"{A}, b: {{at_most: 4}}",
            f"{A}, b: {{at_least: 1, at_most: 5}}",
            False,
        ),
        (
            f"{A}, b: {{max_length: 7, starts_with: w}}",
            f"{A}, b: {{max_length: 7}}",
            True,
        ),
        (
            f"a: {{max_length: 7, starts_with: w}}, {B}",
            f"a: {{max_length: 8, starts_with: w}}, {B}",
            False,
        ),
        (
            f"a: {{max_length: 7, starts_with: w}}, {B}",
            "a: {max_length: 7, starts_with: w}, b: {max_length: 10}",
            True,
        ),
    ],
)
def test_a_template_is_narrower_only_where_every_slot_ends_in_the_same_place(
    narrow: str, wide: str, *, is_so: bool
) -> None:
    """Where it is shorter, or the last one; and never where the text is another."""
    one, other = template(narrow), template(wide)

    assert is_narrower(one, other) is is_so
    assert not is_narrower(template(narrow, "Hello {a}, {b}."), other)


@pytest.mark.parametrize(
    "slots, is_so", [("b: {at_most: 4}", False), ("c: {at_most: 4}", True), ("", True)]
)
def test_only_the_last_of_three_slots_ends_with_the_text(slots: str, *, is_so: bool) -> None:
    """In the order of the text, however they are written down."""

    def of(changed: str) -> Template:
        said = {name: f"{name}: {{at_most: 5}}" for name in "cba"}
        said |= {changed[0]: changed} if changed else {}
        return template(", ".join(said.values()), "{a}, {b}, {c}")

    assert is_narrower(of(slots), of("")) is is_so


def test_a_template_without_slots_is_its_text() -> None:
    """And is narrower than itself alone."""
    bye = template(text="Bye.")

    assert is_narrower(bye, template(text="Bye."))
    assert not is_narrower(bye, template(text="Bye!"))


def test_two_templates_that_say_the_same_are_one_truth() -> None:
    """Whatever they are called; another slot, text or argument makes another."""
    one, two = (
        tool(f"templates: {{x: {{{name}: {{text: 'Hi {{a}}.', slots: {{{A}}}}}}}}}").templates["x"][
            0
        ]
        for name in ("one", "two")
    )
    others = [
        is_filled("arg.x", template("a: {max_length: 9}", "Hi {a}.")),
        is_filled("arg.x", template("b: {max_length: 8}", "Hi {b}.")),
        is_filled("arg.x", template(A, "Ho {a}.")),
        is_filled("arg.y", one),
    ]

    assert is_filled("arg.x", one) == is_filled("arg.x", two)
    assert len({*others, is_filled("arg.x", one)}) == 5


def beside(bound: object) -> Iterator[Json]:
    """Yield a few values for a bound, of several sorts."""
    yield from (f"by {bound}", 7, Decimal("2.50"), True, None, "")


def texts(slots: str, text: str, **inputs: Json) -> list[str]:
    """Return the texts of a template that are tried."""
    return list(filled(template(slots, text), inputs, beside))


def test_every_slot_is_filled_at_each_of_its_bounds() -> None:
    """First all as they are meant, then one of them otherwise."""
    assert texts("", "Bye.") == ["Bye."]
    assert texts(A, "Hi {a}.") == [f"Hi {one}." for one in ("own", "by 8", "7", "2.50", "x")]
    both = texts("a: {is: w}, b: {is: task.own}", "{a} and {b}", own="mine")
    assert both == [
        "w and mine",
        *(f"{one} and mine" for one in ("by w", "7", "2.50", "x")),
        *(f"w and {one}" for one in ("own", "by task.own", "7", "2.50", "x")),
    ]


def test_what_an_input_is_fills_its_slot_as_text() -> None:
    """Where the task has none, a word of its own; where it is no text, whatever else fits."""
    line = "a: {is: task.own}"

    assert texts(line, "{a}")[0] == "own own"
    assert texts(line, "{a}", own=5)[0] == "5"
    assert texts(line, "{a}", own=True)[0] == "own"
    assert own("name") == "own name"


@pytest.mark.parametrize("count", [39, 40, 41, 60])
def test_of_a_slot_no_more_than_forty_texts_are_tried(count: int) -> None:
    """Among them the one that it means."""

    def many(_: object) -> Iterator[Json]:
        yield from (f"w{number}" for number in range(count - 2))

    found = list(filled(template(A, "{a}"), {}, many))

    assert TEXTS_MAX == 40
    assert found == ["own", *(f"w{number}" for number in range(count - 2)), "x"][:40]


def test_inputs_that_slots_name_are_found_in_every_template() -> None:
    """Of every argument of every rule, in order."""
    rule = tool(
        "templates:\n"
        "  x: {s: {text: '{a} {b}', slots: {a: {max_length: 5}, b: {is: task.two}}},\n"
        "    t: {text: '{a}', slots: {a: {one_of: [w, task.one]}}}}\n"
        "  z: {u: {text: '{a}', slots: {a: {starts_with: w, email: task.two}}}}",
        task="{one: text, two: email}",
    )

    assert list(inputs_of([rule, tool("only: {x: {is: task.own}}"), rule])) == [
        *("two", "one", "two"),
        *("two", "one", "two"),
    ]
