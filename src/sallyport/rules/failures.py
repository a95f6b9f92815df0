"""What went wrong, by its nature: whether a tool, the agent's thinking, its sources or a rule.

Rules:
  1. Whoever rejects names one reason of a closed catalogue, and each reason has one class. So has
     each reason by which the gateway itself refuses, by the first word of its code.
  2. A call that its system failed is the system's, unless nobody knows what became of it.
  3. What is not known here is `unclassified`, and counted as that. Nothing is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sallyport.model import Json, JsonObject

DAYS: Final = 30
"""How far back a report looks where nobody says."""
DAYS_MAX: Final = 3660


class Class(StrEnum):
    """The nature of a failure."""

    SOFTWARE = "software"
    REASONING = "reasoning"
    RETRIEVAL = "retrieval"
    PERMISSION = "permission"
    WORKFLOW = "workflow"
    SECURITY = "security"
    UNCLASSIFIED = "unclassified"


MEANS: Final[Mapping[Class, str]] = {
    Class.SOFTWARE: "a system, a tool or the gateway did not work as it should",
    Class.REASONING: "the agent concluded wrongly: the wrong record, tool or value",
    Class.RETRIEVAL: "what it went by was missing, stale or not there to be found",
    Class.PERMISSION: "it was not allowed to do that",
    Class.WORKFLOW: "the work was not in a state for it: done already, too early, too often",
    Class.SECURITY: "it looks like an attack, or something was stopped",
    Class.UNCLASSIFIED: "none of these",
}

OF_REASON: Final[Mapping[str, Class]] = {
    "wrong_target": Class.REASONING,
    "wrong_value": Class.REASONING,
    "unsupported": Class.RETRIEVAL,
    "out_of_date": Class.RETRIEVAL,
    "not_wanted": Class.WORKFLOW,
    "not_allowed": Class.PERMISSION,
    "done_already": Class.WORKFLOW,
    "not_now": Class.WORKFLOW,
    "broken": Class.SOFTWARE,
    "suspicious": Class.SECURITY,
    "other": Class.UNCLASSIFIED,
}
"""Of each reason of `rules.answering` for which people reject."""

OF_CODE: Final[Mapping[str, Class]] = {
    "boundary.fact_missing": Class.RETRIEVAL,
    "boundary.when": Class.WORKFLOW,
    "boundary.argument_missing": Class.REASONING,
    "boundary.only": Class.REASONING,
    "boundary.template": Class.REASONING,
    "boundary.no_entry": Class.REASONING,
    "boundary.tool_not_declared": Class.REASONING,
    "tool.unknown": Class.REASONING,
    "tool.quarantined": Class.SECURITY,
    "lookup.failed": Class.RETRIEVAL,
    "approval.stale": Class.WORKFLOW,
}
"""Of codes by themselves, before the first word of the code is looked at."""

OF_FIRST: Final[Mapping[str, Class]] = {
    "request": Class.WORKFLOW,
    "answer": Class.WORKFLOW,
    "agent": Class.PERMISSION,
    "permission": Class.PERMISSION,
    "boundary": Class.PERMISSION,
    "tool": Class.PERMISSION,
    "parameters": Class.REASONING,
    "limit": Class.WORKFLOW,
    "switch": Class.SECURITY,
    "stop": Class.SECURITY,
    "fence": Class.SECURITY,
    "influence": Class.SECURITY,
    "upstream": Class.SOFTWARE,
    "check": Class.SOFTWARE,
    "gateway": Class.SOFTWARE,
    "call": Class.WORKFLOW,
    "approval": Class.WORKFLOW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One call that came to nothing. `by` is `people`, `gateway` or `system`; `code` says why."""

    by: str
    code: str
    workflow: str
    tool: str
    agent: str

    @property
    def nature(self) -> Class:
        """The class it belongs to."""
        if self.by == "people":
            return OF_REASON.get(self.code, Class.UNCLASSIFIED)
        if self.by == "system":
            return Class.SOFTWARE
        first = self.code.partition(".")[0]
        return OF_CODE.get(self.code) or OF_FIRST.get(first, Class.UNCLASSIFIED)


def report(failed: Iterable[Failed]) -> JsonObject:
    """Return how many calls came to nothing: by class, and under each by reason and by tool."""
    by_class: dict[Class, list[Failed]] = {nature: [] for nature in Class}
    for one in failed:
        by_class[one.nature].append(one)
    classes: list[Json] = [_class(nature, found) for nature, found in by_class.items()]
    return {"total": sum(map(len, by_class.values())), "classes": classes}


def _class(nature: Class, found: list[Failed]) -> JsonObject:
    reasons = Counter((one.by, one.code) for one in found)
    tools = Counter((one.workflow, one.tool) for one in found)
    return {
        "class": nature.value,
        "means": MEANS[nature],
        "count": len(found),
        "rejected": sum(one.by == "people" for one in found),
        "refused": sum(one.by == "gateway" for one in found),
        "failed": sum(one.by == "system" for one in found),
        "reasons": [
            {"by": by, "code": code, "count": count}
            for (by, code), count in sorted(reasons.items(), key=_most)
        ],
        "tools": [
            {"workflow": workflow, "tool": tool, "count": count}
            for (workflow, tool), count in sorted(tools.items(), key=_most)
        ],
    }


def _most(one: tuple[tuple[str, str], int]) -> tuple[int, tuple[str, str]]:
    return -one[1], one[0]
