"""A logged decision is made again from its entry alone, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sallyport.model import (
    Agent,
    Ahead,
    Answer,
    Approval,
    ApprovalState,
    Asks,
    Boundary,
    BreakGlass,
    Call,
    Ending,
    GlassState,
    Grant,
    Json,
    JsonObject,
    Level,
    Limit,
    Person,
    Question,
    Stage,
    Task,
    Verdict,
    Vouched,
)
from sallyport.rules.again import Again, again, context_of
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.trace import Heard
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOW_US, PROPOSAL, TOOL

ALLOWED = worlds.context()
UNREAD = worlds.context(worlds.boundary(worlds.rule(when={"state": ("open",)})))
USED_UP = worlds.context(
    worlds.boundary(limits=(Limit(name="calls_per_task", at_most=1, per="task"),)),
    counters={"task:t1:call": 1},
)
BY = Vouched(person="sam", at_us=NOW_US - 5, signature="s", key="k")


def _everything() -> Context:
    """Return a snapshot in which every part is there, and no two are alike."""
    seen = worlds.context(
        worlds.boundary(),
        worlds.boundary(digest="v0"),
        proposal=replace(
            PROPOSAL,
            meta={"trace": "m"},
            parent="c0",
            answers={"q1": {"action": "accept"}},
            declared=frozenset({"form", "roots"}),
        ),
        fresh=PROPOSAL.call_id,
        task=replace(worlds.TASK, closed=True),
        agent=Agent(name="helper", owner="lea", stage=Stage.ASK),
        barred_by=("other",),
        quarantined=True,
        unreachable=True,
        influenced=True,
        switches=(worlds.switch(Verdict.DRAFT),),
        stop_scopes=("tool:x",),
        broken="the disk is full",
        counters={"task:t1:call": 3},
        facts={"state": "open"},
        target="t-digest",
        crowded=4,
        asks=Asks(requests={"q1": {"method": "roots/list"}}),
    )
    answer = Answer(
        person="lea",
        yes=True,
        because="seen",
        at_us=NOW_US - 1,
        signature="signed",
        confirmed_own=True,
    )
    approval = Approval(
        id="a1",
        call_id=PROPOSAL.call_id,
        digest="d",
        boundary="v1",
        question=Question(who=("lead", "owner"), how_many=2),
        state=ApprovalState.APPROVED,
        asked_us=NOW_US - 2,
        expires_us=NOW_US + 2,
        target="t-digest",
        answers=(answer,),
        not_before_us=NOW_US + 1,
    )
    return replace(seen, approval=approval, parent=_PARENT, glasses=(_GLASS,), grant=_GRANT)


_PARENT = Call(
    id="c0",
    proposal=replace(PROPOSAL, call_id="c0", by="", args={"on": "T0"}),
    agent="helper",
    instance="run-1",
    workflow="support",
    requester="rita",
    system="desk",
    level=Level.UPDATE,
    digest="d0",
    boundary="v1",
    ending=Ending.ASKED,
    proposed_us=NOW_US - 9,
)
_GLASS = BreakGlass(
    id="g1",
    scope=f"tool:{TOOL}",
    because="a flood",
    lasts_s=60,
    state=GlassState.IN_FORCE,
    asked=replace(BY, person="lea"),
    asked_us=NOW_US - 5,
    second=BY,
    ends_us=NOW_US + 3,
)
_GRANT = Grant(
    id="b1",
    approval="a0",
    task="t1",
    tool=TOOL,
    boundary="v1",
    person="lea",
    ahead=Ahead(at_most=5, until_us=NOW_US + 4, free=("on",)),
    question=Question(who=("lead",), how_many=1),
    args={"on": "T3"},
    meta={"trace": "g"},
    asked_for=frozenset({"level.ask"}),
)


def _without_the_rest(seen: Context) -> Context:
    """Return a snapshot without what no decision looks at, which its entry does not hold."""
    task, agent, asked = seen.task, seen.agent, seen.approval
    assert task is not None
    assert agent is not None
    assert asked is not None
    return replace(
        seen,
        task=replace(task, boundary="", opened_us=0),
        agent=replace(agent, owner=""),
        requester=Person(name="rita", roles=frozenset({"staff"})),
        approval=replace(
            asked,
            asked_us=0,
            answers=tuple(replace(a, because="", at_us=0, signature="") for a in asked.answers),
        ),
        parent=replace(_PARENT, system="", level=Level.READ, digest="", boundary=""),
        glasses=(
            replace(
                _GLASS,
                because="",
                lasts_s=0,
                asked_us=0,
                asked=Vouched(person="lea", at_us=0, signature="", key=""),
                second=Vouched(person="sam", at_us=0, signature="", key=""),
            ),
        ),
    )


def _entry(seen: Context, **found: Json) -> Heard:
    """Return the entry of a decision as the ledger keeps it; `found` replaces what was found."""
    proposal, task, decision = seen.proposal, seen.task, decide(seen)
    assert task is not None
    body: JsonObject = {
        "call": proposal.call_id,
        "actor": {"agent": task.agent, "instance": task.instance},
        "task": proposal.task_id,
        "workflow": task.workflow,
        "requester": task.requester,
        "channel": proposal.channel,
        "origin": proposal.origin.value,
        "parent": proposal.parent,
        "by": proposal.by,
        "tool": proposal.tool,
        "verdict": decision.verdict.name.lower(),
        "entry": decision.entry,
        "floors": [f"{one.verdict.name.lower()} {one.code}" for one in decision.floors],
        **found,
    }
    secret: JsonObject = {
        "args": proposal.args,
        "meta": proposal.meta,
        "answers": proposal.answers,
        "context": seen.as_json(),
    }
    return Heard(seq=9, kind="call.decided", at_us=NOW_US, body=body, secret=secret)


def _kept(seen: Context) -> dict[str, Boundary]:
    return {one.digest: one for one in seen.boundaries}


def _again(seen: Context, **found: Json) -> Again:
    entry = _entry(seen, **found)
    return again(entry, entry, _kept(seen))


def test_a_decision_sees_again_all_that_it_saw() -> None:
    """Every part of the snapshot comes back; what no decision looks at is empty, not made up."""
    seen = _everything()
    entry = _entry(seen)

    assert context_of(entry, entry, _kept(seen)) == _without_the_rest(seen)


def test_a_decision_on_nothing_sees_nothing_again() -> None:
    """Without agent, requester, approval, question or parent there is none, and no empty one."""
    seen = replace(ALLOWED, agent=None, requester=None, fresh=PROPOSAL.call_id)
    entry = _entry(seen)
    task: Task = replace(worlds.TASK, boundary="", opened_us=0)

    assert context_of(entry, entry, _kept(seen)) == replace(seen, task=task)


def test_a_call_without_a_task_is_decided_without_one_again() -> None:
    """Its entry says so."""
    entry = _entry(ALLOWED)
    seen = replace(ALLOWED, task=None, fresh=PROPOSAL.call_id)
    entry = _sealed(entry, seen.as_json())
    found = context_of(entry, entry, _kept(ALLOWED))

    assert isinstance(found, Context)
    assert found.task is None


def _sealed(entry: Heard, context: Json) -> Heard:
    return replace(entry, secret={**(entry.secret or {}), "context": context})


def test_an_entry_from_before_there_were_queues_glasses_and_grants_is_decided_again() -> None:
    """It does not speak of them, so there were none."""
    later = ("crowded", "glasses", "grant")
    entry = _entry(ALLOWED)
    said = {name: value for name, value in ALLOWED.as_json().items() if name not in later}
    found = context_of(_sealed(entry, said), entry, _kept(ALLOWED))

    assert isinstance(found, Context)
    assert (found.crowded, found.glasses, found.grant) == (0, (), None)


def test_a_yes_that_did_not_wait_is_one_that_did_not_wait_again() -> None:
    """Its entry says nothing of waiting."""
    seen = worlds.approved(worlds.context(worlds.boundary(worlds.rule(Level.UPDATE))))
    entry = _entry(seen)
    found = context_of(entry, entry, _kept(seen))

    assert isinstance(found, Context)
    assert found.approval is not None
    assert found.approval.not_before_us == 0
    assert _again(seen).same


_ENTRY = _entry(ALLOWED)
_OLD = _sealed(_ENTRY, {"now_us": NOW_US})
_NAMELESS = replace(_ENTRY, body={"call": "c1"})
_BARE = replace(_ENTRY, secret=None)


@pytest.mark.parametrize(
    "entry, proposed, known, why_not",
    [
        (_BARE, _ENTRY, _kept(ALLOWED), "its sealed part was erased"),
        (_ENTRY, _BARE, _kept(ALLOWED), "its sealed part was erased"),
        (_OLD, _ENTRY, _kept(ALLOWED), "it was written by another release"),
        (_ENTRY, _NAMELESS, _kept(ALLOWED), "it was written by another release"),
        (_ENTRY, _ENTRY, {}, "its boundary is of another release, or not kept"),
        (
            _entry(_everything()),
            _entry(_everything()),
            _kept(ALLOWED),
            "its boundary is of another release, or not kept",
        ),
    ],
    ids=["erased", "proposal erased", "old", "proposal old", "no boundary", "one of two"],
)
def test_what_cannot_be_decided_again_says_why(
    entry: Heard, proposed: Heard, known: Mapping[str, Boundary], why_not: str
) -> None:
    """It is no difference, and it does not count as the same either."""
    found = again(entry, proposed, known)

    assert found == Again(seq=9, call="c1", logged=(), found=(), why_not=why_not)
    assert not found.same


@pytest.mark.parametrize(
    "seen", [ALLOWED, UNREAD, USED_UP, _everything()], ids=["allowed", "unread", "used", "all"]
)
def test_what_is_decided_as_it_was_logged_is_the_same(seen: Context) -> None:
    """Verdict, line and floors, each floor once, in one order."""
    decision = decide(seen)
    floors = sorted(f"{one.verdict.name.lower()} {one.code}" for one in decision.floors)
    said = (decision.verdict.name.lower(), decision.entry, *floors)

    assert _again(seen) == Again(seq=9, call="c1", logged=said, found=said, why_not="")
    assert _again(seen).same


@pytest.mark.parametrize(
    "code",
    [
        "approval.stale",
        "fence.closed",
        "gateway.unsettled",
        "limit.each",
        "limit.reached",
        "limit.sum",
        "lookup.failed",
    ],
)
def test_what_the_gateway_met_on_the_way_counts_beside_the_floors(code: str) -> None:
    """A limit that another call used up, a read that failed: no snapshot could hold it."""
    found = _again(ALLOWED, verdict="refuse", floors=["allow level.default", f"refuse {code}"])

    assert found.same
    assert found.found == ("refuse", "", "allow level.default", f"refuse {code}")


def test_a_limit_that_the_snapshot_shows_used_up_counts_once() -> None:
    """The gateway met it, and it is found again."""
    assert _again(USED_UP).found == ("refuse", "", "allow level.default", "refuse limit.reached")


def test_what_was_never_read_is_no_reason_where_none_was_logged() -> None:
    """A call that was refused anyway is refused before anything is read."""
    stopped = replace(UNREAD, quarantined=True)
    floors = ("allow level.default", "refuse tool.quarantined")
    found = _again(stopped, floors=list[Json](floors))

    assert found.found == ("refuse", "", *floors)
    assert found.same
    assert "refuse boundary.fact_missing" in _again(stopped).found


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "refuse"},
        {"entry": "desk.act.allow[0]"},
        {"floors": []},
        {"floors": None},
        {"floors": ["allow level.default", "refuse tool.quarantined"]},
        {"floors": ["ask level.default"]},
    ],
    ids=str,
)
def test_another_verdict_line_or_floor_is_a_difference(changed: dict[str, Any]) -> None:
    """What was found is what the rules say, whatever the entry has."""
    found = _again(ALLOWED, **changed)

    assert not found.same
    assert found.found == ("allow", "", "allow level.default")
