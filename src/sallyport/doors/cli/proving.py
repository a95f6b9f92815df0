"""`boundary prove`: what a version grants that another did not, and what it keeps by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sallyport.adapters.prover import ProcessProver
from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import JsonOption
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import BadInputError, NotFoundError
from sallyport.model import Json, JsonObject
from sallyport.ports import Proof
from sallyport.rules import canonical
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow

SECONDS = 60.0

New = Annotated[Path, typer.Argument(help="The workflow file that is proposed.", metavar="FILE")]
Old = Annotated[
    Path | None,
    typer.Option("--against", help="The workflow file that counts now.", metavar="FILE"),
]
Seconds = Annotated[float, typer.Option(help="How long all of it may take.", min=0.1)]


def command(
    new: New, against: Old = None, seconds: Seconds = SECONDS, as_json: JsonOption = False
) -> None:
    """Prove what a boundary grants; exit code 0 only when all of it is proved.

    With --against, that it grants nothing that another version did not. Alone, what each version
    must keep by itself: its `always` lines, and that nothing which reaches outside, moves money or
    changes access happens unasked but by a live `allow` entry, each of which is named.

    Each counterexample is a call that the gateway itself would treat so. Unknown is not proved.
    Systems are the files in `systems` beside the folder of each workflow file.

    Example: sallyport boundary prove new/support.yaml --against workflows/support.yaml
    """
    proposed = _sources(new)
    old = None if against is None else _sources(against)
    with Console(stderr=True).status("proving", spinner="dots"):
        today = datetime.now(UTC).date()
        proof = asyncio.run(ProcessProver().prove(proposed, old, today=today, seconds=seconds))
    found = _as_json(proof, alone=against is None)
    screen.show(found, _lines(found, alone=against is None), as_json=as_json)
    if not proof.proved:
        raise typer.Exit(1)


def _as_json(proof: Proof, *, alone: bool) -> JsonObject:
    found: JsonObject = {
        "proved": proof.proved,
        "unknown": list[Json](proof.unknown),
        "counterexamples": list[Json](proof.counterexamples),
    }
    more: JsonObject = {"unasked": list[Json](proof.unasked), "useless": list[Json](proof.useless)}
    return {**found, **more} if alone else found


def _sources(file: Path) -> JsonObject:
    text = _text(file)
    load_workflow(text, file.name)
    systems: JsonObject = {}
    for path in sorted((file.absolute().parent.parent / "systems").glob("*.yaml")):
        systems[path.name] = _text(path)
        load_system(_text(path), path.name)
    return {"workflow": text, "workflow_file": file.name, "systems": systems, "pins": []}


def _text(file: Path) -> str:
    if not file.exists():
        raise NotFoundError(
            f"there is no file `{file}`", fix="name a workflow file, with its folder"
        )
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"`{file}` cannot be read as UTF-8 text", fix="name a file") from error


def _lines(found: JsonObject, *, alone: bool) -> Iterator[str]:
    if found["proved"] is True:
        kept = "it keeps what each version must keep by itself"
        yield f"proved: {kept if alone else 'it grants nothing that the other did not'}"
    else:
        yield "not proved"
    for one in objects(found, "counterexamples"):
        yield f"  {one['tool']} {plain.inert(canonical.text(one['args']))}"
        yield f"    {'claimed' if alone else 'was'}: {one['was']}; would be: {one['now']}"
        yield f"    with {plain.inert(canonical.text(one['context']))}"
    yield from (f"  unknown: {plain.inert(why)}" for why in texts(found["unknown"]))
    yield from (f"  unasked: {plain.inert(one)}" for one in texts(found.get("unasked", [])))
    yield from (f"  useless: {plain.inert(one)}" for one in texts(found.get("useless", [])))
