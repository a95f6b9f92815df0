"""YAML that means one thing only, as a tree in which every node knows its place.

The rules it keeps, because each of their opposites has let a boundary say less than its owner saw:
  1. A key stands once. A second one is an error, not the winner.
  2. No anchors, aliases, tags, merges, directives, and one document.
  3. A plain word that YAML 1.1 and 1.2 read differently (`no`, `on`, `12:30`, `017`, `~`) must be
     quoted or written otherwise. Numbers are exact.
  4. Text is one line of printable characters: nothing can hide in it or pose as another line.

JSON is YAML that keeps these rules, so it is read by the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import yaml

from sallyport.model import Json
from sallyport.rules.boundary.problems import Collector, Mark

TEXT_BYTES_MAX = 256 * 1024
DEPTH_MAX = 24
DIGITS_MAX = 30

Plain: TypeAlias = "bool | int | Decimal | str | None"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value."""

    mark: Mark
    value: Plain


@dataclass(frozen=True, slots=True)
class Listing:
    """Values in order."""

    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Values by key, in the order of the file; `keys` has the place of each key."""

    mark: Mark
    keys: dict[str, Mark]
    values: dict[str, Node]


Node: TypeAlias = "Scalar | Listing | Table"

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+", re.ASCII)
_WORDS: dict[str, Plain] = {"null": None, "true": True, "false": False}
_TWO_FACED = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null", "~", "="})
_LOOKS_NUMERIC = re.compile(
    r"""[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?  # 017, 1_000, 1e5
      | [-+]?0[xob][0-9A-Fa-f_]+
      | [-+]?[0-9]+(?::[0-9]{1,2})+(?:\.[0-9]*)?                               # 12:30:00
      | [-+]?\.(?:inf|nan)""",
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_LOOKS_DATED = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?", re.ASCII)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?",
    re.ASCII,
)


def parse(text: str, out: Collector) -> Node | None:
    """Return the one document in `text`, or None when nothing can be made of it.

    Everything found wrong goes to `out`; what was returned is then only good for finding more.
    """
    if len(text.encode(errors="surrogatepass")) > TEXT_BYTES_MAX:
        what = f"the file is larger than {TEXT_BYTES_MAX // 1024} KiB"
        out.add(Mark(1, 1), "too_large", what, "split it into several workflows")
        return None
    hidden = _hidden_at(text)
    if hidden is not None:
        what = "an invisible or control character"
        out.add(_mark_at(text, hidden), "hidden_text", what, "remove it, or end the line here")
        return None
    try:
        return _Builder(text, out).document()
    except _TooDeepError as deep:
        what = f"nested more than {DEPTH_MAX} levels deep"
        out.add(deep.mark, "too_large", what, "write it flatter: no word needs such depth")
    except yaml.MarkedYAMLError as error:
        what = _syntax(str(error.problem))
        out.add(_mark(error.problem_mark), "syntax", what, "correct the syntax at this place")
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML lets chr() raise for an escape such as "\UFFFFFFFF".
        out.add(Mark(1, 1), "syntax", "this is not YAML", "write it as docs/boundary.md shows")
    return None


def to_json(node: Node) -> Json:
    """Return the plain value of a node."""
    match node:
        case Scalar():
            return node.value
        case Listing():
            return [to_json(item) for item in node.items]
        case Table():
            return {key: to_json(value) for key, value in node.values.items()}


class _TooDeepError(Exception):
    def __init__(self, mark: Mark) -> None:
        self.mark = mark


class _Builder:
    """Builds nodes from PyYAML's events, so that nothing is resolved before it was looked at."""

    def __init__(self, text: str, out: Collector) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self._out = out

    def document(self) -> Node | None:
        next(self._events)  # the stream starts
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._out.add(Mark(1, 1), "syntax", "the file is empty", "write at least its name")
            return None
        if start.version or start.tags:
            self._refuse(start, "a `%` directive", "remove that line")
        root = self._node(next(self._events), 0)
        next(self._events)  # the document ends
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            self._refuse(more, "a second document", "put it into a file of its own")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        mark = _mark(event.start_mark)
        if depth > DEPTH_MAX:
            raise _TooDeepError(mark)
        if isinstance(event, yaml.AliasEvent):
            what = "an alias (`*name`) is not read here"
            self._out.unreadable(mark, "yaml_feature", what, "write it out, or quote the star")
            return Scalar(mark, None)
        if event.anchor is not None:
            self._refuse(event, "an anchor (`&name`)", "remove it and repeat the value")
        if event.tag is not None:
            self._refuse(event, "a tag (`!name`)", "remove it: every word has its own type")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(mark, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(mark, depth)
        return self._scalar(event, mark)

    def _listing(self, mark: Mark, depth: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Listing(mark, tuple(items))

    def _table(self, mark: Mark, depth: int) -> Table:
        table = Table(mark, {}, {})
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            at = _mark(event.start_mark)
            key = self._key(self._node(event, depth + 1), plain=_is_plain(event))
            value = self._node(next(self._events), depth + 1)
            if key is None:
                continue
            if key in table.keys:
                what = f"`{key}` stands here twice, first on line {table.keys[key].line}"
                self._out.add(at, "duplicate_key", what, "merge the two into one")
                continue
            table.keys[key] = at
            table.values[key] = value
        return table

    def _key(self, node: Node, *, plain: bool) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if plain and node.value == "<<":
                what = "a merge (`<<`) is not read here"
                self._out.add(node.mark, "yaml_feature", what, "write the lines out")
                return None
            return node.value
        self._out.add(node.mark, "wrong_type", "a key that is not text", "quote the key")
        return None

    def _scalar(self, event: Any, mark: Mark) -> Scalar:
        text = _joined_surrogates(str(event.value))
        if not text.isprintable():
            what = "text with a line break, a control character or an invisible one"
            self._out.unreadable(
                mark, "hidden_text", what, "write it as one line of visible characters"
            )
            return Scalar(mark, "")
        return Scalar(mark, self._plain(text, mark) if _is_plain(event) else text)

    def _plain(self, text: str, mark: Mark) -> Plain:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text) if self._short(text, mark) else 0
        if _DECIMAL.fullmatch(text):
            return Decimal(text) if self._short(text, mark) else 0
        if not text:
            self._out.unreadable(mark, "empty", "a value is missing", "write it after the colon")
        elif text.lower() in _TWO_FACED:
            what = f"`{text}` means different things to different readers of YAML"
            fix = "write `true` or `false`, or quote it as text"
            self._out.unreadable(mark, "two_faced", what, fix)
        elif _LOOKS_NUMERIC.fullmatch(text):
            what = f"`{text}` is not written as a plain number"
            fix = "write digits with at most one dot, or quote it as text"
            self._out.unreadable(mark, "two_faced", what, fix)
        elif _LOOKS_DATED.fullmatch(text) and not _DATE.fullmatch(text):
            what = f"`{text}` is not a plain date or time"
            fix = "write it as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, or quote it as text"
            self._out.unreadable(mark, "two_faced", what, fix)
        return text

    def _short(self, text: str, mark: Mark) -> bool:
        if len(text) <= DIGITS_MAX:
            return True
        what = f"a number of more than {DIGITS_MAX} digits"
        self._out.unreadable(mark, "too_large", what, "write a smaller number, or quote it as text")
        return False

    def _refuse(self, event: Any, what: str, fix: str) -> None:
        self._out.add(_mark(event.start_mark), "yaml_feature", f"{what} is not read here", fix)


def _hidden_at(text: str) -> int | None:
    """Return where a character stands that an editor may not show; None when all are plain.

    YAML ends a line at some that few editors do (U+2028), and so ends a comment there.
    """
    plain = (
        text.removeprefix("\ufeff").replace("\r\n", "\n\n").replace("\n", " ").replace("\t", " ")
    )
    if plain.isprintable():
        return None
    skipped = len(text) - len(plain)
    return skipped + next(n for n, character in enumerate(plain) if not character.isprintable())


def _is_plain(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _mark_at(text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _joined_surrogates(text: str) -> str:
    """Return text in which the two halves of a character, as JSON escapes them, are one again."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text  # a lone half is not printable, and is refused for that


_SYNTAX = {
    "'\\t'": "a tab where YAML wants spaces",
    "mapping values are not allowed": "a second `:` on this line, or wrong indentation",
    "could not find expected ':'": "a key without its `:`",
    "found unexpected end of stream": "a quote that is never closed",
    "expected <block end>": "indentation that does not fit the lines above",
    "expected ',' or": "a bracket that is never closed, or a comma that is missing",
}


def _syntax(problem: str) -> str:
    """Return PyYAML's complaint in our words where it is a common one."""
    known = (ours for theirs, ours in _SYNTAX.items() if theirs in problem)
    return next(known, "this cannot be read as YAML")
