"""Every page of the console in a house where everything happened: one browser, one house."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser
from starlette.routing import compile_path

from sallyport.doors.console import pages
from sallyport.doors.console.page import FOLDER
from sallyport.flow import rows
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.flow.listing import waiting
from sallyport.model import Json, JsonObject, Verdict
from sallyport.ports import LedgerQuery
from tests.browser.console import Desk, at_the_desk
from tests.browser.scene import Scene, furnish
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.conftest import ready
from tests.integration.mcp.house_fixture import AGENT, LENA, MARA, WORKFLOW, Kit, ticket
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
NARROW = 320
DIALOGS_AT_LEAST = 8
PER_PAGE = frozenset({"change"})
"""Dialogs whose fields are those of their page's own tool."""
PARTS = frozenset({"base", "parts", "cooling"})
ELSEWHERE = frozenset({"sign_in", "onward", "error", "exercise"})
"""Templates of what is no page of the table, or stands there for a moment: tests of their own look
at them."""


@dataclass(frozen=True)
class Shown:
    """The house, what is in it, and lena's browser in front of it."""

    kit: Kit
    scene: Scene
    desk: Desk


@pytest.fixture(scope="module")
async def shown(
    desk: SupportDesk, tmp_path_factory: pytest.TempPathFactory, chrome: Browser
) -> AsyncGenerator[Shown]:
    """Return one furnished house for all tests here, and a browser with a passkey."""
    async with ready(desk, tmp_path_factory.mktemp("pages"), 0) as kit:
        scene = await furnish(kit)
        async with at_the_desk(kit, chrome) as seat:
            await seat.authenticator()
            await seat.sign_in()
            await seat.add_passkey()
            yield Shown(kit, scene, seat)
        assert seat.complaints == []


async def twin(shown: Shown, path: str) -> dict[str, Any]:
    """Return the JSON twin of a page."""
    place, mark, query = path.partition("?")
    address = f"{shown.desk.url}{place}.json{mark}{query}"
    response = await shown.desk.context.request.get(address)
    found: dict[str, Any] = await response.json()
    return found


@requirement("A-97")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_readable_by_everybody(shown: Shown, scheme: str) -> None:
    """Axe finds nothing at WCAG 2.2 AA, and nothing is wider than a phone.

    A narrow window has other places and the same colours, so axe looks at it in one scheme.
    """
    page, found = shown.desk.page, list[str]()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name, path in shown.scene.pages:
        await shown.desk.open(path)
        for width in (1280, NARROW):
            await page.set_viewport_size({"width": width, "height": 900})
            if scheme == "light" or width > NARROW:
                found += [f"{name} {width}: {one}" for one in await shown.desk.faults()]
            if await shown.desk.overflows():
                found.append(f"{name} {width}: is wider than its window")
        await page.set_viewport_size({"width": 1280, "height": 900})
    await page.emulate_media(color_scheme="light")
    assert found == []


async def test_the_scene_has_every_page_there_is(shown: Shown) -> None:
    """Each line of the console's table of pages is looked at here, and shows what it is for."""
    met = {line_of(path) for _, path in shown.scene.pages}
    assert met == {line.path for line in pages.PAGES}
    templates = {one.stem for one in (FOLDER / "templates").glob("*.html")} - PARTS - ELSEWHERE
    seen: set[str] = set()
    for _, path in shown.scene.pages:
        await shown.desk.open(path)
        seen.add(str(await shown.desk.page.get_attribute("body", "data-page")))
    assert seen == templates


async def test_every_dialog_is_readable_by_everybody(shown: Shown) -> None:
    """Each one that any page opens: answers, floors, the palette, the keys; wide and on a phone."""
    page, seen, found = shown.desk.page, set[str](), list[str]()
    for name, path in shown.scene.pages:
        await shown.desk.open(path)
        for index, box in enumerate(await page.locator("dialog").all()):
            kind = await box.get_attribute("data-dialog") or f"box {index}"
            what = f"{name if kind in PER_PAGE else ''} {kind}"
            if what in seen:
                continue
            seen.add(what)
            await box.evaluate("one => one.showModal()")
            for width in (1280, NARROW):
                await page.set_viewport_size({"width": width, "height": 900})
                faults = await shown.desk.faults("dialog[open]")
                found += [f"{what} {width}: {one}" for one in faults]
                if await shown.desk.overflows():
                    found.append(f"{what} {width}: is wider than its window")
            await page.set_viewport_size({"width": 1280, "height": 900})
            await box.evaluate("one => one.close()")
    assert len(seen) >= DIALOGS_AT_LEAST
    assert found == []


def line_of(path: str) -> str:
    """Return the line of the table that answers at an address."""
    place = path.partition("?")[0]
    found = (line.path for line in pages.PAGES if compile_path(line.path)[0].match(place))
    return next(found)


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_page_is_what_its_twin_says(shown: Shown, width: int) -> None:
    """Each page answers as JSON under its own address, and shows the sentence that stands there."""
    await shown.desk.page.set_viewport_size({"width": width, "height": 900})
    for _, path in shown.scene.pages:
        found = await twin(shown, path)
        assert "error" not in found, path
        await shown.desk.open(path)
        if "sentence" in found:
            heading = await shown.desk.page.inner_text("h1")
            assert heading == str(found["sentence"]), path
    await shown.desk.page.set_viewport_size({"width": 1280, "height": 900})


@requirement("A-66")
async def test_a_call_has_its_eight_steps_in_order(shown: Shown) -> None:
    """Every call of the ledger has a page with the steps, and what was refused stands in place."""
    store = shown.kit.house.gateway.outside.store
    for row in await store.rows("calls"):
        found = await twin(shown, f"/calls/{rows.text(row, 'id')}")
        assert [one["number"] for one in found["steps"]] == list(range(1, 9))
    await shown.desk.open(f"/calls/{shown.scene.call}")
    assert await shown.desk.page.locator(".step").count() == 8
    assert await shown.desk.page.locator(".step .inset .word.refuse").count() == 1


@requirement("A-62")
async def test_the_fleet_is_every_agent_of_the_ledger(shown: Shown) -> None:
    """The agents that have a last call are those that the ledger has calls of."""
    found = await twin(shown, "/agents")
    listed = {one["name"] for one in found["agents"] if one["last_us"]}
    entries = await shown.kit.house.reading.search(LedgerQuery(kind="call.decided"))
    actors = [one.body["actor"] for one in entries]
    assert listed == {str(one["agent"]) for one in actors if isinstance(one, dict)}


@requirement("A-64")
async def test_a_look_at_what_is_sensitive_is_in_the_ledger(shown: Shown) -> None:
    """Who opened a question, a draft or a call stands there, with a digest of what was shown."""
    for path, call in (
        (f"/drafts/{shown.scene.draft}", ""),
        (f"/calls/{shown.scene.call}", shown.scene.call),
    ):
        before = len(await _looks(shown))
        await shown.desk.open(path)
        looks = await _looks(shown)
        assert len(looks) == before + 1
        assert looks[-1]["person"] == LENA
        assert len(str(looks[-1]["shown"])) == 64
        assert not call or looks[-1]["call"] == call


async def _looks(shown: Shown) -> list[dict[str, object]]:
    found = await shown.kit.house.reading.search(LedgerQuery(kind="page.shown"))
    return [dict(one.body) for one in found]


@requirement("B-37")
async def test_a_draft_is_marked_as_one_wherever_it_is_shown(shown: Shown) -> None:
    """In the list, on its page and on the page of its call; and its twin says so."""
    await shown.desk.open("/drafts")
    assert await shown.desk.page.locator(".row .word.draft", has_text="Draft").count() == 1
    await shown.desk.open(f"/drafts/{shown.scene.draft}")
    assert await shown.desk.page.get_by_text("This is a draft. Nothing was sent").count() == 1
    found = await twin(shown, f"/drafts/{shown.scene.draft}")
    assert (found["kind"], found["state"], found["verdict"]) == ("draft", "stored", "draft")
    await shown.desk.open(f"/calls/{found['call']}")
    assert await shown.desk.page.locator("main .word.draft", has_text="Drafted").count() == 1


@requirement("B-147")
async def test_the_list_of_an_agents_access_can_be_taken_along(shown: Shown) -> None:
    """CSV and Markdown have the lines of the page, one for one."""
    lines = (await twin(shown, f"/agents/{AGENT}/access"))["rows"]
    get = shown.desk.context.request.get
    text = await (await get(f"{shown.desk.url}/agents/{AGENT}/access.csv")).text()
    listed = list(csv.DictReader(io.StringIO(text)))
    assert listed == lines
    markdown = await (await get(f"{shown.desk.url}/agents/{AGENT}/access.md")).text()
    assert markdown.count("\n| ") == len(listed) + 2


REFUNDS: tuple[Json, ...] = (
    None,
    0,
    30,
    50,
    Decimal("50.01"),
    61,
    500,
    Decimal("500.01"),
    9000,
    "x",
)
SAMPLES: Mapping[str, tuple[Json, ...]] = {
    "ticket_id": ("T-4711", "T-4712", None),
    "contact_id": ("C-1001", "C-1002", None),
    "to": ("ada@brandt-bakery.example", "eve@evil.example"),
    "template": ("ack", "answer", "poem"),
    "status": ("open", "pending", "deleted", None),
    "label": ("question", "x" * 41),
    "body": ("thank you", "x" * 4001, None),
    "query": ("lamp", "x" * 201, None),
    "refund": REFUNDS,
    "unheard_of": (None, 1),
}
"""Values of each argument, on either side of every bound of the demo; None for left out."""


def calls(tool: str) -> Iterator[JsonObject]:
    """Yield every combination of the sample values of a tool's arguments."""
    named = {
        "crm.get_contact": ("contact_id",),
        "tickets.get": ("ticket_id",),
        "tickets.list": ("status",),
        "kb.search": ("query",),
        "tickets.draft_reply": ("ticket_id", "body"),
        "tickets.update": ("ticket_id", "status", "refund"),
        "tickets.tag": ("ticket_id", "label"),
        "mail.send": ("to", "template", "body"),
    }.get(tool, ("contact_id",))
    names = (*named, "unheard_of")
    for values in product(*(SAMPLES[name] for name in names)):
        given = zip(names, values, strict=True)
        yield {name: value for name, value in given if value is not None}


@requirement("B-147")
async def test_the_list_is_what_the_policy_decides(shown: Shown) -> None:
    """Each call of a grid over all bounds ends as the line that covers it says, or is refused."""
    gateway = shown.kit.house.gateway
    listed = (await twin(shown, f"/agents/{AGENT}/access"))["rows"]
    verdicts = {(one["tool"], one["line"]): one["verdict"] for one in listed}
    assert verdicts.pop(("*", "")) == "refuse"
    met: set[tuple[str, str]] = set()
    for tool in (*{tool for tool, _ in verdicts}, "crm.export_contacts", "crm.unheard_of"):
        for args, state in product(calls(tool), ("open", "solved")):
            supposed = Supposed(
                tool=tool, args=args, inputs=ticket(), facts={"ticket_state": state}
            )
            decision = await try_call(gateway, WORKFLOW, supposed)
            if decision.verdict is not Verdict.REFUSE:
                assert verdicts[tool, decision.entry] == decision.verdict.name.lower()
                met.add((tool, decision.entry))
    assert met == set(verdicts)


async def test_a_call_is_found_from_its_id_alone(shown: Shown) -> None:
    """One search in the ledger leads to the call's page, and the ledger verifies there."""
    await shown.desk.open(f"/ledger?call={shown.scene.done}")
    assert await shown.desk.page.locator(f"a[href='/calls/{shown.scene.done}']").count() >= 1
    async with shown.desk.page.expect_response("**/ledger/verify"):
        await shown.desk.page.click("[data-verify]")
    await shown.desk.page.locator("[data-verified]", has_text="follow from one another").wait_for()
    await shown.desk.open("/inbox")
    assert await shown.desk.page.locator(".heart", has_text="Ledger verified").count() == 1


async def test_the_list_that_opens_nothing_lists_what_waits(shown: Shown) -> None:
    """What is counted and paged is, thing for thing, what the inbox itself has."""
    heavy = await shown.kit.house.inbox.items()
    light = await waiting(shown.kit.house.gateway)
    assert sorted((one.kind, one.call) for one in light) == sorted(
        (one.kind, one.call.id) for one in heavy
    )
    assert [one.requester for one in light] == [MARA] * len(light)


async def test_what_waits_for_a_signature_says_what_it_widens(shown: Shown) -> None:
    """The proposal shows the sentences that change, and waits for a signature."""
    await shown.desk.open(f"/workflows/{WORKFLOW}")
    panel = shown.desk.page.locator(".panel.waits")
    assert await panel.count() == 1
    assert await panel.locator("ins", has_text="80.00 EUR").count() >= 1
    assert await panel.locator("del", has_text="50.00 EUR").count() >= 1
    assert await panel.get_by_role("button", name="Sign it…").is_enabled()
    found = json.dumps(await twin(shown, f"/workflows/{WORKFLOW}"))
    assert "80.00 EUR" in found


async def test_the_palette_finds_and_the_keys_can_be_turned_off(shown: Shown) -> None:
    """Ctrl K opens it, words narrow it, Enter goes; `?` lists the keys; off means off."""
    page = shown.desk.page
    await shown.desk.open("/inbox")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("work")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert page.url.endswith("/workflows")
    await page.keyboard.press("?")
    assert await page.locator("[data-help-box][open]").count() == 1
    await page.click("[data-help-box] [data-keys-switch]")
    await page.click("[data-help-box] [data-close]")
    await page.keyboard.press("?")
    assert await page.locator("[data-help-box][open]").count() == 0
    await page.evaluate("localStorage.removeItem('keys')")
    await shown.desk.open("/inbox")
    await page.keyboard.press("g")
    async with page.expect_navigation():
        await page.keyboard.press("c")
    assert page.url.endswith("/controls")


async def test_the_theme_that_was_chosen_stays(shown: Shown) -> None:
    """The gateway writes it into the page, so that nothing flickers."""
    page = shown.desk.page
    await shown.desk.open("/inbox")
    await page.click(".themes [data-theme-set=dark]")
    await shown.desk.open("/people")
    assert await page.get_attribute("html", "data-theme") == "dark"
    await page.click(".themes [data-theme-set=system]")
    await shown.desk.open("/people")
    assert await page.get_attribute("html", "data-theme") is None


async def test_a_print_answers_nothing(shown: Shown) -> None:
    """On paper there is no shell, no button and no answer, and it says who printed it."""
    page = shown.desk.page
    await shown.desk.open(f"/approvals/{shown.scene.waiting}")
    await page.emulate_media(media="print")
    seen = [await page.locator(one).first.is_visible() for one in (".side", ".top", ".answers")]
    assert seen == [False, False, False]
    assert await page.get_by_text("A print answers nothing.").is_visible()
    await page.emulate_media(media="screen")
