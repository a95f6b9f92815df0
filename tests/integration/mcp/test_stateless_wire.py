"""What the stateless era's requests must say, byte by byte, and how each slip is answered."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.model import JsonObject, Stage
from sallyport.rules.jsonrpc import VERSIONS
from tests.integration.mcp import recording
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.house_fixture import (
    WORKFLOW,
    Kit,
    Raw,
    listening,
    message,
    opened,
    raw_client,
)
from tests.integration.mcp.recording import Recorder

pytestmark = pytest.mark.anyio

NOW = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
META: dict[str, Any] = {f"{PREFIX}protocolVersion": NOW, f"{PREFIX}clientCapabilities": {}}
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
    """Return a client that speaks for itself in every request."""
    async with raw_client(kit, await kit.task_token()) as raw:
        raw.http.headers["MCP-Protocol-Version"] = NOW
        yield raw


async def send(
    raw: Raw, method: str, params: Mapping[str, Any] | None = None, /, **headers: str
) -> httpx2.Response:
    """Send a request as it should be; a header given as empty text is left out."""
    body = message(method, {"_meta": META, **(params or {})}, number=7)
    fields = {"Mcp-Method": method}
    if params and "name" in params:
        fields["Mcp-Name"] = str(params["name"])
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = raw.http.build_request("POST", raw.path, json=body, headers=fields)
    for name, value in fields.items():
        if not value:
            del request.headers[name]
    return await raw.http.send(request)


def problem(answer: httpx2.Response) -> tuple[int, int]:
    """Return the HTTP status and the JSON-RPC code of a refusal, which is always a whole one."""
    body = answer.json()
    assert set(body) == {"jsonrpc", "id", "error"}
    assert body["id"] == 7
    assert body["error"]["data"]["what"]
    assert body["error"]["data"]["fix"]
    return answer.status_code, body["error"]["code"]


# --- What every request says. ---


async def test_a_first_request_needs_nothing_before_it(raw: Raw) -> None:
    """List and call at once; every result is whole, says who answers, and begins no session."""
    found = await send(raw, "server/discover")
    listed = await send(raw, "tools/list")
    called = await send(raw, "tools/call", GET)
    answers = [found, listed, called]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("mcp-session-id" in answer.headers for answer in answers)
    results = [answer.json()["result"] for answer in answers]
    assert [result["resultType"] for result in results] == ["complete"] * 3
    names = [result["_meta"][f"{PREFIX}serverInfo"]["name"] for result in results]
    assert names == ["sallyport"] * 3
    assert results[0]["supportedVersions"] == [NOW, *VERSIONS]
    assert results[0]["capabilities"] == {
        "tools": {"listChanged": True},
        "logging": {},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    }
    assert "HELD" in results[0]["instructions"]
    assert [result["cacheScope"] for result in results[:2]] == ["private", "private"]
    assert all(isinstance(result["ttlMs"], int) for result in results[:2])
    assert results[2]["structuredContent"]["ticket_id"] == "T-4711"


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"_meta": None},
        {"_meta": []},
        {"_meta": {}},
        {"_meta": {f"{PREFIX}protocolVersion": NOW}},
        {"_meta": {f"{PREFIX}clientCapabilities": {}}},
        {"_meta": {**META, f"{PREFIX}protocolVersion": 7}},
        {"_meta": {**META, f"{PREFIX}clientCapabilities": None}},
        {"_meta": {**META, f"{PREFIX}clientCapabilities": []}},
    ],
)
async def test_a_request_that_does_not_say_what_it_is_gets_400(
    raw: Raw, params: dict[str, Any] | None
) -> None:
    """Version and capabilities stand in each one; nothing is taken from an earlier one."""
    answer = await raw.post(message("tools/list", params, number=7), Mcp_Method="tools/list")

    assert problem(answer) == (400, -32602)


@pytest.mark.parametrize(
    "headers",
    [
        {"MCP_Protocol_Version": ""},
        {"MCP_Protocol_Version": "2025-11-25"},
        {"MCP_Protocol_Version": "2027-01-01"},
        {"Mcp_Method": ""},
        {"Mcp_Method": "tools/list"},
        {"Mcp_Method": "Tools/Call"},
        {"Mcp_Name": ""},
        {"Mcp_Name": "mail.send"},
        {"Mcp_Name": "TICKETS.GET"},
        {"Mcp_Name": "=?base64?bWFpbC5zZW5k?="},
        {"Mcp_Name": "=?base64?dGlja2V0cy5nZXQ?="},
        {"Mcp_Name": "=?base64?!!!!?="},
    ],
)
async def test_a_header_that_is_missing_or_says_something_else_is_a_mismatch(
    raw: Raw, desk: Desk, headers: dict[str, str]
) -> None:
    """400 and -32020; what a router saw and what would be done never differ."""
    before = dict(desk.report().answered)
    answer = await send(raw, "tools/call", GET, **headers)

    assert problem(answer) == (400, -32020)
    assert dict(desk.report().answered) == before


async def test_a_name_may_come_encoded(raw: Raw) -> None:
    """The sentinel form of the same name is the same name."""
    answer = await send(raw, "tools/call", GET, Mcp_Name="=?base64?dGlja2V0cy5nZXQ=?=")

    assert answer.json()["result"]["isError"] is False


async def test_headers_that_route_must_not_come_twice(kit: Kit, raw: Raw) -> None:
    """Two readers would take two different ones."""
    body = json.dumps(message("tools/list", {"_meta": META}, number=7))
    for name in ("Mcp-Method", "MCP-Protocol-Version", "Mcp-Param-Region"):
        twice = [*raw.http.headers.items(), ("Mcp-Method", "tools/list"), (name, "a"), (name, "b")]
        async with httpx2.AsyncClient() as client:
            answer = await client.post(kit.endpoint(), headers=twice, content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == -32020


@pytest.mark.parametrize("version", ["v999.0.0", "2027-01-01", VERSIONS[0]])
async def test_a_version_that_is_not_spoken_this_way_says_which_are(raw: Raw, version: str) -> None:
    """400 and -32022, with the list and what was asked for."""
    params = {"_meta": {**META, f"{PREFIX}protocolVersion": version}}
    answer = await send(raw, "tools/list", params, MCP_Protocol_Version=version)

    assert problem(answer) == (400, -32022)
    data = answer.json()["error"]["data"]
    assert data["supported"] == [NOW, *VERSIONS]
    assert data["requested"] == version


async def test_what_does_not_look_like_a_version_is_not_repeated(raw: Raw) -> None:
    """An answer is no place for what a client makes up."""
    version = "<script>alert(1)</script>"
    params = {"_meta": {**META, f"{PREFIX}protocolVersion": version}}
    answer = await send(raw, "tools/list", params, MCP_Protocol_Version=version)

    assert problem(answer) == (400, -32022)
    assert "script" not in answer.text


@pytest.mark.parametrize(
    "method",
    [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "prompts/list",
        "tasks/list",
        "approvals/answer",
        "tools/execute",
    ],
)
async def test_methods_that_this_version_does_not_have_are_404(raw: Raw, method: str) -> None:
    """With the JSON-RPC error in it, so that nobody takes it for a wrong address."""
    assert problem(await send(raw, method)) == (404, -32601)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": 7},
        {"name": "tickets.get", "arguments": []},
        {"name": "tickets.get", "arguments": {}, "requestState": "forged"},
        {"name": "tickets.get", "arguments": {}, "inputResponses": {}},
    ],
)
async def test_parameters_that_cannot_be_a_call_are_400(
    raw: Raw, params: Mapping[str, Any]
) -> None:
    """State that nobody handed out is among them."""
    assert problem(await send(raw, "tools/call", params)) == (400, -32602)


async def test_one_message_is_one_request(raw: Raw) -> None:
    """No batch and no response; a notification is taken and means nothing."""
    batch = await raw.post([message("tools/list", {"_meta": META}, number=1)])
    response = await raw.post({"jsonrpc": "2.0", "id": 1, "result": {}})
    cancelled = await raw.post(message("notifications/cancelled", {"requestId": 7}))
    old = await raw.post(
        message("notifications/cancelled", {"_meta": META}), MCP_Protocol_Version=VERSIONS[0]
    )

    assert (batch.status_code, response.status_code) == (400, 400)
    assert (cancelled.status_code, cancelled.content) == (202, b"")
    assert old.status_code == 400


async def test_there_is_no_stream_to_get_and_nothing_to_end(raw: Raw) -> None:
    """GET and DELETE are of the older era; a session id or a last event mean nothing."""
    got = await raw.http.get(raw.path, headers={"Accept": "text/event-stream"})
    deleted = await raw.http.delete(raw.path)
    listed = await send(raw, "tools/list", Mcp_Session_Id="anything", Last_Event_ID="9")

    assert (got.status_code, deleted.status_code) == (405, 405)
    assert got.headers["allow"] == "POST"
    assert listed.status_code == 200


async def test_both_eras_share_one_address_and_one_memory(kit: Kit, raw: Raw) -> None:
    """A call held in one era and repeated in the other is the same call, asked about once."""
    async with raw_client(kit, raw.http.headers["Authorization"].split()[1]) as old:
        await old.begin()
        asking = asyncio.create_task(old.post(message("tools/call", MAIL, number=1)))
        with anyio.fail_after(30):
            held = (await kit.question()).call
            repeated = asyncio.create_task(send(raw, "tools/call", MAIL))
            await kit.answer(yes=False)
            answers = [(await asking).json(), (await repeated).json()]

    ids = {answer["result"]["_meta"]["io.sallyport/call"]["id"] for answer in answers}
    assert held.id in ids
    assert all(answer["result"]["isError"] for answer in answers)


# --- Arguments in headers. ---

MARKED: JsonObject = {
    "name": "look",
    "inputSchema": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "x-mcp-header": "Record"},
            "count": {"type": "integer", "x-mcp-header": "Count"},
        },
        "required": ["id"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True},
}
MARKED_WORKFLOW = recording.WORKFLOW.replace(
    "      price: {at_most: 99.50, optional: true}\n      deep: {any: true, optional: true}\n", ""
)


async def test_marked_arguments_are_repeated_in_headers(tmp_path: Path) -> None:
    """The call goes through when they agree, and never reaches the system when they do not."""
    recorder = Recorder(definitions=[MARKED, recording.CHANGE])
    call = {"name": "look", "arguments": {"id": "R-1", "count": 3}}
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(MARKED_WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        async with raw_client(kit, await kit.task_token({})) as raw:
            raw.http.headers["MCP-Protocol-Version"] = NOW
            missing = await send(raw, "tools/call", call, Mcp_Param_Record="R-1")
            wrong = await send(raw, "tools/call", call, Mcp_Param_Record="R-2", Mcp_Param_Count="3")
            none = list(recorder.seen)
            right = await send(
                raw, "tools/call", call, Mcp_Param_Record="=?base64?Ui0x?=", Mcp_Param_Count="3"
            )

    assert [problem(missing), problem(wrong)] == [(400, -32020)] * 2
    assert none == []
    assert right.json()["result"]["_meta"]["io.sallyport/call"]["ending"] == "done"
    assert len(recorder.seen) == 1


# --- Waiting and listening. ---


async def events(stream: httpx2.Response) -> AsyncGenerator[dict[str, Any]]:
    """Yield the messages of an event stream."""
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line[6:])


async def test_a_held_call_streams_progress_and_hanging_up_takes_nothing_back(
    kit: Kit, raw: Raw, desk: Desk
) -> None:
    """Progress has the client's own token; the stream is closed; the yes still sends the mail."""
    before = len(desk.report().mails)
    params = {**MAIL, "_meta": {**META, "progressToken": "p-1"}}
    headers = {
        **raw.http.headers,
        "Accept": "application/json, text/event-stream",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "mail.send",
    }
    body = json.dumps(message("tools/call", params, number=7))
    with anyio.fail_after(30):
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as client,
            client.stream("POST", kit.endpoint(), content=body) as stream,
        ):
            first = await anext(events(stream))
            held = (await kit.question()).call
        watched = kit.house.gateway._watchers  # pyright: ignore[reportPrivateUsage]
        while held.id in watched:
            await anyio.lowlevel.checkpoint()
        await kit.answer(yes=True)
        while (await kit.house.inbox.call(held.id)).ending == "waiting":
            await anyio.lowlevel.checkpoint()
        result = (await send(raw, "tools/call", MAIL)).json()["result"]

    assert first["method"] == "notifications/progress"
    assert first["params"]["progressToken"] == "p-1"
    assert result["_meta"]["io.sallyport/call"]["id"] == held.id
    assert len(desk.report().mails) == before + 1


async def test_a_listener_hears_what_it_asked_for_under_its_own_id(tmp_path: Path) -> None:
    """Acknowledged first, each message tagged, and a clean end when the key is revoked."""
    recorder = Recorder()
    tag = {f"{PREFIX}subscriptionId": "mine"}
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        token = await kit.agent_token()
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "MCP-Protocol-Version": NOW,
            "Mcp-Method": "subscriptions/listen",
        }
        wanted = {"toolsListChanged": True, "promptsListChanged": True}
        params = {"_meta": META, "notifications": wanted}
        body = json.dumps(message("subscriptions/listen", params, number="mine"))
        with anyio.fail_after(30):
            async with (
                listening(kit),
                httpx2.AsyncClient(headers=headers, timeout=20) as client,
                client.stream("POST", kit.endpoint(), content=body) as stream,
            ):
                heard = events(stream)
                acknowledged = await anext(heard)
                recorder.change(recording.LOOK)
                changed = await anext(heard)
                await kit.house.tasks.revoke(kit.house.tasks.bearer(token).id, by="lena")
                rest = [event async for event in heard]

    assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
    assert acknowledged["params"] == {"_meta": tag, "notifications": {"toolsListChanged": True}}
    assert changed["method"] == "notifications/tools/list_changed"
    assert changed["params"] == {"_meta": tag}
    (end,) = rest
    assert end["id"] == "mine"
    assert end["result"]["resultType"] == "complete"
    assert end["result"]["_meta"].items() >= tag.items()


async def test_listening_needs_a_filter_and_a_client_that_reads_streams(raw: Raw) -> None:
    """Otherwise it is refused before anything is opened."""
    none = await send(raw, "subscriptions/listen", Accept="text/event-stream")
    deaf = await send(raw, "subscriptions/listen", {"notifications": {}})

    assert problem(none) == (400, -32602)
    assert problem(deaf) == (406, -32600)


# --- Without a good token. ---


@pytest.mark.parametrize("version", [NOW, VERSIONS[0]])
async def test_a_challenge_says_where_the_resource_is_described(kit: Kit, version: str) -> None:
    """Either era: 401 with an address, and there the same for everyone, without a token."""
    async with httpx2.AsyncClient(headers={"MCP-Protocol-Version": version}) as client:
        nobody = await client.post(kit.endpoint(), json=message("ping", number=1))
        bad = await client.post(
            kit.endpoint(),
            json=message("ping", number=1),
            headers={"Authorization": "Bearer nobodys"},
        )
        address = nobody.headers["www-authenticate"].split('resource_metadata="')[1].rstrip('"')
        described = await client.get(address)

    assert (nobody.status_code, bad.status_code) == (401, 401)
    assert "error=" not in nobody.headers["www-authenticate"]
    assert 'error="invalid_token"' in bad.headers["www-authenticate"]
    assert described.json() == {
        "resource": kit.endpoint(),
        "resource_name": "sallyport",
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["calls"],
    }


async def test_a_token_for_something_else_is_told_what_is_missing(kit: Kit, raw: Raw) -> None:
    """403 in the form that clients know, with the address of the description."""
    raw.path = "/mcp/another%20one"
    answer = await send(raw, "tools/list")
    challenge = answer.headers["www-authenticate"]

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="calls"' in challenge
    assert challenge.endswith('/.well-known/oauth-protected-resource/mcp/another%20one"')


async def test_the_description_is_only_given_to_those_who_mean_this_host(raw: Raw) -> None:
    """A name rebound to this machine learns nothing, and no header is built of what it sent."""
    path = f"/.well-known/oauth-protected-resource/mcp/{WORKFLOW}"
    foreign = await raw.http.get(path, headers={"Host": "evil.example"})
    page = await raw.http.get(path, headers={"Origin": "https://evil.example"})
    strange = await raw.post(
        message("ping", number=1), Host='[::1%"x]:80', Authorization="Bearer nobodys"
    )

    assert (foreign.status_code, page.status_code) == (403, 403)
    assert strange.status_code in {401, 403}
    assert "resource_metadata" not in strange.headers.get("www-authenticate", "")
