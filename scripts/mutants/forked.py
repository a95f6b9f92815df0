"""Run something in a process of its own that cannot outlive us, nor take all time or memory."""

from __future__ import annotations

import os
import resource
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMORY: Final = 8 << 30
"""Bytes of addresses that a mutant may have."""
LIVES: Final = 0
KILLED: Final = 3
CANNOT: Final = 4

_IN_MEMORY: Final = Path("/dev", "shm")

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and the last number that it told; -1 if none."""

    code: int
    last: int


def forked(work: Callable[[Tell], int], within_s: float) -> Ended:
    """Run `work` in a child, for at most so many seconds by the clock; it gets a way to tell."""
    reader, writer = os.pipe()
    shelf = tempfile.mkdtemp(prefix="mutant-", dir=_fast())
    child = os.fork()
    if child == 0:
        os.close(reader)
        os._exit(_child(work, writer, shelf))
    os.close(writer)
    try:
        return _followed(child, reader, time.monotonic() + within_s)
    finally:
        os.close(reader)
        shutil.rmtree(shelf, ignore_errors=True)


def _fast() -> str | None:
    """Return a directory that lies in memory, if there is one."""
    return str(_IN_MEMORY) if _IN_MEMORY.is_dir() else None


def _child(work: Callable[[Tell], int], writer: int, shelf: str) -> int:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = shelf
    try:
        return work(lambda number: _ignore(os.write(writer, f"{number} ".encode())))
    except BaseException:  # noqa: BLE001 (whatever a mutant raises, a test noticed)
        return KILLED


def _ignore(_: object) -> None:
    return


def _followed(child: int, reader: int, until: float) -> Ended:
    told = b""
    status: int | None = None
    while status is None:
        ready, _, _ = select.select([reader], [], [], 0.2)
        more = os.read(reader, 65536) if ready else b""
        told += more
        if not more:
            done, found = os.waitpid(child, os.WNOHANG if not ready else 0)
            status = found if done else None
        if status is None and time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
    _end_group(child)
    numbers = told.split()
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, int(numbers[-1]) if numbers else -1)


def _end_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return
