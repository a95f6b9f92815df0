"""A home's boundaries as files: workflows, their cases, their systems, and the systems' tools.

`workflows/NAME.yaml` is a boundary, and `workflows/NAME.cases.yaml` says what must come of calls
under it. `systems/NAME.yaml` and `tools/NAME.json` lie beside that folder, else in the home.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sallyport.doors.cli.written import find, text_of
from sallyport.errors import BadInputError, NotFoundError
from sallyport.model import Boundary, JsonObject, System, Workflow
from sallyport.rules import VERSION, strict_json
from sallyport.rules.boundary.load import load_system, load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Problem
from sallyport.rules.cases import SUFFIX, Case, compile_offline, load_cases

TOOLS_BYTES_MAX = 8 * 1024 * 1024
DEPTH_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """A boundary compiled from files alone.

    `files` are those of its systems, by their names. `unlisted` are the systems without a list of
    their tools: their calls are decided as if any arguments fitted the tools' own schemas.
    """

    path: Path
    workflow: Workflow
    systems: dict[str, System]
    files: dict[str, Path]
    boundary: Boundary
    unlisted: tuple[str, ...]


def cases_of(workflow: Path) -> Path:
    """Return where the cases of a workflow file stand, whether or not there are any."""
    return workflow.with_name(workflow.name.removesuffix(".yaml") + SUFFIX)


def chosen(home: Path, given: str) -> Path:
    """Return the workflow file that is meant by a path or a name; by its cases as well.

    Raises:
        NotFoundError: There is none.
    """
    said = f"{given.removesuffix(SUFFIX)}.yaml" if given.endswith(SUFFIX) else given
    return find(home, said)


def load(home: Path, path: Path) -> Offline:
    """Return a workflow with its systems and their tools, from files.

    Raises:
        BoundaryErrors: Files cannot be loaded; all of their problems together.
        BadInputError: A file cannot be read, or a list of tools is none.
    """
    problems: list[Problem] = []
    workflow: Workflow | None = None
    systems: dict[str, System] = {}
    files: dict[str, Path] = {}
    try:
        workflow = load_workflow(text_of(path), path.name)
    except BoundaryErrors as error:
        problems += error.problems
    for file in sorted(_beside(home, path, "systems").glob("*.yaml")):
        try:
            system = load_system(text_of(file), file.name)
        except BoundaryErrors as error:
            problems += error.problems
        else:
            systems[system.name], files[system.name] = system, file
    if problems or workflow is None:
        raise BoundaryErrors(problems)
    return _compiled(home, path, workflow, systems, files)


def cases(one: Offline) -> tuple[Case, ...]:
    """Return the cases beside a workflow file.

    Raises:
        NotFoundError: There are none.
        BoundaryErrors: The file cannot be loaded; all of its problems together.
    """
    path = cases_of(one.path)
    if not path.is_file():
        raise NotFoundError(
            f"`{one.path.name}` has no cases",
            fix=f"write `{path.name}` beside it; docs/gallery.md shows how",
        )
    facts = sorted({fact for system in one.systems.values() for fact in system.facts})
    return load_cases(text_of(path), path.name, one.workflow, facts)


def _compiled(
    home: Path,
    path: Path,
    workflow: Workflow,
    systems: dict[str, System],
    files: dict[str, Path],
) -> Offline:
    named = {rule.system for rule in workflow.tools.values()}
    if "" not in named:
        systems = {name: system for name, system in systems.items() if name in named}
    listed: dict[str, tuple[JsonObject, ...]] = {}
    for name in systems:
        file = _beside(home, path, "tools") / f"{name}.json"
        if file.is_file():
            listed[name] = tuple(_tools(file))
    return Offline(
        path=path,
        workflow=workflow,
        systems=systems,
        files={name: files[name] for name in systems},
        boundary=compile_offline(workflow, systems, listed, code_version=VERSION),
        unlisted=tuple(name for name in systems if name not in listed),
    )


def _beside(home: Path, path: Path, kind: str) -> Path:
    """Return a folder beside the workflow's own, else that of the home."""
    beside = path.absolute().parent.parent / kind
    return beside if beside.is_dir() else home / kind


def _tools(file: Path) -> Iterable[JsonObject]:
    """Return the tools of a file as a server lists them: `{"tools": [{"name": ...}]}`."""
    try:
        said = strict_json.loads(
            text_of(file).encode(), bytes_max=TOOLS_BYTES_MAX, depth_max=DEPTH_MAX
        )
    except BadInputError as error:
        raise BadInputError(f"`{file}`: {error.what}", fix=error.fix) from None
    tools = said.get("tools") if isinstance(said, dict) else None
    found = [one for one in tools if isinstance(one, dict)] if isinstance(tools, list) else []
    if not isinstance(tools, list) or len(found) < len(tools):
        raise BadInputError(
            f"`{file}` is no list of tools",
            fix='write {"tools": [...]}, as a server answers `tools/list`',
        )
    return found
