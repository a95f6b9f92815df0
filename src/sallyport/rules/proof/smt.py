"""A formula as SMT-LIB 2.6, the language that solvers share: exact, and the same for the same.

What stands in a formula many times stands in the text once, so that its digest names the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sallyport.rules.proof.formula import All, Compare, Formula, Not, Number, Some, Truth


@dataclass(frozen=True, slots=True)
class Script:
    """A question to a solver. `names` has our name of each variable of the text."""

    text: str
    names: dict[str, str]


def script(formula: Formula) -> Script:
    """Return the question whether a formula has a model: declarations, definitions, one claim."""
    return _Writer().script(formula)


class _Writer:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._variables: dict[str, str] = {}
        self._defined: dict[str, str] = {}
        self._known: dict[int, str] = {}

    def script(self, formula: Formula) -> Script:
        claim = self._said(formula)
        text = "\n".join([*self._lines, f"(assert {claim})", ""])
        return Script(text, {short: name for name, short in self._variables.items()})

    def _said(self, formula: Formula) -> str:
        # By identity: the formula is held by its caller, so no other one comes to the same place.
        known = self._known.get(id(formula))
        if known is None:
            known = self._known[id(formula)] = self._say(formula)
        return known

    def _say(self, formula: Formula) -> str:
        match formula:
            case Truth(name):
                return self._variable(name, "Bool")
            case Not(what):
                return f"(not {self._said(what)})"
            case All(parts):
                return self._joined("and", parts) if parts else "true"
            case Some(parts):
                return self._joined("or", parts) if parts else "false"
            case Compare(left, relation, right):
                sign = "=" if relation == "==" else relation
                other = self._number(right) if isinstance(right, Number) else _literal(left, right)
                return f"({sign} {self._number(left)} {other})"

    def _joined(self, word: str, parts: tuple[Formula, ...]) -> str:
        """Define what several parts say together, once for all places where it is said."""
        body = f"({word} {' '.join([self._said(part) for part in parts])})"
        known = self._defined.get(body)
        if known is None:
            known = self._defined[body] = f"p{len(self._defined)}"
            self._lines.append(f"(define-fun {known} () Bool {body})")
        return known

    def _number(self, number: Number) -> str:
        return self._variable(number.name, "Int" if number.whole else "Real")

    def _variable(self, name: str, sort: str) -> str:
        known = self._variables.get(name)
        if known is None:
            known = self._variables[name] = f"v{len(self._variables)}"
            self._lines.append(f"(declare-const {known} {sort}) ; {_comment(name)}")
        return known


def _literal(left: Number, value: int | Decimal) -> str:
    """Return an exact number of the sort of what it is compared with."""
    exact = Fraction(value)
    if left.whole and exact.denominator == 1:
        return _signed(exact.numerator)
    over = f"{abs(exact.numerator)}.0"
    if exact.denominator != 1:
        over = f"(/ {over} {exact.denominator}.0)"
    return f"(- {over})" if exact < 0 else over


def _signed(number: int) -> str:
    return f"(- {-number})" if number < 0 else str(number)


def _comment(name: str) -> str:
    """Return a name so that no owner's text ends the line or is read as a command."""
    return name.encode("unicode_escape").decode("ascii")
