"""Answers of several people, some of whom do not stay."""

from __future__ import annotations

import pytest

from sallyport.model import ApprovalState, Ending
from sallyport.rules.commands import Ended
from tests.unit.flow.room import Room


def _asked_of_two(room: Room) -> Ended:
    """Propose a mail under a boundary that wants two people to say yes."""
    room.gateway.registry.active["support"] = "support-v1"
    asked = room.propose(room.task(boundary="support-v1"), "mail.send", {"to": "ann@example.com"})
    assert asked.approval is not None
    assert asked.approval.question.how_many == 2
    return asked


def _switch_off(room: Room, name: str) -> None:
    room.run(room.people.deactivate(name, by=room.signed("deactivate", {"name": name})))


def test_two_people_who_stay_are_enough() -> None:
    """The question is answered by the second yes."""
    room = Room()
    asked = _asked_of_two(room)
    room.answer(asked, "lea", yes=True)
    room.answer(asked, "sam", yes=True)
    room.follow()

    assert room.sent == ["mail.send"]


def test_the_yes_of_somebody_switched_off_meanwhile_is_not_counted() -> None:
    """A key that was switched off, stolen perhaps, is no half of a decision."""
    room = Room()
    asked = _asked_of_two(room)
    assert asked.approval is not None
    room.answer(asked, "lea", yes=True)
    _switch_off(room, "lea")
    room.answer(asked, "sam", yes=True)
    room.follow()
    now = room.run(room.inbox.approval(asked.approval.id))

    assert (room.sent, now.state) == ([], ApprovalState.WAITING)
    room.answer(asked, "lou", yes=True)
    room.follow()
    assert room.sent == ["mail.send"]


@pytest.mark.parametrize("gone", ["lea", "sam"])
def test_an_approval_is_asked_anew_when_one_who_gave_it_is_switched_off_first(gone: str) -> None:
    """Between the last yes and the effect, too: nothing leaves on it."""
    room = Room()
    asked = _asked_of_two(room)
    assert asked.approval is not None
    room.answer(asked, "lea", yes=True)
    room.answer(asked, "sam", yes=True)
    _switch_off(room, gone)
    (ended,) = room.follow()
    before = room.run(room.inbox.approval(asked.approval.id))

    assert room.sent == []
    assert isinstance(ended, Ended)
    assert ended.ending is Ending.WAITING
    assert ended.approval is not None
    assert (ended.approval.id == before.id, before.state) == (False, ApprovalState.STALE)
