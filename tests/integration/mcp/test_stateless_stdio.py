"""The thin client carries the stateless era too: headers, cancelling and listening are its part."""

import asyncio
import json
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from mcp import Client
from mcp.client.stdio import stdio_client
from mcp.client.subscriptions import ToolsListChanged

from sallyport.model import Stage
from tests.integration.mcp import recording
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import Kit, listening, message, opened
from tests.integration.mcp.recording import Recorder
from tests.integration.mcp.test_stateless_wire import MARKED, MARKED_WORKFLOW, META
from tests.integration.mcp.test_stdio import child, lines, piped

NOW = "2026-07-28"
MAIL = {"to": "ada@brandt-bakery.example", "template": "ack"}

pytestmark = pytest.mark.anyio


async def test_a_held_call_is_answered_and_one_given_up_is_not_taken_back(
    kit: Kit, desk: Desk
) -> None:
    """The client finds the newer era; cancelling hangs up, and the repeat has the result."""
    before = len(desk.report().mails)
    watched = kit.house.gateway._watchers  # pyright: ignore[reportPrivateUsage]
    with anyio.fail_after(60):
        async with Client(stdio_client(child(kit.url, await kit.task_token()))) as client:
            version = client.protocol_version
            asking = asyncio.create_task(client.call_tool("mail.send", MAIL))
            held = (await kit.question()).call
            while held.id not in watched:
                await anyio.lowlevel.checkpoint()
            asking.cancel()
            await asyncio.wait((asking,))
            while held.id in watched:
                await anyio.lowlevel.checkpoint()
            repeated = asyncio.create_task(client.call_tool("mail.send", MAIL))
            await kit.answer(yes=True)
            result = await repeated

    assert version == NOW
    assert result.meta is not None
    assert result.meta["io.sallyport/call"]["id"] == held.id
    assert not result.is_error
    assert len(desk.report().mails) == before + 1


async def test_arguments_are_repeated_and_changes_are_heard(tmp_path: Path) -> None:
    """What a list showed is known when a tool is called; a subscription is a stream of its own."""
    recorder = Recorder(definitions=[MARKED, recording.CHANGE])
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(MARKED_WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        token = await kit.agent_token()
        with anyio.fail_after(60):
            async with listening(kit), Client(stdio_client(child(kit.url, token))) as client:
                await client.list_tools()
                result = await client.call_tool("look", {"id": " Ünïcode\n", "count": 3})
                async with client.listen(tools_list_changed=True) as subscription:
                    recorder.change(MARKED)
                    event = await anext(aiter(subscription))

    assert not result.is_error
    assert recorder.seen == [("look", {"id": " Ünïcode\n", "count": 3})]
    assert isinstance(event, ToolsListChanged)


async def test_what_is_wrong_with_a_line_is_told_to_its_id(kit: Kit) -> None:
    """Each request gets the gateway's own answer; no header is built of what cannot be one."""
    strange = "tools/list\r\nX-Evil: 1"
    sent = lines(
        message("server/discover", {"_meta": META}, number=1),
        message("ping", {"_meta": META}, number=2),
        message(strange, {"_meta": META}, number=3),
        message("tools/call", {"_meta": META, "name": "näme"}, number=4),
        message("notifications/cancelled", {"requestId": 99}),
    )
    with anyio.fail_after(60):
        token = await kit.task_token()
        status, answers = await anyio.to_thread.run_sync(piped, kit.url, token, sent)

    found = {answer["id"]: answer for answer in answers}
    assert status == 0
    assert found[1]["result"]["supportedVersions"][0] == NOW
    codes = [found[number]["error"]["code"] for number in (2, 3, 4)]
    assert codes == [-32601, -32020, -32602], json.dumps(answers)
