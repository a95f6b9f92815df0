"""Reads the `always` lines of a workflow file: what must be true of every version of it.

A line says one thing, in one of three forms. One that is true of whatever is written would make
its owner feel safe and hold nothing, so a tool or an argument that the file does not name is an
error. What is not certain stays for the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import TypeVar

from sallyport.model import Always, Impact, Level, ToolRule, Verdict
from sallyport.rules.boundary import values
from sallyport.rules.boundary.arguments import ArgumentReader
from sallyport.rules.boundary.limit_words import LIMIT_WORDS, read_limits
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.yaml_strict import Listing, Node, Table

SELECTORS = ("tool", "system", "level", "touches")
ALWAYS_WORDS = (*SELECTORS, "args", "at_least", "sum", "at_most", "each")
AT_LEAST = {one.name.lower(): one for one in Verdict if one is not Verdict.ALLOW}
LINES_MAX = 50
_LEVELS = {level.name.lower(): level for level in Level}
_IMPACTS = {impact.value: impact for impact in Impact}
_FORMS: Mapping[str, tuple[str, ...]] = {
    "args": ("tool", "args"),
    "at_least": (*SELECTORS, "at_least"),
    "sum": ("sum", "at_most", "each"),
}
_FIX = "write `{tool: ..., args: ...}`, `{level: ..., at_least: ask}` or `{sum: ..., at_most: ...}`"

_Word = TypeVar("_Word", bound="IntEnum | StrEnum")


class AlwaysReader:
    """Reads the lines of one workflow, whose tools and limits are known."""

    def __init__(
        self,
        out: Collector,
        tools: Mapping[str, ToolRule],
        arguments: ArgumentReader,
    ) -> None:
        self._out = out
        self._tools = tools
        self._arguments = arguments

    def read(self, node: Node | None) -> tuple[Always, ...]:
        """Return the lines, in their order; without those that say nothing that can be proved."""
        nodes = values.items(self._out, node, "`always`")
        if isinstance(node, Listing) and not nodes:
            self._out.add(node.mark, "empty", "`always` has no line", "remove `always`")
        if node is not None and len(nodes) > LINES_MAX:
            what = f"`always` has more than {LINES_MAX} lines"
            self._out.add(node.mark, "too_large", what, "merge some of them")
            return ()
        found = (self._line(f"always[{n}]", one) for n, one in enumerate(nodes))
        return tuple(one for one in found if one is not None)

    def _line(self, where: str, node: Node) -> Always | None:
        what = f"`{where}`"
        table = values.table(self._out, node, what)
        if not isinstance(node, Table):
            return None
        values.known_words(self._out, table, ALWAYS_WORDS, what)
        form = self._form(table, where)
        match form:
            case "args":
                return self._fitting(table, where)
            case "at_least":
                return self._treated(table, where)
            case "sum":
                return self._summed(table, where)
            case _:
                return None

    def _form(self, table: Table, where: str) -> str:
        """Return which form a line has; an empty text, and a report, where it has none or two."""
        said = [word for word in _FORMS if word in table.values]
        if len(said) != 1:
            what = f"`{where}` says {'more than one thing' if said else 'nothing'}"
            self._out.add(table.mark, "not_one_claim", what, _FIX)
            return ""
        form = said[0]
        for word, mark in table.keys.items():
            if word in ALWAYS_WORDS and word not in _FORMS[form]:
                what = f"`{word}` says nothing beside `{form}` in `{where}`"
                self._out.add(mark, "pointless", what, f"remove `{word}`, or write two lines")
        return form

    def _fitting(self, table: Table, where: str) -> Always:
        values.required(self._out, table, {"tool": "NAME"}, f"`{where}`")
        tools = self._known_tools(table)
        args = self._arguments.rules(table.values["args"], "`args`")
        said = table.values["args"]
        if isinstance(said, Table):
            if not args:
                self._out.add(said.mark, "empty", "`args` names no argument", "name at least one")
            for name, mark in said.keys.items():
                self._argument(name, mark, tools)
                if args[name].optional:
                    what = f"an argument that is left out fits anyway, so `{name}` is optional"
                    self._out.add(mark, "pointless", what, "remove `optional`")
        return Always(where=where, tools=tools, args=args)

    def _argument(self, name: str, mark: Mark, tools: Iterable[str]) -> None:
        rules = [self._tools[one] for one in tools if one in self._tools]
        known = {word for rule in rules for word in _arguments_of(rule)}
        if rules and name not in known:
            what = f"no entry of {' or '.join(f'`{one}`' for one in tools)} names `{name}`"
            self._out.add(mark, "unknown_argument", what, suggest(name, sorted(known)))

    def _treated(self, table: Table, where: str) -> Always:
        found = table.values
        if not any(word in found for word in SELECTORS):
            what = f"`{where}` does not say of which tools"
            fix = f"add one of: {', '.join(SELECTORS)}"
            self._out.add(table.mark, "missing_word", what, fix)
        verdict = values.choice(self._out, found["at_least"], AT_LEAST, "a stricter verdict")
        return Always(
            where=where,
            tools=self._known_tools(table),
            systems=self._words(found.get("system"), "a system"),
            levels=self._choices(found.get("level"), _LEVELS, "a level"),
            touches=self._choices(found.get("touches"), _IMPACTS, "an impact"),
            at_least=AT_LEAST.get(verdict, Verdict.REFUSE),
        )

    def _summed(self, table: Table, where: str) -> Always | None:
        """Read a sum as the limit that would hold it: by the same words, with the same reports."""
        values.required(self._out, table, {"at_most": "500.00 EUR"}, f"`{where}`")
        named, bound = table.values["sum"], table.values.get("at_most")
        name = values.text(self._out, named, "`sum`")
        if not name or bound is None:
            return None
        if isinstance(bound, (Listing, Table)):
            self._out.add(bound.mark, "wrong_type", "`at_most` is not one value", "write one")
            return None
        words = [word for word in LIMIT_WORDS if word in table.values]
        said = Table(
            table.mark,
            {word: table.keys[word] for word in words},
            {word: table.values[word] for word in words},
        )
        limits = Table(table.mark, {name: named.mark}, {name: said})
        found = read_limits(self._out, limits, self._tools)
        return Always(where=where, at_most=found[0]) if found else None

    def _known_tools(self, table: Table) -> tuple[str, ...]:
        """Return the tools that a line names, each of which the file must declare."""
        node = table.values.get("tool")
        found = self._words(node, "a tool")
        for tool in found:
            if node is not None and self._tools and tool not in self._tools:
                what = f"`{tool}` is not declared under `tools`"
                self._out.add(node.mark, "unknown_tool", what, suggest(tool, self._tools))
        return found

    def _words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return one word, or a list of several, each once."""
        if isinstance(node, Listing):
            if not node.items:
                self._out.add(node.mark, "empty", f"{what} is an empty list", "name at least one")
            found = [values.text(self._out, one, what) for one in node.items]
            return tuple(dict.fromkeys(one for one in found if one))
        word = values.text(self._out, node, what)
        return (word,) if word else ()

    def _choices(
        self, node: Node | None, known: Mapping[str, _Word], what: str
    ) -> tuple[_Word, ...]:
        nodes = node.items if isinstance(node, Listing) else () if node is None else (node,)
        if isinstance(node, Listing) and not nodes:
            self._out.add(node.mark, "empty", f"{what} is an empty list", "name at least one")
        found = [values.choice(self._out, one, known, what) for one in nodes]
        return tuple(dict.fromkeys(known[one] for one in found if one))


def _arguments_of(rule: ToolRule) -> set[str]:
    entries = (*rule.allow, *rule.ask, *rule.never)
    return {*rule.only, *rule.templates, *(name for entry in entries for name in entry.args)}
