"""A system file's form as JSON Schema 2020-12, by which an editor completes and checks it.

As with workflow files, its words are those of the loader's tables, and whatever loads fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sallyport.model import DataClass, Json, JsonObject, Recovery, Writer
from sallyport.rules.boundary import declared, effects, system_file
from sallyport.rules.boundary.workflow_file import LEVELS

_TEXT: JsonObject = {"type": "string"}
_TEXTS: JsonObject = {"type": "array", "items": _TEXT, "minItems": 1}
_SPAN: JsonObject = {"type": "string", "pattern": "^[1-9][0-9]*[smhd]$"}

_ABOUT: Mapping[str, str] = {
    "system": "its name, as workflow files call it",
    "transport": "`http` with `url`, `stdio` with `command`",
    "url": "where it answers: `https://desk.example.com/mcp`",
    "command": "the program that is started, and its arguments, word by word",
    "env": "what the program sees; `secret:NAME` for a stored secret",
    "credential": "the stored secret that is sent to `url`; no agent sees it",
    "jurisdiction": "where its data lies: `DE`, or `EU`",
    "tools": "how its tools are handled, one by one",
    "facts": "what the gateway reads for itself: `{tool: ..., args: ..., field: ...}`",
    "level": "a level that no workflow may go below",
    "recovery": "what is done about a call whose fate is unknown",
    "idempotency_ttl": "how long the system knows a key: `2d`",
    "timeout": "how long a call may take: `10s`",
    "before": "the read of what will be changed, kept before it is",
    "probe": "the read that tells whether a call happened",
    "expects": "what the probe answers if it did; `arg.NAME` for what was proposed",
    "reversible": "whether what it did can be taken back: `true` by a call, `by_hand`, `false`",
    "undo": "the call that takes it back",
    "retries": "further tries under the same key",
    "cost": "what one call costs: `0.01 USD`",
    "critical": "arguments that decide whom or how much",
    "units": "arguments that count a currency's smallest unit: `{amount: minor EUR}`",
    "fields": "what is known of fields of its result: `{ticket.state: {data: internal}}`",
    "args": "what is known of arguments: `{to: {data: personal}}`",
    "writer": "who wrote the whole of its result last",
    "changes": "what it changes of its record: `{status: arg.status, total: {plus: arg.amount}}`",
    "to": "what the field becomes: a value, or `arg.NAME`",
    "plus": "what is added to the field: a number, or `arg.NAME`",
    "with": "the argument without which the field stays as it is",
    "tool": "the tool that is called",
    "field": "the dotted way to the value in its answer",
    "data": "the class of what it holds",
}


def system_schema() -> JsonObject:
    """Return the schema of a system file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A system of Sallyport",
        **_table(system_file.WORDS, _ROOT, required=("system",)),
    }


def _table(
    words: Iterable[str], known: Mapping[str, JsonObject], required: Iterable[str] = ()
) -> JsonObject:
    """Return the schema of a table of words; a word that is not known here may have any value."""
    about: Mapping[str, JsonObject] = {
        word: {"description": _ABOUT[word]} if word in _ABOUT else {} for word in words
    }
    return {
        "type": "object",
        "properties": {word: {**known.get(word, {}), **said} for word, said in about.items()},
        "required": list(required),
        "additionalProperties": False,
    }


def _choice(words: Iterable[Json]) -> JsonObject:
    return {"enum": list(words)}


def _by_name(inner: JsonObject) -> JsonObject:
    return {"type": "object", "additionalProperties": inner}


_DATA = _choice(one.value for one in DataClass)
_WRITER = _choice(one.value for one in Writer)
_LOOKUP: JsonObject = _table(
    system_file.LOOKUP_WORDS,
    {"tool": _TEXT, "args": {"type": "object"}, "field": _TEXT},
    required=("tool",),
)
_TOOL: Mapping[str, JsonObject] = {
    "level": _choice(LEVELS),
    "recovery": _choice(one.value for one in Recovery),
    "idempotency_ttl": _SPAN,
    "timeout": _SPAN,
    "before": _LOOKUP,
    "probe": _LOOKUP,
    "reversible": _choice([True, False, "true", "false", "by_hand"]),
    "undo": _table(
        system_file.UNDO_WORDS, {"tool": _TEXT, "args": {"type": "object"}}, required=("tool",)
    ),
    "retries": {"type": "integer", "minimum": 1, "maximum": declared.RETRIES_MAX},
    "cost": {"type": "string", "pattern": "^[0-9.]+ [A-Z]{3}$"},
    "critical": _TEXTS,
    "units": _by_name({"type": "string", "pattern": "^minor [A-Z]{3}$"}),
    "fields": _by_name(_table(("data", "writer"), {"data": _DATA, "writer": _WRITER})),
    "args": _by_name(_table(("data",), {"data": _DATA}, required=("data",))),
    "writer": _WRITER,
    "changes": _by_name(
        {"anyOf": [{"not": {"type": ["object", "array"]}}, _table(effects.WORDS, {"with": _TEXT})]}
    ),
}
_ROOT: Mapping[str, JsonObject] = {
    "system": _TEXT,
    "transport": _choice(system_file.TRANSPORTS),
    "url": _TEXT,
    "command": _TEXTS,
    "env": _by_name(_TEXT),
    "credential": _TEXT,
    "jurisdiction": {"type": "string", "pattern": "^[A-Z]{2}$"},
    "tools": _by_name(_table(system_file.TOOL_WORDS, _TOOL)),
    "facts": _by_name(_LOOKUP),
}
