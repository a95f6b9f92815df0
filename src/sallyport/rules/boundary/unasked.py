"""A version in which a gate lets through, unasked, what people always approved at it.

It is text like any other that an owner writes: it is proved against the version in force, shown as
a difference in words, and counts when its owner and a second person have signed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sallyport.model import Entry, JsonObject, Question, ToolRule
from sallyport.rules.boundary.narrowest import NotNarrowed, allowed, narrowed, pieces
from sallyport.rules.boundary.rewrite import entries, with_entries
from sallyport.rules.boundary.values import duration

DAYS = 90
"""So long an entry that was proposed like this counts; then the gate asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """The text of a file with a gate split; `left` is what nothing but its owner's words bounds."""

    text: str
    left: tuple[str, ...]


def end_of(today: date, expires: date) -> date:
    """Return the last day of a proposed entry."""
    return min(today + timedelta(days=DAYS), expires)


def unasked(
    text: str,
    rule: ToolRule,
    where: str,
    question: Question,
    seen: Sequence[JsonObject],
    *,
    because: str,
    until: date,
) -> Unasked | NotNarrowed:
    """Return a workflow file in which what was seen at a gate no longer asks.

    Args:
        text: The file in force.
        rule: What it says of the tool.
        where: The `ask` entry, as `tickets.update.ask[0]`; empty where the level's default asks.
        question: Whom the gate asks, for what still asks where no entry says it.
        seen: The arguments of the calls that were approved.
        because: The reason that the entry gives.
        until: Its last day.

    Raises:
        BadInputError: The file is not written so that an entry can be put there.
    """
    entry = next((one for one in rule.ask if one.where == where), None)
    if entry is None and (where or rule.ask or rule.allow):
        return NotNarrowed(why="the entry that asked is no longer there")
    listed = entries(text, rule.tool, "ask")
    at = rule.ask.index(entry) if entry is not None else len(listed)
    old = listed[at] if entry is not None else {}
    written = old.get("args")
    args: JsonObject = written if isinstance(written, dict) else {}
    found = narrowed(rule, entry, args, seen)
    if isinstance(found, NotNarrowed):
        return found
    rest = [_asking(old, one, question, entry) for one in pieces(args, found.parts)]
    allow = _allowing(old, allowed(args, found.parts), because, until)
    new = {
        "allow": [*entries(text, rule.tool, "allow"), allow],
        "ask": [*listed[:at], *rest, *listed[at + 1 :]],
    }
    return Unasked(text=with_entries(text, rule.tool, new), left=found.left)


def _allowing(old: JsonObject, args: JsonObject, because: str, until: date) -> JsonObject:
    made: JsonObject = {"args": args} if args else {}
    if "when" in old:
        made["when"] = old["when"]
    return {**made, "because": because, "until": until.isoformat()}


def _asking(
    old: JsonObject, args: JsonObject, question: Question, entry: Entry | None
) -> JsonObject:
    """Return an entry that asks as the gate does, for a part of what it asked for."""
    if entry is not None:
        return {"args": args, **{name: value for name, value in old.items() if name != "args"}}
    return {"args": args, "who": list(question.who), "within": duration(question.within_s)}
