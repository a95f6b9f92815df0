"""Several people and one question, each with a browser and a passkey of their own."""

from __future__ import annotations

import asyncio

import pytest

from sallyport.model import ApprovalState
from tests.browser.office import Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import LENA
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
OMAR, VERA = "omar", "vera"


async def test_two_people_with_two_passkeys_are_a_quorum(office: Office, desk: SupportDesk) -> None:
    """The first yes sends nothing and cannot be given twice; the second lets it out, once."""
    await office.require_two()
    lena, omar = await office.seat(), await office.seat(OMAR)
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    assert "0 of 2 answers" in await lena.page.inner_text(".strip")
    await lena.read()
    await lena.press("yes")
    assert "1 of 2 answers" in await lena.page.inner_text(".strip")
    assert await lena.page.locator("[data-answer=yes]").is_disabled()
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.WAITING
    assert len(desk.report().refunds) == before

    await omar.open(f"/approvals/{question}")
    await omar.read()
    await omar.press("yes")
    await office.kit.house.background.close()
    done = await office.kit.house.inbox.approval(question)
    assert done.state is ApprovalState.USED
    assert [answer.person for answer in done.answers] == [LENA, OMAR]
    assert len({answer.key for answer in done.answers}) == 2
    assert len(desk.report().refunds) == before + 1


async def test_one_no_ends_what_two_were_asked(office: Office, desk: SupportDesk) -> None:
    """Whoever said yes before sees who said no, and why."""
    await office.require_two()
    lena, omar = await office.seat(), await office.seat(OMAR)
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    await lena.read()
    await lena.press("yes")
    await omar.open(f"/approvals/{question}")
    await omar.read()
    await omar.page.keyboard.press("r")
    await omar.page.fill("[data-dialog=reject] [data-because]", "it was 12")
    await omar.press("no")
    await lena.page.reload()
    assert await lena.page.get_by_text("Rejected. Nothing was sent.").count() == 1
    assert await lena.page.locator("li", has_text="omar").get_by_text("it was 12").count() == 1
    await office.kit.house.background.close()
    assert len(desk.report().refunds) == before


async def test_of_two_at_once_one_wins_and_the_other_sees_who_and_when(
    office: Office, desk: SupportDesk
) -> None:
    """Both pages were open, both press; one call leaves, and the slower page names the faster."""
    lena, omar = await office.seat(), await office.seat(OMAR)
    before = len(desk.report().refunds)
    question = await office.ask()
    for one in (lena, omar):
        await one.open(f"/approvals/{question}")
    pressed = (one.page.click("[data-answer=yes]") for one in (lena, omar))
    await asyncio.gather(*pressed)
    for one in (lena, omar):
        await one.page.locator("[data-news], .say", has_text="pproved").first.wait_for()
    await office.kit.house.background.close()

    done = await office.kit.house.inbox.approval(question)
    (answer,) = done.answers
    slower = omar if answer.person == LENA else lena
    await slower.news(f"was approved by {answer.person} at")
    await slower.page.reload()
    assert await slower.page.get_by_text("Approved, and sent once.").count() == 1
    listed = slower.page.locator("li", has_text="Approved").filter(has_text=answer.person)
    assert await listed.locator("time").count() == 1
    assert len(desk.report().refunds) == before + 1
    slower.complaints.clear()


@requirement("A-80")
async def test_whoever_is_switched_off_between_opening_and_answering_is_out(
    office: Office,
) -> None:
    """Their press signs nothing, the page says what happened, and the question waits for others."""
    lena, omar = await office.seat(), await office.seat(OMAR)
    question = await office.ask()
    await omar.open(f"/approvals/{question}")
    kit = office.kit
    await kit.house.people.deactivate(OMAR, by=kit.signed("deactivate", {"name": OMAR}))
    await omar.page.click("[data-answer=yes]")
    await omar.news("ign in")
    assert (await kit.house.inbox.approval(question)).state is ApprovalState.WAITING
    assert omar.complaints != []
    omar.complaints.clear()

    await lena.open(f"/approvals/{question}")
    await lena.press("yes")
    await kit.house.background.close()
    assert (await kit.house.inbox.approval(question)).state is ApprovalState.USED


async def test_the_yes_of_whoever_is_switched_off_counts_no_more(
    office: Office, desk: SupportDesk
) -> None:
    """Two are asked, one says yes and goes; one other yes is one of two, and nothing leaves."""
    await office.require_two()
    lena, omar, vera = await office.seat(), await office.seat(OMAR), await office.seat(VERA)
    before = len(desk.report().refunds)
    question = await office.ask()
    await omar.open(f"/approvals/{question}")
    await omar.read()
    await omar.press("yes")
    # Else his page hears, sooner or later, that its session is over, and the browser complains.
    await omar.page.goto("about:blank")
    kit = office.kit
    await kit.house.people.deactivate(OMAR, by=kit.signed("deactivate", {"name": OMAR}))
    await lena.open(f"/approvals/{question}")
    await lena.read()
    await lena.press("yes")
    assert len(desk.report().refunds) == before
    assert (await kit.house.inbox.approval(question)).state is ApprovalState.WAITING
    assert "1 of 2 answers" in await lena.page.inner_text(".strip")

    await vera.open(f"/approvals/{question}")
    await vera.read()
    await vera.press("yes")
    await kit.house.background.close()
    assert len(desk.report().refunds) == before + 1


async def test_what_is_handed_over_is_answered_by_whom_it_was_handed_to(office: Office) -> None:
    """It is out of the one inbox's first lines and in the other's; both pages say who passed it."""
    lena, omar = await office.seat(), await office.seat(OMAR)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    await lena.page.keyboard.press("x")
    await lena.page.fill("[data-dialog=pass] [data-because]", "you know Ada")
    await lena.page.select_option("[data-said=to]", OMAR)
    await lena.press("hand_over")
    await omar.open("/inbox")
    async with omar.page.expect_navigation():
        await omar.page.click(f"a[href='/approvals/{question}']")
    assert await omar.page.get_by_text("you know Ada").count() == 1
    await omar.press("yes")
    await office.kit.house.background.close()
    done = await office.kit.house.inbox.approval(question)
    assert [answer.person for answer in done.answers] == [OMAR]


async def test_in_a_team_nobody_answers_what_they_changed(office: Office) -> None:
    """The one who edits is told so on the new question's page; somebody else answers it."""
    lena, omar = await office.seat(), await office.seat(OMAR)
    await lena.open(f"/approvals/{await office.ask()}")
    await lena.page.keyboard.press("e")
    await lena.page.fill("[data-field=refund]", "90")
    await lena.press("edit")
    assert await lena.page.locator("[data-answer=yes]").is_disabled()
    assert await lena.page.get_by_text("nobody answers what they changed themselves").count() == 1
    await omar.page.goto(lena.page.url)
    await omar.press("yes")
    await office.kit.house.background.close()
    item = lena.page.url.rpartition("/")[2]
    assert (await office.kit.house.inbox.approval(item)).state is ApprovalState.USED
