"""Who speaks, known by the bearer token alone."""

from __future__ import annotations

from dataclasses import dataclass

from sallyport.flow.house import House
from sallyport.flow.registry import Token
from sallyport.model import Task


@dataclass(frozen=True, slots=True)
class Caller:
    """A bearer that was let in, and the task that it works in."""

    token: Token
    task: Task


async def admitted(house: House, token: str, workflow: str) -> Caller:
    """Return who bears a token, if it may propose calls in this workflow.

    Raises:
        NotAuthenticatedError: The token is unknown, over or revoked, or its task is over.
        NotPermittedError: It is for another workflow, or for something else.
    """
    bearer = house.tasks.bearer(token)
    return Caller(bearer, await house.tasks.task_for(bearer, workflow))
