"""What a call would change, field by field: what the gateway read, beside what it would become.

Where the system's operator declares what a call changes, this is the difference that it makes.
Where nobody does, it is what would be sent, beside the fields of the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sallyport.model import Effect, Json, JsonObject
from sallyport.rules.boundary.effects import ARGUMENT

DEPTH_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that is sent. `known` is False where nothing that was read has it."""

    field: str
    now: Json
    after: Json
    known: bool

    def as_json(self) -> JsonObject:
        """Return the change for a page and its twin."""
        same = self.known and self.now == self.after
        return {
            "field": self.field,
            "now": self.now,
            "after": self.after,
            "known": self.known,
            "same": same,
        }


def changes(
    image: Json, args: JsonObject, declared: Mapping[str, Effect] | None = None
) -> tuple[Change, ...]:
    """Return what stands there now beside what it becomes.

    Without a declaration it is each argument beside the field of its name in what was read; none
    where none has one.

    Args:
        image: What the gateway read before; None where it read nothing.
        args: The arguments as they would be sent.
        declared: What the call changes, as the system's operator has it.
    """
    seen = dict(_fields(image))
    if declared:
        return tuple(_declared(seen, args, declared))
    if not any(name in seen for name in args):
        return ()
    return tuple(
        Change(field=name, now=seen.get(name), after=value, known=name in seen)
        for name, value in args.items()
    )


def _declared(
    seen: Mapping[str, Json], args: JsonObject, declared: Mapping[str, Effect]
) -> Iterator[Change]:
    for name, effect in declared.items():
        if effect.only_with and effect.only_with not in args:
            continue
        source = effect.source
        if isinstance(source, str) and source.startswith(ARGUMENT):
            argument = source.removeprefix(ARGUMENT)
            if argument not in args:
                continue
            source = args[argument]
        known = name in seen
        after = _sum(seen.get(name), source) if effect.plus else source
        yield Change(field=name, now=seen.get(name), after=after, known=known)


def _sum(now: Json, more: Json) -> Json:
    """Return a sum, exact; nothing where one of the two is no number, for then nobody knows."""
    if _is_number(now) and _is_number(more):
        return Decimal(str(now)) + Decimal(str(more))
    return None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _fields(value: Json, depth: int = 0) -> Iterator[tuple[str, Json]]:
    """Yield fields by name, deeper ones first, so that a record's own come out on top."""
    if depth > DEPTH_MAX:
        return
    if isinstance(value, dict):
        for item in value.values():
            yield from _fields(item, depth + 1)
        for name, item in value.items():
            if not isinstance(item, dict | list):
                yield name, item
    elif isinstance(value, list) and len(value) == 1:
        yield from _fields(value[0], depth + 1)
