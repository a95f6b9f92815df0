"""What the results of methods other than `tools/call` look like, as far as it is relied on.

A result that is not of its method's shape is no definite answer. What else a result holds is passed
on as it came.

Source: MCP 2025-11-25 and 2026-07-28, "Resources", "Prompts" and "Completion".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sallyport.model import Json, JsonObject
from sallyport.rules.methods import (
    COMPLETE,
    GET_PROMPT,
    LIST_PROMPTS,
    LIST_RESOURCES,
    LIST_TEMPLATES,
    READ,
)

Shape: TypeAlias = Callable[[JsonObject], bool]


def problem(method: str, result: JsonObject) -> str:
    """Return what is wrong with the result of a method; empty when nothing is."""
    if _SHAPES.get(method, _anything)(result):
        return ""
    return f"the result is not one of `{method}`"


def _anything(_: JsonObject) -> bool:
    return True


def _list_of(member: str, item: Shape) -> Shape:
    def fits(result: JsonObject) -> bool:
        items, cursor = result.get(member), result.get("nextCursor")
        return (
            isinstance(items, list)
            and all(isinstance(one, dict) and item(one) for one in items)
            and (cursor is None or isinstance(cursor, str))
        )

    return fits


def _texts(*members: str) -> Shape:
    return lambda value: all(isinstance(value.get(member), str) for member in members)


def _content(value: JsonObject) -> bool:
    held = "text" if "text" in value else "blob"
    return isinstance(value.get("uri"), str) and isinstance(value.get(held), str)


def _message(value: JsonObject) -> bool:
    content = value.get("content")
    return isinstance(value.get("role"), str) and isinstance(content, dict) and "type" in content


def _completion(result: JsonObject) -> bool:
    found = result.get("completion")
    values: Json = found.get("values") if isinstance(found, dict) else None
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


_SHAPES: Final[Mapping[str, Shape]] = {
    READ: _list_of("contents", _content),
    GET_PROMPT: _list_of("messages", _message),
    COMPLETE: _completion,
    LIST_RESOURCES: _list_of("resources", _texts("uri", "name")),
    LIST_TEMPLATES: _list_of("resourceTemplates", _texts("uriTemplate", "name")),
    LIST_PROMPTS: _list_of("prompts", _texts("name")),
}
