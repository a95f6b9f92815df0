"""The snapshot that a decision reads: what it is made of, and what of it is digested."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import (
    Ability,
    Ahead,
    Answer,
    ApprovalState,
    Asks,
    BreakGlass,
    Call,
    Ending,
    GlassState,
    Grant,
    JsonObject,
    Level,
    Origin,
    Question,
    Stage,
    Verdict,
    Vouched,
)
from sallyport.rules import canonical
from sallyport.rules.context import Context, call_digest
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LIVE, LOOK, NOW_US, PROPOSAL, TASK, TOOL

NOBODY: JsonObject = {
    "now_us": NOW_US,
    "epoch": 7,
    "task": None,
    "inputs": None,
    "task_expires_us": None,
    "task_closed": None,
    "agent": None,
    "stage": None,
    "agent_active": None,
    "requester": None,
    "roles": None,
    "requester_active": None,
    "boundaries": [],
    "barred_by": [],
    "quarantined": False,
    "unreachable": False,
    "influenced": False,
    "switches": [],
    "stop_file": [],
    "broken": "",
    "counters": {},
    "facts": {},
    "target": "",
    "approval": None,
    "declared": [],
    "parent": None,
    "asks": None,
    "crowded": 0,
    "glasses": [],
    "grant": None,
}
"""What is seen where nobody is known and nothing is signed."""

BY = Vouched(person="lea", at_us=1, signature="s", key="k")
GLASS = BreakGlass(
    id="g1",
    scope=f"tool:{TOOL}",
    because="a flood",
    lasts_s=60,
    state=GlassState.IN_FORCE,
    asked=BY,
    asked_us=1,
    second=replace(BY, person="sam"),
    ends_us=NOW_US + 3,
)
GRANT = Grant(
    id="b1",
    approval="a0",
    task="t1",
    tool=TOOL,
    boundary="v1",
    person="lea",
    ahead=Ahead(at_most=5, until_us=NOW_US + 4, free=("on",)),
    question=Question(who=("lead", "owner"), how_many=2),
    args={"on": "T3"},
    meta={"trace": "g"},
    asked_for=frozenset({"level.ask", "impact.ask"}),
)
PARENT = Call(
    id="c0",
    proposal=replace(PROPOSAL, call_id="c0", task_id="t0", args={"on": "T0"}),
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


def test_nothing_is_seen_of_what_is_not_there() -> None:
    """Every part has its name all the same."""
    nobody = worlds.context(boundaries=(), task=None, agent=None, requester=None)

    assert nobody.as_json() == NOBODY


def test_everything_that_a_decision_may_look_at_is_on_record() -> None:
    """In names that never change, since an auditor replays it years later."""
    seen = worlds.context(
        worlds.boundary(),
        worlds.boundary(digest="v0"),
        proposal=replace(PROPOSAL, declared=frozenset({"roots", "form"})),
        task=replace(TASK, closed=True),
        agent=replace(LIVE, stage=Stage.ASK, active=False),
        requester=replace(worlds.RITA, roles=frozenset({"staff", "lead"})),
        barred_by=("hr",),
        quarantined=True,
        unreachable=True,
        influenced=True,
        switches=(worlds.switch(Verdict.DRAFT),),
        stop_scopes=("tool:x",),
        broken="the disk is full",
        counters={"task:t1:call": 3},
        facts={"state": "open"},
        target="t-digest",
        parent=PARENT,
        asks=Asks(requests={"q1": {"method": "roots/list"}}, state="s"),
        crowded=4,
        glasses=(GLASS, replace(GLASS, id="g2", second=None)),
        grant=GRANT,
    )
    glass: JsonObject = {
        "id": "g1",
        "scope": f"tool:{TOOL}",
        "asked": "lea",
        "second": "sam",
        "ends_us": NOW_US + 3,
    }

    expected: JsonObject = {
        **NOBODY,
        "task": "t1",
        "inputs": {"ticket": "T1"},
        "task_expires_us": TASK.expires_us,
        "task_closed": True,
        "agent": "helper",
        "stage": "ask",
        "agent_active": False,
        "requester": "rita",
        "roles": ["lead", "staff"],
        "requester_active": True,
        "boundaries": ["v1", "v0"],
        "barred_by": ["hr"],
        "quarantined": True,
        "unreachable": True,
        "influenced": True,
        "switches": [
            {
                "id": "s-everything-DRAFT",
                "scope": "everything",
                "verdict": "draft",
                "because": "drill",
                "by": "sam",
                "since_us": NOW_US,
            }
        ],
        "stop_file": ["tool:x"],
        "broken": "the disk is full",
        "counters": {"task:t1:call": 3},
        "facts": {"state": "open"},
        "target": "t-digest",
        "declared": ["form", "roots"],
        "parent": {
            "id": "c0",
            "task": "t0",
            "tool": TOOL,
            "args": {"on": "T0"},
            "ending": "asked",
            "proposed_us": NOW_US - 9,
        },
        "asks": {"q1": {"method": "roots/list"}},
        "crowded": 4,
        "glasses": [glass, {**glass, "id": "g2", "second": ""}],
        "grant": {
            "id": "b1",
            "approval": "a0",
            "task": "t1",
            "tool": TOOL,
            "boundary": "v1",
            "person": "lea",
            "at_most": 5,
            "until_us": NOW_US + 4,
            "free": ["on"],
            "who": ["lead", "owner"],
            "how_many": 2,
            "args": {"on": "T3"},
            "meta": {"trace": "g"},
            "asked_for": ["impact.ask", "level.ask"],
        },
    }

    assert seen.as_json() == expected


def test_an_answered_question_is_on_record_with_who_said_what() -> None:
    """Its words are not: no decision looks at them. How long a yes waits is, where it does."""
    own = Answer(person="sam", yes=False, because="no", at_us=2, signature="s", confirmed_own=True)
    asked = worlds.question(worlds.context(), state=ApprovalState.WAITING)
    asked = replace(asked, answers=(*asked.answers, own), target="t", digest="d")
    expected: JsonObject = {
        "id": "a1",
        "digest": "d",
        "boundary": "v1",
        "target": "t",
        "who": ["lead"],
        "how_many": 1,
        "state": "waiting",
        "expires_us": asked.expires_us,
        "answers": [
            {"person": "lea", "yes": True, "confirmed_own": False},
            {"person": "sam", "yes": False, "confirmed_own": True},
        ],
    }
    waits = replace(asked, not_before_us=5)

    assert worlds.context(approval=asked).as_json()["approval"] == expected
    assert worlds.context(approval=waits).as_json()["approval"] == {**expected, "not_before_us": 5}


def test_what_was_seen_is_digested_as_it_is_sealed() -> None:
    """One difference is another digest."""
    seen = worlds.context()

    assert seen.said == canonical.encode(seen.as_json())
    assert seen.digest() == canonical.digest("context", seen.as_json())
    assert seen.digest() != replace(seen, crowded=1).digest()


def test_what_would_be_forwarded_is_digested_for_whom_and_to_which_definition() -> None:
    """Also what the system may ask, and what it is answered, where there is any of it."""
    form = frozenset({Ability.FORM, Ability.ROOTS})
    bound = worlds.boundary(worlds.rule(may_ask=form))
    plain = worlds.context(bound, proposal=replace(PROPOSAL, meta={"trace": "m"}))
    said: JsonObject = {
        "task": "t1",
        "agent": "helper",
        "requester": "rita",
        "system": "desk",
        "tool": TOOL,
        "pin": worlds.pin().digest,
        "args": {"on": "T1"},
        "meta": {"trace": "m"},
        "origin": "agent",
        "parent": "",
    }
    more = replace(
        plain.proposal,
        parent="c0",
        declared=frozenset({"roots", "form"}),
        answers={"q1": {"action": "accept"}},
    )

    assert call_digest(plain) == plain.call_digest == canonical.digest("call", said)
    assert call_digest(replace(plain, proposal=more)) == canonical.digest(
        "call",
        {
            **said,
            "parent": "c0",
            "abilities": ["form", "roots"],
            "answers": {"q1": {"action": "accept"}},
        },
    )


def test_what_would_be_forwarded_to_nowhere_is_digested_too() -> None:
    """Without a task and without a boundary, so that every call has a digest."""
    assert call_digest(worlds.context(boundaries=(), task=None)) == canonical.digest(
        "call",
        {
            "task": "t1",
            "agent": "",
            "requester": "",
            "system": "",
            "tool": TOOL,
            "pin": "",
            "args": {"on": "T1"},
            "meta": {},
            "origin": "agent",
            "parent": "",
        },
    )


@pytest.mark.parametrize(
    "changes, scopes",
    [
        (
            {},
            ["everything", "agent:helper", "workflow:support", "task:t1", "system:desk"],
        ),
        ({"task": None}, ["everything", "system:desk"]),
        ({"boundaries": ()}, ["everything", "agent:helper", "workflow:support", "task:t1"]),
        (
            {"grant": GRANT},
            [
                *("everything", "agent:helper", "workflow:support", "task:t1", "system:desk"),
                "grant:b1",
            ],
        ),
    ],
    ids=["usual", "no task", "no boundary", "a yes beforehand"],
)
def test_a_call_is_reached_by_whatever_could_stop_it(
    changes: dict[str, object], scopes: list[str]
) -> None:
    """And by its tool, whatever else is known."""
    assert replace(worlds.context(), **changes).scopes == (*scopes, f"tool:{TOOL}")  # type: ignore[arg-type]


def test_the_system_is_the_one_that_the_boundary_knows_for_the_tool() -> None:
    """By its rule, or for a look-up by its pin; and none where there is neither."""
    looking = replace(PROPOSAL, tool=LOOK)
    unknown = replace(PROPOSAL, tool="desk.other")

    assert worlds.context().system == worlds.PLAIN
    assert worlds.context(proposal=looking).system == worlds.PLAIN
    assert worlds.context(proposal=unknown).system is None
    assert worlds.context(boundaries=()).system is None


def _two(first: Level, second: Level) -> Context:
    return worlds.context(
        worlds.boundary(worlds.rule(first)), worlds.boundary(worlds.rule(second), digest="v0")
    )


def test_a_call_is_treated_at_the_highest_level_that_a_version_says() -> None:
    """As far as it could go where none names the tool; a look-up reads, whatever is said."""
    assert _two(Level.READ, Level.UPDATE).level is Level.UPDATE
    assert _two(Level.CREATE, Level.READ).level is Level.CREATE
    assert worlds.context(boundaries=()).level is Level.EXTERNAL
    looking = replace(PROPOSAL, origin=Origin.GATEWAY)
    assert replace(_two(Level.UPDATE, Level.UPDATE), proposal=looking).level is Level.READ


def test_the_first_version_is_the_active_one() -> None:
    """Its rule counts; a version that does not name the tool has none."""
    first, silent = worlds.boundary(), worlds.boundary(tools={}, digest="v0")

    assert worlds.context(first, silent).active is first
    assert worlds.context(first, silent).rules == (first.workflow.tools[TOOL],)
    assert worlds.context(first, silent).rule is first.workflow.tools[TOOL]
    assert worlds.context(silent, first).rule is None
    assert worlds.context(boundaries=()).active is None
    assert worlds.context(boundaries=()).rule is None


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": Origin.RELEASE},
        {"origin": Origin.GATEWAY},
        {"origin": Origin.EDIT},
        {"declared": frozenset[str]()},
        {"tool": LOOK},
    ],
    ids=["release", "look-up", "edit", "nothing declared", "no rule"],
)
def test_where_there_is_no_agent_to_be_asked_nothing_is_asked(changes: dict[str, object]) -> None:
    """Otherwise what the agent declared and every version names."""
    bound = worlds.boundary(worlds.rule(may_ask=frozenset({Ability.FORM, Ability.URL})))
    older = worlds.boundary(worlds.rule(may_ask=frozenset({Ability.FORM})), digest="v0")
    declared = replace(PROPOSAL, declared=frozenset({"form", "url"}))
    seen = worlds.context(bound, older, proposal=declared)

    assert seen.abilities == {"form"}
    proposal = replace(declared, **changes)  # type: ignore[arg-type]
    assert replace(seen, proposal=proposal).abilities == frozenset()
