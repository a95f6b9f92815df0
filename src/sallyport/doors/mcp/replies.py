"""Writes the answer to requests: at once as JSON, or as a stream while they are waited for.

Rules:
  1. A client that reads JSON gets JSON; if it reads streams as well and the answer takes long, it
     gets a stream, with signs of life, so that neither it nor a proxy gives up on a held call.
  2. What stands in the outbox of some work comes before its outcome, on the stream that is begun
     for it at once. A client that reads no streams gets none of it.
  3. When the client leaves, the work on its answers is cancelled, unless the stream is one that
     can be gone on with. Whether that takes a call back is for whoever does the work to know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sallyport.doors.mcp.bounds import GRACE_S, KEEP_ALIVE_S
from sallyport.doors.mcp.headers import Accepts
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.refusals import Headers, body_of, status_of
from sallyport.doors.mcp.wire import Wire
from sallyport.doors.mcp.words import STILL_WAITING
from sallyport.errors import BadInputError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id

_STEP: Final = Decimal("0.001")
"""How far a sign of life moves on: so little that no system's own progress falls behind it."""


@dataclass(frozen=True, slots=True)
class Work:
    """An answer that is being worked on, and how its client wants to hear of it meanwhile.

    Whoever works on it puts messages that come before the outcome (notifications, requests to the
    client) into `outbox`. Work that fails with an error of ours is answered with that error, and
    with its HTTP status where the client's request is at fault and nothing was sent yet.
    """

    id: Id
    task: asyncio.Task[bytes]
    progress: Id | None = None
    outbox: Outbox = field(default_factory=Outbox)

    def outcome(self) -> bytes:
        """Return the finished answer."""
        error = self._error()
        if error is not None:
            return body_of(error, self.id)
        return _cancelled(self.id) if self.task.cancelled() else self.task.result()

    def status(self) -> int:
        """Return the HTTP status of the finished answer."""
        error = self._error()
        return status_of(error) if isinstance(error, BadInputError) else 200

    def sign_of_life(self, number: int) -> bytes:
        """Return progress of ours, if the client wants some and its system told of none."""
        if self.progress is None or self.outbox.progress is not None:
            return b""
        params: JsonObject = {
            "progressToken": self.progress,
            "progress": number * _STEP,
            "message": STILL_WAITING,
        }
        return jsonrpc.notification("notifications/progress", params)

    def _error(self) -> SallyportError | None:
        error = None if self.task.cancelled() else self.task.exception()
        return error if isinstance(error, SallyportError) else None


class Bell:
    """Wakes whoever writes an answer: work is done, a message is there, or the client has gone."""

    def __init__(self, works: Sequence[Work], gone: asyncio.Task[None]) -> None:
        self._stirred = asyncio.Event()
        self._works = works
        self.gone = gone
        gone.add_done_callback(self._ring)
        for work in works:
            work.task.add_done_callback(self._ring)
            work.outbox.ring = self._stirred.set

    async def wait(self, within_s: float | None) -> bool:
        """Wait until something happens; return False where nothing did within the time."""
        try:
            async with asyncio.timeout(within_s):
                await self._stirred.wait()
        except TimeoutError:
            return False
        self._stirred.clear()
        return True

    def close(self) -> None:
        """Be woken no more."""
        self.gone.remove_done_callback(self._ring)
        for work in self._works:
            work.task.remove_done_callback(self._ring)

    def _ring(self, _: object) -> None:
        self._stirred.set()


class Stream:
    """The events that answer one POST: what stands in the outboxes, and each outcome at its end."""

    def __init__(self, works: Sequence[Work]) -> None:
        self.waiting = list(works)
        self._signs = 0

    async def write(self, wire: Wire, bell: Bell) -> None:
        """Write events until everything was told or the client has gone."""
        woken = False
        while self.waiting and not bell.gone.done():
            told = self.next()
            for message in told:
                await wire.event(message)
            if not self.waiting:
                return
            if not (told or woken):
                await self.sign_of_life(wire)
            woken = await bell.wait(KEEP_ALIVE_S)

    def next(self) -> list[bytes]:
        """Return what is to be told now."""
        told: list[bytes] = []
        for work in tuple(self.waiting):
            over = work.task.done()
            told += work.outbox.take()
            if over:
                self.waiting.remove(work)
                told.append(work.outcome())
        return told

    async def sign_of_life(self, wire: Wire) -> None:
        """Tell a client that waits that its work goes on."""
        self._signs += 1
        signs = [sign for work in self.waiting if (sign := work.sign_of_life(self._signs))]
        for sign in signs:
            await wire.event(sign)
        if not signs:
            await wire.comment()


async def reply(
    wire: Wire,
    works: Sequence[Work],
    accepts: Accepts,
    *,
    batch: bool = False,
    begin: Callable[[Sequence[Work]], Stream] | None = None,
) -> None:
    """Wait for the work and answer with it.

    Args:
        wire: The request.
        works: What is being worked on; it ends with this, unless a stream was begun by `begin`.
        accepts: The forms that the client takes.
        batch: Whether the answers are one list.
        begin: Makes a stream that looks after its work by itself when the client leaves.
    """
    gone = wire.watch()
    bell = Bell(works, gone)
    kept = False
    try:
        if not accepts.stream:
            _shut(works)
        if accepts.json and await _at_once(works, bell, GRACE_S if accepts.stream else None):
            status = 200 if batch else works[0].status()
            await wire.answer(status, joined([work.outcome() for work in works], batch=batch))
        elif not gone.done():
            stream = begin(works) if begin is not None else Stream(works)
            kept = begin is not None
            await written(wire, stream, bell)
    finally:
        bell.close()
        gone.cancel()
        if not kept:
            for work in works:
                work.task.cancel()
                work.outbox.close()


async def written(wire: Wire, stream: Stream, bell: Bell) -> None:
    """Write a stream from its beginning, or from where it was left."""
    await wire.stream()
    await stream.write(wire, bell)
    if not bell.gone.done():
        await wire.end()


def joined(answers: Sequence[bytes], *, batch: bool) -> bytes:
    """Return one body with these answers."""
    return b"[%b]" % b",".join(answers) if batch else answers[0]


async def at_once(wire: Wire, body: bytes, accepts: Accepts, extra: Headers | None = None) -> None:
    """Answer with what is there already, in a form that the client reads."""
    if accepts.json:
        await wire.answer(200, body, extra)
        return
    await wire.stream(extra)
    await wire.event(body)
    await wire.end()


async def _at_once(works: Sequence[Work], bell: Bell, within_s: float | None) -> bool:
    """Wait until all work is done; return False where it has to be a stream or nobody is there."""
    ends = None if within_s is None else asyncio.get_running_loop().time() + within_s
    while not bell.gone.done() and not any(work.outbox for work in works):
        if all(work.task.done() for work in works):
            return True
        left = None if ends is None else max(0.0, ends - asyncio.get_running_loop().time())
        if not await bell.wait(left):
            return False
    return False


def _shut(works: Sequence[Work]) -> None:
    for work in works:
        work.outbox.close()


def _cancelled(id_: Id) -> bytes:
    return jsonrpc.error(
        id_,
        jsonrpc.SERVER_ERROR,
        "the client cancelled this request; a system that had the call already was told so",
        {
            "code": "mcp.cancelled",
            "what": "the client cancelled this request",
            "fix": "propose it again if it is wanted after all; what is in doubt is not repeated",
        },
    )
