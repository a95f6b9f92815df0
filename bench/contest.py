"""The race against other gateways: one system after the other, all gateways in turns before each.

Rules:
  1. In a round every gateway has one turn at every number of callers, and every round begins with
     another gateway. Medians are over rounds.
  2. A turn ends after so many calls or so many seconds, whichever is first, so that a gateway which
     is a thousand times slower does not make the run a thousand times longer.
  3. A gateway that cannot be opened, or dies, is out for the rest of its system's rounds, and the
     reason stays. It does not end the race.
  4. A round is written down when it is over; a run that was broken off goes on with the next one.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.load import WAIT_S
from bench.peers.opening import PEERS, Say
from bench.processes import BenchError, peak_bytes
from bench.race import MIB, Figures, Size, measure, median
from bench.targets import (
    BARE,
    DIRECT,
    GOVERNED,
    STATELESS,
    TARGETS,
    Running,
    Site,
    governed_stateless,
    site,
)

RACERS: tuple[str, ...] = (GOVERNED, STATELESS, BARE, DIRECT, *PEERS)
OWN = {**TARGETS, STATELESS: governed_stateless}
FAILURES = (BenchError, OSError, TimeoutError, ExceptionGroup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is raced. `calls` and `within_s` are per turn, whichever ends first."""

    systems: tuple[str, ...]
    racers: tuple[str, ...]
    callers: tuple[int, ...]
    calls: int
    rounds: int
    within_s: float

    @property
    def turns(self) -> int:
        """How many measurements that makes."""
        return len(self.systems) * len(self.racers) * len(self.callers) * self.rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round before one system: figures by racer and callers, peaks, and who was out and why."""

    system: str
    number: int
    figures: dict[str, dict[int, Figures]] = field(default_factory=dict[str, dict[int, Figures]])
    peak_mib: dict[str, float] = field(default_factory=dict[str, float])
    out: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The medians of all rounds before one system."""

    system: str
    figures: Mapping[tuple[str, int], Figures]
    peak_mib: Mapping[str, float]
    out: Mapping[str, str]


class Notes:
    """The finished rounds of one course, kept in a file."""

    def __init__(self, path: Path, course: Course) -> None:
        self._path = path
        self._course = json.loads(json.dumps(asdict(course)))
        self.rounds: list[Round] = []

    def resume(self) -> None:
        """Take up what an earlier run of the same course has written; start anew otherwise."""
        lines = _lines(self._path)
        if lines and lines[0] == self._course:
            self.rounds = [_read(line) for line in lines[1:]]
        else:
            self.begin()

    def begin(self) -> None:
        """Forget earlier runs."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._course) + "\n", encoding="utf-8")

    def add(self, finished: Round) -> None:
        """Write a round down."""
        self.rounds.append(finished)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(finished)) + "\n")

    def has(self, system: str, number: int) -> bool:
        """Return whether a round is written down."""
        return any(one.system == system and one.number == number for one in self.rounds)


def _lines(path: Path) -> list[Any]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _read(line: Mapping[str, Any]) -> Round:
    figures = {
        name: {int(callers): Figures(**found) for callers, found in by_callers.items()}
        for name, by_callers in line["figures"].items()
    }
    return Round(
        system=line["system"],
        number=line["number"],
        figures=figures,
        peak_mib=line["peak_mib"],
        out=line["out"],
    )


async def run(course: Course, folder: Path, notes: Notes, say: Say, step: Say) -> None:
    """Run what of a course is not written down yet.

    Args:
        course: What to race.
        folder: An empty folder on the disk to measure.
        notes: Where finished rounds go.
        say: Told what takes long.
        step: Told of every finished turn.
    """
    counter = itertools.count(1)
    for system in course.systems:
        missing = [n for n in range(course.rounds) if not notes.has(system, n)]
        for _ in range((course.rounds - len(missing)) * len(course.callers) * len(course.racers)):
            step(f"{system}: done before")
        if missing:
            place = folder / system
            place.mkdir(mode=0o700)
            async with _opened(course, place, system, say) as (running, out):
                for number in missing:
                    done = Round(system=system, number=number, out=out)
                    await _round(course, done, running, counter=counter, folder=place, step=step)
                    notes.add(done)


@asynccontextmanager
async def _opened(
    course: Course, folder: Path, system: str, say: Say
) -> AsyncGenerator[tuple[dict[str, Running], dict[str, str]]]:
    running: dict[str, Running] = {}
    out: dict[str, str] = {}
    async with site(folder, system) as place, AsyncExitStack() as stack:
        for name in course.racers:
            say(f"{system}: opening {name}")
            try:
                running[name] = await stack.enter_async_context(_open(name, place, say))
            except FAILURES as error:
                out[name] = _why(error)
        yield running, out


def _open(name: str, place: Site, say: Say) -> Any:
    return OWN[name](place) if name in OWN else PEERS[name](place, say)


async def _round(
    course: Course,
    done: Round,
    running: Mapping[str, Running],
    *,
    counter: Iterator[int],
    folder: Path,
    step: Say,
) -> None:
    start = done.number % len(course.racers)
    order = course.racers[start:] + course.racers[:start]
    for callers, name in itertools.product(course.callers, order):
        told = f"{done.system}, round {done.number + 1}/{course.rounds}: {name} x {callers}"
        if name in done.out:
            step(f"{told}: not run")
            continue
        size = Size(
            callers=callers,
            calls=course.calls,
            warm_up=max(callers, course.calls // 10),
            within_s=course.within_s,
        )
        try:
            async with asyncio.timeout(2 * WAIT_S + 2 * course.within_s):
                tally, figures = await measure(running[name], size, counter, folder)
            done.figures.setdefault(name, {})[callers] = figures
            done.peak_mib[name] = peak_bytes(running[name].pids) / MIB
            if figures.errors == figures.calls:
                done.out[name] = f"every call failed: {_short(tally.seen)}"
        except FAILURES as error:
            done.out[name] = _why(error)
        step(told)


def _short(seen: bytes) -> str:
    body = seen.partition(b"\r\n\r\n")[2] or seen
    return body.decode(errors="replace").strip()[:160]


def _why(error: BaseException) -> str:
    inner: Sequence[BaseException] = getattr(error, "exceptions", ())
    if inner:
        return _why(inner[0])
    said = " ".join(str(error).split()) or type(error).__name__
    return said[:240]


def standings(course: Course, rounds: Sequence[Round]) -> Iterator[Standing]:
    """Yield the medians, system by system."""
    for system in course.systems:
        mine = [one for one in rounds if one.system == system]
        yield Standing(
            system=system,
            figures={
                (name, callers): median(found)
                for name, callers in itertools.product(course.racers, course.callers)
                if (found := list(_found(mine, name, callers)))
            },
            peak_mib={
                name: max(peaks)
                for name in course.racers
                if (peaks := [one.peak_mib[name] for one in mine if name in one.peak_mib])
            },
            out={name: why for one in mine for name, why in one.out.items()},
        )


def _found(rounds: Sequence[Round], name: str, callers: int) -> Iterator[Figures]:
    for one in rounds:
        if callers in one.figures.get(name, {}):
            yield one.figures[name][callers]
