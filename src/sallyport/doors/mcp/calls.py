"""`tools/call`: from the parameters of a message to a proposal, whatever the era.

Of `_meta` two things are read: the token under which the client wants to hear of progress, and the
trace that the call belongs to. Nothing of it is forwarded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sallyport.doors.mcp import results
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.flow.gateway import Asker
from sallyport.flow.house import House
from sallyport.model import JsonObject, Task, ToolPin
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id, Request

TOOL_NAME = re.compile(r"[A-Za-z0-9_./-]{1,128}")
TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
PROGRESS_TOKEN_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The readable parameters of a `tools/call`. `progress` is None where nobody wants to hear."""

    id: Id
    tool: str
    args: JsonObject
    progress: Id | None
    traceparent: str


def read(request: Request) -> Asked:
    """Return what a `tools/call` asks for.

    Raises:
        ParamsError: It cannot be a call.
    """
    tool = request.params.get("name")
    args = request.params.get("arguments", {})
    meta = request.params.get("_meta", {})
    if not isinstance(tool, str) or TOOL_NAME.fullmatch(tool) is None:
        raise ParamsError(
            "the member `name` is not a tool's name", fix="use a name that `tools/list` shows"
        )
    if not isinstance(args, dict):
        raise ParamsError("the member `arguments` is not an object", fix="send an object of them")
    if not isinstance(meta, dict):
        raise ParamsError("the member `_meta` is not an object", fix="leave it out, or fill it")
    return Asked(
        id=request.id, tool=tool, args=args, progress=_progress(meta), traceparent=_trace(meta)
    )


async def propose(house: House, task: Task, asked: Asked, asker: Asker, hold_s: int) -> Ended:
    """Propose the call and return what became of it.

    Raises:
        SallyportError: Nothing could be decided or recorded, so nothing was done.
    """
    try:
        return await house.call(
            task, asked.tool, asked.args, channel="mcp", asker=asker, hold_ms=hold_s * 1000
        )
    finally:
        # Whatever ends this line, nobody listens any more: what is still to come must be kept.
        asker.gone = True


async def answer(house: House, task: Task, asked: Asked, asker: Asker, hold_s: int) -> bytes:
    """Propose the call and return the handshake era's response about what became of it.

    Raises:
        SallyportError: Nothing could be decided or recorded, so nothing was done.
    """
    ended = await propose(house, task, asked, asker, hold_s)
    has_output_schema = has_output_schema_of(pinned(house, task, asked.tool))
    return results.response(asked.id, ended, has_output_schema=has_output_schema)


def pinned(house: House, task: Task, tool: str) -> ToolPin | None:
    """Return a tool as it was signed for, or None where the task has no such tool."""
    boundaries = house.gateway.registry.boundaries_for(task)
    return boundaries[0].pins.get(tool) if boundaries else None


def has_output_schema_of(pin: ToolPin | None) -> bool:
    """Return whether a tool says what its results look like."""
    return pin is not None and "outputSchema" in pin.definition


def _progress(meta: JsonObject) -> Id | None:
    token = meta.get("progressToken")
    if isinstance(token, str):
        return token if len(token) <= PROGRESS_TOKEN_MAX else None
    return token if isinstance(token, int) and not isinstance(token, bool) else None


def _trace(meta: JsonObject) -> str:
    parent = meta.get("traceparent")
    return parent if isinstance(parent, str) and TRACE.fullmatch(parent) else ""
