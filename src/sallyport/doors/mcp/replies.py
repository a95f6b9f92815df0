"""Writes the answer to requests: at once as JSON, or as a stream while they are waited for.

Rules:
  1. A client that reads JSON gets JSON; if it reads streams as well and the answer takes long, it
     gets a stream, with signs of life, so that neither it nor a proxy gives up on a held call.
  2. When the client leaves, the work on its answers is cancelled. That takes no call back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sallyport.doors.mcp.bounds import GRACE_S, KEEP_ALIVE_S
from sallyport.doors.mcp.headers import Accepts
from sallyport.doors.mcp.refusals import Headers, body_of, status_of
from sallyport.doors.mcp.wire import Wire
from sallyport.doors.mcp.words import STILL_WAITING
from sallyport.errors import BadInputError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id


@dataclass(frozen=True, slots=True)
class Work:
    """An answer that is being worked on, and how its client wants to hear of it meanwhile.

    Work that fails with an error of ours is answered with that error, and with its HTTP status
    where the client's request is at fault and nothing was sent yet.
    """

    id: Id
    task: asyncio.Task[bytes]
    progress: Id | None = None

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

    def _error(self) -> SallyportError | None:
        error = None if self.task.cancelled() else self.task.exception()
        return error if isinstance(error, SallyportError) else None


async def reply(
    wire: Wire, works: Sequence[Work], accepts: Accepts, *, batch: bool = False
) -> None:
    """Wait for the work and answer with it."""
    gone = wire.watch()
    try:
        if accepts.json and await _finished(works, gone, GRACE_S if accepts.stream else None):
            status = 200 if batch else works[0].status()
            await wire.answer(status, joined([work.outcome() for work in works], batch=batch))
        elif not gone.done():
            await _stream(wire, works, gone)
    finally:
        gone.cancel()
        for work in works:
            work.task.cancel()


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


async def _finished(
    works: Sequence[Work], gone: asyncio.Task[None], within_s: float | None
) -> bool:
    """Wait until all work is done; return False if the client left or the time was over first."""
    for work in works:
        if not work.task.done():
            await asyncio.wait(
                (work.task, gone), timeout=within_s, return_when=asyncio.FIRST_COMPLETED
            )
        if not work.task.done():
            return False
    return True


async def _stream(wire: Wire, works: Sequence[Work], gone: asyncio.Task[None]) -> None:
    await wire.stream()
    waiting = list(works)
    signs = 0
    while waiting and not gone.done():
        for work in [work for work in waiting if work.task.done()]:
            waiting.remove(work)
            await wire.event(work.outcome())
        if waiting:
            signs += 1
            await _sign_of_life(wire, waiting, signs)
            tasks = (gone, *(work.task for work in waiting))
            await asyncio.wait(tasks, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
    if not gone.done():
        await wire.end()


async def _sign_of_life(wire: Wire, waiting: Sequence[Work], number: int) -> None:
    heard = [work.progress for work in waiting if work.progress is not None]
    for token in heard:
        params: JsonObject = {
            "progressToken": token,
            "progress": number,
            "message": STILL_WAITING,
        }
        await wire.event(jsonrpc.notification("notifications/progress", params))
    if not heard:
        await wire.comment()


def _cancelled(id_: Id) -> bytes:
    return jsonrpc.error(
        id_,
        jsonrpc.SERVER_ERROR,
        "the client cancelled this request; a call that has left is not recalled",
        {
            "code": "mcp.cancelled",
            "what": "the client cancelled this request",
            "fix": "repeat exactly this call to learn what became of it",
        },
    )
