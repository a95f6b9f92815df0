"""The manifest of requirements, and its agreement with the marks on the tests.

An id is either proven, by at least one marked test, or it says in `none_yet` why it is not: never
both, never neither. Marks are found by reading the syntax of the tests, not by collecting them, so
that the answer is quick and is the same whichever tests are selected to run.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent
PARTS = (
    "gate",
    "boundary",
    "checks",
    "people",
    "connect",
    "evidence",
    "assurance",
    "scale",
)
DOCUMENTS = {
    "A": "What Are Best Practices for AI Integration Security in 2026?",
    "B": "Secure AI Agent Integrations (updated May 24, 2026)",
}
_WORDS = frozenset({"asks", "source", "none_yet"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line that was asked for. `source` is document and line: `B:149`."""

    id: str
    part: str
    asks: str
    source: str
    none_yet: str | None

    @property
    def file(self) -> str:
        """The file that holds the row, for a person who must change it."""
        return f"tests/requirements/{self.part}.toml"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One `requirement(...)` on a test: where it stands and which ids it names.

    `fault` says what is wrong with the mark itself, where something is.
    """

    where: str
    test: str
    ids: tuple[str, ...]
    fault: str | None = None


class ManifestError(Exception):
    """A manifest file cannot be read as one."""


def load(folder: Path = FOLDER) -> dict[str, Row]:
    """Read all parts, by id in the order of the files.

    Raises:
        ManifestError: A row has a wrong word, lacks one, or an id stands twice.
    """
    rows: dict[str, Row] = {}
    for part in PARTS:
        for identifier, fields in _read(folder / f"{part}.toml").items():
            if identifier in rows:
                message = f"`{identifier}` stands in {rows[identifier].part} and in {part}"
                raise ManifestError(message)
            rows[identifier] = _row(identifier, part, fields)
    return rows


def _read(path: Path) -> dict[str, dict[str, object]]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    for identifier, fields in content.items():
        if not isinstance(fields, dict):
            message = f"`{identifier}` in {path.name} is no table: write [{identifier}]"
            raise ManifestError(message)
    return content


def _row(identifier: str, part: str, fields: Mapping[str, object]) -> Row:
    unknown = fields.keys() - _WORDS
    lacking = {"asks", "source"} - fields.keys()
    if unknown or lacking or not all(isinstance(v, str) and v for v in fields.values()):
        message = f"`{identifier}` in {part}.toml needs asks and source, may have none_yet"
        raise ManifestError(message)
    none_yet = fields.get("none_yet")
    return Row(
        id=identifier,
        part=part,
        asks=str(fields["asks"]),
        source=str(fields["source"]),
        none_yet=None if none_yet is None else str(none_yet),
    )


def marks(tests: Path = ROOT / "tests") -> list[Mark]:
    """Find every mark below `tests`, in the order of files and lines."""
    return [
        mark
        for path in sorted(tests.rglob("*.py"))
        if "node_modules" not in path.parts
        for mark in _marks_in(path, path.relative_to(tests.parent).as_posix())
    ]


def _marks_in(path: Path, name: str) -> Iterator[Mark]:
    text = path.read_text(encoding="utf-8")
    if "requirement(" not in text:
        return
    for node in ast.walk(ast.parse(text, filename=name)):
        for owner, place in _places(node):
            for call in ast.walk(place):
                if isinstance(call, ast.Call) and _called(call) == "requirement":
                    yield _mark(call, owner, name)


def _places(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what stands where pytest takes a mark, and the name of what it would mark."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from ((node.name, decorator) for decorator in node.decorator_list)
        case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
            yield "test module", value
        case ast.keyword(arg="marks", value=value):
            yield "test parameter", value
        case _:
            pass


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _mark(call: ast.Call, owner: str, name: str) -> Mark:
    ids = tuple(
        argument.value
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
    fault = None
    if not ids or len(ids) != len(call.args) or call.keywords:
        fault = "names no id, or one that is not a plain string"
    elif not owner.startswith(("test", "Test")):
        fault = f"sits on `{owner}`, which is no test"
    return Mark(where=f"{name}:{call.lineno}", test=owner, ids=ids, fault=fault)


def proofs(found: Iterable[Mark]) -> dict[str, list[Mark]]:
    """Group sound marks by the id they prove."""
    grouped: dict[str, list[Mark]] = {}
    for mark in found:
        for identifier in mark.ids if mark.fault is None else ():
            grouped.setdefault(identifier, []).append(mark)
    return grouped


def problems(rows: Mapping[str, Row], found: Iterable[Mark]) -> list[str]:
    """Say, one sentence each, where manifest and marks disagree and how to mend it."""
    found = list(found)
    proven = proofs(found)
    faults = [f"{mark.where}: the mark {mark.fault}" for mark in found if mark.fault]
    unknown = [
        f"{mark.where}: the mark names `{identifier}`, which no file of tests/requirements has"
        for identifier, marks_of_it in proven.items()
        if identifier not in rows
        for mark in marks_of_it
    ]
    return faults + unknown + [text for row in rows.values() for text in _of_row(row, proven)]


def _of_row(row: Row, proven: Mapping[str, list[Mark]]) -> Iterator[str]:
    if row.id in proven and row.none_yet is not None:
        where = proven[row.id][0].where
        yield f"{row.id} is proven at {where}: delete its none_yet line in {row.file}"
    if row.id not in proven and row.none_yet is None:
        yield (
            f"{row.id} has no test: mark the test that makes its check with "
            f'@requirement("{row.id}"), or say in none_yet in {row.file} why there is none'
        )
