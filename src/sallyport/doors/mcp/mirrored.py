"""Whether the headers of a call agree with its body.

They agree, or the request is turned away: what looked at the header and what looks at the body
would otherwise see two requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sallyport.doors.mcp.refusals import HeaderMismatchError
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.rules.mirrors import Mark, WrongMarkError, decode, marks, spelled, value_at

KNOWN_MAX: Final = 4096

_DECIMAL = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?")


class Mirrors:
    """Knows what each tool wants repeated; a schema is read once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Mark, ...]] = {}

    def check(self, pin: ToolPin, args: JsonObject, headers: Mapping[bytes, str]) -> None:
        """Check that the headers of a call repeat its arguments, each where the tool wants it.

        Raises:
            HeaderMismatchError: One is missing, says something else, or repeats what is not there.
        """
        for mark in self._of(pin):
            _check(mark, value_at(args, mark.path), headers.get(mark.header.lower().encode()))

    def _of(self, pin: ToolPin) -> tuple[Mark, ...]:
        known = self._known.get(pin.digest)
        if known is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            known = self._known[pin.digest] = usable(pin.definition.get("inputSchema"))
        return known


def usable(schema: Json) -> tuple[Mark, ...]:
    """Return what an input schema wants repeated; nothing where one of its marks is wrong.

    Clients do not use such a tool, so none of them can be asked to send its headers.
    """
    try:
        return marks(schema)
    except WrongMarkError:
        return ()


def _check(mark: Mark, value: Json, header: str | None) -> None:
    if isinstance(value, (dict, list)):
        value = None
    name = mark.header.lower()
    if (value is None) != (header is None):
        there = "repeats an argument that is not there" if value is None else "is missing"
        raise HeaderMismatchError(f"the header `{name}` {there}")
    if header is not None and not _agrees(mark, value, decode(header)):
        raise HeaderMismatchError(f"the header `{name}` does not say what the body says")


def _agrees(mark: Mark, value: Json, said: str | None) -> bool:
    if said is None:
        return False
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if is_number and mark.type == "integer":
        return _DECIMAL.fullmatch(said) is not None and Decimal(said) == value
    return said == spelled(value)
