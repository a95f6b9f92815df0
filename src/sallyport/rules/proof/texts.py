"""Templates in proofs: each is one truth of an argument, and has texts to try.

What a slot holds is not modelled. Two templates are the same truth where they say the same, so to
take one away is proved to grant nothing; whatever else changes in them is unknown, unless a text is
found that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice

from sallyport.model import (
    ArgumentRule,
    Constraint,
    Json,
    Money,
    Operator,
    TaskInput,
    Template,
    ToolRule,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.constraints import RANGES, is_number
from sallyport.rules.boundary.overlap import shared_value
from sallyport.rules.boundary.templates import parts_of
from sallyport.rules.proof.formula import Truth
from sallyport.rules.proof.subjects import covers, spelled

TEXTS_MAX = 40

Beside = Callable[[object], Iterable[Json]]


def is_filled(argument: str, template: Template) -> Truth:
    """Return that an argument is a template, filled; `argument` names its subject."""
    slots: list[Json] = [[name, _spelled(rule)] for name, rule in template.slots.items()]
    said = canonical.digest("template", [template.text, slots])
    return Truth(f"{argument}|fills {said}")


def _spelled(slot: ArgumentRule) -> list[Json]:
    return [spelled(one) for one in slot.constraints]


def is_narrower(one: Template, other: Template) -> bool:
    """Return whether it is certain that whatever fills one template fills another."""
    if one.text != other.text:
        return False
    last = [*other.slots][-1:]
    return all(
        _holds_less(one.slots[name], slot, last=[name] == last)
        for name, slot in other.slots.items()
    )


def _holds_less(one: ArgumentRule, other: ArgumentRule, *, last: bool) -> bool:
    """Return whether a slot that holds what it may ends in the same place, and may in the other.

    A slot ends at the first place where what it holds fits. With wider constraints that may be an
    earlier one, unless there is but one, or all that counts is how long it is.
    """
    if _spelled(one) == _spelled(other):
        return True
    operators = {each.operator for each in one.constraints}
    return (last or operators == {Operator.MAX_LENGTH}) and all(
        any(_implies(found, wanted) for found in one.constraints) for wanted in other.constraints
    )


def _implies(found: Constraint, wanted: Constraint) -> bool:
    if spelled(found) == spelled(wanted) or covers(wanted, found):
        return True
    if found.operator is not wanted.operator or found.operator not in RANGES:
        return False
    low, high = found.bounds[0], wanted.bounds[0]
    if isinstance(low, Money) and isinstance(high, Money):
        return low.currency == high.currency and RANGES[found.operator][0](low.amount, high.amount)
    return is_number(low) and is_number(high) and RANGES[found.operator][0](low, high)


def own(name: str) -> str:
    """Return what an input of the task is where nothing else says it."""
    return f"own {name}"


def inputs_of(rules: Iterable[ToolRule]) -> Iterator[str]:
    """Yield the inputs of the task that slots name."""
    for rule in rules:
        for one in (one for found in rule.templates.values() for one in found):
            for slot in one.slots.values():
                bounds = (bound for each in slot.constraints for bound in each.bounds)
                yield from (bound.name for bound in bounds if isinstance(bound, TaskInput))


def filled(template: Template, inputs: Mapping[str, Json], beside: Beside) -> Iterator[str]:
    """Yield texts of a template: one that should fit, then some at the bounds of each slot.

    Args:
        template: The template.
        inputs: What is bound to the task.
        beside: Yields values at and beside a bound.
    """
    fixed, names = parts_of(template.text)
    slots = {name: list(_values(template.slots[name], inputs, beside)) for name in names}
    first = {name: values[0] for name, values in slots.items()}
    yield _joined(fixed, [first[name] for name in names])
    for name, values in slots.items():
        for value in islice(values, 1, TEXTS_MAX):
            yield _joined(fixed, [value if one == name else first[one] for one in names])


def _values(rule: ArgumentRule, inputs: Mapping[str, Json], beside: Beside) -> Iterator[str]:
    asked = list(rule.constraints)
    bounds = [bound for one in asked for bound in one.bounds]
    found: list[Json] = [
        inputs.get(bound.name, own(bound.name)) for bound in bounds if isinstance(bound, TaskInput)
    ]
    found.append(shared_value(asked))
    found += [value for bound in bounds for value in beside(bound)]
    found.append("x")
    texts = (_text(value) for value in found)
    yield from dict.fromkeys(text for text in texts if text)


def _text(value: Json) -> str:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return value if isinstance(value, str) else ""


def _joined(fixed: list[str], slots: list[str]) -> str:
    return "".join(part + slot for part, slot in zip(fixed, [*slots, ""], strict=True))
