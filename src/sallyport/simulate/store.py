"""The database of the simulated world: the promises of `ports.Store`, and nothing on a disk.

Rules, those of the embedded database:
  1. An append takes its place in the queue the moment it is called. What is queued is committed in
     that order, some at a time, and answered in that order.
  2. Each append is alone in its guards: what fails leaves no trace, and the others go on.
  3. Guards, numbers and the chain are looked at when it is committed, not when it is queued.
  4. What was acknowledged survives a crash. Of what was still queued, any first part may have
     become durable, and nobody was told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sallyport.errors import InvariantError, StoreError
from sallyport.ports import (
    Append,
    Appended,
    Blocked,
    Change,
    Fence,
    Insert,
    LedgerQuery,
    Logged,
    Payload,
    RaiseEpoch,
    Record,
    Reserve,
    Row,
    Update,
)
from sallyport.rules import ledger
from sallyport.simulate.schedule import Until

STREAM = "simulated"
TABLES = (
    "agents",
    "people",
    "tokens",
    "tasks",
    "instances",
    "calls",
    "approvals",
    "drafts",
    "switches",
    "boundaries",
    "versions",
    "baselines",
    "pins",
    "secrets",
    "images",
    "outbox",
    "devices",
    "sign_ins",
    "workflow_steps",
    "flagged",
    "records",
    "glasses",
    "exercises",
    "grants",
    "lists",
    "meta",
)


@dataclass(frozen=True, slots=True)
class Move:
    """What one commit did to one row; `before` is None for a new one."""

    table: str
    id: str
    before: Row | None
    after: Row


@dataclass(frozen=True, slots=True)
class Commit:
    """One append that became durable."""

    records: tuple[tuple[int, Record], ...]
    moves: tuple[Move, ...]
    raised: tuple[str, ...]


Outcome: TypeAlias = "Appended | Blocked | StoreError"


@dataclass(slots=True, eq=False)
class _Ticket:
    item: Append
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Undo:
    """How to take back what an append has done so far, and what it did."""

    steps: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])
    moves: list[Move] = field(default_factory=list[Move])
    raised: list[str] = field(default_factory=list[str])


class _GuardError(Exception):
    def __init__(self, why: str, subject: str) -> None:
        super().__init__(why)
        self.blocked = Blocked(why=why, subject=subject)


class MemoryStore:
    """Implements `ports.Store`.

    Args:
        committed: Told of every commit, in order.
    """

    def __init__(self, committed: Callable[[Commit], None]) -> None:
        self._committed = committed
        self._tables: dict[str, dict[str, Row]] = {table: {} for table in TABLES}
        self._counters: dict[str, int] = {}
        self._epochs: dict[str, int] = {}
        self._payloads: dict[int, Payload] = {}
        self._entries: list[tuple[Logged, Record]] = []
        self._queue: deque[_Ticket] = deque()
        self._unanswered: deque[_Ticket] = deque()
        self.acknowledged = 0
        """The number of the last entry whose writer was told that it is durable."""

    # --- What the world does to it. ---

    @property
    def queued(self) -> int:
        """How many appends wait to be committed."""
        return len(self._queue)

    @property
    def last_hash(self) -> str:
        """The hash of the last entry of the ledger."""
        return self._entries[-1][0].hash if self._entries else ledger.genesis(STREAM)

    def plant(self, table: str, row: Row) -> None:
        """Put a row there before the world begins."""
        self._rows_of(table)[str(row["id"])] = row

    def commit(self, count: int, *, failing: bool = False) -> None:
        """Commit the first `count` appends of the queue; all of them fail on a failing disk."""
        for _ in range(min(count, len(self._queue))):
            ticket = self._queue.popleft()
            ticket.outcome = StoreError("the disk is full") if failing else self._apply(ticket.item)

    def crash(self, surviving: int) -> None:
        """Lose the process: the first `surviving` queued appends are durable, the rest is gone."""
        self.commit(surviving)
        self._queue.clear()
        self._unanswered.clear()

    def links(self, since: int = 0) -> list[ledger.Link]:
        """Return the entries after the first `since`, as the verifier reads them."""
        return [_link(logged, record) for logged, record in self._entries[since:]]

    def committed_rows(self, table: str) -> tuple[Row, ...]:
        """Return what is durable, without taking a turn."""
        return tuple(self._rows_of(table).values())

    # --- The port. ---

    async def append(self, item: Append) -> Appended | Blocked:
        """Queue an append and wait for its turn to be answered."""
        ticket = _Ticket(item)
        self._queue.append(ticket)
        self._unanswered.append(ticket)
        await Until(lambda: ticket.outcome is not None and self._unanswered[0] is ticket)
        self._unanswered.popleft()
        if ticket.outcome is None or isinstance(ticket.outcome, StoreError):
            raise ticket.outcome or StoreError("the append was not answered")
        if isinstance(ticket.outcome, Appended):
            self.acknowledged = max(self.acknowledged, *ticket.outcome.seqs, 0)
        return ticket.outcome

    async def rows(
        self,
        table: str,
        where: Row | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        only: Sequence[str] = (),
    ) -> Sequence[Row]:
        """Return the matching rows as they are some time between the call and its answer."""
        await Until()
        wanted = (where or {}).items()
        found = [
            _part(row, only)
            for row in self._rows_of(table).values()
            if all(row[name] == value for name, value in wanted)
        ]
        await Until()
        return (found[::-1] if newest_first else found)[:limit]

    async def pick(
        self, table: str, ids: Sequence[str], *, only: Sequence[str] = ()
    ) -> Sequence[Row]:
        """Return parts of the rows with these ids, as they are some time in between."""
        await Until()
        rows = self._rows_of(table)
        found = [_part(rows[one], only) for one in ids if one in rows]
        await Until()
        return found

    async def counters(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the counters."""
        await Until()
        found = {name: self._counters.get(name, 0) for name in names}
        await Until()
        return found

    async def epoch(self) -> int:
        """Return the highest epoch."""
        await Until()
        return self._epoch()

    async def last_time_us(self) -> int:
        """Return the time of the last entry."""
        await Until()
        return max((record.at_us for _, record in self._entries), default=0)

    async def ledger(self, query: LedgerQuery) -> Sequence[Logged]:
        """Return the matching entries."""
        await Until()
        found = [logged for logged, record in self._entries if _matches(query, record)]
        return (found[::-1] if query.newest_first else found)[: query.limit]

    async def payload(self, seq: int, commit: str) -> Payload | None:
        """Return sealed bytes."""
        del commit
        await Until()
        return self._payloads.get(seq)

    async def close(self) -> None:
        """Commit what was accepted."""
        self.commit(len(self._queue))
        await Until()

    # --- One append. ---

    def _apply(self, item: Append) -> Appended | Blocked:
        undo = _Undo()
        try:
            self._guard(item.fence)
            for change in item.changes:
                self._change(change, undo)
        except _GuardError as held:
            for step in reversed(undo.steps):
                step()
            return held.blocked
        records = tuple((self._chain(record), record) for record in item.records)
        self._committed(Commit(records, tuple(undo.moves), tuple(undo.raised)))
        return Appended(epoch=self._epoch(), seqs=tuple(seq for seq, _ in records))

    def _guard(self, fence: Fence | None) -> None:
        if fence is None:
            return
        for scope in ("everything", *fence.scopes):
            if self._epochs.get(scope, 0) > fence.seen:
                raise _GuardError("epoch", scope)

    def _change(self, change: Change, undo: _Undo) -> None:
        match change:
            case Insert():
                self._insert(change, undo)
            case Update():
                self._update(change, undo)
            case Reserve():
                self._reserve(change, undo)
            case RaiseEpoch():
                self._raise(change, undo)

    def _insert(self, change: Insert, undo: _Undo) -> None:
        rows, row_id = self._rows_of(change.table), str(change.row["id"])
        if row_id in rows:
            raise _GuardError("exists", change.table)
        rows[row_id] = dict(change.row)
        undo.steps.append(lambda: rows.pop(row_id))
        undo.moves.append(Move(change.table, row_id, None, rows[row_id]))

    def _update(self, change: Update, undo: _Undo) -> None:
        rows = self._rows_of(change.table)
        before = rows.get(change.id)
        if before is None or any(before[name] != value for name, value in change.expect.items()):
            raise _GuardError("changed", change.table)
        unknown = change.row.keys() - before.keys()
        if unknown:
            raise InvariantError(f"table `{change.table}` has no column `{min(unknown)}`")
        after = rows[change.id] = {**before, **change.row}
        undo.steps.append(lambda: rows.update({change.id: before}))
        undo.moves.append(Move(change.table, change.id, before, after))

    def _reserve(self, change: Reserve, undo: _Undo) -> None:
        after = self._counters.get(change.counter, 0) + change.amount
        if change.at_most is not None and after > change.at_most:
            raise _GuardError("limit", change.counter)
        undo.steps.append(_restorer(self._counters))
        self._counters[change.counter] = after

    def _raise(self, change: RaiseEpoch, undo: _Undo) -> None:
        undo.steps.append(_restorer(self._epochs))
        to = change.to or self._epoch() + 1
        for scope in change.scopes:
            self._epochs[scope] = max(to, self._epochs.get(scope, 0))
        undo.raised += change.scopes

    def _chain(self, record: Record) -> int:
        seq = len(self._entries) + 1
        payload = record.payload
        content = ledger.Content(
            kind=record.kind,
            at_us=record.at_us,
            body=record.body,
            index=record.index,
            commit=payload.commit if payload else "",
        )
        data = ledger.entry_bytes(STREAM, seq, self.last_hash, content)
        if payload is not None:
            self._payloads[seq] = payload
        logged = Logged(
            stream=STREAM, seq=seq, hash=ledger.chain_hash(data), data=data, commit=content.commit
        )
        self._entries.append((logged, record))
        return seq

    def _rows_of(self, table: str) -> dict[str, Row]:
        if table == "epochs":
            return {scope: {"id": scope, "epoch": at} for scope, at in self._epochs.items()}
        rows = self._tables.get(table)
        if rows is None:
            raise InvariantError(f"there is no table `{table}`")
        return rows

    def _epoch(self) -> int:
        return max(self._epochs.values(), default=0)


def _restorer(values: dict[str, int]) -> Callable[[], object]:
    before = dict(values)

    def restore() -> None:
        values.clear()
        values.update(before)

    return restore


def _link(logged: Logged, record: Record) -> ledger.Link:
    columns: dict[str, str | int] = {
        **record.index,
        "kind": record.kind,
        "at_us": record.at_us,
        "commit": logged.commit,
    }
    return ledger.Link(
        stream=logged.stream, seq=logged.seq, hash=logged.hash, data=logged.data, columns=columns
    )


def _part(row: Row, only: Sequence[str]) -> Row:
    return {name: row[name] for name in only} if only else row


def _matches(query: LedgerQuery, record: Record) -> bool:
    words = ("call", "task", "agent", "person", "tool", "workflow", "verdict")
    return (
        all(getattr(query, word) in {"", record.index.get(word, "")} for word in words)
        and query.kind in {"", record.kind}
        and query.since_us <= record.at_us < query.until_us
    )
