"""Reads `limits`: `calls_per_task: 25`, `refunds_per_day: 500.00 EUR`, each for each recipient.

A name says what is counted and for how long. What is not a count of this version's own is an
argument of some tool, and then the limit is a sum of money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sallyport.model import SUM_DIGITS, Limit, Money, ToolRule
from sallyport.rules.boundary import amounts, values
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.sums import SUM_MAX, currencies_of, millionths, names
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table

COUNTS = {"calls": "call", "sent": "external"}
COST = "cost"
SUM = "sum"
PERIODS = ("task", "hour", "day")
LIMITS = tuple(f"{word}_per_{period}" for word in (*COUNTS, COST) for period in PERIODS)
LIMIT_MAX = 1_000_000
LIMIT_WORDS = ("at_most", "each")
_PER = "_per_"
_NO_MONEY = Money(Decimal("0.01"), "EUR")


def read_limits(
    out: Collector, node: Node | None, rules: Mapping[str, ToolRule]
) -> tuple[Limit, ...]:
    """Return the limits of a file, having reported what is wrong with them.

    Args:
        out: Where problems go.
        node: The table after `limits`.
        rules: The tools of the file, whose arguments are summed.
    """
    reader = _Reader(out, rules)
    found = values.table(out, node, "`limits`")
    return tuple(
        limit
        for name, value in found.values.items()
        for limit in reader.limits(name, found.keys[name], value)
    )


class _Reader:
    def __init__(self, out: Collector, rules: Mapping[str, ToolRule]) -> None:
        self._out = out
        self._rules = rules

    def limits(self, name: str, mark: Mark, value: Node) -> Iterator[Limit]:
        """Yield what one name stands for: one limit, or several of a list."""
        word, _, period = name.rpartition(_PER)
        nodes = value.items if isinstance(value, Listing) else (value,)
        if period not in PERIODS or not nodes:
            self._unknown(name, mark)
            return
        seen: set[tuple[str, ...]] = set()
        for node in nodes:
            limit = self._limit(name, mark, word, node)
            if limit is not None and limit.what in seen:
                what = f"limit `{name}` counts the same twice"
                self._out.add(node.mark, "duplicate_key", what, "remove one")
            elif limit is not None:
                seen.add(limit.what)
                yield limit

    def _limit(self, name: str, mark: Mark, word: str, node: Node) -> Limit | None:
        most, each = node, ""
        if isinstance(node, Table):
            values.known_words(self._out, node, LIMIT_WORDS, f"limit `{name}`")
            values.required(self._out, node, {"at_most": "3"}, f"limit `{name}`")
            most, each = node.values.get("at_most", node), self._each(node.values.get("each"))
        period = name.rpartition(_PER)[2]
        if word in COUNTS:
            at_most = values.whole(self._out, most, f"limit `{name}`", at_most=LIMIT_MAX)
            return Limit(name=name, at_most=at_most, per=period, counts=COUNTS[word], each=each)
        if word != COST and not self._is_money(most) and not self._argument(word):
            self._unknown(name, mark)
            return None
        amount = self._amount(name, most)
        argument = "" if word == COST else self._summed(name, word, amount, mark)
        return Limit(
            name=name,
            at_most=millionths(amount.amount),
            per=period,
            counts=COST if word == COST else SUM,
            argument=argument,
            currency=amount.currency,
            each=each,
        )

    def _each(self, node: Node | None) -> str:
        argument = values.text(self._out, node, "`each`")
        if node is None or not argument:
            return ""
        if not any(names(rule, argument) for rule in self._rules.values()):
            what = f"no tool of this file names an argument `{argument}`"
            fix = suggest(argument, sorted(self._arguments()))
            self._out.add(node.mark, "unknown_argument", what, fix)
        return argument

    def _argument(self, word: str) -> str:
        """Return the argument that a limit's word means: `refunds` are those of `refund`."""
        known = self._arguments()
        singular = word.removesuffix("s")
        return word if word in known else singular if singular in known else ""

    def _summed(self, name: str, word: str, amount: Money, mark: Mark) -> str:
        argument = self._argument(word)
        found = {c for rule in self._rules.values() for c in currencies_of(rule, argument)}
        if not argument or amount.currency not in found:
            which = argument or word.removesuffix("s")
            what = f"no tool of this file has an amount in {amount.currency} called `{which}`"
            fix = (
                f"name the argument that limit `{name}` sums, or bound `{which}` by such an amount"
            )
            self._out.add(mark, "unknown_argument", what, fix)
        return argument

    def _arguments(self) -> set[str]:
        every = (
            said
            for rule in self._rules.values()
            for said in (rule.only, rule.templates, *(e.args for e in (*rule.allow, *rule.ask)))
        )
        return {argument for said in every for argument in said}

    def _is_money(self, node: Node) -> bool:
        return isinstance(node, Scalar) and amounts.as_money(node.value) is not None

    def _amount(self, name: str, node: Node) -> Money:
        """Return a limit on money; something usable where it is none."""
        found = amounts.as_money(node.value) if isinstance(node, Scalar) else None
        if found is None:
            what, fix = (
                f"limit `{name}` is not an amount of money",
                "write for example `500.00 EUR`",
            )
            self._out.add(node.mark, "wrong_type", what, fix)
            return _NO_MONEY
        if found.currency not in amounts.CURRENCIES:
            self._out.add(node.mark, "unknown_word", *amounts.no_currency(found.currency))
        if not 0 < found.amount <= SUM_MAX:
            what = f"limit `{name}` is not above zero, or too large to be counted"
            self._out.add(
                node.mark, "out_of_range", what, f"write more than zero, and at most {SUM_MAX}.00"
            )
        elif -int(found.amount.as_tuple().exponent) > SUM_DIGITS:
            what = f"limit `{name}` has more than {SUM_DIGITS} decimals"
            self._out.add(node.mark, "out_of_range", what, "write fewer")
        return found

    def _unknown(self, name: str, mark: Mark) -> None:
        what = f"unknown limit `{name}`"
        fix = f"use one of: {', '.join(LIMITS)}, or sum an argument: `refund_per_day: 500.00 EUR`"
        self._out.add(mark, "unknown_word", what, fix)
