"""One test on one argument: does it hold, and if not, why, in the owner's words.

Rules:
  1. Total: whatever JSON arrives, the answer is a value. The wrong type does not hold.
  2. Parsed before compared: two spellings of one amount, moment, domain, address or path decide
     alike, and what cannot be parsed does not hold. Plain text compares by its code points.
  3. A truth value is never a number, and numbers compare exactly.
  4. A reason may show a number beside the bound it was compared with. It never shows a text that
     was proposed: such text may be an instruction in disguise, or a secret.
  5. What cannot be told counts against the call: for a `never` entry, "cannot tell" is "may hold".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

from sallyport.model import Bound, Constraint, Items, Json, Moment, Money, Operator, TaskInput
from sallyport.rules.boundary import forms
from sallyport.rules.boundary.amounts import as_amount
from sallyport.rules.boundary.forms import FORMS, Inputs
from sallyport.rules.boundary.moments import as_day, as_moment

__all__ = ["Inputs", "is_number", "listed", "may_hold", "same", "shown", "sort_of", "unmet"]

_Test = Callable[[str, Constraint, Json, Inputs], str]
_Holds = Callable[[Any, Any], bool]

# What must hold between value and bound, and how to say that it does not.
RANGES: Mapping[Operator, tuple[_Holds, str]] = {
    Operator.AT_LEAST: (operator.ge, "is below"),
    Operator.ABOVE: (operator.gt, "is not above"),
    Operator.AT_MOST: (operator.le, "is above"),
    Operator.BELOW: (operator.lt, "is not below"),
}
_SHOWN_DIGITS_MAX = 30
_CENT_DIGITS = 2


def unmet(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    """Return why `value` breaks a constraint on argument `name`; empty when it holds."""
    return _TESTS[constraint.operator](name, constraint, value, inputs)


def may_hold(constraint: Constraint, value: Json, inputs: Inputs) -> bool:
    """Return whether a constraint of a `never` entry holds, or cannot be told not to."""
    kind = constraint.operator
    if kind in FORMS:
        return forms.may_fit(kind, constraint.bounds, value, inputs)
    if kind is Operator.IS or kind is Operator.ONE_OF:
        return _may_be_among(constraint.bounds, value, inputs)
    if kind in _OF_LISTS:
        return _may_hold_of_items(constraint, value, inputs)
    if kind in RANGES and not _comparable(_bound_of(constraint), value):
        return True
    if kind in _OF_TEXT and type(value) is not str:
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


def shown(bound: Bound) -> str:
    """Return a bound as its owner wrote it."""
    if isinstance(bound, bool):
        return "true" if bound else "false"
    return str(bound)


def listed(bounds: tuple[Bound, ...]) -> str:
    """Return several bounds as a list for people."""
    return ", ".join(shown(bound) for bound in bounds)


def is_bound(value: Json, bound: Bound, inputs: Inputs) -> bool:
    """Return whether a value is the one that a bound names; no input of the task is null."""
    if type(bound) is TaskInput:
        known = inputs.get(bound.name)
        return known is not None and same(value, known)
    if type(bound) is Money:
        found = as_amount(value)
        return (
            found is not None
            and found.number == bound.amount
            and found.currency in {"", bound.currency}
        )
    return same(value, _literal(bound))


def _literal(bound: Bound) -> Json:
    """Return a literal as JSON; a date that an owner wrote in quotes is text already."""
    return bound if isinstance(bound, (int, Decimal)) else str(bound)


def _not_among(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    bounds = constraint.bounds
    for bound in bounds:
        if is_bound(value, bound, inputs):
            return ""
    if len(bounds) != 1:
        return f"{name} must be one of {listed(bounds)}"
    bound = bounds[0]
    if type(bound) is not TaskInput:
        return f"{name} must be {shown(bound)}"
    if inputs.get(bound.name) is None:
        return f"{name} must be the task's own {bound.name}, and the task has none"
    return f"{name} must be the task's own {bound.name}"


def _may_be_among(bounds: tuple[Bound, ...], value: Json, inputs: Inputs) -> bool:
    sort = sort_of(value)
    comparable = False
    for bound in bounds:
        if type(bound) is Money:
            if as_amount(value) is None or is_bound(value, bound, inputs):
                return True
            comparable = True
        else:
            known = inputs.get(bound.name) if type(bound) is TaskInput else _literal(bound)
            if known is None or same(value, known):
                return True
            comparable = comparable or sort_of(known) == sort
    return not comparable


def _bound_of(constraint: Constraint) -> Bound | None:
    """Return the one bound of a constraint that has one; no value meets one that lacks it."""
    return next(iter(constraint.bounds), None)


def _comparable(bound: Bound | None, value: Json) -> bool:
    match bound:
        case Money():
            found = as_amount(value)
            return found is not None and found.currency in {"", bound.currency}
        case Moment():
            return as_moment(value) is not None
        case Items():
            return type(value) is list
        case date():
            return as_day(value) is not None
        case _:
            return is_number(value)


def _out_of_range(name: str, constraint: Constraint, value: Json, _inputs: Inputs) -> str:
    bound = _bound_of(constraint)
    holds, word = RANGES[constraint.operator]
    if type(bound) is Money:
        return _out_of_money(name, bound, value, holds, word)
    if not is_number(bound):
        return _out_of_order(name, bound, value, holds, word)
    if not is_number(value):
        return f"{name} must be a number"
    if holds(value, bound):
        return ""
    return f"{name} {_amount(value, money=False)} {word} {_amount(bound, money=False)}"


def _out_of_money(name: str, bound: Money, value: Json, holds: _Holds, word: str) -> str:
    if type(value) is int and holds(value, bound.amount):
        return ""  # what is common stays fast
    found = as_amount(value)
    if found is None:
        return f"{name} must be a number, or an amount in {bound.currency}"
    if found.currency and found.currency != bound.currency:
        return f"{name} is in {found.currency}, and the boundary names {bound.currency}"
    if holds(found.number, bound.amount):
        return ""
    return f"{name} {_amount(found.number, money=True)} {bound.currency} {word} {bound}"


def _out_of_order(name: str, bound: Bound | None, value: Json, holds: _Holds, word: str) -> str:
    """Compare days, points in time and lengths of lists."""
    if type(bound) is Moment:
        moment = as_moment(value)
        if moment is None:
            return f"{name} must be a time with its zone, such as {bound}"
        return "" if holds(moment.at_us, bound.at_us) else f"{name} {moment} {word} {bound}"
    if type(bound) is Items:
        if type(value) is not list:
            return f"{name} must be a list"
        held = holds(len(value), bound.count)
        return "" if held else f"{name} has {Items(len(value))}, and that {word} {bound}"
    day = as_day(value)
    if day is None or type(bound) is not date:
        return f"{name} must be a date written as YYYY-MM-DD"
    return "" if holds(day, bound) else f"{name} {day.isoformat()} {word} {bound.isoformat()}"


def _too_long(name: str, constraint: Constraint, value: Json, _inputs: Inputs) -> str:
    limit = _bound_of(constraint)
    if type(value) is not str or type(limit) is not int:
        return f"{name} must be text"
    return "" if len(value) <= limit else f"{name} is longer than {limit} characters"


def _otherwise_begun(name: str, constraint: Constraint, value: Json, _inputs: Inputs) -> str:
    start = _bound_of(constraint)
    if type(value) is not str or type(start) is not str:
        return f"{name} must be text"
    return "" if value.startswith(start) else f'{name} must start with "{start}"'


def _not_of_form(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    return forms.unfit(name, constraint.operator, constraint.bounds, value, inputs)


def _not_only(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    if type(value) is not list:
        return f"{name} must be a list"
    bounds = constraint.bounds
    if all(any(is_bound(item, bound, inputs) for bound in bounds) for item in value):
        return ""
    return f"{name} may only hold {listed(bounds)}"


def _not_each(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    if type(value) is not list:
        return f"{name} must be a list"
    for number, item in enumerate(value, start=1):
        for inner in constraint.inner:
            why = unmet(f"item {number} of {name}", inner, item, inputs)
            if why:
                return why
    return ""


def _not_some(name: str, constraint: Constraint, value: Json, inputs: Inputs) -> str:
    if type(value) is not list:
        return f"{name} must be a list"
    for item in value:
        if not any(unmet("", inner, item, inputs) for inner in constraint.inner):
            return ""
    return f"{name} must hold an item that fits"


def _may_hold_of_items(constraint: Constraint, value: Json, inputs: Inputs) -> bool:
    if type(value) is not list:
        return True
    if constraint.operator is Operator.ONLY:
        return all(_may_be_among(constraint.bounds, item, inputs) for item in value)
    fitting = (all(may_hold(one, item, inputs) for one in constraint.inner) for item in value)
    return any(fitting) if constraint.operator is Operator.SOME else all(fitting)


def _nothing_unmet(_name: str, _constraint: Constraint, _value: Json, _inputs: Inputs) -> str:
    return ""


def _there(name: str, _constraint: Constraint, _value: Json, _inputs: Inputs) -> str:
    return f"{name} must be left out"


_TESTS: Mapping[Operator, _Test] = {
    Operator.IS: _not_among,
    Operator.ONE_OF: _not_among,
    **dict.fromkeys(RANGES, _out_of_range),
    **dict.fromkeys(FORMS, _not_of_form),
    Operator.STARTS_WITH: _otherwise_begun,
    Operator.MAX_LENGTH: _too_long,
    Operator.ONLY: _not_only,
    Operator.EACH: _not_each,
    Operator.SOME: _not_some,
    Operator.ANY: _nothing_unmet,
    Operator.ABSENT: _there,
}
_OF_TEXT = frozenset({Operator.MAX_LENGTH, Operator.STARTS_WITH})
_OF_LISTS = frozenset({Operator.ONLY, Operator.EACH, Operator.SOME})


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
