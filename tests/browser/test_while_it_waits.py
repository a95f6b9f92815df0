"""What happens to a question while its page is open: it ends, changes, is stopped, is lost."""

from __future__ import annotations

import re
import sqlite3
from contextlib import AsyncExitStack, closing

import pytest
from playwright.async_api import Browser

from sallyport.model import ApprovalState
from tests.browser.console import served, window
from tests.browser.office import Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import Kit

pytestmark = pytest.mark.anyio
FIVE_HOURS_US = 5 * 3600 * 1_000_000


def somebody_labels_it(desk: SupportDesk, label: str) -> None:
    """Change the ticket at the desk itself, as whoever works there may."""
    with closing(sqlite3.connect(desk.db)) as db, db:
        db.execute("update tickets set label = ?, version = version + 1", (label,))


async def test_a_question_that_nobody_answered_is_blocked(
    office: Office, desk: SupportDesk
) -> None:
    """Whoever presses too late is told, nothing leaves, and the page and the inbox say so."""
    lena = await office.seat()
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    office.kit.clock.ahead_us += FIVE_HOURS_US
    again = await lena.context.new_page()
    await again.goto(f"{lena.url}/enter/{office.kit.house.sessions.link('lena')}")
    await lena.page.click("[data-answer=yes]")
    await lena.news("has expired")
    await office.kit.house.inbox.expire()
    await lena.page.reload()
    assert await lena.page.get_by_text("Nobody answered in time. Nothing was sent.").count() == 1
    assert await lena.page.locator("[data-answer]").count() == 0
    await lena.open("/inbox?of=team")
    assert await lena.page.locator(".row.over", has_text="nobody answered in time").count() == 1
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.EXPIRED
    assert len(desk.report().refunds) == before
    lena.complaints.clear()


async def test_what_changed_meanwhile_comes_back_and_says_what(
    office: Office, desk: SupportDesk
) -> None:
    """The yes to the old state is not used; the new question shows what is different now."""
    lena = await office.seat()
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    somebody_labels_it(desk, "paid back already")
    await lena.press("yes")
    await office.kit.house.background.close()
    await lena.page.reload()
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.STALE
    assert await lena.page.get_by_text("It changed while it waited.").count() == 1
    assert len(desk.report().refunds) == before

    await lena.page.get_by_role("link", name="Look at it as it is now").click()
    await lena.page.get_by_text("Meanwhile: the record it is about changed").wait_for()
    assert await lena.page.get_by_text("paid back already").count() >= 1
    await lena.press("yes")
    await office.kit.house.background.close()
    assert len(desk.report().refunds) == before + 1


async def test_a_version_that_is_signed_meanwhile_is_the_one_that_decides(
    office: Office, desk: SupportDesk
) -> None:
    """A yes under the old boundary is asked again under the new one, and counts as nothing."""
    lena = await office.seat()
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    await office.resign("within: 4h", "within: 2h")
    await lena.press("yes")
    await office.kit.house.background.close()
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.STALE
    assert len(desk.report().refunds) == before


async def test_a_stop_keeps_in_what_was_approved(office: Office, desk: SupportDesk) -> None:
    """Set in the browser, shown on every page, stronger than a yes, and lifted by a passkey."""
    lena = await office.seat()
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open("/controls")
    await lena.page.get_by_role("button", name="Stop everything").click()
    await lena.page.fill("[data-dialog=floor] [name=because]", "wrong refunds this morning")
    async with lena.page.expect_navigation():
        await lena.page.get_by_role("button", name="Set it now").click()
    await lena.open(f"/approvals/{question}")
    banner = lena.page.locator(".banner", has_text="wrong refunds this morning")
    assert await banner.count() == 1
    await lena.press("yes")
    await office.kit.house.background.close()
    assert len(desk.report().refunds) == before

    await lena.open("/controls")
    await lena.page.get_by_role("button", name=re.compile("Lift")).first.click()
    await lena.page.fill("[data-dialog=lift] [name=because]", "looked at them all")
    async with lena.page.expect_navigation():
        await lena.page.locator("[data-dialog=lift] button:not([data-close])").click()
    await lena.open("/inbox")
    assert await lena.page.locator(".banner").count() == 0
    assert len(desk.report().refunds) == before


async def test_a_stop_file_is_shown_on_every_page_and_lifted_by_a_passkey(office: Office) -> None:
    """Whoever wrote it: no page says that everything runs while nothing does."""
    lena = await office.seat()
    stop_file = office.kit.settings.state / "STOP"
    stop_file.touch()
    await lena.open("/inbox")
    said = await lena.page.inner_text(".banner")
    ann = await office.seat("ann", frozenset({"auditor"}))
    await ann.open("/controls")
    assert await ann.page.get_by_text("Lifting needs the right to do so and a passkey").count() == 1
    assert await ann.page.locator("[data-open=lift]").is_disabled()
    assert await ann.faults() == []
    await lena.open("/controls")

    assert "everything is stopped by the stop file" in said
    assert await lena.page.inner_text(".stopper .say") == "Everything is stopped."
    assert await lena.page.get_by_text("Lifting needs").count() == 0
    assert await lena.faults() == []
    await lena.page.locator("[data-open=lift]").click()
    await lena.page.fill("[data-dialog=lift] [name=because]", "found and fixed")
    async with lena.page.expect_navigation():
        await lena.page.locator("[data-dialog=lift] button:not([data-close])").click()
    assert await lena.page.inner_text(".stopper .say") == "Everything runs."
    assert await lena.page.locator(".banner").count() == 0
    assert not stop_file.exists()


async def test_a_lost_stream_says_since_when_and_answers_still_work(
    office: Office, desk: SupportDesk
) -> None:
    """While no news arrives the page says so; what is pressed is checked and sent all the same."""
    lena = await office.seat()
    await lena.page.route("**/live", lambda route: route.abort())
    before = len(desk.report().refunds)
    question = await office.ask()
    await lena.open(f"/approvals/{question}")
    await lena.news("The live connection is lost")
    assert await lena.faults() == []
    await lena.press("yes")
    await office.kit.house.background.close()
    assert len(desk.report().refunds) == before + 1
    await lena.page.goto("about:blank")
    assert set(lena.complaints) == {"Failed to load resource: net::ERR_FAILED"}
    lena.complaints.clear()


async def test_a_gateway_that_went_away_and_came_back_is_found_again(
    kit: Kit, chrome: Browser, desk: SupportDesk
) -> None:
    """Away: a press says that nothing is known to have changed. Back: the page goes on."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(AsyncExitStack())
        url = await first.enter_async_context(served(kit))
        lena = await stack.enter_async_context(window(kit, chrome, url))
        await lena.arrive()
        office = Office(kit=kit, chrome=chrome, url=url, windows=stack)
        question = await office.ask()
        async with lena.page.expect_response("**/live"):
            await lena.open(f"/approvals/{question}")
        await first.aclose()
        await lena.news("The live connection is lost")
        await lena.page.click("[data-answer=yes]")
        await lena.news("The gateway did not answer. Nothing is known to have changed")
        assert (await kit.house.inbox.approval(question)).state is ApprovalState.WAITING

        await stack.enter_async_context(served(kit, port=int(url.rpartition(":")[2])))
        before = len(desk.report().refunds)
        async with lena.page.expect_response("**/live"):
            pass
        await lena.press("yes")
        await kit.house.background.close()
        assert len(desk.report().refunds) == before + 1


async def test_an_open_page_says_that_its_session_ended(office: Office) -> None:
    """And does not promise that answers still work."""
    lena = await office.seat()
    question = await office.ask()
    async with lena.page.expect_response("**/live"):
        await lena.open(f"/approvals/{question}")
    assert await office.kit.house.sessions.end_all("lena") == 1
    await lena.news("Your session has ended.")
    await lena.page.click("[data-news] a")
    await lena.page.get_by_role("heading", name="Sign in").wait_for()
    async with lena.page.expect_navigation(url=f"**/approvals/{question}"):
        await lena.page.click("[data-passkey=sign-in]")
    assert await lena.page.locator("[data-answer=yes]").is_enabled()
    assert (await office.kit.house.inbox.approval(question)).state is ApprovalState.WAITING
    lena.complaints.clear()
