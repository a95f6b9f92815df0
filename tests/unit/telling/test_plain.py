"""A boundary as rows is the boundary in words: nothing is re-worded, nothing left out."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from sallyport.model import Boundary, Json
from sallyport.rules.boundary.explain import explain
from sallyport.rules.telling.access import COLUMNS, access, as_csv, as_markdown
from sallyport.rules.telling.before import changes
from sallyport.rules.telling.plain import ORDER, plain
from tests.unit.boundary.examples import TODAY, support
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR

BOUNDARIES = (support(), support(EVERY_OPERATOR, CHILD))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_every_line_stands_somewhere_word_by_word(boundary: Boundary) -> None:
    """Headings of sections with rows aside, each line of `explain` is in one place, as it is."""
    found = plain(boundary)
    shown = [*found.heading, *(title for title, _ in found.sections)]
    shown += [line.strip() for _, lines in found.sections for line in lines]
    for row in (*found.rows, *found.bounds):
        shown += row.sentence.split("\n")
    said = [line.strip() for line in explain(boundary).splitlines() if line.strip()]
    headings = {"What the agent may do", "What it may never do"}
    assert [one for one in said if one not in shown and not one.startswith("Digest")] == [
        one for one in said if one in headings
    ]


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_rows_go_from_loose_to_strict_and_end_with_all_else(boundary: Boundary) -> None:
    """What is written nowhere comes last."""
    verdicts = [ORDER.index(row.verdict) for row in plain(boundary).rows]
    assert verdicts == sorted(verdicts)
    assert plain(boundary).rows[-1].sentence.startswith("Call a tool, or name an argument")


def test_every_verdict_has_its_place() -> None:
    """From loosest to strictest: pages count in this order."""
    assert ORDER == ("allow", "ask", "draft", "refuse")


def test_what_is_kept_away_or_over_is_refused_in_the_list() -> None:
    """A tool under another workflow's `never` is refused; what has ended grants nothing."""
    kept = access([support()], today=TODAY, never=("mail.send",))
    assert {one.verdict for one in kept if one.tool == "mail.send"} == {"refuse"}
    over = support().workflow.expires.replace(year=2100)
    assert [one.tool for one in access([support()], today=over)] == ["*"]


def test_a_cell_is_neither_formula_nor_markup() -> None:
    """CSV cells do not begin as a formula; Markdown cells hold no markup and no new column."""
    lines = access([support()], today=TODAY)
    strange = [replace(one, says="=1+1 | <b>") for one in lines]
    rows = list(csv.reader(io.StringIO(as_csv(strange))))
    assert rows[0] == list(COLUMNS)
    assert {row[COLUMNS.index("says")] for row in rows[1:]} == {"'=1+1 | <b>"}
    table = as_markdown(strange).splitlines()
    assert len(table) == len(lines) + 2
    assert all("=1+1 \\| \\<b\\>" in row for row in table[2:])


def test_each_argument_stands_beside_the_field_of_its_name() -> None:
    """The record's own field comes before one deeper in it; what nobody read is not known."""
    image: Json = {"ticket": {"status": "open", "customer": {"status": "gold"}, "id": "T-1"}}
    found = changes(image, {"status": "solved", "refund": 5, "id": "T-1"})
    assert [(one.field, one.now, one.after, one.known) for one in found] == [
        ("status", "open", "solved", True),
        ("refund", None, 5, False),
        ("id", "T-1", "T-1", True),
    ]
    assert [one.as_json()["same"] for one in found] == [False, False, True]


@pytest.mark.parametrize("image", [None, "text", [], {}, [{"status": "a"}, {"status": "b"}]])
def test_nothing_is_compared_where_no_field_has_the_name(image: Json) -> None:
    """Several records are no before."""
    assert changes(image, {"status": "solved"}) == ()
