"""`new --from NAME`: a home begun with a boundary of the gallery, which lies in the package.

Nothing that is there already is written over, and nothing is in force before somebody signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sallyport.doors.cli.common import Here
from sallyport.doors.cli.reach import settle
from sallyport.errors import ConflictError, NotFoundError
from sallyport.model import Json
from sallyport.rules.boundary.problems import suggest
from sallyport.rules.cases import SUFFIX

KINDS = ("workflows", "systems", "tools")


def names() -> list[str]:
    """Return the names of the gallery's boundaries."""
    return sorted(one.name for one in _gallery().iterdir() if one.is_dir())


def copy(here: Here, name: str) -> None:
    """Copy a boundary of the gallery into the home, and say what to do with it.

    Raises:
        NotFoundError: The gallery has none of this name.
        ConflictError: The home has one of its files already.
    """
    if name not in names():
        raise NotFoundError(
            f"the gallery has no boundary `{name[:40]}`", fix=suggest(name, names())
        )
    found = list(_files(name))
    there = [path for path, _ in found if (here.home / path).exists()]
    if there:
        raise ConflictError(
            f"`{here.home / there[0]}` is there already",
            fix="move it away, or name another home with --home",
        )
    settle(here.home)
    for path, source in found:
        (here.home / path).parent.mkdir(parents=True, exist_ok=True)
        (here.home / path).write_bytes(source.read_bytes())
    workflow = next(path.stem for path, _ in found if _is_workflow(path))
    here.show(
        {"workflow": workflow, "files": list[Json](str(here.home / path) for path, _ in found)},
        _lines(here.home, workflow, [path for path, _ in found]),
    )


def _lines(home: Path, workflow: str, paths: list[Path]) -> Iterator[str]:
    yield from (f"wrote {home / path}" for path in paths)
    yield "It names an owner, an agent, addresses, folders and dates: write your own there. Then:"
    yield f"  1. sallyport boundary test {workflow} --home {home}"
    yield f"  2. sallyport boundary check {workflow} --home {home}"
    yield f"  3. sallyport boundary sign {workflow} --home {home}"


def _files(name: str) -> Iterator[tuple[Path, Traversable]]:
    for kind in KINDS:
        for one in sorted((_gallery() / name / kind).iterdir(), key=lambda file: file.name):
            yield Path(kind) / one.name, one


def _is_workflow(path: Path) -> bool:
    return path.parts[0] == KINDS[0] and not path.name.endswith(SUFFIX)


def _gallery() -> Traversable:
    return files("sallyport") / "gallery"
