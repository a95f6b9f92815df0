"""Microseconds into the forms people read. Pure: the time itself always comes from outside."""

from __future__ import annotations

from datetime import UTC, date, datetime

SECOND_US = 1_000_000
DAY_US = 24 * 3600 * SECOND_US
_EPOCH = date(1970, 1, 1).toordinal()


def today(now_us: int) -> date:
    """Return the UTC day that a moment falls on."""
    return date.fromordinal(_EPOCH + now_us // DAY_US)


def utc(at_us: int) -> str:
    """Return a moment as people read it: `2026-11-21 09:30:00 UTC`."""
    moment = datetime.fromtimestamp(at_us // SECOND_US, tz=UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
