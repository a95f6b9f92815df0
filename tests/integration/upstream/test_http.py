"""The way out over HTTP: what leaves, when it leaves, and what a lying server can do."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest
from aiohttp.connector import Connection

from sallyport import __version__
from sallyport.adapters.mcp import Limits, McpUpstreams
from sallyport.errors import UpstreamDownError, UpstreamLostError, UpstreamProtocolError
from sallyport.model import System
from sallyport.ports import NotLaunchedError
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.raw import (
    Asked,
    Launches,
    RawServer,
    Spied,
    go,
    hold,
    launch_into,
    outbound,
    raw_server,
    reply,
    self_signed,
)

pytestmark = pytest.mark.anyio

SMALL = Limits(answer_bytes=20_000)


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """Start a raw server."""
    async with raw_server() as server:
        yield server


# What leaves


async def test_nothing_but_our_own_headers_leaves(raw: RawServer, gateway: Gateway) -> None:
    """No cookie, no forwarded header, no proxy's; the system's own credential and session."""
    system = raw.system(credential="desk-token")
    raw.hello_headers += "Set-Cookie: a=b\r\n"
    async with gateway(system, secrets={"desk-token": "s3cret"}) as upstreams:
        await upstreams.call(outbound(), go)

    call = raw.calls()[0]
    assert call.path == "/mcp?a=b"
    assert {name: value for name, value in call.headers.items() if name != "content-length"} == {
        "host": f"127.0.0.1:{raw.port}",
        "accept": "application/json, text/event-stream",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": f"sallyport/{__version__}",
        "mcp-session-id": "session-1",
        "mcp-protocol-version": "2025-11-25",
        "authorization": "Bearer s3cret",
    }


async def test_the_handshake_declares_nothing(raw: RawServer, gateway: Gateway) -> None:
    """We ask for no sampling, elicitation or roots, so no system may ask us."""
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound(), go)

    probe, first, second, third, *_ = raw.seen
    assert probe.rpc == "server/discover"
    assert first.message["params"]["capabilities"] == {}
    assert first.message["params"]["protocolVersion"] == "2025-11-25"
    assert "mcp-session-id" not in first.headers
    assert (second.rpc, third.rpc) == ("notifications/initialized", "tools/call")


async def test_the_arguments_leave_byte_for_byte(raw: RawServer, gateway: Gateway) -> None:
    """The digest covers exactly these bytes."""
    arguments = b'{"z":50.00,"a":1e2,"t":"\\u00e4\xc3\xa4"}'
    async with gateway(raw.system()) as upstreams:
        await upstreams.call(outbound(arguments=arguments), go)

    assert b'"arguments":' + arguments + b"}" in raw.calls()[0].body


async def test_proxies_of_the_environment_are_ignored(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable on the host does not reroute calls with credentials."""
    async with raw_server() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        async with gateway(raw.system()) as upstreams:
            await upstreams.call(outbound(), go)
        assert not proxy.connections


async def test_principals_have_sessions_of_their_own(raw: RawServer, gateway: Gateway) -> None:
    """A pooled session never carries two principals; one principal keeps its session."""
    async with gateway(raw.system()) as upstreams:
        for principal in ("a", "b", "a"):
            await upstreams.call(outbound(principal=principal), go)

    assert [asked.rpc for asked in raw.seen].count("initialize") == 2


async def test_a_new_credential_makes_a_new_session(raw: RawServer, gateway: Gateway) -> None:
    """Rotation takes effect with the next call."""
    secrets = {"desk-token": "old"}
    async with gateway(raw.system(credential="desk-token"), secrets=secrets) as upstreams:
        await upstreams.call(outbound(), go)
        secrets["desk-token"] = "new"
        await upstreams.call(outbound(), go)

    assert [asked.headers["authorization"] for asked in raw.calls()] == ["Bearer old", "Bearer new"]
    assert [asked.rpc for asked in raw.seen].count("initialize") == 2


async def test_a_credential_that_would_forge_a_header_is_not_sent(
    raw: RawServer, gateway: Gateway
) -> None:
    """Line breaks and other bytes outside visible ASCII."""
    for credential in ("a\r\nX-Evil: 1", "a\nb", "ä", "\x00"):
        system = raw.system(credential="t")
        async with gateway(system, secrets={"t": credential}) as upstreams:
            with pytest.raises(UpstreamDownError) as caught:
                await upstreams.call(outbound(), go)
        assert credential not in caught.value.what
    assert not raw.seen


async def test_a_missing_secret_sends_nothing(raw: RawServer, gateway: Gateway) -> None:
    """Fail closed: no call without the credential that was declared."""
    launches = Launches()
    async with gateway(raw.system(credential="gone")) as upstreams:
        with pytest.raises(UpstreamDownError):
            await upstreams.call(outbound(), launches)

    assert (raw.connections, launches.count) == (0, 0)


# When it leaves


async def test_nothing_runs_between_the_launch_and_the_first_byte(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop that another task makes is either seen by the launch or finds the call listed."""
    order: list[str] = []

    def spied(connection: Connection) -> Any:
        protocol = connection.protocol
        return None if protocol is None else Spied(protocol.transport, order)

    monkeypatch.setattr(Connection, "transport", property(spied))
    async with gateway(raw.system()) as upstreams:
        for _ in range(2):
            await upstreams.call(outbound(), launch_into(order))

    # The raw server answers in the same loop, so its own work follows too.
    assert order == ["launch", "write", "anything else"] * 2


async def test_a_refused_launch_sends_no_byte(raw: RawServer, gateway: Gateway) -> None:
    """On a fresh connection and on a warm one."""

    def refuse() -> None:
        raise NotLaunchedError("stopped")

    async with gateway(raw.system()) as upstreams:
        for _ in range(2):
            with pytest.raises(NotLaunchedError):
                await upstreams.call(outbound(), refuse)
        await upstreams.call(outbound("after"), go)

    assert [asked.message["params"]["name"] for asked in raw.calls()] == ["after"]


async def test_an_address_where_nobody_listens_is_down(gateway: Gateway) -> None:
    """Nothing was sent, and the launch was never asked."""
    launches = Launches()
    async with raw_server() as closed:
        system = closed.system()
    async with gateway(system) as upstreams:
        with pytest.raises(UpstreamDownError, match="`desk` cannot be reached"):
            await upstreams.call(outbound(), launches)
        with pytest.raises(UpstreamDownError):
            await upstreams.tools("desk")

    assert not launches.count


@pytest.mark.parametrize("url", ["", "desk", "ftp://desk/", "file:///etc/passwd", "http://", "//x"])
async def test_an_address_that_is_none_is_down(gateway: Gateway, url: str) -> None:
    """Only http and https lead anywhere."""
    async with gateway(System(name="desk", url=url)) as upstreams:
        with pytest.raises(UpstreamDownError, match="address"):
            await upstreams.call(outbound(), go)


async def test_a_system_that_is_not_declared_is_down(gateway: Gateway) -> None:
    """There is no default."""
    async with gateway() as upstreams:
        with pytest.raises(UpstreamDownError, match="`desk` is not connected"):
            await upstreams.call(outbound(), go)


async def test_a_handshake_without_end_is_down(raw: RawServer, gateway: Gateway) -> None:
    """The call's own time bounds the handshake too."""
    launches = Launches()
    raw.greet = hold
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError, match="no answer in time"):
            await upstreams.call(outbound(timeout_ms=50), launches)

    assert not launches.count


@pytest.mark.parametrize(
    "hello",
    [{}, {"protocolVersion": "2026-07-28"}, {"protocolVersion": 1}, {"protocolVersion": []}],
)
async def test_a_handshake_in_another_language_is_down(
    raw: RawServer, gateway: Gateway, hello: dict[str, Any]
) -> None:
    """Only versions that we speak."""
    raw.hello = hello
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError, match="speaks no MCP version"):
            await upstreams.call(outbound(), go)
    assert not raw.calls()


async def test_a_session_named_with_unsafe_text_is_refused(
    raw: RawServer, gateway: Gateway
) -> None:
    """It would be sent back in a header."""
    raw.hello_headers = "Mcp-Session-Id: a b\r\n"
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError, match="session"):
            await upstreams.call(outbound(), go)


# What a lying server can do


def body(text: str) -> Callable[[Asked], Awaitable[None]]:
    """Answer a call with this JSON; `ID` stands for its id."""

    async def answer(asked: Asked) -> None:
        await reply(asked, text.replace("ID", str(asked.message["id"])).encode())

    return answer


def events(*data: str, end: bool = True) -> Callable[[Asked], Awaitable[None]]:
    """Answer a call with a stream of these events."""

    async def answer(asked: Asked) -> None:
        asked.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        )
        for item in data:
            text = item.replace("ID", str(asked.message.get("id")))
            asked.writer.write(f"data: {text}\n\n".encode())
        await asked.writer.drain()
        if end:
            asked.writer.close()

    return answer


def status(line: str, headers: str = "") -> Callable[[Asked], Awaitable[None]]:
    """Answer a call with this status."""

    async def answer(asked: Asked) -> None:
        await reply(asked, b"{}", status=line, headers=headers)

    return answer


async def half(asked: Asked) -> None:
    """Promise more than is sent, and hang up."""
    asked.writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
    )
    await asked.writer.drain()
    asked.writer.close()


async def nothing(asked: Asked) -> None:
    """Hang up without a word."""
    asked.writer.close()


async def rubbish(asked: Asked) -> None:
    """Speak no HTTP."""
    asked.writer.write(b"220 smtp.example.com ready\r\n\r\n")
    await asked.writer.drain()


async def long_head(asked: Asked) -> None:
    """Send a header without end."""
    with suppress(ConnectionError):
        asked.writer.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000)
        await asked.writer.drain()


async def bomb(asked: Asked) -> None:
    """Compress a lot into little."""
    packed = gzip.compress(b" " * 10_000_000)
    await reply(asked, packed, headers="Content-Encoding: gzip\r\n")


async def endless(asked: Asked) -> None:
    """Stream events that never answer."""
    asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    with suppress(ConnectionError):
        while True:
            asked.writer.write(b": still here\n\n" * 100)
            await asked.writer.drain()


async def long_event(asked: Asked) -> None:
    """Stream one event that never ends."""
    asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ")
    with suppress(ConnectionError):
        while True:
            asked.writer.write(b"x" * 1000)
            await asked.writer.drain()


GOOD = '{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}'

LIES: dict[str, tuple[Callable[[Asked], Awaitable[None]], type[UpstreamLostError]]] = {
    "another id": (body(GOOD.replace("ID", "999")), UpstreamProtocolError),
    "the id as text": (body(GOOD.replace("ID", '"ID"')), UpstreamProtocolError),
    "the id as a fraction": (body(GOOD.replace("ID", "ID.0")), UpstreamProtocolError),
    "no id": (body('{"jsonrpc":"2.0","result":{"content":[]}}'), UpstreamProtocolError),
    "two keys": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":[]},"result":{}}'),
        UpstreamProtocolError,
    ),
    "result and error": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":[]},"error":{"code":1,"message":""}}'),
        UpstreamProtocolError,
    ),
    "no content": (body('{"jsonrpc":"2.0","id":ID,"result":{}}'), UpstreamProtocolError),
    "content of texts": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":["x"]}}'),
        UpstreamProtocolError,
    ),
    "not finite": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":[],"n":NaN}}'),
        UpstreamProtocolError,
    ),
    "half a character": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":[],"n":"\\ud800"}}'),
        UpstreamProtocolError,
    ),
    "a huge number": (
        body('{"jsonrpc":"2.0","id":ID,"result":{"content":[],"n":1e999999}}'),
        UpstreamProtocolError,
    ),
    "deep nesting": (body("[" * 9000), UpstreamProtocolError),
    "a batch": (body(f"[{GOOD}]"), UpstreamProtocolError),
    "not JSON": (body("<html>"), UpstreamProtocolError),
    "empty": (body(""), UpstreamProtocolError),
    "too much": (body(" " * 30_000), UpstreamProtocolError),
    "a bomb": (bomb, UpstreamProtocolError),
    "half an answer": (half, UpstreamLostError),
    "no answer": (nothing, UpstreamLostError),
    "no HTTP": (rubbish, UpstreamLostError),
    "a header without end": (long_head, UpstreamLostError),
    "an endless stream": (endless, UpstreamProtocolError),
    "an endless event": (long_event, UpstreamProtocolError),
    "a stream without the answer": (
        events("{}".replace("{}", GOOD.replace("ID", "999"))),
        UpstreamLostError,
    ),
    "a stream of rubbish": (events("{"), UpstreamProtocolError),
    "accepted, no answer": (status("202 Accepted"), UpstreamProtocolError),
    "a redirect": (status("307 Temporary Redirect"), UpstreamProtocolError),
    "a server error": (status("500 Internal Server Error"), UpstreamLostError),
    "a gateway error": (status("502 Bad Gateway"), UpstreamLostError),
    "a time-out of a proxy": (status("408 Request Timeout"), UpstreamLostError),
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_is_no_answer_to_this_call_leaves_it_in_doubt(
    raw: RawServer, gateway: Gateway, lie: str
) -> None:
    """The call left and nobody knows: it is never sent again, and the next one works."""
    raw.script, kind = LIES[lie]
    async with gateway(raw.system(), limits=SMALL) as upstreams:
        with anyio.fail_after(20), pytest.raises(kind) as caught:
            await upstreams.call(outbound(), go)
        assert type(caught.value) is kind
        assert len(raw.calls()) == 1

        raw.script = reply
        assert (await upstreams.call(outbound(), go)).result is not None


async def test_a_system_that_never_answers_leaves_the_call_in_doubt(
    raw: RawServer, gateway: Gateway
) -> None:
    """The whole exchange has a bound."""
    raw.script = hold
    async with gateway(raw.system()) as upstreams:
        await upstreams.tools("desk")
        with pytest.raises(UpstreamLostError, match="no answer in time"):
            await upstreams.call(outbound(timeout_ms=50), go)


async def test_a_gigabyte_is_refused_while_it_arrives(raw: RawServer, gateway: Gateway) -> None:
    """The announced size is enough; without one, what came so far."""
    sent = 0

    async def pour(asked: Asked) -> None:
        nonlocal sent
        asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        with suppress(ConnectionError):
            while sent < 2**30:
                asked.writer.write(b" " * 65536)
                await asked.writer.drain()
                sent += 65536

    async def promise(asked: Asked) -> None:
        asked.writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % 2**30
        )
        await hold(asked)

    async with gateway(raw.system(), limits=SMALL) as upstreams:
        for raw.script in (pour, promise):
            with anyio.fail_after(20), pytest.raises(UpstreamProtocolError):
                await upstreams.call(outbound(), go)

    assert sent < 2**26


@pytest.mark.parametrize("line", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "413 X"])
async def test_a_refusal_by_status_is_a_definite_answer(
    raw: RawServer, gateway: Gateway, line: str
) -> None:
    """400 to 499: the request was not taken."""
    raw.script = status(line)
    async with gateway(raw.system()) as upstreams:
        answer = await upstreams.call(outbound(), go)

    assert answer.error == {"code": -32000, "message": f"the system answered HTTP {line[:3]}"}


async def test_a_refusal_in_the_systems_own_words_is_passed_on(
    raw: RawServer, gateway: Gateway
) -> None:
    """If it is an error for this very call; another's is not ours to repeat."""

    async def refuse(asked: Asked) -> None:
        id_ = asked.message["id"] if asked.message["params"]["name"] == "mine" else 999
        message = {"jsonrpc": "2.0", "id": id_, "error": {"code": -32602, "message": "bad"}}
        await reply(asked, json.dumps(message).encode(), status="400 Bad Request")

    raw.script = refuse
    async with gateway(raw.system()) as upstreams:
        mine = await upstreams.call(outbound("mine"), go)
        other = await upstreams.call(outbound("other"), go)

    assert mine.error == {"code": -32602, "message": "bad"}
    assert other.error is not None
    assert other.error["code"] == -32000


async def test_a_redirect_takes_nothing_along(raw: RawServer, gateway: Gateway) -> None:
    """Neither the arguments nor the credential reach another address."""
    async with raw_server() as other:
        raw.script = status(
            "308 Permanent Redirect", f"Location: http://127.0.0.1:{other.port}/mcp\r\n"
        )
        system = raw.system(credential="t")
        async with gateway(system, secrets={"t": "s3cret"}) as upstreams:
            with pytest.raises(UpstreamProtocolError, match="redirect"):
                await upstreams.call(outbound(), go)
        assert not other.connections


async def test_a_lost_session_is_renewed_for_the_next_call_only(
    raw: RawServer, gateway: Gateway
) -> None:
    """The call that met the 404 is answered, not repeated; watchers hear of the new session."""
    changed: list[str] = []
    async with gateway(raw.system()) as upstreams:
        upstreams.watch(changed.append)
        raw.script = status("404 Not Found")
        lost = await upstreams.call(outbound("first"), go)
        raw.script = reply
        raw.hello_headers = "Mcp-Session-Id: session-2\r\n"
        at_launch: list[list[str]] = []
        found = await upstreams.call(outbound("second"), lambda: at_launch.append([*changed]))

    assert lost.error is not None
    assert found.result is not None
    assert [
        (asked.message["params"]["name"], asked.headers["mcp-session-id"]) for asked in raw.calls()
    ] == [("first", "session-1"), ("second", "session-2")]
    assert at_launch == [["desk"]]


async def test_an_answer_that_came_before_its_question_is_not_taken(
    raw: RawServer, gateway: Gateway
) -> None:
    """A second answer on a pooled connection would answer somebody else's next call."""

    async def doubled(asked: Asked) -> None:
        planted = json.dumps(
            {
                "jsonrpc": "2.0",
                "id": asked.message["id"] + 1,
                "result": {"content": [{"type": "text", "text": "planted"}]},
            }
        ).encode()
        await reply(asked)
        await reply(asked, planted)

    async with gateway(raw.system()) as upstreams:
        raw.script = doubled
        await upstreams.call(outbound(), go)
        raw.script = reply
        answer = await upstreams.call(outbound(), go)

    assert "planted" not in str(answer)
    assert len(raw.calls()) == 2


async def test_requests_of_a_system_in_a_stream_are_declined_and_a_ping_answered(
    raw: RawServer, gateway: Gateway
) -> None:
    """We declared no capabilities; the call goes on in the meantime."""

    def ours() -> list[dict[str, Any]]:
        return [
            asked.message
            for asked in raw.seen
            if "result" in asked.message or "error" in asked.message
        ]

    raw.script = events(
        '{"jsonrpc":"2.0","id":"p","method":"ping"}',
        '{"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{}}',
        '{"jsonrpc":"2.0","method":"notifications/progress","params":{}}',
        GOOD,
    )
    async with gateway(raw.system()) as upstreams:
        answer = await upstreams.call(outbound(), go)
        with anyio.fail_after(10):
            await raw.until(lambda: len(ours()) == 2)

    assert answer.result == {"content": []}
    answers = {message["id"]: message for message in ours()}
    assert answers["p"]["result"] == {}
    assert answers["e"]["error"]["code"] == -32601


async def test_a_stream_that_stays_open_does_not_hold_the_answer_back(
    raw: RawServer, gateway: Gateway
) -> None:
    """The answer is taken when it is here; the connection is not."""
    raw.script = events(GOOD, end=False)
    async with gateway(raw.system()) as upstreams:
        with anyio.fail_after(10):
            assert (await upstreams.call(outbound(), go)).result == {"content": []}


async def test_a_change_of_tools_is_heard_between_calls(raw: RawServer, gateway: Gateway) -> None:
    """A system that announces changes is listened to all the time."""
    heard = asyncio.Event()

    async def stream(asked: Asked) -> None:
        assert asked.headers["accept"] == "text/event-stream"
        await events('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}')(asked)

    raw.hello["capabilities"] = {"tools": {"listChanged": True}}
    raw.stream = stream
    async with gateway(raw.system()) as upstreams:
        upstreams.watch(lambda name: heard.set() if name == "desk" else None)
        await upstreams.tools("desk")
        with anyio.fail_after(10):
            await heard.wait()


# Lists


def page(*names: str, cursor: str = "") -> dict[str, Any]:
    """Return one page of tools."""
    schema: dict[str, Any] = {"type": "object"}
    tools = [{"name": name, "inputSchema": schema} for name in names]
    return {"tools": tools, "nextCursor": cursor} if cursor else {"tools": tools}


@pytest.mark.parametrize(
    "pages",
    [
        {"": page("a", cursor="x"), "x": page("b", cursor="x")},
        {"": page("a", cursor="x"), "x": page("a")},
        {"": page("a", "a")},
        {"": page("a b")},
        {"": page(*(f"t{number}" for number in range(1001)))},
        {"": page(cursor="1")} | {str(n): page(cursor=str(n + 1)) for n in range(1, 101)},
        {"": {"tools": None}},
        {"": {"tools": ["a"]}},
        {"": {"tools": [{"inputSchema": None}]}},
        {"": {"tools": [], "nextCursor": 5}},
        {"": {}},
    ],
)
async def test_a_list_of_tools_that_is_unusable_is_refused(
    raw: RawServer, gateway: Gateway, pages: dict[str, Any]
) -> None:
    """Circles, doubles, bad names, too many, no end, no list."""
    raw.pages = pages
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamProtocolError):
            await upstreams.tools("desk")


# The pool


async def test_a_session_that_nobody_uses_is_ended(raw: RawServer, gateway: Gateway) -> None:
    """On both sides: the system is told."""
    async with gateway(raw.system(), limits=Limits(idle_ms=10)) as upstreams:
        await upstreams.call(outbound(), go)
        with anyio.fail_after(10):
            await raw.until(lambda: raw.seen[-1].method == "DELETE")

    assert raw.seen[-1].headers["mcp-session-id"] == "session-1"


async def test_the_number_of_sessions_is_bounded(raw: RawServer, gateway: Gateway) -> None:
    """The longest unused one makes room; where all are in use, the call is told so."""
    release = asyncio.Event()

    async def wait(asked: Asked) -> None:
        await release.wait()
        await reply(asked)

    async with gateway(raw.system(), limits=Limits(links=2)) as upstreams:
        for principal in "abc":
            await upstreams.call(outbound(principal=principal), go)
        raw.script = wait
        async with anyio.create_task_group() as group:
            for principal in "bc":
                group.start_soon(upstreams.call, outbound(principal=principal), go)
            with anyio.fail_after(10):
                await raw.until(lambda: len(raw.calls()) == 5)
            with pytest.raises(UpstreamDownError, match="in use"):
                await upstreams.call(outbound(principal="d"), go)
            release.set()


async def test_closing_leaves_calls_on_the_wire_in_doubt(raw: RawServer, gateway: Gateway) -> None:
    """And nothing is connected afterwards."""
    raw.script = hold
    outcome: list[Exception] = []

    async with gateway(raw.system()) as upstreams, anyio.create_task_group() as group:

        async def one() -> None:
            try:
                await upstreams.call(outbound(), go)
            except UpstreamLostError as error:
                outcome.append(error)

        group.start_soon(one)
        with anyio.fail_after(10):
            await raw.until(lambda: bool(raw.calls()))
        await upstreams.close()

    assert len(outcome) == 1
    with pytest.raises(UpstreamDownError):
        await upstreams.call(outbound(), go)


async def test_a_system_with_a_new_address_is_reached_there(raw: RawServer) -> None:
    """And one that was disconnected is not reached at all."""
    async with raw_server() as other:
        declared = {"desk": raw.system()}
        upstreams = McpUpstreams(lambda: declared, str)
        try:
            await upstreams.call(outbound(), go)
            declared["desk"] = other.system()
            await upstreams.call(outbound(), go)
            declared.clear()
            with pytest.raises(UpstreamDownError):
                await upstreams.call(outbound(), go)
        finally:
            await upstreams.close()
        assert (len(raw.calls()), len(other.calls())) == (1, 1)


async def test_a_server_that_cannot_prove_its_name_is_not_spoken_to(gateway: Gateway) -> None:
    """A certificate that nobody vouches for: no handshake, no credential, no call."""
    async with raw_server(self_signed()) as server:
        system = server.system("https", credential="t")
        async with gateway(system, secrets={"t": "s3cret"}) as upstreams:
            with pytest.raises(UpstreamDownError, match="Certificate"):
                await upstreams.call(outbound(), go)
        assert not server.seen
