"""Writes a first workflow or system file that loads and checks, from a few answers.

What a system says about its own tools may only make the proposal stricter, so a tool is proposed as
`read` only where its definition and its name agree. A definition's texts never enter the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sallyport.model import Ability, Environment, Json, JsonObject, Level
from sallyport.rules import canonical
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.workflow_file import NEVER_ASKING, load_workflow
from sallyport.rules.methods import IMPLIED, METHODS

LENGTH_MAX = 10_000
WITHIN = "4h"
SCHEMAS = "schemas"
"""The folder of a home, beside `workflows` and `systems`, that holds the schemas of both."""

# fmt: off
_READING = frozenset(
    {
        "blame", "check", "compare", "convert", "count", "describe", "diff", "download",
        "exists", "fetch", "find", "get", "head", "info", "inspect", "list", "log",
        "lookup", "ls", "peek", "query", "read", "retrieve", "search", "select", "show",
        "stat", "status", "tree", "view",
    }
)
_OUTWARD = frozenset(
    {
        "broadcast", "charge", "deploy", "dispatch", "forward", "invite", "invoke",
        "notify", "pay", "post", "publish", "push", "refund", "reply", "send", "share",
        "submit", "transfer", "trigger", "tweet", "upload",
    }
)
# Outward as verbs, and in the name of a tool that reads they are mostly what is read.
_OUTWARD_OR_THING = frozenset(
    {
        "call", "email", "mail", "message", "order", "sms",
    }
)
_CREATING = frozenset(
    {
        "add", "create", "insert", "make", "new", "open", "register",
    }
)
# fmt: on
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_PLAIN_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_./@;()-]*(?: [A-Za-z0-9_./@;()-]+)*", re.ASCII)
_TWO_FACED = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person was asked for a first workflow.

    `inputs` are the task's inputs and their kinds; `asks` are the roles that answer for tools that
    change something; `system` is the name of the one system whose tools are declared; `may_ask` is
    what it may ask of the agent in the middle of a call.
    """

    name: str
    purpose: str
    owner: str
    agent: str
    requesters: Sequence[str]
    expires: date
    system: str
    environment: Environment = Environment.PERSONAL
    asks: Sequence[str] = ("owner", "reviewer")
    inputs: Mapping[str, str] | None = None
    calls_per_task: int = 50
    may_ask: Sequence[Ability] = ()


def propose_level(definition: JsonObject) -> tuple[Level, str]:
    """Return the strictest level that a tool's definition gives reason for, and that reason.

    Args:
        definition: An MCP tool definition: `name`, and perhaps `annotations`.
    """
    name = definition.get("name")
    if name in METHODS:
        return Level.READ, "it is a method of MCP that only reads"
    words = _words(name) if isinstance(name, str) else []
    hints = definition.get("annotations")
    hints = hints if isinstance(hints, dict) else {}
    if hints.get("readOnlyHint") is True:
        return _level_of_reader(words)
    outward = _first(words, _OUTWARD | _OUTWARD_OR_THING)
    if outward:
        return Level.EXTERNAL, f"its name says `{outward}`"
    if hints.get("destructiveHint") is True:
        return Level.UPDATE, "it says of itself that it destroys"
    creating = _first(words, _CREATING)
    if creating:
        return Level.CREATE, f"its name says `{creating}`"
    return Level.UPDATE, "nothing tells that it only reads"


def _level_of_reader(words: list[str]) -> tuple[Level, str]:
    """Propose for a tool that says that it only reads: its name must say so too, and first."""
    verb = _first(words, _READING | _OUTWARD | _CREATING)
    if verb in _READING:
        return Level.READ, f"it says that it only reads, and its name says `{verb}`"
    if verb in _OUTWARD:
        return Level.EXTERNAL, f"its name says `{verb}`"
    return Level.UPDATE, "it says that it only reads, and its name does not"


def schema_line(kind: str) -> str:
    """Return the line by which an editor finds the schema of a `workflow` or `system` file."""
    return f"# yaml-language-server: $schema=../{SCHEMAS}/{kind}.schema.json"


def render_workflow(answers: Answers, tools: Iterable[tuple[JsonObject, Level]]) -> str:
    """Return the text of a workflow file: every tool at its level, each argument by its schema.

    Tools that change something ask. A tool whose name or arguments cannot be written in the
    vocabulary is left out, and the file's third line counts those.

    Raises:
        BoundaryErrors: The answers themselves make no workflow.
    """
    head = _head(answers)
    blocks = [
        _tool(answers, definition, level)
        for definition, level in tools
        if definition.get("name") not in IMPLIED
    ]
    kept = {
        block[0]: block
        for block in reversed(blocks)
        if _loads(_text(answers, head, [block], left_out=0))
    }
    text = _text(answers, head, [*reversed(kept.values())], left_out=len(blocks) - len(kept))
    load_workflow(text, f"{answers.name}.yaml")
    return text


def render_system(
    name: str,
    *,
    url: str = "",
    command: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    credential: str = "",
    reads: Iterable[str] = (),
    final: Iterable[str] = (),
) -> str:
    """Return the text of a system file.

    Args:
        name: The system's name.
        url: Where it answers, or empty when `command` starts it.
        command: The program and its arguments.
        environment: What the program sees; secrets as `secret:NAME`.
        credential: The stored secret that is sent to `url`.
        reads: Tools whose definitions do not say that they only read, and of which a person did.
        final: Tools that nobody said can be taken back, so that they count as if none could be.
    """
    lines = [
        schema_line("system"),
        f"# How Sallyport reaches {_name(name)}, and how it handles its tools.",
    ]
    lines += [f"system: {_name(name)}", f"transport: {'http' if url else 'stdio'}"]
    if url:
        lines.append(f"url: {_string(url)}")
    if command:
        lines.append(f"command: [{', '.join(_string(word) for word in command)}]")
    if environment:
        lines.append("env:")
        lines += [f"  {_name(key)}: {_string(value)}" for key, value in environment.items()]
    if credential:
        lines.append(f"credential: {_name(credential)}")
    told = [f"  {_name(tool)}: {{level: read}}" for tool in reads]
    told += [f"  {_name(tool)}: {{reversible: false}}" for tool in final]
    if told:
        lines += ["tools:", *told]
    return "\n".join(lines) + "\n"


def _head(answers: Answers) -> list[str]:
    lines = [
        f"workflow: {_name(answers.name)}",
        f"purpose: {_value(answers.purpose)}",
        f"owner: {_value(answers.owner)}",
        f"agent: {_name(answers.agent)}",
        f"environment: {answers.environment.value}",
        f"expires: {answers.expires.isoformat()}",
        f"for: [{', '.join(_name(role) for role in answers.requesters)}]",
    ]
    if answers.inputs:
        inputs = (f"{_name(name)}: {kind}" for name, kind in answers.inputs.items())
        lines.append(f"task: {{{', '.join(inputs)}}}")
    if answers.environment is Environment.PRODUCTION:
        by = ", ".join(_name(role) for role in answers.asks or answers.requesters)
        lines.append(f"stop: {{by: [{by}], tell: {_value(answers.owner)}}}")
    return [*lines, f"limits: {{calls_per_task: {answers.calls_per_task}}}"]


def _text(answers: Answers, head: list[str], blocks: list[list[str]], *, left_out: int) -> str:
    lines = [
        schema_line("workflow"),
        f"# What agent {_name(answers.agent)} may do in workflow {_name(answers.name)}.",
    ]
    if left_out:
        lines.append(
            f"# Tools left out, since their definitions cannot be written here: {left_out}."
        )
    tools = [line for block in blocks for line in block]
    return "\n".join([*lines, *head, "tools:" if tools else "tools: {}", *tools]) + "\n"


def _loads(text: str) -> bool:
    try:
        load_workflow(text, "proposed")
    except BoundaryErrors:
        return False
    return True


def _tool(answers: Answers, definition: JsonObject, level: Level) -> list[str]:
    lines = [f"  {_name(str(definition.get('name', '')))}:"]
    lines += [f"    system: {_name(answers.system)}", f"    level: {level.name.lower()}"]
    schema = definition.get("inputSchema")
    arguments = _arguments(schema if isinstance(schema, dict) else {})
    if arguments:
        lines.append("    only:")
        lines += [f"      {_name(name)}: {said}" for name, said in arguments.items()]
    if answers.may_ask and definition.get("name") not in NEVER_ASKING:
        lines.append(f"    may_ask: [{', '.join(one.value for one in answers.may_ask)}]")
    if level >= Level.CREATE:
        who = ", ".join(_name(role) for role in answers.asks)
        lines.append(f"    ask: [{{who: [{who}], within: {WITHIN}}}]")
    return lines


def _arguments(schema: JsonObject) -> dict[str, str]:
    """Return what to say of each argument that a schema lists, as YAML."""
    listed, wanted = schema.get("properties"), schema.get("required")
    required = wanted if isinstance(wanted, list) else []
    found: dict[str, str] = {}
    for name, form in (listed if isinstance(listed, dict) else {}).items():
        said = _constraint(form if isinstance(form, dict) else {})
        found[name] = f"{{{said}}}" if name in required else f"{{{said}, optional: true}}"
    return found


def _constraint(form: JsonObject) -> str:
    options = form.get("enum")
    if isinstance(options, list) and _is_wordy(options):
        return f"one_of: [{', '.join(_value(str(one)) for one in options)}]"
    if form.get("type") != "string":
        return "any: true"
    longest = form.get("maxLength")
    if type(longest) is int and longest > 0:
        return f"max_length: {min(longest, LENGTH_MAX)}"
    return f"max_length: {LENGTH_MAX}"


def _is_wordy(options: list[Json]) -> bool:
    """Return whether all options are words that stand for themselves in a file."""
    words = [one for one in options if isinstance(one, str) and _PLAIN.fullmatch(one)]
    return 0 < len(words) == len(options) and not any(w.startswith("task.") for w in words)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _first(words: list[str], known: frozenset[str]) -> str:
    return next((word for word in words if word in known), "")


def _name(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _TWO_FACED
    return text if is_plain else _string(text)


def _value(text: str) -> str:
    """Return a text as an owner would write it: bare where nothing can be read otherwise."""
    is_plain = _PLAIN_VALUE.fullmatch(text) and text.lower() not in _TWO_FACED
    return text if is_plain else _string(text)


def _string(text: str) -> str:
    """Return a text in quotes; what is not printable is escaped, and so refused when loading."""
    return canonical.text(text) if text.isprintable() else json.dumps(text)
