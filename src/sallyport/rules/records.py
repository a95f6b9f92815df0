"""Which records of a business system a call is about, by the ids that the system itself uses.

Rules:
  1. Only calls that may change something count; a read changes no record.
  2. An id is an argument that a look-up or an undo of the tool uses to reach its record, or a
     field whose name says that it is one, in the arguments and in what the system answered.
  3. What is found is looked up by a keyed digest, so that no id stands in the database in clear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from sallyport.errors import BadInputError, SallyportError
from sallyport.model import Json, JsonObject, Lookup, Plumbing
from sallyport.rules import strict_json

MARK: Final = "records"
"""The label under which ids are made into marks."""

AT_MOST: Final = 16
CHARS_MAX: Final = 200
DEPTH_MAX: Final = 4
ANSWER_BYTES_MAX: Final = 64 * 1024

_ID = re.compile(r"(?:.*[_.-])?(?:id|ids|key|number|uuid|sha)|.*[a-z](?:Id|ID|Ids|Key|Number)")


def proposed(args: JsonObject, plumbing: Plumbing) -> tuple[str, ...]:
    """Return the ids of the records that a call names."""
    ways = [one for one in (plumbing.before, plumbing.probe, plumbing.undo) if one is not None]
    named = {name for way in ways for name in _arguments(way)}
    found = [*(_texts(args.get(name)) for name in sorted(named)), _named_so(args)]
    return _distinct(one for texts in found for one in texts)


def answered(result: JsonObject | None) -> tuple[str, ...]:
    """Return the ids of the records that a system's answer names."""
    return _distinct(_named_so(_content(result))) if result is not None else ()


def names_a_record(argument: str) -> bool:
    """Return whether an argument's name says that its value is the id of a record."""
    return _ID.fullmatch(argument) is not None


def spelled(record: str) -> str:
    """Return an id as it is looked up.

    Raises:
        BadInputError: It cannot be one.
    """
    found = record.strip()
    if not 0 < len(found) <= CHARS_MAX:
        raise BadInputError(
            f"a record's id has 1 to {CHARS_MAX} characters", fix="give the id as the system has it"
        )
    return found


def _arguments(way: Lookup) -> Iterator[str]:
    for source in way.args.values():
        if isinstance(source, str) and source.startswith("arg."):
            yield source.removeprefix("arg.")


def _named_so(value: Json, depth: int = 0) -> Iterator[str]:
    """Yield what stands in fields whose names say that they are ids, the outer ones first."""
    if depth > DEPTH_MAX:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if names_a_record(name):
                yield from _texts(item)
        for item in value.values():
            yield from _named_so(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _named_so(item, depth + 1)


def _texts(value: Json) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str | int) and not isinstance(one, bool):
            text = str(one).strip()
            if 0 < len(text) <= CHARS_MAX:
                yield text


def _content(result: JsonObject) -> Json:
    """Return what a result says: its structured part, or text that is an object of JSON."""
    structured = result.get("structuredContent")
    if structured is not None:
        return structured
    parts = result.get("content")
    texts = (
        [part.get("text") for part in parts if isinstance(part, dict)]
        if isinstance(parts, list)
        else []
    )
    for text in texts:
        if isinstance(text, str) and text.startswith("{"):
            try:
                return strict_json.loads(text.encode(), bytes_max=ANSWER_BYTES_MAX, depth_max=64)
            except (SallyportError, UnicodeEncodeError):
                continue
    return None


def _distinct(found: Iterator[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for one in found:
        if len(kept) >= AT_MOST:
            break
        if one not in kept:
            kept.append(one)
    return tuple(kept)
