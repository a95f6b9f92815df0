"""Which marks of a schema count, and how a value is written in a header: exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Json, JsonObject
from sallyport.rules import mirrors
from sallyport.rules.mirrors import (
    Mark,
    WrongMarkError,
    decode,
    encode,
    marks,
    repeated,
    spelled,
    value_at,
)

MARKED: JsonObject = {"type": "string", "x-mcp-header": "A"}
ONE = (
    *("additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"),
    *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
)
SEVERAL = ("allOf", "anyOf", "items", "oneOf", "prefixItems")
NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties")
TOKEN = "!#$%&'*+-.^_`|~0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"


def _argument(name: Json = "A", kind: Json = "string") -> JsonObject:
    return {"properties": {"a": {"type": kind, "x-mcp-header": name}}}


def test_the_words_are_those_of_the_specification() -> None:
    """In schemas and on the wire."""
    assert (mirrors.MARK, mirrors.PREFIX) == ("x-mcp-header", "Mcp-Param-")
    assert mirrors.PRIMITIVE == ("string", "integer", "boolean")


@pytest.mark.parametrize("kind", ["string", "integer", "boolean"])
def test_a_mark_stands_on_a_primitive_argument(kind: str) -> None:
    """However deep, as long as the way leads through properties alone."""
    deep: JsonObject = {"properties": {"in": _argument("Deep", kind), "free": {"type": "null"}}}

    assert marks(_argument("A", kind)) == (Mark("A", ("a",), kind),)
    assert marks(deep) == (Mark("Deep", ("in", "a"), kind),)
    assert marks(deep)[0].header == "Mcp-Param-Deep"


@pytest.mark.parametrize(
    "schema",
    [
        *({keyword: MARKED} for keyword in ONE),
        *({keyword: [{}, MARKED]} for keyword in SEVERAL),
        *({keyword: {"x": {}, "y": MARKED}} for keyword in NAMED),
        {"properties": {"a": {"items": MARKED}}},
        {"not": {"properties": {"a": MARKED}}},
        MARKED,
        _argument("A", "number"),
        _argument("A", "null"),
        _argument("A", ["string"]),
        _argument("A", None),
        _argument(""),
        _argument(None),
        _argument("a" * 129),
        *(_argument(f"a{character}b") for character in ' "(),/:;<=>?@[]{}\\\t\r\nü'),
        {"properties": {"a": MARKED, "b": {"type": "string", "x-mcp-header": "a"}}},
    ],
    ids=repr,
)
def test_a_schema_with_one_wrong_mark_marks_nothing(schema: JsonObject) -> None:
    """Where there is no one place for it, on anything else, by no token, or twice."""
    with pytest.raises(WrongMarkError):
        marks(schema)


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [MARKED],
        {"default": MARKED},
        {"enum": [MARKED]},
        {"const": MARKED},
        {"properties": [MARKED]},
        {"allOf": MARKED},
        {"$defs": [MARKED]},
        {"patternProperties": None},
        {"additionalProperties": False},
        {"items": "x-mcp-header"},
    ],
    ids=repr,
)
def test_what_only_looks_like_a_mark_is_none(schema: Json) -> None:
    """It is data, or no schema stands there."""
    assert marks(schema) == ()


@pytest.mark.parametrize("name", [TOKEN, "a" * 128, "a"])
def test_the_name_of_a_mark_is_a_token(name: str) -> None:
    """RFC 9110, section 5.6.2; of at most 128 characters."""
    assert marks(_argument(name)) == (Mark(name, ("a",), "string"),)


@pytest.mark.parametrize(
    "value, text",
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (1, "1"),
        ("", ""),
        ("true", "true"),
        (Decimal("42.0"), "42"),
        (Decimal("-4E+2"), "-400"),
        (Decimal("4.5"), None),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_a_value_is_spelled_in_one_way(value: Json, text: str | None) -> None:
    """What no header repeats has no spelling."""
    assert spelled(value) == text


@pytest.mark.parametrize(
    "text, header",
    [
        ("", ""),
        ("us west~", "us west~"),
        (" us", "=?base64?IHVz?="),
        ("us ", "=?base64?dXMg?="),
        ("a\tb", "=?base64?YQli?="),
        ("a\x7f", "=?base64?YX8=?="),
        ("ü", "=?base64?w7w=?="),
        ("=?base64?", "=?base64?"),
        ("=?base64?eA==", "=?base64?eA=="),
        ("eA==?=", "eA==?="),
        ("=?base64?=", "=?base64?="),
        ("=?base64??=", "=?base64?PT9iYXNlNjQ/Pz0=?="),
        ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
    ],
)
def test_a_text_is_written_plainly_where_it_can_be(text: str, header: str) -> None:
    """And reads back as it was."""
    assert encode(text) == header
    assert decode(header) == text


@pytest.mark.parametrize(
    "header, text",
    [
        ("a\tb", "a\tb"),
        (" ~", " ~"),
        ("\x1f", None),
        ("\x7f", None),
        ("a\n", None),
        ("ü", None),
        ("=?base64?eA==", "=?base64?eA=="),
        ("eA==?=", "eA==?="),
        ("=?base64?eA==?=", "x"),
        ("=?base64?eA=?=", None),
        ("=?base64?eB==?=", None),
        ("=?base64?e A==?=", None),
        ("=?base64?/w==?=", None),
    ],
)
def test_a_header_stands_for_one_text_or_for_none(header: str, text: str | None) -> None:
    """What is spelled otherwise, is no text or is not printable stands for none."""
    assert decode(header) == text


ARGS: JsonObject = {"to": {"city": "B", "zip": 5}, "city": "A", "list": [{"city": "C"}]}


@pytest.mark.parametrize(
    "path, found",
    [
        (("city",), "A"),
        (("to", "city"), "B"),
        (("to", "zip"), 5),
        (("to", "street"), None),
        (("city", "city"), None),
        (("list", "city"), None),
        (("gone", "city"), None),
        ((), ARGS),
    ],
)
def test_an_argument_is_found_at_its_very_place(path: tuple[str, ...], found: Json) -> None:
    """Nothing is there where the way is cut."""
    assert value_at(ARGS, path) == found


def test_what_is_marked_and_there_is_repeated() -> None:
    """Under the name that the schema gives, as a header spells it; nothing else."""
    wanted = (
        Mark("City", ("to", "city"), "string"),
        Mark("Zip", ("to", "zip"), "integer"),
        Mark("Street", ("to", "street"), "string"),
        Mark("All", ("to",), "string"),
    )
    assert repeated(wanted, ARGS) == {"Mcp-Param-City": "B", "Mcp-Param-Zip": "5"}
    assert repeated(wanted[:1], {"to": {"city": "ü"}}) == {"Mcp-Param-City": "=?base64?w7w=?="}
    assert repeated(wanted, None) == {}
