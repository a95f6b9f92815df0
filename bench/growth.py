"""What a governed call costs with more and more in the ledger: it must not cost more.

How the ledger grows: real calls are made through a gateway, which is then stopped. What those calls
left behind (ledger entries, sealed results, rows of calls) is written again through the store's own
adapter under fresh ids and digests, many calls to a commit, until there are enough. Then `serve` is
started on it, and its calls are measured, beside the bare pass-through in the same minute.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from bench import pages
from bench.governed import gateway
from bench.load import Address, Crowd
from bench.processes import peak_bytes
from bench.race import MIB, Figures, Size, measure, median
from bench.targets import BARE, TARGETS, Running, Site, site
from sallyport.adapters.keys.key_file import KeyFile
from sallyport.adapters.storage.store import DATABASE, SqliteStore, open_store
from sallyport.ports import Append, Insert, LedgerQuery, Logged, Payload, Record, Row

SEEDS = 100
BATCH = 256
CALLERS = 16
TURNS = 3
FLAT = 1.25
"""A cost that grew by less than a quarter from the smallest to the largest ledger is flat."""

COLUMNS = (
    "ledger entries",
    "CPU ms/call",
    f"x {BARE}",
    "p50 ms",
    "p50 ms alone",
    "calls/s",
    "peak MiB",
    "database MiB",
    "started in s",
)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One size of the ledger: a gateway with `CALLERS` callers, with one, and the pass-through."""

    entries: int
    many: Figures
    alone: Figures
    bare: Figures
    peak_mib: float
    file_mib: float
    start_s: float

    @property
    def ratio(self) -> float:
        """CPU of a governed call over that of a passed one, in the same minute."""
        return self.many.cpu_ms / self.bare.cpu_ms


@dataclass(frozen=True, slots=True)
class Template:
    """What one real call has left behind."""

    call: str
    row: Row
    entries: tuple[Logged, ...]
    payloads: tuple[Payload, ...]


async def run(sizes: Sequence[int], folder: Path, *, calls: int, say: Say) -> list[Point]:
    """Measure at each size, smallest first."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    counter = itertools.count(1)
    async with site(folder) as place, AsyncExitStack() as stack:
        bare = await stack.enter_async_context(TARGETS[BARE](place))
        async with gateway(home, place.upstream) as first:
            token = first.token
            crowd = await Crowd.gather(Address(first.url, token), CALLERS, counter)
            await crowd.work(SEEDS)
            crowd.leave()
        points: list[Point] = []
        for size in sorted(sizes):
            await grow(home / ".sallyport", size, say)
            point = _point(home, place, bare, token=token, calls=calls, counter=counter)
            points.append(await point)
            say(f"{points[-1].entries} entries: {points[-1].many.cpu_ms:.3f} ms CPU a call")
        return points


async def _point(
    home: Path, place: Site, bare: Running, *, token: str, calls: int, counter: Iterator[int]
) -> Point:
    state = home / ".sallyport"
    entries = await _entries(state)
    began = time.perf_counter()
    async with gateway(home, place.upstream, token=token) as found:
        start_s = time.perf_counter() - began
        ours = Running(address=Address(found.url, token), roots=(found.pid,))
        many, alone, passed = list[Figures](), list[Figures](), list[Figures]()
        turns = ((ours, CALLERS, many), (bare, CALLERS, passed), (ours, 1, alone))
        for target, callers, into in turns * TURNS:
            size = Size(callers=callers, calls=calls // TURNS + 1, warm_up=20)
            into.append((await measure(target, size, counter, place.folder))[1])
        peak = peak_bytes(ours.pids) / MIB
    return Point(
        entries=entries,
        many=median(many),
        alone=median(alone),
        bare=median(passed),
        peak_mib=peak,
        file_mib=(state / DATABASE).stat().st_size / MIB,
        start_s=start_s,
    )


async def grow(state: Path, entries: int, say: Say) -> None:
    """Write calls into a state folder that nobody serves, until its ledger has so many entries."""
    store = open_store(state, key_id=KeyFile.load(state / "key").fingerprint)
    try:
        templates = [one async for one in _templates(store)]
        told = time.monotonic()
        while (have := store.head().seq) < entries:
            missing = (entries - have) // len(templates[0].entries) + 1
            chosen = itertools.islice(itertools.cycle(templates), min(BATCH, missing))
            await asyncio.gather(*(store.append(again(one)) for one in chosen))
            if time.monotonic() - told > 5:
                told = time.monotonic()
                say(f"writing the ledger: {have} of {entries} entries")
    finally:
        await store.close()


async def _entries(state: Path) -> int:
    store = open_store(state, key_id=KeyFile.load(state / "key").fingerprint)
    try:
        return store.head().seq
    finally:
        await store.close()


async def _templates(store: SqliteStore) -> AsyncIterator[Template]:
    rows = await store.rows("calls", {"ending": "done"}, limit=SEEDS)
    for row in rows:
        call = str(row["id"])
        entries = tuple(await store.ledger(LedgerQuery(call=call)))
        found = [await store.payload(one.seq, one.commit) for one in entries if one.commit]
        yield Template(call, row, entries, tuple(one for one in found if one is not None))


def again(template: Template) -> Append:
    """Return the same call as another one: fresh ids, digest and commitments, the same shape."""
    call, digest = f"c{secrets.token_hex(10)}", secrets.token_hex(32)
    old_digest = str(template.row["digest"])
    payloads = {one.commit: replace(one, commit=secrets.token_hex(32)) for one in template.payloads}
    row = {**template.row, "id": call, "digest": digest}
    return Append(
        records=tuple(
            _record(one, payloads, {template.call: call, old_digest: digest})
            for one in template.entries
        ),
        changes=(Insert("calls", row),),
    )


def _record(entry: Logged, payloads: dict[str, Payload], renamed: dict[str, str]) -> Record:
    text = entry.data.decode()
    for old, new in renamed.items():
        text = text.replace(old, new)
    found: dict[str, Any] = json.loads(text)
    return Record(
        kind=found["kind"],
        at_us=time.time_ns() // 1000,
        body=found["body"],
        index=found["index"],
        payload=payloads.get(entry.commit),
    )


def rows(points: Sequence[Point]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table."""
    for one in points:
        yield (
            f"{one.entries:,}",
            f"{one.many.cpu_ms:.3f}",
            f"{one.ratio:.2f}",
            f"{one.many.p50_ms:.2f}",
            f"{one.alone.p50_ms:.2f}",
            f"{one.many.calls_per_s:.0f}",
            f"{one.peak_mib:.0f}",
            f"{one.file_mib:.0f}",
            f"{one.start_s:.1f}",
        )


def verdict(points: Sequence[Point]) -> str:
    """Return one sentence: whether the cost is flat."""
    growth = points[-1].many.cpu_ms / points[0].many.cpu_ms
    word = "flat" if growth <= FLAT else "not flat"
    return (
        f"From {points[0].entries:,} to {points[-1].entries:,} entries a call costs {growth:.2f}x "
        f"the CPU: {word} (at most {FLAT:g}x)."
    )


def table(points: Sequence[Point]) -> Table:
    """Return the table for the screen."""
    found = Table(*COLUMNS, title=f"a growing ledger, {CALLERS} callers", title_justify="left")
    for line in rows(points):
        found.add_row(*line)
    return found


def as_json(points: Sequence[Point]) -> dict[str, Any]:
    """Return the points as JSON."""
    return {"points": [asdict(one) for one in points], "verdict": verdict(points)}


def section(points: Sequence[Point], machine: str) -> str:
    """Return the section of the documentation."""
    return f"""## A growing ledger: `make bench ARGS="--growth --write"`

{verdict(points)}

- Machine: {machine}.
- {CALLERS} callers, medians of {TURNS} turns. What lies in the ledger beforehand are real calls,
  written again through the store's adapter under fresh ids, many to a commit. *started in* is until
  the gateway answers.

{pages.table(COLUMNS, rows(points))}
"""
