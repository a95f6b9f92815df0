"""Headers that repeat the body: one spelling of each value, and no room between the two."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.shared.inbound import (
    encode_header_value,
    find_invalid_x_mcp_header,
    mcp_param_headers,
    x_mcp_header_map,
)

from sallyport.doors.mcp.mirrored import Mirrors, usable
from sallyport.doors.mcp.refusals import HeaderMismatchError
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.rules.mirrors import decode, encode, repeated

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "count"},
        "dry": {"type": "boolean", "x-mcp-header": "Dry"},
        "deep": {
            "type": "object",
            "properties": {"tenant": {"type": "string", "x-mcp-header": "Tenant"}},
        },
        "free": {"type": "string", "default": {"x-mcp-header": "data, not a mark"}},
    },
}


def pin(schema: Json = SCHEMA, digest: str = "d") -> ToolPin:
    """Return a tool with this input schema."""
    return ToolPin(system="s", tool="t", definition={"inputSchema": schema}, digest=digest)


def check(args: JsonObject, **headers: str) -> None:
    """Check a call of the tool with these `Mcp-Param-*` headers."""
    fields = {f"mcp-param-{name}".encode(): value for name, value in headers.items()}
    Mirrors().check(pin(), args, fields)


@given(st.text())
def test_whatever_the_sdk_writes_is_read_back(value: str) -> None:
    """Any text survives the way through a header, sentinels and newlines included."""
    assert decode(encode_header_value(value)) == value


@given(st.text())
def test_what_is_written_here_is_what_the_sdk_writes(value: str) -> None:
    """One text, one header, whoever builds it."""
    assert encode(value) == encode_header_value(value)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "region": st.none() | st.text() | st.lists(st.text(), max_size=1),
            "count": st.none() | st.integers(),
            "dry": st.none() | st.booleans(),
            "deep": st.text() | st.fixed_dictionaries({"tenant": st.none() | st.text()}),
        },
    )
)
def test_what_is_repeated_here_passes_here_and_is_what_the_sdk_repeats(args: Any) -> None:
    """Writer, reader and oracle agree on every argument."""
    headers = repeated(usable(SCHEMA), args)

    Mirrors().check(pin(), args, {name.lower().encode(): value for name, value in headers.items()})
    theirs = mcp_param_headers(x_mcp_header_map(SCHEMA), args)
    assert headers == theirs


@pytest.mark.parametrize(
    "header, text",
    [
        ("us-west1", "us-west1"),
        ("=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"),
        ("=?base64??=", ""),
        ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="),
        ("=?base64?SGVsbG8?=", None),
        ("=?base64?SGVsbG9=?=", None),
        ("=?base64?SGVs bG8=?=", None),
        ("=?base64?/w==?=", None),
        ("caf\xe9", None),
        ("a\x00b", None),
    ],
)
def test_a_value_has_one_spelling(header: str, text: str | None) -> None:
    """What is not canonical, not UTF-8 or not printable stands for nothing."""
    assert decode(header) == text


PLACES = ("items", "anyOf", "not", "$defs", "default", "enum", "x-other")


def inside(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas that hold others, in places where they count and where they do not."""
    properties = st.dictionaries(st.sampled_from("abc"), schemas, max_size=2)
    shapes = {
        name: st.lists(schemas, max_size=2) if name == "anyOf" else schemas for name in PLACES
    }
    shapes["$defs"] = properties
    return st.fixed_dictionaries({}, optional={"properties": properties, **shapes})


MARKS = st.fixed_dictionaries(
    {"x-mcp-header": st.sampled_from(["A", "a", "B", "", "b c", 7])},
    optional={"type": st.sampled_from(["string", "integer", "number", ["string"]])},
)


@given(st.recursive(MARKS | st.fixed_dictionaries({}), inside, max_leaves=8))
def test_a_schema_is_read_as_the_sdk_reads_it(schema: Any) -> None:
    """The same marks count, and the same ones make it unusable."""
    theirs = {} if find_invalid_x_mcp_header(schema) else x_mcp_header_map(schema)

    assert {one.path: one.header for one in usable(schema)} == {
        path: f"Mcp-Param-{name}" for path, name in theirs.items()
    }


def test_marks_are_found_over_properties_alone() -> None:
    """Nested ones too, and none of them in data."""
    assert {mirror.header: mirror.path for mirror in usable(SCHEMA)} == {
        "Mcp-Param-Region": ("region",),
        "Mcp-Param-count": ("count",),
        "Mcp-Param-Dry": ("dry",),
        "Mcp-Param-Tenant": ("deep", "tenant"),
    }


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"x-mcp-header": "root", "type": "string"},
        {"properties": {"a": {"type": "number", "x-mcp-header": "A"}}},
        {"properties": {"a": {"type": ["string"], "x-mcp-header": "A"}}},
        {"properties": {"a": {"x-mcp-header": "A"}}},
        {"properties": {"a": {"type": "string", "x-mcp-header": ""}}},
        {"properties": {"a": {"type": "string", "x-mcp-header": "A B"}}},
        {"properties": {"a": {"type": "string", "x-mcp-header": "A\r\nB"}}},
        {"properties": {"a": {"type": "string", "x-mcp-header": 7}}},
        {"properties": {"a": {"items": {"type": "string", "x-mcp-header": "A"}}}},
        {"anyOf": [{"properties": {"a": {"type": "string", "x-mcp-header": "A"}}}]},
        {
            "properties": {
                "a": {"type": "string", "x-mcp-header": "Same"},
                "b": {"type": "string", "x-mcp-header": "same"},
            }
        },
    ],
)
def test_one_wrong_mark_leaves_none(schema: Any) -> None:
    """Clients drop such a tool, so nobody can be asked to send its headers."""
    assert usable(schema) == ()


@pytest.mark.parametrize(
    "args, headers",
    [
        ({}, {}),
        ({"region": None}, {}),
        ({"free": "x"}, {}),
        ({"region": "us"}, {"region": "us"}),
        ({"region": "ü"}, {"region": "=?base64?w7w=?="}),
        ({"count": 42}, {"count": "42"}),
        ({"count": 42}, {"count": "42.0"}),
        ({"count": Decimal("42.0")}, {"count": "42"}),
        ({"count": -(2**60)}, {"count": str(-(2**60))}),
        ({"dry": True}, {"dry": "true"}),
        ({"deep": {"tenant": "a"}}, {"tenant": "a"}),
        ({"region": ["no text"]}, {}),
        ({}, {"unknown": "is nobody's"}),
    ],
)
def test_headers_that_repeat_the_arguments_pass(args: Any, headers: dict[str, str]) -> None:
    """Numbers are compared as numbers, and what is not there is not repeated."""
    check(args, **headers)


@pytest.mark.parametrize(
    "args, headers",
    [
        ({"region": "us"}, {}),
        ({"region": "us"}, {"region": "eu"}),
        ({"region": "us"}, {"region": "US"}),
        ({"region": "ü"}, {"region": "\xfc"}),
        ({"region": "us"}, {"region": "=?base64?%%%?="}),
        ({}, {"region": "us"}),
        ({"region": None}, {"region": "null"}),
        ({"region": ["us"]}, {"region": "us"}),
        ({"count": 42}, {"count": "43"}),
        ({"count": 42}, {"count": "4.2e1"}),
        ({"count": 42}, {"count": " 42"}),
        ({"dry": True}, {"dry": "1"}),
        ({"dry": True}, {"dry": "True"}),
        ({"deep": {"tenant": "a"}}, {}),
        ({"deep": "a"}, {"tenant": "a"}),
    ],
)
def test_headers_that_say_something_else_are_refused(args: Any, headers: dict[str, str]) -> None:
    """A router that looked at the header would have seen another call."""
    with pytest.raises(HeaderMismatchError):
        check(args, **headers)


def test_a_tool_that_changed_is_read_again() -> None:
    """What is known of a schema is known by its digest."""
    known = Mirrors()
    known.check(pin({"properties": {}}, "old"), {"region": "us"}, {})
    with pytest.raises(HeaderMismatchError):
        known.check(pin(SCHEMA, "new"), {"region": "us"}, {})
