"""The small parts of an answer that takes its time: bounded, in order, and safe when cut."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from sallyport.doors.mcp import outbox, streams
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.presence import LeftError, Presence
from sallyport.doors.mcp.replies import Work
from sallyport.doors.mcp.streams import ResumableStream, Shelf
from sallyport.doors.mcp.wire import Wire

pytestmark = pytest.mark.anyio


def test_an_outbox_keeps_order_and_drops_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by bytes; what was taken makes room, and a closed one takes nothing."""
    monkeypatch.setattr(outbox, "MESSAGES_MAX", 2)
    monkeypatch.setattr(outbox, "BYTES_MAX", 5)
    box = Outbox()

    assert [box.put(one) for one in (b"ab", b"cdef", b"cd", b"e")] == [True, False, True, False]
    assert box.take() == [b"ab", b"cd"]
    assert box.put(b"later")
    box.close()
    assert (box.take(), box.put(b"x"), bool(box)) == ([], False, False)


async def test_a_wait_is_cut_when_the_client_leaves_and_not_otherwise() -> None:
    """Leaving cuts the wait alone; a cancelling from elsewhere stays one."""
    presence, never = Presence(), asyncio.Event()

    async def waits() -> str:
        try:
            await presence.during(never.wait())
        except LeftError:
            await presence.returned()
            return "back"
        return "over"

    left = asyncio.create_task(waits())
    await asyncio.sleep(0)
    presence.leave()
    presence.leave()
    await asyncio.sleep(0)
    presence.back()
    assert await left == "back"

    cancelled = asyncio.create_task(waits())
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_what_is_begun_while_nobody_is_there_is_begun_and_not_waited_for() -> None:
    """So that the call goes out and its result is kept."""
    presence, begun = Presence(), asyncio.Event()
    presence.leave()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    with pytest.raises(LeftError):
        await presence.during(work())
    assert begun.is_set()


async def test_the_shelf_is_bounded_per_session_and_gives_to_its_own_session_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The oldest goes first; an event of another session is not there."""
    monkeypatch.setattr(streams, "KEPT_PER_SESSION", 2)
    shelf = Shelf()
    for name in ("a", "b", "c"):
        shelf.put(ResumableStream([], session="s", name=name, primed=True, presence=[]))

    assert shelf.find("a-0", "s") is None
    found = shelf.find("b-3", "s")
    assert found is not None
    assert (found[0].name, found[1]) == ("b", 3)
    assert shelf.find("b-3", "other") is None
    shelf.drop("s")
    assert shelf.find("c-0", "s") is None


class Client:
    """One connection of a client, as ASGI has it: `leaves` when it is cut, `begins` once let."""

    def __init__(self) -> None:
        self.leaves, self.begins = asyncio.Event(), asyncio.Event()
        self.heard = b""

    async def receive(self) -> dict[str, Any]:
        """Say that the client left, once it did."""
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Take the answer; its beginning only once the client lets it."""
        if message["type"] == "http.response.start":
            await self.begins.wait()
        self.heard += message.get("body", b"")

    @property
    def wire(self) -> Wire:
        """The exchange on this connection."""
        scope: dict[str, Any] = {"method": "GET", "path_params": {"workflow": "w"}, "headers": []}
        return Wire(scope, self.receive, self.send)


async def test_a_client_that_is_back_before_its_leaving_is_noticed_counts_as_there() -> None:
    """The old connection is found cut while the new one begins; the answer comes on the new one."""
    presence, go_on, old, new = Presence(), asyncio.Event(), Client(), Client()

    async def answer() -> bytes:
        try:
            await presence.during(go_on.wait())
        except LeftError:
            await presence.returned()
        return b"{}"

    work = Work(1, asyncio.create_task(answer()))
    stream = ResumableStream([work], session="s", name="a", primed=True, presence=[presence])
    old.begins.set()
    reading = asyncio.create_task(stream.resume(old.wire, 0))
    with anyio.fail_after(10):
        while not stream.read:
            await anyio.lowlevel.checkpoint()
    back = asyncio.create_task(stream.resume(new.wire, 0))
    await asyncio.sleep(0)
    old.leaves.set()
    with anyio.fail_after(10):
        await reading
        new.begins.set()
        go_on.set()
        await back

    assert b"data: {}" in new.heard
    new.leaves.set()
