"""A formula is the same question in the language of solvers."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.adapters.prover.z3_solver import solver
from sallyport.rules.proof.formula import (
    All,
    Compare,
    Formula,
    Not,
    Number,
    Some,
    Truth,
    all_of,
    holds_in,
    no,
)
from sallyport.rules.proof.found import Unsolved
from sallyport.rules.proof.smt import script

SOLVE = solver(10)
_WHOLE = [Number("w", whole=True), Number("w|2", whole=True)]
_EXACT = [Number("x"), Number("a name\nwith lines; and (signs)|")]
_RELATIONS = ["==", "<=", "<", ">=", ">"]
_NUMBERS: list[int | Decimal] = [0, 1, -1, 7, Decimal("0.01"), Decimal("-50.005"), Decimal(10**12)]

_leaves: st.SearchStrategy[Formula] = st.one_of(
    st.sampled_from([Truth("p"), Truth("q")]),
    st.builds(
        Compare,
        st.sampled_from(_EXACT),
        st.sampled_from(_RELATIONS),
        st.sampled_from([*_NUMBERS, *_EXACT]),
    ),
    st.builds(
        Compare,
        st.sampled_from(_WHOLE),
        st.sampled_from(_RELATIONS),
        st.sampled_from([0, 3, -2, *_WHOLE]),
    ),
)


def _of(parts: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    several = st.lists(parts, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(All, several), st.builds(Some, several))


@settings(max_examples=300, deadline=None)
@given(st.recursive(_leaves, _of, max_leaves=12))
def test_a_model_is_one_and_what_has_none_is_false_whatever_holds(formula: Formula) -> None:
    """A formula or its negation has a model, and each model makes true what it is a model of."""
    both = SOLVE(formula), SOLVE(no(formula))

    assert both != (None, None)
    for asked, model in zip((formula, no(formula)), both, strict=True):
        assert not isinstance(model, Unsolved)
        if model is not None:
            assert holds_in(asked, model)


def test_what_stands_in_many_places_is_written_once() -> None:
    """So a question does not grow with how often a part of it is used."""
    part = all_of([Truth("a"), Truth("b")])
    text = script(All((Some((part, Truth("c"))), Some((part, Truth("d")))))).text

    assert text.count("(and v0 v1)") == 1


def test_the_digest_is_of_what_was_asked() -> None:
    """The same questions in the same order, and no others."""
    one, same, other = solver(10), solver(10), solver(10)
    for asked in (one, same):
        asked(Truth("p"))
    other(Truth("q"))

    assert one.formulas == same.formulas != other.formulas
    assert one.name.startswith("z3 ")


def test_a_name_cannot_end_its_line() -> None:
    """An owner's text is never read as a command."""
    text = script(Truth("p\n(assert false)\r(exit)")).text

    assert text.splitlines()[0].startswith("(declare-const v0 Bool) ; p\\n(assert false)")
    assert len(text.splitlines()) == 2
