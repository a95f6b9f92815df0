"""What the headers of a stateless request repeat, with the official SDK as the second opinion."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared import inbound

from sallyport.adapters.mcp.link import Limits, Question
from sallyport.adapters.mcp.mirror import Mirrors
from sallyport.adapters.mcp.wire import field
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.rules.mirrors import MARK, WrongMarkError, encode, marks, spelled

names = st.sampled_from(["Region", "region", "A-b", "", "a b", "a\r\nb", "ü", 5, None])
kinds = st.sampled_from(["string", "integer", "boolean", "number", "object", ["string"], None])


def _leaf(kind: Any, name: Any, marked: bool) -> dict[str, Any]:
    return {"type": kind} | ({MARK: name} if marked else {})


def _branch(place: str, parts: list[dict[str, Any]], base: dict[str, Any]) -> dict[str, Any]:
    return base | _placed(place, parts)


leaves = st.builds(_leaf, kinds, names, st.booleans())
PLACES = [
    "properties", "$defs", "patternProperties", "items", "prefixItems", "anyOf", "not", "default",
    "additionalProperties", "$ref",
]  # fmt: skip


def _placed(place: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a schema that has other schemas, or what looks like one, under this keyword."""
    if place in ("properties", "$defs", "patternProperties"):
        return {place: {f"p{number}": part for number, part in enumerate(parts)}}
    if place in ("prefixItems", "anyOf"):
        return {place: parts}
    return {place: parts[0]}


def _branches(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=3)
    return st.builds(_branch, st.sampled_from(PLACES), parts, leaves)


schemas = st.recursive(leaves, _branches, max_leaves=6)


def pin(schema: Json, name: str = "echo") -> ToolPin:
    """Return a tool with this schema."""
    definition: JsonObject = {"name": name, "inputSchema": schema}
    return ToolPin(system="desk", tool=name, definition=definition, digest="")


def lines(schema: Json, arguments: bytes) -> list[str]:
    """Return the header lines of a call of a tool with this schema."""
    mirrors = Mirrors()
    mirrors.learn([pin(schema)])
    question = Question(method="tools/call", name="echo", arguments=arguments)
    return mirrors.headers(question, Limits()).decode("ascii").split("\r\n")[:-1]


@given(st.text())
def test_every_text_survives_a_header(text: str) -> None:
    """The SDK reads from the header what was written, and the header is one line."""
    header = field("Mcp-Name", encode(text))

    assert header.count(b"\r\n") == 1
    name, _, value = header.decode("ascii").rstrip("\r\n").partition(": ")
    assert name == "Mcp-Name"
    assert inbound.decode_header_value(value) == text


@pytest.mark.parametrize(
    "plain, header",
    [
        ("us-west1", "us-west1"),
        ("two words", "two words"),
        ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
        ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
    ],
)
def test_texts_are_written_as_the_specification_shows(plain: str, header: str) -> None:
    """The examples of its section "Value Encoding"."""
    assert encode(plain) == header


@given(schemas)
def test_the_sdk_agrees_on_what_a_tool_may_ask_for(schema: dict[str, Any]) -> None:
    """Both refuse the same schemas, and read the same names from the rest."""
    refusal = inbound.find_invalid_x_mcp_header(schema)
    if refusal is not None:
        with pytest.raises(WrongMarkError):
            marks(schema)
        return
    assert {one.path: one.name for one in marks(schema)} == inbound.x_mcp_header_map(schema)


@pytest.mark.parametrize(
    "value, said",
    [
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (Decimal("42.0"), "42"),
        (Decimal("4.5"), None),
        ("", ""),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_only_simple_values_are_repeated(value: Json, said: str | None) -> None:
    """A fraction has no spelling that all agree on."""
    assert spelled(value) == said


def test_a_tool_that_asks_improperly_is_left_out_and_its_neighbours_are_not() -> None:
    """One bad definition hides no good one."""
    double: JsonObject = {
        "properties": {
            "a": {"type": "string", MARK: "Region"},
            "b": {"type": "string", MARK: "REGION"},
        }
    }
    mirrors = Mirrors()

    assert [one.tool for one in mirrors.learn([pin(double, "bad"), pin({}, "good")])] == ["good"]


def test_a_header_repeats_the_argument_at_its_very_place() -> None:
    """Not one of the same name elsewhere, and nothing where the way to it is cut."""
    schema: JsonObject = {
        "properties": {
            "to": {"properties": {"city": {"type": "string", MARK: "City"}}},
            "city": {"type": "string"},
        }
    }

    assert lines(schema, b'{"city":"A","to":{"city":"B"}}')[3:] == ["Mcp-Param-City: B"]
    for without in ({"city": "A"}, {"to": "B"}, {"to": {"city": None}}, {"to": [{"city": "B"}]}):
        assert lines(schema, json.dumps(without).encode())[3:] == []


def test_a_call_names_its_method_and_tool() -> None:
    """In the order that the specification lists them, and nothing more where no tool asks."""
    assert lines({}, b"{}") == [
        "MCP-Protocol-Version: 2026-07-28",
        "Mcp-Method: tools/call",
        "Mcp-Name: echo",
    ]
