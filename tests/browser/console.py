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
from sallyport.doors.console.elsewhere import Elsewhere
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
        return await hold_passkeys(self.page)

    async def add_passkey(self) -> None:
        """Add a passkey for whoever is signed in."""
        await self.open("/people")
        async with self.page.expect_navigation():
            await self.page.click("[data-passkey=add]")

    async def arrive(self, person: str = LENA) -> None:
        """Sign somebody in who has no passkey yet, and make them one."""
        await self.authenticator()
        await self.sign_in(person)
        await self.add_passkey()

    async def press(self, answer: str) -> None:
        """Press one of the answers; its passkey signs, and the page goes on."""
        async with self.page.expect_navigation():
            await self.page.click(f"[data-answer={answer}]")

    async def read(self) -> None:
        """Scroll from section to section, until the end of each was in sight."""
        for section in await self.page.locator("[data-see]").all():
            await section.evaluate("one => one.scrollIntoView({ block: 'end' })")
        await self.page.locator("[data-unseen]", has_text="All sections seen").wait_for()

    async def news(self, words: str) -> None:
        """Wait until the page's line of news says this."""
        await self.page.locator("[data-news]", has_text=words).wait_for()

    async def faults(self, within: str | None = None) -> list[str]:
        """Return what axe finds wrong with the page that is open, or a part; one line each."""
        return await faults_of(self.page, within)

    async def overflows(self) -> bool:
        """Return whether the page is wider than its window."""
        wide: bool = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return wide


async def hold_passkeys(page: Page) -> CDPSession:
    """Give a page's browser a passkey holder that says yes to everything."""
    session = await page.context.new_cdp_session(page)
    send = cast("Any", session).send
    await send("WebAuthn.enable")
    await send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


async def faults_of(page: Page, within: str | None = None) -> list[str]:
    """Return what axe finds wrong with a page, or with a part of it, one line each."""
    found = await cast("Any", Axe()).run(page, context=within, options=AXE_RULES)
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
    async with served(kit) as url, window(kit, started, url, scheme=scheme, width=width) as desk:
        yield desk


@asynccontextmanager
async def window(
    kit: Kit, started: Browser, url: str, *, scheme: str = "light", width: int = 1280
) -> AsyncGenerator[Desk]:
    """Open a window of its own, with its own cookies and passkeys, on a console that is served."""
    context = await started.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",  # else axe may look at a colour that is on its way to another
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
async def served(
    kit: Kit, *, elsewhere: Elsewhere | None = None, port: int = 0
) -> AsyncGenerator[str]:
    """Serve the console of a house, on any port where none is named; return its address."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        app = console_app(kit.house, kit.settings, elsewhere=elsewhere)
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
