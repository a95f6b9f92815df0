"""How long a yes waits before its call leaves, so that it can still be taken back.

Rules:
  1. What leaves the house, and what nobody can take back, waits after the yes. Nothing else does.
  2. How long stands in the object that every answer signs; the time it runs from is that of the
     last yes, by the gateway's clock. A yes whose time is not on record does not count.
  3. Waiting approves nothing: when it is over, everything is read and decided again.
"""

from __future__ import annotations

from dataclasses import replace

from sallyport.model import Approval, ApprovalState, Impact, JsonObject, Level
from sallyport.rules.context import Context
from sallyport.rules.times import SECOND_US


def seconds(context: Context) -> int:
    """Return how long a yes to this call waits; 0 for not at all."""
    irreversible = any(rule.irreversible for rule in context.rules)
    if context.level < Level.EXTERNAL and not irreversible:
        return 0
    moves_money = any(Impact.MONEY in rule.touches for rule in context.rules)
    policy = context.cool_off
    return max(policy.usual_s, policy.money_s) if moves_money else policy.usual_s


def of(made: JsonObject) -> int:
    """Return how long a yes waits by the object that it signs."""
    found = made.get("cool_off_s")
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def begun(approval: Approval, at_us: int) -> Approval:
    """Return a question with the time from which its call may leave, if it was approved now."""
    waits = of(approval.object)
    if approval.state is not ApprovalState.APPROVED or not waits:
        return approval
    return replace(approval, not_before_us=at_us + waits * SECOND_US)


def is_over(approval: Approval, now_us: int) -> bool:
    """Return whether nothing is left of the time in which a yes can be taken back."""
    if not of(approval.object):
        return approval.not_before_us <= now_us
    return 0 < approval.not_before_us <= now_us


def runs(approval: Approval, now_us: int) -> bool:
    """Return whether a yes waits now, and can be taken back."""
    return approval.state is ApprovalState.APPROVED and not is_over(approval, now_us)
