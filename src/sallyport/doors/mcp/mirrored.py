"""Headers that repeat what stands in the body, so that others can route without reading it.

Rules:
  1. Header and body agree, or the request is turned away: what looked at the header and what
     looks at the body would otherwise see two requests.
  2. A value outside of printable ASCII travels as Base64 between `=?base64?` and `?=`; there is
     one spelling of each value, and any other is no value.
  3. What a tool's input schema marks with `x-mcp-header` is repeated, and nothing else of it. A
     schema whose marks are wrong has none, since clients do not use such a tool.

Source: MCP 2026-07-28, Streamable HTTP, request metadata.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sallyport.doors.mcp.refusals import HeaderMismatchError
from sallyport.model import Json, JsonObject, ToolPin

MARK: Final = "x-mcp-header"
PREFIX: Final = "mcp-param-"
KNOWN_MAX: Final = 4096

_OPENING, _CLOSING = "=?base64?", "?="
_PLAIN = re.compile(r"[\x20-\x7e\t]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")
_PRIMITIVE = frozenset({"string", "integer", "boolean"})
_NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties"})
_INNER = frozenset(
    {
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "prefixItems",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)


@dataclass(frozen=True, slots=True)
class Mirror:
    """An argument that a header repeats. `header` is the whole name in lower case."""

    header: str
    path: tuple[str, ...]
    type: str


class Mirrors:
    """Knows what each tool wants repeated; a schema is read once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Mirror, ...]] = {}

    def check(self, pin: ToolPin, args: JsonObject, headers: Mapping[bytes, str]) -> None:
        """Check that the headers of a call repeat its arguments, each where the tool wants it.

        Raises:
            HeaderMismatchError: One is missing, says something else, or repeats what is not there.
        """
        for mirror in self._of(pin):
            _check(mirror, _value(args, mirror.path), headers.get(mirror.header.encode()))

    def _of(self, pin: ToolPin) -> tuple[Mirror, ...]:
        known = self._known.get(pin.digest)
        if known is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            known = self._known[pin.digest] = mirrors(pin.definition.get("inputSchema"))
        return known


def decode(header: str) -> str | None:
    """Return the text that a header value stands for, or None where it stands for none."""
    if _PLAIN.fullmatch(header) is None:
        return None
    if not (header.startswith(_OPENING) and header.endswith(_CLOSING)):
        return header
    payload = header[len(_OPENING) : -len(_CLOSING)]
    try:
        raw = base64.b64decode(payload, validate=True)
        text = raw.decode()
    except (binascii.Error, ValueError):
        return None
    return text if base64.b64encode(raw).decode() == payload else None


def is_plain(text: str) -> bool:
    """Return whether a text can stand in a header as it is."""
    return text.isascii() and text.isprintable()


def encode(text: str) -> str:
    """Return the header value that stands for a text; `decode` reads it back."""
    looks_encoded = text.startswith(_OPENING) and text.endswith(_CLOSING)
    if is_plain(text) and text == text.strip() and not looks_encoded:
        return text
    return f"{_OPENING}{base64.b64encode(text.encode()).decode()}{_CLOSING}"


def repeated(marks: tuple[Mirror, ...], args: JsonObject) -> dict[str, str]:
    """Return the headers that repeat the marked arguments of a call, as `Mirrors` checks them."""
    values = ((mark.header, _value(args, mark.path)) for mark in marks)
    return {
        header: encode(_spelled(value))
        for header, value in values
        if value is not None and not isinstance(value, (dict, list))
    }


def mirrors(schema: Json) -> tuple[Mirror, ...]:
    """Return what an input schema wants repeated; nothing where one of its marks is wrong."""
    found: dict[str, Mirror] = {}
    for path, part in _marked(schema):
        mirror = _mirror(path, part)
        if mirror is None or mirror.header in found:
            return ()
        found[mirror.header] = mirror
    return tuple(found.values())


def _marked(schema: Json) -> Iterator[tuple[tuple[str, ...] | None, JsonObject]]:
    """Yield the marked parts of a schema, with their path if it goes over `properties` alone."""
    parts: list[tuple[tuple[str, ...] | None, Json]] = [((), schema)]
    while parts:
        path, part = parts.pop()
        if isinstance(part, list):
            parts.extend((None, item) for item in part)
        if not isinstance(part, dict):
            continue
        if MARK in part:
            yield path, part
        parts.extend(_parts_of(path, part))


def _parts_of(
    path: tuple[str, ...] | None, schema: JsonObject
) -> Iterator[tuple[tuple[str, ...] | None, Json]]:
    """Yield the schemas inside of a schema. Data, and what is no keyword, has none."""
    for name, inner in schema.items():
        if name == "properties" and isinstance(inner, dict):
            for key, item in inner.items():
                yield None if path is None else (*path, key), item
        elif name in _NAMED and isinstance(inner, dict):
            yield from ((None, item) for item in inner.values())
        elif name in _INNER:
            yield None, inner


def _mirror(path: tuple[str, ...] | None, part: JsonObject) -> Mirror | None:
    name, kind = part[MARK], part.get("type")
    if not path or not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
        return None
    if not isinstance(kind, str) or kind not in _PRIMITIVE:
        return None
    return Mirror(PREFIX + name.lower(), path, kind)


def _value(args: JsonObject, path: tuple[str, ...]) -> Json:
    value: Json = args
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _check(mirror: Mirror, value: Json, header: str | None) -> None:
    if isinstance(value, (dict, list)):
        value = None
    if (value is None) != (header is None):
        there = "repeats an argument that is not there" if value is None else "is missing"
        raise HeaderMismatchError(f"the header `{mirror.header}` {there}")
    if header is not None and not _agrees(mirror, value, decode(header)):
        raise HeaderMismatchError(f"the header `{mirror.header}` does not say what the body says")


def _agrees(mirror: Mirror, value: Json, said: str | None) -> bool:
    if said is None:
        return False
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if is_number and mirror.type == "integer":
        return _DECIMAL.fullmatch(said) is not None and Decimal(said) == value
    return said == _spelled(value)


def _spelled(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
