"""Proves that no value can meet several constraints at once.

Every rule here is a proof: it says "apart" only where the sets of values have nothing in common,
whatever is spelt however. What it does not say may still be so. An input of the task is known only
later, so it keeps nothing apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from string import ascii_letters, digits
from typing import Any

from sallyport.model import (
    Bound,
    Constraint,
    Domain,
    Folder,
    Items,
    Mailbox,
    Moment,
    Money,
    Operator,
    TaskInput,
    WebAddress,
)
from sallyport.rules.boundary.constraints import RANGES, is_number, sort_of, unmet
from sallyport.rules.boundary.domains import within
from sallyport.rules.boundary.forms import FORMS

Sorts = frozenset[str]

ALL: Sorts = frozenset({"null", "truth", "number", "text", "list", "object"})
_SCALARS: Sorts = frozenset({"truth", "number", "text"})
_AMOUNTS: Sorts = frozenset({"number", "text", "object"})
_TEXT: Sorts = frozenset({"text"})
_LISTS: Sorts = frozenset({"list"})
LITERAL = frozenset({Operator.IS, Operator.ONE_OF})
OF_LISTS = frozenset({Operator.ONLY, Operator.EACH, Operator.SOME})
LOWER = frozenset({Operator.AT_LEAST, Operator.ABOVE})
UPPER = frozenset({Operator.AT_MOST, Operator.BELOW})
ORDERS = (
    frozenset({"number", "money"}),
    frozenset({"day"}),
    frozenset({"moment"}),
    frozenset({"items"}),
)
_LETTERS = frozenset({Operator.STARTS_WITH, Operator.MAX_LENGTH})


def has_input(constraint: Constraint) -> bool:
    """Return whether a constraint depends on an input of the task."""
    return any(type(bound) is TaskInput for bound in constraint.bounds)


def is_finite(constraint: Constraint, beside: Iterable[Constraint]) -> bool:
    """Return whether the values that a constraint accepts can be listed, among others.

    An amount has many spellings as a text, which only tests of letters tell apart.
    """
    if constraint.operator not in LITERAL or has_input(constraint):
        return False
    spelt = any(one.operator is Operator.STARTS_WITH or one.operator in FORMS for one in beside)
    return not spelt or not any(type(bound) is Money for bound in constraint.bounds)


def kind_of(constraint: Constraint) -> str:
    """Return what a range orders, what form a text has, or `money` for amounts by name."""
    if constraint.operator in FORMS:
        return constraint.operator.value
    if constraint.operator in LITERAL:
        return "money" if all(type(bound) is Money for bound in constraint.bounds) else ""
    if constraint.operator not in RANGES:
        return ""
    return _KINDS.get(type(constraint.bounds[0]), "number")


def sorts_of(constraint: Constraint) -> Sorts:
    """Return the sorts of JSON value that a constraint accepts."""
    if constraint.operator in LITERAL:
        return frozenset[str]().union(*map(_sorts_of_literal, constraint.bounds))
    if constraint.operator in FORMS or constraint.operator in _LETTERS:
        return _TEXT
    if constraint.operator in OF_LISTS:
        return _LISTS
    return _SORTS_OF_KINDS.get(kind_of(constraint), ALL)


def are_apart(constraints: list[Constraint]) -> bool:
    """Return whether it is proven that no single value meets all constraints."""
    if not ALL.intersection(*map(sorts_of, constraints)):
        return True
    return any(_are_two_apart(one, other) for one, other in combinations(constraints, 2))


def _are_two_apart(one: Constraint, other: Constraint) -> bool:
    kinds = frozenset({kind_of(one), kind_of(other)})
    if kinds in _NEVER_BOTH:
        return True
    if any(kinds <= order for order in ORDERS):
        return _ranges_apart(one, other) or _ranges_apart(other, one)
    if one.operator is other.operator and one.operator in FORMS:
        return _forms_apart(one, other)
    return any(rule(*pair) for rule in _RULES for pair in ((one, other), (other, one)))


def _forms_apart(one: Constraint, other: Constraint) -> bool:
    if has_input(one) or has_input(other) or not one.bounds or not other.bounds:
        return False
    meet = _MEETINGS[one.operator]
    return not any(meet(left, right) for left in one.bounds for right in other.bounds)


def _path_apart(path: Constraint, other: Constraint) -> bool:
    """Return whether no path in these folders is a text of a kind that has no slash."""
    if path.operator is not Operator.PATH_UNDER or kind_of(other) not in _WITHOUT_SLASH:
        return False
    if has_input(path):
        return False
    folders = [bound for bound in path.bounds if isinstance(bound, Folder)]
    alone = [one.parts[0] for one in folders if not one.absolute and len(one.parts) == 1]
    return not alone or not (has_input(other) or any(not unmet("", other, it, {}) for it in alone))


def _start_apart(start: Constraint, other: Constraint) -> bool:
    """Return whether nothing of a kind begins with these letters."""
    letters = start.bounds[0] if start.operator is Operator.STARTS_WITH else ""
    if not isinstance(letters, str) or not letters:
        return False
    if other.operator is Operator.STARTS_WITH:
        rival = str(other.bounds[0])
        return not (letters.startswith(rival) or rival.startswith(letters))
    if letters[0] not in _BEGINNINGS.get(kind_of(other), letters):
        return True
    wholes = [_beginning(bound) for bound in other.bounds] if other.operator in FORMS else []
    return bool(wholes) and all(whole and not _begin_alike(whole, letters) for whole in wholes)


def _length_apart(limit: Constraint, other: Constraint) -> bool:
    """Return whether every text of a kind is longer than this."""
    most = limit.bounds[0] if limit.operator is Operator.MAX_LENGTH else None
    if not isinstance(most, int):
        return False
    if other.operator is Operator.STARTS_WITH:
        return len(str(other.bounds[0])) > most
    shortest = _SHORTEST.get(kind_of(other), 0)
    if other.operator in FORMS and other.bounds:
        shortest = max(shortest, min(map(_shortest, other.bounds)))
    return shortest > most


def _beginning(bound: Bound) -> str:
    """Return how everything that a bound covers begins, but for capitals; empty where it varies.

    What `xn--` spells has another spelling in its own letters.
    """
    many = isinstance(bound, Domain) and bound.under
    many = many or (isinstance(bound, Mailbox) and not bound.local)
    known = isinstance(bound, (Domain, Mailbox)) and not many and "xn--" not in str(bound)
    if isinstance(bound, Folder) and bound.absolute:
        return "/"
    return str(bound) if known else ""


def _begin_alike(whole: str, letters: str) -> bool:
    length = min(len(whole), len(letters))
    return whole[:length].lower() == letters[:length].lower()


def _shortest(bound: Bound) -> int:
    """Return the length of the shortest text that a bound covers, or less."""
    if isinstance(bound, Mailbox):
        return len(bound.local or "a") + len("@") + _shortest(bound.domain)
    if isinstance(bound, Domain):
        under = len("a.") if bound.under else 0
        return 1 if "xn--" in bound.name else len(bound.name) + under
    return len(str(bound)) if isinstance(bound, Folder) else 1


def _ranges_apart(low: Constraint, high: Constraint) -> bool:
    """Return whether the first range begins where the second has ended."""
    if low.operator not in LOWER or high.operator not in UPPER:
        return False
    start, end = _position(low.bounds[0]), _position(high.bounds[0])
    closed = low.operator is Operator.AT_LEAST and high.operator is Operator.AT_MOST
    return start > end or (start == end and not closed)


def _position(bound: Bound) -> int | Decimal:
    """Return where a bound lies in its order."""
    match bound:
        case Money(amount, _):
            return amount
        case Moment(at_us):
            return at_us
        case Items(count):
            return count
        case date():
            return bound.toordinal()
        case _:
            return bound if isinstance(bound, (int, Decimal)) else 0


def _sorts_of_literal(bound: Bound) -> Sorts:
    if type(bound) is TaskInput:
        return _SCALARS
    if type(bound) is Money:
        return _AMOUNTS
    return frozenset({sort_of(bound)}) if type(bound) is bool or is_number(bound) else _TEXT


def _domains_meet(one: Domain, other: Domain) -> bool:
    if one.under and other.under:
        return one.name == other.name or within(one.name, other) or within(other.name, one)
    return within(one.name, other) if other.under else within(other.name, one)


def _mailboxes_meet(one: Mailbox, other: Mailbox) -> bool:
    locals_meet = not one.local or not other.local or one.local == other.local
    return locals_meet and _domains_meet(one.domain, other.domain)


def _addresses_meet(one: WebAddress, other: WebAddress) -> bool:
    places = [(bound.scheme, bound.host, bound.port) for bound in (one, other)]
    return places[0] == places[1] and _on_one_way(one.path, other.path)


def _folders_meet(one: Folder, other: Folder) -> bool:
    return one.absolute == other.absolute and _on_one_way(one.parts, other.parts)


def _on_one_way(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]


_MEETINGS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.DOMAIN: _domains_meet,
    Operator.EMAIL: _mailboxes_meet,
    Operator.URL: _addresses_meet,
    Operator.PATH_UNDER: _folders_meet,
}
_SORTS_OF_KINDS: Mapping[str, Sorts] = {
    "money": _AMOUNTS,
    "moment": _TEXT,
    "day": _TEXT,
    "items": _LISTS,
    "number": frozenset({"number"}),
}
_KINDS: Mapping[type, str] = {Money: "money", Moment: "moment", Items: "items", date: "day"}
# An address has an `@`, a web address `://`, a moment `:`, an amount a space; the others none.
_SPELT_APART = ("day", "moment", "money", "email", "url")
_NEVER_BOTH = {
    *(frozenset(pair) for pair in combinations(_SPELT_APART, 2)),
    *(frozenset({"domain", kind}) for kind in ("moment", "money", "email", "url")),
    frozenset({"path_under", "url"}),
}
_WITHOUT_SLASH = {"day", "moment", "money", "email", "domain"}
_BEGINNINGS: Mapping[str, str] = {
    "day": digits,
    "moment": digits,
    "money": f"-{digits}",
    "url": "hH",
    "email": f"_{digits}{ascii_letters}",
}
_SHORTEST: Mapping[str, int] = {
    "day": len("2026-01-01"),
    "moment": len("2026-01-01T00:00:00Z"),
    "money": len("0 EUR"),
    "url": len("http://a"),
    "email": len("a@b"),
}
_RULES = (_path_apart, _start_apart, _length_apart)
