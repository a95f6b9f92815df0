"""Change one thing in the rules at a time, and see whether a test notices.

Every mutant that no test notices is either a hole in the tests or a change without a difference.
The second kind stands in `tests/mutants.toml`, each with why nothing can notice it.

A mutant lives in memory: a process of its own imports the one module as it was changed, and runs
the tests. What is on disk stays as it is, and whole modules change, tables and decorators included.

    python -m scripts.mutants                                 all of the rules: hours
    python -m scripts.mutants boundary.evaluate decide        two modules
    python -m scripts.mutants boundary.evaluate --from 100 --to 200
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Final, cast

ROOT: Final = Path(__file__).resolve().parents[1]
RULES: Final = ROOT / "src" / "sallyport" / "rules"
ARGUED: Final = ROOT / "tests" / "mutants.toml"
LAST: Final = ROOT / ".cache" / "mutants.txt"
WITHIN_S: Final = 300
ROUND: Final = 40
"""How much of what stands beside a change is part of its name."""

# What is asked first of a module's mutants, the quickest first; then, of those that live, the rest.
FIRST: Final = {  # the first that fits a name counts
    "boundary.compile": ("tests/unit/boundary/test_compile.py",),
    "boundary.cedar": ("tests/unit/oracles/test_cedar.py",),
    "boundary.constraints": ("tests/unit/boundary/test_constraints.py",),
    "boundary": (
        "tests/unit/boundary/test_evaluate.py",
        "tests/unit/boundary/test_constraints.py",
        "tests/unit/boundary/test_hazards.py",
        "tests/decision_table",
    ),
    "proof": ("tests/unit/proof",),
    "": (
        "tests/unit/rules/test_decide.py",
        "tests/unit/rules/test_small_world.py",
        "tests/decision_table",
    ),
}
THEN: Final = {
    "boundary": ("tests/unit/boundary", "tests/unit/oracles"),
    "proof": ("tests/unit/oracles/test_solver.py",),
    "": ("tests/unit/rules", "tests/unit/wire", "tests/unit/flow"),
}

_SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Continue: ast.Break,
}
_OTHER_NAME: Final = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module, the `number`th. `name` stays the same when lines move."""

    module: str
    name: str
    line: int
    number: int


AS_IT_IS: Final = -1


# Making them.


def mutants(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its lines."""
    seen: Counter[str] = Counter()
    for number, (place, owner, which) in enumerate(_made(_parsed(module))):
        twin = copy.deepcopy(place)
        _changes(twin)[which]()
        ast.fix_missing_locations(twin)
        told = _told(ast.unparse(place), ast.unparse(twin))
        short = f"{module}: {owner or '(module)'}: {told}"
        seen[short] += 1
        name = short if seen[short] == 1 else f"{short} ({seen[short]})"
        yield Mutant(module, name, getattr(place, "lineno", 0), number)


def _made(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int]]:
    """Yield each change: where it is, in which function, and which one of that place."""
    for place, owner in _places(tree, ""):
        yield from ((place, owner, which) for which in range(len(_changes(place))))


def changed(mutant: Mutant) -> ast.Module:
    """Return the module of a mutant, changed."""
    tree = _parsed(mutant.module)
    if mutant.number != AS_IT_IS:
        place, _, which = next(islice(_made(tree), mutant.number, None))
        _changes(place)[which]()
    return ast.fix_missing_locations(tree)


def _parsed(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text(encoding="utf-8"))


def _places(node: ast.AST, owner: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield every node that counts with the function it is in: no annotation, no docstring."""
    for name, child in ast.iter_fields(node):
        if name in {"annotation", "returns", "type_comment"}:
            continue
        inside = cast("list[object]", child) if isinstance(child, list) else [child]
        for one in inside:
            if not isinstance(one, ast.AST) or _is_remark(one):
                continue
            inner = owner
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = f"{owner}.{one.name}".lstrip(".")
            yield one, inner
            yield from _places(one, inner)


def _is_remark(node: ast.AST) -> bool:
    """Return whether a node is a docstring, an import or the name of a type."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Assign):
        first = ast.unparse(node.targets[0]).lstrip("_")[:1]
        is_alias = isinstance(node.value, ast.Subscript) and first.isupper()
        return is_alias or ast.unparse(node.targets[0]) == "__all__"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _Change:
    """Sets one field of a node, or one item of a list in it; None takes the item out."""

    def __init__(self, node: ast.AST, name: str, value: object, index: int | None = None) -> None:
        self._node, self._name, self._value, self._index = node, name, value, index

    def __call__(self) -> None:
        if self._index is None:
            setattr(self._node, self._name, self._value)
            return
        items: list[object] = getattr(self._node, self._name)
        if self._value is None:
            del items[self._index]
        else:
            items[self._index] = self._value


def _changes(node: ast.AST) -> list[_Change]:
    """Return every change that is made at a node."""
    return [*_of_operators(node), *_of_values(node), *_of_flow(node), *_of_lists(node)]


def _of_operators(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.Compare):
        for index, one in enumerate(node.ops):
            yield _Change(node, "ops", _SWAPPED[type(one)](), index)
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.AugAssign)) and type(node.op) in _SWAPPED:
        yield _Change(node, "op", _SWAPPED[type(node.op)]())
    elif isinstance(node, ast.Name) and node.id in _OTHER_NAME:
        yield _Change(node, "id", _OTHER_NAME[node.id])


def _of_values(node: ast.AST) -> Iterator[_Change]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield _Change(node, "value", not value)
    elif isinstance(value, int):
        yield _Change(node, "value", value + 1)
    elif isinstance(value, str):
        yield _Change(node, "value", f"{value}~" if value else "~")
    elif value is None:
        yield _Change(node, "value", 1)


def _of_flow(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield _Change(node, "test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield _Change(node, "value", ast.Constant(None))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _Change(node, "operand", ast.UnaryOp(ast.Not(), node.operand))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _Change(node, "op", ast.UAdd())
    elif isinstance(node, ast.comprehension):
        yield from (_Change(node, "ifs", None, index) for index in range(len(node.ifs)))
    elif isinstance(node, ast.match_case):
        if node.guard is not None:
            yield _Change(node, "guard", None)
    elif isinstance(node, ast.ExceptHandler) and node.type is not None:
        yield _Change(node, "type", ast.Name("KeyboardInterrupt", ast.Load()))


def _of_lists(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, (ast.FunctionDef, ast.If, ast.For, ast.With, ast.Try, ast.match_case)):
        for index, one in enumerate(node.body):
            if _can_go(one):
                yield _Change(node, "body", ast.Pass(), index)
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)) and isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        yield from (_Change(node, "elts", None, index) for index in range(len(node.elts)))


def _can_go(statement: ast.stmt) -> bool:
    """Return whether a statement may be left out without naming nothing afterwards."""
    if isinstance(statement, (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete)):
        return True
    return isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)


def _told(before: str, after: str) -> str:
    """Return how a place reads before and after, without what stands there both times."""
    one, other = " ".join(before.split()), " ".join(after.split())
    same = _alike(one, other)
    end = _alike(one[same:][::-1], other[same:][::-1])
    begin = max(same - ROUND, 0)
    shown = (text[begin : len(text) - max(end - ROUND, 0)] for text in (one, other))
    return " -> ".join(shown)


def _alike(one: str, other: str) -> int:
    """Return how many letters two texts begin with together."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


# Trying them.


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module as it was changed to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find it."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)  # noqa: S102


def survives(mutant: Mutant, *, quick: bool) -> bool:
    """Return whether all tests pass although the module was changed; `quick` asks the first."""
    parts = (FIRST,) if quick else (FIRST, THEN)
    return all(_passes(mutant, _tests(mutant.module, part)) for part in parts)


def _passes(mutant: Mutant, tests: Sequence[str]) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(_run(mutant, tests))
    began = time.monotonic()
    while time.monotonic() - began < WITHIN_S:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _run(mutant: Mutant, tests: Sequence[str]) -> int:
    import pytest  # noqa: PLC0415 (known already, and never mutated)

    said = os.open(LAST, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    name = f"sallyport.rules.{mutant.module}"
    sys.meta_path.insert(0, _Importer(name, _path(mutant.module), changed(mutant)))
    options = ["-q", "-x", "-p", "no:randomly", "--assert=plain"]
    return int(pytest.main([*options, *tests]))


def _tests(module: str, tests: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return next(found for part, found in tests.items() if module.startswith(part))


def _path(module: str) -> Path:
    return RULES.joinpath(*module.split(".")).with_suffix(".py")


def _modules() -> list[str]:
    files = (path for path in sorted(RULES.rglob("*.py")) if path.name != "__init__.py")
    return [".".join(path.relative_to(RULES).with_suffix("").parts) for path in files]


def argued() -> dict[str, str]:
    """Return why each mutant that survives makes no difference, by its name."""
    found: dict[str, str] = tomllib.loads(ARGUED.read_text(encoding="utf-8"))["equivalent"]
    return found


def main() -> int:
    """Try the mutants of some modules; 1 if one survives that nobody has argued about."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("modules", nargs="*", help="below sallyport.rules; all if none is named")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="N")
    parser.add_argument("--to", dest="last", type=int, default=None, metavar="N")
    parser.add_argument("--quick", action="store_true", help="ask only the quickest tests")
    parser.add_argument("--list", action="store_true", help="only name them")
    chosen = parser.parse_args()
    os.environ.setdefault("HYPOTHESIS_PROFILE", "mutation")
    os.chdir(ROOT)
    LAST.parent.mkdir(exist_ok=True)
    known, alive, tried = argued(), list[str](), 0
    for module in chosen.modules or _modules():
        for mutant in islice(mutants(module), chosen.first, chosen.last):
            number = mutant.number
            if chosen.list:
                print(f"{number} line {mutant.line}: {mutant.name}")
                continue
            if number == chosen.first and not survives(unchanged(module), quick=chosen.quick):
                print(f"{module}: its tests fail as it is; see {LAST}", flush=True)
                return 2
            tried += 1
            if survives(mutant, quick=chosen.quick):
                said = known.get(mutant.name)
                print(f"{'argued' if said else 'ALIVE'} {number} line {mutant.line}: {mutant.name}")
                sys.stdout.flush()
                alive += [] if said else [mutant.name]
    print(f"{tried} mutants, {len(alive)} alive that nobody argued about")
    return 1 if alive else 0


def unchanged(module: str) -> Mutant:
    """Return the mutant of a module that is none."""
    return Mutant(module, "as it is", 0, AS_IT_IS)


if __name__ == "__main__":
    # Imported once, for all that are forked.
    for known in ("hypothesis", "jsonschema_rs", "pytest"):
        importlib.import_module(known)
    sys.exit(main())
