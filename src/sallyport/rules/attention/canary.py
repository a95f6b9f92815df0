"""What can be made wrong of a past call, so that whoever reads its page can see that it is wrong.

Rules:
  1. One value is changed, into one that somebody could really have got wrong: another recipient,
     ten times the amount or two digits exchanged, the record of another task.
  2. It is fair: a value that the page calls trusted stays as it is, and a call that the boundary
     would have refused is never shown, since no such question could come up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sallyport.model import Impact, Json, JsonObject, Plumbing, ToolRule, Verdict
from sallyport.rules import reasons
from sallyport.rules.attention.exercises import Wrong
from sallyport.rules.boundary.evaluate import rule_on
from sallyport.rules.telling.origins import origins

TIMES = 10


def mistakes(
    args: JsonObject,
    rule: ToolRule,
    plumbing: Plumbing,
    *,
    others: Sequence[JsonObject],
    inputs: Mapping[str, Json],
    today: date,
) -> tuple[Wrong, ...]:
    """Return every fair way to make a call wrong, in the order of its arguments.

    Args:
        args: The arguments as they were approved or not.
        rule: What the boundary says of the tool.
        plumbing: How the tool is handled: which arguments decide, which are amounts.
        others: Arguments of other calls of the tool, for other tasks.
        inputs: What was bound to the call's task.
        today: The day on which it is put.
    """
    known = origins(args, rule)
    free = [one.argument for one in known if not one.trusted]
    found = (wrong for name in free for wrong in _of(name, args[name], rule, plumbing, others))

    def is_fair(wrong: Wrong) -> bool:
        shown = {**args, wrong.argument: wrong.shown}
        return _refused(rule, shown, inputs, today) <= _refused(rule, args, inputs, today)

    return tuple(wrong for wrong in found if is_fair(wrong))


def _of(
    name: str, value: Json, rule: ToolRule, plumbing: Plumbing, others: Sequence[JsonObject]
) -> Iterator[Wrong]:
    if isinstance(value, int | Decimal) and _is_amount(name, value, rule, plumbing):
        for other in _other_amounts(value):
            yield Wrong(argument=name, how="amount", was=value, shown=other)
    elif isinstance(value, str) and _is_mailbox(value):
        yield Wrong(argument=name, how="recipient", was=value, shown=_elsewhere(value))
        for other in _elses(name, value, others):
            if _is_mailbox(other):
                yield Wrong(argument=name, how="recipient", was=value, shown=other)
    elif isinstance(value, str) and name in plumbing.critical:
        for other in _elses(name, value, others):
            yield Wrong(argument=name, how="record", was=value, shown=other)


def _is_amount(name: str, value: int | Decimal, rule: ToolRule, plumbing: Plumbing) -> bool:
    if isinstance(value, bool) or value == 0:
        return False
    declared = name in plumbing.units or name in rule.units
    return declared or (name in plumbing.critical and Impact.MONEY in rule.touches)


def _other_amounts(value: int | Decimal) -> Iterator[Json]:
    """Yield ten times a number, and it with its first two digits exchanged, spelled as it is."""
    yield _longer(value) if isinstance(value, Decimal) else value * TIMES
    text = str(value)
    first, second = text[:1], text[1:2]
    if first.isdigit() and second.isdigit() and first != second != "0":
        exchanged = second + first + text[2:]
        yield Decimal(exchanged) if isinstance(value, Decimal) else int(exchanged)


def _longer(value: Decimal) -> Decimal:
    """Return ten times a number, exact however long it is."""
    whole, point, rest = f"{value:f}".partition(".")
    return Decimal(f"{whole}{rest[:1]}.{rest[1:]}0" if point else f"{whole}0")


def _is_mailbox(value: str) -> bool:
    local, _, domain = value.partition("@")
    return bool(local) and "." in domain[1:-1] and "@" not in domain


def _elsewhere(mailbox: str) -> str:
    """Return an address that looks alike and is somebody else's."""
    before, _, last = mailbox.rpartition(".")
    return f"{before}-mail.{last}"


def _elses(name: str, value: Json, others: Sequence[JsonObject]) -> list[str]:
    found = (one.get(name) for one in others)
    return list(dict.fromkeys(one for one in found if isinstance(one, str) and one != value))


def _refused(
    rule: ToolRule, args: JsonObject, inputs: Mapping[str, Json], today: date
) -> frozenset[str]:
    """Return what the boundary has against a call. Facts are left out: they are of the record."""
    said = rule_on(rule, args, inputs=dict(inputs), facts={}, today=today)
    return frozenset(reasons.say(one) for one in said.floors if one.verdict is Verdict.REFUSE)
