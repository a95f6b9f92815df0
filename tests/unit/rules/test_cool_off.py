"""How long a yes waits, by what it is to, and when its call may leave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import Approval, ApprovalState, CoolOff, Impact, Json, Level
from sallyport.rules import cool_off
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOW_US

POLICY = CoolOff(usual_s=30, money_s=600)
MONEY = frozenset({Impact.MONEY})
WAITS = worlds.question(
    worlds.context(worlds.boundary(worlds.rule(Level.EXTERNAL)), cool_off=POLICY)
)
AT_ONCE = worlds.question(worlds.context())


def _seconds(policy: CoolOff, level: Level, **more: object) -> int:
    seen = worlds.context(worlds.boundary(worlds.rule(level, **more)), cool_off=policy)
    return cool_off.seconds(seen)


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_what_leaves_the_house_and_what_nobody_can_take_back_waits(level: Level) -> None:
    """And longer where it moves money; nothing else waits, whatever it touches."""
    leaves = level is Level.EXTERNAL

    assert _seconds(POLICY, level) == (30 if leaves else 0)
    assert _seconds(POLICY, level, touches=MONEY) == (600 if leaves else 0)
    assert _seconds(POLICY, level, irreversible=True) == 30
    assert _seconds(POLICY, level, irreversible=True, touches=MONEY) == 600
    assert _seconds(POLICY, level, irreversible=True, touches=frozenset({Impact.ACCESS})) == 30


def test_money_never_waits_less_than_the_rest() -> None:
    """Whatever the settings say."""
    assert _seconds(CoolOff(usual_s=30, money_s=5), Level.EXTERNAL, touches=MONEY) == 30
    assert _seconds(CoolOff(), Level.EXTERNAL, touches=MONEY) == 0


def test_one_version_that_says_so_is_enough() -> None:
    """What the task began under has a say in what cannot be taken back, and in what moves money."""
    active = worlds.boundary(worlds.rule(Level.UPDATE))
    older = worlds.boundary(
        worlds.rule(Level.UPDATE, irreversible=True, touches=MONEY), digest="v0"
    )

    assert cool_off.seconds(worlds.context(active, older, cool_off=POLICY)) == 600


@pytest.mark.parametrize(
    "said, seconds", [(30, 30), (0, 0), (None, 0), ("30", 0), (True, 0), ([30], 0)], ids=str
)
def test_how_long_a_yes_waits_stands_in_what_it_signs(said: Json, seconds: int) -> None:
    """As a number of seconds; anything else is none."""
    assert cool_off.of({"cool_off_s": said}) == seconds
    assert cool_off.of({}) == 0


def test_the_time_runs_from_the_yes() -> None:
    """Of a question that was approved now; one that waits yet, or acts at once, has no time."""
    assert cool_off.begun(WAITS, NOW_US) == replace(WAITS, not_before_us=NOW_US + 30_000_000)
    assert cool_off.begun(AT_ONCE, NOW_US) == AT_ONCE
    for state in ApprovalState:
        if state is not ApprovalState.APPROVED:
            other = replace(WAITS, state=state)
            assert cool_off.begun(other, NOW_US) == other


@pytest.mark.parametrize(
    "approval, not_before_us, over",
    [
        (AT_ONCE, 0, True),
        (AT_ONCE, NOW_US, True),
        (AT_ONCE, NOW_US + 1, False),
        (WAITS, 0, False),
        (WAITS, 1, True),
        (WAITS, NOW_US, True),
        (WAITS, NOW_US + 1, False),
    ],
)
def test_a_call_leaves_when_the_time_is_over(
    approval: Approval, not_before_us: int, *, over: bool
) -> None:
    """To the microsecond; a yes whose time is not on record never counts."""
    asked = replace(approval, not_before_us=not_before_us)

    assert cool_off.is_over(asked, NOW_US) is over
    assert cool_off.runs(asked, NOW_US) is not over
    assert not cool_off.runs(replace(asked, state=ApprovalState.UNDONE), NOW_US)
