"""Boundaries: check what was written, read it in plain words, and sign it.

The gateway compiles, since a boundary holds the tools as its systems offer them now. What a file
alone can be wrong about is found here first, without a gateway.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sallyport.doors.cli import keys, plain, proving, screen
from sallyport.doors.cli.common import AsOption, Here, HomeOption, JsonOption, YesOption
from sallyport.doors.connect import proposal
from sallyport.doors.connect.parties import Gateway, objects
from sallyport.errors import BadInputError, NotFoundError, SallyportError
from sallyport.model import Json, JsonObject, Workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Problem
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.times import utc

app = typer.Typer(
    help="Boundaries: check, explain, diff, prove, sign.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

app.command("prove")(proving.command)

SOON_US = 60 * 1_000_000

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


@app.command()
def check(files: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what is wrong with boundaries, each place with its fix. Exit code 1 if anything is.

    Example: sallyport boundary check workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    written = _written(here.home, files)
    answers = [_propose(here.gateway, one) for one in written]
    here.show({"boundaries": list[Json](answers)}, _checked(written, answers))
    if any(_errors(answer) for answer in answers):
        raise typer.Exit(1)


@app.command()
def explain(files: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say in plain words what boundaries permit, as written; or as in force where no file is left.

    Example: sallyport boundary explain customer-support
    """
    here = Here(home, as_json)
    answers = _in_force(here, files) or [
        _propose(here.gateway, one) for one in _written(here.home, files)
    ]
    plains = [plain.inert(str(one.get("plain")), lines=True) for one in answers]
    here.show({"boundaries": list[Json](answers)}, "\n\n".join(plains).splitlines())


@app.command()
def diff(files: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what boundaries as written add to those in force and take away, in the same plain words.

    Exit code 1 if anything differs, as with other tools of this name.

    Example: sallyport boundary diff workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    answers = [_propose(here.gateway, one) for one in _written(here.home, files)]
    here.show(
        {"boundaries": list[Json](answers)}, [line for one in answers for line in _differs(one)]
    )
    if any(one.get("digest") != one.get("replaces") for one in answers):
        raise typer.Exit(1)


@app.command()
def sign(
    files: Files = None,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Put boundaries in force: read them in plain words, say yes, sign with your key.

    Example: sallyport boundary sign workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    written = _written(here.home, files)
    gateway = here.gateway
    active = {str(one.get("digest")) for one in objects(gateway.get("boundaries"), "active")}
    signed: list[Json] = []
    for one in written:
        answer = _propose(gateway, one)
        name, digest = str(answer.get("workflow")), str(answer.get("digest"))
        if digest in active:
            here.say(f"{name} is in force already as it is written")
            continue
        _read(here, answer)
        if not sure and not here.agrees(f"Put {name} in force?"):
            here.say(f"{name} was not signed")
            raise typer.Exit(1)
        from_us = proposal.sign(
            gateway,
            keys.open_key(who),
            workflow=name,
            digest=digest,
            proposal=proposal.proposal_of(answer),
        )
        signed.append({"workflow": name, "digest": digest, "counts_from_us": from_us})
    here.show({"signed": signed}, [_in_force_now(one) for one in signed])


def _differs(answer: JsonObject) -> Iterator[str]:
    """Yield what a boundary changes, headed by its name."""
    name = answer.get("workflow")
    if not answer.get("replaces"):
        yield f"{name} is not in force yet: all of it is new"
    elif answer.get("digest") == answer.get("replaces"):
        yield f"{name} is in force as it is written"
    else:
        yield f"{name}, compared with what is in force (- taken away, + added):"
        yield from (plain.inert(line) for line in str(answer.get("changes_in_words")).splitlines())


def _read(here: Here, answer: JsonObject) -> None:
    """Show what would be signed, and what it changes; a boundary with errors cannot be."""
    for line in str(answer.get("plain")).splitlines():
        here.say(plain.inert(line))
    if answer.get("replaces"):
        for line in ("", *_differs(answer)):
            here.say(line)
    for line in screen.problem_lines(objects(answer, "problems")):
        here.say(line)
    here.say(f"digest: {answer.get('digest')}")
    if _errors(answer):
        raise BadInputError(
            f"the boundary of `{answer.get('workflow')}` has {len(_errors(answer))} error(s)",
            fix="correct the places named above, then sign again",
        )


def _written(home: Path, files: Sequence[str] | None) -> list[Written]:
    """Load workflow files and the systems they name.

    Raises:
        NotFoundError: There is no such file, or none at all.
        BoundaryErrors: Files cannot be loaded; all of their problems together.
    """
    paths = (
        [_path(home, one) for one in files]
        if files
        else sorted((home / "workflows").glob("*.yaml"))
    )
    if not paths:
        raise NotFoundError(
            f"there are no workflows in `{home / 'workflows'}`",
            fix="write a first one with `sallyport new`, or name a file",
        )
    problems: list[Problem] = []
    written: list[Written] = []
    for path in paths:
        try:
            written.append(_load(home, path))
        except BoundaryErrors as error:
            problems += error.problems
    if problems:
        raise BoundaryErrors(problems)
    return written


def _path(home: Path, given: str) -> Path:
    for path in (Path(given), home / given, home / "workflows" / f"{given}.yaml"):
        if path.is_file():
            return path
    raise NotFoundError(
        f"there is no workflow file `{given}`",
        fix=f"name a file, or one of those in `{home / 'workflows'}`",
    )


def _load(home: Path, path: Path) -> Written:
    text = _text(path)
    workflow = load_workflow(text, path.name)
    named = {rule.system for rule in workflow.tools.values()}
    systems: dict[str, str] = {}
    for file in _system_files(home, path):
        said = _text(file)
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(
            f"`{path}` cannot be read as UTF-8 text", fix="correct the file"
        ) from error


def _propose(gateway: Gateway, one: Written) -> JsonObject:
    return gateway.post(
        "boundary/propose",
        {"workflow": one.text, "file": one.path.name, "systems": {**one.systems}},
    )


def _in_force(here: Here, files: Sequence[str] | None) -> list[JsonObject]:
    """Return the boundaries in force, where each one is named and none has a file."""
    if not files:
        return []
    try:
        for one in files:
            _path(here.home, one)
    except SallyportError:
        active = {
            one.get("workflow"): one for one in objects(here.gateway.get("boundaries"), "active")
        }
        return [active[one] for one in files] if all(one in active for one in files) else []
    return []


def _errors(answer: JsonObject) -> list[str]:
    return proposal.problems(objects(answer, "problems"), "error")


def _checked(written: Sequence[Written], answers: Sequence[JsonObject]) -> Iterator[str]:
    for one, answer in zip(written, answers, strict=True):
        yield from screen.problem_lines(objects(answer, "problems"))
        count = len(_errors(answer))
        said = f"{count} error(s)" if count else "good; sign it with `sallyport boundary sign`"
        yield f"{one.path.name}: {said}"


def _in_force_now(one: Json) -> str:
    said = one if isinstance(one, dict) else {}
    from_us = said.get("counts_from_us")
    name = f"{said.get('workflow')} ({said.get('digest')})"
    if isinstance(from_us, int) and from_us > time.time_ns() // 1000 + SOON_US:
        return (
            f"signed: {name}; it counts from {utc(from_us)}, because one person works alone here"
            " and this is production"
        )
    return f"in force: {name}"
