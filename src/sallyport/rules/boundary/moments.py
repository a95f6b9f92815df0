"""Days and points in time, in one spelling each.

A day is `YYYY-MM-DD` and belongs to no zone. A point in time states its zone (RFC 3339), so that
`12:00:00Z` and `14:00:00+02:00` are one. Neither is ever compared with the other.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sallyport.model import Json, Moment

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])",
    re.ASCII,
)
_DAY_LENGTH = len("YYYY-MM-DD")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def as_day(value: Json) -> date | None:
    """Return the date that a text of the form YYYY-MM-DD names, or None."""
    if type(value) is not str or len(value) != _DAY_LENGTH or not value.isascii():
        return None
    if value[4] != "-" or value[7] != "-":
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def as_moment(value: Json) -> Moment | None:
    """Return the point in time that a text such as `2027-01-31T12:00:00Z` names, or None."""
    if type(value) is not str or not _MOMENT.fullmatch(value):
        return None
    try:
        return Moment((datetime.fromisoformat(value).astimezone(UTC) - _EPOCH) // _MICROSECOND)
    except (ValueError, OverflowError):
        return None
