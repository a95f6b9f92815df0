"""HTTP to one address, on pooled connections, with certainty about the first byte.

It stands on aiohttp's connector and response parser and leaves out its client session, for two
reasons. On Python 3.11 the session writes a body from a task of its own, so other code runs between
the decision to send and the sending; here `leave` does both at once. And the session costs more
than the rest of a governed call. What the session would add is not wanted either: there are no
cookies, redirects, retries, proxies from the environment or decompression here.

Rules:
  1. A connection is taken first, then the request is launched and written in one go.
  2. A connection that holds bytes nobody asked for is closed and never used: an answer sent ahead
     of its question would be taken for the answer to somebody else's.
  3. Bodies are bounded as they arrive, and refused if they are compressed.
  4. A connection whose answer was not read to its end is closed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader
from yarl import URL

from sallyport.adapters.mcp.link import leave
from sallyport.errors import UpstreamDownError, UpstreamLostError, UpstreamProtocolError
from sallyport.ports import Launch

# Under the 5 s after which the common servers (uvicorn, Node) hang up, so that a request rarely
# leaves on a connection that the other side is just closing: that call would be in doubt.
KEEP_ALIVE_S: Final = 4.0
LINGER_S: Final = 1.0
INTERIM: Final = 1
"""The class of statuses that announce an answer without being one (RFC 9110, section 15.2)."""

READ_BUFFER_BYTES: Final = 64 * 1024

_VISIBLE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")
_CONNECT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None)


def is_plain(value: str) -> bool:
    """Return whether a text can stand in a header as it is."""
    return _VISIBLE.fullmatch(value) is not None


def field(name: str, value: str) -> bytes:
    """Return one header line.

    Raises:
        UpstreamDownError: The value is not visible ASCII; a line break in it would forge headers.
    """
    if not is_plain(value):
        raise UpstreamDownError(f"the value for the header `{name}` is not plain text")
    return f"{name}: {value}\r\n".encode("ascii")


class Incoming:
    """The answer on one connection: status and headers now, the body as it is read."""

    def __init__(
        self,
        system: str,
        connection: Connection,
        message: RawResponseMessage,
        payload: StreamReader,
        *,
        bytes_max: int,
        linger: Callable[[Connection], None],
    ) -> None:
        self._system = system
        self._linger = linger
        self._connection = connection
        self._payload = payload
        self._left = bytes_max
        self._headers = message.headers
        self.status = message.code

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self._headers.get(name, "")

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    async def body(self) -> bytes:
        """Return the whole body.

        Raises:
            UpstreamProtocolError: It is too large or compressed.
        """
        self._check_head()
        first = await self.chunk()
        if self._payload.at_eof():
            return first
        chunks = [first]
        while part := await self.chunk():
            chunks.append(part)
        return b"".join(chunks)

    def _check_head(self) -> None:
        length = self.header("Content-Length")
        if length.isdecimal() and int(length) > self._left:
            raise self._too_large()
        if self.header("Content-Encoding").lower() not in ("", "identity"):
            raise UpstreamProtocolError(f"system `{self._system}` compressed its answer unasked")

    async def chunk(self, *, unbounded: bool = False) -> bytes:
        """Return the next bytes of the body; nothing at its end."""
        part = await self._payload.readany()
        if unbounded:
            return part
        self._left -= len(part)
        if self._left < 0:
            raise self._too_large()
        return part

    def _too_large(self) -> UpstreamProtocolError:
        return UpstreamProtocolError(f"system `{self._system}` sent more than its answer may hold")

    def finish(self) -> None:
        """Read no further; the connection goes back to the pool if the body ends soon."""
        if not self._payload.is_eof():
            self._linger(self._connection)

    def close(self) -> None:
        """Hang up, unless the connection is back in the pool."""
        self._connection.close()


class Wire:
    """The pooled connections to one URL."""

    def __init__(self, system: str, url: str, *, connections: int, bytes_max: int) -> None:
        self._system = system
        self._bytes_max = bytes_max
        self._url = _address(system, url)
        self._connector = aiohttp.TCPConnector(
            limit=connections, keepalive_timeout=KEEP_ALIVE_S, ssl=True
        )
        self._lingering: set[Connection] = set()
        self._target = ClientRequest("POST", self._url, loop=asyncio.get_running_loop())
        self._head = f" {self._url.raw_path_qs} HTTP/1.1\r\n".encode("ascii") + field(
            "Host", self._url.host_port_subcomponent or ""
        )

    async def send(self, method: bytes, headers: bytes, body: bytes, launch: Launch) -> Incoming:
        """Send one request and return its answer once the answer's headers are here.

        Args:
            method: The HTTP method.
            headers: Complete header lines, without `Host` and `Content-Length`.
            body: The body.
            launch: Called right before the first byte leaves.
        """
        data = b"%b%b%bContent-Length: %d\r\n\r\n%b" % (
            method,
            self._head,
            headers,
            len(body),
            body,
        )
        connection = await self._connect()
        try:
            self._leave(connection, data, launch)
            message, payload = await _answer(connection)
        except BaseException:
            connection.close()
            raise
        return Incoming(
            self._system,
            connection,
            message,
            payload,
            bytes_max=self._bytes_max,
            linger=self._linger,
        )

    async def _connect(self) -> Connection:
        while True:
            connection = await self._connector.connect(self._target, [], _CONNECT)
            protocol = connection.protocol
            if protocol is not None and not protocol.should_close:
                protocol.set_response_params(
                    read_until_eof=True, auto_decompress=False, read_bufsize=READ_BUFFER_BYTES
                )
                return connection
            connection.close()

    def _leave(self, connection: Connection, data: bytes, launch: Launch) -> None:
        transport = connection.transport
        if transport is None or transport.is_closing():
            raise UpstreamDownError(f"system `{self._system}` hung up before anything was sent")
        leave(transport.write, data, launch)

    def _linger(self, connection: Connection) -> None:
        """Close a connection after a moment, unless its answer ends and it is released before."""
        end = asyncio.get_running_loop().call_later(LINGER_S, connection.close)

        def over() -> None:
            end.cancel()
            self._lingering.discard(connection)

        self._lingering.add(connection)
        connection.add_callback(over)

    async def close(self) -> None:
        """Close every connection."""
        for connection in tuple(self._lingering):
            connection.close()
        await self._connector.close()


def _address(system: str, url: str) -> URL:
    try:
        address = URL(url)
    except ValueError:
        address = URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise UpstreamDownError(f"system `{system}` has no usable http or https address")
    return address


async def _answer(connection: Connection) -> tuple[RawResponseMessage, StreamReader]:
    protocol = connection.protocol
    while protocol is not None:
        message, payload = await protocol.read()
        if message.code // 100 > INTERIM:
            payload.on_eof(connection.release)
            return message, payload
    raise UpstreamLostError("the connection closed before the answer")
