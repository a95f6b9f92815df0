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
  5. In the handshake era a stream that ends or breaks off before the answer is gone on with, if its
     events had ids; without them, nobody knows what became of the call.
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
from sallyport.adapters.mcp.ages import FRESH_S_MAX, Age
from sallyport.adapters.mcp.era import Welcome
from sallyport.adapters.mcp.link import (
    Limits,
    Once,
    Question,
    Served,
    Wish,
    decode,
    own_answer,
    unguarded,
)
from sallyport.adapters.mcp.listing import all_pins
from sallyport.adapters.mcp.mirror import Mirrors
from sallyport.adapters.mcp.news import (
    ACKNOWLEDGED,
    GRANTED,
    REFUSED,
    Listeners,
    after,
    by_request,
    is_acknowledged,
    too_many,
)
from sallyport.adapters.mcp.pauses import LASTED_S, Pauses
from sallyport.adapters.mcp.stream import RETRY_S, Stream
from sallyport.adapters.mcp.talk import CANCELLED, Talk, Talks
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
RESUMPTIONS_MAX: Final = 1000
HELLO: Final = "initialize"
EVENTS: Final = "text/event-stream"

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
        served: Whom it serves.
        mirrors: What its tools want repeated in headers; links to one address share it.
        limits: The bounds.
    """

    def __init__(
        self,
        system: str,
        url: str,
        *,
        credential: Callable[[], str],
        served: Served,
        mirrors: Mirrors,
        limits: Limits,
    ) -> None:
        self._system = system
        self._credential = credential
        self._changed = served.changed
        self._abilities = served.abilities
        self._own_meta = era.own_meta(served.abilities)
        self._talks = Talks()
        self._listeners = Listeners(served)
        self._level = ""
        self._watching: asyncio.Task[None] | None = None
        self._watch_lock = asyncio.Lock()
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
        self.fresh_s = FRESH_S_MAX

    @property
    def stateless(self) -> bool:
        """Whether it speaks the stateless era; known once it is open."""
        return self._welcome.stateless

    @property
    def has_listeners(self) -> bool:
        """Whether somebody subscribed to something that it tells of."""
        return bool(self._listeners)

    async def open(self) -> None:
        """Find out the era; raises when the system cannot be reached or declines."""
        self._welcome = await era.greet(self._system, self._ask, self._abilities)
        if self.stateless:
            await self._learn()
        else:
            await self._begin_session()
        if self._is_worth_hearing():
            self._start(self._hear_changes())

    def _is_worth_hearing(self) -> bool:
        if self.stateless:
            return self._welcome.tells_of_changes
        # A question may come on this stream, too.
        return self._welcome.speaks_unasked or bool(self._abilities)

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
        age = Age()
        pins = await all_pins(self._system, self._welcome, age.noting(self.exchange), self._limits)
        self.fresh_s = age.fresh_s
        return self._mirrors.learn(pins) if self.stateless else pins

    async def exchange(
        self, question: Question, launch: Launch, talk: Talk | None = None
    ) -> jsonrpc.Response:
        """Send one request in a POST of its own and return the answer to it."""
        talk = talk or Talk()
        await self._set_level(talk)
        return await self._ask(question, launch, self._welcome.version, talk)

    async def _set_level(self, talk: Talk) -> None:
        level = self._talks.level_with(talk)
        if self.stateless or level in ("", self._level) or "logging" not in self._welcome.offers:
            return
        self._level = level
        # A system that cannot be told the level may still be called.
        with suppress(UpstreamError, aiohttp.ClientError, OSError):
            await self._ask(era.set_level(level), unguarded, self._welcome.version)

    async def _ask(
        self, question: Question, launch: Launch, version: str, talk: Talk | None = None
    ) -> jsonrpc.Response:
        id_, once, talk = next(self._ids), Once(launch), talk or Talk()
        self.busy += 1
        self._talks.begin(id_, talk)
        try:
            incoming = await self._post(question, id_, once, version, talk)
            try:
                return await self._answer(incoming, id_, talk, hello=question.method == HELLO)
            except BaseException:
                incoming.close()
                raise
        except asyncio.CancelledError:
            # Where each request stands alone, hanging up says it.
            if once.fired and version != era.STATELESS and question.method != HELLO:
                self.decline(jsonrpc.notification(CANCELLED, {"requestId": id_}))
            raise
        finally:
            self._talks.end(id_)
            self.busy -= 1

    async def _post(
        self, question: Question, id_: int, launch: Launch, version: str, talk: Talk
    ) -> Incoming:
        fixed = _POST
        if version == era.STATELESS:
            fixed += self._mirrors.headers(question, self._limits)
        meta = era.meta_of(version, self._own_meta, talk, id_)
        body = jsonrpc.request(id_, question.method, question.params(meta))
        return await self._wire.send(b"POST", self._headers(fixed), body, launch)

    def _headers(self, fixed: bytes) -> bytes:
        credential = self._credential()
        if not credential:
            return fixed + self._session
        return fixed + self._session + field("Authorization", f"Bearer {credential}")

    async def _answer(
        self, incoming: Incoming, id_: int, talk: Talk, *, hello: bool = False
    ) -> jsonrpc.Response:
        status = incoming.status
        match status // 100:
            case 2:
                answer = await self._read(incoming, id_, talk)
                if hello:
                    self._remember(incoming)
                return answer
            case 3:
                raise UpstreamProtocolError(
                    f"system `{self._system}` redirects, which is not followed",
                    fix="write the final address into the system's file",
                )
            case 4 if status != REQUEST_TIMEOUT:
                return await self._refused(incoming, id_, talk)
            case _:
                raise UpstreamLostError(f"system `{self._system}` answered HTTP {status}")

    def _remember(self, incoming: Incoming) -> None:
        session = incoming.header("Mcp-Session-Id")
        if not session:
            return
        if not _SESSION_ID.fullmatch(session):
            raise UpstreamDownError(f"system `{self._system}` named its session with unsafe text")
        self._session = field("Mcp-Session-Id", session)

    async def _refused(self, incoming: Incoming, id_: int, talk: Talk) -> jsonrpc.Response:
        """Return the system's own error for this request, or one that names the status."""
        own: jsonrpc.Response | None = None
        with suppress(UpstreamError, aiohttp.ClientError):
            own = self._pick(await incoming.body(), id_, talk)
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
                self._die()
        # Some servers answer an unknown session with 400 in place of 404.
        elif code is None and self._session and status in (NOT_FOUND, BAD_REQUEST):
            self._die()

    def _die(self) -> None:
        """Take no more requests, and tell of nothing any more."""
        self.dead = True
        self._listeners.over()

    async def _read(self, incoming: Incoming, id_: int, talk: Talk) -> jsonrpc.Response:
        if incoming.content_type == EVENTS:
            return await self._read_stream(self._stream(incoming), id_, talk)
        if incoming.content_type != "application/json":
            raise UpstreamProtocolError(
                f"system `{self._system}` answered with neither JSON nor an event stream"
            )
        answer = self._pick(await incoming.body(), id_, talk)
        if answer is None:
            raise UpstreamProtocolError(f"system `{self._system}` answered another request")
        return answer

    def _stream(self, incoming: Incoming, *, unbounded: bool = False) -> Stream:
        return Stream(self._system, incoming, self._limits, unbounded=unbounded)

    async def _read_stream(self, stream: Stream, id_: int, talk: Talk) -> jsonrpc.Response:
        """Return the answer from a stream, or from those with which its system goes on with it."""
        last_id, pause_s = "", RETRY_S
        for _ in range(RESUMPTIONS_MAX):
            answer = await self._until_answer(stream, id_, talk, last_id)
            if answer is not None:
                return answer
            last_id, pause_s = stream.last_id(last_id), stream.retry_s(pause_s)
            if not last_id or self.stateless:
                break
            await asyncio.sleep(pause_s)
            stream = await self._resumed(last_id)
        raise UpstreamLostError(f"system `{self._system}` ended its stream without the answer")

    async def _until_answer(
        self, stream: Stream, id_: int, talk: Talk, last_id: str
    ) -> jsonrpc.Response | None:
        """Return the answer; None if the stream ended, or broke off with an id."""
        try:
            while (data := await stream.next()) is not None:
                answer = self._pick(data, id_, talk)
                if answer is not None:
                    stream.finish()
                    return answer
        except (aiohttp.ClientError, OSError):
            if self.stateless or not stream.last_id(last_id):
                stream.close()
                raise
        except BaseException:
            stream.close()
            raise
        stream.close()
        return None

    async def _resumed(self, last_id: str) -> Stream:
        headers = self._headers(_GET) + field("Last-Event-ID", last_id)
        incoming = await self._wire.send(b"GET", headers, b"", unguarded)
        if incoming.status == OK and incoming.content_type == EVENTS:
            return self._stream(incoming)
        incoming.close()
        if incoming.status == NOT_FOUND and self._session:
            self._die()
        raise UpstreamLostError(f"system `{self._system}` does not go on with its stream")

    def _pick(self, data: bytes, id_: int, talk: Talk | None) -> jsonrpc.Response | None:
        """Return the answer to this request; attend to everything else that came with it."""
        found: jsonrpc.Response | None = None
        for message in decode(self._system, data, self._limits, self._welcome.version):
            match message:
                case jsonrpc.Response():
                    if message.id == id_ and found is None:
                        found = message
                case jsonrpc.Request():
                    self._respond(message, talk)
                case jsonrpc.Notification():
                    if not self._talks.attend(message, talk):
                        self._listeners.attend(message)
        return found

    def _respond(self, asked: jsonrpc.Request, talk: Talk | None) -> None:
        if not self.stateless and not self._talks.take(asked, talk):
            self.decline(own_answer(asked))

    async def respond(self, message: bytes, launch: Launch) -> None:
        """Send our answer to a question in a POST of its own."""
        await self._tell(message, launch)

    def decline(self, message: bytes) -> None:
        """Send it in the background; a system that has too many of them pending goes without."""
        if len(self._tasks) < OWN_ANSWERS_MAX:
            self._start(self._courtesy(message))

    async def _courtesy(self, message: bytes) -> None:
        with suppress(UpstreamError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(COURTESY_S):
                await self._tell(message)

    async def _tell(self, message: bytes, launch: Launch = unguarded) -> None:
        """Send what has no answer."""
        incoming = await self._wire.send(b"POST", self._headers(_POST), message, launch)
        try:
            await incoming.body()
        finally:
            incoming.close()
        if incoming.status >= BAD_REQUEST:
            raise UpstreamDownError(f"system `{self._system}` answered HTTP {incoming.status}")

    async def _hear_changes(self) -> None:
        """Keep the stream open on which a system speaks unasked; return when it offers none."""
        loop, pauses, again = asyncio.get_running_loop(), Pauses(), False
        while not self.dead:
            began_s = loop.time()
            with suppress(UpstreamError, aiohttp.ClientError, OSError):
                if not await self._hear(again=again):
                    return
            again, lasted_s = True, loop.time() - began_s
            if lasted_s >= LASTED_S:
                # It may have been replaced; what it says meanwhile is asked for afterwards.
                self._changed()
            await asyncio.sleep(pauses.after(lasted_s))

    async def _hear(self, *, again: bool) -> bool:
        """Listen until the stream ends; return False if there is none to listen to."""
        id_ = next(self._ids)
        incoming = await self._listen(id_)
        try:
            if incoming.status != OK or incoming.content_type != EVENTS:
                await self._not_heard(incoming, id_)
                return False
            if again:
                self._listeners.missed(self._welcome.offers)
            stream = self._stream(incoming, unbounded=True)
            while (data := await stream.next()) is not None:
                ended = self._pick(data, id_, None)
                if ended is not None and self.stateless:
                    return ended.error is None
        finally:
            incoming.close()
        return True

    async def _listen(self, id_: int) -> Incoming:
        if self.stateless:
            question = self._welcome.listen()
            return await self._post(question, id_, unguarded, era.STATELESS, Talk())
        return await self._wire.send(b"GET", self._headers(_GET), b"", unguarded)

    async def _not_heard(self, incoming: Incoming, id_: int) -> None:
        if self.stateless and incoming.status // 100 == BAD_REQUEST // 100:
            await self._refused(incoming, id_, Talk())
        elif incoming.status == NOT_FOUND and self._session:
            self._die()

    async def subscribe(self, wish: Wish, launch: Launch) -> jsonrpc.Response:
        """Begin or end to be told of a resource, in the manner of the system's era."""
        if not self._listeners.has_room(wish):
            raise too_many(self._system)
        if not self.stateless:
            return await by_request(self._listeners, wish, launch, self.exchange)
        self.busy += 1
        try:
            async with self._watch_lock:
                return await self._watch(wish, launch)
        finally:
            self.busy -= 1

    async def _watch(self, wish: Wish, launch: Launch) -> jsonrpc.Response:
        """Open a stream that tells of what is wanted from now on, then end the one before."""
        before = self._listeners.uris(wish.principal)
        uris = after(wish, before)
        if not uris or uris == before:
            launch()
        else:
            id_ = next(self._ids)
            incoming = await self._post(era.watch(uris), id_, launch, era.STATELESS, Talk())
            refusal, stream = await self._acknowledged(incoming, id_, wish)
            if refusal is not None:
                return refusal
            self._stop_watching()
            self._watching = self._start(self._hear_of(stream, id_, wish.principal))
            # A task that is cancelled before its first step closes nothing by itself.
            self._watching.add_done_callback(lambda _: stream.close())
        if not uris:
            self._stop_watching()
        self._listeners.grant(wish, on=wish.on)
        return GRANTED

    async def _acknowledged(
        self, incoming: Incoming, id_: int, wish: Wish
    ) -> tuple[jsonrpc.Response | None, Stream]:
        """Wait for the system's word; return its refusal, or the stream on which it will tell."""
        stream = self._stream(incoming, unbounded=True)
        try:
            if incoming.status != OK or incoming.content_type != EVENTS:
                return await self._answer(incoming, id_, Talk()), stream
            refusal = await self._until_acknowledged(stream, id_, wish)
        except BaseException:
            stream.close()
            raise
        if refusal is not None:
            stream.close()
        return refusal, stream

    async def _until_acknowledged(
        self, stream: Stream, id_: int, wish: Wish
    ) -> jsonrpc.Response | None:
        while (data := await stream.next()) is not None:
            for message in decode(self._system, data, self._limits, era.STATELESS):
                if isinstance(message, jsonrpc.Response) and message.id == id_:
                    return message if message.error is not None else REFUSED
                if isinstance(message, jsonrpc.Notification) and message.method == ACKNOWLEDGED:
                    return None if is_acknowledged(message, wish) else REFUSED
        raise UpstreamLostError(f"system `{self._system}` ended its stream without the answer")

    async def _hear_of(self, stream: Stream, id_: int, principal: str) -> None:
        """Tell of resources until the stream ends; then its subscriptions are over."""
        with suppress(UpstreamError, aiohttp.ClientError, OSError):
            while (data := await stream.next()) is not None:
                if self._pick(data, id_, None) is not None:
                    break
        self._listeners.over(principal)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self._watching = None

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End the session on both sides, as far as the other side still listens."""
        self._die()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if b"Mcp-Session-Id" in self._session:
            with suppress(UpstreamError, aiohttp.ClientError, OSError):
                async with asyncio.timeout(COURTESY_S):
                    ended = await self._wire.send(b"DELETE", self._headers(_POST), b"", unguarded)
                    ended.close()
        await self._wire.close()
