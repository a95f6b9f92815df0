"""The commands of the eight steps, compared whole: what is loaded, written down, sent and told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import InvariantError
from sallyport.model import (
    ActionState,
    Ahead,
    ApprovalState,
    Asks,
    Call,
    Decision,
    Draft,
    DraftState,
    Ending,
    Floor,
    Grant,
    Level,
    Limit,
    Lookup,
    Origin,
    Plumbing,
    Proposal,
    Question,
    Recovery,
    Verdict,
)
from sallyport.rules import approval_object, beforehand, canonical, look_ups, reasons, steps
from sallyport.rules.checks.limits import reservations
from sallyport.rules.commands import (
    Answered,
    Append,
    Asked,
    Concluded,
    Decided,
    DecidedAgain,
    Ended,
    Influenced,
    Intended,
    Kept,
    Load,
    Lost,
    Perform,
    Recalled,
    Reply,
    Stopped,
    Stored,
)
from sallyport.rules.context import Context, call_digest
from sallyport.rules.decide import decide
from sallyport.rules.steps import (
    carry_out,
    close_asked,
    decline_asked,
    govern,
    resume_intent,
)
from tests.unit.rules import worlds
from tests.unit.rules.test_steps import (
    ALLOWED,
    ASKING,
    CLOSED,
    COMPLAINT,
    DONE,
    DRAFTING,
    LIMITED,
    OPEN,
    READING,
    REFUSED,
    Walk,
)
from tests.unit.rules.worlds import NOW_US, PROPOSAL, TOOL

TAKEN_BACK = reasons.refuse("call.cancelled", agent="helper")
STOPPED = reasons.refuse(
    "switch.stop", scope="everything", by="sam", because="drill", verdict="refuse"
)
FROM_OUTSIDE = Influenced(agent="helper", instance="run-1", source=TOOL)


def _walk(*replies: Reply) -> Walk:
    return Walk(govern(PROPOSAL)).give(*replies)


def _call(seen: Context = ALLOWED, **changes: Any) -> Call:
    """Return the call that a snapshot makes, as it goes to be decided."""
    made = Call(
        id="c1",
        proposal=seen.proposal,
        agent="helper",
        instance="run-1",
        workflow="support",
        requester="rita",
        system="desk",
        level=Level.UPDATE,
        digest=call_digest(seen),
        boundary="v1",
        ending=Ending.REFUSED,
        proposed_us=NOW_US,
        verdict=decide(seen).verdict,
        idempotency_key=canonical.digest("idempotency", "c1")[:40],
    )
    return replace(made, **changes)


def _decided(seen: Context, call: Call, *more: Floor) -> Decided:
    decision = decide(seen)
    floors = (*more, *decision.floors)
    verdict = Verdict.REFUSE if more else decision.verdict
    question = None if more else decision.question
    return Decided(
        call=call,
        decision=replace(decision, verdict=verdict, floors=floors, question=question),
        context=seen,
    )


# --- A new proposal. ---


def test_every_command_of_an_allowed_call() -> None:
    """What is loaded, made durable with its guards, let out, and noted of its end."""
    intended = _call(ending=Ending.WAITING, action=ActionState.INTENDED)
    concluded = replace(intended, ending=Ending.DONE, action=ActionState.DONE)
    walk = _walk(ALLOWED, Kept(), DONE, Kept())

    assert walk.commands == [
        Load(proposal=PROPOSAL),
        Append(
            events=(_decided(ALLOWED, intended), Intended(call=intended)),
            scopes=ALLOWED.scopes,
            fence=7,
        ),
        Perform(call=intended, scopes=ALLOWED.scopes, epoch=7),
        Append(events=(Concluded(call=concluded, result=DONE.result), FROM_OUTSIDE)),
    ]
    assert walk.ended == Ended(call=concluded, result=DONE.result)


def test_every_command_of_a_refused_call() -> None:
    """It is over, and whoever asked has heard of it."""
    refused = _call(REFUSED, delivered=True)
    walk = _walk(REFUSED, Kept())

    assert walk.commands[1:] == [Append(events=(_decided(REFUSED, refused),))]
    assert walk.ended == Ended(call=refused, floors=decide(REFUSED).floors)


def test_a_call_that_belongs_to_nothing_is_noted_as_such() -> None:
    """Without a task and a boundary: who sent it, and empty texts for what nobody knows."""
    proposal = replace(PROPOSAL, by="whoever-it-is")
    seen = replace(ALLOWED, proposal=proposal, task=None, boundaries=())
    walk = Walk(govern(proposal)).give(seen, Kept())

    assert walk.ended.call == _call(
        seen,
        agent="whoever-it-is",
        instance="",
        workflow="",
        requester="",
        system="",
        level=Level.EXTERNAL,
        boundary="",
        delivered=True,
    )


def test_every_command_of_a_call_that_becomes_a_draft() -> None:
    """The draft is its own, and the call is over for whoever asked."""
    stored = _call(DRAFTING, ending=Ending.DRAFT, delivered=True)
    draft = Draft(
        id=approval_object.short_id("d", "c_fresh"),
        call_id="c1",
        task_id="t1",
        tool=TOOL,
        state=DraftState.STORED,
        stored_us=NOW_US,
    )
    walk = _walk(DRAFTING, Kept())

    assert walk.commands[1:] == [
        Append(
            events=(_decided(DRAFTING, stored), Stored(draft=draft)),
            scopes=DRAFTING.scopes,
            fence=7,
        )
    ]
    assert walk.ended == Ended(call=stored, floors=decide(DRAFTING).floors, draft=draft)
    assert draft.id.startswith("d-")


def test_every_command_of_a_call_that_asks() -> None:
    """The question is of this call, under this boundary, and about all that its object holds."""
    walk = _walk(ASKING, Kept())
    approval = walk.ended.approval
    assert approval is not None
    waiting = _call(ASKING, ending=Ending.WAITING, approval_id=approval.id)

    assert walk.commands[1:] == [
        Append(
            events=(_decided(ASKING, waiting), Asked(approval=approval)),
            scopes=ASKING.scopes,
            fence=7,
        )
    ]
    assert walk.ended == Ended(call=waiting, floors=decide(ASKING).floors, approval=approval)
    made = approval_object.build(
        ASKING,
        approval=approval.id,
        nonce=approval_object.nonce_of("c_fresh"),
        findings=decide(ASKING).floors,
        expires_us=NOW_US + 4 * 3600 * 1_000_000,
        before=None,
    )
    assert (approval.id, approval.object) == (approval_object.short_id("a", "c_fresh"), made)
    assert approval.id.startswith("a-")
    assert (approval.boundary, approval.target, approval.about) == (
        "v1",
        "",
        approval_object.digest(made),
    )
    assert (approval.asked_us, approval.state) == (NOW_US, ApprovalState.WAITING)


WITHOUT_A_QUESTION = replace(decide(ASKING), question=None)


@pytest.mark.parametrize(
    "decision, seen",
    [(WITHOUT_A_QUESTION, ASKING), (decide(ASKING), replace(ASKING, boundaries=()))],
    ids=["no question", "no boundary"],
)
def test_nobody_can_be_asked_about_nothing(
    decision: Decision, seen: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that cannot be breaks an invariant, and no question is put."""

    def decided(_: Context) -> Decision:
        return decision

    monkeypatch.setattr(steps, "decide", decided)
    with pytest.raises(InvariantError) as caught:
        _walk(seen)
    assert caught.value.what == "a verdict of *ask* without a question or a boundary"


def test_a_limit_that_ran_out_is_said_before_what_else_was_found() -> None:
    """And only the limit whose counter closed is said to be used up."""
    per_hour = Limit(name="calls_per_hour", at_most=5, per="hour")
    per_task = Limit(name="calls_per_task", at_most=1, per="task")
    rule = worlds.rule(Level.UPDATE, allow=(worlds.allow(),))
    seen = worlds.context(worlds.boundary(rule, limits=(per_hour, per_task)))
    reached = reasons.refuse("limit.reached", limit="calls_per_task", at_most="1", per="task")
    walk = _walk(seen, Stopped("limit", "task:t1:call"), Kept())

    refused = _call(seen, delivered=True)
    assert walk.commands[-1] == Append(events=(_decided(seen, refused, reached),))
    assert walk.ended == Ended(call=refused, floors=(reached, *decide(seen).floors))


def _granted(seen: Context) -> Context:
    yes = Grant(
        id="g1",
        approval="a1",
        task="t1",
        tool=TOOL,
        boundary="v1",
        person="lea",
        ahead=Ahead(at_most=2, until_us=NOW_US + 10),
        question=Question(who=("lead",)),
        args=PROPOSAL.args,
        meta={},
        asked_for=frozenset({"boundary.ask", "level.ask"}),
    )
    return replace(seen, grant=yes)


def test_a_yes_beforehand_is_counted_beside_the_limits_where_it_was_needed() -> None:
    """A call that nobody had to be asked about uses none of it."""
    rule = worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))
    limit = Limit(name="calls_per_task", at_most=1, per="task")
    needed = _granted(worlds.context(worlds.boundary(rule, limits=(limit,))))
    free = _granted(LIMITED)

    def taken(seen: Context) -> list[str]:
        intent = _walk(seen).append().events[1]
        assert isinstance(intent, Intended)
        return [one.counter for one in intent.reservations]

    assert taken(needed) == ["task:t1:call", beforehand.counter("g1")]
    assert taken(free) == ["task:t1:call"]


# --- What the gateway reads first. ---


def _look_up(seen: Context) -> Call:
    """Return the call that a look-up of a snapshot makes, once it is intended."""
    made = _call(seen, id=seen.proposal.call_id, level=Level.READ, verdict=Verdict.ALLOW)
    key = canonical.digest("idempotency", made.id)[:40]
    return replace(made, idempotency_key=key)


def _first_look(walk: Walk) -> Context:
    load = walk.now
    assert isinstance(load, Load)
    assert load == Load(proposal=load.proposal, taken_up=True)
    return replace(READING, proposal=load.proposal)


def test_the_target_is_kept_as_it_was_and_bound_by_its_digest() -> None:
    """What was read goes with the intent; its facts go into the decision."""
    walk = _walk(READING)
    for _ in range(2):
        walk.give(_first_look(walk), Kept(), OPEN, Kept())
    decided, intent = walk.append().events

    assert isinstance(decided, Decided)
    assert isinstance(intent, Intended)
    assert intent.image == OPEN.result
    target = canonical.digest("target", OPEN.result)
    assert decided.context == replace(READING, facts={"state": "open"}, target=target)


def test_where_no_target_is_read_there_is_none() -> None:
    """A fact alone is no image of a record."""
    system = replace(worlds.READING, tools={})
    rule = worlds.rule(Level.UPDATE, when={"state": ("open",)}, allow=(worlds.allow(),))
    seen = worlds.context(worlds.boundary(rule, system=system))
    walk = _walk(seen)
    walk.give(replace(_first_look(walk), boundaries=seen.boundaries), Kept(), OPEN, Kept())
    decided, intent = walk.append().events

    assert isinstance(decided, Decided)
    assert isinstance(intent, Intended)
    assert (intent.image, decided.context.target) == (None, "")


def test_a_look_up_behind_a_closed_fence_is_noted_with_that_before_all_else() -> None:
    """It is refused and over; nobody waits to be told of it."""
    walk = _walk(READING)
    look = _first_look(walk)
    walk.give(look, Stopped("epoch"))
    fence = reasons.refuse("fence.closed")
    refused = replace(_look_up(look), verdict=Verdict.REFUSE, delivered=True)

    assert walk.now == Append(events=(_decided(look, refused, fence),))


def test_a_look_up_that_fails_is_said_before_what_else_was_found() -> None:
    """The call it was for is refused, whatever it would have asked."""
    asking = replace(
        READING,
        boundaries=(
            worlds.boundary(
                worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),)), system=worlds.READING
            ),
        ),
    )
    walk = _walk(asking)
    look = replace(_first_look(walk), boundaries=asking.boundaries)
    walk.give(look, Kept(), COMPLAINT, Kept())
    failed = reasons.refuse("lookup.failed", what="the target record")
    refused = _call(asking, verdict=Verdict.REFUSE, delivered=True)

    assert walk.now == Append(events=(_decided(asking, refused, failed),))


# --- After an answer. ---


def _waiting(seen: Context = ASKING) -> Call:
    return _walk(seen, Kept()).ended.call


def _yes(seen: Context = ASKING, **more: Any) -> Context:
    return worlds.approved(seen, id=_waiting(seen).approval_id, **more)


def test_a_yes_that_can_still_be_taken_back_leaves_the_call_for_later() -> None:
    """Nothing is written down and nothing is done; the question is told."""
    made = {"cool_off_s": 30}
    seen = _yes(object=made, not_before_us=NOW_US + 1)
    walk = Walk(carry_out(_waiting(), "a1")).give(seen)

    assert walk.ended == Ended(call=_waiting(), approval=seen.approval, taken_up=True)


def test_what_became_something_else_is_said_before_what_else_was_found() -> None:
    """Nobody is asked about it any more, and it is concluded with every reason."""
    rule = worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))
    repinned = worlds.boundary(rule, pins={TOOL: worlds.pin(schema={"title": "new"})})
    seen = replace(_yes(), boundaries=(repinned,))
    call = _waiting()
    stale = reasons.refuse("approval.stale")
    without = replace(seen, approval=None)
    floors = (stale, *decide(without).floors)
    decision = replace(decide(without), verdict=Verdict.REFUSE, floors=floors, question=None)
    walk = Walk(carry_out(call, call.approval_id)).give(seen, Kept())

    assert walk.commands[-1] == Append(
        events=(
            DecidedAgain(call=call, decision=decision, context=without),
            Concluded(call=replace(call, ending=Ending.REFUSED), why=floors),
        )
    )
    assert walk.ended == Ended(call=replace(call, ending=Ending.REFUSED), floors=floors)


def test_a_question_that_cannot_be_put_anew_now_is_put_after_another_look() -> None:
    """The fence closed in between: a new snapshot, and the call still waits."""
    call, seen = _waiting(), replace(_yes(target="another"), fresh="c_later")
    load = Load(proposal=PROPOSAL, approval_id=call.approval_id, taken_up=True)
    walk = Walk(carry_out(call, call.approval_id)).give(seen, Stopped("epoch"))

    assert walk.now == load
    ended = walk.give(seen, Kept()).ended
    assert ended.approval is not None
    assert ended.call == replace(call, approval_id=ended.approval.id)
    assert ended.floors == decide(replace(seen, approval=None)).floors


# --- A call whose system asked, and gets no answer. ---


ASKS = Asks(requests={"q": {"method": "roots/list"}}, state="s", open=True)
ASKED = _call(verdict=Verdict.ALLOW, ending=Ending.ASKED, action=ActionState.SENT, approval_id="a1")
NO_ANSWER = reasons.refuse("answer.none")
DECLINED = reasons.refuse("answer.declined")


def _concluded(call: Call, ending: Ending, action: ActionState, *why: Floor, **more: Any) -> Append:
    concluded = replace(call, ending=ending, action=action)
    heard = (FROM_OUTSIDE,) if action is ActionState.IN_DOUBT else ()
    return Append(events=(Concluded(call=concluded, why=why, was=Ending.ASKED, **more), *heard))


@pytest.mark.parametrize(
    "call",
    [replace(ASKED, level=Level.READ), replace(ASKED, action=ActionState.FAILED)],
    ids=["a read", "ended with the question"],
)
@pytest.mark.parametrize("why", [None, DECLINED], ids=["in time", "declined"])
def test_a_call_that_did_nothing_is_refused_without_its_answer(
    call: Call, why: Floor | None
) -> None:
    """With what ended it; where nothing else did, its time."""
    walk = Walk(close_asked(call, why)).give(Kept())
    said = why or NO_ANSWER

    assert walk.commands == [_concluded(call, Ending.REFUSED, ActionState.FAILED, said)]
    assert walk.ended == Ended(
        call=replace(call, ending=Ending.REFUSED, action=ActionState.FAILED), floors=(said,)
    )


@pytest.mark.parametrize("why", [(), (STOPPED,)], ids=["in time", "stopped"])
def test_of_a_call_in_mid_work_nobody_knows_what_was_done(why: tuple[Floor, ...]) -> None:
    """It is in doubt, and a person looks."""
    walk = Walk(close_asked(ASKED, *why)).give(Kept())

    assert walk.commands == [_concluded(ASKED, Ending.WAITING, ActionState.IN_DOUBT, *why)]
    assert walk.ended == Ended(
        call=replace(ASKED, ending=Ending.WAITING, action=ActionState.IN_DOUBT), floors=why
    )


def test_a_call_that_somebody_else_went_on_with_is_left_to_them() -> None:
    """The answer came after all."""
    walk = Walk(close_asked(ASKED)).give(Stopped("changed", "calls"))

    assert walk.ended == Ended(call=ASKED, taken_up=True)


def test_a_system_that_ended_its_request_with_the_question_is_not_asked_again() -> None:
    """Nothing is sent to it: the call is over."""
    call = replace(ASKED, action=ActionState.FAILED)
    walk = Walk(decline_asked(call, replace(ASKS, open=False))).give(Kept())

    assert walk.commands == [_concluded(call, Ending.REFUSED, ActionState.FAILED, DECLINED)]
    assert walk.ended.floors == (DECLINED,)


def test_a_system_that_waits_is_told_that_it_gets_no_answer() -> None:
    """Behind the fence as every call, and it says itself how this one ends."""
    seen = replace(ALLOWED, switches=(worlds.switch(Verdict.ASK),))
    walk = Walk(decline_asked(ASKED, ASKS)).give(seen, DONE, Kept())
    done = replace(ASKED, ending=Ending.DONE, action=ActionState.DONE)

    assert walk.commands == [
        Load(proposal=PROPOSAL, taken_up=True),
        Perform(call=ASKED, scopes=seen.scopes, epoch=7, declines=ASKS),
        Append(events=(Concluded(call=done, result=DONE.result, was=Ending.ASKED), FROM_OUTSIDE)),
    ]
    assert walk.ended == Ended(call=done, result=DONE.result)


def test_under_a_stop_not_even_a_refusal_leaves() -> None:
    """What would follow from it is a system's work; so the call is in doubt."""
    seen = replace(ALLOWED, switches=(worlds.switch(Verdict.ASK), worlds.switch(Verdict.REFUSE)))
    walk = Walk(decline_asked(ASKED, ASKS)).give(seen, Kept())

    assert walk.commands[1:] == [_concluded(ASKED, Ending.WAITING, ActionState.IN_DOUBT, STOPPED)]


def test_a_refusal_that_did_not_leave_says_nothing_of_the_call() -> None:
    """It left long ago, and its system may still be at work."""
    walk = Walk(decline_asked(ASKED, ASKS)).give(ALLOWED, CLOSED, Kept())
    doubtful = replace(ASKED, ending=Ending.WAITING, action=ActionState.IN_DOUBT)

    assert walk.commands[-1] == _concluded(ASKED, Ending.WAITING, ActionState.IN_DOUBT)
    assert walk.ended == Ended(
        call=doubtful, doubt="its system waits for an answer that it cannot be refused"
    )


def test_an_answer_that_did_not_leave_is_said_to_be_that() -> None:
    """Of a system that waited for it in the middle of its work."""
    parent = replace(ASKED, id="c0")
    answering = replace(PROPOSAL, parent="c0", answers={"q": {"roots": []}})
    seen = replace(ALLOWED, proposal=answering, parent=parent, asks=ASKS)
    walk = Walk(govern(answering)).give(seen, Kept(), CLOSED, Kept())

    assert walk.ended.doubt == "its system waited in mid-work for an answer that did not leave"
    ended = Walk(govern(answering)).give(
        replace(seen, asks=replace(ASKS, open=False)), Kept(), CLOSED, Kept()
    )
    assert (ended.ended.doubt, ended.ended.ending) == ("", Ending.REFUSED)


# --- A call that its agent takes back while it is under way. ---


def test_a_call_taken_back_before_it_left_gives_back_what_it_took() -> None:
    """It is refused, and whoever took it back is owed no word of it."""
    walk = _walk(LIMITED, Kept(), Recalled(TAKEN_BACK))
    intended = _call(LIMITED, ending=Ending.WAITING, action=ActionState.INTENDED)
    failed = replace(intended, ending=Ending.REFUSED, action=ActionState.FAILED)
    (reserved,) = reservations(LIMITED)

    assert walk.now == Append(
        events=(Concluded(call=failed, why=(TAKEN_BACK,), given_back=(reserved,), owed=False),)
    )
    assert walk.give(Kept()).ended == Ended(call=failed, floors=(TAKEN_BACK,))


def test_a_read_taken_back_on_its_way_is_over() -> None:
    """What its system has said by then entered the agent's run."""
    seen = worlds.context(worlds.boundary(worlds.rule(Level.READ)))
    walk = _walk(seen, Kept(), Recalled(TAKEN_BACK, sent=True))
    intended = _call(seen, level=Level.READ, ending=Ending.WAITING, action=ActionState.INTENDED)
    failed = replace(intended, ending=Ending.REFUSED, action=ActionState.FAILED)

    assert walk.now == Append(
        events=(FROM_OUTSIDE, Concluded(call=failed, why=(TAKEN_BACK,), owed=False))
    )
    assert walk.give(Kept()).ended == Ended(call=failed, floors=(TAKEN_BACK,))


def test_a_call_taken_back_on_its_way_is_in_doubt() -> None:
    """Whoever looks is told why, and so is the agent."""
    walk = _walk(ALLOWED, Kept(), Recalled(TAKEN_BACK, sent=True))
    doubtful = _call(ending=Ending.WAITING, action=ActionState.IN_DOUBT)

    assert walk.now == Append(events=(Concluded(call=doubtful, why=(TAKEN_BACK,)), FROM_OUTSIDE))
    assert walk.give(Kept()).ended == Ended(
        call=doubtful, floors=(TAKEN_BACK,), doubt="agent `helper` cancelled it"
    )


def test_what_is_taken_back_in_mid_work_has_left_before() -> None:
    """The call whose system is told no, and the one that brings it an answer."""
    declined = Walk(decline_asked(ASKED, ASKS)).give(ALLOWED, Recalled(TAKEN_BACK))
    assert declined.now == _concluded(ASKED, Ending.WAITING, ActionState.IN_DOUBT, TAKEN_BACK)
    read = replace(ASKED, level=Level.READ)
    declined = Walk(decline_asked(read, ASKS)).give(ALLOWED, Recalled(TAKEN_BACK))
    over = replace(read, ending=Ending.REFUSED, action=ActionState.FAILED)
    assert declined.now == Append(
        events=(
            FROM_OUTSIDE,
            Concluded(call=over, why=(TAKEN_BACK,), was=Ending.ASKED, owed=False),
        )
    )
    answering = replace(PROPOSAL, parent="c0", answers={"q": {"roots": []}})
    seen = replace(ALLOWED, proposal=answering, parent=replace(ASKED, id="c0"), asks=ASKS)
    answered = Walk(govern(answering)).give(seen, Kept(), Recalled(TAKEN_BACK), Kept())
    assert answered.ended.action is ActionState.IN_DOUBT


# --- What a crash left open. ---


INTENDED = replace(
    _call(verdict=Verdict.ALLOW, ending=Ending.WAITING, action=ActionState.INTENDED),
    approval_id="a1",
)
PROBE = Lookup(tool=worlds.LOOK, args={"on": "arg.on"}, path="state")
PROBED = Plumbing(recovery=Recovery.PROBE, probe=PROBE, probe_expects="solved")
OUT = "the gateway ended while the call was out"


@pytest.mark.parametrize(
    "plumbing",
    [
        None,
        Plumbing(),
        Plumbing(recovery=Recovery.PROBE),
        Plumbing(recovery=Recovery.IDEMPOTENCY_KEY, probe=PROBE),
    ],
    ids=["unknown", "at most once", "no probe", "not by probe"],
)
def test_an_intent_that_nothing_can_tell_of_is_in_doubt(plumbing: Plumbing | None) -> None:
    """And that is what a person is told."""
    walk = Walk(resume_intent(INTENDED, again=False, plumbing=plumbing)).give(Kept())
    doubtful = replace(INTENDED, action=ActionState.IN_DOUBT)

    assert walk.commands == [Append(events=(Concluded(call=doubtful), FROM_OUTSIDE))]
    assert walk.ended == Ended(call=doubtful, doubt=OUT)


def test_an_intent_with_a_key_is_looked_at_as_the_very_call_it_is() -> None:
    """With its question, and not as one that an earlier call could stand for."""
    walk = Walk(resume_intent(INTENDED, again=True))

    assert walk.now == Load(proposal=PROPOSAL, approval_id="a1", taken_up=True)
    stopped = walk.give(REFUSED, Kept())
    assert stopped.ended.doubt == OUT


def test_a_read_that_was_out_is_over_with_an_error() -> None:
    """Whoever wanted it asks again."""
    walk = Walk(resume_intent(replace(INTENDED, level=Level.READ), again=True)).give(Kept())

    assert walk.ended.error == {"code": -32001, "message": OUT}


def _probed(answer: Reply) -> Walk:
    """Go on with an intent whose system can be asked what became of it, up to what it says."""
    walk = Walk(resume_intent(INTENDED, again=False, plumbing=PROBED))
    assert walk.now == Load(proposal=PROPOSAL, taken_up=True)
    probe = Proposal(
        call_id="c_fresh.0",
        task_id="t1",
        tool=worlds.LOOK,
        args={"on": "T1"},
        channel="gateway",
        origin=Origin.GATEWAY,
        parent="c1",
        by="gateway",
    )
    assert walk.give(READING).now == Load(proposal=probe, taken_up=True)
    return walk.give(replace(READING, proposal=probe), Kept(), answer, Kept())


@pytest.mark.parametrize(
    "state, action, happened",
    [("solved", ActionState.DONE, True), ("open", ActionState.FAILED, False)],
)
def test_a_probe_tells_whether_it_happened(state: str, action: ActionState, happened: bool) -> None:
    """And the agent is told in words of the gateway's own."""
    walk = _probed(Answered(result={"structuredContent": {"state": state}}))
    answer = look_ups.probed(happened)
    concluded = replace(INTENDED, ending=Ending.DONE, action=action)

    assert walk.now == Append(
        events=(
            Concluded(call=concluded, result=answer.result, error=answer.error),
            FROM_OUTSIDE,
        )
    )
    assert walk.give(Kept()).ended == Ended(
        call=concluded, result=answer.result, error=answer.error
    )


@pytest.mark.parametrize("answer", [COMPLAINT, Lost("no answer")], ids=["isError", "lost"])
def test_a_probe_that_does_not_tell_leaves_it_in_doubt(answer: Reply) -> None:
    """It is never taken as done, nor as not done."""
    walk = _probed(answer).give(Kept())

    assert walk.ended == Ended(
        call=replace(INTENDED, action=ActionState.IN_DOUBT),
        doubt="the probe did not tell what happened",
    )
