"""How often people correct what an agent has classified: the signal that it drifts.

Rules:
  1. A label is an override when a person changed it before it was given. Who merely rejects has
     not said what it should have been.
  2. The figures are the team's and the agent's. No person is measured by them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sallyport.model import Json, JsonObject, Level
from sallyport.rules import canonical
from sallyport.rules.answering import changed

OVERRIDDEN: Final = "label.overridden"
"""The ledger entry of one override; its sealed part has the old label and the new one."""
LEVEL: Final = Level.CLASSIFY


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One argument that a person changed in a call that classifies."""

    workflow: str
    tool: str
    argument: str
    was: Json
    now: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many calls of a tool that classifies there were, and how many asked people."""

    workflow: str
    tool: str
    made: int
    asked: int


def difference(was: JsonObject, now: JsonObject) -> JsonObject:
    """Return what a person changed: by argument, what stood there and what stands there now."""
    return {name: {"was": was.get(name), "now": now.get(name)} for name in changed(was, now)}


def report(counted: Iterable[Counted], overrides: Iterable[Override]) -> JsonObject:
    """Return, by tool, how often people were asked and how often they gave another label.

    `per_mille` is the share of what people were asked that they changed, in thousandths.
    """
    found = list(overrides)
    tools: list[Json] = [_tool(one, found) for one in counted]
    return {"tools": tools}


def _tool(one: Counted, overrides: list[Override]) -> JsonObject:
    mine = [it for it in overrides if (it.workflow, it.tool) == (one.workflow, one.tool)]
    pairs = Counter((it.argument, canonical.text(it.was), canonical.text(it.now)) for it in mine)
    return {
        "workflow": one.workflow,
        "tool": one.tool,
        "made": one.made,
        "asked": one.asked,
        "overridden": len(mine),
        "per_mille": len(mine) * 1000 // one.asked if one.asked else 0,
        "pairs": [
            {"argument": argument, "was": was, "now": now, "count": count}
            for (argument, was, now), count in sorted(
                pairs.items(), key=lambda pair: (-pair[1], pair[0])
            )
        ],
    }
