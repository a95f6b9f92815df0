"""What matters to people waits for one: nothing reaches the system before somebody said yes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest

from sallyport.model import Ending, Json, JsonObject, Stage, Task
from sallyport.rules.commands import Ended
from tests.integration.boundary.consequences import (
    ACCOUNTS,
    RECORDS,
    SYSTEM_FILE,
    WORKFLOW,
    Office,
)
from tests.integration.mcp.house_fixture import LENA, Kit, opened
from tests.integration.mcp.house_fixture import WORKFLOW as NAME
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
WITHIN_S = 60


class Desk:
    """A house in front of the office, and one open task in it."""

    def __init__(self, kit: Kit, office: Office, task: Task) -> None:
        self.kit = kit
        self.office = office
        self.task = task

    async def call(self, tool: str, **args: Json) -> Ended:
        """Call a tool and wait for nobody."""
        asked = {"id": "R-1", **args}
        return await self.kit.house.call(self.task, tool, asked, channel="mcp", hold_ms=0)

    async def change(self, tool: str) -> Ended:
        """Call a tool that takes a value."""
        return await self.call(tool, value="new")


@pytest.fixture
async def new_desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    """Open a house for the first time, its agent as new as it is."""
    office = Office()
    with anyio.fail_after(WITHIN_S):
        async with opened(tmp_path, upstreams=office, hold_s=0) as kit:
            await kit.activate(WORKFLOW, {"recorder.yaml": SYSTEM_FILE})
            token = kit.house.tasks.bearer(await kit.task_token({}))
            yield Desk(kit, office, await kit.house.tasks.task_for(token, NAME))


@pytest.fixture
async def desk(new_desk: Desk) -> Desk:
    """Let the agent go as far as its boundary lets it."""
    await new_desk.kit.stage(Stage.LIVE)
    return new_desk


async def _nothing_without_a_yes(desk: Desk, tool: str) -> None:
    """Ask and be refused, ask again and be allowed: only then did it reach the system."""
    held = await desk.change(tool)
    assert held.ending is Ending.WAITING
    await desk.kit.answer(yes=False)
    while (told := await desk.change(tool)).ending is Ending.WAITING:
        await anyio.lowlevel.checkpoint()
    assert told.ending is Ending.REFUSED
    assert desk.office.effects[tool] == 0

    again = await desk.call(tool, value="newer")
    assert again.ending is Ending.WAITING
    assert desk.office.effects[tool] == 0
    await desk.kit.answer(yes=True)
    while desk.office.effects[tool] == 0:
        await anyio.lowlevel.checkpoint()
    assert desk.office.effects[tool] == 1


@requirement("A-49")
async def test_money_moves_only_after_a_yes(desk: Desk) -> None:
    """At level *create*, which alone would let it happen."""
    await _nothing_without_a_yes(desk, "books.refund")


@requirement("A-51")
async def test_a_customer_hears_nothing_before_a_yes(desk: Desk) -> None:
    """A message that is sent at once waits."""
    await _nothing_without_a_yes(desk, "mail.send")


@requirement("A-51")
async def test_a_draft_becomes_a_message_only_after_a_yes(new_desk: Desk) -> None:
    """Releasing the draft is a question of its own, and not its answer."""
    drafted = await new_desk.change("mail.send")
    assert drafted.ending is Ending.DRAFT
    assert drafted.draft is not None
    inbox = new_desk.kit.house.inbox
    fresh = new_desk.kit.house.gateway.outside.ids.new("c")
    released = await inbox.release(drafted.draft.id, person=LENA, fresh_id=fresh)

    assert released.ending is Ending.WAITING
    assert new_desk.office.seen == []
    await new_desk.kit.answer(yes=True)
    while not new_desk.office.seen:
        await anyio.lowlevel.checkpoint()
    assert new_desk.office.effects == {"mail.send": 1}


@requirement("A-52", "B-83")
@pytest.mark.parametrize("tool", ACCOUNTS)
async def test_an_account_changes_only_after_a_yes(desk: Desk, tool: str) -> None:
    """Role, password and address: the account is as it was until a person has agreed."""
    held = await desk.change(tool)
    assert held.ending is Ending.WAITING
    assert desk.office.accounts == ACCOUNTS

    await desk.kit.answer(yes=True)
    while desk.office.accounts == ACCOUNTS:
        await anyio.lowlevel.checkpoint()
    assert desk.office.accounts == {**ACCOUNTS, tool: "new"}


@requirement("B-82")
@pytest.mark.parametrize("tool", RECORDS)
async def test_records_of_people_and_of_the_business_change_only_after_a_yes(
    desk: Desk, tool: str
) -> None:
    """Of customers, of employees, of the books, of contracts."""
    await _nothing_without_a_yes(desk, tool)


@requirement("B-84")
async def test_a_workflow_outside_is_triggered_only_after_a_yes(desk: Desk) -> None:
    """A web hook touches nothing that anybody declared, and is external."""
    await _nothing_without_a_yes(desk, "hooks.trigger")


@requirement("B-148")
async def test_nothing_is_published_before_a_yes(desk: Desk) -> None:
    """What customers will see is seen by a person first."""
    await _nothing_without_a_yes(desk, "site.publish")


@requirement("B-85")
@pytest.mark.parametrize(
    "args, ending",
    [
        ({}, Ending.DONE),
        ({"value": "seen"}, Ending.DONE),
        ({"status": "pending"}, Ending.DONE),
        ({"status": "open", "value": "seen"}, Ending.DONE),
        ({"status": "closed"}, Ending.WAITING),
        ({"status": "solved"}, Ending.WAITING),
        ({"status": "closed", "value": "seen"}, Ending.WAITING),
        ({"status": "merged"}, Ending.REFUSED),
    ],
)
async def test_closing_a_case_asks_and_other_fields_do_not(
    desk: Desk, args: JsonObject, ending: Ending
) -> None:
    """The same tool on the same record: the status that ends it makes the difference."""
    assert (await desk.call("cases.update", **args)).ending is ending
    assert desk.office.effects["cases.update"] == (ending is Ending.DONE)


@requirement("B-144")
async def test_a_new_agent_reads_and_drafts_and_writes_nothing(new_desk: Desk) -> None:
    """On a fresh installation nobody has to switch anything off."""
    assert (await new_desk.change("notes.read")).ending is Ending.DONE
    for tool in ("notes.add", "books.refund", "mail.send", "crm.update_customer"):
        assert (await new_desk.change(tool)).ending is Ending.DRAFT, tool

    assert [tool for tool, _ in new_desk.office.seen] == ["notes.read"]
