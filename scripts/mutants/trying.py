"""Decide what is asked of a mutant, in which order, and what its life or end means.

First the tests that reach its line, for a few seconds: those that noticed a change of the same
function; then one of each test function, those of the files that are about its module before the
others, and the quickest first. What lives is asked more; and what may have been noticed at import
or at collection is tried the slow way before it counts as alive.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from scripts.mutants import cold, made
from scripts.mutants.atlas import Atlas, bits
from scripts.mutants.forked import CANNOT, KILLED
from scripts.mutants.made import Module, Mutant
from scripts.mutants.warm import Ask, Said, Warm

# As measured: alone, and watched. A child that has much in memory takes a third of it.
A_MOMENT_S: Final = 4.0
SOME_S: Final = 6.0
MORE_S: Final = 20.0
SOME_FILES: Final = 3
MORE_FILES: Final = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a mutant was noticed, by which test, and how it was tried.

    `is_known` is False where only the slow way could tell, which was not asked for.
    """

    mutant: Mutant
    killed: bool
    by: str = ""
    way: str = "quick"
    reached_by: int = 0
    left_out: int = 0
    is_known: bool = True


@dataclass(slots=True)
class Tryer:
    """Tries mutants, and learns which tests notice what."""

    atlas: Atlas
    noticed: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    ways: str = "both"
    """`quick`: only for a moment, and nothing the slow way; `slow`: everything the slow way."""
    _warm: Warm | None = None
    _modules: dict[str, Module] = field(default_factory=dict[str, Module])
    _files_about: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    _mentions: dict[str, dict[str, set[str]]] = field(
        default_factory=dict[str, dict[str, set[str]]]
    )

    def verdict(self, mutant: Mutant, text: str) -> Verdict:
        """Try one mutant; `text` is its module as it is."""
        tests = self._reaching(mutant)
        known = self.noticed.setdefault(f"{mutant.module}:{mutant.owner}", Counter())
        ordered = planned(tests, known, self._about(mutant.module))
        said, way = self._tried(mutant, text, ordered)
        if said.code == KILLED and said.by:
            known[said.by] += 1
        asked = within(ordered, A_MOMENT_S if self.ways == "quick" else MORE_S)
        return Verdict(
            mutant,
            killed=said.code == KILLED,
            by=said.by,
            way=way,
            reached_by=len(ordered),
            left_out=len(ordered) - len(asked),
            is_known=said.code != CANNOT,
        )

    def again(self, mutant: Mutant, text: str, by: str, way: str) -> Verdict:
        """Ask the test alone that noticed a mutant; where there is none of this name, ask all."""
        sheet = self.atlas.sheets.get(_file(by))
        reached = sheet.tests.get(by) if sheet else None
        if reached is None:
            return self.verdict(mutant, text)
        tests = [(by, reached.seconds)]
        if way == "slow":
            said = self._slow(mutant, text, tests, [_file(by)])
        else:
            said = self._asked(mutant, text, tests)
        killed = said.code == KILLED
        return Verdict(mutant, killed=killed, by=by if killed else "", way=way, left_out=1)

    def _tried(
        self, mutant: Mutant, text: str, ordered: Sequence[tuple[str, float]]
    ) -> tuple[Said, str]:
        if self.ways == "quick":
            said = self._asked(mutant, text, within(ordered, A_MOMENT_S))
            is_known = mutant.in_body or said.code == KILLED
            return said if is_known else Said(CANNOT), "quick"
        if self.ways == "both":
            said = self._quick(mutant, text, ordered)
            if said.code == KILLED:
                return said, "quick"
            files = self._early(mutant)
            if said.code != CANNOT and mutant.in_body and not files:
                return said, "quick"
            if said.code != CANNOT and mutant.in_body:
                return self._slow(mutant, text, (), files[:SOME_FILES]), "slow"
        some = within(ordered, SOME_S, files=SOME_FILES)
        said = self._slow(mutant, text, some, sorted({_file(name) for name, _ in some}))
        if said.code == KILLED:
            return said, "slow"
        more = within(ordered, MORE_S, files=MORE_FILES)
        files = sorted({_file(name) for name, _ in more} | set(self._early(mutant)[:MORE_FILES]))
        return self._slow(mutant, text, more, files), "slow"

    def _quick(self, mutant: Mutant, text: str, ordered: Sequence[tuple[str, float]]) -> Said:
        some = within(ordered, SOME_S)
        said = self._asked(mutant, text, some)
        asked = set(some)
        more = [one for one in within(ordered, MORE_S) if one not in asked]
        if said.code in (KILLED, CANNOT) or not more or not mutant.in_body:
            return said
        return self._asked(mutant, text, more)

    def _asked(self, mutant: Mutant, text: str, tests: Sequence[tuple[str, float]]) -> Said:
        if self._warm is None:
            self._warm = Warm()
        return self._warm.ask(Ask(mutant, text, tuple(tests)))

    def _slow(
        self,
        mutant: Mutant,
        text: str,
        tests: Sequence[tuple[str, float]],
        files: Sequence[str],
    ) -> Said:
        known = frozenset(name for file in files for name in self.atlas.sheets[file].tests)
        # A tree is changed in place, and the child has its own: ours stays as it is.
        if mutant.module not in self._modules:
            self._modules = {mutant.module: Module(mutant.module, text)}
        return cold.tried(mutant, self._modules[mutant.module], dict(tests), files, known)

    def _early(self, mutant: Mutant) -> list[str]:
        """Return the files that may notice while they are collected; all if it runs at import."""
        lines = bits(mutant.first, mutant.last)
        files = self.atlas.early(mutant.module, [mutant.owner], lines)
        if mutant.in_body and self.atlas.imported.get(mutant.module, 0) & lines:
            tests = self._mentioning(mutant)
            return files + sorted({_file(name) for name in tests} - set(files))
        return files

    def _reaching(self, mutant: Mutant) -> dict[str, float]:
        if not mutant.in_body:
            return self._mentioning(mutant)
        lines = bits(mutant.first, mutant.last)
        return self.atlas.reaching(mutant.module, [mutant.owner], lines)

    def _mentioning(self, mutant: Mutant) -> dict[str, float]:
        """Return the tests that reach a function which mentions what a mutant changes."""
        found: dict[str, float] = {}
        name = mutant.owner.partition(".")[0]
        for module in [mutant.module, *self._importers(mutant.module)]:
            owners = sorted(self._mentions_of(module).get(name, ()))
            if owners:
                found |= self.atlas.reaching(module, owners, 0)
        return found or self._in_files_about(mutant.module)

    def _in_files_about(self, module: str) -> dict[str, float]:
        """Return all tests of the files about a module: one that states a constant runs no line."""
        about = self._about(module)
        tests = self.atlas.tests()
        return {name: reached.seconds for name, reached, _ in tests if _file(name) in about}

    def _about(self, module: str) -> frozenset[str]:
        """Return the few files that reach what others do not reach in a module."""
        if module not in self._files_about:
            self._files_about[module] = self.atlas.files_about(module, SOME_FILES)
        return self._files_about[module]

    def _importers(self, module: str) -> list[str]:
        last = module.rpartition(".")[2]
        return [m for m in made.modules() if m != module and last in self._mentions_of(m)["import"]]

    def _mentions_of(self, module: str) -> dict[str, set[str]]:
        if module not in self._mentions:
            self._mentions[module] = mentions(made.read(module).tree)
        return self._mentions[module]

    def close(self) -> None:
        """End the process that has everything collected."""
        if self._warm is not None:
            self._warm.close()


def planned(
    tests: Mapping[str, float], noticed: Counter[str], about: frozenset[str] = frozenset()
) -> list[tuple[str, float]]:
    """Return tests in the order in which they are asked.

    Those that noticed something first; then the quickest of each test function, the next quickest
    of each, and so on, those of the files `about` the module before the others: a thousand rows of
    one table say much the same.
    """
    turn: dict[str, Iterator[int]] = {}
    ranked: list[tuple[int, int, bool, float, str]] = []
    for name, seconds in sorted(tests.items(), key=lambda pair: (pair[1], pair[0])):
        place = next(turn.setdefault(name.partition("[")[0], count()))
        ranked.append((-noticed[name], place, _file(name) not in about, seconds, name))
    return [(name, seconds) for *_, seconds, name in sorted(ranked)]


def within(
    tests: Sequence[tuple[str, float]], seconds: float, files: int | None = None
) -> list[tuple[str, float]]:
    """Return the tests that fit into a time, and lie in so many files; at least one."""
    kept: list[tuple[str, float]] = []
    chosen: set[str] = set()
    left = seconds
    for name, takes in tests:
        is_new = _file(name) not in chosen
        if is_new and files is not None and len(chosen) >= files:
            continue
        if kept and takes > left:
            continue
        chosen.add(_file(name))
        kept.append((name, takes))
        left -= takes
    return kept


def mentions(tree: ast.Module) -> dict[str, set[str]]:
    """Return which functions of a module mention each name, through its constants and classes too.

    Under `import`: the modules that it imports from, by their last name.
    """
    direct: dict[str, set[str]] = {}
    through: dict[str, set[str]] = {}
    imported: set[str] = set()
    for statement in tree.body:
        imported |= _imported(statement)
        for owner, node in _owners(statement, ""):
            named = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            named |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            for name in named:
                (direct if is_function else through).setdefault(name, set()).add(owner)
            if is_function:
                direct.setdefault(owner.rpartition(".")[2], set()).add(owner)
                direct.setdefault(owner.partition(".")[0], set()).add(owner)
    found = {name: _closed(name, direct, through) for name in {*direct, *through}}
    return {**found, "import": imported}


def _closed(name: str, direct: Mapping[str, set[str]], through: Mapping[str, set[str]]) -> set[str]:
    seen, todo, found = {name}, [name], set[str]()
    while todo:
        one = todo.pop()
        found |= direct.get(one, set())
        new = through.get(one, set()) - seen
        seen |= new
        todo += new
    return found


def _owners(node: ast.stmt, within_: str) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield f"{within_}{node.name}", node
    elif isinstance(node, ast.ClassDef):
        for one in node.body:
            yield from _owners(one, f"{within_}{node.name}.")
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield within_.rstrip(".") or ast.unparse(target), node
    elif isinstance(node, ast.AnnAssign):
        yield within_.rstrip(".") or ast.unparse(node.target), node


def _imported(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.ImportFrom):
        parts = {(statement.module or "").rpartition(".")[2]}
        return parts | {alias.name for alias in statement.names}
    if isinstance(statement, ast.Import):
        return {alias.name.rpartition(".")[2] for alias in statement.names}
    return set()


def _file(name: str) -> str:
    return name.partition("::")[0]
