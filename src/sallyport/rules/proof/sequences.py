"""Many calls, one after the other: what a limit keeps them from, and what passes without it.

A limit says nothing of one call, so what refutes a claim about a limit is a sequence: each of its
calls is put before the evaluator, with what the calls before it have used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Final

from sallyport.model import (
    SUM_DIGITS,
    ArgumentRule,
    Boundary,
    Constraint,
    Decision,
    Json,
    JsonObject,
    Level,
    Limit,
    Money,
    Operator,
    ToolRule,
    Verdict,
)
from sallyport.rules.boundary import units
from sallyport.rules.boundary.limit_words import SUM
from sallyport.rules.boundary.sums import names as may_have
from sallyport.rules.checks.limits import HOUR_US
from sallyport.rules.proof.found import Counterexample, told
from sallyport.rules.proof.inquiry import NOON_US, context_of, recorded
from sallyport.rules.proof.search import Case, near
from sallyport.rules.replay import Recorded, in_turn
from sallyport.rules.times import DAY_US

STEPS_MAX: Final = 20_000
CASES_MAX: Final = 600
SIZES_MAX: Final = 4
_HOURS: Final = 24
_HUGE: Final = 10**40
"""More than any limit lets pass, and than all that one call can hold adds up to."""


@dataclass(frozen=True, slots=True)
class _Use:
    """A call that is not refused by itself, and what it adds to what a limit counts."""

    tool: str
    case: Case
    amount: int


def keeps(boundary: Boundary, limit: Limit, largest: Callable[[int], bool]) -> bool:
    """Return whether it is certain that no more is counted than a limit would let pass.

    Args:
        boundary: The version in question.
        limit: The limit, which need not be one of its own.
        largest: Whether it is certain that no call adds more than so many millionths to it.
    """
    own = boundary.workflow.limits
    if any(_counts_alike(one, limit) and _most(one, limit) <= limit.at_most for one in own):
        return True
    if limit.counts != SUM:
        return False
    counted = (_most(one, limit) for one in own if _counts_all(one, limit, boundary))
    return any(calls <= limit.at_most and largest(limit.at_most // calls) for calls in counted)


def passing(new: Boundary, old: Boundary, limit: Limit, day: int) -> Counterexample | None:
    """Return a sequence whose last call one version refuses for a limit and another does not.

    Args:
        new: The version that may let it pass.
        old: A version with the limit.
        limit: The limit.
        day: The day of the calls, as `date.toordinal` counts them.
    """
    for use in _uses(new, old, limit, day):
        for calls in _sequences(use, new, limit):
            shown = _compare(calls, new, old, limit)
            if shown is not None:
                return shown
    return None


def at_most(limit: Limit, amount: int) -> dict[str, ArgumentRule]:
    """Return what says of a call that it adds no more than so many millionths to a sum."""
    most = Decimal(amount).scaleb(-SUM_DIGITS)
    bounds = ((Operator.AT_LEAST, -most), (Operator.AT_MOST, most))
    said = tuple(
        Constraint(operator=operator, bounds=(Money(number, limit.currency),))
        for operator, number in bounds
    )
    return {limit.argument: ArgumentRule(name=limit.argument, constraints=said)}


def sums(boundary: Boundary, limit: Limit) -> Iterator[tuple[str, ToolRule]]:
    """Yield the tools whose calls may add to a sum."""
    for tool, rule in boundary.workflow.tools.items():
        if tool not in boundary.workflow.never and may_have(rule, limit.argument):
            yield tool, rule


# --- What bounds what. ---


def _counts_alike(one: Limit, limit: Limit) -> bool:
    """Return whether a limit counts at least all that another counts."""
    same = (one.counts, one.argument, one.currency) == (
        limit.counts,
        limit.argument,
        limit.currency,
    )
    more = one.counts == "call" and not limit.currency
    return (same or more) and one.each in {"", limit.each} and _most(one, limit) < _HUGE


def _counts_all(one: Limit, limit: Limit, boundary: Boundary) -> bool:
    """Return whether a limit on calls counts every call that may add to a sum."""
    leaves = all(rule.level is Level.EXTERNAL for _, rule in sums(boundary, limit))
    every = one.counts == "call" or (one.counts == "external" and leaves)
    return every and one.each in {"", limit.each} and _most(one, limit) < _HUGE


def _most(one: Limit, limit: Limit) -> int:
    """Return how much a limit lets pass in the period of another; a huge number for any."""
    if one.per == limit.per:
        return one.at_most
    if limit.per == "hour" and one.per == "day":
        return one.at_most
    return one.at_most * _HOURS if (one.per, limit.per) == ("hour", "day") else _HUGE


# --- Sequences. ---


def _uses(new: Boundary, old: Boundary, limit: Limit, day: int) -> Iterator[_Use]:
    """Yield calls that both versions let pass by themselves, the largest of each tool first."""
    for tool, rule in new.workflow.tools.items():
        before = old.workflow.tools.get(tool)
        if before is None or tool in new.workflow.never:
            continue
        found: dict[int, _Use] = {}
        for case in islice(near((rule, before), day), CASES_MAX):
            amount = _amount(tool, case, new, old, limit)
            if amount and amount not in found:
                found[amount] = _Use(tool, case, amount)
        sizes = sorted(found, reverse=True)
        yield from (found[size] for size in sizes[:SIZES_MAX])


def _amount(tool: str, case: Case, new: Boundary, old: Boundary, limit: Limit) -> int:
    """Return what a call adds to a limit; 0 where a version refuses it whatever it adds."""
    free = replace(old, workflow=replace(old.workflow, limits=(replace(limit, at_most=_HUGE),)))
    call = recorded(case, tool, old)
    (decision, taken), (now, _) = (next(in_turn([call], one)) for one in (free, new))
    if Verdict.REFUSE in {decision.verdict, now.verdict}:
        # Where the call is too large for the limit in the other version, it says nothing here.
        return 0
    return sum(one.amount for one in taken)


def _sequences(use: _Use, new: Boundary, limit: Limit) -> Iterator[list[Recorded]]:
    """Yield calls that add up to more than a limit, and to no more than another version has."""
    kept = [one.at_most for one in new.workflow.limits if one.what == limit.what]
    room = min(kept, default=_HUGE)
    times = limit.at_most // use.amount
    last = use.amount if times * use.amount + use.amount <= room else room - times * use.amount
    if times >= STEPS_MAX or last <= 0:
        return
    call = recorded(use.case, use.tool, new)
    rule = new.workflow.tools[use.tool]
    end = call if last == use.amount else _of_amount(call, rule, limit, last)
    if end is not None:
        calls = [call] * times + [end]
        yield calls
        yield _spread(calls, limit, varied=())
        varied = {one.each for one in new.workflow.limits if one.each} - {limit.each}
        if varied:
            yield _spread(calls, limit, varied=sorted(varied))


def _of_amount(call: Recorded, rule: ToolRule, limit: Limit, amount: int) -> Recorded | None:
    """Return a call that adds so much to a sum; None where no argument says how much it adds."""
    if limit.counts != SUM:
        return None
    exact = Decimal(amount).scaleb(-SUM_DIGITS)
    number: Json = int(exact) if exact == exact.to_integral_value() else exact
    stated: JsonObject = {"amount": number, "currency": limit.currency}
    is_counted = limit.argument in rule.units
    told: JsonObject = {limit.argument: stated if is_counted else number}
    return replace(call, args={**call.args, **units.sent(rule.units, told)})


def _spread(calls: list[Recorded], limit: Limit, *, varied: Iterable[str]) -> list[Recorded]:
    """Return calls that lie apart, as far as a limit counts them together.

    Args:
        calls: The calls, all at noon and in one task.
        limit: What counts them.
        varied: Arguments that have another value in each call.
    """
    hour = limit.per == "hour"
    start = calls[0].at_us if hour else calls[0].at_us - NOON_US
    step = (HOUR_US if hour else DAY_US) // len(calls)
    return [
        replace(
            _varied(call, varied, number),
            at_us=start + number * step,
            task="" if limit.per == "task" else f"task {number}",
        )
        for number, call in enumerate(calls)
    ]


def _varied(call: Recorded, names: Iterable[str], number: int) -> Recorded:
    """Return a call with other values of some arguments, bound to its task where they were."""
    other: JsonObject = {name: _another(call.args.get(name), number) for name in names}
    inputs = {
        name: next((other[one] for one in other if call.args.get(one) == value), value)
        for name, value in call.inputs.items()
    }
    kept = {name: value for name, value in other.items() if name in call.args}
    return replace(call, args={**call.args, **kept}, inputs=inputs)


def _another(value: Json, number: int) -> Json:
    """Return one of many values like a text; what is no text stays as it is."""
    if not isinstance(value, str) or not number:
        return value
    local, at, rest = value.partition("@")
    return f"{local}{number}{at}{rest}"


def _compare(
    calls: list[Recorded], new: Boundary, old: Boundary, limit: Limit
) -> Counterexample | None:
    """Return the sequence, if the evaluator confirms that its last call alone differs."""
    was, now = (_decided(calls, one) for one in (old, new))
    if was is None or now is None or was.verdict <= now.verdict:
        return None
    last = calls[-1]
    context: JsonObject = {
        **context_of(last),
        "earlier_calls": len(calls) - 1,
        "each_of_them": {"tool": calls[0].tool, "args": calls[0].args},
        "spread": _way(calls, limit),
        "limit": f"{limit.name}: {limit.told(limit.at_most)}",
    }
    return Counterexample(
        tool=last.tool, args=last.args, context=context, was=told(was), now=told(now)
    )


def _way(calls: list[Recorded], limit: Limit) -> str:
    """Return how calls are spread, for people."""
    first, last = calls[0], calls[-1]
    tasks = "each in a task of its own" if last.task else "in one task"
    hours = ", over the hours of the day" if last.at_us - first.at_us > HOUR_US else ""
    changed = {name for name, value in last.args.items() if first.args.get(name) != value}
    values = ", each with other values" if changed - {limit.argument} else ""
    return f"{tasks}{hours}{values}"


def _decided(calls: list[Recorded], boundary: Boundary) -> Decision | None:
    """Return what is said of the last call; None where one before it is refused."""
    decisions = (decision for decision, _ in in_turn(calls, boundary))
    if any(one.verdict is Verdict.REFUSE for one in islice(decisions, len(calls) - 1)):
        return None
    return next(decisions)
