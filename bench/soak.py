"""A long run at half of the capacity, with clients that come and go, and clients that misbehave.

Rules:
  1. Half of the calls are made in each era, by clients that stay for some calls and leave, some of
     them without a word. Every answer to a well-behaved client must be right.
  2. Warm-up fills what is bounded: as many sessions are begun as a gateway keeps.
  3. `bench.leaks` says what counts as a leak. A well-behaved client's failed call, an answer that
     says the gateway was at fault, or a leak makes the run fail.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from bench import leaks, pages, person
from bench.governed import ASKING, Gateway, gateway
from bench.guests import HELLO, VISITS
from bench.leaks import MIB, Sample, Watch
from bench.load import Address, Caller, Crowd, Tally
from bench.processes import BenchError, alive, descriptors, family, resident_bytes
from bench.targets import site
from sallyport.errors import SallyportError

HOLD_S = 20
GUESTS = 16
LIVES = (3, 40, 12, 150)
"""How many calls a well-behaved client makes before it leaves."""
SESSIONS = 4100
CAPACITY_S = 5.0
VISIT_EVERY_S = 0.25
ANSWER_EVERY_S = 1.0
SAMPLE_EVERY_S = 2.0
TELL_EVERY_S = 60.0
LEAVE_S = 90.0
FILES = ("sallyport.db", "sallyport.db-wal")

Say = Callable[[str], None]


@dataclass(slots=True)
class Day:
    """What happens in one run."""

    address: Address
    rate: float
    counter: Iterator[int]
    tally: Tally = field(default_factory=Tally)
    visits: int = 0
    answered: int = 0
    came: int = 0
    wrong: dict[str, int] = field(default_factory=dict[str, int])

    def note(self, what: str) -> None:
        """Count something that was wrong."""
        if what:
            self.wrong[what] = self.wrong.get(what, 0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """A finished run. `minutes` holds a sample for each minute, the last one when all had left."""

    asked_minutes: float
    capacity: float
    rate: float
    calls: int
    came: int
    visits: int
    answered: int
    watch: Watch
    minutes: Sequence[Sample]
    faults: Sequence[str]


async def run(folder: Path, *, minutes: float, say: Say) -> Soaked:
    """Run for so many minutes after warm-up."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    async with site(folder) as place:
        async with gateway(home, place.upstream, hold_s=HOLD_S, boundary=ASKING) as gate:
            await asyncio.to_thread(person.go_live, gate)
            address = Address(gate.url, gate.token)
            counter = itertools.count(1)
            capacity = await _capacity(address, counter)
            say(f"capacity: {capacity:.0f} calls/s; filling {SESSIONS} sessions")
            await _fill_sessions(address)
            day = Day(address, capacity / 2, counter)
            probe = _Probe(gate, home / ".sallyport", day)
            say(f"warm-up at {day.rate:.0f} calls/s")
            await _work(day, gate, _warm_up_s(minutes))
            quiet = await _gone(probe, None)
            during = await _watched(day, gate, minutes * 60, probe, say)
            left = await _gone(probe, quiet.descriptors)
            say(_told(left))
            pids = family((gate.pid,))
        watch = Watch(quiet=quiet, during=during, left=left, survivors=alive(pids))
    return Soaked(
        asked_minutes=minutes,
        capacity=capacity,
        rate=day.rate,
        calls=len(day.tally.took),
        came=day.came,
        visits=day.visits,
        answered=day.answered,
        watch=watch,
        minutes=[*_by_minute(during), left],
        faults=[*leaks.faults(watch), *_complaints(day)],
    )


def _warm_up_s(minutes: float) -> float:
    return min(120.0, max(10.0, minutes * 60 / 5))


async def _capacity(address: Address, counter: Iterator[int]) -> float:
    crowd = await Crowd.gather(address, GUESTS, counter)
    try:
        tally = await crowd.work(10**9, within_s=CAPACITY_S)
    finally:
        crowd.leave()
    return len(tally.took) / tally.elapsed * 1e9


async def _fill_sessions(address: Address) -> None:
    reader, writer = await asyncio.open_connection(*address.place)
    request = b"%b%d\r\n\r\n%b" % (address.head(), len(HELLO), HELLO)
    for _ in range(SESSIONS):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        await reader.readexactly(int(length))
    writer.close()


class _Probe:
    """Asks the kernel about the gateway."""

    def __init__(self, gate: Gateway, state: Path, day: Day) -> None:
        self._pid = gate.pid
        self._state = state
        self._day = day
        self._began = time.monotonic()

    def sample(self) -> Sample:
        """Return what is there now."""
        pids = family((self._pid,))
        return Sample(
            at_s=time.monotonic() - self._began,
            resident=resident_bytes(pids),
            descriptors=descriptors(self._pid),
            children=len(pids) - 1,
            calls=len(self._day.tally.took),
            files={name: _size(self._state / name) for name in FILES},
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _gone(probe: _Probe, wanted: int | None) -> Sample:
    """Wait until what clients held is closed: until so few descriptors are open, or no fewer."""
    deadline = time.monotonic() + LEAVE_S
    best, still = probe.sample(), 0
    while time.monotonic() < deadline:
        await asyncio.sleep(1)
        found = probe.sample()
        still = still + 1 if found.descriptors >= best.descriptors else 0
        best = found
        if (wanted is None and still >= 2 * HOLD_S) or (
            wanted is not None and found.descriptors <= wanted
        ):
            break
    return best


async def _watched(
    day: Day, gate: Gateway, for_s: float, probe: _Probe, say: Say
) -> Sequence[Sample]:
    during: list[Sample] = []

    async def watch() -> None:
        told = time.monotonic()
        while True:
            await asyncio.sleep(SAMPLE_EVERY_S)
            during.append(probe.sample())
            if time.monotonic() - told > TELL_EVERY_S - SAMPLE_EVERY_S / 2:
                told += TELL_EVERY_S
                say(_told(during[-1]))

    watching = asyncio.create_task(watch())
    try:
        await _work(day, gate, for_s)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return during


async def _work(day: Day, gate: Gateway, for_s: float) -> None:
    """Let everybody in for so long; then they all leave."""
    until = time.monotonic() + for_s
    async with asyncio.TaskGroup() as group:
        for number in range(GUESTS):
            group.create_task(_guests(day, number, until))
        group.create_task(_visitors(day, until))
        group.create_task(_person(day, gate, until))


async def _guests(day: Day, number: int, until: float) -> None:
    """Send one well-behaved client after the other, of alternating eras."""
    every_s = GUESTS / day.rate
    for turn, life in enumerate(itertools.cycle(LIVES)):
        if time.monotonic() >= until:
            return
        address = replace(day.address, stateless=(number + turn) % 2 == 0)
        try:
            await _guest(day, address, life, every_s, until)
        except (OSError, BenchError) as error:
            day.note(f"a well-behaved client was turned away: {error}")
            await asyncio.sleep(1)


async def _guest(day: Day, address: Address, life: int, every_s: float, until: float) -> None:
    caller = Caller(address)
    await caller.connect()
    day.came += 1
    try:
        await caller.begin()
        next_at = time.monotonic()
        for _ in range(life):
            if next_at >= until:
                return
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))
            await caller.work(itertools.islice(day.counter, 1), day.tally, 2**63)
            # Who is late does not catch up: the load is half of what was measured, not more.
            next_at = max(next_at + every_s, time.monotonic())
    finally:
        caller.close()


async def _visitors(day: Day, until: float) -> None:
    """Let in one misbehaving client after another, without waiting for them to leave."""
    async with asyncio.TaskGroup() as group:
        for visit in itertools.cycle(VISITS):
            if time.monotonic() >= until:
                return
            group.create_task(_visit(day, visit))
            await asyncio.sleep(VISIT_EVERY_S)


async def _visit(day: Day, visit: Callable[[Address], Any]) -> None:
    try:
        day.note(await visit(day.address))
    except (OSError, EOFError, TimeoutError) as error:
        day.note(f"{visit.__name__}: {type(error).__name__} {error}")
    day.visits += 1


async def _person(day: Day, gate: Gateway, until: float) -> None:
    """Answer what is asked, with yes and no in turns, until nothing is asked any more."""
    said_yes = itertools.cycle((True, False))
    while True:
        over = time.monotonic() >= until
        asked = await asyncio.to_thread(person.asked, gate)
        for one in asked:
            day.answered += await asyncio.to_thread(_answer, gate, one, next(said_yes))
        if over and not asked:
            return
        await asyncio.sleep(ANSWER_EVERY_S)


def _answer(gate: Gateway, item: Mapping[str, Any], yes: bool) -> int:  # noqa: FBT001
    """Answer one question; return 0 if it was no longer asked."""
    try:
        person.answer(gate, item, yes=yes)
    except SallyportError:
        # Whoever asked has left or cancelled meanwhile.
        return 0
    return 1


def _complaints(day: Day) -> Iterator[str]:
    if day.tally.errors:
        seen = day.tally.seen.decode(errors="replace")[-300:]
        yield f"{day.tally.errors} calls of well-behaved clients failed, as in: {seen}"
    for what, times in day.wrong.items():
        yield f"{what} ({times} times)"


def _by_minute(during: Sequence[Sample]) -> Iterator[Sample]:
    every = round(TELL_EVERY_S / SAMPLE_EVERY_S)
    yield from during[every - 1 :: every]


def _told(one: Sample) -> str:
    files = ", ".join(f"{name} {size / MIB:.1f} MiB" for name, size in one.files.items())
    return (
        f"{one.at_s / 60:5.1f} min: {one.resident / MIB:.1f} MiB resident, {one.descriptors} "
        f"descriptors, {one.children} children, {files}, {one.calls} calls"
    )


COLUMNS = ("minute", "resident MiB", "descriptors", "children", "database MiB", "log MiB", "calls")


def rows(found: Soaked) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table; the last one is after everybody has left."""
    for one in (found.watch.quiet, *found.minutes):
        yield (
            f"{one.at_s / 60:.1f}",
            f"{one.resident / MIB:.1f}",
            str(one.descriptors),
            str(one.children),
            f"{one.files[FILES[0]] / MIB:.1f}",
            f"{one.files[FILES[1]] / MIB:.1f}",
            str(one.calls),
        )


def table(found: Soaked) -> Table:
    """Return the table for the screen."""
    shown = Table(*COLUMNS, title="soak", title_justify="left")
    for line in rows(found):
        shown.add_row(*line)
    return shown


def lines(found: Soaked) -> Sequence[str]:
    """Return what was found, a sentence each."""
    first, last = leaks.growth(found.watch.during)
    load = (
        f"{found.asked_minutes:g} minutes at {found.rate:.0f} calls/s, half of "
        f"{found.capacity:.0f}: {found.calls} calls of {found.came} clients, {found.visits} visits "
        f"of clients that misbehave, {found.answered} questions answered."
    )
    memory = f"Memory: {first / MIB:.1f} MiB in the first third, {last / MIB:.1f} MiB in the last."
    end = "No fault was found." if not found.faults else f"{len(found.faults)} faults."
    return [load, memory, *(f"Fault: {fault}." for fault in found.faults), end]


def as_json(found: Soaked) -> dict[str, Any]:
    """Return it as JSON."""
    return asdict(found)


def section(found: Soaked, machine: str) -> str:
    """Return the section of the documentation."""
    told = "\n".join(f"- {line}" for line in lines(found))
    return f"""## Soak: `make soak ARGS="--minutes {found.asked_minutes:g} --write"`

- Machine: {machine}.
{told}
- Clients of both eras come and go. Beside them others cut streams within an event, requests and
  answers; vanish while a person is asked; send garbage and what is no HTTP; have one id out twice;
  cancel; mix the eras. Flat means that the median memory of the last third of samples is within
  4 MiB or 4 per cent of that of the first third.
- The first line is before the run, after warm-up, and the last one after it, each time with no
  client there.

{pages.table(COLUMNS, rows(found))}
"""
