"""The narrowest `allow` that would have covered what was always approved, and nothing else.

Rules:
  1. A value that was seen is let through; another one asks as before, the same people, for as long.
     Nothing that asked before is refused by it, and nothing that was refused is asked.
  2. What is bound to the task, or fixed by what an owner wrote, stays bound by that. What an owner
     left wholly open and what differs each time cannot be narrowed: then nothing is proposed.
  3. Of numbers that measure, the stretch from the least to the most was seen. Numbers that name a
     record have nothing between them.
  4. Never for what leaves the house, pays, deletes, gives access, or cannot be taken back. Nor for
     anything else that people care about beyond an entry in a record.

How a gate is split: what was seen of each argument is `A`, the rest is cut off one argument after
the other, so that the pieces do not meet: `not A1`, then `A1 and not A2`, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sallyport.model import (
    ArgumentRule,
    Bound,
    Boundary,
    Constraint,
    Entry,
    Json,
    JsonObject,
    Level,
    Operator,
    TaskInput,
    Template,
    ToolRule,
)
from sallyport.rules.boundary.constraints import is_number
from sallyport.rules.boundary.gates import hard_gates
from sallyport.rules.boundary.holding import holding
from sallyport.rules.boundary.ruling import may_be_absent
from sallyport.rules.records import names_a_record
from sallyport.rules.waiting_rules import SERIOUS

VALUES_MAX = 8
"""So many different words are listed; more are no rule but a list of what happened."""

_LITERAL = frozenset({Operator.IS, Operator.ONE_OF})
_LOWER = frozenset({Operator.AT_LEAST, Operator.ABOVE})
_UPPER = frozenset({Operator.AT_MOST, Operator.BELOW})
_LOOSE = frozenset({Operator.ANY, Operator.ABSENT})

_Bound = tuple[Operator, int | Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One argument: what was seen of it, and the rest in pieces, as a file writes constraints.

    `valued` is false where only that it is there was seen in common, whatever its value.
    """

    argument: str
    within: Json
    rest: tuple[Json, ...]
    valued: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """How a gate is split. `left` names arguments that only what the owner wrote bounds."""

    parts: tuple[Part, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNarrowed:
    """Why nothing can be proposed, as a clause."""

    why: str


def barred(boundary: Boundary, rule: ToolRule, today: date) -> str:
    """Return why a tool always asks, whatever was approved how often; nothing if it need not."""
    if rule.irreversible:
        return "nobody can take it back"
    if rule.level is Level.EXTERNAL:
        return "it leaves the house"
    serious = sorted(one.value.replace("_", " ") for one in rule.touches & SERIOUS)
    if serious:
        return f"it touches {', '.join(serious)}"
    behind = hard_gates(boundary, today=today)
    gate = next((one.gate.value for one in behind if rule.tool in one.tools), "")
    return f"it is behind the gate `{gate}`" if gate else ""


def narrowed(
    rule: ToolRule, entry: Entry | None, written: JsonObject, seen: Sequence[JsonObject]
) -> Narrowing | NotNarrowed:
    """Return how the calls that were seen are cut out of a gate.

    Args:
        rule: What the boundary says of the tool.
        entry: The `ask` entry that put the question; None where the level's default did.
        written: The `args` of that entry as its file has them; empty for the default.
        seen: The arguments of the calls that were approved.
    """
    parts: list[Part] = []
    left: list[str] = []
    for name, templates in rule.templates.items():
        if not _is_one_text(templates):
            why = f"`{name}` may be one of several texts, and no entry can say which"
            return NotNarrowed(why=why)
    for name in _names(rule, entry):
        found = _of(name, _said(rule, entry, name), written.get(name), seen)
        if isinstance(found, NotNarrowed):
            return found
        if found is not None:
            parts.append(found)
        unbounded = found is None or not found.valued
        if unbounded and not _is_fixed(_said(rule, entry, name)):
            left.append(name)
    return Narrowing(parts=tuple(parts), left=tuple(left))


def allowed(written: JsonObject, parts: Sequence[Part]) -> JsonObject:
    """Return the `args` of the `allow` entry."""
    return {**written, **{one.argument: one.within for one in parts}}


def pieces(written: JsonObject, parts: Sequence[Part]) -> Iterator[JsonObject]:
    """Yield the `args` of the `ask` entries that keep asking for all that is not allowed."""
    before = dict(written)
    for part in parts:
        for rest in part.rest:
            yield {**before, part.argument: rest}
        before[part.argument] = part.within


def _names(rule: ToolRule, entry: Entry | None) -> list[str]:
    """Return the arguments that an entry may bound: what has templates is theirs alone."""
    named = dict.fromkeys((*rule.only, *(entry.args if entry else ())))
    return [name for name in named if name not in rule.templates]


def _said(rule: ToolRule, entry: Entry | None, name: str) -> tuple[ArgumentRule, ...]:
    found = [rule.only.get(name), entry.args.get(name) if entry else None]
    return tuple(one for one in found if one is not None)


def _tests(said: Sequence[ArgumentRule]) -> list[Constraint]:
    return [constraint for one in said for constraint in one.constraints]


def _is_fixed(said: Sequence[ArgumentRule]) -> bool:
    """Return whether an argument can have no other value than the task's, or the one listed."""
    listed = _listed(said)
    return _is_the_tasks(said) or (listed is not None and len(listed) == 1)


def _is_one_text(templates: Sequence[Template]) -> bool:
    """Return whether a text can be no other than one template's, filled in the one way."""
    slots = [slot for one in templates for slot in one.slots.values()]
    return len(templates) == 1 and all(_is_fixed([slot]) for slot in slots)


def _is_the_tasks(said: Sequence[ArgumentRule]) -> bool:
    return any(isinstance(b, TaskInput) for one in _tests(said) for b in one.bounds)


def _of(
    name: str, said: Sequence[ArgumentRule], written: Json, seen: Sequence[JsonObject]
) -> Part | NotNarrowed | None:
    given = [one[name] for one in seen if name in one]
    optional = all(map(may_be_absent, said))
    if not given:
        return _never_given(name, written, optional=optional)
    may_lack = optional and len(given) < len(seen)
    must_be_there = optional and not may_lack
    part = None if _is_the_tasks(said) else _narrowed(name, said, given)
    if isinstance(part, Part):
        absent: tuple[Json, ...] = ("absent",) if must_be_there else ()
        within = _optional(part.within) if may_lack else part.within
        return Part(argument=name, within=within, rest=(*part.rest, *absent))
    if part is None and _is_open(said):
        return NotNarrowed(why=f"`{name}` may be anything, and was something else each time")
    if part is None and must_be_there:
        return Part(argument=name, within=_given(written), rest=("absent",), valued=False)
    return part


def _never_given(name: str, written: Json, *, optional: bool) -> Part | None:
    """What was always left out stays out; given, it asks as before."""
    return Part(argument=name, within="absent", rest=(_given(written),)) if optional else None


def _given(written: Json) -> Json:
    """Return what is said of an argument, once it may not be left out."""
    if not isinstance(written, dict):
        return "any"
    return {word: value for word, value in written.items() if word != "optional"} or "any"


def _narrowed(
    name: str, said: Sequence[ArgumentRule], given: Sequence[Json]
) -> Part | NotNarrowed | None:
    numbers = [one for one in given if is_number(one)]
    if len(numbers) == len(given):
        return _range(name, said, numbers)
    listed = _listed(said)
    if listed is None:
        return None
    used = [one for one in listed if one in given]
    unused: list[Json] = [one for one in listed if one not in given]
    if not unused or len(used) != len(dict.fromkeys(map(str, given))) or len(used) > VALUES_MAX:
        return None
    return Part(argument=name, within={"one_of": used}, rest=({"one_of": unused},))


def _listed(said: Sequence[ArgumentRule]) -> tuple[Json, ...] | None:
    """Return the only values that an argument can have, where they are words; None if unknown."""
    tests = _tests(said)
    lists = [_words(one.bounds) for one in tests if one.operator in _LITERAL]
    known = next((words for words in lists if words), None)
    if known is None:
        return None
    return tuple(word for word in known if all(holding(one)(word, {}) for one in tests))


def _words(bounds: Sequence[Bound]) -> tuple[str, ...]:
    """Return what is listed, where all of it is words."""
    words = tuple(one for one in bounds if isinstance(one, str))
    return words if len(words) == len(bounds) else ()


def _range(
    name: str, said: Sequence[ArgumentRule], seen: Sequence[int | Decimal]
) -> Part | NotNarrowed | None:
    tests = _tests(said)
    if any(one.operator in _LITERAL for one in tests):
        return None
    bounds = [(one.operator, bound) for one in tests for bound in one.bounds]
    numbers = [(operator, bound) for operator, bound in bounds if is_number(bound)]
    if len(numbers) != len(bounds):
        return NotNarrowed(why=f"`{name}` is bounded otherwise than by numbers")
    low, high = min(seen), max(seen)
    if low != high and names_a_record(name):
        return NotNarrowed(why=f"`{name}` names records, and others have numbers between theirs")
    lower = _highest([one for one in numbers if one[0] in _LOWER])
    upper = _lowest([one for one in numbers if one[0] in _UPPER])
    rest: list[Json] = []
    if lower is None or lower[1] < low:
        rest.append({**_word(lower), "below": low})
    if upper is None or upper[1] > high:
        rest.append({"above": high, **_word(upper)})
    within: JsonObject = {"at_least": low, "at_most": high}
    return Part(argument=name, within=within, rest=tuple(rest)) if rest else None


def _highest(bounds: Sequence[_Bound]) -> _Bound | None:
    """Return the tightest lower bound; of two that are equal the one that is not reached."""
    return max(bounds, key=lambda one: (one[1], one[0] is Operator.ABOVE), default=None)


def _lowest(bounds: Sequence[_Bound]) -> _Bound | None:
    return min(bounds, key=lambda one: (one[1], one[0] is Operator.AT_MOST), default=None)


def _word(bound: _Bound | None) -> JsonObject:
    return {} if bound is None else {bound[0].value: bound[1]}


def _is_open(said: Sequence[ArgumentRule]) -> bool:
    return all(one.operator in _LOOSE for one in _tests(said))


def _optional(within: Json) -> Json:
    return {**within, "optional": True} if isinstance(within, dict) else within
