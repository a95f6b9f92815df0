"""Notices on a device: the page, the manifest and the worker in a real browser.

A browser without a screen has no push service of its own, so its `subscribe` hands over the keys of
a browser of ours at a push service of this host; all else is the browser's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser as Chrome

from sallyport.adapters.host import SystemClock
from sallyport.adapters.keys.browsers import BrowserKeys, new_push_key, public_push_key
from sallyport.adapters.notify.push import PushNotifier
from sallyport.flow.notices import Notices
from sallyport.ports import Channel
from sallyport.rules.channels import VAPID, Notify, Push, Told
from tests.browser.console import Desk, at_the_desk
from tests.integration.mcp.house_fixture import AGENT, LENA, Kit
from tests.notify.browser import Browser
from tests.notify.test_webhook import Sink, sink

pytestmark = pytest.mark.anyio

WITHIN_S = 40
WAY = Push(contact="ops@example.com", services=("127.0.0.1",))
SUBSCRIBE = """
const given = %s;
let subscribed = null;
PushManager.prototype.subscribe = async (options) => {
  if (!options.userVisibleOnly) throw new DOMException("silent", "NotAllowedError");
  localStorage.setItem("asked-with", options.applicationServerKey);
  const unsubscribe = async () => { localStorage.removeItem("on"); return true; };
  localStorage.setItem("on", "yes");
  return { ...given, toJSON: () => given, unsubscribe };
};
PushManager.prototype.getSubscription = async () => {
  if (!localStorage.getItem("on")) return null;
  const unsubscribe = async () => { localStorage.removeItem("on"); return true; };
  return { ...given, toJSON: () => given, unsubscribe };
};
"""


@dataclass(kw_only=True)
class Phone:
    """A window of lena's, the push service that it is reached at, and what it can open."""

    desk: Desk
    kept: Sink
    browser: Browser

    async def shown(self) -> list[dict[str, Any]]:
        """Return the notices that the browser shows."""
        found: list[dict[str, Any]] = await self.desk.page.evaluate(
            "navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => "
            "all.map(({ title, body, tag, data }) => ({ title, body, tag, data })))"
        )
        return found

    async def settle(self, count: int) -> None:
        """Wait a moment for so many notices."""
        await self.desk.page.evaluate(
            """async (count) => {
              const worker = await navigator.serviceWorker.ready;
              for (let turn = 0; turn < 40; turn += 1) {
                if ((await worker.getNotifications()).length >= count) return;
                await new Promise((go) => setTimeout(go, 50));
              }
            }""",
            count,
        )


@pytest.fixture
async def told(kit: Kit) -> Kit:
    """Return a house that tells people on their devices."""
    house, gateway = kit.house, kit.house.gateway
    await house.secrets.put(VAPID, new_push_key(), evidence=gateway.evidence, by="gateway")
    notifier = PushNotifier(
        WAY,
        devices=house.devices,
        keys=BrowserKeys(),
        secret=house.secrets.get,
        clock=SystemClock(),
        unsafe_private=False,
    )
    gateway.outside = replace(
        gateway.outside, channels=(Channel(name="phones", notifier=notifier),)
    )
    house.notices = Notices(gateway, house.people.lone, lambda: "https://gate.test", house.rounds)
    notify = Notify(channels=(Told(name="phones", way=WAY),))
    return replace(kit, settings=replace(kit.settings, notify=notify))


@pytest.fixture
async def phone(told: Kit, chrome: Chrome) -> AsyncGenerator[Phone]:
    """Return lena's window of a phone's width, allowed to show notices."""
    async with sink() as kept, at_the_desk(told, chrome, width=320) as desk:
        browser = Browser(url=kept.url)
        await desk.context.add_init_script(SUBSCRIBE % json.dumps(browser.subscription()))
        await desk.context.grant_permissions(["notifications"], origin=desk.url)
        await desk.sign_in()
        await desk.open("/people")
        yield Phone(desk=desk, kept=kept, browser=browser)
    assert desk.complaints == []


async def test_a_person_is_told_on_the_device_that_they_sit_at(told: Kit, phone: Phone) -> None:
    """From the button to the notice on the screen, and its click to the page that it names."""
    page = phone.desk.page
    async with page.expect_navigation():
        await page.click("[data-tell-here]")
    assert [one.person for one in told.house.devices.of()] == [LENA]
    await page.get_by_text("this one").wait_for()
    assert not await page.locator("[data-tell-here]").is_visible()
    asked_with = await page.evaluate("localStorage.getItem('asked-with')")
    assert asked_with == public_push_key(told.house.secrets.get(VAPID))

    await told.house.background.close()
    await told.house.controls.stop(f"agent:{AGENT}", because="planted reason", by="ben")
    assert await told.house.notices.send_due("phones") == 1
    first, said = [phone.browser.opens(body) for _, body in phone.kept.got]
    assert first["title"] == "You will be told here"
    await delivered(phone, json.dumps(said))
    (shown,) = await phone.shown()
    assert shown["title"] == f"Agent {AGENT} is stopped"
    assert shown["data"] == {"path": "/controls"}
    assert "planted" not in json.dumps(shown)

    await delivered(phone, json.dumps(said))
    await delivered(phone, json.dumps({**said, "id": "another"}), shows=2)
    assert len(await phone.shown()) == 2


async def delivered(phone: Phone, data: str, *, shows: int = 1) -> None:
    """Let the browser's push service deliver something, and wait for so many notices."""
    cdp: Any = await phone.desk.context.new_cdp_session(phone.desk.page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(event: dict[str, Any]) -> None:
        if event["registrations"] and not registered.done():
            registered.set_result(event["registrations"][-1]["registrationId"])

    cdp.on("ServiceWorker.workerRegistrationUpdated", hear)
    with anyio.fail_after(WITHIN_S):
        await cdp.send("ServiceWorker.enable")
        push = {"origin": phone.desk.url, "registrationId": await registered, "data": data}
        # A worker that is only just starting may miss one; the same notice takes its own place.
        while len(await phone.shown()) < shows:
            await cdp.send("ServiceWorker.deliverPushMessage", push)
            await phone.settle(shows)
    await cdp.detach()


@pytest.mark.parametrize("data", ["", "no JSON", "[]", '{"title": 4}'])
async def test_whatever_is_delivered_something_true_is_shown(phone: Phone, data: str) -> None:
    """A browser ends the subscription of a site that shows nothing."""
    async with phone.desk.page.expect_navigation():
        await phone.desk.page.click("[data-tell-here]")
    await delivered(phone, data)
    (shown,) = await phone.shown()
    assert (shown["title"], shown["data"]) == ("Sallyport", {"path": "/inbox"})


@pytest.mark.parametrize(
    "path,opens",
    [
        ("/approvals/a-1", "/approvals/a-1"),
        ("https://evil.example/x", "/inbox"),
        ("//evil.example/x", "/inbox"),
        ("javascript:alert(1)", "/inbox"),
        (None, "/inbox"),
    ],
)
async def test_a_notice_opens_a_page_of_this_console_alone(
    phone: Phone, path: str | None, opens: str
) -> None:
    """Whatever its message says."""
    async with phone.desk.page.expect_navigation():
        await phone.desk.page.click("[data-tell-here]")
    (worker,) = phone.desk.context.service_workers
    assert await worker.evaluate("(path) => here(path)", path) == f"{phone.desk.url}{opens}"


async def test_a_device_is_removed_on_the_page(told: Kit, phone: Phone) -> None:
    """There, and in the browser itself."""
    page = phone.desk.page
    async with page.expect_navigation():
        await page.click("[data-tell-here]")
    await page.get_by_text("this one").wait_for()
    async with page.expect_navigation():
        await page.get_by_role("button", name="Remove Chromium").click()
    assert told.house.devices.of() == ()
    assert await page.evaluate("localStorage.getItem('on')") is None
    assert await page.locator("[data-tell-here]").is_visible()


async def test_the_page_is_clean_and_the_console_installs(phone: Phone) -> None:
    """Axe by day and night, 320 px, and what the browser finds wrong with the manifest."""
    for scheme in ("light", "dark"):
        await phone.desk.page.emulate_media(color_scheme=scheme)
        assert await phone.desk.faults() == []
    assert not await phone.desk.overflows()
    cdp: Any = await phone.desk.context.new_cdp_session(phone.desk.page)
    manifest = await cdp.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["manifest"]["startUrl"] == f"{phone.desk.url}/inbox"
    wrong = await cdp.send("Page.getInstallabilityErrors")
    # A test's window keeps nothing, and that is the one thing that stands against installing.
    assert [one["errorId"] for one in wrong["installabilityErrors"]] == ["in-incognito"]


async def test_a_browser_that_may_show_nothing_is_told_so(told: Kit, chrome: Chrome) -> None:
    """In words, and nothing is kept."""
    async with at_the_desk(told, chrome) as desk:
        await desk.sign_in()
        await desk.open("/people")
        await desk.page.click("[data-tell-here]")
        await desk.page.get_by_text("This browser was told to show no notices").wait_for()
        assert await desk.page.locator("[data-tell-here]").is_disabled()
    assert desk.complaints == []
    assert told.house.devices.of() == ()


async def test_only_the_page_that_asks_has_a_policy_and_it_knows_one_address(
    told: Kit, chrome: Chrome
) -> None:
    """Whatever is asked of it, it gives the worker of this console; elsewhere there is none."""
    make = (
        "(name) => { try { trustedTypes.createPolicy(name, { createScriptURL: (to) => to }); } "
        "catch (error) { return error.name; } return 'made'; }"
    )
    async with at_the_desk(told, chrome) as desk:
        await desk.sign_in()
        for name, path in (("sallyport-worker", "/inbox"), ("other", "/people")):
            await desk.open(path)
            assert await desk.page.evaluate(make, name) == "TypeError"
        await desk.page.wait_for_load_state("networkidle")
        assert await desk.page.evaluate(make, "sallyport-worker") == "TypeError"
    assert all(one.startswith(("CSP trusted-types", "Creating a")) for one in desk.complaints)
