"""The four hard gates of a small team: sending, deleting, billing, access.

Behind each of them a person is asked. Only one thing opens a gate without that: a live `allow`
entry, with its reason and its end, in a signed version. So what is open can be named, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sallyport.model import Boundary, Entry, Impact, Json, JsonObject, Level, ToolRule
from sallyport.rules.boundary.ruling import in_force


class Gate(StrEnum):
    """What a team cannot take back once it has happened."""

    SENDING = "sending"
    DELETING = "deleting"
    BILLING = "billing"
    ACCESS = "access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An `allow` entry that lets something through a gate unasked, until the end of a day."""

    entry: str
    because: str
    until: date

    def __str__(self) -> str:
        return f"{self.entry} until {self.until.isoformat()}, because {self.because}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind one gate, and what opens it."""

    gate: Gate
    tools: tuple[str, ...]
    openings: tuple[Opening, ...]

    def __str__(self) -> str:
        if not self.tools:
            return f"{self.gate.value}: nothing here does that"
        tools = ", ".join(self.tools)
        if not self.openings:
            return f"{self.gate.value} ({tools}): a person is always asked"
        opened = "; ".join(map(str, self.openings))
        return f"{self.gate.value} ({tools}): a person is asked, except for {opened}"

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "gate": self.gate.value,
            "tools": list[Json](self.tools),
            "openings": [
                {"entry": one.entry, "because": one.because, "until": one.until.isoformat()}
                for one in self.openings
            ],
        }


def hard_gates(boundary: Boundary, *, today: date) -> tuple[Behind, ...]:
    """Return what stands behind each of the four gates, and what opens it on a day."""
    return tuple(_behind(gate, boundary, today) for gate in Gate)


def openings(rule: ToolRule, *, today: date) -> Iterator[Opening]:
    """Yield the entries of a tool that stand in for a default that asks, as far as they are live.

    What nobody can take back is asked whatever is written.
    """
    for entry in rule.allow:
        if lifts(rule, entry) and entry.until is not None and in_force(entry, today):
            yield Opening(entry=entry.where, because=entry.because, until=entry.until)


def lifts(rule: ToolRule, entry: Entry) -> bool:
    """Return whether an `allow` entry stands in for a default that asks, while it is live."""
    return bool(entry.because) and entry.until is not None and not rule.irreversible


def _behind(gate: Gate, boundary: Boundary, today: date) -> Behind:
    workflow = boundary.workflow
    rules = {
        tool: rule
        for tool, rule in workflow.tools.items()
        if tool not in workflow.never and gate in _gates_of(tool, rule, boundary)
    }
    opened = (one for rule in rules.values() for one in openings(rule, today=today))
    return Behind(gate=gate, tools=tuple(sorted(rules)), openings=tuple(opened))


def _gates_of(tool: str, rule: ToolRule, boundary: Boundary) -> set[Gate]:
    told = {
        Gate.SENDING: rule.level is Level.EXTERNAL
        or bool(rule.touches & {Impact.CUSTOMER_COMMUNICATION, Impact.PUBLISHING}),
        Gate.DELETING: Impact.DELETION in rule.touches or _says_it_destroys(tool, boundary),
        Gate.BILLING: Impact.MONEY in rule.touches,
        Gate.ACCESS: Impact.ACCESS in rule.touches,
    }
    return {gate for gate, is_so in told.items() if is_so}


def _says_it_destroys(tool: str, boundary: Boundary) -> bool:
    """Return whether a tool's accepted definition says that it destroys."""
    pin = boundary.pins.get(tool)
    if pin is None:
        return False
    hints = pin.definition.get("annotations")
    if not isinstance(hints, dict) or hints.get("readOnlyHint") is True:
        return False
    return hints.get("destructiveHint") is True
