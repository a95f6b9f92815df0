"""What a system says outside of calls: to those who subscribed, and no longer than they did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest

from sallyport.adapters.mcp import McpUpstreams, news
from sallyport.adapters.mcp.link import Link
from sallyport.adapters.mcp.pool import Key
from sallyport.errors import UpstreamDownError, UpstreamLostError
from sallyport.model import JsonObject, System
from sallyport.ports import News, Outbound
from sallyport.rules.methods import SUBSCRIBE, UNSUBSCRIBE
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.everything import WAYS, everything
from tests.integration.upstream.raw import (
    Asked,
    Launches,
    RawServer,
    Script,
    go,
    hold,
    outbound,
    raw_server,
)

pytestmark = pytest.mark.anyio

WATCHED = "test://watched-resource"
UPDATED = "notifications/resources/updated"
ABLE: JsonObject = {"resources": {"subscribe": True, "listChanged": True}}
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.fixture(params=WAYS, scope="module")
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """Run the server with one of everything, in each way."""
    with everything(request.param) as found:
        yield found


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """Start a raw server of the stateless era that tells of resources."""
    async with raw_server() as server:
        server.modern = {"supportedVersions": ["2026-07-28"], "capabilities": ABLE}
        yield server


class Told:
    """Remembers what it was told, and lets others wait for it."""

    def __init__(self, upstreams: McpUpstreams) -> None:
        self.news: list[News] = []
        self._more = asyncio.Event()
        upstreams.listen(self._take)

    def _take(self, one: News) -> None:
        self.news.append(one)
        self._more.set()

    async def until(self, condition: Callable[[News], bool]) -> None:
        """Wait until something that fits was told."""
        with anyio.fail_after(10):
            while not any(map(condition, self.news)):
                self._more.clear()
                await self._more.wait()

    def updates(self) -> list[tuple[str, str]]:
        """Return who was told of which resource."""
        return [(one.principal, one.uri) for one in self.news if one.method == UPDATED]


def wish(uri: str = WATCHED, *, on: bool = True, principal: str = "bot") -> Outbound:
    """Return the governed call that subscribes, or no longer."""
    arguments = json.dumps({"uri": uri}).encode()
    return outbound(SUBSCRIBE if on else UNSUBSCRIBE, arguments, principal=principal)


def touch() -> Outbound:
    """Return a call that changes resources."""
    return outbound("test_trigger_resource_update")


def links(upstreams: McpUpstreams) -> list[Link]:
    """Return the links that are open."""
    pool: Any = vars(upstreams)["_pool"]
    slots: dict[Key, Any] = pool._slots
    return [slot.link for slot in slots.values()]


def sweep(upstreams: McpUpstreams) -> None:
    """Let the pool look for what nobody used, as if everything was last used long ago."""
    pool: Any = vars(upstreams)["_pool"]
    slots: dict[Key, Any] = pool._slots
    for slot in slots.values():
        slot.used_s = float("-inf")
    pool._sweep()


async def test_a_subscriber_is_told_of_its_resource_and_of_no_other(
    system: System, gateway: Gateway
) -> None:
    """The server speaks of two resources; this principal subscribed to one."""
    async with gateway(system) as upstreams:
        told, launches = Told(upstreams), Launches()
        reply = await upstreams.call(wish(), launches)
        assert (reply.result, launches.count) == ({}, 1)
        await upstreams.call(touch(), go)
        await told.until(lambda one: one.method == UPDATED)
        await told.until(lambda one: one.method == "notifications/resources/list_changed")
        assert set(told.updates()) == {("bot", WATCHED)}


async def test_who_unsubscribed_is_told_no_more(system: System, gateway: Gateway) -> None:
    """The list of resources still changes for everybody."""
    async with gateway(system) as upstreams:
        told = Told(upstreams)
        await upstreams.call(wish(), go)
        await upstreams.call(wish("test://static-text"), go)
        launches = Launches()
        assert (await upstreams.call(wish(on=False), launches)).result == {}
        assert launches.count == 1
        await upstreams.call(touch(), go)
        await told.until(lambda one: one.uri == "test://static-text")
        await upstreams.call(wish("test://static-text", on=False), go)
        await upstreams.call(touch(), go)
        await told.until(lambda one: one.method == "notifications/resources/list_changed")
        assert set(told.updates()) == {("bot", "test://static-text")}


async def test_a_principal_of_whom_nobody_listens_is_told_no_more(
    system: System, gateway: Gateway
) -> None:
    """Without a call of its own: that is what is left to do when it may make none."""
    async with gateway(system) as upstreams:
        told = Told(upstreams)
        await upstreams.call(wish(), go)
        await upstreams.call(wish("test://static-text"), go)
        await upstreams.unlisten("desk", "bot", WATCHED)
        await upstreams.call(touch(), go)
        await told.until(lambda one: one.uri == "test://static-text")
        await told.until(lambda one: one.method == "notifications/resources/list_changed")
        assert set(told.updates()) == {("bot", "test://static-text")}


async def test_no_connection_is_opened_to_say_that_nobody_listens(
    raw: RawServer, gateway: Gateway
) -> None:
    """Nor does it fail, for a system that is not there either."""
    async with gateway(raw.system()) as upstreams:
        await upstreams.unlisten("desk", "bot", WATCHED)
        await upstreams.unlisten("nowhere", "bot", WATCHED)
    assert raw.seen == []


async def test_changed_prompts_are_news(system: System, gateway: Gateway) -> None:
    """Whoever may see the prompts learns of it."""
    async with gateway(system) as upstreams:
        told = Told(upstreams)
        await upstreams.prepare("desk", "bot")
        with anyio.fail_after(10):
            while not told.news:
                await upstreams.call(outbound("test_trigger_prompt_change"), go)
                await anyio.sleep(0.01)
        await told.until(lambda one: one.method == "notifications/prompts/list_changed")


async def test_when_the_link_dies_its_subscriptions_are_over(
    gateway: Gateway,
) -> None:
    """Nobody knows what they missed, so they are told that everything may be another."""
    with everything("http both") as system:
        async with gateway(system) as upstreams:
            told = Told(upstreams)
            await upstreams.call(wish(), go)
            for link in links(upstreams):
                await link.close()
            assert (
                News(system="desk", principal="bot", method="notifications/resources/list_changed")
                in told.news
            )


async def test_a_link_that_somebody_listens_on_is_not_closed_for_idleness(
    gateway: Gateway,
) -> None:
    """It is not used, and still wanted; once nobody subscribes it goes like any other."""
    with everything("http both") as system:
        async with gateway(system) as upstreams:
            told = Told(upstreams)
            await upstreams.call(wish(), go)
            (link,) = links(upstreams)
            sweep(upstreams)
            assert not link.dead
            assert told.news == []
            await upstreams.call(wish(on=False), go)
            sweep(upstreams)
            assert link.dead


async def test_when_a_child_dies_its_subscriptions_are_over(gateway: Gateway) -> None:
    """The same over stdio."""
    with everything("stdio both") as system:
        async with gateway(system) as upstreams:
            told = Told(upstreams)
            await upstreams.call(wish(), go)
            with pytest.raises(UpstreamLostError):
                await upstreams.call(outbound("test_end"), go)
            await told.until(
                lambda one: (
                    (one.principal, one.method) == ("bot", "notifications/resources/list_changed")
                )
            )


@pytest.mark.parametrize("way", ["stdio legacy", "stdio both"])
async def test_on_a_shared_child_each_principal_hears_its_own(gateway: Gateway, way: str) -> None:
    """One child serves both; one who leaves does not end the other's subscription."""
    with everything(way) as system:
        async with gateway(system) as upstreams:
            told = Told(upstreams)
            for principal in ("a", "b"):
                await upstreams.call(wish(principal=principal), go)
            await upstreams.call(wish(on=False, principal="a"), go)
            await upstreams.call(touch(), go)
            await told.until(lambda one: one.principal == "b" and one.method == UPDATED)
            assert {who for who, _ in told.updates()} == {"b"}


async def test_subscriptions_are_bounded(
    system: System, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound nothing is sent; the same one twice is still one."""
    monkeypatch.setattr(news, "URIS_MAX", 1)
    async with gateway(system) as upstreams:
        for _ in range(2):
            assert (await upstreams.call(wish(), go)).result == {}
        launches = Launches()
        with pytest.raises(UpstreamDownError, match="at most 1"):
            await upstreams.call(wish("test://other"), launches)
        assert launches.count == 0


def acknowledging(*uris: str) -> Script:
    """Acknowledge these resources, whatever was asked for."""

    async def stream(asked: Asked) -> None:
        wanted = asked.message["params"]["notifications"]
        honoured = (
            {"resourceSubscriptions": list(uris)} if "resourceSubscriptions" in wanted else {}
        )
        params = {"notifications": honoured}
        note = {"jsonrpc": "2.0", "method": news.ACKNOWLEDGED, "params": params}
        asked.writer.write(STREAM + f"data: {json.dumps(note)}\n\n".encode())
        await hold(asked)

    return stream


async def test_a_resource_that_the_system_will_not_tell_of_is_refused(
    raw: RawServer, gateway: Gateway
) -> None:
    """It acknowledged something else, so nobody is subscribed."""
    raw.stream = acknowledging("test://other")
    async with gateway(raw.system()) as upstreams:
        reply = await upstreams.call(wish(), go)
    assert reply.error is not None
    assert reply.error["code"] == -32602


async def test_a_changed_set_is_a_new_stream_and_the_old_one_ends(
    raw: RawServer, gateway: Gateway
) -> None:
    """The stateless era has no other way; nothing is missed in between."""
    raw.stream = acknowledging("a", "b")
    async with gateway(raw.system()) as upstreams:
        for uri in ("a", "b"):
            assert (await upstreams.call(wish(uri), go)).result == {}
        await upstreams.call(wish("a", on=False), go)
    asked = [
        a.message["params"]["notifications"].get("resourceSubscriptions")
        for a in raw.seen
        if a.rpc == "subscriptions/listen"
    ]
    assert [one for one in asked if one] == [["a"], ["a", "b"], ["b"]]


async def test_a_stream_of_resources_that_ends_ends_its_subscriptions(
    raw: RawServer, gateway: Gateway
) -> None:
    """What was missed is not known, so it is not reopened behind the principal's back."""
    end = asyncio.Event()

    async def stream(asked: Asked) -> None:
        if "resourceSubscriptions" not in asked.message["params"]["notifications"]:
            await hold(asked)
        params = {"notifications": {"resourceSubscriptions": [WATCHED]}}
        note = {"jsonrpc": "2.0", "method": news.ACKNOWLEDGED, "params": params}
        asked.writer.write(STREAM + f"data: {json.dumps(note)}\n\n".encode())
        await end.wait()
        asked.writer.close()

    raw.stream = stream
    async with gateway(raw.system()) as upstreams:
        told = Told(upstreams)
        await upstreams.call(wish(), go)
        end.set()
        await told.until(lambda one: one.principal == "bot" and "list_changed" in one.method)
