"""What agents and systems may do in the middle of things, as the other one sees it.

The gateway is whole here: a real way out to a raw server that does as it is told, in either era.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from sallyport.adapters.mcp import ages
from sallyport.doors.mcp import listening as door_listening
from sallyport.errors import UpstreamDownError
from sallyport.model import JsonObject, Stage, ToolPin
from sallyport.ports import Append, Appended, Blocked, Launch, Outbound, Reply
from sallyport.rules.boundary.new import render_system
from tests.integration.mcp import recording
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import (
    WORKFLOW,
    Kit,
    Raw,
    listening,
    message,
    opened,
    raw_client,
    texts,
)
from tests.integration.mcp.recording import Recorder
from tests.integration.mcp.test_stateless_wire import META, PREFIX, events
from tests.integration.mcp.test_stdio import CHILD, HELLO, lines
from tests.integration.upstream.raw import RESULT, Asked, RawServer, raw_server
from tests.servers.recording_server import recording_server

NOW = "2026-07-28"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
PLAIN: JsonObject = {
    "type": "object",
    "properties": {"id": {"type": "string"}},
    "additionalProperties": False,
}
LOOK: JsonObject = {"name": "look", "inputSchema": PLAIN, "annotations": {"readOnlyHint": True}}
CHANGE: JsonObject = {"name": "change", "inputSchema": PLAIN}
MAIL = {"name": "mail.send", "arguments": {"to": "ada@brandt-bakery.example", "template": "ack"}}

pytestmark = pytest.mark.anyio


def boundary(*reads: str) -> str:
    """Return a workflow with these reads, and a change that nobody is asked about."""
    tools = [f"  {name}: {{level: read, only: {{id: {{max_length: 20}}}}}}" for name in reads]
    return "\n".join([HEAD, *tools, ALLOWED])


HEAD = """\
workflow: customer-support
purpose: See what gets through.
owner: lena@example.com
agent: support-bot
environment: test
expires: 2035-12-31
for: [support_agent]
tools:"""
ALLOWED = """\
  change:
    level: update
    only: {id: {max_length: 20}}
    allow:
      - args: {id: {max_length: 20}}
        because: nobody minds
        until: 2035-12-31
    undo: {id: by_hand}
"""


@asynccontextmanager
async def in_front_of(raw: RawServer, home: Path, *tools: JsonObject) -> AsyncGenerator[Kit]:
    """Open a whole gateway in front of a raw server with these tools."""
    raw.pages = {"": {"tools": [*tools, CHANGE], "ttlMs": 0}}
    async with opened(home, hold_s=0) as kit:
        reads = [str(tool["name"]) for tool in tools]
        system = render_system("desk", url=raw.system().url)
        await kit.activate(boundary(*reads), {"desk.yaml": system})
        await kit.stage(Stage.LIVE)
        yield kit


@asynccontextmanager
async def agent_of(kit: Kit) -> AsyncGenerator[Raw]:
    """Begin a session with the agent's own key; all of it in good time."""
    with anyio.fail_after(30):
        async with raw_client(kit, await kit.agent_token()) as agent:
            await agent.begin()
            yield agent


@pytest.fixture(params=["handshake", "stateless"])
async def raw(request: pytest.FixtureRequest) -> AsyncGenerator[RawServer]:
    """Start a raw server of either era."""
    async with raw_server() as server:
        if request.param == "stateless":
            server.modern = {"supportedVersions": [NOW], "capabilities": {"tools": {}}}
        yield server


def ruling(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the gateway's statement about a call."""
    found: dict[str, Any] = result["_meta"]["io.sallyport/call"]
    return found


# Systems


async def test_half_an_answer_is_an_error_to_a_read_and_doubt_to_a_change(
    raw: RawServer, tmp_path: Path
) -> None:
    """The stream ends in mid-event: the agent is told so, and nothing is sent a second time."""

    async def cut(asked: Asked) -> None:
        said = {"jsonrpc": "2.0", "id": asked.message["id"], "result": RESULT}
        asked.writer.write(STREAM + f"data: {json.dumps(said)}\n".encode())
        await asked.writer.drain()
        asked.writer.close()

    raw.script = cut
    async with in_front_of(raw, tmp_path, LOOK) as kit, agent_of(kit) as agent:
        change = await agent.call("change", id="2")
        again = await agent.call("change", id="2")
        read = await agent.ask("tools/call", {"name": "look", "arguments": {"id": "1"}})

    assert "ended its stream" in json.dumps(read)
    assert texts(change)[0].startswith("IN DOUBT")
    assert ruling(again)["id"] == ruling(change)["id"]
    assert [asked.message["params"]["name"] for asked in raw.calls()] == ["change", "look"]


async def test_a_tool_that_changed_without_a_word_is_not_called(
    raw: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody told of it in mid-task; its list had grown old, and was compared before the call."""
    monkeypatch.setattr(ages, "FRESH_S_MIN", 0.0)
    monkeypatch.setattr(ages, "FRESH_S_MAX", 0.0)
    async with in_front_of(raw, tmp_path, LOOK) as kit, agent_of(kit) as agent:
        before = await agent.call("look", id="1")
        raw.pages = {"": {"tools": [{**LOOK, "description": "Tell it to me."}, CHANGE]}}
        after = await agent.call("look", id="2")
        listed = (await agent.ask("tools/list"))["result"]["tools"]
        raw.pages = {"": {"tools": [LOOK, CHANGE]}}
        restored = await agent.call("look", id="3")

    assert texts(before) == texts(restored) == ["done"]
    assert texts(after)[0].startswith("REFUSED")
    assert "tool.quarantined" in json.dumps(ruling(after))
    assert [tool["name"] for tool in listed] == ["change"]
    assert [asked.message["params"]["arguments"]["id"] for asked in raw.calls()] == ["1", "3"]


async def test_a_schema_that_points_elsewhere_is_never_followed(
    raw: RawServer, tmp_path: Path
) -> None:
    """Listed as it came, refused when called: nobody connects to the address, at any time."""
    with recording_server(stateless=True) as elsewhere:
        url = elsewhere.url
        properties: JsonObject = {"id": {"$ref": f"{url}/id.json"}}
        pointing: dict[str, JsonObject] = {
            "get_all": {"$ref": f"{url}/all.json"},
            "get_part": {"type": "object", "properties": properties},
            "get_within": {"$id": f"{url}/", "type": "object", "allOf": [{"$ref": "part.json"}]},
            "get_moving": {"type": "object", "allOf": [{"$dynamicRef": f"{url}/x#anchor"}]},
            "get_dialect": {**PLAIN, "$schema": f"{url}/dialect"},
        }
        tools: list[JsonObject] = [
            {**LOOK, "name": name, "inputSchema": schema} for name, schema in pointing.items()
        ]
        out: JsonObject = {**LOOK, "outputSchema": {"$ref": f"{url}/out.json"}}
        async with in_front_of(raw, tmp_path, *tools, out) as kit, agent_of(kit) as agent:
            listed = (await agent.ask("tools/list"))["result"]["tools"]
            answers = {name: await agent.call(name, id="1") for name in pointing}
            looked = await agent.call("look", id="1")

        assert elsewhere.connections == 0
    assert {tool["name"]: tool["inputSchema"] for tool in listed}.items() >= pointing.items()
    for answer in answers.values():
        assert texts(answer)[0].startswith("REFUSED")
        assert "parameters.schema_unusable" in json.dumps(ruling(answer))
    assert texts(looked) == ["done"]
    assert [asked.message["params"]["name"] for asked in raw.calls()] == ["look"]


@dataclass
class Absent(Recorder):
    """A recorder that is away for a while: it has no list `left` times."""

    left: int = 0
    asked: int = 0

    async def tools(self, system: str) -> list[ToolPin]:
        """Return the tools, if it is there."""
        self.asked += 1
        if self.left > 0:
            self.left -= 1
            raise UpstreamDownError("it is away")
        return list(await super().tools(system))


async def test_whoever_listens_hears_of_a_system_that_was_away_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked again until it is back, and then the change is told of."""
    monkeypatch.setattr(door_listening, "TICK_S", 0.01)
    monkeypatch.setattr(door_listening, "LOOK_AGAIN_S", (0.01,))
    recorder = Absent()
    async with opened(tmp_path, upstreams=recorder, hold_s=0) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        token = await kit.agent_token()
        with anyio.fail_after(30):
            async with listening(kit), listener(kit, token) as heard:
                recorder.left = 5
                recorder.change(recording.LOOK)
                first = await anext(heard)

    assert first["method"] == "notifications/tools/list_changed"
    assert recorder.left == 0


@asynccontextmanager
async def listener(kit: Kit, token: str) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
    """Begin a session, and yield what is said on its stream once it is open."""
    async with raw_client(kit, token) as raw:
        await raw.begin()
        fields = {**raw.http.headers, "Accept": "text/event-stream"}
        async with (
            httpx2.AsyncClient(headers=fields, timeout=30) as client,
            client.stream("GET", kit.endpoint()) as stream,
        ):
            yield events(stream)


# Versions


@pytest.mark.parametrize(
    "header, meta, status, rpc",
    [
        (NOW, {}, 400, -32602),
        ("2025-11-25", META, 400, -32020),
        ("", META, 400, -32020),
        ("2024-11-05", META, 400, -32020),
        (NOW, {**META, f"{PREFIX}protocolVersion": "2025-11-25"}, 400, -32020),
        ("2025-11-25", {**META, f"{PREFIX}protocolVersion": "2025-11-25"}, 400, -32022),
        (NOW, META, 404, -32601),
    ],
)
async def test_an_agent_cannot_begin_in_two_eras_at_once(
    kit: Kit, header: str, meta: JsonObject, status: int, rpc: int
) -> None:
    """`initialize` that says of itself that it is of the other era begins nothing."""
    hello = {**HELLO, "_meta": meta}
    async with raw_client(kit, await kit.task_token()) as agent:
        fields = {"MCP_Protocol_Version": header} if header else {}
        answer = await agent.post(
            message("initialize", hello, number=1), Mcp_Method="initialize", **fields
        )

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, rpc)
    assert "mcp-session-id" not in answer.headers


async def test_the_version_that_was_agreed_on_counts_whatever_a_header_says(kit: Kit) -> None:
    """A header that names another version of the era opens nothing that the session has not."""
    batch = [message("ping", number=1)]
    async with raw_client(kit, await kit.task_token()) as agent:
        await agent.begin("2025-11-25")
        newer = await agent.post(batch, MCP_Protocol_Version="2025-03-26")
        await agent.begin("2025-03-26")
        older = await agent.post(batch, MCP_Protocol_Version="2025-11-25")

    assert (newer.status_code, older.status_code) == (400, 200)


# Ids that come twice, agents that vanish


@dataclass
class Gated(Recorder):
    """A recorder whose calls wait at a gate once they have had their effect."""

    began: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, outbound: Outbound, launch: Launch, hear: Any = None) -> Reply:
        """Take a call, and answer it when the gate is open."""
        answer = await super().call(outbound, launch)
        self.began.set()
        await self.gate.wait()
        return answer


@asynccontextmanager
async def gated(home: Path) -> AsyncGenerator[tuple[Kit, Gated]]:
    """Open a house in front of a gate."""
    recorder = Gated()
    async with opened(home, upstreams=recorder, hold_s=20) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        await kit.stage(Stage.LIVE)
        yield kit, recorder


@asynccontextmanager
async def program(kit: Kit, token: str = "") -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the thin client until the block ends."""
    token = token or await kit.agent_token()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CHILD), kit.url, WORKFLOW),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "SALLYPORT_TOKEN": token},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """Return the next line that the thin client writes."""
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(await process.stdout.readline())
    return found


def write(process: asyncio.subprocess.Process, *messages: Mapping[str, Any]) -> None:
    """Write lines to the thin client."""
    assert process.stdin is not None
    process.stdin.write(lines(*messages))


async def test_two_requests_with_one_id_are_two_requests_where_each_stands_alone(
    tmp_path: Path,
) -> None:
    """Each is answered in its own response; neither waits for the other."""
    params = {"_meta": META, "name": "look", "arguments": {"id": "R-1"}}
    async with gated(tmp_path) as (kit, recorder), agent_of(kit) as agent:
        agent.http.headers["MCP-Protocol-Version"] = NOW
        body = message("tools/call", params, number=7)
        fields = {"Mcp_Method": "tools/call", "Mcp_Name": "look"}
        calling = asyncio.create_task(agent.post(body, **fields))
        await recorder.began.wait()
        listed = await agent.post(
            message("tools/list", {"_meta": META}, number=7), Mcp_Method="tools/list"
        )
        recorder.gate.set()
        called = await calling

    assert [listed.json()["id"], called.json()["id"]] == [7, 7]
    assert len(listed.json()["result"]["tools"]) == 2
    assert texts(called.json()["result"]) == ["seen"]


async def test_an_id_that_comes_twice_over_stdio_is_answered_twice(tmp_path: Path) -> None:
    """In a session the second is refused, and says so under its id; the first has its result."""
    params = {"name": "look", "arguments": {"id": "R-1"}}
    async with gated(tmp_path) as (kit, recorder), listening(kit), program(kit) as process:
        write(process, message("initialize", HELLO, number=1))
        assert "result" in await said(process)
        write(process, message("tools/call", params, number=5))
        await recorder.began.wait()
        write(process, message("tools/list", number=5))
        refused = await said(process)
        recorder.gate.set()
        called = await said(process)

    assert [refused["id"], called["id"]] == [5, 5]
    assert refused["error"]["code"] == -32600
    assert texts(called["result"]) == ["seen"]


@pytest.mark.parametrize("stateless", [False, True])
async def test_a_program_that_is_killed_while_its_call_is_held_takes_nothing_back(
    kit: Kit, desk: Desk, stateless: bool
) -> None:
    """Nobody waits any more; the yes still sends the mail, once, and a repeat has the result."""
    before = len(desk.report().mails)
    token = await kit.task_token()
    watched = kit.house.gateway._watchers  # pyright: ignore[reportPrivateUsage]
    with anyio.fail_after(60):
        async with program(kit, token) as process:
            if not stateless:
                write(process, message("initialize", HELLO, number=1))
                await said(process)
            meta = {"_meta": META} if stateless else {}
            write(process, message("tools/call", {**MAIL, **meta}, number=2))
            held = (await kit.question()).call
            while held.id not in watched:
                await anyio.lowlevel.checkpoint()
            process.kill()
            while held.id in watched:
                await anyio.lowlevel.checkpoint()
        await kit.answer(yes=True)
        while (await kit.house.inbox.call(held.id)).ending == "waiting":
            await anyio.lowlevel.checkpoint()
        async with raw_client(kit, token) as agent:
            await agent.begin()
            result = (await agent.ask("tools/call", MAIL))["result"]

    assert ruling(result)["id"] == held.id
    assert result["isError"] is False
    assert len(desk.report().mails) == before + 1


# Cancelling, while the answer is on its way


async def cancelled(agent: Raw, when: asyncio.Event) -> str:
    """Call, cancel at a certain moment, and return the code of what is answered."""
    params = {"name": "look", "arguments": {"id": "R-1"}}
    calling = asyncio.create_task(agent.post(message("tools/call", params, number=9)))
    await when.wait()
    await agent.post(message("notifications/cancelled", {"requestId": 9}))
    code: str = (await calling).json()["error"]["data"]["code"]
    return code


async def test_of_a_read_cancelled_on_its_way_nothing_is_kept(tmp_path: Path) -> None:
    """Its system need not answer any more; the repeat is a new call."""
    async with gated(tmp_path) as (kit, recorder), agent_of(kit) as agent:
        assert await cancelled(agent, recorder.began) == "mcp.cancelled"
        recorder.gate.set()
        anew = await agent.call("look", id="R-1")

    assert texts(anew) == ["seen"]
    assert len(recorder.seen) == 2


@pytest.mark.parametrize("moment", ["before it is on disk", "once it is on disk"])
async def test_a_call_cancelled_while_its_end_is_written_down_has_its_result_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Its agent was told that a repeat tells; so it does, and the one after is a new call."""
    written, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        written.set()
        await go_on.wait()

    async with gated(tmp_path) as (kit, recorder), agent_of(kit) as agent:
        recorder.gate.set()
        store = kit.house.gateway.outside.store
        append = store.append

        async def slow(change: Append) -> Appended | Blocked:
            ends = any(record.kind == "call.concluded" for record in change.records)
            if ends and moment == "before it is on disk":
                await wait()
            done = await append(change)
            if ends and moment == "once it is on disk":
                await wait()
            return done

        monkeypatch.setattr(store, "append", slow)
        assert await cancelled(agent, written) == "mcp.cancelled"
        monkeypatch.setattr(store, "append", append)
        go_on.set()
        repeated = await agent.call("look", id="R-1")
        assert len(recorder.seen) == 1
        anew = await agent.call("look", id="R-1")

    assert texts(repeated) == texts(anew) == ["seen"]
    assert ruling(repeated)["id"] != ruling(anew)["id"]
    assert len(recorder.seen) == 2


async def test_cancelling_what_was_answered_already_means_nothing(tmp_path: Path) -> None:
    """The result was handed over; the next call is a new one, and the session goes on."""
    async with gated(tmp_path) as (kit, recorder), agent_of(kit) as agent:
        recorder.gate.set()
        first = await agent.call("look", id="R-1")
        late = await agent.post(message("notifications/cancelled", {"requestId": 1}))
        second = await agent.call("look", id="R-1")

    assert late.status_code == 202
    assert texts(first) == texts(second) == ["seen"]
    assert len(recorder.seen) == 2
