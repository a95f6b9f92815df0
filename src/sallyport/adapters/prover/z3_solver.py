"""The solver z3 behind `rules.proof`: formulas in, a model or none out.

It is imported where something is to be proved and nowhere else: it takes 0.2 s and 40 MB.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import Any, Final

from sallyport.rules.proof.claims import Solver, Unsolved
from sallyport.rules.proof.formula import (
    All,
    Compare,
    Formula,
    Model,
    Not,
    Number,
    Some,
    Truth,
)

_SECOND_MS: Final = 1000


class NotInstalledError(Exception):
    """There is no solver here: the extra `prove` is not installed."""


def solver(seconds: float) -> Solver:
    """Return a solver that thinks this long about one formula.

    Raises:
        NotInstalledError: z3 is not installed.
    """
    try:
        z3: Any = import_module("z3")
    except ImportError:
        raise NotInstalledError from None

    def solve(formula: Formula) -> Model | Unsolved | None:
        spoken = _Spoken(z3)
        asked = z3.Solver()
        asked.set("timeout", int(seconds * _SECOND_MS))
        asked.add(spoken.of(formula))
        said = asked.check()
        if said == z3.unsat:
            return None
        if said != z3.sat:
            return Unsolved(f"the solver gave up ({asked.reason_unknown()})")
        return spoken.model(asked.model())

    return solve


class _Spoken:
    """One formula in the solver's own terms. `z3` has no types of its own, so it is `Any` here."""

    def __init__(self, z3: Any) -> None:
        self._z3 = z3
        self._variables: dict[str, Any] = {}
        self._known: dict[int, Any] = {}

    def of(self, formula: Formula) -> Any:
        """Return a formula in z3's terms; a part that stands in many places is told once."""
        known = self._known.get(id(formula))
        if known is None:
            known = self._known[id(formula)] = self._of(formula)
        return known

    def _of(self, formula: Formula) -> Any:
        z3 = self._z3
        match formula:
            case Truth(name):
                return self._variable(name, z3.Bool)
            case Not(what):
                return z3.Not(self.of(what))
            case All(parts):
                return z3.And([self.of(part) for part in parts])
            case Some(parts):
                return z3.Or([self.of(part) for part in parts])
            case Compare(left, relation, right):
                return _RELATIONS[relation](self._number(left), self._operand(right))

    def _number(self, number: Number) -> Any:
        return self._variable(number.name, self._z3.Int if number.whole else self._z3.Real)

    def _operand(self, right: Number | int | Decimal) -> Any:
        if isinstance(right, Number):
            return self._number(right)
        if isinstance(right, int):
            return right
        exact = Fraction(right)
        return self._z3.Q(exact.numerator, exact.denominator)

    def _variable(self, name: str, kind: Any) -> Any:
        if name not in self._variables:
            self._variables[name] = kind(name)
        return self._variables[name]

    def model(self, found: Any) -> Model:
        """Return the values that a model of z3 gives to our variables."""
        values: dict[str, bool | int | Fraction] = {}
        for name, variable in self._variables.items():
            value = found.eval(variable, model_completion=True)
            if self._z3.is_bool(value):
                values[name] = bool(self._z3.is_true(value))
            else:
                values[name] = Fraction(value.as_fraction()) if _is_real(value) else value.as_long()
        return values


def _is_real(value: Any) -> bool:
    return bool(value.is_real())


_RELATIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
