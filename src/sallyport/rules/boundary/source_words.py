"""Reads what a workflow says of its sources: `trust`, `data` and `jurisdiction`."""

from __future__ import annotations

from collections.abc import Iterable

from sallyport.model import USUAL_DATA, DataClass, Trusted
from sallyport.rules.boundary import values
from sallyport.rules.boundary.declared import check_place
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar


def read_trust(out: Collector, node: Node | None, tools: Iterable[str]) -> tuple[Trusted, ...]:
    """Return the results that are trusted, and the fields of results.

    A tool's name may have dots, so of several tools that a line begins with the longest is meant.

    Args:
        out: Where problems go.
        node: The list after `trust`.
        tools: The names of the file's tools.
    """
    known = sorted(tools, key=len, reverse=True)
    found: list[Trusted] = []
    marks = _marks(node)
    for name in values.tools(out, node, "`trust`"):
        tool = next((one for one in known if name == one or name.startswith(f"{one}.")), "")
        if tool:
            found.append(Trusted(tool=tool, path=name[len(tool) + 1 :]))
        else:
            what = f"`{name}` is no tool of this file, nor a field of what one returns"
            out.add(marks[name], "unknown_tool", what, suggest(name, sorted(known)))
    return tuple(found)


def read_data(out: Collector, node: Node | None) -> frozenset[DataClass]:
    """Return the classes of data that may be handled; the usual ones where nothing is said."""
    if node is None:
        return USUAL_DATA
    known = [one.value for one in DataClass]
    items = values.items(out, node, "`data`")
    found = [values.choice(out, item, known, "a class of data") for item in items]
    if isinstance(node, Listing) and not items:
        out.add(node.mark, "wrong_type", "`data` is an empty list", "name at least one class")
    return frozenset(DataClass(one) for one in found if one)


def read_jurisdiction(out: Collector, node: Node | None) -> tuple[str, ...]:
    """Return where systems must lie; nothing where they may lie anywhere."""
    marks = _marks(node)
    found = values.names(out, node, "`jurisdiction`")
    for name in found:
        check_place(out, marks[name], name)
    return tuple(sorted(found))


def _marks(node: Node | None) -> dict[str, Mark]:
    """Return where each text of a list stands."""
    items = node.items if isinstance(node, Listing) else ()
    return {str(item.value): item.mark for item in items if isinstance(item, Scalar)}
