"""The store on SQLite: one writer, one reader, one file, one process.

A read takes place in the caller's thread, on a connection of its own: it costs about ten
microseconds and sees everything that was acknowledged before.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sallyport.adapters.storage import database, folder
from sallyport.adapters.storage.engine import Engine
from sallyport.adapters.storage.failures import store_error
from sallyport.adapters.storage.head_file import HeadFile
from sallyport.adapters.storage.statements import ANSWERED, WORDS, Statements
from sallyport.adapters.storage.writer import Writer
from sallyport.errors import BrokenChainError
from sallyport.ports import Append, Appended, Blocked, LedgerQuery, Logged, Payload, Row, Value
from sallyport.rules.ledger import Head, Link, genesis, verify

DATABASE = "sallyport.db"
LOCK = "lock"
HEAD = "head"
PAGE = 1000
PICKED = 500
"""So many ids stand in one statement."""
LINK_COLUMNS: tuple[str, ...] = ("kind", "at_us", "commit", *WORDS)

SELECT_LOGGED = "SELECT stream, seq, hash, data, commit_id FROM ledger"
SELECT_TIME = "SELECT at_us FROM ledger WHERE seq >= ? ORDER BY seq LIMIT 1"
SELECT_LINKS = (
    f"SELECT stream, seq, hash, data, kind, at_us, commit_id, {', '.join(WORDS)}"  # noqa: S608
    " FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReport:
    """What opening found.

    `migrated_from` is the older schema, if any. When `rolled_back` is not empty, the ledger is
    shorter than it was or has another past, and says why: pause everything, void approvals.
    """

    created: bool
    migrated_from: str
    rolled_back: str
    head: Head


OPEN_END_US: Final = LedgerQuery().until_us


class SqliteStore:
    """The one database, embedded. Implements `ports.Store`; made by `open_store`."""

    def __init__(
        self,
        *,
        engine: Engine,
        reader: sqlite3.Connection,
        statements: Statements,
        note: HeadFile,
        opened: OpenReport,
        held: ExitStack,
    ) -> None:
        self.opened = opened
        self.stream = engine.stream
        self._engine = engine
        self._reader = reader
        self._reading = threading.Lock()
        self._statements = statements
        self._note = note
        self._held = held
        self._writer = Writer(engine, lambda: note.note(engine.present.head))

    async def append(self, item: Append) -> Appended | Blocked:
        """Make one append durable, batched with whatever else is waiting.

        Cancelling the caller does not take the append back.

        Raises:
            StoreError: The database could not take it; nothing of it happened.
            InvariantError: It names an unknown table or column, or holds what is not storable.
        """
        return await self._writer.append(self._engine.prepare(item))

    async def rows(
        self,
        table: str,
        where: Row | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        only: Sequence[str] = (),
    ) -> Sequence[Row]:
        """Return the rows whose columns equal `where`, in order of insertion."""
        names = only or self._statements.columns(table)
        statement, values = self._statements.select(
            table, where or {}, newest_first=newest_first, limit=limit, only=only
        )
        return [dict(zip(names, row, strict=True)) for row in self._read(statement, values)]

    async def pick(
        self, table: str, ids: Sequence[str], *, only: Sequence[str] = ()
    ) -> Sequence[Row]:
        """Return the rows that have these ids, or some columns of them, in no order."""
        found: list[Row] = []
        only = only or self._statements.columns(table)
        for begin in range(0, len(ids), PICKED):
            part = ids[begin : begin + PICKED]
            statement = self._statements.pick(table, len(part), only=only)
            read = self._read(statement, part)
            found += (dict(zip(only, row, strict=True)) for row in read)
        return found

    async def counters(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the present value of each counter; one that never was is 0."""
        values = dict.fromkeys(names, 0)
        for name in values:
            for (value,) in self._read("SELECT value FROM counters WHERE id = ?", [name]):
                values[name] = value
        return values

    async def epoch(self) -> int:
        """Return the highest epoch of all scopes; 0 in a new database."""
        return self._engine.present.epoch

    async def last_time_us(self) -> int:
        """Return the latest time of all ledger entries; 0 when the ledger is empty."""
        return self._engine.present.last_us

    async def ledger(self, query: LedgerQuery) -> Sequence[Logged]:
        """Return matching ledger entries, in ledger order unless `newest_first`."""
        conditions = ["seq >= ?"]
        values: list[Value] = [self._first_at(query.since_us)]
        if query.until_us != OPEN_END_US:
            # What was committed a moment ago may be read before the head knows of it.
            conditions.append("seq < ?")
            values.append(self._first_at(query.until_us))
        named: dict[str, str] = {
            "kind": query.kind,
            **{word: getattr(query, word) for word in WORDS},
        }
        for name, value in named.items():
            if value:
                conditions.append(f"{name} = ? AND {name} <> ''")
                values.append(value)
        if query.kind == ANSWERED:
            conditions.append(f"kind = '{ANSWERED}'")
        statement = (
            f"{SELECT_LOGGED} WHERE {' AND '.join(conditions)}"
            f" ORDER BY seq {'DESC' if query.newest_first else 'ASC'} LIMIT ?"
        )
        return [_logged(row) for row in self._read(statement, [*values, query.limit])]

    async def payload(self, seq: int, commit: str) -> Payload | None:
        """Return the sealed bytes that an entry commits to, or None once erased."""
        found = self._read("SELECT salt, sealed FROM payloads WHERE seq = ?", [seq])
        if not found or None in found[0]:
            return None
        salt, sealed = found[0]
        return Payload(commit=commit, salt=salt, sealed=sealed)

    def head(self) -> Head:
        """Return the number and hash of the last durable entry."""
        return self._engine.present.head

    def links(self) -> Iterator[Link]:
        """Yield the whole ledger for `rules.ledger.verify`, a page at a time.

        Entries that arrive while it is read may be included. Any thread may read.

        Raises:
            StoreError: The database cannot be read, or is damaged.
        """
        after = -(2**62)
        while page := self._read(SELECT_LINKS, [after, PAGE]):
            for stream, seq, linked, data, *rest in page:
                columns = dict(zip(LINK_COLUMNS, rest, strict=True))
                yield Link(stream=stream, seq=seq, hash=linked, data=data, columns=columns)
            after = page[-1][1]

    async def close(self) -> None:
        """Finish what was accepted, checkpoint, and let go of the file. Closing twice is fine."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._note.note(self._engine.present.head, always=True)
        self._held.close()

    def _first_at(self, at_us: int) -> int:
        """Return the number of the first entry that is not before a time. They are in order."""
        present = self._engine.present
        low, high = 1, present.head.seq + 1
        if at_us <= 0:
            return low
        if at_us > present.last_us:
            return high
        while low < high:
            middle = (low + high) // 2
            found = self._read(SELECT_TIME, [middle])
            if found and found[0][0] < at_us:
                low = middle + 1
            else:
                high = middle
        return low

    def _read(self, statement: str, values: Sequence[Value]) -> list[Any]:
        # Two statements at once on one connection would share a snapshot, and the younger one
        # could miss what was acknowledged in between.
        try:
            with self._reading:
                return self._reader.execute(statement, values).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise store_error(error) from error


def open_store(
    place: Path, *, key_id: str, mounts: folder.Mounts = folder.system_mounts
) -> SqliteStore:
    """Open the state folder's database, making or migrating it; look at `opened` afterwards.

    Args:
        place: The state folder; made when there is none.
        key_id: The public fingerprint of the key file that seals this database's rows.
        mounts: Returns the mount table.

    Raises:
        StoreLockedError: Another `serve` has it.
        NetworkFileSystemError: The folder is not on a local disk.
        StoreVersionError: A newer Sallyport wrote it.
        StoreCorruptError: It is damaged, or not ours.
        BrokenChainError: The ledger's last entry does not follow from the one before it.
        KeyFileError: Another key file belongs to it.
        StoreError: It cannot be opened or written.
    """
    folder.prepare(place, mounts)
    with ExitStack() as stack:
        stack.callback(folder.FolderLock(place / LOCK).release)
        try:
            return _open(place, key_id, stack)
        except (sqlite3.Error, OSError, UnicodeError) as error:
            raise store_error(error) from error


def _open(place: Path, key_id: str, stack: ExitStack) -> SqliteStore:
    path = place / DATABASE
    folder.touch_private(path)
    writer = database.connect_writer(path)
    stack.callback(writer.close)
    created, migrated_from = _bring_up(writer, key_id)
    statements = Statements(database.check_shape(writer))
    stream = database.kept(writer, key_id)
    _check_tail(writer, stream)
    engine = Engine(writer, statements, stream)
    stack.callback(engine.checkpoint)
    reader = database.connect_reader(path)
    stack.callback(reader.close)
    head = engine.present.head
    note = HeadFile(place / HEAD, stream)
    rolled_back = note.compare(writer, head)
    if not rolled_back:
        note.note(head, always=True)
    opened = OpenReport(
        created=created, migrated_from=migrated_from, rolled_back=rolled_back, head=head
    )
    return SqliteStore(
        engine=engine,
        reader=reader,
        statements=statements,
        note=note,
        opened=opened,
        held=stack.pop_all(),
    )


def _bring_up(connection: sqlite3.Connection, key_id: str) -> tuple[bool, str]:
    """Make or migrate the schema; return whether it is new, and from which version it came."""
    if database.is_empty(connection):
        stream = f"w-{secrets.token_hex(4)}"
        database.create(connection, {"stream": stream, "key": key_id})
        return True, ""
    found = database.version(connection)
    if found == database.VERSION:
        return False, ""
    # Imported here: most starts need no migration, and Alembic costs 35 MB and a second.
    from sallyport.adapters.storage.migrate import migrate  # noqa: PLC0415

    migrate(connection)
    return False, found or "0000"


def _check_tail(connection: sqlite3.Connection, stream: str) -> None:
    rows = connection.execute(
        f"{SELECT_LOGGED} WHERE stream = ? ORDER BY seq DESC LIMIT 2", (stream,)
    ).fetchall()
    if not rows:
        return
    last, before = _logged(rows[0]), _logged(rows[1]) if len(rows) > 1 else None
    start = Head(before.seq, before.hash) if before else Head(0, genesis(stream))
    link = Link(stream=stream, seq=last.seq, hash=last.hash, data=last.data)
    problems = verify([link], after={stream: start}).problems
    if problems:
        raise BrokenChainError(f"the last entry, {last.seq}, is wrong: {problems[0].what.value}")


def _logged(row: tuple[str, int, str, bytes, str]) -> Logged:
    stream, seq, linked, data, commit = row
    return Logged(stream=stream, seq=seq, hash=linked, data=data, commit=commit)
