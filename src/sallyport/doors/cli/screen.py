"""What the command line shows: sentences for people, or one JSON object for programs.

Whatever comes from outside is made inert first. With `--json` stdout holds that object alone, and
an error is a JSON object on stderr.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sallyport.doors.cli.plain import inert
from sallyport.errors import SallyportError
from sallyport.model import JsonObject
from sallyport.rules import canonical
from sallyport.rules.boundary.problems import BoundaryErrors

_COMMAND: Final = re.compile(r"(?:[a-z][a-z ]*: |    or: |  \d\. )?(?:\S*/)?sallyport [a-z]+ ")
"""A line that a terminal folds better, so that the command can be copied whole."""

_MARGIN: Final = re.compile(r" *(?:- |\| )?")


def show(data: JsonObject, lines: Iterable[str], *, as_json: bool) -> None:
    """Show data to a program, or lines to a person."""
    if as_json:
        _write(sys.stdout, canonical.text(data))
    else:
        for line in lines:
            _write(sys.stdout, _for_eyes(line, sys.stdout))


def say(text: str, *, as_json: bool = False) -> None:
    """Show a person something on the way; a program that reads stdout is not disturbed."""
    stream = sys.stderr if as_json else sys.stdout
    _write(stream, _for_eyes(text, stream))


def folded(line: str, width: int) -> str:
    """Return a line folded to a width, between words where it can be; nothing is cut.

    What follows stands deeper than the line's text or without its mark, so that no part of a value
    passes for a line of ours.
    """
    if len(line) <= width or _COMMAND.match(line):
        return line
    start = _MARGIN.match(line)
    margin = start[0] if start else ""
    deeper = " " * (len(margin) + (0 if margin.strip() else 2))
    room = max(width - len(deeper), 1)
    if re.search(r"\S {2,}", line):
        rest = line[width:]
        parts = [rest[at : at + room] for at in range(0, len(rest), room)]
        return "\n".join([line[:width], *(f"{deeper}{part}" for part in parts)])
    return textwrap.fill(line, width, subsequent_indent=deeper, break_on_hyphens=False)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, nothing: str) -> list[str]:
    """Return a list as aligned lines, complete: long cells fold and nothing is cut."""
    listed = [[inert(cell) for cell in row] for row in rows]
    if not listed:
        return [nothing]
    drawn = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in listed:
        drawn.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False, markup=False, emoji=False, color_system=None)
    if not console.is_terminal:
        widest = sum(
            max(len(row[n]) for row in [list(heads), *listed]) + 2 for n in range(len(heads))
        )
        console.width = max(widest, 80)
    with console.capture() as captured:
        console.print(drawn)
    return [line.rstrip() for line in captured.get().splitlines()]


def show_error(error: SallyportError, *, as_json: bool) -> None:
    """Show what went wrong and what to do."""
    if as_json:
        _write(sys.stderr, canonical.text({"error": document(error)}))
        return
    first, *more = inert(error.what, lines=True).splitlines() or [error.code]
    _write(sys.stderr, f"error: {first}")
    for line in more:
        _write(sys.stderr, f"       {line}")
    _write(sys.stderr, f"fix: {inert(error.fix)}")


def document(error: SallyportError) -> JsonObject:
    """Return an error as JSON, with the single problems where it has some."""
    said: JsonObject = {**error.as_dict()}
    if isinstance(error, BoundaryErrors):
        said["problems"] = [{**problem.as_dict()} for problem in error.problems]
    return said


def problem_lines(problems: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the problems of a boundary, one a line, with their places and what to do."""
    lines: list[str] = []
    for one in problems:
        line, column = one.get("line"), one.get("column")
        place = f"{one.get('file')}:{line}:{column}" if line else str(one.get("file", ""))
        where = f" ({one.get('where')})" if one.get("where") else ""
        said = (
            f"{one.get('severity', 'error')}: {place}{where}: {one.get('what')}; {one.get('fix')}"
        )
        lines.append(inert(said))
    return lines


def _for_eyes(text: str, stream: TextIO) -> str:
    if not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(folded(line, width) for line in text.split("\n"))


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()
