"""The object that people answer about: complete, of one digest, and made anew before the effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.model import Json, JsonObject, Level, Money, Plumbing, Proposal, Reversible
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
