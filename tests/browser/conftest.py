"""One browser for all tests of a file, the demo's desk, and a house in front of it for each."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.console import Desk, at_the_desk, browser, served
from tests.browser.office import Office
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.conftest import desk as desk  # noqa: PLC0414 (a fixture, shared)
from tests.integration.mcp.conftest import ready
from tests.integration.mcp.house_fixture import Kit


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Return the loop that all tests of a file share, and their browser with them."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chrome(anyio_backend: str) -> AsyncGenerator[Browser]:
    """Start a browser for all tests of a file."""
    del anyio_backend
    async with browser() as started:
        yield started


@pytest.fixture
async def kit(desk: SupportDesk, tmp_path: Path) -> AsyncGenerator[Kit]:
    """Return a house whose held calls answer at once that they are held."""
    async with ready(desk, tmp_path, 0) as kit:
        yield kit


@pytest.fixture
async def office(kit: Kit, chrome: Browser) -> AsyncGenerator[Office]:
    """Return lena's browser and a way to open more of them, each on the same console."""
    async with AsyncExitStack() as windows:
        url = await windows.enter_async_context(served(kit))
        office = Office(kit=kit, chrome=chrome, url=url, windows=windows)
        yield office
    assert office.complaints() == []


@pytest.fixture
async def seat(kit: Kit, chrome: Browser) -> AsyncGenerator[Desk]:
    """Return lena's browser, signed in, with a passkey enrolled."""
    async with at_the_desk(kit, chrome) as desk:
        await desk.arrive()
        yield desk
    assert desk.complaints == []
