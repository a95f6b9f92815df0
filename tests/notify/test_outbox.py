"""The outbox: written with the event, sent later, given up visibly."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.errors import NotFoundError, StoreError, UpstreamLostError
from sallyport.flow.notices import AT_ONCE
from sallyport.model import JsonObject, Verdict
from sallyport.ports import Append, Appended, Blocked, Delivered, GaveUp, Insert, TryAgain
from sallyport.rules.notices import Kind
from sallyport.simulate.schedule import Until
from tests.notify.bench import CONSOLE, EVERYTHING, Pigeon, ask, outbox, somebody, told
from tests.unit.flow.room import Room

HOUR_US = 3600 * 1_000_000
DAY_US = 24 * HOUR_US


def test_a_question_and_its_notice_are_one_append() -> None:
    """The row is there as soon as the question is, in the same commit."""
    room, items = Room(), list[Append]()
    told(room, Pigeon())
    append = room.store.append

    async def watched(item: Append) -> Appended | Blocked:
        items.append(item)
        return await append(item)

    room.store.append = watched  # type: ignore[method-assign]
    asked = ask(room)

    (row,) = outbox(room)
    assert (row["about"], row["kind"], row["state"]) == (asked, "asked", "waiting")
    together = [{c.table for c in item.changes if isinstance(c, Insert)} for item in items]
    assert [tables for tables in together if "outbox" in tables] == [
        {"approvals", "calls", "outbox"}
    ]


def test_what_could_not_be_written_tells_nobody() -> None:
    """No notice for a question that is not in the database."""
    room = Room()
    told(room, Pigeon())
    room.failing = True
    with pytest.raises(StoreError):
        room.run(room.controls.stop("everything", because="smoke", by="ben"))
    room.failing = False

    assert outbox(room) == []


def test_without_channels_nothing_is_written() -> None:
    """Whoever sets up no channel pays for none."""
    room = Room()
    ask(room)

    assert room.gateway.evidence.tell is None
    assert outbox(room) == []


def test_a_call_that_asks_nobody_writes_no_notice() -> None:
    """The way of an ordinary call is untouched."""
    room = Room()
    told(room, Pigeon(), EVERYTHING)
    room.propose(room.task(), "kb.search", {"q": "how"})

    assert room.sent == ["kb.search"]
    assert outbox(room) == []


def test_a_notice_survives_a_crash_and_is_sent_once_more_under_its_id() -> None:
    """What was committed is sent by the next process; the id is the same."""
    room = Room()
    told(room, Pigeon())
    ask(room)
    (row,) = outbox(room)

    room.start()
    pigeon = Pigeon()
    notices = told(room, pigeon)
    assert room.run(notices.send_due("loft")) == 1
    assert [said.id for said in pigeon.carried] == [row["notice"]]
    assert room.run(notices.send_due("loft")) == 0
    assert len(pigeon.carried) == 1


def test_the_link_leads_into_the_console() -> None:
    """What is sent begins with the console's address and ends at the question."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)
    asked = ask(room)
    room.run(notices.send_due("loft"))

    assert pigeon.carried[0].link == f"{CONSOLE}/approvals/{asked}"
    assert "notice.delivered" in room.kinds()


def test_a_channel_that_does_not_get_through_is_left_alone_for_a_while() -> None:
    """Five seconds first, then longer, and a warning meanwhile; another channel is not held up."""
    room, slow, quick = Room(), Pigeon(TryAgain("no answer"), TryAgain("no answer")), Pigeon()
    told(room, slow, name="slow")
    notices = told(room, quick, name="quick")
    ask(room)

    assert room.run(notices.send_due("slow")) == 0
    assert room.run(notices.send_due("quick")) == 1
    assert room.run(notices.send_due("slow")) == 0
    assert len(slow.carried) == 1
    assert room.run(notices.warnings()) == ["channel `slow` does not get through: no answer"]

    room.clock.jump(6_000_000)
    room.run(notices.send_due("slow"))
    room.clock.jump(6_000_000)
    room.run(notices.send_due("slow"))
    assert len(slow.carried) == 2

    room.clock.jump(10_000_000)
    assert room.run(notices.send_due("slow")) == 1
    assert len({said.id for said in slow.carried}) == 1
    assert room.run(notices.warnings()) == []


def test_who_asks_to_be_left_alone_is_left_alone_that_long() -> None:
    """A `Retry-After` counts where it is longer."""
    room, pigeon = Room(), Pigeon(TryAgain("busy", after_s=600))
    notices = told(room, pigeon)
    ask(room)
    room.run(notices.send_due("loft"))
    room.clock.jump(500_000_000)
    room.run(notices.send_due("loft"))
    assert len(pigeon.carried) == 1

    room.clock.jump(101_000_000)
    room.run(notices.send_due("loft"))
    assert len(pigeon.carried) == 2


def test_what_never_gets_through_is_given_up_visibly() -> None:
    """In the ledger, in the list and among the warnings."""
    room = Room()
    notices = told(room, Pigeon(GaveUp("it wants no more (410)")))
    asked = ask(room)
    room.run(notices.send_due("loft"))

    (entry,) = room.heard(kind="notice.given_up")
    assert (entry.body["about"], entry.body["why"]) == (asked, "it wants no more (410)")
    (channel,) = room.run(notices.listed())
    given_up = channel["given_up"]
    assert isinstance(given_up, list)
    assert [one["why"] for one in given_up if isinstance(one, dict)] == ["it wants no more (410)"]
    (warning,) = room.run(notices.warnings())
    assert warning.startswith("channel `loft` gave up on 1 notice(s) since ")

    room.clock.jump(2 * DAY_US)
    assert room.run(notices.warnings()) == []


def test_a_stop_is_tried_for_a_day() -> None:
    """It has no end of its own, and trying for ever would hide that nobody hears."""
    room = Room()
    notices = told(room, Pigeon(*[TryAgain("no answer")] * 99))
    room.run(room.controls.stop("everything", because="smoke", by="ben"))
    for _ in range(60):
        room.clock.jump(HOUR_US)
        room.run(notices.send_due("loft"))

    (row,) = outbox(room)
    assert row["state"] == "given_up"
    assert "in a row" in str(row["why"])


def test_nobody_is_told_of_what_was_settled_meanwhile() -> None:
    """A question that has its answer is not put to anybody any more."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)
    ended = room.propose(room.task(), "tickets.update", {"ticket": "T1", "refund": 60})
    assert ended.approval is not None
    room.answer(ended, somebody(room, ended.approval), yes=False)
    room.follow()
    room.run(notices.send_due("loft"))

    assert pigeon.carried == []
    assert [row["state"] for row in outbox(room)] == ["dropped"]


def test_a_question_ends_soon_once() -> None:
    """In the last quarter of its time, one more notice, under an id of its own."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)
    asked = ask(room)
    (row,) = room.run(room.store.rows("approvals", {"id": asked}))
    lasts_us = int(str(row["expires_us"])) - int(str(row["asked_us"]))

    assert room.run(notices.remind()) == 0
    room.clock.jump(lasts_us * 4 // 5)
    assert [room.run(notices.remind()) for _ in range(3)] == [1, 0, 0]
    room.run(notices.send_due("loft"))
    assert [said.kind for said in pigeon.carried] == [Kind.ASKED, Kind.ENDS_SOON]
    assert len({said.id for said in pigeon.carried}) == 2
    assert room.kinds().count("notice.reminded") == 1


def test_what_can_wait_interrupts_nobody_before_its_round() -> None:
    """A change of a record waits for the next round, a restart or not; a stop does not."""
    room, pigeon = Room(), Pigeon()
    midnight = room.clock.now_us() - room.clock.now_us() % DAY_US
    into_us = room.clock.now_us() - midnight + HOUR_US // 2
    notices = told(room, pigeon, rounds=(into_us,))
    ask(room)
    room.run(room.controls.set("workflow:trial", Verdict.ASK, because="smoke", by="ben"))
    room.run(notices.send_due("loft"))
    assert [said.kind for said in pigeon.carried] == [Kind.FLOOR]

    room.start()
    notices = told(room, pigeon, rounds=(into_us,))
    room.run(notices.send_due("loft"))
    assert len(pigeon.carried) == 1
    room.clock.jump(HOUR_US // 2)
    room.run(notices.send_due("loft"))
    assert [said.kind for said in pigeon.carried] == [Kind.FLOOR, Kind.ASKED]


def test_a_channel_tells_only_what_it_is_to_tell() -> None:
    """`tells` chooses."""
    room = Room()
    told(room, Pigeon(), frozenset({Kind.STOPPED}))
    ask(room)
    room.run(room.controls.stop("everything", because="smoke", by="ben"))
    room.run(room.controls.set("everything", Verdict.ASK, because="smoke", by="ben"))

    assert [row["kind"] for row in outbox(room)] == ["stopped"]


def test_a_notifier_that_breaks_the_rules_silences_nobody() -> None:
    """An exception is a failure like any other."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)

    async def broken(_: object) -> Delivered:
        raise KeyError("planted-secret")

    pigeon.send = broken  # type: ignore[method-assign, assignment]
    ask(room)
    room.run(notices.send_due("loft"))

    assert room.run(notices.warnings()) == [
        "channel `loft` does not get through: the channel failed with KeyError"
    ]


def test_a_channel_is_tried_by_name_and_the_ledger_says_so() -> None:
    """A test notice leads nowhere but to the console; an unknown name is told the known ones."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)

    assert room.run(notices.test("loft", by="ben")) == Delivered()
    assert [said.kind for said in pigeon.carried] == [Kind.TEST]
    assert "notice.tested" in room.kinds()
    with pytest.raises(NotFoundError, match="no channel is called `attic`"):
        room.run(notices.test("attic", by="ben"))


@settings(max_examples=25)
@given(planted=st.uuids().map(str))
def test_no_notice_contains_what_agents_systems_or_people_said(planted: str) -> None:
    """Values are planted in every call, result and reason; none is in a row or in what is sent."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon, EVERYTHING)
    text: JsonObject = {"content": [{"type": "text", "text": planted}]}
    room.upstreams.answer = text
    ended = room.propose(
        room.task(words=planted, inputs={"ticket": "T1", "secret": planted}),
        "tickets.update",
        {"ticket": "T1", "refund": 60, "note": planted},
        meta={"note": planted},
    )
    asked = room.propose(room.task(words=planted), "tickets.update", {"ticket": "T1", "refund": 61})
    assert asked.approval is not None
    room.answer(asked, somebody(room, asked.approval), yes=False, because=planted)
    room.follow()
    room.upstreams.trouble = UpstreamLostError(planted)
    room.propose(room.task(), "tickets.note", {"ticket": "T1", "text": planted})
    room.run(room.controls.stop("everything", because=planted, by="ben"))
    room.run(room.controls.resume("everything", because=planted, by="ben"))
    room.run(notices.send_due("loft"))

    kinds = {row["kind"] for row in outbox(room)}
    assert {"asked", "settled", "in_doubt", "stopped", "resumed"} <= kinds, (kinds, ended)
    assert planted not in repr(outbox(room))
    assert planted not in json.dumps([said.as_json() for said in pigeon.carried])


def test_a_row_gives_the_notice_back_as_it_was() -> None:
    """Names with odd characters survive the outbox."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)
    room.gateway.registry.agents["hélper"] = replace(
        next(iter(room.gateway.registry.agents.values())), name="hélper", contact="ops · nächt"
    )
    room.run(room.controls.stop("agent:hélper", because="smoke", by="ben"))
    room.run(notices.send_due("loft"))

    assert pigeon.carried[0].to == ("ops · nächt",)
    assert pigeon.carried[0].title == "Agent hélper is stopped"


def test_a_lane_that_does_not_get_through_holds_up_no_other() -> None:
    """Of one channel: what is for the other goes on, and this one is tried again by itself."""
    room, pigeon = Room(), Pigeon()
    pigeon.lanes, pigeon.closed = ("ada", "ben"), ("ada",)
    notices = told(room, pigeon)
    for _ in range(3):
        room.run(room.controls.stop("everything", because="smoke", by="ben"))
        room.run(room.controls.resume("everything", because="smoke", by="ben"))

    assert room.run(notices.send_due("loft")) == 6
    assert [said.lane for said in pigeon.carried].count("ada") == 1
    assert room.run(notices.warnings()) == ["channel `loft` does not get through: no answer"]
    assert room.run(notices.send_due("loft")) == 0
    pigeon.lanes = ("ben",)
    assert room.run(notices.warnings()) == []
    pigeon.lanes, pigeon.closed = ("ada", "ben"), ()
    room.clock.jump(6_000_000)
    assert room.run(notices.send_due("loft")) == 6
    assert len({(said.id, said.lane) for said in pigeon.carried}) == 12


def test_a_full_lane_hides_no_other() -> None:
    """However much waits for one that is left alone."""
    room, pigeon = Room(), Pigeon()
    pigeon.lanes, pigeon.closed = ("ada",), ("ada",)
    notices = told(room, pigeon)
    for _ in range(AT_ONCE):
        room.run(room.controls.stop("everything", because="smoke", by="ben"))
    room.run(notices.send_due("loft"))
    pigeon.lanes = ("ada", "ben")
    room.run(room.controls.resume("everything", because="smoke", by="ben"))

    assert room.run(notices.send_due("loft")) == 1
    assert pigeon.carried[-1].lane == "ben"


def test_whoever_left_is_not_told_what_was_written_for_them() -> None:
    """A device that was removed meanwhile is told nothing, and nothing is tried for it."""
    room, pigeon = Room(), Pigeon()
    pigeon.lanes = ("ada",)
    notices = told(room, pigeon)
    ask(room)
    pigeon.lanes = ("ben",)
    room.run(notices.send_due("loft"))

    assert pigeon.carried == []
    (row,) = outbox(room)
    assert (row["state"], row["why"]) == ("dropped", "whom it was for is not told there any more")


def test_each_lane_that_was_told_is_told_once_that_a_question_ends_soon() -> None:
    """Under one id, by the lane that told of the question."""
    room, pigeon = Room(), Pigeon()
    pigeon.lanes = ("ada", "ben")
    notices = told(room, pigeon)
    asked = ask(room)
    (row,) = room.run(room.store.rows("approvals", {"id": asked}))
    room.clock.jump((int(str(row["expires_us"])) - int(str(row["asked_us"]))) * 4 // 5)

    assert [room.run(notices.remind()) for _ in range(3)] == [1, 0, 0]
    room.run(notices.send_due("loft"))
    soon = [said.lane for said in pigeon.carried if said.kind is Kind.ENDS_SOON]
    assert sorted(soon) == ["ada", "ben"]


def test_a_question_that_weighs_little_has_a_second_link_when_it_leaves() -> None:
    """Looked at then, and not when it was written; what is no question has none."""
    room, pigeon = Room(), Pigeon()
    notices = told(room, pigeon)
    asked: list[str] = []

    async def quick(approval: str) -> str:
        await Until()
        asked.append(approval)
        return "/quick/sealed"

    notices.quick = quick
    question = ask(room)
    room.run(room.controls.set("everything", Verdict.ASK, because="smoke", by="ben"))
    assert asked == []
    room.run(notices.send_due("loft"))

    assert asked == [question]
    links = {said.kind: said.quick for said in pigeon.carried}
    assert links == {Kind.ASKED: f"{CONSOLE}/quick/sealed", Kind.FLOOR: ""}
