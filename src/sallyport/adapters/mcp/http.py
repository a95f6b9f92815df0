"""A conversation over Streamable HTTP, in either era.

Rules:
  1. The headers are ours alone, and the system's credential is read anew for each request.
  2. A status of 400 to 499 says that the request was not taken, which is a definite answer; but
     408 and everything from 500 up leave open what happened, and a redirect is never followed.
  3. A lost session (404) ends this link. The call that met it is answered with an error and not
     sent again; the next one finds a new session. So does a system of the stateless era that
     refuses a request in words which are not of that era.
  4. In the stateless era there is no session, nothing is answered to a system, and the headers
     repeat what the body says (`mirror.py`).
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final

import aiohttp

from sallyport import __version__
from sallyport.adapters.mcp import era
from sallyport.adapters.mcp.era import Welcome
from sallyport.adapters.mcp.link import (
    TOOLS_CHANGED,
    Limits,
    Question,
    decode,
    own_answer,
    unguarded,
)
from sallyport.adapters.mcp.listing import all_tools
from sallyport.adapters.mcp.mirror import Mirrors
from sallyport.adapters.mcp.sse import EventReader, EventTooLargeError
from sallyport.adapters.mcp.wire import Incoming, Wire, field
from sallyport.errors import (
    UpstreamDownError,
    UpstreamError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.model import ToolPin
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

OK: Final = 200
NOT_FOUND: Final = 404
BAD_REQUEST: Final = 400
NOT_ALLOWED: Final = 405
REQUEST_TIMEOUT: Final = 408
COURTESY_S: Final = 1.0
"""How long a message may take that nothing depends on: the end of a session, our own answers."""

OWN_ANSWERS_MAX: Final = 16
LISTEN_PAUSES_S: Final = (1.0, 2.0, 5.0, 15.0, 60.0)

_SESSION_ID = re.compile(r"[\x21-\x7e]{1,1024}")

_POST: Final = (
    "Accept: application/json, text/event-stream\r\n"
    "Accept-Encoding: identity\r\n"
    "Content-Type: application/json\r\n"
    f"User-Agent: sallyport/{__version__}\r\n"
).encode("ascii")
_GET: Final = _POST.replace(b"application/json, ", b"", 1)


class HttpLink:
    """One session with one system for one principal, or what stands for it without sessions.

    Args:
        system: The system's name.
        url: Its address.
        credential: Returns the bearer token to send, or nothing.
        changed: Called when the system says that its tools changed.
        mirrors: What its tools want repeated in headers; links to one address share it.
        limits: The bounds.
    """

    def __init__(
        self,
        system: str,
        url: str,
        *,
        credential: Callable[[], str],
        changed: Callable[[], None],
        mirrors: Mirrors,
        limits: Limits,
    ) -> None:
        self._system = system
        self._credential = credential
        self._changed = changed
        self._mirrors = mirrors
        self._limits = limits
        self._wire = Wire(
            system, url, connections=limits.connections, bytes_max=limits.answer_bytes
        )
        self._ids = itertools.count(1)
        self._welcome = Welcome(version=jsonrpc.LATEST)
        self._session = b""
        self._tasks: set[asyncio.Task[None]] = set()
        self.busy = 0
        self.dead = False

    @property
    def stateless(self) -> bool:
        """Whether it speaks the stateless era; known once it is open."""
        return self._welcome.stateless

    async def open(self) -> None:
        """Find out the era; raises when the system cannot be reached or declines."""
        self._welcome = await era.greet(self._system, self._ask)
        if self.stateless:
            await self._learn()
        else:
            await self._begin_session()
        if self._welcome.tells_of_changes:
            self._start(self._hear_changes())

    async def _begin_session(self) -> None:
        if self._welcome.version >= jsonrpc.VERSION_HEADER_SINCE:
            self._session += field("MCP-Protocol-Version", self._welcome.version)
        await self._tell(jsonrpc.notification("notifications/initialized"))

    async def _learn(self) -> None:
        """Find out which arguments belong into headers, unless another link did before."""
        if not self._mirrors.known:
            # A system that cannot list its tools may still be called; it says if a header lacks.
            with suppress(UpstreamError):
                await self.tools()

    async def tools(self) -> tuple[ToolPin, ...]:
        """Return every tool, without those whose headers we could not send."""
        pins = await all_tools(self._system, self.exchange, self._limits)
        return self._mirrors.learn(pins) if self.stateless else pins

    async def exchange(self, question: Question, launch: Launch) -> jsonrpc.Response:
        """Send one request in a POST of its own and return the answer to it."""
        return await self._ask(question, launch, self._welcome.version)

    async def _ask(self, question: Question, launch: Launch, version: str) -> jsonrpc.Response:
        id_ = next(self._ids)
        self.busy += 1
        try:
            incoming = await self._post(question, id_, launch, version)
            try:
                return await self._answer(incoming, id_, hello=question.method == "initialize")
            except BaseException:
                incoming.close()
                raise
        finally:
            self.busy -= 1

    async def _post(self, question: Question, id_: int, launch: Launch, version: str) -> Incoming:
        fixed, own_meta = _POST, None
        if version == era.STATELESS:
            fixed += self._mirrors.headers(question, self._limits)
            own_meta = era.OWN_META
        body = jsonrpc.request(id_, question.method, question.params(own_meta))
        return await self._wire.send(b"POST", self._headers(fixed), body, launch)

    def _headers(self, fixed: bytes) -> bytes:
        credential = self._credential()
        if not credential:
            return fixed + self._session
        return fixed + self._session + field("Authorization", f"Bearer {credential}")

    async def _answer(self, incoming: Incoming, id_: int, *, hello: bool) -> jsonrpc.Response:
        status = incoming.status
        match status // 100:
            case 2:
                answer = await self._read(incoming, id_)
                if hello:
                    self._remember(incoming)
                return answer
            case 3:
                raise UpstreamProtocolError(
                    f"system `{self._system}` redirects, which is not followed",
                    fix="write the final address into the system's file",
                )
            case 4 if status != REQUEST_TIMEOUT:
                return await self._refused(incoming, id_)
            case _:
                raise UpstreamLostError(f"system `{self._system}` answered HTTP {status}")

    def _remember(self, incoming: Incoming) -> None:
        session = incoming.header("Mcp-Session-Id")
        if not session:
            return
        if not _SESSION_ID.fullmatch(session):
            raise UpstreamDownError(f"system `{self._system}` named its session with unsafe text")
        self._session = field("Mcp-Session-Id", session)

    async def _refused(self, incoming: Incoming, id_: int) -> jsonrpc.Response:
        """Return the system's own error for this request, or one that names the status."""
        own: jsonrpc.Response | None = None
        with suppress(UpstreamError, aiohttp.ClientError):
            own = self._pick(await incoming.body(), id_)
        incoming.close()
        self._doubt(incoming.status, own)
        if own is not None and own.error is not None:
            return own
        return jsonrpc.Response(
            id_,
            error={
                "code": jsonrpc.SERVER_ERROR,
                "message": f"the system answered HTTP {incoming.status}",
            },
        )

    def _doubt(self, status: int, own: jsonrpc.Response | None) -> None:
        """End the link if this refusal says that its session, or its era, is over."""
        code = None if own is None or own.error is None else own.error["code"]
        if self.stateless:
            if code == era.HEADER_MISMATCH:
                self._changed()
            elif status in (BAD_REQUEST, NOT_FOUND, NOT_ALLOWED) and code not in era.SPOKEN:
                self.dead = True
        # Some servers answer an unknown session with 400 in place of 404.
        elif code is None and self._session and status in (NOT_FOUND, BAD_REQUEST):
            self.dead = True

    async def _read(self, incoming: Incoming, id_: int) -> jsonrpc.Response:
        if incoming.content_type == "text/event-stream":
            return await self._read_stream(incoming, id_)
        if incoming.content_type != "application/json":
            raise UpstreamProtocolError(
                f"system `{self._system}` answered with neither JSON nor an event stream"
            )
        answer = self._pick(await incoming.body(), id_)
        if answer is None:
            raise UpstreamProtocolError(f"system `{self._system}` answered another request")
        return answer

    async def _read_stream(self, incoming: Incoming, id_: int) -> jsonrpc.Response:
        events = EventReader(self._limits.answer_bytes)
        while chunk := await incoming.chunk():
            for data in self._events(events, chunk):
                answer = self._pick(data, id_)
                if answer is not None:
                    incoming.finish()
                    return answer
        raise UpstreamLostError(f"system `{self._system}` ended its stream without the answer")

    def _events(self, reader: EventReader, chunk: bytes) -> list[bytes]:
        try:
            return reader.feed(chunk)
        except EventTooLargeError:
            raise UpstreamProtocolError(
                f"system `{self._system}` sent more than its answer may hold"
            ) from None

    def _pick(self, data: bytes, id_: int) -> jsonrpc.Response | None:
        """Return the answer to this request; attend to everything else that came with it."""
        found: jsonrpc.Response | None = None
        for message in decode(self._system, data, self._limits, self._welcome.version):
            match message:
                case jsonrpc.Response():
                    if message.id == id_ and found is None:
                        found = message
                case jsonrpc.Request():
                    self._respond(message)
                case jsonrpc.Notification():
                    if message.method == TOOLS_CHANGED:
                        self._changed()
        return found

    def _respond(self, asked: jsonrpc.Request) -> None:
        if not self.stateless and len(self._tasks) < OWN_ANSWERS_MAX:
            self._start(self._courtesy(own_answer(asked)))

    async def _courtesy(self, message: bytes) -> None:
        with suppress(UpstreamError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(COURTESY_S):
                await self._tell(message)

    async def _tell(self, message: bytes) -> None:
        """Send what has no answer."""
        incoming = await self._wire.send(b"POST", self._headers(_POST), message, unguarded)
        try:
            await incoming.body()
        finally:
            incoming.close()
        if incoming.status >= BAD_REQUEST:
            raise UpstreamDownError(f"system `{self._system}` answered HTTP {incoming.status}")

    async def _hear_changes(self) -> None:
        """Keep the stream open on which a system speaks unasked; return when it offers none."""
        pauses = iter(LISTEN_PAUSES_S)
        pause = 0.0
        while not self.dead:
            with suppress(UpstreamError, aiohttp.ClientError, OSError):
                if not await self._hear():
                    return
                pauses = iter(LISTEN_PAUSES_S)
            pause = next(pauses, pause)
            await asyncio.sleep(pause)
            # What was said while nobody listened is not known.
            self._changed()

    async def _hear(self) -> bool:
        """Listen until the stream ends; return False if there is none to listen to."""
        id_ = next(self._ids)
        incoming = await self._listen(id_)
        try:
            if incoming.status != OK or incoming.content_type != "text/event-stream":
                await self._not_heard(incoming, id_)
                return False
            events = EventReader(self._limits.answer_bytes)
            while chunk := await incoming.chunk(unbounded=True):
                for data in self._events(events, chunk):
                    ended = self._pick(data, id_)
                    if ended is not None and self.stateless:
                        return ended.error is None
        finally:
            incoming.close()
        return True

    async def _listen(self, id_: int) -> Incoming:
        if self.stateless:
            return await self._post(era.LISTEN, id_, unguarded, era.STATELESS)
        return await self._wire.send(b"GET", self._headers(_GET), b"", unguarded)

    async def _not_heard(self, incoming: Incoming, id_: int) -> None:
        if self.stateless and incoming.status // 100 == BAD_REQUEST // 100:
            await self._refused(incoming, id_)
        elif incoming.status == NOT_FOUND and self._session:
            self.dead = True

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End the session on both sides, as far as the other side still listens."""
        self.dead = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if b"Mcp-Session-Id" in self._session:
            with suppress(UpstreamError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(COURTESY_S):
                    ended = await self._wire.send(b"DELETE", self._headers(_POST), b"", unguarded)
                    ended.close()
        await self._wire.close()
