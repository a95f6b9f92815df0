"""What came to nothing, by its nature, and what people corrected: the ledger in figures."""

from __future__ import annotations

from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules.failures import DAYS, DAYS_MAX

CHARS_MAX = 200


async def show(visit: Visit) -> Page:
    """Return both reports of the last days, perhaps of one workflow."""
    days = _days(visit)
    workflow = visit.query.get("workflow", "").strip()[:CHARS_MAX]
    view: JsonObject = {
        "days": days,
        "workflow": workflow,
        "workflows": list[Json](sorted(visit.house.gateway.registry.active)),
        "failures": await visit.house.reports.failures(days, workflow),
        "labels": await visit.house.reports.labels(days),
    }
    return Page(template="reports", title=say("nav.reports"), at="reports", view=view)


def _days(visit: Visit) -> int:
    given = visit.query.get("days", str(DAYS))
    if not (given.isascii() and given.isdecimal() and 0 < len(given) <= len(str(DAYS_MAX))):
        raise BadInputError("`days` is no number of days", fix=f"give 1 to {DAYS_MAX}")
    if not 0 < int(given) <= DAYS_MAX:
        raise BadInputError("`days` is out of range", fix=f"give 1 to {DAYS_MAX}")
    return int(given)
