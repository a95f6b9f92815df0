"""What the door turns away before any call is proposed, and how it says so.

Every refusal is a JSON-RPC error with its `code`, `what` and `fix` under `data`, so that a client
finds them in one place whatever the HTTP status is.
"""

from __future__ import annotations

from typing import ClassVar, Final

from sallyport.errors import (
    BadInputError,
    MalformedJsonError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    SallyportError,
    TooLargeError,
)
from sallyport.model import Json
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, InvalidMessageError

UNSUPPORTED_VERSION: Final = -32022

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
    """A protocol version that nobody here speaks."""

    code = "mcp.unsupported_version"
    fix = f"use one of {', '.join(jsonrpc.VERSIONS)}, or begin with `initialize`"


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


def status_of(error: SallyportError) -> int:
    """Return the HTTP status for what went wrong before a message was taken."""
    if isinstance(error, DoorError):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def headers_of(error: SallyportError) -> Headers:
    """Return the headers that belong to a refusal."""
    match error:
        case NotAuthenticatedError():
            return [(b"www-authenticate", b'Bearer realm="sallyport"')]
        case HttpMethodError():
            return [(b"allow", b"POST, GET, DELETE")]
        case _:
            return []


def body_of(error: SallyportError, id_: Id | None = None) -> bytes:
    """Return an error as a JSON-RPC response."""
    data: dict[str, Json] = dict(error.as_dict())
    if isinstance(error, VersionError):
        data["supported"] = list[Json](jsonrpc.VERSIONS)
    if isinstance(error, InvalidMessageError):
        id_ = error.id
    return jsonrpc.error(id_, _rpc_code(error), error.what, data)


def _rpc_code(error: SallyportError) -> int:
    match error:
        case MalformedJsonError():
            return jsonrpc.PARSE_ERROR
        case VersionError():
            return UNSUPPORTED_VERSION
        case ParamsError():
            return jsonrpc.INVALID_PARAMS
        case BadInputError():
            return jsonrpc.INVALID_REQUEST
        case NotAuthenticatedError() | NotPermittedError() | NotFoundError():
            return jsonrpc.SERVER_ERROR
        case _:
            return jsonrpc.INTERNAL_ERROR
