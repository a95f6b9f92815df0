"""How the team answers, all together; nobody is named, and of too few people nothing is said."""

from __future__ import annotations

from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say


async def show(visit: Visit) -> Page:
    """Return the figures of the last days, and what there is of attention."""
    view = {**await visit.house.team.figures(), "now_us": visit.now_us}
    return Page(template="team", title=say("nav.team"), at="team", view=view)
