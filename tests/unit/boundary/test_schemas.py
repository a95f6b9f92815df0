"""The schema of a tool's arguments: nothing that a rule lets through is outside it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject, ToolRule, Verdict
from sallyport.rules import canonical
from sallyport.rules.boundary.schemas import argument_schema, tool_schema
from tests.unit.boundary.examples import ruled, support, tool, verdict
from tests.unit.boundary.test_overlap import OFFERED, SAID

REFUND = support().workflow.tools["tickets.update"]


def fits(rule: ToolRule, args: JsonObject) -> bool:
    """Return whether arguments fit a rule's schema, numbers exact."""
    validator = jsonschema_rs.validator_for(canonical.text(tool_schema(rule)))
    return validator.is_valid(args)


@pytest.mark.parametrize("said", SAID)
def test_what_is_let_through_fits_the_schema(said: str) -> None:
    """For every line of the vocabulary, over values at and beside its bounds."""
    rule = tool(f"only: {{x: {said}}}")
    validator = jsonschema_rs.validator_for(canonical.text(tool_schema(rule)))
    for own in ("a", "ann@example.com", "srv"):
        for value in OFFERED:
            args: JsonObject = {"x": value}
            if verdict(ruled(rule, args, inputs={"own": own})) is not Verdict.REFUSE:
                assert validator.is_valid(args), (said, value)


OUTSIDE: list[tuple[str, Json]] = [
    ("{is: a}", "b"),
    ("{one_of: [a, 5]}", 6),
    ("{at_most: 5}", 6),
    ("{at_most: 5.00 EUR}", 6),
    ("{at_most: 5.00 EUR}", "6 USD"),
    ("{above: 2026-01-01}", 5),
    ("{email: any}", ["ann@example.com"]),
    ('{starts_with: "a.b"}', "axb"),
    ("{max_length: 3}", "abcd"),
    ("{only: [a]}", ["b"]),
    ("{at_most: 1 items}", ["a", "b"]),
    ("{each: {max_length: 1}}", ["ab"]),
    ("{below: 0 items}", []),
    ("absent", "a"),
]


@pytest.mark.parametrize("said,value", OUTSIDE)
def test_what_a_schema_can_tell_it_tells(said: str, value: Json) -> None:
    """An agent that reads it proposes less that is refused."""
    assert not fits(tool(f"only: {{x: {said}}}"), {"x": value})


def test_a_schema_is_closed_and_names_what_is_needed() -> None:
    """An argument that nobody named is refused, as by the rule."""
    rule = tool("only: {x: any, z: {any: true, optional: true}}")
    assert fits(rule, {"x": 1})
    assert not fits(rule, {"z": 1})
    assert not fits(rule, {"x": 1, "more": 1})


def test_entries_are_told_apart() -> None:
    """Each `allow` or `ask` entry has its shape, with what always holds."""
    base: JsonObject = {"ticket_id": "T-1", "status": "open"}
    assert fits(REFUND, base)
    assert fits(REFUND, {**base, "refund": 500})
    assert not fits(REFUND, {**base, "refund": 501})
    assert not fits(REFUND, {**base, "status": "lost"})
    said = canonical.text(tool_schema(REFUND))
    assert "refund is above 50.00 EUR and is 500.00 EUR at most" in said


def of_one(said: str, counts: str = "") -> JsonObject:
    """Return the schema of an argument of which this is said."""
    return argument_schema(tool(f"only: {{x: {said}}}").only["x"], counts)


ENTRIES = """
only:
  u: {max_length: 9}
  v: {at_most: 5, optional: true}
  x: any
  z: {max_length: 9, optional: true}
templates: {u: {one: {text: hi}}}
allow: [{args: {x: {at_most: 5}, v: absent, z: {starts_with: a, optional: true}}}]
ask: [{args: {x: {above: 5}, v: any, z: {starts_with: b}}, who: [lead]}]
"""
NINE: JsonObject = {"type": "string", "maxLength": 9}


def test_what_always_holds_is_said_once_beside_what_an_entry_says() -> None:
    """An argument is absent where either says so, and optional only where both do."""
    first, second = ({"type": "string", "pattern": f"^{letter}"} for letter in "ab")
    text: JsonObject = {**NINE, "description": "u is text of 9 characters at most"}
    nine = "z is text of 9 characters at most"

    assert tool_schema(tool(ENTRIES)) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "anyOf": [
            {
                "type": "object",
                "properties": {
                    "u": text,
                    "x": {
                        "type": "number",
                        "maximum": 5,
                        "description": "x is anything and is 5 at most",
                    },
                    "z": {
                        "allOf": [NINE, first],
                        "description": f'{nine} and starts with "a", or left out',
                    },
                },
                "required": ["u", "x"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "u": text,
                    "v": {
                        "type": "number",
                        "maximum": 5,
                        "description": "v is 5 at most and is anything",
                    },
                    "x": {
                        "type": "number",
                        "exclusiveMinimum": 5,
                        "description": "x is anything and is above 5",
                    },
                    "z": {
                        "allOf": [NINE, second],
                        "description": f'{nine} and starts with "b"',
                    },
                },
                "required": ["u", "v", "x", "z"],
                "additionalProperties": False,
            },
        ],
    }


def test_each_value_of_a_list_is_said_as_what_it_is() -> None:
    """Numbers exact, an amount in its three ways, an input of the task as any single value."""
    keys = {"amount": {"type": "number", "const": Decimal("5.00")}, "currency": {"const": "EUR"}}

    assert of_one("{one_of: [0.5, 5, true, a, task.own, 5.00 EUR]}") == {
        "anyOf": [
            {"enum": [Decimal("0.5"), 5, True, "a"]},
            {"type": ["string", "number", "boolean"]},
            {
                "anyOf": [
                    {"type": "number", "const": Decimal("5.00")},
                    {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)? EUR$"},
                    {
                        "type": "object",
                        "properties": keys,
                        "required": ["amount", "currency"],
                        "additionalProperties": False,
                    },
                ]
            },
        ],
        "description": 'x is one of 0.5, 5, true, "a", task.own, 5.00 EUR',
    }
    assert of_one("{at_most: 0.5}")["maximum"] == Decimal("0.5")


def test_a_schema_in_cents_says_only_what_is_asked() -> None:
    """Nothing is no list: an empty `allOf` is no schema at all, and no agent could read it."""
    whole = "Write a whole number: 100 for 1 EUR."

    assert of_one("any", "EUR") == {"type": "integer", "description": f"x is anything. {whole}"}
    assert of_one("{one_of: [50.00 EUR, task.own, 7]}", "EUR") == {
        "type": "integer",
        "allOf": [{"anyOf": [{"enum": [5000, 7]}, {"type": ["string", "number", "boolean"]}]}],
        "description": f"x is one of 50.00 EUR, task.own, 7. {whole}",
    }


def test_what_bounds_cents_beside_anything_is_all_that_is_said() -> None:
    """`any` adds no empty schema to those that an entry has."""
    rule = replace(
        tool("only: {x: any}\nallow: [{args: {x: {at_least: 50.00 EUR}}}]"), units={"x": "EUR"}
    )

    properties = tool_schema(rule)["properties"]

    assert properties == {
        "x": {
            "type": "integer",
            "allOf": [{"type": "number", "minimum": 5000}],
            "description": "x is anything and is 50.00 EUR or more."
            " Write a whole number: 100 for 1 EUR.",
        }
    }


names = st.sampled_from(["ticket_id", "status", "refund"])
offered = st.dictionaries(names, st.sampled_from(["T-1", "open", 0, 49, 51, 620, "50 EUR", None]))


@given(offered)
def test_what_the_support_desk_lets_through_fits(args: JsonObject) -> None:
    """The whole of a rule with its entries, by the evaluator."""
    if verdict(ruled(REFUND, args)) is not Verdict.REFUSE:
        assert fits(REFUND, args)
