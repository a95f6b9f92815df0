"""What does not fit between a workflow and what operators declare of its systems' tools.

A promise that nothing keeps is worse than none: somebody relies on it. So a way back that cannot be
called, a limit in units that the tool does not count, a critical argument that may be anything and
a retry that might do a thing twice are all errors, before anybody signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Entry,
    Environment,
    Json,
    Level,
    Lookup,
    Money,
    Operator,
    Plumbing,
    Recovery,
    Reversible,
    ToolPin,
    ToolRule,
)
from sallyport.rules.boundary.constraints import RANGES
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.problems import Problem, suggest, unplaced

_SAYS_NOTHING = frozenset({Operator.ANY, Operator.MAX_LENGTH})
_NUMBERS = frozenset({"integer", "number"})
_OPEN_ENDED = frozenset({"$ref", "allOf", "anyOf", "oneOf", "patternProperties"})


def of_workflow(boundary: Boundary) -> Iterator[Problem]:
    """Yield what a workflow in production lacks for the hour in which it must be stopped."""
    workflow = boundary.workflow
    if workflow.environment is not Environment.PRODUCTION:
        return
    lacking = [
        word for word, said in (("by", workflow.stop.by), ("tell", workflow.stop.tell)) if not said
    ]
    if lacking:
        words = " and ".join(f"`{word}`" for word in lacking)
        what = f"it acts on production, and `stop` does not say {words}"
        fix = "add `stop: {by: [a_role], tell: somebody}`"
        yield unplaced(workflow.name, "stop", "no_stop_plan", what, fix)


def of_tool(boundary: Boundary, rule: ToolRule, pin: ToolPin) -> Iterator[Problem]:
    """Yield what is wrong between one declared tool, its definition and its system's file."""
    plumbing = boundary.systems[rule.system].tools.get(rule.tool) or Plumbing()
    promises = _Promises(boundary.workflow.name, rule, plumbing, pin)
    if boundary.workflow.environment is Environment.PRODUCTION:
        yield from promises.rollback()
    yield from promises.taking_back()
    yield from promises.critical()
    yield from promises.units()
    yield from promises.retries()
    yield from promises.schema()


def of_undo(
    boundary: Boundary, system: str, tool: str, undo: Lookup, pins: Mapping[str, ToolPin]
) -> Iterator[Problem]:
    """Yield what is wrong with the call that takes `tool` back; `pins` are those of its system."""
    file, at = boundary.workflow.name, f"systems.{system}"
    target, own = pins.get(undo.tool), pins.get(tool)
    if target is None:
        what = f"`{undo.tool}`, which takes back `{tool}`, is not accepted"
        fix = "connect the system and accept its definition"
        yield unplaced(file, at, "no_pin", what, fix)
        return
    listed = known_arguments(target)
    for name in undo.args:
        if listed is not None and name not in listed:
            what = f"`{undo.tool}`, which takes back `{tool}`, has no argument `{name}`"
            yield unplaced(file, at, "unknown_argument", what, suggest(name, sorted(listed)))
    for name in _required(target):
        if name not in undo.args:
            what = f"`{undo.tool}`, which takes back `{tool}`, needs the argument `{name}`"
            yield unplaced(file, at, "unnamed_argument", what, f"add `{name}` to `undo`")
    taken = known_arguments(own) if own is not None else None
    for source in (one for one in undo.args.values() if isinstance(one, str)):
        name = source.removeprefix("arg.")
        if taken is not None and name != source and name not in taken:
            what = f"`{tool}` of `{system}` has no argument `{name}` to be taken back by"
            yield unplaced(file, at, "unknown_argument", what, suggest(name, sorted(taken)))


def known_arguments(pin: ToolPin) -> frozenset[str] | None:
    """Return the arguments that a definition lists; None where it leaves them open."""
    schema = _object(pin.definition.get("inputSchema"))
    listed = schema.get("properties", {})
    if not isinstance(listed, dict) or _OPEN_ENDED & schema.keys():
        return None
    if schema.get("additionalProperties", False) is not False:
        return None
    return frozenset(listed)


@dataclass(frozen=True, slots=True)
class _Promises:
    file: str
    rule: ToolRule
    plumbing: Plumbing
    pin: ToolPin

    def rollback(self) -> Iterator[Problem]:
        """Whoever must take something back at night should not be the first to think about it."""
        said = self.rule.undo or self.plumbing.reversible
        if self.rule.level >= Level.CREATE and not said:
            what = f"nobody says whether what `{self.rule.tool}` does can be taken back"
            fix = (
                "state `reversible: true`, `by_hand` or `false` for it in its system's file, "
                "or add `undo`"
            )
            yield self._error("", "no_rollback", what, fix)

    def taking_back(self) -> Iterator[Problem]:
        """An `allow` over what nobody can take back would be the gate left open."""
        if self.plumbing.reversible is not Reversible.FALSE:
            return
        for entry in self.rule.allow:
            what = f"`{entry.where}` lets happen unasked what nobody can take back"
            fix = "write it under `ask`, or have the system's operator declare a way back"
            yield self._error("allow", "irreversible", what, fix)

    def critical(self) -> Iterator[Problem]:
        """Whom and how much is bounded wherever the tool changes something or reaches outside."""
        known = known_arguments(self.pin)
        for name in self.plumbing.critical:
            if known is not None and name not in known:
                yield self._unknown("critical", name, known)
            elif self.rule.level >= Level.UPDATE:
                yield from self._unbounded(name)

    def _unbounded(self, name: str) -> Iterator[Problem]:
        entries = (*self.rule.allow, *self.rule.ask) or (Entry(where=self.rule.tool),)
        for entry in entries:
            said = [part[name] for part in (self.rule.only, entry.args) if name in part]
            if said and not any(_says_something(one) for rule in said for one in rule.constraints):
                what = f"`{entry.where}` leaves `{name}` open, which decides whom or how much"
                fix = f"add a constraint on `{name}`, such as `one_of` or `at_most`"
                yield self._error(f"only.{name}", "critical", what, fix)

    def units(self) -> Iterator[Problem]:
        known = known_arguments(self.pin)
        properties = _object(_object(self.pin.definition.get("inputSchema")).get("properties"))
        for name, currency in self.plumbing.units.items():
            if known is not None and name not in known:
                yield self._unknown("units", name, known)
                continue
            types = _types(_object(properties.get(name)))
            if types and not types & _NUMBERS:
                what = f"`{name}` is declared to count {currency}, and the tool takes no number"
                yield self._error("units", "unit", what, f"remove `{name}` from `units`")
            for rule in _said(self.rule, name):
                yield from self._misfits(rule, currency)

    def _misfits(self, rule: ArgumentRule, currency: str) -> Iterator[Problem]:
        """Yield the bounds on an argument that are no amount in the currency it counts."""
        for constraint in rule.constraints:
            if not all(_is_amount(bound, currency) for bound in constraint.bounds):
                what = f"`{rule.name}` counts {currency}, and its bound is no amount in {currency}"
                fix = f"write an amount, such as `50.00 {currency}`"
                yield self._error(f"only.{rule.name}", "unit", what, fix)
            elif constraint.operator not in {*RANGES, *_OF_AMOUNTS}:
                what = f"`{rule.name}` counts {currency}, and `{constraint.operator.value}` fits no"
                fix = "write `at_most`, `is` or another word for amounts"
                yield self._error(f"only.{rule.name}", "unit", f"{what} amount", fix)

    def retries(self) -> Iterator[Problem]:
        keyed = self.plumbing.recovery is Recovery.IDEMPOTENCY_KEY
        if self.plumbing.retries and not keyed and self.rule.level is not Level.READ:
            what = f"`{self.rule.tool}` is retried, and a second try may do it twice"
            fix = "remove `retries`, or add `recovery: idempotency_key` if its system knows the key"
            yield self._error("retries", "retries", what, fix)

    def schema(self) -> Iterator[Problem]:
        """Without a schema, no argument is ever validated."""
        if not isinstance(self.pin.definition.get("inputSchema"), dict):
            what = f"the definition of `{self.rule.tool}` does not say what arguments it takes"
            fix = "have its system publish an `inputSchema`, and accept it"
            yield self._error("", "no_schema", what, fix)
        listed = known_arguments(self.pin)
        for name in self.plumbing.args:
            if listed is not None and name not in listed:
                yield self._unknown("args", name, listed)

    def _unknown(self, word: str, name: str, known: Iterable[str]) -> Problem:
        what = f"`{self.rule.tool}` has no argument `{name}`, which `{word}` of its system names"
        return self._error(word, "unknown_argument", what, suggest(name, sorted(known)))

    def _error(self, way: str, code: str, what: str, fix: str) -> Problem:
        where = f"tools.{self.rule.tool}{'.' if way else ''}{way}"
        return unplaced(self.file, where, code, what, fix)


_OF_AMOUNTS = frozenset({Operator.IS, Operator.ONE_OF, Operator.ANY, Operator.ABSENT})


def _said(rule: ToolRule, name: str) -> Iterator[ArgumentRule]:
    """Yield whatever a rule says of one argument."""
    entries = (*rule.allow, *rule.ask, *rule.never)
    for part in (rule.only, *(entry.args for entry in entries)):
        if name in part:
            yield part[name]


def _says_something(one: Constraint) -> bool:
    """Return whether a constraint keeps any value out that decides whom or how much."""
    if one.operator in FORMS and not one.bounds:
        return False
    return one.operator not in _SAYS_NOTHING


def _is_amount(bound: object, currency: str) -> bool:
    return isinstance(bound, Money) and bound.currency == currency


def _required(pin: ToolPin) -> list[str]:
    wanted = _object(pin.definition.get("inputSchema")).get("required")
    return [one for one in wanted if isinstance(one, str)] if isinstance(wanted, list) else []


def _types(schema: Mapping[str, Json]) -> frozenset[str]:
    stated = schema.get("type")
    listed: list[Json] = stated if isinstance(stated, list) else [stated]
    return frozenset(one for one in listed if isinstance(one, str))


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
