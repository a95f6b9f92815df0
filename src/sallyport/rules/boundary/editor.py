"""A workflow file's form as JSON Schema 2020-12, by which an editor completes and checks it.

Its words are taken from the tables that the loader reads by, so a word that is added there is
known here. Whatever loads fits. What does not load may fit all the same: the loader alone decides,
and says more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sallyport.model import DataClass, Environment, Impact, Json, JsonObject, Operator
from sallyport.rules.boundary.always import ALWAYS_WORDS, AT_LEAST
from sallyport.rules.boundary.arguments import LENGTH_MAX, OPTIONAL
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.inputs import KINDS
from sallyport.rules.boundary.limit_words import LIMIT_MAX, LIMIT_WORDS, LIMITS, PERIODS
from sallyport.rules.boundary.template_words import TEMPLATE_WORDS
from sallyport.rules.boundary.workflow_file import (
    ENTRY_WORDS,
    LEVELS,
    PEOPLE_MAX,
    REQUIRED,
    STOP_WORDS,
    TOOL_WORDS,
    UNDO_WORDS,
    WORDS,
)

_TEXT: JsonObject = {"type": "string"}
_TEXTS: JsonObject = {"type": "array", "items": _TEXT, "minItems": 1}
_SCALAR: JsonObject = {"type": ["string", "number", "boolean"]}
_SCALARS: JsonObject = {"type": "array", "items": _SCALAR, "minItems": 1}
_RANGE: JsonObject = {"type": ["number", "string"]}
_DAY: JsonObject = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_PLACE: JsonObject = {"type": "string", "pattern": "^[A-Z]{2}$"}
_TRUE: JsonObject = {"const": True}
_OF_ITEMS = (Operator.EACH, Operator.SOME)

_ABOUT: Mapping[str, str] = {
    "workflow": "its name, the last part of the address agents use",
    "purpose": "what it is for",
    "owner": "who answers for it",
    "agent": "the one agent it is open to",
    "environment": "where it acts",
    "expires": "the last day on which anything is allowed",
    "for": "roles of requesters for whom the agent may work",
    "task": "inputs that an opener binds, and their kinds",
    "limits": "how much may happen: calls, what leaves, cost, or the sum of an argument",
    "at_most": "how many, or how much: `3`, `500.00 EUR`",
    "each": "an argument of which each value is counted for itself",
    "trust": "tools, or fields of their results, whose last writer is one of ours: `crm.get.email`",
    "data": "the classes of data that it may handle",
    "jurisdiction": "where its systems must lie: `EU`, or countries such as `DE`",
    "stop": "who may stop it, whom to tell, how people go on",
    "never": "what no entry can allow; tools that are kept from the agent in every workflow",
    "always": "what is proved of every version before it is signed",
    "at_least": "how strictly such calls are treated: `ask`, `draft`, `refuse`",
    "sum": "a limit's name: what is never counted beyond `at_most`",
    "tool": "the tool that the line is about",
    "tools": "what the agent may use, tool by tool",
    "system": "which system, where two offer a tool of this name",
    "level": "how far the tool reaches",
    "touches": "what people care about beyond the level",
    "only": "constraints that must always hold, by argument",
    "when": "facts and the values they may have",
    "allow": "what happens unasked, with `because` and `until`",
    "ask": "what a person must confirm: `who`, `how_many`, `within`, `needs_human`",
    "templates": "by argument, the texts of which it must be one",
    "text": "the text as it is sent, or its lines, with slots: `Dear {name}, ...`",
    "slots": "what each slot may hold",
    "undo": "how people undo it, by argument",
    "args": "constraints by argument",
    "because": "the reason, for whoever reads it later",
    "until": "the last day on which the entry counts",
    "who": "roles, of which one must answer",
    "how_many": "how many people must say yes",
    "needs_human": "`true`: stays in the queue until one of `who` has decided, come what may",
    "within": "how long the answer may take: `30m`, `4h`, `2d`; by level where it is left out",
}
_MEANS: Mapping[Operator, str] = {
    Operator.IS: "exactly this value, or `task.NAME` for the task's own",
    Operator.ONE_OF: "one of these values",
    Operator.AT_LEAST: "this or more: `50`, `50.00 EUR`, `2027-01-31T12:00:00Z`, `1 items`",
    Operator.ABOVE: "more than this number, amount, date, time or count of items",
    Operator.AT_MOST: "this or less: `50`, `50.00 EUR`, `2027-01-31`, `3 items`",
    Operator.BELOW: "less than this number, amount, date, time or count of items",
    Operator.DOMAIN: "exactly `example.com`, or `under example.com` for its sub-domains",
    Operator.EMAIL: '`ann@example.com`, `"@example.com"` for anyone there, `under example.com`',
    Operator.URL: "an address and what lies below it: `https://example.com/docs`",
    Operator.PATH_UNDER: "a folder and what lies in it: `/srv/reports`",
    Operator.STARTS_WITH: "text that begins with these letters",
    Operator.MAX_LENGTH: "text of so many characters at most",
    Operator.ONLY: "a list that holds nothing but these",
    Operator.EACH: "a list of which every item meets this",
    Operator.SOME: "under `never`: a list of which one item meets this",
    Operator.ANY: "whatever it is",
    Operator.ABSENT: "left out",
}


def workflow_schema() -> JsonObject:
    """Return the schema of a workflow file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A workflow of Sallyport",
        **_table(WORDS, _ROOT, required=REQUIRED),
        "$defs": {
            "tool": _table(TOOL_WORDS, _TOOL, required=("level",)),
            **{word: _table(words, _ENTRY) for word, words in ENTRY_WORDS.items()},
            "arguments": {"type": "object", "additionalProperties": _ref("argument")},
            "argument": {
                "anyOf": [{"enum": [Operator.ANY.value, Operator.ABSENT.value]}, _argument()]
            },
            "items": _constraints(one for one in Operator if one not in _OF_ITEMS),
        },
    }


def _table(
    words: Iterable[str], known: Mapping[str, JsonObject], *, required: Iterable[str] = ()
) -> JsonObject:
    """Return the schema of a table of words; a word that is not known here may have any value."""
    return {
        "type": "object",
        "properties": {word: {**known.get(word, {}), **_said(word)} for word in words},
        "required": list(required),
        "additionalProperties": False,
    }


def _said(word: str) -> JsonObject:
    return {"description": _ABOUT[word]} if word in _ABOUT else {}


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/$defs/{name}"}


def _entries(word: str) -> JsonObject:
    return {"type": "array", "items": _ref(word), "minItems": 1}


def _argument() -> JsonObject:
    said = _constraints(Operator)
    properties = said["properties"]
    known = properties if isinstance(properties, dict) else {}
    optional: JsonObject = {"type": "boolean", "description": "it may be left out"}
    return {**said, "properties": {**known, OPTIONAL: optional}}


def _constraints(operators: Iterable[Operator]) -> JsonObject:
    return {
        "type": "object",
        "properties": {
            one.value: {**_operand(one), "description": _MEANS[one]} for one in operators
        },
        "additionalProperties": False,
        "minProperties": 1,
    }


def _operand(operator: Operator) -> JsonObject:
    """Return the schema of what stands after an operator."""
    if operator in FORMS:
        return {"anyOf": [_TEXT, _TEXTS]}
    return _OPERANDS.get(operator, _RANGE)


_OPERANDS: Mapping[Operator, JsonObject] = {
    Operator.IS: _SCALAR,
    Operator.ONE_OF: _SCALARS,
    Operator.ONLY: _SCALARS,
    Operator.STARTS_WITH: _TEXT,
    Operator.MAX_LENGTH: {"type": "integer", "minimum": 1, "maximum": LENGTH_MAX},
    Operator.EACH: _ref("items"),
    Operator.SOME: _ref("items"),
    Operator.ANY: _TRUE,
    Operator.ABSENT: _TRUE,
}


def _choice(words: Iterable[str]) -> JsonObject:
    return {"enum": list[Json](words)}


_WHEN: JsonObject = {
    "type": "object",
    "additionalProperties": {"type": "array", "minItems": 1},
}
_ENTRY: Mapping[str, JsonObject] = {
    "args": _ref("arguments"),
    "when": _WHEN,
    "because": _TEXT,
    "until": _DAY,
    "who": _TEXTS,
    "how_many": {"type": "integer", "minimum": 1, "maximum": PEOPLE_MAX},
    "needs_human": {"type": "boolean"},
    "within": {"type": "string", "pattern": "^[1-9][0-9]*[smhd]$"},
}
_LINES: JsonObject = {"anyOf": [_TEXT, _TEXTS]}
_TEMPLATE: JsonObject = _table(
    TEMPLATE_WORDS, {"text": _LINES, "slots": _ref("arguments")}, required=["text"]
)
_TOOL: Mapping[str, JsonObject] = {
    "system": _TEXT,
    "level": _choice(LEVELS),
    "touches": {"type": "array", "items": _choice(one.value for one in Impact)},
    "only": _ref("arguments"),
    "when": _WHEN,
    "templates": {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _TEMPLATE},
    },
    "undo": {"type": "object", "additionalProperties": _choice(UNDO_WORDS)},
    **{word: _entries(word) for word in ENTRY_WORDS},
}
_MOST: JsonObject = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX},
        {"type": "string", "pattern": "^[0-9.]+ [A-Z]{3}$"},
    ]
}
_ONE_LIMIT: JsonObject = {
    "anyOf": [_MOST, _table(LIMIT_WORDS, {"at_most": _MOST, "each": _TEXT}, required=["at_most"])]
}
_LIMIT: JsonObject = {"anyOf": [_ONE_LIMIT, {"type": "array", "items": _ONE_LIMIT, "minItems": 1}]}
_ONE_OR_MORE: JsonObject = {"anyOf": [_TEXT, _TEXTS]}
_ALWAYS: Mapping[str, JsonObject] = {
    **dict.fromkeys(("tool", "system", "level", "touches"), _ONE_OR_MORE),
    "args": _ref("arguments"),
    "at_least": _choice(AT_LEAST),
    "sum": _TEXT,
    "at_most": _MOST,
    "each": _TEXT,
}
_ROOT: Mapping[str, JsonObject] = {
    **dict.fromkeys(("workflow", "purpose", "owner", "agent"), _TEXT),
    "environment": _choice(one.value for one in Environment),
    "expires": _DAY,
    "for": _TEXTS,
    "task": {"type": "object", "additionalProperties": _choice(KINDS)},
    "limits": {
        "type": "object",
        "properties": dict.fromkeys(LIMITS, _LIMIT),
        "additionalProperties": _LIMIT,
        "propertyNames": {"pattern": f"^.+_per_({'|'.join(PERIODS)})$"},
    },
    "trust": _TEXTS,
    "data": {"type": "array", "items": _choice(one.value for one in DataClass), "minItems": 1},
    "jurisdiction": {"type": "array", "items": _PLACE, "minItems": 1},
    "stop": {"type": "object", "propertyNames": _choice(STOP_WORDS)},
    "never": _TEXTS,
    "always": {"type": "array", "items": _table(ALWAYS_WORDS, _ALWAYS), "minItems": 1},
    "tools": {"type": "object", "additionalProperties": _ref("tool"), "minProperties": 1},
}
