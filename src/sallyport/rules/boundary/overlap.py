"""Can one call match several entries? Proven not to, or shown by a call, or not told.

For each argument a value is searched that meets everything said of it: at, between and beyond the
bounds, and made of their parts. Where there is one, it has been put through the very tests that
decide a call. Where there is none, the entries are kept apart only if `apart` proves it, or if the
values tried were all there are. Otherwise they may meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from itertools import chain, pairwise

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Domain,
    Entry,
    Items,
    Json,
    JsonObject,
    Mailbox,
    Moment,
    Money,
    Operator,
    TaskInput,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.apart import (
    LITERAL,
    OF_LISTS,
    ORDERS,
    are_apart,
    has_input,
    is_finite,
    kind_of,
)
from sallyport.rules.boundary.constraints import is_bound, same, shown, unmet
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.ruling import may_be_absent

LENGTH_TRIED_MAX = 100

# Enough digits for the middle of any two numbers that a file may hold.
_EXACT = Context(prec=100)
_ABSENT = ArgumentRule(name="", constraints=(Constraint(operator=Operator.ABSENT),))
_UNKNOWN = "(some value: none was found, and none ruled out)"
_SAMPLES: Mapping[Operator, tuple[str, ...]] = {
    Operator.DOMAIN: ("example.com", "a.io"),
    Operator.EMAIL: ("ann@example.com", "a@b.io"),
    Operator.URL: ("https://example.com/", "http://a"),
    Operator.PATH_UNDER: ("folder", "a"),
}

Arguments = Mapping[str, ArgumentRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A call that every entry matches, with the task's inputs and the facts under which it does.

    Unless `certain`, it may not be one: nothing was found that fits, and nothing rules it out.
    """

    args: JsonObject
    inputs: JsonObject
    facts: JsonObject
    certain: bool
    said: str

    def __str__(self) -> str:
        return self.said


def example(only: Arguments, *entries: Entry) -> str | None:
    """Return a call that matches every entry, as `refund: 50.00, status: open`; None without one.

    With a single entry: a call that matches it at all.
    """
    found = meeting(only, *entries)
    return None if found is None else str(found)


def meeting(only: Arguments, *entries: Entry) -> Meeting | None:
    """Return a call that matches every entry, or may; None where it is proven that none does."""
    facts = _facts(entries)
    wanted = dict(_wanted(only, entries))
    if facts is None or any(map(are_apart, wanted.values())):
        return None  # most are apart, and that is quickly told
    search = _Search()
    for name, constraints in wanted.items():
        if not search.finds(name, constraints):
            return None
    return Meeting(
        args=search.args,
        inputs=search.inputs,
        facts=facts,
        certain=search.is_certain(),
        said=", ".join(search.said) or "no arguments",
    )


def _wanted(only: Arguments, entries: tuple[Entry, ...]) -> Iterator[tuple[str, list[Constraint]]]:
    """Yield what entries together ask of each argument that may not be left out."""
    for name in dict.fromkeys([*only, *(name for entry in entries for name in entry.args)]):
        rules: dict[int, ArgumentRule] = {}
        for entry in entries:
            rules |= {id(rule): rule for rule in _said(only, entry, name)}
        if not all(map(may_be_absent, rules.values())):
            yield name, [one for rule in rules.values() for one in rule.constraints]


class _Search:
    """Gathers a value for each argument, and the inputs of the task that make it fit."""

    def __init__(self) -> None:
        self.args: JsonObject = {}
        self.inputs: JsonObject = {}
        self.said: list[str] = []
        self._asked: dict[str, list[Constraint]] = {}

    def finds(self, name: str, constraints: list[Constraint]) -> bool:
        """Take a value for an argument; answer False where there is proven to be none."""
        self._asked[name] = constraints
        value = shared_value(constraints, self._known(constraints))
        if value is not None:
            self.args[name] = value
            inputs = dict(_inputs(constraints, value))
            for one, wanted in inputs.items():
                self.inputs.setdefault(one, wanted)
            self.said.append(f"{name}: {_in_words(constraints, value)}")
            return True
        self.said.append(f"{name}: {_UNKNOWN}")
        return not is_proven_empty(constraints)

    def _known(self, constraints: list[Constraint]) -> list[Json]:
        """Return the values that the inputs these constraints name have got already."""
        bounds = (bound for one in constraints for bound in one.bounds)
        named = (bound.name for bound in bounds if isinstance(bound, TaskInput))
        return [self.inputs[name] for name in named if name in self.inputs]

    def is_certain(self) -> bool:
        """Return whether every argument has a value, and the tests of a call let all pass."""
        return self.args.keys() == self._asked.keys() and not any(
            unmet(name, one, self.args[name], self.inputs)
            for name, asked in self._asked.items()
            for one in asked
        )


def shared_value(constraints: list[Constraint], first: Iterable[Json] = ()) -> Json:
    """Return a value that meets all constraints, supposing fitting inputs; None when none is found.

    What stands in `first` is tried first. Null is never such a value: where it fits, others do.
    """
    tried = chain(first, candidates(constraints))
    fitting = (value for value in tried if all(_fits(one, value) for one in constraints))
    return next(fitting, None)


def is_proven_empty(constraints: list[Constraint]) -> bool:
    """Return whether no value meets all constraints for certain, given that none was found."""
    if any(one.operator is Operator.ABSENT for one in constraints) or are_apart(constraints):
        return True
    if any(is_finite(one, constraints) for one in constraints):
        return True
    if any(_range_is_empty(constraints, kinds) for kinds in ORDERS):
        return True
    return _items_are_apart(constraints)


def _range_is_empty(constraints: list[Constraint], kinds: Iterable[str]) -> bool:
    """Return whether ranges over one order have nothing in common: every case is tried."""
    ranges = [one for one in constraints if kind_of(one) in kinds]
    return bool(ranges) and shared_value(ranges) is None and not _has_long_lists(ranges)


def _items_are_apart(constraints: list[Constraint]) -> bool:
    """Return whether a list would need an item, and no item can be what all constraints ask."""
    if not any(unmet("", one, [], {}) for one in constraints):
        return False
    inner = _asked_of_items(constraints)
    return bool(inner) and shared_value(inner) is None and is_proven_empty(inner)


def _has_long_lists(constraints: list[Constraint]) -> bool:
    bounds = (bound for one in constraints for bound in one.bounds)
    return any(isinstance(one, Items) and one.count >= LENGTH_TRIED_MAX for one in bounds)


def _said(only: Arguments, entry: Entry, name: str) -> list[ArgumentRule]:
    """Return what is said of an argument where this entry counts; unnamed means left out."""
    found = [rules[name] for rules in (only, entry.args) if name in rules]
    return found or [_ABSENT]


def _facts(entries: tuple[Entry, ...]) -> JsonObject | None:
    """Return facts under which all entries count; None where there are none."""
    wanted: dict[str, list[Json]] = {}
    for entry in entries:
        for fact, values in entry.when.items():
            known = wanted.get(fact, list(values))
            wanted[fact] = [one for one in known if any(same(one, value) for value in values)]
    return {fact: values[0] for fact, values in wanted.items()} if all(wanted.values()) else None


def _in_words(constraints: list[Constraint], value: Json) -> str:
    operators = {one.operator for one in constraints}
    if operators <= {Operator.ANY}:
        return "(anything)"
    if operators <= {Operator.ANY, Operator.MAX_LENGTH}:
        return "(some text)"
    named = [name for name, wanted in _inputs(constraints, value) if wanted is value]
    if named:
        return f"task.{named[0]}"
    return canonical.text(value) if isinstance(value, (list, bool)) else str(value)


def _inputs(constraints: list[Constraint], value: Json) -> Iterator[tuple[str, Json]]:
    """Yield the inputs of the task that have to be something for a value to fit."""
    for one in constraints:
        items = value if isinstance(value, list) else []
        if one.inner:
            for item in items:
                yield from _inputs(list(one.inner), item)
        elif has_input(one):
            own = next(bound.name for bound in one.bounds if isinstance(bound, TaskInput))
            for wanted in items if one.operator is Operator.ONLY else [value]:
                if not any(is_bound(wanted, bound, {}) for bound in one.bounds):
                    yield own, wanted


def _fits(constraint: Constraint, value: Json) -> bool:
    """Return whether a value fits; an input of the task may turn out to be just that value."""
    if constraint.operator is Operator.EACH:
        return isinstance(value, list) and all(
            _fits(inner, item) for item in value for inner in constraint.inner
        )
    if not has_input(constraint):
        return not unmet("", constraint, value, {})
    if constraint.operator is Operator.ONLY:
        return isinstance(value, list)
    form = FORMS.get(constraint.operator)
    if form is None:
        return isinstance(value, (str, int, Decimal))
    return isinstance(value, str) and not isinstance(form.read(value), Fault)


def candidates(constraints: list[Constraint]) -> Iterator[Json]:
    """Yield values worth a try: if a range or a list of values holds any, one of them is here."""
    for one in constraints:
        yield from _own(one)
    yield from _numbers(constraints)
    yield from _days(constraints)
    yield from _moments(constraints)
    yield from _joined(constraints)
    yield from _lists(constraints)
    yield from ("own", "a", "")


def _own(one: Constraint) -> Iterator[Json]:
    """Yield what the bounds of a constraint name."""
    if one.operator in FORMS:
        for bound in one.bounds:
            if not isinstance(bound, TaskInput):
                yield _sample(bound)
        yield from _SAMPLES[one.operator]
    elif one.operator in LITERAL:
        for bound in one.bounds:
            if isinstance(bound, Money):
                shortest = f"{bound.amount.normalize():f} {bound.currency}"
                yield from (bound.amount, str(bound), shortest)
            elif not isinstance(bound, TaskInput):
                yield _plain(bound)
    elif one.operator is Operator.STARTS_WITH:
        yield from (bound for bound in one.bounds if isinstance(bound, str))


def _plain(bound: Bound) -> Json:
    return bound if isinstance(bound, (int, Decimal)) else shown(bound)


def _sample(bound: Bound) -> str:
    """Return a text that a parsed bound covers."""
    if isinstance(bound, Mailbox):
        return f"{bound.local or 'a'}@{_sample(bound.domain)}"
    if isinstance(bound, Domain):
        return f"a.{bound.name}" if bound.under else bound.name
    return str(bound)


def _ends(constraints: list[Constraint], kinds: Iterable[str]) -> list[Bound]:
    return [one.bounds[0] for one in constraints if kind_of(one) in kinds]


def _numbers(constraints: list[Constraint]) -> Iterator[Json]:
    """Yield ends, and values inside and outside: a range that is not empty holds its middle."""
    ends = _ends(constraints, ("number", "money"))
    plain = [one.amount if isinstance(one, Money) else one for one in ends]
    yield from (one for one in plain if isinstance(one, (int, Decimal)))
    numbers = sorted(Decimal(one) for one in plain if isinstance(one, (int, Decimal)))
    yield from (_EXACT.divide(_EXACT.add(*pair), Decimal(2)) for pair in pairwise(numbers))
    if numbers:
        yield from (_EXACT.subtract(numbers[0], Decimal(1)), _EXACT.add(numbers[-1], Decimal(1)))


def _days(constraints: list[Constraint]) -> Iterator[Json]:
    for end in _ends(constraints, ("day",)):
        if isinstance(end, date):
            near = (end.toordinal() + step for step in (0, -1, 1))
            inside = (day for day in near if 0 < day <= date.max.toordinal())
            yield from (date.fromordinal(day).isoformat() for day in inside)


def _moments(constraints: list[Constraint]) -> Iterator[Json]:
    for end in _ends(constraints, ("moment",)):
        if isinstance(end, Moment):
            for step in (0, -1, 1):
                try:
                    yield str(Moment(end.at_us + step))
                except OverflowError:
                    continue


def _joined(constraints: list[Constraint]) -> Iterator[str]:
    """Yield texts that begin as one constraint says, and go on as another says."""
    starts = [one.bounds[0] for one in constraints if one.operator is Operator.STARTS_WITH]
    longest = max((one for one in starts if isinstance(one, str)), key=len, default="")
    if not longest:
        return
    for bound in (bound for one in constraints for bound in one.bounds):
        if isinstance(bound, Mailbox):
            yield f"{longest}@{_sample(bound.domain)}"
        elif isinstance(bound, Domain) and bound.under:
            yield from (f"{longest}.{bound.name}", f"{longest}{bound.name}")
        if isinstance(bound, (Mailbox, Domain)):
            yield f"{longest}{_sample(bound)[len(longest) :]}"
    yield from (f"{longest}.com", f"{longest}example.com", f"{longest}@example.com")


def _lists(constraints: list[Constraint]) -> Iterator[Json]:
    """Yield lists of an item that fits, of the lengths at and beside every bound; then none."""
    if not any(one.operator in OF_LISTS or kind_of(one) == "items" for one in constraints):
        return
    counts = [end.count for end in _ends(constraints, ("items",)) if isinstance(end, Items)]
    near = {count + step for count in counts for step in (-1, 0, 1)}
    item = shared_value(_asked_of_items(constraints))
    for length in sorted({1, *near}):
        if item is not None and 0 < length <= LENGTH_TRIED_MAX:
            alike: list[Json] = [item] * length
            yield alike
    yield []


def _asked_of_items(constraints: list[Constraint]) -> list[Constraint]:
    """Return what every item of a list must meet."""
    found: list[Constraint] = []
    for one in constraints:
        if one.operator is Operator.ONLY:
            found.append(Constraint(operator=Operator.ONE_OF, bounds=one.bounds))
        elif one.operator is Operator.EACH:
            found += one.inner
    return found
