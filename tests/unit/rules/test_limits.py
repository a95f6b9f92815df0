"""Limits: what counts a call, in which window, and of which version."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Level, Limit, Money, Origin, Plumbing, Verdict
from sallyport.rules.boundary.sums import apart
from sallyport.rules.checks.limits import HOUR_US, Reservation, reached, reservations, used_up
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.reasons import say
from sallyport.rules.times import DAY_US
from tests.unit.rules import worlds
from tests.unit.rules.worlds import TOOL

PER_TASK = Limit(name="calls_per_task", at_most=3, per="task")
SENT = Limit(name="sent_per_hour", at_most=2, per="hour", counts="external")
ACTS = Limit(name="acts_per_day", at_most=2, per="day", counts=TOOL)


def _seen(*limits: Limit, level: Level = Level.READ, **more: object) -> Context:
    return worlds.context(worlds.boundary(worlds.rule(level), limits=limits), **more)


def _counters(seen: Context) -> list[str]:
    return [reserved.counter for reserved in reservations(seen)]


@given(used=st.integers(0, 10), at_most=st.integers(0, 10))
def test_a_limit_refuses_the_call_after_its_last(used: int, at_most: int) -> None:
    """A limit of n lets exactly n calls through."""
    seen = _seen(replace(PER_TASK, at_most=at_most), counters={"task:t1:call": used})

    assert (decide(seen).verdict is Verdict.REFUSE) == (used >= at_most)


def test_a_limit_says_what_is_used_up() -> None:
    """Its name, its number and its window."""
    seen = _seen(PER_TASK, counters={"task:t1:call": 3})

    assert [say(floor) for floor in used_up(seen)] == [
        "limit `calls_per_task` of 3 per task is used up"
    ]


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_what_leaves_the_house_counts_as_sent(level: Level) -> None:
    """A limit on *external* counts that level alone; one on a tool counts that tool."""
    other = replace(ACTS, name="others", counts="desk.other")
    names = [r.limit.name for r in reservations(_seen(SENT, ACTS, PER_TASK, other, level=level))]
    sent = ["sent_per_hour"] if level is Level.EXTERNAL else []

    assert names == [*sent, "acts_per_day", "calls_per_task"]


def test_a_new_hour_and_a_new_day_are_new_counters() -> None:
    """The window is in the counter's name, so nothing has to be reset."""
    limits = (PER_TASK, replace(SENT, counts="call"), ACTS)
    start = worlds.NOW_US - worlds.NOW_US % DAY_US
    first, same = _seen(*limits, now_us=start), _seen(*limits, now_us=start + HOUR_US - 1)
    hour, day = _seen(*limits, now_us=start + HOUR_US), _seen(*limits, now_us=start + DAY_US)

    assert _counters(first) == _counters(same)
    assert [a == b for a, b in zip(_counters(first), _counters(hour), strict=True)] == [
        True,
        False,
        True,
    ]
    assert [a == b for a, b in zip(_counters(first), _counters(day), strict=True)] == [
        True,
        False,
        False,
    ]


def test_tasks_do_not_share_a_limit_per_task_and_workflows_no_other() -> None:
    """The counter holds whom it counts."""
    other_task = replace(worlds.PROPOSAL, task_id="t2")
    here = _seen(PER_TASK, ACTS)
    there = _seen(PER_TASK, ACTS, proposal=other_task)
    elsewhere = worlds.context(worlds.boundary(limits=(ACTS,), name="other"))

    assert _counters(here)[0] != _counters(there)[0]
    assert _counters(here)[1] == _counters(there)[1]
    assert _counters(elsewhere)[0] != _counters(here)[1]


def test_of_two_versions_the_tighter_limit_counts() -> None:
    """One counter, one reservation, the smaller number."""
    versions = [
        worlds.boundary(limits=(replace(PER_TASK, at_most=most),), digest=f"v{most}")
        for most in (5, 3)
    ]
    for order in (versions, versions[::-1]):
        taken = reservations(worlds.context(*order))

        assert [(one.counter, one.at_most) for one in taken] == [("task:t1:call", 3)]


def test_a_limit_that_only_the_older_version_has_counts() -> None:
    """A task keeps the limits it began under."""
    seen = worlds.context(worlds.boundary(), worlds.boundary(limits=(PER_TASK,), digest="v0"))

    assert _counters(seen) == ["task:t1:call"]


def test_the_gateways_own_reads_use_no_limit() -> None:
    """A look-up is no step of the agent."""
    reading = replace(worlds.PROPOSAL, tool=worlds.LOOK, origin=Origin.GATEWAY)

    assert _counters(_seen(PER_TASK, proposal=reading)) == []


def test_a_counter_holds_its_window_and_what_it_counts() -> None:
    """Windows are hours and days since 1970, of the workflow; what is counted apart, digested."""
    limits = (
        PER_TASK,
        SENT,
        replace(ACTS, counts="call"),
        Limit(name="each", at_most=1, per="day", each="on"),
        Limit(name="sum", at_most=9, per="hour", counts="sum", argument="on", currency="EUR"),
        Limit(
            name="both",
            at_most=9,
            per="task",
            counts="sum",
            argument="on",
            currency="EUR",
            each="to",
        ),
    )
    proposal = replace(worlds.PROPOSAL, args={"on": Decimal("2.50"), "to": "T1"})
    seen = _seen(*limits, level=Level.EXTERNAL, now_us=50 * HOUR_US, proposal=proposal)
    (on,), (to,) = (apart(limits[number], proposal.args) for number in (3, 5))

    assert [(one.counter, one.noted, one.amount) for one in reservations(seen)] == [
        ("task:t1:call", "task:t1:call", 1),
        ("support:hour:50:external", "support:hour:50:external", 1),
        ("support:day:2:call", "support:day:2:call", 1),
        (f"support:day:2:call:on:{on}", "support:day:2:call:on", 1),
        ("support:hour:50:sum:on:EUR", "support:hour:50:sum:on:EUR", 2_500_000),
        (f"task:t1:sum:on:EUR:to:{to}", "task:t1:sum:on:EUR:to", 2_500_000),
    ]


def test_limits_say_what_of_them_is_used_up() -> None:
    """A count for each value names the argument and not the value; a sum says what it lacks."""
    each = Limit(name="each", at_most=1, per="day", each="on")
    total = Limit(
        name="sum", at_most=2_000_000, per="day", counts="sum", argument="on", currency="EUR"
    )
    proposal = replace(worlds.PROPOSAL, args={"on": Decimal("2.50")})
    seen = _seen(each, total, proposal=proposal)
    used = {one.counter: one.at_most for one in reservations(seen)}
    untold = replace(seen, proposal=replace(proposal, args={"on": "much"}))

    assert [say(floor) for floor in used_up(replace(seen, counters=used))] == [
        "limit `each` of 1 per day for each `on` is used up",
        "limit `sum` of 2.00 EUR per day does not leave the 2.50 EUR of this call",
    ]
    assert [say(floor) for floor in used_up(untold)] == [
        "limit `sum` cannot count `on`, which is no amount in EUR"
    ]


COSTS = Limit(name="cost_per_day", at_most=10, per="day", counts="cost", currency="EUR")
SUM = Limit(name="sum_per_day", at_most=10, per="day", counts="sum", argument="on", currency="EUR")


@pytest.mark.parametrize(
    "plumbing",
    [{}, {TOOL: Plumbing()}, {TOOL: Plumbing(cost=Money(Decimal(3), "USD"))}],
    ids=["unknown to its system", "without a cost", "in another currency"],
)
def test_a_tool_without_a_cost_in_its_currency_uses_nothing_of_a_limit_on_cost(
    plumbing: dict[str, Plumbing],
) -> None:
    """It reserves nothing, and passes where the limit is used up."""
    free = worlds.boundary(system=replace(worlds.PLAIN, tools=plumbing), limits=(COSTS,))

    assert reservations(worlds.context(free)) == ()
    assert list(used_up(worlds.context(free))) == []


def test_a_sum_of_a_version_that_has_not_the_tool_counts_nothing_of_it() -> None:
    """That version refuses the call by itself, and says no second thing about it."""
    older = worlds.boundary(limits=(SUM,), tools={}, digest="v0")
    seen = worlds.context(worlds.boundary(), older)

    assert reservations(seen) == ()
    assert list(used_up(seen)) == []


def test_a_call_counts_once_where_nobody_says_how_much() -> None:
    """As one under a yes that was given beforehand; of money, as its smallest part."""
    assert say(reached(Reservation("c1", 5, SUM))).endswith("leave the 0.000001 EUR of this call")
    assert Reservation("grant:g1", 5, PER_TASK).amount == 1
