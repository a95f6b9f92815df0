"""Conversations held open while their asker is asked, and every way in which they end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import anyio
import pytest

from sallyport.adapters.mcp import McpUpstreams, held
from sallyport.errors import UpstreamDownError, UpstreamLostError
from sallyport.model import Asks, JsonObject, System
from sallyport.ports import Outbound, Reply
from sallyport.rules import asking
from tests.integration.upstream.conftest import Gateway
from tests.integration.upstream.raw import (
    RESULT,
    Asked,
    Launches,
    RawServer,
    Script,
    go,
    hold,
    outbound,
    raw_server,
    reply,
)

pytestmark = pytest.mark.anyio

FORM = frozenset(("form",))
NAME: JsonObject = {"action": "accept", "content": {"name": "Alice"}}
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
CALL = outbound(abilities=FORM)


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """Start a raw server of the handshake era."""
    async with raw_server() as server:
        yield server


def question(id_: str = "q-7", **more: Any) -> JsonObject:
    """Return a question of a system."""
    params: JsonObject = {"message": "Who?", "requestedSchema": {"type": "object"}, **more}
    return {"jsonrpc": "2.0", "id": id_, "method": "elicitation/create", "params": params}


def event(message: JsonObject, id_: str = "") -> bytes:
    """Return a message as an event."""
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}data: {json.dumps(message)}\n\n".encode()


def final(asked: Asked, result: JsonObject = RESULT) -> JsonObject:
    """Return the answer to a request."""
    return {"jsonrpc": "2.0", "id": asked.message["id"], "result": result}


def answers(raw: RawServer) -> list[JsonObject]:
    """Return what was answered to the system's own questions."""
    return [asked.message for asked in raw.seen if asked.message and not asked.rpc]


def streaming(*parts: JsonObject | Callable[[], Awaitable[object]]) -> Script:
    """Answer a call with a stream of messages, waiting where it says so, then its result."""

    async def script(asked: Asked) -> None:
        asked.writer.write(STREAM)
        for part in parts:
            if callable(part):
                await part()
            else:
                asked.writer.write(event(part))
        asked.writer.write(event(final(asked)))
        await asked.writer.drain()
        asked.writer.close()

    return script


def until_answered(raw: RawServer, count: int = 1) -> Callable[[], Awaitable[None]]:
    """Wait until so many questions were answered."""
    return lambda: raw.until(lambda: len(answers(raw)) >= count)


async def asked_by(upstreams: McpUpstreams, call: Outbound = CALL) -> Asks:
    """Make a call whose system asks."""
    found: Reply = await upstreams.call(call, go)
    assert found.asks is not None
    assert found.asks.open
    return found.asks


def going_on(asks: Asks, call: Outbound = CALL) -> Outbound:
    """Return the call that answers."""
    return replace(call, answers=dict.fromkeys(asks.requests, NAME), state=asks.state)


async def over(upstreams: McpUpstreams) -> None:
    """Wait until the one held conversation was ended by its system."""
    held_open = cast("held.Held", vars(upstreams)["_held"])
    found = cast("dict[str, held.Conversation]", vars(held_open)["_held"])
    (conversation,) = found.values()
    exchange = cast("asyncio.Task[object]", conversation.exchange)
    with anyio.fail_after(5):
        await asyncio.wait({exchange})


async def test_the_answer_is_a_post_of_its_own_and_its_launch_comes_right_before(
    raw: RawServer, gateway: Gateway
) -> None:
    """The system gets the result under the id it asked with, in the same session."""
    raw.script = streaming(question(), until_answered(raw))
    before: list[int] = []
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        last = await upstreams.call(going_on(asks), lambda: before.append(len(answers(raw))))
    assert last.result == RESULT
    assert before == [0]
    assert answers(raw) == [{"jsonrpc": "2.0", "id": "q-7", "result": NAME}]
    (post,) = [asked for asked in raw.seen if asked.message and not asked.rpc]
    assert post.headers["mcp-session-id"] == "session-1"
    assert asks.requests["q1"] == {
        "method": "elicitation/create",
        "params": {"message": "Who?", "requestedSchema": {"type": "object"}},
    }


async def test_questions_asked_together_are_answered_together_under_one_launch(
    raw: RawServer, gateway: Gateway
) -> None:
    """One call with two questions goes on with two messages."""
    raw.script = streaming(question("a"), question("b"), until_answered(raw, 2))
    launches = Launches()
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        last = await upstreams.call(going_on(asks), launches)
        while last.asks is not None:
            last = await upstreams.call(going_on(last.asks), go)
    assert last.result == RESULT
    assert launches.count == 1
    assert {str(one["id"]) for one in answers(raw)} == {"a", "b"}


async def test_a_system_that_dies_while_held_is_down_for_the_answer(
    raw: RawServer, gateway: Gateway
) -> None:
    """Nothing of the answer leaves, and the hold's fate is known to nobody else."""
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    launches = Launches()
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        raw.hang_up()
        await over(upstreams)
        with pytest.raises(UpstreamDownError, match="no longer waits"):
            await upstreams.call(going_on(asks), launches)
    assert launches.count == 0


async def test_a_child_that_dies_while_held_is_down_for_the_answer(
    gateway: Gateway, child_system: Callable[..., System]
) -> None:
    """The same over stdio; the next call finds a new child."""
    launches = Launches()
    async with gateway(child_system("asks_and_dies")) as upstreams:
        asks = await asked_by(upstreams)
        await over(upstreams)
        with pytest.raises(UpstreamDownError, match="no longer waits"):
            await upstreams.call(going_on(asks), launches)
        assert launches.count == 0
        await asked_by(upstreams)


async def test_what_nobody_answers_in_time_is_declined_and_cancelled(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system hears that nobody is there and that its request is over."""
    monkeypatch.setattr(asking, "WITHIN_S", 0.05)
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        with anyio.fail_after(5):
            await raw.until(
                lambda: (
                    bool(answers(raw))
                    and any(asked.rpc == "notifications/cancelled" for asked in raw.seen)
                )
            )
        with pytest.raises(UpstreamDownError, match="no longer waits"):
            await upstreams.call(going_on(asks), go)
    (declined,) = answers(raw)
    assert declined["id"] == "q-7"
    assert "error" in declined


async def test_an_answer_that_came_before_ours_is_kept_for_whoever_comes_with_the_handle(
    raw: RawServer, gateway: Gateway
) -> None:
    """A system may go on without waiting; what it did is not lost, and nothing more is sent."""
    raw.script = streaming(question())
    launches = Launches()
    async with gateway(raw.system()) as upstreams:
        first = await upstreams.call(CALL, go)
        if first.asks is not None:
            first = await upstreams.call(going_on(first.asks), launches)
    assert first.result == RESULT
    assert answers(raw) == []


async def test_a_question_that_was_withdrawn_is_not_answered(
    raw: RawServer, gateway: Gateway
) -> None:
    """The call goes on; the system does not hear what it no longer wants to know."""
    withdrawn = asyncio.Event()
    done = asyncio.Event()
    cancelled: JsonObject = {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": "q-7"},
    }
    ping: JsonObject = {"jsonrpc": "2.0", "id": "p", "method": "ping"}
    raw.script = streaming(question(), withdrawn.wait, cancelled, ping, done.wait)
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        withdrawn.set()
        with anyio.fail_after(5):
            await until_answered(raw)()
        async with asyncio.TaskGroup() as group:
            last = group.create_task(upstreams.call(going_on(asks), done.set))
    assert last.result().result == RESULT
    assert [one["id"] for one in answers(raw)] == ["p"]


async def test_a_question_on_the_shared_stream_is_the_only_askable_calls(
    raw: RawServer, gateway: Gateway
) -> None:
    """A system may ask on the stream it keeps open; with one call out, whose it is is clear."""
    out: asyncio.Queue[Asked] = asyncio.Queue()

    async def stream(asked: Asked) -> None:
        asked.writer.write(STREAM)
        await out.get()
        asked.writer.write(event(question()))
        await hold(asked)

    async def script(asked: Asked) -> None:
        out.put_nowait(asked)
        await until_answered(raw)()
        await reply(asked)

    raw.stream, raw.script = stream, script
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        last = await upstreams.call(going_on(asks), go)
    assert last.result == RESULT


async def test_a_question_that_could_be_of_two_calls_is_declined(
    raw: RawServer, gateway: Gateway
) -> None:
    """On the shared stream nobody knows which call it belongs to, so nobody is asked."""
    both = asyncio.Event()

    async def stream(asked: Asked) -> None:
        asked.writer.write(STREAM)
        await both.wait()
        asked.writer.write(event(question()))
        await hold(asked)

    async def script(asked: Asked) -> None:
        if len(raw.calls()) == 2:
            both.set()
        await until_answered(raw)()
        await reply(asked)

    raw.stream, raw.script = stream, script
    async with gateway(raw.system()) as upstreams, asyncio.TaskGroup() as group:
        calls = [group.create_task(upstreams.call(CALL, go)) for _ in range(2)]
    assert [one.result().result for one in calls] == [RESULT, RESULT]
    assert "error" in answers(raw)[0]


async def test_held_conversations_are_bounded(
    raw: RawServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound a question is declined as it arrives, and its call goes on without."""
    monkeypatch.setattr(held, "HELD_MAX_EACH", 1)
    raw.script = streaming(question(), until_answered(raw))
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        beyond = await upstreams.call(CALL, go)
        assert beyond.result == RESULT
        assert (await upstreams.call(going_on(asks), go)).result == RESULT
    assert "error" in answers(raw)[0]


async def test_an_answer_that_the_system_does_not_take_leaves_the_call_in_doubt(
    raw: RawServer, gateway: Gateway
) -> None:
    """It left, so what the system made of it is not known."""
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    raw.answered = lambda asked: reply(asked, b"", status="500 Internal Server Error")
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        with pytest.raises(UpstreamLostError):
            await upstreams.call(going_on(asks), go)


async def test_a_system_that_came_back_stateless_gets_no_old_handle(
    raw: RawServer, gateway: Gateway
) -> None:
    """A handle is ours, not a state of the system's, whichever era it is in by now."""
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
    raw.modern = {"supportedVersions": ["2026-07-28"], "capabilities": {}}
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError):
            await upstreams.call(going_on(asks), go)
    assert "sallyport-held" not in str([asked.body for asked in raw.seen])


async def test_a_state_of_the_stateless_era_is_not_sent_in_the_other(
    raw: RawServer, gateway: Gateway
) -> None:
    """A system that came back in the handshake era never asked this."""
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamDownError):
            await upstreams.call(replace(CALL, state="s", answers={"a": NAME}), go)
    assert raw.calls() == []


async def test_closing_the_gateway_ends_what_is_held(raw: RawServer, gateway: Gateway) -> None:
    """No task, no connection and no handle outlives it."""
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    async with gateway(raw.system()) as upstreams:
        await asked_by(upstreams)
        out = vars(upstreams)["_held"]
    assert not vars(out)["_held"]
    assert not vars(out)["_tasks"]


async def test_a_caller_that_goes_away_cancels_the_call_in_words(
    raw: RawServer, gateway: Gateway
) -> None:
    """In the handshake era hanging up means nothing, so the system is told."""
    raw.script = hold
    async with gateway(raw.system()) as upstreams:
        with pytest.raises(UpstreamLostError):
            await upstreams.call(replace(outbound(), timeout_ms=50), go)
        with anyio.fail_after(5):
            await raw.until(
                lambda: any(asked.rpc == "notifications/cancelled" for asked in raw.seen)
            )
    (call,) = raw.calls()
    (cancelled,) = [a for a in raw.seen if a.rpc == "notifications/cancelled"]
    assert cancelled.message["params"]["requestId"] == call.message["id"]


async def test_a_call_that_is_taken_back_is_hung_up_on_in_the_stateless_era(
    raw: RawServer, gateway: Gateway
) -> None:
    """There hanging up says it, and no word is sent."""
    hung_up = asyncio.Event()

    async def script(asked: Asked) -> None:
        assert await asked.reader.read() == b""
        hung_up.set()

    raw.modern = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}
    raw.script = script
    async with gateway(raw.system()) as upstreams:
        calling = asyncio.create_task(upstreams.call(outbound(), go))
        with anyio.fail_after(5):
            await raw.until(lambda: bool(raw.calls()))
            calling.cancel()
            await hung_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await calling
    assert not [asked for asked in raw.seen if asked.rpc == "notifications/cancelled"]


async def test_a_question_that_is_given_up_is_declined_and_its_call_cancelled(
    raw: RawServer, gateway: Gateway
) -> None:
    """The system hears both; the handle is good no more."""
    raw.script = streaming(question(), lambda: asyncio.sleep(3600))
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        upstreams.let_go(asks.state)
        upstreams.let_go(asks.state)
        with anyio.fail_after(5):
            await until_answered(raw)()
            await raw.until(
                lambda: any(asked.rpc == "notifications/cancelled" for asked in raw.seen)
            )
        with pytest.raises(UpstreamDownError):
            await upstreams.call(going_on(asks), go)
    assert [message["id"] for message in answers(raw) if "error" in message] == ["q-7"]


async def test_what_has_no_answer_is_declined_and_its_system_goes_on(
    raw: RawServer, gateway: Gateway
) -> None:
    """It hears an error for its question, and says how the call ends."""
    raw.script = streaming(question(), until_answered(raw))
    async with gateway(raw.system()) as upstreams:
        asks = await asked_by(upstreams)
        ended = await upstreams.call(outbound(state=asks.state), go)
    assert ended.result == RESULT
    assert ["error" in message for message in answers(raw)] == [True]


async def test_addresses_to_be_opened_first_are_questions(raw: RawServer, gateway: Gateway) -> None:
    """The handshake era's error for it becomes what the stateless era would have asked."""
    wanted: JsonObject = {
        "mode": "url",
        "url": "https://x.example/a",
        "message": "Go",
        "elicitationId": "e",
    }

    async def script(asked: Asked) -> None:
        error = {"code": -32042, "message": "first", "data": {"elicitations": [wanted]}}
        message = {"jsonrpc": "2.0", "id": asked.message["id"], "error": error}
        await reply(asked, json.dumps(message).encode())

    raw.script = script
    call = outbound(abilities=frozenset(("url",)))
    async with gateway(raw.system()) as upstreams:
        asks = (await upstreams.call(call, go)).asks
        assert asks == Asks(requests={"q1": {"method": "elicitation/create", "params": wanted}})
        raw.script = reply
        done: JsonObject = {"q1": {"action": "accept"}}
        assert (await upstreams.call(replace(call, answers=done), go)).result == RESULT
        raw.script = script
        unasked = await upstreams.call(outbound(), go)
    assert unasked.error == {"code": -32042, "message": "first"}
