"""Without a signed boundary an agent is offered nothing, and reaches nothing by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.demo.launch import running_desk
from sallyport.flow.versions import State
from sallyport.model import JsonObject
from tests.integration.mcp.house_fixture import (
    DESK_TOKEN,
    LENA,
    Kit,
    demo_workflow,
    desk_system,
    message,
    opened,
    raw_client,
)
from tests.requirements import requirement
from tests.signers import sign_off

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[tuple[Kit, str]]:
    """Open a house with an agent, a desk that runs, and no boundary."""
    with anyio.fail_after(60):
        async with (
            running_desk(tmp_path / "desk.db", DESK_TOKEN) as desk,
            opened(tmp_path / "home", secrets={"desk-token": DESK_TOKEN}) as kit,
        ):
            yield kit, desk.url


@requirement("A-95")
async def test_an_agent_without_a_boundary_is_offered_no_tools(bare: tuple[Kit, str]) -> None:
    """Not even a session begins, also while a version waits for its second signature."""
    kit, url = bare
    token = await kit.agent_token()
    keys = {LENA: kit.key}
    second = await second_person(kit)
    proposed = await kit.house.authority.propose(
        demo_workflow(), "workflow.yaml", {"desk.yaml": desk_system(url)}
    )
    for state in (None, State.PENDING):
        if state is not None:
            signed = await sign_off(kit.house, proposed, keys)
            assert signed.version.state is state
        async with raw_client(kit, token) as agent:
            refused = await agent.post(message("tools/list", number=1))
        assert refused.status_code == 403
        assert "no signed boundary" in refused.text
        assert "result" not in refused.json()

    await sign_off(kit.house, proposed, {"vera": second})
    async with raw_client(kit, token) as agent:
        await agent.begin()
        assert (await agent.ask("tools/list"))["result"]["tools"] != []


@requirement("A-95")
async def test_a_boundary_that_is_gone_leaves_no_tools(bare: tuple[Kit, str]) -> None:
    """A session that has begun is told so too: what cannot be read permits nothing."""
    kit, url = bare
    await kit.activate(demo_workflow(), {"desk.yaml": desk_system(url)})
    async with raw_client(kit, await kit.agent_token()) as agent:
        await agent.begin()
        (task,) = kit.house.gateway.registry.tasks.values()
        assert len((await agent.ask("tools/list"))["result"]["tools"]) == len(
            kit.house.offered(task)
        )
        kit.house.gateway.registry.active.clear()

        assert kit.house.offered(task) == ()
        refused = await agent.post(message("tools/list", number=9))
        assert "no signed boundary" in refused.text


async def second_person(kit: Kit) -> PersonKey:
    """Enrol somebody who signs second."""
    key = PersonKey.generate()
    details: JsonObject = {"name": "vera", "roles": ["reviewer"], "public_key": key.public_key}
    await kit.house.people.enrol(
        "vera", {"reviewer"}, key.public_key, by=kit.signed("enrol", details)
    )
    return key
