"""What runs in the race. A further target is one function that opens it and one line in `TARGETS`.

A target is measured by the CPU of its own processes: the system behind it is another process, and
counts only where the target is that system.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.governed import gateway
from bench.load import Address
from bench.processes import listening

GOVERNED = "governed"
BARE = "pass-through"
DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where targets are set up: a folder on the disk that is measured, and the system."""

    folder: Path
    upstream: str
    upstream_pid: int

    def room(self, name: str) -> Path:
        """Return a new folder for one target."""
        room = self.folder / name
        room.mkdir(mode=0o700)
        return room


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A target that answers: where, and the processes whose cost is its cost."""

    address: Address
    pids: tuple[int, ...]


Open = Callable[[Site], AbstractAsyncContextManager[Running]]


@asynccontextmanager
async def _direct(site: Site) -> AsyncGenerator[Running]:
    yield Running(address=Address(site.upstream), pids=(site.upstream_pid,))


@asynccontextmanager
async def _pass_through(site: Site) -> AsyncGenerator[Running]:
    log = site.room(BARE) / "log"
    async with listening("bench.passthrough", site.upstream, log=log) as (pid, url):
        yield Running(address=Address(url), pids=(pid,))


@asynccontextmanager
async def _governed(site: Site) -> AsyncGenerator[Running]:
    async with gateway(site.room(GOVERNED), site.upstream) as found:
        yield Running(address=Address(found.url, found.token), pids=(found.pid,))


TARGETS: Mapping[str, Open] = {GOVERNED: _governed, BARE: _pass_through, DIRECT: _direct}


@asynccontextmanager
async def site(folder: Path) -> AsyncGenerator[Site]:
    """Start the system that all targets are in front of."""
    async with listening("bench.upstream", log=folder / "upstream.log") as (pid, url):
        yield Site(folder=folder, upstream=url, upstream_pid=pid)
