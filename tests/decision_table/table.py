"""The table's sections, how it is written, and how it is read back.

What stands left of the verdict is read from the file, so a reviewer may add a line by hand; what
stands from the verdict on is compared with what is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path

from sallyport.model import Impact
from tests.decision_table.rows import FOUND, GIVEN, LEVELS, NONE, Outcome, Row, outcome, row_of

PLACE = Path(__file__).with_name("table.md")
COLUMNS = (*GIVEN, *FOUND)
IMPACTS = tuple(impact.value for impact in Impact)
STAGES = ("draft", "ask", "live")
FLOORS = (NONE, "ask", "draft", "refuse")
LABELS = ("clean", "outside")
SENSITIVE = "money"

HEAD = """\
# What is decided, case by case

Each line is one call by one agent, decided on the path that every call takes. Left of *verdict*
stands what holds; *asked* says how many of whom, and *because* has the codes of the floors that set
the verdict ([the sentences](../../docs/reasons.md)). Verdicts, loosest first: allow, ask, draft,
refuse.

The tool is bound to the task's own ticket, and to tickets whose state is `open`. `allow` has its
reason and its end; `for good` means that nobody can take back what the tool does, and `by cents`
that its system counts cents. *label* is `outside` once text from outside has reached the agent's
run. *floor* is what a person set by hand for everything. *answer* is a valid approval of this very
call.

`make table` writes the last three columns anew; a change of one is a change of authority, and is
reviewed as such. A line may be added by hand.
"""


def levels_and_impacts() -> Iterator[Row]:
    """Defaults: what each level does, with each kind of impact, where no entry speaks."""
    for level, touches in product(LEVELS, (NONE, *IMPACTS)):
        yield Row(level=level, touches=touches)


def entries() -> Iterator[Row]:
    """Entries: an `allow` with reason and end loosens a default, and nothing else does."""
    for level, entry in product(
        LEVELS, ("allow", "allow, ended", "allow, for good", "ask", "never")
    ):
        yield Row(level=level, entry=entry)
    for touches in IMPACTS:
        yield Row(level="create", touches=touches, entry="allow")


def amounts() -> Iterator[Row]:
    """Amounts: up to 50.00 EUR alone, from there to 500.00 EUR a person, above it nothing."""
    calls = ("0.00 EUR", "49.99 EUR", "50.00 EUR", "50.01 EUR", "500.00 EUR", "500.01 EUR")
    for label, call in product(LABELS, (NONE, *(f"refund={one}" for one in calls))):
        yield Row(level="update", touches=SENSITIVE, entry="by amount", call=call, label=label)
    for call in ("refund=5.00 USD", "refund=a lot", "refund=5.00 EUR, tip=1.00 EUR"):
        yield Row(level="update", touches=SENSITIVE, entry="by amount", call=call)
    for call in ("refund=5000", "refund=5001", "refund=50000", "refund=50001", "refund=50.00 EUR"):
        yield Row(level="update", touches=SENSITIVE, entry="by cents", call=call)


def closing() -> Iterator[Row]:
    """Closing: a status that ends a case asks a person; other fields of the record do not."""
    calls = ("status=open", "status=pending", "status=closed", "status=deleted")
    mixed = ("note=seen", "status=open, note=seen", "status=closed, note=seen")
    for call in (NONE, *calls, *mixed):
        yield Row(level="update", touches="records", entry="by status", call=call)


def one_thing() -> Iterator[Row]:
    """One thing at a time: each of the other columns, at each level, where no entry speaks."""
    for level in LEVELS:
        yield from (Row(level=level, stage=stage) for stage in ("draft", "ask"))
        yield from (Row(level=level, floor=floor) for floor in FLOORS[1:])
        yield Row(level=level, label="outside")
        yield from (Row(level=level, state=state) for state in ("closed", "empty", "unread"))
        yield Row(level=level, role="guest")


def together() -> Iterator[Row]:
    """Together: an `allow` takes nothing away from stage, label and floor; the strictest wins."""
    for level, stage, label, floor in product(LEVELS, STAGES, LABELS, FLOORS):
        yield Row(level=level, entry="allow", stage=stage, label=label, floor=floor)


def answers() -> Iterator[Row]:
    """Answers: a yes satisfies *ask*; it lifts neither *draft* nor *refuse*."""
    for level in LEVELS:
        yield Row(level=level, answer="yes")
        yield Row(level=level, touches=SENSITIVE, label="outside", answer="yes")
        yield Row(level=level, entry="never", answer="yes")
        yield Row(level=level, role="guest", answer="yes")
        yield from (Row(level=level, floor=floor, answer="yes") for floor in FLOORS[1:])
        yield Row(level=level, stage="draft", answer="yes")


SECTIONS: tuple[Callable[[], Iterator[Row]], ...] = (
    levels_and_impacts,
    entries,
    amounts,
    closing,
    one_thing,
    together,
    answers,
)


def planned() -> Iterator[tuple[str, Row]]:
    """Yield the title and rows of each section; a row stands where it is first said."""
    said: set[Row] = set()
    for section in SECTIONS:
        title = (section.__doc__ or "").strip()
        new = [row for row in section() if row not in said]
        said.update(new)
        yield from ((title, row) for row in new)


def read(text: str) -> list[tuple[str, Row, Outcome]]:
    """Return the lines of a table, each with the title above it."""
    found: list[tuple[str, Row, Outcome]] = []
    title = ""
    for line in text.splitlines():
        title = line.removeprefix("## ") if line.startswith("## ") else title
        if not line.startswith("| ") or line.startswith(("| level ", "| --- ")):
            continue
        cells = dict(zip(COLUMNS, map(str.strip, line.strip("|").split("|")), strict=True))
        found.append((title, row_of(cells), Outcome(**{name: cells[name] for name in FOUND})))
    return found


def write(rows: list[tuple[str, Row]]) -> str:
    """Return the table with every row decided."""
    lines, above = [HEAD], ""
    for title, row in rows:
        if title != above:
            gap = [""] if above else []
            lines += [*gap, f"## {title}", "", _line(COLUMNS), _line(("---",) * len(COLUMNS))]
            above = title
        lines.append(_line((*asdict(row).values(), *asdict(outcome(row)).values())))
    return "\n".join(lines) + "\n"


def kept() -> list[tuple[str, Row]]:
    """Return the rows that are planned, and after them those that somebody added by hand."""
    rows = list(planned())
    known = {row for _, row in rows}
    if PLACE.exists():
        by_hand = [(title, row) for title, row, _ in read(PLACE.read_text(encoding="utf-8"))]
        rows += [(title, row) for title, row in by_hand if row not in known]
    titles = dict.fromkeys(title for title, _ in rows)
    return [(title, row) for title in titles for other, row in rows if other == title]


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
