"""A conversation with a child process: one JSON-RPC message a line, on its stdin and stdout.

Rules:
  1. The child sees the declared environment and a plain PATH, nothing of the gateway's own.
  2. It is the head of a process group of its own, dies with the gateway (`leash.py`), and its whole
     group is killed when the link closes.
  3. What it writes to stderr is drained into a bounded ring for the operator; no agent sees it.
  4. Answers are matched by id. An answer to nothing that waits is counted and dropped.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sallyport.adapters.mcp import leash
from sallyport.adapters.mcp.link import (
    TOOLS_CHANGED,
    Limits,
    Welcome,
    decode,
    leave,
    own_answer,
    shake_hands,
    unguarded,
)
from sallyport.errors import (
    InvariantError,
    UpstreamDownError,
    UpstreamError,
    UpstreamLostError,
    UpstreamProtocolError,
)
from sallyport.ports import Launch
from sallyport.rules import jsonrpc

PLAIN_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
CHUNK_BYTES: Final = 64 * 1024
UNSENT_BYTES_MAX: Final = 1024 * 1024
GRACE_S: Final = 2.0
"""How long a child may take to end after its stdin closed, and again after SIGTERM."""

ID_SEARCH_BYTES_MAX: Final = 1024 * 1024


class StdioLink:
    """One child process.

    Args:
        system: The system's name.
        command: The command and its arguments; the first is searched in the gateway's own PATH.
        environment: Everything the child will see, secrets filled in, apart from PATH.
        changed: Called when the system says that its tools changed.
        limits: The bounds.
    """

    def __init__(
        self,
        system: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        changed: Callable[[], None],
        limits: Limits,
    ) -> None:
        self._system = system
        self._command = tuple(command)
        self._environment = dict(environment)
        self._changed = changed
        self._limits = limits
        self._welcome = Welcome(version=jsonrpc.LATEST, tells_of_changes=False)
        self._ids = itertools.count(1)
        self._waiting: dict[jsonrpc.Id, asyncio.Future[jsonrpc.Response]] = {}
        self._process: Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._complaints = bytearray()
        self.strays = 0
        self.busy = 0
        self.dead = False

    async def open(self) -> None:
        """Start the child and shake hands."""
        self._process = await self._spawn()
        self._tasks = [
            asyncio.create_task(self._listen(self._process)),
            asyncio.create_task(self._drain_stderr(self._process)),
        ]
        self._welcome = await shake_hands(self._system, self.exchange)
        await self._write(jsonrpc.notification("notifications/initialized"), unguarded)

    async def _spawn(self) -> Process:
        program = shutil.which(self._command[0])
        if program is None:
            raise UpstreamDownError(
                f"the command `{self._command[0]}` of system `{self._system}` is not on this host"
            )
        environment = child_environment(program, self._environment)
        try:
            return await asyncio.create_subprocess_exec(
                *_leashed(program, self._command[1:], environment),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise UpstreamDownError(f"system `{self._system}` cannot be started") from error

    async def exchange(self, method: str, params: bytes, launch: Launch) -> jsonrpc.Response:
        """Write one request and wait for the line that answers it."""
        id_ = next(self._ids)
        answered: asyncio.Future[jsonrpc.Response] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = answered
        self.busy += 1
        try:
            await self._write(jsonrpc.request(id_, method, params), launch)
            return await answered
        finally:
            self.busy -= 1
            del self._waiting[id_]
            # Its failure may have arrived while the write itself failed.
            if answered.done() and not answered.cancelled():
                answered.exception()

    async def _write(self, message: bytes, launch: Launch) -> None:
        if b"\n" in message:
            raise InvariantError("a message for a child process holds a line break")
        process = self._process
        stdin = process.stdin if process is not None else None
        if stdin is None:
            raise self._gone()
        await stdin.drain()
        if self.dead or stdin.is_closing():
            raise self._gone()
        leave(stdin.write, message + b"\n", launch)

    def _gone(self) -> UpstreamDownError:
        return UpstreamDownError(f"system `{self._system}` has ended")

    async def _listen(self, process: Process) -> None:
        """Read until the child ends, then fail whatever waits."""
        failure: Exception = UpstreamLostError(f"system `{self._system}` ended while it was asked")
        try:
            await self._read_lines(process)
        except UpstreamError as error:
            failure = error
        finally:
            self.dead = True
            self._fail_all(failure)
            _kill_group(process)

    async def _read_lines(self, process: Process) -> None:
        if process.stdout is None:
            return
        pending = bytearray()
        while chunk := await process.stdout.read(CHUNK_BYTES):
            start = len(pending)
            pending += chunk
            if (end := pending.rfind(b"\n", start)) < 0:
                if len(pending) > self._limits.answer_bytes:
                    raise UpstreamProtocolError(
                        f"system `{self._system}` sent more than its answer may hold"
                    )
                continue
            for line in bytes(pending[:end]).split(b"\n"):
                self._take(line.strip())
            del pending[: end + 1]

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

    def _fail_all(self, error: Exception) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(error)

    def _respond(self, asked: jsonrpc.Request) -> None:
        stdin = self._process.stdin if self._process is not None else None
        if stdin is None or stdin.is_closing():
            return
        # A child that asks without reading our answers gets no more of them.
        if stdin.transport.get_write_buffer_size() < UNSENT_BYTES_MAX:
            leave(stdin.write, own_answer(asked) + b"\n", unguarded)

    async def _drain_stderr(self, process: Process) -> None:
        if process.stderr is None:
            return
        while chunk := await process.stderr.read(CHUNK_BYTES):
            self._complaints += chunk
            del self._complaints[: -self._limits.stderr_bytes]

    def complaints(self) -> str:
        """Return the end of what the child wrote to stderr. It may hold secrets."""
        return self._complaints.decode("utf-8", "replace")

    async def close(self) -> None:
        """Close its stdin, then ask its group to end, then kill it."""
        self.dead = True
        self._fail_all(UpstreamLostError(f"system `{self._system}` was closed while it was asked"))
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        await self._end(process)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _end(self, process: Process) -> None:
        if not await _ended(process):
            _signal_group(process, signal.SIGTERM)
            await _ended(process)
        _kill_group(process)
        await _ended(process)


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
            value: object = json.loads(line)
            id_ = value.get("id") if isinstance(value, dict) else None
            if isinstance(id_, int | str):
                return id_
    return ""


async def _ended(process: Process) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_S):
            await process.wait()
    return process.returncode is not None


def _signal_group(process: Process, number: signal.Signals) -> None:
    # The child leads its group, so the group's id is the child's.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _kill_group(process: Process) -> None:
    _signal_group(process, signal.SIGKILL)
