"""Streams of the handshake era that a client can go on with after its connection was cut.

Rules:
  1. A cut connection is no cancelling: the work goes on, and a client that comes back in time reads
     on from the event that it names. Who comes too late repeats the call, and learns the same.
  2. The id of an event names its stream by a name that nobody guesses, and is good in its own
     session only. A stream has one reader; a newer one takes the place of the older.
  3. What is kept is bounded in number, bytes and time. The oldest goes first.

Source: MCP 2025-11-25, "Resumability and Redelivery".
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final

from sallyport.doors.mcp.bounds import KEEP_ALIVE_S
from sallyport.doors.mcp.presence import Presence
from sallyport.doors.mcp.replies import Bell, Stream, Work, written
from sallyport.doors.mcp.wire import Wire

KEPT_S: Final = 300.0
"""How long a stream without a reader is kept, and its work gone on with."""

KEPT_MAX: Final = 1000
"""How many streams are kept, of all sessions together."""

KEPT_PER_SESSION: Final = 32
STREAM_BYTES_MAX: Final = 8 * 1024 * 1024
ALL_BYTES_MAX: Final = 64 * 1024 * 1024
RETRY_MS: Final = 1000
"""After how long a client whose connection was cut is told to come back."""

NUMBER_LENGTH_MAX: Final = 18
PRIMED_SINCE: Final = "2025-11-25"
"""From here on clients expect a first event without a message; older ones would stumble over it."""


class ResumableStream(Stream):
    """The stream of one POST, its events numbered from 1 and kept for a while.

    Args:
        works: What is being worked on.
        session: The id of the session that it belongs to.
        name: What its events are named after.
        primed: Whether it begins with an event that has no message.
        presence: Is told when the reader leaves and comes back.
    """

    def __init__(
        self,
        works: Sequence[Work],
        *,
        session: str,
        name: str,
        primed: bool,
        presence: Sequence[Presence],
    ) -> None:
        super().__init__(works)
        self.session = session
        self.name = name
        self.bytes = 0
        self.changed: Callable[[], None] = lambda: None
        self._works = tuple(works)
        self._primed = primed
        self._presence = presence
        self._told: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self._reader: object | None = None
        self._after: int | None = None

    @property
    def read(self) -> bool:
        """Whether somebody reads it now."""
        return self._reader is not None

    async def write(self, wire: Wire, bell: Bell) -> None:
        """Write what was not read yet, and go on until all is told or another reader comes."""
        reader = self._reader = object()
        # Not earlier: until here the reader before may say that it has left.
        for presence in self._presence:
            presence.back()
        after, self._after = self._after, None
        self.changed()
        try:
            if self._primed and after is None:
                await wire.prime(self._id(0), RETRY_MS)
            for number, message in tuple(self._told):
                if number > (after or 0):
                    await wire.event(message, self._id(number))
            await self._go_on(wire, bell, reader)
        finally:
            if self._reader is reader:
                self._reader = None
                if self.waiting:
                    self._leave()
                self.changed()

    async def resume(self, wire: Wire, after: int) -> None:
        """Serve a reader that has read up to an event."""
        gone = wire.watch()
        bell = Bell(self.waiting, gone)
        self._after = after
        try:
            await written(wire, self, bell)
        finally:
            bell.close()
            gone.cancel()

    def forget(self, count: int) -> None:
        """Let go of this many bytes at least of what was told, oldest first."""
        aim = self.bytes - count
        while self._told and self.bytes > aim:
            self.bytes -= len(self._told.popleft()[1])

    def end(self) -> None:
        """Let go of everything; work that nobody waits for any more ends."""
        for work in self._works:
            work.task.cancel()
            work.outbox.close()
        self._told.clear()
        self.bytes = 0

    async def _go_on(self, wire: Wire, bell: Bell, reader: object) -> None:
        woken = self._primed
        while self.waiting and not bell.gone.done() and self._reader is reader:
            told = self._keep(self.next())
            for number, message in told:
                await wire.event(message, self._id(number))
            if not self.waiting:
                return
            if not (told or woken):
                await self.sign_of_life(wire)
            woken = await bell.wait(KEEP_ALIVE_S)

    def _keep(self, messages: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Number what is about to be told. It is kept before it is sent, so no cut loses it."""
        told: list[tuple[int, bytes]] = []
        for message in messages:
            self._number += 1
            told.append((self._number, message))
            self.bytes += len(message)
        self._told += told
        if told:
            self.forget(max(0, self.bytes - STREAM_BYTES_MAX))
            self.changed()
        return told

    def _leave(self) -> None:
        for presence in self._presence:
            presence.leave()

    def _id(self, number: int) -> bytes:
        return f"{self.name}-{number}".encode()


class Shelf:
    """Keeps the streams of all sessions, each as long as its client may come back for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, ResumableStream] = OrderedDict()
        self._ends: dict[str, asyncio.TimerHandle] = {}

    def put(self, stream: ResumableStream) -> ResumableStream:
        """Keep a new stream, and let go of what there is no more room for."""
        self._kept[stream.name] = stream
        stream.changed = lambda: self._changed(stream)
        stream.changed()
        own = [one for one in self._kept.values() if one.session == stream.session]
        if len(own) > KEPT_PER_SESSION:
            self._make_room(own)
        if len(self._kept) > KEPT_MAX:
            self._make_room(list(self._kept.values()))
        return stream

    def find(self, event_id: str, session: str) -> tuple[ResumableStream, int] | None:
        """Return the stream of an event of this session and the event's number, if it is kept."""
        name, _, number = event_id.rpartition("-")
        stream = self._kept.get(name)
        if stream is None or stream.session != session or not _is_number(number):
            return None
        return stream, int(number)

    def drop(self, session: str) -> None:
        """Let go of what a session has here that nobody reads."""
        for stream in [one for one in self._kept.values() if one.session == session]:
            self._end(stream)

    def _changed(self, stream: ResumableStream) -> None:
        """Begin to count the time of a stream that nobody reads, and look after the bytes."""
        if (timer := self._ends.pop(stream.name, None)) is not None:
            timer.cancel()
        if stream.name not in self._kept:
            if not stream.read:
                stream.end()
            return
        if not stream.read:
            loop = asyncio.get_running_loop()
            self._ends[stream.name] = loop.call_later(KEPT_S, self._end, stream)
        over = sum(one.bytes for one in self._kept.values()) - ALL_BYTES_MAX
        for one in tuple(self._kept.values()):
            if over <= 0:
                return
            before = one.bytes
            one.forget(over)
            over -= before - one.bytes

    def _make_room(self, streams: Sequence[ResumableStream]) -> None:
        """Let go of one: of what was told to its end first, then of what nobody reads."""
        self._end(min(streams, key=lambda one: (bool(one.waiting), one.read)))

    def _end(self, stream: ResumableStream) -> None:
        self._kept.pop(stream.name, None)
        if (timer := self._ends.pop(stream.name, None)) is not None:
            timer.cancel()
        if not stream.read:
            stream.end()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= NUMBER_LENGTH_MAX
