"""What the features of real values are: the one true model of a concrete call."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from sallyport.model import Constraint, Json, JsonObject, Operator
from sallyport.rules.boundary.amounts import as_amount
from sallyport.rules.boundary.constraints import is_bound, is_number, may_hold, unmet
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.proof.encode import DAY
from sallyport.rules.proof.subjects import (
    LIST,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    TRUTH,
    Subject,
    World,
    spelled,
)

Values = dict[str, "bool | int | Fraction"]


def model_of(world: World, args: JsonObject, inputs: JsonObject, facts: JsonObject) -> Values:
    """Return every feature of every subject that a world knows, as these values have it."""
    told: Values = {DAY.name: 738_000}
    spoken = {"arg": args, "task": inputs, "fact": facts}
    for subject in world.subjects:
        place, _, name = subject.name.partition(".")
        if "#" in name:
            continue
        known = spoken[place]
        told |= _features(subject, known.get(name), name in known, inputs)
    return told


def _features(subject: Subject, value: Json, present: bool, inputs: JsonObject) -> Values:
    amount, day, moment = as_amount(value), as_day(value), as_moment(value)
    number = value if is_number(value) else (amount.number if amount else 0)
    features: Values = {
        "present": present,
        "sort": _sort(value),
        "truth": value is True,
        "amount": Fraction(Decimal(number)),
        "text": subject.world.texts.number(value) if isinstance(value, str) else -1,
        "is amount": amount is not None,
        "currency": subject.world.texts.currency(amount) if amount else 0,
        "is day": day is not None,
        "day": day.toordinal() if day else 0,
        "is moment": moment is not None,
        "moment": moment.at_us if moment else 0,
        "length": len(value) if isinstance(value, list) else 0,
    }
    features |= {
        f"passes {spelled(one)}": not unmet("", one, value, inputs)
        for one in (*subject.tests, *subject.lists)
    }
    features |= {f"may {spelled(one)}": may_hold(one, value, inputs) for one in subject.mays}
    for name in subject.equals:
        own = inputs.get(name.removeprefix("task."))
        features[f"is {name}"] = own is not None and _equal(value, own)
    found: Values = {f"{subject.name}|{feature}": known for feature, known in features.items()}
    for one, witness in subject.lists.items():
        item, is_there = _shown(one, value, inputs)
        found |= _features(witness, item, is_there, inputs)
    return found


def _shown(one: Constraint, value: Json, inputs: JsonObject) -> tuple[Json, bool]:
    """Return the item that shows why a list fits or fails, any where none has to, and if any is."""
    if not isinstance(value, list) or not value:
        return None, False
    wanted = one.operator is Operator.SOME
    for item in value:
        if _item_fits(one, item, inputs) is wanted:
            return item, True
    return value[0], True


def _item_fits(one: Constraint, item: Json, inputs: JsonObject) -> bool:
    if one.operator is Operator.ONLY:
        return any(is_bound(item, bound, inputs) for bound in one.bounds)
    return not any(unmet("", inner, item, inputs) for inner in one.inner)


def _equal(value: Json, own: Json) -> bool:
    if _sort(value) != _sort(own) or _sort(value) not in (TRUTH, NUMBER, TEXT):
        return False
    return value == own


def _sort(value: Json) -> int:
    match value:
        case None:
            return NULL
        case bool():
            return TRUTH
        case str():
            return TEXT
        case list():
            return LIST
        case dict():
            return OBJECT
        case _:
            return NUMBER
