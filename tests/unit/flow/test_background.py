"""Work that nobody waits for is kept alive, and its failures are heard of."""

from __future__ import annotations

import asyncio

import pytest

from sallyport.errors import StoreError
from sallyport.flow.background import Background

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [StoreError("the disk is full", fix="make room"), KeyError("x")])
async def test_a_look_that_fails_is_reported_and_goes_on(error: Exception) -> None:
    """Also where the mistake is ours: what repeats keeps questions and stops up to date."""
    heard: list[BaseException] = []
    background = Background(heard.append)
    went_on = asyncio.Event()

    async def look() -> None:
        if heard:
            went_on.set()
        raise error

    background.repeat(look, 0)
    await went_on.wait()
    await background.close()

    assert heard[:2] == [error, error]


async def test_closing_waits_for_what_runs_and_ends_what_repeats() -> None:
    """A call that has begun comes to its recorded end; a failure beside it is told."""
    heard: list[BaseException] = []
    done: list[str] = []
    background = Background(heard.append)
    trouble = StoreError("the disk is full", fix="make room")

    async def work() -> None:
        await asyncio.sleep(0)
        done.append("work")

    async def fail() -> None:
        raise trouble

    background.repeat(work, 3600)
    background.spawn(work())
    background.spawn(fail())
    await background.close()

    assert done == ["work"]
    assert heard == [trouble]
