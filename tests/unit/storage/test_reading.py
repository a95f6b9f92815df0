"""Reading parts of rows: what is asked for, for those that are meant, and cheap for thousands."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sallyport.adapters.storage import SqliteStore
from sallyport.errors import InvariantError
from sallyport.flow.listing import ASKED
from sallyport.model import JsonObject
from sallyport.ports import Append, Insert, LedgerQuery, Record, Value

pytestmark = pytest.mark.anyio

DATABASE = "sallyport.db"


async def drafted(store: SqliteStore, *ids: str) -> None:
    """Write drafts."""
    changes = [Insert("drafts", {"id": one, "tool": f"tool of {one}"}) for one in ids]
    await store.append(Append(records=(), changes=tuple(changes)))


async def test_some_columns_come_as_they_are_named_and_in_order(store: SqliteStore) -> None:
    """Nothing else of the row is read."""
    await drafted(store, "b", "a")
    assert await store.rows("drafts", only=("tool", "id")) == [
        {"tool": "tool of b", "id": "b"},
        {"tool": "tool of a", "id": "a"},
    ]
    newest = await store.rows("drafts", newest_first=True, limit=1, only=("id",))
    assert newest == [{"id": "a"}]


async def test_rows_are_picked_by_their_ids_however_many(store: SqliteStore) -> None:
    """More than one statement takes; what is not there is left out."""
    ids = [f"d{number}" for number in range(1203)]
    await drafted(store, *ids)
    found = await store.pick("drafts", [*ids[1:], "none"], only=("id",))
    assert {row["id"] for row in found} == set(ids[1:])
    assert await store.pick("drafts", [], only=("id",)) == []


@pytest.mark.parametrize("table", ["drafts", "nothing"])
async def test_a_column_that_there_is_not_is_refused(store: SqliteStore, table: str) -> None:
    """No name reaches a statement that the schema does not have."""
    with pytest.raises(InvariantError):
        await store.rows(table, only=("id; DROP TABLE drafts",))
    with pytest.raises(InvariantError):
        await store.pick(table, ["a"], only=("nothing",))


def plan_of(folder: Path, statement: str, values: Sequence[Value]) -> str:
    """Return how the database would run a statement."""
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        found = database.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    return "; ".join(str(step[-1]) for step in found)


async def test_what_stands_in_a_list_of_questions_is_read_from_an_index_alone(
    store: SqliteStore, folder: Path
) -> None:
    """A row is long, and its end far from its beginning: thousands of them take a second."""
    await drafted(store, "a")
    asked = f"SELECT {', '.join(ASKED)} FROM approvals WHERE state = ? AND state <> ''"  # noqa: S608
    assert "COVERING INDEX approvals_in_brief" in plan_of(folder, asked, ["waiting"])


async def test_how_calls_of_a_tool_were_answered_is_found_among_all_its_entries(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without reading the rest of them: a tool has a million entries, and few answers."""
    for number in range(6):
        kind = "approval.answered" if number % 3 == 0 else "call.concluded"
        body: JsonObject = {"number": number}
        entry = Record(kind=kind, at_us=number + 1, body=body, index={"tool": "t"})
        await store.append(Append(records=(entry,), changes=()))
    plans: list[str] = []
    inside: Any = store
    really = inside._read

    def planned(statement: str, values: Sequence[Value]) -> list[Any]:
        if "FROM ledger WHERE seq >= ? AND" in statement:
            plans.append(plan_of(folder, statement, values))
        found: list[Any] = really(statement, values)
        return found

    monkeypatch.setattr(store, "_read", planned)
    query = LedgerQuery(tool="t", kind="approval.answered", newest_first=True, limit=200)
    assert [one.seq for one in await store.ledger(query)] == [4, 1]
    assert len(plans) == 1
    assert "INDEX ledger_of_answers" in plans[0]
