"""Counts that may not be passed: checked here for the reason, reserved in the commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sallyport.model import Boundary, Floor, Level, Limit
from sallyport.rules import reasons
from sallyport.rules.context import Context
from sallyport.rules.times import DAY_US

HOUR_US = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Reservation:
    """One use of one limit, taken inside the commit that records the intent."""

    counter: str
    at_most: int
    limit: Limit


def reservations(context: Context) -> tuple[Reservation, ...]:
    """Return what this call uses of the limits that count it, the tightest version first."""
    tightest: dict[str, Reservation] = {}
    for boundary in context.boundaries:
        for limit in boundary.workflow.limits:
            if _counts(limit, context):
                found = Reservation(counter_name(context, boundary, limit), limit.at_most, limit)
                kept = tightest.get(found.counter)
                if kept is None or found.at_most < kept.at_most:
                    tightest[found.counter] = found
    return tuple(tightest.values())


def used_up(context: Context) -> Iterator[Floor]:
    """Refuse when a limit has nothing left for this call."""
    for reserved in reservations(context):
        if context.counters.get(reserved.counter, 0) + 1 > reserved.at_most:
            yield reached(reserved.limit)


def reached(limit: Limit) -> Floor:
    """Return the floor of a limit that is used up."""
    return reasons.refuse(
        "limit.reached", limit=limit.name, at_most=str(limit.at_most), per=limit.per
    )


def counter_name(context: Context, boundary: Boundary, limit: Limit) -> str:
    """Return the counter's name, which holds its window: a new hour is a new counter."""
    windows = {
        "task": f"task:{context.proposal.task_id}",
        "hour": f"{boundary.workflow.name}:hour:{context.now_us // HOUR_US}",
        "day": f"{boundary.workflow.name}:day:{context.now_us // DAY_US}",
    }
    return f"{windows[limit.per]}:{limit.counts}"


def _counts(limit: Limit, context: Context) -> bool:
    if context.proposal.origin == "gateway":
        return False
    level = context.level
    return limit.counts in {"call", context.proposal.tool} or (
        limit.counts == "external" and level is Level.EXTERNAL
    )
