"""What can be said of one value: an argument, an item of a list, an input of the task, a fact.

A value is known by its features: its sort, its number, its text, and what it reads as. Features of
texts are not modelled letter by letter. Each test of a text is a truth of its own, bound to the
others by what is certain: one test implies another, two exclude each other, and a text that a
boundary names passes just the tests that it passes. So every real value is among those described,
and some that are described may not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations, permutations
from typing import Final

from sallyport.model import (
    Bound,
    Constraint,
    Domain,
    Folder,
    Items,
    Json,
    Mailbox,
    Moment,
    Money,
    Operator,
    TaskInput,
    Template,
    WebAddress,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.amounts import Amount, as_amount
from sallyport.rules.boundary.apart import LITERAL, OF_LISTS, are_apart
from sallyport.rules.boundary.constraints import RANGES, is_number, unmet
from sallyport.rules.boundary.domains import within
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.proof.formula import (
    NO,
    YES,
    Compare,
    Formula,
    Number,
    Truth,
    all_of,
    implies,
    no,
    same,
    some_of,
)

NULL, TRUTH, NUMBER, TEXT, LIST, OBJECT = range(6)
_SORTS: Final = (NULL, TRUTH, NUMBER, TEXT, LIST, OBJECT)
_RELATIONS: Final = {
    Operator.AT_LEAST: ">=",
    Operator.ABOVE: ">",
    Operator.AT_MOST: "<=",
    Operator.BELOW: "<",
}
_LETTERS: Final = frozenset({Operator.STARTS_WITH, Operator.MAX_LENGTH})


_UNBOUND: Final = Constraint(operator=Operator.PATH_UNDER)
"""That a text can be read as a path. No owner writes it, so nothing is proved of it elsewhere."""


class Texts:
    """Gives each text that a boundary names a number of its own."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number that stands for a text."""
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def currency(self, amount: Money | Amount) -> int:
        """Return the number that stands for a currency; 0 for none."""
        return self.number(f"currency {amount.currency}") if amount.currency else 0


@dataclass(slots=True)
class Subject:
    """One value and all that is said of it. `name` is unique; `world` knows the others."""

    name: str
    world: World
    texts: dict[str, None] = field(default_factory=dict[str, None])
    tests: dict[Constraint, None] = field(default_factory=dict[Constraint, None])
    lists: dict[Constraint, Subject] = field(default_factory=dict[Constraint, "Subject"])
    equals: dict[str, None] = field(default_factory=dict[str, None])
    mays: dict[Constraint, None] = field(default_factory=dict[Constraint, None])

    # --- Features. ---

    def is_sort(self, *sorts: int) -> Formula:
        """Return that the value is of one of these sorts."""
        return some_of(Compare(self._number("sort"), "==", sort) for sort in sorts)

    @property
    def present(self) -> Formula:
        """That there is such a value at all."""
        return self._truth("present")

    def is_amount_in(self, currency: str) -> Formula:
        """Return that the value is an amount which states this currency, beside its number."""
        known = self.world.texts.number(f"currency {currency}")
        stated = Compare(self._number("currency"), "==", known)
        return all_of((self.is_sort(OBJECT), self._truth("is amount"), stated))

    def _truth(self, feature: str) -> Truth:
        return Truth(f"{self.name}|{feature}")

    def _number(self, feature: str, *, whole: bool = True) -> Number:
        return Number(f"{self.name}|{feature}", whole)

    @property
    def _amount(self) -> Number:
        return self._number("amount", whole=False)

    # --- What a constraint says. ---

    @property
    def is_text(self) -> Formula:
        """That the value is there and is a text."""
        return all_of((self.present, self.is_sort(TEXT)))

    def holds(self, one: Constraint) -> Formula:
        """Return that a constraint holds of the value, which is there."""
        kind = one.operator
        if kind is Operator.ANY or kind is Operator.ABSENT:
            return YES if kind is Operator.ANY else NO
        if kind in LITERAL:
            return some_of(self.is_bound(bound) for bound in one.bounds)
        if kind in RANGES:
            bound = one.bounds[0]
            ordered = self._ordered(bound, _RELATIONS[kind])
            return all_of((self._comparable(bound), ordered))
        if kind in OF_LISTS:
            return self._of_items(one)
        return self._fits(one) if kind in FORMS else self._passes(one)

    def may_hold(self, one: Constraint) -> Formula:
        """Return that a constraint of a `never` holds, or cannot be told not to."""
        kind = one.operator
        if kind in LITERAL:
            return self._may_be_among(one.bounds)
        if kind in RANGES:
            return some_of((no(self._comparable(one.bounds[0])), self.holds(one)))
        if kind in _LETTERS:
            return some_of((no(self.is_sort(TEXT)), self.holds(one)))
        if kind in FORMS or kind in OF_LISTS:
            # What is taken for a fit beyond fitting is known to the evaluator alone.
            self.mays.setdefault(one)
            may = self._truth(f"may {spelled(one)}")
            self.world.add(implies(self.holds(one), may))
            return may
        return self.holds(one)

    def is_listed(self, values: tuple[Json, ...]) -> Formula:
        """Return that a fact is one of the values."""
        return some_of(self._is_value(value) for value in values)

    def may_be_listed(self, values: tuple[Json, ...]) -> Formula:
        """Return that a fact is one of the values, or of another sort than all of them."""
        sorts = [_sort(value) for value in values]
        return some_of((self.is_listed(values), self.is_sort(NULL), no(self.is_sort(*sorts))))

    def is_bound(self, bound: Bound) -> Formula:
        """Return that the value is what a bound names."""
        if isinstance(bound, TaskInput):
            return self._is_input(self.world.input(bound.name))
        if isinstance(bound, Money):
            return all_of((self._comparable(bound), self._ordered(bound, "==")))
        return self._is_value(_literal(bound))

    def _is_value(self, value: Json) -> Formula:
        if isinstance(value, bool):
            is_so = self._truth("truth")
            return all_of((self.is_sort(TRUTH), is_so if value else no(is_so)))
        if isinstance(value, str):
            self.texts.setdefault(value)
            known = Compare(self._number("text"), "==", self.world.texts.number(value))
            return all_of((self.is_sort(TEXT), known))
        if is_number(value):
            return all_of((self.is_sort(NUMBER), Compare(self._amount, "==", value)))
        return self.is_sort(NULL) if value is None else NO

    def _is_input(self, other: Subject) -> Formula:
        self.equals.setdefault(other.name)
        alike = self._truth(f"is {other.name}")
        mine, its = self._truth("truth"), other._truth("truth")
        exact = some_of(
            (
                all_of((self.is_sort(TRUTH), other.is_sort(TRUTH), same(mine, its))),
                all_of((self.is_sort(NUMBER), other.is_sort(NUMBER), self._alike(other, "amount"))),
                all_of((self.is_sort(TEXT), other.is_sort(TEXT), self._alike(other, "text"))),
            )
        )
        self.world.add(same(alike, exact))
        return alike

    def _alike(self, other: Subject, feature: str) -> Formula:
        whole = feature != "amount"
        return Compare(
            self._number(feature, whole=whole), "==", other._number(feature, whole=whole)
        )

    def _comparable(self, bound: Bound) -> Formula:
        match bound:
            case Money():
                known = self.world.texts.currency(bound)
                currencies = (Compare(self._number("currency"), "==", it) for it in (0, known))
                return all_of((self._truth("is amount"), some_of(currencies)))
            case Moment():
                return self._truth("is moment")
            case Items():
                return self.is_sort(LIST)
            case date():
                return self._truth("is day")
            case _:
                return self.is_sort(NUMBER)

    def _ordered(self, bound: Bound, relation: str) -> Formula:
        match bound:
            case Money(amount, _):
                return Compare(self._amount, relation, amount)
            case Moment(at_us):
                return Compare(self._number("moment"), relation, at_us)
            case Items(count):
                return Compare(self._number("length"), relation, count)
            case date():
                return Compare(self._number("day"), relation, bound.toordinal())
            case int() | Decimal():
                return Compare(self._amount, relation, bound)
            case _:
                return NO  # nothing else is ordered

    def _fits(self, one: Constraint) -> Formula:
        readable = Constraint(operator=one.operator)
        singles = [Constraint(operator=one.operator, bounds=(bound,)) for bound in one.bounds]
        return all_of(
            (self._passes(readable), some_of(map(self._passes, singles)) if singles else YES)
        )

    def _passes(self, one: Constraint) -> Formula:
        self.tests.setdefault(one)
        return self._truth(f"passes {spelled(one)}")

    def _may_be_among(self, bounds: tuple[Bound, ...]) -> Formula:
        found: list[Formula] = []
        comparable: list[Formula] = []
        for bound in bounds:
            found.append(self.is_bound(bound))
            if isinstance(bound, Money):
                found.append(no(self._truth("is amount")))
                comparable.append(YES)
            elif isinstance(bound, TaskInput):
                known = self.world.input(bound.name)
                found.append(known.is_sort(NULL))
                sorts = (TRUTH, NUMBER, TEXT)
                comparable += (all_of((self.is_sort(sort), known.is_sort(sort))) for sort in sorts)
            else:
                comparable.append(self.is_sort(_sort(_literal(bound))))
        return some_of((*found, no(some_of(comparable))))

    def _of_items(self, one: Constraint) -> Formula:
        if one not in self.lists:
            witness = Subject(f"{self.name}#{len(self.lists)}", self.world)
            self.lists[one] = witness
            self.world.subjects.append(witness)
        return self._truth(f"passes {spelled(one)}")

    # --- What is certain. ---

    def axioms(self) -> Iterator[Formula]:
        """Yield what holds of every value, as far as anything was said of this one."""
        yield self.is_sort(*_SORTS)
        yield from self._axioms_of_amounts()
        for feature in ("is day", "is moment"):
            yield implies(self._truth(feature), self.is_sort(TEXT))
        yield Compare(self._number("length"), ">=", 0)
        for text in self.texts:
            yield from self._axioms_of_text(text)
        for one in self.tests:
            yield from self._axioms_of_test(one)
        for one, other in permutations(self.tests, 2):
            if covers(other, one):
                yield implies(self._passes(one), self._passes(other))
        for one, other in combinations(self.tests, 2):
            if _UNBOUND not in (one, other) and are_apart([one, other]):
                yield no(all_of((self._passes(one), self._passes(other))))
        yield from self._axioms_of_lists()
        for name in self.equals:
            yield from self._axioms_of_equals(self.world.named(name))

    def _axioms_of_amounts(self) -> Iterator[Formula]:
        currency = self._number("currency")
        plain = all_of((self._truth("is amount"), Compare(currency, "==", 0)))
        yield implies(self.is_sort(NUMBER), plain)
        yield implies(self._truth("is amount"), self.is_sort(NUMBER, TEXT, OBJECT))

    def _axioms_of_text(self, text: str) -> Iterator[Formula]:
        known = self._is_value(text)
        amount, day, moment = as_amount(text), as_day(text), as_moment(text)
        yield implies(known, _told(self._truth("is amount"), is_so=amount is not None))
        if amount is not None:
            currency = self.world.texts.currency(amount)
            yield implies(known, Compare(self._amount, "==", amount.number))
            yield implies(known, Compare(self._number("currency"), "==", currency))
        yield implies(known, _told(self._truth("is day"), is_so=day is not None))
        if day is not None:
            yield implies(known, Compare(self._number("day"), "==", day.toordinal()))
        yield implies(known, _told(self._truth("is moment"), is_so=moment is not None))
        if moment is not None:
            yield implies(known, Compare(self._number("moment"), "==", moment.at_us))
        for one in self.tests:
            if not any(isinstance(bound, TaskInput) for bound in one.bounds):
                yield implies(known, _told(self._passes(one), is_so=not unmet("", one, text, {})))

    def _axioms_of_test(self, one: Constraint) -> Iterator[Formula]:
        yield implies(self._passes(one), self.is_sort(TEXT))
        if one.operator in FORMS and one.bounds:
            yield implies(self._passes(one), self._passes(Constraint(operator=one.operator)))

    def _axioms_of_lists(self) -> Iterator[Formula]:
        """A list that fails has an item to show for it, and each item shown meets what all meet."""
        length = self._number("length")
        for one, shown in self.lists.items():
            passes, is_list = self._truth(f"passes {spelled(one)}"), self.is_sort(LIST)
            yield implies(passes, is_list)
            yield implies(shown.present, all_of((is_list, Compare(length, ">=", 1))))
            fits = _item_fits(shown, one)
            if one.operator is Operator.SOME:
                yield implies(passes, all_of((shown.present, fits)))
            else:
                yield implies(all_of((is_list, no(passes))), all_of((shown.present, no(fits))))
            for other in self.lists.values():
                fits = _item_fits(other, one)
                if one.operator is Operator.SOME:
                    yield implies(all_of((is_list, no(passes), other.present)), no(fits))
                else:
                    yield implies(all_of((passes, other.present)), fits)

    def _axioms_of_equals(self, other: Subject) -> Iterator[Formula]:
        """What is equal reads equally: two texts of one spelling pass the same tests."""
        alike = self._truth(f"is {other.name}")
        for feature in ("is amount", "is day", "is moment"):
            yield implies(alike, same(self._truth(feature), other._truth(feature)))
        for feature in ("amount", "currency", "day", "moment"):
            yield implies(alike, self._alike(other, feature))
        for one in (*self.tests, *other.tests):
            yield implies(alike, same(self._passes(one), other._passes(one)))
        for text in (*self.texts, *other.texts):
            self.texts.setdefault(text)
            other.texts.setdefault(text)


class World:
    """All subjects of one question, and what is certain of them together."""

    def __init__(self) -> None:
        self.texts = Texts()
        self.subjects: list[Subject] = []
        self._named: dict[str, Subject] = {}
        self._facts: dict[Formula, None] = {}
        self.templates: dict[str, list[Template]] = {}

    def named(self, name: str) -> Subject:
        """Return a subject by its name, new where nothing was said of it yet."""
        if name not in self._named:
            self._named[name] = Subject(name, self)
            self.subjects.append(self._named[name])
        return self._named[name]

    def input(self, name: str) -> Subject:
        """Return an input of the task."""
        return self.named(f"task.{name}")

    def said_of(self, subject: Subject) -> list[Formula]:
        """Return what tells two values of a subject apart, as far as anything was said of it."""
        tests = [Truth(f"{subject.name}|passes {spelled(one)}") for one in subject.tests]
        sorts = [subject.is_sort(sort) for sort in _SORTS]
        texts = [
            Compare(Number(f"{subject.name}|text", whole=True), "==", self.texts.number(text))
            for text in subject.texts
        ]
        return [*tests, *sorts, *texts]

    def add(self, fact: Formula) -> None:
        """Note what is certain."""
        self._facts.setdefault(fact)

    def axioms(self) -> Formula:
        """Return all that is certain; saying it may name further tests, so it is repeated."""
        while True:
            before = self._size()
            found = [axiom for subject in tuple(self.subjects) for axiom in subject.axioms()]
            if self._size() == before:
                return all_of((*self._facts, *found))

    def _size(self) -> int:
        """Return how much was said that axioms may add to."""
        said = (known for one in self.subjects for known in (one.tests, one.texts, one.equals))
        return sum(map(len, said))


def covers(wide: Constraint, narrow: Constraint) -> bool:
    """Return whether it is certain that whatever passes the narrow test passes the wide one."""
    if wide.operator is not narrow.operator or wide == narrow:
        return False
    if wide.operator is Operator.MAX_LENGTH:
        return int(str(narrow.bounds[0])) <= int(str(wide.bounds[0]))
    if wide.operator is Operator.STARTS_WITH:
        return str(narrow.bounds[0]).startswith(str(wide.bounds[0]))
    if not wide.bounds or not narrow.bounds:
        return not wide.bounds
    return _covers(wide.bounds[0], narrow.bounds[0])


def _covers(wide: Bound, narrow: Bound) -> bool:
    match wide, narrow:
        case Domain(), Domain():
            if narrow.under:
                return wide.under and (narrow.name == wide.name or within(narrow.name, wide))
            return within(narrow.name, wide)
        case Mailbox(), Mailbox():
            boxes = not wide.local or wide.local == narrow.local
            return boxes and (wide.domain == narrow.domain or _covers(wide.domain, narrow.domain))
        case WebAddress(), WebAddress():
            places = [(one.scheme, one.host, one.port) for one in (wide, narrow)]
            return places[0] == places[1] and narrow.path[: len(wide.path)] == wide.path
        case Folder(), Folder():
            within_parts = narrow.parts[: len(wide.parts)] == wide.parts
            return wide.absolute == narrow.absolute and within_parts
        case _:
            return False


def _item_fits(item: Subject, one: Constraint) -> Formula:
    if one.operator is Operator.ONLY:
        return some_of(item.is_bound(bound) for bound in one.bounds)
    return all_of(item.holds(inner) for inner in one.inner)


def _told(what: Formula, *, is_so: bool) -> Formula:
    return what if is_so else no(what)


def _literal(bound: Bound) -> Json:
    return bound if isinstance(bound, (int, Decimal)) else str(bound)


def _sort(value: Json) -> int:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, str):
        return TEXT
    return NUMBER if is_number(value) else OBJECT


def spelled(one: Constraint) -> str:
    """Return a text that is of this constraint alone."""
    inner = ",".join(spelled(each) for each in one.inner)
    bounds = canonical.text([f"{type(bound).__name__} {bound!r}" for bound in one.bounds])
    return f"{one.operator.value}{bounds}[{inner}]"
