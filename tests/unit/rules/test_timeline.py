"""A task's history: whatever happened meanwhile, nothing stands before what it follows from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Json, JsonObject
from sallyport.rules.timeline import Moment, timeline
from sallyport.rules.trace import Heard

TASK = "t-1"


def heard(seq: int, entry: str, call: str = "", **body: Json) -> Heard:
    """Return an entry."""
    return Heard(seq=seq, kind=entry, at_us=seq, body={"call": call, "task": TASK, **body})


def causes_stand_first(moments: tuple[Moment, ...]) -> bool:
    """Return whether each moment follows everything that it names."""
    seen: set[int] = set()
    for one in moments:
        if not seen.issuperset(one.after):
            return False
        seen.add(one.seq)
    return True


LIFE: tuple[tuple[str, JsonObject], ...] = (
    ("call.decided", {"tool": "tickets.update", "verdict": "ask"}),
    ("approval.asked", {"who": ["lead"]}),
    ("approval.answered", {"person": "lea", "yes": True}),
    ("call.decided_again", {"verdict": "allow"}),
    ("call.intended", {}),
    ("call.concluded", {"action": "done"}),
)


@given(st.lists(st.integers(0, 3), min_size=24, max_size=40))
def test_calls_that_ran_side_by_side_are_told_one_after_the_other(turns: list[int]) -> None:
    """However their entries lie in the ledger, each call stays in one piece and in its order."""
    entries = [heard(1, "task.opened", requester="rita")]
    at = dict.fromkeys(range(4), 0)
    for turn in turns:
        if at[turn] < len(LIFE):
            kind, body = LIFE[at[turn]]
            entries.append(heard(len(entries) + 1, kind, f"c{turn}", **body))
            at[turn] += 1
    told = timeline(reversed(entries))
    assert causes_stand_first(told)
    assert {one.seq for one in told} == {one.seq for one in entries}
    calls = [one.call for one in told if one.call]
    assert calls == sorted(calls, key=calls.index)


def test_a_decision_follows_its_look_ups_and_an_edit_follows_the_answer() -> None:
    """What read, what decided, what a person changed, and what came of the change."""
    told = timeline(
        [
            heard(1, "task.opened", requester="rita"),
            heard(2, "call.decided", "f.0", tool="tickets.get", parent="c1", origin="gateway"),
            heard(3, "call.concluded", "f.0", action="done"),
            heard(4, "call.decided", "c1", tool="tickets.update", verdict="ask"),
            heard(5, "call.decided", "c9", tool="kb.search", verdict="allow"),
            heard(6, "approval.asked", "c1", who=["lead"]),
            heard(7, "page.shown", "c1", person="lea"),
            heard(8, "approval.answered", "c1", person="lea", kind="edit", **{"as": "c2"}),
            heard(9, "call.decided", "c2", tool="tickets.update", parent="c1", origin="edit"),
            heard(10, "call.concluded", "c1", ending="refused"),
            heard(11, "task.closed"),
        ]
    )
    after = {one.seq: one.after for one in told}
    assert causes_stand_first(told)
    assert after[4] == (1, 3)
    assert after[9] == (8,)
    assert 7 not in after
    assert [one.seq for one in told] == [1, 2, 3, 4, 6, 8, 9, 10, 5, 11]
    said = {one.seq: one.said for one in told}
    assert said[2] == "the gateway looked it up with tickets.get"
    assert said[8] == "lea changed it"
    assert said[9].startswith("a person proposed tickets.update in its place")
    assert {one.call: one.within for one in told}["c2"] == 1


def test_entries_of_an_older_release_are_told_as_well() -> None:
    """What is not known is somebody or something; nothing is left out for it."""
    told = timeline([heard(1, "task.opened"), heard(2, "something.new", "c1")])
    assert [one.said for one in told] == ["the task was opened for somebody", "something: new"]


def test_a_moment_is_given_to_programs_as_it_is_told() -> None:
    """Its entry, what it is about, how deep it lies, and what it follows from."""
    told = timeline(
        [
            heard(3, "task.opened", requester="rita"),
            heard(5, "call.decided", "f.0", tool="tickets.get", parent="c1", origin="gateway"),
            heard(7, "call.decided", "c1", tool="tickets.update", verdict="ask"),
        ]
    )

    assert [one.as_json() for one in told] == [
        {
            "seq": 3,
            "at_us": 3,
            "kind": "task.opened",
            "call": "",
            "tool": "",
            "said": "the task was opened for rita",
            "within": 0,
            "after": [],
        },
        {
            "seq": 5,
            "at_us": 5,
            "kind": "call.decided",
            "call": "f.0",
            "tool": "tickets.get",
            "said": "the gateway looked it up with tickets.get",
            "within": 1,
            "after": [3],
        },
        {
            "seq": 7,
            "at_us": 7,
            "kind": "call.decided",
            "call": "c1",
            "tool": "tickets.update",
            "said": "tickets.update was proposed: ask",
            "within": 0,
            "after": [3, 5],
        },
    ]


def decided(seq: int, call: str, parent: str = "", origin: str = "agent") -> Heard:
    """Return the entry of a decision."""
    return heard(seq, "call.decided", call, tool=f"do.{call}", parent=parent, origin=origin)


HISTORY = (
    heard(1, "task.opened"),
    decided(2, "f.0", "c1", "gateway"),
    decided(3, "f.1", "c1", "gateway"),
    heard(4, "call.concluded", "f.0", action="done"),
    decided(5, "c8"),
    heard(6, "call.concluded", "f.1", action="done"),
    decided(7, "c1"),
    heard(8, "approval.asked", "c1"),
    heard(9, "task.renewed"),
    heard(10, "approval.answered", "c1", kind="edit", **{"as": "c2"}),
    decided(11, "f.2", "c2", "gateway"),
    heard(12, "call.concluded", "f.2", action="done"),
    decided(13, "c2", "c1", "edit"),
    heard(14, "call.concluded", "c8", action="done"),
    decided(15, "f.3", "c2", "gateway"),
    decided(16, "f.4", "c2", "gateway"),
    heard(17, "call.concluded", "f.4", action="done"),
    heard(18, "call.concluded", "f.3", action="done"),
    heard(19, "call.decided_again", "c2", verdict="allow"),
    heard(20, "call.concluded", "c2", action="done"),
    decided(21, "c3"),
    heard(22, "draft.stored", "c3"),
    decided(23, "c4"),
    heard(24, "draft.released", "c3", **{"as": "c5"}),
    decided(25, "c5", "c3", "release"),
    decided(26, "c6", "c3"),
    decided(27, "c7", "elsewhere"),
    heard(28, "task.closed"),
)
AFTER = {
    1: (),
    2: (1,),
    3: (1,),
    4: (2,),
    5: (1,),
    6: (3,),
    7: (1, 4, 6),
    8: (7,),
    9: (1, 4, 5, 6, 8),
    10: (8,),
    11: (9,),
    12: (11,),
    13: (10,),
    14: (5,),
    15: (13,),
    16: (13,),
    17: (16,),
    18: (15,),
    19: (12, 13, 17, 18),
    20: (19,),
    21: (9,),
    22: (21,),
    23: (9,),
    24: (22,),
    25: (24,),
    26: (24,),
    27: (9,),
    28: (4, 6, 9, 10, 12, 14, 17, 18, 20, 23, 24, 25, 26, 27),
}


def test_each_thing_follows_from_what_made_it_possible() -> None:
    """Look-ups, answers, edits, releases and the task itself, entry by entry."""
    told = timeline(HISTORY)

    assert {one.seq: one.after for one in told} == AFTER
    assert causes_stand_first(told)


def test_what_belongs_together_stands_together() -> None:
    """A proposal with its look-ups and all that people made of it, then the next one."""
    told = timeline([*HISTORY, *HISTORY[::-1]])
    order = [one.seq for one in told]

    assert order == [
        *(1, 2, 3, 4, 6, 7, 8, 10, 13, 15, 16, 17, 18),
        *(5, 14),
        *(9, 11, 12, 19, 20),
        *(21, 22, 24, 25, 26),
        *(23, 27, 28),
    ]
    assert {one.call: one.within for one in told} == {
        **dict.fromkeys(("", "c1", "c3", "c4", "c7", "c8"), 0),
        **dict.fromkeys(("c2", "c5", "c6", "f.0", "f.1"), 1),
        **dict.fromkeys(("f.2", "f.3", "f.4"), 2),
    }
    assert {one.call: one.tool for one in told if one.call} == {
        call: f"do.{call}" for call in {one.call for one in told if one.call}
    }


@pytest.mark.parametrize("maker", ["approval.answered", "draft.released"])
def test_what_a_person_made_of_a_call_follows_from_their_answer(maker: str) -> None:
    """Not from the end of the first call, which may come in between."""
    begun = [heard(1, "task.opened"), decided(2, "c1")]
    rest = [heard(4, "call.concluded", "c1", action="failed"), decided(5, "c2", "c1", "edit")]

    made = timeline([*begun, heard(3, maker, "c1", **{"as": "c2"}), *rest])
    assert {one.seq: one.after for one in made}[5] == (3,)
    other = timeline([*begun, heard(3, "call.kept", "c1", **{"as": "c2"}), *rest])
    assert {one.seq: one.after for one in other}[5] == (4,)
    nothing = timeline([*begun, heard(3, maker, "c1"), *rest])
    assert {one.seq: one.after for one in nothing}[5] == (4,)


def test_the_first_decision_about_a_call_is_the_one_that_made_it() -> None:
    """Whatever a later entry of the same name says, and even where parents run in a circle."""
    told = timeline(
        [
            decided(1, "a", "b"),
            decided(2, "b", "a"),
            heard(3, "call.decided", "a", tool="other", parent=""),
        ]
    )

    assert [(one.seq, one.tool, one.within) for one in told] == [
        (1, "do.a", 1),
        (3, "do.a", 1),
        (2, "do.b", 1),
    ]


SAID: list[tuple[str, JsonObject, str]] = [
    ("task.opened", {"requester": "rita"}, "the task was opened for rita"),
    ("task.renewed", {}, "the task went on under a new version of its boundary"),
    ("task.closed", {}, "the task was closed"),
    ("call.decided", {"tool": "a.b", "verdict": "allow"}, "a.b was proposed: allow"),
    (
        "call.decided",
        {"tool": "a.b", "verdict": "allow", "origin": "gateway"},
        "the gateway looked it up with a.b",
    ),
    (
        "call.decided",
        {"tool": "a.b", "verdict": "ask", "origin": "edit"},
        "a person proposed a.b in its place: ask",
    ),
    (
        "call.decided",
        {"tool": "a.b", "verdict": "ask", "origin": "release"},
        "a person proposed the draft's a.b: ask",
    ),
    ("call.decided_again", {"verdict": "refuse"}, "it was decided again: refuse"),
    ("call.intended", {}, "it was let out"),
    ("call.concluded", {"action": "in_doubt", "ending": "waiting"}, "it ended: in doubt"),
    ("call.concluded", {"action": None, "ending": "refused"}, "it ended: refused"),
    ("call.delivered", {}, "the agent was told how it ended"),
    ("call.kept", {}, "the agent had left, so its result was kept"),
    ("call.settled", {"by": "sam"}, "sam settled what became of it"),
    ("approval.asked", {"who": ["lead", "owner"]}, "lead or owner were asked"),
    ("approval.escalated", {"level": 2}, "nobody answered, and it rose to level 2"),
    ("approval.expired", {}, "nobody answered in time"),
    ("approval.withdrawn", {"agent": "helper"}, "helper took it back"),
    ("approval.undone", {"by": "lea"}, "lea took the yes back"),
    ("approval.answered", {"person": "lea", "yes": True}, "lea said yes"),
    ("approval.answered", {"person": "lea", "yes": False}, "lea said no"),
    ("approval.answered", {"person": "lea", "kind": "edit"}, "lea changed it"),
    ("approval.answered", {"person": "lea", "kind": "words"}, "lea wrote back"),
    ("approval.passed", {"person": "lea", "kind": "escalate"}, "lea passed it up"),
    (
        "approval.passed",
        {"person": "lea", "kind": "hand_over", "to": "ben"},
        "lea handed it to ben",
    ),
    ("approval.passed", {"person": "lea", "kind": "not_mine"}, "lea said it is for others"),
    ("draft.stored", {}, "it was stored as a draft"),
    ("draft.released", {"by": "lea"}, "lea released the draft"),
    ("draft.discarded", {"by": "lea"}, "lea discarded the draft"),
    (
        "grant.ended",
        {"tool": "a.b", "why": "it was used up"},
        "a yes beforehand to a.b ended: it was used up",
    ),
    ("something.quite.new", {}, "something: quite: new"),
]


@pytest.mark.parametrize("entry, body, said", SAID)
def test_each_thing_is_told_in_one_clause(entry: str, body: JsonObject, said: str) -> None:
    """In words that somebody reads who was not there."""
    call = "" if entry.startswith("task.") else "c1"
    (told,) = timeline([heard(1, entry, call, **body)])

    assert told.said == said


@pytest.mark.parametrize(
    "entry, body, said",
    [
        ("call.decided", {}, "something was proposed: something"),
        ("call.settled", {}, "somebody settled what became of it"),
        ("approval.asked", {}, "somebody were asked"),
        ("approval.answered", {"yes": True}, "somebody said yes"),
        ("approval.withdrawn", {}, "something took it back"),
        ("approval.passed", {"kind": "hand_over"}, "somebody handed it to something"),
    ],
)
def test_what_was_not_written_down_is_somebody_or_something(
    entry: str, body: JsonObject, said: str
) -> None:
    """Entries of an older release have fewer words."""
    (told,) = timeline([heard(1, entry, "c1", **body)])

    assert (told.said, told.tool) == (said, "")


def test_who_looked_at_what_is_left_out() -> None:
    """Looking causes nothing."""
    looks = [heard(2, "page.shown", "c1"), heard(3, "approval.shown", "c1")]

    assert [
        one.seq for one in timeline([decided(1, "c1"), *looks, heard(4, "call.kept", "c1")])
    ] == [
        1,
        4,
    ]


def test_a_call_that_no_decision_is_known_of_has_no_tool_and_no_parent() -> None:
    """Its entries stand for themselves."""
    (told,) = timeline([heard(1, "call.kept", "c1", tool="a.b", parent="c0")])

    assert (told.tool, told.within, told.after) == ("", 0, ())
