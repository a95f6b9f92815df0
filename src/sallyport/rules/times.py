"""Microseconds into the forms people read. Pure: the time itself always comes from outside."""

from __future__ import annotations

from datetime import UTC, date, datetime

SECOND_US = 1_000_000
DAY_US = 24 * 3600 * SECOND_US


def today(now_us: int) -> date:
    """Return the UTC day that a moment falls on."""
    return datetime.fromtimestamp(now_us / SECOND_US, tz=UTC).date()


def utc(at_us: int) -> str:
    """Return a moment as people read it: `2026-11-21 09:30:00 UTC`."""
    moment = datetime.fromtimestamp(at_us // SECOND_US, tz=UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
