"""Who wrote a field of a result last, as the operator of its system declares it.

What is declared of a field speaks for all that lies in it, until something deeper is declared; a
field for which no writer is stated has an unknown one. What is declared of a tool speaks for the
rest of its results.
"""

from __future__ import annotations

from typing import TypeAlias

from sallyport.model import OURS, Plumbing, Trusted, Writer

Path: TypeAlias = "tuple[str, ...]"


def writer_of(plumbing: Plumbing, path: Path) -> Writer:
    """Return who wrote a field last; a name with a dot in it is none that a file can mean."""
    if any("." in name for name in path):
        return Writer.UNKNOWN
    for length in range(len(path), 0, -1):
        declared = plumbing.fields.get(".".join(path[:length]))
        if declared is not None:
            return declared.writer
    return plumbing.writer


def all_ours(plumbing: Plumbing) -> bool:
    """Return whether nothing in a result can have been written by anybody but us."""
    declared = (one.writer for one in plumbing.fields.values())
    return plumbing.writer in OURS and all(writer in OURS for writer in declared)


def holds(trusted: Trusted, plumbing: Plumbing) -> bool:
    """Return whether a line under `trust` can ever count, by what is declared."""
    way = way_of(trusted)
    below = (
        one.writer for name, one in plumbing.fields.items() if within(tuple(name.split(".")), way)
    )
    return writer_of(plumbing, way) in OURS or any(writer in OURS for writer in below)


def way_of(trusted: Trusted) -> Path:
    """Return the way to what is trusted of a result; empty for all of it."""
    return tuple(trusted.path.split(".")) if trusted.path else ()


def within(path: Path, way: Path) -> bool:
    """Return whether a field is the one that a way leads to, or lies in it."""
    return path[: len(way)] == way
