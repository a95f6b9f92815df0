"""What a rule says of the arguments of its tool, as JSON Schema 2020-12.

Whatever the rule lets through fits its schema. The converse is not claimed: facts, dates, the
task's inputs, `never` entries and texts that are parsed before they are compared go beyond what a
schema can say, and are said in its descriptions. So a schema helps an agent to propose well, and
decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Items,
    Json,
    JsonObject,
    Moment,
    Money,
    Operator,
    TaskInput,
    Template,
    ToolRule,
)
from sallyport.rules import canonical
from sallyport.rules.boundary import units
from sallyport.rules.boundary.amounts import minor_digits
from sallyport.rules.boundary.explain import argument_in_words
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.templates import parts_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LIMITS: Mapping[Operator, str] = {
    Operator.AT_LEAST: "minimum",
    Operator.ABOVE: "exclusiveMinimum",
    Operator.AT_MOST: "maximum",
    Operator.BELOW: "exclusiveMaximum",
}
_TEXTS = frozenset({Operator.STARTS_WITH, Operator.MAX_LENGTH})
_SCALARS: tuple[Json, ...] = ("string", "number", "boolean")
_SLOT = "[^\\n\\r]+"
# What a pattern of ECMA 262 gives a meaning of its own.
_MEANT = re.compile(r"[\\^$.*+?()\[\]{}|/]")


def tool_schema(rule: ToolRule) -> JsonObject:
    """Return the schema of the arguments that a rule may let through, whole and closed."""
    said = [{**rule.only, **_narrowed(rule.only, entry.args)} for entry in (*rule.allow, *rule.ask)]
    shapes: list[Json] = [_object(one, rule) for one in said or [dict(rule.only)]]
    if len(shapes) == 1 and isinstance(shapes[0], dict):
        return {"$schema": _DIALECT, **shapes[0]}
    return {"$schema": _DIALECT, "type": "object", "anyOf": shapes}


def argument_schema(rule: ArgumentRule, counts: str) -> JsonObject:
    """Return the schema of one argument, with what is said of it in words.

    `counts` is the currency whose smallest unit it counts; empty if it counts none.
    """
    if counts:
        return _whole(rule, counts)
    parts = [_constraint(one) for one in rule.constraints]
    known: list[Json] = [part for part in parts if part]
    said: JsonObject = {"description": argument_in_words(rule)}
    if len(known) == 1 and isinstance(known[0], dict):
        return {**known[0], **said}
    return {"allOf": known, **said} if known else said


def _narrowed(
    only: Mapping[str, ArgumentRule], args: Mapping[str, ArgumentRule]
) -> dict[str, ArgumentRule]:
    """Return what an entry says, together with what always holds."""
    return {
        name: ArgumentRule(
            name=name,
            constraints=(*only[name].constraints, *rule.constraints),
            optional=rule.optional and only[name].optional,
        )
        if name in only
        else rule
        for name, rule in args.items()
    }


def _whole(rule: ArgumentRule, currency: str) -> JsonObject:
    """Return the schema of an argument that counts cents, in cents and in words of amounts."""
    parts = [
        _constraint(replace(one, bounds=tuple(_count(bound) for bound in one.bounds)))
        for one in rule.constraints
    ]
    ten = 10 ** minor_digits(currency)
    said = f"{argument_in_words(rule)}. Write a whole number: {ten} for 1 {currency}."
    known: list[Json] = [part for part in parts if part]
    bounds: JsonObject = {"allOf": known} if known else {}
    return {"type": "integer", **bounds, "description": said}


def _count(bound: Bound) -> Bound:
    found = units.count(bound) if isinstance(bound, Money) else None
    return bound if found is None else found


def _object(said: Mapping[str, ArgumentRule], rule: ToolRule) -> JsonObject:
    there = {name: one for name, one in said.items() if not _is_absent(one)}
    properties = {
        name: argument_schema(one, rule.units.get(name, "")) for name, one in there.items()
    }
    texts = {name: _texts(found) for name, found in rule.templates.items() if name not in said}
    needed = [name for name, one in there.items() if not one.optional]
    return {
        "type": "object",
        "properties": {**properties, **texts},
        "required": [*needed, *texts],
        "additionalProperties": False,
    }


def _texts(templates: tuple[Template, ...]) -> JsonObject:
    """Return the schema of an argument whose text is one of these templates, filled."""
    patterns: list[Json] = [{"pattern": _pattern(one)} for one in templates]
    texts = "; ".join(f"{one.name}: {canonical.text(one.text)}" for one in templates)
    said = f"one of these texts, letter by letter, with its slots in braces filled: {texts}"
    return {"type": "string", "anyOf": patterns, "description": said}


def _pattern(template: Template) -> str:
    fixed = (_MEANT.sub(lambda found: f"\\{found[0]}", part) for part in parts_of(template.text)[0])
    return f"^{_SLOT.join(fixed)}$"


def _is_absent(rule: ArgumentRule) -> bool:
    return any(one.operator is Operator.ABSENT for one in rule.constraints)


def _constraint(one: Constraint) -> JsonObject:
    """Return the schema of one constraint; an empty one where there is nothing to say."""
    if one.operator in _LIMITS:
        return _range(one.operator, one.bounds[0])
    if one.operator in _TEXTS or one.operator in FORMS:
        return {"type": "string", **_letters(one)}
    if one.operator in {Operator.IS, Operator.ONE_OF}:
        return _among(one.bounds)
    if one.operator is Operator.ONLY:
        return {"type": "array", "items": _among(one.bounds)}
    if one.operator is Operator.EACH:
        inner: list[Json] = [_constraint(part) for part in one.inner]
        return {"type": "array", "items": {"allOf": inner}}
    return {}


def _letters(one: Constraint) -> JsonObject:
    bound = one.bounds[0] if one.bounds else None
    if one.operator is Operator.STARTS_WITH:
        start = _MEANT.sub(lambda found: f"\\{found[0]}", str(bound))
        return {"pattern": f"^{start}"}
    return {"maxLength": bound} if isinstance(bound, int) else {}


def _among(bounds: Iterable[Bound]) -> JsonObject:
    """Return the schema of listed values; an input of the task may be any single value."""
    values: list[Json] = []
    others: list[Json] = []
    for bound in bounds:
        if isinstance(bound, TaskInput):
            others.append({"type": list(_SCALARS)})
        elif isinstance(bound, Money):
            others.append(_amount(bound.currency, {"const": bound.amount}))
        else:
            values.append(_plain(bound))
    listed: list[Json] = [{"enum": values}] if values else []
    found = [*listed, *others]
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else {"anyOf": found}


def _range(operator: Operator, bound: Bound) -> JsonObject:
    if isinstance(bound, Items):
        return {"type": "array", **_length(operator, bound.count)}
    if isinstance(bound, Moment):
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"}
    if isinstance(bound, date):
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    if isinstance(bound, Money):
        return _amount(bound.currency, {_LIMITS[operator]: bound.amount})
    return {"type": "number", _LIMITS[operator]: _plain(bound)}


def _plain(bound: Bound) -> Json:
    return bound if isinstance(bound, (int, Decimal)) else str(bound)


def _length(operator: Operator, count: int) -> JsonObject:
    match operator:
        case Operator.AT_LEAST:
            return {"minItems": count}
        case Operator.ABOVE:
            return {"minItems": count + 1}
        case Operator.AT_MOST:
            return {"maxItems": count}
        case _:
            return {"maxItems": count - 1} if count else {"not": {}}


def _amount(currency: str, number: JsonObject) -> JsonObject:
    """Return the three ways to state an amount: a number, a text, an object."""
    keys: JsonObject = {
        "amount": {"type": "number", **number},
        "currency": {"const": currency},
    }
    return {
        "anyOf": [
            {"type": "number", **number},
            {"type": "string", "pattern": f"^-?[0-9]+(\\.[0-9]+)? {currency}$"},
            {
                "type": "object",
                "properties": keys,
                "required": ["amount", "currency"],
                "additionalProperties": False,
            },
        ]
    }
