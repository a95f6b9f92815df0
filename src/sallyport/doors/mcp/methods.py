"""The methods of `rules.methods` at this door: from a message to a proposal, and its end as MCP.

Rules:
  1. Each use is a call like any other. Its arguments are the parameters that MCP gives for the
     method; what else a message has is dropped here.
  2. These results have no form for what did not happen, so all of that is a JSON-RPC error, with
     the gateway's statement in its `data`.
  3. A system's own error keeps its code where the version lets it, and is labelled as its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sallyport.doors.mcp import results
from sallyport.doors.mcp.calls import Asked, progress_of
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.model import Ending, Json, JsonObject
from sallyport.rules import jsonrpc, told
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import Id, Request
from sallyport.rules.methods import (
    COMPLETE,
    GET_PROMPT,
    LIST_PROMPTS,
    LIST_RESOURCES,
    LIST_TEMPLATES,
    LISTS,
    METHODS,
    READ,
    SUBSCRIBE,
    UNSUBSCRIBE,
)

TEXT_MAX: Final = 64 * 1024
"""The longest name, address or cursor, in characters."""

NOT_FOUND: Final = frozenset({-32002, jsonrpc.INVALID_PARAMS})
"""The codes by which systems say that there is no such resource, one for each era."""

_FRESH: Final = LISTS | {READ}

Checked = Callable[[JsonObject], JsonObject]


def read(request: Request) -> Asked:
    """Return what a request for one of the methods asks for.

    Raises:
        ParamsError: Its parameters are not those of the method.
    """
    return Asked(
        id=request.id,
        tool=request.method,
        args=_PARAMS[request.method](request.params),
        progress=progress_of(request.params),
    )


def capabilities(serves: frozenset[str]) -> JsonObject:
    """Return the server capabilities that go with the methods a task may use.

    Args:
        serves: As `House.serves` returns them.
    """
    found: JsonObject = {}
    if READ in serves:
        resources: JsonObject = {"listChanged": True}
        if SUBSCRIBE in serves:
            resources["subscribe"] = True
        found["resources"] = resources
    if GET_PROMPT in serves:
        found["prompts"] = {"listChanged": True}
    if COMPLETE in serves:
        found["completions"] = {}
    return found


def response(id_: Id, ended: Ended, *, stateless: bool = False) -> bytes:
    """Return the response to a request for one of the methods, for either era.

    Raises:
        MissingCapabilityError: In the stateless era, the system needs a capability of the client.
    """
    if ended.ending is Ending.DONE and ended.result is not None:
        return jsonrpc.result(id_, _result(ended.result, ended, stateless=stateless))
    if ended.ending is Ending.DONE and ended.error is not None:
        error = ended.error
        about = _about(ended) if error.get("code") in NOT_FOUND else {}
        return results.upstream_error(id_, error, ended, about=about, stateless=stateless)
    code, what, fix = told.brief(ended)
    data: JsonObject = {
        "code": code,
        "what": what,
        "fix": fix,
        told.META_KEY: told.meta(ended),
    }
    return jsonrpc.error(id_, jsonrpc.SERVER_ERROR, told.text(ended), data)


def _result(result: JsonObject, ended: Ended, *, stateless: bool) -> JsonObject:
    said = results.with_statement(result, ended)
    if not stateless:
        return said
    if ended.call.proposal.tool in _FRESH:
        # What one may see is theirs; how long it stays so is for the system to say.
        fresh = said.get("ttlMs")
        known = isinstance(fresh, int) and not isinstance(fresh, bool) and fresh >= 0
        said = {**said, "ttlMs": fresh if known else 0, "cacheScope": "private"}
    return results.complete(said)


def _about(ended: Ended) -> JsonObject:
    uri = ended.call.proposal.args.get("uri")
    return {"uri": uri} if ended.call.proposal.tool == READ else {}


# --- Parameters. ---


def _by_uri(params: JsonObject) -> JsonObject:
    return {"uri": _text(params, "uri")}


def _list(params: JsonObject) -> JsonObject:
    return {"cursor": _text(params, "cursor", empty=True)} if "cursor" in params else {}


def _prompt(params: JsonObject) -> JsonObject:
    args: JsonObject = {"name": _text(params, "name")}
    if "arguments" in params:
        args["arguments"] = _texts(params, "arguments")
    return args


def _completion(params: JsonObject) -> JsonObject:
    ref = _object(params, "ref")
    match ref.get("type"):
        case "ref/prompt":
            about: JsonObject = {"type": "ref/prompt", "name": _text(ref, "name")}
        case "ref/resource":
            about = {"type": "ref/resource", "uri": _text(ref, "uri")}
        case _:
            raise ParamsError("the member `ref` names neither a prompt nor a resource template")
    argument = _object(params, "argument")
    said: JsonObject = {
        "name": _text(argument, "name"),
        "value": _text(argument, "value", empty=True),
    }
    args: JsonObject = {"ref": about, "argument": said}
    context = _object(params, "context") if "context" in params else {}
    if "arguments" in context:
        args["context"] = {"arguments": _texts(context, "arguments")}
    return args


def _text(params: JsonObject, name: str, *, empty: bool = False) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise ParamsError(f"the member `{name}` is not a text")
    if len(value) > TEXT_MAX:
        raise ParamsError(f"the member `{name}` is longer than {TEXT_MAX} characters")
    return value


def _object(params: JsonObject, name: str) -> JsonObject:
    value = params.get(name)
    if not isinstance(value, dict):
        raise ParamsError(f"the member `{name}` is not an object")
    return value


def _texts(params: JsonObject, name: str) -> JsonObject:
    found = _object(params, name)
    if not all(isinstance(value, str) for value in found.values()):
        raise ParamsError(f"the member `{name}` holds something that is not a text")
    return dict[str, Json](found)


_PARAMS: Final[Mapping[str, Checked]] = {
    READ: _by_uri,
    SUBSCRIBE: _by_uri,
    UNSUBSCRIBE: _by_uri,
    GET_PROMPT: _prompt,
    COMPLETE: _completion,
    LIST_RESOURCES: _list,
    LIST_TEMPLATES: _list,
    LIST_PROMPTS: _list,
}

if _PARAMS.keys() != METHODS:
    raise TypeError("each method needs its parameters")
