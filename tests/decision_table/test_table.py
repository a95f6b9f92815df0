"""The decision table is complete, is what the code decides, and says what was asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sallyport.model import Impact
from sallyport.rules import canonical
from sallyport.rules.boundary.compile import as_json
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.decide import decide
from tests.decision_table.rows import GIVEN, LEVELS, NONE, Outcome, Row, compiled, context, outcome
from tests.decision_table.table import PLACE, kept, planned, read, write
from tests.requirements import requirement

ROOT = Path(__file__).resolve().parents[2]
TEXT = PLACE.read_text(encoding="utf-8")
TABLE = read(TEXT)
DECIDED = {row: found for _, row, found in TABLE}
ROWS_MIN = 200
TIMES = 1000
WHOLE_MINUTE_S = 60
SMALL_TEAM = (
    Impact.CUSTOMER_COMMUNICATION,
    Impact.MONEY,
    Impact.ACCESS,
    Impact.RECORDS,
    Impact.PUBLISHING,
)
HARD_GATES = {
    "sending": ("external", NONE),
    "deleting": ("create", Impact.DELETION.value),
    "billing": ("create", Impact.MONEY.value),
    "access": ("create", Impact.ACCESS.value),
}


def at_least_ask(found: Outcome) -> bool:
    """Return whether nothing happens before a person has spoken."""
    return found.verdict in {"ask", "draft", "refuse"}


@requirement("A-57", "B-74")
def test_every_line_is_decided_as_the_table_says() -> None:
    """What is asked about, and what is not, changes only together with a reviewed file."""
    wrong = [(row, said, found) for _, row, said in TABLE if (found := outcome(row)) != said]

    assert len(DECIDED) >= ROWS_MIN
    assert wrong == []


def test_the_table_is_as_its_script_writes_it() -> None:
    """No line is missing, none stands there twice, and no cell was touched by hand alone."""
    assert write(kept()) == TEXT
    assert len(TABLE) == len(DECIDED)
    assert {row for _, row in planned()} <= DECIDED.keys()


def test_every_word_of_every_column_stands_in_the_table() -> None:
    """A level, an impact, a stage or a verdict that is added tomorrow is missed here."""
    words = {column: {getattr(row, column) for row in DECIDED} for column in GIVEN}

    assert words["level"] == set(LEVELS)
    assert words["touches"] == {NONE, *(impact.value for impact in Impact)}
    assert words["stage"] == {"draft", "ask", "live"}
    assert words["floor"] == {NONE, "ask", "draft", "refuse"}
    assert words["label"] == {"clean", "outside"}
    assert {found.verdict for found in DECIDED.values()} == {"allow", "ask", "draft", "refuse"}


@requirement("B-05")
@pytest.mark.parametrize(
    "level, alone, new, outside, under_draft",
    [
        ("read", "allow", "allow", "allow", "allow"),
        ("draft", "allow", "allow", "allow", "allow"),
        ("classify", "ask", "ask", "ask", "ask"),
        ("create", "allow", "draft", "ask", "draft"),
        ("update", "ask", "draft", "ask", "draft"),
        ("external", "ask", "draft", "ask", "draft"),
    ],
)
def test_each_level_has_controls_of_its_own(
    level: str, alone: str, new: str, outside: str, under_draft: str
) -> None:
    """By itself, for a new agent, after text from outside, and while only drafts are wanted."""
    rows = (
        Row(level=level),
        Row(level=level, stage="draft"),
        Row(level=level, label="outside"),
        Row(level=level, floor="draft"),
    )

    assert tuple(DECIDED[row].verdict for row in rows) == (alone, new, outside, under_draft)


@requirement("B-80")
@pytest.mark.parametrize("touches", [impact.value for impact in Impact])
def test_each_kind_of_impact_asks_by_default_at_every_level(touches: str) -> None:
    """A read of what is sensitive asks as well: a level never talks an impact down."""
    for level in LEVELS:
        found = DECIDED[Row(level=level, touches=touches)]

        assert found.verdict == "ask", level
        assert "impact.ask" in found.because


@requirement("B-46")
def test_no_update_happens_by_default() -> None:
    """Every line at level *update* without an `allow` or an answer waits, or is refused."""
    updates = [
        (row, found)
        for row, found in DECIDED.items()
        if row.level == "update" and row.entry in {NONE, "ask"} and row.answer == NONE
    ]

    assert updates
    assert all(at_least_ask(found) for _, found in updates)
    assert DECIDED[Row(level="update")].verdict == "ask"


@requirement("B-153")
@pytest.mark.parametrize("touches", [impact.value for impact in SMALL_TEAM])
def test_a_person_stays_before_what_a_small_team_must_not_automate(touches: str) -> None:
    """Customers, money, access, records, publication: at every level, for an agent of any stage."""
    rows = [
        (row, found)
        for row, found in DECIDED.items()
        if row.touches == touches and row.entry == NONE and row.answer == NONE
    ]

    assert {row.level for row, _ in rows} == set(LEVELS)
    assert all(at_least_ask(found) for _, found in rows)


@requirement("B-145")
@pytest.mark.parametrize("gate", HARD_GATES)
@pytest.mark.parametrize("kept_words", ["", "because: it is slow", "until: 2099-12-31"])
def test_a_hard_gate_falls_to_no_entry_without_reason_and_end(gate: str, kept_words: str) -> None:
    """An attempt to drop one is an error of the file, which names what is missing."""
    level, touches = HARD_GATES[gate]
    lines = f"    level: {level}\n"
    lines += "" if touches == NONE else f"    touches: [{touches}]\n"
    text = (
        "workflow: w\npurpose: p\nowner: o\nagent: a\nenvironment: test\nexpires: 2099-12-31\n"
        f"for: [r]\ntools:\n  t:\n{lines}    only: {{a: any}}\n    allow: [{{{kept_words}}}]\n"
    )

    with pytest.raises(BoundaryErrors) as caught:
        load_workflow(text, "w.yaml")
    assert [one.code for one in caught.value.problems] == ["boundary.exception"]
    assert DECIDED[Row(level=level, touches=touches)].verdict == "ask"


def test_a_hard_gate_falls_to_a_signed_exception_and_to_its_end_again() -> None:
    """The same line with reason and end loosens; once it has ended, it refuses."""
    assert DECIDED[Row(level="external", entry="allow")].verdict == "allow"
    assert DECIDED[Row(level="external", entry="allow, ended")].verdict == "refuse"


@requirement("A-93")
@pytest.mark.parametrize(
    "row",
    [
        Row(level="update", touches="money", entry="by amount", call="refund=50.01 EUR"),
        Row(level="external", entry="allow", label="outside", stage="ask", floor="draft"),
        Row(level="read"),
    ],
    ids=lambda row: row.level,
)
def test_the_same_input_gives_the_same_decision_and_the_same_digests(row: Row) -> None:
    """A thousand times over: decision, digest of what was seen, digest of what would be sent."""
    seen = {
        (
            canonical.text(as_json(decide(now))),
            now.digest(),
            now.call_digest,
        )
        for now in (context(row) for _ in range(TIMES))
    }

    assert len(seen) == 1


@requirement("A-93")
def test_a_boundary_compiled_again_has_the_same_digest() -> None:
    """From the same words, also in another process that orders its sets otherwise."""
    again = {compiled("update", "records, money", "by amount").digest for _ in range(20)}
    elsewhere = {_digest_elsewhere(seed) for seed in ("0", "1", "4711")}

    assert len(again) == 1
    assert elsewhere == {_digest_elsewhere("2")}


def _digest_elsewhere(seed: str) -> str:
    """Return what a process of its own says of the whole table, and of one boundary."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.decision_table", "--digest"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=2 * WHOLE_MINUTE_S,
    )
    return ran.stdout.strip()
