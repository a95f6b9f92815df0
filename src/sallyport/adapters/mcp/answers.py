"""What a system's answer must look like before anyone else sees it.

Rules:
  1. The result of a call has the shape of `CallToolResult`, that of a method its own shape
     (`shapes.py`), or it is no definite answer.
  2. `_meta` keys under `io.sallyport/` are the gateway's own words: a system cannot speak them.
  3. What belongs to one era or one hop ends here: the kind of a result, how long it may be kept,
     who serves it. Our own side says these things for itself. A result that asks for
     input is passed on where that was offered; after one of any other kind, nobody knows what
     became of the call.
  4. A tool's definition is kept as it came, unknown members included; its digest covers all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from sallyport.adapters.mcp import questions, shapes
from sallyport.adapters.mcp.era import NOTHING, SERVER_KEY
from sallyport.errors import UpstreamProtocolError
from sallyport.model import Json, JsonObject, ToolPin
from sallyport.ports import Reply
from sallyport.rules import canonical, jsonrpc
from sallyport.rules.methods import METHODS, NO_TOOLS, definition

RESERVED: Final = "io.sallyport/"
"""The prefix of the `_meta` keys in which the gateway speaks."""

IDEMPOTENCY_KEY: Final = f"{RESERVED}idempotency-key"
OF_ONE_HOP: Final = ("resultType", "ttlMs", "cacheScope")
COMPLETE: Final = "complete"

_TOOL_NAME = re.compile(r"[A-Za-z0-9_./-]{1,128}")


def reply(
    system: str,
    answer: jsonrpc.Response,
    *,
    method: str = "",
    stateless: bool = False,
    abilities: frozenset[str] = frozenset(),
) -> Reply:
    """Return the definite answer to a call, or what its system asks first.

    Args:
        system: Who answered.
        answer: What it answered.
        method: The method, if it was no tool that was called.
        stateless: Whether in the stateless era, where structured content may be any JSON.
        abilities: What its asker can be asked.

    Raises:
        UpstreamProtocolError: The result is not one of this method, or it asks for more.
    """
    if answer.result is None:
        return _failed(answer.error or {}, NOTHING if stateless else abilities)
    if stateless and answer.result.get("resultType") == questions.INPUT_REQUIRED:
        return _asked(system, answer.result, method, abilities)
    _check_kind(system, answer.result)
    if method in METHODS:
        problem = shapes.problem(method, answer.result)
        if problem:
            raise _bad(system, problem)
        return Reply(result=_clean_items(answer.result))
    _check_result(system, answer.result, stateless=stateless)
    return Reply(result=_clean(answer.result))


def _failed(error: JsonObject, abilities: frozenset[str]) -> Reply:
    asks = questions.addresses(error, abilities)
    if asks is not None:
        return Reply(result=None, asks=asks)
    return Reply(result=None, error=_without_reserved_data(questions.without_addresses(error)))


def _asked(system: str, result: JsonObject, method: str, abilities: frozenset[str]) -> Reply:
    asks = questions.asked_instead(result, method, abilities, is_method=method in METHODS)
    if isinstance(asks, str):
        raise _bad(system, asks)
    return Reply(result=None, asks=asks)


def _check_kind(system: str, result: JsonObject) -> None:
    # A result that says nothing of its kind is complete (MCP 2026-07-28, `Result.resultType`).
    kind = result.get("resultType", COMPLETE)
    if kind != COMPLETE:
        raise _bad(system, _UNASKED.get(str(kind), "the result is of an unknown kind"))


def _check_result(system: str, result: JsonObject, *, stateless: bool) -> None:
    content = result.get("content")
    if not isinstance(content, list) or not all(map(_is_block, content)):
        raise _bad(system, "the result has no list of content blocks")
    if not stateless and not isinstance(result.get("structuredContent", {}), dict):
        raise _bad(system, "the structured content is not an object")
    if not isinstance(result.get("isError", False), bool):
        raise _bad(system, "the member `isError` is not a truth value")


_UNASKED: Final = {
    "input_required": "it asks for input that it was never offered",
    "task": "it answers with a task, which it was never offered",
}


def _is_block(block: Json) -> bool:
    return isinstance(block, dict) and isinstance(block.get("type"), str)


def _bad(system: str, what: str) -> UpstreamProtocolError:
    return UpstreamProtocolError(f"system `{system}` sent a bad answer: {what}")


def _clean_items(result: JsonObject) -> JsonObject:
    """Return the result of a method, cleaned as deep as it holds things that bear `_meta`."""
    cleaned = _without_hop(result)
    for member, items in cleaned.items():
        if isinstance(items, list):
            cleaned[member] = [_clean_item(item) for item in items]
    return cleaned


def _clean_item(item: Json) -> Json:
    if not isinstance(item, dict):
        return item
    cleaned = _without_reserved(item)
    return (
        {**cleaned, "content": _clean_block(cleaned["content"])} if "content" in item else cleaned
    )


def _without_hop(result: JsonObject) -> JsonObject:
    cleaned = _without_reserved(result)
    for member in OF_ONE_HOP:
        cleaned.pop(member, None)
    return cleaned


def _clean(result: JsonObject) -> JsonObject:
    cleaned = _without_hop(result)
    content = cleaned["content"]
    if isinstance(content, list):
        cleaned["content"] = [_clean_block(block) for block in content]
    return cleaned


def _clean_block(block: Json) -> Json:
    if not isinstance(block, dict):
        return block
    cleaned = _without_reserved(block)
    resource = cleaned.get("resource")
    if isinstance(resource, dict):
        cleaned["resource"] = _without_reserved(resource)
    return cleaned


def _without_reserved_data(error: JsonObject) -> JsonObject:
    data = error.get("data")
    if not isinstance(data, dict):
        return error
    return {**error, "data": _without_reserved(data)}


def _without_reserved(value: JsonObject) -> JsonObject:
    meta = value.get("_meta")
    if not isinstance(meta, dict):
        return dict(value)
    kept = {key: item for key, item in meta.items() if not _is_of_one_hop(key)}
    if meta and not kept:
        return {name: item for name, item in value.items() if name != "_meta"}
    return {**value, "_meta": kept}


def _is_of_one_hop(key: str) -> bool:
    return key == SERVER_KEY or key.lower().startswith(RESERVED)


def tool_page(system: str, answer: jsonrpc.Response) -> tuple[list[ToolPin], str]:
    """Return the tools of one page of `tools/list`, and the cursor of the next or nothing.

    Raises:
        UpstreamProtocolError: It is no page of tools.
    """
    if answer.result is None:
        raise _bad(system, "it does not list its tools")
    tools, cursor = answer.result.get("tools"), answer.result.get("nextCursor")
    if not isinstance(tools, list):
        raise _bad(system, "the answer has no list of tools")
    if cursor is not None and not isinstance(cursor, str):
        raise _bad(system, "the cursor is not a text")
    # A tool that bears the name of a method could be taken for it, so it is not offered.
    pins = [pin(system, tool) for tool in tools]
    return [one for one in pins if one.tool not in NO_TOOLS], cursor or ""


def method_pins(system: str, methods: Iterable[str]) -> tuple[ToolPin, ...]:
    """Return the pins of methods that a system serves and that are governed like tools."""
    return tuple(pin(system, definition(method)) for method in methods)


def pin(system: str, definition: Json) -> ToolPin:
    """Return a tool's definition with the digest that holds it.

    Raises:
        UpstreamProtocolError: It has no usable name. The name is not repeated: it may hold
            anything, and errors are shown on terminals.
    """
    if not isinstance(definition, dict):
        raise _bad(system, "a tool is not an object")
    name = definition.get("name")
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        raise _bad(system, "a tool's name is not 1 to 128 of letters, digits and `_ - . /`")
    digest = canonical.digest("tool", definition)
    return ToolPin(system=system, tool=name, definition=definition, digest=digest)
