"""Who speaks, known by the bearer token alone; through the unsafe door, whoever stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sallyport.doors.mcp import headers, unsafe
from sallyport.doors.mcp.bounds import Bounds
from sallyport.flow.house import House
from sallyport.flow.registry import Token
from sallyport.model import Task


@dataclass(frozen=True, slots=True)
class Caller:
    """A bearer that was let in, and the task that it works in."""

    token: Token
    task: Task


async def admitted(
    house: House, fields: Mapping[bytes, str], workflow: str, bounds: Bounds
) -> Caller:
    """Return who sends a request with these headers, if they may propose calls in this workflow.

    Raises:
        NotAuthenticatedError: There is no token, it is unknown, over or revoked, or its task is
            over.
        NotPermittedError: It is for another workflow, or for something else.
    """
    if bounds.unsafe_loopback_agent and headers.names_nobody(fields):
        bearer = unsafe.bearer(bounds, workflow)
    else:
        bearer = house.tasks.bearer(headers.bearer(fields))
    return Caller(bearer, await house.tasks.task_for(bearer, workflow))
