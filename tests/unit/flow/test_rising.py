"""A question that nobody answers: whom it reaches, when, and how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.model import Approval, ApprovalState, Away, Ending, StopPlan
from sallyport.rules.commands import Ended
from sallyport.rules.times import SECOND_US
from tests.requirements import requirement
from tests.unit.flow.room import Room

HOUR_US = 3600 * SECOND_US
"""How long a mail waits in the scenery."""
T1_US, T2_US, T3_US = HOUR_US // 2, HOUR_US * 3 // 4, HOUR_US


def _room() -> Room:
    """Return a room whose stop plan tells Sam, and where Pat is the contact of the agent."""
    room = Room()
    registry = room.gateway.registry
    for digest, one in registry.boundaries.items():
        told = replace(one.workflow, stop=StopPlan(tell="sam"))
        registry.boundaries[digest] = replace(one, workflow=told)
    registry.agents["helper"] = replace(registry.agents["helper"], contact="pat")
    return room


def _asked(room: Room) -> tuple[Ended, Approval]:
    ended = room.propose(room.task(), "mail.send", {"to": "ann@example.com"})
    assert ended.approval is not None
    return ended, ended.approval


def _now(room: Room, approval: Approval, after_us: int) -> Approval:
    """Travel to a time after the question was asked, let time do its work, and look at it."""
    room.clock.jump(approval.asked_us + after_us - room.clock.now_us())
    room.run(room.inbox.escalate())
    room.run(room.inbox.expire())
    return room.run(room.inbox.approval(approval.id))


@requirement("A-60")
def test_an_unanswered_question_rises_twice_and_is_closed_at_its_end() -> None:
    """Clock travel: level 2 at half of its time, level 3 at three quarters, closed at the end."""
    room = _room()
    ended, asked = _asked(room)

    assert _now(room, asked, T1_US - 1).risen == 1
    assert _now(room, asked, T1_US).risen == 2
    assert _now(room, asked, T2_US - 1).risen == 2
    assert _now(room, asked, T2_US).risen == 3
    assert _now(room, asked, T3_US - 1).state is ApprovalState.WAITING
    assert _now(room, asked, T3_US).state is ApprovalState.EXPIRED

    assert room.run(room.inbox.call(ended.call.id)).ending is Ending.EXPIRED
    assert room.sent == []
    told = [(one.body["level"], one.body["to"]) for one in room.heard(kind="approval.escalated")]
    assert told == [(2, ["sam"]), (3, ["sam", "lea", "pat"])]
    with pytest.raises(ConflictError):
        room.answer(ended, "lou", yes=True)


def test_a_restart_neither_forgets_a_step_nor_takes_one_twice() -> None:
    """How far it rose stands in the database; steps missed while nothing ran are taken as one."""
    room = _room()
    _, asked = _asked(room)
    _now(room, asked, T1_US)
    room.start()

    assert _now(room, asked, T1_US + 1).risen == 2
    assert len(room.heard(kind="approval.escalated")) == 1
    assert _now(room, asked, T2_US).risen == 3
    assert [one.body["was"] for one in room.heard(kind="approval.escalated")] == [1, 2]


def test_who_hears_of_a_question_may_not_answer_it_for_that() -> None:
    """Pat holds no role that it asks: escalating tells, and gives nobody authority."""
    room = _room()
    ended, asked = _asked(room)
    _now(room, asked, T2_US)

    with pytest.raises(NotPermittedError):
        room.answer(ended, "pat", yes=True)
    room.answer(ended, "lou", yes=True)
    room.follow()


def test_an_answered_question_does_not_rise() -> None:
    """Only what nobody has settled reaches others."""
    room = _room()
    ended, asked = _asked(room)
    room.answer(ended, "lou", yes=False)
    room.follow()

    assert _now(room, asked, T2_US).risen == 1
    assert room.heard(kind="approval.escalated") == []


def test_whoever_is_away_has_somebody_to_stand_in_and_the_record_says_so() -> None:
    """Sam is away and named Lou: Lou is told in the place of Sam."""
    room = _room()
    _, asked = _asked(room)
    people = room.gateway.registry.people
    away = Away(from_us=asked.asked_us, until_us=asked.expires_us, to="lou")
    people["sam"] = replace(people["sam"], away=away)
    _now(room, asked, T1_US)

    said = room.heard(kind="approval.escalated")[0].body
    assert (said["named"], said["to"], said["away"]) == (["sam"], ["lou"], {"sam": "lou"})


def test_without_an_on_call_target_the_owner_of_the_workflow_hears_of_it() -> None:
    """Nothing waits without anybody to tell."""
    room = Room()
    _, asked = _asked(room)
    _now(room, asked, T1_US)

    assert room.heard(kind="approval.escalated")[0].body["to"] == ["lea"]
