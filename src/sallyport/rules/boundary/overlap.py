"""Can one call match two entries? Decided exactly for this vocabulary, with an example call.

The set of values that an entry accepts for one argument is a list of values, a range, or any text
up to a length, together with whether the argument may be left out. Two entries are kept apart when
on one argument, or one fact, these sets have nothing in common. An input of the task is known only
later, so it keeps nothing apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Context, Decimal
from itertools import pairwise

from sallyport.model import ArgumentRule, Bound, Constraint, Entry, Json, Money, Operator, TaskInput
from sallyport.rules.boundary.constraints import same, shown, unmet

# Enough digits for the middle of any two numbers that a file may hold.
_EXACT = Context(prec=100)
_ABSENT = ArgumentRule(name="", constraints=(Constraint(operator=Operator.ABSENT),))
_CLOSED = {Operator.AT_LEAST, Operator.AT_MOST}
_LOWER = (Operator.AT_LEAST, Operator.ABOVE)
_UPPER = (Operator.AT_MOST, Operator.BELOW)

Arguments = Mapping[str, ArgumentRule]


def example(only: Arguments, *entries: Entry) -> str | None:
    """Return a call that matches every entry, as `refund: 50.00, status: open`; None without one.

    With a single entry: a call that matches it at all.
    """
    if not _facts_meet(entries):
        return None
    names = list(dict.fromkeys([*only, *(name for entry in entries for name in entry.args)]))
    parts: list[str] = []
    for name in names:
        rules = [rule for entry in entries for rule in _said(only, entry, name)]
        if all(_may_be_absent(rule) for rule in rules):
            continue
        value = _common_value([one for rule in rules for one in rule.constraints])
        if value is None:
            return None
        parts.append(f"{name}: {value}")
    return ", ".join(parts) or "no arguments"


def _said(only: Arguments, entry: Entry, name: str) -> list[ArgumentRule]:
    """Return what is said of an argument where this entry counts; unnamed means left out."""
    found = [rules[name] for rules in (only, entry.args) if name in rules]
    return found or [_ABSENT]


def _may_be_absent(rule: ArgumentRule) -> bool:
    return rule.optional or any(one.operator is Operator.ABSENT for one in rule.constraints)


def _facts_meet(entries: tuple[Entry, ...]) -> bool:
    wanted: dict[str, list[Json]] = {}
    for entry in entries:
        for fact, values in entry.when.items():
            known = wanted.get(fact, list(values))
            wanted[fact] = [one for one in known if any(same(one, value) for value in values)]
    return all(wanted.values())


def _common_value(constraints: list[Constraint]) -> str | None:
    """Return a value that holds for all constraints, as text; None when there is none."""
    if any(one.operator is Operator.ABSENT for one in constraints):
        return None
    lists = [one for one in constraints if one.operator in {Operator.IS, Operator.ONE_OF}]
    if lists:
        return _listed_value(lists, constraints)
    low = [one for one in constraints if one.operator in _LOWER]
    high = [one for one in constraints if one.operator in _UPPER]
    if low or high:
        return _value_between(low, high, constraints)
    return "(some text)" if constraints else "(anything)"


def _listed_value(lists: list[Constraint], constraints: list[Constraint]) -> str | None:
    for bound in lists[0].bounds:
        if isinstance(bound, TaskInput):
            continue
        if all(_holds(one, _plain(bound)) for one in constraints):
            return shown(bound)
    inputs = [bound for bound in lists[0].bounds if isinstance(bound, TaskInput)]
    if not inputs:
        return None
    rest = [one for one in constraints if one is not lists[0]]
    # The input may turn out to be any value that the others accept, if there is one.
    return _common_value(rest) if rest and _common_value(rest) is None else str(inputs[0])


def _value_between(
    low: list[Constraint], high: list[Constraint], constraints: list[Constraint]
) -> str | None:
    ends = [_plain_end(one.bounds[0]) for one in (*low, *high)]
    candidates = [*ends, *_between(ends)]
    held = (value for value in candidates if all(_holds(one, value) for one in constraints))
    found = next(held, None)
    return None if found is None else str(found)


def _between(ends: list[int | Decimal | date]) -> list[Json]:
    """Return values inside and outside the ends: if a range holds any value, it holds one of these.

    Half-way points suffice, since a range between two numbers that is not empty holds its middle.
    """
    numbers = sorted(Decimal(end) for end in ends if not isinstance(end, date))
    days = sorted(end.toordinal() for end in ends if isinstance(end, date))
    if numbers and days:
        return []
    if days:
        near = {day + step for day in days for step in (-1, 1)}
        inside = (day for day in sorted(near) if 0 < day <= date.max.toordinal())
        return [date.fromordinal(day).isoformat() for day in inside]
    middles = [_EXACT.divide(_EXACT.add(*pair), Decimal(2)) for pair in pairwise(numbers)]
    return [*middles, numbers[0] - 1, numbers[-1] + 1]


def _plain_end(bound: Bound) -> int | Decimal | date:
    if isinstance(bound, Money):
        return bound.amount
    return bound if isinstance(bound, (int, Decimal, date)) else 0


def _plain(bound: Bound) -> Json:
    if isinstance(bound, Money):
        return bound.amount
    if isinstance(bound, date):
        return bound.isoformat()
    return "" if isinstance(bound, TaskInput) else bound


def _holds(constraint: Constraint, value: Json | date) -> bool:
    """Return whether a value fits; an input of the task may turn out to be just that value."""
    if any(isinstance(bound, TaskInput) for bound in constraint.bounds):
        return True
    plain = value.isoformat() if isinstance(value, date) else value
    return not unmet("", constraint, plain, {})
