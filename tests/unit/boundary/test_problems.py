"""Problems: all of a file's at once, in its order, each as a line for people and as values."""

from __future__ import annotations

import pytest

from sallyport.rules.boundary.problems import (
    BoundaryErrors,
    Collector,
    Mark,
    Problem,
    Severity,
    suggest,
    unplaced,
)

PROBLEM = Problem(
    file="w.yaml", line=2, column=5, code="boundary.x", what="it is so", fix="mend it"
)


def test_a_problem_is_a_line_and_flat_values() -> None:
    """With its place where that is known, and the file alone where it is not."""
    assert str(PROBLEM) == "w.yaml:2:5: it is so; mend it"
    assert PROBLEM.as_dict() == {
        "file": "w.yaml",
        "line": 2,
        "column": 5,
        "where": "",
        "severity": "error",
        "code": "boundary.x",
        "what": "it is so",
        "fix": "mend it",
    }
    assert str(unplaced("w", "tools.t", "x", "it is so", "mend it")) == "w: it is so; mend it"
    assert unplaced("w", "tools.t", "x", "it is so", "mend it", Severity.NOTE).as_dict() == {
        "file": "w",
        "line": 0,
        "column": 0,
        "where": "tools.t",
        "severity": "note",
        "code": "boundary.x",
        "what": "it is so",
        "fix": "mend it",
    }
    assert unplaced("w", "", "x", "", "").severity is Severity.ERROR
    assert [*Severity] == ["error", "warning", "note"]


def test_the_problems_of_a_file_are_told_in_its_order() -> None:
    """By line, then by column, whenever they were found."""
    out = Collector("w")
    out.stop_if_any()
    for mark in (Mark(3, 1), Mark(1, 9), Mark(1, 10), Mark(), Mark(1, 2)):
        out.add(mark, "x", "it is so", "mend it")

    with pytest.raises(BoundaryErrors) as raised:
        out.stop_if_any()

    assert [(one.line, one.column) for one in raised.value.problems] == [
        (0, 0),
        (1, 2),
        (1, 9),
        (1, 10),
        (3, 1),
    ]
    assert raised.value.problems[0].code == "boundary.x"
    assert raised.value.what == raised.value.format()
    assert raised.value.format().split("\n") == [
        "w: it is so; mend it",
        "w:1:2: it is so; mend it",
        "w:1:9: it is so; mend it",
        "w:1:10: it is so; mend it",
        "w:3:1: it is so; mend it",
    ]
    assert raised.value.code == "boundary.file"
    assert raised.value.fix == (
        "correct the places named here, then run `sallyport boundary check`"
    )


def test_of_what_cannot_be_read_nothing_more_is_said() -> None:
    """One sentence for one mistake; another place is another mistake."""
    out = Collector("w")
    out.unreadable(Mark(1, 2), "two_faced", "it means two things", "quote it")
    out.unreadable(Mark(1, 2), "x", "it is so", "mend it")
    out.add(Mark(1, 2), "x", "it is so", "mend it")
    out.add(Mark(1, 3), "x", "it is so", "mend it")

    assert [str(one) for one in out.found] == [
        "w:1:2: it means two things; quote it",
        "w:1:3: it is so; mend it",
    ]


@pytest.mark.parametrize(
    "word, known, advice",
    [
        ("opne", ["held", "open"], "did you mean `open`?"),
        ("opens", ["opener", "open"], "did you mean `open`?"),
        ("shut", ["held", "open"], "use one of: held, open"),
        ("shut", [], "remove it"),
    ],
)
def test_advice_names_the_nearest_word_or_all(word: str, known: list[str], advice: str) -> None:
    """From whatever they come."""
    assert suggest(word, iter(known)) == advice
