"""Many appends in one transaction, each alone in its guards.

Rules:
  1. Guards are looked at inside the transaction that commits what they guard, by the only
     connection that writes.
  2. Each append of a batch has a savepoint; what fails is undone to it, and the others go on.
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

Outcome: TypeAlias = "Appended | Blocked | SallyportError"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement, and what it means when it changes no row."""

    statement: str
    values: Sequence[Value]
    otherwise: Blocked | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One record, canonical but for its place."""

    prepared: str
    columns: tuple[Value, ...]
    at_us: int
    payload: Step | None


@dataclass(frozen=True, slots=True)
class Job:
    """An append, made ready outside the transaction."""

    steps: tuple[Step | RaiseEpoch, ...]
    records: tuple[Written, ...]
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
            tuple(self._step(change) for change in item.changes),
            tuple(_written(record) for record in item.records),
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
        if len(jobs) == 1:
            return [self._alone(jobs[0])]
        present, outcomes = self.present, list[Outcome]()
        for job in jobs:
            present, outcome = self._saved(present, job)
            outcomes.append(outcome)
        self._cursor.execute("COMMIT")
        self.present = present
        return outcomes

    def _alone(self, job: Job) -> Outcome:
        """Commit a batch of one: the transaction is its savepoint."""
        try:
            present, outcome = self._apply(self.present, job)
        except (_HeldError, InvariantError, *OF_THE_ITEM) as error:
            self._cursor.execute("ROLLBACK")
            return _fault(error)
        self._cursor.execute("COMMIT")
        self.present = present
        return outcome

    def _saved(self, present: Present, job: Job) -> tuple[Present, Outcome]:
        self._cursor.execute("SAVEPOINT item")
        try:
            after = self._apply(present, job)
        except (_HeldError, InvariantError, *OF_THE_ITEM) as error:
            self._cursor.execute("ROLLBACK TO item")
            after = (present, _fault(error))
        self._cursor.execute("RELEASE item")
        return after

    def _apply(self, present: Present, job: Job) -> tuple[Present, Outcome]:
        if job.fence is not None:
            _pass(job.fence, present)
        for step in job.steps:
            if isinstance(step, RaiseEpoch):
                present = self._raise(present, step)
            else:
                self._do(step)
        before = present.head.seq
        for record in job.records:
            present = self._chain(present, record)
        seqs = tuple(range(before + 1, present.head.seq + 1))
        return present, Appended(epoch=present.epoch, seqs=seqs)

    def _do(self, step: Step) -> None:
        changed = self._cursor.execute(step.statement, step.values).rowcount
        if changed == 0 and step.otherwise is not None:
            raise _HeldError(step.otherwise)

    def _raise(self, present: Present, change: RaiseEpoch) -> Present:
        to = change.to or present.epoch + 1
        raised = {scope: max(to, present.epochs.get(scope, 0)) for scope in change.scopes}
        self._cursor.executemany(RAISE, raised.items())
        return replace(present, epochs={**present.epochs, **raised}, epoch=max(to, present.epoch))

    def _chain(self, present: Present, record: Written) -> Present:
        seq = present.head.seq + 1
        data = ledger.in_place(record.prepared, self.stream, seq, present.head.hash)
        linked = ledger.chain_hash(data)
        if record.payload is not None:
            self._do(record.payload)
        self._cursor.execute(ENTRY, (self.stream, seq, linked, data, *record.columns))
        return Present(
            head=ledger.Head(seq, linked),
            last_us=max(present.last_us, record.at_us),
            epochs=present.epochs,
            epoch=present.epoch,
        )

    def _step(self, change: Change) -> Step | RaiseEpoch:
        match change:
            case Insert():
                statement, values = self._statements.insert(change)
                return Step(statement, values, Blocked(why="exists", subject=change.table))
            case Update():
                statement, values = self._statements.update(change)
                return Step(statement, values, Blocked(why="changed", subject=change.table))
            case Reserve():
                limit = NO_LIMIT if change.at_most is None else change.at_most
                blocked = Blocked(why="limit", subject=change.counter)
                return Step(RESERVE, (change.counter, change.amount, limit), blocked)
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
        "SELECT seq, hash FROM ledger WHERE stream = ? ORDER BY seq DESC LIMIT 1", (stream,)
    ).fetchone()
    head = ledger.Head(*last) if last else ledger.Head(0, ledger.genesis(stream))
    (last_us,) = connection.execute("SELECT max(at_us) FROM ledger").fetchone()
    epochs: dict[str, int] = dict(connection.execute("SELECT id, epoch FROM epochs"))
    epoch = max(epochs.values(), default=0)
    return Present(head=head, last_us=last_us or 0, epochs=epochs, epoch=epoch)


def _pass(fence: Fence, present: Present) -> None:
    for scope in (EVERYTHING, *fence.scopes):
        if present.epochs.get(scope, 0) > fence.seen:
            raise _HeldError(Blocked(why="epoch", subject=scope))


def _written(record: Record) -> Written:
    unknown = record.index.keys() - set(WORDS)
    if unknown:
        raise InvariantError(f"the ledger has no search column `{min(unknown)}`")
    payload = record.payload
    content = ledger.Content(
        kind=record.kind,
        at_us=record.at_us,
        body=record.body,
        index=record.index,
        commit=payload.commit if payload else "",
    )
    words = (record.index.get(word, "") for word in WORDS)
    return Written(
        ledger.prepare(content),
        (content.commit, content.kind, content.at_us, *words),
        record.at_us,
        Step(PAYLOAD, (payload.commit, payload.salt, payload.sealed)) if payload else None,
    )


def _fault(error: Exception) -> Outcome:
    if isinstance(error, _HeldError):
        return error.blocked
    if isinstance(error, InvariantError):
        return error
    kind = getattr(error, "sqlite_errorname", "") or type(error).__name__
    return InvariantError(f"an append holds a value that no column takes (`{kind}`)")
