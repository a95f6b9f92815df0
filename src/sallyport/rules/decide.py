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
    permission.requester,
    authority.declared,
    authority.entries,
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
    checks = LOOK_UP_CHECKS if context.proposal.origin is Origin.GATEWAY else CHECKS
    floors = [floor for check in checks for floor in _run(check, context)]
    if not floors:
        floors = [_silence(context)]
    floors = [_eased(floor, context) for floor in floors]
    floors += _given(context)
    floors.sort(key=lambda floor: (-floor.verdict, floor.code))
    verdict = floors[0].verdict
    return Decision(
        verdict=verdict,
        floors=tuple(floors),
        question=question_of(context) if verdict is Verdict.ASK else None,
        entry=_entry(context),
    )


def question_of(context: Context) -> Question:
    """Return who must answer: as the boundary's entry says, else any reviewer or owner.

    Where two versions of the boundary ask, the active one names the people and the stricter
    numbers count.
    """
    asked = [q for q in (_asked(context, index) for index in range(len(context.rules))) if q]
    if not asked:
        return DEFAULT_QUESTION
    return Question(
        who=asked[0].who,
        how_many=max(question.how_many for question in asked),
        within_s=min(question.within_s for question in asked),
    )


def _asked(context: Context, index: int) -> Question | None:
    return authority.ruling_of(context, context.rules[index]).question


def _run(check: Check, context: Context) -> Iterable[Floor]:
    try:
        return list(check(context))
    except Exception:  # noqa: BLE001 (whatever went wrong, a check that failed to run refuses)
        return [reasons.refuse("check.failed", check=check.__name__)]


def _silence(context: Context) -> Floor:
    """A look-up that every check passes is allowed; nothing else is ever passed over in silence."""
    if context.proposal.origin is Origin.GATEWAY:
        return reasons.allow("level.default", level="read")
    return reasons.refuse("check.failed", check="all of them")


def _eased(floor: Floor, context: Context) -> Floor:
    """Return a floor as it stands after what people have said about this very call.

    Releasing a draft puts the question that the draft held back; a valid approval answers it.
    """
    verdict = floor.verdict
    if verdict is Verdict.DRAFT and context.proposal.origin is Origin.RELEASE:
        verdict = Verdict.ASK
    if verdict is Verdict.ASK and approvals.satisfies(context):
        verdict = Verdict.ALLOW
    return Floor(verdict=verdict, code=floor.code, words=floor.words)


def _given(context: Context) -> list[Floor]:
    if context.approval is None or not approvals.satisfies(context):
        return []
    people = ", ".join(answer.person for answer in context.approval.answers if answer.yes)
    own = any(answer.confirmed_own for answer in context.approval.answers)
    given = [reasons.allow("approval.given", people=people)]
    return [*given, reasons.allow("approval.own")] if own else given


def _entry(context: Context) -> str:
    if context.rule is None or context.proposal.origin is Origin.GATEWAY:
        return ""
    try:
        entry = authority.ruling_of(context, context.rule).entry
    except Exception:  # noqa: BLE001 (the check itself has refused already)
        return ""
    return entry.where if entry else ""
