"""A browser of the console, by hand: what comes back, when its first byte came, and its size.

Every request has a connection of its own and no cache, as the first look at a page has.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.processes import BenchError

WAIT_S = 60
LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer. Times in milliseconds from before the connection; `size` is as it travelled."""

    status: int
    first_ms: float
    whole_ms: float
    size: int
    body: bytes


class Visitor:
    """Somebody who is signed in.

    Args:
        link: The address that signs them in.
    """

    def __init__(self, link: str) -> None:
        self._link = link
        self._cookie = ""

    @property
    def origin(self) -> str:
        """Where the console is."""
        found = urlsplit(self._link)
        return f"{found.scheme}://{found.netloc}"

    async def enter(self) -> None:
        """Sign in."""
        head = (await self._ask(urlsplit(self._link).path))[0]
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"set-cookie":
                self._cookie = value.decode().strip().partition(";")[0]
        if not self._cookie:
            raise BenchError(f"nobody was signed in: {head[:200].decode()}")

    async def fetch(self, path: str) -> Fetched:
        """Get a page.

        Raises:
            BenchError: There is no such page, or not for this visitor.
        """
        began = time.perf_counter()
        head, body, first_s = await self._ask(path)
        status = int(head[9:12])
        if status >= 400 or b"\r\nlocation:" in head.lower():
            raise BenchError(f"`{path}` was answered with {status}")
        packed = b"\r\ncontent-encoding: gzip" in head.lower()
        return Fetched(
            status=status,
            first_ms=(first_s - began) * 1000,
            whole_ms=(time.perf_counter() - began) * 1000,
            size=len(head) + len(body),
            body=zlib.decompress(body, 31) if packed else body,
        )

    async def listen(self) -> Stream:
        """Open the stream of an open page."""
        reader, writer = await self._connect()
        writer.write(self._request("/live", "Accept: text/event-stream"))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WAIT_S)
        if head[9:12] != b"200":
            raise BenchError("the console gave no stream")
        return Stream(reader, writer)

    async def _ask(self, path: str) -> tuple[bytes, bytes, float]:
        reader, writer = await self._connect()
        writer.write(self._request(path, "Accept-Encoding: gzip", "Connection: close"))
        begin = await asyncio.wait_for(reader.readexactly(1), WAIT_S)
        first_s = time.perf_counter()
        head = begin + await reader.readuntil(b"\r\n\r\n")
        body = await asyncio.wait_for(reader.read(-1), WAIT_S)
        writer.close()
        return head, _joined(head, body), first_s

    def _request(self, path: str, *fields: str) -> bytes:
        place = urlsplit(self._link).netloc
        lines = [f"GET {path} HTTP/1.1", f"Host: {place}", f"Cookie: {self._cookie}", *fields]
        return "\r\n".join([*lines, "", ""]).encode()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        port = urlsplit(self._link).port or 80
        return await asyncio.open_connection("127.0.0.1", port, limit=LARGEST)


class Stream:
    """The stream of one open page, read as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.events = 0
        self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self.events += line.startswith(b"event: changed")

    async def close(self) -> None:
        """Leave the page."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()


def _joined(head: bytes, body: bytes) -> bytes:
    """Return a body without the marks between its chunks."""
    if b"\r\ntransfer-encoding: chunked" not in head.lower():
        return body
    parts: list[bytes] = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        parts.append(rest[: int(size, 16)])
        body = rest[int(size, 16) + 2 :]
    return b"".join(parts)


def percentile(found: Sequence[float], part: float) -> float:
    """Return the value that so much of them are at most."""
    return sorted(found)[min(len(found) - 1, int(len(found) * part))]
