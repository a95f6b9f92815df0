"""Argument constraints as conditions in Cedar, where Cedar can say them.

Cedar parses no text and knows no exact numbers, so what asks it hands each value over in parts, and
the condition compares the parts. A number comes as the whole number of its smallest units at or
below it (`whole`), and whether something is left above that (`part`); so no comparison rounds. A
text that reads as an address, a path or an amount comes with what it reads as.

What cannot be said is never left out of a condition: it raises, and the tool has no policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sallyport.model import (
    ArgumentRule,
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
    WebAddress,
)
from sallyport.rules.boundary.constraints import is_number, sort_of
from sallyport.rules.boundary.ruling import may_be_absent

DECIMALS = 6
"""Numbers are handed over in units of this many digits after the point."""
LONG_MAX = 2**63 - 1
"""The largest number that Cedar knows."""

_RANGES = {
    Operator.AT_LEAST: ">=",
    Operator.ABOVE: ">",
    Operator.AT_MOST: "<=",
    Operator.BELOW: "<",
}
_LITERAL = frozenset({Operator.IS, Operator.ONE_OF})
_SCALARS = ("number", "text", "truth")


class UnsayableError(ValueError):
    """Cedar has no words for it; the message says for what."""


def quoted(text: str, *, pattern: bool = False) -> str:
    """Return a text as Cedar reads it; in a pattern a star is a star."""
    shown = [_letter(one) for one in text]
    if pattern:
        shown = [r"\*" if one == "*" else one for one in shown]
    return f'"{"".join(shown)}"'


def all_of(parts: Iterable[str]) -> str:
    """Return what holds together; nothing always holds."""
    kept = list(dict.fromkeys(part for part in parts if part != "true"))
    return _joined(kept, " && ") or "true"


def some_of(parts: Iterable[str]) -> str:
    """Return at least one of these; of nothing, none holds."""
    kept = list(dict.fromkeys(part for part in parts if part != "false"))
    if "true" in kept:
        return "true"
    return _joined(kept, " || ") or "false"


def _joined(parts: list[str], word: str) -> str:
    joined = word.join(parts)
    return f"({joined})" if len(parts) > 1 else joined


def meets(name: str, wanted: ArgumentRule) -> str:
    """Return that an argument is as wanted, or may be and is left out."""
    value = f"context.args[{quoted(name)}]"
    return _if_there(name, all_of(holds(value, one) for one in wanted.constraints), wanted)


def may_meet(name: str, wanted: ArgumentRule) -> str:
    """Return that an argument of a `never` is as named, or cannot be told not to be."""
    value = f"context.args[{quoted(name)}]"
    return _if_there(name, all_of(may_hold(value, one) for one in wanted.constraints), wanted)


def is_listed(name: str, values: Iterable[Json]) -> str:
    """Return that a fact was read and is one of these values."""
    fact = f"context.facts[{quoted(name)}]"
    return all_of((_fact_is_there(name), some_of(_is_value(fact, value) for value in values)))


def may_be_listed(name: str, values: Iterable[Json]) -> str:
    """Return that a fact was read and is one of these, empty, or of another sort than all."""
    fact, known = f"context.facts[{quoted(name)}]", tuple(values)
    sorts = {sort_of(value) for value in known}
    other = some_of((f'{fact}.sort == "null"', no(_is_sort(fact, sorts))))
    listed = some_of((*(_is_value(fact, value) for value in known), other))
    return all_of((_fact_is_there(name), listed))


def no(condition: str) -> str:
    """Return the negation."""
    return {"true": "false", "false": "true"}.get(condition, f"!{condition}")


def holds(value: str, one: Constraint) -> str:  # noqa: PLR0911 (one line for each kind)
    """Return that a constraint holds of a value, which is there.

    Raises:
        UnsayableError: Cedar has no words for it.
    """
    kind = one.operator
    if kind is Operator.ANY or kind is Operator.ABSENT:
        return "true" if kind is Operator.ANY else "false"
    if kind in _LITERAL:
        return some_of(_is_bound(value, bound) for bound in one.bounds)
    if kind in _RANGES:
        return _in_range(value, _RANGES[kind], one.bounds[0])
    if kind is Operator.ONLY:
        keys = ", ".join(_key(bound) for bound in one.bounds)
        return f"({value} has items && [{keys}].containsAll({value}.items))"
    if kind is Operator.MAX_LENGTH:
        return f"({value} has length && {value}.length <= {one.bounds[0]})"
    if kind is Operator.STARTS_WITH:
        return f"({value} has text && {_begins(f'{value}.text', str(one.bounds[0]))})"
    return _fits(value, one)


def may_hold(value: str, one: Constraint) -> str:
    """Return that a constraint of a `never` holds, or cannot be told not to.

    Raises:
        UnsayableError: Cedar has no words for it.
    """
    kind = one.operator
    if kind in _LITERAL:
        return _may_be_among(value, one.bounds)
    if kind in _RANGES:
        return some_of((no(_comparable(value, one.bounds[0])), holds(value, one)))
    if kind in {Operator.MAX_LENGTH, Operator.STARTS_WITH}:
        return some_of((no(_is_sort(value, {"text"})), holds(value, one)))
    if kind in {Operator.ONLY, Operator.EACH, Operator.SOME}:
        raise UnsayableError(f"`{kind.value}` of a `never`")
    return _may_fit(value, one) if kind in _PARTS else holds(value, one)


# Literals and ranges.


def _is_bound(value: str, bound: Bound) -> str:
    match bound:
        case TaskInput(name):
            own = f"context.task[{quoted(name)}]"
            there = f"context.task has {quoted(name)}"
            return f"({there} && {own} has key && {value} has key && {value}.key == {own}.key)"
        case Money():
            return all_of((_comparable(value, bound), _in_range(value, "==", bound)))
        case _:
            return _is_value(value, _literal(bound))


def _is_value(value: str, wanted: Json) -> str:
    if isinstance(wanted, bool):
        return f"({value} has truth && {value}.truth == {str(wanted).lower()})"
    if isinstance(wanted, str):
        return f"({value} has text && {value}.text == {quoted(wanted)})"
    if is_number(wanted):
        return f"({value} has number && {_compared(f'{value}.number', '==', wanted)})"
    if wanted is None:
        return _is_sort(value, {"null"})
    raise UnsayableError("a value that is a list or a table")


def _in_range(value: str, relation: str, bound: Bound) -> str:
    match bound:
        case Money(amount, currency):
            known = f'["", {quoted(currency)}].contains({value}.amount.currency)'
            return f"({value} has amount && {known} && {_compared(f'{value}.amount', relation, amount)})"  # noqa: E501
        case Moment(at_us):
            return f"({value} has moment && {value}.moment {relation} {_long(at_us)})"
        case Items(count):
            return f"({value} has count && {value}.count {relation} {_long(count)})"
        case date():
            return f"({value} has day && {value}.day {relation} {bound.toordinal()})"
        case _ if is_number(bound):
            return f"({value} has number && {_compared(f'{value}.number', relation, bound)})"
        case _:
            raise UnsayableError("a bound that is no number")


def _compared(number: str, relation: str, bound: int | Decimal) -> str:
    """Return a comparison that is exact, since whatever is below one unit counts as `part`."""
    at = _long(_units(bound))
    whole, part = f"{number}.whole", f"{number}.part"
    return {
        "==": f"({whole} == {at} && !{part})",
        "<": f"{whole} < {at}",
        "<=": f"({whole} < {at} || ({whole} == {at} && !{part}))",
        ">": f"({whole} > {at} || ({whole} == {at} && {part}))",
        ">=": f"{whole} >= {at}",
    }[relation]


def _units(bound: int | Decimal) -> int:
    scaled = Decimal(bound).scaleb(DECIMALS)
    if scaled != scaled.to_integral_value():
        raise UnsayableError(f"a number with more than {DECIMALS} digits after the point")
    return int(scaled)


def _long(number: int) -> int:
    # The two ends are what numbers beyond them are handed over as.
    if abs(number) >= LONG_MAX:
        raise UnsayableError("a number of more than 64 bits")
    return number


def _comparable(value: str, bound: Bound) -> str:
    match bound:
        case Money(_, currency):
            known = f'["", {quoted(currency)}].contains({value}.amount.currency)'
            return f"({value} has amount && {known})"
        case Moment():
            return f"({value} has moment)"
        case Items():
            return f"({value} has count)"
        case date():
            return f"({value} has day)"
        case _:
            return _is_sort(value, {"number"})


def _may_be_among(value: str, bounds: tuple[Bound, ...]) -> str:
    found: list[str] = []
    comparable: list[str] = []
    for bound in bounds:
        found.append(_is_bound(value, bound))
        match bound:
            case Money():
                found.append(f"!({value} has amount)")
                comparable.append("true")
            case TaskInput(name):
                own, there = f"context.task[{quoted(name)}]", f"context.task has {quoted(name)}"
                found.append(f'!({there} && {own}.sort != "null")')
                comparable.append(f"({there} && {own}.sort == {value}.sort)")
            case _:
                comparable.append(_is_sort(value, {sort_of(_literal(bound))}))
    return some_of((*found, no(some_of(comparable))))


def _is_sort(value: str, sorts: Iterable[str]) -> str:
    return f"[{', '.join(quoted(sort) for sort in sorted(sorts))}].contains({value}.sort)"


def _literal(bound: Bound) -> Json:
    return bound if isinstance(bound, (int, Decimal)) else str(bound)


def _key(bound: Bound) -> str:
    """Return the one spelling of a literal in a set; see `key` of a value in the schema."""
    if isinstance(bound, (Money, TaskInput)):
        raise UnsayableError("`only` with an amount or an input of the task")
    return quoted(key_of(_literal(bound)))


def key_of(value: Json) -> str:
    """Return the one spelling of a text, number or truth, by its sort; empty for another value."""
    sort = sort_of(value)
    if sort not in _SCALARS:
        return ""
    if is_number(value):
        return f"number {_spelled(Decimal(value))}"
    return f"{sort} {json.dumps(value) if sort == 'truth' else value}"


def _spelled(number: Decimal) -> str:
    sign, digits, exponent = number.as_tuple()
    plain = "".join(map(str, digits)).lstrip("0")
    short = plain.rstrip("0")
    power = int(exponent) + len(plain) - len(short)
    return f"{'-' if sign else ''}{short}e{power}" if short else "0"


# Texts that are parsed before they are compared.

_PARTS = {
    Operator.DOMAIN: "domain",
    Operator.EMAIL: "email",
    Operator.URL: "url",
    Operator.PATH_UNDER: "path",
}


def _fits(value: str, one: Constraint) -> str:
    if one.operator not in _PARTS:
        raise UnsayableError(f"`{one.operator.value}`")
    part = _PARTS[one.operator]
    fitting = some_of(_is_place(f"{value}.{part}", bound, one.operator) for bound in one.bounds)
    return all_of((f"{value} has {part}", fitting if one.bounds else "true"))


def _is_place(read: str, bound: Bound, kind: Operator) -> str:
    match bound:
        case Domain():
            return _is_domain(f"{read}.name", bound)
        case Mailbox(local, domain):
            box = f"{read}.local == {quoted(local)}" if local else "true"
            return all_of((_is_domain(f"{read}.domain", domain), box))
        case WebAddress():
            return all_of((_is_host(read, bound), _lies_in(f"{read}.path", bound.path)))
        case Folder(absolute, parts):
            begins = f"{read}.absolute == {str(absolute).lower()}"
            return all_of((begins, _lies_in(f"{read}.parts", parts)))
        case TaskInput(name):
            return _is_own_place(read, name, kind)
        case _:
            raise UnsayableError("a place that is none")


def _is_own_place(read: str, name: str, kind: Operator) -> str:
    own, there = f"context.task[{quoted(name)}]", f"context.task has {quoted(name)}"
    same = {
        Operator.DOMAIN: ("domain", ("name",)),
        Operator.EMAIL: ("email", ("local", "domain")),
    }
    if kind not in same:
        raise UnsayableError(f"`{kind.value}` with an input of the task")
    part, fields = same[kind]
    alike = (f"{read}.{field} == {own}.{part}.{field}" for field in fields)
    return all_of((there, f"{own} has {part}", *alike))


def _may_fit(value: str, one: Constraint) -> str:
    part = _PARTS[one.operator]
    if not one.bounds:
        return "true"
    read = f"{value}.{part}"
    fitting = some_of(_may_be_place(read, bound, one.operator) for bound in one.bounds)
    return f"(if {value} has {part} then {fitting} else true)"


def _may_be_place(read: str, bound: Bound, kind: Operator) -> str:
    match bound:
        case Domain():
            return _is_place(read, bound, kind)
        case Mailbox(local, domain):
            plain = local.partition("+")[0].lower()
            box = f"{read}.delivered == {quoted(plain)}" if local else "true"
            return all_of((_is_domain(f"{read}.domain", domain), box))
        case _:
            raise UnsayableError(f"`{kind.value}` of a `never`")


def _is_domain(name: str, bound: Domain) -> str:
    if bound.under:
        return f'{name} like "*{quoted("." + bound.name, pattern=True)[1:]}'
    return f"{name} == {quoted(bound.name)}"


def _is_host(read: str, bound: WebAddress) -> str:
    host = f"{read}.host == {quoted(bound.host)}"
    return f"{read}.scheme == {quoted(bound.scheme)} && {host} && {read}.port == {bound.port}"


def _lies_in(path: str, parts: tuple[str, ...]) -> str:
    return _begins(path, "".join(f"{part}/" for part in ("", *parts)))


def _begins(text: str, start: str) -> str:
    return f'{text} like {quoted(start, pattern=True)[:-1]}*"'


def _if_there(name: str, condition: str, wanted: ArgumentRule) -> str:
    absent = str(may_be_absent(wanted)).lower()
    return f"(if context.args has {quoted(name)} then {condition} else {absent})"


def _fact_is_there(name: str) -> str:
    return f"context.facts has {quoted(name)}"


def _letter(one: str) -> str:
    plain = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
    if one in plain:
        return plain[one]
    return one if one.isprintable() else f"\\u{{{ord(one):x}}}"
