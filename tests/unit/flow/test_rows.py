"""Every noun that is kept comes back from its row as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sallyport
from sallyport.errors import SealError, StoreCorruptError
from sallyport.flow import rows
from sallyport.flow.registry import Token, token_of, token_row
from sallyport.model import (
    ActionState,
    Agent,
    Answer,
    Approval,
    ApprovalState,
    Away,
    BreakGlass,
    Call,
    Draft,
    DraftState,
    Ending,
    GlassState,
    Json,
    JsonObject,
    Level,
    Origin,
    Passed,
    Person,
    Proposal,
    Question,
    Stage,
    Switch,
    Task,
    Verdict,
    Vouched,
    WorkflowStep,
)
from sallyport.ports import Row
from sallyport.rules import canonical
from sallyport.rules.boundary.compile import as_json
from sallyport.simulate.surroundings import PlainVault

VAULT = PlainVault()
SCHEMA = Path(sallyport.__file__).parent / "adapters" / "storage" / "schema.sql"

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
numbers = st.integers(0, 2**53)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6))
scalars = st.none() | st.booleans() | st.integers() | decimals | texts
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects: st.SearchStrategy[JsonObject] = st.dictionaries(texts, values, max_size=3)

agents = st.builds(
    Agent,
    name=texts,
    owner=texts,
    stage=st.sampled_from(Stage),
    active=st.booleans(),
    purpose=texts,
    contact=texts,
)
people = st.builds(
    Person,
    name=texts,
    roles=st.frozensets(texts, max_size=3),
    public_key=texts,
    active=st.booleans(),
    away=st.none() | st.builds(Away, from_us=numbers, until_us=numbers, to=texts),
)
tasks = st.builds(
    Task,
    id=texts,
    workflow=texts,
    agent=texts,
    instance=texts,
    requester=texts,
    boundary=texts,
    inputs=objects,
    opened_us=numbers,
    expires_us=numbers,
    words=texts,
    standing=st.booleans(),
    closed=st.booleans(),
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Return a call whose proposal bears its id."""
    call_id = draw(texts)
    return Call(
        id=call_id,
        proposal=Proposal(
            call_id=call_id,
            task_id=draw(texts),
            tool=draw(texts),
            args=draw(objects),
            channel=draw(texts),
            origin=draw(st.sampled_from(Origin)),
            parent=draw(texts),
            by=draw(texts),
            meta=draw(objects),
        ),
        agent=draw(texts),
        instance=draw(texts),
        workflow=draw(texts),
        requester=draw(texts),
        system=draw(texts),
        level=draw(st.sampled_from(Level)),
        digest=draw(texts),
        boundary=draw(texts),
        ending=draw(st.sampled_from(Ending)),
        proposed_us=draw(numbers),
        verdict=draw(st.sampled_from(Verdict)),
        action=draw(st.none() | st.sampled_from(ActionState)),
        approval_id=draw(texts),
        idempotency_key=draw(texts),
        delivered=draw(st.booleans()),
        glass=draw(texts),
    )


questions = st.builds(
    Question, who=st.lists(texts, max_size=3).map(tuple), how_many=numbers, within_s=numbers
)
answers = st.builds(
    Answer,
    person=texts,
    yes=st.booleans(),
    because=texts,
    at_us=numbers,
    signature=texts,
    confirmed_own=st.booleans(),
    kind=texts,
    code=texts,
    arguments=st.lists(texts, max_size=2).map(tuple),
    key=texts,
)
passed = st.builds(
    Passed, person=texts, how=texts, to=texts, because=texts, at_us=numbers, signature=texts
)
approvals = st.builds(
    Approval,
    id=texts,
    call_id=texts,
    digest=texts,
    boundary=texts,
    question=questions,
    state=st.sampled_from(ApprovalState),
    asked_us=numbers,
    expires_us=numbers,
    target=texts,
    about=texts,
    object=objects,
    answers=st.lists(answers, max_size=3).map(tuple),
    passed=st.lists(passed, max_size=2).map(tuple),
    not_before_us=numbers,
)
vouched = st.builds(Vouched, person=texts, at_us=numbers, signature=texts, key=texts)
glasses = st.builds(
    BreakGlass,
    id=texts,
    scope=texts,
    because=texts,
    lasts_s=numbers,
    state=st.sampled_from(GlassState),
    asked=vouched,
    asked_us=numbers,
    second=st.none() | vouched,
    since_us=numbers,
    ends_us=numbers,
    ended_us=numbers,
    ended_by=texts,
    review=st.none() | vouched,
    found=texts,
    words=texts,
)
drafts = st.builds(
    Draft,
    id=texts,
    call_id=texts,
    task_id=texts,
    tool=texts,
    state=st.sampled_from(DraftState),
    stored_us=numbers,
    released_as=texts,
)
workflow_steps = st.builds(
    WorkflowStep,
    name=texts,
    workflow=texts,
    public_key=texts,
    because=texts,
    active=st.booleans(),
)
switches = st.builds(
    Switch,
    id=texts,
    scope=texts,
    verdict=st.sampled_from(Verdict),
    because=texts,
    by=texts,
    since_us=numbers,
)
tokens = st.builds(
    Token,
    id=texts,
    kind=texts,
    agent=texts,
    workflow=texts,
    task=texts,
    person=texts,
    expires_us=numbers,
    label=texts,
    revoked=st.booleans(),
)

NOUNS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Row], Callable[[Row], Any]]] = {
    "agents": (agents, lambda one: rows.agent_row(one, 1), rows.agent_of),
    "workflow_steps": (
        workflow_steps,
        lambda one: rows.workflow_step_row(one, 1),
        rows.workflow_step_of,
    ),
    "people": (people, lambda one: rows.person_row(one, 1), rows.person_of),
    "tasks": (
        tasks,
        lambda one: rows.task_row(one, VAULT),
        lambda row: rows.task_of(row, VAULT),
    ),
    "calls": (
        calls(),
        lambda one: rows.call_row(one, VAULT, reasons="[]", at_us=1),
        lambda row: rows.call_of(row, VAULT),
    ),
    "approvals": (
        approvals,
        lambda one: rows.approval_row(one, VAULT),
        lambda row: rows.approval_of(row, VAULT),
    ),
    "drafts": (drafts, rows.draft_row, rows.draft_of),
    "switches": (switches, rows.switch_row, rows.switch_of),
    "glasses": (glasses, rows.glass_row, rows.glass_of),
    "tokens": (tokens, lambda one: token_row(one, 1), token_of),
}


@pytest.mark.parametrize("table", NOUNS)
@given(data=st.data())
def test_a_noun_comes_back_from_its_row_as_it_was(table: str, data: st.DataObject) -> None:
    """Every field, whatever it holds; numbers keep their digits."""
    nouns, to_row, of_row = NOUNS[table]
    noun = data.draw(nouns)
    back = of_row(to_row(noun))

    assert back == noun
    assert _spelled(back) == _spelled(noun)


@pytest.mark.parametrize("table", NOUNS)
@given(data=st.data())
def test_a_row_fits_its_table(table: str, data: st.DataObject) -> None:
    """Every column of the table and no other, with values that a database keeps."""
    nouns, to_row, _ = NOUNS[table]
    row = to_row(data.draw(nouns))

    assert set(row) == COLUMNS[table]
    assert all(isinstance(value, (str, int, bytes, type(None))) for value in row.values())


@given(calls())
def test_what_was_said_stands_in_a_row_only_sealed(call: Call) -> None:
    """Arguments and meta are in the one sealed column, under the call's own label."""
    row = rows.call_row(call, VAULT, reasons="[]", at_us=1)
    sealed = row["proposal"]
    assert isinstance(sealed, bytes)

    assert sealed.startswith(f"calls/{call.id}/proposal\0".encode())
    assert not any(isinstance(value, bytes) for name, value in row.items() if name != "proposal")


def test_one_rows_sealed_bytes_do_not_open_in_another() -> None:
    """Whoever swaps two rows' columns gets an error, not another call's arguments."""
    first, second = (
        rows.task_row(
            Task(
                id=name,
                workflow="w",
                agent="a",
                instance="a",
                requester="r",
                boundary="b",
                inputs={"ticket": name},
                opened_us=1,
                expires_us=2,
            ),
            VAULT,
        )
        for name in ("t1", "t2")
    )

    with pytest.raises(SealError):
        rows.task_of({**first, "inputs": second["inputs"]}, VAULT)


@pytest.mark.parametrize(
    "read, value", [(rows.text, 1), (rows.number, "1"), (rows.blob, "x"), (rows.text, None)]
)
def test_a_column_of_the_wrong_kind_is_a_corrupt_store(
    read: Callable[[Row, str], object], value: str | int | None
) -> None:
    """It is named, and never guessed at."""
    with pytest.raises(StoreCorruptError, match="column `c`"):
        read({"c": value}, "c")


def test_every_noun_of_a_table_is_here() -> None:
    """A function that is added to `rows` tomorrow gets its round trip tomorrow."""
    made = {name for name in vars(rows) if name.endswith("_row")}

    assert made == {f"{_singular(table)}_row" for table in NOUNS if table != "tokens"}


def _singular(table: str) -> str:
    return {"people": "person", "switches": "switch", "glasses": "glass"}.get(table, table[:-1])


def _columns() -> dict[str, set[str]]:
    with sqlite3.connect(":memory:") as database:
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        found = {
            table: {str(row[1]) for row in database.execute(f"pragma table_info({table})")}
            for table in NOUNS
        }
    database.close()
    return found


def _spelled(noun: object) -> str:
    """Return a noun with every number as it is written: 1.50 is equal to 1.5 and spelled else."""
    return canonical.text(as_json(noun))


COLUMNS = _columns()
