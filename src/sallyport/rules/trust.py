"""Is a result our own, so that an agent may take it in and stay uninfluenced?

Rules:
  1. Trust is per field, and never above the field's last writer. It takes both: the owner names
     the field under `trust`, and the system's operator says that one of ours wrote it last. An
     unknown writer is not ours.
  2. Whatever is returned counts: each value, the names on the way to it, and every text beside it.
     A text is ours if it is the structured content again, or if the whole result is.
  3. Every version of the boundary that the task is held to must say so.
  4. Errors, questions, and answers of another form are text from outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from sallyport.errors import SallyportError
from sallyport.model import OURS, Boundary, Json, JsonObject
from sallyport.rules import canonical, strict_json
from sallyport.rules.boundary.writers import Path, all_ours, way_of, within, writer_of
from sallyport.rules.context import Context

_KNOWN = frozenset({"content", "structuredContent", "isError"})
_ALL: Path = ()
_DEPTH_MAX = 64


def is_ours(result: JsonObject, context: Context) -> bool:
    """Return whether a tool's result leaves the agent's run as it is.

    Args:
        result: What the system answered, as it is passed on; no error.
        context: What the call was decided on.
    """
    tool = context.proposal.tool
    return bool(context.boundaries) and all(
        _trusts(boundary, tool, result) for boundary in context.boundaries
    )


def _trusts(boundary: Boundary, tool: str, result: JsonObject) -> bool:
    ways = [way_of(one) for one in boundary.workflow.trust if one.tool == tool]
    rule = boundary.workflow.tools.get(tool)
    system = boundary.systems.get(rule.system) if rule else None
    plumbing = system.tools.get(tool) if system else None
    if not ways or plumbing is None:
        return False
    if _ALL in ways and all_ours(plumbing):
        return True
    structured = result.get("structuredContent")
    if not isinstance(structured, dict) or not result.keys() <= _KNOWN:
        return False
    fields = all(
        any(within(path, way) for way in ways) and writer_of(plumbing, path) in OURS
        for path in _leaves(structured, ())
    )
    return fields and _says_again(result.get("content", []), structured)


def _leaves(value: Json, way: Path) -> Iterator[Path]:
    """Yield the way to each value that holds no others; items of a list share their list's."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*way, name))
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, way)
    else:
        yield way


def _says_again(content: Json, structured: JsonObject) -> bool:
    """Return whether what stands beside the structured content is that content as text."""
    said = canonical.encode(structured)
    return isinstance(content, list) and all(_is_text_of(block, said) for block in content)


def _is_text_of(block: Json, said: bytes) -> bool:
    if not isinstance(block, dict) or block.keys() != {"type", "text"} or block["type"] != "text":
        return False
    text = block["text"]
    if not isinstance(text, str):
        return False
    data = text.encode(errors="surrogatepass")
    try:
        read = strict_json.loads(data, bytes_max=len(data), depth_max=_DEPTH_MAX)
    except SallyportError:
        return False
    return canonical.encode(read) == said
