"""Real clients, real servers, a real gateway: approvals and questions in every form, and restarts.

The agent is the official SDK's client in the stateless era. The server behind the gateway knows
both eras, or the older one alone, and then it waits in the middle of its work for what it asked.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.context import ClientRequestContext
from mcp.client.extension import ClientExtension
from mcp.client.session import ElicitationFnT
from mcp.client.streamable_http import streamable_http_client

from sallyport.model import Ability, Level
from sallyport.rules.boundary.new import Answers, render_system, render_workflow
from tests.integration.mcp import sdk_tasks
from tests.integration.mcp.sdk_tasks import TaskResult, Tasks
from tests.real_gateway import OWNER, REQUESTER_ROLE, RealGateway, again, real_gateway, until

pytestmark = pytest.mark.anyio

NOW = "2026-07-28"
AGENT, WORKFLOW = "bot", "everything"
SERVER = Path(__file__).parents[2] / "servers" / "everything.py"
HELD = "slow_compute"
ASKS = "test_input_required_result_elicitation"
TOOLS = {HELD: Level.UPDATE, ASKS: Level.READ}
ARGS: dict[str, Any] = {"seconds": 0, "label": "R-SECRET-1"}
WITHIN_S = 60


@dataclass
class House:
    """A gateway that can be stopped and started, and its agent's token."""

    gateway: RealGateway
    token: str
    life: ExitStack

    def restart(self) -> None:
        """End the gateway's process and start another one in the same home."""
        self.life.close()
        self.gateway = self.life.enter_context(again(self.gateway))

    def say_yes(self) -> None:
        """Answer the question about the tool that waits, once there is one."""
        gateway = self.gateway
        waiting = until(
            lambda: next(iter(gateway.waiting("question", workflow=WORKFLOW, tool=HELD)), None)
        )
        gateway.answer(waiting, yes=True)

    @asynccontextmanager
    async def client(
        self, callback: ElicitationFnT | None = None, extension: ClientExtension | None = None
    ) -> AsyncGenerator[Client]:
        """Connect the SDK's client to the gateway as it is now."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.gateway.mcp_url(WORKFLOW)
        with anyio.fail_after(WITHIN_S):
            async with (
                httpx2.AsyncClient(headers=headers, timeout=WITHIN_S) as http,
                Client(
                    streamable_http_client(url, http_client=http),
                    mode=NOW,
                    elicitation_callback=callback,
                    extensions=[extension] if extension else None,
                ) as client,
            ):
                yield client


@pytest.fixture(params=["both", "legacy"])
def eras(request: pytest.FixtureRequest) -> str:
    """Return which eras the server knows; a test of the gateway's own names one."""
    return str(request.param)


@pytest.fixture
def house(tmp_path: Path, eras: str) -> Iterator[House]:
    """Serve a gateway with that server behind it, one of whose tools waits for a person."""
    command = (sys.executable, str(SERVER), "stdio", *(["legacy"] if eras == "legacy" else []))
    with ExitStack() as life:
        gateway = life.enter_context(real_gateway(tmp_path / "home", hold_s=30))
        furnish(gateway, command)
        yield House(gateway, gateway.agent_token(AGENT, WORKFLOW), life)


def furnish(gateway: RealGateway, command: tuple[str, ...]) -> None:
    """Sign a boundary with two tools of the server: one that waits, and one that asks."""
    bare = render_system(WORKFLOW, command=command)
    offered = gateway.client.inspect(bare, file=f"{WORKFLOW}.yaml")["tools"]
    tools = [one["definition"] for one in offered if one["name"] in TOOLS]
    system = render_system(WORKFLOW, command=command, reads=[ASKS])
    answers = Answers(
        name=WORKFLOW,
        purpose="Ask and wait.",
        owner=OWNER,
        agent=AGENT,
        requesters=(REQUESTER_ROLE,),
        expires=datetime.fromtimestamp(time.time(), UTC).date() + timedelta(days=30),
        system=WORKFLOW,
        asks=("reviewer",),
        may_ask=(Ability.FORM, Ability.URL),
    )
    text = render_workflow(answers, [(one, TOOLS[str(one["name"])]) for one in tools])
    gateway.sign(text, {f"{WORKFLOW}.yaml": system})
    gateway.add_agent(AGENT)


def text(result: types.CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(one.text for one in result.content if isinstance(one, types.TextContent))


async def test_a_form_reaches_the_client_from_a_server_of_either_era(house: House) -> None:
    """The server asks, the gateway passes it on as a question, and the answer back to the call."""
    asked: list[str] = []

    async def fill_in(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        del context
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"name": "Alice"})

    async with house.client(fill_in) as client:
        result = await client.call_tool(ASKS, {})

    assert asked == ["from system `everything`: What is your name?"]
    assert text(result) == "Hello, Alice!"


@pytest.mark.parametrize("eras", ["both"], indirect=True)
async def test_an_approval_over_tasks(house: House) -> None:
    """A client that follows tasks sees one call and one result."""

    async def made() -> None:
        await anyio.to_thread.run_sync(house.say_yes)

    async with house.client(extension=Tasks(made)) as client:
        result = await client.call_tool(HELD, ARGS)

    assert text(result) == "computed"


@pytest.mark.parametrize("eras", ["both"], indirect=True)
async def test_an_approval_over_a_link(house: House) -> None:
    """A client that shows links comes back by itself, and gets the result when it was answered."""
    shown: list[types.ElicitRequestURLParams] = []

    async def show(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        del context
        assert isinstance(params, types.ElicitRequestURLParams)
        shown.append(params)
        await anyio.to_thread.run_sync(house.say_yes)
        return types.ElicitResult(action="accept")

    async with house.client(show) as client:
        result = await client.call_tool(HELD, ARGS)

    assert text(result) == "computed"
    assert len(shown) == 1
    assert shown[0].url.startswith(f"{house.gateway.url}/held/")
    assert "R-SECRET-1" not in shown[0].message


@pytest.mark.parametrize("eras", ["both"], indirect=True)
async def test_an_approval_over_tasks_across_a_restart(house: House) -> None:
    """Proposed to one process, answered in another; the task has its result in both that follow."""
    async with house.client(extension=Tasks()) as client:
        made = await client.session.call_tool(HELD, ARGS, allow_claimed=True)
    assert isinstance(made, TaskResult)

    house.restart()
    async with house.client(extension=Tasks()) as client:
        before = await sdk_tasks.look(client.session, made.task_id)
        await anyio.to_thread.run_sync(house.say_yes)
        done = await sdk_tasks.followed(client.session, made.task_id)
    house.restart()
    async with house.client(extension=Tasks()) as client:
        again_done = await sdk_tasks.look(client.session, made.task_id)

    assert before.status == "working"
    assert done.status == again_done.status == "completed"
    assert done.result == again_done.result
    assert done.result is not None
    assert done.result["content"][0]["text"] == "computed"


@pytest.mark.parametrize("eras", ["both"], indirect=True)
async def test_an_approval_over_a_link_across_a_restart(house: House) -> None:
    """The client keeps the state that it was given; page and result are there in the next life."""

    async def never(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        raise AssertionError(f"nothing is left to ask: {context} {params}")

    async with house.client(never) as client:
        held = await client.session.call_tool(HELD, ARGS, allow_input_required=True)
    assert isinstance(held, types.InputRequiredResult)
    assert held.input_requests is not None
    question = held.input_requests["approval"].params
    assert isinstance(question, types.ElicitRequestURLParams)

    house.restart()
    link = f"{house.gateway.url}/held/{question.url.rpartition('/')[2]}"
    async with httpx2.AsyncClient() as browser:
        page = await browser.get(link)
    await anyio.to_thread.run_sync(house.say_yes)
    async with house.client(never) as client:
        result = await client.call_tool(
            HELD,
            ARGS,
            request_state=held.request_state,
            input_responses={"approval": types.ElicitResult(action="accept")},
        )

    assert page.status_code == 200
    assert "nothing has happened yet" in page.text
    assert "R-SECRET-1" not in page.text
    assert text(result) == "computed"
