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
from functools import partial
from typing import TypeAlias

from sallyport.errors import InvariantError
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Asks,
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
    Recovery,
    Verdict,
)
from sallyport.rules import (
    approval_object,
    beforehand,
    break_glass,
    canonical,
    cool_off,
    look_ups,
    reasons,
    trust,
)
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
    Recalled,
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
    for _ in range(ROUNDS_MAX):
        if context.earlier is not None:
            # Another version may make of this proposal what another is already: look each time.
            return Ended(call=context.earlier, taken_up=True)
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
    An answer that somebody else used, or that expired meanwhile, leaves the call to them; one that
    can still be taken back leaves it for later.
    """
    wanted = Load(proposal=call.proposal, approval_id=approval_id, taken_up=True)
    context = yield from _load(wanted)
    for _ in range(ROUNDS_MAX):
        if context.approval is None or context.approval.state is not ApprovalState.APPROVED:
            return Ended(call=call, taken_up=True)
        if cool_off.runs(context.approval, context.now_us):
            return Ended(call=call, approval=context.approval, taken_up=True)
        seen = yield from _look_up(context)
        kept = context.approval
        seen = _unless_changed(seen)
        ended = yield from _settle_again(call, _decide_again(call, seen, kept), seen, kept)
        if ended is not None:
            return ended
        context = yield from _load(wanted)
    decision = Decision(verdict=Verdict.REFUSE, floors=(_too_busy(),))
    return (yield from _refuse_again(DecidedAgain(call=call, decision=decision, context=context)))


def close_asked(call: Call, why: Floor | None = None) -> Steps:
    """Close a call whose system asked and gets no answer any more.

    A read had no effect, nor had a call whose system asked first; of anything else nobody knows
    what was done already.

    Args:
        call: The call.
        why: What ended it; without one, that the answer did not come in time.
    """
    floor = why or reasons.refuse("answer.none")
    if call.level is Level.READ or call.action is ActionState.FAILED:
        refused, failed = Ending.REFUSED, ActionState.FAILED
        return (yield from _conclude(call, refused, failed, why=(floor,), was=Ending.ASKED))
    told = (why,) if why is not None else ()
    return (
        yield from _conclude(call, Ending.WAITING, ActionState.IN_DOUBT, why=told, was=Ending.ASKED)
    )


def decline_asked(call: Call, asks: Asks) -> Steps:
    """Go on with a call whose system asked, without an answer for it.

    A system that waits in mid-work is told that it gets none, and says itself how the call ends.
    One that ended its request with the question has done nothing, and is not asked again. Under a
    stop not even that leaves: what would follow from it is a system's work.
    """
    if not asks.open:
        return (yield from close_asked(call, reasons.refuse("answer.declined")))
    context = yield from _load(Load(proposal=call.proposal, taken_up=True))
    stops = [one for one in switches.by_hand(context) if one.verdict is Verdict.REFUSE]
    if stops:
        return (yield from close_asked(call, stops[0]))
    reply = yield Perform(call=call, scopes=context.scopes, epoch=context.epoch, declines=asks)
    if isinstance(reply, NotSent):
        # The call itself left long ago: that the refusal did not says nothing of it.
        reply = Lost("its system waits for an answer that it cannot be refused")
    return (yield from _outcome(call, reply, (), was=Ending.ASKED))


def close_unsent(call: Call, why: Floor) -> Steps:
    """Close a call that waits, or an intent that certainly never left, as refused."""
    action = ActionState.FAILED if call.action is ActionState.INTENDED else call.action
    return (yield from _conclude(call, Ending.REFUSED, action, why=(why,)))


def resume_intent(call: Call, *, again: bool, plumbing: Plumbing | None = None) -> Steps:
    """Close an intent that a crash left open: it may have left, or not.

    A read had no effect. A probe, where one is declared, tells whether it happened. A call whose
    system knows its idempotency key goes through context, checks and fence again, and out under
    the old key; as in `_perform`, only an answer that it was done settles it. Everything else is in
    doubt.

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
    reply = yield Perform(call=call, scopes=context.scopes, epoch=context.epoch, may_be_asked=False)
    return (yield from _outcome(call, _settling(reply, lost), ()))


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
        floors = (reasons.refuse("fence.closed"), *decision.floors)
        decision = replace(decision, verdict=Verdict.REFUSE, floors=floors)
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


def _unless_changed(seen: LookedUp) -> LookedUp:
    """Return what was seen without the answers, if they were given about something else.

    What would be sent, for whom, to what and under what is put together once more and compared,
    digest by digest, with what was signed.
    """
    approval = seen.context.approval
    if approval is None or approval_object.holds(approval, seen.context, seen.image):
        return seen
    return replace(seen, context=replace(seen.context, approval=None))


def _decide_again(call: Call, seen: LookedUp, kept: Approval) -> Decision:
    """Decide a call anew; one that would leave as something else than was asked about is over.

    So is one that was approved as something else and would be asked about no more.
    """
    decision = _decide(seen)
    unasked = seen.context.approval is not kept and decision.verdict is Verdict.ALLOW
    if seen.context.call_digest == call.digest and not unasked:
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
            return (yield from _ask(call, decision, seen))
        case Verdict.ALLOW:
            return (yield from _act(call, decision, seen, events=()))


def _settle_again(
    call: Call, decision: Decision, seen: LookedUp, kept: Approval
) -> Generator[Command, Reply, Ended | None]:
    again = DecidedAgain(call=call, decision=decision, context=seen.context)
    match decision.verdict:
        case Verdict.ALLOW:
            return (yield from _act(call, decision, seen, events=(again,)))
        case Verdict.ASK:
            return (yield from _ask_again(call, again, seen, kept))
        case _:
            return (yield from _refuse_again(again))


def _refuse_again(again: DecidedAgain) -> Steps:
    why = again.decision.floors
    return (yield from _conclude(again.call, Ending.REFUSED, None, why=why, events=(again,)))


def _refuse(call: Call, decision: Decision, context: Context) -> Steps:
    refused = replace(call, ending=Ending.REFUSED, delivered=True, glass="")
    yield from _append(Decided(call=refused, decision=decision, context=context))
    return Ended(call=refused, floors=decision.floors)


def _store(
    call: Call, decision: Decision, context: Context
) -> Generator[Command, Reply, Ended | None]:
    stored = replace(call, ending=Ending.DRAFT, delivered=True)
    draft = Draft(
        id=approval_object.short_id("d", context.fresh),
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


def _ask(call: Call, decision: Decision, seen: LookedUp) -> Generator[Command, Reply, Ended | None]:
    context = seen.context
    approval = _approval(call, decision, seen)
    waiting = replace(call, ending=Ending.WAITING, approval_id=approval.id)
    kept = yield from _append_fenced(
        context, Decided(call=waiting, decision=decision, context=context), Asked(approval=approval)
    )
    if not kept:
        return None
    return Ended(call=waiting, floors=decision.floors, approval=approval)


def _ask_again(
    call: Call, again: DecidedAgain, seen: LookedUp, kept: Approval
) -> Generator[Command, Reply, Ended | None]:
    approval = _approval(call, again.decision, seen, replaces=kept)
    waiting = replace(call, ending=Ending.WAITING, approval_id=approval.id)
    asked = Asked(approval=approval, again=call.approval_id)
    if not (yield from _append_fenced(again.context, replace(again, call=waiting), asked)):
        return None
    return Ended(call=waiting, floors=again.decision.floors, approval=approval)


# --- Steps 6 and 7: intent, effect, outcome. ---


def _act(
    call: Call, decision: Decision, seen: LookedUp, *, events: tuple[Event, ...]
) -> Generator[Command, Reply, Ended | None]:
    context = seen.context
    intended = replace(call, ending=Ending.WAITING, action=ActionState.INTENDED)
    taken = _reserved(decision, context)
    before = events or (Decided(call=intended, decision=decision, context=context),)
    intent = Intended(
        call=intended, reservations=taken, approval=context.approval, image=seen.image
    )
    reply = yield Append(events=(*before, intent), scopes=context.scopes, fence=context.epoch)
    if isinstance(reply, Stopped):
        return (yield from _turned_back(reply, call, decision, context, again=bool(events)))
    reply = yield from _perform(intended, context)
    reply = _unless_waited_for(reply, context)
    ours = isinstance(reply, Answered) and trust.is_ours(reply.result or {}, context)
    return (yield from _outcome(intended, reply, taken, ours=ours))


def _perform(call: Call, context: Context) -> Generator[Command, Reply, Reply]:
    """Let a call leave, and again where its answer was lost and a second try can do no harm.

    Every try passes the fence, and is the same call under the same key. Once one was lost, only an
    answer that it was done settles anything: an error may be that of the second try alone, and so
    may a question, which is why none may be put then.
    """
    perform = Perform(call=call, scopes=context.scopes, epoch=context.epoch)
    reply = first = yield perform
    again = replace(perform, may_be_asked=call.level is Level.READ)
    for _ in range(look_ups.retries_of(context)):
        if not isinstance(reply, Lost):
            break
        reply = yield again
        if isinstance(reply, NotSent):
            return first
    if reply is first:
        return reply
    if isinstance(reply, Recalled):
        return replace(reply, sent=True)
    return reply if call.level is Level.READ else _settling(reply, first)


def _settling(reply: Reply, lost: Reply) -> Reply:
    """Return what settles a call whose first try was lost: an answer that it was done, if any."""
    return reply if _is_done(reply) else lost


def _unless_waited_for(reply: Reply, context: Context) -> Reply:
    """Return a reply, or a loss where a system in mid-work waited for an answer that did not leave.

    Its question counts as answered from the intent on, so nobody else asks what became of it.
    """
    if isinstance(reply, NotSent) and context.asks is not None and context.asks.open:
        return Lost("its system waited in mid-work for an answer that did not leave")
    return reply


def _is_done(reply: Reply) -> bool:
    result = reply.result if isinstance(reply, Answered) else None
    return result is not None and result.get("isError") is not True


def _outcome(
    call: Call,
    reply: Reply,
    taken: tuple[Reservation, ...],
    *,
    was: Ending = Ending.WAITING,
    ours: bool = False,
) -> Steps:
    conclude = partial(_conclude, call, was=was)
    match reply:
        case Answered(asks=asks) if asks is not None:
            # A system that waits in the middle of its work may have done half of it.
            action = ActionState.SENT if asks.open else ActionState.FAILED
            return (yield from conclude(Ending.ASKED, action, answer=reply))
        case Answered():
            done = _is_done(reply)
            action = ActionState.DONE if done else ActionState.FAILED
            return (yield from conclude(Ending.DONE, action, answer=reply, ours=ours and done))
        case NotSent(why):
            refused, failed = Ending.REFUSED, ActionState.FAILED
            return (yield from conclude(refused, failed, why=(why,), given_back=taken))
        case Lost(what) if call.level is Level.READ:
            error = Answered(error={"code": -32001, "message": what})
            return (yield from conclude(Ending.DONE, ActionState.FAILED, answer=error))
        case Lost(what):
            ended = yield from conclude(Ending.WAITING, ActionState.IN_DOUBT)
            return replace(ended, doubt=what)
        case Recalled():
            return (yield from _take_back(call, reply, taken, was))
        case _:
            raise InvariantError("an effect was asked for and something else came back")


def _take_back(call: Call, reply: Recalled, taken: tuple[Reservation, ...], was: Ending) -> Steps:
    """Close a call that its agent took back. Of what may have happened somebody is still told."""
    why = (reply.why,)
    in_mid_work = was is Ending.ASKED or bool(call.proposal.answers)
    if not (reply.sent or in_mid_work):
        refused, failed = Ending.REFUSED, ActionState.FAILED
        return (yield from _conclude(call, refused, failed, why=why, given_back=taken, owed=False))
    if call.level is Level.READ:
        heard = _entered(call)
        refused, failed = Ending.REFUSED, ActionState.FAILED
        return (
            yield from _conclude(call, refused, failed, why=why, was=was, owed=False, events=heard)
        )
    ended = yield from _conclude(call, Ending.WAITING, ActionState.IN_DOUBT, why=why, was=was)
    return replace(ended, doubt=reasons.say(reply.why))


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
    owed: bool = True,
    ours: bool = False,
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
        owed=owed,
    )
    heard = () if ours else _influence(concluded, answer)
    reply = yield Append(events=(*events, conclusion, *heard))
    if isinstance(reply, Stopped) and (action is None or was is Ending.ASKED):
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
    return _entered(call)


def _entered(call: Call) -> tuple[Influenced, ...]:
    return (Influenced(agent=call.agent, instance=call.instance, source=call.proposal.tool),)


def _turned_back(
    stopped: Stopped, call: Call, decision: Decision, context: Context, *, again: bool
) -> Generator[Command, Reply, Ended | None]:
    """A guard closed inside the commit: go round again, or refuse where a limit is used up."""
    floor = _limit_reached(stopped, context)
    if floor is None:
        return None
    refused = replace(decision, verdict=Verdict.REFUSE, floors=(floor, *decision.floors))
    if again:
        over = DecidedAgain(call=call, decision=refused, context=context)
        return (yield from _refuse_again(over))
    return (yield from _refuse(call, refused, context))


def _limit_reached(stopped: Stopped, context: Context) -> Floor | None:
    """Return the floor of a limit that others used up meanwhile; None for any other guard.

    A yes beforehand that is used up is no limit: the call is decided anew, and asks.
    """
    if stopped.why != "limit":
        return None
    mine = (one for one in reservations(context) if one.counter == stopped.subject)
    return next((reached(one) for one in mine), None)


def _reserved(decision: Decision, context: Context) -> tuple[Reservation, ...]:
    """Return what a call uses of limits, and of the yes beforehand that it leaves under."""
    taken = reservations(context)
    if not decision.grant or context.grant is None:
        return taken
    return (*taken, beforehand.reservation(context.grant))


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
        glass=break_glass.used(decision),
    )


def _approval(
    call: Call, decision: Decision, seen: LookedUp, replaces: Approval | None = None
) -> Approval:
    context, question, active = seen.context, decision.question, seen.context.active
    if question is None or active is None:
        raise InvariantError("a verdict of *ask* without a question or a boundary")
    approval_id = approval_object.short_id("a", context.fresh)
    expires_us = context.now_us + question.within_s * SECOND_US
    made = approval_object.build(
        context,
        approval=approval_id,
        nonce=approval_object.nonce_of(context.fresh),
        findings=decision.floors,
        expires_us=expires_us,
        before=seen.image,
        replaces=replaces,
    )
    return Approval(
        id=approval_id,
        call_id=call.id,
        digest=call.digest,
        boundary=active.digest,
        question=question,
        state=ApprovalState.WAITING,
        asked_us=context.now_us,
        expires_us=expires_us,
        target=context.target,
        about=approval_object.digest(made),
        object=made,
    )


def _too_busy() -> Floor:
    return reasons.refuse("gateway.unsettled", rounds=str(ROUNDS_MAX))
