"""JSON as editors keep it, read with the place of every value, so that one value can be replaced.

Rules:
  1. Comments and trailing commas are read over where the file's own program does so, else refused.
  2. A key stands once in its object, or nobody knows which value its program would use.
  3. What is read is never repeated in an error: such files hold credentials.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias

from sallyport.errors import MalformedJsonError, TooLargeError
from sallyport.model import Json

CHARACTERS_MAX: Final = 4 * 1024 * 1024
DEPTH_MAX: Final = 64

_BLANK = re.compile(r"[ \t\r\n\ufeff]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_WORDS: Final[Mapping[str, Json]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of an object: where the key starts, and its value."""

    start: int
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and where it stands: `text[start:end]`."""

    start: int
    end: int
    plain: Json = None
    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    items: tuple[Node, ...] = ()
    kind: str = "plain"
    """`object`, `array` or `plain`."""

    def json(self) -> Json:
        """Return the value without its places."""
        match self.kind:
            case "object":
                return {name: member.value.json() for name, member in self.members.items()}
            case "array":
                return [item.json() for item in self.items]
            case _:
                return self.plain


Spot: TypeAlias = "tuple[int, int, str]"
"""A place and what to write there: start, end, text."""


def parse(text: str, *, comments: bool) -> Node:
    """Return the one value that a text holds.

    Args:
        text: The file's text; a byte order mark may start it.
        comments: Whether comments and trailing commas are read over.

    Raises:
        MalformedJsonError: It is not JSON, with the line and column.
        TooLargeError: It is longer or deeper than a configuration can be.
    """
    if len(text) > CHARACTERS_MAX:
        raise TooLargeError(f"the file is longer than {CHARACTERS_MAX} characters")
    reader = _Reader(text, comments=comments)
    node = reader.value(0, DEPTH_MAX)
    if reader.skip(node.end) != len(text):
        raise reader.broken(reader.skip(node.end), "something follows its end")
    return node


def spliced(text: str, spots: list[Spot]) -> str:
    """Return a text with some places written anew; what lies between them stays as it is."""
    parts: list[str] = []
    at = 0
    for start, end, new in sorted(spots):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


class _Reader:
    def __init__(self, text: str, *, comments: bool) -> None:
        self._text = text
        self._comments = comments

    def broken(self, at: int, why: str) -> MalformedJsonError:
        line = self._text.count("\n", 0, at) + 1
        column = at - (self._text.rfind("\n", 0, at) + 1) + 1
        return MalformedJsonError(
            f"line {line} column {column}: {why}",
            fix="correct the file so that its own program reads it, then try again",
        )

    def skip(self, at: int) -> int:
        """Return the place after blanks, and after comments where there may be some."""
        while True:
            blank = _BLANK.match(self._text, at)
            comment = _COMMENT.match(self._text, blank.end() if blank else at)
            if comment is None:
                return blank.end() if blank else at
            if not self._comments:
                raise self.broken(comment.start(), "a comment stands where none may be")
            at = comment.end()

    def value(self, at: int, depth: int) -> Node:
        at = self.skip(at)
        if depth == 0:
            raise TooLargeError(f"the file is nested deeper than {DEPTH_MAX} levels")
        match self._text[at : at + 1]:
            case "{":
                return self._object(at, depth)
            case "[":
                return self._array(at, depth)
            case '"':
                text, end = self._string(at)
                return Node(start=at, end=end, plain=text)
            case _:
                return self._scalar(at)

    def _object(self, start: int, depth: int) -> Node:
        members: dict[str, Member] = {}
        at = self._inside(start + 1, "}", first=True)
        while self._text[at] != "}":
            name, after = self._string(at)
            if name in members:
                raise self.broken(at, "a key stands twice in one object")
            after = self.skip(after)
            if self._text[after : after + 1] != ":":
                raise self.broken(after, "a `:` is missing")
            value = self.value(after + 1, depth - 1)
            members[name] = Member(start=at, value=value)
            at = self._inside(value.end, "}", first=False)
        return Node(start=start, end=at + 1, members=members, kind="object")

    def _array(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        at = self._inside(start + 1, "]", first=True)
        while self._text[at] != "]":
            items.append(self.value(at, depth - 1))
            at = self._inside(items[-1].end, "]", first=False)
        return Node(start=start, end=at + 1, items=tuple(items), kind="array")

    def _inside(self, at: int, closing: str, *, first: bool) -> int:
        """Return where the next member starts, or where the closing bracket stands."""
        at = self.skip(at)
        found = self._text[at : at + 1]
        if found == closing or (first and found not in {"", ","}):
            return at
        if found != "," or first:
            raise self.broken(at, f"a `,` or `{closing}` is missing")
        comma, at = at, self.skip(at + 1)
        if self._text[at : at + 1] == closing and not self._comments:
            raise self.broken(comma, "a comma stands before the end")
        if at >= len(self._text):
            raise self.broken(at, "the file ends too early")
        return at

    def _string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self._text, at)
        if found is None:
            raise self.broken(at, "a text in double quotes is missing")
        try:
            return str(json.loads(found.group())), found.end()
        except ValueError:
            raise self.broken(at, "a text cannot be read") from None

    def _scalar(self, at: int) -> Node:
        for word, value in _WORDS.items():
            if self._text.startswith(word, at):
                return Node(start=at, end=at + len(word), plain=value)
        found = _NUMBER.match(self._text, at)
        if found is None:
            raise self.broken(at, "a value is missing")
        number = found.group()
        return Node(
            start=at,
            end=found.end(),
            plain=int(number) if number.lstrip("-").isdigit() else Decimal(number),
        )
