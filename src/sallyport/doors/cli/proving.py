"""`boundary prove`: whether one version grants nothing that another did not, as files say it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sallyport.adapters.prover import prove
from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import JsonOption
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import BadInputError
from sallyport.model import JsonObject
from sallyport.rules import canonical
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow

SECONDS = 60.0

New = Annotated[Path, typer.Argument(help="The workflow file that is proposed.")]
Old = Annotated[Path, typer.Option("--against", help="The workflow file that counts now.")]
Seconds = Annotated[float, typer.Option(help="How long all of it may take.", min=0.1)]


def command(
    new: New, against: Old, seconds: Seconds = SECONDS, as_json: JsonOption = False
) -> None:
    """Prove that a boundary grants nothing that another did not; exit code 0 only when proved.

    Each counterexample is a call that the gateway itself would treat so. Unknown is not proved.
    Systems are the files in `systems` beside the folder of each workflow file.

    Example: sallyport boundary prove new/support.yaml --against workflows/support.yaml
    """
    with Console(stderr=True).status("proving", spinner="dots"):
        found = asyncio.run(
            prove(
                _sources(new),
                _sources(against),
                today=datetime.now(UTC).date(),
                seconds=seconds,
            )
        )
    screen.show(found, _lines(found), as_json=as_json)
    if found["proved"] is not True:
        raise typer.Exit(1)


def _sources(file: Path) -> JsonObject:
    text = _text(file)
    load_workflow(text, file.name)
    systems: JsonObject = {}
    for path in sorted((file.absolute().parent.parent / "systems").glob("*.yaml")):
        systems[path.name] = _text(path)
        load_system(_text(path), path.name)
    return {"workflow": text, "file": file.name, "systems": systems, "pins": []}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"`{file}` cannot be read as UTF-8 text", fix="name a file") from error


def _lines(found: JsonObject) -> Iterator[str]:
    if found["proved"] is True:
        yield "proved: it grants nothing that the other did not"
        return
    yield "not proved"
    for one in objects(found, "counterexamples"):
        yield f"  {one['tool']} {plain.inert(canonical.text(one['args']))}"
        yield f"    was: {one['was']}; would be: {one['now']}"
        yield f"    with {plain.inert(canonical.text(one['context']))}"
    yield from (f"  unknown: {plain.inert(why)}" for why in texts(found["unknown"]))
