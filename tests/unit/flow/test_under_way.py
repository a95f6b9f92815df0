"""Taking a call back while it is under way: what comes first counts, and it is settled once."""

from __future__ import annotations

import asyncio

import anyio
import anyio.lowlevel
import pytest

from sallyport.flow.under_way import TakenBackError, UnderWay, Walk
from sallyport.ports import Reply

pytestmark = pytest.mark.anyio

REPLY = Reply(result={})


async def test_a_call_that_is_taken_back_is_waited_for_no_longer() -> None:
    """Its wait ends as taken back, whoever took it back waits until it is over, and goes on."""
    calls, walk, gone = UnderWay(), Walk(), asyncio.Event()

    async def never() -> Reply:
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return REPLY

    async def call() -> str:
        with calls.walking("c_1", walk):
            try:
                await walk.answer(never())
            except TakenBackError:
                await anyio.lowlevel.checkpoint()
                return "taken back"
        return "answered"

    with anyio.fail_after(10):
        calling = asyncio.create_task(call())
        await anyio.lowlevel.checkpoint()
        assert await calls.take_back("c_1")
        assert gone.is_set()
        assert await calling == "taken back"
    assert not await calls.take_back("c_1")


@pytest.mark.parametrize("answer_first", [True, False])
async def test_of_an_answer_and_a_taking_back_the_first_one_counts(answer_first: bool) -> None:
    """Both come while the call waits, one right after the other; the second changes nothing."""
    calls, walk = UnderWay(), Walk()
    answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    async def answered() -> Reply:
        return await answer

    async def call() -> Reply | None:
        with calls.walking("c_1", walk):
            try:
                reply = await walk.answer(answered())
            except TakenBackError:
                return None
            # What follows an answer is not cut short.
            await anyio.lowlevel.checkpoint()
            return reply

    with anyio.fail_after(10):
        calling = asyncio.create_task(call())
        await anyio.lowlevel.checkpoint()
        if answer_first:
            answer.set_result(REPLY)
            await anyio.lowlevel.checkpoint()
        back = asyncio.create_task(calls.take_back("c_1"))
        await anyio.lowlevel.checkpoint()
        if not answer_first and not answer.done():
            answer.set_result(REPLY)
        found = await calling
        await back

    assert found == (REPLY if answer_first else None)


async def test_a_cancelling_from_elsewhere_stays_one() -> None:
    """A gateway that ends is no agent that takes its call back."""
    walk = Walk()

    async def never() -> Reply:
        await asyncio.Event().wait()
        return REPLY

    waiting = asyncio.create_task(walk.answer(never()))
    await anyio.lowlevel.checkpoint()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not walk.taken_back


async def test_only_whoever_waits_for_it_takes_it_back_by_leaving() -> None:
    """Another asker of the same call has no part in that."""
    calls, mine = UnderWay(), object()
    with calls.walking("c_1", Walk(by=mine)):
        assert not await calls.take_back("c_1", by=object())
        assert not await calls.take_back("c_2", by=mine)
        back = asyncio.create_task(calls.take_back("c_1", by=mine))
        await anyio.lowlevel.checkpoint()
        assert not back.done()
    with anyio.fail_after(10):
        assert await back
