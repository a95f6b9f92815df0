"""Many appends in one transaction, each alone in its guards.

Rules:
  1. Guards are looked at inside the transaction that commits what they guard, by the only
     connection that writes.
  2. A batch is first done as a whole, the same statement for all rows at once. This needs that no
     row is named twice and that every guard holds, so that the order does not matter. Otherwise
     everything is undone, and each append of the batch is done by itself under a savepoint; what
     fails is undone to it, and the others go on.
  3. Chain head and epochs in memory move only when the commit has returned. After a commit that
     failed, they are read anew from the database before anything else is written.
  4. An entry gets its number and its predecessor's hash inside the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from sallyport.adapters.storage.failures import OF_THE_ITEM, store_error
from sallyport.adapters.storage.statements import (
    ENTRY,
    PAYLOAD,
    RAISE,
    RESERVE,
    WORDS,
    Shape,
    Statements,
)
from sallyport.errors import InvariantError, SallyportError
from sallyport.ports import (
    Append,
    Appended,
    Blocked,
    Change,
    Fence,
    Insert,
    RaiseEpoch,
    Record,
    Reserve,
    Update,
    Value,
)
from sallyport.rules import ledger

EVERYTHING = "everything"
NO_LIMIT = 2**62
KNOWN = frozenset(WORDS)
UNTOLD = Blocked(why="", subject="")
"""Something of a batch did not hold; what, is found when its appends are done one by one."""

Outcome: TypeAlias = "Appended | Blocked | SallyportError"


@dataclass(frozen=True, slots=True)
class Step:
    """One row to write, and what it means when it was not written. A counter has no `row`."""

    shape: Shape
    values: Sequence[Value]
    row: Value
    otherwise: Blocked


@dataclass(frozen=True, slots=True)
class Written:
    """One record, canonical but for its place."""

    prepared: str
    columns: tuple[Value, ...]
    at_us: int
    payload: Sequence[Value] | None


@dataclass(frozen=True, slots=True)
class Job:
    """An append, made ready outside the transaction."""

    steps: Sequence[Step | RaiseEpoch]
    records: Sequence[Written]
    fence: Fence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What the only writer knows of the database: chain head, time of the last entry, epochs."""

    head: ledger.Head
    last_us: int
    epochs: Mapping[str, int]
    epoch: int


class _HeldError(Exception):
    """A guard did not hold."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__()
        self.blocked = blocked


class Engine:
    """The only connection that writes."""

    def __init__(self, connection: sqlite3.Connection, statements: Statements, stream: str) -> None:
        self.stream = stream
        self.present = load(connection, stream)
        self._connection = connection
        self._cursor = connection.cursor()
        self._statements = statements
        self._suspect = False

    def prepare(self, item: Append) -> Job:
        """Do all that needs no transaction.

        Raises:
            InvariantError: A table, column or index word is unknown, or a body is not JSON.
        """
        return Job(
            [self._step(change) for change in item.changes],
            [_written(record) for record in item.records],
            item.fence,
        )

    def run(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Commit a batch and return what became of each append. Never raises."""
        try:
            return self._transaction(jobs)
        except (sqlite3.Error, OSError, MemoryError) as error:
            self._abandon()
            return [store_error(error) for _ in jobs]
        except Exception as error:  # noqa: BLE001 - an unanswered caller would wait for ever
            self._abandon()
            name = type(error).__name__
            return [InvariantError(f"the writer failed with `{name}`") for _ in jobs]

    def checkpoint(self) -> None:
        """Move everything into the one file; what a full disk leaves beside it is safe there."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _transaction(self, jobs: Sequence[Job]) -> list[Outcome]:
        if self._suspect:
            self.present = load(self._connection, self.stream)
            self._suspect = False
        self._cursor.execute("BEGIN IMMEDIATE")
        try:
            present, outcomes = self._together(jobs)
        except (_HeldError, InvariantError, *OF_THE_ITEM):
            self._cursor.execute("ROLLBACK")
            self._cursor.execute("BEGIN IMMEDIATE")
            present, outcomes = self._one_by_one(jobs)
        self._cursor.execute("COMMIT")
        self.present = present
        return outcomes

    def _together(self, jobs: Sequence[Job]) -> tuple[Present, list[Outcome]]:
        """Do a whole batch at once.

        Raises:
            _HeldError: A guard of somebody's does not hold, or the order matters.
        """
        by_shape: dict[Shape, list[Sequence[Value]]] = {}
        rows: list[tuple[str, Value]] = []
        for job in jobs:
            _pass(job.fence, self.present)
            for step in job.steps:
                if isinstance(step, RaiseEpoch):
                    raise _HeldError(UNTOLD)
                by_shape.setdefault(step.shape, []).append(step.values)
                if step.row is not None:
                    rows.append((step.shape.table, step.row))
        if len(set(rows)) != len(rows):
            raise _HeldError(UNTOLD)
        for shape, values in by_shape.items():
            if self._write(shape, values) != len(values):
                raise _HeldError(UNTOLD)
        return self._chained(self.present, jobs)

    def _one_by_one(self, jobs: Sequence[Job]) -> tuple[Present, list[Outcome]]:
        present, outcomes = self.present, list[Outcome]()
        for job in jobs:
            self._cursor.execute("SAVEPOINT item")
            try:
                present, outcome = self._apply(present, job)
            except (_HeldError, InvariantError, *OF_THE_ITEM) as error:
                self._cursor.execute("ROLLBACK TO item")
                outcome = _fault(error)
            self._cursor.execute("RELEASE item")
            outcomes.append(outcome)
        return present, outcomes

    def _apply(self, present: Present, job: Job) -> tuple[Present, Outcome]:
        _pass(job.fence, present)
        for step in job.steps:
            if isinstance(step, RaiseEpoch):
                present = self._raise(present, step)
            elif self._write(step.shape, [step.values]) == 0:
                raise _HeldError(step.otherwise)
        present, outcomes = self._chained(present, [job])
        return present, outcomes[0]

    def _write(self, shape: Shape, rows: Sequence[Sequence[Value]]) -> int:
        """Write rows and return how many were."""
        written = 0
        for statement, values, _ in shape.parts(rows):
            written += self._cursor.execute(statement, values).rowcount
        return written

    def _raise(self, present: Present, change: RaiseEpoch) -> Present:
        to = change.to or present.epoch + 1
        raised = {scope: max(to, present.epochs.get(scope, 0)) for scope in change.scopes}
        self._cursor.executemany(RAISE, raised.items())
        return replace(present, epochs={**present.epochs, **raised}, epoch=max(to, present.epoch))

    def _chained(self, present: Present, jobs: Sequence[Job]) -> tuple[Present, list[Outcome]]:
        """Put the records of jobs into the chain, one after the other."""
        seq, prev, last_us = present.head.seq, present.head.hash, present.last_us
        entries: list[Sequence[Value]] = []
        payloads: list[Sequence[Value]] = []
        outcomes: list[Outcome] = []
        for job in jobs:
            before = seq
            for record in job.records:
                seq += 1
                data = ledger.in_place(record.prepared, self.stream, seq, prev)
                prev = ledger.chain_hash(data)
                last_us = max(last_us, record.at_us)
                entries.append((self.stream, seq, prev, data, *record.columns))
                if record.payload is not None:
                    payloads.append((seq, *record.payload))
            outcomes.append(Appended(epoch=present.epoch, seqs=tuple(range(before + 1, seq + 1))))
        self._write(PAYLOAD, payloads)
        self._write(ENTRY, entries)
        head = ledger.Head(seq, prev)
        return Present(
            head=head, last_us=last_us, epochs=present.epochs, epoch=present.epoch
        ), outcomes

    def _step(self, change: Change) -> Step | RaiseEpoch:
        match change:
            case Insert():
                shape, values = self._statements.insert(change)
                blocked = Blocked(why="exists", subject=change.table)
                return Step(shape, values, change.row.get("id"), blocked)
            case Update():
                shape, values = self._statements.update(change)
                return Step(shape, values, change.id, Blocked(why="changed", subject=change.table))
            case Reserve():
                limit = NO_LIMIT if change.at_most is None else change.at_most
                blocked = Blocked(why="limit", subject=change.counter)
                return Step(RESERVE, (change.counter, change.amount, limit), None, blocked)
            case RaiseEpoch():
                return change

    def _abandon(self) -> None:
        self._suspect = True
        # Even if this fails, `_suspect` makes the next batch look at the database first.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def load(connection: sqlite3.Connection, stream: str) -> Present:
    """Read what the writer has to know.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    last = connection.execute(
        "SELECT seq, hash, at_us FROM ledger ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    seq, linked, last_us = last or (0, ledger.genesis(stream), 0)
    epochs: dict[str, int] = dict(connection.execute("SELECT id, epoch FROM epochs"))
    epoch = max(epochs.values(), default=0)
    return Present(head=ledger.Head(seq, linked), last_us=last_us, epochs=epochs, epoch=epoch)


def _pass(fence: Fence | None, present: Present) -> None:
    if fence is None:
        return
    for scope in (EVERYTHING, *fence.scopes):
        if present.epochs.get(scope, 0) > fence.seen:
            raise _HeldError(Blocked(why="epoch", subject=scope))


def _written(record: Record) -> Written:
    index, payload = record.index, record.payload
    if not index.keys() <= KNOWN:
        unknown = min(index.keys() - KNOWN)
        raise InvariantError(f"the ledger has no search column `{unknown}`")
    content = ledger.Content(
        kind=record.kind,
        at_us=record.at_us,
        body=record.body,
        index=index,
        commit=payload.commit if payload else "",
    )
    return Written(
        ledger.prepare(content),
        (content.commit, content.kind, content.at_us, *[index.get(word, "") for word in WORDS]),
        record.at_us,
        (payload.salt, payload.sealed) if payload else None,
    )


def _fault(error: Exception) -> Outcome:
    if isinstance(error, _HeldError):
        return error.blocked
    if isinstance(error, InvariantError):
        return error
    kind = getattr(error, "sqlite_errorname", "") or type(error).__name__
    return InvariantError(f"an append holds a value that no column takes (`{kind}`)")
