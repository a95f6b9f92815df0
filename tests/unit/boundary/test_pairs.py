"""Which two lines of a file have a call in common: every pair of the vocabulary, as a table.

That nothing is overlooked is tested in `test_overlap`; this says what is told for certain, so that
an owner is not asked about entries that cannot meet, and is shown a call where they do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sallyport.model import Entry
from sallyport.rules.boundary.overlap import meeting
from tests.sentences import WRITE
from tests.unit.boundary.test_overlap import ENTRIES, SAID, said_of_x

GOLDEN = Path(__file__).parent / "golden" / "texts" / "pairs.txt"
HEAD = "x a call is shown, ? one cannot be ruled out, . there is none; in the order of the lines\n"
CLOSE = (
    "{email: any, max_length: 2}",
    "{email: a@b.c, max_length: 4}",
    "{email: '@example.com', max_length: 12}",
    "{domain: any, starts_with: '@'}",
    "{domain: under b.c, max_length: 4}",
    "{domain: xn--bcher-kva.example}",
    "{domain: xn--bcher-kva.example, starts_with: b}",
    "{domain: xn--bcher-kva.example, max_length: 9}",
    "{path_under: /srv, starts_with: s}",
    "{path_under: /srv, max_length: 3}",
    "{path_under: srv, starts_with: x}",
    "{starts_with: example.c}",
    "{starts_with: EXAMPLE}",
    "{starts_with: '1'}",
    "{starts_with: ab, max_length: 1}",
    "{url: 'https://example.com', max_length: 8}",
    "{at_least: 5, at_most: 5}",
    "{above: 5, at_most: 5}",
    "{at_least: 5, below: 5}",
    "{email: [ann@example.com, '@example.net']}",
    "{domain: example.net}",
    "{path_under: /other}",
    "{url: 'http://example.com/docs'}",
    "{url: 'https://example.net/docs'}",
    "{url: 'https://example.com:8443/docs'}",
)
LINES = (*SAID, *CLOSE)


def mark(one: str, other: str) -> str:
    """Return what is told of two lines."""
    found = meeting({}, _entry(one), _entry(other))
    return "." if found is None else "x" if found.certain else "?"


def _entry(said: str) -> Entry:
    return ENTRIES[said] if said in ENTRIES else Entry(where=said, args=said_of_x(said))


def row(said: str) -> str:
    """Return a line of the table."""
    return "".join(mark(said, other) for other in LINES) + f" {said}"


def table() -> list[str]:
    """Return the golden lines."""
    return GOLDEN.read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize("number", range(len(LINES)))
def test_what_is_told_of_each_pair_is_the_golden_table(number: int) -> None:
    """`make said` writes it anew."""
    if WRITE and number == 0:
        GOLDEN.write_text(HEAD + "".join(f"{row(said)}\n" for said in LINES), encoding="utf-8")
    assert table()[number] == row(LINES[number])


def test_a_pair_is_told_alike_from_both_sides() -> None:
    """The order of two entries decides nothing."""
    marks = [line[: len(LINES)] for line in table()]

    for n in range(len(LINES)):
        for m in range(n):
            assert (marks[n][m] == ".") == (marks[m][n] == "."), (LINES[n], LINES[m])
