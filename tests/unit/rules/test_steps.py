"""The eight steps, driven by hand: each command, each reply, each path to an ending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import InvariantError
from sallyport.model import (
    ActionState,
    ApprovalState,
    Asks,
    Call,
    DraftState,
    Ending,
    JsonObject,
    Level,
    Limit,
    Origin,
    Stage,
    Verdict,
)
from sallyport.rules import reasons
from sallyport.rules.commands import (
    Answered,
    Append,
    Asked,
    Command,
    Concluded,
    Decided,
    DecidedAgain,
    Ended,
    Influenced,
    Intended,
    Kept,
    Load,
    Lost,
    NotSent,
    Perform,
    Reply,
    Stopped,
)
from sallyport.rules.context import Context
from sallyport.rules.steps import (
    ROUNDS_MAX,
    Steps,
    carry_out,
    close_unsent,
    govern,
    resume_intent,
)
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LIVE, PROPOSAL

RESULT: JsonObject = {"content": [{"type": "text", "text": "well"}]}
DONE = Answered(result=RESULT)
COMPLAINT = Answered(result={"isError": True, "content": []})
ERROR = Answered(error={"code": -32602, "message": "no"})
CLOSED = NotSent(reasons.refuse("fence.closed"))
ALLOWED = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE, allow=(worlds.allow(),))))
ASKING = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))))
DRAFTING = replace(ALLOWED, agent=replace(LIVE, stage=Stage.DRAFT))
REFUSED = replace(ALLOWED, quarantined=True)
LIMIT = Limit(name="calls_per_task", at_most=1, per="task")
LIMITED = worlds.context(
    worlds.boundary(worlds.rule(Level.UPDATE, allow=(worlds.allow(),)), limits=(LIMIT,))
)
READING = worlds.context(
    worlds.boundary(
        worlds.rule(Level.UPDATE, when={"state": ("open",)}, allow=(worlds.allow(),)),
        system=worlds.READING,
    )
)
OPEN = Answered(result={"structuredContent": {"state": "open"}})
SOLVED = Answered(result={"structuredContent": {"state": "solved"}})

LEVELS_THAT_CHANGE = [level for level in Level if level is not Level.READ]


class Walk:
    """Steps that are driven by hand. `commands` are what they asked for so far."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self.commands: list[Command] = [next(steps)]
        self._ended: Ended | None = None

    @property
    def now(self) -> Command:
        """What the steps wait for."""
        assert self._ended is None, "the steps are over"
        return self.commands[-1]

    @property
    def ended(self) -> Ended:
        """How the call ended."""
        assert self._ended is not None, f"the steps wait for {self.commands[-1]}"
        return self._ended

    @property
    def events(self) -> list[str]:
        """The names of the events of each append, joined."""
        return [
            " ".join(type(event).__name__ for event in command.events)
            for command in self.commands
            if isinstance(command, Append)
        ]

    def give(self, *replies: Reply) -> Walk:
        """Answer one command after the other."""
        for reply in replies:
            assert self._ended is None, "the steps are over"
            try:
                self.commands.append(self._steps.send(reply))
            except StopIteration as end:
                self._ended = end.value
        return self

    def append(self) -> Append:
        """Return the append that the steps wait for."""
        assert isinstance(self.now, Append)
        return self.now


def _proposed(*replies: Reply) -> Walk:
    return Walk(govern(PROPOSAL)).give(*replies)


def _waiting(seen: Context) -> Call:
    """Return the call that a question about `seen` left waiting."""
    ended = _proposed(seen, Kept()).ended
    assert ended.approval is not None
    return ended.call


def _answered(seen: Context, **more: Any) -> Context:
    return worlds.approved(seen, id=_waiting(seen).approval_id, **more)


# --- A new proposal. ---


def test_an_allowed_call_is_intended_then_sent_then_concluded() -> None:
    """Snapshot, durable intent, effect, durable outcome: in this order, and nothing else."""
    walk = _proposed(ALLOWED, Kept(), DONE, Kept())

    assert [type(command) for command in walk.commands] == [Load, Append, Perform, Append]
    assert walk.events == ["Decided Intended", "Concluded Influenced"]
    assert (walk.ended.ending, walk.ended.action) == (Ending.DONE, ActionState.DONE)
    assert walk.ended.result == RESULT


def test_intent_and_effect_carry_the_fence_of_the_snapshot() -> None:
    """What was decided at epoch 7 may only be recorded and sent if nothing was raised since."""
    walk = _proposed(ALLOWED)
    append = walk.append()
    perform = walk.give(Kept()).now

    assert (append.fence, append.scopes) == (7, ALLOWED.scopes)
    assert isinstance(perform, Perform)
    assert (perform.epoch, perform.scopes) == (7, ALLOWED.scopes)


def test_what_is_sent_is_what_was_intended_under_its_digest() -> None:
    """Decision, intent, effect and outcome are of one call with one digest."""
    walk = _proposed(ALLOWED, Kept())
    intent = next(e for c in walk.commands if isinstance(c, Append) for e in c.events[1:])
    perform = walk.now
    assert isinstance(intent, Intended)
    assert isinstance(perform, Perform)

    assert perform.call == intent.call
    assert perform.call.proposal == PROPOSAL
    assert perform.call.action is ActionState.INTENDED


def test_a_refused_call_is_recorded_and_over() -> None:
    """One entry, no effect, no guard needed."""
    walk = _proposed(REFUSED)
    append = walk.append()

    assert append.fence is None
    assert walk.give(Kept()).events == ["Decided"]
    assert walk.ended.ending is Ending.REFUSED
    assert walk.ended.call.delivered
    assert worlds.codes(walk.ended.floors, Verdict.REFUSE) == ["tool.quarantined"]


def test_a_draft_is_stored_and_nothing_is_sent() -> None:
    """Decision and draft in one fenced commit."""
    walk = _proposed(DRAFTING)
    append = walk.append()
    ended = walk.give(Kept()).ended

    assert append.fence == 7
    assert walk.events == ["Decided Stored"]
    assert ended.ending is Ending.DRAFT
    assert ended.draft is not None
    assert (ended.draft.state, ended.draft.call_id) == (DraftState.STORED, "c1")


def test_a_call_that_asks_waits_with_a_question_bound_to_it() -> None:
    """The question holds digest, boundary and end; nothing is sent."""
    walk = _proposed(ASKING)
    append = walk.append()
    ended = walk.give(Kept()).ended
    approval = ended.approval

    assert append.fence == 7
    assert walk.events == ["Decided Asked"]
    assert ended.ending is Ending.WAITING
    assert approval is not None
    assert (approval.digest, approval.boundary) == (ended.call.digest, "v1")
    assert approval.expires_us == worlds.NOW_US + 4 * 3600 * 1_000_000
    assert ended.call.approval_id == approval.id


@pytest.mark.parametrize(
    "seen, events",
    [
        (ALLOWED, "Decided Intended"),
        (ASKING, "Decided Asked"),
        (DRAFTING, "Decided Stored"),
    ],
    ids=["allow", "ask", "draft"],
)
def test_a_closed_fence_sends_the_call_round_again(seen: Context, events: str) -> None:
    """Nothing of the append happened: a new snapshot is taken and everything is decided anew."""
    walk = _proposed(seen, Stopped("epoch", "everything"))

    assert isinstance(walk.now, Load)
    assert walk.give(REFUSED, Kept()).events == [events, "Decided"]
    assert walk.ended.ending is Ending.REFUSED


def test_a_call_goes_round_a_bounded_number_of_times() -> None:
    """Authority that changes faster than one can decide refuses, and says so."""
    walk = _proposed(ALLOWED)
    for _ in range(ROUNDS_MAX):
        walk.give(Stopped("epoch"), ALLOWED)
    walk.give(Kept())

    assert walk.ended.ending is Ending.REFUSED
    assert worlds.codes(walk.ended.floors) == ["gateway.unsettled"]


def test_a_limit_that_ran_out_meanwhile_refuses() -> None:
    """Somebody else took the last one between snapshot and commit."""
    walk = _proposed(LIMITED, Stopped("limit", "task:t1:call"), Kept())

    assert walk.events == ["Decided Intended", "Decided"]
    assert walk.ended.ending is Ending.REFUSED
    assert worlds.codes(walk.ended.floors, Verdict.REFUSE) == ["limit.reached"]


def test_an_intent_takes_what_the_limits_count() -> None:
    """Reservations are part of the commit that records the intent."""
    intent = _proposed(LIMITED).append().events[1]

    assert isinstance(intent, Intended)
    assert [(one.counter, one.at_most) for one in intent.reservations] == [("task:t1:call", 1)]


def test_a_call_that_was_not_sent_is_refused_and_gives_back_what_it_took() -> None:
    """The fence closed at the wire: no effect, the reservation returns, the reason is said."""
    walk = _proposed(LIMITED, Kept(), CLOSED)
    concluded = walk.append().events[0]
    ended = walk.give(Kept()).ended

    assert isinstance(concluded, Concluded)
    assert [one.counter for one in concluded.given_back] == ["task:t1:call"]
    assert (ended.ending, ended.action) == (Ending.REFUSED, ActionState.FAILED)
    assert worlds.codes(ended.floors) == ["fence.closed"]


def test_a_lost_write_is_in_doubt_and_keeps_what_it_took() -> None:
    """It may have happened: nothing is given back, nothing is retried."""
    walk = _proposed(LIMITED, Kept(), Lost("no answer"))
    concluded = walk.append().events[0]
    ended = walk.give(Kept()).ended

    assert isinstance(concluded, Concluded)
    assert concluded.given_back == ()
    assert (ended.ending, ended.action) == (Ending.WAITING, ActionState.IN_DOUBT)
    assert ended.doubt == "no answer"


def test_a_lost_read_is_over_with_an_error() -> None:
    """A read that was lost did no harm; the agent may ask again."""
    seen = worlds.context(worlds.boundary(worlds.rule(Level.READ)))
    ended = _proposed(seen, Kept(), Lost("no answer"), Kept()).ended

    assert (ended.ending, ended.action) == (Ending.DONE, ActionState.FAILED)
    assert ended.error == {"code": -32001, "message": "no answer"}


@pytest.mark.parametrize("level", LEVELS_THAT_CHANGE, ids=lambda level: level.name)
def test_only_a_read_is_lost_without_doubt(level: Level) -> None:
    """Every other level is settled by a person."""
    seen = worlds.context(worlds.boundary(worlds.rule(level, allow=(worlds.allow(),))))

    assert _proposed(seen, Kept(), Lost("gone"), Kept()).ended.action is ActionState.IN_DOUBT


@pytest.mark.parametrize("answer", [COMPLAINT, ERROR], ids=["isError", "error"])
def test_a_system_that_says_no_has_failed_the_call(answer: Answered) -> None:
    """It answered, so the call is over; it entered the agent's run all the same."""
    walk = _proposed(ALLOWED, Kept(), answer, Kept())

    assert (walk.ended.ending, walk.ended.action) == (Ending.DONE, ActionState.FAILED)
    assert (walk.ended.result, walk.ended.error) == (answer.result, answer.error)
    assert walk.events[-1] == "Concluded Influenced"


def test_an_answer_influences_the_run_it_is_given_to() -> None:
    """Whatever an upstream says is text from outside, labelled in the commit of the outcome."""
    event = _proposed(ALLOWED, Kept(), DONE).append().events[1]

    assert event == Influenced(agent="helper", instance="run-1", source=worlds.TOOL)


def test_what_a_person_releases_does_not_influence_the_agent() -> None:
    """Its answer goes to the person."""
    released = replace(PROPOSAL, origin=Origin.RELEASE)
    seen = replace(ALLOWED, proposal=released)

    assert Walk(govern(released)).give(seen, Kept(), DONE, Kept()).events[-1] == "Concluded"


def test_an_identical_proposal_ends_as_the_earlier_call() -> None:
    """Nothing is decided, recorded or sent a second time."""
    earlier = _waiting(ASKING)
    walk = _proposed(replace(ASKING, earlier=earlier))

    assert walk.ended == Ended(call=earlier, taken_up=True)
    assert [type(command) for command in walk.commands] == [Load]


def test_a_proposal_that_another_version_makes_identical_ends_as_the_earlier_call() -> None:
    """What is the same call depends on pins and questions, so each round looks again."""
    earlier = _waiting(ASKING)
    walk = _proposed(ALLOWED).give(Stopped("epoch", "everything"))

    again = replace(ALLOWED, earlier=earlier)
    assert walk.give(again).ended == Ended(call=earlier, taken_up=True)


def test_an_answer_that_did_not_leave_puts_a_call_in_doubt_whose_system_waited() -> None:
    """The system was in the middle of its work, and nobody else can answer it any more."""
    asks = Asks(requests={"q": {"method": "roots/list"}}, state="s", open=True)
    parent = replace(_waiting(ASKING), ending=Ending.ASKED, action=ActionState.SENT)
    answering = replace(PROPOSAL, call_id="c2", parent=parent.id, answers={"q": {"roots": []}})
    seen = replace(ALLOWED, proposal=answering, parent=parent, asks=asks)
    walk = _proposed(seen).give(Kept(), CLOSED, Kept())

    assert (walk.ended.ending, walk.ended.action) == (Ending.WAITING, ActionState.IN_DOUBT)


# --- What the gateway reads first. ---


def test_facts_and_target_are_read_before_deciding_each_as_a_call_of_its_own() -> None:
    """Two look-ups with snapshot, intent, effect and outcome, then the call itself."""
    walk = _proposed(READING)
    for number in range(2):
        load = walk.now
        assert isinstance(load, Load)
        assert load.taken_up
        assert load.proposal.origin is Origin.GATEWAY
        assert load.proposal.call_id == f"c_fresh.{number}"
        walk.give(replace(READING, proposal=load.proposal), Kept(), OPEN, Kept())
    intent = walk.append().events[1]

    assert walk.events == ["Decided Intended", "Concluded"] * 2 + ["Decided Intended"]
    assert isinstance(intent, Intended)
    assert intent.image == OPEN.result


def test_a_fact_that_is_not_listed_refuses_the_call() -> None:
    """The ticket is solved, and the boundary asks for open ones."""
    walk = _proposed(READING)
    for _ in range(2):
        load = walk.now
        assert isinstance(load, Load)
        walk.give(replace(READING, proposal=load.proposal), Kept(), SOLVED, Kept())

    assert worlds.codes(walk.give(Kept()).ended.floors, Verdict.REFUSE) == ["boundary.when"]


@pytest.mark.parametrize(
    "answer", [COMPLAINT, ERROR, CLOSED, Lost("gone")], ids=["isError", "error", "not sent", "lost"]
)
def test_a_look_up_that_fails_refuses_the_call(answer: Reply) -> None:
    """What it would have told is not known, and the target is not even tried."""
    walk = _proposed(READING)
    load = walk.now
    assert isinstance(load, Load)
    walk.give(replace(READING, proposal=load.proposal), Kept(), answer, Kept(), Kept())

    assert walk.events == ["Decided Intended", "Concluded", "Decided"]
    assert worlds.codes(walk.ended.floors)[0] == "lookup.failed"
    assert walk.ended.ending is Ending.REFUSED


def test_a_look_up_behind_a_closed_fence_is_refused_and_recorded() -> None:
    """It does not go round for itself; the call it was for is refused."""
    walk = _proposed(READING)
    load = walk.now
    assert isinstance(load, Load)
    walk.give(replace(READING, proposal=load.proposal), Stopped("epoch"), Kept(), Kept())

    assert walk.events == ["Decided Intended", "Decided", "Decided"]
    assert walk.ended.ending is Ending.REFUSED


def test_nothing_is_read_for_a_call_that_is_refused_anyway() -> None:
    """A stopped agent cannot make the gateway read."""
    walk = _proposed(replace(READING, switches=(worlds.switch(Verdict.REFUSE),)), Kept())

    assert [type(command) for command in walk.commands] == [Load, Append]


# --- After an answer. ---


def test_an_approved_call_is_decided_again_and_uses_its_approval_in_the_intent() -> None:
    """A new snapshot, then decision, use and intent in one fenced commit, then the effect."""
    call, seen = _waiting(ASKING), _answered(ASKING)
    walk = Walk(carry_out(call, call.approval_id)).give(seen)
    append = walk.append()
    intent = append.events[1]
    ended = walk.give(Kept(), DONE, Kept()).ended

    assert walk.events == ["DecidedAgain Intended", "Concluded Influenced"]
    assert append.fence == 7
    assert isinstance(intent, Intended)
    assert intent.approval == seen.approval
    assert (ended.ending, ended.action) == (Ending.DONE, ActionState.DONE)


def test_carrying_out_asks_for_the_answered_question_by_name() -> None:
    """And does not look for an identical earlier call: it is that call."""
    call = _waiting(ASKING)
    load = Walk(carry_out(call, "a-7")).now

    assert load == Load(proposal=PROPOSAL, approval_id="a-7", taken_up=True)


@pytest.mark.parametrize(
    "state", [state for state in ApprovalState if state is not ApprovalState.APPROVED]
)
def test_an_answer_that_is_not_a_yes_any_more_leaves_the_call_to_others(
    state: ApprovalState,
) -> None:
    """Used, expired, stale: nothing is done and nothing is recorded here."""
    call = _waiting(ASKING)
    walk = Walk(carry_out(call, call.approval_id)).give(_answered(ASKING, state=state))

    assert walk.ended == Ended(call=call, taken_up=True)
    assert walk.events == []


@pytest.mark.parametrize(
    "stale",
    [
        {"target": "the record that was read then"},
        {"boundary": "v0"},
        {"expires_us": worlds.NOW_US},
    ],
    ids=lambda stale: next(iter(stale)),
)
def test_a_stale_yes_puts_the_question_anew(stale: dict[str, object]) -> None:
    """Another boundary, another target, too late: a new question replaces the answered one."""
    call, seen = _waiting(ASKING), _answered(ASKING, **stale)
    walk = Walk(carry_out(call, call.approval_id)).give(replace(seen, fresh="c_later"))
    asked = walk.append().events[1]
    ended = walk.give(Kept()).ended

    assert walk.events == ["DecidedAgain Asked"]
    assert isinstance(asked, Asked)
    assert asked.again == call.approval_id
    assert asked.approval.id != call.approval_id
    assert (asked.approval.call_id, asked.approval.digest) == (call.id, call.digest)
    assert ended.ending is Ending.WAITING
    assert ended.call.approval_id == asked.approval.id


SPOILT: Mapping[str, Callable[[Context], Context]] = {
    "quarantined": lambda seen: replace(seen, quarantined=True),
    "stopped": lambda seen: replace(seen, switches=(worlds.switch(Verdict.REFUSE),)),
    "new agent": lambda seen: replace(seen, agent=replace(LIVE, stage=Stage.DRAFT)),
    "task closed": lambda seen: replace(seen, task=replace(worlds.TASK, closed=True)),
}


@pytest.mark.parametrize("change", SPOILT)
def test_a_yes_is_refused_where_the_verdict_became_stricter(change: str) -> None:
    """Also where it became *draft*: a draft is not what was approved."""
    call = _waiting(ASKING)
    walk = Walk(carry_out(call, call.approval_id)).give(SPOILT[change](_answered(ASKING)), Kept())

    assert walk.events == ["DecidedAgain Concluded"]
    assert walk.ended.ending is Ending.REFUSED


def test_a_call_that_would_leave_as_something_else_is_refused() -> None:
    """The tool was pinned anew meanwhile: what was approved is not what would be sent."""
    call = _waiting(ASKING)
    rule = worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))
    repinned = worlds.boundary(rule, pins={worlds.TOOL: worlds.pin(schema={"title": "new"})})
    seen = replace(_answered(ASKING), boundaries=(repinned,))
    walk = Walk(carry_out(call, call.approval_id)).give(seen, Kept())

    assert walk.ended.ending is Ending.REFUSED
    assert "approval.stale" in worlds.codes(walk.ended.floors, Verdict.REFUSE)


@pytest.mark.parametrize("why", ["epoch", "changed"])
def test_an_approved_call_behind_a_closed_guard_goes_round_again(why: str) -> None:
    """A stop in between, or somebody else who used the answer: look again."""
    call, seen = _waiting(ASKING), _answered(ASKING)
    walk = Walk(carry_out(call, call.approval_id)).give(seen, Stopped(why))

    assert isinstance(walk.now, Load)
    used = _answered(ASKING, state=ApprovalState.USED)
    assert walk.give(used).ended.taken_up


def test_an_approved_call_goes_round_a_bounded_number_of_times() -> None:
    """And then it is refused, once."""
    call, seen = _waiting(ASKING), _answered(ASKING)
    walk = Walk(carry_out(call, call.approval_id)).give(seen)
    for _ in range(ROUNDS_MAX):
        walk.give(Stopped("epoch"), seen)
    walk.give(Kept())

    assert walk.events[-1] == "DecidedAgain Concluded"
    assert worlds.codes(walk.ended.floors) == ["gateway.unsettled"]


def test_an_approved_call_whose_limit_ran_out_is_refused_as_decided_again() -> None:
    """It has its row already, so it is concluded and not inserted a second time."""
    rule = worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))
    asking = worlds.context(worlds.boundary(rule, limits=(LIMIT,)))
    call = _waiting(asking)
    walk = Walk(carry_out(call, call.approval_id))
    walk.give(_answered(asking), Stopped("limit", "task:t1:call"), Kept())

    assert walk.events == ["DecidedAgain Intended", "DecidedAgain Concluded"]
    assert worlds.codes(walk.ended.floors, Verdict.REFUSE) == ["limit.reached"]


def test_the_target_is_read_again_before_an_approved_call_acts() -> None:
    """A yes is for the record as it was; a record that changed is asked about anew."""
    asks = worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),))
    seen = worlds.context(worlds.boundary(asks, system=worlds.READING))
    walk = _proposed(seen)
    load = walk.now
    assert isinstance(load, Load)
    looked = replace(seen, proposal=load.proposal)
    first = walk.give(looked, Kept(), OPEN, Kept(), Kept()).ended
    assert first.approval is not None
    yes = replace(first.approval, state=ApprovalState.APPROVED)
    again = Walk(carry_out(first.call, first.call.approval_id))
    again.give(replace(seen, approval=yes, fresh="c_later"), looked, Kept(), SOLVED, Kept(), Kept())

    assert first.approval.target != ""
    assert again.events[-1] == "DecidedAgain Asked"
    assert again.ended.ending is Ending.WAITING


# --- What is closed without being sent, and what a crash left open. ---


def test_a_call_that_a_person_rejected_ends_refused() -> None:
    """One entry, with the reason."""
    call = _waiting(ASKING)
    no = reasons.refuse("approval.rejected", person="lea", because="wrong ticket")
    walk = Walk(close_unsent(call, no)).give(Kept())

    assert walk.events == ["Concluded"]
    assert (walk.ended.ending, walk.ended.action) == (Ending.REFUSED, None)
    assert walk.ended.floors == (no,)


def test_a_call_that_somebody_else_closed_is_left_to_them() -> None:
    """The row had moved on: nothing is claimed about it."""
    call = _waiting(ASKING)
    no = reasons.refuse("approval.expired")

    assert Walk(close_unsent(call, no)).give(Stopped("changed", "calls")).ended.taken_up


def test_an_intent_that_never_left_ends_refused() -> None:
    """Its action has failed, for certain."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(close_unsent(call, reasons.refuse("fence.closed"))).give(Kept())

    assert (walk.ended.ending, walk.ended.action) == (Ending.REFUSED, ActionState.FAILED)


def test_an_open_intent_without_a_key_is_in_doubt_and_not_sent() -> None:
    """At most once."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(resume_intent(call, again=False)).give(Kept())

    assert walk.events == ["Concluded Influenced"]  # what it said before it was lost counts
    assert walk.ended.action is ActionState.IN_DOUBT


def test_an_open_read_is_over_and_not_sent() -> None:
    """Whoever wanted it asks again."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED, level=Level.READ)
    walk = Walk(resume_intent(call, again=True)).give(Kept())

    assert [type(command) for command in walk.commands] == [Append]
    assert (walk.ended.ending, walk.ended.action) == (Ending.DONE, ActionState.FAILED)


def test_an_open_intent_with_a_key_is_sent_once_more_under_the_old_key() -> None:
    """After a new snapshot, with its fence."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(resume_intent(call, again=True)).give(ASKING)
    perform = walk.now

    assert perform == Perform(call=call, scopes=ASKING.scopes, epoch=7, may_be_asked=False)
    assert walk.give(DONE, Kept()).ended.action is ActionState.DONE


@pytest.mark.parametrize(
    "reply",
    [
        Answered(error={"code": -32603, "message": "not now"}),
        Answered(result={"isError": True, "content": []}),
        Answered(asks=Asks(requests={"q": {"method": "roots/list"}}, state="s")),
        Lost("no answer came"),
    ],
    ids=["error", "tool error", "question", "lost"],
)
def test_what_a_call_sent_once_more_says_of_itself_is_not_said_of_the_first(reply: Reply) -> None:
    """The first may have done it: only an answer that it was done settles a resent call."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(resume_intent(call, again=True)).give(ASKING, reply, Kept())

    assert (walk.ended.ending, walk.ended.action) == (Ending.WAITING, ActionState.IN_DOUBT)


@pytest.mark.parametrize(
    "seen",
    [
        replace(ASKING, quarantined=True),
        replace(ASKING, agent=replace(LIVE, active=False)),
        replace(ASKING, agent=None),
        replace(ASKING, switches=(worlds.switch(Verdict.ASK),)),
        replace(ASKING, switches=(worlds.switch(Verdict.REFUSE),)),
        replace(ASKING, stop_scopes=("everything",)),
        replace(ASKING, boundaries=()),
        replace(ASKING, boundaries=(worlds.boundary(tools={}),)),
        replace(ASKING, task=replace(worlds.TASK, closed=True)),
        replace(ASKING, task=None, boundaries=()),
    ],
    ids=[
        "quarantined",
        "agent off",
        "agent gone",
        "floor",
        "stop",
        "stop file",
        "no boundary",
        "tool not declared any more",
        "task closed",
        "task gone",
    ],
)
def test_an_open_intent_is_not_sent_once_more_against_what_was_set_since(seen: Context) -> None:
    """It stays in doubt, and a person looks."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(resume_intent(call, again=True)).give(seen, Kept())

    assert [type(command) for command in walk.commands] == [Load, Append]
    assert walk.ended.action is ActionState.IN_DOUBT


def test_an_intent_that_could_not_be_sent_once_more_stays_in_doubt() -> None:
    """This time it did not leave; whether it had left before is not known."""
    call = replace(_waiting(ASKING), action=ActionState.INTENDED)
    walk = Walk(resume_intent(call, again=True)).give(ASKING, CLOSED, Kept())

    assert walk.ended.action is ActionState.IN_DOUBT


# --- A world that answers nonsense. ---


@pytest.mark.parametrize(
    "replies",
    [
        (Kept(),),
        (REFUSED, Stopped("changed")),
        (ALLOWED, Kept(), Kept()),
        (ALLOWED, Kept(), DONE, Stopped("changed")),
    ],
    ids=["no snapshot", "entry turned back", "no answer", "outcome turned back"],
)
def test_a_reply_that_cannot_be_breaks_an_invariant(replies: tuple[Reply, ...]) -> None:
    """It is never taken as done."""
    with pytest.raises(InvariantError):
        _proposed(*replies)


def test_every_event_of_a_decision_is_of_the_same_call() -> None:
    """Ids, digest and verdict agree across what is written down."""
    walk = _proposed(ALLOWED, Kept(), DONE, Kept())
    calls = [
        event.call
        for command in walk.commands
        if isinstance(command, Append)
        for event in command.events
        if isinstance(event, (Decided, DecidedAgain, Intended, Concluded))
    ]

    assert {(call.id, call.digest, call.verdict) for call in calls} == {
        ("c1", walk.ended.call.digest, Verdict.ALLOW)
    }
