"""Where each value of a call comes from, as far as the gateway can know.

Rules:
  1. A value is bound by the task or fixed by the boundary only where its constraint says so.
  2. A value found in what a system answered is no more than found there: trust is the answer's.
  3. What is found nowhere was written by the agent. Nothing that an agent says changes any of this.
  4. The weakest source decides: a value that a trusted and an untrusted answer hold came from
     either, so it counts as untrusted unless the trusted one alone is its record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sallyport.model import (
    ArgumentRule,
    Entry,
    Json,
    JsonObject,
    Operator,
    TaskInput,
    ToolRule,
)
from sallyport.rules.inert import plain

QUOTE = 80
"""So many characters around a value are quoted."""
TELLING = 4
"""A text shorter than this is found in anything, and so its finding says nothing."""


class Kind(StrEnum):
    """Who wrote a value."""

    TASK = "task"
    BOUNDARY = "boundary"
    PERSON = "person"
    SYSTEM = "system"
    OUTSIDE = "outside"
    AGENT = "agent"


TRUSTED = frozenset({Kind.TASK, Kind.BOUNDARY, Kind.PERSON, Kind.SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a tool answered earlier in the same run: what was read, and whether it is trusted."""

    call: str
    tool: str
    at_us: int
    trusted: bool
    content: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one argument's value comes from. `quote` is text around it, for a person to judge."""

    argument: str
    kind: Kind
    detail: str = ""
    call: str = ""
    quote: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the value may be believed without a second look."""
        return self.kind in TRUSTED

    def as_json(self) -> JsonObject:
        """Return the origin for a page and its twin."""
        return {
            "argument": self.argument,
            "kind": self.kind.value,
            "trusted": self.trusted,
            "detail": self.detail,
            "call": self.call,
            "quote": self.quote,
        }


def origins(
    args: JsonObject,
    rule: ToolRule | None,
    answered: Iterable[Answered] = (),
    edited: Mapping[str, str] | None = None,
) -> tuple[Origin, ...]:
    """Return the origin of every argument, in the order of the call.

    Args:
        args: The arguments as they would be sent.
        rule: What the boundary says of the tool; None where it no longer says anything.
        answered: What the run had read before the call was proposed, newest first.
        edited: Who wrote an argument in place of the agent, by its name.
    """
    known = tuple(answered)
    return tuple(_origin(name, args[name], rule, known, edited or {}) for name in args)


def _origin(
    name: str,
    value: Json,
    rule: ToolRule | None,
    answered: tuple[Answered, ...],
    edited: Mapping[str, str],
) -> Origin:
    if name in edited:
        return Origin(argument=name, kind=Kind.PERSON, detail=edited[name])
    bound = _bound(name, rule)
    if bound is not None:
        return bound
    found = [one for one in answered if _holds(one.content, value)]
    if found:
        weakest = min(found, key=lambda one: one.trusted)
        kind = Kind.SYSTEM if weakest.trusted else Kind.OUTSIDE
        quote = _quote(weakest.content, value)
        return Origin(argument=name, kind=kind, detail=weakest.tool, call=weakest.call, quote=quote)
    return Origin(argument=name, kind=Kind.AGENT)


def _bound(name: str, rule: ToolRule | None) -> Origin | None:
    for one in _rules(name, rule):
        for constraint in one.constraints:
            match constraint.operator, constraint.bounds:
                case Operator.IS, (TaskInput() as bound,):
                    return Origin(argument=name, kind=Kind.TASK, detail=bound.name)
                case Operator.IS | Operator.ONE_OF, bounds if bounds:
                    number = str(len(bounds))
                    return Origin(argument=name, kind=Kind.BOUNDARY, detail=number)
                case _:
                    pass
    return None


def _rules(name: str, rule: ToolRule | None) -> Iterator[ArgumentRule]:
    """Yield what must hold of an argument whatever entry matches."""
    if rule is None:
        return
    if name in rule.only:
        yield rule.only[name]
    entries: tuple[Entry, ...] = (*rule.allow, *rule.ask)
    if len(entries) == 1 and name in entries[0].args:
        yield entries[0].args[name]


def _holds(content: Json, value: Json) -> bool:
    if isinstance(value, dict | list | bool) or value is None:
        return _has(content, value)
    wanted = str(value)
    return any(
        wanted == text or (len(wanted) >= TELLING and wanted in text) for text in _texts(content)
    )


def _has(content: Json, value: Json) -> bool:
    if isinstance(value, bool) or value is None or not value:
        return False
    if content == value:
        return True
    if isinstance(content, dict):
        return any(_has(item, value) for item in content.values())
    return isinstance(content, list) and any(_has(item, value) for item in content)


def _texts(content: Json) -> Iterator[str]:
    if isinstance(content, dict):
        for item in content.values():
            yield from _texts(item)
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)
    elif content is not None and not isinstance(content, bool):
        yield str(content)


def _quote(content: Json, value: Json) -> str:
    wanted = str(value)
    if isinstance(value, dict | list):
        return ""
    for text in _texts(content):
        at = text.find(wanted)
        if at >= 0 and text != wanted:
            begin, end = max(0, at - QUOTE), at + len(wanted) + QUOTE
            before, after = "…" if begin else "", "…" if end < len(text) else ""
            return f"{before}{plain(text[begin:end]).strip()}{after}"
    return ""
