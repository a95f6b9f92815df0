"""Taking a yes back by one key, and going past the reviewers with three people."""

from __future__ import annotations

import re

import anyio
import pytest

from sallyport.model import ApprovalState, CoolOff, GlassState
from tests.browser.console import Desk
from tests.browser.office import WITHIN_S, Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import LENA, raw_client
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
TO = "ada@brandt-bakery.example"
OLE, VERA, ADA = "ole", "vera", "ada"
COOL_OFF = CoolOff(usual_s=30, money_s=600)


async def mail(office: Office) -> None:
    """Have the agent propose a mail."""
    async with raw_client(office.kit, await office.kit.task_token()) as client:
        await client.begin()
        await client.call("mail.send", to=TO, template="ack", body="We are on it.")


async def approved(office: Office, lena: Desk) -> str:
    """Have lena say yes to a mail, which then still waits; return the question."""
    await mail(office)
    with anyio.fail_after(WITHIN_S):
        asked = (await office.kit.question()).approval
    assert asked is not None
    await lena.open(f"/approvals/{asked.id}")
    if await lena.page.locator("[data-confirm]").count():
        await lena.page.fill("[data-confirm]", TO)
        await lena.read()
    await lena.press("yes")
    return asked.id


async def test_a_yes_is_taken_back_with_one_key(office: Office, desk: SupportDesk) -> None:
    """The page counts down; `u` takes it back, from there or from the inbox; nothing is sent."""
    office.kit.house.gateway.cool_off = COOL_OFF
    lena = await office.seat()
    before = len(desk.report().mails)
    question = await approved(office, lena)
    shown = lena.page.locator("button.undo [data-left]")
    first = int(re.sub(r"\D", "", await shown.inner_text()))
    await lena.page.wait_for_function(
        "before => parseInt(document.querySelector('[data-left]').textContent) < before", arg=first
    )
    assert 0 < first <= COOL_OFF.usual_s
    assert await lena.faults() == []
    await lena.open("/inbox")
    assert await lena.page.locator("[data-group=cooling] button.undo").count() == 1
    assert await lena.faults() == []
    async with lena.page.expect_navigation():
        await lena.page.keyboard.press("u")
    await lena.page.get_by_text("The yes was taken back in time. Nothing was sent.").wait_for()

    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.UNDONE
    office.kit.clock.ahead_us += 60_000_000
    await office.kit.house.inbox.act_on_due()
    await office.kit.house.background.close()
    assert len(desk.report().mails) == before


async def test_a_yes_that_nobody_takes_back_is_sent_once(office: Office, desk: SupportDesk) -> None:
    """When the time is over there is no button any more, and the system has it."""
    office.kit.house.gateway.cool_off = COOL_OFF
    lena = await office.seat()
    before = len(desk.report().mails)
    question = await approved(office, lena)
    office.kit.clock.ahead_us += 31_000_000
    await office.kit.house.inbox.act_on_due()
    await office.kit.house.background.close()
    await lena.page.reload()
    assert await lena.page.locator("button.undo").count() == 0
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.USED
    assert len(desk.report().mails) == before + 1


@requirement("B-88")
async def test_the_glass_is_broken_by_two_and_looked_at_by_a_third(
    office: Office, desk: SupportDesk
) -> None:
    """Asked on Controls, signed second, a banner on every page, ended, reviewed in the inbox."""
    ole = await office.seat(OLE, frozenset({"operator"}))
    vera = await office.seat(VERA, frozenset({"reviewer"}))
    ada = await office.seat(ADA, frozenset({"auditor"}))
    before = len(desk.report().mails)
    await ole.open("/controls")
    await ole.page.get_by_role("button", name="Break the glass…").click()
    await ole.page.select_option("dialog[open] [name=scope]", "tool:mail.send")
    await ole.page.fill("dialog[open] [name=because]", "nobody of support can be reached")
    async with ole.page.expect_navigation(url="**/break-glass/*"):
        await ole.page.get_by_role("button", name="Ask, with your passkey").click()
    assert await ole.page.get_by_role("button", name="Sign second, with your passkey").count() == 0
    assert await ole.page.locator(".banner").count() == 0

    await vera.open("/inbox")
    await vera.page.get_by_text("Going past the reviewers of tool:mail.send was asked for").click()
    assert await vera.faults() == []
    await vera.page.get_by_role("button", name="Sign second, with your passkey").click()
    banner = vera.page.locator(".banner", has_text="ole and vera broke the glass")
    await banner.wait_for()
    for path in ("/inbox", "/people", "/controls"):
        await ada.open(path)
        assert await ada.page.locator(".banner", has_text="broke the glass").count() == 1, path
        assert await ada.faults() == []
    await mail(office)
    assert len(desk.report().mails) == before + 1

    await ole.page.reload()
    await ole.page.get_by_role("button", name="End it now").click()
    await ole.page.get_by_text("It is over. Somebody who was neither of the two").wait_for()
    assert await ole.page.locator(".banner").count() == 0
    await ada.open("/inbox")
    await ada.page.get_by_text("Calls of tool:mail.send went past the reviewers").click()
    assert await ada.page.locator("table tbody tr").count() == 1
    assert await ada.faults() == []
    await ada.page.set_viewport_size({"width": 320, "height": 900})
    assert not await ada.overflows()
    await ada.page.fill("[name=words]", "I read the mail; it was needed")
    await ada.page.get_by_role("button", name="Sign, with your passkey").click()
    await ada.page.get_by_text("a third person has looked at every call").wait_for()
    await ada.open("/inbox")
    assert await ada.page.locator("[data-group=glasses]").count() == 0
    (glass,) = await office.kit.house.glasses.every()
    assert (glass.state, glass.review and glass.review.person) == (GlassState.REVIEWED, ADA)
    assert LENA not in {glass.asked.person, glass.second and glass.second.person}
