"""Both eras on the way out: which one a system speaks, and what a stateless request looks like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import anyio
import pytest

from sallyport import __version__
from sallyport.adapters.mcp import era, stdio
from sallyport.errors import UpstreamDownError, UpstreamLostError, UpstreamProtocolError
from sallyport.model import Json, JsonObject, System
from tests.integration.upstream.conftest import Gateway, running
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
from tests.integration.upstream.test_real_servers import said
from tests.servers import sdk_server

pytestmark = pytest.mark.anyio

MODERN: JsonObject = {
    "resultType": "complete",
    "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}},
    "ttlMs": 0,
    "cacheScope": "public",
}
OWN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "sallyport", "version": __version__},
    "io.modelcontextprotocol/clientCapabilities": {},
}

Child = Callable[..., System]


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "GRACE_S", 0.2)


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """Start a raw server that speaks the stateless era alone."""
    async with raw_server() as server:
        server.modern = dict(MODERN)
        server.pages = {"": listed({"name": "echo", "inputSchema": {"type": "object"}})}
        yield server


ROOTS_WANTED: JsonObject = {"a": {"method": "roots/list"}}


def listed(*tools: JsonObject) -> JsonObject:
    """Return a page of tools as the stateless era lists them."""
    return {"tools": list(tools), "resultType": "complete", "ttlMs": 1, "cacheScope": "private"}


def answering(result: JsonObject) -> Callable[[Asked], Awaitable[None]]:
    """Answer a call with this result."""

    async def answer(asked: Asked) -> None:
        message = {"jsonrpc": "2.0", "id": asked.message["id"], "result": result}
        await reply(asked, json.dumps(message).encode())

    return answer


def failing(
    code: int, *, status: str = "200 OK", data: Json = None, own_id: bool = True
) -> Callable[[Asked], Awaitable[None]]:
    """Answer with an error."""

    async def answer(asked: Asked) -> None:
        error = {"code": code, "message": "no", "data": data}
        id_ = asked.message["id"] if own_id else "server-error"
        message = {"jsonrpc": "2.0", "id": id_, "error": error}
        await reply(asked, json.dumps(message).encode(), status=status)

    return answer


def bare(status: str, body: bytes = b"") -> Callable[[Asked], Awaitable[None]]:
    """Answer with a status and nothing that is JSON-RPC."""

    async def answer(asked: Asked) -> None:
        await reply(asked, body, status=status)

    return answer


def asked_for(raw: RawServer) -> list[str]:
    """Return the JSON-RPC methods that arrived, in order."""
    return [asked.rpc for asked in raw.seen if asked.rpc]


# Which era it is


async def test_a_stateless_system_is_never_shaken_hands_with(
    raw: RawServer, gateway: Gateway
) -> None:
    """It is discovered once for the link, its tools are listed once, and calls follow alone."""
    async with gateway(raw.system()) as upstreams:
        for principal in ("a", "a", "b"):
            await upstreams.call(outbound(principal=principal), go)

    assert asked_for(raw) == [
        "server/discover",
        "tools/list",
        "tools/call",
        "tools/call",
        "server/discover",
        "tools/call",
    ]
    assert not any("mcp-session-id" in asked.headers for asked in raw.seen)


UNKNOWING: dict[str, Callable[[Asked], Awaitable[None]]] = {
    "method not found over 200": failing(-32601),
    "method not found over 404": failing(-32601, status="404 Not Found"),
    "bad request with another's id": failing(-32600, status="400 Bad Request", own_id=False),
    "bad request": bare("400 Bad Request"),
    "not found": bare("404 Not Found", b"not here"),
    "method not allowed": bare("405 Method Not Allowed"),
    "a crash": bare("500 Internal Server Error", b"oops"),
    "accepted": bare("202 Accepted"),
    "a page": bare("200 OK", b"<html>"),
    "another version": failing(
        -32022, status="400 Bad Request", data={"supported": ["2025-11-25"], "requested": "x"}
    ),
    "discovered, but old": answering({"supportedVersions": ["2025-11-25", "2025-06-18"]}),
    "discovered, but rubbish": answering({"supportedVersions": "2026-07-28"}),
    "an empty result": answering({}),
}


@pytest.mark.parametrize("way", UNKNOWING)
async def test_whatever_does_not_know_discovery_is_shaken_hands_with(
    gateway: Gateway, way: str
) -> None:
    """One question more for a link, none for a call; and the question leaves no trace in others."""
    async with raw_server() as raw:
        raw.probed = UNKNOWING[way]
        async with gateway(raw.system()) as upstreams:
            for _ in range(2):
                assert (await upstreams.call(outbound(), go)).result == RESULT

    assert asked_for(raw) == [
        "server/discover",
        "initialize",
        "notifications/initialized",
        "tools/call",
        "tools/call",
    ]
    for asked in raw.seen[1:]:
        assert "mcp-method" not in asked.headers
        assert "_meta" not in asked.message.get("params", {})


@pytest.mark.parametrize(
    "answer",
    [
        failing(-32022, status="400 Bad Request", data={"supported": ["2027-01-01"]}),
        answering({"supportedVersions": ["2027-01-01"]}),
        answering({"supportedVersions": []}),
    ],
    ids=["refuses ours", "names others", "names none"],
)
async def test_a_system_of_another_time_is_down(
    raw: RawServer, gateway: Gateway, answer: Callable[[Asked], Awaitable[None]]
) -> None:
    """It names its versions, and none of them is ours: a handshake would not help."""
    raw.probed = answer
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError, match="speaks no MCP version"):
            await upstreams.call(outbound(), go)

    assert asked_for(raw) == ["server/discover"]


async def test_a_system_that_says_nothing_to_discovery_is_shaken_hands_with(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some old ones ignore what they do not know."""
    monkeypatch.setattr(era, "PROBE_S", 0.05)
    async with raw_server() as raw:
        raw.probed = hold
        async with gateway(raw.system()) as upstreams:
            assert (await upstreams.call(outbound(), go)).result == RESULT


async def test_a_stateless_system_that_starts_slowly_is_asked_again(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was silent, then it wants no handshake: that is an answer too."""
    monkeypatch.setattr(era, "PROBE_S", 0.05)

    async def late(asked: Asked) -> None:
        raw.probed = None
        monkeypatch.setattr(era, "PROBE_S", 10.0)
        await hold(asked)

    raw.probed = late
    async with gateway(raw.system()) as upstreams:
        assert (await upstreams.call(outbound(), go)).result == RESULT

    assert asked_for(raw)[:3] == ["server/discover", "initialize", "server/discover"]


async def test_a_system_that_comes_back_in_the_handshake_era_is_found_by_the_next_call(
    raw: RawServer, gateway: Gateway
) -> None:
    """The call that met it is refused and not repeated; watchers hear before the next one."""
    changed: list[str] = []
    at_launch: list[list[str]] = []
    async with gateway(raw.system()) as upstreams:
        upstreams.watch(changed.append)
        await upstreams.call(outbound("before"), go)
        raw.modern = None
        raw.script = failing(-32000, status="400 Bad Request", own_id=False)
        met = await upstreams.call(outbound("met"), go)
        raw.script = reply
        after = await upstreams.call(outbound("after"), lambda: at_launch.append([*changed]))

    assert met.error == {"code": -32000, "message": "the system answered HTTP 400"}
    assert after.result == RESULT
    assert at_launch == [["desk"]]
    assert [asked.message["params"]["name"] for asked in raw.calls()] == ["before", "met", "after"]
    assert [asked.headers["mcp-protocol-version"] for asked in raw.calls()] == [
        "2026-07-28",
        "2026-07-28",
        "2025-11-25",
    ]


async def test_a_system_that_comes_back_in_the_stateless_era_is_found_by_the_next_call(
    raw: RawServer, gateway: Gateway
) -> None:
    """The lost session ends the link, as it does within the era."""
    modern, raw.modern = raw.modern, None
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound("before"), go)
        raw.modern = modern
        raw.script = failing(-32020, status="400 Bad Request", own_id=False)
        met = await upstreams.call(outbound("met"), go)
        raw.script = reply
        after = await upstreams.call(outbound("after"), go)

    assert met.error is not None
    assert after.result == RESULT
    assert raw.calls()[-1].headers["mcp-protocol-version"] == "2026-07-28"
    assert "mcp-session-id" not in raw.calls()[-1].headers


@pytest.mark.parametrize("code", [-32601, -32602, -32603, -32020, -32021])
async def test_a_refusal_in_the_words_of_the_era_keeps_the_link(
    raw: RawServer, gateway: Gateway, code: int
) -> None:
    """A bad argument costs no new discovery."""
    raw.script = failing(code, status="400 Bad Request")
    async with gateway(raw.system()) as upstreams:
        for _ in range(2):
            refused = await upstreams.call(outbound(), go)
            assert refused.error is not None
            assert refused.error["code"] == code

    assert asked_for(raw).count("server/discover") == 1


# What a stateless request looks like


async def test_a_stateless_call_says_who_asks_and_nothing_of_the_agent(
    raw: RawServer, gateway: Gateway
) -> None:
    """Our headers alone; what the agent said of itself is not said to the system."""
    claimed: JsonObject = {
        "io.modelcontextprotocol/protocolVersion": "2025-06-18",
        "io.modelcontextprotocol/clientInfo": {"name": "agent", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"sampling": {}},
        "io.modelcontextprotocol/logLevel": "debug",
        "com.example/kept": 1,
    }
    system = raw.system(credential="desk-token")
    async with gateway(system, secrets={"desk-token": "s3cret"}) as upstreams:
        await upstreams.call(outbound(arguments=b'{"n":50.00}', meta=claimed), go)

    call = raw.calls()[0]
    assert {name: value for name, value in call.headers.items() if name != "content-length"} == {
        "host": f"127.0.0.1:{raw.port}",
        "accept": "application/json, text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": f"sallyport/{__version__}",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "echo",
        "authorization": "Bearer s3cret",
    }
    assert b'"arguments":{"n":50.00}' in call.body
    assert call.message["params"]["_meta"] == {"com.example/kept": 1, **OWN}


async def test_every_stateless_request_says_who_asks(raw: RawServer, gateway: Gateway) -> None:
    """Discovery and lists too, with the method in a header."""
    async with gateway(raw.system()) as upstreams:
        await upstreams.tools("desk")

    for asked in raw.seen:
        assert asked.headers["mcp-method"] == asked.rpc
        assert asked.headers["mcp-protocol-version"] == "2026-07-28"
        assert asked.message["params"]["_meta"] == OWN
        assert "mcp-name" not in asked.headers


async def test_arguments_that_a_tool_wants_in_headers_are_there(
    raw: RawServer, gateway: Gateway
) -> None:
    """Text, numbers and truth values, at any depth; what is absent or null has none."""
    wanted: JsonObject = {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "count": {"type": "integer", "x-mcp-header": "Count"},
            "dry": {"type": "boolean", "x-mcp-header": "Dry"},
            "at": {
                "type": "object",
                "properties": {"city": {"type": "string", "x-mcp-header": "City"}},
            },
            "gone": {"type": "string", "x-mcp-header": "Gone"},
            "none": {"type": "string", "x-mcp-header": "None"},
            "plain": {"type": "string"},
        },
    }
    raw.pages = {"": listed({"name": "echo", "inputSchema": wanted})}
    arguments = {
        "region": "a\r\nX-Evil: 1",
        "count": 42,
        "dry": False,
        "at": {"city": "Zürich"},
        "none": None,
        "plain": "x",
    }
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound(arguments=json.dumps(arguments).encode()), go)

    params = {
        name: value
        for name, value in raw.calls()[0].headers.items()
        if name.startswith(("mcp-param", "x-evil"))
    }
    assert params == {
        "mcp-param-region": "=?base64?YQ0KWC1FdmlsOiAx?=",
        "mcp-param-count": "42",
        "mcp-param-dry": "false",
        "mcp-param-city": "=?base64?WsO8cmljaA==?=",
    }


async def test_a_tool_that_wants_headers_it_may_not_have_is_not_offered(
    raw: RawServer, gateway: Gateway
) -> None:
    """The others are."""
    good: JsonObject = {"name": "good", "inputSchema": {"type": "object"}}
    forged: JsonObject = {"type": "string", "x-mcp-header": "A\r\nB"}
    bad: JsonObject = {"name": "bad", "inputSchema": {"properties": {"a": forged}}}
    raw.pages = {"": listed(good, bad)}
    async with gateway(raw.system()) as upstreams:
        assert [pin.tool for pin in await upstreams.tools("desk")] == ["good"]


async def test_a_header_that_no_longer_fits_is_a_change_of_tools(
    raw: RawServer, gateway: Gateway
) -> None:
    """The system wants other headers than it did; the call is refused, and not sent again."""
    changed: list[str] = []
    raw.script = failing(-32020, status="400 Bad Request")
    async with gateway(raw.system()) as upstreams:
        upstreams.watch(changed.append)
        await upstreams.call(outbound(), go)

    assert changed == ["desk"]
    assert len(raw.calls()) == 1


# What a stateless system answers


@pytest.mark.parametrize(
    "furniture, sentence",
    [
        ({"resultType": "input_required", "inputRequests": ROOTS_WANTED}, "for input"),
        ({"resultType": "task", "taskId": "t"}, "with a task"),
        ({"resultType": "com.example/other"}, "unknown kind"),
        ({"resultType": None}, "unknown kind"),
        ({"resultType": ["complete"]}, "unknown kind"),
    ],
)
async def test_a_result_that_we_never_offered_to_take_leaves_the_call_in_doubt(
    raw: RawServer, gateway: Gateway, furniture: JsonObject, sentence: str
) -> None:
    """We declared no capabilities: nobody knows what became of this call."""
    raw.script = answering({**RESULT, **furniture})
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamProtocolError, match=sentence):
            await upstreams.call(outbound(), go)
    assert len(raw.calls()) == 1


async def test_a_result_of_the_older_era_counts_as_complete(
    raw: RawServer, gateway: Gateway
) -> None:
    """It was discovered stateless and leaves out what kind of result this is."""
    raw.script = reply
    async with gateway(raw.system()) as upstreams:
        assert (await upstreams.call(outbound(), go)).result == RESULT


async def test_structured_content_of_the_new_era_is_any_json(
    raw: RawServer, gateway: Gateway
) -> None:
    """A list of rows is not an object, and is passed on."""
    raw.script = answering({**RESULT, "structuredContent": [1, None]})
    async with gateway(raw.system()) as upstreams:
        answer = await upstreams.call(outbound(), go)

    assert answer.result == {**RESULT, "structuredContent": [1, None]}


async def test_a_stateless_system_that_asks_is_not_answered(
    raw: RawServer, gateway: Gateway
) -> None:
    """In this era a client sends no answers at all."""

    async def asking(asked: Asked) -> None:
        asked.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
            b'data: {"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{}}\n\n'
        )
        result = {"jsonrpc": "2.0", "id": asked.message["id"], "result": RESULT}
        asked.writer.write(f"data: {json.dumps(result)}\n\n".encode())
        await asked.writer.drain()
        asked.writer.close()

    raw.script = asking
    async with gateway(raw.system()) as upstreams:
        for _ in range(2):
            assert (await upstreams.call(outbound(), go)).result == RESULT

    assert not [asked for asked in raw.seen if not asked.rpc]


async def test_changes_are_heard_over_a_subscription(raw: RawServer, gateway: Gateway) -> None:
    """It asks for changes of tools alone, and a change reaches the watchers."""
    heard = asyncio.Event()

    async def stream(asked: Asked) -> None:
        assert asked.message["params"]["notifications"] == {"toolsListChanged": True}
        asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        meta = {"io.modelcontextprotocol/subscriptionId": asked.message["id"]}
        for method in ("subscriptions/acknowledged", "tools/list_changed"):
            message: JsonObject = {
                "jsonrpc": "2.0",
                "method": f"notifications/{method}",
                "params": {"_meta": meta},
            }
            asked.writer.write(f"data: {json.dumps(message)}\n\n".encode())
        await hold(asked)

    raw.modern = {**MODERN, "capabilities": {"tools": {"listChanged": True}}}
    raw.stream = stream
    async with gateway(raw.system()) as upstreams:
        upstreams.watch(lambda _: heard.set())
        await upstreams.prepare("desk", "bot")
        with anyio.fail_after(10):
            await heard.wait()

    assert all(asked.method == "POST" for asked in raw.seen)


async def test_a_system_without_subscriptions_is_not_asked_for_one_twice(
    raw: RawServer, gateway: Gateway
) -> None:
    """It announced changes and does not know how to tell them; its calls work."""
    raw.modern = {**MODERN, "capabilities": {"tools": {"listChanged": True}}}
    async with gateway(raw.system()) as upstreams:
        await upstreams.prepare("desk", "bot")
        with anyio.fail_after(10):
            await raw.until(lambda: "subscriptions/listen" in asked_for(raw))
        assert (await upstreams.call(outbound(), go)).result == RESULT

    assert asked_for(raw).count("subscriptions/listen") == 1


# Real servers


async def test_a_real_server_of_either_era_gives_the_same_results(
    system: System, gateway: Gateway
) -> None:
    """Content of every kind, structured content, annotations, icons and meta, untouched."""
    async with gateway(system) as upstreams:
        answer = await upstreams.call(outbound("full"), go)

    expected = {key: value for key, value in sdk_server.FULL.items() if key != "isError"}
    assert answer.result is not None
    assert answer.result.pop("isError", False) is False
    assert json.loads(json.dumps(answer.result, default=float)) == expected


async def test_a_real_server_checks_our_headers_against_the_body(
    system: System, gateway: Gateway
) -> None:
    """The SDK refuses a call whose mirrored arguments are missing or wrong; ours are neither."""
    where = 'a "b"  \tü'
    arguments = json.dumps({"where": where, "n": -7}).encode()
    async with gateway(system) as upstreams:
        answer = await upstreams.call(outbound("region", arguments), go)

    assert said(answer) == {"where": where, "n": -7}


@pytest.mark.parametrize("how", ["sse", "stdio"])
async def test_a_real_stateless_server_tells_of_a_new_tool(gateway: Gateway, how: str) -> None:
    """Over its subscription, and the next list has the tool."""
    heard = asyncio.Event()
    with running(how) as system:
        async with gateway(system) as upstreams:
            upstreams.watch(lambda _: heard.set())
            with anyio.fail_after(20):
                # Nobody outside sees the subscription begin, so the first changes may be missed.
                while not heard.is_set():
                    await upstreams.call(outbound("grow"), go)
            assert "grown" in {pin.tool for pin in await upstreams.tools("desk")}


# Children


@pytest.mark.parametrize("mode", ["modern", "good", "mute", "fragile"])
async def test_a_child_of_either_era_is_called(
    child_system: Child, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Also one that ignores what it does not know, and one that ends at it."""
    monkeypatch.setattr(era, "PROBE_S", 0.5 if mode == "mute" else 10.0)
    async with gateway(child_system(mode)) as upstreams:
        with anyio.fail_after(30):
            for _ in range(2):
                assert (await upstreams.call(outbound(), go)).result == RESULT
        received = [json.loads(line) for line in upstreams.complaints("desk").splitlines()]

    methods = [message["method"] for message in received]
    modern = ["server/discover", "tools/call", "tools/call"]
    shaken = ["initialize", "notifications/initialized", "tools/call", "tools/call"]
    assert (
        methods
        == {
            "modern": modern,
            "good": ["server/discover", *shaken],
            "mute": ["server/discover", *shaken],
            "fragile": shaken,
        }[mode]
    )
    if mode == "modern":
        assert all(message["params"]["_meta"] == OWN for message in received)


async def test_a_child_that_comes_back_in_the_other_era_is_found_by_the_next_call(
    child_system: Child, gateway: Gateway, tmp_path: Path
) -> None:
    """The call that met its end is in doubt; the next one shakes hands."""
    system = child_system("turncoat", environment={"LIFE": str(tmp_path / "life")})
    async with gateway(system) as upstreams:
        with anyio.fail_after(30):
            await upstreams.call(outbound(), go)
            with pytest.raises(UpstreamLostError):
                await upstreams.call(outbound("die"), go)
            assert (await upstreams.call(outbound(), go)).result == RESULT
        received = [json.loads(line) for line in upstreams.complaints("desk").splitlines()]

    assert [message["method"] for message in received] == [
        "server/discover",
        "initialize",
        "notifications/initialized",
        "tools/call",
    ]


async def test_a_stateless_child_that_asks_is_not_answered(
    child_system: Child, gateway: Gateway
) -> None:
    """A client of this era writes no answers."""
    async with gateway(child_system("modern_asks")) as upstreams:
        for _ in range(2):
            assert (await upstreams.call(outbound(), go)).result == RESULT
        received = upstreams.complaints("desk")

    assert "elicitation" not in received
    assert all("method" in json.loads(line) for line in received.splitlines())


@pytest.mark.parametrize("mode", ["recounts", "modern_recounts"])
async def test_a_child_hears_that_nobody_waits_any_more(
    child_system: Child, gateway: Gateway, mode: str
) -> None:
    """There is no stream to close, so the cancellation is a message."""
    launched = asyncio.Event()
    async with gateway(child_system(mode)) as upstreams:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(upstreams.call, outbound("hold"), launched.set)
                await launched.wait()
                group.cancel_scope.cancel()
            received = said(await upstreams.call(outbound("recount"), go))

    assert isinstance(received, list)
    *_, call, cancelled, _ = received
    assert isinstance(call, dict)
    assert isinstance(cancelled, dict)
    assert cancelled["method"] == "notifications/cancelled"
    assert cancelled["params"] == {"requestId": call["id"]}
