"""What may be bound to a task under each kind that a workflow declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sallyport.model import Json
from sallyport.rules.boundary.constraints import is_number
from sallyport.rules.boundary.domains import domain_name
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.folders import bound_folder
from sallyport.rules.boundary.mailboxes import mailbox
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.boundary.web import bound_web_address

TEXT_MAX = 500

# An address on the web is what an argument may lie below, so it has no query.
_READERS: Mapping[str, Callable[[str], Any]] = {
    "email": mailbox,
    "domain": domain_name,
    "url": bound_web_address,
    "path": bound_folder,
}
KINDS = ("text", "number", "date", "time", *_READERS)


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
    if kind in {"date", "time"}:
        return (as_day(value) if kind == "date" else as_moment(value)) is not None
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX or not value.isprintable():
        return False
    read = _READERS.get(kind)
    return kind == "text" if read is None else not isinstance(read(value), Fault)
