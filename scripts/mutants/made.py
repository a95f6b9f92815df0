"""Every mutant of a module, each under a name that stays the same when lines move."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

ROOT: Final = Path(__file__).resolve().parents[2]
RULES: Final = ROOT / "src" / "sallyport" / "rules"
ROUND: Final = 40
"""How much of what stands beside a change is part of its name."""
PACKAGE: Final = "sallyport.rules"
AS_IT_IS: Final = -1

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

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module, the `number`th.

    `owner` is the outermost function, method or class it is in, or the name that is bound; `first`
    to `last` are the lines of its statement. `in_body` says whether only the code of a function
    changes. `about` is a digest of the whole statement of the module that it is in.
    """

    module: str
    name: str
    number: int
    owner: str
    first: int
    last: int
    in_body: bool
    about: str


@dataclass(frozen=True, slots=True)
class Place:
    """A node that may change: in which function it is, and in which outermost one."""

    node: ast.AST
    within: str
    owner: str
    statement: ast.stmt
    outermost: ast.stmt
    in_body: bool


class Module:
    """The text of a module, and the places where it may change."""

    def __init__(self, name: str, text: str) -> None:
        """Parse it."""
        self.name, self.text = name, text
        self.tree = ast.parse(text)
        self.changes = [
            (place, which)
            for place in _places(self.tree)
            for which in range(len(_changes(place.node)))
        ]

    @property
    def path(self) -> Path:
        """Return where it is."""
        return path_of(self.name)

    @property
    def full_name(self) -> str:
        """Return its name in imports."""
        return f"{PACKAGE}.{self.name}"

    def changed(self, number: int) -> ast.Module:
        """Return this module with one change, for the only time: the tree is changed in place."""
        if number != AS_IT_IS:
            place, which = self.changes[number]
            _changes(place.node)[which]()
        return ast.fix_missing_locations(self.tree)


@lru_cache(maxsize=4)
def mutants(name: str, text: str | None = None) -> tuple[Mutant, ...]:
    """Return every mutant of a module, in the order of its lines."""
    module = read(name) if text is None else Module(name, text)
    about = {id(node): _digest(ast.unparse(node)) for node in module.tree.body}
    seen: Counter[str] = Counter()
    made: list[Mutant] = []
    for number, (place, which) in enumerate(module.changes):
        twin = copy.deepcopy(place.node)
        change = _changes(twin)[which]
        change()
        told = _told(ast.unparse(place.node), ast.unparse(twin))
        short = f"{name}: {place.within or '(module)'}: {told}"
        seen[short] += 1
        called = short if seen[short] == 1 else f"{short} ({seen[short]})"
        first, last = _lines(place, change.index)
        is_function = isinstance(place.node, _FUNCTIONS)
        made.append(
            Mutant(
                module=name,
                name=called,
                number=number,
                owner=place.owner,
                first=first,
                last=last,
                in_body=place.in_body or (change.name == "body" and is_function),
                about=about[id(place.outermost)],
            )
        )
    return tuple(made)


def read(name: str) -> Module:
    """Return a module as it is on disk."""
    return Module(name, path_of(name).read_text(encoding="utf-8"))


def path_of(name: str) -> Path:
    """Return where a module is."""
    return RULES.joinpath(*name.split(".")).with_suffix(".py")


def modules() -> list[str]:
    """Return the modules of the rules, in order."""
    files = (path for path in sorted(RULES.rglob("*.py")) if path.name != "__init__.py")
    return [".".join(path.relative_to(RULES).with_suffix("").parts) for path in files]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lines(place: Place, index: int | None) -> tuple[int, int]:
    """Return the lines that run when the statement of a change runs."""
    inside: list[ast.stmt] = getattr(place.node, "body", []) if index is not None else []
    statement = place.statement
    if isinstance(place.node, ast.match_case):
        return place.node.pattern.lineno, place.node.pattern.lineno
    if isinstance(place.node, ast.ExceptHandler):
        return place.node.lineno, place.node.lineno
    if index is not None and inside:
        statement = inside[index]
    body: list[ast.stmt] | None = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return statement.lineno, max(last, statement.lineno)


def _places(tree: ast.Module) -> Iterator[Place]:
    """Yield every node that counts: no annotation, no docstring."""
    for statement in tree.body:
        if not _is_remark(statement):
            outer = Place(statement, "", _bound(statement), statement, statement, in_body=False)
            yield from _inside(outer, _entered(statement, ""))


def _inside(place: Place, within: str) -> Iterator[Place]:
    here = replace(place, within=within)
    yield here
    node = place.node
    for name, child in ast.iter_fields(node):
        if name in {"annotation", "returns", "type_comment"}:
            continue
        if name == "decorator_list" and isinstance(node, ast.ClassDef):
            continue
        inside = cast("list[object]", child) if isinstance(child, list) else [child]
        if _is_of_types(node) and name == "args":
            inside = inside[1:]
        in_body = here.in_body or (name == "body" and isinstance(node, _FUNCTIONS))
        for one in inside:
            if isinstance(one, ast.AST) and not _is_remark(one):
                yield from _inside(_below(here, one, in_body=in_body), _entered(one, within))


def _below(here: Place, node: ast.AST, *, in_body: bool) -> Place:
    """Return the place of a node in another's."""
    is_named = isinstance(node, (*_FUNCTIONS, ast.ClassDef)) and not here.in_body
    return Place(
        node,
        here.within,
        f"{here.owner}.{node.name}" if is_named and not in_body else here.owner,  # type: ignore[attr-defined]
        node if isinstance(node, ast.stmt) else here.statement,
        here.outermost,
        in_body=in_body,
    )


def _entered(node: ast.AST, within: str) -> str:
    is_named = isinstance(node, (*_FUNCTIONS, ast.ClassDef))
    return f"{within}.{node.name}".lstrip(".") if is_named else within  # type: ignore[attr-defined]


def _bound(statement: ast.stmt) -> str:
    """Return the name that a statement of a module binds; none if it binds several or nothing."""
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return statement.name
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""


def _is_of_types(node: ast.AST) -> bool:
    """Return whether a node is a call whose first argument is for type checkers alone."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
    return named in {"cast", "TypeVar", "NewType", "ParamSpec"}


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
        self._node, self.name, self._value, self.index = node, name, value, index

    def __call__(self) -> None:
        if self.index is None:
            setattr(self._node, self.name, self._value)
            return
        items: list[object] = getattr(self._node, self.name)
        if self._value is None:
            del items[self.index]
        else:
            items[self.index] = self._value


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
    elif isinstance(node, ast.Return) and not _is_nothing(node.value):
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


def _is_nothing(returned: ast.expr | None) -> bool:
    constant = returned.value if isinstance(returned, ast.Constant) else returned
    return constant is None or constant is False


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
