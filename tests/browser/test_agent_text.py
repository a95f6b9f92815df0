"""What an agent, its program and its systems write, from the door to every page that shows it."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
import pytest

from sallyport.flow import rows
from sallyport.flow.tasks import Opening
from sallyport.model import Verdict
from tests.browser import hostile
from tests.browser.hostile import HOSTILE
from tests.browser.office import Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import (
    AGENT,
    LENA,
    MARA,
    WORKFLOW,
    message,
    raw_client,
    ticket,
)

pytestmark = pytest.mark.anyio
MEGABYTE = 1_000_000
WITHIN_S = 30
TO: Mapping[str, str] = {"to": "ada@brandt-bakery.example", "template": "answer"}


async def task_token(office: Office, words: str = HOSTILE) -> str:
    """Open a task whose every free field is hostile."""
    tasks = office.kit.house.tasks
    opener = await tasks.make_token("opener", agent=AGENT, workflow=WORKFLOW, by=LENA)
    opening = Opening(
        workflow=WORKFLOW,
        requester=MARA,
        inputs=ticket(),
        lasts_s=3600,
        instance=HOSTILE,
        words=words,
        purpose=HOSTILE,
    )
    return (await tasks.open(tasks.bearer(opener), opening)).token


async def everything_hostile(office: Office) -> None:
    """Have the agent write hostile text wherever it can write anything."""
    controls = office.kit.house.controls
    async with raw_client(office.kit, await task_token(office)) as client:
        client_info = {"name": HOSTILE, "version": HOSTILE, "title": HOSTILE}
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client_info}
        begun = await client.post(message("initialize", hello, number=0))
        client.http.headers["Mcp-Session-Id"] = begun.headers["mcp-session-id"]
        await client.call("tickets.get", ticket_id="T-4711")
        await client.call("mail.send", **TO, body=HOSTILE)
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=120)
        await client.call("tickets.update", ticket_id=HOSTILE, status=HOSTILE, refund=HOSTILE)
        await client.call("kb.search", query=HOSTILE[:190])
        await client.call("mail.send", **TO, **{HOSTILE: {HOSTILE: [HOSTILE]}})
        scope = f"agent:{AGENT}"
        await controls.set(scope, Verdict.DRAFT, because=HOSTILE, by=LENA)
        await client.call("mail.send", **TO, body=f"later: {HOSTILE}")


async def pages_of(office: Office) -> list[str]:
    """Return the address of every page of everything that is there, whatever became of it."""
    store = office.kit.house.gateway.outside.store
    found = ["/inbox?of=team", "/drafts", "/ledger", "/agents", f"/agents/{AGENT}", "/controls"]
    found += [f"/agents/{AGENT}/access", "/workflows", f"/workflows/{WORKFLOW}", "/people"]
    for table, address in (("approvals", "approvals"), ("drafts", "drafts"), ("calls", "calls")):
        found += [f"/{address}/{rows.text(row, 'id')}" for row in await store.rows(table)]
    return found


async def test_whatever_an_agent_writes_stays_text_on_every_page(
    office: Office, desk: SupportDesk
) -> None:
    """Words, purpose, run, client, tool arguments and their names, a floor's reason, answers."""
    del desk
    lena = await office.seat()
    await everything_hostile(office)
    found: list[str] = []
    for path in await pages_of(office):
        answer = await lena.page.goto(f"{lena.url}{path}")
        assert answer
        assert answer.status == 200, path
        found += [f"{path}: {one}" for one in await hostile.faults(lena.page)]
        await lena.page.set_viewport_size({"width": 320, "height": 900})
        if await lena.overflows():
            found.append(f"{path}: is wider than its window")
        await lena.page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


async def test_a_tool_that_nobody_has_is_text_as_well(office: Office) -> None:
    """A proposal of a hostile name, refused at the door, shows as what it is wherever it shows."""
    lena = await office.seat()
    async with raw_client(office.kit, await task_token(office)) as client:
        await client.begin()
        await client.ask("tools/call", {"name": HOSTILE, "arguments": {HOSTILE: HOSTILE}})
    for path in await pages_of(office):
        await lena.open(path)
        assert await hostile.faults(lena.page) == []


async def test_a_megabyte_is_shown_to_its_end_and_can_be_answered(
    office: Office, desk: SupportDesk
) -> None:
    """A requester's words and a refused argument, each complete; the question is answered."""
    lena = await office.seat()
    text = f"{HOSTILE} {'word ' * (MEGABYTE // 5)} the very end"
    async with raw_client(office.kit, await task_token(office, words=text)) as client:
        await client.begin()
        refused = await client.call("mail.send", **TO, body=text)
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=120)
    call = refused["_meta"]["io.sallyport/call"]["id"]
    with anyio.fail_after(WITHIN_S):
        approval = (await office.kit.question()).approval
    assert approval is not None
    before = len(desk.report().refunds)
    for path in (f"/calls/{call}", f"/approvals/{approval.id}"):
        await lena.open(path)
        assert await hostile.faults(lena.page) == []
        shown = await lena.page.locator("main").text_content()
        assert shown
        assert shown.count("word ") >= MEGABYTE // 5
        assert "the very end" in shown
        assert not await lena.overflows()
    await lena.press("yes")
    await office.kit.house.background.close()
    assert len(desk.report().refunds) == before + 1
