"""The quick way: all tests are collected once; each mutant is a fork of that."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType
from typing import Final

import pytest

from scripts.mutants.atlas import CACHE, OPTIONS, caches, clear, files
from scripts.mutants.forked import CANNOT, KILLED, LIVES, Tell, forked
from scripts.mutants.live import CannotBeGivenError, Live
from scripts.mutants.made import AS_IT_IS, ROOT, Module, Mutant

FEW_S: Final = 5.0
"""What every test may take on top of ten times what it took."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Try one mutant of a module with these tests, each with its seconds, in this order."""

    mutant: Mutant
    text: str
    tests: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What came of it; `by` is the test that failed, if it was one."""

    code: int
    by: str = ""


class Warm:
    """The process in which everything is collected, as its asker sees it."""

    def __init__(self) -> None:
        """Start it, and wait until everything is collected."""
        self._line, far = Pipe()
        self._process = os.fork()
        if self._process == 0:
            self._line.close()
            _serve(far)
        far.close()
        self._line.recv()

    def ask(self, ask: Ask) -> Said:
        """Try one mutant."""
        self._line.send(ask)
        said: Said = self._line.recv()
        return said

    def close(self) -> None:
        """End it."""
        self._line.send(None)
        os.waitpid(self._process, 0)


def _serve(line: Connection) -> None:
    said = os.open(CACHE / "warm.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.chdir(ROOT)
    try:
        pytest.main([*OPTIONS, *files()], plugins=[_Server(line)])
    finally:
        line.close()
        os._exit(0)


class _Server:
    """Takes the place of the loop that would run the tests."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._items: dict[str, pytest.Item] = {}
        self._proved: set[str] = set()
        self._failing: set[str] = set()
        self._is_child = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer until nothing more is asked."""
        self._items = {item.nodeid: item for item in session.items}
        self._caches = caches()
        self._live = Live()
        gc.collect()
        gc.freeze()
        self._line.send("ready")
        while (ask := self._line.recv()) is not None:
            self._line.send(self._answer(ask))
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End at the first failure."""
        if self._is_child and report.failed:
            os._exit(KILLED)

    def _answer(self, ask: Ask) -> Said:
        """Return what came of a mutant. A test is believed once it passed without the change."""
        known = self._items.keys() - self._failing
        tests = [(name, seconds) for name, seconds in ask.tests if name in known]
        while True:
            said = self._tried(ask.mutant, ask.text, tests)
            if said.code in (LIVES, CANNOT) or not said.by or said.by in self._proved:
                return said
            sequence = [name for name, _ in tests]
            until = sequence.index(said.by) + 1
            unchanged = Mutant(ask.mutant.module, "", AS_IT_IS, "", 0, 0, in_body=False, about="")
            if self._tried(unchanged, ask.text, tests[:until]).code == LIVES:
                self._proved.add(said.by)
                return said
            self._failing.add(said.by)
            tests = [pair for pair in tests if pair[0] != said.by]

    def _tried(self, mutant: Mutant, text: str, tests: Sequence[tuple[str, float]]) -> Said:
        within = 60 + 20 * sum(seconds for _, seconds in tests)
        ended = forked(lambda tell: self._child(mutant, text, tests, tell), within)
        if ended.code in (LIVES, CANNOT):
            return Said(ended.code)
        return Said(KILLED, tests[ended.last][0] if ended.last >= 0 else "")

    def _child(
        self, mutant: Mutant, text: str, tests: Sequence[tuple[str, float]], tell: Tell
    ) -> int:
        self._is_child = True
        module, code = _module(mutant.module, text)
        if mutant.number != AS_IT_IS:
            try:
                self._live.give(module, code, mutant)
            except CannotBeGivenError:
                return CANNOT
        clear(self._caches)
        items = [self._items[name] for name, _ in tests]
        for number, (item, after) in enumerate(zip(items, [*items[1:], None], strict=True)):
            tell(number)
            signal.setitimer(signal.ITIMER_PROF, FEW_S + 10 * tests[number][1])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        return LIVES


@lru_cache(maxsize=1)
def _module(name: str, text: str) -> tuple[Module, CodeType]:
    module = Module(name, text)
    return module, compile(text, str(module.path), "exec", dont_inherit=True)


def is_clean() -> bool:
    """Return whether this process knows no module of ours yet."""
    return not any(name.partition(".")[0] == "sallyport" for name in sys.modules)


def shelf() -> Path:
    """Return where results lie."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE
