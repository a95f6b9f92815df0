"""The words of a workflow file, and what each becomes.

The vocabulary is closed: no expressions, no patterns, no wildcards, and no word that is ignored.
`stop` and `undo` are information for people, and `explain` says that they are no more than that.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.model import (
    ASKS_BY_DEFAULT,
    Ability,
    ArgumentRule,
    Entry,
    Environment,
    Impact,
    Json,
    Level,
    StopPlan,
    ToolRule,
    Workflow,
)
from sallyport.rules.boundary import values
from sallyport.rules.boundary.always import AlwaysReader
from sallyport.rules.boundary.arguments import ArgumentReader
from sallyport.rules.boundary.inputs import KINDS
from sallyport.rules.boundary.limit_words import read_limits
from sallyport.rules.boundary.overlap import meeting
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.source_words import read_data, read_jurisdiction, read_trust
from sallyport.rules.boundary.template_words import TemplateReader
from sallyport.rules.boundary.yaml_strict import Listing, Node, Table, parse
from sallyport.rules.methods import GET_PROMPT, METHODS, READ

REQUIRED = {
    "workflow": "customer-support",
    "purpose": "Answer tickets; small refunds only.",
    "owner": "you@example.com",
    "agent": "support-bot",
    "environment": "test",
    "expires": "2027-03-31",
    "for": "[support_agent]",
    "tools": "{...}",
}
WORDS = (
    *REQUIRED,
    "task",
    "trust",
    "data",
    "jurisdiction",
    "limits",
    "stop",
    "never",
    "always",
)
TOOL_WORDS = (
    "system",
    "level",
    "touches",
    "only",
    "when",
    "allow",
    "ask",
    "never",
    "templates",
    "undo",
    "may_ask",
)
ENTRY_WORDS = {
    "allow": ("args", "when", "because", "until"),
    "ask": ("args", "when", "because", "who", "how_many", "within", "needs_human"),
    "never": ("args", "when", "because"),
}
STOP_WORDS = ("by", "tell", "by_hand")
NEVER_ASKING = METHODS - {READ, GET_PROMPT}
UNDO_WORDS = ("put_back", "by_hand")

ENTRIES_MAX = 50
PEOPLE_MAX = 10
WITHIN_MAX_S = 30 * 24 * 3600

LEVELS = {level.name.lower(): level for level in Level}


def load_workflow(text: str, file: str) -> Workflow:
    """Return the workflow that a file declares.

    The system of a tool is empty unless the file names it; `compile_boundary` fills it in.

    Args:
        text: The file's text, YAML or JSON.
        file: Its name, for messages.

    Raises:
        BoundaryErrors: With every problem of the file.
    """
    out = Collector(file)
    root = values.table(out, parse(text, out), "the file")
    if "system" in root.keys and "workflow" not in root.keys:
        fix = "name a workflow file; systems are read along with the workflows that name them"
        out.add(root.keys["system"], "unknown_word", "this is a system's file", fix)
        out.stop_if_any()
    if not root.values:
        out.stop_if_any()
    workflow = _WorkflowReader(out).read(root)
    out.stop_if_any()
    return workflow


def loosens_a_default(level: Level, touches: frozenset[Impact]) -> bool:
    """Return whether an `allow` entry at this level stands in for a default that asks."""
    return level in ASKS_BY_DEFAULT or bool(touches)


class _WorkflowReader:
    def __init__(self, out: Collector) -> None:
        self._out = out

    def read(self, root: Table) -> Workflow:
        out = self._out
        found = root.values
        values.known_words(out, root, WORDS, "the workflow")
        values.required(out, root, REQUIRED, "the workflow")
        inputs = self._inputs(found.get("task"))
        tools = self._tools(found.get("tools"), inputs)
        return Workflow(
            name=values.name(out, found.get("workflow"), "the workflow"),
            purpose=values.text(out, found.get("purpose"), "`purpose`"),
            owner=values.text(out, found.get("owner"), "`owner`"),
            agent=values.name(out, found.get("agent"), "the agent"),
            environment=self._environment(found.get("environment")),
            expires=values.day(out, found.get("expires"), "`expires`"),
            users=values.names(out, found.get("for"), "`for`"),
            task_inputs=inputs,
            tools=tools,
            limits=read_limits(out, found.get("limits"), tools),
            stop=self._stop(found.get("stop")),
            never=values.tools(out, found.get("never"), "`never`"),
            trust=read_trust(out, found.get("trust"), tools),
            data=read_data(out, found.get("data")),
            jurisdiction=read_jurisdiction(out, found.get("jurisdiction")),
            always=AlwaysReader(out, tools, ArgumentReader(out, inputs)).read(found.get("always")),
        )

    def _environment(self, node: Node | None) -> Environment:
        known = [one.value for one in Environment]
        found = values.choice(self._out, node, known, "an environment")
        return Environment(found) if found else Environment.PRODUCTION

    def _inputs(self, node: Node | None) -> dict[str, str]:
        found = values.table(self._out, node, "`task`")
        kinds: dict[str, str] = {}
        for name, kind in found.values.items():
            values.check_name(self._out, found.keys[name], name, "an input of the task")
            kinds[name] = values.choice(self._out, kind, KINDS, "a kind of input")
        return kinds

    def _stop(self, node: Node | None) -> StopPlan:
        out, found = self._out, values.table(self._out, node, "`stop`")
        values.known_words(out, found, STOP_WORDS, "`stop`")
        return StopPlan(
            by=values.names(out, found.values.get("by"), "`by`"),
            tell=values.text(out, found.values.get("tell"), "`tell`"),
            by_hand=values.text(out, found.values.get("by_hand"), "`by_hand`"),
        )

    def _tools(self, node: Node | None, inputs: Mapping[str, str]) -> dict[str, ToolRule]:
        found = values.table(self._out, node, "`tools`")
        if isinstance(node, Table) and not node.values:
            self._out.add(node.mark, "empty", "`tools` names no tool", "declare at least one")
        reader = _ToolReader(self._out, inputs)
        rules: dict[str, ToolRule] = {}
        for tool, value in found.values.items():
            values.check_tool(self._out, found.keys[tool], tool)
            rules[tool] = reader.read(tool, value)
        return rules


class _ToolReader:
    def __init__(self, out: Collector, inputs: Mapping[str, str]) -> None:
        self._out = out
        self._arguments = ArgumentReader(out, inputs)
        self._templates = TemplateReader(out, self._arguments)

    def read(self, tool: str, node: Node) -> ToolRule:
        out, what = self._out, f"`{tool}`"
        self._arguments.unsure = False
        table = values.table(out, node, what)
        found = table.values
        values.known_words(out, table, TOOL_WORDS, what)
        values.required(out, table, {"level": "update"}, what)
        rule = ToolRule(
            tool=tool,
            system=values.name(out, found.get("system"), "a system"),
            level=self._level(found.get("level")),
            touches=self._touches(found.get("touches")),
            only=self._arguments.rules(found.get("only"), "`only`"),
            when=self._when(found.get("when")),
            allow=self._entries(tool, "allow", found.get("allow")),
            ask=self._entries(tool, "ask", found.get("ask")),
            never=self._entries(tool, "never", found.get("never")),
            templates=self._templates.read(found.get("templates")),
            undo=self._undo(found.get("undo")),
            may_ask=self._may_ask(tool, found.get("may_ask")),
        )
        self._check_reasons(rule, found.get("allow"))
        self._templates.check_entries(rule.templates, (*rule.allow, *rule.ask), table.mark)
        if not self._arguments.unsure:
            marks = [*_marks(found.get("allow")), *_marks(found.get("ask"))]
            self._check_overlap(rule, marks)
        return rule

    def _level(self, node: Node | None) -> Level:
        found = values.choice(self._out, node, LEVELS, "a level")
        return LEVELS.get(found, Level.EXTERNAL)

    def _touches(self, node: Node | None) -> frozenset[Impact]:
        known = [one.value for one in Impact]
        found = [
            values.choice(self._out, item, known, "an impact")
            for item in values.items(self._out, node, "`touches`")
        ]
        return frozenset(Impact(one) for one in found if one)

    def _may_ask(self, tool: str, node: Node | None) -> frozenset[Ability]:
        if node is not None and tool in NEVER_ASKING:
            what = f"`{tool}` is answered at once: its system asks nothing meanwhile"
            self._out.add(node.mark, "pointless", what, "remove `may_ask`")
        found = [
            values.choice(self._out, item, [one.value for one in Ability], "an ability")
            for item in values.items(self._out, node, "`may_ask`")
        ]
        return frozenset(Ability(one) for one in found if one)

    def _when(self, node: Node | None) -> dict[str, tuple[Json, ...]]:
        found = values.table(self._out, node, "`when`")
        wanted: dict[str, tuple[Json, ...]] = {}
        for fact, value in found.values.items():
            values.check_name(self._out, found.keys[fact], fact, "a fact")
            what = f"the values of `{fact}`"
            listed = values.items(self._out, value, what)
            if isinstance(value, Listing) and not listed:
                self._out.add(value.mark, "empty", f"{what} are none", "name at least one")
            wanted[fact] = tuple(values.scalar(self._out, item, what) for item in listed)
        return wanted

    def _entries(self, tool: str, word: str, node: Node | None) -> tuple[Entry, ...]:
        nodes = values.items(self._out, node, f"`{word}`")
        if isinstance(node, Listing) and not nodes:
            self._out.add(node.mark, "empty", f"`{word}` has no entry", f"remove `{word}`")
        if node is not None and len(nodes) > ENTRIES_MAX:
            what = f"`{word}` has more than {ENTRIES_MAX} entries"
            self._out.add(node.mark, "too_large", what, "merge some of them")
            self._arguments.unsure = True
            return ()
        where = f"{tool}.{word}"
        return tuple(self._entry(word, f"{where}[{n}]", one) for n, one in enumerate(nodes))

    def _entry(self, word: str, where: str, node: Node) -> Entry:
        out = self._out
        table = values.table(out, node, f"`{where}`")
        found = table.values
        values.known_words(out, table, ENTRY_WORDS[word], f"`{where}`")
        if word == "ask" and isinstance(node, Table):
            values.required(out, table, {"who": "[support_lead]"}, f"`{where}`")
        entry = Entry(
            where=where,
            args=self._arguments.rules(found.get("args"), "`args`", forbids=word == "never"),
            when=self._when(found.get("when")),
            because=values.text(out, found.get("because"), "`because`"),
            until=values.day(out, found["until"], "`until`") if "until" in found else None,
            who=values.names(out, found.get("who"), "`who`"),
            how_many=values.whole(out, found.get("how_many"), "`how_many`", at_most=PEOPLE_MAX),
            within_s=values.seconds(out, found.get("within"), "`within`", at_most=WITHIN_MAX_S),
            needs_human=values.truth(out, found.get("needs_human"), "`needs_human`"),
        )
        if word == "never":
            self._check_never(entry, node)
        return entry

    def _check_never(self, entry: Entry, node: Node) -> None:
        if isinstance(node, Table) and not entry.args and not entry.when:
            fix = "name what it forbids, or list the tool under the workflow's `never`"
            self._out.add(node.mark, "empty", f"`{entry.where}` names nothing", fix)
        if any(rule.optional for rule in entry.args.values()):
            what = f"`{entry.where}` forbids an argument that is optional there"
            self._out.add(node.mark, "pointless", what, "remove `optional`")

    def _undo(self, node: Node | None) -> dict[str, str]:
        found = values.table(self._out, node, "`undo`")
        undo: dict[str, str] = {}
        for name, value in found.values.items():
            values.check_argument(self._out, found.keys[name], name)
            undo[name] = values.choice(self._out, value, UNDO_WORDS, "a way to undo")
        return undo

    def _check_reasons(self, rule: ToolRule, node: Node | None) -> None:
        """Report an `allow` entry that loosens a default without its reason and its end."""
        if not loosens_a_default(rule.level, rule.touches):
            return
        for entry, mark in zip(rule.allow, _marks(node), strict=False):
            missing = [w for w, v in (("because", entry.because), ("until", entry.until)) if not v]
            if missing:
                what = f"`{entry.where}` lets happen what otherwise asks a person"
                fix = f"add {' and '.join(f'`{word}`' for word in missing)}"
                self._out.add(mark, "exception", what, fix)

    def _check_overlap(self, rule: ToolRule, marks: list[Mark]) -> None:
        """Report entries that no call can match, and pairs that one call can match."""
        entries = [*rule.allow, *rule.ask]
        dead = {entry.where for entry in entries if meeting(rule.only, entry) is None}
        for number, entry in enumerate(entries):
            mark = marks[number]
            if entry.where in dead:
                what = f"no call can match `{entry.where}`"
                self._out.add(mark, "dead_entry", what, "correct its bounds, or remove it")
                continue
            for other in entries[:number]:
                self._check_pair(rule.only, other, entry, mark)

    def _check_pair(
        self, only: Mapping[str, ArgumentRule], other: Entry, entry: Entry, mark: Mark
    ) -> None:
        call = meeting(only, other, entry)
        if call is not None:
            word = "both match" if call.certain else "may both match"
            what = f"`{entry.where}` and `{other.where}` {word} a call with {call}"
            fix = "keep them apart on at least one argument"
            if any(value == [] for value in call.args.values()):
                fix = "ask for `at_least: 1 items` in one of them, if nothing else keeps them apart"
            self._out.add(mark, "overlap", what, fix)


def _marks(node: Node | None) -> list[Mark]:
    return [item.mark for item in node.items] if isinstance(node, Listing) else []
