"""The schema of a tool's arguments: nothing that a rule lets through is outside it."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject, ToolRule, Verdict
from sallyport.rules import canonical
from sallyport.rules.boundary.schemas import tool_schema
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


names = st.sampled_from(["ticket_id", "status", "refund"])
offered = st.dictionaries(names, st.sampled_from(["T-1", "open", 0, 49, 51, 620, "50 EUR", None]))


@given(offered)
def test_what_the_support_desk_lets_through_fits(args: JsonObject) -> None:
    """The whole of a rule with its entries, by the evaluator."""
    if verdict(ruled(REFUND, args)) is not Verdict.REFUSE:
        assert fits(REFUND, args)
