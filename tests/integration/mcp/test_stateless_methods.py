"""Resources, prompts and completion in the stateless era: each use is a call; news is passed on."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from tests.integration.mcp.asking_system import MEMO, Asker
from tests.integration.mcp.house_fixture import AGENT, Kit, listening
from tests.integration.mcp.stateless_agent import Agent, agent_of, asking_house, listen

pytestmark = pytest.mark.anyio

META = "io.sallyport/call"
UPDATED = "notifications/resources/updated"
RESOURCES = "notifications/resources/list_changed"
PROMPTS = "notifications/prompts/list_changed"


@pytest.fixture
def system() -> Asker:
    """Return a system of its own for each test."""
    return Asker()


@pytest.fixture
async def kit(tmp_path: Path, system: Asker) -> AsyncGenerator[Kit]:
    """Return a house of its own for each test, that listens."""
    async with asking_house(tmp_path, system) as kit, listening(kit):
        yield kit


@pytest.fixture
async def agent(kit: Kit) -> AsyncGenerator[Agent]:
    """Return an agent whose client declares nothing."""
    async with agent_of(kit, await kit.task_token({})) as agent:
        yield agent


async def test_what_a_task_may_use_is_discovered(agent: Agent) -> None:
    """The methods that its boundary declares, and what the gateway itself can do."""
    found = (await agent.result("server/discover"))["capabilities"]

    assert found["resources"] == {"listChanged": True, "subscribe": True}
    assert found["prompts"] == {"listChanged": True}
    assert found["completions"] == {}
    assert found["extensions"] == {"io.modelcontextprotocol/tasks": {}}


@pytest.mark.parametrize(
    "method, params, member",
    [
        ("resources/list", {}, "resources"),
        ("resources/list", {"cursor": "more"}, "resources"),
        ("resources/templates/list", {}, "resourceTemplates"),
        ("resources/read", {"uri": MEMO}, "contents"),
        ("prompts/list", {}, "prompts"),
        ("prompts/get", {"name": "greeting", "arguments": {"to": "Ada"}}, "messages"),
        (
            "completion/complete",
            {
                "ref": {"type": "ref/prompt", "name": "greeting"},
                "argument": {"name": "to", "value": ""},
            },
            "completion",
        ),
    ],
)
async def test_each_method_is_a_call_like_any_other(
    agent: Agent, system: Asker, method: str, params: dict[str, Any], member: str
) -> None:
    """Its result is the system's, with the gateway's statement, and the ledger has it."""
    found = await agent.result(method, params)

    assert member in found
    assert found["resultType"] == "complete"
    assert found["_meta"][META]["ending"] == "done"
    assert [one.tool for one in system.seen] == [method]
    assert json.loads(system.seen[0].arguments) == params


@pytest.mark.parametrize("method", ["resources/list", "resources/read", "prompts/list"])
async def test_nobody_may_share_what_was_read(agent: Agent, method: str) -> None:
    """It is for the one who asked, and fresh for as long as the system says, or not at all."""
    found = await agent.result(method, {"uri": MEMO} if method == "resources/read" else {})

    assert found["cacheScope"] == "private"
    assert found["ttlMs"] == (50 if method == "resources/read" else 0)


async def test_what_is_refused_is_an_error_with_the_statement(agent: Agent, system: Asker) -> None:
    """These results have no form for it; it is not repeated what was asked for."""
    answer = await agent.send("resources/read", {"uri": "file:///etc/passwd"})
    error = answer.json()["error"]

    assert error["code"] == -32000
    assert error["message"].startswith("REFUSED. `resources/read` was not done.")
    assert error["data"][META]["ending"] == "refused"
    assert "passwd" not in answer.text
    assert system.seen == []


@pytest.mark.parametrize(
    "method, params",
    [
        ("resources/read", {}),
        ("resources/read", {"uri": 7}),
        ("prompts/get", {"name": "greeting", "arguments": {"to": 7}}),
        ("completion/complete", {"ref": {"type": "ref/other"}, "argument": {}}),
        ("resources/list", {"cursor": 7}),
    ],
)
async def test_parameters_that_are_none_propose_nothing(
    agent: Agent, system: Asker, method: str, params: dict[str, Any]
) -> None:
    """One clean error each."""
    found = await agent.error(method, params, Mcp_Name=str(params.get("name", "")))

    assert found == (400, -32602, "rpc.params")
    assert system.seen == []


@pytest.mark.parametrize(
    "method, params", [("resources/read", {"uri": MEMO}), ("prompts/get", {"name": "greeting"})]
)
@pytest.mark.parametrize("header", ["", "something-else"])
async def test_the_header_repeats_what_is_read(
    agent: Agent, system: Asker, method: str, params: dict[str, Any], header: str
) -> None:
    """Missing or different: nothing is proposed."""
    found = await agent.error(method, params, Mcp_Name=header)

    assert found == (400, -32020, "mcp.header_mismatch")
    assert system.seen == []


@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe", "ping"])
async def test_methods_of_the_older_era_do_not_exist(agent: Agent, method: str) -> None:
    """Subscribing is listening here."""
    found = await agent.error(method, {"uri": MEMO}, Mcp_Name="")

    assert found == (404, -32601, "rpc.unknown_method")


async def test_a_tool_cannot_be_called_by_a_methods_name(agent: Agent, system: Asker) -> None:
    """So that nobody takes one for the other."""
    found = await agent.error("tools/call", {"name": "resources/read", "arguments": {"uri": MEMO}})
    listed = await agent.result("tools/list")

    assert found == (400, -32602, "rpc.params")
    assert [one["name"] for one in listed["tools"]] == ["change", "greet"]
    assert system.seen == []


# --- Listening. ---


@asynccontextmanager
async def heard(kit: Kit, token: str, **wanted: Any) -> AsyncGenerator[AsyncGenerator[Any]]:
    """Open a stream; the block gets what comes over it, message by message."""
    first, second = listen(kit, token, wanted)
    async with (
        httpx2.AsyncClient(timeout=20) as http,
        http.stream(*first, **second) as stream,
    ):
        assert stream.status_code == 200

        async def messages() -> AsyncGenerator[Any]:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

        yield messages()


async def test_changes_of_lists_are_passed_on_to_who_wants_them(kit: Kit, system: Asker) -> None:
    """Only the wanted ones, only of a system of the task, and only what concerns this agent."""
    with anyio.fail_after(20):
        async with heard(
            kit, await kit.task_token({}), resourcesListChanged=True, extra=True
        ) as messages:
            ack = await anext(messages)
            system.say(PROMPTS)
            system.say(RESOURCES, system="another")
            system.say(RESOURCES, principal="another")
            system.say(RESOURCES, principal=AGENT)
            told = await anext(messages)
            system.say(RESOURCES)
            again = await anext(messages)

    assert ack["params"]["notifications"] == {"resourcesListChanged": True}
    assert told == again
    assert told["method"] == RESOURCES
    assert told["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": 7}


async def test_a_resource_is_subscribed_to_by_a_call_and_let_go_at_the_end(
    kit: Kit, system: Asker
) -> None:
    """What the boundary refuses is not acknowledged; an update is told with its address."""
    with anyio.fail_after(20):
        async with heard(
            kit,
            await kit.task_token({}),
            resourceSubscriptions=[MEMO, "file:///etc/passwd", MEMO],
        ) as messages:
            ack = await anext(messages)
            during = set(system.subscribed)
            system.say(UPDATED, "memo:two", principal=AGENT)
            system.say(UPDATED, MEMO, principal=AGENT)
            told = await anext(messages)
        while system.subscribed:
            await anyio.lowlevel.checkpoint()

    assert ack["params"]["notifications"] == {"resourceSubscriptions": [MEMO]}
    assert during == {MEMO}
    assert told["method"] == UPDATED
    assert told["params"]["uri"] == MEMO
    assert [one.tool for one in system.seen] == ["resources/subscribe", "resources/unsubscribe"]


async def test_the_last_listener_ends_a_subscription(kit: Kit, system: Asker) -> None:
    """Two streams of one agent listen to one resource; the system hears of one end."""
    token = await kit.task_token({})
    with anyio.fail_after(20):
        async with heard(kit, token, resourceSubscriptions=[MEMO]) as first:
            await anext(first)
            async with heard(kit, token, resourceSubscriptions=[MEMO]) as second:
                await anext(second)
            for _ in range(200):
                await anyio.lowlevel.checkpoint()
            still = set(system.subscribed)
            system.say(UPDATED, MEMO, principal=AGENT)
            told = await anext(first)
        while system.subscribed:
            await anyio.lowlevel.checkpoint()

    assert still == {MEMO}
    assert told["method"] == UPDATED
    assert [one.tool for one in system.seen].count("resources/unsubscribe") == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"resourceSubscriptions": MEMO},
        {"resourceSubscriptions": [7]},
        {"resourceSubscriptions": [""]},
        {"resourceSubscriptions": [f"memo:{number}" for number in range(101)]},
        {"taskIds": {"c-1": True}},
    ],
)
async def test_a_wish_that_cannot_be_read_opens_no_stream(
    agent: Agent, system: Asker, wanted: dict[str, Any]
) -> None:
    """And subscribes to nothing."""
    found = await agent.error(
        "subscriptions/listen",
        {"notifications": wanted},
        Accept="application/json, text/event-stream",
    )

    assert found == (400, -32602, "rpc.params")
    assert system.seen == []
