"""The Tasks extension: a call that waits for a person, looked at for as long as the client likes.

Rules:
  1. A task is a call: its id is the call's, which is unguessable and durable, so that neither a
     restart of the gateway nor of the client loses one.
  2. A task is known to the bearer in whose work it was made. To anybody else it never was.
  3. What a task comes to is what the call itself would have been answered with. Refused, expired
     and in doubt are results, which say that they are errors; *failed* is a system's own error.
  4. Cancelling takes a question back, and a call that is out is cancelled at its system. Unless it
     was a read, nobody knows what that came to, and the task says so.

Source: MCP extension `io.modelcontextprotocol/tasks`.
"""

from __future__ import annotations

from typing import Final

from sallyport.doors.mcp import calls, results
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.refusals import MissingCapabilityError, ParamsError, body_of
from sallyport.errors import NotFoundError
from sallyport.flow import rows
from sallyport.flow.house import House
from sallyport.model import JsonObject, Moment, Task
from sallyport.rules import told, waiting
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Request
from sallyport.rules.methods import METHODS
from sallyport.rules.strict_json import loads

GET: Final = "tasks/get"
UPDATE: Final = "tasks/update"
CANCEL: Final = "tasks/cancel"
NOTIFICATION: Final = "notifications/tasks"

POLL_MS: Final = 2_000
"""How often a client looks that does not listen: people take longer than that."""

ID_LENGTH_MAX: Final = 256
_BYTES_MAX, _DEPTH_MAX = 64 * 1024 * 1024, 512


class UnknownTaskError(ParamsError):
    """A task that does not exist, or is somebody else's."""

    code = "mcp.unknown_task"
    fix = "use the `taskId` of a task that was made with this token"


class Tasks:
    """Answers the methods of the extension.

    Args:
        house: Where the calls are.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    async def get(self, caller: Caller, request: Request) -> JsonObject:
        """Return how it stands with a task, and what it came to once it is over.

        Raises:
            ParamsError: The caller has no such task.
        """
        return results.complete(await self.detailed(caller.task, task_id(request)))

    async def update(self, caller: Caller, request: Request) -> JsonObject:
        """Take answers to what a task asks, which is nothing: its question is for a person.

        Raises:
            ParamsError: The caller has no such task, or these are no answers.
        """
        if not isinstance(request.params.get("inputResponses"), dict):
            raise ParamsError("the member `inputResponses` is not an object")
        await self._look(caller.task, task_id(request))
        return results.complete({})

    async def cancel(self, caller: Caller, request: Request) -> JsonObject:
        """Take a call back; say the same where there is nothing left to take back.

        Raises:
            ParamsError: The caller has no such task.
        """
        known = await self._look(caller.task, task_id(request))
        await self._house.cancel(caller.task, known.call.id)
        return results.complete({})

    async def detailed(self, task: Task, call_id: str) -> JsonObject:
        """Return a task with what it came to; that counts as handed over.

        Raises:
            UnknownTaskError: There is no such task of this caller.
        """
        await self._look(task, call_id)
        ended = await self._house.result(task, call_id)
        return {
            **seed(ended, task, await self._changed_us(ended)),
            **_outcome(self._house, task, ended),
        }

    async def created(self, task: Task, ended: Ended) -> JsonObject:
        """Return the result that makes a held call a task."""
        seeded = seed(ended, task, await self._changed_us(ended))
        own: JsonObject = {"_meta": {told.META_KEY: told.meta(ended)}}
        return {**results.complete({**seeded, **own}), "resultType": "task"}

    async def known(self, task: Task, call_id: str) -> bool:
        """Return whether the caller has such a task."""
        try:
            await self._look(task, call_id)
        except UnknownTaskError:
            return False
        return True

    async def _look(self, task: Task, call_id: str) -> Ended:
        try:
            ended = await self._house.look(task, call_id)
        except NotFoundError:
            raise UnknownTaskError("no task has this id") from None
        if not ended.call.approval_id or ended.call.proposal.tool in METHODS:
            raise UnknownTaskError("no task has this id")
        return ended

    async def _changed_us(self, ended: Ended) -> int:
        found = await self._house.gateway.outside.store.rows("calls", {"id": ended.call.id})
        answers = ended.approval.answers if ended.approval is not None else ()
        stored = [rows.number(row, "changed_us") for row in found]
        return max([ended.call.proposed_us, *stored, *(one.at_us for one in answers)])


def task_id(request: Request) -> str:
    """Return the task that a request names.

    Raises:
        ParamsError: It names none.
    """
    found = request.params.get("taskId")
    if not isinstance(found, str) or not 0 < len(found) <= ID_LENGTH_MAX:
        raise ParamsError("the member `taskId` is not the id of a task")
    return found


def seed(ended: Ended, task: Task, changed_us: int) -> JsonObject:
    """Return a task without what it came to."""
    call = ended.call
    lasts_us = task.expires_us - call.proposed_us
    seeded: JsonObject = {
        "taskId": call.id,
        "status": _status(ended),
        "createdAt": str(Moment(call.proposed_us)),
        "lastUpdatedAt": str(Moment(changed_us)),
        "ttlMs": None if task.standing else max(0, lasts_us // 1000),
        "pollIntervalMs": POLL_MS,
    }
    said = waiting.status(ended)
    return {**seeded, "statusMessage": said} if said else seeded


def _status(ended: Ended) -> str:
    if waiting.was_withdrawn(ended):
        return "cancelled"
    if not waiting.is_over(ended):
        return "working"
    return "failed" if ended.error is not None and ended.result is None else "completed"


def _outcome(house: House, task: Task, ended: Ended) -> JsonObject:
    """Return what the call would have been answered with, if it is over and was not taken back."""
    if not waiting.is_over(ended) or waiting.was_withdrawn(ended):
        return {}
    pin = calls.pinned(house, task, ended.call.proposal.tool)
    try:
        said = results.response(
            0, ended, has_output_schema=calls.has_output_schema_of(pin), stateless=True
        )
    except MissingCapabilityError as error:
        said = body_of(error, 0)
    value = loads(said, bytes_max=_BYTES_MAX, depth_max=_DEPTH_MAX)
    found: JsonObject = value if isinstance(value, dict) else {}
    return {name: found[name] for name in ("result", "error") if name in found}
