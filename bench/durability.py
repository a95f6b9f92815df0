"""What durability costs, beside the speed of the disk: ledger entries a second, and one call alone.

Every governed call is on disk before it leaves and again before its answer does. A commit takes all
that waits, so entries a second may be many times the disk's syncs a second, until a core is full.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import statistics
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import machine
from bench.load import Address, Crowd
from bench.processes import cpu_ns
from bench.race import Size, measure
from bench.targets import DIRECT, GOVERNED, TARGETS, Running, site

CALLERS = 64
TIMES = 10
"""The aim: so many ledger entries for every sync that the disk could do one by one."""
FULL = 0.9
"""A process of one interpreter that keeps this much of a core busy has no more to give."""
SLACK_MS = 1.5
"""What a call alone may take beyond the direct call and two syncs."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Durability:
    """Medians of the rounds. `cores` is what the gateway kept busy, `machine` what all did."""

    entries_per_s: float
    calls_per_s: float
    syncs_per_s: float
    cores: float
    machine: float
    of_cores: int
    alone_ms: float
    direct_ms: float
    errors: int

    @property
    def times(self) -> float:
        """How many ledger entries there are to a sync that the disk could do."""
        return self.entries_per_s / self.syncs_per_s

    @property
    def limit(self) -> str:
        """Which limit was hit."""
        if self.cores >= FULL:
            return "a core is full: the gateway's own"
        if self.machine >= FULL * self.of_cores:
            return "a core is full: all cores of the machine are busy"
        return "the disk, or waiting for it"

    @property
    def allowed_ms(self) -> float:
        """What a call alone may take at the median."""
        return self.direct_ms + 2 * 1000 / self.syncs_per_s + SLACK_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    entries_per_s: float
    calls_per_s: float
    syncs_per_s: float
    cores: float
    machine: float
    errors: int


async def run(folder: Path, *, calls: int, rounds: int, say: Say) -> Durability:
    """Measure in rounds: many callers, one caller, one caller directly."""
    counter = itertools.count(1)
    turns, alone, direct = list[_Turn](), list[float](), list[float]()
    async with site(folder) as place, _both(place) as (ours, theirs):
        database = folder / GOVERNED / ".sallyport" / "sallyport.db"
        for number in range(rounds):
            turns.append(await _turn(ours, calls, counter, folder, database))
            size = Size(callers=1, calls=max(50, calls // 5), warm_up=20)
            alone.append((await measure(ours, size, counter, folder))[1].p50_ms)
            direct.append((await measure(theirs, size, counter, folder))[1].p50_ms)
            told = f"{turns[-1].entries_per_s:.0f} entries/s, {alone[-1]:.2f} ms alone"
            say(f"round {number + 1}: {told}")

    def middle(of: Callable[[_Turn], float]) -> float:
        return statistics.median(of(one) for one in turns)

    return Durability(
        entries_per_s=middle(lambda one: one.entries_per_s),
        calls_per_s=middle(lambda one: one.calls_per_s),
        syncs_per_s=middle(lambda one: one.syncs_per_s),
        cores=middle(lambda one: one.cores),
        machine=middle(lambda one: one.machine),
        of_cores=len(os.sched_getaffinity(0)),
        alone_ms=statistics.median(alone),
        direct_ms=statistics.median(direct),
        errors=sum(one.errors for one in turns),
    )


@asynccontextmanager
async def _both(place: Any) -> AsyncGenerator[tuple[Running, Running]]:
    async with TARGETS[GOVERNED](place) as ours, TARGETS[DIRECT](place) as theirs:
        yield ours, theirs


async def _turn(
    ours: Running, calls: int, counter: Iterator[int], folder: Path, database: Path
) -> _Turn:
    crowd = await Crowd.gather(Address(ours.address.url, ours.address.token), CALLERS, counter)
    try:
        await crowd.work(CALLERS * 2)
        # Before and after, since the disk is not ours alone.
        syncs = [machine.syncs_per_s(folder)]
        before, busy, entries = cpu_ns(ours.pids), busy_s(), _entries(database)
        began = time.perf_counter()
        tally = await crowd.work(calls)
        took = time.perf_counter() - began
        spent, used = cpu_ns(ours.pids) - before, busy_s() - busy
        written = _entries(database) - entries
        syncs.append(machine.syncs_per_s(folder))
    finally:
        crowd.leave()
    return _Turn(
        entries_per_s=written / took,
        calls_per_s=calls / took,
        syncs_per_s=statistics.fmean(syncs),
        cores=spent / 1e9 / took,
        machine=used / took,
        errors=tally.errors,
    )


def busy_s() -> float:
    """Return the CPU time that the whole machine has spent on work so far."""
    with Path("/proc/stat").open(encoding="ascii") as file:
        user, nice, system, _, _, irq, soft, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _entries(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found: int = connection.execute("SELECT max(rowid) FROM ledger").fetchone()[0]
        return found


def lines(found: Durability) -> Sequence[str]:
    """Return what was found, a sentence each."""
    many = (
        f"{CALLERS} callers: {found.entries_per_s:.0f} ledger entries/s "
        f"({found.calls_per_s:.0f} calls/s) at {found.syncs_per_s:.0f} disk syncs/s: "
        f"{found.times:.1f}x."
    )
    limit = f"Limit: {found.limit} (gateway {found.cores:.2f} cores, machine {found.machine:.2f})."
    aim = f"Aim, at least {TIMES}x unless a core is full: {outcome(found)}."
    alone = (
        f"One caller: p50 {found.alone_ms:.2f} ms; direct {found.direct_ms:.2f} ms + 2 syncs of "
        f"{1000 / found.syncs_per_s:.2f} ms + {SLACK_MS} ms = {found.allowed_ms:.2f} ms: "
        f"{'met' if found.alone_ms <= found.allowed_ms else 'missed'}."
    )
    return [many, limit, aim, alone, *([f"{found.errors} errors"] if found.errors else [])]


def outcome(found: Durability) -> str:
    """Return what became of the aim."""
    if found.times >= TIMES:
        return "met"
    return "a core is full first" if found.limit.startswith("a core") else "missed"


def as_json(found: Durability) -> dict[str, Any]:
    """Return it as JSON."""
    told = asdict(found)
    return {**told, "times": found.times, "limit": found.limit, "allowed_ms": found.allowed_ms}


def section(found: Durability, machine_line: str) -> str:
    """Return the section of the documentation."""
    told = "\n".join(f"- {line}" for line in lines(found))
    return f"""## Durability: `make bench ARGS="--fsync --write"`

Every call is on disk before it leaves and again before its answer does; a commit takes all that
waits. A disk sync here is a 4 KiB write and `fdatasync`, one by one, before and after each turn.

- Machine: {machine_line}.
{told}
"""
