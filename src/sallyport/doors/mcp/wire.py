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
    """One request and its answer. `started` says whether the answer has begun."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.workflow: str = scope["path_params"]["workflow"]
        self._raw: Headers = scope["headers"]
        self._receive = receive
        self._send = send
        self.started = False

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
        message = await self._receive()
        if not message.get("more_body", False):
            return _chunk(message, bytes_max)
        parts = bytearray()
        while True:
            parts += _chunk(message, bytes_max - len(parts), bytes_max)
            if not message.get("more_body", False):
                return bytes(parts)
            message = await self._receive()

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
        kind = [_JSON] if body else []
        await self._start(status, [*kind, length, *(extra or [])])
        await self._send({"type": "http.response.body", "body": body})

    async def stream(self, extra: Headers | None = None) -> None:
        """Begin an answer that is a stream of events."""
        await self._start(200, [*_STREAM, *(extra or [])])

    async def event(self, data: bytes) -> None:
        """Send one event with a message in it."""
        await self._more(b"event: message\ndata: %b\n\n" % data)

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


def _chunk(message: Message, left: int, bytes_max: int | None = None) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGoneError("the client left in the middle of its request")
    chunk: bytes = message.get("body", b"")
    if len(chunk) > left:
        raise BodyTooLargeError(f"the request body is longer than {bytes_max or left} bytes")
    return chunk
