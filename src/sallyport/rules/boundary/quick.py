"""The short way to a ruling, for the calls that a boundary has nothing to say against.

Rules:
  1. `evaluate` is the one truth. What is answered here is what it answers; a property test holds
     that. Where this has no answer, `evaluate` is asked, and finds the reasons.
  2. An answer is given where every argument is named and fits, every fact was read and is listed,
     and exactly one live entry covers the call, or none is written. What `never` says is left to
     `evaluate`.
  3. A rule that uses a word this file does not know is not answered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import date
from typing import NamedTuple, TypeAlias

from sallyport.model import ArgumentRule, Constraint, Entry, Json, JsonObject, ToolRule
from sallyport.rules.boundary.constraints import Inputs, same
from sallyport.rules.boundary.holding import Test, holding
from sallyport.rules.boundary.ruling import (
    Facts,
    Ruling,
    allowing,
    asking,
    facts_needed,
    may_be_absent,
)
from sallyport.rules.once import OnceEach

_Listed: TypeAlias = "Callable[[Json], bool]"
_Part: TypeAlias = "ToolRule | Entry | ArgumentRule | Constraint"

_KNOWN: Mapping[type, frozenset[str]] = {
    ToolRule: frozenset(
        {
            *("tool", "system", "level", "touches", "only", "when", "allow", "ask", "never"),
            *("undo", "may_ask", "implied_by", "irreversible"),
        }
    ),
    Entry: frozenset(
        {
            *("where", "args", "when", "because", "until", "who", "how_many", "within_s"),
            "needs_human",
        }
    ),
    ArgumentRule: frozenset({"name", "constraints", "optional"}),
    Constraint: frozenset({"operator", "bounds", "inner"}),
}


class _Argument(NamedTuple):
    name: str
    may_be_missing: bool
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """An entry as what must fit, and what is then said."""

    args: tuple[_Argument, ...]
    names: frozenset[str]
    when: tuple[tuple[str, _Listed], ...]
    until: date | None
    ruling: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What follows from a rule alone."""

    known: bool
    only: _Line
    asks: tuple[_Line, ...]
    allows: tuple[_Line, ...]
    facts: tuple[str, ...]


def ruling(
    rule: ToolRule, args: JsonObject, inputs: Inputs, facts: Facts, today: date
) -> Ruling | None:
    """Return what a rule says of a call, but for its `never`; None where that takes longer."""
    plan = _plan(rule)
    if not plan.known:
        return None
    for name in plan.facts:
        if name not in facts:
            return None
    only = plan.only
    if not _fits(only, args, inputs, facts):
        return None
    loose = args.keys() - only.names
    if not plan.asks and not plan.allows:
        return None if loose else only.ruling
    covering = _covering(plan.asks, args, loose, inputs, facts) or _covering(
        plan.allows, args, loose, inputs, facts
    )
    if len(covering) != 1:
        return None
    line = covering[0]
    return None if line.until is not None and today > line.until else line.ruling


def _covering(
    lines: tuple[_Line, ...],
    args: JsonObject,
    loose: AbstractSet[str],
    inputs: Inputs,
    facts: Facts,
) -> list[_Line]:
    """Return the lines that cover the call."""
    return [line for line in lines if _fits(line, args, inputs, facts) and loose <= line.names]


def _fits(line: _Line, args: JsonObject, inputs: Inputs, facts: Facts) -> bool:
    for name, may_be_missing, tests in line.args:
        if name in args:
            value = args[name]
            for test in tests:
                if not test(value, inputs):
                    return False
        elif not may_be_missing:
            return False
    return not line.when or all(listed(facts[name]) for name, listed in line.when)


@OnceEach
def _plan(rule: ToolRule) -> _Plan:
    return _Plan(
        known=_is_known(rule),
        only=_line(rule.only, rule.when, Ruling(floors=())),
        asks=tuple(_line(one.args, one.when, asking([one])) for one in rule.ask),
        allows=tuple(_line(one.args, one.when, allowing([one]), one.until) for one in rule.allow),
        facts=facts_needed(rule),
    )


def _line(
    args: Mapping[str, ArgumentRule],
    when: Mapping[str, tuple[Json, ...]],
    ruling: Ruling,
    until: date | None = None,
) -> _Line:
    return _Line(
        args=tuple(
            _Argument(
                name=name,
                may_be_missing=may_be_absent(wanted),
                tests=tuple(holding(one) for one in wanted.constraints),
            )
            for name, wanted in args.items()
        ),
        names=frozenset(args),
        when=tuple((name, _is_among(wanted)) for name, wanted in when.items()),
        until=until,
        ruling=ruling,
    )


def _is_among(wanted: tuple[Json, ...]) -> _Listed:
    return lambda value: any(same(value, one) for one in wanted)


def _is_known(rule: ToolRule) -> bool:
    """Return whether this file knows every word that the rule uses."""
    entries = (*rule.allow, *rule.ask, *rule.never)
    arguments = [
        one for args in (rule.only, *(entry.args for entry in entries)) for one in args.values()
    ]
    outer = [one for argument in arguments for one in argument.constraints]
    constraints = [*outer, *(inner for one in outer for inner in one.inner)]
    parts: list[_Part] = [rule, *entries, *arguments, *constraints]
    return not any(map(_unknown, parts))


def _unknown(part: _Part) -> bool:
    known = _KNOWN[type(part)]
    return any(getattr(part, one.name) for one in fields(part) if one.name not in known)
