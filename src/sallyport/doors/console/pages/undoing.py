"""Yeses that can still be taken back: shown where one looks first, and taken back by one key."""

from __future__ import annotations

from sallyport.doors.console import about, signing
from sallyport.doors.console.page import Visit
from sallyport.flow.inbox import Item
from sallyport.model import JsonObject
from sallyport.rules import cool_off


async def undo(visit: Visit) -> JsonObject:
    """Take a yes back, at once. Like a stop it asks for no signature."""
    approval = visit.path["id"]
    because = signing.text(visit, "because")
    await visit.house.inbox.undo(approval, person=visit.person.name, because=because)
    return {"to": f"/approvals/{approval}"}


async def cooling(visit: Visit) -> list[JsonObject]:
    """Return what was approved and has not left, the next to leave first."""
    return [_line(visit, one) for one in await visit.house.inbox.cooling()]


def standing(visit: Visit, item: Item) -> JsonObject | None:
    """Return until when the yes to a question can be taken back; None where it cannot."""
    approval = item.approval
    if approval is None or not cool_off.runs(approval, visit.now_us):
        return None
    return {
        "not_before_us": approval.not_before_us,
        "may": visit.house.inbox.may_undo(approval, visit.person),
    }


def _line(visit: Visit, item: Item) -> JsonObject:
    approval = item.approval
    gave = [one.person for one in approval.answers if one.yes] if approval else []
    return {
        "id": approval.id if approval else "",
        "href": f"/approvals/{approval.id}" if approval else "",
        "sentence": about.sentence_of(visit, item.call),
        "agent": item.call.agent,
        "workflow": item.call.workflow,
        "by": ", ".join(gave),
        **(standing(visit, item) or {"not_before_us": 0, "may": False}),
    }
