"""The form in which a person changes a call: one field per argument, typed by the tool's schema.

Three columns: what stands there now, what the agent proposed, what the person wants. Beside each
stands what the boundary says of it; whether that holds is decided anew, by the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.errors import BadInputError
from sallyport.model import Call, Json, JsonObject, ToolRule
from sallyport.rules import canonical, inert, strict_json
from sallyport.rules.boundary.explain import argument_in_words

BYTES_MAX = 1024 * 1024
DEPTH_MAX = 64
TEXTS = frozenset({"string"})


def rows(call: Call, schema: JsonObject, rule: ToolRule | None, before: JsonObject) -> list[Json]:
    """Return the form's lines, in the schema's order.

    Args:
        call: The call as its agent proposed it.
        schema: The tool's input schema, as it was accepted.
        rule: What the boundary says of the tool.
        before: What stood in each field when the gateway read it, by its name.
    """
    properties = _object(schema, "properties")
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    args = call.proposal.args
    names = [*properties, *(name for name in args if name not in properties)]
    return [
        {
            **_row(name, _object(properties, name), args, before),
            "needed": name in needed,
            "bounds": list[Json](_bounds(name, rule)),
        }
        for name in names
    ]


def edited(fields: JsonObject, call: Call, schema: JsonObject) -> JsonObject:
    """Return the arguments that a person's fields spell; an optional one left empty is left out.

    Raises:
        BadInputError: A field is unknown, or not of its type.
    """
    properties, args = _object(schema, "properties"), call.proposal.args
    made: JsonObject = {}
    for name, text in fields.items():
        if (name not in properties and name not in args) or not isinstance(text, str):
            raise BadInputError(
                f"there is no argument `{name[:60]}`", fix="use the page's own form"
            )
        if name in args and text in {_spelled(args[name]), _visible(args[name])}:
            made[name] = args[name]
        elif text or name in args:
            made |= _read(name, text, _type(_object(properties, name), args.get(name)))
    return made


def _row(name: str, schema: JsonObject, args: JsonObject, before: JsonObject) -> JsonObject:
    choices = schema.get("enum")
    return {
        "name": name,
        "type": _type(schema, args.get(name)),
        "now": before.get(name),
        "known": name in before,
        "proposed": args.get(name),
        "given": name in args,
        "text": _visible(args[name]) if name in args else "",
        "choices": [str(one) for one in choices] if isinstance(choices, list) else [],
        "about": str(schema.get("description") or ""),
    }


def _bounds(name: str, rule: ToolRule | None) -> list[str]:
    """Return what the boundary says of an argument: what must always hold, and what entries ask."""
    if rule is None:
        return []
    found = [argument_in_words(rule.only[name])] if name in rule.only else []
    for verb, entries in (("allowed", rule.allow), ("asked", rule.ask), ("never", rule.never)):
        said = [argument_in_words(one.args[name]) for one in entries if name in one.args]
        found += [f"{verb} where {one}" for one in said]
    return list(dict.fromkeys(found))


def _read(name: str, text: str, kind: str) -> JsonObject:
    """Return one argument of its type; nothing where it is left empty and is no text."""
    if kind in TEXTS:
        return {name: text}
    if not text.strip():
        return {}
    try:
        value = strict_json.loads(text.encode(), bytes_max=BYTES_MAX, depth_max=DEPTH_MAX)
    except BadInputError as error:
        raise BadInputError(f"`{name[:60]}` is no {kind}", fix=f"write it as a {kind}") from error
    return {name: value}


def _type(schema: Mapping[str, Json], value: Json) -> str:
    """Return the type of an argument in one word: its schema's, else that of its value."""
    stated = schema.get("type")
    if isinstance(stated, list):
        stated = next((one for one in stated if one != "null"), None)
    if isinstance(stated, str):
        return stated
    return "string" if isinstance(value, str) else "JSON value"


def _spelled(value: Json) -> str:
    return value if isinstance(value, str) else canonical.text(value)


def _visible(value: Json) -> str:
    """Return a value as its field shows it: nobody sends on what they could not see."""
    return inert.revealed(_spelled(value))


def _object(value: JsonObject, name: str) -> JsonObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
