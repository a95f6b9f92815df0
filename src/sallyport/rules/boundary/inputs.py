"""What may be bound to a task under each kind that a workflow declares."""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.model import Json
from sallyport.rules.boundary.constraints import as_day, is_number

KINDS = ("text", "email", "number", "date")
TEXT_MAX = 500


def unfit(kinds: Mapping[str, str], inputs: Mapping[str, Json]) -> tuple[str, ...]:
    """Return one clause per input that is not declared or not of its kind; none when all fit.

    An input that is declared and not bound is no fault: what needs it is refused.
    """
    found: list[str] = []
    for name, value in inputs.items():
        if name not in kinds:
            found.append(f"input `{name}` is not declared")
        elif not fits(kinds[name], value):
            found.append(f"input `{name}` is not of kind {kinds[name]}")
    return tuple(found)


def fits(kind: str, value: Json) -> bool:
    """Return whether a value is of a kind; an unknown kind fits nothing."""
    if kind == "number":
        return is_number(value)
    if kind == "date":
        return as_day(value) is not None
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX or not value.isprintable():
        return False
    return kind == "text" or (kind == "email" and _is_address(value))


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    plain = not any(character in text for character in ' <>(),;:"[]\\')
    return bool(local and at and domain) and plain and "@" not in local
