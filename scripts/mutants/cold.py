"""The slow way: a process imports the changed module anew, and collects tests anew."""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

import pytest

from scripts.mutants.atlas import OPTIONS
from scripts.mutants.forked import KILLED, LIVES, Tell, forked
from scripts.mutants.made import AS_IT_IS, ROOT, Module, Mutant
from scripts.mutants.warm import Said

START_S: Final = 30
"""What importing and collecting may take."""


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module as it was changed to whoever imports it."""

    def __init__(self, module: Module, number: int) -> None:
        self._module, self._number = module, number

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find it."""
        if fullname != self._module.full_name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._module.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        tree = self._module.changed(self._number)
        exec(compile(tree, str(self._module.path), "exec"), module.__dict__)  # noqa: S102


class _Chosen:
    """Keeps what was chosen and what nobody knows, and tells which test begins."""

    def __init__(self, tests: Mapping[str, float], known: frozenset[str], tell: Tell) -> None:
        self._tests, self._known, self._tell = tests, known, tell
        self._order = {name: number for number, name in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep them, in order; a test of a new name was drawn from what changed."""
        kept = [i for i in items if i.nodeid in self._order or i.nodeid not in self._known]
        items[:] = sorted(kept, key=lambda item: self._order.get(item.nodeid, -1))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Give each its time."""
        self._tell(self._order.get(item.nodeid, -1))
        seconds = self._tests.get(item.nodeid, 1.0)
        signal.setitimer(signal.ITIMER_PROF, START_S + 10 * seconds)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End at the first failure."""
        if report.failed:
            os._exit(KILLED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected any more has noticed."""
        if report.failed:
            os._exit(KILLED)


def tried(
    mutant: Mutant,
    module: Module,
    tests: Mapping[str, float],
    files: Sequence[str],
    known: frozenset[str],
) -> Said:
    """Try one mutant with these tests of these files. For a process that knows no rules yet."""

    def work(tell: Tell) -> int:
        os.chdir(ROOT)
        if mutant.number != AS_IT_IS:
            sys.meta_path.insert(0, _Importer(module, mutant.number))
        signal.setitimer(signal.ITIMER_PROF, START_S)
        code = int(pytest.main([*OPTIONS, *files], plugins=[_Chosen(tests, known, tell)]))
        return LIVES if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else KILLED

    ended = forked(work, 2 * START_S + 20 * sum(tests.values()))
    if ended.code == LIVES:
        return Said(LIVES)
    return Said(KILLED, list(tests)[ended.last] if ended.last >= 0 else "")
