"""What one version of a boundary adds to another and takes away, in the words of `explain`.

`explain` is complete, so two versions of different meaning differ in a line here. Lines are told
apart by where they stand: the same sentence under another tool is another sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sallyport.model import Boundary, Json, JsonObject
from sallyport.rules.boundary.explain import explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What changed in one place: under a heading, and there under a tool or a system.

    `added` and `taken_away` are sentences, in the order in which they stand.
    """

    where: str
    added: tuple[str, ...]
    taken_away: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "where": self.where,
            "added": list[Json](self.added),
            "taken_away": list[Json](self.taken_away),
        }


_UNSEEN = Place(
    where="What is not shown",
    added=(
        "A value that is set for a child process, the roles of Sallyport or its version changed.",
    ),
    taken_away=(),
)


def diff(old: Boundary, new: Boundary) -> tuple[Place, ...]:
    """Return what changed from one version to another, place by place; nothing where none did."""
    before, after = _placed(explain(old)), _placed(explain(new))
    places = dict.fromkeys([*after, *before])
    changes = (_change(where, before.get(where, []), after.get(where, [])) for where in places)
    found = tuple(change for change in changes if change.added or change.taken_away)
    return found or (() if old.digest == new.digest else (_UNSEEN,))


def in_words(places: tuple[Place, ...]) -> str:
    """Return changes as text: a place a line, then what was taken away and what was added."""
    return "".join(f"{line}\n" for place in places for line in _lines(place))


def _change(where: str, before: list[str], after: list[str]) -> Place:
    return Place(
        where=where,
        added=tuple(line for line in after if line not in before),
        taken_away=tuple(line for line in before if line not in after),
    )


def _lines(place: Place) -> Iterator[str]:
    yield place.where
    yield from (f"  - {sentence}" for sentence in place.taken_away)
    yield from (f"  + {sentence}" for sentence in place.added)


def _placed(text: str) -> dict[str, list[str]]:
    """Return the sentences of an explanation by where they stand, each place once.

    A heading has indented lines below it. A tool's or a system's own line is a sentence of the
    place that bears its name, and so are the lines below it.
    """
    found: dict[str, list[str]] = {}
    heading = where = "The workflow"
    for line, following in pairwise(text.splitlines()):  # the last line is the digest
        depth = (len(line) - len(line.lstrip())) // 2
        if depth == 0 and following.startswith("  "):
            heading = where = line
        elif line:
            if depth == 1:
                name = line.split()[0].removesuffix(":")
                where = f"{heading}: {name}" if following.startswith("    ") else heading
            found.setdefault(where if depth else heading, []).append(line.strip())
    return found
