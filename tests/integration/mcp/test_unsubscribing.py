"""Who listens to a resource, and when its system is told that nobody does."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.doors.mcp import handshake, listening
from sallyport.rules.methods import UNSUBSCRIBE
from tests.integration.mcp.asking_system import MEMO, SYSTEM
from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.handshake_agent import hand
from tests.integration.mcp.house_fixture import AGENT, LENA, Kit
from tests.integration.mcp.stateless_agent import listen

pytestmark = pytest.mark.anyio

UPDATED = "notifications/resources/updated"


@pytest.fixture
async def house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[tuple[Kit, Curious]]:
    """A house that looks often whether its tokens are still good."""
    for module in (handshake, listening):
        monkeypatch.setattr(module, "TICK_S", 0.01)
    async with curious_house(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def listener(kit: Kit, token: str) -> AsyncGenerator[AsyncIterator[dict[str, Any]]]:
    """Listen to the memo in the stateless era; the block begins once that was acknowledged."""
    (method, url), details = listen(kit, token, {"resourceSubscriptions": [MEMO]})
    async with (
        httpx2.AsyncClient(timeout=30) as http,
        http.stream(method, url, **details) as stream,
    ):

        async def messages() -> AsyncIterator[dict[str, Any]]:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line[6:])

        heard = messages()
        honoured = (await anext(heard))["params"]["notifications"]
        assert honoured == {"resourceSubscriptions": [MEMO]}
        yield heard


async def revoke(kit: Kit, token: str) -> None:
    """Make a token worthless; its task ends with it."""
    await kit.house.tasks.revoke(kit.house.tasks.bearer(token).id, by=LENA)


@pytest.mark.parametrize("subscribes", [True, False])
async def test_a_session_that_unsubscribes_silences_no_other_listener(
    house: tuple[Kit, Curious], subscribes: bool
) -> None:
    """Of the other era, too, and whether the session had subscribed or never did."""
    kit, system = house
    token = await kit.task_token({})
    with anyio.fail_after(30):
        async with hand(kit) as agent, listener(kit, token) as heard:
            await agent.begin()
            if subscribes:
                await agent.ask("resources/subscribe", {"uri": MEMO})
            left = await agent.ask("resources/unsubscribe", {"uri": MEMO}, 2)
            assert system.subscribed == {MEMO}
            system.say(UPDATED, MEMO, principal=AGENT)
            told = await anext(heard)

    assert left["result"] == {}
    assert (told["method"], told["params"]["uri"]) == (UPDATED, MEMO)
    assert UNSUBSCRIBE not in [one.tool for one in system.seen[:-1]]


async def test_a_listener_that_leaves_silences_no_session(house: tuple[Kit, Curious]) -> None:
    """The other way round; and the last one tells the system."""
    kit, system = house
    token = await kit.task_token({})
    with anyio.fail_after(30):
        async with hand(kit) as agent:
            await agent.begin()
            async with listener(kit, token):
                await agent.ask("resources/subscribe", {"uri": MEMO})
            await agent.ask("ping")
            assert system.subscribed == {MEMO}
            await agent.ask("resources/unsubscribe", {"uri": MEMO}, 2)

    assert system.subscribed == set()


async def test_a_token_that_ends_ends_what_its_session_subscribed_to(
    house: tuple[Kit, Curious],
) -> None:
    """Nothing can be called with it any more, so the gateway tells the system by itself."""
    kit, system = house
    token = await kit.task_token({})
    with anyio.fail_after(30):
        async with hand(kit, token) as agent:
            await agent.begin()
            await agent.ask("resources/subscribe", {"uri": MEMO})
            await revoke(kit, token)
            while not system.unlistened:
                await anyio.lowlevel.checkpoint()

    assert system.unlistened == [(SYSTEM, AGENT, MEMO)]


async def test_a_token_that_ends_ends_what_its_stream_listens_to(
    house: tuple[Kit, Curious],
) -> None:
    """In the stateless era as well, while another token of the agent goes on listening."""
    kit, system = house
    first, second = await kit.task_token({}), await kit.task_token({})
    with anyio.fail_after(30):
        async with listener(kit, first) as ending, listener(kit, second):
            await revoke(kit, first)
            rest = [one async for one in ending]
            assert system.unlistened == []
            await revoke(kit, second)
            while not system.unlistened:
                await anyio.lowlevel.checkpoint()

    assert rest[-1]["result"]["resultType"] == "complete"
    assert system.unlistened == [(SYSTEM, AGENT, MEMO)]
