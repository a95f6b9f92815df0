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
from typing import Final, cast

from sallyport.adapters.mcp import era, leash
from sallyport.adapters.mcp.era import Welcome
from sallyport.adapters.mcp.link import (
    TOOLS_CHANGED,
    Limits,
    Question,
    decode,
    leave,
    own_answer,
    unguarded,
)
from sallyport.adapters.mcp.listing import all_tools
from sallyport.errors import (
    InvariantError,
    UpstreamDownError,
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
LISTEN_PAUSE_S: Final = 1.0
"""How long after a child ended a subscription it is asked for another."""

OPENERS: Final = ("initialize", era.DISCOVER.method)


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
        changed: Called when the system says that its tools changed.
        limits: The bounds.
        probe: Whether to ask for the era. Some old servers end at a question before the handshake.
    """

    def __init__(
        self,
        system: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        changed: Callable[[], None],
        limits: Limits,
        probe: bool = True,
    ) -> None:
        self._system = system
        self._command = tuple(command)
        self._environment = dict(environment)
        self._changed = changed
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
        self.ended_at_the_probe = False
        self.strays = 0
        self.busy = 0
        self.dead = False

    @property
    def stateless(self) -> bool:
        """Whether it speaks the stateless era; known once it is open."""
        return self._welcome.stateless

    async def open(self) -> None:
        """Start the child and find out its era."""
        self._transport = await self._spawn()
        greet = era.greet if self._probe else era.shake_hands
        self._welcome = await greet(self._system, self._ask)
        if not self.stateless:
            self._write(jsonrpc.notification("notifications/initialized"), unguarded)
        elif self._welcome.tells_of_changes:
            self._listen()

    def _listen(self) -> None:
        """Ask to be told of changes; what comes is heard like everything else the child says."""
        id_ = next(self._ids)
        ended: asyncio.Future[jsonrpc.Response] = asyncio.get_running_loop().create_future()
        ended.add_done_callback(lambda _: self._listen_again(id_, ended))
        self._waiting[id_] = ended
        with suppress(UpstreamDownError):
            self._write(jsonrpc.request(id_, era.LISTEN.method, _STATELESS_LISTEN), unguarded)

    def _listen_again(self, id_: jsonrpc.Id, ended: asyncio.Future[jsonrpc.Response]) -> None:
        """After a subscription that its child ended in good order, ask for another."""
        del self._waiting[id_]
        if self.dead or ended.exception() is not None or ended.result().error is not None:
            return
        loop = asyncio.get_running_loop()
        self._listening = loop.call_later(LISTEN_PAUSE_S, self._missed_some)

    def _missed_some(self) -> None:
        if not self.dead:
            self._listen()
            self._changed()

    async def tools(self) -> tuple[ToolPin, ...]:
        """Return every tool."""
        return await all_tools(self._system, self.exchange, self._limits)

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

    async def exchange(self, question: Question, launch: Launch) -> jsonrpc.Response:
        """Write one request and wait for the line that answers it."""
        return await self._ask(question, launch, self._welcome.version)

    async def _ask(self, question: Question, launch: Launch, version: str) -> jsonrpc.Response:
        own_meta = era.OWN_META if version == era.STATELESS else None
        message = question.params(own_meta)
        id_ = next(self._ids)
        answered: asyncio.Future[jsonrpc.Response] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answered
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
            del self._waiting[id_]

    def _cancel(self, id_: int, question: Question) -> None:
        if question.method not in OPENERS:
            with suppress(UpstreamDownError):
                self._write(
                    jsonrpc.notification("notifications/cancelled", {"requestId": id_}), unguarded
                )

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
                if message.method == TOOLS_CHANGED:
                    self._changed()

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
        # A child that asks without reading our answers gets no more of them.
        with suppress(UpstreamDownError):
            self._write(own_answer(asked), unguarded)

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


_STATELESS_LISTEN: Final = era.LISTEN.params(era.OWN_META)


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
