"""The solver z3 behind `rules.proof`: formulas in, a model or none out.

It is imported where something is to be proved and nowhere else: it takes 0.2 s and 40 MB.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from importlib import import_module
from typing import Any, Final

from sallyport.rules.proof.formula import Formula, Model
from sallyport.rules.proof.found import Unsolved
from sallyport.rules.proof.smt import Script, script

_SECOND_MS: Final = 1000


class NotInstalledError(Exception):
    """There is no solver here: the extra `prove` is not installed."""


class Z3:
    """Answers one formula after the other, and remembers what it was asked.

    Args:
        seconds: How long it may think about one formula.

    Raises:
        NotInstalledError: z3 is not installed.
    """

    def __init__(self, seconds: float) -> None:
        try:
            self._z3: Any = import_module("z3")
        except ImportError:
            raise NotInstalledError from None
        self._timeout_ms = max(int(seconds * _SECOND_MS), 1)
        self._asked = hashlib.sha256()

    @property
    def name(self) -> str:
        """Its name and version."""
        return f"z3 {self._z3.get_version_string()}"

    @property
    def formulas(self) -> str:
        """The hex digest of everything that it was asked, in order."""
        return self._asked.hexdigest()

    def __call__(self, formula: Formula) -> Model | Unsolved | None:
        """Return a model; None where it is certain that there is none."""
        question = script(formula)
        self._asked.update(question.text.encode())
        asked = self._z3.Solver()
        asked.set("timeout", self._timeout_ms)
        asked.from_string(question.text)
        said = asked.check()
        if said == self._z3.unsat:
            return None
        if said != self._z3.sat:
            return Unsolved(f"the solver gave up ({asked.reason_unknown()})")
        return self._model(asked.model(), question)

    def _model(self, found: Any, question: Script) -> Model:
        """Return the values that a model of z3 gives to our variables; it leaves out any other."""
        values: dict[str, bool | int | Fraction] = {}
        for declared in found.decls():
            name, value = question.names.get(declared.name()), found[declared]
            if name is not None:
                values[name] = self._value(value)
        return values

    def _value(self, value: Any) -> bool | int | Fraction:
        if self._z3.is_bool(value):
            return bool(self._z3.is_true(value))
        return Fraction(value.as_fraction()) if value.is_real() else int(value.as_long())


def solver(seconds: float) -> Z3:
    """Return a solver that thinks this long about one formula.

    Raises:
        NotInstalledError: z3 is not installed.
    """
    return Z3(seconds)
