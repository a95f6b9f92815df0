"""Which test reaches which line of the rules, and how long each takes.

Measured once for each file of tests, with the `coverage` library, and kept until that file changes.
Where a module changed since, a line is known by the function it is in.
What runs while modules are imported and tests are collected is no test's; it stands apart.
"""

from __future__ import annotations

import ast
import functools
import gc
import hashlib
import importlib
import json
import os
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from coverage import Coverage

from scripts.mutants import made
from scripts.mutants.made import ROOT, RULES

CACHE: Final = ROOT / ".cache" / "mutants"
OPTIONS: Final = (
    *("-q", "--assert=plain", "-p", "no:randomly", "-p", "no:xdist"),
    *("-o", "tmp_path_retention_policy=none", "-o", "cache_dir=.cache/mutants/pytest"),
)
# In one process, and quick. What starts processes or browsers is left out: it would see the rules
# as they are on disk.
WHERE: Final = (
    "tests/decision_table",
    "tests/gallery",
    *(
        f"tests/unit/{part}"
        for part in (
            "rules",
            "telling",
            "wire",
            "boundary",
            "flow",
            "doors_api",
            "doors_mcp",
            "cli",
            "console",
            "keys",
            "proof",
            "oracles",
        )
    ),
)
NOT_THESE: Final = ("tests/unit/oracles/test_mutants.py",)


@dataclass(slots=True)
class Reached:
    """What one test reaches: the lines of each module, as the bits of a number."""

    seconds: float
    lines: dict[str, int]


@dataclass(slots=True)
class Sheet:
    """What a file of tests reaches, and in which state of the modules that was measured.

    `early` is what runs while the file is collected; `failing` are its tests that fail as it is.
    """

    digest: str
    tests: dict[str, Reached] = field(default_factory=dict[str, Reached])
    early: dict[str, int] = field(default_factory=dict[str, int])
    failing: list[str] = field(default_factory=list[str])
    sources: dict[str, str] = field(default_factory=dict[str, str])


def files() -> list[str]:
    """Return the files of tests that are asked, as paths below the root."""
    found = (path for where in WHERE for path in sorted((ROOT / where).rglob("test_*.py")))
    names = (str(path.relative_to(ROOT)) for path in found)
    return [name for name in names if name not in NOT_THESE]


def digest_of(path: Path) -> str:
    """Return a short digest of a file; of nothing if it is gone."""
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()[:16]


# Measuring.


class _Recorder:
    """Switches the context of the measurement with each test, and keeps the times."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.times: dict[str, float] = {}
        self.failing: set[str] = set()
        self._caches: list[Any] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Whatever runs now is the file's."""
        if isinstance(collector, pytest.Module):
            self.coverage.switch_context(f"early {collector.nodeid}")
        return (yield)

    def pytest_collection_finish(self) -> None:
        """Find what remembers answers: a test reaches what it would reach alone."""
        self._caches = caches()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Measure one test."""
        clear(self._caches)
        self.coverage.switch_context(item.nodeid)
        began = time.process_time()
        done = yield
        self.times[item.nodeid] = time.process_time() - began
        self.coverage.switch_context("between")
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what fails as it is: it can tell nothing."""
        if report.failed:
            self.failing.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember files that cannot be read."""
        if report.failed:
            self.failing.add(report.nodeid)


def caches() -> list[Any]:
    """Return every function that remembers its answers."""
    kind = type(functools.lru_cache(lambda: None))
    return [one for one in gc.get_objects() if type(one) is kind]


def clear(remembering: Sequence[Any]) -> None:
    """Let them forget."""
    for one in remembering:
        one.cache_clear()


def measure(names: Sequence[str], to: Path) -> None:
    """Run files of tests, and write what each reaches. For a process that knows no rules yet."""
    digests = {name: digest_of(ROOT / name) for name in names}
    sources = {module: made.path_of(module).read_text() for module in made.modules()}
    coverage = Coverage(data_file=None, config_file=False, include=[f"{RULES}/*"])
    recorder = _Recorder(coverage)
    coverage.start()
    coverage.switch_context("import")
    for module in sources:
        importlib.import_module(f"{made.PACKAGE}.{module}")
    code = pytest.main([*OPTIONS, *names], plugins=[recorder])
    coverage.stop()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(f"the tests could not be run, see {CACHE}/atlas.*.txt")
    _write(recorder, digests, sources, to)


def _write(
    recorder: _Recorder, digests: Mapping[str, str], sources: Mapping[str, str], to: Path
) -> None:
    reached = _by_context(recorder.coverage)
    used = {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in sources.items()}
    for name, text in sources.items():
        (to / "sources" / used[name]).write_text(text)
    for name, digest in digests.items():
        seconds = {one: s for one, s in recorder.times.items() if one.partition("::")[0] == name}
        sheet = {
            "digest": digest,
            "sources": used,
            "early": reached.get(f"early {name}", {}),
            "failing": [one for one in recorder.failing if one.partition("::")[0] == name],
            "tests": {one: [s, reached.get(one, {})] for one, s in seconds.items()},
        }
        _sheet(to, name).write_text(json.dumps(sheet))
    (to / "import.json").write_text(json.dumps(reached.get("import", {})))


def _by_context(coverage: Coverage) -> dict[str, dict[str, str]]:
    """Return the lines of each module by test, as hexadecimal bits."""
    found: dict[str, dict[str, int]] = {}
    data = coverage.get_data()
    for path in data.measured_files():
        module = ".".join(Path(path).relative_to(RULES).with_suffix("").parts)
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                lines = found.setdefault(context, {})
                lines[module] = lines.get(module, 0) | (1 << line)
    return {one: {m: hex(bits) for m, bits in lines.items()} for one, lines in found.items()}


def _sheet(where: Path, name: str) -> Path:
    return where / (name.replace("/", ".") + ".json")


# Reading.


class Atlas:
    """What all files of tests reach, as it was measured last."""

    def __init__(self, where: Path = CACHE / "atlas") -> None:
        """Read what there is."""
        self.where = where
        self.sheets = {name: _read(_sheet(where, name)) for name in files()}
        self._spans: dict[tuple[str, str], dict[str, int]] = {}
        self._now = {m: digest_of(made.path_of(m)) for m in made.modules()}
        early = where / "import.json"
        self.imported = _lines(json.loads(early.read_text())) if early.exists() else {}

    def stale(self) -> list[str]:
        """Return the files that changed since they were measured."""
        return [n for n, one in self.sheets.items() if one.digest != digest_of(ROOT / n)]

    def tests(self) -> Iterator[tuple[str, Reached, Sheet]]:
        """Yield every test that passes as it is."""
        for sheet in self.sheets.values():
            failing = set(sheet.failing)
            for name, reached in sheet.tests.items():
                if name not in failing:
                    yield name, reached, sheet

    def reaching(self, module: str, owners: Sequence[str], lines: int) -> dict[str, float]:
        """Return the tests that reach lines of a module, with their seconds.

        Where the module is not as it was measured: the tests that reach the functions `owners`.
        """
        found: dict[str, float] = {}
        for name, reached, sheet in self.tests():
            has = reached.lines.get(module, 0)
            if has and has & self._wanted(sheet, module, owners, lines):
                found[name] = reached.seconds
        return found

    def files_about(self, module: str, number: int) -> frozenset[str]:
        """Return the files whose tests reach most of what few tests reach in a module."""
        reaching: Counter[int] = Counter()
        by_test: dict[str, list[int]] = {}
        for name, reached, _ in self.tests():
            by_test[name] = _places(reached.lines.get(module, 0))
            reaching.update(by_test[name])
        worth: dict[str, float] = {}
        for name, places in by_test.items():
            file = name.partition("::")[0]
            worth[file] = worth.get(file, 0.0) + sum(1 / reaching[one] for one in places)
        best = sorted(worth, key=lambda file: -worth[file])
        return frozenset(best[:number])

    def early(self, module: str, owners: Sequence[str], lines: int) -> list[str]:
        """Return the files that run these lines when they are collected."""
        return [
            name
            for name, sheet in self.sheets.items()
            if sheet.early.get(module, 0) & self._wanted(sheet, module, owners, lines)
        ]

    def _wanted(self, sheet: Sheet, module: str, owners: Sequence[str], lines: int) -> int:
        measured = sheet.sources.get(module, "")
        if lines and measured == self._now.get(module):
            return lines
        spans = self._spans_of(module, measured)
        if not owners:
            return ~0
        wanted = 0
        for owner in owners:
            wanted |= spans.get(owner, 0)
        return wanted or ~0

    def _spans_of(self, module: str, measured: str) -> dict[str, int]:
        """Return the lines inside each function of a module as it was when it was measured."""
        if (module, measured) not in self._spans:
            text = self.where / "sources" / measured
            tree = ast.parse(text.read_text() if text.is_file() else "")
            self._spans[module, measured] = dict(_spans(tree, ""))
        return self._spans[module, measured]


def _spans(node: ast.AST, within: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first, last = child.body[0].lineno, child.end_lineno or child.lineno
            yield f"{within}{child.name}", (1 << (last + 1)) - (1 << first)
        elif isinstance(child, ast.ClassDef):
            yield from _spans(child, f"{within}{child.name}.")


def _read(path: Path) -> Sheet:
    if not path.exists():
        return Sheet(digest="")
    found = json.loads(path.read_text())
    return Sheet(
        digest=found["digest"],
        sources=found["sources"],
        early=_lines(found["early"]),
        failing=found["failing"],
        tests={name: Reached(s, _lines(lines)) for name, (s, lines) in found["tests"].items()},
    )


def _lines(told: Mapping[str, str]) -> dict[str, int]:
    return {module: int(bits, 16) for module, bits in told.items()}


def _places(lines: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{lines:b}")) if bit == "1"]


def bits(first: int, last: int) -> int:
    """Return the bits of the lines from `first` to `last`."""
    return (1 << (last + 1)) - (1 << first)


def refresh(workers: int, only: Sequence[str] = ()) -> Atlas:
    """Measure the files that changed, a directory at a time, and return the atlas.

    With `only`: no others than these, whatever else changed.
    """
    atlas = Atlas()
    stale = set(atlas.stale()) & set(only or files())
    for part in (CACHE, atlas.where, atlas.where / "sources"):
        part.mkdir(parents=True, exist_ok=True)
    parts = [[name for name in files() if name in stale and _is_of(part, name)] for part in WHERE]
    running = 0
    for names in filter(None, parts):
        running += _begun(names, atlas.where)
        if running >= workers:
            running -= _ended()
    while running:
        running -= _ended()
    return Atlas() if stale else atlas


def _is_of(part: str, name: str) -> bool:
    return name.startswith(f"{part}/")


def _begun(names: Sequence[str], to: Path) -> int:
    if os.fork() == 0:
        os._exit(_measured(names, to))
    return 1


def _ended() -> int:
    _, status = os.wait()
    if status:
        raise SystemExit(f"the tests could not be measured, see {CACHE}/atlas.*.txt")
    return 1


def _measured(names: Sequence[str], to: Path) -> int:
    path = CACHE / f"atlas.{names[0].rpartition('/')[0].replace('/', '.')}.txt"
    said = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    try:
        with tempfile.TemporaryDirectory() as shelf:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = shelf
            measure(names, to)
    except BaseException:  # noqa: BLE001 (said, and a failure)
        traceback.print_exc()
        return 1
    return 0
