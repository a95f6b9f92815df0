"""Formulas over truths and numbers, without any solver: what an adapter translates.

A `Number` variable stands for an exact rational. Texts are numbers too: each text that a boundary
names has one of its own, and any other number is some other text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias

Exact: TypeAlias = "int | Decimal"


@dataclass(frozen=True, slots=True)
class Truth:
    """A variable that is true or false."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A variable that is a number; a whole one where `whole`."""

    name: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison: `relation` is `==`, `<=`, `<`, `>=` or `>`."""

    left: Number
    relation: str
    right: Number | Exact


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    what: Formula


@dataclass(frozen=True, slots=True)
class All:
    """What holds together; nothing always holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these; of nothing, none holds."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = "Truth | Compare | Not | All | Some"

Model: TypeAlias = "Mapping[str, bool | int | Fraction]"
"""A value for each variable that matters; another is false, or zero."""

YES: Final = All(())
NO: Final = Some(())


def all_of(parts: Iterable[Formula]) -> Formula:
    """Return the conjunction, as short as it can be said."""
    kept: list[Formula] = []
    for part in parts:
        if part == NO:
            return NO
        if part != YES:
            kept.append(part)
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def some_of(parts: Iterable[Formula]) -> Formula:
    """Return the disjunction, as short as it can be said."""
    kept: list[Formula] = []
    for part in parts:
        if part == YES:
            return YES
        if part != NO:
            kept.append(part)
    return kept[0] if len(kept) == 1 else Some(tuple(kept))


def no(part: Formula) -> Formula:
    """Return the negation."""
    if isinstance(part, Not):
        return part.what
    if part == YES:
        return NO
    return YES if part == NO else Not(part)


def implies(condition: Formula, what: Formula) -> Formula:
    """Return that whenever one holds the other does."""
    return some_of((no(condition), what))


def same(one: Formula, other: Formula) -> Formula:
    """Return that both hold or neither does."""
    return all_of((implies(one, other), implies(other, one)))


def either(*, condition: bool) -> Formula:
    """Return what holds exactly if a known condition does."""
    return YES if condition else NO


def holds_in(formula: Formula, model: Model) -> bool:
    """Return whether a formula holds in a model."""
    match formula:
        case Truth(name):
            return bool(model.get(name, False))
        case Not(what):
            return not holds_in(what, model)
        case All(parts):
            return all(holds_in(part, model) for part in parts)
        case Some(parts):
            return any(holds_in(part, model) for part in parts)
        case Compare(left, relation, right):
            other = _value(right.name, model) if isinstance(right, Number) else Fraction(right)
            return _RELATIONS[relation](_value(left.name, model), other)


def _value(name: str, model: Model) -> Fraction:
    return Fraction(model.get(name, 0))


_RELATIONS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
