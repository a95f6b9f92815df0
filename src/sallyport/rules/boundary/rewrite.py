"""Puts entries into a workflow file, and leaves everything else as its owner wrote it.

Only `allow` and `ask` of one tool are written anew; whatever stands around them, remarks and all,
stays to the letter. What comes out is read again by the loader before anybody sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.yaml_strict import Table, parse, to_json

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*", re.ASCII)
_MEASURE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2} | [0-9]+[smhd] | [0-9]+(\.[0-9]+)?\ [A-Z]{3}",
    re.ASCII | re.VERBOSE,
)
_FACED = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
STEP = "  "


@dataclass(frozen=True, slots=True)
class _Place:
    """The lines of one word of a tool: from its key to what comes after, and how far it is in."""

    start: int
    end: int
    indent: str


def entries(text: str, tool: str, word: str) -> list[JsonObject]:
    """Return the entries that a file has under `allow` or `ask` of a tool, as plain values."""
    node = _tool(text, tool).values.get(word)
    found = to_json(node) if node is not None else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def with_entries(text: str, tool: str, new: Mapping[str, Sequence[JsonObject]]) -> str:
    """Return a file with other entries under these words of a tool; none takes the word away.

    Raises:
        BadInputError: The tool is written in one line, as JSON is; then nothing can be put there.
    """
    for word, listed in new.items():
        text = _with(text, tool, word, listed)
    return text


def _with(text: str, tool: str, word: str, listed: Sequence[JsonObject]) -> str:
    whole = text if text.endswith("\n") else f"{text}\n"
    lines = whole.splitlines(keepends=True)
    place = _place(lines, _tool(text, tool), _next_key(text, tool), word)
    made = _written(word, listed, place.indent) if listed else []
    return "".join([*lines[: place.start], *made, *lines[place.end :]])


def _written(word: str, listed: Sequence[JsonObject], indent: str) -> list[str]:
    inner = indent + STEP
    made = [f"{indent}{word}:\n"]
    for one in listed:
        for number, (name, value) in enumerate(one.items()):
            lead = f"{inner}- " if number == 0 else f"{inner}  "
            made.append(f"{lead}{name}: {flow(value)}\n")
    return made


def flow(value: Json) -> str:
    """Return a value as YAML writes it in one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{flow(name)}: {flow(one)}" for name, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str):
        return value if _reads_plain(value) else json.dumps(value, ensure_ascii=False)
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def _reads_plain(text: str) -> bool:
    plain = bool(_PLAIN.fullmatch(text)) and text.lower() not in _FACED
    return plain or bool(_MEASURE.fullmatch(text))


def _tool(text: str, tool: str) -> Table:
    found = _tables(text)[1].values.get(tool)
    if not isinstance(found, Table):
        raise BadInputError(f"the file has no tool `{tool[:80]}`", fix="name one that it declares")
    return found


def _tables(text: str) -> tuple[Table, Table]:
    """Return all of a file, and its tools."""
    root = parse(text, Collector("workflow"))
    if not isinstance(root, Table):
        raise BadInputError("the file has no words", fix="check it with `sallyport boundary check`")
    tools = root.values.get("tools")
    return root, tools if isinstance(tools, Table) else Table(root.mark, {}, {})


def _next_key(text: str, tool: str) -> int:
    """Return the line of the first key after a tool, or one past the last line; from 0."""
    root, tools = _tables(text)
    at = tools.keys[tool].line
    marks = (*root.keys.values(), *tools.keys.values())
    later = [mark.line for mark in marks if mark.line > at]
    return min(later, default=len(text.splitlines()) + 1) - 1


def _place(lines: Sequence[str], table: Table, after: int, word: str) -> _Place:
    keys = sorted(table.keys.values())
    if len({mark.line for mark in keys}) != len(keys) or not _stands_alone(lines, keys):
        raise BadInputError(
            "the tool is written in one line, and nothing can be put there",
            fix="write one word a line below the tool's name, and ask again",
        )
    indent = lines[keys[0].line - 1][: keys[0].column - 1]
    if word not in table.keys:
        end = _trimmed(lines, after)
        return _Place(end, end, indent)
    start = table.keys[word].line
    later = [mark.line - 1 for mark in keys if mark.line > start]
    return _Place(start - 1, _trimmed(lines, min([*later, after])), indent)


def _stands_alone(lines: Sequence[str], keys: Sequence[Mark]) -> bool:
    return all(not lines[mark.line - 1][: mark.column - 1].strip() for mark in keys)


def _trimmed(lines: Sequence[str], end: int) -> int:
    """Return an end without the blank lines and remarks that belong to what comes after.

    It stops at the latest at the line of the word itself.
    """
    while lines[end - 1].strip()[:1] in {"", "#"}:
        end -= 1
    return end
