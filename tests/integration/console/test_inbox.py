"""The inbox of many: grouped by rounds, opened a page at a time, listed anew where it changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from sallyport.doors.console.page import Glance
from sallyport.doors.console.pages import inbox
from sallyport.flow.listing import Listing, Waiting, waiting
from sallyport.flow.rounds import Rounds
from sallyport.model import Approval, JsonObject
from sallyport.rules.times import DAY_US, SECOND_US
from tests.console_client import Window, window
from tests.integration.console.conftest import ASKED
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.house_fixture import LENA, Kit, demo_workflow, desk_system, raw_client

pytestmark = pytest.mark.anyio

HALF_DAY_US = DAY_US // 2


async def ask(kit: Kit, *refunds: int) -> None:
    """Have the agent ask for refunds."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        for amount in refunds:
            given = {"ticket_id": "T-4711", "status": "pending", "refund": amount}
            await client.call("tickets.update", **given)


async def mail(kit: Kit) -> None:
    """Have the agent ask to send a mail: what leaves the house."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("mail.send", to="ada@brandt-bakery.example", template="ack")


async def lead(kit: Kit) -> Window:
    """Return the window of somebody whom the boundary asks."""
    at = window(kit)
    await at.sign_in(ASKED)
    return at


def grouped(view: dict[str, Any]) -> dict[str, int]:
    """Return how many lines stand in each group of the page."""
    return {one["name"]: len(one["items"]) for one in view["groups"]}


@pytest.fixture
async def gentle(desk: Desk, tmp_path: Path) -> AsyncGenerator[tuple[Kit, Window]]:
    """Return lena's house and window; refunds touch records only there, so that they can wait."""
    text = demo_workflow().replace("touches: [records, money]", "touches: [records]")
    async with ready(desk, tmp_path / "gentle", 0) as kit:
        await kit.activate(text, {"desk.yaml": desk_system(desk.url)})
        at = window(kit)
        await at.sign_in(LENA)
        yield kit, at


def round_in(kit: Kit, us: int) -> None:
    """Have the next round so much later than now."""
    now_us = kit.house.gateway.evidence.now_us()
    kit.house.rounds = Rounds(kit.house.gateway, ((now_us + us) % DAY_US,))


async def test_what_weighs_little_stands_under_the_next_round(gentle: tuple[Kit, Window]) -> None:
    """A mail cannot wait; a change of a record can, and the page says when its round is."""
    kit, at = gentle
    round_in(kit, 60 * SECOND_US)
    await ask(kit, 120, 130)
    await mail(kit)
    view = cast("dict[str, Any]", await at.view("/inbox"))

    assert grouped(view) == {"soon": 1, "rest": 2}
    assert view["round"] == {"at_us": kit.house.rounds.next_us(), "size": 2}
    assert "Next round: " in (await at.get("/inbox")).text


async def test_a_round_that_comes_too_late_holds_nothing_back(gentle: tuple[Kit, Window]) -> None:
    """What would have ended by then is shown among what cannot wait."""
    kit, at = gentle
    round_in(kit, HALF_DAY_US)
    await ask(kit, 120)
    view = cast("dict[str, Any]", await at.view("/inbox"))

    assert grouped(view) == {"soon": 1}
    assert view["round"]["size"] == 0


async def test_only_what_stands_on_the_page_is_opened(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of seven questions a page of three opens three, and the next page the next three."""
    await ask(kit, *range(100, 107))
    monkeypatch.setattr(inbox, "PAGE", 3)
    opened: list[str] = []
    really = kit.house.inbox.approval

    async def counted(approval_id: str) -> Approval:
        opened.append(approval_id)
        return await really(approval_id)

    monkeypatch.setattr(kit.house.inbox, "approval", counted)
    at = await lead(kit)
    first = cast("dict[str, Any]", await at.view("/inbox"))
    assert (first["all"], len(opened)) == (7, 3)
    await at.get("/inbox.json", **{"from": "3"})
    assert (len(opened), len(set(opened))) == (6, 6)


async def test_a_list_that_knows_the_last_one_is_as_complete_as_a_new_one(kit: Kit) -> None:
    """Asked, answered, risen, drafted: what is not read again has not changed."""
    listing = Listing(kit.house.gateway)

    async def same() -> Sequence[Waiting]:
        found = await listing.waiting()
        assert list(found) == list(await waiting(kit.house.gateway))
        return found

    await ask(kit, 120)
    assert [one.risen for one in await same()] == [1]
    kit.clock.ahead_us += 3 * 3600 * SECOND_US
    assert await kit.house.inbox.escalate() == 1
    assert [one.risen for one in await same()] != [1]
    await kit.answer(yes=False)
    assert await same() == []
    await ask(kit, 130, 140)
    assert len(await same()) == 2
    kit.clock.ahead_us += DAY_US
    assert await kit.house.inbox.expire() == 2
    assert await same() == []


async def test_a_page_is_not_made_of_what_was_read_before_a_change_was_on_disk(kit: Kit) -> None:
    """A change is counted first and written then; what was read in between does not stay."""
    glance = Glance(kit.house)
    await ask(kit, 120)
    assert len(await glance.waiting()) == 1
    kit.house.gateway.evidence.turns += 1
    assert len(await glance.waiting()) == 1
    store = kit.house.gateway.outside.store
    before = kit.house.gateway.evidence.turns
    await ask(kit, 130)
    kit.house.gateway.evidence.turns = before
    assert len(await store.rows("approvals")) == 2
    kit.clock.ahead_us += 200_000
    assert len(await glance.waiting()) == 2


async def test_a_yes_beforehand_to_what_is_no_number_is_refused_before_anybody_signs(
    kit: Kit,
) -> None:
    """A truth value counts as one in Python, and as nothing that could be signed here."""
    await mail(kit)
    at = await lead(kit)
    approval = (await kit.question()).approval
    assert approval is not None
    for wrong in ({"at_most": True, "minutes": 5}, {"at_most": 1, "minutes": True}):
        ahead: JsonObject = {**wrong, "free": []}
        body: JsonObject = {"kind": "approve", "because": "", "ahead": ahead}
        answer = await at.post(f"/approvals/{approval.id}/begin", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "input.bad")
