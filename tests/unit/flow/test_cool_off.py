"""A yes to what cannot be taken back waits, can be taken back, and acts once its time is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.model import ApprovalState, CoolOff, Ending, Impact, JsonObject, Level, Person
from sallyport.rules import approval_object, cool_off, reasons, told
from sallyport.rules.commands import Ended
from sallyport.rules.context import Context
from sallyport.rules.times import SECOND_US
from sallyport.simulate import scenery
from tests.unit.flow.room import PEOPLE, Room, refusals

MAIL: JsonObject = {"to": "ada@example.com"}
POLICY = CoolOff(usual_s=30, money_s=600)
OLE = Person(name="ole", roles=frozenset({"operator"}), public_key="key-of-ole")


def _room() -> Room:
    room = Room(people=(*PEOPLE, OLE))
    room.gateway.cool_off = POLICY
    return room


def _approved(room: Room) -> Ended:
    """Return a call that leaves the house and was answered with yes."""
    asked = room.propose(room.task(), "mail.send", MAIL)
    room.answer(asked, "lou", yes=True)
    assert room.follow() == []
    return asked


def _state(room: Room, asked: Ended) -> ApprovalState:
    assert asked.approval is not None
    return room.run(room.inbox.approval(asked.approval.id)).state


def _id(asked: Ended) -> str:
    assert asked.approval is not None
    return asked.approval.id


def _wait(room: Room, seconds: float) -> int:
    """Let time pass, and do what is due; return how much was."""
    room.clock.jump(int(seconds * SECOND_US))
    due = room.run(room.inbox.act_on_due())
    room.follow()
    return due


def test_what_leaves_the_house_waits_after_the_yes_and_then_leaves_once() -> None:
    """Nothing goes out before the thirty seconds are over, however often it is looked."""
    room = _room()
    asked = _approved(room)

    assert (_wait(room, 29.9), room.sent) == (0, [])
    (cooling,) = room.run(room.inbox.cooling())
    assert cooling.approval is not None
    assert (cooling.approval.state, cooling.call.id) == (ApprovalState.APPROVED, asked.call.id)
    assert (_wait(room, 0.1), room.sent) == (1, ["mail.send"])
    assert (_wait(room, 60), room.sent) == (0, ["mail.send"])
    assert _state(room, asked) is ApprovalState.USED


def test_nobody_can_hurry_it() -> None:
    """Going on with the call early, as a restart or a second yes would, does nothing."""
    room = _room()
    asked = _approved(room)
    ended = room.run(room.gateway.carry_out(asked.call, _id(asked)))

    assert (ended.ending, room.sent) == (Ending.WAITING, [])
    assert "HELD, NOT DONE" in told.text(ended)


def test_whoever_said_yes_takes_it_back_and_nothing_is_ever_sent() -> None:
    """The call is refused, its agent is told who took it back, and a repeat is a new call."""
    room = _room()
    asked = _approved(room)
    call = room.run(room.inbox.undo(_id(asked), person="lou", because="wrong person"))

    assert (call.ending, call.action) == (Ending.REFUSED, None)
    assert _state(room, asked) is ApprovalState.UNDONE
    assert (_wait(room, 3600), room.sent) == (0, [])
    undone = next(one for one in room.heard() if one.kind == "approval.undone")
    assert undone.body["person"] == "lou"
    assert undone.secret is not None
    assert undone.secret["because"] == "wrong person"
    floor = reasons.refuse("approval.undone", person="lou")
    assert "lou took the yes back" in told.text(Ended(call=call, floors=(floor,)))


def test_an_operator_takes_anybodys_yes_back_and_others_do_not() -> None:
    """A reviewer who did not answer stops the agent if need be; the yes is not theirs."""
    room = _room()
    asked = _approved(room)
    with pytest.raises(NotPermittedError, match="gave no yes"):
        room.run(room.inbox.undo(_id(asked), person="sam"))
    room.run(room.inbox.undo(_id(asked), person="ole"))
    assert (_wait(room, 60), room.sent) == (0, [])


def test_it_cannot_be_taken_back_twice_nor_after_it_left() -> None:
    """Whoever comes too late is told so, and nothing changes."""
    room = _room()
    first, second = _approved(room), _room()
    room.run(room.inbox.undo(_id(first), person="lou"))
    with pytest.raises(ConflictError, match="any more"):
        room.run(room.inbox.undo(_id(first), person="lou"))
    late = _approved(second)
    _wait(second, 31)
    with pytest.raises(ConflictError, match="any more"):
        second.run(second.inbox.undo(_id(late), person="lou"))
    assert second.sent == ["mail.send"]


def test_a_stop_in_between_wins() -> None:
    """When the time is over the call is decided anew, under what is set by then."""
    room = _room()
    asked = _approved(room)
    room.run(room.controls.stop("tool:mail.send", because="odd", by="ole"))
    _wait(room, 31)

    assert room.sent == []
    call = room.run(room.inbox.call(asked.call.id))
    assert call.ending is Ending.REFUSED


def test_a_restart_neither_forgets_nor_shortens_it() -> None:
    """The time stands in the database; recovery goes on with nothing that still waits."""
    room = _room()
    asked = _approved(room)
    room.clock.jump(10 * SECOND_US)
    room.start()
    room.gateway.cool_off = POLICY

    assert (_wait(room, 19), room.sent) == (0, [])
    assert (_wait(room, 2), room.sent) == (1, ["mail.send"])
    assert _state(room, asked) is ApprovalState.USED


def test_a_yes_that_outlasts_its_question_still_counts_when_it_is_due() -> None:
    """Answered in the last second, the call leaves after its cool-off and not never."""
    room = _room()
    asked = room.propose(room.task(), "mail.send", MAIL)
    assert asked.approval is not None
    room.clock.jump(asked.approval.expires_us - room.clock.now_us() - SECOND_US)
    room.answer(asked, "lou", yes=True)
    room.run(room.inbox.expire())

    assert _state(room, asked) is ApprovalState.APPROVED
    _wait(room, 31)
    assert room.sent == ["mail.send"]


def test_one_that_could_not_leave_for_long_is_over() -> None:
    """A gateway that was down for hours does not act on an old yes."""
    room = _room()
    asked = _approved(room)
    assert asked.approval is not None
    room.clock.jump(asked.approval.expires_us - room.clock.now_us() + 3600 * SECOND_US)
    room.run(room.inbox.expire())
    _wait(room, 1)
    assert (room.sent, _state(room, asked)) == ([], ApprovalState.EXPIRED)


def test_whoever_writes_the_database_cannot_shorten_it() -> None:
    """How long it waits is in what was signed; without a time on record the yes does not count."""
    room = _room()
    asked = _approved(room)
    approval = room.run(room.inbox.approval(_id(asked)))
    assert approval.object["cool_off_s"] == POLICY.usual_s
    forged = replace(approval, not_before_us=0)
    assert cool_off.runs(forged, room.clock.now_us() + 10**12)
    shorter = replace(approval, object={**approval.object, "cool_off_s": 0})
    assert shorter.about != approval_object.digest(shorter.object)


def test_what_stays_inside_and_can_be_put_right_does_not_wait() -> None:
    """Only what leaves the house, or what nobody can take back; money waits longer."""
    room = _room()
    asked = room.propose(room.task(), "tickets.update", {"ticket": "T1", "refund": 200})
    room.answer(asked, "lou", yes=True)
    room.follow()
    assert "tickets.update" in room.sent

    context = _context("mail.send", room)
    rule = context.rules[0]
    assert cool_off.seconds(context) == POLICY.usual_s
    inside = replace(rule, level=Level.UPDATE)
    for changed, waits in (
        (inside, 0),
        (replace(inside, irreversible=True), POLICY.usual_s),
        (replace(inside, irreversible=True, touches=frozenset({Impact.MONEY})), POLICY.money_s),
        (replace(inside, touches=frozenset({Impact.MONEY})), 0),
    ):
        workflow = replace(context.boundaries[0].workflow, tools={"mail.send": changed})
        boundary = replace(context.boundaries[0], workflow=workflow)
        assert cool_off.seconds(replace(context, boundaries=(boundary,))) == waits


def _context(tool: str, room: Room) -> Context:
    asked = room.propose(room.task(), tool, {"to": "bob@example.com"})
    return Context(
        proposal=asked.call.proposal,
        now_us=room.clock.now_us(),
        epoch=0,
        fresh="f",
        boundaries=(scenery.boundary("support", 0),),
        cool_off=POLICY,
    )


def test_a_refusal_names_the_reason_that_it_was_taken_back() -> None:
    """The code is one of the catalogue, so that programs can tell."""
    room = _room()
    asked = _approved(room)
    call = room.run(room.inbox.undo(_id(asked), person="lou"))
    ended = Ended(call=call, floors=(reasons.refuse("approval.undone", person="lou"),))
    assert refusals(ended) == ["approval.undone"]
