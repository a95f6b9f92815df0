"""Headers of the stateless era that repeat what stands in the body, for both sides of the gateway.

Rules:
  1. A value outside of printable ASCII travels as Base64 between `=?base64?` and `?=`; there is one
     spelling of each value, and any other is no value.
  2. What a tool's input schema marks with `x-mcp-header` is repeated, and nothing else of it.
  3. A mark stands on a primitive argument that is always in the same place, and its name is a token
     that no other mark of the schema has. A schema that marks anything else marks nothing: its
     calls could not be told from forged ones. Names come from a system; a token cannot end a line.

Source: MCP 2026-07-28, "Streamable HTTP", section "Request Metadata".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from sallyport.model import Json, JsonObject

MARK: Final = "x-mcp-header"
PREFIX: Final = "Mcp-Param-"
PRIMITIVE: Final = ("string", "integer", "boolean")

# The keywords of JSON Schema 2020-12 under which further schemas stand, by the shape of the value.
_ONE: Final = frozenset(
    (
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
_SEVERAL: Final = frozenset(("allOf", "anyOf", "items", "oneOf", "prefixItems"))
_NAMED: Final = frozenset(("$defs", "definitions", "dependentSchemas", "patternProperties"))

_OPENING, _CLOSING = "=?base64?", "?="
_ENCODED = re.compile(rf"{re.escape(_OPENING)}(.*){re.escape(_CLOSING)}")
_PLAIN = re.compile(r"[\x20-\x7e\t]*")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")

Path: TypeAlias = "tuple[str, ...]"


class WrongMarkError(ValueError):
    """A schema asks for headers in a way that the specification forbids."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An argument that a header repeats. `name` is what the schema calls the header."""

    name: str
    path: Path
    type: str

    @property
    def header(self) -> str:
        """The whole name of the header, as it is written."""
        return PREFIX + self.name


def marks(schema: Json) -> tuple[Mark, ...]:
    """Return what an input schema wants repeated.

    Raises:
        WrongMarkError: One of its marks is wrong.
    """
    found = [_mark(path, part) for path, part in _parts(schema) if MARK in part]
    if len({one.name.lower() for one in found}) < len(found):
        raise WrongMarkError
    return tuple(found)


def repeated(wanted: Sequence[Mark], args: Json) -> dict[str, str]:
    """Return the headers that repeat the marked arguments of a call."""
    said = ((one.header, spelled(value_at(args, one.path))) for one in wanted)
    return {header: encode(text) for header, text in said if text is not None}


def value_at(value: Json, path: Path) -> Json:
    """Return what stands at a path of arguments; None where the way is cut."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def spelled(value: Json) -> str | None:
    """Return how a header spells an argument; None for what no header repeats."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case Decimal() if value == value.to_integral_value():
            return str(int(value))
        case _:
            return None


def is_plain(text: str) -> bool:
    """Return whether a text can stand in a header as it is, but for spaces at its ends."""
    return text.isascii() and text.isprintable()


def encode(text: str) -> str:
    """Return the header value that stands for a text; `decode` reads it back."""
    if is_plain(text) and text == text.strip() and _ENCODED.fullmatch(text) is None:
        return text
    return f"{_OPENING}{base64.b64encode(text.encode()).decode()}{_CLOSING}"


def decode(header: str) -> str | None:
    """Return the text that a header value stands for, or None where it stands for none."""
    if _PLAIN.fullmatch(header) is None:
        return None
    encoded = _ENCODED.fullmatch(header)
    if encoded is None:
        return header
    payload = encoded[1]
    try:
        raw = base64.b64decode(payload)
        text = raw.decode()
    except ValueError:
        return None
    return text if base64.b64encode(raw).decode() == payload else None


def _mark(path: Path | None, part: JsonObject) -> Mark:
    name, kind = part[MARK], part.get("type")
    if not path or not isinstance(kind, str) or kind not in PRIMITIVE:
        raise WrongMarkError
    if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
        raise WrongMarkError
    return Mark(name, path, kind)


def _parts(schema: Json) -> Iterator[tuple[Path | None, JsonObject]]:
    """Yield each schema in a schema, with its path where that leads through properties alone."""
    left: list[tuple[Path | None, Json]] = [((), schema)]
    while left:
        path, part = left.pop()
        if isinstance(part, dict):
            yield path, part
            for keyword, value in part.items():
                left.extend(_below(path, keyword, value))


def _below(path: Path | None, keyword: str, value: Json) -> Iterator[tuple[Path | None, Json]]:
    if keyword == "properties" and isinstance(value, dict):
        for name, part in value.items():
            yield None if path is None else (*path, name), part
    elif keyword in _SEVERAL and isinstance(value, list):
        yield from ((None, part) for part in value)
    elif keyword in _ONE:
        yield None, value
    elif keyword in _NAMED and isinstance(value, dict):
        yield from ((None, part) for part in value.values())
