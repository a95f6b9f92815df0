"""What the door turns away before any call is proposed, and how it says so.

Every refusal is a JSON-RPC error with its `code`, `what` and `fix` under `data`, so that a client
finds them in one place whatever the HTTP status is.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from sallyport.doors.mcp.eras import SPOKEN
from sallyport.errors import (
    BadInputError,
    MalformedJsonError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    SallyportError,
    TooLargeError,
)
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, InvalidMessageError

HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
UNSUPPORTED_VERSION: Final = -32022

_VERSION = re.compile(r"[A-Za-z0-9.-]{1,32}")

Headers = list[tuple[bytes, bytes]]


class DoorError(BadInputError):
    """An HTTP request that this door does not take."""

    code = "http.bad_request"
    fix = "send what MCP's Streamable HTTP transport describes"
    status: ClassVar[int] = 400


class ForeignHostError(DoorError):
    """A `Host` or `Origin` that is not ours: how a web page would reach a local gateway."""

    code = "http.foreign_host"
    fix = "use 127.0.0.1, or add the name to allowed_hosts or allowed_origins in sallyport.yaml"
    status = 403


class HttpMethodError(DoorError):
    """An HTTP method that this door does not have."""

    code = "http.method"
    fix = "use POST for messages, GET for the stream, DELETE to end a session"
    status = 405
    allow: ClassVar[bytes] = b"POST, GET, DELETE"


class PostOnlyError(HttpMethodError):
    """An HTTP method that the stateless era does not have."""

    fix = "use POST alone; what was a GET stream is the method `subscriptions/listen`"
    allow = b"POST"


class NotAcceptableError(DoorError):
    """The client takes none of the forms that answers have."""

    code = "http.not_acceptable"
    fix = "send `Accept: application/json, text/event-stream`"
    status = 406


class BodyTooLargeError(TooLargeError):
    """A request body above its limit; the rest of it was not read."""

    code = "http.body_too_large"
    fix = "send less, or raise body_bytes_max in sallyport.yaml"


class MediaTypeError(DoorError):
    """A body that does not say that it is JSON."""

    code = "http.media_type"
    fix = "send `Content-Type: application/json`"
    status = 415


class VersionError(DoorError):
    """A protocol version that nobody here speaks, or not in this way.

    Args:
        what: As for every error.
        fix: As for every error.
        requested: The version, as the client sent it. It is given back if it looks like one.
    """

    code = "mcp.unsupported_version"
    fix = f"use one of {', '.join(SPOKEN)}; all but the first begin with `initialize`"

    def __init__(self, what: str, *, fix: str | None = None, requested: str) -> None:
        super().__init__(what, fix=fix)
        self.requested = requested if _VERSION.fullmatch(requested) else ""


class HeaderMismatchError(DoorError):
    """Headers that do not repeat what stands in the body."""

    code = "mcp.header_mismatch"
    fix = "send the headers that MCP gives for this message; `tools/list` has those of a tool"


class MissingCapabilityError(DoorError):
    """What a system needs of a client that did not say that it has it.

    Args:
        what: As for every error.
        required: The capabilities, as a client would declare them.
        data: What else is known of it, with the gateway's own statement.
    """

    code = "mcp.missing_capability"
    fix = "declare the capability if the client has it, or use another tool"

    def __init__(self, what: str, *, required: JsonObject, data: JsonObject) -> None:
        super().__init__(what)
        self.data: JsonObject = {**data, "requiredCapabilities": required}


class UnknownMethodError(DoorError):
    """A JSON-RPC method that the version spoken does not have, or this door does not."""

    code = "rpc.unknown_method"
    fix = "use a method of what `server/discover` says that there is"
    status = 404


class SessionError(NotFoundError):
    """A session that was never begun with this token, or was ended."""

    code = "mcp.unknown_session"
    fix = "begin again with `initialize`"


class BusyError(DoorError):
    """Too much is open at once."""

    code = "mcp.busy"
    fix = "close streams that nobody reads, then try again"
    status = 503


class ParamsError(BadInputError):
    """Parameters that do not fit their method."""

    code = "rpc.params"
    fix = "send the parameters that the MCP specification gives for this method"


_STATUS: Final[tuple[tuple[type[SallyportError], int], ...]] = (
    (NotAuthenticatedError, 401),
    (NotPermittedError, 403),
    (SessionError, 404),
    (BodyTooLargeError, 413),
    (BadInputError, 400),
)

_RPC_CODE: Final[tuple[tuple[type[SallyportError], int], ...]] = (
    (MalformedJsonError, jsonrpc.PARSE_ERROR),
    (VersionError, UNSUPPORTED_VERSION),
    (HeaderMismatchError, HEADER_MISMATCH),
    (MissingCapabilityError, MISSING_CAPABILITY),
    (UnknownMethodError, jsonrpc.METHOD_NOT_FOUND),
    (ParamsError, jsonrpc.INVALID_PARAMS),
    (BadInputError, jsonrpc.INVALID_REQUEST),
    (NotAuthenticatedError, jsonrpc.SERVER_ERROR),
    (NotPermittedError, jsonrpc.SERVER_ERROR),
    (NotFoundError, jsonrpc.SERVER_ERROR),
)
"""Which JSON-RPC code an error has; the first line that fits counts."""


def status_of(error: SallyportError) -> int:
    """Return the HTTP status for what went wrong before a message was taken."""
    if isinstance(error, DoorError):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def headers_of(error: SallyportError) -> Headers:
    """Return the headers that belong to a refusal."""
    match error:
        case HttpMethodError():
            return [(b"allow", error.allow)]
        case _:
            return []


def body_of(error: SallyportError, id_: Id | None = None) -> bytes:
    """Return an error as a JSON-RPC response."""
    data: dict[str, Json] = dict(error.as_dict())
    if isinstance(error, VersionError):
        data |= {"supported": list[Json](SPOKEN), "requested": error.requested}
    if isinstance(error, MissingCapabilityError):
        data |= error.data
    if isinstance(error, InvalidMessageError):
        id_ = error.id
    return jsonrpc.error(id_, _rpc_code(error), error.what, data)


def _rpc_code(error: SallyportError) -> int:
    return next(
        (code for kind, code in _RPC_CODE if isinstance(error, kind)), jsonrpc.INTERNAL_ERROR
    )
