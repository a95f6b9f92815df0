"""One person who works alone, and the day on which somebody joins."""

from __future__ import annotations

import pytest

from sallyport.model import ApprovalState, Person
from tests.browser.console import Desk
from tests.browser.office import LEAD, Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import LENA

pytestmark = pytest.mark.anyio
OMAR = "omar"


async def test_alone_one_answers_their_own_until_somebody_joins(
    office: Office, desk: SupportDesk
) -> None:
    """Alone it is allowed and marked for ever; from the second person's key on it is refused."""
    kit = office.kit
    lena = await office.seat()
    before = len(desk.report().refunds)
    await lena.open("/people")
    assert await lena.page.locator(".lede", has_text="You work alone here").count() == 1

    own = await office.ask(requester=LENA)
    await lena.open(f"/approvals/{own}")
    await lena.press("yes")
    marked = lena.page.locator("li", has_text="by the person who asked")
    assert await marked.filter(has_text=LENA).count() == 1
    await kit.house.background.close()
    assert (await kit.house.inbox.approval(own)).answers[0].confirmed_own
    assert len(desk.report().refunds) == before + 1

    second = await office.ask(refund=130, requester=LENA)
    await lena.open(f"/approvals/{second}")
    assert await lena.page.locator("[data-answer=yes]").is_enabled()
    omar = await joins(office)
    await lena.page.click("[data-answer=yes]")
    await lena.news("Nobody answers their own request")
    lena.complaints.clear()
    await lena.page.reload()
    assert await lena.page.locator("[data-answer=yes]").is_disabled()
    assert (await kit.house.inbox.approval(second)).state is ApprovalState.WAITING
    assert len(desk.report().refunds) == before + 1

    await omar.open(f"/approvals/{second}")
    await omar.press("yes")
    await kit.house.background.close()
    (answer,) = (await kit.house.inbox.approval(second)).answers
    assert (answer.person, answer.confirmed_own) == (OMAR, False)
    assert len(desk.report().refunds) == before + 2
    await lena.open("/people")
    assert await lena.page.locator(".lede", has_text="You work alone").count() == 0


async def joins(office: Office) -> Desk:
    """Enrol omar: lena invites him, and his browser makes his first key from the link."""
    house = office.kit.house
    await house.people.keep(Person(name=OMAR, roles=LEAD), "a test")
    assert house.people.lone()
    link = await house.regain.invite(OMAR, by=office.kit.signed("invite", {"name": OMAR}))
    omar = await office.window()
    await omar.authenticator()
    await omar.open(f"/enter/{link}")
    assert omar.page.url.endswith("/people")
    async with omar.page.expect_navigation():
        await omar.page.click("[data-passkey=add]")
    assert not house.people.lone()
    return omar
