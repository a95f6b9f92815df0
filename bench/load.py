"""The load: callers on kept connections, each with one call out at a time, written by hand.

A real client spends more CPU on a call than the gateway does, so it would measure itself. This one
writes bytes, waits for the end of the answer, and looks whether the answer holds what was sent.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from bench.processes import BenchError
from bench.upstream import TOOL

WAIT_S = 60
WITHIN_S = 3600.0
PADDING = "x" * 48
"""So that a call carries about as many bytes as a short sentence."""

_HELLO = (
    b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    b'"capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}'
)
_BEGUN = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
_HANDSHAKE, _STATELESS = "2025-11-25", "2026-07-28"
_OWN_META = (
    f',"_meta":{{"io.modelcontextprotocol/protocolVersion":"{_STATELESS}",'
    '"io.modelcontextprotocol/clientCapabilities":{},'
    '"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}'
)
_END = b"\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a target listens, and how it wants to be spoken to.

    `token` is a bearer token, if it wants one. `tool` is its name for the echo. `stateless` is
    whether it is spoken to in the era without a handshake, 2026-07-28.
    """

    url: str
    token: str = ""
    tool: str = TOOL
    stateless: bool = False

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        found = urlsplit(self.url)
        return found.hostname or "127.0.0.1", found.port or 80

    def head(self, session: bytes = b"") -> bytes:
        """Return everything of a request before the length of its body."""
        lines = [
            f"POST {urlsplit(self.url).path} HTTP/1.1",
            "Host: {}:{}".format(*self.place),
            "Accept: application/json, text/event-stream",
            "Content-Type: application/json",
            *([f"Authorization: Bearer {self.token}"] if self.token else []),
            *([f"Mcp-Session-Id: {session.decode()}"] if session else []),
            *self._era(session),
        ]
        return "\r\n".join(lines).encode() + b"\r\nContent-Length: "

    def call(self) -> bytes:
        """Return the body of a call, with room for a number and a text."""
        meta = _OWN_META if self.stateless else ""
        return (
            f'{{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{{"name":"{self.tool}",'
            f'"arguments":{{"text":"%b {PADDING}"}}{meta}}}}}'
        ).encode()

    def _era(self, session: bytes) -> list[str]:
        if self.stateless:
            names = ("Mcp-Method: tools/call", f"Mcp-Name: {self.tool}")
            return [f"MCP-Protocol-Version: {_STATELESS}", *names]
        return [f"MCP-Protocol-Version: {_HANDSHAKE}"] if session else []


@dataclass(slots=True)
class Tally:
    """What became of a number of calls. Times in nanoseconds."""

    took: list[int] = field(default_factory=list[int])
    errors: int = 0
    elapsed: int = 0
    seen: bytes = b""
    """An answer that was an error, for whoever looks for the reason."""


class Caller(asyncio.Protocol):
    """One kept connection with one request out at a time; one that was lost is an error."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._head = address.head()
        self._call = address.call()
        self._buffer = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self._lost: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits that nothing will come."""
        self._lost = exc or ConnectionResetError("the target hung up")
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(self._lost)

    def data_received(self, data: bytes) -> None:
        """Gather the answer, and hand it over when it is whole."""
        self._buffer += data
        if self._answer is None or self._answer.done():
            return
        end = end_of(self._buffer)
        if end:
            answer = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._answer.set_result(answer)

    async def connect(self) -> None:
        """Connect, or connect again: a server may close a connection that nothing goes over."""
        self._lost = None
        self._buffer.clear()
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, *self._address.place)

    async def begin(self) -> None:
        """Shake hands, where there are hands to shake."""
        if self._address.stateless:
            return
        hello = await self._ask(_HELLO)
        if _status(hello) != b"200":
            raise BenchError(f"a target declined the handshake: {hello[:300].decode()}")
        self._head = self._address.head(_header(hello, b"mcp-session-id"))
        await self._ask(_BEGUN)

    async def work(self, numbers: Iterator[int], tally: Tally, until_ns: int) -> None:
        """Make one call after another until the numbers or the time run out."""
        for number in numbers:
            mark = b"%d." % number
            began = time.perf_counter_ns()
            try:
                answer = await self._ask(self._call % (number, mark))
            except ConnectionError as error:
                answer = str(error).encode()
            tally.took.append(time.perf_counter_ns() - began)
            if _status(answer) != b"200" or b'"' + mark not in answer or b'"error"' in answer:
                tally.errors += 1
                tally.seen = answer
            if time.perf_counter_ns() > until_ns:
                return

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    async def _ask(self, body: bytes) -> bytes:
        if self._lost is not None:
            await self.connect()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        return await self._answer


class Crowd:
    """Callers that are connected and have shaken hands."""

    def __init__(self, callers: list[Caller], counter: Iterator[int]) -> None:
        self._callers = callers
        self._counter = counter

    @classmethod
    async def gather(cls, address: Address, size: int, counter: Iterator[int]) -> Crowd:
        """Connect `size` callers. `counter` gives every call of a run another number."""
        callers: list[Caller] = []
        for _ in range(size):
            caller = Caller(address)
            await caller.connect()
            await asyncio.wait_for(caller.begin(), WAIT_S)
            callers.append(caller)
        return cls(callers, counter)

    async def work(self, calls: int, *, within_s: float = WITHIN_S) -> Tally:
        """Make so many calls together, or as many as begin within a time: one each at least."""
        tally = Tally()
        numbers = itertools.islice(self._counter, calls)
        began = time.perf_counter_ns()
        until_ns = began + int(within_s * 1e9)
        async with asyncio.TaskGroup() as group:
            for caller in self._callers:
                group.create_task(caller.work(numbers, tally, until_ns))
        tally.elapsed = time.perf_counter_ns() - began
        return tally

    def leave(self) -> None:
        """Hang up, all of them."""
        for caller in self._callers:
            caller.close()


def end_of(buffer: bytearray) -> int:
    """Return where the first whole answer ends, or 0 while it is not whole."""
    head = buffer.find(_END)
    if head < 0:
        return 0
    fields = bytes(buffer[:head]).lower()
    start = fields.find(b"\r\ncontent-length:")
    if start >= 0:
        length = int(fields[start + 17 :].split(b"\r\n", 1)[0])
        end = head + len(_END) + length
        return end if len(buffer) >= end else 0
    if b"\r\ntransfer-encoding: chunked" in fields:
        return len(buffer) if buffer.endswith(_LAST_CHUNK) else 0
    return head + len(_END)


def _status(answer: bytes) -> bytes:
    return answer[9:12]


def _header(answer: bytes, name: bytes) -> bytes:
    for line in answer.partition(_END)[0].split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""
