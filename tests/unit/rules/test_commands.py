"""What the steps ask of the world where they do not say more, and what comes back of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import ActionState, Call, Ending, Level
from sallyport.rules import reasons, told
from sallyport.rules.commands import (
    Answered,
    Append,
    Asked,
    Concluded,
    Ended,
    Intended,
    Load,
    LookedUp,
    Perform,
    Recalled,
    Stopped,
)
from sallyport.rules.steps import govern
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOW_US, PROPOSAL

SEEN = worlds.context()
APPROVAL = worlds.question(SEEN)
WHY = reasons.refuse("call.cancelled", agent="helper")
CALL = Call(
    id="c1",
    proposal=PROPOSAL,
    agent="helper",
    instance="run-1",
    workflow="support",
    requester="rita",
    system="desk",
    level=Level.READ,
    digest="d",
    boundary="v1",
    ending=Ending.DONE,
    proposed_us=NOW_US,
)


@pytest.mark.parametrize(
    "short, whole",
    [
        (Asked(approval=APPROVAL), Asked(approval=APPROVAL, again="")),
        (
            Intended(call=CALL),
            Intended(call=CALL, reservations=(), approval=None, image=None),
        ),
        (
            Concluded(call=CALL),
            Concluded(
                call=CALL,
                result=None,
                error=None,
                why=(),
                given_back=(),
                asks=None,
                was=Ending.WAITING,
                owed=True,
            ),
        ),
        (Load(proposal=PROPOSAL), Load(proposal=PROPOSAL, approval_id="", taken_up=False)),
        (Append(events=()), Append(events=(), scopes=(), fence=None)),
        (
            Perform(call=CALL, scopes=(), epoch=1),
            Perform(call=CALL, scopes=(), epoch=1, declines=None, may_be_asked=True),
        ),
        (Stopped("epoch"), Stopped("epoch", "")),
        (Answered(), Answered(result=None, error=None, asks=None)),
        (Recalled(WHY), Recalled(WHY, sent=False)),
        (
            Ended(call=CALL),
            Ended(
                call=CALL,
                floors=(),
                result=None,
                error=None,
                asks=None,
                approval=None,
                draft=None,
                taken_up=False,
                doubt="",
            ),
        ),
        (LookedUp(SEEN), LookedUp(SEEN, image=None, failed=(), skipped=False)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_is_not_said_is_the_usual(short: object, whole: object) -> None:
    """A call is new, is owed to its asker, has no fence without an effect, and was not sent."""
    assert short == whole


def test_a_new_call_is_loaded_without_a_question_and_as_one_that_may_be_a_repeat() -> None:
    """The first thing that the steps ask for."""
    assert next(govern(PROPOSAL)) == Load(proposal=PROPOSAL, approval_id="", taken_up=False)


def test_a_call_that_is_just_over_is_told_as_one() -> None:
    """Without a doubt, and not as one that somebody else has taken up."""
    short, whole = Ended(call=CALL), Ended(call=CALL, taken_up=False, doubt="")

    assert (short.taken_up, short.doubt) == (False, "")
    assert told.text(short) == told.text(whole)


@pytest.mark.parametrize("action", [None, *ActionState])
@pytest.mark.parametrize("ending", Ending)
def test_how_a_call_ended_is_what_is_known_of_the_call(
    ending: Ending, action: ActionState | None
) -> None:
    """For its asker, and of its effect."""
    ended = Ended(call=replace(CALL, ending=ending, action=action))

    assert (ended.ending, ended.action) == (ending, action)
