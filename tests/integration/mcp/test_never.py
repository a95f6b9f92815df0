"""What one workflow keeps from an agent is kept from it in all of them: hidden, and refused."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import httpx2
import pytest
from starlette.applications import Starlette

from sallyport.doors.api.admin import admin_routes
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.model import Stage, Verdict
from sallyport.ports import LedgerQuery
from sallyport.rules.boundary.explain import explain
from tests.integration.mcp import recording
from tests.integration.mcp.house_fixture import AGENT, WORKFLOW, Kit, opened, raw_client, texts
from tests.integration.mcp.recording import Recorder
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

WITHIN_S = 60
EXPORTS = """\
workflow: exports
purpose: Keep something from the agent.
owner: lena@example.com
agent: support-bot
environment: test
expires: 2035-12-31
for: [support_agent]
never: [change, purge]
tools: {look: {level: read, only: {id: {max_length: 20}}}}
"""
ALLOWED = recording.WORKFLOW.replace(
    "    ask: [{who: [support_lead], within: 1h}]\n",
    "    allow: [{because: a test, until: 2035-12-31}]\n",
)


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Recorder]]:
    """Open a house whose one workflow lets the agent look and change unasked."""
    recorder = Recorder()
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        with anyio.fail_after(WITHIN_S):
            await kit.activate(ALLOWED, {"recorder.yaml": recording.SYSTEM_FILE})
            await kit.stage(Stage.LIVE)
        yield kit, recorder


async def listed(kit: Kit, token: str) -> list[str]:
    """Return the tools that a task is shown."""
    async with raw_client(kit, token) as raw:
        await raw.begin()
        return [tool["name"] for tool in (await raw.ask("tools/list"))["result"]["tools"]]


async def called(kit: Kit, token: str, tool: str) -> str:
    """Return what the agent is told of a call."""
    async with raw_client(kit, token) as raw:
        await raw.begin()
        return texts(await raw.call(tool, id="R-1"))[0]


@requirement("B-69")
async def test_a_blocked_tool_is_hidden_and_refused_in_every_workflow_of_the_agent(
    recorded: tuple[Kit, Recorder],
) -> None:
    """Though this workflow allows it, and from the next call of a task that is open already."""
    kit, recorder = recorded
    token = await kit.task_token({})
    assert await listed(kit, token) == ["change", "look"]
    assert await called(kit, token, "change") == "seen"

    await kit.activate(EXPORTS, {"recorder.yaml": recording.SYSTEM_FILE})
    for one in (token, await kit.task_token({})):
        assert await listed(kit, one) == ["look"]
        told = await called(kit, one, "change")
        assert told.startswith("REFUSED.")
        assert "workflow `exports` keeps tool `change` from `support-bot` everywhere" in told
        assert await called(kit, one, "look") == "seen"
    assert [tool for tool, _ in recorder.seen] == ["change", "look", "look"]


@requirement("B-20")
async def test_never_beats_allow_and_is_listed_where_the_agent_is(
    recorded: tuple[Kit, Recorder],
) -> None:
    """In the words that its owner signs, and beside the agent for whoever looks it up."""
    kit, recorder = recorded
    both = ALLOWED.replace("tools:\n", "never: [change]\ntools:\n")
    await kit.activate(both, {"recorder.yaml": recording.SYSTEM_FILE})
    told = await called(kit, await kit.task_token({}), "change")
    assert told.startswith("REFUSED.")
    assert "never allows tool `change`" in told
    assert recorder.seen == []

    active = kit.house.gateway.registry.boundary_of(WORKFLOW)
    assert active is not None
    assert "Call change, whatever else is written here." in explain(active)
    app = Starlette(routes=admin_routes(kit.house, kit.settings))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        (agent,) = (await client.get("/admin/agents")).json()["agents"]
    assert (agent["name"], agent["never"]) == (AGENT, ["change"])


async def test_the_reason_is_kept_with_the_decision(recorded: tuple[Kit, Recorder]) -> None:
    """So that whoever decides it again sees what was seen, whatever is signed later."""
    kit, _ = recorded
    await kit.activate(EXPORTS, {"recorder.yaml": recording.SYSTEM_FILE})
    await called(kit, await kit.task_token({}), "change")
    found = await kit.house.reading.search(
        LedgerQuery(kind="call.decided", newest_first=True, limit=1), unseal=True
    )

    assert "refuse boundary.tool_barred" in str(found[0].body["floors"])
    seen = (found[0].secret or {}).get("context")
    assert isinstance(seen, dict)
    assert seen["barred_by"] == ["exports"]


async def test_another_agents_list_keeps_nothing_from_this_one(
    recorded: tuple[Kit, Recorder],
) -> None:
    """A never-list is of the agent whom the workflow names."""
    kit, _ = recorded
    others = EXPORTS.replace("agent: support-bot", "agent: other-bot")
    await kit.activate(others, {"recorder.yaml": recording.SYSTEM_FILE})

    assert await listed(kit, await kit.task_token({})) == ["change", "look"]


async def test_what_is_tried_says_what_would_happen(recorded: tuple[Kit, Recorder]) -> None:
    """`sallyport try` decides as a call would be decided."""
    kit, _ = recorded
    supposed = Supposed(tool="change", args={"id": "R-1"})
    before = await try_call(kit.house.gateway, WORKFLOW, supposed)
    await kit.activate(EXPORTS, {"recorder.yaml": recording.SYSTEM_FILE})
    after = await try_call(kit.house.gateway, WORKFLOW, supposed)

    assert before.verdict is Verdict.ALLOW
    assert after.floors[0].code == "boundary.tool_barred"
