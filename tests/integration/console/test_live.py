"""The stream of an open page: news once for what happened together, and an end with the session."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any, cast

import anyio
import pytest
from starlette.requests import Request

from sallyport.doors.console import live
from sallyport.doors.console.live import REST_LOOKS, Live
from sallyport.doors.console.page import Glance
from tests.console_client import Window, window
from tests.integration.console.conftest import ASKED, HOLDERS
from tests.integration.console.test_inbox import ask, mail
from tests.integration.mcp.house_fixture import MARA, Kit

pytestmark = pytest.mark.anyio
WITHIN_S = 20


class Page:
    """A page that stays open until it is told to go."""

    gone = False

    async def is_disconnected(self) -> bool:
        """Return whether the browser has left."""
        return self.gone


async def opened(kit: Kit, person: str) -> tuple[Live, AsyncGenerator[bytes], Window, Page]:
    """Return the news of a house, the stream of somebody's open page, and their window."""
    at = window(kit)
    await at.sign_in(person)
    news, page = Live(kit.house, Glance(kit.house)), Page()
    return news, news.events(cast("Request", page), at.secret), at, page


def told(event: bytes) -> dict[str, Any]:
    """Return what an event says."""
    head, _, data = event.decode().strip().partition("\n")
    assert head == "event: changed"
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return found


async def looked(news: Live) -> None:
    """Let so many looks go by that whatever happened is told."""
    for _ in range(REST_LOOKS + 1):
        await news.look()


async def test_what_happened_together_is_told_once_with_how_much_waits(kit: Kit) -> None:
    """Three questions are one event; it counts what the inbox of this person counts."""
    news, events, at, _ = await opened(kit, ASKED)
    with anyio.fail_after(WITHIN_S):
        assert told(await anext(events))["mine"] == 0
        await ask(kit, 120, 130)
        await mail(kit)
        await looked(news)
        event = told(await anext(events))
    page = cast("dict[str, Any]", await at.view("/inbox"))
    assert (event["mine"], event["team"]) == (page["counts"]["mine"], page["counts"]["team"])
    assert event["team"] == 3


async def test_what_does_not_concern_a_person_is_not_counted_as_theirs(kit: Kit) -> None:
    """The requester's own question is somebody else's to answer."""
    news, events, at, _ = await opened(kit, MARA)
    await ask(kit, 120)
    await looked(news)
    with anyio.fail_after(WITHIN_S):
        event = told(await anext(events))
    page = cast("dict[str, Any]", await at.view("/inbox"))
    assert (event["mine"], event["team"]) == (page["counts"]["mine"], 1)


async def test_a_page_that_nothing_happens_to_hears_that_the_line_is_there(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment, which no script takes for news."""
    monkeypatch.setattr(live, "ALIVE_S", 0.01)
    _, events, _, _ = await opened(kit, ASKED)
    with anyio.fail_after(WITHIN_S):
        told(await anext(events))
        assert (await anext(events)).startswith(b":")


async def test_a_stream_ends_with_its_session_and_with_its_page(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who was signed out hears anything, and nobody who left is written to."""
    monkeypatch.setattr(live, "ALIVE_S", 0.01)
    assert ASKED in HOLDERS
    _, events, _, page = await opened(kit, ASKED)
    with anyio.fail_after(WITHIN_S):
        await anext(events)
        page.gone = True
        assert [one async for one in events] == []
    _, events, _, _ = await opened(kit, ASKED)
    with anyio.fail_after(WITHIN_S):
        await anext(events)
        assert await kit.house.sessions.end_all(ASKED) == 2
        assert [one async for one in events] == []
