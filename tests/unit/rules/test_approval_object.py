"""The object that people answer about: complete, of one digest, and made anew before the effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.model import (
    Approval,
    Json,
    JsonObject,
    Level,
    Money,
    Plumbing,
    Proposal,
    Reversible,
)
from sallyport.rules import approval_object, reasons
from sallyport.rules.approval_object import CHANGED, build, differences, digest, holds, in_words
from sallyport.rules.context import Context
from tests.requirements import requirement
from tests.unit.rules import worlds

ASKING = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
BEFORE: JsonObject = {"structuredContent": {"state": "open", "refund": Decimal("40.00")}}


def _made(seen: Context = ASKING) -> JsonObject:
    return build(
        seen,
        approval="a1",
        nonce="n1",
        findings=(
            reasons.ask("level.ask", level="update"),
            reasons.ask("level.ask", level="update"),
        ),
        expires_us=7,
        before=BEFORE,
    )


def _paths(value: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the way to every leaf; an empty list or object is one."""
    if isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _paths(item, (*at, name))
    else:
        yield at


def _changed(value: Json, path: tuple[str, ...]) -> Json:
    if not path:
        return "something else"
    assert isinstance(value, dict)
    return {**value, path[0]: _changed(value[path[0]], path[1:])}


PATHS = list(_paths(_made()))


def test_it_says_all_that_would_happen_and_for_whom() -> None:
    """Nothing that decides is left out, and each finding stands there once."""
    made = _made()
    action = made["action"]

    assert isinstance(action, dict)
    assert action["args"] == ASKING.proposal.args
    assert action["before"] == BEFORE
    assert made["findings"] == ["level.ask"]
    assert set(action) == {
        *("tool", "pin", "system", "environment", "level", "args", "meta", "target", "before")
    }
    assert set(made) == {
        *("v", "action", "requester", "agent", "instance", "task", "workflow", "boundary"),
        *("cost", "reversibility", "edit_of", "approval", "nonce", "findings", "expires_us"),
        *("again", "confirm"),
    }


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_another_value_in_any_place_is_another_digest(path: tuple[str, ...]) -> None:
    """Nothing in it is decoration."""
    other = _changed(_made(), path)

    assert isinstance(other, dict)
    assert digest(other) != digest(_made())


@requirement("B-89")
@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_what_was_changed_after_it_was_asked_holds_no_more(path: tuple[str, ...]) -> None:
    """Whoever changes one value of the kept object, or the digest with it, has no answer for it."""
    approval = worlds.question(ASKING, BEFORE, object={}, about="")
    made = build(
        ASKING,
        approval=approval.id,
        nonce="n1",
        findings=(),
        expires_us=approval.expires_us,
        before=BEFORE,
    )
    kept = replace(approval, object=made, about=digest(made))
    other = _changed(made, path)
    assert isinstance(other, dict)

    assert holds(kept, ASKING, BEFORE)
    changed = replace(kept, object=other, about=digest(other))
    findings_alone = path[0] in {"nonce", "findings", "again"}
    assert holds(changed, ASKING, BEFORE) is findings_alone  # then the signature is over another
    assert changed.about != kept.about


def test_a_question_without_an_object_holds_nothing() -> None:
    """One that an older release asked has none, and is asked anew."""
    assert not holds(worlds.question(ASKING, object={}, about=""), ASKING, None)
    assert digest({}) == ""


def _with(seen: Context, **changes: object) -> Context:
    return replace(seen, **changes)  # type: ignore[arg-type]


def _proposed(**changes: object) -> Proposal:
    return replace(ASKING.proposal, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "now, before, named",
    [
        (_with(ASKING, proposal=_proposed(args={"on": "T2"})), None, "action.args"),
        (_with(ASKING, proposal=_proposed(meta={"trace": "1"})), None, "action.meta"),
        (_with(ASKING, target="another"), None, "action.target"),
        (ASKING, BEFORE, "action.before"),
        (_with(ASKING, task=replace(worlds.TASK, requester="sam")), None, "requester"),
        (_with(ASKING, task=replace(worlds.TASK, instance="other")), None, "instance"),
        (_with(ASKING, boundaries=(worlds.boundary(digest="v2"),)), None, "boundary"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_changed_is_named_and_said_in_words(
    now: Context, before: JsonObject | None, named: str
) -> None:
    """A person reads what changed, and no digest."""
    approval = worlds.question(ASKING)
    assert holds(approval, ASKING, None)
    rebuilt = approval_object.rebuilt(approval, now, before)

    assert not holds(approval, now, before)
    assert named in differences(approval.object, rebuilt)
    assert CHANGED[named] in in_words([named])


def test_a_question_that_comes_back_says_what_changed() -> None:
    """It names the question that it replaces, and nothing that always differs."""
    old = worlds.question(ASKING)
    now = _with(ASKING, target="another")
    again = build(
        now,
        approval="a2",
        nonce="n2",
        findings=(),
        expires_us=old.expires_us + 1,
        before=None,
        replaces=old,
    )

    assert again["again"] == {"approval": "a1", "changed": ["action.target"]}
    assert approval_object.came_back(again) == ("the record it is about changed",)
    assert approval_object.came_back(old.object) == ()


def test_a_question_that_comes_back_twice_says_what_changed_last() -> None:
    """That the first change is over by now is no change of what happens."""
    old = worlds.question(ASKING)
    second = _put_again(_with(ASKING, target="another"), old)
    third = _put_again(_with(ASKING, target="a third"), replace(old, id="a2", object=second))

    assert third["again"] == {"approval": "a2", "changed": ["action.target"]}


def _put_again(now: Context, old: Approval) -> JsonObject:
    return build(
        now,
        approval=f"{old.id}-again",
        nonce=f"{old.id}-nonce",
        findings=(),
        expires_us=old.expires_us + 1,
        before=None,
        replaces=old,
    )


def test_a_question_of_an_older_release_comes_back_without_saying_what_changed() -> None:
    """It has no object to compare with."""
    again = _put_again(ASKING, worlds.question(ASKING, object={}, about=""))

    assert again["again"] == {"approval": "a1", "changed": []}


@pytest.mark.parametrize(
    "again", [None, {}, {"changed": None}, {"changed": []}, {"changed": ["a later part"]}], ids=str
)
def test_what_did_not_come_back_says_nothing_of_it(again: Json) -> None:
    """Nor does a part that only a later release knows."""
    assert approval_object.came_back({"again": again}) == ()


def test_every_part_has_words_for_that_it_changed() -> None:
    """Those that a person reads where a question comes back, in the order of the page."""
    made = {**_made(), "cool_off_s": 30}
    action = made["action"]
    assert isinstance(action, dict)
    other: JsonObject = {**dict.fromkeys(made, "another"), "action": dict.fromkeys(action, "x")}
    parts = differences({}, other)

    assert {name: in_words([name]) for name in parts} == {
        "action.tool": ("another tool",),
        "action.pin": ("the tool's definition changed",),
        "action.system": ("another system",),
        "action.environment": ("the environment changed",),
        "action.level": ("the tool's level changed",),
        "action.args": ("the arguments changed",),
        "action.meta": ("what is sent along changed",),
        "action.target": ("the record it is about changed",),
        "action.before": ("the record it is about changed",),
        "requester": ("the requester changed",),
        "agent": ("another agent",),
        "instance": ("another run of the agent",),
        "task": ("another task",),
        "workflow": ("another workflow",),
        "boundary": ("a new version of the boundary is in force",),
        "findings": ("other checks have something to say",),
        "cost": ("what it costs changed",),
        "reversibility": ("whether it can be taken back changed",),
        "edit_of": ("it was made from another call",),
        "confirm": ("what has to be typed for a yes changed",),
        "approval": ("the question was exchanged",),
        "nonce": ("the question was exchanged",),
        "expires_us": ("the time to answer was moved",),
        "cool_off_s": ("the time to take a yes back was changed",),
        "again": ("what changed before was exchanged",),
        "v": ("another release of Sallyport wrote it",),
    }
    assert parts == tuple(CHANGED)


def test_what_two_parts_have_in_common_is_read_once() -> None:
    """In the order in which it is named."""
    assert in_words(["task", "action.before", "unknown", "action.target"]) == (
        "another task",
        "the record it is about changed",
    )


def test_what_is_not_there_is_empty_and_never_left_out() -> None:
    """Every part has its place, whoever asks for what."""
    nowhere = worlds.context(boundaries=(), task=None)

    assert build(nowhere, approval="a1", nonce="n1", findings=(), expires_us=7, before=None) == {
        "v": 1,
        "action": {
            "tool": "desk.act",
            "pin": "",
            "system": "",
            "environment": "",
            "level": "external",
            "args": {"on": "T1"},
            "meta": {},
            "target": "",
            "before": None,
        },
        "requester": "",
        "agent": "",
        "instance": "",
        "task": "t1",
        "workflow": "",
        "boundary": "",
        "cost": "",
        "reversibility": "",
        "edit_of": "",
        "confirm": None,
        "approval": "a1",
        "nonce": "n1",
        "findings": [],
        "expires_us": 7,
        "again": None,
    }


def test_an_id_that_is_typed_is_short_and_follows_from_what_nobody_can_guess() -> None:
    """The same ones every time, since they are derived again from what is kept."""
    assert approval_object.short_id("q", "c_fresh") == "q-be832300c9"
    assert approval_object.short_id("d", "c_fresh")[2:] != "q-be832300c9"[2:]
    assert approval_object.nonce_of("c_fresh") == "bb56ef1a03eaf89774870547e121b005"


def test_cost_and_reversibility_are_the_operators_words() -> None:
    """They come from the system's file."""
    plumbing = Plumbing(cost=Money(Decimal("0.02"), "EUR"), reversible=Reversible.FALSE)
    boundary = worlds.boundary(worlds.rule(Level.UPDATE))
    systems = {
        name: replace(one, tools={**one.tools, ASKING.proposal.tool: plumbing})
        for name, one in boundary.systems.items()
    }
    made = _made(worlds.context(replace(boundary, systems=systems)))

    assert (made["cost"], made["reversibility"]) == ("0.02 EUR", "false")
