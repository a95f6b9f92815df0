"""Every combination of a small world, against a reading of the design in a dozen lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import JsonObject, Level, Origin, Stage, Verdict
from sallyport.rules.decide import decide
from tests.unit.rules.worlds import (
    PROPOSAL,
    WRONGS,
    Situation,
    approved,
    boundary,
    build,
    context,
    reference,
    rule,
    switch,
)

SWITCHES = ((), (Verdict.ASK,), (Verdict.DRAFT,), (Verdict.REFUSE,))
ENTRIES = ("none", "allow", "bare", "ask")
ORIGINS = (Origin.AGENT, Origin.RELEASE)

situations = st.builds(
    Situation,
    level=st.sampled_from(Level),
    impact=st.booleans(),
    stage=st.sampled_from(Stage),
    influenced=st.booleans(),
    entry=st.sampled_from(ENTRIES),
    switches=st.lists(st.sampled_from(tuple(Verdict)[1:]), max_size=3).map(tuple),
    origin=st.sampled_from(ORIGINS),
    answered=st.booleans(),
    wrong=st.sampled_from(("", "", "", *WRONGS)),
    frozen=st.none() | st.sampled_from(Level),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def _every_situation() -> list[Situation]:
    return [
        Situation(
            level=level,
            impact=impact,
            stage=stage,
            influenced=influenced,
            entry=entry,
            switches=switches,
            origin=origin,
            answered=answered,
        )
        for level, impact, stage, influenced, entry, switches, origin, answered in product(
            tuple(Level),
            (False, True),
            tuple(Stage),
            (False, True),
            ENTRIES,
            SWITCHES,
            ORIGINS,
            (False, True),
        )
    ]


def test_the_whole_small_world_is_decided_as_the_design_says() -> None:
    """All 4,608 combinations of level, impact, stage, influence, entry, switch and answer."""
    every = _every_situation()
    wrong = [one for one in every if decide(build(one)).verdict is not reference(one)]

    assert len(every) == 4608
    assert wrong == []


@pytest.mark.parametrize("wrong", WRONGS)
def test_one_thing_wrong_refuses_whatever_else_holds(wrong: str) -> None:
    """A task that is closed refuses a read as well as an approved and allowed mail."""
    for level, entry, answered in product(Level, ENTRIES, (False, True)):
        situation = Situation(level=level, entry=entry, answered=answered, wrong=wrong)

        assert decide(build(situation)).verdict is Verdict.REFUSE, situation


@given(situations)
def test_the_verdict_is_the_one_of_the_reference_model(situation: Situation) -> None:
    """Random situations, two boundary versions among them, are decided as worked out by hand."""
    assert decide(build(situation)).verdict is reference(situation)


@given(situations, st.sampled_from(Verdict))
def test_a_switch_never_loosens(situation: Situation, verdict: Verdict) -> None:
    """Whatever holds, one more switch leaves the verdict or makes it stricter."""
    before = build(replace(situation, answered=False))
    after = replace(before, switches=(*before.switches, switch(verdict)))

    assert decide(after).verdict >= decide(before).verdict


@given(situations)
def test_a_lower_stage_or_influence_never_loosens(situation: Situation) -> None:
    """Every step back to a stricter stage, and every text that enters, can only tighten."""
    trusted = replace(situation, influenced=False)
    influenced = decide(build(replace(situation, influenced=True))).verdict
    by_stage = [
        decide(build(replace(situation, stage=stage))).verdict
        for stage in (Stage.LIVE, Stage.ASK, Stage.DRAFT)
    ]

    assert influenced >= decide(build(trusted)).verdict
    assert by_stage == sorted(by_stage)


@given(situations)
def test_the_older_version_never_loosens(situation: Situation) -> None:
    """Holding a task to a second version of its boundary leaves the verdict or tightens it."""
    alone = replace(situation, frozen=None)

    assert decide(build(situation)).verdict >= decide(build(alone)).verdict


@given(situations)
def test_the_same_snapshot_gives_the_same_decision(situation: Situation) -> None:
    """An auditor who has the snapshot gets the decision, floor by floor."""
    assert decide(build(situation)) == decide(build(situation))


@given(situations)
def test_the_question_is_there_exactly_when_people_are_asked(situation: Situation) -> None:
    """*Ask* has somebody to answer; nothing else does."""
    decision = decide(build(situation))

    assert (decision.question is not None) == (decision.verdict is Verdict.ASK)


@given(
    args=st.dictionaries(st.text(max_size=4), anything, max_size=4),
    facts=st.dictionaries(st.sampled_from(("state", "other")), anything),
    now_us=st.integers(),
    level=st.sampled_from(Level),
    missing=st.sets(st.sampled_from(("task", "agent", "requester"))),
    versions=st.integers(0, 2),
    origin=st.sampled_from(Origin),
    answered=st.booleans(),
)
def test_deciding_never_raises(
    *,
    args: JsonObject,
    facts: JsonObject,
    now_us: int,
    level: Level,
    missing: set[str],
    versions: int,
    origin: Origin,
    answered: bool,
) -> None:
    """Any arguments, facts and time, with any part of the snapshot missing, give a verdict."""
    active = boundary(rule(level, when={"state": ("open",)}))
    proposal = replace(PROPOSAL, args=args, origin=origin)
    seen = context(
        proposal=proposal,
        facts=facts,
        now_us=now_us,
        **{"boundaries": (active,) * versions, **dict.fromkeys(missing)},
    )

    assert decide(approved(seen) if answered else seen).verdict in Verdict
