"""Formulas are said as shortly as they can be, and mean what they say."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from sallyport.rules.proof.formula import (
    NO,
    YES,
    All,
    Compare,
    Formula,
    Not,
    Number,
    Some,
    Truth,
    all_of,
    either,
    holds_in,
    implies,
    no,
    same,
    some_of,
)
from sallyport.rules.proof.smt import script

P, Q, R = Truth("p"), Truth("q"), Truth("r")


@pytest.mark.parametrize(
    "found, expected",
    [
        (all_of(()), YES),
        (all_of((P,)), P),
        (all_of((YES, P, YES)), P),
        (all_of((P, YES, Q)), All((P, Q))),
        (all_of((P, NO, Q)), NO),
        (all_of((P, Q, R)), All((P, Q, R))),
        (some_of(()), NO),
        (some_of((P,)), P),
        (some_of((NO, P, NO)), P),
        (some_of((P, NO, Q)), Some((P, Q))),
        (some_of((P, YES, Q)), YES),
        (no(P), Not(P)),
        (no(Not(P)), P),
        (no(YES), NO),
        (no(NO), YES),
        (implies(P, Q), Some((Not(P), Q))),
        (implies(YES, Q), Q),
        (implies(NO, Q), YES),
        (same(P, Q), All((Some((Not(P), Q)), Some((Not(Q), P))))),
        (either(condition=True), YES),
        (either(condition=False), NO),
        (Number("n"), Number("n", whole=False)),
    ],
)
def test_what_is_certain_is_left_out(found: Formula, expected: Formula) -> None:
    """The same question is said in the same way."""
    assert found == expected


X, W = Number("x"), Number("w", whole=True)
MODEL: dict[str, bool | int | Fraction] = {"p": True, "q": False, "x": Fraction(1, 2), "w": 3}


@pytest.mark.parametrize(
    "formula, is_so",
    [
        (P, True),
        (Q, False),
        (R, False),
        (Not(R), True),
        (All(()), True),
        (Some(()), False),
        (All((P, Q)), False),
        (All((P, Not(Q))), True),
        (Some((P, Q)), True),
        (Some((Q, R)), False),
        (Compare(X, "==", Decimal("0.5")), True),
        (Compare(X, "==", W), False),
        (Compare(X, "<", W), True),
        (Compare(W, "<", X), False),
        (Compare(W, "<", 3), False),
        (Compare(W, "<=", 3), True),
        (Compare(W, "<=", 2), False),
        (Compare(W, ">", 3), False),
        (Compare(W, ">", 2), True),
        (Compare(W, ">=", 3), True),
        (Compare(W, ">=", 4), False),
        (Compare(Number("unknown"), "==", 0), True),
        (Compare(Number("unknown"), "==", Number("another")), True),
    ],
)
def test_a_model_says_of_each_formula_whether_it_holds(formula: Formula, *, is_so: bool) -> None:
    """What it has no value for is false, or zero."""
    assert holds_in(formula, MODEL) is is_so
    assert holds_in(Not(formula), MODEL) is not is_so


def test_a_question_is_written_letter_by_letter() -> None:
    """Every sort of formula and number, in the order in which they come, each once."""
    both = All((P, Not(Q)))
    numbers = (
        Compare(W, "==", -3),
        Compare(W, "<=", 0),
        Compare(W, "<", Decimal("2.5")),
        Compare(W, ">=", Decimal("4.0")),
        Compare(X, ">", Decimal("-0.25")),
        Compare(X, ">=", 7),
        Compare(X, "==", -7),
        Compare(X, "<", Number("y\n")),
    )
    asked = script(All((Some((both, All(()), Some(()))), both, *numbers)))

    assert asked.names == {"v0": "p", "v1": "q", "v2": "w", "v3": "x", "v4": "y\n"}
    assert asked.text.split("\n") == [
        "(declare-const v0 Bool) ; p",
        "(declare-const v1 Bool) ; q",
        "(define-fun p0 () Bool (and v0 (not v1)))",
        "(define-fun p1 () Bool (or p0 true false))",
        "(declare-const v2 Int) ; w",
        "(declare-const v3 Real) ; x",
        "(declare-const v4 Real) ; y\\n",
        (
            "(define-fun p2 () Bool (and p1 p0 (= v2 (- 3)) (<= v2 0) (< v2 (/ 5.0 2.0))"
            " (>= v2 4) (> v3 (- (/ 1.0 4.0))) (>= v3 7.0) (= v3 (- 7.0)) (< v3 v4)))"
        ),
        "(assert p2)",
        "",
    ]
