"""Ask the type checker about what no test noticed: what it refuses does not land either.

mypy keeps everything it knows of a copy of the sources, and looks again at the one module that
changes. Annotations are no mutants, so it judges the code by what the code promises.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import chdir, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from mypy.dmypy_server import Server
from mypy.main import process_options

from scripts.mutants import made
from scripts.mutants.made import ROOT, RULES, Module, Mutant
from scripts.mutants.trying import Verdict

BY: Final = "mypy"
_PLAIN: Final[dict[str, Any]] = {"is_tty": False, "terminal_width": 80, "export_types": False}


class Checker:
    """mypy over a copy of the sources, in which one module at a time is another one."""

    def __init__(self, tree: Path) -> None:
        """Look at all of it once.

        Raises:
            SystemExit: The sources are refused as they are.
        """
        self._tree, self._later = tree, count(1)
        self._begin()

    def _begin(self) -> None:
        where = str(RULES.relative_to(ROOT))
        options = ["--config-file", "pyproject.toml", "--follow-imports", "normal", where]
        with chdir(self._tree):
            _, chosen = process_options(options, server_options=True)
            self._server = Server(chosen, str(self._tree / "status.json"))
            found: dict[str, Any] = self._server.cmd_check([where], **_PLAIN)
        if found["status"]:
            raise SystemExit(f"mypy refuses the rules as they are: {found['out']}")

    def refuses(self, mutant: Mutant, text: str) -> bool:
        """Return whether a mutant of a module is refused; `text` is the module as it is."""
        changed = ast.unparse(Module(mutant.module, text).changed(mutant.number))
        path = self._tree / made.path_of(mutant.module).relative_to(ROOT)
        try:
            return self._looked_at(path, changed)
        except AssertionError:
            # It lost its own thread, which says nothing about the mutant: begin again.
            path.write_text(text, encoding="utf-8")
            self._begin()
            return False

    def restore(self, module: str, text: str) -> None:
        """Put a module back."""
        self._looked_at(self._tree / made.path_of(module).relative_to(ROOT), text)

    def _looked_at(self, path: Path, text: str) -> bool:
        path.write_text(text, encoding="utf-8")
        # It tells by time and size whether a file changed, and two come within one tick.
        later = path.stat().st_mtime + next(self._later)
        os.utime(path, (later, later))
        with chdir(self._tree):
            found: dict[str, Any] = self._server.cmd_recheck(**_PLAIN)
        return bool(found["status"])


@contextmanager
def checker() -> Generator[Checker]:
    """Copy the sources, and look at them for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        source = RULES.parent.relative_to(ROOT)
        # Only Python: nothing else has types.
        shutil.copytree(ROOT / source, tree / source, ignore=_all_but_python)
        shutil.copy(ROOT / "pyproject.toml", tree)
        yield Checker(tree)


def refused(mutants: Iterable[Mutant]) -> Iterator[Verdict]:
    """Yield a verdict on each mutant that the type checker refuses."""
    with checker() as mypy:
        before = ("", "")
        for number, mutant in enumerate(mutants, start=1):
            if mutant.module != before[0]:
                if before[0]:
                    mypy.restore(*before)
                before = (mutant.module, made.read(mutant.module).text)
            if mypy.refuses(mutant, before[1]):
                yield Verdict(mutant, killed=True, by=BY, way="types")
            if number % 200 == 0:
                print(f"{number} looked at by mypy: {mutant.module}", file=sys.stderr, flush=True)


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    kept = (name for name in names if not name.endswith(".py"))
    return [name for name in kept if name == "__pycache__" or not Path(folder, name).is_dir()]
