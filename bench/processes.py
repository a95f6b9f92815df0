"""Child processes that say where they listen, and what the kernel knows of their cost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

START_S = 30
STOP_S = 15
READY = "listens on "

# A process's CPU clock has a number made of its id (Linux, `clock_gettime(2)`); CPUCLOCK_SCHED is
# exact to the nanosecond and counts threads that have ended, where /proc shows hundredths.
_SCHED = 2
_KIB = 1024


class BenchError(Exception):
    """A part of the bench could not be started, or does not answer as it must."""


def family(pids: Sequence[int]) -> tuple[int, ...]:
    """Return processes and all that descend from them and are alive."""
    found = list(pids)
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                children = (task / "children").read_text(encoding="ascii")
                found += map(int, children.split())
    return tuple(found)


def cpu_ns(pids: Sequence[int]) -> int:
    """Return the CPU time that processes have used so far, all threads, in nanoseconds."""
    return sum(time.clock_gettime_ns(~pid << 3 | _SCHED) for pid in pids)


def peak_bytes(pids: Sequence[int]) -> int:
    """Return the most memory that processes have had resident, in bytes."""
    return sum(_status(pid, "VmHWM") for pid in pids)


def resident_bytes(pids: Sequence[int]) -> int:
    """Return the memory that processes have resident now, in bytes."""
    return sum(_status(pid, "VmRSS") for pid in pids)


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def alive(pids: Sequence[int]) -> int:
    """Return how many of these processes are still there."""
    return sum(Path(f"/proc/{pid}").exists() for pid in pids)


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * _KIB
    raise BenchError(f"the kernel does not tell `{name}` of process {pid}")


@asynccontextmanager
async def running(
    command: Sequence[str],
    log: Path,
    *,
    folder: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a process for as long as the block lasts.

    Args:
        command: What to run.
        log: Where what it writes goes.
        folder: Where it runs, if not here.
        more: What its environment has beside ours.
    """
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**_environment(), **(more or {})},
        )
        try:
            yield process
        finally:
            await _stop(process)


@asynccontextmanager
async def listening(module: str, *args: str, log: Path) -> AsyncGenerator[tuple[int, str]]:
    """Run a module of the bench and yield its process id and address once it listens."""
    async with running((sys.executable, "-m", module, *args), log) as process:
        yield process.pid, await announced(process, log)


def python(*args: str) -> tuple[str, ...]:
    """Return the command that runs this Python."""
    return (sys.executable, *args)


def tail(log: Path) -> str:
    """Return the end of what a process wrote."""
    return log.read_text(encoding="utf-8", errors="replace")[-2000:].strip()


async def announced(process: asyncio.subprocess.Process, log: Path) -> str:
    """Return the address that a server writes when it listens."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.returncode is None:
        for line in tail(log).splitlines():
            if line.startswith(READY):
                return line.removeprefix(READY)
        await asyncio.sleep(0.02)
    raise BenchError(f"a server of the bench did not start:\n{tail(log)}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), STOP_S)
    if process.returncode is None:
        process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    """Return our environment, with our tree on the child's path."""
    root = Path(__file__).resolve().parents[1]
    return {
        **os.environ,
        "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}",
        "PYTHONUNBUFFERED": "1",
    }
