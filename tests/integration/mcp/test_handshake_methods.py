"""Resources, prompts, completion, progress and logs in the handshake era, with the SDK's client."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from sallyport.doors.mcp import handshake
from sallyport.model import JsonObject
from sallyport.ports import Hear, Launch, Outbound, Reply
from tests.integration.mcp import curious_system, recording
from tests.integration.mcp.asking_system import MEMO
from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.handshake_agent import Hand, call, hand
from tests.integration.mcp.house_fixture import Kit, listening, opened

pytestmark = pytest.mark.anyio
META = "io.sallyport/call"
UPDATED = "notifications/resources/updated"
RESOURCES = "notifications/resources/list_changed"
PROMPTS = "notifications/prompts/list_changed"
MEMO_PARAMS = types.SubscribeRequestParams(uri=MEMO)
MEMO_NO_MORE = types.UnsubscribeRequestParams(uri=MEMO)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Curious]]:
    """Open a house in front of a system with one of everything."""
    async with curious_house(tmp_path, hold_s=0) as found:
        yield found


@pytest.fixture
async def agent(house: tuple[Kit, Curious]) -> AsyncGenerator[Hand]:
    """Return a client that has begun a session."""
    async with hand(house[0]) as agent:
        await agent.begin()
        yield agent


@asynccontextmanager
async def client_of(kit: Kit, token: str | None = None, **callbacks: Any) -> AsyncGenerator[Client]:
    """Connect the SDK's client in the handshake era."""
    token = token or await kit.task_token({})
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(
            streamable_http_client(kit.endpoint(), http_client=http), mode="legacy", **callbacks
        ) as client,
    ):
        yield client


async def until(found: list[Any], count: int = 1) -> None:
    """Wait until something was heard."""
    while len(found) < count:
        await anyio.lowlevel.checkpoint()


async def send(client: Client, request: Any) -> None:
    """Send a request that only this era has."""
    await client.session.send_request(request, types.EmptyResult)


def ruling(result: Any) -> dict[str, Any]:
    """Return the gateway's statement about a call."""
    said: dict[str, Any] = result.meta[META]
    return said


async def test_resources_prompts_and_completion_are_calls_like_any_other(
    house: tuple[Kit, Curious],
) -> None:
    """Each brings the system's own result, with the gateway's statement in its `_meta`."""
    with anyio.fail_after(30):
        async with client_of(house[0]) as client:
            read = await client.read_resource(MEMO)
            listed = await client.list_resources()
            templates = await client.list_resource_templates()
            prompts = await client.list_prompts()
            prompt = await client.get_prompt("greeting", {"style": "short"})
            ref = types.PromptReference(type="ref/prompt", name="greeting")
            completed = await client.complete(ref, {"name": "style", "value": "s"})
            told = client.server_capabilities

    assert isinstance(read.contents[0], types.TextResourceContents)
    assert read.contents[0].text == "remember"
    assert (listed.resources[0].uri, listed.next_cursor) == (MEMO, "more")
    assert templates.resource_templates[0].uri_template == "memo:{id}"
    assert [one.name for one in prompts.prompts] == ["greeting"]
    assert isinstance(prompt.messages[0].content, types.TextContent)
    assert completed.completion.values == ["greeting"]
    found = (read, listed, templates, prompts, prompt, completed)
    assert [ruling(one)["ending"] for one in found] == ["done"] * 6
    assert told is not None
    assert told.resources == types.ResourcesCapability(subscribe=True, list_changed=True)
    assert told.prompts == types.PromptsCapability(list_changed=True)
    assert (told.completions, told.logging) == (
        types.CompletionsCapability(),
        types.LoggingCapability(),
    )


async def test_a_cursor_is_passed_on_as_the_system_gave_it(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """Pages of a system's lists are the system's own."""
    await agent.ask("resources/list", {"cursor": "more", "x": 1})

    assert house[1].seen[-1].arguments == b'{"cursor":"more"}'


async def test_what_the_boundary_forbids_is_an_error_that_says_so(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """These results have no form for a refusal, so it is an error with the statement in it."""
    answer = await agent.ask("resources/read", {"uri": "file:///etc/passwd"})

    assert answer["error"]["code"] == -32000
    assert answer["error"]["message"].startswith("REFUSED. `resources/read` was not done.")
    data = answer["error"]["data"]
    assert (data["code"], data[META]["verdict"]) == ("call.refused", "refuse")
    assert data["fix"]
    assert house[1].seen == []


async def test_what_is_not_declared_is_not_told_of_and_refused(tmp_path: Path) -> None:
    """Without a word in the boundary there is no capability, no list, and no reading."""
    recorder = recording.Recorder()
    async with opened(tmp_path, upstreams=recorder) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        async with listening(kit), hand(kit) as agent:
            begun = await agent.begin()
            listed = await agent.ask("resources/list")
            subscribed = await agent.ask("resources/subscribe", {"uri": MEMO})
            read = await agent.ask("resources/read", {"uri": MEMO})

    assert begun["capabilities"] == {"tools": {"listChanged": True}, "logging": {}}
    assert [one["error"]["code"] for one in (listed, subscribed)] == [-32601] * 2
    assert read["error"]["message"].startswith("REFUSED.")
    assert recorder.seen == []


@pytest.mark.parametrize(
    "method, params",
    [
        ("resources/read", {}),
        ("resources/read", {"uri": ""}),
        ("resources/read", {"uri": 7}),
        ("resources/read", {"uri": "memo:" + "x" * 70_000}),
        ("resources/subscribe", {"uri": None}),
        ("resources/list", {"cursor": 5}),
        ("prompts/get", {"name": []}),
        ("prompts/get", {"name": "greeting", "arguments": {"style": 1}}),
        ("prompts/get", {"name": "greeting", "arguments": "short"}),
        ("completion/complete", {"ref": {}, "argument": {}}),
        ("completion/complete", {"ref": {"type": "ref/prompt"}, "argument": {}}),
        (
            "completion/complete",
            {"ref": {"type": "ref/resource", "uri": MEMO}, "argument": {"name": "a"}},
        ),
        ("resources/read", {"uri": MEMO, "_meta": []}),
        ("logging/setLevel", {}),
        ("logging/setLevel", {"level": "loud"}),
        ("logging/setLevel", {"level": ["info"]}),
    ],
)
async def test_parameters_that_do_not_fit_are_turned_away(
    house: tuple[Kit, Curious], agent: Hand, method: str, params: dict[str, Any]
) -> None:
    """One clear error each, and nothing reaches the system."""
    answer = await agent.ask(method, params)

    assert answer["error"]["code"] == -32602
    assert answer["error"]["data"]["what"]
    assert house[1].seen == []


@pytest.mark.parametrize("code", [-32002, -32602])
async def test_a_resource_that_is_not_there_is_the_systems_own_error(
    house: tuple[Kit, Curious], agent: Hand, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code stays, its words are labelled, and the address is beside them."""

    async def gone(outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        del outbound, hear
        launch()
        return Reply(result=None, error={"code": code, "message": "no such memo"})

    monkeypatch.setattr(house[1], "call", gone)
    answer = await agent.ask("resources/read", {"uri": "memo:none"})

    assert answer["error"]["code"] == code
    assert answer["error"]["message"] == "from system `asker`: no such memo"
    assert answer["error"]["data"]["uri"] == "memo:none"


# --- What is heard meanwhile. ---


async def test_progress_comes_under_the_agents_own_token_and_only_grows(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """Steps back, values that are none and foreign members are left out."""
    _, system = house
    steps: list[JsonObject] = [
        {"progress": 1, "total": 4, "message": "one", "progressToken": "theirs"},
        {"progress": 1},
        {"progress": 0},
        {"progress": "2"},
        {"progress": True},
        {"progress": 2, "_meta": {"x": 1}, "x": 1, "message": 5},
    ]
    params = {**call("write", text="a"), "_meta": {"progressToken": "mine"}}
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", params) as stream:
            await system.busy.wait()
            assert system.hear is not None
            for step in steps:
                system.hear("notifications/progress", step)
            system.hear("notifications/message", {"level": "error", "data": "not asked for"})
            system.go_on.set()
            *heard, outcome = await stream.rest()

    label = {"io.sallyport/system": "asker"}
    assert [one["params"] for one in heard if one["params"].get("message") != STILL] == [
        {"progressToken": "mine", "progress": 1, "total": 4, "message": "one", "_meta": label},
        {"progressToken": "mine", "progress": 2, "_meta": label},
    ]
    assert outcome["result"]["content"][0]["text"] == "written: a"


STILL = "Still under way: a person was asked, or the system has not answered yet."


async def test_logs_come_from_the_level_on_that_the_session_asked_for(
    house: tuple[Kit, Curious],
) -> None:
    """None before it asks; then those, labelled with the system that says it."""
    heard: list[types.LoggingMessageNotificationParams] = []
    level = types.SetLevelRequestParams(level="info")

    async def hear(params: types.LoggingMessageNotificationParams) -> None:
        heard.append(params)

    with anyio.fail_after(30):
        async with client_of(house[0], logging_callback=hear) as client:
            await client.read_resource(MEMO)
            before = len(heard)
            await send(client, types.SetLevelRequest(params=level))
            await client.read_resource("memo:two")
            await until(heard)

    assert before == 0
    assert [(one.level, one.data) for one in heard] == [("info", "at work")]
    assert [one.log_level for one in house[1].seen] == ["", "info"]


async def test_a_client_that_asks_for_progress_hears_the_systems_own(
    house: tuple[Kit, Curious],
) -> None:
    """Through the SDK's own callback."""
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    with anyio.fail_after(30):
        async with client_of(house[0]) as client:
            await client.call_tool("greet", {}, progress_callback=hear)

    assert heard == [(1, 2, "half")]


# --- News. ---


async def test_a_client_hears_of_what_it_subscribed_to_and_of_changed_lists(
    house: tuple[Kit, Curious],
) -> None:
    """On its listening stream, through the SDK's own handler; after unsubscribing no more."""
    kit, system = house
    heard: list[Any] = []

    async def hear(message: Any) -> None:
        heard.append(message)

    with anyio.fail_after(30):
        async with client_of(kit, message_handler=hear) as client:
            await send(client, types.SubscribeRequest(params=MEMO_PARAMS))
            system.say(UPDATED, "memo:other", principal="support-bot")
            system.say(UPDATED, MEMO, principal="another-bot")
            system.say(UPDATED, MEMO, principal="support-bot")
            await until(heard)
            system.say(RESOURCES)
            await until(heard, 2)
            await send(client, types.UnsubscribeRequest(params=MEMO_NO_MORE))
            system.say(UPDATED, MEMO, principal="support-bot")
            system.say(PROMPTS, system="another")
            system.say(PROMPTS)
            await until(heard, 3)

    assert [type(one) for one in heard] == [
        types.ResourceUpdatedNotification,
        types.ResourceListChangedNotification,
        types.PromptListChangedNotification,
    ]
    assert str(heard[0].params.uri) == MEMO
    assert system.subscribed == set()


async def test_what_is_said_while_nobody_listens_is_told_once_when_somebody_does(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """A cut listening stream loses no change, and ten of the same are one."""
    _, system = house
    await agent.ask("resources/subscribe", {"uri": MEMO})
    for _ in range(10):
        system.say(UPDATED, MEMO, principal="support-bot")
    system.say(RESOURCES)
    with anyio.fail_after(30):
        async with agent.listening() as stream:
            found = [await stream.message(), await stream.message()]

    assert [one["method"] for one in found] == [UPDATED, RESOURCES]


async def test_two_sessions_of_an_agent_share_one_subscription_of_the_system(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """The system is told to be silent only when the last one leaves, also by ending its session."""
    kit, system = house
    with anyio.fail_after(30):
        async with hand(kit) as other:
            await other.begin()
            for one in (agent, other):
                await one.ask("resources/subscribe", {"uri": MEMO})
            await agent.ask("resources/unsubscribe", {"uri": MEMO})
            still = set(system.subscribed)
            await other.http.delete(other.path)
            while system.subscribed:
                await anyio.lowlevel.checkpoint()

    assert still == {MEMO}


async def test_a_session_subscribes_to_a_bounded_number_of_resources(
    agent: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one too many is turned away."""
    monkeypatch.setattr(handshake, "SUBSCRIBED_MAX", 1)
    first = await agent.ask("resources/subscribe", {"uri": MEMO})
    second = await agent.ask("resources/subscribe", {"uri": "memo:two"})

    assert first["result"]["_meta"][META]["ending"] == "done"
    assert second["error"]["code"] == -32602


async def test_after_a_restart_a_session_is_told_that_its_subscriptions_are_gone(
    tmp_path: Path,
) -> None:
    """They went with the process; the client hears that it should look again."""
    async with curious_house(tmp_path) as (kit, _), hand(kit) as agent:
        await agent.begin()
        await agent.ask("resources/subscribe", {"uri": MEMO})
        session = agent.http.headers["Mcp-Session-Id"]
        token = agent.http.headers["Authorization"].removeprefix("Bearer ")
    async with curious_house(tmp_path) as (kit, _), hand(kit, token) as agent:
        agent.http.headers["Mcp-Session-Id"] = session
        with anyio.fail_after(30):
            async with agent.listening() as stream:
                told = await stream.message()

    assert told["method"] == RESOURCES


async def test_a_held_method_says_what_to_do_and_a_yes_brings_its_result(tmp_path: Path) -> None:
    """Reading can ask a person too; repeating it brings what was read."""
    asks = 'only: {uri: {starts_with: "memo:"}}\n    ask: [{who: [support_lead], within: 1h}]'
    workflow = curious_system.WORKFLOW.replace('only: {uri: {starts_with: "memo:"}}', asks)
    async with curious_house(tmp_path, workflow=workflow, hold_s=0) as (kit, _):
        with anyio.fail_after(30):
            async with client_of(kit) as client:
                with pytest.raises(MCPError) as held:
                    await client.read_resource(MEMO)
                await kit.answer(yes=True)
                found: types.ReadResourceResult | None = None
                while found is None:
                    try:
                        found = await client.read_resource(MEMO, cache_mode="bypass")
                    except MCPError:
                        await anyio.lowlevel.checkpoint()

    assert str(held.value).startswith("HELD, NOT DONE. `resources/read` waits for a yes")
    assert ruling(found)["ending"] == "done"
