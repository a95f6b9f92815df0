"""Compiles a workflow with its systems and pins into one boundary under one digest.

The digest covers every field of everything that can change a decision or its effect, by walking
the fields themselves: a field that is added to a noun tomorrow is covered tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, cast

from sallyport.errors import InvariantError
from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Json,
    JsonObject,
    Level,
    Lookup,
    Operator,
    Reversible,
    System,
    ToolPin,
    ToolRule,
    Workflow,
)
from sallyport.rules import canonical
from sallyport.rules.methods import IMPLIED, INSTRUCTIONS, LISTS, instructions_key
from sallyport.rules.waiting_rules import within_s


def compile_boundary(
    workflow: Workflow,
    systems: Mapping[str, System],
    pins: Iterable[ToolPin],
    *,
    code_version: str,
    roles: Iterable[str],
) -> Boundary:
    """Return the boundary of a workflow, with each tool bound to the one system that offers it.

    Never fails: what does not fit together is left unbound, `check` says so, and a tool without a
    system and a pin cannot be called.

    Args:
        workflow: As loaded.
        systems: Every known system by name; only those the workflow uses are kept.
        pins: Every accepted tool definition.
        code_version: Of the code that will decide.
        roles: The names of all roles that people may hold.
    """
    known = [pin for pin in pins if pin.system in systems]
    offered = [pin for pin in known if pin.tool != INSTRUCTIONS]
    rules = {tool: _timed(_bound(rule, systems, offered)) for tool, rule in workflow.tools.items()}
    rules |= _implied(rules, offered, workflow.never)
    used = {rule.system for rule in rules.values() if rule.system in systems}
    boundary = Boundary(
        workflow=replace(workflow, tools=rules),
        systems={name: systems[name] for name in sorted(used)},
        pins=_used_pins(rules, {name: systems[name] for name in sorted(used)}, offered)
        | {instructions_key(pin.system): pin for pin in known if _instructs(pin, used)},
        digest="",
    )
    return replace(boundary, digest=digest_of(boundary, code_version=code_version, roles=roles))


def _instructs(pin: ToolPin, used: set[str]) -> bool:
    return pin.tool == INSTRUCTIONS and pin.system in used


def digest_of(boundary: Boundary, *, code_version: str, roles: Iterable[str]) -> str:
    """Return the hex digest of everything in a boundary, the roles and the code version."""
    return canonical.digest(
        "boundary",
        {
            "workflow": as_json(boundary.workflow),
            "systems": as_json(boundary.systems),
            "pins": as_json(boundary.pins),
            "roles": list[Json](sorted(set(roles))),
            "code": code_version,
        },
    )


def lookups(system: System) -> tuple[Lookup, ...]:
    """Return every read that the gateway may make of a system by itself."""
    found = list(system.facts.values())
    for plumbing in system.tools.values():
        found += [one for one in (plumbing.before, plumbing.probe) if one is not None]
    return tuple(found)


def calls_of(system: System) -> tuple[Lookup, ...]:
    """Return every call that the gateway may make of a system by itself: reads, and to undo."""
    undos = (plumbing.undo for plumbing in system.tools.values())
    return (*lookups(system), *(undo for undo in undos if undo is not None))


def as_json(value: Any) -> Json:
    """Return any noun of the model as JSON, every field by its name, no two values alike.

    Raises:
        InvariantError: The value holds something that no noun is made of.
    """
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else str(value.value)
    if value is None or isinstance(value, (int, Decimal, str)):
        return value
    if isinstance(value, Mapping):
        return {key: as_json(one) for key, one in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, frozenset):
        return [as_json(item) for item in sorted(cast("frozenset[str]", value))]
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in cast("Iterable[Any]", value)]
    return {"date": value.isoformat()} if isinstance(value, date) else _fields(value)


def _fields(value: Any) -> JsonObject:
    """Return a dataclass by its fields, under its own name: an amount is no text that looks so."""
    if not is_dataclass(value) or isinstance(value, type):
        raise InvariantError(f"a `{type(value).__name__}` is no part of a boundary")
    body: JsonObject = {one.name: as_json(getattr(value, one.name)) for one in fields(value)}
    return {type(value).__name__: body}


def _bound(rule: ToolRule, systems: Mapping[str, System], offered: list[ToolPin]) -> ToolRule:
    """Return a rule with the system that offers its tool, if exactly one does, and what it says."""
    found = {pin.system for pin in offered if pin.tool == rule.tool}
    name = rule.system or (found.pop() if len(found) == 1 else "")
    system = systems.get(name)
    plumbing = system.tools.get(rule.tool) if system else None
    if plumbing is None:
        return replace(rule, system=name)
    return replace(
        rule,
        system=name,
        units=plumbing.units,
        irreversible=plumbing.reversible is Reversible.FALSE,
    )


def _timed(rule: ToolRule) -> ToolRule:
    """Return a rule whose questions all say how long they wait: by level where no one wrote it."""
    usual = within_s(rule.level, rule.touches)
    asks = (replace(one, within_s=usual) if one.within_s is None else one for one in rule.ask)
    return replace(rule, ask=tuple(asks))


def _implied(
    rules: Mapping[str, ToolRule], offered: list[ToolPin], never: tuple[str, ...]
) -> dict[str, ToolRule]:
    """Return the rules that follow from declared methods, where their system offers them.

    To list what there is takes nothing but a cursor; to be told of a change is bound like reading.
    """
    known = {(pin.system, pin.tool) for pin in offered}
    found: dict[str, ToolRule] = {}
    for method, by in IMPLIED.items():
        rule = rules.get(by)
        if rule is None or method in rules or by in never or (rule.system, method) not in known:
            continue
        if method in LISTS:
            found[method] = ToolRule(
                tool=method,
                system=rule.system,
                level=Level.READ,
                only={"cursor": _CURSOR},
                implied_by=by,
            )
        else:
            found[method] = replace(rule, tool=method, may_ask=frozenset(), implied_by=by)
    return found


_CURSOR = ArgumentRule(
    name="cursor", constraints=(Constraint(operator=Operator.ANY),), optional=True
)


def _used_pins(
    rules: Mapping[str, ToolRule], systems: Mapping[str, System], offered: list[ToolPin]
) -> dict[str, ToolPin]:
    """Return the pins by tool; a tool of the workflow goes before a look-up of the same name."""
    wanted = {(rule.system, tool) for tool, rule in rules.items()}
    reads = {(name, one.tool) for name, system in systems.items() for one in calls_of(system)}
    reads = {(system, tool) for system, tool in reads if tool not in rules}
    known = {(pin.system, pin.tool): pin for pin in offered}
    return {key[1]: known[key] for key in sorted(wanted | reads) if key in known}
