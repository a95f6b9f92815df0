"""The eight steps of one call, as a generator of commands. Read this after `model.py`.

    1 request      the proposal arrives, with the task its credential names
    2 context      `Load`: one snapshot; then the gateway's own reads, each a call of its own
    3 proposal     inside the boundary, or refused      } `decide` runs every check,
    4 validation   all checks run and report            } the strictest floor wins
    5 approval     *ask* stores a question and ends here; `carry_out` goes on after the answer
    6 action       `Append` the intent, `Perform`, and only then believe that anything happened
    7 log          every `Append` is a ledger entry: decision and intent before, outcome after
    8 recovery     what a crash leaves behind is closed by `recover`; nothing is retried blindly

Rules:
  * No effect without an intent that is durable first, in the same commit as its guards.
  * After a stop the fence of `Append` or of `Perform` is closed, and the call is decided anew.
  * An answered question is decided anew: context, look-ups and all checks, right before acting.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TypeAlias

from sallyport.errors import InvariantError
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Call,
    Decision,
    Draft,
    DraftState,
    Ending,
    Floor,
    Level,
    Lookup,
    Origin,
    Plumbing,
    Proposal,
    Question,
    Recovery,
    Verdict,
)
from sallyport.rules import canonical, look_ups, reasons
from sallyport.rules.checks import authority, parameters, request, switches
from sallyport.rules.checks.limits import Reservation, reached, reservations
from sallyport.rules.commands import (
    Answered,
    Append,
    Asked,
    Command,
    Concluded,
    Decided,
    DecidedAgain,
    Ended,
    Event,
    Influenced,
    Intended,
    Kept,
    Load,
    LookedUp,
    Lost,
    NotSent,
    Perform,
    Reply,
    Stopped,
    Stored,
)
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.times import SECOND_US

Steps: TypeAlias = "Generator[Command, Reply, Ended]"

# A stop, a floor or a new boundary between decision and intent sends a call back to step 2. More
# rounds than this mean that somebody changes authority faster than a call can be decided.
ROUNDS_MAX = 8


def govern(proposal: Proposal) -> Steps:
    """Take a new proposal through the eight steps.

    Returns:
        How it ended: done, refused, stored as a draft, or waiting for a person. An identical
        proposal whose result was not delivered yet ends as that earlier call.
    """
    context = yield from _load(Load(proposal=proposal))
    if context.earlier is not None:
        return Ended(call=context.earlier, taken_up=True)
    for _ in range(ROUNDS_MAX):
        seen = yield from _look_up(context)
        decision = _decide(seen)
        call = _call(seen.context, decision)
        ended = yield from _settle(call, decision, seen)
        if ended is not None:
            return ended
        context = yield from _load(Load(proposal=proposal))
    return (yield from _give_up(context))


def carry_out(call: Call, approval_id: str) -> Steps:
    """Go on with a call that waited, now that its question was answered with yes.

    Everything is read and decided again. What changed since makes the answer stale: the question
    is put anew where the verdict is still *ask*, and the call is refused where it is stricter.
    An answer that somebody else used, or that expired meanwhile, leaves the call to them.
    """
    wanted = Load(proposal=call.proposal, approval_id=approval_id, taken_up=True)
    context = yield from _load(wanted)
    for _ in range(ROUNDS_MAX):
        if context.approval is None or context.approval.state is not ApprovalState.APPROVED:
            return Ended(call=call, taken_up=True)
        seen = yield from _look_up(context)
        ended = yield from _settle_again(call, _decide_again(call, seen), seen)
        if ended is not None:
            return ended
        context = yield from _load(wanted)
    decision = Decision(verdict=Verdict.REFUSE, floors=(_too_busy(),))
    return (yield from _refuse_again(DecidedAgain(call=call, decision=decision, context=context)))


def close_asked(call: Call) -> Steps:
    """Close a call whose system waited for an answer in mid-work, and waits no more.

    A read had no effect; of anything else nobody knows what was done already.
    """
    ending = Ending.REFUSED if call.level is Level.READ else Ending.WAITING
    action = ActionState.FAILED if call.level is Level.READ else ActionState.IN_DOUBT
    why = (reasons.refuse("answer.none"),) if call.level is Level.READ else ()
    return (yield from _conclude(call, ending, action, why=why, was=Ending.ASKED))


def close_unsent(call: Call, why: Floor) -> Steps:
    """Close a call that waits, or an intent that certainly never left, as refused."""
    action = ActionState.FAILED if call.action is ActionState.INTENDED else call.action
    return (yield from _conclude(call, Ending.REFUSED, action, why=(why,)))


def resume_intent(call: Call, *, again: bool, plumbing: Plumbing | None = None) -> Steps:
    """Close an intent that a crash left open: it may have left, or not.

    A read had no effect. A probe, where one is declared, tells whether it happened. A call whose
    system knows its idempotency key goes through context, checks and fence again, and out under
    the old key. Everything else is in doubt.

    Args:
        call: The call, as the database has it.
        again: Whether the system still knows the key, if it knows keys at all.
        plumbing: How its tool is handled, by the boundary it was decided under.
    """
    plumbing = plumbing or Plumbing()
    lost = Lost("the gateway ended while the call was out")
    if call.level is Level.READ:
        return (yield from _outcome(call, lost, ()))
    if plumbing.recovery is Recovery.PROBE and plumbing.probe is not None:
        return (yield from _probe(call, plumbing, plumbing.probe))
    if not again:
        return (yield from _outcome(call, lost, ()))
    context = yield from _load(
        Load(proposal=call.proposal, approval_id=call.approval_id, taken_up=True)
    )
    if not _may_resend(context):
        return (yield from _outcome(call, lost, ()))
    reply = yield Perform(call=call, scopes=context.scopes, epoch=context.epoch)
    if isinstance(reply, NotSent):
        reply = lost
    return (yield from _outcome(call, reply, ()))


def _probe(call: Call, plumbing: Plumbing, probe: Lookup) -> Steps:
    """Read whether a lost call happened; where the read does not tell, it stays in doubt."""
    context = yield from _load(Load(proposal=call.proposal, taken_up=True))
    needed = look_ups.Needed(lookup=probe)
    ended = yield from _govern_look_up(look_ups.proposal(context, needed, 0))
    if ended.result is None or ended.result.get("isError") is True:
        return (yield from _outcome(call, Lost("the probe did not tell what happened"), ()))
    happened = look_ups.matches(plumbing.probe_expects, needed, ended.result, context)
    action = ActionState.DONE if happened else ActionState.FAILED
    return (yield from _conclude(call, Ending.DONE, action, answer=look_ups.probed(happened)))


def _may_resend(context: Context) -> bool:
    """Return whether nothing has been set against this call since it was intended.

    Limits were reserved and the approval was used by the intent itself, so only what can stop a
    call altogether is looked at: a task that is over, a boundary that no longer declares the tool,
    a quarantined tool, an agent that is off, and any switch, since nobody can be asked again about
    a call that may have left already.
    """
    if any(switches.by_hand(context)):
        return False
    checks = (request.task, request.agent, authority.declared, parameters.schema)
    floors = [floor for check in checks for floor in check(context)]
    return all(floor.verdict is not Verdict.REFUSE for floor in floors)


# --- Steps 1 and 2: the snapshot, and what the gateway reads for itself. ---


def _load(command: Load) -> Generator[Command, Reply, Context]:
    reply = yield command
    if not isinstance(reply, Context):
        raise InvariantError("a snapshot was asked for and something else came back")
    return reply


def _look_up(context: Context) -> Generator[Command, Reply, LookedUp]:
    """Read the facts and the target that the decision needs, unless it is refused without them."""
    wanted = look_ups.wanted(context)
    if not wanted:
        return LookedUp(context)
    if look_ups.refused_anyway(decide(context)):
        return LookedUp(context, skipped=True)
    facts = dict(context.facts)
    image = None
    for number, needed in enumerate(wanted):
        ended = yield from _govern_look_up(look_ups.proposal(context, needed, number))
        if ended.result is None or ended.result.get("isError") is True:
            return LookedUp(context, failed=(look_ups.failed(needed),))
        if needed.is_target:
            image = ended.result
        if needed.fact:
            facts[needed.fact] = look_ups.value(needed, ended.result)
    target = canonical.digest("target", image) if image is not None else ""
    return LookedUp(replace(context, facts=facts, target=target), image=image)


def _govern_look_up(proposal: Proposal) -> Steps:
    """Take one of the gateway's own reads through the same steps: bounded, decided and logged."""
    context = yield from _load(Load(proposal=proposal, taken_up=True))
    decision = decide(context)
    call = _call(context, decision)
    if decision.verdict is Verdict.ALLOW:
        ended = yield from _act(call, decision, LookedUp(context), events=())
        if ended is not None:
            return ended
        decision = replace(decision, verdict=Verdict.REFUSE)
    refused = replace(call, ending=Ending.REFUSED, verdict=Verdict.REFUSE, delivered=True)
    yield from _append(Decided(call=refused, decision=decision, context=context))
    return Ended(call=refused, floors=decision.floors)


def _decide(seen: LookedUp) -> Decision:
    decision = decide(seen.context)
    if seen.skipped:
        return look_ups.without_unread(decision)
    if not seen.failed:
        return decision
    return replace(
        decision, verdict=Verdict.REFUSE, floors=(*seen.failed, *decision.floors), question=None
    )


def _decide_again(call: Call, seen: LookedUp) -> Decision:
    """Decide a call anew; one that would leave as something else than was asked about is over."""
    decision = _decide(seen)
    if seen.context.call_digest == call.digest:
        return decision
    floors = (reasons.refuse("approval.stale"), *decision.floors)
    return replace(decision, verdict=Verdict.REFUSE, floors=floors, question=None)


# --- Steps 3 to 5: what the verdict leads to. None sends the call back to step 2. ---


def _settle(
    call: Call, decision: Decision, seen: LookedUp
) -> Generator[Command, Reply, Ended | None]:
    match decision.verdict:
        case Verdict.REFUSE:
            return (yield from _refuse(call, decision, seen.context))
        case Verdict.DRAFT:
            return (yield from _store(call, decision, seen.context))
        case Verdict.ASK:
            return (yield from _ask(call, decision, seen.context))
        case Verdict.ALLOW:
            return (yield from _act(call, decision, seen, events=()))


def _settle_again(
    call: Call, decision: Decision, seen: LookedUp
) -> Generator[Command, Reply, Ended | None]:
    again = DecidedAgain(call=call, decision=decision, context=seen.context)
    match decision.verdict:
        case Verdict.ALLOW:
            return (yield from _act(call, decision, seen, events=(again,)))
        case Verdict.ASK if decision.question is not None:
            return (yield from _ask_again(call, decision.question, again))
        case _:
            return (yield from _refuse_again(again))


def _refuse_again(again: DecidedAgain) -> Steps:
    why = again.decision.floors
    return (yield from _conclude(again.call, Ending.REFUSED, None, why=why, events=(again,)))


def _refuse(call: Call, decision: Decision, context: Context) -> Steps:
    refused = replace(call, ending=Ending.REFUSED, delivered=True)
    yield from _append(Decided(call=refused, decision=decision, context=context))
    return Ended(call=refused, floors=decision.floors)


def _store(
    call: Call, decision: Decision, context: Context
) -> Generator[Command, Reply, Ended | None]:
    stored = replace(call, ending=Ending.DRAFT, delivered=True)
    draft = Draft(
        id=_short_id("d", context.fresh),
        call_id=call.id,
        task_id=call.proposal.task_id,
        tool=call.proposal.tool,
        state=DraftState.STORED,
        stored_us=context.now_us,
    )
    kept = yield from _append_fenced(
        context, Decided(call=stored, decision=decision, context=context), Stored(draft=draft)
    )
    if not kept:
        return None
    return Ended(call=stored, floors=decision.floors, draft=draft)


def _ask(
    call: Call, decision: Decision, context: Context
) -> Generator[Command, Reply, Ended | None]:
    if decision.question is None:
        raise InvariantError("a verdict of *ask* without a question")
    approval = _approval(call, decision.question, context)
    waiting = replace(call, ending=Ending.WAITING, approval_id=approval.id)
    kept = yield from _append_fenced(
        context, Decided(call=waiting, decision=decision, context=context), Asked(approval=approval)
    )
    if not kept:
        return None
    return Ended(call=waiting, floors=decision.floors, approval=approval)


def _ask_again(
    call: Call, question: Question, again: DecidedAgain
) -> Generator[Command, Reply, Ended | None]:
    approval = _approval(call, question, again.context)
    waiting = replace(call, ending=Ending.WAITING, approval_id=approval.id)
    asked = Asked(approval=approval, again=call.approval_id)
    kept = yield from _append_fenced(again.context, replace(again, call=waiting), asked)
    if not kept:
        return None
    return Ended(call=waiting, floors=again.decision.floors, approval=approval)


# --- Steps 6 and 7: intent, effect, outcome. ---


def _act(
    call: Call, decision: Decision, seen: LookedUp, *, events: tuple[Event, ...]
) -> Generator[Command, Reply, Ended | None]:
    context = seen.context
    intended = replace(call, ending=Ending.WAITING, action=ActionState.INTENDED)
    taken = reservations(context)
    before = events or (Decided(call=intended, decision=decision, context=context),)
    intent = Intended(
        call=intended, reservations=taken, approval=context.approval, image=seen.image
    )
    reply = yield Append(events=(*before, intent), scopes=context.scopes, fence=context.epoch)
    if isinstance(reply, Stopped):
        return (yield from _turned_back(reply, call, decision, context, again=bool(events)))
    reply = yield Perform(call=intended, scopes=context.scopes, epoch=context.epoch)
    return (yield from _outcome(intended, reply, taken))


def _outcome(call: Call, reply: Reply, taken: tuple[Reservation, ...]) -> Steps:
    match reply:
        case Answered(asks=asks) if asks is not None:
            # A system that waits in the middle of its work may have done half of it.
            action = ActionState.SENT if asks.open else ActionState.FAILED
            return (yield from _conclude(call, Ending.ASKED, action, answer=reply))
        case Answered(result=result) if result is not None and result.get("isError") is not True:
            return (yield from _conclude(call, Ending.DONE, ActionState.DONE, answer=reply))
        case Answered():
            return (yield from _conclude(call, Ending.DONE, ActionState.FAILED, answer=reply))
        case NotSent(why):
            return (
                yield from _conclude(
                    call, Ending.REFUSED, ActionState.FAILED, why=(why,), given_back=taken
                )
            )
        case Lost(what) if call.level is Level.READ:
            error = Answered(error={"code": -32001, "message": what})
            return (yield from _conclude(call, Ending.DONE, ActionState.FAILED, answer=error))
        case Lost(what):
            ended = yield from _conclude(call, Ending.WAITING, ActionState.IN_DOUBT)
            return replace(ended, doubt=what)
        case _:
            raise InvariantError("an effect was asked for and something else came back")


def _conclude(
    call: Call,
    ending: Ending,
    action: ActionState | None,
    *,
    answer: Answered | None = None,
    why: tuple[Floor, ...] = (),
    given_back: tuple[Reservation, ...] = (),
    events: tuple[Event, ...] = (),
    was: Ending = Ending.WAITING,
) -> Steps:
    concluded = replace(call, ending=ending, action=action)
    answer = answer or Answered()
    conclusion = Concluded(
        call=concluded,
        result=answer.result,
        error=answer.error,
        why=why,
        given_back=given_back,
        asks=answer.asks,
        was=was,
    )
    reply = yield Append(events=(*events, conclusion, *_influence(concluded, answer)))
    if isinstance(reply, Stopped) and action is None:
        return Ended(call=call, taken_up=True)
    if not isinstance(reply, Kept):
        raise InvariantError("an outcome was turned back")
    return Ended(
        call=concluded, floors=why, result=answer.result, error=answer.error, asks=answer.asks
    )


def _influence(call: Call, answer: Answered) -> tuple[Influenced, ...]:
    """Whatever an upstream answers to an agent, errors and questions too, is text from outside.

    So is what it said of its progress, and that counts even where its answer was lost.
    """
    said = (answer.result or answer.error or answer.asks) is not None
    if call.proposal.origin is not Origin.AGENT or not (
        said or call.action is ActionState.IN_DOUBT
    ):
        return ()
    return (Influenced(agent=call.agent, instance=call.instance, source=call.proposal.tool),)


def _turned_back(
    stopped: Stopped, call: Call, decision: Decision, context: Context, *, again: bool
) -> Generator[Command, Reply, Ended | None]:
    """A guard closed inside the commit: go round again, or refuse where a limit is used up."""
    if stopped.why != "limit":
        return None
    floor = next(reached(r.limit) for r in reservations(context) if r.counter == stopped.subject)
    refused = replace(decision, verdict=Verdict.REFUSE, floors=(floor, *decision.floors))
    if again:
        over = DecidedAgain(call=call, decision=refused, context=context)
        return (yield from _refuse_again(over))
    return (yield from _refuse(call, refused, context))


def _give_up(context: Context) -> Steps:
    decision = Decision(verdict=Verdict.REFUSE, floors=(_too_busy(),))
    return (yield from _refuse(_call(context, decision), decision, context))


# --- Small things. ---


def _append(*events: Event) -> Generator[Command, Reply, None]:
    """Append events that have no effect to guard. A guard cannot close on them."""
    reply = yield Append(events=events)
    if not isinstance(reply, Kept):
        raise InvariantError("an entry without a guard was turned back")


def _append_fenced(context: Context, *events: Event) -> Generator[Command, Reply, bool]:
    reply = yield Append(events=events, scopes=context.scopes, fence=context.epoch)
    return isinstance(reply, Kept)


def _call(context: Context, decision: Decision) -> Call:
    task, system, boundary = context.task, context.system, context.active
    return Call(
        id=context.proposal.call_id,
        proposal=context.proposal,
        agent=task.agent if task else context.proposal.by,
        instance=task.instance if task else "",
        workflow=task.workflow if task else "",
        requester=task.requester if task else "",
        system=system.name if system else "",
        level=context.level,
        digest=context.call_digest,
        boundary=boundary.digest if boundary else "",
        ending=Ending.REFUSED,
        proposed_us=context.now_us,
        verdict=decision.verdict,
        idempotency_key=canonical.digest("idempotency", context.proposal.call_id)[:40],
    )


def _approval(call: Call, question: Question, context: Context) -> Approval:
    return Approval(
        id=_short_id("a", context.fresh),
        call_id=call.id,
        digest=call.digest,
        boundary=context.active.digest if context.active else "",
        question=question,
        state=ApprovalState.WAITING,
        asked_us=context.now_us,
        expires_us=context.now_us + question.within_s * SECOND_US,
        target=context.target,
    )


def _short_id(prefix: str, fresh: str) -> str:
    """Return an id short enough to type, derived from one that nobody can guess."""
    return f"{prefix}-{canonical.digest('short-id', [prefix, fresh])[:10]}"


def _too_busy() -> Floor:
    return reasons.refuse("gateway.unsettled", rounds=str(ROUNDS_MAX))
