"""What changed between two versions that no formula speaks of, as far as it may grant something.

A field of a workflow or a tool that nothing here knows and that differs is among it: what is
forgotten here is never taken as proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from sallyport.model import Boundary, ToolRule, Workflow
from sallyport.rules import canonical
from sallyport.rules.boundary.compile import as_json
from sallyport.rules.boundary.sums import currencies_of

_INFORMATION: Final = frozenset({"purpose", "stop"})
"""What a workflow tells people and what decides nothing."""

_COMPARED: Final = frozenset(
    {
        *("tool", "system", "level", "touches", "only", "when", "allow", "ask", "templates"),
        *("undo", "may_ask", "units", "irreversible", "implied_by"),
        *("agent", "users", "expires", "environment", "owner", "task_inputs", "tools", "limits"),
        *("never", "always", "trust", "data", "jurisdiction"),
    }
)


def differences(new: Boundary, old: Boundary) -> Iterator[str]:
    """Yield what changed beside the words for tools."""
    now, was = new.workflow, old.workflow
    yield from _words(now, was)
    yield from _promises(now, was)
    yield from _counting(now, was)
    for name, system in new.systems.items():
        if not alike(old.systems.get(name, system), system):
            yield f"system `{name}` is reached or handled in another way"
    for tool, pin in new.pins.items():
        if old.pins.get(tool, pin) != pin:
            yield f"`{tool}`: its definition is another"


def alike(one: Any, other: Any) -> bool:
    """Return whether two nouns say the same; to Python, 1 and true are one value."""
    return one == other and canonical.encode(as_json(one)) == canonical.encode(as_json(other))


def beyond_words(rule: ToolRule, before: ToolRule) -> Iterator[str]:
    """Yield what decides beyond the words for arguments and may be looser."""
    told = {
        "it is of another system": rule.system != before.system,
        "its level is lower": rule.level < before.level,
        "its arguments count other units": rule.units != before.units,
        "it is said to touch less": not rule.touches >= before.touches,
        "its system may ask the agent for more": not rule.may_ask <= before.may_ask,
        "something else of it changed": _otherwise(rule) != _otherwise(before),
    }
    return (what for what, is_so in told.items() if is_so)


def _words(now: Workflow, was: Workflow) -> Iterator[str]:
    told = {
        "the environment changed": now.environment != was.environment,
        "who answers for it changed": now.owner != was.owner,
        "the inputs of a task changed": dict(now.task_inputs) != dict(was.task_inputs),
        "more that systems say is trusted": not set(now.trust) <= set(was.trust),
        "more classes of data may be handled": not now.data <= was.data,
        "its systems may lie elsewhere": _reaches_further(now.jurisdiction, was.jurisdiction),
        "something else changed that nothing is proved of": _otherwise(now) != _otherwise(was),
    }
    return (what for what, is_so in told.items() if is_so)


def _promises(now: Workflow, was: Workflow) -> Iterator[str]:
    """Yield what a version no longer keeps the agent from, or no longer promises."""
    for tool in was.never:
        if tool not in now.never:
            yield f"`{tool}` is kept from the agent no more, here and in its other workflows"
    kept = [replace(line, where="") for line in now.always]
    for line in was.always:
        promised = replace(line, where="")
        if not any(alike(promised, one) for one in kept):
            yield f"`{line.where}` is proved of this version no more"


def _counting(now: Workflow, was: Workflow) -> Iterator[str]:
    """Yield tools whose amounts no longer mean the same to a limit."""
    for limit in was.limits:
        for tool in sorted(now.tools.keys() & was.tools.keys()) if limit.currency else ():
            found, known = (currencies_of(one.tools[tool], limit.argument) for one in (now, was))
            if (limit.currency in found) != (limit.currency in known) or not found <= known:
                yield f"`{tool}` counts in another way for `{limit.name}`"


def _reaches_further(now: tuple[str, ...], was: tuple[str, ...]) -> bool:
    return bool(was) and (not now or not set(now) <= set(was))


def _otherwise(what: Any) -> Mapping[str, Any]:
    """Return what a workflow or a tool has beside the fields that are compared one by one."""
    known = _INFORMATION | _COMPARED
    return {one.name: getattr(what, one.name) for one in fields(what) if one.name not in known}
