"""A task's history: whatever happened meanwhile, nothing stands before what it follows from."""

from __future__ import annotations

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
