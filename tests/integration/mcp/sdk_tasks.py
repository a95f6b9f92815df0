"""The Tasks extension for the official SDK's client, as an agent's developer would write it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import anyio
import mcp_types as types
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientSession

TASKS = "io.modelcontextprotocol/tasks"
OVER = frozenset({"completed", "failed", "cancelled"})


class TaskResult(types.Result):
    """What a server answers that made a task of a call, and how a task stands later."""

    result_type: Literal["task"] = "task"
    task_id: str
    status: str


class TaskParams(types.RequestParams):
    """Which task is meant."""

    task_id: str


class GetTask(types.Request[TaskParams, Literal["tasks/get"]]):
    """How does it stand with a task?"""

    method: Literal["tasks/get"] = "tasks/get"
    params: TaskParams
    name_param = "taskId"


class CancelTask(types.Request[TaskParams, Literal["tasks/cancel"]]):
    """Take a task back."""

    method: Literal["tasks/cancel"] = "tasks/cancel"
    params: TaskParams
    name_param = "taskId"


class Task(types.Result):
    """How it stands with a task."""

    task_id: str
    status: str
    status_message: str | None = None
    poll_interval_ms: int | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


async def nothing() -> None:
    """Do nothing while a task is made."""


class Tasks(ClientExtension):
    """Follows a task to its end. `made` is done once there is a task, before it is looked at."""

    identifier = TASKS

    def __init__(self, made: Callable[[], Awaitable[None]] = nothing) -> None:
        self._made = made

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """Take tasks in place of results of tools."""
        return (ResultClaim(result_type="task", model=TaskResult, resolve=self._follow),)

    async def _follow(self, made: TaskResult, context: ClaimContext) -> types.CallToolResult:
        await self._made()
        found = await followed(context.session, made.task_id)
        assert found.result is not None
        return types.CallToolResult.model_validate(found.result)


async def look(session: ClientSession, task_id: str) -> Task:
    """Return how it stands with a task."""
    return await session.send_request(GetTask(params=TaskParams(task_id=task_id)), Task)


async def followed(session: ClientSession, task_id: str) -> Task:
    """Look at a task until it is over; every look is a round trip."""
    while True:
        found = await look(session, task_id)
        if found.status in OVER:
            return found
        await anyio.lowlevel.checkpoint()
