"""What one JSON-RPC 2.0 message of MCP is, whichever way it travels and whoever sent it.

Rules:
  1. A message is exactly one of request, notification and response; what could be two is neither.
  2. An id is a string or an integer. `true` and `1.0` are not ids, and no request has the id null.
  3. Batches exist in MCP 2025-03-26 alone; every other version has one message at a time.
  4. Members that nobody knows are dropped here, so they cannot pass the gateway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
SERVER_ERROR: Final = -32000
"""The first of the codes that JSON-RPC leaves to servers; used where nothing better is known."""

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""The versions of the handshake era, newest first."""

LATEST: Final = VERSIONS[0]
BATCH_VERSION: Final = "2025-03-26"
VERSION_HEADER_SINCE: Final = "2025-06-18"
"""From here on `MCP-Protocol-Version` stands in every request after the handshake."""

ID_LENGTH_MAX: Final = 256
BATCH_MAX: Final = 100

Id: TypeAlias = "str | int"


class InvalidMessageError(BadInputError):
    """JSON that is no JSON-RPC message. `id` is the sender's id where it could be read."""

    code = "rpc.invalid"
    fix = "send one JSON-RPC 2.0 request, notification or response"

    def __init__(self, what: str, *, id: Id | None = None) -> None:  # noqa: A002
        super().__init__(what)
        self.id = id


@dataclass(frozen=True, slots=True)
class Request:
    """A question that wants exactly one response with its id."""

    id: Id
    method: str
    params: JsonObject = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that nobody answers."""

    method: str
    params: JsonObject = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: a result, or an error object with an integer `code` and a text `message`.

    `id` is None only in an error about a message whose id could not be read.
    """

    id: Id | None
    result: JsonObject | None = None
    error: JsonObject | None = None


Message: TypeAlias = "Request | Notification | Response"


def negotiate(asked: str) -> str:
    """Return the version a server answers to a client that asked for this one."""
    return asked if asked in VERSIONS else LATEST


def read_all(value: Json, version: str) -> tuple[Message, ...]:
    """Return the messages of one body: one, or several where this version has batches.

    Raises:
        InvalidMessageError: Something in it is no message, or a batch where there are none.
    """
    if not isinstance(value, list):
        return (read(value),)
    if version != BATCH_VERSION:
        raise InvalidMessageError("a batch came where one message belongs")
    if not 0 < len(value) <= BATCH_MAX:
        raise InvalidMessageError(f"a batch has 1 to {BATCH_MAX} messages, this one {len(value)}")
    return tuple(read(item) for item in value)


def read(value: Json) -> Message:
    """Return the one message that a JSON value is.

    Raises:
        InvalidMessageError: It is none.
    """
    if not isinstance(value, dict):
        raise InvalidMessageError("a message is a JSON object")
    known = _id(value.get("id"))
    if value.get("jsonrpc") != "2.0":
        raise InvalidMessageError('the member `jsonrpc` is not `"2.0"`', id=known)
    if "method" in value:
        return _read_call(value, known)
    return _read_response(value, known)


def _id(value: Json) -> Id | None:
    if isinstance(value, str):
        return value if len(value) <= ID_LENGTH_MAX else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read_call(value: JsonObject, known: Id | None) -> Request | Notification:
    method, params = value["method"], value.get("params", {})
    if not isinstance(method, str) or not method:
        raise InvalidMessageError("the member `method` is not a name", id=known)
    if "result" in value or "error" in value:
        raise InvalidMessageError("a message is a question and an answer at once", id=known)
    if not isinstance(params, dict):
        raise InvalidMessageError("the member `params` is not an object", id=known)
    if "id" not in value:
        return Notification(method, params)
    if known is None:
        raise InvalidMessageError("the member `id` is neither a short string nor an integer")
    return Request(known, method, params)


def _read_response(value: JsonObject, known: Id | None) -> Response:
    if ("result" in value) == ("error" in value):
        raise InvalidMessageError("a response has either a result or an error", id=known)
    if known is None and value.get("id") is not None:
        raise InvalidMessageError("the member `id` is neither a short string nor an integer")
    if "error" in value:
        return Response(known, error=_error_object(value["error"], known))
    if known is None:
        raise InvalidMessageError("a result answers no id")
    result = value["result"]
    if not isinstance(result, dict):
        raise InvalidMessageError("the member `result` is not an object", id=known)
    return Response(known, result=result)


def _error_object(value: Json, id_: Id | None) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidMessageError("the member `error` is not an object", id=id_)
    code = value.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        raise InvalidMessageError("the error has no integer `code`", id=id_)
    if not isinstance(value.get("message"), str):
        raise InvalidMessageError("the error has no text `message`", id=id_)
    return {name: value[name] for name in ("code", "message", "data") if name in value}


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: Json) -> bytes:
    """Return compact JSON on one line, members in their own order, numbers exact.

    For what is sent; what is digested has `canonical.encode`.
    """
    return _ENCODER.encode(value)


def request(id_: Id, method: str, params: bytes = b"{}") -> bytes:
    """Return a request around parameters that are encoded already; they are not touched."""
    return b'{"jsonrpc":"2.0","id":%b,"method":%b,"params":%b}' % (
        encode(id_),
        encode(method),
        params,
    )


def notification(method: str, params: JsonObject | None = None) -> bytes:
    """Return a notification."""
    message: JsonObject = {"jsonrpc": "2.0", "method": method}
    if params:
        message["params"] = params
    return encode(message)


def result(id_: Id, value: JsonObject) -> bytes:
    """Return the response that carries a result."""
    return encode({"jsonrpc": "2.0", "id": id_, "result": value})


def error(id_: Id | None, code: int, message: str, data: Json = None) -> bytes:
    """Return the response that carries an error; `data` is left out when it is None."""
    content: JsonObject = {"code": code, "message": message}
    if data is not None:
        content["data"] = data
    return encode({"jsonrpc": "2.0", "id": id_, "error": content})


def method_params(arguments: bytes, meta: JsonObject) -> bytes:
    """Return the parameters of a method: the exact bytes of an object, with `_meta` added to it."""
    if not meta:
        return arguments
    comma = b"" if arguments == b"{}" else b","
    return b'%b%b"_meta":%b}' % (arguments[:-1], comma, encode(meta))


def call_params(tool: str, arguments: bytes, meta: JsonObject) -> bytes:
    """Return the parameters of a `tools/call` around the exact bytes of its arguments."""
    if not meta:
        return b'{"name":%b,"arguments":%b}' % (encode(tool), arguments)
    return b'{"name":%b,"arguments":%b,"_meta":%b}' % (encode(tool), arguments, encode(meta))
