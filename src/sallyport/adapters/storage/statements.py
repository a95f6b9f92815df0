"""Every statement that is run on rows, spelled once.

Names come from the schema of the open database, which was compared with ours; anything else is an
`InvariantError`. Values are always bound.

Python gives its lock away around each statement, and a busy loop takes long to give it back. So
the same statement on many rows is spelled as one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sallyport.errors import InvariantError
from sallyport.ports import Insert, Row, Update, Value

CLOSED = frozenset({"ledger", "payloads", "counters", "epochs", "alembic_version"})
"""Tables that change through records, reservations and epochs only."""

LEFT_OUT = {"action": "done"}
"""What an index leaves out where it is not the empty word: almost every call is done."""

ANSWERED = "approval.answered"
"""A kind of ledger entries with an index of its own, used only where a statement spells it."""

KEPT = "store."
"""Rows of `meta` that belong to the store itself."""

ROWS_MAX = 64
"""Rows that one statement takes at most. Smaller ones are powers of two, so that few are kept."""


class Shape:
    """A statement that can be spelled for one row or for many; equal ones are the same object."""

    def __init__(
        self, table: str, spell: Callable[[int], str], *, rows_max: int = ROWS_MAX
    ) -> None:
        self.table = table
        self._spell = spell
        self._spelled: dict[int, str] = {}
        self._rows_max = rows_max

    def parts(self, rows: Sequence[Sequence[Value]]) -> Iterator[tuple[str, list[Value], int]]:
        """Yield statement, values and number of rows until all rows are done, in order."""
        begin, left = 0, len(rows)
        while left:
            size = min(self._rows_max, 1 << (left.bit_length() - 1))
            part = rows[begin : begin + size]
            yield self._statement(size), [value for row in part for value in row], size
            begin, left = begin + size, left - size

    def _statement(self, size: int) -> str:
        found = self._spelled.get(size)
        if found is None:
            found = self._spelled[size] = self._spell(size)
        return found


def _adding(table: str, names: Sequence[str], otherwise: str = "") -> Shape:
    marks = f"({','.join('?' * len(names))})"
    begin = f"INSERT INTO {table} ({', '.join(names)}) VALUES "  # noqa: S608
    return Shape(table, lambda rows: f"{begin}{','.join([marks] * rows)}{otherwise}")


_RESERVE = """
INSERT INTO counters (id, value)
SELECT ?1, ?2 WHERE ?2 <= ?3 OR EXISTS (SELECT 1 FROM counters WHERE id = ?1)
ON CONFLICT (id) DO UPDATE SET value = value + ?2 WHERE value + ?2 <= ?3
"""
RESERVE = Shape("counters", lambda _: _RESERVE, rows_max=1)
RAISE = "INSERT INTO epochs (id, epoch) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET epoch = ?2"

WORDS = ("call", "task", "agent", "person", "tool", "workflow", "verdict")
"""The columns of the ledger that a record's index may fill."""

PAYLOAD = _adding("payloads", ("seq", "salt", "sealed"))
ENTRY = _adding("ledger", ("stream", "seq", "hash", "data", "commit_id", "kind", "at_us", *WORDS))


class Statements:
    """Statements for rows, cached by their shape."""

    def __init__(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        self._columns = columns
        self._names = {table: frozenset(names) for table, names in columns.items()}
        self._inserts: dict[tuple[str, tuple[str, ...]], Shape] = {}
        self._updates: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Shape] = {}

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table, in the order in which rows are read.

        Raises:
            InvariantError: There is no such table.
        """
        self._known(table)
        return self._columns[table]

    def insert(self, change: Insert) -> tuple[Shape, list[Value]]:
        """Return the statement that adds a row, or changes nothing when the id is known.

        Raises:
            InvariantError: The table or a column is unknown or closed.
        """
        key = (change.table, tuple(change.row))
        shape = self._inserts.get(key)
        if shape is None:
            self._open(change.table, change.row)
            shape = _adding(change.table, tuple(change.row), " ON CONFLICT (id) DO NOTHING")
            self._inserts[key] = shape
        _refuse_kept(change.table, change.row.get("id"))
        return shape, list(change.row.values())

    def update(self, change: Update) -> tuple[Shape, list[Value]]:
        """Return the statement that changes one row if it is as expected; an empty row only looks.

        Raises:
            InvariantError: The table or a column is unknown or closed.
        """
        key = (change.table, tuple(change.row), tuple(change.expect))
        shape = self._updates.get(key)
        if shape is None:
            self._open(change.table, change.row)
            self._known(change.table, change.expect)
            if "id" in change.row:
                raise InvariantError(f"a change would rename a row of `{change.table}`")
            shape = self._updates[key] = _changing(*key)
        _refuse_kept(change.table, change.id)
        return shape, [*change.row.values(), change.id, *change.expect.values()]

    def select(
        self,
        table: str,
        where: Row,
        *,
        newest_first: bool,
        limit: int | None,
        only: Sequence[str] = (),
    ) -> tuple[str, list[Value]]:
        """Return the statement that reads rows in order of insertion, whole or some columns.

        Raises:
            InvariantError: The table or a column is unknown.
        """
        self._known(table, [*where, *only])
        wanted = " AND ".join(_equals(name, value) for name, value in where.items())
        # For a few columns an index that holds them all is worth sorting for; the sign allows it.
        order = f"{'+' if only and limit is None else ''}rowid{' DESC' if newest_first else ''}"
        statement = (
            f"SELECT {', '.join(only or self._columns[table])} FROM {table}"  # noqa: S608
            f"{' WHERE ' if wanted else ''}{wanted} ORDER BY {order}"
        )
        values: list[Value] = [value for value in where.values() if value is not None]
        if limit is None:
            return statement, values
        return f"{statement} LIMIT ?", [*values, limit]

    def pick(self, table: str, many: int, *, only: Sequence[str]) -> str:
        """Return the statement that reads some columns of so many rows by their ids.

        Raises:
            InvariantError: The table or a column is unknown.
        """
        self._known(table, only)
        marks = ",".join("?" * many)
        return f"SELECT {', '.join(only)} FROM {table} WHERE id IN ({marks})"  # noqa: S608

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


def _changing(table: str, changed: tuple[str, ...], expected: tuple[str, ...]) -> Shape:
    given = [f"v.column{number + 1}" for number in range(len(changed) + 1 + len(expected))]
    sets = ", ".join(f"{name} = {value}" for name, value in zip(changed, given, strict=False))
    mine, *wanted = given[len(changed) :]
    guards = (f" AND {table}.{n} IS {v}" for n, v in zip(expected, wanted, strict=True))
    where = f"{table}.id = {mine}{''.join(guards)}"
    marks = f"({','.join('?' * len(given))})"
    begin = f"UPDATE {table} SET {sets or f'id = {table}.id'} FROM (VALUES "  # noqa: S608
    return Shape(table, lambda rows: f"{begin}{','.join([marks] * rows)}) AS v WHERE {where}")


def _equals(name: str, value: Value) -> str:
    if value is None:
        return f"{name} IS NULL"
    # An index that leaves out a word is used only where the question leaves it out as well.
    left_out = LEFT_OUT.get(name, "")
    if not isinstance(value, str) or value == left_out:
        return f"{name} = ?"
    return f"{name} = ? AND {name} <> '{left_out}'"


def _refuse_kept(table: str, row: Value) -> None:
    if table == "meta" and isinstance(row, str) and row.startswith(KEPT):
        raise InvariantError(f"`{KEPT}` names in `meta` belong to the store")
