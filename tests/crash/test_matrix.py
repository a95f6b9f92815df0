"""kill -9 at every moment of a call, by the very system that it calls, and then a restart.

Whatever the moment: never two effects, nothing acknowledged is missing, the chain holds, an effect
has an intent from before it, and the call is `done`, or `in_doubt` where nobody can know.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crash.autopsy import Found, intended_before, look
from tests.crash.conftest import Run
from tests.crash.gateway_child import Ran
from tests.crash.upstream import Desk
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

RANDOM_KILLS = 100


def checked(found: Found, *lives: Ran) -> Found:
    """Check what holds after any death: chain, note of its head, and all that was acknowledged."""
    kinds = found.kinds()
    assert found.intact
    assert found.rolled_back == ""
    for life in lives:
        assert {seq: kinds.get(seq) for seq in life.acknowledged} == life.acknowledged
    return found


@pytest.mark.parametrize("crashes", [1, 2], ids=["once", "and again while recovering"])
@pytest.mark.parametrize("moment", ["before", "during", "after"])
async def test_a_keyed_call_is_done_exactly_once_whenever_the_gateway_is_shot(
    run: Run, home: Path, desk: Desk, moment: str, crashes: int
) -> None:
    """The key makes it safe to send again, also a third time."""
    name = f"keyed-{moment}-{crashes}"
    plan = {"moment": moment, "tool": "keyed.add", "id": name}
    first = run("propose", tool="keyed.add", id=name, plan=plan)
    assert first.killed
    found = checked(await look(home), first)
    assert intended_before(found, desk, {name})
    again = [run("open", plan=plan) for _ in range(crashes - 1)]
    last = run("open")

    found = checked(await look(home), first, *again, last)
    assert found.state(name) == "done"
    assert desk.ids("effect").count(name) == 1
    assert len(found.intents(name)) == 1
    assert len(found.of_call(name, "call.concluded")) == 1


@pytest.mark.parametrize("moment", ["before", "during", "after"])
async def test_a_call_without_a_key_is_never_sent_again(
    run: Run, home: Path, desk: Desk, moment: str
) -> None:
    """What nobody can know is said to be in doubt, and stays so at every later start.

    Only a gateway that heard the answer before it died may have written that it was done.
    """
    name = f"once-{moment}"
    plan = {"moment": moment, "tool": "once.add", "id": name}
    lives = [run("propose", tool="once.add", id=name, plan=plan)]
    assert lives[0].killed
    assert intended_before(checked(await look(home), *lives), desk, {name})
    lives += [run("open"), run("open")]

    found = checked(await look(home), *lives)
    assert found.state(name) in {"in_doubt", "done" if moment == "after" else "in_doubt"}
    assert desk.ids("received").count(name) == 1
    assert desk.ids("effect").count(name) == (0 if moment == "before" else 1)
    assert lives[-1].what("in_doubt") == 0


@pytest.mark.parametrize("moment", ["before", "during"])
async def test_an_error_of_a_call_sent_again_is_not_taken_for_the_first(
    run: Run, home: Path, desk: Desk, moment: str
) -> None:
    """The first may have done it, as it has in one of these two: a person looks."""
    name = f"complained-{moment}"
    plan = {"moment": moment, "tool": "keyed.add", "id": name}
    first = run("propose", tool="keyed.add", id=name, plan=plan)
    desk.control("complain", id=name)
    last = run("open")

    assert first.killed
    assert checked(await look(home), first, last).state(name) == "in_doubt"
    assert desk.ids("received").count(name) == 2
    assert desk.ids("effect").count(name) == (0 if moment == "before" else 1)


async def test_a_read_that_was_lost_has_failed_and_is_not_repeated(
    run: Run, home: Path, desk: Desk
) -> None:
    """It had no effect, so nobody needs to look."""
    plan = {"moment": "before", "tool": "ledger.get", "id": "read"}
    first = run("propose", tool="ledger.get", id="read", plan=plan)
    last = run("open")

    assert first.killed
    assert checked(await look(home), first, last).state("read") == "failed"
    assert desk.ids("received").count("read") == 1


@pytest.mark.parametrize("tool,state", [("keyed.add", "done"), ("once.add", "in_doubt")])
async def test_an_intent_that_never_left_is_treated_as_one_that_might_have(
    run: Run, home: Path, desk: Desk, tool: str, state: str
) -> None:
    """From the database alone the two cannot be told apart."""
    name = f"halted-{tool}"
    first = run("propose", tool=tool, id=name, halt=tool)
    assert first.killed
    assert checked(await look(home), first).state(name) == "intended"
    assert desk.ids("received").count(name) == 0
    last = run("open")

    assert checked(await look(home), first, last).state(name) == state
    assert desk.ids("effect").count(name) == (1 if state == "done" else 0)


@pytest.mark.parametrize("tool", ["keyed.asked", "once.asked"])
async def test_an_answer_outlives_the_gateway_and_is_carried_out_once(
    run: Run, home: Path, desk: Desk, tool: str
) -> None:
    """Shot while it read the target anew, after the answer and before the intent."""
    name = f"answered-{tool}"
    plan = {"moment": "before", "tool": "ledger.get", "id": name}
    first = run("approve", tool=tool, id=name, plan=plan)
    assert first.killed
    found = checked(await look(home), first)
    assert (found.state(name), desk.ids("effect").count(name)) == ("", 0)
    lives = [first, run("open"), run("open")]

    found = checked(await look(home), *lives)
    assert found.state(name) == "done"
    assert found.approvals[found.calls[name].id] == "used"
    assert desk.ids("effect").count(name) == 1
    assert [life.what("carried_on") for life in lives[1:]] == [1, 0]


@pytest.mark.parametrize("tool,state", [("keyed.asked", "done"), ("once.asked", "in_doubt")])
async def test_an_answer_is_not_used_twice_by_a_recovery_that_is_shot_too(
    run: Run, home: Path, desk: Desk, tool: str, state: str
) -> None:
    """The second gateway dies carrying it out, after the effect."""
    name = f"twice-{tool}"
    plan = {"moment": "before", "tool": "ledger.get", "id": name}
    lives = [run("approve", tool=tool, id=name, plan=plan)]
    lives += [run("open", plan={"moment": "during", "tool": tool, "id": name})]
    assert [life.killed for life in lives] == [True, True]
    assert intended_before(checked(await look(home), *lives), desk, {name})
    lives += [run("open")]

    found = checked(await look(home), *lives)
    assert found.state(name) == state
    assert desk.ids("effect").count(name) == 1
    assert len(found.intents(name)) == 1


@requirement("B-19")
@pytest.mark.parametrize("tool", ["keyed.asked", "once.asked"])
async def test_death_at_each_step_leaves_no_effect_without_an_earlier_intent(
    run: Run, home: Path, desk: Desk, tool: str
) -> None:
    """Before and after each commit, and before and after each call that leaves."""
    lives = [run("approve", tool=tool, id=f"step-{tool}-0", die_at_step=0)]
    steps: int = lives[0].what("steps")
    names = {f"step-{tool}-{step}" for step in range(1, steps + 1)}
    for step in range(1, steps + 1):
        name = f"step-{tool}-{step}"
        lives.append(run("approve", tool=tool, id=name, die_at_step=step))
        assert lives[-1].killed
        assert intended_before(checked(await look(home), lives[-1]), desk, {name})
    lives.append(run("open"))

    found = checked(await look(home), *lives)
    effects = desk.ids("effect")
    assert steps > 10
    assert max(effects.count(name) for name in names) == 1
    # At the first step the answer was not durable yet: nobody has approved anything.
    assert found.state(f"step-{tool}-1") == ""
    states = [found.state(f"step-{tool}-{step}") for step in range(2, steps + 1)]
    assert set(states) <= ({"done"} if tool == "keyed.asked" else {"done", "in_doubt"})
    done = [name for name in names if found.state(name) == "done"]
    assert all(effects.count(name) == 1 for name in done)
    assert intended_before(found, desk, names)


@requirement("A-02")
async def test_a_hundred_kills_between_approval_and_execution_never_act_twice(
    run: Run, home: Path, desk: Desk
) -> None:
    """At any function that is entered or left, in any thread, from the answer to the outcome."""
    chance = random.Random(4711)  # noqa: S311 - repeatable
    whole = run("approve", tool="once.asked", id="whole", die_at_event=10**9)
    lives = [whole]
    tools: dict[str, str] = {}
    for number in range(RANDOM_KILLS):
        name, tool = f"random-{number}", ("keyed.asked", "once.asked")[number % 2]
        tools[name] = tool
        at = chance.randrange(1, whole.what("events"))
        lives.append(run("approve", tool=tool, id=name, die_at_event=at))
    lives.append(run("open"))

    found = checked(await look(home), *lives)
    effects = desk.ids("effect")
    killed = sum(life.killed for life in lives)
    assert killed > RANDOM_KILLS * 0.75, "a later life has fewer events than the first, some by far"
    for name, tool in tools.items():
        state = found.state(name)
        assert state in ({"done"} if tool == "keyed.asked" else {"done", "in_doubt"})
        assert effects.count(name) <= 1
        assert (state, effects.count(name)) != ("done", 0)
    assert intended_before(found, desk, set(tools))
