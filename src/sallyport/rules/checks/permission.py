"""May this requester have this done? An empty list of roles permits nobody."""

from __future__ import annotations

from collections.abc import Iterator

from sallyport.model import Floor
from sallyport.rules import reasons
from sallyport.rules.context import Context


def requester(context: Context) -> Iterator[Floor]:
    """Refuse unless the requester is known and holds a role that every boundary names."""
    if context.task is None:
        return
    person = context.requester
    if person is None or not person.active:
        yield reasons.refuse("permission.requester_unknown", person=context.task.requester)
        return
    for boundary in context.boundaries:
        if not person.roles.intersection(boundary.workflow.users):
            roles = ", ".join(boundary.workflow.users) or "(none)"
            yield reasons.refuse("permission.requester_role", roles=roles)
