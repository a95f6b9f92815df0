"""Reads what an entry says of its arguments: `refund: {above: 50.00 EUR, optional: true}`.

One line of the file, read alone, must say what it means: two lower bounds, `any` beside another
constraint, or bounds of two kinds are errors, because one of the two would mean nothing. Every
bound is parsed here, once; a call is compared with what was parsed.

An amount that is only bounded from above is not below zero either: nobody who writes "up to
50.00 EUR" means to let 1,000.00 EUR flow the other way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sallyport.model import (
    ArgumentRule,
    Bound,
    Constraint,
    Items,
    Json,
    Moment,
    Money,
    Operator,
    TaskInput,
)
from sallyport.rules.boundary import amounts, values
from sallyport.rules.boundary.constraints import is_number
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table

OPTIONAL = "optional"
WORDS = (*(operator.value for operator in Operator), OPTIONAL)
LENGTH_MAX = 10_000_000

ADVICE: Mapping[str, str] = {
    **dict.fromkeys(("equals", "equal", "eq", "exact", "exactly", "value", "const"), "write `is`"),
    **dict.fromkeys(("in", "enum", "any_of", "choices"), "write `one_of`"),
    **dict.fromkeys(("min", "minimum", "from", "gte"), "write `at_least`"),
    **dict.fromkeys(("max", "maximum", "to", "lte", "up_to"), "write `at_most`"),
    **dict.fromkeys(("more_than", "greater_than", "over", "gt"), "write `above`"),
    **dict.fromkeys(("less_than", "under", "lt"), "write `below`"),
    **dict.fromkeys(("max_items", "count"), "write for example `at_most: 3 items`"),
    **dict.fromkeys(("min_items",), "write for example `at_least: 1 items`"),
    **dict.fromkeys(("prefix", "begins_with"), "write `starts_with`, or `url` or `path_under`"),
    **dict.fromkeys(
        ("suffix", "ends_with"),
        "write `domain` or `email`: what a text ends with says little about where it leads",
    ),
    **dict.fromkeys(
        ("matches", "match", "pattern", "regex", "like", "glob"),
        "name what you mean, since there are no patterns: `one_of`, `email`, `url`, `path_under`",
    ),
    **dict.fromkeys(("contains", "has"), "write `some` under `never`, or `only` for a whole list"),
    **dict.fromkeys(("not", "is_not", "none_of", "except"), "write an entry under `never`"),
    **dict.fromkeys(("folder", "directory", "path", "inside"), "write `path_under`"),
    **dict.fromkeys(("mail", "address", "recipient"), "write `email`"),
    **dict.fromkeys(("host", "hostname"), "write `domain`"),
    **dict.fromkeys(("required", "present"), "write `any: true`: what is not optional is required"),
}

_TOGETHER = (
    (Operator.IS, Operator.ONE_OF),
    (Operator.AT_LEAST, Operator.ABOVE),
    (Operator.AT_MOST, Operator.BELOW),
    (Operator.ONLY, Operator.EACH),
)
_ALONE = (Operator.IS, Operator.ONE_OF, Operator.ANY, Operator.ABSENT)
_BARE = {Operator.ANY.value: Operator.ANY, Operator.ABSENT.value: Operator.ABSENT}
_OF_LISTS = (Operator.ONLY, Operator.EACH, Operator.SOME)
_INNER = tuple(one for one in Operator if one not in {*_OF_LISTS, Operator.ANY, Operator.ABSENT})
_LOWER, _UPPER = (Operator.AT_LEAST, Operator.ABOVE), (Operator.AT_MOST, Operator.BELOW)
_ITEMS = re.compile(r"(0|[1-9][0-9]{0,5}) items?", re.ASCII)
_NO_BOUND = TaskInput("")
_LIKE_A_PATH = ("/", "./", "../", "~", "\\")


class ArgumentReader:
    """Reads the arguments of one workflow; `inputs` are the names that its tasks bind.

    `unsure` is True once something was reported, so that nobody draws conclusions from the rest.
    """

    def __init__(self, out: Collector, inputs: Mapping[str, str]) -> None:
        self._out = out
        self._inputs = inputs
        self.unsure = False

    def rules(
        self, node: Node | None, what: str, *, forbids: bool = False
    ) -> dict[str, ArgumentRule]:
        """Return what is said of each argument, by name.

        Args:
            node: The table of arguments.
            what: What that table is, for messages.
            forbids: Whether it stands in a `never` entry.
        """
        known = len(self._out.found)
        found = values.table(self._out, node, what)
        rules: dict[str, ArgumentRule] = {}
        for name, value in found.values.items():
            values.check_argument(self._out, found.keys[name], name)
            rules[name] = self._rule(name, value, forbids=forbids)
        self.unsure = self.unsure or len(self._out.found) > known
        return rules

    def _rule(self, name: str, node: Node, *, forbids: bool) -> ArgumentRule:
        if isinstance(node, Scalar) and node.value in _BARE:
            only = Constraint(operator=_BARE[str(node.value)])
            return ArgumentRule(name=name, constraints=(only,))
        if not isinstance(node, Table):
            what = f"what is said of `{name}` is not a constraint"
            fix = f"write `{name}: {{is: ...}}`, another constraint, or `{name}: any`"
            self._out.add(node.mark, "wrong_type", what, fix)
            return ArgumentRule(name=name, constraints=())
        self._check_words(node, WORDS, f"`{name}`")
        optional = values.truth(self._out, node.values.get(OPTIONAL), f"`optional` of `{name}`")
        known = [operator for operator in Operator if operator.value in node.values]
        if not node.keys.keys() - {OPTIONAL}:
            what, fix = f"nothing is asked of `{name}`", "add a constraint, or `any: true`"
            self._out.add(node.mark, "empty", what, fix)
        self._check_company(node, f"`{name}`", known)
        self._check_absent(node, name, known, optional=optional)
        self._check_lists(node, name, known, forbids=forbids)
        found = self._constraints(node, f"`{name}`", known)
        implied = () if forbids else _not_below_zero(found)
        return ArgumentRule(name=name, constraints=(*implied, *found), optional=optional)

    def _check_words(self, node: Table, known: tuple[str, ...], name: str) -> None:
        for word, mark in node.keys.items():
            if word not in known:
                fix = ADVICE.get(word) or suggest(word, known)
                what = f"unknown word `{word}` in the constraints on {name}"
                self._out.add(mark, "unknown_word", what, fix)

    def _check_company(self, node: Table, name: str, known: list[Operator]) -> None:
        """Report constraints of which one would mean nothing beside the other."""
        add = self._out.add
        for pair in _TOGETHER:
            if all(operator in known for operator in pair):
                what = f"`{pair[0].value}` and `{pair[1].value}` both stand for {name}"
                add(node.keys[pair[1].value], "pointless", what, "keep one of them")
        for alone in _ALONE:
            if alone in known and len(known) > 1 and not _pair_reported(known):
                what = f"`{alone.value}` stands for {name} beside another constraint"
                add(node.keys[alone.value], "pointless", what, "keep one of them")
                break

    def _check_absent(
        self, node: Table, name: str, known: list[Operator], *, optional: bool
    ) -> None:
        if optional and Operator.ABSENT in known:
            what = f"`{name}` is absent and optional at once"
            self._out.add(node.keys[OPTIONAL], "pointless", what, "remove `optional`")

    def _check_lists(self, node: Table, name: str, known: list[Operator], *, forbids: bool) -> None:
        """Report a word for lists that would leave items unchecked where it stands.

        `never` with `each` would let a list pass that holds one harmless item beside the harmful;
        elsewhere, `some` would let pass whatever stands beside the one that fits.
        """
        wrong = (Operator.ONLY, Operator.EACH) if forbids else (Operator.SOME,)
        place = "forbids only lists in which every" if forbids else "asks only that one"
        fix = "write `some`" if forbids else "write `each`, or `some` under `never`"
        for operator in wrong:
            if operator in known:
                what = f"`{operator.value}` {place} item of `{name}` fits"
                self._out.add(node.keys[operator.value], "pointless", what, fix)

    def _constraints(self, node: Table, name: str, known: list[Operator]) -> tuple[Constraint, ...]:
        """Return the constraints of one table, having reported bounds of different kinds."""
        found = tuple(self._constraint(one, node.values[one.value], name) for one in known)
        kinds = [kind for one in found if (kind := _kind(one)) != "text"]
        kinds += ["text"] if len(kinds) < len(found) and not any(map(_is_text, kinds)) else []
        if len(set(kinds)) > 1 and not any(one in known for one in _ALONE):
            what = f"{name} must be {' and '.join(dict.fromkeys(kinds))} at once"
            self._out.add(node.mark, "pointless", what, "keep constraints of one kind")
        return found

    def _constraint(self, operator: Operator, node: Node, name: str) -> Constraint:
        if operator is Operator.ANY or operator is Operator.ABSENT:
            self._must_be_true(operator, node)
            return Constraint(operator=operator)
        if operator is Operator.EACH or operator is Operator.SOME:
            return Constraint(operator=operator, inner=self._inner(operator, node, name))
        return Constraint(operator=operator, bounds=self._bounds(operator, node))

    def _bounds(self, operator: Operator, node: Node) -> tuple[Bound, ...]:
        if operator in FORMS:
            return self._parsed(operator, node)
        match operator:
            case Operator.MAX_LENGTH:
                return (values.whole(self._out, node, "`max_length`", at_most=LENGTH_MAX),)
            case Operator.IS:
                return (self._literal(node, "`is`"),)
            case Operator.ONE_OF | Operator.ONLY:
                return self._several(operator, node)
            case Operator.STARTS_WITH:
                return (self._start(node),)
            case _:
                return (self._comparable(operator, node),)

    def _must_be_true(self, operator: Operator, node: Node) -> None:
        if not isinstance(node, Scalar) or node.value is not True:
            what = f"`{operator.value}` is not true"
            self._out.add(node.mark, "wrong_type", what, f"write `{operator.value}: true`")

    def _several(self, operator: Operator, node: Node) -> tuple[Bound, ...]:
        word = f"`{operator.value}`"
        found = [
            self._literal(item, f"an item of {word}")
            for item in values.items(self._out, node, word)
        ]
        if not found and not isinstance(node, (Scalar, Table)):
            self._out.add(node.mark, "empty", f"{word} names no value", "name at least one")
        return tuple(found)

    def _literal(self, node: Node, what: str) -> Bound:
        value = values.scalar(self._out, node, what)
        if not isinstance(value, (str, int, Decimal)):
            if isinstance(node, Scalar):
                fix = "write the value, or `absent: true`"
                self._out.add(node.mark, "wrong_type", f"{what} is null", fix)
            return ""
        if not isinstance(value, str):
            return value
        if value == "*":
            fix = "name each value, or write `any: true`"
            self._out.add(node.mark, "wildcard", f"{what} is `*`, which is no wildcard here", fix)
        if value.startswith("task."):
            return self._input(node.mark, value.removeprefix("task."))
        found = amounts.as_money(value)
        if found is None or found.currency not in amounts.CURRENCIES:
            return value
        return self._exact(node.mark, found)

    def _input(self, mark: Mark, name: str) -> TaskInput:
        if name not in self._inputs:
            what = f"`task.{name}` is not an input of the task"
            fix = suggest(name, self._inputs) if self._inputs else f"add `{name}` under `task`"
            self._out.add(mark, "unknown_input", what, fix)
        return TaskInput(name)

    def _parsed(self, operator: Operator, node: Node) -> tuple[Bound, ...]:
        """Return the bounds of a word whose texts are parsed; none for `any`."""
        word = f"`{operator.value}`"
        if isinstance(node, Scalar) and node.value == Operator.ANY.value:
            if operator is Operator.PATH_UNDER:
                fix = "name the folder, or write `any: true` for whatever comes"
                self._out.add(node.mark, "wildcard", f"{word} names no folder", fix)
            return ()
        nodes = node.items if isinstance(node, Listing) else (node,)
        if not nodes:
            self._out.add(node.mark, "empty", f"{word} names nothing", "name at least one")
        return tuple(self._parsed_one(operator, one, word) for one in nodes)

    def _parsed_one(self, operator: Operator, node: Node, word: str) -> Bound:
        form = FORMS[operator]
        fix = f"write for example {form.example}"
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self._out.add(node.mark, "wrong_type", f"{word} is not text", fix)
            return _NO_BOUND
        value = node.value
        if value.startswith("task."):
            return self._input(node.mark, value.removeprefix("task."))
        if "*" in value:
            what = f"{word} has a `*`, and there are no wildcards"
            self._out.add(node.mark, "wildcard", what, fix)
            return _NO_BOUND
        found: Bound | Fault = form.bound(value)
        if isinstance(found, Fault):
            self._out.add(node.mark, "bad_bound", f"{word} cannot be read: {found.why}", fix)
            return _NO_BOUND
        return found

    def _start(self, node: Node) -> str:
        start = values.text(self._out, node, "`starts_with`")
        what = "`starts_with` compares letters, and this leads somewhere"
        if "://" in start:
            self._out.add(node.mark, "not_parsed", what, "write `url`")
        elif start.startswith(_LIKE_A_PATH):
            self._out.add(node.mark, "not_parsed", what, "write `path_under`")
        elif start.startswith("task."):
            what = "`starts_with` takes no input of the task"
            self._out.add(node.mark, "wrong_type", what, "write `is`, or the letters themselves")
        elif "*" in start:
            what = "`starts_with` has a `*`, and there are no wildcards"
            self._out.add(node.mark, "wildcard", what, "leave the star out")
        return start

    def _inner(self, operator: Operator, node: Node, name: str) -> tuple[Constraint, ...]:
        """Return what is asked of the items of a list."""
        what, item = f"`{operator.value}` of {name}", f"each item of {name}"
        found = values.table(self._out, node, what)
        self._check_words(found, tuple(one.value for one in _INNER), item)
        known = [one for one in _INNER if one.value in found.values]
        if isinstance(node, Table) and not node.keys:
            self._out.add(node.mark, "empty", f"nothing is asked of {item}", "add a constraint")
        self._check_company(found, item, known)
        inner = self._constraints(found, item, known)
        if any(isinstance(bound, Items) for one in inner for bound in one.bounds):
            fix = f"write it beside `{operator.value}`"
            self._out.add(node.mark, "wrong_type", f"{what} counts items of items", fix)
        return (*(() if operator is Operator.SOME else _not_below_zero(inner)), *inner)

    def _comparable(self, operator: Operator, node: Node) -> Bound:
        value: Json = node.value if isinstance(node, Scalar) else None
        money = amounts.as_money(value)
        if money is not None:
            return self._exact(node.mark, money)
        found = as_day(value) or as_moment(value) or _as_items(value)
        if found is not None:
            return found
        if is_number(value):
            return value
        if isinstance(value, str) and as_moment(f"{value}Z") is not None:
            what = f"`{operator.value}` is a time without its zone"
            self._out.add(node.mark, "wrong_type", what, "add `Z`, or an offset such as `+01:00`")
            return 0
        what = f"`{operator.value}` is not a number, an amount, a date, a time or a count of items"
        fix = "write for example `50`, `50.00 EUR`, `2027-01-31`, `2027-01-31T12:00:00Z`, `3 items`"
        self._out.add(node.mark, "wrong_type", what, fix)
        return 0

    def _exact(self, mark: Mark, found: Money) -> Money:
        """Report a currency nobody pays in, and an amount finer than people read it."""
        if found.currency not in amounts.CURRENCIES:
            self._out.add(mark, "unknown_word", *amounts.no_currency(found.currency))
        elif found.currency in amounts.WITHOUT_CENTS and found.amount % 1:
            what = f"{found.currency} has no smaller unit"
            self._out.add(mark, "out_of_range", what, "write a whole amount")
        elif -int(found.amount.as_tuple().exponent) > amounts.DECIMALS_MAX:
            what = f"an amount with more than {amounts.DECIMALS_MAX} decimals"
            self._out.add(mark, "out_of_range", what, "write whole cents")
        return found


def _as_items(value: Json) -> Items | None:
    match = _ITEMS.fullmatch(value) if isinstance(value, str) else None
    return Items(int(match[1])) if match else None


def _not_below_zero(found: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    """Return what an upper bound on an amount says of the other direction."""
    if any(one.operator in _LOWER for one in found):
        return ()
    tops = (one.bounds[0] for one in found if one.operator in _UPPER)
    top = next((one for one in tops if isinstance(one, Money)), None)
    if top is None or top.amount < 0:
        return ()
    zero = Money(Decimal("0.00"), top.currency)
    return (Constraint(operator=Operator.AT_LEAST, bounds=(zero,)),)


def _kind(constraint: Constraint) -> str:
    """Return what kind of value a constraint is about; `text` goes with every kind of text."""
    if constraint.operator in FORMS:
        return FORMS[constraint.operator].noun
    if constraint.operator in _OF_LISTS:
        return "a list"
    if constraint.operator not in {*_LOWER, *_UPPER}:
        return "text"
    bound = constraint.bounds[0]
    if isinstance(bound, Money):
        return f"an amount in {bound.currency}"
    return _KINDS.get(type(bound), "a number")


_KINDS: Mapping[type, str] = {Moment: "a time", Items: "a list", date: "a date"}


def _is_text(kind: str) -> bool:
    return kind in {form.noun for form in FORMS.values()}


def _pair_reported(known: list[Operator]) -> bool:
    return any(all(operator in known for operator in pair) for pair in _TOGETHER)
