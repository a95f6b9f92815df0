"""One HTTP request of the stateless era, with all that came beside its message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.headers import Accepts
from sallyport.doors.mcp.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request of this era. `again` finds out whether its caller is still let in."""

    wire: Wire
    fields: Mapping[bytes, str]
    accepts: Accepts
    caller: Caller
    again: Callable[[], Awaitable[Caller]]
