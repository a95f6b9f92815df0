"""A conversation with a child process: one JSON-RPC message a line, on its stdin and stdout.

Rules:
  1. The child sees the declared environment and a plain PATH, nothing of the gateway's own.
  2. It is the head of a process group of its own, dies with the gateway (`leash.py`), and its whole
     group is killed when the link closes.
  3. What it writes to stderr is drained into a bounded ring for the operator; no agent sees it.
  4. Answers are matched by id. An answer to nothing that waits is counted and dropped.
  5. A request that nobody waits for any more is cancelled, since there is no stream to close.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

from sallyport.adapters.mcp import era, leash
from sallyport.adapters.mcp.ages import FRESH_S_MAX, Age
from sallyport.adapters.mcp.era import Welcome
from sallyport.adapters.mcp.link import (
    Limits,
    Question,
    Served,
    Wish,
    decode,
    leave,
    own_answer,
    unguarded,
)
from sallyport.adapters.mcp.listing import all_pins
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
from sallyport.adapters.mcp.pauses import Pauses
from sallyport.adapters.mcp.talk import CANCELLED, Talk, Talks
from sallyport.errors import (
    InvariantError,
    UpstreamDownError,
    UpstreamError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.model import ToolPin
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

PLAIN_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
STDIN: Final = 0
STDOUT: Final = 1
UNSENT_BYTES_MAX: Final = 4 * 1024 * 1024
LAST_WORDS_S: Final = 0.5
"""How long after its end a child's answer may still come out of the pipe."""

GRACE_S: Final = 2.0
"""How long a child may take to end after its stdin closed, and again after SIGTERM."""

ID_SEARCH_BYTES_MAX: Final = 1024 * 1024
HELLO: Final = "initialize"


class _Child(asyncio.SubprocessProtocol):
    """Hands on what the event loop says of a child process, as it is said.

    asyncio's own `Process.wait` ends only when every pipe is closed, which a grandchild that
    inherited one can put off for ever. Here the exit itself counts.
    """

    def __init__(
        self,
        on_data: Callable[[int, bytes], None],
        on_exit: Callable[[], None],
        on_silence: Callable[[], None],
    ) -> None:
        self._on_data = on_data
        self._on_exit = on_exit
        self._on_silence = on_silence

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._on_data(fd, data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        if fd == STDOUT:
            self._on_silence()

    def process_exited(self) -> None:
        self._on_exit()


class StdioLink:
    """One child process.

    Args:
        system: The system's name.
        command: The command and its arguments; the first is searched in the gateway's own PATH.
        environment: Everything the child will see, secrets filled in, apart from PATH.
        served: Whom it serves.
        limits: The bounds.
        probe: Whether to ask for the era. Some old servers end at a question before the handshake.
    """

    def __init__(
        self,
        system: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        served: Served,
        limits: Limits,
        probe: bool = True,
    ) -> None:
        self._system = system
        self._command = tuple(command)
        self._environment = dict(environment)
        self._abilities = served.abilities
        self._own_meta = era.own_meta(served.abilities)
        self._talks = Talks()
        self._listeners = Listeners(served)
        self._level = ""
        self._watches: dict[jsonrpc.Id, _Watch] = {}
        self._watch_lock = asyncio.Lock()
        self._limits = limits
        self._probe = probe
        self._welcome = Welcome(version=jsonrpc.LATEST)
        self._ids = itertools.count(1)
        self._waiting: dict[jsonrpc.Id, asyncio.Future[jsonrpc.Response]] = {}
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited = asyncio.Event()
        self._pending = bytearray()
        self._complaints = bytearray()
        self._listening: asyncio.TimerHandle | None = None
        self._pauses = Pauses()
        self.ended_at_the_probe = False
        self.strays = 0
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
        """Start the child and find out its era."""
        self._transport = await self._spawn()
        greet = era.greet if self._probe else era.shake_hands
        self._welcome = await greet(self._system, self._ask, self._abilities)
        if not self.stateless:
            self._write(jsonrpc.notification("notifications/initialized"), unguarded)
        elif self._welcome.tells_of_changes:
            self._listen()

    def _listen(self) -> None:
        """Ask to be told of changes; what comes is heard like everything else the child says."""
        id_, loop = next(self._ids), asyncio.get_running_loop()
        ended: asyncio.Future[jsonrpc.Response] = loop.create_future()
        began_s = loop.time()
        ended.add_done_callback(lambda _: self._listen_again(id_, ended, began_s))
        self._waiting[id_] = ended
        with suppress(UpstreamDownError):
            self._write(self._listen_request(id_, self._welcome.listen()), unguarded)

    def _listen_request(self, id_: int, question: Question) -> bytes:
        return jsonrpc.request(id_, era.LISTEN, question.params(self._own_meta))

    def _listen_again(
        self, id_: jsonrpc.Id, ended: asyncio.Future[jsonrpc.Response], began_s: float
    ) -> None:
        """After a subscription that its child ended in good order, ask for another."""
        del self._waiting[id_]
        if ended.exception() is not None or self.dead or ended.result().error is not None:
            return
        loop = asyncio.get_running_loop()
        pause_s = self._pauses.after(loop.time() - began_s)
        self._listening = loop.call_later(pause_s, self._missed_some)

    def _missed_some(self) -> None:
        if not self.dead:
            self._listen()
            self._listeners.missed(self._welcome.offers)

    async def tools(self) -> tuple[ToolPin, ...]:
        """Return every tool."""
        age = Age()
        pins = await all_pins(self._system, self._welcome, age.noting(self.exchange), self._limits)
        self.fresh_s = age.fresh_s
        return pins

    async def _spawn(self) -> asyncio.SubprocessTransport:
        program = shutil.which(self._command[0])
        if program is None:
            raise UpstreamDownError(
                f"the command `{self._command[0]}` of system `{self._system}` is not on this host"
            )
        environment = child_environment(program, self._environment)
        try:
            transport, _ = await asyncio.get_running_loop().subprocess_exec(
                lambda: _Child(self._hear, self._on_exit, self._on_silence),
                *_leashed(program, self._command[1:], environment),
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise UpstreamDownError(f"system `{self._system}` cannot be started") from error
        return transport

    async def exchange(
        self, question: Question, launch: Launch, talk: Talk | None = None
    ) -> jsonrpc.Response:
        """Write one request and wait for the line that answers it."""
        talk = talk or Talk()
        await self._set_level(talk)
        return await self._ask(question, launch, self._welcome.version, talk)

    async def _set_level(self, talk: Talk) -> None:
        level = self._talks.level_with(talk)
        if self.stateless or level in ("", self._level) or "logging" not in self._welcome.offers:
            return
        self._level = level
        # A system that cannot be told the level may still be called.
        with suppress(UpstreamError):
            await self._ask(era.set_level(level), unguarded, self._welcome.version)

    async def _ask(
        self, question: Question, launch: Launch, version: str, talk: Talk | None = None
    ) -> jsonrpc.Response:
        id_, talk = next(self._ids), talk or Talk()
        message = question.params(era.meta_of(version, self._own_meta, talk, id_))
        answered: asyncio.Future[jsonrpc.Response] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answered
        self._talks.begin(id_, talk)
        self.busy += 1
        try:
            self._write(jsonrpc.request(id_, question.method, message), launch)
            return await answered
        except asyncio.CancelledError:
            self._cancel(id_, question)
            raise
        except UpstreamLostError:
            self.ended_at_the_probe |= question is era.DISCOVER and self.dead
            raise
        finally:
            self.busy -= 1
            self._talks.end(id_)
            del self._waiting[id_]

    def _cancel(self, id_: int, question: Question) -> None:
        if question is not era.DISCOVER and question.method != HELLO:
            with suppress(UpstreamDownError):
                self._write(jsonrpc.notification(CANCELLED, {"requestId": id_}), unguarded)

    def _write(self, message: bytes, launch: Launch) -> None:
        if b"\n" in message:
            raise InvariantError("a message for a child process holds a line break")
        stdin = self._stdin()
        if stdin is None:
            raise UpstreamDownError(f"system `{self._system}` has ended")
        if stdin.get_write_buffer_size() > UNSENT_BYTES_MAX:
            raise UpstreamDownError(f"system `{self._system}` does not read what it is sent")
        leave(stdin.write, message + b"\n", launch)

    def _stdin(self) -> asyncio.WriteTransport | None:
        if self.dead or self._transport is None:
            return None
        stdin = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(STDIN))
        return None if stdin is None or stdin.is_closing() else stdin

    def _hear(self, fd: int, data: bytes) -> None:
        if fd == STDOUT:
            self._hear_lines(data)
            return
        self._complaints += data
        del self._complaints[: -self._limits.stderr_bytes]

    def _hear_lines(self, data: bytes) -> None:
        start = len(self._pending)
        self._pending += data
        if (end := self._pending.rfind(b"\n", start)) >= 0:
            lines = bytes(self._pending[:end])
            del self._pending[: end + 1]
            for line in lines.split(b"\n"):
                self._take(line.strip())
        if len(self._pending) > self._limits.answer_bytes:
            self._pending.clear()
            self._give_up(
                UpstreamProtocolError(f"system `{self._system}` sent more than its answer may hold")
            )

    def _take(self, line: bytes) -> None:
        if not line.startswith((b"{", b"[")):
            self.strays += bool(line)
            return
        try:
            messages = decode(self._system, line, self._limits, self._welcome.version)
        except UpstreamProtocolError as error:
            self._fail_one(line, error)
            return
        for message in messages:
            self._attend(message)

    def _attend(self, message: jsonrpc.Message) -> None:
        match message:
            case jsonrpc.Response():
                self._settle(message)
            case jsonrpc.Request():
                self._respond(message)
            case jsonrpc.Notification():
                self._heed(message)

    def _heed(self, note: jsonrpc.Notification) -> None:
        watch = self._watches.get(_subscription(note))
        if watch is not None and note.method == ACKNOWLEDGED:
            watch.acknowledge(note)
        elif not self._talks.attend(note):
            self._listeners.attend(note, watch.wish.principal if watch else None)

    def _settle(self, answer: jsonrpc.Response) -> None:
        waiting = None if answer.id is None else self._waiting.get(answer.id)
        if waiting is None or waiting.done():
            self.strays += 1
            return
        waiting.set_result(answer)

    def _fail_one(self, line: bytes, error: UpstreamProtocolError) -> None:
        """Fail the call that a broken line was meant to answer, if it still says which."""
        waiting = self._waiting.get(_careless_id(line))
        if waiting is None or waiting.done():
            self.strays += 1
            return
        waiting.set_exception(error)

    def _respond(self, asked: jsonrpc.Request) -> None:
        if self.stateless:
            self.strays += 1
            return
        if not self._talks.take(asked):
            self.decline(own_answer(asked))

    async def respond(self, message: bytes, launch: Launch) -> None:
        """Write our answer to a question."""
        self._write(message, launch)

    def decline(self, message: bytes) -> None:
        """Write it, unless the child asks without reading our answers."""
        with suppress(UpstreamDownError):
            self._write(message, unguarded)

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
        """Ask to be told of what is wanted from now on, then end the subscription before."""
        before = self._listeners.uris(wish.principal)
        uris = after(wish, before)
        if uris == before:
            launch()
            return GRANTED
        old = [id_ for id_, one in self._watches.items() if one.wish.principal == wish.principal]
        if uris:
            refusal = await self._watch_anew(wish, uris, launch)
            if refusal is not None:
                return refusal
        else:
            launch()
        for id_ in old:
            self._stop_watching(id_)
        self._listeners.grant(wish, on=wish.on)
        return GRANTED

    async def _watch_anew(
        self, wish: Wish, uris: frozenset[str], launch: Launch
    ) -> jsonrpc.Response | None:
        """Open a subscription and wait for the child's word; return its refusal, if that it is."""
        id_, watch = next(self._ids), _Watch(wish)
        self._watches[id_], self._waiting[id_] = watch, watch.ended
        watch.ended.add_done_callback(lambda _: self._watch_ended(id_))
        try:
            self._write(self._listen_request(id_, era.watch(uris)), launch)
            refusal = await watch.refusal()
        except BaseException:
            self._stop_watching(id_)
            raise
        if refusal is not None:
            self._stop_watching(id_)
        return refusal

    def _watch_ended(self, id_: jsonrpc.Id) -> None:
        """A subscription that its child ended is over; one that we replaced is gone already."""
        self._waiting.pop(id_, None)
        watch = self._watches.pop(id_, None)
        if watch is None:
            return
        _ = watch.ended.cancelled() or watch.ended.exception()
        if watch.granted:
            self._listeners.over(watch.wish.principal)

    def _stop_watching(self, id_: jsonrpc.Id) -> None:
        watch = self._watches.pop(id_, None)
        if watch is not None and not watch.ended.done():
            watch.ended.cancel()
            self.decline(jsonrpc.notification(CANCELLED, {"requestId": id_}))

    def _on_exit(self) -> None:
        """The child is gone; what it wrote last may still be in the pipe."""
        self.dead = True
        self._exited.set()
        self._signal(signal.SIGKILL)
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self._on_silence)

    def _on_silence(self) -> None:
        self._give_up(UpstreamLostError(f"system `{self._system}` ended while it was asked"))

    def _give_up(self, error: UpstreamLostError) -> None:
        """Expect no more of this child, and let nobody else."""
        self.dead = True
        self._listeners.over()
        for waiting in tuple(self._waiting.values()):
            if not waiting.done():
                waiting.set_exception(error)
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # The child leads its group, so the group's id is the child's.
        if self._transport is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), number)

    def complaints(self) -> str:
        """Return the end of what the child wrote to stderr. It may hold secrets."""
        return self._complaints.decode("utf-8", "replace")

    async def close(self) -> None:
        """Close its stdin, then ask its group to end, then kill it."""
        self.dead = True
        if self._listening is not None:
            self._listening.cancel()
        if self._transport is None:
            return
        stdin = self._transport.get_pipe_transport(STDIN)
        if stdin is not None:
            stdin.close()
        if not await self._ends():
            self._signal(signal.SIGTERM)
            await self._ends()
        self._give_up(UpstreamLostError(f"system `{self._system}` was closed while it was asked"))
        await self._ends()
        self._transport.close()

    async def _ends(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._exited.wait()
        return self._exited.is_set()


class _Watch:
    """One subscription of the stateless era, from its request to its end."""

    def __init__(self, wish: Wish) -> None:
        loop = asyncio.get_running_loop()
        self.wish = wish
        self.granted = False
        self.ended: asyncio.Future[jsonrpc.Response] = loop.create_future()
        self._said: asyncio.Future[bool] = loop.create_future()

    def acknowledge(self, note: jsonrpc.Notification) -> None:
        """Take the child's word."""
        if not self._said.done():
            self.granted = is_acknowledged(note, self.wish)
            self._said.set_result(self.granted)

    async def refusal(self) -> jsonrpc.Response | None:
        """Wait for the child's word, and return its refusal, if that it is."""
        either: set[asyncio.Future[Any]] = {self.ended, self._said}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self._said.done():
            return None if self.granted else REFUSED
        answer = self.ended.result()
        return answer if answer.error is not None else REFUSED


def _subscription(note: jsonrpc.Notification) -> jsonrpc.Id:
    """Return the id of the subscription that a notification belongs to, or one nobody has."""
    meta = note.params.get("_meta")
    id_ = meta.get(era.SUBSCRIPTION_KEY) if isinstance(meta, dict) else None
    return id_ if isinstance(id_, int) and not isinstance(id_, bool) else ""


def child_environment(program: str, declared: Mapping[str, str]) -> dict[str, str]:
    """Return what a child sees: what was declared, and a PATH if none was.

    That PATH is the plain one, with the program's own folder in front so that it finds its siblings
    (an interpreter beside its script).
    """
    own = str(Path(program).parent.absolute())
    return {"PATH": f"{own}:{PLAIN_PATH}", **declared}


def _leashed(program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    start = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), ",".join(environment)]
    return [*start, str(Path(program).absolute()), *arguments]


def _careless_id(line: bytes) -> jsonrpc.Id:
    """Return the id in a line that strict reading refused, or an id that nobody has."""
    if len(line) <= ID_SEARCH_BYTES_MAX:
        with suppress(ValueError, RecursionError):
            match json.loads(line):
                case {"id": int() | str() as id_}:
                    return id_
                case _:
                    pass
    return ""
