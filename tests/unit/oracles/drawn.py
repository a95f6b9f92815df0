"""Rules and calls for comparing engines: every word of the vocabulary, values at its edges.

An edge of a bound is the bound itself, what lies one cent, one item, one letter or one day beside
it, another spelling of it, and what only looks like it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Domain,
    Entry,
    Folder,
    Impact,
    Items,
    Json,
    JsonObject,
    Level,
    Mailbox,
    Moment,
    Money,
    TaskInput,
    ToolRule,
    WebAddress,
)
from sallyport.rules.boundary import units
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.replay import Recorded
from tests.unit.boundary.test_overlap import OFFERED, said_of_x

ODD: list[Json] = [
    None, True, False, 0, -1, Decimal("0.1"), 10**18, 10**30, Decimal("1E-9"), "", " ", "5", "true",
    "a\n", [], [None], [[]], {}, {"amount": 5, "currency": "EUR"}, {"amount": "5"},
]  # fmt: skip
TODAY = date(2026, 12, 1)
TINY = (Decimal("0.01"), Decimal("0.0001"), Decimal("0.000001"), Decimal("1E-9"))
ARGUMENTS = ("x", "y")
SELDOM, HALF, OFTEN = 0.2, 0.5, 0.8


# Rules.


def rule_of(chance: Random, lines: Sequence[str], never: Sequence[str]) -> ToolRule:
    """Return a rule whose entries may meet, may be dead and may have ended.

    Args:
        chance: Repeatable.
        lines: What may be said of an argument.
        never: What may be said of one in a `never`.
    """
    first, second = chance.sample(ARGUMENTS, 2)
    shared = chance.random() < SELDOM
    return ToolRule(
        tool="desk.act",
        system="desk",
        level=chance.choice([Level.READ, Level.CREATE, Level.UPDATE]),
        touches=chance.choice([frozenset[Impact](), frozenset({Impact.MONEY})]),
        only=_arguments(chance, lines, first, second if shared else first),
        when=_facts(chance),
        allow=_entries(chance, "allow", lines, second),
        ask=_entries(chance, "ask", lines, second),
        never=_entries(chance, "never", never, first, second)[: chance.random() < SELDOM],
        units={second: chance.choice(["EUR", "JPY"])} if chance.random() < SELDOM else {},
        irreversible=chance.random() < SELDOM,
    )


def _arguments(chance: Random, lines: Sequence[str], *names: str) -> dict[str, ArgumentRule]:
    found: dict[str, ArgumentRule] = {}
    for name in dict.fromkeys(names):
        one = said_of_x(chance.choice(lines))["x"]
        found[name] = replace(one, name=name, optional=chance.random() < HALF)
    return found


def _facts(chance: Random) -> dict[str, tuple[Json, ...]]:
    values: tuple[tuple[Json, ...], ...] = (("open",), ("open", "shut"), (3, True), ("open", 3))
    return {"state": chance.choice(values)} if chance.random() < SELDOM else {}


def _entries(chance: Random, word: str, lines: Sequence[str], *names: str) -> tuple[Entry, ...]:
    return tuple(_entry(chance, word, lines, names) for _ in range(chance.randrange(3)))


def _entry(chance: Random, word: str, lines: Sequence[str], names: Sequence[str]) -> Entry:
    reasoned = word == "allow" and chance.random() < OFTEN
    over = chance.random() < SELDOM
    return Entry(
        where=f"desk.act.{word}",
        args=_arguments(chance, lines, chance.choice(names)) if chance.random() < OFTEN else {},
        when=_facts(chance),
        because="it is fine" if reasoned else "",
        until=(date(2000, 1, 1) if over else TODAY) if reasoned else None,
        who=("lead",) if word == "ask" else (),
    )


# Calls.


@dataclass(frozen=True, slots=True)
class Callers:
    """Makes calls at the edges of one rule: mostly what some entry names, seldom anything.

    `own` has, by input of the task, the values that it may have; null stands for none.
    """

    rule: ToolRule
    own: Mapping[str, Sequence[Json]]

    def call(self, chance: Random) -> Recorded:
        """Return one call."""
        inputs = {name: chance.choice(values) for name, values in self.own.items()}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        entry = chance.choice([*self.rule.allow, *self.rule.ask, None])
        aim = {**self.rule.only, **(entry.args if entry else {})}
        args: JsonObject = {}
        for name, constraints in named(self.rule).items():
            if name in aim or chance.random() < SELDOM:
                values = _worth_trying(chance, constraints, aim.get(name), inputs)
                if values:
                    args[name] = chance.choice(values)
        if chance.random() < OFTEN:
            args = units.sent(self.rule.units, args)
        if chance.random() < SELDOM / 4:
            args["unnamed"] = 1
        return Recorded(
            where="drawn", tool=self.rule.tool, args=args, inputs=inputs, facts=self._facts(chance)
        )

    def _facts(self, chance: Random) -> JsonObject:
        odd: list[Json] = ["odd", 3, True, None]
        facts = wanted(self.rule).items()
        read = {name: values for name, values in facts if chance.random() > SELDOM / 2}
        return {
            name: chance.choice(odd if chance.random() < SELDOM else values)
            for name, values in read.items()
        }


def _worth_trying(
    chance: Random,
    constraints: list[Constraint],
    aimed: ArgumentRule | None,
    inputs: Mapping[str, Json],
) -> list[Json]:
    """Return values of which one is tried: those that fit, those beside, anything, or nothing."""
    luck, beside = chance.random(), edges(constraints, inputs)
    if aimed is not None and luck < OFTEN:
        fitting = [
            value
            for value in (*beside, *OFFERED)
            if not any(unmet("", one, value, inputs) for one in aimed.constraints)
        ]
        if fitting:
            return fitting
    if luck < 1 - SELDOM:
        return beside
    return [] if luck < 1 - SELDOM / 2 else [*ODD, *OFFERED]


def named(rule: ToolRule) -> dict[str, list[Constraint]]:
    """Return every argument of a rule with all that is asked of it anywhere."""
    found: dict[str, list[Constraint]] = {}
    entries = (*rule.allow, *rule.ask, *rule.never)
    for args in (rule.only, *(entry.args for entry in entries)):
        for name, one in args.items():
            found.setdefault(name, []).extend(one.constraints)
    return found


def wanted(rule: ToolRule) -> dict[str, list[Json]]:
    """Return every fact of a rule with the values that it names anywhere."""
    found: dict[str, list[Json]] = {}
    for facts in (rule.when, *(e.when for e in (*rule.allow, *rule.ask, *rule.never))):
        for name, values in facts.items():
            found.setdefault(name, []).extend(values)
    return found


def edges(constraints: Iterable[Constraint], inputs: Mapping[str, Json]) -> list[Json]:
    """Return values at the edges of some constraints."""
    found: list[Json] = []
    for one in constraints:
        inner = edges(one.inner, inputs)
        beside = [edge for bound in one.bounds for edge in _edges(bound, inputs)]
        found += [*inner, *beside]
        found += [[edge] for edge in (*inner, *beside)]
        if one.operator.value == "max_length":
            found += ["x" * (length + n) for length in map(_whole, one.bounds) for n in (-1, 0, 1)]
    return found or list(OFFERED)


def _edges(bound: Bound, inputs: Mapping[str, Json]) -> Iterator[Json]:
    match bound:
        case TaskInput(name):
            own = inputs.get(name)
            yield from (own, [own], f"{own}", f"{own} ")
        case bool():
            yield from (bound, not bound, int(bound))
        case Money(amount, currency):
            yield from _numbers(amount)
            yield from (f"{amount} {currency}", f"{amount + TINY[0]} {currency}", f"{amount} XXX")
            yield {"amount": amount, "currency": currency}
            yield {"amount": amount, "currency": "CHF" if currency == "EUR" else "EUR"}
        case Moment(at_us):
            yield from (str(replace(bound, at_us=at_us + n)) for n in (-1, 0, 1))
        case Items(count):
            yield from (_list("a", max(count + n, 0)) for n in (-1, 0, 1))
        case int() | Decimal():
            yield from _numbers(bound)
        case date():
            yield from ((bound + timedelta(days=n)).isoformat() for n in (-1, 0, 1))
        case str():
            yield from (bound, bound + "x", bound[:-1], bound.upper(), f" {bound}")
            yield _list(bound, 1)
        case _:
            yield from _places(bound)


def _list(item: Json, times: int) -> Json:
    return [item] * times


def _numbers(bound: int | Decimal) -> Iterator[Json]:
    yield from (bound, Decimal(bound), str(bound))
    for tiny in (*TINY, 1):
        yield from (bound + tiny, bound - tiny)


def _places(bound: Bound) -> Iterator[Json]:
    match bound:
        case Domain(name):
            yield from (name, name.upper(), f"a.{name}", f"x{name}", f"{name}.x", f"{name}.")
        case Mailbox(local, Domain(name)):
            box = local or "ann"
            yield from (f"{box}@{name}", f"{box}+a@{name}", f"{box.upper()}@{name}", f"b@{name}")
            yield from (f"{box}@a.{name}", f"{box}@x{name}", f"{box}@{name}.x", f"{box}@{name}\n")
        case WebAddress():
            text = str(bound)
            yield from (text, f"{text}/", f"{text}/a", f"{text}x", f"{text}/..", f"{text}?q=1")
            yield from (text.replace("://", "://x"), text.upper(), text.replace("https", "http"))
        case Folder():
            text = str(bound)
            yield from (text, f"{text}/a", f"{text}x", f"{text}/..", f"./{text}", text.upper())
        case _:
            pass


def _whole(bound: Bound) -> int:
    return bound if isinstance(bound, int) else 0
