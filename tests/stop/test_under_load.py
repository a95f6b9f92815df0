"""Stop, while 64 callers are busy: nothing leaves after it that it did not list.

The system is another process that numbers what it receives. A call may reach it after the stop
only if it was on the wire before, and then the stop has named it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from sallyport.model import ActionState
from sallyport.ports import LedgerQuery
from sallyport.rules import ledger
from tests.crash import bookkeeping
from tests.crash.autopsy import look
from tests.crash.gateway_child import Nursery
from tests.crash.upstream import Desk
from tests.requirements import requirement
from tests.stop.crowd import BOOKS, NOTES, busy, listed

pytestmark = pytest.mark.anyio

DONE, REFUSED = ActionState.DONE, None
HELD = 12
BOUND_S = 60
MANY = 10**9

PARTS = ["agent:alice", "workflow:bookkeeping", "system:books", f"tool:{BOOKS}"]


@pytest.mark.parametrize("scope", PARTS)
@requirement("B-121")
async def test_a_stop_of_a_part_stops_that_part_at_once_and_no_other(
    home: Path, desk: Desk, scope: str
) -> None:
    """Agent, workflow, system, tool: their calls end, the others go on, a resume lets all go on."""
    callers = {BOOKS: 32, NOTES: 32}
    with anyio.fail_after(BOUND_S):
        async with busy(home, desk, scope, callers, held=HELD) as crowd:
            await crowd.more(BOOKS, 64, DONE)
            came_back = set(crowd.answered)
            effect = await crowd.house.controls.stop(scope, because="tested", by="anna")
            at_return = crowd.received(BOOKS)
            await crowd.more(BOOKS, 32, REFUSED)
            await crowd.more(NOTES, 64, DONE)

            desk.control("hold", calls=0)
            await crowd.until(lambda: listed(effect) <= crowd.answered)
            arrived = crowd.received(BOOKS)
            assert arrived - came_back <= listed(effect)
            assert arrived - at_return <= listed(effect)

            await crowd.house.controls.resume(scope, because="tested", by="anna")
            await crowd.more(BOOKS, 64, DONE)


@requirement("B-122")
async def test_disabling_one_tool_leaves_every_other_tool_as_it_was(home: Path, desk: Desk) -> None:
    """The same agent, workflow and system go on with their other tools, and so does everybody."""
    async with bookkeeping.open_home(home) as house:
        await house.controls.stop(f"tool:{BOOKS}", because="tested", by="anna")
        ended = {
            tool: (await bookkeeping.propose(house, home, tool, f"disabled-{tool}")).action
            for tool in (BOOKS, "keyed.add", "ledger.get", NOTES)
        }

    assert ended == {BOOKS: None, "keyed.add": DONE, "ledger.get": DONE, NOTES: DONE}
    assert f"disabled-{BOOKS}" not in desk.ids("received")


@requirement("B-54")
async def test_an_emergency_stop_with_a_hundred_calls_under_way_lets_none_follow(
    home: Path, desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    """Everything stops: of a hundred in flight only those leave that were listed as out already."""
    with anyio.fail_after(BOUND_S):
        async with busy(home, desk, "all", {BOOKS: 50, NOTES: 50}, held=HELD) as crowd:
            await crowd.more(BOOKS, 64, DONE)
            came_back = set(crowd.answered)
            began_s = time.perf_counter()
            effect = await crowd.house.controls.stop("everything", because="fire", by="anna")
            record_property("stop_ms", round((time.perf_counter() - began_s) * 1000, 1))
            assert 0 < len(listed(effect)) <= 100
            await crowd.more(BOOKS, 100, REFUSED)
            await crowd.more(NOTES, 100, REFUSED)

            desk.control("hold", calls=0)
            await crowd.until(lambda: listed(effect) <= crowd.answered)
            await crowd.more(BOOKS, 100, REFUSED)
            arrived = crowd.received(BOOKS) | crowd.received(NOTES)
            assert arrived - came_back <= listed(effect)
            assert crowd.on_wire() == set()

            await crowd.house.controls.resume("everything", because="tested", by="anna")
            await crowd.more(BOOKS, 64, DONE)


@requirement("B-54")
@pytest.mark.parametrize("scope", ["everything", *PARTS])
async def test_a_stop_file_made_while_busy_works_like_a_stop(
    home: Path, desk: Desk, scope: str
) -> None:
    """From the moment it exists only what is on the wire goes on; `resume` removes it."""
    name = f"file-{scope}"
    with anyio.fail_after(BOUND_S):
        async with busy(home, desk, name, {BOOKS: 32, NOTES: 32}, held=HELD) as crowd:
            await crowd.more(BOOKS, 64, DONE)
            came_back = set(crowd.answered)
            (home / ".sallyport" / "STOP").write_text(f"{scope}\n")
            out = crowd.on_wire()
            await crowd.more(BOOKS, 64, REFUSED)
            await crowd.more(NOTES, 64, REFUSED if scope == "everything" else DONE)

            desk.control("hold", calls=0)
            await crowd.until(lambda: out <= crowd.answered)
            await crowd.more(BOOKS, 64, REFUSED)
            assert crowd.received(BOOKS) - came_back <= out

            await crowd.house.controls.resume(scope, because="tested", by="anna")
            assert not (home / ".sallyport" / "STOP").exists()
            await crowd.more(BOOKS, 64, DONE)


@requirement("A-63")
async def test_the_ledger_and_the_system_count_the_same_calls(home: Path, desk: Desk) -> None:
    """After 64 busy callers and a stop in between: as many executed as received, and no more."""
    with anyio.fail_after(BOUND_S):
        async with busy(home, desk, "count", {BOOKS: 32, NOTES: 32}, held=HELD) as crowd:
            await crowd.more(BOOKS, 64, DONE)
            await crowd.house.controls.stop("agent:bob", because="tested", by="anna")
            await crowd.more(BOOKS, 64, DONE)

    found = await look(home)
    received = crowd.received(BOOKS) | crowd.received(NOTES)
    executed = {name for name, call in found.calls.items() if call.action is DONE}
    concluded = [
        entry["body"]["call"]
        for entry in found.entries.values()
        if entry["kind"] == "call.concluded" and entry["body"]["action"] == "done"
    ]
    assert executed == received
    assert len(concluded) == len(received) == len(set(concluded))
    assert found.intact


async def test_a_stop_that_returned_is_in_the_ledger_with_what_it_listed(
    home: Path, desk: Desk
) -> None:
    """The entry names the calls that were out, by their ids."""
    with anyio.fail_after(BOUND_S):
        async with busy(home, desk, "named", {BOOKS: 16}, held=HELD) as crowd:
            await crowd.more(BOOKS, 32, DONE)
            effect = await crowd.house.controls.stop("everything", because="x", by="anna")
            query = LedgerQuery(kind="switch.set", limit=MANY)
            entries = await crowd.house.gateway.outside.store.ledger(query)

    read = ledger.read(entries[-1].data)
    assert read is not None
    body = read["body"]
    assert isinstance(body, dict)
    assert body["on_wire"] == [out.call.id for out in effect.on_wire]
    assert len(effect.on_wire) > 0


@pytest.mark.parametrize("scope", ["everything", *PARTS])
async def test_a_stop_outlives_a_kill_right_after_it(
    home: Path, desk: Desk, gateways: Nursery, scope: str
) -> None:
    """What `stop` has returned is durable: the next gateway refuses from its first call on."""
    died = gateways.run("stop", home, desk.port, scope=scope)
    assert died.killed
    async with bookkeeping.open_home(home) as house:
        name = f"killed-{scope}"
        ended = await bookkeeping.propose(house, home, BOOKS, name)
        other = await bookkeeping.propose(house, home, NOTES, f"{name}-other")

    assert [floor.code for floor in ended.floors][:1] == ["switch.stop"]
    assert name not in desk.ids("received")
    assert (other.action is DONE) is (scope != "everything")
