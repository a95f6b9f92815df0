"""What runs in the race. A further target is one function that opens it and one line in `TARGETS`.

A target is measured by the CPU of its own processes: the system behind it is another process, and
counts only where the target is that system.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.governed import gateway
from bench.load import Address
from bench.processes import family, listening

GOVERNED = "governed"
STATELESS = "governed, 2026-07-28"
BARE = "pass-through"
DIRECT = "direct"

ECHO = "echo"
SDK = "sdk"
SYSTEMS: Mapping[str, str] = {ECHO: "bench.upstream", SDK: "bench.sdk_upstream"}
"""The systems that there are, each by the module that serves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where targets are set up: a folder on the disk that is measured, and the system."""

    folder: Path
    upstream: str
    upstream_pid: int

    def room(self, name: str) -> Path:
        """Return a new folder for one target."""
        room = self.folder / name.replace(" ", "-")
        room.mkdir(mode=0o700)
        return room


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A target that answers: where, and the processes whose cost is its cost."""

    address: Address
    roots: tuple[int, ...]

    @property
    def pids(self) -> tuple[int, ...]:
        """Its processes now, with all their children."""
        return family(self.roots)


Open = Callable[[Site], AbstractAsyncContextManager[Running]]


@asynccontextmanager
async def _direct(site: Site) -> AsyncGenerator[Running]:
    yield Running(address=Address(site.upstream), roots=(site.upstream_pid,))


@asynccontextmanager
async def _pass_through(site: Site) -> AsyncGenerator[Running]:
    log = site.room(BARE) / "log"
    async with listening("bench.passthrough", site.upstream, log=log) as (pid, url):
        yield Running(address=Address(url), roots=(pid,))


@asynccontextmanager
async def _governed(site: Site, name: str = GOVERNED) -> AsyncGenerator[Running]:
    async with gateway(site.room(name), site.upstream) as found:
        yield Running(address=Address(found.url, found.token), roots=(found.pid,))


@asynccontextmanager
async def governed_stateless(site: Site) -> AsyncGenerator[Running]:
    """Open a gateway of ours that is spoken to in the era without a handshake."""
    async with _governed(site, STATELESS) as found:
        yield replace(found, address=replace(found.address, stateless=True))


TARGETS: Mapping[str, Open] = {GOVERNED: _governed, BARE: _pass_through, DIRECT: _direct}


@asynccontextmanager
async def site(folder: Path, system: str = ECHO) -> AsyncGenerator[Site]:
    """Start the system that all targets are in front of."""
    async with listening(SYSTEMS[system], log=folder / "upstream.log") as (pid, url):
        yield Site(folder=folder, upstream=url, upstream_pid=pid)
