"""`docs/bench.md`: one page, each section written by one command, which leaves the others alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "bench.md"
HEAD = """# What a governed call costs

Each section is written by the command that it names; run them on your own machine. Compare ratios,
and only within one section: times and rates are those of a machine that others use as well.
"""
ORDER = ("race", "path", "profile", "boundary", "durability", "growth", "people", "soak")
SECTION = re.compile(r"<!-- ([a-z]+) -->\n(.*?)\n<!-- /\1 -->", re.DOTALL)


def put(page: str, name: str, body: str) -> str:
    """Return the page with one section written anew.

    Args:
        page: The page as it is; what stands outside sections is not kept.
        name: One of `ORDER`.
        body: The section, as Markdown.
    """
    found = dict(SECTION.findall(page))
    found[name] = body.strip("\n")
    kept = (f"<!-- {one} -->\n{found[one]}\n<!-- /{one} -->\n" for one in ORDER if one in found)
    return "\n".join((HEAD, *kept))


def write(name: str, body: str) -> None:
    """Write one section of the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(put(page, name, body), encoding="utf-8")


def table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(_table(columns, lines))


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
