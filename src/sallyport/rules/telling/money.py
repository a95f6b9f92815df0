"""Bare numbers that a boundary compares with amounts of one currency, as these amounts.

An owner writes `50.00 EUR` and the call says 120: the heading of a page says 120.00 EUR. Below it
the number stands as it will be sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from sallyport.model import Bound, Constraint, Json, JsonObject, Money, ToolRule

CENTS = 2
DIGITS_MAX = 18
"""A longer number stands as it was written: nobody reads it as an amount."""


def currencies(rule: ToolRule, name: str) -> frozenset[str]:
    """Return the currencies of the amounts that a boundary compares an argument with."""
    entries = (*rule.allow, *rule.ask, *rule.never)
    said = (rule.only.get(name), *(entry.args.get(name) for entry in entries))
    bounds = (bound for one in said if one is not None for bound in _bounds(one.constraints))
    return frozenset(one.currency for one in bounds if isinstance(one, Money))


def in_currency(rule: ToolRule, args: JsonObject) -> dict[str, str]:
    """Return the arguments that are such numbers, each with its currency; none of several."""
    found: dict[str, str] = {}
    for name, value in args.items():
        of_it = currencies(rule, name)
        if len(of_it) == 1 and _is_number(value):
            found[name] = _told(Decimal(str(value)), *of_it)
    return found


def _told(amount: Decimal, currency: str) -> str:
    """Return an amount with two decimals at least, and with all that it has."""
    exponent = amount.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -CENTS and amount.adjusted() < DIGITS_MAX
    return f"{amount:.{CENTS}f} {currency}" if fits else f"{amount} {currency}"


def _is_number(value: Json) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _bounds(constraints: Iterable[Constraint]) -> Iterator[Bound]:
    for one in constraints:
        yield from one.bounds
        yield from _bounds(one.inner)
