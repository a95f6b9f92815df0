"""A raw HTTP server that does exactly as it is told, and helpers to call through it."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sallyport.model import JsonObject, System
from sallyport.ports import Launch, Outbound

RESULT: JsonObject = {"content": [{"type": "text", "text": "done"}]}


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    message: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def rpc(self) -> str:
        """The JSON-RPC method."""
        return str(self.message.get("method", ""))


Script = Callable[[Asked], Awaitable[None]]


async def reply(
    asked: Asked,
    body: bytes | None = None,
    *,
    status: str = "200 OK",
    kind: str = "application/json",
    headers: str = "",
) -> None:
    """Answer with a body, or with the usual result."""
    if body is None:
        body = json.dumps({"jsonrpc": "2.0", "id": asked.message["id"], "result": RESULT}).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}"
    asked.writer.write(head.encode() + b"\r\n" + body)
    await asked.writer.drain()


async def hold(asked: Asked) -> None:
    """Never answer."""
    await asked.reader.read()


class RawServer:
    """Shakes hands like a good server, then hands every call to the script.

    `seen` has every request. With `modern` it answers `server/discover` with that result and knows
    no handshake; without, it is of the handshake era.
    """

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.script: Script = reply
        self.pages: dict[str, JsonObject] = {"": {"tools": []}}
        self.hello: JsonObject = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "serverInfo": {"name": "raw", "version": "1"},
        }
        self.hello_headers = "Mcp-Session-Id: session-1\r\n"
        self.modern: JsonObject | None = None
        self.probed: Script | None = None
        self.greet: Script | None = None
        self.stream: Script | None = None
        self.answered: Script | None = None
        self.arrived = asyncio.Condition()
        self.connections = 0
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    def system(self, scheme: str = "http", **more: Any) -> System:
        """Return the system that this server is."""
        return System(name="desk", url=f"{scheme}://127.0.0.1:{self.port}/mcp?a=b", **more)

    def calls(self) -> list[Asked]:
        """Return the calls that arrived."""
        return [asked for asked in self.seen if asked.rpc == "tools/call"]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that arrived makes this true."""
        async with self.arrived:
            await self.arrived.wait_for(condition)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                await self._one(reader, writer)
        writer.close()
        self._writers.discard(writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        asked = Asked(method, path, headers, body, reader, writer)
        asked.message = json.loads(body) if body else {}
        self.seen.append(asked)
        async with self.arrived:
            self.arrived.notify_all()
        await self._respond(asked)

    async def _respond(self, asked: Asked) -> None:
        match asked.method, asked.rpc:
            case "GET", _ if self.stream is not None:
                await self.stream(asked)
            case (("GET" | "DELETE"), _):
                await reply(asked, b"", status="405 Method Not Allowed")
            case _, "server/discover":
                await self._discovered(asked)
            case _, "subscriptions/listen":
                await (self.stream or self.unknown)(asked)
            case _, "initialize" if self.modern is not None:
                await self.refuse(asked, -32022, status="400 Bad Request")
            case _, "initialize":
                await (self.greet or self._welcome)(asked)
            case _, "tools/list":
                page = self.pages[asked.message["params"].get("cursor", "")]
                await self._say(asked, page)
            case _, "tools/call":
                await self.script(asked)
            case _, "" if self.answered is not None:
                await self.answered(asked)
            case _:
                await reply(asked, b"", status="202 Accepted")

    async def _say(self, asked: Asked, result: JsonObject, headers: str = "") -> None:
        message = {"jsonrpc": "2.0", "id": asked.message["id"], "result": result}
        await reply(asked, json.dumps(message).encode(), headers=headers)

    async def _welcome(self, asked: Asked) -> None:
        await self._say(asked, self.hello, self.hello_headers)

    async def _discovered(self, asked: Asked) -> None:
        if self.probed is not None:
            await self.probed(asked)
        elif self.modern is not None:
            await self._say(asked, self.modern)
        else:
            await self.unknown(asked)

    async def unknown(self, asked: Asked) -> None:
        """Answer that there is no such method, as old servers do."""
        await self.refuse(asked, -32601)

    async def refuse(self, asked: Asked, code: int, *, status: str = "200 OK") -> None:
        """Answer with an error."""
        error = {"code": code, "message": "no", "data": {"supported": ["2026-07-28"]}}
        message = {"jsonrpc": "2.0", "id": asked.message["id"], "error": error}
        await reply(asked, json.dumps(message).encode(), status=status)

    def hang_up(self) -> None:
        """Cut every connection."""
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def raw_server(
    tls: ssl.SSLContext | None = None, *, port: int = 0
) -> AsyncGenerator[RawServer]:
    """Serve on a port of 127.0.0.1, a free one if none is named."""
    raw = RawServer()
    server = await asyncio.start_server(raw.connected, "127.0.0.1", port, ssl=tls)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        raw.hang_up()
        await server.wait_closed()


def outbound(
    tool: str = "echo",
    arguments: bytes = b"{}",
    *,
    meta: JsonObject | None = None,
    principal: str = "bot",
    timeout_ms: int = 20_000,
    idempotency_key: str = "",
    **more: Any,
) -> Outbound:
    """Return a call of a tool of the system `desk`."""
    return Outbound(
        call_id="call_1",
        system="desk",
        tool=tool,
        arguments=arguments,
        meta=meta or {},
        principal=principal,
        timeout_ms=timeout_ms,
        idempotency_key=idempotency_key,
        **more,
    )


def go() -> None:
    """Launch."""


class Launches:
    """A launch that counts itself."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        """Launch."""
        self.count += 1


class Spied:
    """A transport that notes each write of a call, on any event loop."""

    def __init__(self, transport: Any, order: list[str]) -> None:
        self._transport = transport
        self._order = order

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Note it, and write."""
        if b"tools/call" in data:
            self._order.append("write")
        self._transport.write(data)


def launch_into(order: list[str]) -> Launch:
    """Return a launch that notes itself, and whatever the event loop runs next."""

    def launch() -> None:
        order.append("launch")
        asyncio.get_running_loop().call_soon(order.append, "anything else")

    return launch


def self_signed() -> ssl.SSLContext:
    """Return a server's TLS context with a certificate that only it trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.flush()
        context.load_cert_chain(file.name)
    return context
