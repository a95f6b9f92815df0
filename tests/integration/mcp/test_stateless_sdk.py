"""The official SDK's client in the stateless era works through the gateway, over a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ToolsListChanged
from mcp.types import CallToolResult, TextContent

from sallyport.model import Stage
from tests.integration.mcp import recording
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import Kit, listening, opened
from tests.integration.mcp.recording import Recorder
from tests.integration.mcp.test_stateless_wire import MARKED, MARKED_WORKFLOW

META = "io.sallyport/call"
NOW = "2026-07-28"
MAIL = {"to": "ada@brandt-bakery.example", "template": "ack"}

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client_of(kit: Kit, token: str, mode: str = NOW) -> AsyncGenerator[Client]:
    """Connect the SDK's client, which may be told the version or find it out."""
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


async def test_a_client_that_looks_first_finds_the_newer_era(kit: Kit) -> None:
    """It discovers, adopts, and learns who answers and how to work here."""
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token(), "auto") as client:
            found = (client.protocol_version, client.server_info, client.instructions)
            tools = await client.list_tools()

    version, server, instructions = found
    assert version == NOW
    assert server is not None
    assert server.name == "sallyport"
    assert instructions is not None
    assert "HELD" in instructions
    boundary = kit.house.gateway.registry.boundary_of("customer-support")
    assert boundary is not None
    assert [tool.name for tool in tools.tools] == sorted(boundary.workflow.tools)


async def test_a_read_a_refusal_and_an_unknown_method(kit: Kit, desk: Desk) -> None:
    """What is allowed is done, what is not is told, and what does not exist is an error."""
    before = desk.report().effects
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            read = await client.call_tool("tickets.get", {"ticket_id": "T-4711"})
            refused = await client.call_tool("crm.export_contacts", {})
            with pytest.raises(MCPError) as raised:
                await client.list_prompts()

    assert read.structured_content is not None
    assert read.structured_content["ticket_id"] == "T-4711"
    assert ruling(read)["ending"] == "done"
    assert refused.is_error
    assert text(refused).startswith("REFUSED.")
    assert raised.value.code == -32601
    assert desk.report().effects == before


@pytest.mark.parametrize("yes", [True, False])
async def test_a_held_call_streams_and_brings_what_was_answered(
    kit: Kit, desk: Desk, *, yes: bool
) -> None:
    """Progress comes under the client's own token; then the real result, or a no."""
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del progress, total
        heard.append(message)
        if len(heard) == 1:
            await kit.answer(yes=yes)

    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, await kit.task_token()) as client:
            result = await client.call_tool("mail.send", MAIL, progress_callback=hear)

    assert heard
    assert result.is_error is not yes
    assert ruling(result)["ending"] == ("done" if yes else "refused")
    assert len(desk.report().mails) == before + yes


@pytest.mark.parametrize("hold_s", [0])
async def test_an_answer_after_the_hold_is_fetched_by_the_repeat(kit: Kit, desk: Desk) -> None:
    """Held is told as text and as no error; any later connection may ask again."""
    token = await kit.task_token()
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            held = await client.call_tool("mail.send", MAIL)
        await kit.answer(yes=True)
        while (await kit.house.inbox.call(ruling(held)["id"])).ending == "waiting":
            await anyio.lowlevel.checkpoint()
        async with client_of(kit, token) as client:
            done = await client.call_tool("mail.send", MAIL)

    assert not held.is_error
    assert text(held).startswith("HELD, NOT DONE.")
    assert ruling(done)["id"] == ruling(held)["id"]
    assert ruling(done)["ending"] == "done"
    assert len(desk.report().mails) == before + 1


async def test_a_client_that_gives_up_takes_no_call_back(kit: Kit, desk: Desk) -> None:
    """Closing the stream is how it cancels; the yes still counts, and a repeat has the result."""
    token = await kit.task_token()
    before = len(desk.report().mails)
    watched = kit.house.gateway._watchers  # pyright: ignore[reportPrivateUsage]
    with anyio.fail_after(30):
        async with client_of(kit, token) as client:
            asking = asyncio.create_task(client.call_tool("mail.send", MAIL))
            held = (await kit.question()).call
            while held.id not in watched:
                await anyio.lowlevel.checkpoint()
            asking.cancel()
            await asyncio.wait((asking,))
            while held.id in watched:
                await anyio.lowlevel.checkpoint()
            await kit.answer(yes=True)
            while (await kit.house.inbox.call(held.id)).ending == "waiting":
                await anyio.lowlevel.checkpoint()
            result = await client.call_tool("mail.send", MAIL)

    assert ruling(result)["id"] == held.id
    assert not result.is_error
    assert len(desk.report().mails) == before + 1


async def test_a_listener_hears_of_a_change_and_lists_anew(tmp_path: Path) -> None:
    """The SDK's own subscription: acknowledged, one event, and the list is what it is now."""
    recorder = Recorder()
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        token = await kit.agent_token()
        with anyio.fail_after(30):
            async with listening(kit), client_of(kit, token) as client:
                before = await client.list_tools()
                async with client.listen(
                    tools_list_changed=True, prompts_list_changed=True
                ) as subscription:
                    honoured = subscription.honored
                    recorder.change(recording.LOOK)
                    event = await anext(aiter(subscription))
                after = await client.list_tools()

    assert honoured.tools_list_changed is True
    assert not honoured.prompts_list_changed
    assert isinstance(event, ToolsListChanged)
    assert [tool.name for tool in before.tools] == ["change", "look"]
    assert [tool.name for tool in after.tools] == ["look"]


async def test_marked_arguments_are_mirrored_by_the_client_and_checked_here(
    tmp_path: Path,
) -> None:
    """Text beyond ASCII included: what the SDK writes into headers is what is read here."""
    recorder = Recorder(definitions=[MARKED, recording.CHANGE])
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(MARKED_WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        token = await kit.task_token({})
        with anyio.fail_after(30):
            async with listening(kit), client_of(kit, token) as client:
                await client.list_tools()
                result = await client.call_tool("look", {"id": " Ünïcode\n", "count": 3})

    assert not result.is_error
    assert recorder.seen == [("look", {"id": " Ünïcode\n", "count": 3})]
