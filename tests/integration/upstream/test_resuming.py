"""A stream that ends before its answer is gone on with, where its events had ids."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from sallyport.adapters.mcp import http, stream
from sallyport.errors import UpstreamLostError
from sallyport.model import JsonObject
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.everything import everything
from tests.integration.upstream.raw import (
    RESULT,
    Asked,
    Launches,
    RawServer,
    go,
    outbound,
    raw_server,
    reply,
)

pytestmark = pytest.mark.anyio

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
PRIMED = b"id: e1\nretry: 1\ndata:\n\n"


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """Start a raw server of the handshake era."""
    async with raw_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RETRY_S_MIN", 0.001)


def polling(raw: RawServer, *, ends: int, first: bytes = PRIMED) -> None:
    """Have a call's stream end so often before its answer comes."""

    async def script(asked: Asked) -> None:
        asked.writer.write(STREAM + b"\r\n" + first)
        asked.writer.close()

    async def again(asked: Asked) -> None:
        if "last-event-id" not in asked.headers:
            await reply(asked, b"", status="405 Method Not Allowed")
            return
        left = ends - len(gets(raw))
        asked.writer.write(STREAM + b"\r\n")
        if left > 0:
            asked.writer.write(f"id: e{len(gets(raw)) + 1}\ndata:\n\n".encode())
        else:
            (call,) = raw.calls()
            message = {"jsonrpc": "2.0", "id": call.message["id"], "result": RESULT}
            asked.writer.write(f"data: {json.dumps(message)}\n\n".encode())
        asked.writer.close()

    raw.script, raw.stream = script, again


def gets(raw: RawServer) -> list[Asked]:
    """Return the requests that went on with a stream."""
    return [asked for asked in raw.seen if "last-event-id" in asked.headers]


async def test_a_system_may_end_its_streams_until_it_has_the_answer(
    raw: RawServer, gateway: Gateway
) -> None:
    """Each time it is asked for what came after its last event; the call itself is sent once."""
    polling(raw, ends=3)
    launches = Launches()
    async with gateway(raw.system()) as upstreams:
        assert (await upstreams.call(outbound(), launches)).result == RESULT
    assert launches.count == 1
    assert len(raw.calls()) == 1
    assert [asked.headers["last-event-id"] for asked in gets(raw)] == ["e1", "e2", "e3"]
    assert {asked.headers["mcp-session-id"] for asked in gets(raw)} == {"session-1"}


async def test_a_stream_cut_in_mid_event_is_gone_on_with_after_its_last_whole_event(
    raw: RawServer, gateway: Gateway
) -> None:
    """Half an event has no id yet."""
    polling(raw, ends=1, first=PRIMED + b'id: e2\ndata: {"jsonrpc"')
    async with gateway(raw.system()) as upstreams:
        assert (await upstreams.call(outbound(), go)).result == RESULT
    assert [asked.headers["last-event-id"] for asked in gets(raw)] == ["e1"]


@pytest.mark.parametrize(
    "first",
    [
        b'data: {"jsonrpc"',
        b": nothing\n\n",
        b"id: e1\ndata:\n\nid:\ndata:\n\n",
        b"id: e\x01\x02\ndata:\n\n",
        b"id: " + b"e" * 2000 + b"\ndata:\n\n",
    ],
)
async def test_without_an_id_to_go_on_after_the_call_is_lost(
    raw: RawServer, gateway: Gateway, first: bytes
) -> None:
    """Nobody knows what became of it, and nothing is sent again."""
    polling(raw, ends=1, first=first)
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamLostError):
            await upstreams.call(outbound(), go)
    assert gets(raw) == []
    assert len(raw.calls()) == 1


async def test_in_the_stateless_era_no_stream_is_gone_on_with(
    raw: RawServer, gateway: Gateway
) -> None:
    """That era has no such thing; an id changes nothing."""
    capabilities: JsonObject = {}
    raw.modern = {"supportedVersions": ["2026-07-28"], "capabilities": capabilities}
    polling(raw, ends=1)
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamLostError):
            await upstreams.call(outbound(), go)
    assert gets(raw) == []


async def test_a_system_that_never_comes_to_an_answer_is_lost(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked so often and no more, and not beyond the call's own time."""
    monkeypatch.setattr(http, "RESUMPTIONS_MAX", 5)
    polling(raw, ends=1000)
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamLostError):
            await upstreams.call(outbound(), go)
    assert len(gets(raw)) <= 5


@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed", "500 Oops"])
async def test_a_system_that_does_not_go_on_loses_the_call(
    raw: RawServer, gateway: Gateway, status: str
) -> None:
    """Whatever it says to that, the call's own answer is not known."""
    polling(raw, ends=1)

    async def again(asked: Asked) -> None:
        await reply(asked, b"", status=status)

    raw.stream = again
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamLostError):
            await upstreams.call(outbound(), go)


async def test_the_sdks_server_ends_a_stream_and_answers_on_another(gateway: Gateway) -> None:
    """With its own ids and its own pause."""
    with everything("http legacy") as system:
        async with gateway(system) as upstreams:
            reply = await upstreams.call(outbound("test_reconnection"), go)
    assert reply.result is not None
    assert "fetched after" in json.dumps(reply.result)
