"""kill -9 around the outbox: people are told of every question that there is, and of no other.

Whatever the moment: a question that was written down is told at least once, always under one id; of
a question that never came to be nobody hears; and nothing waits in the outbox for ever.
"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest

from tests.crash.autopsy import look
from tests.crash.conftest import Run
from tests.crash.gateway_child import Ran
from tests.crash.test_matrix import checked
from tests.crash.upstream import Desk

pytestmark = pytest.mark.anyio

RANDOM_KILLS = 40


@pytest.fixture
def told_home(run: Run, home: Path) -> Path:
    """Return a home whose people are told at the system's own address."""
    assert run("hook").code == 0
    return home


async def settled(run: Run, home: Path, desk: Desk, *lives: Ran) -> dict[str, set[str]]:
    """Let the last gateway tell what is left; return the notices of each question of this home.

    Checks that each question that is in the ledger was told, and nothing else was.
    """
    last = run("tell")
    assert last.code == 0
    found = checked(await look(home), *lives, last)
    asked = {
        str(entry["body"]["approval"])
        for entry in found.entries.values()
        if entry["kind"] == "approval.asked"
    }
    told: dict[str, set[str]] = defaultdict(set)
    for line in desk.journal():
        if line["what"] == "told" and (line["id"] in asked or line["id"] in found.questions):
            told[line["id"]].add(line["tool"])
    assert asked == found.questions
    assert set(told) == asked
    assert all(len(ids) == 1 for ids in told.values())
    assert found.untold == 0
    return told


def strangers(desk: Desk, before: int, known: set[str]) -> set[str]:
    """Return what was told since, of questions that are not known."""
    return {line["id"] for line in desk.journal()[before:] if line["what"] == "told"} - known


async def test_death_at_each_step_loses_no_notice_and_invents_none(
    run: Run, told_home: Path, desk: Desk
) -> None:
    """Before and after each commit, and before and after each time that something is sent."""
    before = len(desk.journal())
    whole = run("tell", tool="once.asked", id="told-0")
    steps: int = whole.what("steps")
    lives = [whole]
    for step in range(1, steps + 1):
        lives.append(run("tell", tool="once.asked", id=f"told-{step}", die_at_step=step))
        assert lives[-1].killed
    told = await settled(run, told_home, desk, *lives)

    assert steps > 6
    # Some died before their question was durable: nobody may hear of those.
    acknowledged = [life for life in lives if "approval.asked" in life.acknowledged.values()]
    assert 1 < len(acknowledged) <= len(told) < len(lives)
    assert strangers(desk, before, set(told)) == set()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_whoever_is_told_may_be_told_again_but_under_the_same_id(
    run: Run, told_home: Path, desk: Desk, moment: str
) -> None:
    """Shot by the receiver itself: once it has read the notice, or once it has answered."""
    plan = {"moment": moment, "tool": "told", "id": "any"}
    first = run("tell", tool="once.asked", id=f"shot-{moment}", plan=plan)
    assert first.killed
    ((question, ids),) = (await settled(run, told_home, desk, first)).items()
    times = [line for line in desk.journal() if line["what"] == "told" and line["id"] == question]
    assert len(ids) == 1
    assert len(times) in ({2} if moment == "before" else {1, 2})


async def test_random_kills_lose_no_notice_and_invent_none(
    run: Run, told_home: Path, desk: Desk
) -> None:
    """At any function that is entered or left, in any thread, from the proposal to the last one."""
    chance = random.Random(1517)  # noqa: S311 - repeatable
    before = len(desk.journal())
    whole = run("tell", tool="keyed.asked", id="random-told", die_at_event=10**9)
    lives = [whole]
    for number in range(RANDOM_KILLS):
        at = chance.randrange(1, whole.what("events"))
        name = f"random-told-{number}"
        lives.append(run("tell", tool="keyed.asked", id=name, die_at_event=at))
    told = await settled(run, told_home, desk, *lives)

    assert sum(life.killed for life in lives) > RANDOM_KILLS * 0.8
    assert 1 < len(told) <= RANDOM_KILLS + 1
    assert strangers(desk, before, set(told)) == set()


async def test_of_a_question_that_could_not_be_written_nobody_hears(
    run: Run, told_home: Path, desk: Desk
) -> None:
    """The disk is full: the call is refused as a whole, with its notice; the next one is told."""
    before = len(desk.journal())
    life = run("tell_full", tool="once.asked", id="roomy-again")
    assert life.code == 0
    assert {error["code"] for error in life.what("errors")} != {"none"}
    told = await settled(run, told_home, desk, life)
    assert len(told) == 1
    assert strangers(desk, before, set(told)) == set()
