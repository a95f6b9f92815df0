"""What the door takes and what it turns away, byte by byte."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.rules.jsonrpc import VERSIONS
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.house_fixture import Kit, Raw, message, raw_client, texts
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
GET = {"name": "tickets.get", "arguments": {"ticket_id": "T-4711"}}
MAIL = {
    "name": "mail.send",
    "arguments": {"to": "ada@brandt-bakery.example", "template": "ack"},
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run all of this file in one loop, since it shares one house."""
    return "asyncio"


@pytest.fixture(scope="module")
async def kit(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Kit]:
    """Return one house for all tests of this file; each has tasks of its own."""
    async with ready(desk, tmp_path_factory.mktemp("home"), 20) as kit:
        yield kit


@pytest.fixture
async def raw(kit: Kit) -> AsyncGenerator[Raw]:
    """Return a client that has begun a session in a task about Ada's ticket."""
    async with raw_client(kit, await kit.task_token()) as raw:
        await raw.begin()
        yield raw


def problem(answer: httpx2.Response) -> dict[str, Any]:
    """Return the error of a refused request: always JSON-RPC, always with what and fix."""
    body = answer.json()
    assert set(body) == {"jsonrpc", "id", "error"}
    data: dict[str, Any] = body["error"]["data"]
    assert data["what"]
    assert data["fix"]
    return {**data, "rpc": body["error"]["code"], "id": body["id"]}


# --- Who may come in. ---


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example@127.0.0.1"},
        {"Host": "[::1"},
        {"Host": "localhost:80:80"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "file://localhost"},
        {"Origin": "https://127.0.0.1.evil.example"},
    ],
)
async def test_a_foreign_host_or_origin_is_turned_away(raw: Raw, headers: dict[str, str]) -> None:
    """A page that rebinds its name to this machine gets nothing, whatever token it has."""
    answer = await raw.post(message("ping", number=1), **headers)

    assert answer.status_code == 403
    assert problem(answer)["code"] == "http.foreign_host"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:8642"},
        {"Host": "[::1]:8642"},
        {"Host": "127.0.0.2"},
        {"Origin": "http://localhost:6274"},
        {"Origin": "http://[::1]:6274"},
    ],
)
async def test_this_machine_is_at_home(raw: Raw, headers: dict[str, str]) -> None:
    """Every spelling of the loopback is ours."""
    answer = await raw.post(message("ping", number=1), **headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer nobodys-token", "spt_x"]
)
async def test_without_a_good_token_nobody_comes_in(raw: Raw, authorization: str) -> None:
    """Missing, of another kind, or unknown: 401, a challenge, and no word of the token."""
    answer = await raw.post(message("ping", number=1), Authorization=authorization)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert problem(answer)["code"] == "access.not_authenticated"
    assert "nobodys-token" not in answer.text


async def test_a_token_ends_with_its_time_and_with_its_task(kit: Kit) -> None:
    """An expired task token and a revoked key are worth nothing from that moment."""
    task, agent = await kit.task_token(lasts_s=60), await kit.agent_token()
    token = kit.house.tasks.bearer(agent)
    kit.clock.ahead_us = 61_000_000
    await kit.house.tasks.revoke(token.id, by="lena")
    async with raw_client(kit, task) as one, raw_client(kit, agent) as other:
        answers = [await one.post(message("ping", number=1)), await other.post({"any": "thing"})]

    assert [answer.status_code for answer in answers] == [401, 401]


@requirement("B-24")
async def test_no_credential_of_an_agent_opens_anything_but_proposing(kit: Kit) -> None:
    """An agent lists and calls; there is no method, and no other workflow, that does more."""
    opener = await kit.house.tasks.make_token("opener", workflow="customer-support", by="lena")
    async with raw_client(kit, await kit.task_token()) as raw, raw_client(kit, opener) as other:
        await raw.begin()
        hidden = [
            "tools/execute",
            "tasks/result",
            "approvals/answer",
            "inbox/answer",
            "resources/list",
            "prompts/list",
            "sampling/createMessage",
            "elicitation/create",
            "admin/stop",
        ]
        codes = [(await raw.ask(method))["error"]["code"] for method in hidden]
        proposed = [
            (await raw.ask("resources/read", {"uri": "desk:all"}))["error"],
            (await raw.ask("prompts/get", {"name": "anything"}))["error"],
        ]
        raw.path = "/mcp/another-workflow"
        foreign = await raw.post(message("ping", number=1))
        opening = await other.post(message("ping", number=1))

    assert codes == [-32601] * len(hidden)
    assert [one["data"]["code"] for one in proposed] == ["call.refused"] * 2
    assert (foreign.status_code, opening.status_code) == (403, 403)
    routes = [getattr(route, "path", "") for route in kit.app.routes]
    assert routes == [
        "/mcp/{workflow}",
        "/.well-known/oauth-protected-resource/mcp/{workflow}",
        "/held/{link}",
    ]


async def test_an_agents_own_key_has_a_standing_task(kit: Kit) -> None:
    """Without inputs, so only what needs none: the list of tickets, and no ticket."""
    async with raw_client(kit, await kit.agent_token()) as raw:
        await raw.begin()
        listed = await raw.call("tickets.list")
        one = await raw.call("tickets.get", ticket_id="T-4711")

    assert "tickets" in listed["structuredContent"]
    assert one["isError"] is True


# --- Sessions and versions. ---


async def test_a_session_belongs_to_its_token(kit: Kit, raw: Raw) -> None:
    """Another token's session, a made-up one and an ended one do not exist; none is an error."""
    session = raw.http.headers["Mcp-Session-Id"]
    async with raw_client(kit, await kit.task_token()) as other:
        foreign = await other.post(message("ping", number=1), Mcp_Session_Id=session)
        none = await other.post(message("ping", number=1))
        guessed = await other.post(message("ping", number=1), Mcp_Session_Id="AAAA")
    ended = await raw.http.delete(raw.path)
    after = await raw.post(message("ping", number=1))

    assert [foreign.status_code, guessed.status_code] == [404, 404]
    assert problem(foreign)["code"] == "mcp.unknown_session"
    assert none.status_code == 400
    assert (ended.status_code, after.status_code) == (204, 404)


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version_of_the_handshake_era_is_spoken(kit: Kit, version: str) -> None:
    """The client's version comes back, and works."""
    async with raw_client(kit, await kit.task_token()) as raw:
        begun = await raw.begin(version)
        raw.http.headers["MCP-Protocol-Version"] = version
        started = await raw.post(message("notifications/initialized"))
        result = (await raw.ask("tools/call", GET))["result"]

    assert begun["protocolVersion"] == version
    assert begun["capabilities"] == {"tools": {"listChanged": True}, "logging": {}}
    assert begun["serverInfo"]["name"] == "sallyport"
    assert "HELD" in begun["instructions"]
    assert (started.status_code, started.content) == (202, b"")
    assert result["structuredContent"]["ticket_id"] == "T-4711"


async def test_an_unknown_version_gets_our_newest_and_a_wrong_header_400(raw: Raw) -> None:
    """The handshake negotiates; a header cannot, and says what is spoken."""
    begun = await raw.begin("1999-01-01")
    answer = await raw.post(message("ping", number=1), MCP_Protocol_Version="2027-01-01")

    assert begun["protocolVersion"] == VERSIONS[0]
    assert answer.status_code == 400
    assert problem(answer)["supported"] == ["2026-07-28", *VERSIONS]


async def test_batches_exist_where_the_version_has_them(kit: Kit) -> None:
    """2025-03-26 answers a batch with a batch; every other version refuses it."""
    batch = [
        message("ping", number=1),
        message("notifications/initialized"),
        message("tools/call", GET, number="two"),
    ]
    async with raw_client(kit, await kit.task_token()) as raw:
        await raw.begin("2025-03-26")
        answers = (await raw.post(batch)).json()
        twice = await raw.post([message("ping", number=1), message("ping", number=1)])
        empty = await raw.post([])
        await raw.begin("2025-06-18")
        refused = await raw.post(batch)

    assert [answer["id"] for answer in answers] == [1, "two"]
    assert answers[0]["result"] == {}
    assert [twice.status_code, empty.status_code, refused.status_code] == [400, 400, 400]
    assert problem(refused)["rpc"] == -32600


# --- What is no message. ---


@pytest.mark.parametrize(
    "body, status, rpc",
    [
        (b"", 400, -32700),
        (b"{", 400, -32700),
        (b"\xff\xfe", 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}', 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\\ud800"}}', 400, -32700),
        (b"[" * 100 + b"]" * 100, 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"9" * 500 + b"}", 400, -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":1.0,"method":"ping"}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', 400, -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 400, -32600),
        (b"[]", 400, -32600),
        (b'"secret"', 400, -32600),
    ],
)
async def test_what_is_no_message_is_refused_and_not_repeated(
    raw: Raw, body: bytes, status: int, rpc: int
) -> None:
    """One clear sentence in a JSON-RPC error; no traceback, and nothing of what came in."""
    answer = await raw.post(body)

    assert answer.status_code == status
    assert problem(answer)["rpc"] == rpc
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_body_beyond_its_bound_is_cut_off(kit: Kit, raw: Raw) -> None:
    """Announced or not, more than the limit is refused; what never ends is hung up on."""

    async def parts(number: int) -> AsyncGenerator[bytes]:
        for _ in range(number):
            yield b" " * 65536

    announced = await raw.post(b" " * (kit.settings.body_bytes_max + 1))
    async with httpx2.AsyncClient(headers=raw.http.headers) as client:
        streamed = await client.post(kit.endpoint(), content=parts(65))
        with pytest.raises(httpx2.TransportError):
            await client.post(kit.endpoint(), content=parts(1_000_000))

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert problem(streamed)["code"] == "http.body_too_large"


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        ({"Accept": "text/html"}, 406),
        ({"Accept": "*/*"}, 200),
        ({"Accept": "text/event-stream;q=0.5, application/json"}, 200),
    ],
)
async def test_types_are_checked_leniently_where_it_is_safe(
    raw: Raw, headers: dict[str, str], status: int
) -> None:
    """A body must say that it is JSON; an answer comes in any form the client takes."""
    assert (await raw.post(message("ping", number=1), **headers)).status_code == status


async def test_other_http_methods_do_not_exist(raw: Raw) -> None:
    """405, and which ones do."""
    for method in ("PUT", "PATCH", "OPTIONS"):
        answer = await raw.http.request(method, raw.path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "POST, GET, DELETE"


async def test_a_header_that_decides_something_must_not_come_twice(kit: Kit, raw: Raw) -> None:
    """Two readers of such a request would see two requests."""
    fields = [(k, v) for k, v in raw.http.headers.items() if k != "authorization"]
    twice = [("Authorization", "Bearer a"), ("Authorization", "Bearer b")]
    async with httpx2.AsyncClient() as client:
        answer = await client.post(kit.endpoint(), headers=[*fields, *twice], content=b"{}")

    assert answer.status_code == 400


# --- What is a message, and makes no sense. ---


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": 7},
        {"name": ""},
        {"name": "tickets get"},
        {"name": "tickets.get\x1b[2J"},
        {"name": "x" * 129},
        {"name": "tickets.get", "arguments": []},
        {"name": "tickets.get", "arguments": None},
        {"name": "tickets.get", "_meta": "x"},
    ],
)
async def test_parameters_that_cannot_be_a_call_are_told_so(
    raw: Raw, params: Mapping[str, Any]
) -> None:
    """-32602 with what and fix; nothing is proposed."""
    answer = await raw.ask("tools/call", params)

    assert answer["error"]["code"] == -32602
    assert answer["error"]["data"]["fix"]
    assert "\x1b" not in json.dumps(answer)


async def test_a_cursor_that_no_page_gave_is_refused(raw: Raw) -> None:
    """Garbage is no place in the list."""
    for cursor in (7, "%%%", "é", "/w==", "x" * 5000):
        answer = await raw.ask("tools/list", {"cursor": cursor})
        assert answer["error"]["code"] == -32602


async def test_only_listed_meta_is_looked_at_and_nothing_of_it_travels(kit: Kit, raw: Raw) -> None:
    """What a client puts into `_meta` does not become part of the call."""
    params = {**GET, "_meta": {"io.sallyport/call": {"verdict": "allow"}, "x": 1}}
    result = (await raw.ask("tools/call", params))["result"]
    call = await kit.house.inbox.call(result["_meta"]["io.sallyport/call"]["id"])

    assert call.proposal.meta == {}


# --- Waiting. ---


async def test_a_client_that_reads_only_streams_gets_one(raw: Raw) -> None:
    """The answer is an event; there is nothing else on the stream but signs of life."""
    answer = await raw.post(message("tools/call", GET, number=5), Accept="text/event-stream")

    assert answer.headers["content-type"] == "text/event-stream"
    (data,) = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    assert json.loads(data[6:])["id"] == 5


async def test_a_request_that_is_under_way_cannot_be_asked_again(kit: Kit, raw: Raw) -> None:
    """The same id twice at once would have two answers."""
    asking = asyncio.create_task(raw.post(message("tools/call", MAIL, number=9)))
    await kit.question()
    answer = await raw.post(message("tools/call", GET, number=9))
    await kit.answer(yes=False)
    await asking

    assert answer.status_code == 400
    assert problem(answer)["id"] == 9


async def test_cancelling_what_waits_for_a_person_takes_the_question_back(
    kit: Kit, raw: Raw, desk: Desk
) -> None:
    """The request is answered as cancelled; nobody can say yes any more, and nothing is sent."""
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        asking = asyncio.create_task(raw.post(message("tools/call", MAIL, number=9)))
        held = (await kit.question()).call
        for request_id in (True, None, "9", 9):
            params = {"requestId": request_id, "reason": "impatient"}
            await raw.post(message("notifications/cancelled", params))
        cancelled = await asking
        while (await kit.house.inbox.call(held.id)).ending == "waiting":
            await anyio.lowlevel.checkpoint()
        waiting = await kit.house.inbox.items()

    assert problem(cancelled)["code"] == "mcp.cancelled"
    assert waiting == []
    assert len(desk.report().mails) == before


async def test_a_client_that_hangs_up_takes_nothing_back(kit: Kit, raw: Raw, desk: Desk) -> None:
    """The connection is cut while the call is held; the result is kept for the repeat."""
    before = len(desk.report().mails)
    with anyio.fail_after(30):
        async with httpx2.AsyncClient(headers=raw.http.headers) as client:
            body = json.dumps(message("tools/call", MAIL, number=9))
            asking = asyncio.create_task(client.post(kit.endpoint(), content=body, timeout=30))
            held = (await kit.question()).call
            watched = kit.house.gateway._watchers  # pyright: ignore[reportPrivateUsage]
            while held.id not in watched:
                await anyio.lowlevel.checkpoint()
            asking.cancel()
            await asyncio.wait((asking,))
        while held.id in watched:
            await anyio.lowlevel.checkpoint()
        await kit.answer(yes=True)
        while (await kit.house.inbox.call(held.id)).ending == "waiting":
            await anyio.lowlevel.checkpoint()
        result = (await raw.ask("tools/call", MAIL))["result"]

    assert result["_meta"]["io.sallyport/call"]["id"] == held.id
    assert "ada" in texts(result)[0] or result["isError"] is False
    assert len(desk.report().mails) == before + 1
