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
from sallyport.doors.cli import offline, plain
from sallyport.doors.cli.common import Here, HomeOption, JsonOption
from sallyport.doors.cli.offline import Offline
from sallyport.doors.cli.written import text_of
from sallyport.doors.connect.parties import objects, texts
from sallyport.model import Json, JsonObject
from sallyport.ports import Proof
from sallyport.rules import canonical

SECONDS = 60.0

New = Annotated[
    str, typer.Argument(help="The workflow that is proposed, a file or a name.", metavar="FILE")
]
Old = Annotated[
    str,
    typer.Option("--against", help="The one that counts now, a file or a name.", metavar="FILE"),
]
Seconds = Annotated[float, typer.Option(help="How long all of it may take.", min=0.1)]


def command(
    new: New,
    against: Old = "",
    seconds: Seconds = SECONDS,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove what a boundary grants; exit code 0 only when all of it is proved.

    With --against, that it grants nothing that another version did not. Alone, what each version
    must keep by itself: its `always` lines, and that nothing which reaches outside, moves money or
    changes access happens unasked but by a live `allow` entry, each of which is named.

    Each counterexample is a call that the gateway itself would treat so. Unknown is not proved.
    Systems and lists of their tools are the files in `systems` and `tools` beside the folder of
    each workflow file. Without the lists, nothing is proved of a tool that several systems name.

    Example: sallyport boundary prove new/support.yaml --against workflows/support.yaml
    """
    here = Here(home, as_json)
    versions = [_loaded(here.home, one) for one in (new, against) if one]
    listed = not any(one.unlisted for one in versions)
    proposed, *old = [_sources(one, listed=listed) for one in versions]
    with Console(stderr=True).status("proving", spinner="dots"):
        today = datetime.now(UTC).date()
        asked = ProcessProver().prove(
            proposed, old[0] if old else None, today=today, seconds=seconds
        )
        proof = asyncio.run(asked)
    found = _as_json(proof, alone=not old)
    here.show(found, _lines(found, alone=not old))
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


def _loaded(home: Path, given: str) -> Offline:
    return offline.load(home, offline.chosen(home, given))


def _sources(one: Offline, *, listed: bool) -> JsonObject:
    """Return what the prover compiles; tools as listed only where both sides have their lists."""
    pins: list[Json] = [
        {"system": pin.system, "tool": pin.tool, "definition": pin.definition}
        for pin in one.boundary.pins.values()
    ]
    return {
        "workflow": text_of(one.path),
        "workflow_file": one.path.name,
        "systems": {file.name: text_of(file) for file in one.files.values()},
        "pins": pins if listed else [],
    }


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
