"""Replay recorded calls under a boundary: the first thing to do, before anything is connected.

A recording is a file, or the gateway's own ledger. That is decided by the gateway, which alone can
open what is sealed in it; what comes back has no argument's value but where a reason names one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sallyport.doors.cli import offline, plain
from sallyport.doors.cli.common import Here, HomeOption, JsonOption, moment
from sallyport.doors.cli.written import find, load_all
from sallyport.doors.connect.parties import objects
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Verdict
from sallyport.rules import strict_json
from sallyport.rules.replay import Recorded, read, replay

LINE_BYTES_MAX = 16 * 1024 * 1024
DEPTH_MAX = 128
STRIDE = 1000
"""How many lines are read between two looks of the progress bar."""

Recording = Annotated[
    Path | None, typer.Argument(help="Recorded calls, one JSON object a line.", metavar="FILE")
]
File = Annotated[
    str, typer.Option("--boundary", "-b", help="The workflow file to try.", metavar="FILE")
]
Ledger = Annotated[bool, typer.Option("--ledger", help="Replay what this gateway has logged.")]
Since = Annotated[str, typer.Option(help="With --ledger: from this moment on.", metavar="TIME")]


def command(
    recording: Recording = None,
    *,
    boundary: File = "",
    ledger: Ledger = False,
    since: Since = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a boundary would have said to recorded calls: how many it allows, asks, refuses.

    Nothing is connected or sent. Of tools, facts and people only what the recording holds is known.
    With --ledger and no --boundary, every logged decision is made again under the version it was
    made under: exit code 1 if one differs.

    Example: sallyport replay calls.jsonl --boundary workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    if ledger is (recording is not None):
        raise BadInputError(
            "what to replay is not clear", fix="name a file of recorded calls, or add --ledger"
        )
    if recording is None:
        _of_the_ledger(here, boundary, since)
        return
    if not boundary or since:
        raise BadInputError(
            "a file of calls is replayed under a boundary, all of it",
            fix="add --boundary FILE, and leave out --since",
        )
    compiled = offline.load(here.home, find(here.home, boundary)).boundary
    with Progress(transient=True, disable=as_json) as progress:
        track = progress.add_task("replaying", total=_size(recording))
        calls = _calls(recording, lambda size: progress.advance(track, size))
        tally = replay(calls, compiled, now_us=time.time_ns() // 1000)
    here.show(tally.as_json(), _lines(tally.as_json()))


def _of_the_ledger(here: Here, boundary: str, since: str) -> None:
    since_us = moment(since) if since else 0
    if not boundary:
        answer = here.gateway.get("replay", {"since_us": str(since_us)})
        here.show(answer, _compared(answer))
        if answer.get("different"):
            raise typer.Exit(1)
        return
    (one,) = load_all(here.home, [boundary])
    body: JsonObject = {
        "workflow": one.text,
        "file": one.path.name,
        "systems": {**one.systems},
        "since_us": since_us,
    }
    answer = here.gateway.post("replay", body)
    here.show(answer, [*_lines(answer), *_left_out(answer)])


def _size(recording: Path) -> int:
    try:
        return recording.stat().st_size
    except OSError as error:
        raise BadInputError(f"`{recording}` cannot be read", fix="name a file") from error


def _calls(recording: Path, advance: Callable[[int], None]) -> Iterator[Recorded]:
    with recording.open("rb") as lines:
        passed = 0
        for number, line in enumerate(lines, start=1):
            where = f"line {number}"
            if line.strip():
                yield from read(_value(line, where), where)
            passed += len(line)
            if number % STRIDE == 0:
                advance(passed)
                passed = 0


def _value(line: bytes, where: str) -> Json:
    try:
        return strict_json.loads(line.strip(), bytes_max=LINE_BYTES_MAX, depth_max=DEPTH_MAX)
    except BadInputError as error:
        raise BadInputError(f"{where}: {error.what}", fix=error.fix) from None


def _lines(said: JsonObject) -> Iterator[str]:
    verdicts = said["verdicts"]
    yield f"{said['calls']} call(s): {_counts(verdicts, all_of_them=True)}"
    for one in objects(said, "asks"):
        day = one["day"] or "in all"
        yield f"  questions for {one['who']}, {day}: {one['questions']}{_each(one)}"
    tools = said["tools"]
    for tool, found in sorted(tools.items()) if isinstance(tools, dict) else ():
        yield f"  {plain.inert(tool)}: {_counts(found)}"
    for one in objects(said, "examples"):
        tool, why = plain.inert(str(one["tool"])), plain.inert(str(one["why"]))
        yield f"{one['verdict']}  {tool} ({one['where']}): {why}"


def _counts(found: Json, *, all_of_them: bool = False) -> str:
    counts = found if isinstance(found, dict) else {}
    named = [(counts.get(one.name.lower()) or 0, one.name.lower()) for one in Verdict]
    return ", ".join(f"{count} {name}" for count, name in named if count or all_of_them)


def _each(one: JsonObject) -> str:
    """Say how many questions that is for each person, where it is known who could answer."""
    people = one.get("people")
    if people is None:
        return ""
    if not people:
        return "; nobody is enrolled who could answer"
    return f"; {people} could answer, {one.get('each')} each"


def _left_out(answer: JsonObject) -> Iterator[str]:
    if answer.get("of_other_workflows"):
        yield f"left out: {answer['of_other_workflows']} call(s) of other workflows"
    if answer.get("erased"):
        yield f"left out: {answer['erased']} call(s) whose sealed part was erased"


def _compared(answer: JsonObject) -> Iterator[str]:
    yield (
        f"{answer['decisions']} logged decision(s) made again: {answer['same']} the same,"
        f" {answer['different']} different"
    )
    undecidable = answer.get("undecidable")
    for why, count in (undecidable if isinstance(undecidable, dict) else {}).items():
        yield f"  {count} could not be made again: {why}"
    for one in objects(answer, "examples"):
        yield f"entry {one['entry']}, call {one['call']}"
        yield f"  logged: {_joined(one['logged'])}"
        yield f"  now:    {_joined(one['found'])}"


def _joined(said: Json) -> str:
    return ", ".join(str(one) for one in said if one) if isinstance(said, list) else ""
