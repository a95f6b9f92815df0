"""Links in messages: where they lead, for whom, and what one button does."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser as Chrome

from sallyport.flow.sources import sources_of
from sallyport.model import Approval, ApprovalState
from sallyport.rules.answering import Kind
from sallyport.rules.canonical import encode
from sallyport.rules.devices import to_text
from tests.browser.console import Desk, at_the_desk
from tests.integration.mcp.house_fixture import LENA, WORKFLOW, Kit, demo_workflow, raw_client
from tests.notify.test_webhook import sink
from tests.signers import sign_off

pytestmark = pytest.mark.anyio

MAIL = "  mail.send:\n    level: external"
TAG = """  tickets.tag:
    level: update
    only:
      ticket_id: {is: task.ticket_id}
      label: {max_length: 40}
    ask: [{who: [support_lead]}]
"""


async def light(kit: Kit) -> Approval:
    """Have the agent propose a label, which a lead is asked about; return the question."""
    house = kit.house
    stored = await house.gateway.outside.store.rows("boundaries", {"workflow": WORKFLOW})
    text = demo_workflow().replace(MAIL, TAG + MAIL)
    proposed = await house.authority.propose(text, "w.yaml", sources_of(stored[0]).systems)
    await sign_off(house, proposed, {LENA: kit.key})
    return await asked(kit, "tickets.tag", ticket_id="T-4711", label="question")


async def asked(kit: Kit, tool: str, **args: str | int) -> Approval:
    """Have the agent propose something that asks; return the question."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call(tool, **args)
    approval = (await kit.question()).approval
    assert approval is not None
    return approval


async def test_one_button_and_the_passkey_answer_what_weighs_little(kit: Kit, seat: Desk) -> None:
    """Every value is there; the answer is signed like any other; the link is good once."""
    approval = await light(kit)
    path = await kit.house.quick.path(approval.id)
    assert path.startswith("/quick/")
    await seat.open(path)
    for scheme in ("light", "dark"):
        await seat.page.emulate_media(color_scheme=scheme)
        assert await seat.faults() == []
    await seat.page.set_viewport_size({"width": 320, "height": 700})
    assert not await seat.overflows()
    shown = await seat.page.locator("section.section .thread").inner_text()
    assert "T-4711" in shown
    assert "question" in shown
    assert await seat.page.get_by_role("button", name="Approve").count() == 1

    async with seat.page.expect_navigation(url="**/approvals/*"):
        await seat.page.get_by_role("button", name="Approve").click()
    await kit.house.background.close()
    answered = await kit.house.inbox.approval(approval.id)
    assert answered.state is ApprovalState.USED
    assert answered.answers[0].person == LENA
    assert answered.answers[0].signature.startswith("passkey:")

    assert await kit.house.quick.path(approval.id) == ""
    await seat.open(path)
    assert await seat.page.locator("[data-answer]").count() == 0
    assert await seat.page.get_by_text("Approved").count() >= 1


async def test_a_link_on_another_site_finds_whoever_is_signed_in(kit: Kit, seat: Desk) -> None:
    """The strict cookie does not come along from there; a page of ours goes on with it."""
    approval = await light(kit)
    path = await kit.house.quick.path(approval.id)
    async with sink() as site:
        site.headers = {"content-type": "text/html"}
        site.text = f'<a id="link" href="{seat.url}{path}">Approve on one page</a>'
        await seat.page.goto(site.url)
        await seat.page.click("#link")
        await seat.page.get_by_role("button", name="Approve").wait_for()
        assert seat.page.url == f"{seat.url}{path}"


async def test_whoever_is_not_signed_in_signs_in_and_goes_on_to_it(kit: Kit, seat: Desk) -> None:
    """Opening a link signs nobody in; after the passkey one is where it led."""
    approval = await light(kit)
    path = await kit.house.quick.path(approval.id)
    await seat.context.clear_cookies()
    await seat.open(path)
    await seat.page.get_by_role("heading", name="Sign in").wait_for()
    assert (await kit.house.inbox.approval(approval.id)).state is ApprovalState.WAITING
    await seat.page.click("[data-passkey=sign-in]")
    await seat.page.wait_for_url(f"**{path}")
    assert await seat.page.get_by_role("button", name="Approve").count() == 1


async def test_what_weighs_more_has_no_such_link_and_opens_whole(kit: Kit, seat: Desk) -> None:
    """Money is looked at as a whole, also by a link that somebody kept from before."""
    approval = await asked(kit, "tickets.update", ticket_id="T-4711", status="pending", refund=120)
    assert await kit.house.quick.path(approval.id) == ""
    said = encode({"approval": approval.id, "about": approval.about})
    kept = to_text(kit.house.gateway.outside.vault.seal("quick", said))
    await seat.open(f"/quick/{kept}")
    assert await seat.page.locator("[data-open=reject]").count() == 1
    refused = await seat.page.evaluate(
        "(path) => window.sallyport.send(path, { kind: 'approve' })", f"/quick/{kept}/begin"
    )
    assert refused is None
    await seat.page.get_by_text("This is not answered by one button").wait_for()
    seat.complaints.clear()


async def test_the_page_says_yes_only_and_to_its_own_question(kit: Kit, seat: Desk) -> None:
    """Nothing else passes by it, a forged link opens nothing, and what was passed on is whole."""
    approval = await light(kit)
    path = await kit.house.quick.path(approval.id)
    send = "([path, body]) => window.sallyport.send(path, body)"
    await seat.open(path)
    for at, kind in ((path, "reject"), (f"{path}x", "approve"), ("/quick/AAAA", "approve")):
        body = {"kind": kind, "because": "no"}
        assert await seat.page.evaluate(send, [f"{at}/begin", body]) is None
    assert (await kit.house.inbox.approval(approval.id)).state is ApprovalState.WAITING

    await seat.open(f"/approvals/{approval.id}")
    await seat.page.keyboard.press("x")
    async with seat.page.expect_navigation():
        await seat.page.click(f"[data-answer={Kind.ESCALATE.value}]")
    assert await kit.house.quick.path(approval.id) == ""
    await seat.open(path)
    assert await seat.page.locator("[data-open=reject]").count() == 1
    assert all("status of 40" in one for one in seat.complaints)
    seat.complaints.clear()


async def test_the_button_says_yes_to_this_one_call_and_to_none_beforehand(
    kit: Kit, seat: Desk
) -> None:
    """Whatever is sent along with it: the whole page is where one says more."""
    approval = await light(kit)
    path = await kit.house.quick.path(approval.id)
    await seat.open(path)
    said = {"kind": "approve", "ahead": {"at_most": 5, "minutes": 60, "free": ["label"]}}
    async with seat.page.expect_navigation(url="**/approvals/*"):
        await seat.page.evaluate(
            "([at, said]) => window.sallyport.ceremony(`${at}/begin`, `${at}/answer`, said)",
            [path, said],
        )
    await kit.house.background.close()
    assert (await kit.house.inbox.approval(approval.id)).state is ApprovalState.USED
    assert list(await kit.house.inbox.grants()) == []


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_signing_in_leads_to_no_other_site(kit: Kit, chrome: Chrome, to: str) -> None:
    """Whatever a link asks for."""
    async with at_the_desk(kit, chrome) as desk:
        await desk.page.goto(f"{desk.url}/sign-in?to={to}")
        button = desk.page.locator("[data-passkey=sign-in]")
        assert await button.get_attribute("data-then") == "/inbox"
    assert desk.complaints == []
