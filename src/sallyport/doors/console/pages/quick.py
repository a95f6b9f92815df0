"""A question that weighs little, with one button: where the link of a message leads.

It shows what the whole page shows of what would be sent, is recorded as that one is, and its answer
is taken in the same way, by the same passkey. All other answers are on the whole page.
"""

from __future__ import annotations

from dataclasses import replace

from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.pages import approvals
from sallyport.errors import ConflictError, NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules.answering import Kind


async def show(visit: Visit) -> Page:
    """Return the page with one button, or the whole question where that is not enough."""
    there = _there(visit)
    page = await approvals.show(there)
    may = page.view.get("may")
    answers = isinstance(may, dict) and may.get("answer")
    if page.template != "approval" or not answers or page.view["high"]:
        return page
    if await _unfit(there):
        return page
    return replace(page, template="quick", view={**page.view, "at": f"/quick/{visit.path['id']}"})


async def begin(visit: Visit) -> JsonObject:
    """Return what the one who looks signs: a yes to this one call, and nothing beside it."""
    there = _there(visit)
    if visit.form.get("kind") != Kind.APPROVE.value:
        raise NotPermittedError("this page says yes only", fix="open the whole question")
    why = await _unfit(there)
    if why:
        raise NotPermittedError(
            f"this is not answered by one button: {why}", fix="open the whole question"
        )
    said: JsonObject = {"kind": Kind.APPROVE.value, "because": visit.form.get("because", "")}
    return await approvals.begin(replace(there, form=said))


async def finish(visit: Visit) -> JsonObject:
    """Hand the signed yes to the house, if one button is still enough."""
    there = _there(visit)
    why = await _unfit(there)
    if why:
        raise ConflictError(f"this changed: {why}", fix="open the whole question")
    return await approvals.finish(there)


def _there(visit: Visit) -> Visit:
    """Return the visit as one of the question that the link names."""
    approval, _ = visit.house.quick.read(visit.path["id"])
    return replace(visit, path={"id": approval})


async def _unfit(visit: Visit) -> str:
    approval = await visit.house.inbox.approval(visit.path["id"])
    call = await visit.house.inbox.call(approval.call_id)
    return visit.house.quick.unfit(approval, call)
