"""Calls that their agents take back: what the system hears, what is written down, what is owed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.model import ActionState, Call, Ending
from sallyport.ports import LedgerQuery
from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.handshake_agent import Hand, call, hand
from tests.integration.mcp.house_fixture import Kit, message
from tests.integration.mcp.stateless_agent import NOW, PREFIX, TAKES_TASKS, Agent, agent_of

pytestmark = pytest.mark.anyio

WRITE = call("write", text="once")
WAIT = call("ask", what="wait")
FORM = call("ask", what="form")
META: dict[str, Any] = {f"{PREFIX}protocolVersion": NOW, f"{PREFIX}clientCapabilities": {}}
RULING = "io.sallyport/call"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Curious]]:
    """A house in front of a system that takes its time."""
    async with curious_house(tmp_path, hold_s=20) as opened:
        yield opened


@pytest.fixture
async def agent(house: tuple[Kit, Curious]) -> AsyncGenerator[Hand]:
    """A client in a session."""
    async with hand(house[0]) as agent:
        await agent.begin()
        yield agent


def cancel(number: int = 1) -> dict[str, Any]:
    """Return the notification by which a request is cancelled."""
    return message("notifications/cancelled", {"requestId": number, "reason": "not needed"})


@asynccontextmanager
async def hanging_up(kit: Kit, params: Mapping[str, Any]) -> AsyncGenerator[str]:
    """Send a call of the stateless era; hang up at the end of the block. Gives the token."""
    token = await kit.task_token({})
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": NOW,
        "Mcp-Method": "tools/call",
        "Mcp-Name": str(params["name"]),
    }
    body = message("tools/call", {**params, "_meta": META}, number=7)
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        calling = asyncio.create_task(http.post(kit.endpoint(), json=body))
        yield token
        calling.cancel()
        await asyncio.wait((calling,))


async def ended(kit: Kit, tool: str) -> Call:
    """Return the last call of a tool, once its outcome is written down."""
    while True:
        rows = await kit.house.gateway.outside.store.rows("calls", {"tool": tool})
        if rows and rows[-1]["action"] not in {None, "intended"}:
            return await kit.house.inbox.call(str(rows[-1]["id"]))
        await anyio.lowlevel.checkpoint()


async def concluded(kit: Kit, found: Call) -> list[tuple[Any, Any]]:
    """Return what the ledger says of a call's ends: what is known of the effect, and why."""
    query = LedgerQuery(call=found.id, kind="call.concluded")
    entries = await kit.house.gateway.outside.store.ledger(query)
    bodies = [json.loads(entry.data)["body"] for entry in entries]
    return [(body["action"], body["why"]) for body in bodies]


# --- On its way. ---


async def test_a_cancelled_call_is_cancelled_at_its_system_and_is_in_doubt(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """It had left: a person finds out what became of it, and the ledger says who cancelled it."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            await system.busy.wait()
            await agent.send(cancel())
            answer = await stream.message()
        found = await ended(kit, "write")
        items = await kit.house.inbox.items()
        repeated = await agent.ask("tools/call", WRITE, 2)

    assert answer["error"]["data"]["code"] == "mcp.cancelled"
    assert system.cancelled == ["write"]
    assert (found.ending, found.action) == (Ending.WAITING, ActionState.IN_DOUBT)
    assert await concluded(kit, found) == [("in_doubt", ["refuse call.cancelled"])]
    assert [(item.kind, item.call.id) for item in items] == [("in_doubt", found.id)]
    assert repeated["result"]["content"][0]["text"].startswith("IN DOUBT.")
    assert system.written == ["once"]


async def test_a_cancelled_read_has_failed_and_nothing_is_owed(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """Its system is told; the same read again is a new call."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WAIT):
            await system.busy.wait()
            await agent.send(cancel())
        found = await ended(kit, "ask")
        system.go_on.set()
        again = await agent.ask("tools/call", WAIT, 2)

    assert system.cancelled == ["ask"]
    assert (found.ending, found.action) == (Ending.REFUSED, ActionState.FAILED)
    assert found.delivered
    assert await concluded(kit, found) == [("failed", ["refuse call.cancelled"])]
    assert again["result"]["content"][0]["text"] == "waited"
    assert again["result"]["_meta"][RULING]["id"] != found.id


async def test_what_a_system_answers_after_that_changes_nothing(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """The cancelling came first, and that is settled once."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE):
            await system.busy.wait()
            await agent.send(cancel())
        found = await ended(kit, "write")
        system.go_on.set()
        await agent.send(cancel())
        later = await kit.house.inbox.call(found.id)

    assert later == found
    assert await concluded(kit, found) == [("in_doubt", ["refuse call.cancelled"])]


async def test_hanging_up_in_the_stateless_era_cancels_the_call_at_its_system(
    house: tuple[Kit, Curious],
) -> None:
    """There the protocol has no other word for it."""
    kit, system = house
    with anyio.fail_after(30):
        async with hanging_up(kit, WRITE):
            await system.busy.wait()
        found = await ended(kit, "write")

    assert system.cancelled == ["write"]
    assert found.action is ActionState.IN_DOUBT
    assert await concluded(kit, found) == [("in_doubt", ["refuse call.cancelled"])]


async def test_losing_the_connection_in_the_handshake_era_cancels_nothing(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """That era says so in words, or does not mean it."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE):
            await system.busy.wait()
        system.go_on.set()
        found = await ended(kit, "write")

    assert system.cancelled == []
    assert found.action is ActionState.DONE


async def test_a_gateway_that_closes_cancels_nothing(house: tuple[Kit, Curious]) -> None:
    """It hangs up on its clients itself then, and running calls come to their end."""
    kit, system = house
    with anyio.fail_after(30):
        async with hanging_up(kit, WRITE):
            await system.busy.wait()
            kit.house.begin_closing()
        system.go_on.set()
        found = await ended(kit, "write")

    assert system.cancelled == []
    assert found.action is ActionState.DONE


# --- While it waits, and after a yes. ---


async def test_hanging_up_on_a_held_call_leaves_its_question_to_the_person(
    house: tuple[Kit, Curious],
) -> None:
    """Nothing is under way that could be cancelled; the exact repeat brings what comes of it."""
    kit, _ = house
    with anyio.fail_after(30):
        async with hanging_up(kit, call("change", id="R-1")) as token:
            held = (await kit.question()).call
        await kit.answer(yes=True)
        await ended(kit, "change")
        async with agent_of(kit, token) as agent:
            repeated = await agent.call("change", id="R-1")

    assert repeated["_meta"][RULING]["id"] == held.id
    assert repeated["content"][0]["text"] == "changed"


async def test_a_task_that_is_cancelled_under_way_is_cancelled_at_its_system(
    house: tuple[Kit, Curious],
) -> None:
    """A person has said yes, and the agent wants it no more: nobody knows what came of it."""
    kit, system = house
    system.slow.add("change")
    with anyio.fail_after(30):
        async with agent_of(kit, await kit.task_token({})) as plain:
            agent: Agent = plain.able(TAKES_TASKS)
            made = await agent.call("change", id="R-1")
            await kit.answer(yes=True)
            await system.busy.wait()
            await agent.result("tasks/cancel", {"taskId": made["taskId"]})
            found = await agent.result("tasks/get", {"taskId": made["taskId"]})

    assert system.cancelled == ["change"]
    assert found["status"] == "completed"
    assert found["result"]["content"][0]["text"].startswith("IN DOUBT.")


# --- While its system asks. ---


async def test_cancelling_while_a_system_asks_gives_its_question_up(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """The client's question is taken back, the system hears that nobody answers, and it is over."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", FORM) as stream:
            await stream.message()
            await agent.send(cancel())
            rest = await stream.rest()
        while (found := await ended(kit, "ask")).ending is Ending.ASKED:
            await anyio.lowlevel.checkpoint()

    assert [one.get("method") for one in rest] == ["notifications/cancelled", None]
    assert system.let_go_of == ["1/x"]
    assert (found.ending, found.action) == (Ending.REFUSED, ActionState.FAILED)
    assert (await concluded(kit, found))[-1] == ("failed", ["refuse call.cancelled"])


async def test_a_refused_question_does_not_stay_open(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """An error in place of the model's words reaches a system that waits, and the call ends."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", call("ask", what="sampling")) as stream:
            question = await stream.message()
            error = {"code": -1, "message": "the user said no"}
            await agent.send({"jsonrpc": "2.0", "id": question["id"], "error": error})
            outcome = await stream.message()
        found = await ended(kit, "ask")

    assert outcome["result"]["content"][0]["text"] == "{}"
    assert (found.ending, found.action) == (Ending.DONE, ActionState.DONE)
    assert len(system.seen) == 2


async def test_a_refused_question_of_a_system_that_does_not_wait_ends_its_call(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """It had ended its request with the question: nothing has happened, nothing is asked again."""
    kit, system = house
    system.open = False
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", call("ask", what="roots")) as stream:
            question = await stream.message()
            error = {"code": -1, "message": "no"}
            await agent.send({"jsonrpc": "2.0", "id": question["id"], "error": error})
            outcome = await stream.message()
        while (found := await ended(kit, "ask")).ending is Ending.ASKED:
            await anyio.lowlevel.checkpoint()

    assert outcome["result"]["isError"]
    assert "the agent declined" in outcome["result"]["content"][0]["text"]
    assert (found.ending, found.action) == (Ending.REFUSED, ActionState.FAILED)
    assert len(system.seen) == 1
