"""`tools/call`: from the parameters of a message to a proposal, whatever the era.

Of `_meta` one thing is read: the token under which the client wants to hear of progress. Nothing
of it is forwarded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sallyport.doors.mcp.refusals import ParamsError
from sallyport.flow.house import House
from sallyport.model import JsonObject, Task, ToolPin
from sallyport.rules.jsonrpc import Id, Request
from sallyport.rules.methods import METHODS

TOOL_NAME = re.compile(r"[A-Za-z0-9_./-]{1,128}")
PROGRESS_TOKEN_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request proposes. `progress` is None where nobody wants to hear of it."""

    id: Id
    tool: str
    args: JsonObject
    progress: Id | None


def read(request: Request) -> Asked:
    """Return what a `tools/call` asks for.

    Raises:
        ParamsError: It cannot be a call.
    """
    tool = request.params.get("name")
    args = request.params.get("arguments", {})
    if not isinstance(tool, str) or TOOL_NAME.fullmatch(tool) is None:
        raise ParamsError(
            "the member `name` is not a tool's name", fix="use a name that `tools/list` shows"
        )
    if tool in METHODS:
        raise ParamsError(f"`{tool}` is no tool", fix=f"send a request of the method `{tool}`")
    if not isinstance(args, dict):
        raise ParamsError("the member `arguments` is not an object", fix="send an object of them")
    return Asked(id=request.id, tool=tool, args=args, progress=progress_of(request.params))


def progress_of(params: JsonObject) -> Id | None:
    """Return the token under which a client wants to hear of progress, None without one.

    Raises:
        ParamsError: The `_meta` of the request is not an object.
    """
    meta = params.get("_meta", {})
    if not isinstance(meta, dict):
        raise ParamsError("the member `_meta` is not an object", fix="leave it out, or fill it")
    return _progress(meta)


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
