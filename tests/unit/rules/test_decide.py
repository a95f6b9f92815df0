"""The laws of a decision, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from sallyport.model import (
    Ahead,
    ApprovalState,
    Decision,
    Floor,
    Grant,
    Impact,
    JsonObject,
    Level,
    Origin,
    Question,
    Stage,
    Verdict,
)
from sallyport.rules import decide as deciding
from sallyport.rules.checks import authority
from sallyport.rules.context import Context
from sallyport.rules.decide import CHECKS, DEFAULT_QUESTION, decide
from sallyport.rules.reasons import say
from sallyport.rules.times import today
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LIVE, LONG_AGO, NOW_US, TOOL, codes

SCOPES = ("everything", "agent:helper", "workflow:support", "system:desk", f"tool:{TOOL}")
OTHER_SCOPES = ("agent:other", "workflow:other", "system:other", "tool:other", "Everything", "")
REFUSALS = (Verdict.ASK, Verdict.DRAFT, Verdict.REFUSE)


def _refuses(seen: Context) -> list[str]:
    decision = decide(seen)
    assert decision.verdict is Verdict.REFUSE
    return codes(decision.floors, Verdict.REFUSE)


def test_the_strictest_floor_wins() -> None:
    """An allow, two asks, a draft and a stop give a refusal, and all of them are reported."""
    seen = worlds.context(
        worlds.boundary(worlds.rule(Level.UPDATE, touches=frozenset({Impact.MONEY}))),
        agent=replace(LIVE, stage=Stage.DRAFT),
        switches=(worlds.switch(Verdict.REFUSE),),
    )
    decision = decide(seen)

    assert decision.verdict is Verdict.REFUSE
    assert codes(decision.floors) == ["switch.stop", "agent.stage_draft", "impact.ask", "level.ask"]


def test_floors_stand_strictest_first_then_by_code() -> None:
    """Whoever reads the first floor reads the one that counted."""
    seen = worlds.context(
        worlds.boundary(worlds.rule(Level.EXTERNAL), expires=LONG_AGO, users=()),
        influenced=True,
        quarantined=True,
    )
    floors = decide(seen).floors

    assert list(floors) == sorted(floors, key=lambda floor: (-floor.verdict, floor.code))
    assert len(codes(floors, Verdict.REFUSE)) == 3


@pytest.mark.parametrize("number", range(len(CHECKS)))
def test_a_check_that_raises_refuses(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check in turn breaks on a call that is otherwise allowed and approved."""

    def broken(_: Context) -> Iterable[Floor]:
        raise ZeroDivisionError

    checks = (*CHECKS[:number], broken, *CHECKS[number + 1 :])
    monkeypatch.setattr(deciding, "CHECKS", checks)
    decision = decide(worlds.approved(worlds.context()))

    assert decision.verdict is Verdict.REFUSE
    assert say(decision.floors[0]) == "the check `broken` failed to run"


def test_a_check_that_raises_half_way_refuses_and_the_others_still_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A generator that broke after its first floor has not run; the reviewer sees the rest."""

    def half(_: Context) -> Iterable[Floor]:
        yield Floor(verdict=Verdict.ALLOW, code="level.default", words={"level": "read"})
        raise KeyError

    monkeypatch.setattr(deciding, "CHECKS", (half, *CHECKS))
    refusals = _refuses(worlds.context(quarantined=True))

    assert refusals == ["check.failed", "tool.quarantined"]


def test_a_boundary_that_cannot_be_applied_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ruling itself may break too."""

    def broken(_: Context) -> object:
        raise RecursionError

    monkeypatch.setattr(authority, "rulings", broken)

    assert _refuses(worlds.context()) == ["check.failed"]


def test_silence_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call about which nothing has an opinion is not permitted."""
    monkeypatch.setattr(deciding, "CHECKS", ())

    assert _refuses(worlds.context(boundaries=())) == ["check.failed"]


def test_an_approval_satisfies_ask_and_says_who_gave_it() -> None:
    """The asking floors stay in sight, eased, beside the yes."""
    decision = decide(worlds.approved(worlds.context(worlds.boundary(worlds.rule(Level.EXTERNAL)))))

    assert decision.verdict is Verdict.ALLOW
    assert decision.question is None
    assert codes(decision.floors) == ["approval.given", "level.ask"]


@pytest.mark.parametrize("stage", [Stage.DRAFT])
def test_an_approval_never_lifts_draft_or_refuse(stage: Stage) -> None:
    """A yes to a draft of a new agent, to a draft-only switch and to a stop changes nothing."""
    asks = worlds.boundary(worlds.rule(Level.UPDATE))
    new = worlds.context(asks, agent=replace(LIVE, stage=stage))
    draft_only = worlds.context(asks, switches=(worlds.switch(Verdict.DRAFT),))
    stopped = worlds.context(asks, switches=(worlds.switch(Verdict.REFUSE),))

    assert decide(worlds.approved(new)).verdict is Verdict.DRAFT
    assert decide(worlds.approved(draft_only)).verdict is Verdict.DRAFT
    assert decide(worlds.approved(stopped)).verdict is Verdict.REFUSE


def test_a_released_draft_asks_and_a_yes_lets_it_go() -> None:
    """Releasing puts the question that the draft held back; a stop still refuses it."""
    new = worlds.context(
        worlds.boundary(worlds.rule(Level.UPDATE)),
        agent=replace(LIVE, stage=Stage.DRAFT),
        proposal=replace(worlds.PROPOSAL, origin=Origin.RELEASE),
    )
    stopped = replace(new, switches=(worlds.switch(Verdict.REFUSE),))

    assert decide(new).verdict is Verdict.ASK
    assert decide(worlds.approved(new)).verdict is Verdict.ALLOW
    assert decide(worlds.approved(stopped)).verdict is Verdict.REFUSE


def test_a_yes_by_the_person_who_asked_says_so() -> None:
    """What only `team: one` permits is visible in the decision."""
    seen = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
    given = worlds.question(seen)
    own = replace(given, answers=(replace(given.answers[0], confirmed_own=True),))

    assert "approval.own" in codes(decide(replace(seen, approval=own)).floors)
    assert "approval.own" not in codes(decide(replace(seen, approval=given)).floors)


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_nothing_loosens_but_a_signed_allow_with_its_reason_and_end(level: Level) -> None:
    """Without an entry, with a bare one and with one that is over, the level's default counts."""
    money = frozenset({Impact.MONEY})
    none = worlds.context(worlds.boundary(worlds.rule(level, touches=money)))
    bare = worlds.rule(level, touches=money, allow=(worlds.allow(reasoned=False),))
    over = worlds.rule(level, touches=money, allow=(worlds.allow(until=LONG_AGO),))
    full = worlds.rule(level, touches=money, allow=(worlds.allow(),))

    assert decide(none).verdict is Verdict.ASK
    assert decide(worlds.context(worlds.boundary(bare))).verdict is Verdict.ASK
    assert decide(worlds.context(worlds.boundary(over))).verdict is Verdict.REFUSE
    assert decide(worlds.context(worlds.boundary(full))).verdict is Verdict.ALLOW


def test_each_level_has_its_own_default() -> None:
    """The table of the design: looking, drafting and creating go; the rest asks."""
    defaults = {
        level: decide(worlds.context(worlds.boundary(worlds.rule(level)))).verdict
        for level in Level
    }

    assert defaults == {
        Level.READ: Verdict.ALLOW,
        Level.DRAFT: Verdict.ALLOW,
        Level.CLASSIFY: Verdict.ASK,
        Level.CREATE: Verdict.ALLOW,
        Level.UPDATE: Verdict.ASK,
        Level.EXTERNAL: Verdict.ASK,
    }


@pytest.mark.parametrize("impact", Impact)
def test_every_impact_asks(impact: Impact) -> None:
    """A read that touches something people care about asks as well, and names it."""
    rule = worlds.rule(Level.READ, touches=frozenset({impact}))
    decision = decide(worlds.context(worlds.boundary(rule)))

    assert decision.verdict is Verdict.ASK
    assert impact.value.replace("_", " ") in say(decision.floors[0])


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_a_stage_holds_back_what_changes_something_and_lets_reads_go_on(level: Level) -> None:
    """A new agent drafts and one on probation asks, from *create* upwards."""
    seen = worlds.context(worlds.boundary(worlds.rule(level, allow=(worlds.allow(),))))
    changes = level >= Level.CREATE

    for stage, floor in ((Stage.DRAFT, Verdict.DRAFT), (Stage.ASK, Verdict.ASK)):
        verdict = decide(replace(seen, agent=replace(LIVE, stage=stage))).verdict
        assert verdict is (floor if changes else Verdict.ALLOW)


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_influence_asks_at_create_and_above(level: Level) -> None:
    """Once text from outside has entered, what would change something asks even if allowed."""
    boundary = worlds.boundary(worlds.rule(level, allow=(worlds.allow(),)))
    decision = decide(worlds.context(boundary, influenced=True))

    assert decision.verdict is (Verdict.ASK if level >= Level.CREATE else Verdict.ALLOW)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
@pytest.mark.parametrize("verdict", REFUSALS, ids=lambda verdict: verdict.name)
def test_a_switch_of_every_scope_covers_its_levels(
    scope: str, level: Level, verdict: Verdict
) -> None:
    """A stop reaches every level; a floor leaves what changes nothing alone."""
    boundary = worlds.boundary(worlds.rule(level, allow=(worlds.allow(),)))
    decision = decide(worlds.context(boundary, switches=(worlds.switch(verdict, scope),)))
    covered = verdict is Verdict.REFUSE or level >= Level.CREATE

    assert decision.verdict is (verdict if covered else Verdict.ALLOW)


@pytest.mark.parametrize("scope", OTHER_SCOPES)
def test_a_switch_of_another_scope_leaves_the_call_alone(scope: str) -> None:
    """Only exactly its own scope counts."""
    seen = worlds.context(
        switches=(worlds.switch(Verdict.REFUSE, scope),), stop_scopes=("agent:other",)
    )

    assert decide(seen).verdict is Verdict.ALLOW


@pytest.mark.parametrize("scope", SCOPES)
def test_a_stop_file_reaches_every_scope(scope: str) -> None:
    """What the stop file covers is refused, and the reason names the file."""
    assert _refuses(worlds.context(stop_scopes=(scope,))) == ["stop.file"]


def test_a_stop_says_who_set_it_and_why() -> None:
    """The sentence names the person and their words."""
    floor = decide(worlds.context(switches=(worlds.switch(Verdict.REFUSE),))).floors[0]

    assert say(floor) == "everything was stopped by sam: drill"


def test_an_empty_for_permits_nobody() -> None:
    """No role is listed, so no role suffices, whoever asks."""
    everybody = replace(worlds.RITA, roles=frozenset({"staff", "owner", "administrator", ""}))
    seen = worlds.context(worlds.boundary(users=()), requester=everybody)

    assert _refuses(seen) == ["permission.requester_role"]
    assert say(decide(seen).floors[0]) == "the requester holds none of the roles (none)"


def test_a_requester_without_the_role_is_refused() -> None:
    """The agent gains nothing from what its requester may not do."""
    seen = worlds.context(requester=replace(worlds.RITA, roles=frozenset({"lead"})))

    assert _refuses(seen) == ["permission.requester_role"]


def test_a_boundary_counts_to_the_end_of_its_last_day() -> None:
    """On the day it names it still counts; the day after, it does not."""
    last_day = worlds.boundary(expires=today(NOW_US))
    tomorrow = worlds.context(last_day, now_us=NOW_US + 24 * 3600 * 1_000_000)

    assert decide(worlds.context(last_day)).verdict is Verdict.ALLOW
    assert _refuses(tomorrow) == ["boundary.expired"]


def test_of_the_active_and_the_older_boundary_the_stricter_counts() -> None:
    """A task is held to the version it began under and to the one in force, whichever is it."""
    loose = worlds.boundary(worlds.rule(Level.UPDATE, allow=(worlds.allow(),)), digest="loose")
    strict = worlds.boundary(worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),)), digest="strict")
    closed = worlds.boundary(tools={}, digest="closed")

    assert decide(worlds.context(loose)).verdict is Verdict.ALLOW
    assert decide(worlds.context(loose, strict)).verdict is Verdict.ASK
    assert decide(worlds.context(strict, loose)).verdict is Verdict.ASK
    assert decide(worlds.context(loose, closed)).verdict is Verdict.REFUSE
    assert decide(worlds.context(closed, loose)).verdict is Verdict.REFUSE


def test_two_versions_that_ask_are_answered_by_whom_both_name() -> None:
    """Naming more people is a widening, which no running task gets; the stricter numbers count."""
    active = worlds.rule(ask=(worlds.ask("support", "lead", how_many=1, within_s=7200),))
    older = worlds.rule(ask=(worlds.ask("lead", how_many=3, within_s=600),))
    other = worlds.rule(ask=(worlds.ask("security"),))
    seen = worlds.context(worlds.boundary(active), worlds.boundary(older, digest="v0"))
    apart = worlds.context(worlds.boundary(active), worlds.boundary(other, digest="v0"))

    assert decide(seen).question == Question(who=("lead",), how_many=3, within_s=600)
    nobody = decide(apart).question
    assert nobody is not None
    assert nobody.who == ()


def test_a_yes_counts_only_for_a_question_that_is_no_stricter_now() -> None:
    """A baseline that was switched on, or other facts, may ask more people than answered."""
    one = worlds.boundary(worlds.rule(ask=(worlds.ask("lead", "support"),)))
    two = worlds.boundary(worlds.rule(ask=(worlds.ask("lead", how_many=2),)), digest="base")
    seen = worlds.context(one)
    given = worlds.question(seen)
    held = replace(seen, boundaries=(one, two), approval=given)

    assert decide(replace(seen, approval=given)).verdict is Verdict.ALLOW
    assert decide(held).verdict is Verdict.ASK
    question = decide(held).question
    assert question is not None
    assert (question.who, question.how_many) == (("lead",), 2)


def test_a_quorum_is_the_one_the_entry_declares() -> None:
    """Two leads within an hour, as it was written."""
    entry = worlds.ask("lead", "security", how_many=2, within_s=3600)
    decision = decide(worlds.context(worlds.boundary(worlds.rule(ask=(entry,)))))

    assert decision.question == Question(who=("lead", "security"), how_many=2, within_s=3600)
    assert decision.entry == f"{TOOL}.ask[0]"


def test_two_entries_that_overlap_are_answered_by_who_both_name() -> None:
    """Fewest people, highest count, shortest time; where no role is in both, nobody may."""
    both = (
        worlds.ask("lead", "support", within_s=900),
        worlds.ask("support", "security", how_many=2, where="second"),
    )
    apart = (worlds.ask("lead"), worlds.ask("security", where="second"))
    shared = decide(worlds.context(worlds.boundary(worlds.rule(ask=both))))
    nobody = decide(worlds.context(worlds.boundary(worlds.rule(ask=apart))))

    assert shared.question == Question(who=("support",), how_many=2, within_s=900)
    assert nobody.question is not None
    assert nobody.question.who == ()


def test_where_no_entry_names_people_owner_or_reviewer_is_asked() -> None:
    """A level that asks by default has somebody to answer it, within the time of that level."""
    decision = decide(worlds.context(worlds.boundary(worlds.rule(Level.EXTERNAL))))

    assert decision.question == replace(DEFAULT_QUESTION, within_s=3600)


def test_a_look_up_passes_what_the_system_file_declares_and_nothing_else() -> None:
    """Facts, before-images and probes; not even a tool that the workflow may read."""
    declared = worlds.boundary(system=worlds.READING)
    reading = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)
    acting = replace(worlds.PROPOSAL, origin=Origin.GATEWAY)

    assert decide(worlds.context(declared, proposal=reading)).verdict is Verdict.ALLOW
    assert _refuses(worlds.context(declared, proposal=acting)) == ["tool.lookup_only"]
    assert _refuses(worlds.context(worlds.boundary(), proposal=reading)) == ["tool.lookup_only"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": None},
        {"quarantined": True},
        {"unreachable": True},
        {"stop_scopes": ("system:desk",)},
        {"switches": (worlds.switch(Verdict.REFUSE, f"tool:{worlds.LOOK}"),)},
        {"boundaries": ()},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_look_up_is_bounded_like_any_other_call(wrong: dict[str, object]) -> None:
    """No task, a changed tool, a stop: the gateway's own reads do not go either."""
    reading = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)
    fields = {"proposal": reading, "boundaries": (worlds.boundary(system=worlds.READING),), **wrong}

    assert decide(worlds.context(**fields)).verdict is Verdict.REFUSE


def test_a_look_up_goes_on_while_a_floor_is_set_and_the_agent_is_new() -> None:
    """Drafting and asking must not end the reads that a decision about them needs."""
    reading = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)
    seen = worlds.context(
        worlds.boundary(system=worlds.READING),
        proposal=reading,
        agent=replace(LIVE, stage=Stage.DRAFT),
        influenced=True,
        switches=(worlds.switch(Verdict.ASK), worlds.switch(Verdict.DRAFT)),
    )

    assert decide(seen).verdict is Verdict.ALLOW


def test_a_yes_that_is_not_an_approval_eases_nothing() -> None:
    """Waiting, rejected, expired, stale and used questions leave *ask* as it was."""
    seen = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))

    for state in set(ApprovalState) - {ApprovalState.APPROVED}:
        assert decide(worlds.approved(seen, state=state)).verdict is Verdict.ASK, state


def test_the_schema_names_the_place_and_never_the_value() -> None:
    """What an agent proposed may be an instruction or a secret: the reason keeps it out."""
    numbers: JsonObject = {"type": "object", "properties": {"on": {"type": "integer"}}}
    boundary = worlds.boundary(pins={TOOL: worlds.pin(schema=numbers)})
    proposal = replace(worlds.PROPOSAL, args={"on": "canary"})
    sentence = say(decide(worlds.context(boundary, proposal=proposal)).floors[0])

    assert sentence == "argument `on` does not fit the tool's schema: `type`"


def _floor(verdict: Verdict, code: str, **words: str) -> Floor:
    return Floor(verdict=verdict, code=code, words=words)


READS = _floor(Verdict.ALLOW, "level.default", level="read")


def test_a_decision_on_a_look_up_says_that_it_is_a_read_and_no_more() -> None:
    """No question, no entry and no yes beforehand stand in it."""
    reading = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)
    seen = worlds.context(worlds.boundary(system=worlds.READING), proposal=reading)

    assert decide(seen) == Decision(verdict=Verdict.ALLOW, floors=(READS,))


def test_a_decision_is_made_of_these_parts() -> None:
    """What the entry asked, eased, beside who said yes; which entry it was, and nothing else."""
    entry = worlds.ask("lead", "security", how_many=2)
    seen = worlds.context(worlds.boundary(worlds.rule(ask=(entry,))))
    yes = worlds.question(seen).answers[0]
    said = (yes, replace(yes, person="sam"), replace(yes, person="rita", yes=False))
    given = worlds.question(seen, answers=said, question=Question(who=("lead",), how_many=2))
    asked = decide(seen)

    assert asked == Decision(
        verdict=Verdict.ASK,
        floors=(
            _floor(Verdict.ASK, "boundary.ask", who="lead or security", where=f"{TOOL}.ask[0]"),
            READS,
        ),
        question=Question(who=("lead", "security"), how_many=2),
        entry=f"{TOOL}.ask[0]",
    )
    assert decide(replace(seen, approval=given)) == Decision(
        verdict=Verdict.ALLOW,
        floors=(
            _floor(Verdict.ALLOW, "approval.given", people="lea, sam"),
            *(replace(floor, verdict=Verdict.ALLOW) for floor in asked.floors),
        ),
        entry=f"{TOOL}.ask[0]",
    )


def test_what_fails_to_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check, the boundary's entries, or all of them where nothing spoke."""

    def broken(_: Context) -> Iterable[Floor]:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(authority, "rulings", broken)
        assert decide(worlds.context()).floors == (
            _floor(Verdict.REFUSE, "check.failed", check="entries"),
        )
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "CHECKS", (broken,))
        assert decide(worlds.context()).floors == (
            _floor(Verdict.REFUSE, "check.failed", check="broken"),
            READS,
        )
    with monkeypatch.context() as patched:
        patched.setattr(deciding, "CHECKS", ())
        assert decide(worlds.context(boundaries=())).floors == (
            _floor(Verdict.REFUSE, "check.failed", check="all of them"),
        )


def test_what_a_person_changed_asks_in_their_name() -> None:
    """Beside whatever else asks; somebody else answers for it."""
    changed = replace(worlds.PROPOSAL, origin=Origin.EDIT, by="lea")
    decision = decide(worlds.context(proposal=changed))

    assert decision.floors == (_floor(Verdict.ASK, "edit.ask", person="lea"), READS)
    assert decision.question == Question(who=("owner", "reviewer"), within_s=4 * 3600)


def test_two_reasons_of_the_same_weight_stand_in_the_order_of_their_codes() -> None:
    """Though the one by hand was stated first."""
    seen = worlds.context(
        worlds.boundary(worlds.rule(Level.UPDATE)), switches=(worlds.switch(Verdict.ASK),)
    )

    assert codes(decide(seen).floors) == ["level.ask", "switch.floor"]


def test_two_reasons_stand_strictest_first_whatever_their_codes() -> None:
    """Or the verdict would be that of the wrong one."""
    seen = worlds.context(
        worlds.boundary(worlds.rule(Level.UPDATE)), switches=(worlds.switch(Verdict.REFUSE),)
    )
    decision = decide(seen)

    assert codes(decision.floors) == ["switch.stop", "level.ask"]
    assert (decision.verdict, decision.question) == (Verdict.REFUSE, None)


@pytest.mark.parametrize("verdict", [Verdict.ALLOW, *REFUSALS], ids=lambda verdict: verdict.name)
def test_where_too_many_wait_only_what_would_ask_is_refused(verdict: Verdict) -> None:
    """By its verdict, though another of its reasons would let it go."""
    switches = () if verdict is Verdict.ALLOW else (worlds.switch(verdict),)
    seen = worlds.context(worlds.boundary(worlds.rule(Level.CREATE)), switches=switches)
    free, full = decide(seen), decide(replace(seen, crowded=40))
    said = _floor(Verdict.REFUSE, "agent.waiting_full", agent="helper", waiting="40")

    assert free.verdict is verdict
    assert full.floors == ((said, *free.floors) if verdict is Verdict.ASK else free.floors)


def test_a_question_of_two_versions_stays_in_the_queue_if_one_of_them_says_so() -> None:
    """Of each part the stricter counts."""
    human = worlds.rule(ask=(replace(worlds.ask("lead", within_s=900), needs_human=True),))
    other = worlds.rule(ask=(worlds.ask("lead", how_many=2, within_s=600),))
    expected = Question(who=("lead",), how_many=2, within_s=600, needs_human=True)

    for versions in ((human, other), (other, human)):
        boundaries = [worlds.boundary(one, digest=str(n)) for n, one in enumerate(versions)]
        assert decide(worlds.context(*boundaries)).question == expected


def test_of_two_versions_only_those_who_are_asked_by_both_may_answer() -> None:
    """Whichever of the two names them first."""
    one = worlds.rule(ask=(worlds.ask("lead", "support"),))
    two = worlds.rule(ask=(worlds.ask("security", "support", "lead"),))
    asked = decide(worlds.context(worlds.boundary(one), worlds.boundary(two, digest="v0"))).question
    other = decide(worlds.context(worlds.boundary(two), worlds.boundary(one, digest="v0"))).question

    assert asked is not None and asked.who == ("lead", "support")  # noqa: PT018
    assert other is not None and other.who == ("support", "lead")  # noqa: PT018


def test_a_yes_to_one_version_is_held_to_what_the_other_asks() -> None:
    """Where one asks nothing and the other two people, one yes is not enough."""
    free, two = worlds.rule(), worlds.rule(ask=(worlds.ask("lead", how_many=2),))
    for versions in ((free, two), (two, free)):
        boundaries = [worlds.boundary(one, digest=f"v{n}") for n, one in enumerate(versions)]
        seen = worlds.context(*boundaries)
        assert decide(worlds.approved(seen)).verdict is Verdict.ASK
        given = worlds.question(seen)
        both = (given.answers[0], replace(given.answers[0], person="sam"))
        quorum = replace(given, answers=both, question=Question(who=("lead",), how_many=2))
        assert decide(replace(seen, approval=quorum)).verdict is Verdict.ALLOW


def test_the_shortest_time_of_what_a_call_touches_counts() -> None:
    """Half an hour for money, whatever the level says."""
    rule = worlds.rule(Level.UPDATE, touches=frozenset({Impact.MONEY}))

    assert decide(worlds.context(worlds.boundary(rule))).question == Question(
        who=("owner", "reviewer"), within_s=1800
    )


def test_a_yes_beforehand_eases_what_it_was_said_to_and_is_named() -> None:
    """The call goes ahead, and the decision counts it under that yes; an answer comes first."""
    seen = worlds.context(worlds.boundary(worlds.rule(ask=(worlds.ask("lead"),))))
    grant = Grant(
        id="g1",
        approval="a1",
        task="t1",
        tool=TOOL,
        boundary="v1",
        person="lea",
        ahead=Ahead(at_most=2, until_us=NOW_US + 10),
        question=Question(who=("lead",)),
        args={"on": "T1"},
        meta=seen.proposal.meta,
        asked_for=frozenset({"boundary.ask"}),
    )
    granted = replace(seen, grant=grant, counters={"grant:g1": 0})
    asked = decide(seen)

    assert decide(granted) == Decision(
        verdict=Verdict.ALLOW,
        floors=(
            _floor(Verdict.ALLOW, "approval.ahead", person="lea", at_most="2", approval="a1"),
            *(replace(floor, verdict=Verdict.ALLOW) for floor in asked.floors),
        ),
        entry=f"{TOOL}.ask[0]",
        grant="g1",
    )
    answered = decide(replace(granted, approval=worlds.question(granted)))
    assert (answered.grant, codes(answered.floors)[0]) == ("", "approval.given")
    other = replace(granted, grant=replace(grant, asked_for=frozenset({"level.ask"})))
    assert decide(other) == asked
