"""Pages beside the table: the ways in, what is refused, what there is not, and an empty house."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser

from sallyport.doors.console import pages
from sallyport.model import Person
from tests.browser import hostile
from tests.browser.console import Desk, at_the_desk
from tests.browser.hostile import HOSTILE
from tests.integration.mcp.house_fixture import Kit, opened

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def empty(
    tmp_path_factory: pytest.TempPathFactory, chrome: Browser
) -> AsyncGenerator[tuple[Kit, Desk]]:
    """Return a house in which nothing has happened yet, and a window on it."""
    async with opened(tmp_path_factory.mktemp("empty")) as kit, at_the_desk(kit, chrome) as desk:
        yield kit, desk
        assert desk.complaints == []


async def looked_at(desk: Desk) -> list[str]:
    """Return what is wrong with the page that is open: barriers, width, text that is more."""
    found = [*await desk.faults(), *await hostile.faults(desk.page)]
    await desk.page.set_viewport_size({"width": 320, "height": 900})
    found += await desk.faults()
    if await desk.overflows():
        found.append("is wider than its window")
    await desk.page.set_viewport_size({"width": 1280, "height": 900})
    return found


async def test_a_house_in_which_nothing_happened_has_pages_as_well(
    empty: tuple[Kit, Desk],
) -> None:
    """Each says what will stand there; none of them is an empty table."""
    kit, desk = empty
    await desk.sign_in()
    lists = [line.path for line in pages.PAGES if "{" not in line.path]
    found: list[str] = []
    for path in lists:
        answer = await desk.page.goto(f"{desk.url}{path}")
        assert answer
        assert answer.status == 200, path
        found += [f"{path}: {one}" for one in await looked_at(desk)]
    assert found == []
    del kit


@pytest.mark.parametrize("path", ["/nothing/like/it", f"/calls/{'x' * 80}", "/ledger?before=x"])
async def test_what_there_is_not_is_a_page_that_says_so(empty: tuple[Kit, Desk], path: str) -> None:
    """What happened, what did not, what to do; and a way back."""
    kit, desk = empty
    await desk.sign_in()
    await desk.open(path)
    assert await desk.page.get_by_role("link", name="Inbox").count() >= 1
    assert await looked_at(desk) == []
    desk.complaints.clear()
    del kit


async def test_hostile_text_in_an_address_is_text(empty: tuple[Kit, Desk]) -> None:
    """An address is the one thing that a stranger can have a person open."""
    kit, desk = empty
    await desk.sign_in()
    told = "".join(f"%{one:02X}" for one in HOSTILE.encode())
    found: list[str] = []
    for line in pages.PAGES:
        path = line.path.replace("{id}", told).replace("{name}", told)
        for query in ("", f"?q={told}&of={told}&call={told}&agent={told}&ids={told}&from={told}"):
            await desk.open(f"{path}{query}")
            found += [f"{line.path}{query[:5]}: {one}" for one in await hostile.faults(desk.page)]
    for path in (f"/sign-in?to={told}", f"/enter/{told}", f"/oidc/callback?state={told}"):
        await desk.open(path)
        found += [f"{path[:9]}: {one}" for one in await hostile.faults(desk.page)]
    assert found == []
    assert [one for one in desk.complaints if "status of 4" not in one] == []
    desk.complaints.clear()
    del kit


async def test_whoever_may_not_open_a_page_is_told_which_right_it_needs(
    empty: tuple[Kit, Desk],
) -> None:
    """A page of its own, that everybody can read, and the look is on record."""
    kit, desk = empty
    await kit.house.people.keep(Person(name="rita", roles=frozenset({"reviewer"})), "a test")
    await desk.sign_in("rita")
    await desk.open("/ledger")
    assert await desk.page.locator("h1", has_text="needs the right ledger.read").count() == 1
    assert await looked_at(desk) == []
    desk.complaints.clear()


async def test_the_ways_in_are_for_everybody(empty: tuple[Kit, Desk]) -> None:
    """The page to sign in at, also where something went wrong, and the one after it."""
    kit, desk = empty
    await desk.context.clear_cookies()
    for path in ("/sign-in", "/enter/nothing"):
        await desk.open(path)
        assert await looked_at(desk) == []
    await desk.page.get_by_text("Lost your passkey?").click()
    assert await looked_at(desk) == []
    desk.complaints.clear()
    del kit
