"""A client of the handshake era whose connection is cut comes back and reads on, or repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from sallyport.doors.mcp import questions, streams
from sallyport.doors.mcp.presence import Presence
from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.handshake_agent import Hand, call, hand
from tests.integration.mcp.house_fixture import Kit

pytestmark = pytest.mark.anyio
WRITE = call("write", text="once")
FORM = call("ask", what="form")
NAME = {"action": "accept", "content": {"name": "Ada"}}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Curious]]:
    """Open a house in front of a system that takes its time."""
    async with curious_house(tmp_path, hold_s=0) as found:
        yield found


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Return what is set once the gateway has noticed that a client is not there any more."""
    noticed, leave = asyncio.Event(), Presence.leave

    def leaving(presence: Presence) -> None:
        leave(presence)
        noticed.set()

    monkeypatch.setattr(Presence, "leave", leaving)
    return noticed


@pytest.fixture
async def agent(house: tuple[Kit, Curious]) -> AsyncGenerator[Hand]:
    """Return a client that has begun a session."""
    async with hand(house[0]) as agent:
        await agent.begin()
        yield agent


def said(answer: Any) -> str:
    """Return the text of a result."""
    text: str = answer["result"]["content"][0]["text"]
    return text


def call_of(answer: Any) -> str:
    """Return the id of the call that an answer is about."""
    found: str = answer["result"]["_meta"]["io.sallyport/call"]["id"]
    return found


async def undelivered(kit: Kit) -> None:
    """Wait until a call has ended whose asker was not there."""
    while not any(
        row["ending"] == "done" and not row["delivered"]
        for row in await kit.house.gateway.outside.store.rows("calls")
    ):
        await anyio.lowlevel.checkpoint()


# --- Going on after a cut. ---


async def test_a_cut_stream_is_gone_on_with_and_the_call_is_made_once(
    house: tuple[Kit, Curious], agent: Hand, left: asyncio.Event
) -> None:
    """The work goes on while nobody is there; who comes back gets its outcome, as an event."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE, 7) as stream:
            first = await stream.next()
            await system.busy.wait()
        await left.wait()
        system.go_on.set()
        await undelivered(kit)
        async with agent.listening(first.id) as stream:
            outcome = await stream.next()
            rest = await stream.rest()

    assert (first.message, first.retry) == (None, str(streams.RETRY_MS))
    assert outcome.message is not None
    assert outcome.message["id"] == 7
    assert said(outcome.message) == "written: once"
    assert outcome.id == first.id.removesuffix("0") + "1"
    assert (rest, system.written) == ([], ["once"])


async def test_a_client_that_comes_back_early_waits_on(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """What it is told after that comes to it as it happens."""
    _, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            first = await stream.next()
            await system.busy.wait()
        async with agent.listening(first.id) as stream:
            system.go_on.set()
            outcome = await stream.message()

    assert said(outcome) == "written: once"


async def test_a_client_that_comes_back_and_took_the_result_is_not_given_it_again(
    house: tuple[Kit, Curious], agent: Hand, left: asyncio.Event
) -> None:
    """Delivered is delivered: the next identical call is a new one, which asks a person by now."""
    kit, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            first = await stream.next()
            await system.busy.wait()
        await left.wait()
        system.go_on.set()
        await undelivered(kit)
        async with agent.listening(first.id) as stream:
            first_call = call_of(await stream.message())
        second_call = call_of(await agent.ask("tools/call", WRITE, 2))

    assert first_call != second_call
    assert system.written == ["once"]


async def test_a_client_that_repeats_the_call_gets_its_result_and_makes_none(
    house: tuple[Kit, Curious], agent: Hand, left: asyncio.Event
) -> None:
    """Who does not go on with the stream, or has lost its session, loses nothing either."""
    kit, system = house
    token = agent.http.headers["Authorization"].removeprefix("Bearer ")
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            await stream.next()
            await system.busy.wait()
        await left.wait()
        system.go_on.set()
        await undelivered(kit)
        async with hand(kit, token) as again:
            await again.begin()
            answer = await again.ask("tools/call", WRITE)

    assert said(answer) == "written: once"
    assert system.written == ["once"]


async def test_what_was_told_already_can_be_read_again(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """A connection may break after the outcome was sent and before it was read."""
    _, system = house
    system.go_on.set()
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            first = await stream.next()
            outcome = await stream.message()
        async with agent.listening(first.id) as stream:
            again = await stream.rest()
        async with agent.listening(first.id[:-1] + "1") as stream:
            nothing = await stream.rest()

    assert (again, nothing) == ([outcome], [])
    assert system.written == ["once"]


async def test_a_question_that_was_missed_is_put_when_the_client_is_back(agent: Hand) -> None:
    """And can be answered then; the outcome comes on the same stream."""
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", FORM) as stream:
            first = await stream.next()
        async with agent.listening(first.id) as stream:
            question = await stream.message()
            status = await agent.answers(question, NAME)
            outcome = await stream.message()

    assert status == 202
    assert "Ada" in said(outcome)


async def test_a_newer_reader_takes_the_place_of_the_older(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """A half-open connection does not swallow what comes."""
    _, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as old:
            first = await old.next()
            await system.busy.wait()
            async with agent.listening(first.id) as new:
                await anyio.lowlevel.checkpoint()
                system.go_on.set()
                outcome = await new.message()

    assert said(outcome) == "written: once"


@pytest.mark.parametrize("event", ["x", "-", "e_nobody-1", "{name}-x", "{name}-", "{name}-\u00b2"])
async def test_an_event_that_is_not_kept_is_turned_away(
    house: tuple[Kit, Curious], agent: Hand, event: str
) -> None:
    """Made up, malformed, or of no number: a clean 400 that says what to do."""
    _, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            name = (await stream.next()).id.rpartition("-")[0]
            system.go_on.set()
        headers = {"Last-Event-ID": event.format(name=name).encode("latin-1")}
        answer = await agent.http.get(agent.path, headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == 400
    assert answer.json()["error"]["data"]["fix"].startswith("repeat exactly the request")


async def test_a_stream_is_of_one_session(house: tuple[Kit, Curious], agent: Hand) -> None:
    """Neither another session of the same token nor another token reads it."""
    kit, system = house
    token = agent.http.headers["Authorization"].removeprefix("Bearer ")
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            first = await stream.next()
            await system.busy.wait()
        async with hand(kit, token) as same, hand(kit) as other:
            await same.begin()
            await other.begin()
            headers = {"Last-Event-ID": first.id}
            found = [await one.http.get(one.path, headers=headers) for one in (same, other)]
        await agent.http.delete(agent.path)
        ended = await agent.http.get(agent.path, headers=headers)

    assert [one.status_code for one in found] == [400, 400]
    assert ended.status_code == 404


async def test_a_stream_that_nobody_comes_back_to_is_let_go(
    house: tuple[Kit, Curious], agent: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time is bounded; the call is not bound to it, and a repeat has its result."""
    kit, system = house
    monkeypatch.setattr(streams, "KEPT_S", 0.0)
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE) as stream:
            first = await stream.next()
            await system.busy.wait()
        while (await agent.http.get(agent.path, headers={"Last-Event-ID": first.id})).is_success:
            await anyio.lowlevel.checkpoint()
        system.go_on.set()
        await undelivered(kit)
        answer = await agent.ask("tools/call", WRITE)

    assert said(answer) == "written: once"
    assert system.written == ["once"]


@pytest.mark.parametrize("version", ["2025-06-18", "2025-03-26", "2024-11-05"])
async def test_older_versions_get_ids_and_no_event_without_a_message(
    house: tuple[Kit, Curious], version: str
) -> None:
    """Their clients would take an empty event for a broken message."""
    kit, system = house
    system.go_on.set()
    async with hand(kit) as agent:
        await agent.begin(version)
        with anyio.fail_after(30):
            async with agent.streamed("tools/call", WRITE) as stream:
                outcome = await stream.next()

    assert outcome.message is not None
    assert outcome.id.endswith("-1")


# --- Answers, good and bad. ---


async def test_an_answer_counts_once_and_only_in_its_own_session(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """To another id, from another session, or a second time: taken with 202, and forgotten."""
    kit, system = house
    other_name = {"action": "accept", "content": {"name": "Eve"}}
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", FORM) as stream, hand(kit) as other:
            question = await stream.message()
            await other.begin()
            statuses = [
                await other.answers(question, other_name),
                await agent.answers({"id": "q_other"}, other_name),
                await agent.answers({"id": 1}, other_name),
                await agent.answers(question, NAME),
                await agent.answers(question, other_name),
            ]
            outcome = await stream.message()

    assert statuses == [202] * 5
    assert "Ada" in said(outcome)
    assert [one.answers for one in system.seen[1:]] == [{"who": NAME}]


async def test_a_client_that_never_answers_is_told_so_and_its_question_taken_back(
    agent: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its system is told too, and says how the call ends; a late answer is answered by nothing."""
    monkeypatch.setattr(questions, "TICK_S", 0.01)
    monkeypatch.setattr(questions, "WITHIN_S", 0.02)
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", FORM) as stream:
            question = await stream.message()
            taken_back = await stream.message()
            outcome = await stream.message()
        late = await agent.answers(question, NAME)

    assert taken_back["method"] == "notifications/cancelled"
    assert taken_back["params"]["requestId"] == question["id"]
    assert said(outcome) == "{}"
    assert outcome["result"]["_meta"]["io.sallyport/call"]["ending"] == "done"
    assert late == 202


async def test_cancelling_a_call_whose_system_asks_takes_the_question_back(agent: Hand) -> None:
    """The client hears that it is over, and its late answer does nothing."""
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", FORM, 9) as stream:
            question = await stream.message()
            cancelled = {
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": {"requestId": 9},
            }
            status = (await agent.send(cancelled)).status_code
            taken_back, outcome = await stream.rest()
        late = await agent.answers(question, NAME)

    assert (status, late) == (202, 202)
    assert taken_back["method"] == "notifications/cancelled"
    assert outcome["error"]["data"]["code"] == "mcp.cancelled"


async def test_cancelling_what_is_over_or_was_never_asked_does_nothing(agent: Hand) -> None:
    """Cancelling races the result, and may lose."""
    answer = await agent.ask("ping", number=4)
    statuses: list[int] = []
    for wanted in (4, "4", None, True, {"a": 1}, "nobody"):
        params = {"requestId": wanted}
        said = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}
        statuses.append((await agent.send(said)).status_code)

    assert answer["result"] == {}
    assert statuses == [202] * 6


async def test_an_id_cannot_be_used_twice_at_once(house: tuple[Kit, Curious], agent: Hand) -> None:
    """Not while its answer is under way, cut connection or not; afterwards it is free again."""
    _, system = house
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", WRITE, 3) as stream:
            first = await stream.next()
            await system.busy.wait()
            twice = await agent.send(
                {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": FORM}
            )
        cut = await agent.send({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": FORM})
        system.go_on.set()
        async with agent.listening(first.id) as stream:
            await stream.message()
        free = await agent.ask("ping", number=3)

    assert (twice.status_code, cut.status_code) == (400, 400)
    assert free["result"] == {}


async def test_a_client_that_reads_no_streams_is_asked_nothing(
    house: tuple[Kit, Curious], agent: Hand
) -> None:
    """There is no way to ask it, so its system is told that nobody can be asked."""
    agent.http.headers["Accept"] = "application/json"
    await agent.ask("tools/call", call("ask", what="nothing"))

    assert house[1].seen[0].abilities == frozenset()


async def test_a_link_gets_an_id_where_the_version_wants_one(agent: Hand) -> None:
    """A system of the newer era sends none, and clients of this one need it."""
    with anyio.fail_after(30):
        async with agent.streamed("tools/call", call("ask", what="url")) as stream:
            question = await stream.message()
            await agent.answers(question, {"action": "accept", "content": None})
            outcome = await stream.message()

    assert question["params"]["mode"] == "url"
    assert question["params"]["elicitationId"]
    assert said(outcome) == "{'go': {'action': 'accept'}}"


async def test_what_a_client_can_be_asked_outlives_a_restart_of_the_gateway(
    tmp_path: Path,
) -> None:
    """It is a part of the sealed session id."""
    async with curious_house(tmp_path) as (kit, _), hand(kit) as agent:
        await agent.begin(capabilities={"elicitation": {}})
        session = agent.http.headers["Mcp-Session-Id"]
        token = agent.http.headers["Authorization"].removeprefix("Bearer ")
    async with curious_house(tmp_path) as (kit, system), hand(kit, token) as agent:
        agent.http.headers["Mcp-Session-Id"] = session
        with anyio.fail_after(30):
            async with agent.streamed("tools/call", FORM) as stream:
                await agent.answers(await stream.message(), NAME)
                await stream.message()

    assert system.seen[0].abilities == {"form"}
