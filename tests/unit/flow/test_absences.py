"""Who says that somebody is away, and what that changes: who is told, and nothing else."""

from __future__ import annotations

import pytest

from sallyport.errors import BadInputError, NotPermittedError, SignatureError
from sallyport.flow.absences import Absences, details
from sallyport.flow.inbox import Item
from sallyport.flow.rounds import NOW, ROUND, Rounds, id_of
from sallyport.model import Away, Ending, Person
from sallyport.rules.times import SECOND_US
from sallyport.rules.waiting_rules import times_of_day
from tests.unit.flow.room import Room

DAY_US = 24 * 3600 * SECOND_US


def _leave(room: Room, by: str, to: str = "lou", name: str = "sam") -> Person:
    away = Away(from_us=0, until_us=room.clock.now_us() + DAY_US, to=to)
    signed = room.signed("away", details(name, away), by)
    return room.run(Absences(room.gateway, room.people).leave(name, away, by=signed))


def test_a_person_says_that_they_are_away_and_it_outlasts_a_restart() -> None:
    """Signed, kept with the person, and in the ledger with who stands in."""
    room = Room()
    gone = _leave(room, "sam")
    said = room.heard(kind="person.away")[0].body
    room.start()

    assert room.gateway.registry.people["sam"] == gone
    assert (said["name"], said["to"], said["by"]) == ("sam", "lou", "sam")


def test_an_administrator_may_say_it_for_somebody_and_nobody_else_may() -> None:
    """Lou cannot have what Sam is told come to Lou."""
    room = Room()
    _leave(room, "boss")
    with pytest.raises(NotPermittedError, match="away"):
        _leave(room, "lou")


def test_a_signature_over_another_stand_in_counts_for_nothing() -> None:
    """Who stands in is part of what is signed."""
    room = Room()
    away = Away(from_us=0, until_us=room.clock.now_us() + DAY_US, to="lou")
    signed = room.signed("away", details("sam", Away(from_us=0, until_us=1, to="lea")), "sam")
    with pytest.raises(SignatureError):
        room.run(Absences(room.gateway, room.people).leave("sam", away, by=signed))


def test_coming_back_ends_it() -> None:
    """Before its time, by the same people."""
    room = Room()
    _leave(room, "sam")
    back = room.signed("away", details("sam", None), "sam")
    room.run(Absences(room.gateway, room.people).come_back("sam", by=back))

    assert room.gateway.registry.people["sam"].away is None


def test_who_stands_in_may_not_answer_what_they_could_not_answer_before() -> None:
    """Pat holds no role and so cannot stand in; Lou could answer, and still can."""
    room = Room()
    with pytest.raises(BadInputError, match="roles"):
        _leave(room, "sam", to="pat")
    _leave(room, "sam", to="lou")
    ended = room.propose(room.task(), "mail.send", {"to": "ann@example.com"})
    with pytest.raises(NotPermittedError):
        room.answer(ended, "pat", yes=True)
    room.answer(ended, "lou", yes=False)
    (said,) = room.heard(kind="approval.answered")
    assert (said.body["person"], said.body["stands_in_for"]) == ("lou", ["sam"])
    room.follow()


def _items(room: Room) -> list[Item]:
    return list(room.run(room.inbox.items()))


def test_the_inbox_says_what_cannot_wait_and_when_the_next_round_is() -> None:
    """A mail interrupts; without rounds everything does."""
    room = Room()
    at_us = room.clock.now_us() % DAY_US + 600 * SECOND_US
    minute = f"{at_us // (3600 * SECOND_US):02}:{at_us // (60 * SECOND_US) % 60:02}"
    rounds = Rounds(room.gateway, times_of_day([minute]))
    task = room.task()
    room.propose(task, "tickets.update", {"ticket": "T1", "refund": 200})
    mail = room.propose(task, "mail.send", {"to": "ann@example.com"})
    found = rounds.gathered(_items(room))

    assert mail.approval is not None
    assert found["groups"] == {
        NOW: [mail.approval.id],
        ROUND: [id_of(one) for one in _items(room) if one.approval != mail.approval],
    }
    assert found["round"] == {"at_us": rounds.next_us(), "size": 1}
    assert 0 < rounds.next_us() - room.clock.now_us() <= 600 * SECOND_US
    assert Rounds(room.gateway, ()).gathered(_items(room))["round"] is None


def test_what_one_agent_asks_for_twice_stands_together() -> None:
    """The same thing from two tasks is one group; another recipient is none of it."""
    room = Room()
    same = [room.propose(room.task(), "mail.send", {"to": "a@example.com"}) for _ in range(2)]
    other = room.propose(room.task(), "mail.send", {"to": "b@example.com"})
    found = Rounds(room.gateway, ()).gathered(_items(room))

    assert other.ending is Ending.WAITING
    assert found["alike"] == [[one.approval.id for one in same if one.approval]]
