"""A yes beforehand: "and the next five of this kind on this task, until three o'clock".

Rules:
  1. Only to the routine (`rules.routine`), by the one person whom the question asked, for so many
     calls and so long, and never to what decides whom or how much: that stays as it was seen.
  2. It answers the very question that was asked, and nothing else. A call that any other check has
     something to say about asks by itself.
  3. It ends with the task, with any change of what is in force over it, and when somebody takes it
     back; then nothing more leaves under it. It is counted in the commit that records the intent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import (
    Ahead,
    Answer,
    Approval,
    ApprovalState,
    Boundary,
    Call,
    Floor,
    Grant,
    Json,
    JsonObject,
    Limit,
    Origin,
    Plumbing,
    Question,
    Verdict,
)
from sallyport.rules import canonical, reasons
from sallyport.rules.checks.limits import Reservation
from sallyport.rules.context import Context
from sallyport.rules.inert import plain
from sallyport.rules.routine import CHECKED, OF_COURSE, amounts, hides, out_of_course, too_serious
from sallyport.rules.times import SECOND_US

CALLS_MAX: Final = 20
HOURS_MAX: Final = 8
LASTS_US_MAX: Final = HOURS_MAX * 3600 * SECOND_US

STANDS: Final = frozenset({ApprovalState.APPROVED, ApprovalState.USED})
"""While the answer that it was said with counts, so may it."""

ASK: Final = "arg."
"""How a look-up names an argument of the call that it is for."""


# --- Whether it may be said. ---


def check(
    ahead: Ahead, approval: Approval, call: Call, boundary: Boundary | None, *, now_us: int
) -> None:
    """Check that somebody may say yes beforehand along with this answer.

    Args:
        ahead: What they would say.
        approval: The question that they answer with yes.
        call: The call that it is about.
        boundary: What the call was decided under.
        now_us: The time of the answer.

    Raises:
        BadInputError: It is for too many calls, too long, or names what is no argument.
        NotPermittedError: Such calls are each answered by themselves.
    """
    _check_size(ahead, call, now_us)
    why = refusal(approval, call, boundary)
    if why:
        raise NotPermittedError(
            f"such a call is answered by itself each time: {why}",
            fix="say yes to this one alone",
        )
    tied = sorted(set(ahead.free) & fixed(call, boundary))
    if tied:
        raise NotPermittedError(
            f"`{tied[0]}` decides whom it is about or how much, and stays as it is",
            fix="leave it out of what may differ",
        )
    if ahead.free and not fixed(call, boundary):
        raise NotPermittedError(
            "the system's file does not say which arguments decide whom it is about",
            fix="let nothing differ, or have `critical` or `before` declared for the tool",
        )


def refusal(approval: Approval, call: Call, boundary: Boundary | None) -> str:
    """Return why nobody may say yes beforehand to such calls; nothing where one may."""
    return next(_against(approval, call, boundary), "")


def _against(approval: Approval, call: Call, boundary: Boundary | None) -> Iterator[str]:
    """Yield everything that speaks against a yes beforehand."""
    rule = boundary.workflow.tools.get(call.proposal.tool) if boundary else None
    if rule is None:
        yield "its tool is not known here any more"
        return
    if call.proposal.origin is not Origin.AGENT or call.proposal.answers:
        yield "no agent proposes it as it stands"
    if approval.question.how_many > 1:
        yield f"{approval.question.how_many} people answer it"
    irreversible = rule.irreversible or approval.object.get("reversibility") == "false"
    serious = too_serious(max(call.level, rule.level), rule.touches, irreversible=irreversible)
    if serious:
        yield serious
    for name in amounts(rule, call.proposal.args):
        yield f"`{plain(name)}` is an amount"
    if out_of_course(approval.object.get("findings")):
        yield CHECKED


def fixed(call: Call, boundary: Boundary | None) -> frozenset[str]:
    """Return the arguments that may never differ, as far as the system's file declares them.

    What decides whom or how much, and what the record is looked up by that it is about.
    """
    system = boundary.systems.get(call.system) if boundary else None
    plumbing = (system.tools.get(call.proposal.tool) if system else None) or Plumbing()
    return frozenset({*plumbing.critical, *plumbing.units, *_looked_up_by(plumbing)})


def may_differ(approval: Approval, call: Call, boundary: Boundary | None) -> tuple[str, ...]:
    """Return the arguments that somebody may let differ, in order."""
    tied = fixed(call, boundary)
    if not tied or refusal(approval, call, boundary):
        return ()
    return tuple(name for name in sorted(call.proposal.args) if name not in tied)


def _check_size(ahead: Ahead, call: Call, now_us: int) -> None:
    if not 1 <= ahead.at_most <= CALLS_MAX:
        raise BadInputError(
            f"a yes beforehand is for 1 to {CALLS_MAX} calls", fix="name a number of these"
        )
    if not now_us < ahead.until_us <= now_us + LASTS_US_MAX:
        raise BadInputError(
            f"a yes beforehand ends within {HOURS_MAX} hours", fix="name an earlier end to come"
        )
    strange = [name for name in ahead.free if name not in call.proposal.args]
    if strange or len(set(ahead.free)) != len(ahead.free):
        raise BadInputError(
            "what may differ is not a list of the call's own arguments",
            fix=f"use names of {', '.join(sorted(call.proposal.args)) or '(none)'}",
        )


def _looked_up_by(plumbing: Plumbing) -> Iterable[str]:
    given = plumbing.before.args.values() if plumbing.before else ()
    texts = (value for value in given if isinstance(value, str) and value.startswith(ASK))
    return (text.removeprefix(ASK) for text in texts)


# --- Whether it covers a call. ---


def granted(grant_id: str, approval: Approval, answer: Answer) -> Grant | None:
    """Return what an answer said beforehand; None where it said nothing, or counts no more."""
    made, ahead = approval.object, answer.ahead
    action = made.get("action")
    if ahead is None or not isinstance(action, dict) or approval.state not in STANDS:
        return None
    args, meta = action.get("args"), action.get("meta")
    return Grant(
        id=grant_id,
        approval=approval.id,
        task=str(made.get("task")),
        tool=str(action.get("tool")),
        boundary=approval.boundary,
        person=answer.person,
        ahead=ahead,
        question=approval.question,
        args=args if isinstance(args, dict) else {},
        meta=meta if isinstance(meta, dict) else {},
        asked_for=asked_for(made.get("findings")),
    )


def asked_for(findings: Json) -> frozenset[str]:
    """Return the reasons of a question that a yes beforehand answers as well."""
    codes = findings if isinstance(findings, list) else []
    return OF_COURSE.intersection(str(code) for code in codes)


def fits(grant: Grant, context: Context) -> bool:
    """Return whether a proposed call is of the kind that was said yes to, whatever its verdict."""
    proposal = context.proposal
    boundary = context.active
    return (
        proposal.origin is Origin.AGENT
        and not proposal.answers
        and (grant.task, grant.tool) == (proposal.task_id, proposal.tool)
        and boundary is not None
        and grant.boundary == boundary.digest
        and context.now_us < grant.ahead.until_us
        and canonical.text(grant.meta) == canonical.text(proposal.meta)
        and _alike(grant, proposal.args)
    )


def covers(grant: Grant, context: Context, floors: Iterable[Floor], question: Question) -> bool:
    """Return whether a yes beforehand answers what this call would ask.

    Args:
        grant: The yes.
        context: What was seen of the call.
        floors: Everything that was said about it.
        question: What it would ask.
    """
    asks = {floor.code for floor in floors if floor.verdict is not Verdict.ALLOW}
    touches = [impact for rule in context.rules for impact in rule.touches]
    irreversible = any(rule.irreversible for rule in context.rules)
    return (
        fits(grant, context)
        and asks <= grant.asked_for
        and not too_serious(context.level, touches, irreversible=irreversible)
        and question.how_many == grant.question.how_many == 1
        and set(grant.question.who) <= set(question.who)
        and context.counters.get(counter(grant.id), 0) < grant.ahead.at_most
    )


def reservation(grant: Grant) -> Reservation:
    """Return what one call uses of a yes beforehand."""
    most = grant.ahead.at_most
    limit = Limit(name=grant.id, at_most=most, per="task", counts="grant")
    return Reservation(counter(grant.id), most, limit)


def given(grant: Grant) -> Floor:
    """Return the floor of a call that was said yes to beforehand."""
    return reasons.allow(
        "approval.ahead",
        person=grant.person,
        approval=grant.approval,
        at_most=str(grant.ahead.at_most),
    )


def counter(grant_id: str) -> str:
    """Return the counter of the calls that left under a yes beforehand."""
    return f"grant:{grant_id}"


def scope(grant_id: str) -> str:
    """Return the scope whose epoch rises when a yes beforehand ends."""
    return f"grant:{grant_id}"


def _alike(grant: Grant, args: JsonObject) -> bool:
    """Return whether a call's arguments are those that were seen, but for what may differ."""
    free = frozenset(grant.ahead.free)
    return args.keys() == grant.args.keys() and all(
        not hides(value) if name in free else canonical.text(value) == _kept(grant, name)
        for name, value in args.items()
    )


def _kept(grant: Grant, name: str) -> str:
    return canonical.text(grant.args[name])
