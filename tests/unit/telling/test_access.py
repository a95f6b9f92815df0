"""All that an agent can do as a list: each line's verdict is what the boundary decides."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pytest

from sallyport.model import Boundary
from sallyport.rules import canonical
from sallyport.rules.telling import access, plain
from sallyport.rules.telling.access import Line, as_csv, as_markdown
from tests.unit.boundary.examples import TODAY, support
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR

GOLDEN: Final = Path(__file__).parent / "golden"
WRITE: Final = os.environ.get("SAID") == "write"

TOOLS = """\
tools:
  desk.look: {level: read}
  desk.read:
    level: read
    allow: [{args: {id: any}, until: 2026-11-30, because: over}, {args: {all: {is: true}}}]
  desk.write: {level: update}
  desk.mark: {level: read, touches: [money]}
  desk.change:
    level: update
    allow:
      - {args: {size: {is: 1}}, because: small, until: 2026-12-01}
      - {args: {size: {is: 3}}, because: over, until: 2026-11-30}
    ask: [{args: {size: {is: 4}}, who: [support_lead]}]
    never: [{args: {note: {is: bad}}}, {args: {note: {is: worse}}}]
  desk.pay:
    level: read
    touches: [money]
    only: {to: {is: task.ticket_id}, sum: {at_most: 5}}
    allow: [{because: small, until: 2026-12-01}]
"""


def desk() -> Boundary:
    """Return a boundary with a tool for each way a call can be covered."""
    workflow = (
        "workflow: w\npurpose: p\nowner: o\nagent: a\nenvironment: test\nexpires: 2026-12-31\n"
        "for: [support_agent]\ntask: {ticket_id: text}\n"
    )
    return support(workflow + TOOLS, "system: desk\ntransport: http\nurl: https://desk.example\n")


def test_each_way_a_call_can_be_covered_has_its_verdict() -> None:
    """What is over is refused; what asks by default asks; a live reason lifts it."""
    assert [(one.tool, one.verdict, one.line) for one in access.access([desk()], today=TODAY)] == [
        ("desk.change", "refuse", "desk.change.never[0]"),
        ("desk.change", "refuse", "desk.change.never[1]"),
        ("desk.change", "allow", "desk.change.allow[0]"),
        ("desk.change", "refuse", "desk.change.allow[1]"),
        ("desk.change", "ask", "desk.change.ask[0]"),
        ("desk.look", "allow", ""),
        ("desk.mark", "ask", ""),
        ("desk.pay", "allow", "desk.pay.allow[0]"),
        ("desk.read", "refuse", "desk.read.allow[0]"),
        ("desk.read", "allow", "desk.read.allow[1]"),
        ("desk.write", "ask", ""),
        ("*", "refuse", ""),
    ]


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, "allow"),
        ({"irreversible": True}, "ask"),
        ({"because": ""}, "ask"),
        ({"until": None}, "ask"),
        ({"until": TODAY - timedelta(days=1)}, "refuse"),
    ],
)
def test_an_entry_lifts_asking_only_with_its_reason_and_end(
    changes: dict[str, object], expected: str
) -> None:
    """And never where nobody can take it back, which asks without any entry as well."""
    boundary = desk()
    rule = boundary.workflow.tools["desk.pay"]
    for_rule = {name: value for name, value in changes.items() if name == "irreversible"}
    for_entry = {name: value for name, value in changes.items() if name != "irreversible"}
    allow = (replace(rule.allow[0], **for_entry),)  # type: ignore[arg-type]
    changed = replace(rule, allow=allow, **for_rule)  # type: ignore[arg-type]
    assert _verdicts(boundary, tool=changed) == [expected]
    bare = replace(boundary.workflow.tools["desk.look"], **for_rule)  # type: ignore[arg-type]
    assert _verdicts(boundary, tool=bare) == ["ask" if for_rule else "allow"]


def _verdicts(boundary: Boundary, *, tool: object) -> list[str]:
    workflow = replace(boundary.workflow, tools={"t": tool})  # type: ignore[dict-item]
    found = access.access([replace(boundary, workflow=workflow)], today=TODAY)
    return [one.verdict for one in found[:-1]]


@pytest.mark.parametrize(
    "never, kept",
    [
        ((), set[str]()),
        (("desk.change",), {"desk.change"}),
        (("desk.parent",), {"desk.look"}),
        (("desk.look", "no.such"), {"desk.look"}),
    ],
)
def test_what_is_kept_from_the_agent_is_refused_and_all_that_follows_from_it(
    never: tuple[str, ...], kept: set[str]
) -> None:
    """A tool is kept away by its own name, or by that of the tool it follows from."""
    boundary = desk()
    tools = dict(boundary.workflow.tools)
    tools["desk.look"] = replace(tools["desk.look"], implied_by="desk.parent")
    implied = replace(boundary, workflow=replace(boundary.workflow, tools=tools))
    as_it_is = access.access([implied], today=TODAY)
    found = access.access([implied], today=TODAY, never=never)

    assert found == tuple(
        replace(one, verdict="refuse") if one.tool in kept else one for one in as_it_is
    )


@pytest.mark.parametrize(
    "today, count", [(date(2026, 12, 31), 11), (date(2027, 1, 1), 0), (date(2026, 12, 1), 11)]
)
def test_a_workflow_counts_through_its_last_day(today: date, count: int) -> None:
    """After that only the last line is left, which says that all is refused."""
    *lines, last = access.access([desk(), desk()], today=today)

    assert len(lines) == 2 * count
    assert last.as_json() == {
        "workflow": "*",
        "system": "*",
        "tool": "*",
        "level": "",
        "verdict": "refuse",
        "line": "",
        "says": "Everything that no line names.",
        "always": "",
    }


def strange(says: str) -> Line:
    """Return a line that says this."""
    return Line(
        workflow="w",
        system="s",
        tool="t",
        level="read",
        verdict="ask",
        line="",
        says=says,
        always="",
    )


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_as_a_formula(begin: str) -> None:
    """For whoever opens it in a spreadsheet; in the middle of a cell it does no harm."""
    cells = [f"{begin}1", f"1{begin}1"]
    rows = list(csv.reader(io.StringIO(as_csv([strange(one) for one in cells]), newline="")))

    assert rows[0] == ["workflow", "system", "tool", "level", "verdict", "line", "says", "always"]
    assert [row[6] for row in rows[1:]] == [f"'{begin}1", f"1{begin}1"]


def test_every_row_ends_as_the_standard_has_it() -> None:
    """RFC 4180: by a carriage return and a line feed, the last one too."""
    assert as_csv([strange("x")]) == (
        "workflow,system,tool,level,verdict,line,says,always\r\nw,s,t,read,ask,,x,\r\n"
    )


def test_a_cell_of_a_table_is_text_in_one_line() -> None:
    """Every character that would be markup is escaped, and what nobody sees is named."""
    assert as_markdown([strange("a\\b|c`d*e_f<g>h[i]j\nk\u202el #-~")]).splitlines()[2] == (
        "| w | s | t | read | ask |  | "
        "a\\\\b\\|c\\`d\\*e\\_f\\<g\\>h\\[i\\]j k\\<U+202E\\>l #-~ |  |"
    )


def boundaries() -> tuple[Boundary, ...]:
    """Return what the golden files are of."""
    return support(), support(EVERY_OPERATOR, CHILD), desk()


def _plain() -> str:
    return "".join(f"{canonical.text(plain.plain(one).as_json())}\n" for one in boundaries())


TEXTS = {
    "access.csv": lambda: as_csv(access.access(boundaries(), today=TODAY)).replace("\r\n", "\n"),
    "access.md": lambda: as_markdown(access.access(boundaries(), today=TODAY)),
    "plain.jsonl": _plain,
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_people_and_programs_get_is_the_golden_one(name: str) -> None:
    """Whoever changes it sees every place where it is another: `SAID=write` writes it anew."""
    found = TEXTS[name]()
    if WRITE:
        (GOLDEN / name).write_text(found, encoding="utf-8")
    assert found == (GOLDEN / name).read_text(encoding="utf-8")
