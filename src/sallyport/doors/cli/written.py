"""Boundaries as they are written in a home: workflow files with the system files they need.

The gateway compiles, since a boundary holds the tools as its systems offer them now. What a file
alone can be wrong about is found here first, without a gateway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from sallyport.doors.cli import plain
from sallyport.doors.connect import proposal
from sallyport.doors.connect.parties import Gateway, objects
from sallyport.errors import BadInputError, NotFoundError
from sallyport.model import JsonObject, Workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Problem
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.cases import SUFFIX

DIGITS = 12
"""Digits of a digest that people are shown."""

_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")

Files = Annotated[
    list[str] | None,
    typer.Argument(help="Workflow files or names; else all of the home.", metavar="[FILE]..."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One workflow file with the system files it needs."""

    path: Path
    text: str
    workflow: Workflow
    systems: dict[str, str]


def load_all(home: Path, files: Sequence[str] | None) -> list[Written]:
    """Load workflow files and the systems they name.

    Raises:
        NotFoundError: There is no such file, or none at all.
        BoundaryErrors: Files cannot be loaded; all of their problems together.
    """
    paths = [find(home, one) for one in files] if files else workflow_files(home)
    if not paths:
        raise NotFoundError(
            f"there are no workflows in `{home / 'workflows'}`",
            fix="write a first one with `sallyport new`, or name a file",
        )
    problems: list[Problem] = []
    found: list[Written] = []
    for path in paths:
        try:
            found.append(_load(home, path))
        except BoundaryErrors as error:
            problems += error.problems
    if problems:
        raise BoundaryErrors(problems)
    return found


def workflow_files(home: Path) -> list[Path]:
    """Return a home's workflow files, without the cases beside them."""
    paths = sorted((home / "workflows").glob("*.yaml"))
    return [path for path in paths if not path.name.endswith(SUFFIX)]


def find(home: Path, given: str) -> Path:
    """Return the workflow file that somebody named.

    Raises:
        NotFoundError: There is none.
    """
    for path in (Path(given), home / given, home / "workflows" / f"{given}.yaml"):
        if path.is_file():
            return path
    raise NotFoundError(
        f"there is no workflow file `{given}`",
        fix=f"name a file, or one of those in `{home / 'workflows'}`",
    )


def _load(home: Path, path: Path) -> Written:
    text = text_of(path)
    workflow = load_workflow(text, path.name)
    named = {rule.system for rule in workflow.tools.values()}
    systems: dict[str, str] = {}
    for file in _system_files(home, path):
        said = text_of(file)
        if "" in named or load_system(said, file.name).name in named:
            systems[file.name] = said
    if not systems:
        raise NotFoundError(
            f"no system file in `{home / 'systems'}` is one that `{path.name}` names",
            fix="write one: docs/boundary.md shows how",
        )
    return Written(path=path, text=text, workflow=workflow, systems=systems)


def _system_files(home: Path, path: Path) -> list[Path]:
    """Return the system files: beside the workflow's folder, else of the home."""
    beside = path.absolute().parent.parent / "systems"
    return sorted((beside if beside.is_dir() else home / "systems").glob("*.yaml"))


def text_of(path: Path) -> str:
    """Return a file's text.

    Raises:
        BadInputError: It cannot be read as UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"`{path}` cannot be read as UTF-8 text", fix="correct the file"
        ) from error


def propose(gateway: Gateway, one: Written, because: str = "") -> JsonObject:
    """Have the gateway compile what is written; nothing counts yet."""
    body: JsonObject = {
        "workflow": one.text,
        "file": one.path.name,
        "systems": {**one.systems},
        "because": because,
    }
    return gateway.post("boundary/propose", body)


def differs(answer: JsonObject) -> Iterator[str]:
    """Yield what a boundary changes, headed by its name."""
    name = answer.get("workflow")
    if not answer.get("replaces"):
        yield f"{name} is not in force yet: all of it is new"
    elif answer.get("digest") == answer.get("replaces"):
        yield f"{name} is in force as it is written"
    else:
        yield f"{name}, compared with what is in force (- taken away, + added):"
        yield from (
            plain.inert(line)
            for line in shortened(str(answer.get("changes_in_words"))).splitlines()
        )


def shortened(text: str) -> str:
    """Return a text with every digest cut to its first digits, for eyes; programs get all."""
    return _DIGEST.sub(lambda found: found[0][:DIGITS], text)


def errors(answer: JsonObject) -> list[str]:
    """Return the errors that the check found in what was proposed."""
    return proposal.problems(objects(answer, "problems"), "error")
