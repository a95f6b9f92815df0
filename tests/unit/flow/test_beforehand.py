"""A yes beforehand: what leaves under it, what does not, and how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import (
    BadInputError,
    NotFoundError,
    NotPermittedError,
    SallyportError,
    SignatureError,
)
from sallyport.flow.recovery import recover
from sallyport.model import (
    Ahead,
    ApprovalState,
    Ending,
    Impact,
    JsonObject,
    Level,
    Plumbing,
    Recovery,
    Reversible,
    Stage,
    Task,
    Verdict,
)
from sallyport.ports import Update
from sallyport.rules import approval as approvals
from sallyport.rules import beforehand, signed_answers
from sallyport.rules.again import again
from sallyport.rules.answering import Kind, Said
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed
from sallyport.rules.times import SECOND_US
from tests.unit.flow.room import Room

HOUR_US = 3600 * SECOND_US
NOTE: JsonObject = {"ticket": "T1", "text": "first"}
"""A note to a ticket, which an agent on probation is asked about."""


def room_on_probation(*, keyed: bool = False, **changes: Any) -> Room:
    """Return a room whose helper asks for each note; its system says what the ticket decides.

    `keyed`: and knows the key of a call for an hour.
    """
    plumbing = Plumbing(critical=("ticket",))
    if keyed:
        key = Recovery.IDEMPOTENCY_KEY
        plumbing = replace(plumbing, recovery=key, idempotency_ttl_s=3600)
    room = Room()
    registry = room.gateway.registry
    registry.agents["helper"] = replace(registry.agents["helper"], stage=Stage.ASK)
    registry.influenced.add("helper/run-1")
    for digest in ("support-v0", "support-v1"):
        old = registry.boundaries[digest]
        rule = replace(old.workflow.tools["tickets.note"], **changes)
        desk = old.systems["desk"]
        tools = {**desk.tools, "tickets.note": plumbing}
        registry.boundaries[digest] = replace(
            old,
            workflow=replace(
                old.workflow, tools={**old.workflow.tools, "tickets.note": rule}, limits=()
            ),
            systems={**old.systems, "desk": replace(desk, tools=tools)},
        )
    return room


def ahead(room: Room, at_most: int = 2, free: tuple[str, ...] = ("text",), hours: int = 2) -> Ahead:
    """Return a yes to so many more, until in so many hours."""
    until_us = room.clock.now_us() + hours * HOUR_US
    return Ahead(at_most=at_most, until_us=until_us, free=free)


def give(room: Room, ended: Ended, wished: Ahead, person: str = "lea") -> str:
    """Say yes to a question and to more of its kind; return the id of what was said beforehand."""
    assert ended.approval is not None
    at_us = room.clock.now_us()
    approval = room.run(room.inbox.approval(ended.approval.id))
    said = Said(kind=Kind.APPROVE, because="seen", ahead=wished)
    statement = approvals.said_by(approval, said, person=person, at_us=at_us)
    signature = room.keys.sign(f"key-of-{person}", statement)
    room.run(
        room.inbox.say(approval.id, said, Signed(person=person, at_us=at_us, signature=signature))
    )
    room.follow()
    return next(iter(room.gateway.registry.grants))


def asked(room: Room, task: Task | None = None, args: JsonObject | None = None) -> Ended:
    """Propose a note and return that it asks."""
    ended = room.propose(task or room.task(), "tickets.note", args or NOTE)
    assert ended.approval is not None
    return ended


def note(room: Room, task: Task, text: str, **more: Any) -> Ended:
    """Propose another note on the same ticket."""
    return room.propose(task, "tickets.note", {**NOTE, "text": text}, **more)


def test_the_next_n_of_the_kind_leave_at_once_and_then_it_asks_again() -> None:
    """Counted; the ledger names the answer that each left under."""
    room = room_on_probation()
    task = room.task()
    first = asked(room, task)
    grant = give(room, first, ahead(room))
    done = [note(room, task, text) for text in ("second", "third")]
    fourth = note(room, task, "fourth")

    assert [one.ending for one in done] == [Ending.DONE, Ending.DONE]
    assert fourth.ending is Ending.WAITING
    assert room.sent.count("tickets.note") == 3
    for one in done:
        (entry,) = room.heard(call=one.call.id, kind="call.decided")
        assert first.approval is not None
        assert entry.body["grant"] == {
            "id": grant,
            "approval": first.approval.id,
            "person": "lea",
        }
        assert "allow approval.ahead" in str(entry.body["floors"])
        assert entry.body["intent"]


def test_calls_at_the_same_time_never_leave_more_often_than_was_said() -> None:
    """The counter is raised in the commit of the intent, whatever was decided before."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room, at_most=3))
    ends: list[Ended] = []

    async def propose(text: str) -> None:
        proposal = replace(
            asking.call.proposal, call_id=text, args={**NOTE, "text": text}, task_id=task.id
        )
        ends.append(await room.gateway.propose(proposal))

    asking = note(room, room.task(), "elsewhere")
    _at_once(room, [propose(f"c-{number}") for number in range(8)])

    assert room.sent.count("tickets.note") == 4
    assert sorted(one.ending.value for one in ends) == ["done"] * 3 + ["waiting"] * 5


def _at_once(room: Room, works: list[Awaitable[None]]) -> None:
    """Take steps of several pieces of work in turn, and commit only when all of them wait."""
    waiting: dict[Any, Any] = dict.fromkeys(works)
    while waiting:
        moved = False
        for work, waits in list(waiting.items()):
            if waits is not None and not waits.ready():
                continue
            moved = True
            try:
                waiting[work] = work.send(None)
            except StopIteration:
                del waiting[work]
        if not moved:
            room.store.commit(1)


@pytest.mark.parametrize(
    "changed",
    [{"ticket": "T2"}, {"text": "hid\u202eden"}, {"more": "x"}],
    ids=["another record", "hidden characters", "another argument"],
)
def test_what_is_not_of_the_kind_asks_or_is_refused(changed: JsonObject) -> None:
    """What decides whom it is about stays; what may differ hides nothing."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    ended = room.propose(task, "tickets.note", {**NOTE, **changed})

    assert ended.ending in {Ending.WAITING, Ending.REFUSED}
    assert room.sent.count("tickets.note") == 1


def test_another_task_or_another_agent_has_nothing_of_it() -> None:
    """It is for the task that was looked at."""
    room = room_on_probation()
    give(room, asked(room), ahead(room))
    assert note(room, room.task(), "second").ending is Ending.WAITING


def test_outside_text_is_covered_only_where_whoever_answered_was_told_of_it() -> None:
    """Text came in after the yes: the next call asks once more, and says so."""
    room = room_on_probation()
    task = room.task()
    room.gateway.registry.influenced.clear()
    give(room, asked(room, task), ahead(room))
    assert room.gateway.registry.influenced == {"helper/run-1"}
    second = note(room, task, "second")
    assert second.ending is Ending.WAITING
    give(room, second, ahead(room))

    assert note(room, task, "third").ending is Ending.DONE


def test_what_any_other_check_says_asks_by_itself() -> None:
    """A template, a limit, a floor: whatever speaks besides, the yes does not answer it."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    grants = dict(room.gateway.registry.grants)
    room.run(room.controls.set("agent:helper", Verdict.ASK, because="look", by="boss"))
    room.gateway.registry.grants.update(
        {name: replace(one, epoch=10**6) for name, one in grants.items()}
    )
    assert note(room, task, "third").ending is Ending.WAITING


END: dict[str, Callable[[Room, Task], object]] = {
    "time": lambda room, _: room.clock.jump(3 * HOUR_US),
    "task": lambda room, task: room.run(room.tasks.close(task.id, by="lea")),
    "stop": lambda room, _: (
        room.run(room.controls.stop("everything", because="look", by="boss")),
        room.run(room.controls.resume("everything", because="well", by="boss")),
    ),
    "floor": lambda room, _: (
        room.run(room.controls.set("tool:tickets.note", Verdict.ASK, because="look", by="boss")),
        room.run(room.controls.resume("tool:tickets.note", because="well", by="boss")),
    ),
    "boundary": lambda room, _: room.gateway.registry.active.update(support="support-v1"),
    "revoked": lambda room, _: room.run(
        room.inbox.revoke(next(iter(room.gateway.registry.grants)), by="lea", because="enough")
    ),
    "person": lambda room, _: room.run(
        room.people.deactivate("lea", by=room.signed("deactivate", {"name": "lea"}))
    ),
}


@pytest.mark.parametrize("how", list(END))
def test_it_ends_with_whatever_it_rests_on_and_stays_ended(how: str) -> None:
    """Nothing more leaves under it, and it is written down why; lifting a stop revives nothing."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    END[how](room, task)
    room.run(room.inbox.end_grants())

    assert note(room, task, "second").ending is not Ending.DONE
    assert room.sent.count("tickets.note") == 1
    assert room.gateway.registry.grants == {}
    (entry,) = room.heard(kind="grant.ended")
    assert entry.body["why"] in {"time", "task", "stop", "boundary", "revoked", "answer"}
    (row,) = room.run(room.store.rows("grants"))
    assert row["ended_us"]


def test_taking_it_back_reaches_a_call_that_was_decided_already() -> None:
    """From its commit on nothing starts: the fence of its own scope is closed."""
    room = room_on_probation()
    task = room.task()
    grant = give(room, asked(room, task), ahead(room))
    late = replace(asked(room).call.proposal, call_id="c-late", task_id=task.id)
    work: Any = room.gateway.propose(replace(late, args={**NOTE, "text": "late"}))
    work.send(None)
    while not room.store.queued:
        work.send(None)
    room.run(room.inbox.revoke(grant, by="lea"))
    ended = room.run(work)

    assert ended.ending is Ending.REFUSED
    assert [floor.code for floor in ended.floors] == ["fence.closed"]
    assert room.sent.count("tickets.note") == 1
    counted = room.run(room.store.counters([beforehand.counter(grant)]))
    assert counted[beforehand.counter(grant)] == 0


def test_who_takes_it_back_gave_it_or_may_stop() -> None:
    """Nobody else, and nobody who is not known; once it is over it cannot be taken back again."""
    room = room_on_probation()
    grant = give(room, asked(room), ahead(room))
    for name in ("pat", "nobody"):
        with pytest.raises((NotPermittedError, NotFoundError)):
            room.run(room.inbox.revoke(grant, by=name))
    room.run(room.inbox.revoke(grant, by="boss"))
    with pytest.raises(NotFoundError):
        room.run(room.inbox.revoke(grant, by="boss"))


def test_a_restart_neither_forgets_nor_refills_it() -> None:
    """Its row and its counter are in the database; what it covers is read from the answer."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    note(room, task, "second")
    boundaries = dict(room.gateway.registry.boundaries)
    room.start()
    room.gateway.registry.boundaries.update(boundaries)
    room.gateway.registry.agents["helper"] = replace(
        room.gateway.registry.agents["helper"], stage=Stage.ASK
    )

    (given,) = room.run(room.inbox.grants())
    assert (given.used, given.granted.at_most, given.free) == (1, 2, ("text",))
    assert note(room, task, "third").ending is Ending.DONE
    assert note(room, task, "fourth").ending is Ending.WAITING


@pytest.mark.parametrize(
    "wished",
    [
        {"at_most": 0},
        {"at_most": 21},
        {"hours": 0},
        {"hours": 9},
        {"free": ("ticket",)},
        {"free": ("other",)},
        {"free": ("text", "text")},
    ],
    ids=str,
)
def test_too_many_too_long_or_what_decides_whom_is_refused(wished: dict[str, Any]) -> None:
    """And then nothing at all is answered."""
    room = room_on_probation()
    ended = asked(room)
    with pytest.raises((BadInputError, NotPermittedError)):
        give(room, ended, ahead(room, **wished))
    assert ended.approval is not None
    assert room.run(room.inbox.approval(ended.approval.id)).state is ApprovalState.WAITING


@pytest.mark.parametrize(
    "rule",
    [
        {"level": Level.EXTERNAL},
        {"touches": frozenset({Impact.MONEY})},
        {"touches": frozenset({Impact.ACCESS})},
        {"irreversible": True},
        {"units": {"text": "EUR"}},
    ],
    ids=str,
)
def test_never_for_what_could_hurt(rule: dict[str, Any]) -> None:
    """Money, access, what leaves the house, what nobody can take back: each by itself."""
    room = room_on_probation(**rule)
    task = room.task()
    args = {**NOTE, "text": "1"}
    ended = room.propose(task, "tickets.note", args)
    if ended.approval is None:
        ended = room.propose(task, "tickets.note", {**NOTE, "text": 1})
    assert ended.approval is not None
    with pytest.raises(NotPermittedError, match="answered by itself"):
        give(room, ended, ahead(room, free=()))


def test_nothing_may_differ_where_the_system_does_not_say_what_decides() -> None:
    """Without `critical` or `before` nobody knows which argument names the record."""
    room = room_on_probation()
    registry = room.gateway.registry
    old = registry.boundaries["support-v0"]
    desk = replace(
        old.systems["desk"], tools={"tickets.note": Plumbing(reversible=Reversible.TRUE)}
    )
    registry.boundaries["support-v0"] = replace(old, systems={**old.systems, "desk": desk})
    with pytest.raises(NotPermittedError, match="does not say"):
        give(room, asked(room), ahead(room))
    room.run(room.inbox.grants())


def test_a_row_in_the_database_permits_nothing_by_itself() -> None:
    """What it covers is signed: more calls, or a longer time, written there count for nothing."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room, at_most=1))
    (row,) = room.run(room.store.rows("approvals", newest_first=True, limit=1))
    forged = str(row["answers"]).replace('"at_most":1', '"at_most":9')
    assert forged != row["answers"]
    draught = room.gateway.evidence.draught()
    draught.changes.append(Update("approvals", str(row["id"]), {}, {"answers": forged}))
    room.run(room.store.append(draught.done()))

    assert note(room, task, "second").ending is Ending.WAITING


def test_what_was_signed_holds_offline_and_a_changed_number_does_not() -> None:
    """The ledger keeps it with the answer; anybody can check it later."""
    room = room_on_probation()
    give(room, asked(room), ahead(room))
    (heard,) = room.heard(kind="approval.answered")
    (question,) = room.heard(kind="approval.asked")
    keys = {"lea": frozenset({"key-of-lea"})}
    assert signed_answers.problem(heard, question, keys, room.keys.verify) == ""
    more = {**heard.body["ahead"], "at_most": 20}  # type: ignore[dict-item]
    forged = replace(heard, body={**heard.body, "ahead": more})
    assert "no key" in signed_answers.problem(forged, question, keys, room.keys.verify)


def test_a_signature_without_it_does_not_give_it() -> None:
    """Whoever passes an answer on cannot add to it."""
    room = room_on_probation()
    ended = asked(room)
    assert ended.approval is not None
    at_us = room.clock.now_us()
    plain = approvals.said_by(ended.approval, Said(kind=Kind.APPROVE), person="lea", at_us=at_us)
    signed = Signed(person="lea", at_us=at_us, signature=room.keys.sign("key-of-lea", plain))
    said = Said(kind=Kind.APPROVE, ahead=ahead(room))
    with pytest.raises(SignatureError):
        room.run(room.inbox.say(ended.approval.id, said, signed))
    with pytest.raises(SallyportError):
        room.run(room.inbox.say(ended.approval.id, replace(said, kind=Kind.REJECT), signed))


def test_it_is_decided_again_from_the_ledger_alone() -> None:
    """The snapshot holds what was said beforehand, so a replay finds the same."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    done = note(room, task, "second")
    (entry,) = room.heard(call=done.call.id, kind="call.decided")
    found = again(entry, entry, room.gateway.registry.boundaries)

    assert found.same, found


def test_the_counter_is_named_after_it() -> None:
    """So that the ledger's reservations say which."""
    assert beforehand.counter("g-1") == "grant:g-1"


def test_what_ended_it_a_moment_before_a_restart_ended_it_for_good() -> None:
    """The agent was moved and moved back, and the gateway was gone before it had noted the end."""
    room = room_on_probation()
    task = room.task()
    give(room, asked(room, task), ahead(room))
    boundaries = dict(room.gateway.registry.boundaries)
    for stage in (Stage.DRAFT, Stage.ASK):
        details: JsonObject = {"agent": "helper", "stage": stage.value, "because": "look"}
        by = room.signed("stage", details, "boss")
        room.run(room.people.stage("helper", stage, because="look", by=by))
    room.start()
    room.gateway.registry.boundaries.update(boundaries)

    assert note(room, task, "second").ending is Ending.WAITING
    assert room.run(room.inbox.end_grants()) == 1


@pytest.mark.parametrize("revoked, sent", [(False, 3), (True, 2)])
def test_what_a_crash_left_out_goes_again_only_while_it_is_in_force(
    *, revoked: bool, sent: int
) -> None:
    """Once it was taken back nobody answers for the call: a person finds out what it did."""
    room = room_on_probation(keyed=True)
    task = room.task()
    grant = give(room, asked(room, task), ahead(room))
    went = note(room, task, "second")
    (row,) = room.run(room.store.rows("calls", {"id": went.call.id}))
    room.store.plant("calls", {**row, "action": "intended", "ending": "waiting"})
    if revoked:
        room.run(room.inbox.revoke(grant, by="lea"))
    boundaries = dict(room.gateway.registry.boundaries)
    room.start()
    room.gateway.registry.boundaries.update(boundaries)
    recovered = room.run(recover(room.gateway))

    assert room.sent.count("tickets.note") == sent
    assert recovered.in_doubt == revoked


def test_an_answer_is_not_signed_for_a_time_to_come() -> None:
    """Its time is shown to whoever looks at the question; beyond the calendar there is none."""
    room = room_on_probation()
    ended = asked(room)
    assert ended.approval is not None
    plain = approvals.said_by(ended.approval, Said(kind=Kind.APPROVE), person="lea", at_us=2**62)
    signed = Signed(person="lea", at_us=2**62, signature=room.keys.sign("key-of-lea", plain))
    with pytest.raises(SignatureError, match="a time to come"):
        room.run(room.inbox.say(ended.approval.id, Said(kind=Kind.APPROVE), signed))


@pytest.mark.parametrize("name", ["", "g-other"])
def test_a_row_that_says_it_goes_on_revives_nothing_that_was_taken_back(name: str) -> None:
    """Nor does one under another name, with a counter of its own: the ledger has the end."""
    room = room_on_probation()
    task = room.task()
    grant = give(room, asked(room, task), ahead(room))
    boundaries = dict(room.gateway.registry.boundaries)
    (row,) = room.run(room.store.rows("grants"))
    room.run(room.inbox.revoke(grant, by="lea"))
    room.store.plant("grants", {**row, "id": name or grant, "epoch": 10**6})
    room.start()
    room.gateway.registry.boundaries.update(boundaries)
    room.gateway.registry.agents["helper"] = replace(
        room.gateway.registry.agents["helper"], stage=Stage.ASK
    )

    assert note(room, task, "second").ending is Ending.WAITING
