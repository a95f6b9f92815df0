"""`boundary export`: a boundary's words for a call in Cedar, for a second engine.

Everything is read from files; nothing runs and nothing is asked of a gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sallyport.doors.cli import offline, screen
from sallyport.doors.cli.common import Here, HomeOption, JsonOption
from sallyport.errors import BadInputError
from sallyport.model import Json
from sallyport.rules.boundary.cedar import CedarPolicies, export

File = Annotated[str, typer.Argument(help="A workflow file or name.", metavar="FILE")]
AsCedar = Annotated[bool, typer.Option("--cedar", help="As Cedar policies with their schema.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Where to write NAME.cedar and NAME.cedarschema.", metavar="FOLDER"),
]


def command(
    file: File,
    cedar: AsCedar = False,
    out: Out = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a boundary for another engine, as a second opinion: `--cedar` is the one there is.

    Without `--out` the policies are printed. What depends on more than one call stays here: limits,
    stops, stages, influence and approvals. A tool that Cedar has no words for gets no policy, so
    nothing permits it there, and is named.

    Example: sallyport boundary export customer-support --cedar --out cedar
    """
    if not cedar:
        raise BadInputError("no format was named", fix="add `--cedar`")
    here = Here(home, as_json)
    one = offline.load(here.home, offline.chosen(here.home, file))
    found = export(one.boundary)
    if out is not None:
        _write(out, one.workflow.name, found)
    here.show(
        {
            "policies": found.policies,
            "schema": found.schema,
            "left_out": dict[str, Json](found.left_out),
        },
        _lines(found, one.workflow.name, out),
    )
    for tool, why in found.left_out.items():
        screen.say(f"`{tool}` has no policy: Cedar has no words for {why}", as_json=True)


def _lines(found: CedarPolicies, name: str, out: Path | None) -> Iterator[str]:
    if out is None:
        yield from found.policies.splitlines()
    else:
        yield f"written: {out / f'{name}.cedar'} and {name}.cedarschema"


def _write(out: Path, name: str, found: CedarPolicies) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.cedar").write_text(found.policies, encoding="utf-8")
        (out / f"{name}.cedarschema").write_text(found.schema, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"nothing can be written to `{out}`", fix="name a folder") from error
