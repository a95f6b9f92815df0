"""The four answers in a real browser: what is shown, what is sent, what stands there afterwards."""

from __future__ import annotations

import pytest

from sallyport.model import ApprovalState, Origin
from sallyport.rules import canonical
from tests.browser.console import Desk
from tests.browser.test_life import refund
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import LENA, Kit, raw_client
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

LONG = "word " * 780
"""Nearly as long as a mail of the boundary may be."""


@requirement("B-89")
async def test_every_argument_stands_on_the_page_complete(kit: Kit, seat: Desk) -> None:
    """Nothing is cut, however long; the digest that is signed is the one of what would be sent."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        to = "ada@brandt-bakery.example"
        await client.call("mail.send", to=to, template="answer", body=LONG)
    approval = (await kit.question()).approval
    assert approval is not None
    await seat.open(f"/approvals/{approval.id}")
    shown = await seat.page.locator("#sent").inner_text()

    action = approval.object["action"]
    assert isinstance(action, dict)
    assert isinstance(action["args"], dict)
    for name, value in action["args"].items():
        text = value if isinstance(value, str) else canonical.text(value)
        assert name in shown
        assert " ".join(text.split()) in " ".join(shown.split())
    signs = (await seat.page.locator(".signs").inner_text()).replace(" ", "")
    assert approval.about[:16] in signs


async def test_reject_has_a_reason_of_the_catalogue_and_words(kit: Kit, seat: Desk) -> None:
    """Both are kept, and both are what the agent is told."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("r")
    await seat.page.select_option("[data-dialog=reject] [data-said=code]", "wrong_value")
    await seat.page.fill("[data-dialog=reject] [data-because]", "it was 12")
    async with seat.page.expect_navigation():
        await seat.page.click("[data-answer=no]")

    (answer,) = (await kit.house.inbox.approval(approval_id)).answers
    assert (answer.code, answer.because) == ("wrong_value", "it was 12")


async def test_a_change_is_a_typed_form_and_a_call_of_ones_own(
    kit: Kit, seat: Desk, desk: SupportDesk
) -> None:
    """Three columns; the number stays a number; who works alone answers it and it says so."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("e")
    table = seat.page.locator("[data-dialog=change] table")
    heads = await table.locator("thead th").all_inner_texts()
    assert heads == ["Argument", "Now", "The agent proposed", "Yours"]
    assert "refund" in await table.inner_text()
    assert await seat.faults() == []
    await seat.page.fill("[data-field=refund]", "90")
    async with seat.page.expect_navigation():
        await seat.page.click("[data-answer=edit]")

    before = await kit.house.inbox.approval(approval_id)
    assert before.state is ApprovalState.CHANGED
    assert before.answers[0].arguments == ("refund",)
    item = await kit.question()
    assert item.approval is not None
    assert (item.call.proposal.origin, item.call.proposal.by) == (Origin.EDIT, LENA)
    assert item.call.proposal.args["refund"] == 90
    assert seat.page.url.endswith(f"/approvals/{item.approval.id}")
    async with seat.page.expect_navigation():
        await seat.page.keyboard.press("a")
    await kit.house.background.close()
    assert (await kit.house.inbox.approval(item.approval.id)).answers[0].confirmed_own
    assert [one.cents for one in desk.report().refunds][-1] == 9_000


async def test_what_is_no_number_is_said_at_once_and_nothing_is_signed(
    kit: Kit, seat: Desk
) -> None:
    """One sentence, and the question waits."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("e")
    await seat.page.fill("[data-field=refund]", "a lot")
    await seat.page.click("[data-answer=edit]")
    await seat.page.get_by_text("`refund` is no number").wait_for()

    assert (await kit.house.inbox.approval(approval_id)).state is ApprovalState.WAITING
    seat.complaints.clear()


async def test_words_go_back_to_the_agent(kit: Kit, seat: Desk) -> None:
    """They are kept as they were written."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("e")
    await seat.page.fill("[data-back]", "ask Ada which lamp")
    async with seat.page.expect_navigation():
        await seat.page.click("[data-answer=words]")

    approval = await kit.house.inbox.approval(approval_id)
    assert approval.state is ApprovalState.CHANGED
    assert (approval.answers[0].kind, approval.answers[0].because) == (
        "words",
        "ask Ada which lamp",
    )
    assert await seat.page.get_by_text("Changed by a person.").count() == 1


async def test_passing_on_leaves_it_waiting_and_says_who_did(kit: Kit, seat: Desk) -> None:
    """Escalated, with why; it stands on the page."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("x")
    await seat.page.fill("[data-dialog=pass] [data-because]", "above my head")
    async with seat.page.expect_navigation():
        await seat.page.click("[data-answer=escalate]")

    approval = await kit.house.inbox.approval(approval_id)
    assert approval.state is ApprovalState.WAITING
    assert [(one.person, one.how) for one in approval.passed] == [(LENA, "escalate")]
    assert await seat.page.get_by_text("above my head").count() == 1


async def test_pressed_twice_it_is_answered_once(kit: Kit, seat: Desk, desk: SupportDesk) -> None:
    """A double click, and a key that is held down: one ceremony, one answer, one effect."""
    before = len(desk.report().refunds)
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    begun: list[str] = []
    seat.page.on("request", lambda one: begun.append(one.url) if one.method == "POST" else None)
    async with seat.page.expect_navigation():
        await seat.page.dblclick("[data-answer=yes]")
        for _ in range(3):
            await seat.page.keyboard.down("a")
    await kit.house.background.close()
    assert [url.rpartition("/")[2] for url in begun] == ["begin", "answer"]
    assert len((await kit.house.inbox.approval(approval_id)).answers) == 1
    assert len(desk.report().refunds) == before + 1
