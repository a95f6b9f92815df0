"""What one tool rule says of one call, and how the entries that cover the call say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sallyport.model import ArgumentRule, Entry, Floor, Json, Operator, Question, ToolRule
from sallyport.rules import reasons

Facts = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What one tool rule says of one call.

    `floors` is empty where the rule leaves it to the level's default. `entry` is the line that set
    the floor, `question` what an *ask* entry needs. `loosens` is True where an `allow` entry with
    its reason and end stands in for the defaults of level and impact.
    """

    floors: tuple[Floor, ...]
    entry: Entry | None = None
    question: Question | None = None
    loosens: bool = False


def facts_needed(rule: ToolRule) -> tuple[str, ...]:
    """Return the facts that the gateway must read before it can rule, in order of appearance."""
    names = list(rule.when)
    for entry in (*rule.allow, *rule.ask, *rule.never):
        names += [name for name in entry.when if name not in names]
    return tuple(names)


def may_be_absent(wanted: ArgumentRule) -> bool:
    """Return whether a call may leave the argument out."""
    return wanted.optional or any(one.operator is Operator.ABSENT for one in wanted.constraints)


def in_force(entry: Entry, today: date) -> bool:
    """Return whether an entry still counts; its last day counts in full."""
    return entry.until is None or today <= entry.until


def asking(asks: Sequence[Entry], floors: Sequence[Floor] = ()) -> Ruling:
    """Return the ruling where these `ask` entries cover the call, at least one, beside `floors`."""
    said = [
        reasons.ask("boundary.ask", where=entry.where, who=" or ".join(entry.who)) for entry in asks
    ]
    if any(entry.needs_human for entry in asks):
        who = " or ".join(dict.fromkeys(name for entry in asks for name in entry.who))
        said.append(reasons.ask("review.needs_human", who=who))
    return Ruling(floors=(*floors, *said), entry=asks[0], question=_strictest(asks))


def allowing(allows: Sequence[Entry], floors: Sequence[Floor] = ()) -> Ruling:
    """Return the ruling where these `allow` entries cover the call, at least one, and are live."""
    reasoned = all(entry.because and entry.until is not None for entry in allows)
    said = [reasons.allow("boundary.allow", where=entry.where) for entry in allows]
    return Ruling(floors=(*floors, *said), entry=allows[0], loosens=reasoned)


def _strictest(asks: Sequence[Entry]) -> Question:
    """Return one question that answers every entry: fewest people, highest count, shortest time."""
    roles = set(asks[0].who).intersection(*(entry.who for entry in asks))
    who = tuple(role for role in asks[0].who if role in roles)
    how_many = max(entry.how_many for entry in asks)
    ends = [entry.within_s for entry in asks if entry.within_s is not None]
    human = any(entry.needs_human for entry in asks)
    if not ends:
        return Question(who=who, how_many=how_many, needs_human=human)
    return Question(who=who, how_many=how_many, within_s=min(ends), needs_human=human)
