"""What became of a call, as MCP says it.

Rules:
  1. A system's result keeps every member; the gateway adds its own statement under one `_meta` key.
  2. What is final and not done is an error. What is held or drafted is none, since agents take an
     error as a reason to try around; only a tool with an output schema leaves no other form, and
     then the text says so.
  3. A system's JSON-RPC error keeps its code, and is labelled as the system's words.
"""

from __future__ import annotations

from sallyport.doors.mcp.words import SCHEMA_NOTE
from sallyport.model import ActionState, Ending, Json, JsonObject
from sallyport.rules import jsonrpc, told
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id

_PATIENT = frozenset({Ending.WAITING, Ending.DRAFT})


def response(id_: Id, ended: Ended, *, has_output_schema: bool) -> bytes:
    """Return the JSON-RPC response to a `tools/call`."""
    if ended.ending is Ending.DONE and ended.result is not None:
        return jsonrpc.result(id_, _with_statement(ended.result, ended))
    if ended.ending is Ending.DONE and ended.error is not None:
        return _upstream_error(id_, ended.error, ended)
    return jsonrpc.result(id_, _statement(ended, has_output_schema=has_output_schema))


def _with_statement(result: JsonObject, ended: Ended) -> JsonObject:
    meta = result.get("_meta")
    own: JsonObject = {told.META_KEY: told.meta(ended)}
    return {**result, "_meta": {**meta, **own} if isinstance(meta, dict) else own}


def _upstream_error(id_: Id, error: JsonObject, ended: Ended) -> bytes:
    code, message = error.get("code"), error.get("message")
    data: JsonObject = {"system": ended.call.system, told.META_KEY: told.meta(ended)}
    if "data" in error:
        data["data"] = error["data"]
    return jsonrpc.error(
        id_,
        code if isinstance(code, int) else jsonrpc.SERVER_ERROR,
        f"from system `{ended.call.system}`: {message}",
        data,
    )


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
