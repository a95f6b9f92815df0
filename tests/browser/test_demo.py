"""`make demo`, as a newcomer meets it who has a browser and reads nothing but the first line."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as PlaywrightError

from sallyport.demo.browser import START
from sallyport.demo.report import desk_report
from tests.browser.console import hold_passkeys
from tests.house.planted import ROOT

pytestmark = pytest.mark.anyio

TICKET, CENTS = "T-4713", 120_00
START_S, MINUTE_S, END_S = 120, 60, 60
LOOK_S = 0.2
SHOWN = """one => {
  one.scrollIntoView({ block: "end" });
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
"""Brings a part of a page into sight for as long as the page takes to notice."""


@pytest.fixture
def opener(tmp_path: Path) -> Path:
    """Return a browser that only writes down what it is told to open."""
    path = tmp_path / "browser"
    path.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n', encoding="utf-8")
    path.chmod(0o700)
    return path


@asynccontextmanager
async def making_demo(folder: Path, **more: str) -> AsyncGenerator[Process]:
    """Run `make demo` until the block is over, then press Ctrl-C."""
    kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    process = await anyio.open_process(
        ["make", "demo", f"ARGS=--folder {folder}"],
        cwd=ROOT,
        env={**kept, **more},
        stderr=None,
        start_new_session=True,
    )
    async with process:
        try:
            yield process
        finally:
            with anyio.CancelScope(shield=True):
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGINT)
                with anyio.move_on_after(END_S):
                    await process.wait()
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)


async def link_of(process: Process) -> str:
    """Return the link at the end of the start message, and read on as long as the demo runs."""
    assert process.stdout is not None
    said = ""
    async for part in TextReceiveStream(process.stdout):
        said += part
        begin = said.find(START)
        if begin >= 0 and "\n" in said[begin:]:
            return said[begin + len(START) :].split()[0]
    raise AssertionError(said)


async def find_the_refund(page: Page) -> None:
    """Open the refund, from the inbox that says when there is news."""
    refund = page.locator("[data-row] a.whole", has_text="refund 120").first
    fresh = page.locator("[data-news] a")
    while not await refund.count():
        await fresh.or_(refund).first.wait_for()
        if not await refund.count():
            await fresh.click()
            await page.wait_for_load_state()
    await refund.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("refund 120")


async def approve_with_a_new_passkey(page: Page) -> None:
    """Make a passkey where the page asks for one, and approve."""
    await page.locator("[data-passkey=add]").click()
    approve = page.locator("[data-answer=yes]")
    await expect(approve).to_be_enabled()
    await approve.click()
    await page.get_by_text("Approved").first.wait_for()


async def reject_the_rest(page: Page, link: str) -> None:
    """Read whatever waits to its end and say no, as long as there is a console."""
    inbox = f"{link.partition('/enter/')[0]}/inbox"
    waits = page.locator("[data-group] [data-row] a.whole")
    while True:
        try:
            await page.goto(inbox)
        except PlaywrightError:
            return
        if not await waits.count():
            await anyio.sleep(LOOK_S)
            continue
        await waits.first.click()
        for section in await page.locator("[data-see]").all():
            await section.evaluate(SHOWN)
        reject = page.locator("[data-open=reject]")
        if await reject.is_disabled():
            continue
        await reject.click()
        await page.locator("[data-dialog=reject] [data-because]").fill("nobody asked for this")
        async with page.expect_navigation():
            await page.locator("[data-answer=no]").click()


async def test_a_newcomer_answers_the_refund_in_the_browser_within_a_minute(
    chrome: Browser, tmp_path: Path, opener: Path
) -> None:
    """From the line with the link, which a browser is given as well, to the money at the desk.

    Once everything else is answered, too, the demo ends by itself, and says that all is well.
    """
    folder = tmp_path / "demo"
    context = await chrome.new_context()
    context.set_default_timeout(MINUTE_S * 1000)
    page = await context.new_page()
    await hold_passkeys(page)
    async with making_demo(folder, DISPLAY=":0", BROWSER=str(opener)) as process:
        with anyio.fail_after(START_S):
            link = await link_of(process)
        with anyio.fail_after(MINUTE_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_read_on, process)
                await page.goto(link)
                await find_the_refund(page)
                await approve_with_a_new_passkey(page)
                await _paid(folder / "desk.db")
                tasks.cancel_scope.cancel()
        with anyio.fail_after(START_S):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_read_on, process)
                tasks.start_soon(reject_the_rest, page, link)
                assert await process.wait() == 0
                tasks.cancel_scope.cancel()
    assert (await anyio.Path(tmp_path / "opened").read_text()).split() == [link]
    assert desk_report(folder / "desk.db").strangers == ()
    await context.close()


async def test_without_a_display_the_link_stands_there_and_nothing_is_opened(
    tmp_path: Path, opener: Path
) -> None:
    """A machine that nobody sits at gets the line, and no text browser takes its terminal."""
    with anyio.fail_after(START_S):
        async with making_demo(tmp_path / "demo", DISPLAY="", BROWSER=str(opener)) as process:
            assert "/enter/" in await link_of(process)
    assert not await anyio.Path(tmp_path / "opened").exists()


async def _read_on(process: Process) -> None:
    """Take what the demo prints, so that it never waits for its reader."""
    assert process.stdout is not None
    async for _ in process.stdout:
        pass


async def _paid(desk: Path) -> None:
    """Wait until the desk's own database has the refund."""
    while True:
        found = await anyio.to_thread.run_sync(desk_report, desk)
        if any((one.ticket_id, one.cents) == (TICKET, CENTS) for one in found.refunds):
            return
        await anyio.sleep(LOOK_S)
