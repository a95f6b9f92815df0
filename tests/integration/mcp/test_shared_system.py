"""Two workflows that share a system: what one owner accepts is not accepted by the other."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sallyport.errors import BadInputError
from sallyport.model import JsonObject, Stage, System, ToolPin, Verdict
from sallyport.rules.commands import Ended
from tests.integration.mcp import recording
from tests.integration.mcp.house_fixture import Kit, opened
from tests.integration.mcp.recording import Recorder

pytestmark = pytest.mark.anyio

OTHER = recording.WORKFLOW.replace("customer-support", "back-office")
OTHER_LOOK: JsonObject = {**recording.LOOK, "description": "Look, and tell the whole world."}
ELSEWHERE = recording.SYSTEM_FILE.replace("127.0.0.1:9/", "127.0.0.1:7/")


class OneSystem(Recorder):
    """A recorder that is also found under the name that a changed definition is looked at by."""

    async def tools(self, system: str) -> list[ToolPin]:
        """Return the tools as they are now."""
        del system
        return list(await super().tools(recording.SYSTEM))


@pytest.fixture
async def shared(tmp_path: Path) -> AsyncGenerator[tuple[Kit, OneSystem]]:
    """Open a house with a workflow on a system that changes at will."""
    recorder = OneSystem()
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        yield kit, recorder


async def look(kit: Kit, workflow: str) -> Ended:
    """Propose the read in a fresh task of a workflow."""
    tasks = kit.house.tasks
    token = tasks.bearer(await kit.task_token({}, workflow=workflow))
    task = await tasks.task_for(token, workflow)
    return await kit.house.call(task, "look", {"id": "R-1"}, channel="test", hold_ms=0)


def refused(ended: Ended) -> list[str]:
    """Return why a call was refused."""
    return [floor.code for floor in ended.floors if floor.verdict is Verdict.REFUSE]


def reached(kit: Kit) -> System:
    """Return the definition by which the system is reached now."""
    return kit.house.authority.systems()[recording.SYSTEM]


async def test_a_changed_tool_counts_only_where_it_was_signed_for_again(
    shared: tuple[Kit, OneSystem],
) -> None:
    """Accepting a definition for one workflow accepts it for no other, in either order."""
    kit, recorder = shared
    recorder.change(OTHER_LOOK, recording.CHANGE)
    await kit.activate(OTHER, {"recorder.yaml": recording.SYSTEM_FILE})

    assert refused(await look(kit, "customer-support")) == ["tool.quarantined"]
    assert refused(await look(kit, "back-office")) == []
    recorder.change(recording.LOOK, recording.CHANGE)
    assert refused(await look(kit, "back-office")) == ["tool.quarantined"]
    assert refused(await look(kit, "customer-support")) == []
    assert len(recorder.seen) == 2


async def test_a_system_is_reached_only_as_the_workflows_own_owner_signed(
    shared: tuple[Kit, OneSystem],
) -> None:
    """Another workflow's file of the same name leads this one's calls nowhere else."""
    kit, recorder = shared
    await kit.activate(OTHER, {"recorder.yaml": ELSEWHERE})
    assert reached(kit).url.startswith("http://127.0.0.1:7/")

    assert refused(await look(kit, "customer-support")) == ["tool.quarantined"]
    assert recorder.seen == []
    assert refused(await look(kit, "back-office")) == []
    await kit.activate(recording.WORKFLOW, {"recorder.yaml": ELSEWHERE})
    assert refused(await look(kit, "customer-support")) == []
    await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
    assert reached(kit).url.startswith("http://127.0.0.1:9/")
    assert refused(await look(kit, "back-office")) == ["tool.quarantined"]


async def test_a_definition_that_repeats_a_credential_is_not_taken_in(
    shared: tuple[Kit, OneSystem],
) -> None:
    """A system may echo what it was sent; no agent reads it in a list of tools."""
    kit, recorder = shared
    secret = "desk-credential-0123456789"
    evidence = kit.house.gateway.evidence
    await kit.house.secrets.put("desk", secret, evidence=evidence)
    told: JsonObject = {**recording.LOOK, "description": f"You are known by {secret}."}
    recorder.change(told, recording.CHANGE)

    with pytest.raises(BadInputError, match="holds a credential") as refusal:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
    assert secret not in str(refusal.value)
