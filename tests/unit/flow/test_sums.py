"""Sums of money: many small calls at once, and calls whose fate is unknown, never pass one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from sallyport.adapters.storage import SqliteStore, open_store
from sallyport.errors import UpstreamDownError, UpstreamError
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Evidence
from sallyport.flow.gateway import Gateway
from sallyport.flow.outside import Outside
from sallyport.flow.registry import Registry
from sallyport.model import ActionState, Ending, JsonObject, Limit, Proposal, Task
from sallyport.ports import Hear, Launch, Outbound, Reply
from sallyport.rules.reasons import say
from sallyport.rules.times import DAY_US
from sallyport.simulate import scenery
from sallyport.simulate.surroundings import (
    CountedIds,
    JumpingClock,
    KeyedDigests,
    PaperStop,
    PlainVault,
)
from tests.unit.flow.room import AGENTS, PEOPLE, Recorder, Room, refusals

CHARGES = Limit(
    name="amounts_per_day",
    at_most=500_000_000,
    per="day",
    counts="sum",
    argument="amount",
    currency="EUR",
)
WITHIN_S = 60
CALLS = 40


def limited(room: Room, *limits: Limit) -> Room:
    """Return a room whose billing workflow has these limits alone."""
    boundaries = room.gateway.registry.boundaries
    for digest, one in boundaries.items():
        boundaries[digest] = replace(one, workflow=replace(one.workflow, limits=limits))
    return room


def charge(room: Room, number: int, amount: JsonObject | int) -> tuple[Ending, list[str]]:
    """Charge an amount in a run of its own, and return how it ended and what refused it."""
    task = room.task("billing", instance=f"run-{number}")
    ended = room.propose(task, "billing.charge", {"amount": amount})
    return ended.ending, [say(floor) for floor in ended.floors if floor.code in refusals(ended)]


def counted(room: Room) -> int:
    """Return how many millionths of a euro were charged today."""
    name = f"billing:day:{room.clock.now_us() // DAY_US}:sum:amount:EUR"
    return room.run(room.store.counters([name]))[name]


def test_amounts_add_up_to_the_limit_and_not_beyond() -> None:
    """The call that would pass it is refused with what it would take; a smaller one still fits."""
    room = limited(Room(), replace(CHARGES, at_most=70_000_000))

    assert charge(room, 1, 50)[0] is Ending.DONE
    assert charge(room, 2, 21) == (
        Ending.REFUSED,
        ["limit `amounts_per_day` of 70.00 EUR per day does not leave the 21.00 EUR of this call"],
    )
    assert charge(room, 3, 20)[0] is Ending.DONE
    assert charge(room, 4, 1)[0] is Ending.REFUSED
    assert counted(room) == 70_000_000


def test_what_certainly_never_left_is_given_back() -> None:
    """A system that was never reached did nothing."""
    room = limited(Room(), replace(CHARGES, at_most=70_000_000))
    room.upstreams.trouble = UpstreamDownError("down")

    assert charge(room, 1, 50)[0] is Ending.REFUSED
    assert counted(room) == 0


def test_what_may_have_happened_stays_taken_over_a_restart() -> None:
    """A lost answer, and a crash after it, free no money."""
    room = limited(Room(), replace(CHARGES, at_most=70_000_000))
    room.upstreams.trouble = UpstreamError("lost")
    task = room.task("billing", instance="run-1")
    ended = room.propose(task, "billing.charge", {"amount": 50})

    assert ended.action is ActionState.IN_DOUBT
    room.upstreams.trouble = None
    room.start()
    limited(room, replace(CHARGES, at_most=70_000_000))
    assert charge(room, 2, 21)[0] is Ending.REFUSED
    assert charge(room, 3, 20)[0] is Ending.DONE
    assert counted(room) == 70_000_000


def test_an_intent_that_a_crash_left_open_keeps_its_amount() -> None:
    """The reservation is in the very commit of the intent, whatever comes after."""
    room = limited(Room(), replace(CHARGES, at_most=70_000_000))

    def crash() -> None:
        raise KeyboardInterrupt

    room.upstreams.before = crash
    with pytest.raises(KeyboardInterrupt):
        charge(room, 1, 50)
    room.upstreams.before = lambda: None
    room.start()
    limited(room, replace(CHARGES, at_most=70_000_000))

    assert counted(room) == 50_000_000
    assert charge(room, 2, 21)[0] is Ending.REFUSED


class Awaited(Recorder):
    """Systems that answer on a real event loop, after every other call had its turn."""

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Let it leave and answer."""
        await anyio.lowlevel.checkpoint()
        launch()
        self.sent.append(outbound)
        await anyio.lowlevel.checkpoint()
        return Reply(result=self.answer)


@pytest.fixture
async def store(tmp_path: Path, anyio_backend: str) -> AsyncIterator[SqliteStore]:
    """Return a real database."""
    opened = open_store(tmp_path / "state", key_id="0" * 32)
    yield opened
    await opened.close()


def gateway_on(store: SqliteStore, upstreams: Recorder, *limits: Limit) -> Gateway:
    """Return a gateway on a real database, whose billing workflow has these limits alone."""
    outside = Outside(
        store=store,
        upstreams=upstreams,
        clock=JumpingClock(),
        ids=CountedIds(),
        vault=PlainVault(),
        signatures=KeyedDigests(),
        stop_file=PaperStop(),
    )
    boundary = scenery.boundary("billing", 0)
    boundary = replace(boundary, workflow=replace(boundary.workflow, limits=limits))
    registry = Registry(
        agents={agent.name: agent for agent in AGENTS},
        people={person.name: person for person in PEOPLE},
        boundaries={boundary.digest: boundary},
        active={"billing": boundary.digest},
        verified=set(scenery.SYSTEMS),
    )
    return Gateway(outside, registry, Evidence(outside, 0), Fences(0))


@pytest.mark.anyio
@pytest.mark.parametrize("amount", [1, 7])
async def test_many_small_calls_at_once_never_pass_the_sum(store: SqliteStore, amount: int) -> None:
    """On a real database, with all calls in flight, exactly what fits is done."""
    upstreams = Awaited()
    gateway = gateway_on(store, upstreams, replace(CHARGES, at_most=20_000_000))
    endings: list[Ending] = []

    async def one(number: int) -> None:
        task = Task(
            id=f"t{number}",
            workflow="billing",
            agent="clerk",
            instance=f"run-{number}",
            requester=scenery.REQUESTER,
            boundary="billing-v0",
            inputs={},
            opened_us=0,
            expires_us=2**62,
        )
        gateway.registry.tasks[task.id] = task
        proposal = Proposal(
            call_id=f"c{number}",
            task_id=task.id,
            tool="billing.charge",
            args={"amount": amount},
            channel="mcp",
            by="clerk",
        )
        endings.append((await gateway.propose(proposal)).ending)

    with anyio.fail_after(WITHIN_S):
        async with anyio.create_task_group() as group:
            for number in range(CALLS):
                group.start_soon(one, number)

    fits = 20 // amount
    assert endings.count(Ending.DONE) == len(upstreams.sent) == fits
    assert endings.count(Ending.REFUSED) == CALLS - fits
