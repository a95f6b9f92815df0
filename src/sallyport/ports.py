"""What the flow needs from outside, and nothing about how it is done.

An adapter implements one of these protocols and knows none of the others. The rules that an
implementation must keep stand with each protocol; the simulator implements the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol, TypeAlias

from sallyport.model import Asks, Json, JsonObject, ToolPin
from sallyport.rules.devices import Device
from sallyport.rules.ledger import Link
from sallyport.rules.notices import USUAL, Kind, Notice

Value: TypeAlias = "str | int | bytes | None"
Row: TypeAlias = Mapping[str, Value]


# --- The store: rows, counters, epochs and the ledger, changed together or not at all. ---


@dataclass(frozen=True, slots=True)
class Insert:
    """Add a row. A row with the same `id` is a conflict."""

    table: str
    row: Row


@dataclass(frozen=True, slots=True)
class Update:
    """Change the row `id`, provided that every column named in `expect` still has that value.

    This is the unused-approval guard and every other compare-and-act.
    """

    table: str
    id: str
    expect: Row
    row: Row


@dataclass(frozen=True, slots=True)
class Reserve:
    """Add `amount` to a counter, provided that the sum stays at or below `at_most`."""

    counter: str
    amount: int
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class RaiseEpoch:
    """Make every decision taken before epoch `to` for these scopes too old to act on.

    The process that owns the epochs in memory names the number, so that both always agree; 0
    stands for the next after the highest. A scope's epoch never falls.
    """

    scopes: tuple[str, ...]
    to: int = 0


Change: TypeAlias = "Insert | Update | Reserve | RaiseEpoch"


@dataclass(frozen=True, slots=True)
class Fence:
    """A guard: none of `scopes` was raised after the epoch `seen` at which the call was decided."""

    scopes: tuple[str, ...]
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Sealed bytes that a ledger entry commits to; they can be erased, the entry cannot.

    `commit` is the hex HMAC-SHA256 of the plain bytes under `salt`.
    """

    commit: str
    salt: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry for the ledger. The store adds stream, number and hash chain.

    `body` is clear and canonical: no floats, no secrets, no argument values. `index` holds the
    columns people search by (`call`, `task`, `agent`, `person`, `tool`, `workflow`, `verdict`).
    """

    kind: str
    at_us: int
    body: JsonObject
    index: Mapping[str, str] = field(default_factory=dict[str, str])
    payload: Payload | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Changes and records that become durable together, if their guards hold inside the commit."""

    records: tuple[Record, ...]
    changes: tuple[Change, ...] = ()
    fence: Fence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The append is on disk. `epoch` is the highest epoch after it; `seqs` numbers its records."""

    epoch: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A guard did not hold, so nothing of this append happened; others of its batch did.

    `why` is `epoch`, `limit`, `changed` (an `Update` whose expectation failed) or `exists`
    (an `Insert` of a known id); `subject` names the counter or the table.
    """

    why: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One ledger entry as stored: the canonical bytes are the truth, the rest was read from them.

    `hash` is the hex chain hash of this entry.
    """

    stream: str
    seq: int
    hash: str
    data: bytes
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery:
    """What to look for in the ledger; empty fields match everything.

    Times are microseconds, `since_us` inclusive and `until_us` exclusive. Newest first when
    `newest_first`. `after_seq` pages on within one stream.
    """

    call: str = ""
    task: str = ""
    agent: str = ""
    person: str = ""
    tool: str = ""
    workflow: str = ""
    verdict: str = ""
    kind: str = ""
    since_us: int = 0
    until_us: int = 2**62
    newest_first: bool = False
    limit: int = 1000


class Store(Protocol):
    """The one database.

    Rules:

    1. An `Append` is durable (fsynced) when `append` returns `Appended`, or it did not happen.
    2. All changes, guards and records of one append hold together or not at all; a guard that
       fails rolls back only its own append.
    3. Records are chained in the order of commit.
    4. `StoreError` when the database cannot take it; the caller refuses the call.
    """

    async def append(self, item: Append) -> Appended | Blocked:
        """Make one append durable, batched with whatever else is waiting."""
        ...

    async def rows(
        self,
        table: str,
        where: Row | None = None,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        only: Sequence[str] = (),
    ) -> Sequence[Row]:
        """Return the rows whose columns equal `where`, in order of insertion.

        Args:
            table: Which rows.
            where: Columns and the values that they have.
            newest_first: The other way round.
            limit: So many at most.
            only: The columns to read; all of them where none is named.
        """
        ...

    async def pick(
        self, table: str, ids: Sequence[str], *, only: Sequence[str] = ()
    ) -> Sequence[Row]:
        """Return the rows that have these ids, or some columns of them, in no order."""
        ...

    async def counters(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the present value of each counter; one that never was is 0."""
        ...

    async def epoch(self) -> int:
        """Return the highest epoch of all scopes; 0 in a new database."""
        ...

    async def last_time_us(self) -> int:
        """Return the time of the last ledger entry; 0 when the ledger is empty."""
        ...

    async def ledger(self, query: LedgerQuery) -> Sequence[Logged]:
        """Return matching ledger entries, in ledger order unless `newest_first`."""
        ...

    async def payload(self, seq: int, commit: str) -> Payload | None:
        """Return the sealed bytes of entry `seq`, which commits to them, or None once erased."""
        ...

    def links(self) -> Iterable[Link]:
        """Return the whole ledger in stored order, read as it is asked for, from any thread."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, checkpoint, and let go of the file."""
        ...


# --- Upstreams: the business systems. ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One request that may leave. `arguments` are the exact bytes that the digest covers.

    `principal` keeps pooled connections apart. `idempotency_key` is empty unless the tool's
    recovery class is `idempotency_key`. `timeout_ms` bounds the whole exchange.

    `tool` is a tool's name, or one of `rules.methods`: then that is the method, and `arguments`
    are its parameters. `abilities` names what the system may ask in the middle of the call, by
    `rules.asking`; with none it is told that nobody can be asked. `answers` and `state` go on with
    a call whose system asked: see `Asks`. `progress` and `log_level` say whether the asker wants
    to hear of progress, and from which level on of log messages (empty for none).
    """

    call_id: str
    system: str
    tool: str
    arguments: bytes
    meta: JsonObject
    principal: str
    timeout_ms: int
    idempotency_key: str = ""
    abilities: frozenset[str] = frozenset()
    answers: JsonObject = field(default_factory=dict[str, Json])
    state: str = ""
    progress: bool = False
    log_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A definite answer of the system: the result object as received, its error, or what it asks.

    `result` is the MCP result object of the method, a `CallToolResult` for a tool (reserved `_meta`
    keys already removed). `error` is a JSON-RPC error object. One of the three is set.
    """

    result: JsonObject | None
    error: JsonObject | None = None
    asks: Asks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a system says unasked, over a principal's connection: `method` as MCP names it.

    `notifications/resources/updated` with the `uri`, or one of the other `list_changed`. Empty
    `principal`: it concerns everybody.
    """

    system: str
    principal: str
    method: str
    uri: str = ""


Hear: TypeAlias = Callable[[str, JsonObject], None]
"""Takes what a system says while a call is out: `notifications/progress` (without its token) or
`notifications/message`, and the parameters. It never raises and never waits."""


Launch: TypeAlias = Callable[[], None]
"""Compare epoch and stop file and put the call on the list of those on the wire, or raise
`NotLaunchedError`. An adapter calls it once, right before the first byte of the request leaves,
with no await between."""


class NotLaunchedError(Exception):
    """The fence closed before the first byte left; nothing was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Upstreams(Protocol):
    """The only way out.

    Rules:

    1. `launch()` is called right before the first byte of the request, with no await between.
    2. An exception before `launch()` is `UpstreamDownError`: nothing was sent. After it, anything
       but a definite answer to this very request is `UpstreamLostError`.
    3. Inbound credentials never arrive here; the system's own is added here and nowhere else.
    4. Nothing is retried.
    """

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Send one call and return the system's definite answer, or what it asks first.

        With a `state`, go on with the call that asked: `UpstreamDownError` where the system waits
        no more. What is asked and has no answer is declined.

        Cancelled, it tells the system that nobody waits for the answer any more.
        """
        ...

    async def unlisten(self, system: str, principal: str, uri: str) -> None:
        """Have a system say no more of a resource to a principal of whom nobody listens.

        It is a courtesy: no connection is opened for it, and it never fails.
        """
        ...

    def let_go(self, state: str) -> None:
        """Wait no more on a call whose system asked, and tell the system so, if it waits.

        Args:
            state: What the question came with.
        """
        ...

    async def prepare(self, system: str, principal: str) -> None:
        """Open the connection that a call would use, so that watchers hear of it beforehand."""
        ...

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return the tools the system offers now, each with the hash of its definition."""
        ...

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call `changed(system)` whenever a system says, or seems, to have changed its tools."""
        ...

    def listen(self, told: Callable[[News], None]) -> None:
        """Call `told` with whatever else a system says outside of a call."""
        ...

    async def close(self) -> None:
        """Close every connection and end every child process."""
        ...


# --- The prover. ---

NO_SOLVER = "no solver is installed here: install sallyport[prove]"
"""Why everything is unknown where the extra is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a prover found. Only `proved` is a yes: unknown is not proved.

    `counterexamples` holds concrete calls, each confirmed by the evaluator itself: `tool`, `args`,
    `context`, `was` and `now`. `solver` is its name and version, empty where there is none;
    `ms` how long it took; `formulas` the hex digest of everything that the solver was asked.
    """

    proved: bool
    unknown: tuple[str, ...] = ()
    counterexamples: tuple[JsonObject, ...] = ()
    unasked: tuple[str, ...] = ()
    """The live `allow` entries that let happen unasked what asks by default, each with its end."""
    useless: tuple[str, ...] = ()
    """Entries that no call can match and tools that nobody can reach: they grant nothing."""
    solver: str = ""
    ms: int = 0
    formulas: str = ""

    def as_json(self) -> JsonObject:
        """Return it as it is kept with a version and in the ledger."""
        return {
            "proved": self.proved,
            "unknown": list[Json](self.unknown),
            "counterexamples": list[Json](self.counterexamples),
            "unasked": list[Json](self.unasked),
            "useless": list[Json](self.useless),
            "solver": self.solver,
            "ms": self.ms,
            "formulas": self.formulas,
        }


class Prover(Protocol):
    """Proves what a version of a boundary grants.

    Rules:

    1. It never raises for sources that compile. What it cannot do, for want of time or of a
       solver, is unknown, with the reason.
    2. It ends within `seconds`, whatever the solver does.
    """

    async def prove(
        self, new: JsonObject, old: JsonObject | None, *, today: date, seconds: float = 30.0
    ) -> Proof:
        """Prove that a version grants nothing that another did not.

        Without another version, prove what each version must keep by itself: its `always` lines,
        and that nothing which asks by default happens unasked but by a live `allow` entry.

        Args:
            new: The sources of a version: `workflow` (text), `workflow_file`, `systems` (text by
                file name) and `pins`.
            old: The sources of the version it is compared with.
            today: The first day that matters.
            seconds: How long all of it may take.
        """
        ...


# --- Telling people. ---


@dataclass(frozen=True, slots=True)
class Delivered:
    """A channel took a notice. `note` says whom it did not reach all the same, empty for nobody."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It did not get through now. `why` is one clause without address or credential.

    `after_s` is how long the other side wants to be left alone, 0 where it does not say.
    """

    why: str
    after_s: int = 0


@dataclass(frozen=True, slots=True)
class GaveUp:
    """It never will get through like this. `why` as for `TryAgain`."""

    why: str


Sent: TypeAlias = "Delivered | TryAgain | GaveUp"

ONE_LANE: Final = ("",)
NOBODY: Final[tuple[str, ...]] = ()
"""What a channel returns that reaches everybody at once, or nobody."""


class Notifier(Protocol):
    """One way to tell people that something wants them.

    Rules:

    1. `send` never raises for what a network, a server or a setting does, and ends within a minute.
    2. What leaves is the notice and nothing else; it has the notice's id, so that whoever gets it
       twice can tell.
    3. Nothing that comes back is taken for an answer of a person.
    """

    @property
    def kind(self) -> str:
        """What sort of channel this is: `webhook`, `mail`, `slack` or `push`."""
        ...

    def reaches(self, notice: Notice) -> Sequence[str]:
        """Return the lanes by which this channel tells of it, each of which fails by itself.

        A channel that has one way alone returns `ONE_LANE`, and nothing where there is nobody to
        tell.
        """
        ...

    async def send(self, notice: Notice) -> Sent:
        """Tell of it once, and say what came of it."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A notifier under the name that the settings give it, and what it is to tell of."""

    name: str
    notifier: Notifier
    tells: frozenset[Kind] = USUAL


class Devices(Protocol):
    """The devices on which people asked to be told."""

    def of(self, names: Collection[str] | None = None) -> Sequence[Device]:
        """Return the devices of these people, or of everybody, where they are active."""
        ...

    async def gone(self, device: str, why: str) -> None:
        """Forget a device that cannot be reached any more."""
        ...


class BrowserKeys(Protocol):
    """Writes for one browser, in our name."""

    def encrypted(self, plain: bytes, device: Device) -> bytes:
        """Return a body that the device can open, and nobody else.

        Raises:
            ValueError: The device's key is none, or there is too much to say.
        """
        ...

    def authorization(self, kept: str, endpoint: str, *, contact: str, now_s: int) -> str:
        """Return the header by which the push service at an address knows who writes.

        Raises:
            ValueError: What is kept is no key.
        """
        ...


# --- The small ones. ---


class Clock(Protocol):
    """The only source of time."""

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        ...


class Ids(Protocol):
    """The only source of chance."""

    def new(self, prefix: str) -> str:
        """Return a fresh unguessable id that starts with `prefix`."""
        ...

    def salt(self) -> bytes:
        """Return 32 fresh random bytes."""
        ...


class Vault(Protocol):
    """Seals bytes at rest. `label` is bound in: sealed bytes open only under the same label."""

    def seal(self, label: str, plain: bytes) -> bytes:
        """Return sealed bytes."""
        ...

    def open(self, label: str, sealed: bytes) -> bytes:
        """Return the plain bytes, or raise `SealError`."""
        ...

    def mark(self, label: str, plain: bytes) -> str:
        """Return a hex digest of bytes that nobody without the key can make or guess from."""
        ...


class Signatures(Protocol):
    """Checks what people signed."""

    def verify(self, public_key: str, message: bytes, signature: str) -> bool:
        """Return whether the hex signature over `message` was made by this Ed25519 key."""
        ...

    def usable(self, public_key: str) -> bool:
        """Return whether this is a key that only its holder can sign with."""
        ...


class StopFile(Protocol):
    """The stop that works when nothing answers: a file that anyone on the host may create."""

    def scopes(self) -> tuple[str, ...]:
        """Return the scopes the file stops: none without a file, `everything` if unreadable.

        Synchronous and cheap: it is asked before each first byte.
        """
        ...

    def lift(self, scope: str) -> None:
        """Take one scope out of the file, which a `resume` does after it was recorded.

        Others stay. A file that stops everything because it cannot be read is deleted.
        """
        ...
