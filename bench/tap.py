"""A relay in front of a system that knows when the first byte of a call arrived there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

CALL = b'"tools/call"'
PART = 64 * 1024


class Tap:
    """What a relay has seen: the times of the calls that came, oldest first."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[float] = []
        self._more = asyncio.Event()

    def note(self, data: bytes, at_s: float) -> None:
        """Look at what came."""
        if CALL in data:
            self.calls.append(at_s)
            self._more.set()

    async def after(self, known: int) -> float:
        """Return when the next call came, once there are more than so many."""
        while len(self.calls) <= known:
            self._more.clear()
            await self._more.wait()
        return self.calls[known]


@asynccontextmanager
async def tapped(url: str) -> AsyncGenerator[Tap]:
    """Relay to a system for as long as the block lasts."""
    there = urlsplit(url)
    open_ = set[asyncio.StreamWriter]()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        open_.update((writer, far_writer))
        await asyncio.gather(_pass_on(reader, far_writer, tap), _pass_on(far_reader, writer, None))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    tap = Tap(urlunsplit(there._replace(netloc=f"127.0.0.1:{port}")))
    try:
        yield tap
    finally:
        server.close()
        for writer in open_:
            writer.close()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tap: Tap | None
) -> None:
    while data := await reader.read(PART):
        if tap is not None:
            tap.note(data, time.perf_counter())
        writer.write(data)
    writer.close()
