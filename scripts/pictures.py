"""Takes a picture of every page of the console, for the documents: `make pictures`.

The house, its people and what happened in it are those of the tests; the browser is the system's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.async_api import FloatRect, Page

from tests.browser.console import at_the_desk, browser
from tests.browser.scene import Scene, furnish
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.house_fixture import DESK_TOKEN

FOLDER = Path("docs/console")
WIDE, NARROW, HIGH, CLIP = 1280, 390, 900, 1900
DARK = frozenset({"approval", "controls"})
PHONE = frozenset({"inbox", "approval"})


def main(folder: Path = FOLDER) -> None:
    """Draw everything."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        database = Path(home) / "desk.db"
        command = [sys.executable, "-m", "sallyport.demo.desk", "--db", str(database)]
        with subprocess.Popen(
            [*command, "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DESK_TOKEN": DESK_TOKEN},
        ) as process:
            try:
                url = process.stdout.readline().split()[-1] if process.stdout else ""
                desk = Desk(url=url, db=database)
                asyncio.run(_draw(desk, Path(home) / "house", folder))
            finally:
                process.terminate()


async def _draw(desk: Desk, home: Path, folder: Path) -> None:
    async with ready(desk, home, 0) as kit:
        scene = await furnish(kit)
        async with browser() as started, at_the_desk(kit, started) as seat:
            await seat.authenticator()
            await seat.page.goto(f"{seat.url}/sign-in")
            await _take(seat.page, folder / "sign-in.png")
            await seat.sign_in()
            await seat.add_passkey()
            await seat.page.goto(f"{seat.url}/ledger")
            await seat.page.click("[data-verify]")
            await seat.page.locator("[data-verified]", has_text="entries").wait_for()
            await _pages(seat.page, seat.url, scene, folder)


async def _pages(page: Page, url: str, scene: Scene, folder: Path) -> None:
    for name, path in scene.pages:
        await page.goto(f"{url}{path}")
        await _take(page, folder / f"{name}.png")
        if name in DARK:
            await page.emulate_media(color_scheme="dark")
            await _take(page, folder / f"{name}-dark.png")
            await page.emulate_media(color_scheme="light")
        if name in PHONE:
            await page.set_viewport_size({"width": NARROW, "height": HIGH})
            await _take(page, folder / f"{name}-phone.png")
            await page.set_viewport_size({"width": WIDE, "height": HIGH})


async def _take(page: Page, file: Path) -> None:
    await page.evaluate("document.fonts.ready")
    high = await page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size or {"width": WIDE, "height": HIGH}
    await page.set_viewport_size({"width": size["width"], "height": min(max(high, HIGH), CLIP)})
    clip = FloatRect(x=0, y=0, width=size["width"], height=min(max(high, HIGH), CLIP))
    await page.screenshot(path=file, full_page=True, animations="disabled", clip=clip)
    await page.set_viewport_size(size)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
