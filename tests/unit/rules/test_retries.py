"""A call that got no answer is sent again only where a second try can do no harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import ActionState, Ending, JsonObject, Level, Plumbing, Recovery
from sallyport.rules import reasons
from sallyport.rules.commands import Answered, Kept, Lost, NotSent, Perform, Recalled, Reply
from sallyport.rules.context import Context
from sallyport.rules.look_ups import retries_of
from sallyport.rules.steps import govern
from tests.unit.rules import worlds
from tests.unit.rules.test_steps import COMPLAINT, DONE, Walk
from tests.unit.rules.worlds import PLAIN, PROPOSAL, TOOL

LOST = Lost("no answer came in time")
CLOSED = NotSent(reasons.refuse("fence.closed"))
TAKEN_BACK = reasons.refuse("call.cancelled", agent="helper")
ERROR = Answered(error={"code": -1, "message": "no"})
KEYED = Plumbing(recovery=Recovery.IDEMPOTENCY_KEY, retries=2)


def seen(plumbing: Plumbing, level: Level = Level.UPDATE) -> Context:
    """Return the snapshot of a call that is allowed, of a tool that is handled like this."""
    system = replace(PLAIN, tools={TOOL: plumbing})
    return worlds.context(
        worlds.boundary(worlds.rule(level, allow=(worlds.allow(),)), system=system)
    )


def sent(context: Context, *replies: Reply) -> tuple[Walk, list[Perform]]:
    """Walk a call to its end, its tries answered one by one; return what left."""
    walk = Walk(govern(PROPOSAL)).give(context, Kept(), *replies, Kept())
    return walk, [command for command in walk.commands if isinstance(command, Perform)]


def test_a_lost_call_goes_again_as_the_very_same_call() -> None:
    """The same id, key, scopes and fence; only nobody is there any more to be asked anything."""
    walk, tries = sent(seen(KEYED), LOST, LOST, DONE)

    assert (walk.ended.ending, walk.ended.action) == (Ending.DONE, ActionState.DONE)
    assert len(tries) == 3
    assert tries[1] == tries[2] == replace(tries[0], may_be_asked=False)


def test_it_is_in_doubt_once_all_tries_are_lost() -> None:
    """Nothing is tried more often than was declared."""
    walk, tries = sent(seen(KEYED), LOST, LOST, LOST)

    assert (walk.ended.ending, walk.ended.action) == (Ending.WAITING, ActionState.IN_DOUBT)
    assert len(tries) == 3


def test_the_first_answer_ends_it() -> None:
    """A call that was answered is over, whatever the answer."""
    for answer in (DONE, COMPLAINT):
        assert len(sent(seen(KEYED), answer)[1]) == 1


@pytest.mark.parametrize("after", [CLOSED, COMPLAINT, ERROR])
def test_what_a_second_try_did_not_do_says_nothing_of_the_first(after: Reply) -> None:
    """An error, or a stop in between, leaves open what became of the one that left before."""
    walk, _ = sent(seen(KEYED), LOST, after)

    assert walk.ended.action is ActionState.IN_DOUBT


def test_a_call_taken_back_between_two_tries_has_left() -> None:
    """That the second never left does not unsend the first."""
    walk, _ = sent(seen(KEYED), LOST, Recalled(TAKEN_BACK, sent=False))

    assert walk.ended.action is ActionState.IN_DOUBT


def test_a_read_may_go_again_without_a_key() -> None:
    """Looking twice changes nothing, and an error of the second try is the answer."""
    walk, tries = sent(seen(Plumbing(retries=1), Level.READ), LOST, COMPLAINT)

    assert len(tries) == 2
    assert (walk.ended.ending, walk.ended.action) == (Ending.DONE, ActionState.FAILED)


@pytest.mark.parametrize("recovery", [Recovery.AT_MOST_ONCE, Recovery.PROBE])
def test_what_may_happen_twice_is_never_tried_again(recovery: Recovery) -> None:
    """Whatever a file declares: the gateway holds it by itself."""
    unkeyed = Plumbing(recovery=recovery, retries=5)
    walk, tries = sent(seen(unkeyed), LOST)

    assert len(tries) == 1
    assert walk.ended.action is ActionState.IN_DOUBT


def test_the_answer_to_a_question_is_not_given_twice() -> None:
    """Nobody knows whether the system still waits for it."""
    answers: JsonObject = {"q": {"action": "accept"}}
    answering = replace(seen(KEYED), proposal=replace(PROPOSAL, answers=answers))

    assert retries_of(answering) == 0
