"""Replay recorded calls under a boundary: the first thing to do, before anything is connected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import JsonOption
from sallyport.doors.connect.parties import objects
from sallyport.errors import BadInputError
from sallyport.model import Boundary, Json, Verdict
from sallyport.rules import VERSION, strict_json
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.replay import Recorded, Tally, read, replay

LINE_BYTES_MAX = 16 * 1024 * 1024
DEPTH_MAX = 128
PROBLEMS_MAX = 10

Recording = Annotated[Path, typer.Argument(help="Recorded calls, one JSON object a line.")]
File = Annotated[Path, typer.Option("--boundary", "-b", help="The workflow file to try.")]


def command(recording: Recording, boundary: File, as_json: JsonOption = False) -> None:
    """Say what a boundary would have said to recorded calls: how many it allows, asks, refuses.

    Nothing is connected or sent. Of tools, facts and people only what the recording holds is known.

    Example: sallyport replay calls.jsonl --boundary workflows/customer-support.yaml
    """
    compiled = _boundary(boundary)
    with Progress(transient=True, disable=as_json) as progress:
        track = progress.add_task("replaying", total=_size(recording))
        calls = _calls(recording, lambda size: progress.advance(track, size))
        tally = replay(calls, compiled, now_us=time.time_ns() // 1000)
    screen.show(tally.as_json(), _lines(tally), as_json=as_json)


def _boundary(file: Path) -> Boundary:
    workflow = load_workflow(_text(file), file.name)
    return compile_boundary(workflow, {}, (), code_version=VERSION, roles=())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"`{file}` cannot be read as UTF-8 text", fix="name a file") from error


def _size(recording: Path) -> int:
    try:
        return recording.stat().st_size
    except OSError as error:
        raise BadInputError(f"`{recording}` cannot be read", fix="name a file") from error


def _calls(recording: Path, advance: Callable[[int], None]) -> Iterator[Recorded]:
    with recording.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"line {number}"
            if line.strip():
                yield from read(_value(line, where), where)
            advance(len(line))


def _value(line: bytes, where: str) -> Json:
    try:
        return strict_json.loads(line.strip(), bytes_max=LINE_BYTES_MAX, depth_max=DEPTH_MAX)
    except BadInputError as error:
        raise BadInputError(f"{where}: {error.what}", fix=error.fix) from None


def _lines(tally: Tally) -> Iterator[str]:
    said = tally.as_json()
    yield f"{tally.calls} call(s): " + ", ".join(
        f"{tally.verdicts[one]} {one.name.lower()}" for one in Verdict
    )
    for one in objects(said, "asks"):
        day = one["day"] or "in all"
        yield f"  questions for {one['who']}, {day}: {one['questions']}"
    for tool, found in sorted(tally.tools.items()):
        counts = ", ".join(f"{found[one]} {one.name.lower()}" for one in Verdict if found[one])
        yield f"  {plain.inert(tool)}: {counts}"
    for one in objects(said, "examples"):
        tool, why = plain.inert(str(one["tool"])), plain.inert(str(one["why"]))
        yield f"{one['verdict']}  {tool} ({one['where']}): {why}"
