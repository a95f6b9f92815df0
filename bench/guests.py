"""Clients that misbehave, by hand, in both eras; each function is one visit.

A visit returns what is wrong with how it was received, or nothing: a fault of a client may be
answered with an error or with a closed connection, never with a fault of ours.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.load import Address
from bench.upstream import NOTE, TOOL

WAIT_S = 40.0
LOOK_S = 0.1
"""How long a client stays that vanishes."""

META = (
    '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
    '"io.modelcontextprotocol/clientCapabilities":{},'
    '"io.modelcontextprotocol/clientInfo":{"name":"guest","version":"1"}}'
)
HELLO = (
    b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
    b'"capabilities":{},"clientInfo":{"name":"guest","version":"1"}}}'
)
GARBAGE: tuple[bytes, ...] = (
    b"",
    b"\x00\xff\xfe",
    b"{",
    b"[]",
    b"null",
    b'{"jsonrpc":"1.0","id":1,"method":"tools/call"}',
    b'{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{}}',
    b'{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":1,"method":"no/such"}',
    b"[" * 5000,
    b'"' + b"a" * 100_000,
)
BROKEN: tuple[bytes, ...] = (
    b"HELLO\r\n\r\n",
    b"POST /mcp HTTP/9.9\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)

_ids = itertools.count(1)


@dataclass(slots=True)
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: Address

    async def send(self, body: bytes, *more: str, method: str = "POST") -> None:
        """Send one request."""
        head = self.address.head().decode().removesuffix("\r\nContent-Length: ")
        head = head.replace("POST", method, 1)
        lines = [head, *more, *([f"Content-Length: {len(body)}"] if method == "POST" else [])]
        await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> tuple[bytes, dict[bytes, bytes]]:
        """Return status and headers of an answer; an empty status if it hung up."""
        try:
            found = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT_S)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b"", {}
        first, *rest = found.split(b"\r\n")
        fields = (line.partition(b":") for line in rest if line)
        return first[9:12], {name.lower(): value.strip() for name, _, value in fields}

    def vanish(self) -> None:
        """Hang up in the middle of whatever is going on."""
        self.writer.transport.abort()


@asynccontextmanager
async def _line(address: Address) -> AsyncGenerator[Line]:
    line = Line(*await asyncio.open_connection(*address.place), address)
    try:
        yield line
    finally:
        line.vanish()


async def _session(line: Line) -> str:
    """Shake hands and return the header that names the session."""
    await line.send(HELLO)
    status, fields = await line.head()
    if status != b"200":
        return ""
    await line.reader.readexactly(int(fields.get(b"content-length", b"0")))
    return f"Mcp-Session-Id: {fields.get(b'mcp-session-id', b'').decode()}"


def _handshake_call(tool: str, id_: int) -> bytes:
    return (
        f'{{"jsonrpc":"2.0","id":{id_},"method":"tools/call",'
        f'"params":{{"name":"{tool}","arguments":{{"text":"guest {next(_ids)}"}}}}}}'
    ).encode()


def _stateless_call(tool: str, id_: int) -> tuple[bytes, tuple[str, ...]]:
    body = (
        f'{{"jsonrpc":"2.0","id":{id_},"method":"tools/call",'
        f'"params":{{"name":"{tool}","arguments":{{"text":"guest {next(_ids)}"}},{META}}}}}'
    )
    return body.encode(), _stateless_headers("tools/call", f"Mcp-Name: {tool}")


def _stateless_headers(method: str, *more: str) -> tuple[str, ...]:
    return ("MCP-Protocol-Version: 2026-07-28", f"Mcp-Method: {method}", *more)


ERA = "MCP-Protocol-Version: 2025-11-25"


async def cuts_its_stream(address: Address) -> str:
    """Open the stream of a session, and break it off at the first event."""
    async with _line(address) as line:
        session = await _session(line)
        await line.send(b"", session, ERA, method="GET")
        status, _ = await line.head()
        if status != b"200":
            return f"the stream of a session was answered with {status.decode()}"
        await line.reader.read(3)
        return ""


async def cuts_its_listening(address: Address) -> str:
    """Listen in the stateless era, and break off within the first event."""
    body = (
        '{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen",'
        f'"params":{{"notifications":{{"toolsListChanged":true}},{META}}}}}'
    )
    async with _line(address) as line:
        await line.send(body.encode(), *_stateless_headers("subscriptions/listen"))
        status, _ = await line.head()
        if status != b"200":
            return f"one who listens was answered with {status.decode()}"
        await line.reader.read(3)
        return ""


async def cuts_its_request(address: Address) -> str:
    """Leave within the body of a request."""
    async with _line(address) as line:
        await line.raw(address.head() + b"1000\r\n\r\n" + HELLO)
        await asyncio.sleep(LOOK_S)
        return ""


async def cuts_its_answer(address: Address) -> str:
    """Leave within the answer."""
    body, headers = _stateless_call(TOOL, 1)
    async with _line(address) as line:
        await line.send(body, *headers)
        await line.reader.read(5)
        return ""


async def vanishes_while_held(address: Address) -> str:
    """Leave while a person is asked, in the era with a handshake."""
    async with _line(address) as line:
        session = await _session(line)
        await line.send(_handshake_call(NOTE, 1), session, ERA)
        await asyncio.sleep(LOOK_S)
        return ""


async def vanishes_while_held_stateless(address: Address) -> str:
    """Leave while a person is asked, in the stateless era."""
    body, headers = _stateless_call(NOTE, 1)
    async with _line(address) as line:
        await line.send(body, *headers)
        await asyncio.sleep(LOOK_S)
        return ""


async def waits_for_a_person(address: Address) -> str:
    """Ask for something that a person must answer, and stay."""
    body, headers = _stateless_call(NOTE, 1)
    async with _line(address) as line:
        await line.send(body, *headers)
        status, _ = await line.head()
        return "" if status == b"200" else f"a held call was answered with {status.decode()}"


async def repeats_an_id(address: Address) -> str:
    """Have two requests of one id out at once in one session."""
    async with _line(address) as one, _line(address) as other:
        session = await _session(one)
        await one.send(_handshake_call(TOOL, 7), session, ERA)
        await other.send(_handshake_call(TOOL, 7), session, ERA)
        statuses = {(await one.head())[0], (await other.head())[0]}
        return _at_fault(statuses, "an id that is out twice")


async def cancels(address: Address) -> str:
    """Cancel a call while a person is asked."""
    async with _line(address) as one, _line(address) as other:
        session = await _session(one)
        await one.send(_handshake_call(NOTE, 9), session, ERA)
        await asyncio.sleep(LOOK_S)
        notice = (
            b'{"jsonrpc":"2.0","method":"notifications/cancelled",'
            b'"params":{"requestId":9,"reason":"no longer wanted"}}'
        )
        await other.send(notice, session, ERA)
        return _at_fault({(await other.head())[0]}, "a cancellation")


async def sends_garbage(address: Address) -> str:
    """Send bodies that are no message."""
    for body in GARBAGE:
        async with _line(address) as line:
            await line.send(body)
            status, _ = await line.head()
            if wrong := _at_fault({status}, f"the body {body[:20]!r}"):
                return wrong
    return ""


async def speaks_no_http(address: Address) -> str:
    """Send what is no request."""
    for data in BROKEN:
        async with _line(address) as line:
            await line.raw(data)
            await asyncio.sleep(LOOK_S)
    return ""


async def mixes_the_eras(address: Address) -> str:
    """Say one thing in the headers and another in the body."""
    body, _ = _stateless_call(TOOL, 1)
    for headers in ((), (ERA,), _stateless_headers("tools/list", f"Mcp-Name: {TOOL}")):
        async with _line(address) as line:
            await line.send(body, *headers)
            if wrong := _at_fault({(await line.head())[0]}, "a request of two eras"):
                return wrong
    return ""


def _at_fault(statuses: set[bytes], what: str) -> str:
    """Return a sentence if one of these statuses says that the fault was the gateway's."""
    bad = sorted(status.decode() for status in statuses if status.startswith(b"5"))
    return f"{what} was answered with {bad[0]}" if bad else ""


VISITS: tuple[Callable[[Address], Awaitable[str]], ...] = (
    cuts_its_stream,
    cuts_its_listening,
    cuts_its_request,
    cuts_its_answer,
    vanishes_while_held,
    vanishes_while_held_stateless,
    waits_for_a_person,
    repeats_an_id,
    cancels,
    sends_garbage,
    speaks_no_http,
    mixes_the_eras,
)
