"""Exercises through the flow: whatever is answered, nothing is intended, used or sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import ConflictError, NotPermittedError, SignatureError
from sallyport.flow import exercises as flow_exercises
from sallyport.flow import rows
from sallyport.flow.inbox.answering import Taken
from sallyport.flow.listing import waiting
from sallyport.model import Approval, JsonObject, Person
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.attention import proven
from sallyport.rules.attention.attention import Attention
from sallyport.rules.attention.exercises import DELAY_S, Exercise, State
from sallyport.rules.attention.exercises import Kind as What
from sallyport.rules.statements import Signed
from sallyport.rules.times import DAY_US, SECOND_US
from sallyport.rules.trace import Heard
from sallyport.simulate.surroundings import PlainVault
from tests.unit.flow.room import PEOPLE, Room

LATER_US = DELAY_S[1] * SECOND_US
MAIL: JsonObject = {"to": "ada@brandt.example"}
SHOWN: JsonObject = {"to": "ada@brandt-mail.example"}
ALL_CANARIES = Attention(on=True, canaries=1000, second_looks=0)
ALL_SECOND_LOOKS = Attention(on=True, canaries=0, second_looks=1000)
SAYINGS = (
    Said(kind=Kind.APPROVE, because="fine"),
    Said(kind=Kind.REJECT, because="no", code="wrong_target"),
    Said(kind=Kind.EDIT, args=MAIL, because="that one"),
    Said(kind=Kind.WORDS, because="look again"),
    Said(kind=Kind.ESCALATE),
    Said(kind=Kind.HAND_OVER, to="sam"),
    Said(kind=Kind.NOT_MINE),
)
TOUCHED = ("calls", "approvals", "drafts", "images", "secrets", "tasks", "outbox")


def _answered(room: Room, *, yes: bool = True, by: str = "lea") -> Approval:
    """Have a mail proposed and answered, and everything that follows done."""
    asked = room.propose(room.task(), "mail.send", MAIL)
    room.answer(asked, by, yes=yes)
    room.follow()
    assert asked.approval is not None
    return asked.approval


def _put(attention: Attention = ALL_CANARIES, *, yes: bool = True) -> tuple[Room, Exercise]:
    """Return a room in which an exercise waits, made from an answer that lea gave."""
    room = Room()
    room.inbox.exercises.attention = attention
    _answered(room, yes=yes)
    room.clock.jump(LATER_US)
    assert room.run(room.inbox.exercises.look()) == 1
    (one,) = room.run(room.inbox.exercises.waiting())
    return room, one


def _say(room: Room, one: Exercise, said: Said, by: str = "lou", key: str = "") -> Taken:
    at_us = room.clock.now_us()
    statement = approvals.said_by(one.approval, said, person=by, at_us=at_us)
    signature = room.keys.sign(key or f"key-of-{by}", statement)
    signed = Signed(person=by, at_us=at_us, signature=signature)
    return room.run(room.inbox.say(one.id, said, signed))


def _effects(room: Room) -> object:
    """Return all that an effect would change: what left, and every row but exercises."""
    tables = {table: room.run(room.store.rows(table)) for table in TOUCHED}
    kinds = [kind for kind in room.kinds() if kind.startswith(("call.", "approval.", "draft."))]
    return list(room.sent), tables, kinds


@pytest.mark.parametrize("said", SAYINGS, ids=lambda one: str(one.kind.value))
@pytest.mark.parametrize("attention", [ALL_CANARIES, ALL_SECOND_LOOKS], ids=["canary", "look"])
def test_whatever_is_answered_nothing_is_intended_used_or_sent(
    attention: Attention, said: Said
) -> None:
    """No byte leaves, no row of a call or question changes, no entry of a call is written."""
    room, one = _put(attention)
    if attention is ALL_SECOND_LOOKS and said.kind is Kind.EDIT:
        said = Said(kind=Kind.EDIT, args=SHOWN, because="that one")
    before = _effects(room)
    taken = _say(room, one, said)

    assert room.follow() == [], "nothing was even begun"
    assert _effects(room) == before
    assert taken.exercise is not None
    assert taken.exercise.state is State.ANSWERED
    assert taken.edited is None


@given(st.lists(st.tuples(st.sampled_from(SAYINGS), st.sampled_from(["lea", "lou", "sam", "pat"]))))
def test_no_run_of_answers_by_anybody_makes_an_exercise_act(
    answers: list[tuple[Said, str]],
) -> None:
    """In any order, by anybody, right or wrong: the world outside stays as it was."""
    room, one = _put()
    before = _effects(room)
    for said, by in answers:
        try:
            _say(room, one, said, by)
        except (ConflictError, NotPermittedError):
            continue
    room.follow()
    assert _effects(room) == before


def test_even_the_gateway_itself_cannot_carry_an_exercise_out() -> None:
    """Handed straight to what carries approved calls out, it leaves no intent and no byte."""
    room, one = _put()
    _say(room, one, SAYINGS[0])
    sent = list(room.sent)
    intended = room.kinds().count("call.intended")

    over = room.run(room.inbox.exercises.find(one.id))
    assert over is not None
    room.run(room.gateway.carry_out(over.call, over.id))

    assert room.sent == sent
    assert room.kinds().count("call.intended") == intended


def test_no_row_of_a_call_or_question_has_the_ids_of_an_exercise() -> None:
    """It stands in its own table; what it is, and what is wrong, is not to be read there."""
    room, one = _put()
    for table, wanted in (("calls", one.call.id), ("approvals", one.id)):
        assert room.run(room.store.rows(table, {"id": wanted})) == []
    (row,) = room.run(room.store.rows("exercises"))
    clear = json.dumps({name: value for name, value in row.items() if name != "sealed"})
    assert "canary" not in clear
    assert "brandt" not in clear


def test_a_canary_looks_like_any_question_and_is_wrong_in_one_value() -> None:
    """Same tool, roles and object; the recipient is another one, and so is the digest."""
    room, one = _put()
    items = room.run(room.inbox.items())
    (item,) = [each for each in items if each.approval is not None]

    assert item.kind == "question"
    assert item.call.proposal.args == SHOWN
    assert item.approval is not None
    action: Any = item.approval.object["action"]
    assert action["args"] == SHOWN
    assert one.wrong is not None
    assert (one.wrong.was, one.wrong.shown) == (MAIL["to"], SHOWN["to"])
    (real,) = room.run(room.store.rows("approvals"))
    assert item.approval.question.who == rows.approval_of(real, PlainVault()).question.who
    assert item.approval.digest != real["digest"]
    assert [each.id for each in room.run(waiting(room.gateway))] == [one.id]


def test_a_second_look_shows_the_question_as_it_was_without_the_answer() -> None:
    """The arguments stand as they stood, and no answer with them."""
    _, one = _put(ALL_SECOND_LOOKS, yes=False)

    assert one.kind is What.SECOND_LOOK
    assert one.call.proposal.args == MAIL
    assert one.approval.answers == ()
    assert one.first == "reject"


@pytest.mark.parametrize(
    "first, second, outcome",
    [(True, 0, "agreed"), (True, 1, "differed"), (False, 1, "agreed"), (False, 0, "differed")],
)
def test_two_people_who_differ_are_counted_as_such(
    first: bool,
    second: int,
    outcome: str,
) -> None:
    """Yes and yes, no and no agree; the rest does not. The entry names nobody."""
    room, one = _put(ALL_SECOND_LOOKS, yes=first)
    _say(room, one, SAYINGS[second])
    (entry,) = room.heard(kind="exercise.answered")

    assert entry.body["outcome"] == outcome
    assert "lou" not in json.dumps(entry.body)
    assert one.id not in json.dumps(entry.body)
    assert room.heard(person="lou", kind="exercise.answered") == []
    assert entry.secret is not None
    said: Any = entry.secret["said"]
    assert said["person"] == "lou"


def test_who_answered_it_when_it_was_real_is_not_asked_again() -> None:
    """They neither see it nor can they answer it."""
    room, one = _put()
    (shown,) = room.run(waiting(room.gateway))

    assert shown.not_for == ("lea",)
    with pytest.raises(NotPermittedError, match="asks others"):
        _say(room, one, SAYINGS[0], by="lea")


def test_an_answer_to_an_exercise_is_checked_like_any_other() -> None:
    """Another's key, no role, one's own request, and a second answer are refused."""
    room, one = _put()
    with pytest.raises(SignatureError):
        _say(room, one, SAYINGS[0], key="key-of-sam")
    for by in ("pat", "rita"):
        with pytest.raises(NotPermittedError):
            _say(room, one, SAYINGS[0], by=by)
    _say(room, one, SAYINGS[0])
    with pytest.raises(ConflictError):
        _say(room, one, SAYINGS[0], by="sam")


def test_below_three_who_answer_there_are_no_exercises() -> None:
    """Two people would know each other's every answer."""
    two = tuple(one for one in PEOPLE if one.name in {"lea", "lou", "kim", "boss"})
    room = Room(people=(*two, Person(name="rita", roles=frozenset({"staff"}))))
    room.inbox.exercises.attention = ALL_CANARIES
    _answered(room)
    room.clock.jump(LATER_US)

    assert not room.inbox.exercises.in_force()
    assert room.run(room.inbox.exercises.look()) == 0


def test_off_means_off_and_what_waited_is_taken_back() -> None:
    """Without the setting none is put; one that waits when it is switched off goes."""
    room, one = _put()
    room.inbox.exercises.attention = Attention(on=False, canaries=1000)
    assert room.run(room.inbox.exercises.look()) == 0
    over = room.run(room.inbox.exercises.find(one.id))
    assert over is not None
    assert over.state is State.WITHDRAWN
    with pytest.raises(ConflictError):
        _say(room, one, SAYINGS[0])


def test_a_stop_takes_exercises_back_and_none_is_put_meanwhile() -> None:
    """Nobody is tested while something is wrong."""
    room, one = _put()
    room.run(room.controls.stop("everything", because="trouble", by="lea"))
    room.run(room.inbox.exercises.look())
    over = room.run(room.inbox.exercises.find(one.id))
    assert over is not None
    assert over.state is State.WITHDRAWN


def test_a_long_queue_gets_nothing_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    """While so much waits, the work itself is enough."""
    monkeypatch.setattr(flow_exercises, "QUEUE_MAX", 2)
    room = Room()
    room.inbox.exercises.attention = ALL_CANARIES
    _answered(room)
    for number in range(2):
        room.propose(room.task(), "tickets.update", {"ticket": "T1", "refund": 60 + number})
    room.clock.jump(LATER_US)
    assert room.run(room.inbox.exercises.look()) == 0


def test_a_restart_puts_none_twice_and_forgets_none() -> None:
    """What was put is not put again; what waits, waits on."""
    room, one = _put()
    room.start()
    room.inbox.exercises.attention = ALL_CANARIES
    assert room.run(room.inbox.exercises.look()) == 0
    assert [each.id for each in room.run(room.inbox.exercises.waiting())] == [one.id]


def test_an_exercise_that_nobody_answers_ends_with_its_time() -> None:
    """It is nobody's miss."""
    room, one = _put()
    room.clock.jump(DAY_US)
    room.run(room.inbox.exercises.look())
    over = room.run(room.inbox.exercises.find(one.id))
    assert over is not None
    assert over.state is State.EXPIRED
    (ended,) = room.heard(kind="exercise.ended")
    assert ended.body["state"] == "expired"


def test_what_was_put_is_in_the_ledger_sealed_whole() -> None:
    """Nothing is clear, not even the id: whoever reads the ledger could tell what waits by it."""
    room, one = _put()
    (entry,) = room.heard(kind="exercise.put")
    assert entry.body == {}
    assert entry.secret is not None
    assert entry.secret["exercise"] == one.id
    assert entry.secret["kind"] == "canary"
    assert entry.secret["of"] == one.of


def test_an_answer_to_an_exercise_can_be_checked_from_its_entry_alone() -> None:
    """The signature holds for what is sealed; another exercise, word or key does not."""
    room, one = _put()
    _say(room, one, SAYINGS[1])
    (entry,) = room.heard(kind=proven.KIND)
    assert entry.secret is not None
    keys = {"lou": frozenset({"key-of-lou"}), "sam": frozenset({"key-of-sam"})}
    said: Any = entry.secret["said"]
    wrong: list[Heard] = [
        replace(entry, secret={**entry.secret, "exercise": "a_9"}),
        replace(entry, secret={**entry.secret, "said": {**said, "because": "other"}}),
        replace(entry, secret={**entry.secret, "said": {**said, "person": "sam"}}),
        replace(entry, secret={}),
    ]

    assert proven.problem(entry, keys, room.keys.verify) == ""
    assert all(proven.problem(other, keys, room.keys.verify) for other in wrong)
    assert proven.problem(entry, {}, room.keys.verify)
    assert proven.problem(replace(entry, secret=None), keys, room.keys.verify) is None


def test_of_two_who_answer_at_once_one_counts() -> None:
    """The other is told, and nothing is kept of it."""
    room, one = _put()
    exercises = room.inbox.exercises
    signed = Signed(person="lou", at_us=1, signature="s")
    room.run(exercises.take(one, SAYINGS[0], signed, "key-of-lou"))
    with pytest.raises(ConflictError, match="somebody else"):
        room.run(exercises.take(one, SAYINGS[1], replace(signed, person="sam"), "key-of-sam"))
    (entry,) = room.heard(kind=proven.KIND)
    assert entry.body["outcome"] == "missed"


def test_a_list_leaves_exercises_out() -> None:
    """Each of them is looked at by itself."""
    room, one = _put()
    plan = room.run(room.inbox.plan([one.id], "lou"))
    assert plan.rows == ()
    assert [row.approval.id for row, _ in plan.apart] == [one.id]
