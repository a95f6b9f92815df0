"""Whether a constraint holds, without saying why not: a test made once for each constraint.

`constraints.unmet` is the one truth. A test here answers as it does, for every JSON value; what is
common is answered at once, and the rest is asked there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sallyport.model import Constraint, Json, Money, Operator, TaskInput
from sallyport.rules.boundary.constraints import RANGES, Inputs, is_number, unmet

Test = Callable[[Json, Inputs], bool]


def holding(constraint: Constraint) -> Test:
    """Return a function of a value and the task's inputs: does the constraint hold?"""
    make = _MAKERS.get(constraint.operator)
    made = make(constraint) if make is not None else None
    return made or _asked(constraint)


def _asked(constraint: Constraint) -> Test:
    return lambda value, inputs: not unmet("", constraint, value, inputs)


def _among(constraint: Constraint) -> Test | None:
    bounds = constraint.bounds
    if all(type(bound) is str for bound in bounds):
        words = frozenset(bounds)
        return lambda value, _inputs: type(value) is str and value in words
    if len(bounds) == 1 and type(bounds[0]) is TaskInput:
        return _own(bounds[0].name, _asked(constraint))
    return None


def _own(name: str, asked: Test) -> Test:
    def test(value: Json, inputs: Inputs) -> bool:
        known = inputs.get(name)
        if type(value) is str and type(known) is str:
            return value == known
        return asked(value, inputs)

    return test


def _in_range(constraint: Constraint) -> Test | None:
    bound = constraint.bounds[0] if len(constraint.bounds) == 1 else None
    holds, _ = RANGES[constraint.operator]
    if type(bound) is Money:
        amount, asked = bound.amount, _asked(constraint)

        def of_money(value: Json, inputs: Inputs) -> bool:
            if type(value) is int or (type(value) is Decimal and value.is_finite()):
                return holds(value, amount)
            return asked(value, inputs)

        return of_money
    if is_number(bound):
        return lambda value, _inputs: is_number(value) and holds(value, bound)
    return None


def _short(constraint: Constraint) -> Test | None:
    limit = constraint.bounds[0] if len(constraint.bounds) == 1 else None
    if type(limit) is not int:
        return None
    return lambda value, _inputs: type(value) is str and len(value) <= limit


_MAKERS: Mapping[Operator, Callable[[Constraint], Test | None]] = {
    Operator.IS: _among,
    Operator.ONE_OF: _among,
    **dict.fromkeys(RANGES, _in_range),
    Operator.MAX_LENGTH: _short,
}
