"""What a call would change, field by field: what the gateway read, beside what would be sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sallyport.model import Json, JsonObject

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


def changes(image: Json, args: JsonObject) -> tuple[Change, ...]:
    """Return each argument beside the field of its name in what was read; none where none has one.

    Args:
        image: What the gateway read before; None where it read nothing.
        args: The arguments as they would be sent.
    """
    seen = dict(_fields(image))
    if not any(name in seen for name in args):
        return ()
    return tuple(
        Change(field=name, now=seen.get(name), after=value, known=name in seen)
        for name, value in args.items()
    )


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
