"""May this requester have this done? An empty list of roles permits nobody."""

from __future__ import annotations

from collections.abc import Iterable

from sallyport.model import Floor
from sallyport.rules import reasons
from sallyport.rules.context import Context


def requester(context: Context) -> Iterable[Floor]:
    """Refuse unless the requester is known and holds a role that every boundary names."""
    if context.task is None:
        return ()
    person = context.requester
    if person is None or not person.active:
        return (reasons.refuse("permission.requester_unknown", person=context.task.requester),)
    roles = person.roles
    return [
        _lacking(boundary.workflow.users)
        for boundary in context.boundaries
        if roles.isdisjoint(boundary.workflow.users)
    ]


def _lacking(roles: tuple[str, ...]) -> Floor:
    return reasons.refuse("permission.requester_role", roles=", ".join(roles) or "(none)")
