"""What the headers of a stateless request repeat from its body.

Rules:
  1. A header says what the body says, or is not there. What is no plain text travels as base64.
  2. A tool that asks for a header in a way the specification forbids is not offered at all, as the
     specification demands of clients: its calls could not be told from forged ones.
  3. Header names come from a system. They are tokens, so none can end the line or name another.

Source: MCP 2026-07-28, "Streamable HTTP", section "Request Metadata".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from sallyport.adapters.mcp.era import STATELESS
from sallyport.adapters.mcp.link import Limits, Question
from sallyport.adapters.mcp.wire import field, is_plain
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.rules import strict_json

ANNOTATION: Final = "x-mcp-header"
PARAM: Final = "Mcp-Param-"
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

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")
_SENTINEL = re.compile(r"=\?base64\?.*\?=", re.DOTALL)

Path: TypeAlias = "tuple[str, ...]"


class UnusableAnnotationError(ValueError):
    """A tool asks for headers in a way that the specification forbids."""


class Mirrors:
    """Which arguments of which tools a system wants to see in headers; shared by its links."""

    def __init__(self) -> None:
        self.known = False
        self._paths: dict[str, dict[Path, str]] = {}

    def learn(self, pins: Sequence[ToolPin]) -> tuple[ToolPin, ...]:
        """Remember what each tool asks for, and return the tools that ask properly."""
        usable: list[ToolPin] = []
        paths: dict[str, dict[Path, str]] = {}
        for pin in pins:
            try:
                paths[pin.tool] = wanted(pin.definition.get("inputSchema"))
            except UnusableAnnotationError:
                continue
            usable.append(pin)
        self._paths, self.known = paths, True
        return tuple(usable)

    def headers(self, question: Question, limits: Limits) -> bytes:
        """Return the header lines of a question in the stateless era, credentials apart."""
        lines = field("MCP-Protocol-Version", STATELESS) + field("Mcp-Method", question.method)
        if not question.name:
            return lines
        lines += field("Mcp-Name", encoded(question.name))
        paths = self._paths.get(question.name)
        return lines + _arguments(paths, question, limits) if paths else lines


def _arguments(paths: dict[Path, str], question: Question, limits: Limits) -> bytes:
    arguments = strict_json.loads(
        question.arguments, bytes_max=len(question.arguments), depth_max=limits.depth
    )
    lines = b""
    for path, name in paths.items():
        said = spelled(_at(arguments, path))
        if said is not None:
            lines += field(PARAM + name, encoded(said))
    return lines


def _at(value: Json, path: Path) -> Json:
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


def encoded(value: str) -> str:
    """Return a text as it may stand in a header.

    Plain text stays as it is; everything else, and what looks like base64 already, is encoded.
    """
    if is_plain(value) and not _SENTINEL.fullmatch(value):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode('ascii')}?="


def wanted(schema: Json) -> dict[Path, str]:
    """Return the header name that a tool's schema gives to each argument, by the argument's path.

    Raises:
        UnusableAnnotationError: A name is no token or stands twice, or it is given to something
            that is no primitive argument or is not always in the same place.
    """
    found: dict[Path, str] = {}
    for path, part in _parts(schema):
        if ANNOTATION not in part:
            continue
        name = part[ANNOTATION]
        if not path or part.get("type") not in PRIMITIVE:
            raise UnusableAnnotationError
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise UnusableAnnotationError
        found[path] = name
    if len({name.lower() for name in found.values()}) < len(found):
        raise UnusableAnnotationError
    return found


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
