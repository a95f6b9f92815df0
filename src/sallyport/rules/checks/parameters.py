"""Do the arguments fit the schema of the tool as it was accepted?

The schema comes from an upstream, so it is hostile input itself: no `$ref` is ever fetched, and a
schema that cannot be used refuses every call of its tool.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

import jsonschema_rs

from sallyport.model import Floor, JsonObject, Origin, ToolPin
from sallyport.rules import canonical, reasons
from sallyport.rules.context import Context

PROBLEMS_MAX = 10
COMPILED_MAX = 4096

# A memo, no state: a digest names one definition for ever.
_compiled: dict[str, jsonschema_rs.Validator] = {}


def schema(context: Context) -> Iterable[Floor]:
    """Refuse arguments that do not fit, naming each place but no value."""
    boundaries = context.boundaries
    pin = boundaries[0].pins.get(context.proposal.tool) if boundaries else None
    known = _compiled.get(pin.digest) if pin is not None else None
    if known is None or context.quarantined or context.unreachable:
        return _objections(context)
    return () if known.is_valid(context.proposal.args) else _objections(context)


def _objections(context: Context) -> Iterator[Floor]:
    pin = context.active.pins.get(context.proposal.tool) if context.active else None
    if pin is None:
        # A tool that is not declared is refused for that; only a declared one is missed here.
        if context.rule is not None or context.proposal.origin is Origin.GATEWAY:
            yield reasons.refuse("tool.unknown", tool=context.proposal.tool)
        return
    if context.quarantined:
        yield reasons.refuse("tool.quarantined", tool=pin.tool)
    if context.unreachable:
        yield reasons.refuse("upstream.down", system=pin.system)
    try:
        validator = validator_of(pin)
    except ValueError as problem:
        yield reasons.refuse("parameters.schema_unusable", problem=type(problem).__name__)
        return
    yield from _misfits(validator, context.proposal.args)


def validator_of(pin: ToolPin) -> jsonschema_rs.Validator:
    """Return the compiled validator of a pinned tool.

    Raises:
        ValueError: The schema is no schema, or needs something that would have to be fetched.
    """
    known = _compiled.get(pin.digest)
    if known is None:
        if len(_compiled) >= COMPILED_MAX:
            _compiled.clear()
        known = _compiled[pin.digest] = _compile(pin)
    return known


def _compile(pin: ToolPin) -> jsonschema_rs.Validator:
    schema = canonical.text(pin.definition.get("inputSchema", {}))
    return jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch)


def _refuse_to_fetch(uri: str) -> NoReturn:
    """A schema may not refer to anything outside itself."""
    raise ValueError(uri)


def _misfits(validator: jsonschema_rs.Validator, args: JsonObject) -> Iterator[Floor]:
    if validator.is_valid(args):
        return
    for number, error in enumerate(validator.iter_errors(args)):
        if number == PROBLEMS_MAX:
            return
        yield reasons.refuse(
            "parameters.schema", at=_place(error.instance_path), problem=_keyword(error)
        )


def _place(path: list[str | int]) -> str:
    return "`" + ".".join(str(part) for part in path) + "`" if path else "(the whole)"


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    """Name the rule that was broken: the message itself would repeat the value."""
    return f"`{error.schema_path[-1]}`" if error.schema_path else "(the whole)"
