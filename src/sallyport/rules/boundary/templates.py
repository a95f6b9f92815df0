"""Texts with typed slots: is this text one of those that may be sent, and if not, why?

Rules:
  1. A text is a template's only if it is that template from its first letter to its last, with
     each slot filled by one line of plain text. Nothing stands outside a slot that an owner did
     not write.
  2. Slots are read from left to right. One ends at the first place where the template goes on and
     where what stands before it meets what is asked of the slot.
  3. What a slot holds is parsed before it is compared, like an argument; a number written in
     digits is one.
  4. A reason names template and slot, and never shows what was proposed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from sallyport.model import ArgumentRule, Json, Template
from sallyport.rules.boundary.constraints import Inputs, unmet
from sallyport.rules.inert import hides_something

SLOT = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}", re.ASCII)
SLOT_MAX = 1000
"""The most characters that a slot may hold, whatever its constraints say."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?", re.ASCII)
_BREAKS = frozenset("\n\t")


def parts_of(text: str) -> tuple[list[str], list[str]]:
    """Return the fixed parts of a template, one more than its slots, and the slots' names."""
    found = SLOT.split(text)
    return found[::2], found[1::2]


def misfit(templates: tuple[Template, ...], value: Json, inputs: Inputs) -> str:
    """Return why a value is none of these templates, filled; empty when it is one of them."""
    if not isinstance(value, str):
        return "it is no text"
    why: list[str] = []
    for template in templates:
        broken = _unlike(template, value, inputs)
        if not broken:
            return ""
        why.append(f"{template.name}: {broken}")
    return "; ".join(why)


def _unlike(template: Template, value: str, inputs: Inputs) -> str:
    """Return why a text is not this template; empty when it is."""
    fixed, names = parts_of(template.text)
    if not value.startswith(fixed[0]):
        return "the text begins otherwise"
    at = len(fixed[0])
    for number, name in enumerate(names, start=1):
        ends = _ends(value, at, fixed[number], last=number == len(names))
        why = "the text goes on otherwise"
        for end in ends:
            why = _unfit(template.slots[name], value[at:end], inputs)
            if not why:
                at = end + len(fixed[number])
                break
        if why:
            return f"at slot {name}, {why}"
    return "" if at == len(value) else "the text ends otherwise"


def _ends(value: str, at: int, following: str, *, last: bool) -> Iterator[int]:
    """Yield where a slot that begins at `at` may end: never empty, before what follows it."""
    if last:
        end = len(value) - len(following)
        if at < end <= at + SLOT_MAX and value.endswith(following):
            yield end
        return
    end = value.find(following, at + 1, at + SLOT_MAX + len(following))
    while end != -1:
        yield end
        end = value.find(following, end + 1, at + SLOT_MAX + len(following))


def _unfit(rule: ArgumentRule, text: str, inputs: Inputs) -> str:
    """Return why a slot may not hold a text; empty when it may."""
    if any(letter in _BREAKS for letter in text) or hides_something(text):
        return "what fills it is not one line of plain text"
    broken = [_broken(rule, reading, inputs) for reading in _readings(text)]
    return "" if "" in broken else broken[-1]


def _broken(rule: ArgumentRule, reading: Json, inputs: Inputs) -> str:
    """Return the first complaint about one reading of a slot; empty when there is none."""
    complaints = (unmet(rule.name, one, reading, inputs) for one in rule.constraints)
    return next(filter(None, complaints), "")


def _readings(text: str) -> Iterator[Json]:
    yield text
    if _NUMBER.fullmatch(text):
        yield Decimal(text) if "." in text else int(text)
