"""What a system says in the middle of a call reaches whoever asked for it, and nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from sallyport.adapters.mcp import talk
from sallyport.model import JsonObject, System
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.everything import WAYS, everything
from tests.integration.upstream.raw import (
    RESULT,
    Asked,
    RawServer,
    go,
    hold,
    outbound,
    raw_server,
    reply,
)

pytestmark = pytest.mark.anyio

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.fixture(params=WAYS, scope="module")
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """Run the server with one of everything, in each way."""
    with everything(request.param) as found:
        yield found


@pytest.fixture(params=["handshake", "stateless"])
async def raw(request: pytest.FixtureRequest) -> AsyncIterator[RawServer]:
    """Start a raw server of either era that logs."""
    able: JsonObject = {"logging": {}}
    async with raw_server() as server:
        server.hello["capabilities"] = able
        if request.param == "stateless":
            server.modern = {"supportedVersions": ["2026-07-28"], "capabilities": able}
        yield server


class Ear:
    """Remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, JsonObject]] = []

    def __call__(self, method: str, params: JsonObject) -> None:
        """Hear."""
        self.heard.append((method, params))


def note(method: str, **params: Any) -> bytes:
    """Return a notification as an event."""
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return f"data: {json.dumps(message)}\n\n".encode()


def final(asked: Asked) -> bytes:
    """Return the answer as an event."""
    message = {"jsonrpc": "2.0", "id": asked.message["id"], "result": RESULT}
    return f"data: {json.dumps(message)}\n\n".encode()


def token(asked: Asked) -> Any:
    """Return the token under which a call wants to hear of progress."""
    return asked.message["params"].get("_meta", {}).get("progressToken")


async def test_progress_is_heard_without_the_token_it_travelled_under(
    system: System, gateway: Gateway
) -> None:
    """The token is ours and of this hop."""
    ear = Ear()
    async with gateway(system) as upstreams:
        await upstreams.call(outbound("test_tool_with_progress", progress=True), go, ear)
    assert [method for method, _ in ear.heard] == ["notifications/progress"] * 3
    assert [int(str(params["progress"])) for _, params in ear.heard] == [0, 50, 100]
    assert all(params.keys() == {"progress", "total", "message"} for _, params in ear.heard)


async def test_log_messages_are_heard_from_the_level_asked_for_on(
    system: System, gateway: Gateway
) -> None:
    """The server logs at `info`."""
    ear, deaf = Ear(), Ear()
    async with gateway(system) as upstreams:
        await upstreams.call(outbound("test_tool_with_logging", log_level="info"), go, ear)
        await upstreams.call(outbound("test_tool_with_logging", log_level="warning"), go, deaf)
    assert [params["data"] for _, params in ear.heard] == ["started", "at work", "done"]
    assert deaf.heard == []


@pytest.mark.parametrize("tool", ["test_tool_with_progress", "test_tool_with_logging"])
async def test_who_wants_to_hear_nothing_hears_nothing(
    system: System, gateway: Gateway, tool: str
) -> None:
    """An ear alone asks for nothing, and the call is the same."""
    ear = Ear()
    async with gateway(system) as upstreams:
        reply = await upstreams.call(outbound(tool), go, ear)
    assert reply.result is not None
    assert ear.heard == []


async def test_each_call_hears_its_own_progress(raw: RawServer, gateway: Gateway) -> None:
    """A token names one call; on another call's stream it still names that one."""
    both: list[Asked] = []
    ready = asyncio.Event()

    async def script(asked: Asked) -> None:
        both.append(asked)
        if len(both) == 2:
            ready.set()
        await ready.wait()
        mine, other = both if asked is both[0] else both[::-1]
        asked.writer.write(STREAM)
        asked.writer.write(note("notifications/progress", progressToken=token(other), progress=1))
        asked.writer.write(note("notifications/progress", progressToken=token(mine), progress=2))
        asked.writer.write(note("notifications/progress", progressToken="guessed", progress=3))
        asked.writer.write(note("notifications/progress", progressToken=True, progress=4))
        await asked.writer.drain()
        if mine is both[0]:
            await hold(asked)
        asked.writer.write(final(asked))
        asked.writer.close()

    raw.script = script
    ears = {name: Ear() for name in ("first", "second")}
    async with gateway(raw.system()) as upstreams:
        calls = [
            asyncio.ensure_future(upstreams.call(outbound(name, progress=True), go, ear))
            for name, ear in ears.items()
        ]
        _, pending = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    assert token(both[0]) != token(both[1])
    heard = [[params["progress"] for _, params in ear.heard] for ear in ears.values()]
    assert all(set(map(str, one)) <= {"1", "2"} for one in heard)


async def test_a_call_hears_so_much_and_no_more(raw: RawServer, gateway: Gateway) -> None:
    """A system cannot keep us busy by talking; its answer still counts."""

    async def script(asked: Asked) -> None:
        asked.writer.write(STREAM)
        for number in range(talk.HEARD_MAX + 10):
            asked.writer.write(
                note("notifications/progress", progressToken=token(asked), progress=number)
            )
        asked.writer.write(final(asked))
        await asked.writer.drain()
        asked.writer.close()

    raw.script = script
    ear = Ear()
    async with gateway(raw.system()) as upstreams:
        assert (await upstreams.call(outbound(progress=True), go, ear)).result == RESULT
    assert len(ear.heard) == talk.HEARD_MAX


@pytest.mark.parametrize(
    "method, params",
    [
        ("notifications/progress", {}),
        ("notifications/progress", {"progress": "half"}),
        ("notifications/progress", {"progress": True}),
        ("notifications/progress", {"progress": 1, "message": 1}),
        ("notifications/message", {"level": "loud", "data": "x"}),
        ("notifications/message", {"level": "error"}),
        ("notifications/message", {"level": "error", "data": "x", "logger": 1}),
        ("notifications/message", {"level": "debug", "data": "x"}),
        ("notifications/elicitation/complete", {"elicitationId": "e"}),
        ("notifications/com.example/other", {"data": "x"}),
    ],
)
async def test_what_is_malformed_or_unknown_is_not_heard(
    raw: RawServer, gateway: Gateway, method: str, params: JsonObject
) -> None:
    """It is dropped quietly; the call is the same."""

    async def script(asked: Asked) -> None:
        asked.writer.write(STREAM)
        asked.writer.write(note(method, progressToken=token(asked), **params))
        asked.writer.write(final(asked))
        await asked.writer.drain()
        asked.writer.close()

    raw.script = script
    ear = Ear()
    async with gateway(raw.system()) as upstreams:
        call = outbound(progress=True, log_level="info")
        assert (await upstreams.call(call, go, ear)).result == RESULT
    assert ear.heard == []


async def test_only_members_that_are_known_are_passed_on(raw: RawServer, gateway: Gateway) -> None:
    """What a system adds, and what speaks about this hop, ends here."""

    async def script(asked: Asked) -> None:
        asked.writer.write(STREAM)
        extra: JsonObject = {"_meta": {"io.sallyport/call": {}}, "more": 1}
        asked.writer.write(note("notifications/message", level="error", data={"a": 1}, **extra))
        asked.writer.write(final(asked))
        await asked.writer.drain()
        asked.writer.close()

    raw.script = script
    ear = Ear()
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound(log_level="error"), go, ear)
    assert ear.heard == [("notifications/message", {"level": "error", "data": {"a": 1}})]


async def test_the_level_is_set_when_it_differs_and_the_server_logs(
    raw: RawServer, gateway: Gateway
) -> None:
    """In the handshake era once for a link; in the stateless era with each request."""
    raw.script = reply
    async with gateway(raw.system()) as upstreams:
        for level in ("", "info", "info", "error"):
            await upstreams.call(outbound(log_level=level), go)
    set_to = [a.message["params"]["level"] for a in raw.seen if a.rpc == "logging/setLevel"]
    metas = [call.message["params"].get("_meta", {}) for call in raw.calls()]
    said = [meta.get("io.modelcontextprotocol/logLevel") for meta in metas]
    if raw.modern is None:
        assert (set_to, said) == (["info", "error"], [None] * 4)
    else:
        assert (set_to, said) == ([], [None, "info", "info", "error"])


async def test_an_agents_own_token_never_reaches_a_system(raw: RawServer, gateway: Gateway) -> None:
    """Tokens are of one hop."""
    raw.script = reply
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound(meta={"progressToken": "agent's"}), go)
    assert token(raw.calls()[0]) is None
