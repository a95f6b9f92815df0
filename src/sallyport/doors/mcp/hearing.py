"""What a system says while its call is out, on its way to the agent that waits.

Rules:
  1. Only members that MCP gives for such a message travel on. Whose words they are is said by the
     gateway, under a `_meta` key that nobody else can set.
  2. Progress only ever grows, and is told under the token that the agent itself chose.
  3. A log message below the level that the agent asked for is not told.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeGuard

from sallyport.doors.mcp.labels import SYSTEM_KEY
from sallyport.doors.mcp.outbox import Outbox
from sallyport.flow.runs import Asker
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id
from sallyport.rules.methods import LOG_LEVELS

PROGRESS: Final = "notifications/progress"
LOG: Final = "notifications/message"
_TEXT_MAX: Final = 4096


def asker(outbox: Outbox, system: str, *, progress: Id | None = None, log_level: str = "") -> Asker:
    """Return an asker that hears what a system says, if the agent wants to hear anything.

    Args:
        outbox: Where it is left for the agent.
        system: Who says it.
        progress: The agent's own token for progress; None where it wants none.
        log_level: From which level on it wants log messages; empty for none.
    """
    if progress is None and not log_level:
        return Asker()

    def hear(method: str, params: JsonObject) -> None:
        if method == PROGRESS and progress is not None:
            said = _progress(params, outbox, progress)
        elif method == LOG and log_level:
            said = _log(params, log_level)
        else:
            return
        if said:
            label: JsonObject = {SYSTEM_KEY: system}
            outbox.put(jsonrpc.notification(method, {**said, "_meta": label}))

    return Asker(hear=hear, progress=progress is not None, log_level=log_level)


def _progress(params: JsonObject, outbox: Outbox, token: Id) -> JsonObject:
    value, total, message = (params.get(name) for name in ("progress", "total", "message"))
    if not _is_number(value) or (outbox.progress is not None and value <= outbox.progress):
        return {}
    outbox.progress = value
    said: JsonObject = {"progressToken": token, "progress": value}
    if _is_number(total):
        said["total"] = total
    if isinstance(message, str):
        said["message"] = message[:_TEXT_MAX]
    return said


def _log(params: JsonObject, log_level: str) -> JsonObject:
    level, logger = params.get("level"), params.get("logger")
    if level not in LOG_LEVELS or LOG_LEVELS.index(level) < LOG_LEVELS.index(log_level):
        return {}
    said: JsonObject = {"level": level, "data": params.get("data")}
    if isinstance(logger, str):
        said["logger"] = logger[:_TEXT_MAX]
    return said


def _is_number(value: Json) -> TypeGuard[int | Decimal]:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
