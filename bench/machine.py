"""The machine a table was made on, in one line, and how fast its disk makes things durable."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

BLOCK = b"\0" * 4096
_GIB = 1024**3


def line() -> str:
    """Return the machine, the versions that matter and how busy it was."""
    load = os.getloadavg()[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "aiohttp"))
    return (
        f"{_cores()} x {_model()}, {_memory_gib():.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {libraries}, load {load:.1f} at the end"
    )


def syncs_per_s(folder: Path, *, for_s: float = 0.3) -> float:
    """Return how many single blocks a second the disk of a folder makes durable, one by one."""
    path = folder / "sync-probe"
    done = 0
    with path.open("wb", buffering=0) as file:
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < for_s:
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            done += 1
    path.unlink()
    return done / elapsed


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _model() -> str:
    for text in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if text.startswith("model name"):
            return text.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
