"""All that an agent can access and do, one line for each way a call can be covered.

Rules:
  1. A line's verdict is what the boundary alone decides of a call that the line covers, with its
     defaults: stage, floors, limits and untrusted text only ever make it stricter.
  2. What no line covers is refused, and the list ends by saying so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import date
from typing import Final

from sallyport.model import Boundary, Entry, JsonObject, ToolRule, Verdict
from sallyport.rules.boundary.explain import (
    argument_in_words,
    default_in_words,
    entry_in_words,
    never_in_words,
)
from sallyport.rules.boundary.gates import lifts
from sallyport.rules.boundary.ruling import in_force
from sallyport.rules.boundary.workflow_file import loosens_a_default
from sallyport.rules.inert import plain

ELSE: Final = "Everything that no line names."
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One way a call can be covered. `line` names it in the boundary; empty for the default."""

    workflow: str
    system: str
    tool: str
    level: str
    verdict: str
    line: str
    says: str
    always: str

    def as_json(self) -> JsonObject:
        """Return the line for a page and its twin."""
        return {**asdict(self)}


COLUMNS: Final = tuple(one.name for one in fields(Line))


def access(
    boundaries: Iterable[Boundary], *, today: date, never: Collection[str] = ()
) -> tuple[Line, ...]:
    """Return what boundaries let their agent do on a day, and at the end that all else is refused.

    Args:
        boundaries: Those in force for one agent.
        today: The day.
        never: The tools that are kept from the agent wherever it works.
    """
    found = [line for one in boundaries for line in _boundary(one, today, frozenset(never))]
    return (*found, _all_else())


def as_csv(lines: Sequence[Line]) -> str:
    """Return lines as CSV with a heading (RFC 4180); no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(text) for text in astuple(line)] for line in lines)
    return out.getvalue()


def as_markdown(lines: Sequence[Line]) -> str:
    """Return lines as a Markdown table; nothing in a cell is markup."""
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    rows += [tuple(map(_escaped, astuple(line))) for line in lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _boundary(boundary: Boundary, today: date, never: frozenset[str]) -> Iterator[Line]:
    workflow = boundary.workflow
    if today > workflow.expires:
        return
    for tool, rule in sorted(workflow.tools.items()):
        always = "; ".join(map(argument_in_words, rule.only.values()))
        barred = not never.isdisjoint({tool, rule.implied_by or tool})
        for verdict, where, says in _covered(rule, today):
            yield Line(
                workflow=workflow.name,
                system=rule.system,
                tool=tool,
                level=rule.level.name.lower(),
                verdict=(Verdict.REFUSE if barred else verdict).name.lower(),
                line=where,
                says=says,
                always=always,
            )


def _covered(rule: ToolRule, today: date) -> Iterator[tuple[Verdict, str, str]]:
    """Yield each way of a tool: its verdict, the line that says so, and what it says."""
    for entry in rule.never:
        yield Verdict.REFUSE, entry.where, never_in_words(entry)
    for entry in rule.allow:
        verdict = _allowed(rule, entry) if in_force(entry, today) else Verdict.REFUSE
        yield verdict, entry.where, entry_in_words(entry, ask=False)
    for entry in rule.ask:
        yield Verdict.ASK, entry.where, entry_in_words(entry, ask=True)
    if not rule.allow and not rule.ask:
        asks = rule.irreversible or loosens_a_default(rule.level, rule.touches)
        yield Verdict.ASK if asks else Verdict.ALLOW, "", default_in_words(rule)


def _allowed(rule: ToolRule, entry: Entry) -> Verdict:
    if rule.irreversible:
        return Verdict.ASK
    if loosens_a_default(rule.level, rule.touches) and not lifts(rule, entry):
        return Verdict.ASK
    return Verdict.ALLOW


def _all_else() -> Line:
    return Line(
        workflow="*",
        system="*",
        tool="*",
        level="",
        verdict=Verdict.REFUSE.name.lower(),
        line="",
        says=ELSE,
        always="",
    )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _escaped(text: str) -> str:
    shown = plain(text).replace("\n", " ")
    return "".join(f"\\{one}" if one in "\\|`*_<>[]" else one for one in shown)
