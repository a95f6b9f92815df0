"""Decide one call. This is the only place where a call can become allowed.

Rules:
  1. Every check runs, even after a refusal: a reviewer must see every reason at once.
  2. A check states floors and cannot loosen; the strictest floor is the verdict.
  3. A check that raises refuses. A call that no check spoke about is refused.
  4. Where two people broke the glass, *ask* is eased as well, of the boundary's own and no more.
  5. An approval satisfies *ask*, within its digest, boundary, target and end; it never lifts
     *draft* or *refuse*. So does a yes beforehand, within what it was said to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import attrgetter

from sallyport.model import Approval, Decision, Floor, Grant, Impact, Origin, Question, Verdict
from sallyport.rules import approval as approvals
from sallyport.rules import beforehand, break_glass, reasons
from sallyport.rules.boundary.evaluate import Ruling
from sallyport.rules.checks import (
    authority,
    crowded,
    influence,
    limits,
    parameters,
    permission,
    request,
    switches,
)
from sallyport.rules.context import Context
from sallyport.rules.waiting_rules import within_s

Check = Callable[[Context], Iterable[Floor]]

CHECKS: tuple[Check, ...] = (
    request.task,
    request.agent,
    request.answer,
    permission.requester,
    authority.declared,
    influence.untrusted,
    parameters.schema,
    limits.used_up,
    switches.by_hand,
)

LOOK_UP_CHECKS: tuple[Check, ...] = (
    request.task,
    authority.look_up,
    parameters.schema,
    switches.by_hand,
)
"""What the gateway's own reads must pass: they are bounded by the system file."""

_CODE, _VERDICT = attrgetter("code"), attrgetter("verdict")

DEFAULT_QUESTION = Question(who=("owner", "reviewer"))


def decide(context: Context) -> Decision:
    """Return what may happen to the proposed call, with every reason.

    Never raises: a check that fails is a refusal.

    Returns:
        The strictest verdict over all floors; floors strictest first, then by code. `question`
        is set exactly when the verdict is *ask*.
    """
    if context.proposal.origin is Origin.GATEWAY:
        ruled: tuple[Ruling, ...] = ()
        floors = _checked(context, LOOK_UP_CHECKS) or [_harmless()]
    else:
        ruled, stated = _ruled(context)
        floors = [*_checked(context, CHECKS), *stated] or [_silence()]
    if context.proposal.edited:
        floors.append(reasons.ask("edit.ask", person=context.proposal.by))
    answer = context.approval
    approved = (
        answer is not None and approvals.satisfies(context) and _covers(answer, ruled, context)
    )
    if approved or context.proposal.origin is Origin.RELEASE:
        floors = [_eased(floor, context, approved=approved) for floor in floors]
    grant = None if approved else _granted(context, floors, ruled)
    if approved:
        floors += _given(context)
    elif grant is not None:
        floors = [_eased(floor, context, approved=True) for floor in floors]
        floors.append(beforehand.given(grant))
    else:
        floors = break_glass.eased(floors, context)
    if context.crowded:
        floors += crowded.full(context, max(floor.verdict for floor in floors))
    if len(floors) > 1:
        floors.sort(key=_CODE)
        floors.sort(key=_VERDICT, reverse=True)
    verdict = floors[0].verdict
    return Decision(
        verdict=verdict,
        floors=tuple(floors),
        question=_question(ruled, context) if verdict is Verdict.ASK else None,
        entry=_entry(ruled),
        grant=grant.id if grant else "",
    )


def _checked(context: Context, checks: tuple[Check, ...]) -> list[Floor]:
    floors: list[Floor] = []
    for check in checks:
        try:
            floors.extend(check(context))
        except Exception:  # noqa: BLE001 (whatever went wrong, a check that did not run refuses)
            floors.append(reasons.refuse("check.failed", check=check.__name__))
    return floors


def _ruled(context: Context) -> tuple[tuple[Ruling, ...], list[Floor]]:
    """Return what the boundary rules, and the floors that follow from it."""
    try:
        ruled = authority.rulings(context)
        return ruled, authority.entries(context, ruled)
    except Exception:  # noqa: BLE001 (as above: a boundary that cannot be applied refuses)
        return (), [reasons.refuse("check.failed", check="entries")]


def _entry(ruled: tuple[Ruling, ...]) -> str:
    for ruling in ruled:
        if ruling.entry is not None:
            return ruling.entry.where
    return ""


def _question(ruled: tuple[Ruling, ...], context: Context) -> Question:
    """Return who must answer: as the boundary's entry says, else any reviewer or owner.

    Where several versions of the boundary ask, whoever all of them name may answer, and the
    stricter numbers count: naming more people is a widening, which a running task does not get.
    """
    asked = [ruling.question for ruling in ruled if ruling.question is not None]
    if not asked:
        touches = frozenset[Impact]().union(*(rule.touches for rule in context.rules))
        return replace(DEFAULT_QUESTION, within_s=within_s(context.level, touches))
    if len(asked) == 1:
        return asked[0]
    return Question(
        who=tuple(role for role in asked[0].who if all(role in one.who for one in asked)),
        how_many=max(question.how_many for question in asked),
        within_s=min(question.within_s for question in asked),
        needs_human=any(question.needs_human for question in asked),
    )


def _granted(context: Context, floors: list[Floor], ruled: tuple[Ruling, ...]) -> Grant | None:
    """Return the yes that somebody said beforehand to just what this call would ask."""
    grant = context.grant
    if grant is None or not beforehand.covers(grant, context, floors, _question(ruled, context)):
        return None
    return grant


def _covers(approval: Approval, ruled: tuple[Ruling, ...], context: Context) -> bool:
    """Return whether what was answered is at least what the entries ask now.

    Other facts may lead to another entry, and a baseline that was switched on asks as well.
    """
    if all(ruling.question is None for ruling in ruled):
        return True
    now, then = _question(ruled, context), approval.question
    return then.how_many >= now.how_many and set(then.who) <= set(now.who)


def _harmless() -> Floor:
    """A look-up that no check objects to is a read that the system file declares."""
    return reasons.allow("level.default", level="read")


def _silence() -> Floor:
    """Nothing spoke about the call, so nothing permitted it."""
    return reasons.refuse("check.failed", check="all of them")


def _eased(floor: Floor, context: Context, *, approved: bool) -> Floor:
    """Return a floor as it stands after what people have said about this very call.

    Releasing a draft puts the question that the draft held back; a valid approval answers it.
    """
    verdict = floor.verdict
    if verdict is Verdict.DRAFT and context.proposal.origin is Origin.RELEASE:
        verdict = Verdict.ASK
    if verdict is Verdict.ASK and approved:
        verdict = Verdict.ALLOW
    if verdict is floor.verdict:
        return floor
    return Floor(verdict=verdict, code=floor.code, words=floor.words)


def _given(context: Context) -> list[Floor]:
    if context.approval is None:
        return []
    people = ", ".join(answer.person for answer in context.approval.answers if answer.yes)
    given = [reasons.allow("approval.given", people=people)]
    if any(answer.confirmed_own for answer in context.approval.answers):
        given.append(reasons.allow("approval.own"))
    return given
