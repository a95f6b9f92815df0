"""Concrete calls worth a try: at the bounds of what rules say, and made after a solver's model.

A call that is found here proves nothing until the evaluator has been asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice

from sallyport.model import (
    ArgumentRule,
    Constraint,
    Entry,
    Items,
    Json,
    JsonObject,
    Moment,
    Money,
    Operator,
    TaskInput,
    ToolRule,
)
from sallyport.rules.boundary import units
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.boundary.overlap import meeting, shared_value
from sallyport.rules.proof.encode import DAY
from sallyport.rules.proof.formula import Model, holds_in
from sallyport.rules.proof.subjects import World
from sallyport.rules.proof.texts import filled, inputs_of, is_filled, own

PAIRED_MAX = 12
ITEMS_MAX = 99
ITEMS_TRIED_MAX = 24
LETTERS_MAX = 100_000
_LISTING = frozenset({Operator.ONLY})
CENT = Decimal("0.01")
OTHER = "(something else)"
_ODD: tuple[Json, ...] = (OTHER, "", True, None, -1, Decimal(10**9), [], [OTHER], {})
_DAYS_MAX = 3_652_059
"""The last day that a date can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call with what a boundary looks at: inputs, facts, and the day, as an ordinal."""

    args: JsonObject
    inputs: JsonObject
    facts: JsonObject
    day: int


def near(rules: Iterable[ToolRule], day: int) -> Iterator[Case]:
    """Yield calls at the bounds of rules: those that an entry means, then those beside them."""
    known = tuple(rules)
    yield from (_sent(case, known) for case in _near(known, day))


def _near(known: tuple[ToolRule, ...], day: int) -> Iterator[Case]:
    days = [day, *(one.toordinal() for one in _ends(known))]
    bases = list(_bases(known, day))
    yield from bases
    pool = {name: values_of(name, known) for name in names_of(known)}
    for base in bases:
        for at in days:
            yield replace(base, day=at)
        for name, values in pool.items():
            yield replace(base, args=_without(base.args, name))
            yield from (_with(base, {name: value}) for value in values)
    for base in bases:
        for one, other in combinations(pool, 2):
            yield from (
                _with(base, {one: left, other: right})
                for left in islice(pool[one], 6)
                for right in islice(pool[other], 6)
            )


def after(model: Model, world: World, rules: Iterable[ToolRule], day: int) -> Case:
    """Return the call that a model speaks of, as nearly as one of the values at hand is like it."""
    known = tuple(rules)
    inputs: JsonObject = {name: own(name) for name in (*_input_names(known), *inputs_of(known))}
    args: JsonObject = {}
    for name in names_of(known):
        subject = world.named(f"arg.{name}")
        if holds_in(subject.present, model):
            asked = _constraints(name, known)
            wanted = {one: holds_in(subject.holds(one), model) for one in asked}
            values = [*_of_model(subject.name, model), *values_of(name, known)]
            texts: list[Json] = [*_texts(name, known, inputs, model)]
            args[name] = _like(wanted, texts or values)
            for bound in (bound for one in asked for bound in one.bounds):
                if isinstance(bound, TaskInput) and holds_in(subject.is_bound(bound), model):
                    inputs[bound.name] = args[name]
    facts: JsonObject = {}
    for name, values in facts_of(known).items():
        fact = world.named(f"fact.{name}")
        if holds_in(fact.present, model):
            told = [value for value in values if holds_in(fact.is_listed((value,)), model)]
            facts[name] = told[0] if told else OTHER
    at = int(model.get(DAY.name, day))
    found = Case(args=args, inputs=inputs, facts=facts, day=min(max(at, day), _DAYS_MAX))
    return _sent(found, known)


def _sent(case: Case, rules: tuple[ToolRule, ...]) -> Case:
    """Return a call as its system takes it: where amounts are counted in cents, in cents."""
    counted = {name: unit for rule in reversed(rules) for name, unit in rule.units.items()}
    return replace(case, args=units.sent(counted, case.args)) if counted else case


def names_of(rules: Iterable[ToolRule]) -> tuple[str, ...]:
    """Return every argument that rules name."""
    known = tuple(rules)
    named = [name for said in _arguments(known) for name in said]
    return tuple(dict.fromkeys([*named, *(name for rule in known for name in rule.templates)]))


def facts_of(rules: Iterable[ToolRule]) -> dict[str, list[Json]]:
    """Return every fact that rules name, with all values that they list."""
    found: dict[str, list[Json]] = {}
    for rule in rules:
        for when in (rule.when, *(one.when for one in (*rule.allow, *rule.ask, *rule.never))):
            for name, values in when.items():
                found.setdefault(name, []).extend(values)
    return found


def values_of(name: str, rules: Iterable[ToolRule]) -> list[Json]:
    """Return values of an argument that some constraint of it accepts, or just misses."""
    known = tuple(rules)
    asked = _constraints(name, known)
    found: list[Json] = [*_texts(name, known, {})]
    found += [shared_value([one]) for each in asked for one in (each, *_singles(each))]
    found += [shared_value(list(pair)) for pair in combinations(asked[:PAIRED_MAX], 2)]
    found += [value for one in asked for bound in one.bounds for value in _beside(bound)]
    found += [text for one in asked for text in _of_length(one)]
    found += _lists(asked)
    return _distinct([*(one for one in found if one is not None), *_ODD])


def _bases(rules: tuple[ToolRule, ...], day: int) -> Iterator[Case]:
    for rule in rules:
        nothing = Entry(where="")
        for entry in (*rule.allow, *rule.ask, nothing):
            found = meeting(rule.only, entry)
            if found is not None:
                facts: JsonObject = {name: values[0] for name, values in rule.when.items()}
                inputs: JsonObject = {name: own(name) for name in inputs_of(rules)}
                inputs |= found.inputs
                texts = {name: list(_texts(name, (rule,), inputs)) for name in rule.templates}
                args = {**{name: some[0] for name, some in texts.items()}, **found.args}
                yield Case(args=args, inputs=inputs, facts={**facts, **found.facts}, day=day)


def _texts(
    name: str, rules: Iterable[ToolRule], inputs: Mapping[str, Json], model: Model | None = None
) -> Iterator[str]:
    """Yield texts of an argument's templates; with a model, of those that it speaks of."""
    for one in (one for rule in rules for one in rule.templates.get(name, ())):
        if model is None or holds_in(is_filled(f"arg.{name}", one), model):
            yield from filled(one, inputs, _beside)


def _singles(one: Constraint) -> Iterator[Constraint]:
    """Yield a constraint for each of several bounds, of which any one may be what is new."""
    if len(one.bounds) > 1:
        yield from (replace(one, bounds=(bound,)) for bound in one.bounds)


def _beside(bound: object) -> Iterator[Json]:
    match bound:
        case bool():
            yield not bound
        case Money(amount, currency):
            for number in (amount - CENT, amount, amount + CENT):
                yield from (number, f"{number:.2f} {currency}")
        case Items(count):
            yield from (_items(length) for length in (count - 1, count, count + 1))
        case Moment(at_us):
            yield str(Moment(at_us + 1))
        case date():
            yield from (date.fromordinal(bound.toordinal() + step).isoformat() for step in (-1, 1))
        case int() | Decimal():
            yield from (bound, bound + 1, bound - 1, bound + CENT)
        case TaskInput():
            yield OTHER
        case str():
            yield from (bound, f"{bound}x", bound.upper())
        case _:
            text = str(bound)
            yield from (text, f"{text}-evil", f"{text}.evil.example", f"a.{text}")


def _of_model(name: str, model: Model) -> Iterator[Json]:
    """Yield values that have the numbers of a model."""
    amount = Fraction(model.get(f"{name}|amount", 0))
    number = Decimal(amount.numerator) / Decimal(amount.denominator)
    yield int(number) if number == number.to_integral_value() else number
    day = int(model.get(f"{name}|day", 0))
    if 0 < day <= _DAYS_MAX:
        yield date.fromordinal(day).isoformat()
    length = int(model.get(f"{name}|length", 0))
    yield _items(length)


def _items(length: int) -> Json:
    return list[Json]([OTHER] * min(max(length, 0), ITEMS_MAX))


def _lists(asked: Iterable[Constraint]) -> Iterator[Json]:
    """Yield lists of items that some constraint means, of every length that one names."""
    known = tuple(asked)
    inner = [each for one in known for each in one.inner]
    inner += [replace(one, operator=Operator.ONE_OF) for one in known if one.operator in _LISTING]
    if not inner:
        return
    items = [value for one in inner for bound in one.bounds for value in _beside(bound)]
    items += [value for one in inner if (value := shared_value([one])) is not None]
    counts = [one.count for each in known for one in each.bounds if isinstance(one, Items)]
    lengths = {1, *(count + step for count in counts for step in (0, 1))}
    for item in _distinct(items)[:ITEMS_TRIED_MAX]:
        for length in sorted(one for one in lengths if 0 < one <= ITEMS_MAX):
            yield [item] * length


def _of_length(one: Constraint) -> Iterator[Json]:
    """Yield the longest text that a limit lets pass, and the shortest that it does not."""
    longest = one.bounds[0] if one.operator is Operator.MAX_LENGTH else None
    if isinstance(longest, int) and longest <= LETTERS_MAX:
        yield from ("x" * longest, "x" * (longest + 1))


def _like(wanted: Mapping[Constraint, bool], values: list[Json]) -> Json:
    """Return the first value of which the same constraints hold, or else the first at all."""

    def differs(value: Json) -> int:
        return sum((not unmet("", one, value, {})) is not is_so for one, is_so in wanted.items())

    return min(values, key=differs)


def _with(base: Case, changes: JsonObject) -> Case:
    return replace(base, args={**base.args, **changes})


def _without(args: JsonObject, name: str) -> JsonObject:
    return {key: value for key, value in args.items() if key != name}


def _distinct(values: list[Json]) -> list[Json]:
    found: list[Json] = []
    for value in values:
        if not any(type(value) is type(one) and value == one for one in found):
            found.append(value)
    return found


def _arguments(rules: Iterable[ToolRule]) -> Iterator[Mapping[str, ArgumentRule]]:
    for rule in rules:
        yield rule.only
        yield from (entry.args for entry in (*rule.allow, *rule.ask, *rule.never))


def _constraints(name: str, rules: Iterable[ToolRule]) -> list[Constraint]:
    said = (each[name] for each in _arguments(rules) if name in each)
    return list(dict.fromkeys(one for rule in said for one in rule.constraints))


def _input_names(rules: Iterable[ToolRule]) -> list[str]:
    known = tuple(rules)
    every = (one for name in names_of(known) for one in _constraints(name, known))
    return [bound.name for one in every for bound in one.bounds if isinstance(bound, TaskInput)]


def _ends(rules: Iterable[ToolRule]) -> Iterator[date]:
    for rule in rules:
        yield from (entry.until for entry in rule.allow if entry.until is not None)
