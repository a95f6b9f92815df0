"""Moments in the forms that people read: days and times of day, in UTC."""

from __future__ import annotations

from datetime import date

import pytest

from sallyport.rules.times import DAY_US, SECOND_US, today, utc

NOON_US = 1_767_268_800 * 1_000_000
"""2026-01-01 12:00:00 UTC."""


def test_a_second_has_a_million_microseconds_and_a_day_86400_seconds() -> None:
    """Every time in the ledger is counted in them."""
    assert (SECOND_US, DAY_US) == (1_000_000, 86_400 * 1_000_000)


@pytest.mark.parametrize(
    "at_us, day",
    [
        (0, date(1970, 1, 1)),
        (DAY_US - 1, date(1970, 1, 1)),
        (DAY_US, date(1970, 1, 2)),
        (-1, date(1969, 12, 31)),
        (NOON_US, date(2026, 1, 1)),
        (NOON_US + DAY_US // 2 - 1, date(2026, 1, 1)),
        (NOON_US + DAY_US // 2, date(2026, 1, 2)),
    ],
)
def test_a_day_begins_at_midnight_utc(at_us: int, day: date) -> None:
    """To the microsecond, wherever the gateway stands."""
    assert today(at_us) == day


def test_a_moment_is_read_to_the_second_in_utc() -> None:
    """What is less than a second is left away, and never rounded up."""
    assert utc(NOON_US) == "2026-01-01 12:00:00 UTC"
    assert utc(NOON_US + 59 * SECOND_US + 999_999) == "2026-01-01 12:00:59 UTC"
