"""What became of a call, as MCP says it.

Rules:
  1. A system's result keeps every member; the gateway adds its own statement under one `_meta` key.
  2. What is final and not done is an error. What is held or drafted is none, since agents take an
     error as a reason to try around; only a tool with an output schema leaves no other form, and
     then the text says so.
  3. A system's JSON-RPC error keeps its code where the version lets it, and is labelled as the
     system's words.
"""

from __future__ import annotations

from sallyport import __version__
from sallyport.doors.mcp.eras import SERVER_INFO
from sallyport.doors.mcp.refusals import MISSING_CAPABILITY, MissingCapabilityError
from sallyport.doors.mcp.words import SCHEMA_NOTE, SERVER_NAME
from sallyport.model import ActionState, Ending, Json, JsonObject
from sallyport.rules import jsonrpc, told
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id

_OLD_NOT_FOUND = -32002
_RESERVED = range(-32099, -32019)
_PATIENT = frozenset({Ending.WAITING, Ending.DRAFT})


def response(id_: Id, ended: Ended, *, has_output_schema: bool, stateless: bool = False) -> bytes:
    """Return the JSON-RPC response to a `tools/call`, for either era.

    Raises:
        MissingCapabilityError: In the stateless era, the system needs a capability of the client.
    """
    if ended.ending is Ending.DONE and ended.error is not None and ended.result is None:
        return upstream_error(id_, ended.error, ended, stateless=stateless)
    if ended.ending is Ending.DONE and ended.result is not None:
        result = with_statement(ended.result, ended)
    else:
        result = _statement(ended, has_output_schema=has_output_schema)
    return jsonrpc.result(id_, complete(result) if stateless else result)


def complete(result: JsonObject) -> JsonObject:
    """Return a result as the stateless era wants it: that it is whole, and who says so.

    Both are the gateway's to say, whatever a system said in their place.
    """
    meta = result.get("_meta")
    server: JsonObject = {SERVER_INFO: {"name": SERVER_NAME, "version": __version__}}
    return {
        **result,
        "resultType": "complete",
        "_meta": {**meta, **server} if isinstance(meta, dict) else server,
    }


def with_statement(result: JsonObject, ended: Ended) -> JsonObject:
    """Return a system's result with the gateway's statement about the call in its `_meta`."""
    meta = result.get("_meta")
    own: JsonObject = {told.META_KEY: told.meta(ended)}
    return {**result, "_meta": {**meta, **own} if isinstance(meta, dict) else own}


def upstream_error(
    id_: Id,
    error: JsonObject,
    ended: Ended,
    *,
    about: JsonObject | None = None,
    stateless: bool = False,
) -> bytes:
    """Return a system's JSON-RPC error, labelled as its words.

    Args:
        id_: Of the request.
        error: As the system sent it.
        ended: The call.
        about: What else is told in `data`.
        stateless: Whether it is for the stateless era.

    Raises:
        MissingCapabilityError: In the stateless era, the system needs a capability of the client.
    """
    code, message = error.get("code"), f"from system `{ended.call.system}`: {error.get('message')}"
    statement: JsonObject = {told.META_KEY: told.meta(ended)}
    data: JsonObject = {"system": ended.call.system, **statement, **(about or {})}
    if "data" in error:
        data["data"] = error["data"]
    if not isinstance(code, int):
        code = jsonrpc.SERVER_ERROR
    if stateless:
        if code == MISSING_CAPABILITY:
            raise MissingCapabilityError(message, required=_required(error), data=data)
        code = _retold(code)
    return jsonrpc.error(id_, code, message, data)


def _required(error: JsonObject) -> JsonObject:
    data = error.get("data")
    required = data.get("requiredCapabilities") if isinstance(data, dict) else None
    return required if isinstance(required, dict) else {}


def _retold(code: int) -> int:
    """Return a system's code as this era may say it.

    The reserved ones speak of the connection, and a client would act on them as if they were about
    its connection to the gateway.
    """
    if code == _OLD_NOT_FOUND:
        return jsonrpc.INVALID_PARAMS
    return jsonrpc.INTERNAL_ERROR if code in _RESERVED else code


def _statement(ended: Ended, *, has_output_schema: bool) -> JsonObject:
    is_error = _is_final_failure(ended)
    text = told.text(ended)
    if has_output_schema and not is_error:
        is_error = True
        text = f"{text}\n{SCHEMA_NOTE}"
    content: list[Json] = [{"type": "text", "text": text}]
    return {
        "content": content,
        "isError": is_error,
        "_meta": {told.META_KEY: told.meta(ended)},
    }


def _is_final_failure(ended: Ended) -> bool:
    if ended.doubt or ended.action in {ActionState.IN_DOUBT, ActionState.FAILED}:
        return True
    return ended.ending not in _PATIENT and ended.ending is not Ending.DONE
