"""The whole way by a real provider in a real browser: there, back, an answer, and out."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from sallyport.doors.console.elsewhere import Elsewhere
from tests.browser.console import Desk, browser, served, window
from tests.identity.at_provider import SECRET, RealProvider, provider
from tests.identity.conftest import ROLES, SCOPES, person
from tests.integration.mcp.house_fixture import Kit, opened

pytestmark = pytest.mark.anyio
ADA = "ada@firm.example"


@dataclass(frozen=True, kw_only=True)
class Hall:
    """A console whose people come from a provider, and a browser in front of it."""

    kit: Kit
    provider: RealProvider
    elsewhere: Elsewhere
    desk: Desk


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncGenerator[Hall]:
    """Return a hall whose provider knows ada, a reviewer, and bob, who is in no group."""
    port = free_port()
    async with (
        provider(redirect=f"http://localhost:{port}/oidc/callback") as real,
        opened(
            tmp_path,
            oidc_issuer=real.issuer,
            oidc_client_id="sallyport",
            oidc_secret="oidc-client",
            oidc_scopes=SCOPES,
            oidc_roles=ROLES,
        ) as kit,
        browser() as chrome,
    ):
        await kit.house.secrets.put("oidc-client", SECRET, evidence=kit.house.gateway.evidence)
        await real.people(ada=person("ada", "reviewers"), bob=person("bob"))
        elsewhere = Elsewhere(kit.house, kit.settings)
        async with (
            served(kit, elsewhere=elsewhere, port=port) as url,
            window(kit, chrome, url) as desk,
        ):
            await desk.context.route(elsewhere_in_the_world, lambda route: route.fulfill())
            yield Hall(kit=kit, provider=real, elsewhere=elsewhere, desk=desk)
            assert desk.complaints == []


def elsewhere_in_the_world(url: str) -> bool:
    """Return whether an address is not of this machine: the provider's page wants a font of one."""
    return urlsplit(url).hostname not in {"localhost", "127.0.0.1"}


def free_port() -> int:
    """Return a port that nobody listens on; the provider wants to know it before we do."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def sign_in(page: Page, who: str) -> None:
    """Go from the console to the provider, sign in there, and come back."""
    await page.click("a[href='/oidc/begin']")
    await page.fill("[name=login]", who)
    await page.fill("[name=password]", "any")
    await page.click("[type=submit]")
    await page.get_by_role("button", name="Continue").click()


async def test_there_and_back_with_a_passkey_and_out_within_a_minute(hall: Hall) -> None:
    """The strict cookie survives the way back; who is gone at the provider is out here."""
    desk, page = hall.desk, hall.desk.page
    await desk.authenticator()
    await desk.open("/sign-in")
    await sign_in(page, "ada")
    await page.wait_for_url("**/inbox")
    assert await page.get_by_text(f"Signed in as {ADA}").count() == 1
    names = {one.get("name"): one for one in await desk.context.cookies()}
    assert names["__Host-sallyport"].get("sameSite") == "Strict"
    assert "__Host-sallyport-oidc" not in names

    await desk.add_passkey()
    assert ADA in hall.kit.house.gateway.registry.signers()
    async with page.expect_response("**/live"):
        await desk.open("/inbox")
    await hall.provider.people(bob=person("bob"))
    await hall.elsewhere.look()
    await desk.news("Your session has ended.")
    assert ADA not in hall.kit.house.gateway.registry.signers()
    await page.click("[data-news] a")
    await page.get_by_role("heading", name="Sign in").wait_for()
    assert all("401" in one for one in desk.complaints)
    desk.complaints.clear()


async def test_whoever_has_no_role_here_is_told_so_and_stays_outside(hall: Hall) -> None:
    """One sentence with what to do, no session, and no fault of the page."""
    desk, page = hall.desk, hall.desk.page
    await desk.open("/sign-in")
    assert await desk.faults() == []
    await sign_in(page, "bob")
    await page.get_by_text("none of your groups has a role here").wait_for()
    assert await desk.faults() == []
    assert "__Host-sallyport" not in {one.get("name") for one in await desk.context.cookies()}
    assert all("403" in one for one in desk.complaints)
    desk.complaints.clear()
