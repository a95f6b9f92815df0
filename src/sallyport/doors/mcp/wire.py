"""One HTTP exchange over ASGI: the body in, within bounds, and the answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Message, Receive, Scope, Send

from sallyport.doors.mcp import headers
from sallyport.doors.mcp.refusals import BodyTooLargeError, DoorError, Headers

_JSON = (b"content-type", b"application/json")
_STREAM: Headers = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class ClientGoneError(DoorError):
    """The client left before its request was whole; nobody reads this."""

    code = "http.gone"


class Wire:
    """One request and its answer.

    `started` says whether the answer has begun, `whole` whether the request was read to its end.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.workflow: str = scope["path_params"]["workflow"]
        self.scheme: str = scope.get("scheme", "http")
        self._raw: Headers = scope["headers"]
        self._receive = receive
        self._send = send
        self.started = False
        self.whole = self.method != "POST"

    def headers(self) -> Mapping[bytes, str]:
        """Return the request's headers; see `headers.read`."""
        return headers.read(self._raw)

    async def body(self, announced: str | None, bytes_max: int) -> bytes:
        """Return the request's body.

        Raises:
            BodyTooLargeError: It is longer than `bytes_max`, or says that it will be.
            ClientGoneError: It ended early.
        """
        if announced is not None and announced.isdecimal() and int(announced[:20]) > bytes_max:
            raise BodyTooLargeError(f"the request body is longer than {bytes_max} bytes")
        parts = bytearray()
        while not self.whole:
            message = await self._receive()
            parts += _chunk(message)
            self.whole = not message.get("more_body", False)
            if len(parts) > bytes_max:
                raise BodyTooLargeError(f"the request body is longer than {bytes_max} bytes")
        return bytes(parts)

    async def drain(self, bytes_max: int) -> None:
        """Read on for a while and keep nothing, so that a client still sending sees the answer.

        Raises:
            ClientGoneError: It left.
        """
        left = bytes_max
        while not self.whole and left > 0:
            message = await self._receive()
            left -= len(_chunk(message))
            self.whole = not message.get("more_body", False)

    async def disconnected(self) -> None:
        """Return when the client has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def watch(self) -> asyncio.Task[None]:
        """Return a task that ends when the client has gone. Cancel it when it does not matter."""
        return asyncio.get_running_loop().create_task(self.disconnected())

    async def answer(self, status: int, body: bytes, extra: Headers | None = None) -> None:
        """Send a whole answer."""
        length = (b"content-length", b"%d" % len(body))
        fields = [_JSON, length, *(extra or [])] if body else [length, *(extra or [])]
        if not self.whole:
            # What is still on its way is not wanted, so the connection cannot be used again.
            fields.append((b"connection", b"close"))
        await self._start(status, fields)
        await self._send({"type": "http.response.body", "body": body})

    async def stream(self, extra: Headers | None = None) -> None:
        """Begin an answer that is a stream of events."""
        await self._start(200, [*_STREAM, *(extra or [])])

    async def event(self, data: bytes, id_: bytes = b"") -> None:
        """Send one event with a message in it, under an id if it has one."""
        known = b"id: %b\n" % id_ if id_ else b""
        await self._more(b"event: message\n%bdata: %b\n\n" % (known, data))

    async def prime(self, id_: bytes, retry_ms: int) -> None:
        """Send an event without a message: from where to read on, and how soon to try that."""
        await self._more(b"id: %b\nretry: %d\ndata:\n\n" % (id_, retry_ms))

    async def comment(self) -> None:
        """Send nothing, so that whoever stands between does not hang up."""
        await self._more(b": still here\n\n")

    async def end(self) -> None:
        """End a stream."""
        await self._send({"type": "http.response.body", "body": b""})

    async def _start(self, status: int, fields: Headers) -> None:
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    async def _more(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})


def _chunk(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGoneError("the client left in the middle of its request")
    chunk: bytes = message.get("body", b"")
    return chunk
