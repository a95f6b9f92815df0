"""What people may answer more than once with one look: the routine, and nothing that could hurt.

Rules:
  1. Only what stays inside, is an entry in a record at most, and can be put right.
  2. Only what is asked as a matter of course. A reason that speaks of this very call (a floor that
     somebody set, a change by a person, that it was asked before) is looked at by itself.
  3. That text from outside has entered a task is said of nearly everything that an agent does after
     its first read. It is such a matter too, where whoever answers was told so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from sallyport.model import Impact, Json, Level, ToolRule
from sallyport.rules.inert import hides_something
from sallyport.rules.telling.money import currencies

OF_COURSE: Final = frozenset(
    {
        *("boundary.ask", "boundary.allow_over", "level.ask", "impact.ask", "agent.stage_ask"),
        "influence.untrusted",
    }
)
"""Reasons to ask that say nothing about one call in particular."""

HARMLESS: Final = OF_COURSE | {"boundary.allow", "level.default"}
"""What else may stand among the reasons of a question that is asked as a matter of course."""


CHECKED: Final = "a check has something to say about it"
"""Why something is looked at by itself, where it says no more."""


def too_serious(level: Level, touches: Collection[Impact], *, irreversible: bool) -> str:
    """Return why calls of a tool are each answered by themselves; nothing where they need not be.

    Args:
        level: The level that the call is treated at.
        touches: What it touches beyond its level, by every version that counts.
        irreversible: Whether nobody can take it back.
    """
    if level >= Level.EXTERNAL:
        return "it leaves the house"
    beyond = sorted(one.value.replace("_", " ") for one in touches if one is not Impact.RECORDS)
    if beyond:
        return f"it touches {' and '.join(beyond)}"
    return "nobody can take it back" if irreversible else ""


def amounts(rule: ToolRule, args: Collection[str]) -> Iterator[str]:
    """Yield the arguments of a call that are money, as its boundary or its system has it."""
    return (name for name in args if name in rule.units or currencies(rule, name))


def out_of_course(findings: Json) -> bool:
    """Return whether among the codes of a question's reasons is one that speaks of this call."""
    if not isinstance(findings, list):
        return True
    return any(code not in HARMLESS for code in findings)


def hides(value: Json) -> bool:
    """Return whether somewhere in a value stand characters that nobody can see."""
    if isinstance(value, dict):
        return any(hides_something(name) or hides(one) for name, one in value.items())
    if isinstance(value, list):
        return any(hides(one) for one in value)
    return isinstance(value, str) and hides_something(value)
