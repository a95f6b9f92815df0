"""Real servers of the official SDK, over HTTP with JSON, HTTP with streams, and stdio."""

import json
from decimal import Decimal

import anyio
import pytest

from sallyport.adapters.mcp.era import RESERVED
from sallyport.model import Json, JsonObject, System
from sallyport.ports import Reply
from sallyport.rules import canonical
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.raw import Launches, go, outbound

pytestmark = pytest.mark.anyio

NAMES = {"ask", "die", "echo", "environment", "fail", "full", "grow", "region", "wait"}


def said(reply: Reply) -> Json:
    """Return the JSON in the first text of a result."""
    assert reply.result is not None
    content = reply.result["content"]
    assert isinstance(content, list)
    block = content[0]
    assert isinstance(block, dict)
    value: Json = json.loads(str(block["text"]))
    return value


def said_of_a_call(reply: Reply) -> tuple[Json, Json]:
    """Return the arguments and the meta that `echo` saw, without what each hop says for itself."""
    match said(reply):
        case [arguments, dict(meta)]:
            return arguments, {key: meta[key] for key in meta if not key.startswith(RESERVED)}
        case other:
            raise AssertionError(other)


async def test_a_call_arrives_as_it_was_sent_and_its_answer_comes_back(
    system: System, gateway: Gateway
) -> None:
    """Arguments, listed meta, and the idempotency key under the reserved prefix."""
    launches = Launches()
    call = outbound(
        arguments=b'{"n":50.00,"t":"\\u00e4"}', meta={"trace": "x"}, idempotency_key="call_1"
    )
    async with gateway(system) as upstreams:
        reply = await upstreams.call(call, launches)

    arguments, meta = said_of_a_call(reply)
    assert arguments == {"n": 50.0, "t": "ä"}
    assert meta == {"trace": "x", "io.sallyport/idempotency-key": "call_1"}
    assert launches.count == 1


async def test_all_pages_of_tools_are_listed_with_their_digests(
    system: System, gateway: Gateway
) -> None:
    """Definitions keep keywords that nobody here knows, and the digits of their numbers."""
    async with gateway(system) as upstreams:
        pins = {pin.tool: pin for pin in await upstreams.tools("desk")}

    assert set(pins) == NAMES
    echo = pins["echo"]
    assert echo.digest == canonical.digest("tool", echo.definition)
    schema = echo.definition["inputSchema"]
    assert isinstance(schema, dict)
    assert schema["x-own"] == [1, Decimal("1.5")]
    assert canonical.encode(schema["properties"]) == b'{"n":{"maximum":50.0,"type":"number"}}'


async def test_a_tools_own_failure_is_a_definite_answer(system: System, gateway: Gateway) -> None:
    """`isError` is the tool speaking."""
    async with gateway(system) as upstreams:
        reply = await upstreams.call(outbound("fail"), go)

    assert reply.result is not None
    assert reply.result["isError"] is True


async def test_a_protocol_error_is_a_definite_answer(system: System, gateway: Gateway) -> None:
    """The system says that it did not do it."""
    async with gateway(system) as upstreams:
        reply = await upstreams.call(outbound("nope"), go)

    assert reply.result is None
    assert reply.error is not None
    assert isinstance(reply.error["code"], int)


async def test_many_calls_at_once_each_get_their_own_answer(
    system: System, gateway: Gateway
) -> None:
    """Sixty-four at a time, answered in any order."""
    answers: dict[int, tuple[Json, Json]] = {}

    async with gateway(system) as upstreams:

        async def one(number: int) -> None:
            arguments: JsonObject = {"n": number}
            reply = await upstreams.call(outbound(arguments=canonical.encode(arguments)), go)
            answers[number] = said_of_a_call(reply)

        async with anyio.create_task_group() as group:
            for number in range(64):
                group.start_soon(one, number)

    assert answers == {number: ({"n": number}, {}) for number in range(64)}


async def test_what_a_system_asks_of_us_is_declined_in_mid_call(
    stdio_system: System, gateway: Gateway
) -> None:
    """We declare no elicitation, so there is none; the call goes on."""
    async with gateway(stdio_system) as upstreams:
        reply = await upstreams.call(outbound("ask"), go)

    assert said(reply) == "not available here"


async def test_a_system_that_grows_a_tool_is_noticed(
    stdio_system: System, gateway: Gateway
) -> None:
    """`notifications/tools/list_changed` reaches the watcher, and the next list has the tool."""
    changed: list[str] = []
    async with gateway(stdio_system) as upstreams:
        upstreams.watch(changed.append)
        await upstreams.call(outbound("grow"), go)
        names = {pin.tool for pin in await upstreams.tools("desk")}

    assert changed == ["desk"]
    assert names == NAMES | {"grown"}
