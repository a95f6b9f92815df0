"""The buttons of the page about people: passkeys and recovery codes, made, used and taken away."""

from __future__ import annotations

import pytest

from sallyport.model import Person
from tests.browser.console import Desk
from tests.browser.office import LEAD, Office
from tests.integration.mcp.house_fixture import LENA

pytestmark = pytest.mark.anyio
ELEVEN_MINUTES_US = 11 * 60 * 1_000_000
NAME, ROLES = "[type=text][name=name]", "[name=roles]"
ADD, REMOVE = "[data-passkey=add]", "form[data-send='/passkeys/remove'] button"


def passkeys(office: Office) -> tuple[str, ...]:
    """Return lena's passkeys."""
    return office.kit.house.gateway.registry.people[LENA].passkeys


async def test_a_passkey_is_made_signs_in_and_is_taken_away(office: Office) -> None:
    """Out and in again with nothing but the passkey; taken away it signs nobody in."""
    lena = await office.seat()
    (mine,) = passkeys(office)
    await out(lena)
    await with_passkey(lena)
    await lena.open("/people")
    async with lena.page.expect_navigation():
        await lena.page.click(REMOVE)
    assert passkeys(office) == ()
    await out(lena)
    await lena.page.click("[data-passkey=sign-in]")
    await lena.page.locator("[data-news][data-failed]").wait_for()
    assert lena.page.url.endswith("/sign-in")
    lena.complaints.clear()
    assert mine


async def test_the_last_key_of_somebody_stays(office: Office) -> None:
    """Whoever has nothing but one passkey is told why it cannot go."""
    await office.kit.house.people.keep(Person(name="omar", roles=LEAD), "a test")
    omar = await office.seat("omar")
    await omar.page.click(REMOVE)
    await omar.news("This is the last key that you have. Add another one first.")
    assert len(office.kit.house.gateway.registry.people["omar"].passkeys) == 1
    omar.complaints.clear()


async def test_recovery_codes_are_shown_once_and_each_signs_in_once(office: Office) -> None:
    """Ten on the page, none after a reload; with one a browser without any passkey comes in."""
    lena = await office.seat()
    await lena.page.get_by_role("button", name="Make ten codes").click()
    codes = lena.page.locator("[data-codes-shown] code")
    await codes.nth(9).wait_for()
    found = await codes.all_inner_texts()
    assert len(set(found)) == 10
    assert await lena.faults() == []
    await lena.page.reload()
    assert await codes.count() == 0

    other = await office.window()
    await recover(other, found[0])
    await other.page.wait_for_url("**/people")
    assert await other.page.get_by_text("Signed in as lena").count() == 1
    again = await office.window()
    await recover(again, found[0])
    await again.news("This is no recovery code, or it was used.")
    again.complaints.clear()


async def test_long_after_signing_in_nothing_of_it_can_be_changed(office: Office) -> None:
    """A screen left open adds no key: the buttons are off, and whoever presses anyway is told."""
    lena = await office.seat()
    (mine,) = passkeys(office)
    office.kit.clock.ahead_us += ELEVEN_MINUTES_US
    await lena.page.click(ADD)
    await lena.news("You signed in too long ago")
    await lena.page.reload()
    for button in (ADD, REMOVE, "[data-codes]"):
        assert await lena.page.locator(button).is_disabled()
    assert passkeys(office) == (mine,)
    lena.complaints.clear()


async def test_somebody_is_added_invited_and_switched_off(office: Office) -> None:
    """All by an administrator's passkey; the link opens once, and whoever is off is out."""
    lena = await office.seat()
    page, people = lena.page, office.kit.house.gateway.registry.people
    await page.fill(NAME, "omar")
    await page.fill(ROLES, "support_lead, reviewer")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Add with your passkey").click()
    assert people["omar"].roles == {"reviewer", "support_lead"}

    await page.get_by_role("button", name="Invite omar").click()
    await page.locator("[data-link-shown]").wait_for()
    assert await lena.faults() == []
    link = await page.locator("[data-link-shown]").inner_text()
    omar, late = await office.window(), await office.window()
    await omar.authenticator()
    await omar.page.goto(link)
    async with omar.page.expect_navigation():
        await omar.page.click(ADD)
    assert people["omar"].can_sign
    await late.page.goto(link)
    assert await late.page.get_by_role("heading", name="Sign in").count() == 1
    assert await omar.page.locator("form[data-sign='/people/enrol']").count() == 0

    await lena.open("/people")
    assert await page.get_by_role("button", name="Switch lena off").count() == 0
    async with page.expect_navigation():
        await page.get_by_role("button", name="Switch omar off").click()
    assert not people["omar"].active
    await omar.page.reload()
    assert await omar.page.get_by_role("heading", name="Sign in").count() == 1
    for desk in (omar, late):
        desk.complaints.clear()


async def test_a_role_that_is_none_is_said_at_once(office: Office) -> None:
    """Nothing is signed, and nobody is added."""
    lena = await office.seat()
    await lena.page.fill(NAME, "omar")
    await lena.page.fill(ROLES, "Reviewer!")
    await lena.page.get_by_role("button", name="Add with your passkey").click()
    await lena.news("is no name of a role")
    assert "omar" not in office.kit.house.gateway.registry.people
    lena.complaints.clear()


async def out(at: Desk) -> None:
    """Sign out."""
    async with at.page.expect_navigation(url="**/sign-in"):
        await at.page.get_by_role("button", name="Sign out").click()


async def with_passkey(at: Desk) -> None:
    """Sign in with the passkey of a window."""
    async with at.page.expect_navigation(url="**/inbox"):
        await at.page.click("[data-passkey=sign-in]")


async def recover(at: Desk, code: str) -> None:
    """Use a recovery code."""
    await at.open("/sign-in")
    await at.page.click("summary")
    await at.page.fill("[name=code]", code)
    await at.page.get_by_role("button", name="Use it").click()
