"""Counts and sums that may not be passed: checked here for the reason, reserved in the commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from sallyport.model import Boundary, Floor, Level, Limit, ToolRule
from sallyport.rules import reasons
from sallyport.rules.boundary.limit_words import COST, SUM
from sallyport.rules.boundary.sums import apart, millionths, summed
from sallyport.rules.context import Context
from sallyport.rules.times import DAY_US

HOUR_US = 3600 * 1_000_000


_Counted: TypeAlias = "tuple[Boundary, Limit, int | None]"
"""A limit that counts a call, the version that has it, and how much the call adds to it."""


class Reservation(NamedTuple):
    """What one call uses of one limit, taken inside the commit that records the intent.

    `counter` holds the window, and for whom it counts in a form that names nobody.
    """

    counter: str
    at_most: int
    limit: Limit
    amount: int = 1

    @property
    def noted(self) -> str:
        """The counter's name as the clear part of the ledger may keep it: without for whom."""
        return self.counter.rpartition(":")[0] if self.limit.each else self.counter


def reservations(context: Context) -> tuple[Reservation, ...]:
    """Return what this call uses of the limits that count it; of two versions, the tighter.

    What cannot be told is not among them: `used_up` refuses such a call.
    """
    return _tightest(context, _counting(context))


def _tightest(context: Context, counting: list[_Counted]) -> tuple[Reservation, ...]:
    tightest: dict[str, Reservation] = {}
    for boundary, limit, amount in counting:
        if amount:
            for one in apart(limit, context.proposal.args) if limit.each else ("",):
                counter = counter_name(context, boundary, limit, one)
                found = Reservation(counter, limit.at_most, limit, amount)
                kept = tightest.get(counter)
                tightest[counter] = found if kept is None else _tighter(found, kept)
    return tuple(tightest.values())


def used_up(context: Context) -> Iterable[Floor]:
    """Refuse when a limit does not leave what this call would use, or cannot tell what that is."""
    counting, used = _counting(context), context.counters
    floors = [
        reached(reserved)
        for reserved in _tightest(context, counting)
        if used.get(reserved.counter, 0) + reserved.amount > reserved.at_most
    ]
    floors += [_untold(limit) for _, limit, amount in counting if amount is None]
    return floors


def _untold(limit: Limit) -> Floor:
    return reasons.refuse(
        "limit.untold", limit=limit.name, argument=limit.argument, currency=limit.currency
    )


def reached(reserved: Reservation) -> Floor:
    """Return the floor of a limit that does not leave what was to be reserved."""
    limit = reserved.limit
    name, most, per = limit.name, limit.told(limit.at_most), limit.per
    if limit.currency:
        amount = limit.told(reserved.amount)
        return reasons.refuse("limit.sum", limit=name, at_most=most, per=per, amount=amount)
    if limit.each:
        return reasons.refuse("limit.each", limit=name, at_most=most, per=per, each=limit.each)
    return reasons.refuse("limit.reached", limit=name, at_most=most, per=per)


def counter_name(context: Context, boundary: Boundary, limit: Limit, one: str) -> str:
    """Return the counter's name, which holds its window: a new hour is a new counter.

    Args:
        context: The call.
        boundary: The version that has the limit.
        limit: The limit.
        one: For whom it counts, where it counts apart; else empty.
    """
    if limit.per == "task":
        window = f"task:{context.proposal.task_id}"
    else:
        number = context.now_us // (HOUR_US if limit.per == "hour" else DAY_US)
        window = f"{boundary.workflow.name}:{limit.per}:{number}"
    if not limit.currency and not limit.each:
        return f"{window}:{limit.counts}"
    counted = (limit.counts, limit.argument, limit.currency, limit.each, one)
    return ":".join((window, *filter(None, counted)))


def _counting(context: Context) -> list[_Counted]:
    """Return the limits that count this call, each with the version that has it."""
    if context.proposal.origin == "gateway":
        return []
    return [
        (boundary, limit, _amount(context, boundary, limit) if limit.currency else 1)
        for boundary in context.boundaries
        for limit in boundary.workflow.limits
        if limit.counts == "call" or _counts(limit, context)
    ]


def _counts(limit: Limit, context: Context) -> bool:
    return limit.counts in {SUM, COST, context.proposal.tool} or (
        limit.counts == "external" and context.level is Level.EXTERNAL
    )


def _amount(context: Context, boundary: Boundary, limit: Limit) -> int | None:
    """Return what this call adds to what a limit counts; None where that cannot be told."""
    rule = boundary.workflow.tools.get(context.proposal.tool)
    if rule is None:
        return 0
    if limit.counts == COST:
        return _cost(boundary, rule, limit)
    return summed(rule, limit, context.proposal.args)


def _cost(boundary: Boundary, rule: ToolRule, limit: Limit) -> int:
    """Return what the system states that a call costs; a tool without a cost is free."""
    system = boundary.systems.get(rule.system)
    plumbing = system.tools.get(rule.tool) if system else None
    cost = plumbing.cost if plumbing else None
    return millionths(cost.amount) if cost and cost.currency == limit.currency else 0


def _tighter(found: Reservation, kept: Reservation) -> Reservation:
    """Return the stricter of two reservations of one counter."""
    low = min(found, kept, key=lambda one: one.at_most)
    return Reservation(low.counter, low.at_most, low.limit, max(found.amount, kept.amount))
