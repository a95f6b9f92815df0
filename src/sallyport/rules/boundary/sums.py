"""How much of a limit on money one call uses, and for whom.

Rules:
  1. Exact, in millionths; what is finer counts as the next millionth, never as less.
  2. An amount below zero counts as much as the same above it: it moves as much money.
  3. What cannot be told is not zero: then there is no number, and the call is refused.
  4. Spellings of one address that are commonly delivered alike are counted together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_UP, Context, Decimal

from sallyport.model import (
    SUM_DIGITS,
    Constraint,
    Json,
    JsonObject,
    Limit,
    Mailbox,
    Money,
    ToolRule,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.amounts import as_amount
from sallyport.rules.boundary.mailboxes import delivered, mailbox
from sallyport.rules.boundary.units import stated
from sallyport.rules.once import OnceEach

SUM_MAX = 10**12
"""The largest sum that an owner may write, in whole units of its currency."""

_UPWARDS = Context(prec=60, rounding=ROUND_UP, traps=[])
_TOO_MUCH: int = 2 * SUM_MAX * 10**SUM_DIGITS


def millionths(number: int | Decimal) -> int:
    """Return how much an amount counts; for one that no limit could hold, more than any limit."""
    exact = Decimal(number).copy_abs()
    if exact > SUM_MAX:
        return _TOO_MUCH
    return int(_UPWARDS.scaleb(exact, SUM_DIGITS).to_integral_value(ROUND_CEILING))


def currencies_of(rule: ToolRule, argument: str) -> frozenset[str]:
    """Return the currencies in which a rule bounds an argument."""
    return _currencies(rule).get(argument, frozenset())


@OnceEach
def _currencies(rule: ToolRule) -> Mapping[str, frozenset[str]]:
    named = {name for entry in (*rule.allow, *rule.ask) for name in entry.args}
    return {
        argument: frozenset(
            bound.currency
            for one in constraints_of(rule, argument)
            for bound in one.bounds
            if isinstance(bound, Money)
        )
        for argument in {*rule.only, *named}
    }


def names(rule: ToolRule, argument: str) -> bool:
    """Return whether a rule lets a call have this argument at all."""
    entries = (*rule.allow, *rule.ask)
    bounded = argument in rule.only or argument in rule.templates
    return bounded or any(argument in entry.args for entry in entries)


def summed(rule: ToolRule, limit: Limit, args: JsonObject) -> int | None:
    """Return what a call adds to a sum, in millionths; None where that cannot be told.

    An amount in another currency adds nothing where the rule bounds it in that currency too. Where
    the rule bounds amounts in other currencies alone, only one that states the limit's adds to it.
    """
    if limit.argument not in args:
        return 0
    known = currencies_of(rule, limit.argument)
    elsewhere = bool(known) and limit.currency not in known
    value = stated(rule.units, args)[limit.argument]
    total = 0
    for item in value if isinstance(value, list) else [value]:
        found = as_amount(item)
        if elsewhere and (found is None or found.currency != limit.currency):
            continue
        if found is None:
            return None
        if found.currency in {"", limit.currency}:
            total += millionths(found.number)
        elif found.currency not in known:
            return None
    return total


def apart(limit: Limit, args: JsonObject) -> tuple[str, ...]:
    """Return a name for each value that a call is counted for; one without a value where none."""
    if not limit.each:
        return ("",)
    value = args.get(limit.each)
    items = value if isinstance(value, list) and value else [value]
    found = (canonical.digest("each", _alike(item)) for item in items)
    return tuple(dict.fromkeys(found))


def _alike(value: Json) -> Json:
    """Return a value as it is counted: one box is one box, however its address is written."""
    if isinstance(value, str):
        box = mailbox(_address_in(value.strip()))
        if isinstance(box, Mailbox):
            return f"{delivered(box.local)}@{box.domain.name}"
        return " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value) if abs(value) <= SUM_MAX else str(value)
    return value


def _address_in(text: str) -> str:
    """Return the address in `Ann <ann@example.com>`: a name beside it is no other recipient."""
    return text.rpartition("<")[2].removesuffix(">").strip() if text.endswith(">") else text


def constraints_of(rule: ToolRule, argument: str) -> Iterator[Constraint]:
    """Yield what a rule asks of an argument wherever it lets a call through."""
    for args in (rule.only, *(entry.args for entry in (*rule.allow, *rule.ask))):
        for one in args[argument].constraints if argument in args else ():
            yield one
            yield from one.inner
