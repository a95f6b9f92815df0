"""How many questions of one agent may wait, and what that agent is told about one more."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from sallyport.model import ApprovalState, Ending, JsonObject, Origin
from sallyport.rules import told
from sallyport.rules.again import again
from sallyport.rules.commands import Ended
from sallyport.rules.waiting_rules import WAITING_MAX
from sallyport.simulate import scenery
from tests.unit.flow.room import Room, refusals

PROPOSALS = 1_000


def _ask(room: Room, number: int, **more: Origin) -> Ended:
    """Propose, in a task of its own, a call that asks a person."""
    return room.propose(room.task(), "mail.send", {"to": f"{number}@example.com"}, **more)


def _waiting(room: Room) -> int:
    return len(room.run(room.store.rows("approvals", {"state": ApprovalState.WAITING.value})))


def _full() -> Room:
    room = Room()
    room.gateway.queues.at_most = 2
    assert [_ask(room, one).ending for one in range(2)] == [Ending.WAITING] * 2
    return room


def test_a_thousand_proposals_leave_no_more_waiting_than_may() -> None:
    """The flood stops at the cap, every refusal is on record, and reading goes on."""
    room = Room()
    endings = [_ask(room, one).ending for one in range(PROPOSALS)]

    assert endings.count(Ending.WAITING) == WAITING_MAX == _waiting(room)
    assert endings.count(Ending.REFUSED) == PROPOSALS - WAITING_MAX
    logged = [str(one.body["floors"]) for one in room.heard(kind="call.decided", limit=5000)]
    assert sum("refuse agent.waiting_full" in one for one in logged) == PROPOSALS - WAITING_MAX
    assert room.propose(room.task(), "tickets.read", {"ticket": "T1"}).ending is Ending.DONE


def test_the_agent_is_told_that_too_many_of_its_calls_wait_and_that_it_may_come_back() -> None:
    """Backpressure in words: what is wrong, and that nothing was decided against the call."""
    ended = _ask(_full(), 3)

    assert refusals(ended) == ["agent.waiting_full"]
    said = told.text(ended)
    assert "2 calls of agent `helper` wait for people, and no more may" in said
    assert "you may repeat it once, later" in said


def test_an_answer_makes_room_for_one_more() -> None:
    """What was settled waits no more."""
    room = Room()
    room.gateway.queues.at_most = 1
    first = _ask(room, 1)
    assert _ask(room, 2).ending is Ending.REFUSED
    room.answer(first, "lou", yes=False)
    room.follow()

    assert _ask(room, 2).ending is Ending.WAITING
    assert _ask(room, 3).ending is Ending.REFUSED


def test_the_questions_of_one_agent_take_no_room_from_another() -> None:
    """Each agent has its own."""
    room = _full()
    other = room.task("billing", agent="clerk")

    assert room.propose(other, "mail.send", {"to": "x@example.com"}).ending is Ending.WAITING


def test_what_a_person_releases_is_asked_about_whatever_else_waits() -> None:
    """The cap holds back an agent, not the people."""
    assert _ask(_full(), 3, origin=Origin.RELEASE).ending is Ending.WAITING


def test_a_restart_forgets_none_that_waits() -> None:
    """What waits is counted from the database."""
    room = _full()
    room.start()
    room.gateway.queues.at_most = 2

    assert refusals(_ask(room, 3)) == ["agent.waiting_full"]


def test_a_refusal_for_want_of_room_is_decided_again_as_it_was() -> None:
    """How many waited was a fact of the decision, and stands in the ledger with it."""
    room = _full()
    _ask(room, 3)
    last = room.heard(kind="call.decided")[-1]
    found = again(last, last, scenery.boundaries())

    assert found.same
    assert "refuse agent.waiting_full" in found.found
    secret = dict(last.secret or {})
    secret["context"] = {**cast("JsonObject", secret["context"]), "crowded": 0}
    assert not again(replace(last, secret=secret), last, scenery.boundaries()).same
