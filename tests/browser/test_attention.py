"""An exercise and a shortest look, in real browsers: three people, and no call behind it."""

from __future__ import annotations

import anyio
import pytest

from sallyport.rules.attention.attention import Attention
from sallyport.rules.attention.exercises import DELAY_S
from sallyport.rules.times import SECOND_US
from tests.browser.console import Desk
from tests.browser.office import Office
from tests.integration.mcp.conftest import Desk as SupportDesk

pytestmark = pytest.mark.anyio
OMAR, VERA = "omar", "vera"
WITHIN_S = 30


async def test_a_canary_is_answered_with_a_passkey_and_told_at_once(
    office: Office, desk: SupportDesk
) -> None:
    """It looks like any question, a yes too soon is refused, and nothing is sent for it."""
    lena, omar = await office.seat(), await office.seat(OMAR)
    await office.seat(VERA)
    house = office.kit.house
    question = await office.ask(refund=120)
    await lena.open(f"/approvals/{question}")
    await lena.press("yes")
    await _over(office)
    house.inbox.exercises.attention = Attention(on=True, canaries=1000, second_looks=0)
    for one in office.desks:
        await one.page.goto("about:blank")
    office.kit.clock.ahead_us += DELAY_S[1] * SECOND_US
    assert await house.inbox.exercises.look() == 1
    refunds = desk.report().refunds

    await omar.sign_in(OMAR)
    assert await omar.page.locator("[data-declared]").count() == 1
    await omar.page.click("a.whole")
    await omar.page.wait_for_url("**/approvals/*")
    assert "210" in await omar.page.inner_text("h1")
    await omar.page.click("[data-answer=yes]")
    await omar.news("5 seconds")
    assert [line for line in omar.complaints if "409" not in line] == []
    omar.complaints.clear()
    office.kit.clock.ahead_us += 10 * SECOND_US
    await omar.press("yes")
    await omar.page.get_by_text("you said yes to it").wait_for()
    shown = await omar.page.inner_text("main")
    assert "Nothing was sent" in shown
    assert "210" in shown
    assert "120" in shown
    assert await _faults(omar) == []

    await omar.open("/team")
    assert "Fewer than 3 people" in await omar.page.inner_text("main")
    assert await _faults(omar) == []
    await house.background.close()
    assert desk.report().refunds == refunds


async def _over(office: Office) -> None:
    """Wait until what was approved has been done."""
    store = office.kit.house.gateway.outside.store
    with anyio.fail_after(WITHIN_S):
        while not await store.rows("calls", {"action": "done", "tool": "tickets.update"}):
            await anyio.lowlevel.checkpoint()


async def _faults(desk: Desk) -> list[str]:
    """Return what is wrong with a page, wide and narrow, light and dark."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        await desk.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await desk.page.reload()
        found += await desk.faults()
    if await desk.overflows():
        found.append("wider than a phone")
    return found
