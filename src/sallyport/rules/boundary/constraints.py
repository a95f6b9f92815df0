"""One test on one argument: does it hold, and if not, why, in the owner's words.

Rules:
  1. Total: whatever JSON arrives, the answer is a value. The wrong type does not hold.
  2. A truth value is never a number, and numbers compare exactly.
  3. A reason may show a number beside the bound it was compared with. It never shows a text that
     was proposed: such text may be an instruction in disguise, or a secret.
  4. What cannot be told counts against the call: for a `never` entry, "cannot tell" is "may hold".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

from sallyport.model import Bound, Constraint, Json, Money, Operator, TaskInput

Inputs = Mapping[str, Json]
_Range = tuple[Callable[[Any, Any], bool], str]

# What must hold between value and bound, and how to say that it does not.
_RANGES: Mapping[Operator, _Range] = {
    Operator.AT_LEAST: (operator.ge, "is below"),
    Operator.ABOVE: (operator.gt, "is not above"),
    Operator.AT_MOST: (operator.le, "is above"),
    Operator.BELOW: (operator.lt, "is not below"),
}
_SHOWN_DIGITS_MAX = 30
_CENT_DIGITS = 2


def unmet(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    """Return why `value` breaks a constraint on argument `name`; empty when it holds."""
    kind = constraint.operator
    if kind is Operator.IS or kind is Operator.ONE_OF:
        return _not_among(name, constraint.bounds, value, inputs)
    if kind is Operator.MAX_LENGTH:
        return _too_long(name, constraint.bounds, value)
    if kind is Operator.ANY:
        return ""
    if kind is Operator.ABSENT:
        return f"{name} must be left out"
    return _out_of_range(name, constraint, value)


def may_hold(constraint: Constraint, value: Json, inputs: Inputs) -> bool:
    """Return whether a constraint of a `never` entry holds, or cannot be told not to."""
    kind = constraint.operator
    if kind is Operator.IS or kind is Operator.ONE_OF:
        return _may_be_among(constraint.bounds, value, inputs)
    if kind in _RANGES and not _comparable(constraint.bounds, value):
        return True
    if kind is Operator.MAX_LENGTH and not isinstance(value, str):
        return True
    return not unmet("", constraint, value, inputs)


def same(left: Json, right: Json) -> bool:
    """Return whether two scalars are the same value: 50 is 50.00, and true is not 1."""
    if type(left) is bool or type(right) is bool:
        return left is right
    if type(left) is str and type(right) is str:
        return left == right
    if is_number(left) and is_number(right):
        return left == right
    return left is None and right is None


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Return whether a value is a finite exact number."""
    return type(value) is int or (type(value) is Decimal and value.is_finite())


def sort_of(value: Json) -> str:
    """Return what sort of value this is; values of different sorts are never compared."""
    if value is None:
        return "null"
    if type(value) is bool:
        return "truth"
    if is_number(value):
        return "number"
    return "text" if type(value) is str else "other"


def as_day(value: Json) -> date | None:
    """Return the date that a text of the form YYYY-MM-DD names, or None."""
    if type(value) is not str or len(value) != len("YYYY-MM-DD") or not value.isascii():
        return None
    if value[4] != "-" or value[7] != "-":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def shown(bound: Bound) -> str:
    """Return a bound as its owner wrote it."""
    if isinstance(bound, bool):
        return "true" if bound else "false"
    if isinstance(bound, date):
        return bound.isoformat()
    return str(bound)


def listed(bounds: tuple[Bound, ...]) -> str:
    """Return several bounds as a list for people."""
    return ", ".join(shown(bound) for bound in bounds)


def _resolved(bound: Bound, inputs: Inputs) -> Json:
    if isinstance(bound, (str, int, Decimal)):
        return bound
    if isinstance(bound, TaskInput):
        return inputs.get(bound.name)
    return bound.amount if isinstance(bound, Money) else bound.isoformat()


def _not_among(name: str, bounds: tuple[Bound, ...], value: Json, inputs: Inputs) -> str:
    for bound in bounds:
        if value is not None and same(value, _resolved(bound, inputs)):
            return ""
    if len(bounds) != 1:
        return f"{name} must be one of {listed(bounds)}"
    bound = bounds[0]
    if not isinstance(bound, TaskInput):
        return f"{name} must be {shown(bound)}"
    if inputs.get(bound.name) is None:
        return f"{name} must be the task's own {bound.name}, and the task has none"
    return f"{name} must be the task's own {bound.name}"


def _may_be_among(bounds: tuple[Bound, ...], value: Json, inputs: Inputs) -> bool:
    sort = sort_of(value)
    comparable = False
    for bound in bounds:
        known = _resolved(bound, inputs)
        if known is None or same(value, known):
            return True
        comparable = comparable or sort_of(known) == sort
    return not comparable


def _comparable(bounds: tuple[Bound, ...], value: Json) -> bool:
    if bounds and type(bounds[0]) is date:
        return as_day(value) is not None
    return is_number(value)


def _out_of_range(name: str, constraint: Constraint, value: Json) -> str:
    holds, word = _RANGES[constraint.operator]
    bound = constraint.bounds[0] if constraint.bounds else None
    if type(bound) is date:
        return _out_of_days(name, bound, value, (holds, word))
    limit = bound.amount if type(bound) is Money else bound
    if not is_number(value) or not is_number(limit):
        return f"{name} must be a number"
    if holds(value, limit):
        return ""
    if type(bound) is Money:
        number, currency = _amount(value, money=True), bound.currency
        return f"{name} {number} {currency} {word} {bound}"
    return f"{name} {_amount(value, money=False)} {word} {_amount(limit, money=False)}"


def _out_of_days(name: str, bound: date, value: Json, test: _Range) -> str:
    holds, word = test
    day = as_day(value)
    if day is None:
        return f"{name} must be a date written as YYYY-MM-DD"
    if holds(day, bound):
        return ""
    return f"{name} {day.isoformat()} {word} {bound.isoformat()}"


def _too_long(name: str, bounds: tuple[Bound, ...], value: Json) -> str:
    limit = bounds[0] if bounds else None
    if type(value) is not str or type(limit) is not int:
        return f"{name} must be text"
    return "" if len(value) <= limit else f"{name} is longer than {limit} characters"


def _amount(value: int | Decimal, *, money: bool) -> str:
    """Return a number for people: money with two decimals at least, and never rounded."""
    if isinstance(value, int):
        if value.bit_length() > 3 * _SHOWN_DIGITS_MAX:
            return "(a very large number)"
        return f"{value}.00" if money else str(value)
    text = str(value)
    if "E" in text and abs(value.adjusted()) < _SHOWN_DIGITS_MAX:
        text = f"{value:f}"
    if "E" in text or len(text) > _SHOWN_DIGITS_MAX:
        return "(a very long number)"
    return f"{value:.2f}" if money and len(text.partition(".")[2]) < _CENT_DIGITS else text
