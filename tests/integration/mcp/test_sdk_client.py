"""The official SDK's client works through the gateway, and is told plainly what did not happen."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from sallyport.model import Stage
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import Kit, opened, raw_client
from tests.requirements import requirement

META = "io.sallyport/call"
MAIL = {"to": "ada@brandt-bakery.example", "template": "ack"}

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client_of(kit: Kit, token: str, mode: str = "auto") -> AsyncGenerator[Client]:
    """Connect the SDK's client as it would be used, with a bearer token."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(streamable_http_client(kit.endpoint(), http_client=http), mode=mode) as client,
    ):
        yield client


def text(result: CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def ruling(result: CallToolResult) -> dict[str, Any]:
    """Return the gateway's statement."""
    assert result.meta is not None
    said: dict[str, Any] = result.meta[META]
    return said


@requirement("B-01")
async def test_the_list_is_exactly_what_the_task_may_use(kit: Kit) -> None:
    """Every tool of the boundary and no other, each as the desk defines it."""
    token = await kit.task_token()
    workflow = kit.house.gateway.registry.boundary_of("customer-support")
    assert workflow is not None
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            listed = await client.list_tools()

    assert [tool.name for tool in listed.tools] == sorted(workflow.workflow.tools)
    shown = {tool.name: tool for tool in listed.tools}
    assert shown["tickets.get"].output_schema is not None
    assert shown["mail.send"].annotations is not None


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_read_brings_the_desks_own_answer(kit: Kit, mode: str) -> None:
    """A result keeps what the system said and carries the gateway's statement beside it."""
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token(), mode) as client:
            result = await client.call_tool("tickets.get", {"ticket_id": "T-4711"})

    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["ticket_id"] == "T-4711"
    assert ruling(result)["verdict"] == "allow"
    assert ruling(result)["ending"] == "done"


@requirement("B-12")
async def test_a_tool_outside_the_boundary_is_refused_and_never_reached(
    kit: Kit, desk: Desk
) -> None:
    """Declared as never, or not declared, or not there at all: the desk hears nothing."""
    before = dict(desk.report().answered)
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token(), "legacy") as client:
            results = [
                await client.call_tool("crm.export_contacts", {}),
                await client.call_tool("crm.update_contact", {"contact_id": "C-1001"}),
                await client.call_tool("desk.burn", {}),
            ]

    assert [result.is_error for result in results] == [True, True, True]
    assert all(text(result).startswith("REFUSED.") for result in results)
    assert [ruling(result)["verdict"] for result in results] == ["refuse"] * 3
    assert dict(desk.report().answered) == before


async def test_a_held_call_brings_its_real_result_when_the_answer_is_quick(
    kit: Kit, desk: Desk
) -> None:
    """The client waits on a stream with progress; the yes comes; the mail is sent once."""
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del progress, total
        heard.append(message)
        if len(heard) == 1:
            await kit.answer(yes=True)

    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            result = await client.call_tool("mail.send", MAIL, progress_callback=hear)

    assert not result.is_error
    assert ruling(result)["ending"] == "done"
    assert heard
    assert len(desk.report().mails) == before + 1


async def test_a_no_refuses_the_held_call(kit: Kit, desk: Desk) -> None:
    """The waiting client learns who said no; nothing was sent."""
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            asking = asyncio.create_task(client.call_tool("mail.send", MAIL))
            await kit.answer(yes=False)
            result = await asking

    assert result.is_error
    assert text(result).startswith("REFUSED.")
    assert len(desk.report().mails) == before


@pytest.mark.parametrize("hold_s", [0])
async def test_an_answer_after_the_hold_waits_for_the_repeat_and_is_given_once(
    kit: Kit, desk: Desk
) -> None:
    """Held, told so as no error, approved later: the same call brings the result one time."""
    token = await kit.task_token()
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            held = await client.call_tool("mail.send", MAIL)
            again = await client.call_tool("mail.send", MAIL)
            await kit.answer(yes=True)
            await settled(kit, ruling(held)["id"])
            done = await client.call_tool("mail.send", MAIL)
            new = await client.call_tool("mail.send", MAIL)

    assert not held.is_error
    assert text(held).startswith("HELD, NOT DONE.")
    assert ruling(again)["id"] == ruling(held)["id"] == ruling(done)["id"]
    assert ruling(done)["ending"] == "done"
    assert not done.is_error
    assert ruling(new)["id"] != ruling(held)["id"]
    assert ruling(new)["ending"] == "waiting"
    assert len(desk.report().mails) == before + 1


async def test_a_new_agents_change_becomes_a_draft(kit: Kit, desk: Desk) -> None:
    """Stored, said so, and the desk untouched."""
    await kit.stage(Stage.DRAFT)
    before = desk.report().effects
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            args = {"ticket_id": "T-4711", "status": "pending"}
            result = await client.call_tool("tickets.update", args)

    assert text(result).startswith("STORED AS A DRAFT, NOT DONE.")
    assert not result.is_error
    assert ruling(result)["draft"]
    assert desk.report().effects == before


async def test_a_cancelled_request_takes_its_question_back(kit: Kit, desk: Desk) -> None:
    """The client says so in words: nobody is asked any more, and nothing is sent."""
    token = await kit.task_token()
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, token, "legacy") as client:
            asking = asyncio.create_task(client.call_tool("mail.send", MAIL))
            held = (await kit.question()).call
            asking.cancel()
            await asyncio.wait((asking,))
            await settled(kit, held.id)
            # The client falls over an answer that is still on its way when it closes.
            await client.list_tools()

    assert (await kit.house.inbox.call(held.id)).ending == "refused"
    assert await kit.house.inbox.items() == []
    assert len(desk.report().mails) == before


async def test_a_session_outlives_a_restart_of_the_gateway(kit: Kit) -> None:
    """A client need not begin again: its session id is sealed, not remembered."""
    token = await kit.task_token()
    async with raw_client(kit, token) as raw:
        await raw.begin("2025-06-18")
        session = raw.http.headers["Mcp-Session-Id"]
    await kit.house.close()
    async with (
        opened(kit.settings.home, secrets={"desk-token": "x"}) as reopened,
        raw_client(reopened, token) as raw,
    ):
        raw.http.headers["Mcp-Session-Id"] = session
        answer = await raw.ask("ping")

    assert answer["result"] == {}


async def settled(kit: Kit, call_id: str) -> None:
    """Wait until a call is over."""
    while (await kit.house.inbox.call(call_id)).ending == "waiting":
        await anyio.lowlevel.checkpoint()
