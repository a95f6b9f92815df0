"""What a boundary says of one call: its floors, each with its reason.

Semantics, simple enough to say aloud:
  1. `only` and `when` must always hold, or the call is refused.
  2. Then a matching `allow` or `ask` entry says which floor; what matches neither is refused. A
     tool without such entries is covered by `only` alone, and its level's default counts.
  3. Entries that overlap are refused when loading; here the strictest counts.
  4. `never` beats all, and holds as well where it cannot be told.
  5. An argument that nobody named is refused. An absent one fails unless it is optional. One that
     has templates must be one of them, filled.
  6. An `allow` past its `until` no longer counts. A fact that was not read refuses.

All of it runs for every call, so that every reason is reported. It never raises for JSON input.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sallyport.model import Entry, Floor, Json, JsonObject, ToolRule
from sallyport.rules import reasons
from sallyport.rules.boundary import quick, units
from sallyport.rules.boundary.constraints import Inputs, is_number, may_hold, same, sort_of, unmet
from sallyport.rules.boundary.ruling import (
    Facts,
    Ruling,
    allowing,
    asking,
    facts_needed,
    in_force,
    may_be_absent,
)
from sallyport.rules.boundary.templates import misfit

__all__ = ["Facts", "Ruling", "facts_needed", "in_force", "rule_in_full", "rule_on"]

_SHOWN_FACT_MAX = 40


def rule_on(
    rule: ToolRule, args: JsonObject, *, inputs: Inputs, facts: Facts, today: date
) -> Ruling:
    """Return what `rule` says of a call with `args`. Never raises for JSON values.

    Args:
        rule: A loaded rule.
        args: The proposed arguments, numbers exact.
        inputs: What is bound to the task.
        facts: What the gateway itself has read; a name that is missing was not read.
        today: The day of the decision, UTC.
    """
    found = quick.ruling(rule, args, inputs, facts, today)
    if found is not None and not (rule.never and any(_never(rule, args, inputs, facts))):
        return found
    return rule_in_full(rule, args, inputs=inputs, facts=facts, today=today)


def rule_in_full(
    rule: ToolRule, args: JsonObject, *, inputs: Inputs, facts: Facts, today: date
) -> Ruling:
    """Return what `rule_on` returns, with every line of the rule looked at for its reason."""
    floors: list[Floor] = []
    if rule.units:
        floors += units.misstated(rule.units, args)
        args = units.stated(rule.units, args)
    entries = (*rule.allow, *rule.ask)
    loose = [name for name in args if name not in rule.only and name not in rule.templates]
    unnamed = [name for name in loose if not any(name in entry.args for entry in entries)]
    unread = [name for name in facts_needed(rule) if name not in facts]
    floors += [reasons.refuse("boundary.argument_unnamed", argument=name) for name in unnamed]
    floors += [reasons.refuse("boundary.fact_missing", fact=name) for name in unread]
    floors += _only(rule, args, inputs)
    if rule.templates:
        floors += _templates(rule, args, inputs)
    if rule.when:
        floors += _when(rule, facts)
    if rule.never:
        floors += _never(rule, args, inputs, facts)
    if not entries:
        return Ruling(floors=tuple(floors))
    named = [name for name in loose if name not in unnamed] if unnamed else loose
    asks, allows, misses = _matching(rule, args, named, inputs, facts)
    over = [entry for entry in allows if not in_force(entry, today)]
    if over:
        allows = [entry for entry in allows if in_force(entry, today)]
    if asks:
        return asking(asks, floors)
    if allows:
        return allowing(allows, floors)
    if len(misses) + len(over) < len(entries):
        return Ruling(floors=tuple(floors))  # a fact that was not read may still decide
    return Ruling(floors=(*floors, *_uncovered(rule, misses, over)))


def _only(rule: ToolRule, args: JsonObject, inputs: Inputs) -> Iterator[Floor]:
    for name, wanted in rule.only.items():
        if name not in args:
            if not may_be_absent(wanted):
                yield reasons.refuse("boundary.argument_missing", argument=name)
            continue
        broken = [unmet(name, one, args[name], inputs) for one in wanted.constraints]
        for why in dict.fromkeys(filter(None, broken)):
            yield reasons.refuse("boundary.only", detail=why)


def _templates(rule: ToolRule, args: JsonObject, inputs: Inputs) -> Iterator[Floor]:
    for name, templates in rule.templates.items():
        if name in args:
            why = misfit(templates, args[name], inputs)
            if why:
                yield reasons.refuse("boundary.template", argument=name, detail=why)
        elif name not in rule.only:
            yield reasons.refuse("boundary.argument_missing", argument=name)


def _when(rule: ToolRule, facts: Facts) -> Iterator[Floor]:
    for name, wanted in rule.when.items():
        if name in facts and not _is_listed(facts[name], wanted):
            yield reasons.refuse(
                "boundary.when", fact=name, value=_shown(facts[name]), wanted=_either(wanted)
            )


def _never(rule: ToolRule, args: JsonObject, inputs: Inputs, facts: Facts) -> Iterator[Floor]:
    for entry in rule.never:
        if entry.when.keys() <= facts.keys() and _forbids(entry, args, inputs, facts):
            named = (*entry.args, *entry.when)
            yield reasons.refuse(
                "boundary.never", where=entry.where, detail=f"it names {', '.join(named)}"
            )


def _forbids(entry: Entry, args: JsonObject, inputs: Inputs, facts: Facts) -> bool:
    for name, wanted in entry.args.items():
        if name not in args:
            if may_be_absent(wanted):
                continue
            return False
        for constraint in wanted.constraints:
            if not may_hold(constraint, args[name], inputs):
                return False
    return all(_may_be_listed(facts[name], wanted) for name, wanted in entry.when.items())


def _matching(
    rule: ToolRule, args: JsonObject, loose: list[str], inputs: Inputs, facts: Facts
) -> tuple[list[Entry], list[Entry], list[str]]:
    """Return the matching `ask` and `allow` entries, and why each of the others does not match.

    An entry that only waits for a fact that was not read is in neither. `loose` are the arguments
    that only entries name.
    """
    misses: list[str] = []

    def matches(entry: Entry) -> bool:
        why = _mismatch(entry, args, loose, inputs, facts)
        if len(why) > sum(fact not in facts for fact in entry.when):
            misses.append(f"{entry.where}: {', '.join(why)}")
        return not why

    allows = [entry for entry in rule.allow if matches(entry)]
    asks = [entry for entry in rule.ask if matches(entry)]
    return asks, allows, misses


def _uncovered(rule: ToolRule, misses: list[str], over: list[Entry]) -> Iterator[Floor]:
    for entry in over:
        yield reasons.refuse("boundary.allow_over", where=entry.where, until=str(entry.until))
    if misses or not over:
        yield reasons.refuse("boundary.no_entry", tool=rule.tool, detail="; ".join(misses))


def _mismatch(
    entry: Entry, args: JsonObject, loose: list[str], inputs: Inputs, facts: Facts
) -> list[str]:
    """Return why an entry does not cover a call; empty when it does."""
    why = [f"{name} is not named there" for name in loose if name not in entry.args]
    for name, wanted in entry.args.items():
        if name in args:
            for constraint in wanted.constraints:
                broken = unmet(name, constraint, args[name], inputs)
                if broken and broken not in why:
                    why.append(broken)
        elif not may_be_absent(wanted):
            why.append(f"{name} is missing")
    for fact, values in entry.when.items():
        if fact not in facts or not _is_listed(facts[fact], values):
            why.append(f"{fact} must be {_either(values)}")
    return why


def _is_listed(value: Json, wanted: tuple[Json, ...]) -> bool:
    return any(same(value, one) for one in wanted)


def _may_be_listed(value: Json, wanted: tuple[Json, ...]) -> bool:
    """Return whether a fact is listed, or is of another sort than anything that is listed."""
    if value is None or _is_listed(value, wanted):
        return True
    return sort_of(value) not in {sort_of(one) for one in wanted}


def _either(values: tuple[Json, ...]) -> str:
    return " or ".join(_shown(value) for value in values)


def _shown(value: Json) -> str:
    """Return a fact for people: words and numbers as they are, anything longer unnamed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "empty"
    if is_number(value):
        return str(value) if abs(value) < 10**_SHOWN_FACT_MAX else "a very large number"
    if isinstance(value, str) and len(value) <= _SHOWN_FACT_MAX and _is_word(value):
        return value
    return "something else"


def _is_word(text: str) -> bool:
    return text.replace("_", "").replace("-", "").replace(".", "").isalnum()
