"""What the ledger alone shows of broken glass and of yeses that wait, and what it gives away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sallyport.model import BreakGlass, CoolOff, GlassState, Json, JsonObject
from sallyport.rules.overseen import Overseen
from sallyport.rules.times import SECOND_US
from sallyport.rules.trace import Heard
from tests.unit.flow.room import PEOPLE
from tests.unit.flow.test_glasses import ANN, HOUR, LARGE, OLE, UMA, Cabinet

KEYS = {one.name: frozenset(one.keys) for one in (*PEOPLE, OLE, UMA, ANN)}


def _whole() -> tuple[Cabinet, BreakGlass, list[Heard]]:
    """Return the ledger of one glass that was broken, used, ended and looked at."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    room.propose(room.task(), "tickets.update", LARGE)
    room.clock.jump(HOUR * SECOND_US)
    room.run(cabinet.glasses.look())
    cabinet.review(replace(glass, state=GlassState.ENDED), "ann")
    return cabinet, glass, list(room.heard())


def _problems(cabinet: Cabinet, entries: Sequence[Heard]) -> tuple[int, list[str]]:
    overseen, signed, wrong = Overseen(), 0, list[str]()
    for one in entries:
        if one.kind.startswith("glass.") or one.kind in {
            *("call.intended", "approval.answered", "approval.undone"),
            *(("call.decided",) if one.body.get("glass") else ()),
        }:
            held, problem = overseen.read(one, KEYS, cabinet.room.keys.verify)
            signed += held
            wrong += [problem] if problem else []
    return signed, wrong


def test_a_glass_that_was_broken_rightly_holds_from_the_ledger_alone() -> None:
    """Three signatures of three people, each over what its entry says."""
    cabinet, _, entries = _whole()
    assert _problems(cabinet, entries) == (3, [])


@pytest.mark.parametrize(
    "kind, name, value",
    [
        ("glass.asked", "because", "a better reason"),
        ("glass.asked", "scope", "workflow:support"),
        ("glass.broken", "lasts_s", 4 * HOUR),
        ("glass.broken", "ends_us", 2**53),
        ("glass.broken", "asked_by", "uma"),
        ("glass.reviewed", "found", "not_in_order"),
        ("glass.reviewed", "digest", "another"),
        ("call.decided", "glass", "g_unknown"),
        ("call.decided", "workflow", "support"),
    ],
)
def test_a_word_that_was_changed_is_found(kind: str, name: str, value: Json) -> None:
    """Each of them is under a signature, or is held against what was signed."""
    cabinet, _, entries = _whole()
    changed = [_with(one, name, value) if one.kind == kind else one for one in entries]
    if (kind, name) == ("call.decided", "workflow"):
        changed = [_with(one, "tool", "mail.send") if one.kind == kind else one for one in changed]
    _, wrong = _problems(cabinet, changed)
    assert wrong


def test_one_person_twice_is_found() -> None:
    """A second who is the first is no second, whatever is signed."""
    cabinet, _, entries = _whole()
    broken = next(one for one in entries if one.kind == "glass.broken")
    twice: JsonObject = {**broken.body, "second": broken.body["asked"]}
    _, wrong = _problems(cabinet, [replace(broken, body=twice)])
    assert wrong
    overseen = Overseen()
    _, problem = overseen.read(replace(broken, body=twice), KEYS, _any)
    assert "one person alone" in problem


def test_a_call_after_its_end_is_found() -> None:
    """A call that names a glass must lie between its second signature and its end."""
    cabinet, glass, entries = _whole()
    decided = next(one for one in entries if one.kind == "call.decided" and "glass" in one.body)
    late = replace(decided, at_us=glass.ends_us + 1)
    _, wrong = _problems(cabinet, [*(one for one in entries if one is not decided), late])
    assert "under a break-glass that was not in force" in wrong[-1]


def test_a_call_that_left_too_early_or_after_it_was_taken_back_is_found() -> None:
    """The time of the yes is in the entry that it was given with."""
    cabinet = Cabinet()
    room = cabinet.room
    room.gateway.cool_off = CoolOff(usual_s=30, money_s=30)
    asked = room.propose(room.task(), "mail.send", {"to": "x@example.com"})
    room.answer(asked, "lou", yes=True)
    room.clock.jump(30 * SECOND_US)
    room.run(room.inbox.act_on_due())
    room.follow()
    entries = list(room.heard())
    assert _problems(cabinet, entries) == (0, [])

    early = [_earlier(one) if one.kind == "call.intended" else one for one in entries]
    assert "while its yes could be taken back" in _problems(cabinet, early)[1][0]
    answered = next(one for one in entries if one.kind == "approval.answered")
    undone = replace(answered, kind="approval.undone")
    at = entries.index(answered) + 1
    _, wrong = _problems(cabinet, [*entries[:at], undone, *entries[at:]])
    assert "after its yes was taken back" in wrong[0]


def _any(*_: object) -> bool:
    return True


def _with(entry: Heard, name: str, value: Json) -> Heard:
    return replace(entry, body={**entry.body, name: value})


def _earlier(entry: Heard) -> Heard:
    return replace(entry, at_us=entry.at_us - SECOND_US)
