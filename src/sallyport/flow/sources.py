"""What a boundary was compiled from: file texts, and the tools as they were offered.

Rules:
  1. What was signed is kept as its sources, never changed; compiled again they must give the same
     digest, or the version does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sallyport.errors import SallyportError, StoreCorruptError
from sallyport.flow import rows
from sallyport.model import Boundary, Json, JsonObject, System, ToolPin, Workflow
from sallyport.ports import Row
from sallyport.rules import VERSION, canonical
from sallyport.rules.boundary.compile import calls_of, compile_boundary
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.methods import IMPLIED, INSTRUCTIONS
from sallyport.rules.strict_json import loads

ROLES: Mapping[str, str] = {
    "administrator": "enrols people, makes keys, signs boundaries",
    "owner": "signs boundaries",
    "reviewer": "answers questions that no boundary line assigns, signs boundaries second",
    "operator": "stops, resumes and sets floors",
    "auditor": "reads the ledger",
}
"""The roles that Sallyport itself knows. A boundary may name any others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was written: file texts by name, and the definitions they were compiled against."""

    workflow: str
    workflow_file: str
    systems: Mapping[str, str]
    pins: tuple[ToolPin, ...]

    def as_json(self) -> JsonObject:
        """Return the sources as they are kept."""
        return {
            "workflow": self.workflow,
            "workflow_file": self.workflow_file,
            "systems": dict(self.systems),
            "pins": [
                {"system": pin.system, "tool": pin.tool, "definition": pin.definition}
                for pin in self.pins
            ],
        }


def compiled(sources: Sources) -> Boundary:
    """Compile sources into a boundary. The same sources give the same digest."""
    systems = [load_system(text, file) for file, text in sources.systems.items()]
    return compile_boundary(
        load_workflow(sources.workflow, sources.workflow_file),
        {system.name: system for system in systems},
        sources.pins,
        code_version=VERSION,
        roles=ROLES,
    )


def needed(
    workflow: Workflow, systems: Sequence[System], offered: Sequence[ToolPin]
) -> tuple[ToolPin, ...]:
    """Return the pins a boundary needs: its own tools, and those its look-ups and undo calls use.

    What its systems tell agents beforehand is pinned with them. A tool that two systems offer keeps
    both, so that compiling sees the collision.
    """
    wanted = set(workflow.tools).union(*({r.tool for r in calls_of(s)} for s in systems))
    wanted |= {method for method, by in IMPLIED.items() if by in wanted} | {INSTRUCTIONS}
    return tuple(pin for pin in offered if pin.tool in wanted)


def kept(row: Row) -> Boundary | None:
    """Return a stored boundary, or None where it no longer compiles to the digest it has.

    A release that means something else by the same words has another `VERSION`, so an old
    signature does not carry over: the workflow has no boundary until its owner signs again.
    """
    document = _document(row)
    try:
        boundary = compiled(_sources(document))
    except (SallyportError, KeyError):
        return None
    return boundary if boundary.digest == rows.text(row, "id") else None


def sources_of(row: Row) -> Sources:
    """Return the sources of a stored boundary."""
    return _sources(_document(row))


def _document(row: Row) -> JsonObject:
    document = loads(rows.blob(row, "document"), bytes_max=64 * 1024 * 1024, depth_max=512)
    if not isinstance(document, dict):
        raise StoreCorruptError("a boundary's row does not hold its sources")
    return document


def _sources(document: JsonObject) -> Sources:
    pins = cast("list[dict[str, Json]]", document["pins"])
    return Sources(
        workflow=cast(str, document["workflow"]),
        workflow_file=cast(str, document["workflow_file"]),
        systems=cast("dict[str, str]", document["systems"]),
        pins=tuple(
            ToolPin(
                system=cast(str, pin["system"]),
                tool=cast(str, pin["tool"]),
                definition=cast(JsonObject, pin["definition"]),
                digest=canonical.digest("tool", pin["definition"]),
            )
            for pin in pins
        ),
    )
