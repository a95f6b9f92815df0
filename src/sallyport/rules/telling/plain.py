"""A boundary in plain words as rows: what happens, the sentence, and the tool.

Rules:
  1. Every sentence is one of `explain`, letter by letter, and none is left out: those that say of
     no verdict stand with their tool or under their heading.
  2. Rows are in the order of strictness; what is written nowhere comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from sallyport.model import Boundary, Json, JsonObject, Verdict
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.page import TOOLS, VERDICTS, Section, sections

NEVER: Final = "What it may never do"
ORDER: Final = tuple(one.name.lower() for one in sorted(Verdict))
_DIGEST: Final = "Digest: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sentence about one tool. `verdict` is empty where the sentence tells of none."""

    sentence: str
    tool: str = ""
    verdict: str = ""

    def as_json(self) -> JsonObject:
        """Return the row for a page and its twin."""
        return {"verdict": self.verdict, "sentence": self.sentence, "tool": self.tool}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A boundary in plain words.

    `heading` is what stands above everything, `rows` say what happens to calls, `bounds` what else
    is said of each tool, `sections` all the rest under its heading.
    """

    heading: tuple[str, ...]
    rows: tuple[Row, ...]
    bounds: tuple[Row, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    def as_json(self) -> JsonObject:
        """Return the words for a page and its twin."""
        return {
            "heading": list[Json](self.heading),
            "rows": [one.as_json() for one in self.rows],
            "bounds": [one.as_json() for one in self.bounds],
            "sections": [
                {"title": title, "lines": list[Json](lines)} for title, lines in self.sections
            ],
        }


def plain(boundary: Boundary) -> Plain:
    """Return a boundary in plain words."""
    first, *others = sections(explain(boundary))
    said = [row for one in others if one.title == TOOLS for row in _tools(one.lines)]
    never = [
        Row(sentence=line.strip(), verdict="refuse")
        for one in others
        if one.title == NEVER
        for line in one.lines
    ]
    ruled = sorted((row for row in said if row.verdict), key=lambda row: ORDER.index(row.verdict))
    return Plain(
        heading=tuple(line.strip() for line in (first.title, *first.lines)),
        rows=(*ruled, *never),
        bounds=tuple(row for row in said if not row.verdict),
        sections=tuple(_rest(others)),
    )


def _tools(lines: Iterable[str]) -> list[Row]:
    """Return a row for each sentence; one that goes on deeper takes what is deeper with it."""
    rows: list[Row] = []
    for line in lines:
        said = line.strip()
        match _depth(line):
            case 1:
                rows.append(Row(sentence=said, tool=said.partition(" ")[0]))
            case 2:
                rows.append(Row(sentence=said, tool=rows[-1].tool, verdict=_verdict(said)))
            case _:
                last = rows.pop()
                rows.append(replace(last, sentence=f"{last.sentence}\n{said}"))
    return rows


def _depth(line: str) -> int:
    """Return how deep a line stands: 1 for a tool's heading, 2 for what is said of it."""
    return (len(line) - len(line.lstrip())) // 2


def _verdict(said: str) -> str:
    return next((name for start, name in VERDICTS if said.startswith(start)), "")


def _rest(others: Iterable[Section]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in others:
        if one.title not in {TOOLS, NEVER} and not one.title.startswith(_DIGEST):
            yield one.title, tuple(one.lines)
