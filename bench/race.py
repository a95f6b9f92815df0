"""One run: every target at every number of callers, in turns, several rounds, medians of them."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.load import WITHIN_S, Crowd, Tally
from bench.processes import cpu_ns, peak_bytes, resident_bytes
from bench.targets import TARGETS, Running, site

MS = 1e6
SECOND = 1e9
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured. `calls` is per target, number of callers and round."""

    targets: tuple[str, ...]
    callers: tuple[int, ...]
    calls: int
    rounds: int

    @property
    def turns(self) -> int:
        """How many measurements that makes."""
        return len(self.targets) * len(self.callers) * self.rounds

    @property
    def warm_up(self) -> int:
        """How many calls go before the measured ones."""
        return max(20, self.calls // 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One turn: so many calls of so many callers, or as many as begin `within_s`."""

    callers: int
    calls: int
    warm_up: int
    within_s: float = WITHIN_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One target at one number of callers."""

    cpu_ms: float
    p50_ms: float
    p99_ms: float
    calls_per_s: float
    errors: int
    syncs_per_s: float
    calls: int = 0

    @property
    def cores(self) -> float:
        """How many cores the target kept busy."""
        return self.cpu_ms * self.calls_per_s / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A target's memory when the run was over, in MiB, and how many calls it had answered."""

    peak_mib: float
    now_mib: float
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished run. `figures` is by target and number of callers."""

    plan: Plan
    figures: Mapping[tuple[str, int], Figures]
    memory: Mapping[str, Memory]
    failed: str
    machine: str


async def run(plan: Plan, folder: Path, step: Callable[[str], None]) -> Result:
    """Run a plan.

    Args:
        plan: What to measure.
        folder: An empty folder on the disk to measure.
        step: Told what was measured, each time something was.
    """
    rounds: dict[tuple[str, int], list[Figures]] = {}
    counter = itertools.count(1)
    failed = ""
    async with _started(plan, folder) as running:
        for turn, callers, name in _turns(plan):
            size = Size(callers=callers, calls=plan.calls, warm_up=plan.warm_up)
            tally, figures = await measure(running[name], size, counter, folder)
            rounds.setdefault((name, callers), []).append(figures)
            failed = failed or tally.seen.decode(errors="replace")
            step(f"round {turn + 1}: {name}, {callers} callers")
        memory = {name: _memory(plan, target) for name, target in running.items()}
    return Result(
        plan=plan,
        figures={key: median(found) for key, found in rounds.items()},
        memory=memory,
        failed=failed,
        machine=machine.line(),
    )


@asynccontextmanager
async def _started(plan: Plan, folder: Path) -> AsyncGenerator[dict[str, Running]]:
    async with site(folder) as place, AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(TARGETS[name](place)) for name in plan.targets}


def _turns(plan: Plan) -> Iterator[tuple[int, int, str]]:
    """Yield what is measured in which order; every round begins with another target."""
    for turn in range(plan.rounds):
        start = turn % len(plan.targets)
        order = plan.targets[start:] + plan.targets[:start]
        for callers in plan.callers:
            for name in order:
                yield turn, callers, name


async def measure(
    target: Running, size: Size, counter: Iterator[int], folder: Path
) -> tuple[Tally, Figures]:
    """Warm a target up, put it under load, and return what became of the calls."""
    crowd = await Crowd.gather(target.address, size.callers, counter)
    try:
        await crowd.work(size.warm_up, within_s=size.within_s / 3)
        syncs = machine.syncs_per_s(folder)
        before = cpu_ns(target.pids)
        tally = await crowd.work(size.calls, within_s=size.within_s)
        spent = cpu_ns(target.pids) - before
    finally:
        crowd.leave()
    return tally, _figures(tally, spent, syncs)


def _figures(tally: Tally, spent_ns: int, syncs: float) -> Figures:
    took = sorted(tally.took)
    return Figures(
        cpu_ms=spent_ns / len(took) / MS,
        p50_ms=took[len(took) // 2] / MS,
        p99_ms=took[len(took) * 99 // 100] / MS,
        calls_per_s=len(took) / tally.elapsed * SECOND,
        errors=tally.errors,
        syncs_per_s=syncs,
        calls=len(took),
    )


def median(found: Sequence[Figures]) -> Figures:
    """Return the middle of each figure; calls and errors are added up: one is one too many."""

    def middle(of: Callable[[Figures], float]) -> float:
        return statistics.median(of(one) for one in found)

    return Figures(
        cpu_ms=middle(lambda one: one.cpu_ms),
        p50_ms=middle(lambda one: one.p50_ms),
        p99_ms=middle(lambda one: one.p99_ms),
        calls_per_s=middle(lambda one: one.calls_per_s),
        errors=sum(one.errors for one in found),
        syncs_per_s=middle(lambda one: one.syncs_per_s),
        calls=sum(one.calls for one in found),
    )


def _memory(plan: Plan, target: Running) -> Memory:
    return Memory(
        peak_mib=peak_bytes(target.pids) / MIB,
        now_mib=resident_bytes(target.pids) / MIB,
        calls=(plan.calls + plan.warm_up) * len(plan.callers) * plan.rounds,
    )
