"""One task: whose it is, and all that happened in it in the order of cause and effect."""

from __future__ import annotations

from sallyport.doors.api import shapes
from sallyport.doors.console import seen
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import NotFoundError
from sallyport.model import Json, JsonObject
from sallyport.rules.timeline import Moment


async def show(visit: Visit) -> Page:
    """Return a task with its history."""
    task = await visit.house.tasks.known(visit.path["id"])
    if task is None:
        raise NotFoundError(f"no task has the id `{visit.path['id'][:60]}`")
    found = await visit.house.reading.timeline(task.id)
    view: JsonObject = {
        **shapes.timeline(found),
        "agent": task.agent,
        "workflow": task.workflow,
        "requester": task.requester,
        "words": task.words,
        "open": not task.closed and visit.now_us < task.expires_us,
        "expires_us": task.expires_us,
        "calls": _by_call(found.moments),
    }
    await seen.note(visit, "task", view)
    crumbs = (("/ledger", say("nav.ledger")),)
    return Page(
        template="task", title=say("task.title", id=task.id), at="ledger", view=view, crumbs=crumbs
    )


def _by_call(moments: tuple[Moment, ...]) -> list[Json]:
    """Return moments in stretches of the same call, in their order."""
    stretches: list[tuple[Moment, list[Json]]] = []
    for one in moments:
        if not stretches or stretches[-1][0].call != one.call:
            stretches.append((one, []))
        stretches[-1][1].append(one.as_json())
    return [
        {"call": first.call, "tool": first.tool, "within": first.within, "moments": told}
        for first, told in stretches
    ]
