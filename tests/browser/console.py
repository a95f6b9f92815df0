"""A console that a real browser looks at: the house of the tests, with people and waiting calls.

The page is opened as `localhost`, since passkeys know no other name for this machine; the server
listens on 127.0.0.1 alone.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import anyio.lowlevel
import uvicorn
from axe_playwright_python.async_playwright import Axe  # pyright: ignore[reportMissingTypeStubs]
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from sallyport.doors.console import console_app
from tests.integration.mcp.house_fixture import LENA, Kit

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
REPORT = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


@dataclass(kw_only=True)
class Desk:
    """One person's browser in front of a console, and all that it complained of."""

    kit: Kit
    url: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list[str])

    async def sign_in(self, person: str = LENA) -> None:
        """Sign somebody in by a link, as `sallyport console` does."""
        await self.page.goto(f"{self.url}/enter/{self.kit.house.sessions.link(person)}")

    async def open(self, path: str) -> None:
        """Go to a page of the console."""
        await self.page.goto(f"{self.url}{path}")

    async def authenticator(self) -> CDPSession:
        """Give the browser a passkey holder that says yes to everything."""
        session = await self.context.new_cdp_session(self.page)
        send = cast("Any", session).send
        await send("WebAuthn.enable")
        await send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return session

    async def add_passkey(self) -> None:
        """Add a passkey for whoever is signed in."""
        await self.open("/people")
        async with self.page.expect_navigation():
            await self.page.click("[data-passkey=add]")

    async def faults(self) -> list[str]:
        """Return what axe finds wrong with the page that is open, one line each."""
        return await faults_of(self.page)

    async def overflows(self) -> bool:
        """Return whether the page is wider than its window."""
        wide: bool = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return wide


async def faults_of(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, one line each."""
    found = await cast("Any", Axe()).run(page, options=AXE_RULES)
    violations: list[dict[str, Any]] = found.response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in violations for node in one["nodes"]]


def chromium() -> str:
    """Return the system's Chromium."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    assert found is not None, "no Chromium here: run `scripts/setup-system.sh chromium`"
    return found


@asynccontextmanager
async def browser() -> AsyncGenerator[Browser]:
    """Start a browser for as long as the block lasts."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield started
        finally:
            await started.close()


@asynccontextmanager
async def at_the_desk(
    kit: Kit, started: Browser, *, scheme: str = "light", width: int = 1280
) -> AsyncGenerator[Desk]:
    """Serve the console and open a window on it; complaints of the browser fail whoever asks."""
    async with _served(kit) as url:
        context = await started.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 900},
        )
        await context.add_init_script(REPORT)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        desk = Desk(kit=kit, url=url, context=context, page=page)
        page.on("console", lambda m: desk.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        try:
            yield desk
        finally:
            await context.close()


@asynccontextmanager
async def _served(kit: Kit) -> AsyncGenerator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = console_app(kit.house, kit.settings)
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await anyio.lowlevel.checkpoint()
        try:
            yield f"http://localhost:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
