"""Where a governed call spends its CPU: `serve` under a sampler of our own.

The kernel's profiling timer fires after so much CPU of the process, whatever thread used it, and
Python then runs the handler in the main thread; so what the writer's thread costs is told beside
it, by that thread's own clock. A frame also stands for the C code that it called.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from bench.governed import gateway, tell
from bench.load import Address, Crowd
from bench.processes import BenchError, cpu_ns, python
from bench.targets import site
from sallyport.doors.app import run
from sallyport.doors.settings import load_settings

EVERY_S = 0.004
WAIT_S = 30
START, STOP = signal.SIGUSR1, signal.SIGUSR2
OUTPUT = "profile.json"
ROOT = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a run under the sampler has shown.

    `stacks` counts samples by stack, outermost frame first. `threads_ms` is CPU by thread.
    """

    calls: int
    cpu_ms: float
    stacks: Mapping[str, int]
    threads_ms: Mapping[str, float]

    @property
    def samples(self) -> int:
        """How many samples there are."""
        return sum(self.stacks.values())


class Sampler:
    """Counts stacks from START to STOP, then writes them down."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._stacks: Counter[str] = Counter()
        self._names: dict[Any, str] = {}
        self._clocks: dict[str, int] = {}

    def install(self) -> None:
        """Take the signals that begin and end it."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.signal(START, self._start)
        signal.signal(STOP, self._stop)

    def _start(self, *_: object) -> None:
        self._stacks.clear()
        self._clocks = dict(_thread_clocks())
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def _stop(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        spent = {n: (t - self._clocks.get(n, 0)) / 1e6 for n, t in _thread_clocks()}
        found = {"stacks": dict(self._stacks), "threads_ms": spent}
        draft = self._output.with_suffix(".part")
        draft.write_text(json.dumps(found), encoding="utf-8")
        draft.replace(self._output)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        names: list[str] = []
        while frame is not None:
            names.append(self._name(frame))
            frame = frame.f_back
        self._stacks[";".join(reversed(names))] += 1

    def _name(self, frame: FrameType) -> str:
        code = frame.f_code
        name = self._names.get(code)
        if name is None:
            name = self._names[code] = f"{_short(code.co_filename)}:{code.co_qualname}"
        return name


def _thread_clocks() -> Iterator[tuple[str, int]]:
    for thread in threading.enumerate():
        if thread.ident is not None:
            clock = time.pthread_getcpuclockid(thread.ident)
            yield thread.name, time.clock_gettime_ns(clock)


def _short(path: str) -> str:
    for part in ("/site-packages/", f"{ROOT}/src/", f"{ROOT}/", "/lib/python3."):
        if part in path:
            return path.rpartition(part)[2]
    return path


async def profile(folder: Path, *, calls: int, callers: int) -> Profile:
    """Run a gateway under the sampler and return where the time went."""
    output = folder / OUTPUT
    serve = python("-m", "bench.flame", "--output", str(output))
    home = folder / "home"
    home.mkdir(mode=0o700)
    async with site(folder) as place, gateway(home, place.upstream, serve=serve) as gate:
        crowd = await Crowd.gather(Address(gate.url, gate.token), callers, itertools.count(1))
        try:
            await crowd.work(max(100, calls // 10))
            tell(gate.pid, START)
            before = cpu_ns((gate.pid,))
            tally = await crowd.work(calls)
            spent = cpu_ns((gate.pid,)) - before
            tell(gate.pid, STOP)
            # A signal's handler runs between two bytecodes: something has to run.
            await crowd.work(1)
        finally:
            crowd.leave()
        found = _written(output)
    if tally.errors:
        raise BenchError(f"a call failed: {tally.seen.decode(errors='replace')}")
    return Profile(calls=calls, cpu_ms=spent / 1e6, **found)


def _written(output: Path) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if output.exists():
            found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
            return found
        time.sleep(0.05)
    raise BenchError("the sampler wrote nothing")


def widths(found: Profile, *, own: bool) -> Counter[str]:
    """Return samples by function: those in it, or with everything it calls unless `own`."""
    counted: Counter[str] = Counter()
    for stack, number in found.stacks.items():
        names = stack.split(";")
        for name in names[-1:] if own else set(names):
            counted[name] += number
    return counted


def lines(found: Profile, *, widest: int = 25) -> Iterator[str]:
    """Yield the report: the widest bars of the flame, and the functions with most of their own."""
    yield f"{found.cpu_ms / found.calls:.3f} ms CPU a call under the sampler, by thread:"
    for name, spent_ms in sorted(found.threads_ms.items(), key=lambda item: -item[1]):
        yield f"  {spent_ms / found.calls:6.3f} ms  {name}"
    for title, own in (("with what they call", False), ("of their own", True)):
        yield f"{found.samples} samples, the widest {title}:"
        for name, number in widths(found, own=own).most_common(widest):
            yield f"  {100 * number / found.samples:5.1f} %  {name}"


def folded(found: Profile) -> str:
    """Return the samples in the folded form that flame graph tools read."""
    return "".join(f"{stack} {number}\n" for stack, number in sorted(found.stacks.items()))


def _main(argv: list[str]) -> None:
    given = dict(zip(argv[::2], argv[1::2], strict=True))
    Sampler(Path(given["--output"])).install()
    run(load_settings(Path(given["--home"])))


if __name__ == "__main__":
    _main(sys.argv[1:])
