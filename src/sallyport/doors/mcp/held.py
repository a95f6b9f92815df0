"""The one place where the ending of a call becomes an answer of the stateless era.

A client that waits for a person is told so in text, which every client can read. A form that a
client must have declared first is chosen here, by the capabilities of that very request.

The gateway hands out no state for a client to bring back. So whoever brings some did not get it
here, and is turned away before anything is proposed.
"""

from __future__ import annotations

from typing import Final

from sallyport.doors.mcp import results
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id, Request

_BROUGHT_BACK: Final = ("requestState", "inputResponses")


def check(request: Request) -> None:
    """Check that a call brings nothing back that it cannot have been given.

    Raises:
        ParamsError: It does.
    """
    for name in _BROUGHT_BACK:
        if name in request.params:
            raise ParamsError(
                f"the member `{name}` answers a question that was not asked",
                fix="leave it out, and repeat exactly the call to learn what became of it",
            )


def response(id_: Id, ended: Ended, *, has_output_schema: bool) -> bytes:
    """Return the response to a `tools/call`.

    Raises:
        MissingCapabilityError: The system needs a capability that the client did not declare.
    """
    return results.response(id_, ended, has_output_schema=has_output_schema, stateless=True)
