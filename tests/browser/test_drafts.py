"""A draft is edited where it stands, released by a passkey, and asks somebody else."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from playwright.async_api import Browser

from sallyport.model import Origin, Verdict
from tests.browser.console import at_the_desk
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.conftest import ready
from tests.integration.mcp.house_fixture import AGENT, LENA, raw_client

pytestmark = pytest.mark.anyio
WITHIN_S = 60


async def test_a_draft_is_edited_and_released_in_the_browser(
    desk: SupportDesk, tmp_path: Path, chrome: Browser
) -> None:
    """The dialog has its values; what is released is a new call with those of the person."""
    async with ready(desk, tmp_path, 0) as kit:
        because = "a look at its drafts"
        await kit.house.controls.set(f"agent:{AGENT}", Verdict.DRAFT, because=because, by=LENA)
        async with raw_client(kit, await kit.task_token()) as client:
            await client.begin()
            await client.call("tickets.update", ticket_id="T-4711", status="pending")
        (item,) = await kit.house.inbox.items()
        assert item.draft is not None
        async with at_the_desk(kit, chrome) as seat:
            await seat.authenticator()
            await seat.sign_in()
            await seat.add_passkey()
            await seat.open(f"/drafts/{item.draft.id}")
            await seat.page.click('[data-open="edit"]')
            dialog = seat.page.locator('[data-dialog="edit"]')
            await dialog.locator('[data-field="status"]').select_option("open")
            assert await seat.faults() == []
            with anyio.fail_after(WITHIN_S):
                await dialog.locator('[data-answer="edit"]').click()
                await seat.page.wait_for_url("**/approvals/*")
            assert seat.complaints == []
        (asked,) = [one for one in await kit.house.inbox.items() if one.kind == "question"]
        assert asked.call.proposal.origin is Origin.RELEASE
        assert (asked.call.proposal.by, asked.call.proposal.args["status"]) == (LENA, "open")
