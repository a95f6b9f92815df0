"""What people wait for: the inbox with thousands in it, a question's page, an answer's effect.

Everything is asked of `sallyport serve`, which was started on a house where so much waits already:
each of those questions is a real call that a real agent made. Then consoles are opened, as many as
a business has people, and governed calls are made with and without them while questions come in.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from bench import pages, person
from bench.filtering import filter_ms
from bench.governed import ASKING, WORKFLOW, Gateway, gateway
from bench.load import Address, Crowd
from bench.processes import BenchError, cpu_ns
from bench.race import MS, Figures, Size, measure, median
from bench.tap import Tap, tapped
from bench.targets import Running, site
from bench.upstream import NOTE
from bench.visitor import Fetched, Stream, Visitor, percentile

WAITING, CONSOLES, CALLERS = 5000, 200, 16
LOOKS = 20
ASK_EVERY_S = 1.0
SLOWER = 1.1
"""Calls may take a tenth more while all those consoles are open."""
KIB = 1024
PAGE_KIB = 60.0
BOUNDARY = ASKING.replace("within: 1m", "within: 8h")
MORE = "waiting_max: 10000\n"
LINKED = re.compile(rb'(?:href|src)="(/static/[a-z0-9.-]+)"|url\("([a-z0-9.-]+)"')

INBOX, AFTER_START, SEARCHED = "inbox", "inbox, first after a start", "inbox, searched"
FILTER, QUESTION, EFFECT = "a key in the filter", "a question's page", "an answer to its effect"
AIMS_MS = {
    AFTER_START: 100.0,
    INBOX: 100.0,
    SEARCHED: 100.0,
    FILTER: 150.0,
    QUESTION: 100.0,
    EFFECT: 50.0,
}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long somebody waits for one thing, in milliseconds; `cpu_ms` is the gateway's own."""

    name: str
    cpu_ms: float
    median_ms: float
    p95_ms: float
    slowest_ms: float
    aim_ms: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was measured. `absent` says why something could not be."""

    waiting: int
    consoles: int
    waits: Sequence[Wait]
    page_kib: float
    parts_kib: Sequence[tuple[str, float]]
    alone: Figures
    watched: Figures
    events: int
    absent: str

    @property
    def slower(self) -> float:
        """CPU of a governed call while the consoles are open over the same without them."""
        return self.watched.cpu_ms / self.alone.cpu_ms


async def run(
    folder: Path, *, waiting: int, consoles: int, calls: int, rounds: int, say: Say
) -> Found:
    """Fill a house, start it anew, and measure."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    counter = itertools.count(1)
    async with site(folder) as place, tapped(place.upstream) as tap:
        async with gateway(home, tap.url, boundary=BOUNDARY, more=MORE) as first:
            await asyncio.to_thread(person.go_live, first)
            token, key = first.token, first.key
            await ask(first, waiting, counter)
            say(f"{waiting} questions wait")
        async with gateway(home, tap.url, token=token, key=key, more=MORE) as gate:
            bench = _Bench(gate, tap, counter, folder)
            waits, absent = await bench.waits(say)
            sizes = await bench.sizes()
            say("opening consoles")
            alone, watched, events = await bench.consoles(consoles, calls=calls, rounds=rounds)
    return Found(
        waiting=waiting,
        consoles=consoles,
        waits=waits,
        page_kib=sum(size for _, size in sizes),
        parts_kib=sizes,
        alone=alone,
        watched=watched,
        events=events,
        absent=absent,
    )


async def ask(gate: Gateway, many: int, counter: Iterator[int]) -> None:
    """Have the agent ask so often.

    Raises:
        BenchError: Fewer wait than were asked.
    """
    crowd = await Crowd.gather(Address(gate.url, gate.token, NOTE), CALLERS, counter)
    try:
        await crowd.work(many)
    finally:
        crowd.leave()
    found = await asyncio.to_thread(gate.client.get, "/admin/status")
    wait = found["waiting"]["questions"]
    if wait < many:
        raise BenchError(f"{wait} questions wait, not {many}")


class _Bench:
    """A gateway that is measured."""

    def __init__(self, gate: Gateway, tap: Tap, counter: Iterator[int], folder: Path) -> None:
        self._gate = gate
        self._tap = tap
        self._counter = counter
        self._folder = folder

    async def waits(self, say: Say) -> tuple[Sequence[Wait], str]:
        """Measure what somebody waits for."""
        visitor = await self._visitor()
        found = [await self._wait(AFTER_START, lambda: _first(visitor.fetch("/inbox")), 1)]
        say(f"{AFTER_START}: {found[0].median_ms:.0f} ms")
        question = await self._question(visitor)
        steps: dict[str, Callable[[], Awaitable[float]]] = {
            INBOX: lambda: self._after_change(visitor, "/inbox"),
            SEARCHED: lambda: _first(visitor.fetch(f"/inbox?q={NOTE}+{WORKFLOW}")),
            QUESTION: lambda: _first(visitor.fetch(f"/approvals/{question}")),
            EFFECT: self._effect,
        }
        for name, step in steps.items():
            found.append(await self._wait(name, step, LOOKS))
            say(f"{name}: {found[-1].median_ms:.0f} ms")
        link = await asyncio.to_thread(person.link, self._gate)
        keys, absent = await filter_ms(link, LOOKS)
        return [*found, *([_told(FILTER, keys, 0.0)] if keys else [])], absent

    async def _wait(self, name: str, step: Callable[[], Awaitable[float]], times: int) -> Wait:
        before = cpu_ns((self._gate.pid,))
        taken = [await step() for _ in range(times)]
        return _told(name, taken, (cpu_ns((self._gate.pid,)) - before) / MS / times)

    async def sizes(self) -> Sequence[tuple[str, float]]:
        """Return the sizes of a question's page and of what it uses, as they travel, in KiB."""
        visitor = await self._visitor()
        page = await visitor.fetch(f"/approvals/{await self._question(visitor)}")
        found, seen = [("page", page)], {""}
        for _, part in found:
            for path in _linked(part):
                if path not in seen:
                    seen.add(path)
                    found.append((path.rsplit("/", 1)[-1], await visitor.fetch(path)))
        return [(name, one.size / KIB) for name, one in found]

    async def consoles(self, many: int, *, calls: int, rounds: int) -> tuple[Figures, Figures, int]:
        """Measure governed calls without consoles and with so many, in turns."""
        visitor = await self._visitor()
        alone, watched, events = list[Figures](), list[Figures](), 0
        for _ in range(rounds):
            alone.append(await self._calls(calls))
            async with AsyncExitStack() as stack:
                streams = [await visitor.listen() for _ in range(many)]
                for one in streams:
                    stack.push_async_callback(one.close)
                watched.append(await self._calls(calls))
                events += _heard(streams)
        return median(alone), median(watched), events // rounds

    async def _visitor(self) -> Visitor:
        visitor = Visitor(await asyncio.to_thread(person.link, self._gate))
        await visitor.enter()
        return visitor

    async def _question(self, visitor: Visitor) -> str:
        found = re.search(rb'href="/approvals/([^"]+)"', (await visitor.fetch("/inbox")).body)
        if found is None:
            raise BenchError("no question is in the inbox")
        return found[1].decode()

    async def _after_change(self, visitor: Visitor, path: str) -> float:
        """Return how long a page takes whose content has just changed."""
        await self._ask_once()
        return await _first(visitor.fetch(path))

    async def _ask_once(self) -> None:
        crowd = await Crowd.gather(
            Address(self._gate.url, self._gate.token, NOTE), 1, self._counter
        )
        await crowd.work(1)
        crowd.leave()

    async def _effect(self) -> float:
        """Return the time from sending a yes to the first byte of its call at the system."""
        question = await self._question(await self._visitor())
        known = len(self._tap.calls)
        sent = person.answering(self._gate, question, yes=True)
        began = time.perf_counter()
        answered = asyncio.create_task(asyncio.to_thread(sent))
        arrived = await asyncio.wait_for(self._tap.after(known), 60)
        await answered
        return (arrived - began) * 1000

    async def _calls(self, calls: int) -> Figures:
        """Measure governed calls while a question comes in every second."""
        asking = asyncio.create_task(self._asking())
        target = Running(address=Address(self._gate.url, self._gate.token), roots=(self._gate.pid,))
        try:
            size = Size(callers=CALLERS, calls=calls, warm_up=max(20, calls // 10))
            tally, figures = await measure(target, size, self._counter, self._folder)
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
        if tally.errors:
            raise BenchError(f"a call failed: {tally.seen.decode(errors='replace')[-300:]}")
        return figures

    async def _asking(self) -> None:
        while True:
            await self._ask_once()
            await asyncio.sleep(ASK_EVERY_S)


async def _first(fetching: Awaitable[Fetched]) -> float:
    return (await fetching).first_ms


def _linked(part: Fetched) -> Iterator[str]:
    for found in LINKED.finditer(part.body):
        yield (found[1] or b"/static/" + found[2]).decode()


def _heard(streams: Sequence[Stream]) -> int:
    return sum(one.events for one in streams)


def _told(name: str, taken: Sequence[float], cpu_ms: float) -> Wait:
    return Wait(
        name=name,
        cpu_ms=cpu_ms,
        median_ms=statistics.median(taken),
        p95_ms=percentile(taken, 0.95),
        slowest_ms=max(taken),
        aim_ms=AIMS_MS[name],
        of=len(taken),
    )


# What it says

COLUMNS = ("what", "CPU ms", "median ms", "p95 ms", "slowest ms", "of", "aim ms", "met")
CALL_COLUMNS = ("consoles", "CPU ms/call", "x without", "p50 ms", "p99 ms", "calls/s")


def rows(found: Found) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the first table."""
    for one in found.waits:
        yield (
            one.name,
            f"{one.cpu_ms:.1f}" if one.cpu_ms else "-",
            f"{one.median_ms:.1f}",
            f"{one.p95_ms:.1f}",
            f"{one.slowest_ms:.1f}",
            str(one.of),
            f"{one.aim_ms:.0f}",
            "yes" if one.p95_ms <= one.aim_ms else "missed",
        )


def call_rows(found: Found) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the second table: without consoles, and with them."""
    for many, figures in ((0, found.alone), (found.consoles, found.watched)):
        yield (
            str(many),
            f"{figures.cpu_ms:.3f}",
            f"{figures.cpu_ms / found.alone.cpu_ms:.2f}",
            f"{figures.p50_ms:.2f}",
            f"{figures.p99_ms:.2f}",
            f"{figures.calls_per_s:.0f}",
        )


def lines(found: Found) -> Iterator[str]:
    """Yield what else there is to say, a sentence each."""
    parts = ", ".join(f"{name} {size:.1f}" for name, size in found.parts_kib)
    met = "met" if found.page_kib <= PAGE_KIB else "missed"
    yield (
        f"A question's page without any cache: {found.page_kib:.1f} KiB ({parts}); "
        f"aim {PAGE_KIB:.0f}: {met}."
    )
    met = "met" if found.slower <= SLOWER else "missed"
    yield (
        f"With {found.consoles} consoles open a governed call costs {found.slower:.2f}x the CPU; "
        f"aim at most {SLOWER:g}x: {met}. They heard {found.events} times that something changed."
    )
    if found.absent:
        yield f"Not measured: {FILTER}, because {found.absent}."


def tables(found: Found) -> Iterator[Table]:
    """Yield the tables for the screen."""
    for title, columns, listed in (
        (f"{found.waiting} questions wait", COLUMNS, rows(found)),
        (f"governed calls, {CALLERS} callers", CALL_COLUMNS, call_rows(found)),
    ):
        table = Table(*columns, title=title, title_justify="left")
        for line in listed:
            table.add_row(*line)
        yield table


def as_json(found: Found) -> dict[str, Any]:
    """Return it as JSON."""
    return {**asdict(found), "slower": found.slower}


def section(found: Found, machine: str) -> str:
    """Return the section of the documentation."""
    told = "\n".join(f"- {line}" for line in lines(found))
    return f"""## What people wait for: `make bench ARGS="--people --write"`

- Machine: {machine}.
- {found.waiting:,} questions wait, each a real call; then `serve` is started on them. Times are to
  the first byte, over a new connection, with no cache. Before each look at the inbox something
  changed. *{EFFECT}* is from sending the signed yes to the first byte at the system, with both
  commits in it. CPU is the gateway's for all of one such look, with the call that changed something
  and, before an answer, the look at the inbox.
- A question comes in every second while governed calls are measured, with consoles and without.
{told}

{pages.table(COLUMNS, rows(found))}

{pages.table(CALL_COLUMNS, call_rows(found))}
"""
