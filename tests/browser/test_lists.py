"""A list picked by keys and signed once, and a yes beforehand with its counter, in a browser."""

from __future__ import annotations

import pytest

from sallyport.demo import story
from sallyport.flow.tasks import Opening
from sallyport.model import ApprovalState, Json
from tests.browser.office import Office
from tests.integration.api.test_lists import MAIL, TAG
from tests.integration.mcp.house_fixture import AGENT, LENA, MARA, WORKFLOW, raw_client

pytestmark = pytest.mark.anyio
OMAR = "omar"


async def token_for(office: Office, ticket: str) -> str:
    """Open a task about a ticket; return its token."""
    tasks = office.kit.house.tasks
    opener = await tasks.make_token("opener", agent=AGENT, workflow=WORKFLOW, by=LENA)
    inputs = next(one.inputs for one in story.QUEUE if one.ticket_id == ticket)
    bound: dict[str, Json] = dict(inputs)
    opening = Opening(workflow=WORKFLOW, requester=MARA, inputs=bound, instance=ticket)
    return (await tasks.open(tasks.bearer(opener), opening)).token


async def label(office: Office, token: str, ticket: str, *labels: str) -> str:
    """Have a ticket read, and each label proposed for it; return what was said of the last."""
    async with raw_client(office.kit, token) as client:
        await client.begin()
        await client.call("tickets.get", ticket_id=ticket)
        said = ""
        for one in labels:
            said = str(await client.call("tickets.tag", ticket_id=ticket, label=one))
    return said


async def refunded(office: Office) -> str:
    """Have a refund proposed; return its question."""
    await office.ask()
    items = await office.kit.house.inbox.items()
    asked = [one.approval for one in items if one.call.proposal.tool == "tickets.update"]
    assert asked[0] is not None
    return asked[0].id


async def test_a_list_is_picked_by_keys_compared_and_signed_once(office: Office) -> None:
    """Three labels: what is the same stands once, the rows show what differs; each is done once."""
    await office.resign(MAIL, TAG + MAIL)
    omar = await office.seat(OMAR)
    for ticket in ("T-4711", "T-4712", "T-4713"):
        await label(office, await token_for(office, ticket), ticket, "question")
    refund = await refunded(office)
    await omar.open("/inbox")
    page = omar.page
    assert await page.locator("[data-pick]").count() == 3
    assert await page.locator(f"[data-pick='{refund}']").count() == 0
    for _ in range(4):
        await page.keyboard.press("j")
        await page.keyboard.press(" ")
    assert await page.inner_text("[data-picked-said]") == "3 picked."
    assert await omar.faults() == []
    async with page.expect_navigation():
        await page.keyboard.press("b")

    assert await page.inner_text("h1") == "3 calls, one signature"
    assert await page.locator(".pairs dt").all_inner_texts() == ["label"]
    heads = await page.locator("thead th").all_inner_texts()
    assert heads == ["Question", "ticket_id", "Sources"]
    assert await page.locator("tbody tr").count() == 3
    assert await omar.faults() == []
    await page.set_viewport_size({"width": 320, "height": 900})
    assert not await omar.overflows()
    await page.fill("[name=because]", "all three are questions")
    async with page.expect_navigation(url="**/inbox"):
        await page.click("form[data-sign] button.button")
    await office.kit.house.background.close()

    store = office.kit.house.gateway.outside.store
    used = await store.rows("approvals", {"state": ApprovalState.USED.value})
    assert len(used) == 3
    done = await store.rows("calls", {"tool": "tickets.tag"})
    assert [one["action"] for one in done] == ["done"] * 3
    assert (await office.kit.house.reading.verify()).unsigned == ()


async def test_a_row_that_does_not_belong_is_pulled_out_and_the_rest_can_be_signed(
    office: Office,
) -> None:
    """A refund in the address stands apart, with why; nothing on the page says yes to it."""
    await office.resign(MAIL, TAG + MAIL)
    omar = await office.seat(OMAR)
    for ticket in ("T-4711", "T-4712"):
        await label(office, await token_for(office, ticket), ticket, "question")
    refund = await refunded(office)
    items = await office.kit.house.inbox.items()
    ids = ",".join(one.approval.id for one in items if one.approval is not None)
    await omar.open(f"/lists?ids={ids}")

    assert await omar.page.inner_text("h1") == "2 calls, one signature"
    apart = omar.page.locator(".odd li")
    assert await apart.locator(f"a[href='/approvals/{refund}']").count() == 1
    assert "it touches money" in await apart.inner_text()


async def test_a_yes_beforehand_shows_its_counter_and_is_taken_back(office: Office) -> None:
    """Two more labels leave unasked, the page counts them, and after *Take it back* it asks."""
    await office.resign(MAIL, TAG + MAIL)
    omar = await office.seat(OMAR)
    token = await token_for(office, "T-4711")
    await label(office, token, "T-4711", "question")
    (item,) = await office.kit.house.inbox.items()
    assert item.approval is not None
    page = omar.page
    await omar.open(f"/approvals/{item.approval.id}")
    await page.click("details.ahead summary")
    await page.fill("[data-ahead=at_most]", "3")
    assert await page.locator("[data-free]").count() == 1
    await page.check("[data-free=label]")
    assert await omar.faults() == []
    await omar.press("yes")
    await office.kit.house.background.close()
    await label(office, token, "T-4711", "delivery", "damage")
    await page.reload()
    assert "2 of 3 used" in await page.inner_text("#ahead")
    await omar.open("/controls")
    assert "2 of 3 used" in await page.inner_text("#ahead")
    assert await omar.faults() == []
    async with page.expect_navigation():
        await page.click("#ahead button")
    assert await page.locator("#ahead").count() == 0
    await label(office, token, "T-4711", "invoice")

    waits = await office.kit.house.inbox.items()
    assert [one.call.proposal.args["label"] for one in waits] == ["invoice"]
    assert await office.kit.house.inbox.grants() == []
