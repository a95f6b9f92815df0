"""Every statement that is run on rows, spelled once.

Names come from the schema of the open database, which was compared with ours; anything else is an
`InvariantError`. Values are always bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sallyport.errors import InvariantError
from sallyport.ports import Insert, Row, Update, Value

CLOSED = frozenset({"ledger", "payloads", "counters", "epochs", "alembic_version"})
"""Tables that change through records, reservations and epochs only."""

KEPT = "store."
"""Rows of `meta` that belong to the store itself."""

RESERVE = """
INSERT INTO counters (id, value)
SELECT ?1, ?2 WHERE ?2 <= ?3 OR EXISTS (SELECT 1 FROM counters WHERE id = ?1)
ON CONFLICT (id) DO UPDATE SET value = value + ?2 WHERE value + ?2 <= ?3
"""
RAISE = "INSERT INTO epochs (id, epoch) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET epoch = ?2"
PAYLOAD = "INSERT INTO payloads (id, salt, sealed) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"

WORDS = ("call", "task", "agent", "person", "tool", "workflow", "verdict")
"""The columns of the ledger that a record's index may fill."""

ENTRY_COLUMNS = ("stream", "seq", "hash", "data", "commit_id", "kind", "at_us", *WORDS)
ENTRY = f"INSERT INTO ledger ({', '.join(ENTRY_COLUMNS)}) VALUES ({','.join('?' * 14)})"  # noqa: S608


class Statements:
    """Statements for rows, cached by their shape."""

    def __init__(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        self._columns = columns
        self._names = {table: frozenset(names) for table, names in columns.items()}
        self._inserts: dict[tuple[str, tuple[str, ...]], str] = {}
        self._updates: dict[tuple[str, tuple[str, ...], tuple[str, ...]], str] = {}

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table, in the order in which rows are read.

        Raises:
            InvariantError: There is no such table.
        """
        self._known(table)
        return self._columns[table]

    def insert(self, change: Insert) -> tuple[str, list[Value]]:
        """Return the statement that adds a row, or changes nothing when the id is known.

        Raises:
            InvariantError: The table or a column is unknown or closed.
        """
        key = (change.table, tuple(change.row))
        statement = self._inserts.get(key)
        if statement is None:
            self._open(change.table, change.row)
            names = ", ".join(change.row)
            marks = ",".join("?" * len(change.row))
            statement = (
                f"INSERT INTO {change.table} ({names}) VALUES ({marks})"  # noqa: S608
                " ON CONFLICT (id) DO NOTHING"
            )
            self._inserts[key] = statement
        _refuse_kept(change.table, change.row.get("id"))
        return statement, list(change.row.values())

    def update(self, change: Update) -> tuple[str, list[Value]]:
        """Return the statement that changes one row if it is as expected; an empty row only looks.

        Raises:
            InvariantError: The table or a column is unknown or closed.
        """
        key = (change.table, tuple(change.row), tuple(change.expect))
        statement = self._updates.get(key)
        if statement is None:
            self._open(change.table, change.row)
            self._known(change.table, change.expect)
            if "id" in change.row:
                raise InvariantError(f"a change would rename a row of `{change.table}`")
            changed = ", ".join(f"{name} = ?" for name in change.row) or "id = id"
            wanted = "".join(f" AND {name} IS ?" for name in change.expect)
            statement = f"UPDATE {change.table} SET {changed} WHERE id = ?{wanted}"  # noqa: S608
            self._updates[key] = statement
        _refuse_kept(change.table, change.id)
        return statement, [*change.row.values(), change.id, *change.expect.values()]

    def select(
        self, table: str, where: Row, *, newest_first: bool, limit: int | None
    ) -> tuple[str, list[Value]]:
        """Return the statement that reads whole rows in order of insertion.

        Raises:
            InvariantError: The table or a column is unknown.
        """
        self._known(table, where)
        wanted = " AND ".join(_equals(name, value) for name, value in where.items())
        statement = (
            f"SELECT {', '.join(self._columns[table])} FROM {table}"  # noqa: S608
            f"{' WHERE ' if wanted else ''}{wanted} ORDER BY rowid{' DESC' if newest_first else ''}"
        )
        values: list[Value] = [value for value in where.values() if value is not None]
        if limit is None:
            return statement, values
        return f"{statement} LIMIT ?", [*values, limit]

    def _known(self, table: str, names: Sequence[str] | Row = ()) -> None:
        known = self._names.get(table)
        if known is None:
            raise InvariantError(f"there is no table `{table}`")
        for name in names:
            if name not in known:
                raise InvariantError(f"table `{table}` has no column `{name}`")

    def _open(self, table: str, names: Row) -> None:
        if table in CLOSED:
            raise InvariantError(f"table `{table}` is not changed row by row")
        self._known(table, names)


def _equals(name: str, value: Value) -> str:
    if value is None:
        return f"{name} IS NULL"
    # An index that leaves out empty words is used only where the question says so.
    return f"{name} = ? AND {name} <> ''" if isinstance(value, str) and value else f"{name} = ?"


def _refuse_kept(table: str, row: Value) -> None:
    if table == "meta" and isinstance(row, str) and row.startswith(KEPT):
        raise InvariantError(f"`{KEPT}` names in `meta` belong to the store")
