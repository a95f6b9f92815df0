"""Decide one call. This is the only place where a call can become allowed.

Rules:
  1. Every check runs, even after a refusal: a reviewer must see every reason at once.
  2. A check states floors and cannot loosen; the strictest floor is the verdict.
  3. A check that raises refuses. A call that no check spoke about is refused.
  4. An approval satisfies *ask*, within its digest, boundary, target and end; it never lifts
     *draft* or *refuse*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sallyport.model import Decision, Floor, Origin, Question, Verdict
from sallyport.rules import approval as approvals
from sallyport.rules import reasons
from sallyport.rules.boundary.evaluate import Ruling
from sallyport.rules.checks import (
    authority,
    influence,
    limits,
    parameters,
    permission,
    request,
    switches,
)
from sallyport.rules.context import Context

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
    approved = approvals.satisfies(context)
    floors = [_eased(floor, context, approved=approved) for floor in floors]
    if approved:
        floors += _given(context)
    floors.sort(key=lambda floor: (-floor.verdict, floor.code))
    verdict = floors[0].verdict
    return Decision(
        verdict=verdict,
        floors=tuple(floors),
        question=_question(ruled) if verdict is Verdict.ASK else None,
        entry=next((r.entry.where for r in ruled if r.entry is not None), ""),
    )


def _checked(context: Context, checks: tuple[Check, ...]) -> list[Floor]:
    floors: list[Floor] = []
    for check in checks:
        try:
            floors += check(context)
        except Exception:  # noqa: BLE001 (whatever went wrong, a check that did not run refuses)
            floors.append(reasons.refuse("check.failed", check=check.__name__))
    return floors


def _ruled(context: Context) -> tuple[tuple[Ruling, ...], list[Floor]]:
    """Return what the boundary rules, and the floors that follow from it."""
    try:
        ruled = authority.rulings(context)
        return ruled, list(authority.entries(context, ruled))
    except Exception:  # noqa: BLE001 (as above: a boundary that cannot be applied refuses)
        return (), [reasons.refuse("check.failed", check="entries")]


def _question(ruled: tuple[Ruling, ...]) -> Question:
    """Return who must answer: as the boundary's entry says, else any reviewer or owner.

    Where two versions of the boundary ask, the active one names the people and the stricter
    numbers count.
    """
    asked = [ruling.question for ruling in ruled if ruling.question is not None]
    if not asked:
        return DEFAULT_QUESTION
    return Question(
        who=asked[0].who,
        how_many=max(question.how_many for question in asked),
        within_s=min(question.within_s for question in asked),
    )


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
