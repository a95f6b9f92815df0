"""What a system asks reaches the agent's own client in the handshake era, and the answer goes back.

The client is the official SDK's, as an application would use it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.house_fixture import Kit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Curious]]:
    """Open a house in front of a system that asks."""
    async with curious_house(tmp_path, hold_s=20) as found:
        yield found


@asynccontextmanager
async def client_of(kit: Kit, **callbacks: Any) -> AsyncGenerator[Client]:
    """Connect the SDK's client in the handshake era."""
    token = await kit.task_token({})
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(
            streamable_http_client(kit.endpoint(), http_client=http), mode="legacy", **callbacks
        ) as client,
    ):
        yield client


async def asked(kit: Kit, what: str, **callbacks: Any) -> types.CallToolResult:
    """Call the tool that asks."""
    with anyio.fail_after(30):
        async with client_of(kit, **callbacks) as client:
            return await client.call_tool("ask", {"what": what})


def text(result: types.CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(b.text for b in result.content if isinstance(b, types.TextContent))


async def accepts(context: Any, params: Any) -> types.ElicitResult:
    """Fill in the form."""
    del context, params
    return types.ElicitResult(action="accept", content={"name": "Ada"})


@pytest.mark.parametrize("waits", [True, False])
async def test_a_form_is_filled_in_and_the_call_goes_on(
    house: tuple[Kit, Curious], *, waits: bool
) -> None:
    """Whether the system waits in mid-work or wants to be asked again, the agent sees one call."""
    kit, system = house
    system.open = waits
    shown: list[Any] = []

    async def fill(context: Any, params: Any) -> types.ElicitResult:
        shown.append(params)
        return await accepts(context, params)

    result = await asked(kit, "form", elicitation_callback=fill)

    assert text(result) == "{'who': {'action': 'accept', 'content': {'name': 'Ada'}}}"
    assert shown[0].message == "from system `asker`: What is your name?"
    assert [one.state for one in system.seen] == ["", "1/x"]
    assert system.seen[0].abilities >= {"form"}


async def test_several_questions_at_once_and_one_after_the_other(
    house: tuple[Kit, Curious],
) -> None:
    """All of one round are asked together; a second round follows the first."""
    kit, system = house

    async def roots(context: Any) -> types.ListRootsResult:
        del context
        return types.ListRootsResult(roots=[types.Root(uri="file:///work")])  # type: ignore[arg-type]

    two = await asked(kit, "two", elicitation_callback=accepts, list_roots_callback=roots)
    twice = await asked(kit, "twice", elicitation_callback=accepts)

    assert "file:///work" in text(two)
    assert "Ada" in text(two)
    assert "Ada" in text(twice)
    assert [one.state for one in system.seen] == ["", "1/x", "", "1/x", "2/x"]


async def test_the_agents_model_is_asked_where_the_boundary_names_it(
    house: tuple[Kit, Curious],
) -> None:
    """The words of the model go back to the system that asked."""

    async def sample(context: Any, params: Any) -> types.CreateMessageResult:
        del context, params
        said = types.TextContent(type="text", text="gentle")
        return types.CreateMessageResult(role="assistant", content=said, model="m")

    result = await asked(house[0], "sampling", sampling_callback=sample)

    assert "gentle" in text(result)


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_no_reaches_the_system_as_a_no(house: tuple[Kit, Curious], action: Any) -> None:
    """What the user did not want to say is not made up."""

    async def refuse(context: Any, params: Any) -> types.ElicitResult:
        del context, params
        return types.ElicitResult(action=action)

    result = await asked(house[0], "form", elicitation_callback=refuse)

    assert text(result) == f"{{'who': {{'action': '{action}'}}}}"


async def test_an_error_in_place_of_a_form_counts_as_cancelled(
    house: tuple[Kit, Curious],
) -> None:
    """The client could not show it; the system learns that nobody answered."""

    async def fail(context: Any, params: Any) -> types.ErrorData:
        del context, params
        return types.ErrorData(code=-32602, message="no such form here")

    result = await asked(house[0], "form", elicitation_callback=fail)

    assert text(result) == "{'who': {'action': 'cancel'}}"


async def test_an_error_in_place_of_the_models_words_is_passed_on_as_a_refusal(
    house: tuple[Kit, Curious],
) -> None:
    """MCP has no word for it, so nothing is made up: the system is refused, and says what now."""
    kit, system = house

    async def fail(context: Any, params: Any) -> types.ErrorData:
        del context, params
        return types.ErrorData(code=-1, message="the user said no")

    result = await asked(kit, "sampling", sampling_callback=fail)

    assert text(result) == "{}"
    assert [(one.answers, one.state, one.abilities) for one in system.seen[1:]] == [
        ({}, "1/x", frozenset())
    ]


async def test_a_client_that_can_be_asked_nothing_is_asked_nothing(
    house: tuple[Kit, Curious],
) -> None:
    """What it did not declare is offered to no system. One that asks anyway broke the rules."""
    kit, system = house
    with anyio.fail_after(30):
        async with client_of(kit) as client:
            with pytest.raises(MCPError, match="never offered"):
                await client.call_tool("ask", {"what": "form"})

    assert system.seen[0].abilities == frozenset()
    assert len(system.seen) == 1
