"""Reads what an entry says of its arguments: `refund: {above: 50.00 EUR, optional: true}`.

One line of the file, read alone, must say what it means: two lower bounds, or `any` beside another
constraint, are errors, because one of the two would mean nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.model import ArgumentRule, Bound, Constraint, Json, Money, Operator, TaskInput
from sallyport.rules.boundary import values
from sallyport.rules.boundary.constraints import as_day, is_number
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.yaml_strict import Node, Scalar, Table

OPTIONAL = "optional"
WORDS = (*(operator.value for operator in Operator), OPTIONAL)
LENGTH_MAX = 10_000_000
DECIMALS_MAX = 2

_TOGETHER = (
    (Operator.IS, Operator.ONE_OF),
    (Operator.AT_LEAST, Operator.ABOVE),
    (Operator.AT_MOST, Operator.BELOW),
)
_ALONE = (Operator.IS, Operator.ONE_OF, Operator.ANY, Operator.ABSENT)
_BARE = {Operator.ANY.value: Operator.ANY, Operator.ABSENT.value: Operator.ABSENT}


class ArgumentReader:
    """Reads the arguments of one workflow; `inputs` are the names that its tasks bind."""

    def __init__(self, out: Collector, inputs: Mapping[str, str]) -> None:
        self._out = out
        self._inputs = inputs

    def rules(self, node: Node | None, what: str) -> dict[str, ArgumentRule]:
        """Return what is said of each argument, by name."""
        found = values.table(self._out, node, what)
        rules: dict[str, ArgumentRule] = {}
        for name, value in found.values.items():
            values.check_argument(self._out, found.keys[name], name)
            rules[name] = self._rule(name, value)
        return rules

    def _rule(self, name: str, node: Node) -> ArgumentRule:
        if isinstance(node, Scalar) and node.value in _BARE:
            only = Constraint(operator=_BARE[str(node.value)])
            return ArgumentRule(name=name, constraints=(only,))
        if not isinstance(node, Table):
            what = f"what is said of `{name}` is not a constraint"
            fix = f"write `{name}: {{is: ...}}`, another constraint, or `{name}: any`"
            self._out.add(node.mark, "wrong_type", what, fix)
            return ArgumentRule(name=name, constraints=())
        values.known_words(self._out, node, WORDS, f"the constraints on `{name}`")
        optional = values.truth(self._out, node.values.get(OPTIONAL), f"`optional` of `{name}`")
        known = [operator for operator in Operator if operator.value in node.values]
        self._check_company(node, name, known, optional=optional)
        constraints = tuple(self._constraint(op, node.values[op.value]) for op in known)
        return ArgumentRule(name=name, constraints=constraints, optional=optional)

    def _check_company(
        self, node: Table, name: str, known: list[Operator], *, optional: bool
    ) -> None:
        """Report constraints of which one would mean nothing beside the other."""
        add = self._out.add
        if not known:
            what = f"nothing is asked of `{name}`"
            add(node.mark, "empty", what, "add a constraint, or `any: true` for whatever comes")
        for pair in _TOGETHER:
            if all(operator in known for operator in pair):
                what = f"`{pair[0].value}` and `{pair[1].value}` both stand for `{name}`"
                add(node.keys[pair[1].value], "pointless", what, "keep one of them")
        for alone in _ALONE:
            if alone in known and len(known) > 1 and not _pair_reported(known):
                what = f"`{alone.value}` stands for `{name}` beside another constraint"
                add(node.keys[alone.value], "pointless", what, "keep one of them")
                break
        if optional and Operator.ABSENT in known:
            what = f"`{name}` is absent and optional at once"
            add(node.keys[OPTIONAL], "pointless", what, "remove `optional`")

    def _constraint(self, operator: Operator, node: Node) -> Constraint:
        match operator:
            case Operator.ANY | Operator.ABSENT:
                self._must_be_true(operator, node)
                return Constraint(operator=operator)
            case Operator.MAX_LENGTH:
                length = values.whole(self._out, node, "`max_length`", at_most=LENGTH_MAX)
                return Constraint(operator=operator, bounds=(length,))
            case Operator.IS:
                return Constraint(operator=operator, bounds=(self._literal(node, "`is`"),))
            case Operator.ONE_OF:
                return Constraint(operator=operator, bounds=self._several(node))
            case _:
                bound = self._comparable(operator, node)
                return Constraint(operator=operator, bounds=(bound,))

    def _must_be_true(self, operator: Operator, node: Node) -> None:
        if not isinstance(node, Scalar) or node.value is not True:
            what = f"`{operator.value}` is not true"
            self._out.add(node.mark, "wrong_type", what, f"write `{operator.value}: true`")

    def _several(self, node: Node) -> tuple[Bound, ...]:
        found = [
            self._literal(item, "an item of `one_of`")
            for item in values.items(self._out, node, "`one_of`")
        ]
        if not found and not isinstance(node, (Scalar, Table)):
            self._out.add(node.mark, "empty", "`one_of` names no value", "name at least one")
        return tuple(found)

    def _literal(self, node: Node, what: str) -> Bound:
        value = values.scalar(self._out, node, what)
        if value is None or isinstance(value, (list, dict)):
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
        return self._exact(node.mark, values.money(value)) or value

    def _input(self, mark: Mark, name: str) -> TaskInput:
        if name not in self._inputs:
            what = f"`task.{name}` is not an input of the task"
            fix = suggest(name, self._inputs) if self._inputs else f"add `{name}` under `task`"
            self._out.add(mark, "unknown_input", what, fix)
        return TaskInput(name)

    def _comparable(self, operator: Operator, node: Node) -> Bound:
        value: Json = node.value if isinstance(node, Scalar) else None
        found = self._exact(node.mark, values.money(value)) or as_day(value)
        if found is not None:
            return found
        if is_number(value):
            return value
        what = f"`{operator.value}` is not a number, an amount or a date"
        fix = "write for example `50`, `50.00 EUR` or `2027-01-31`"
        self._out.add(node.mark, "wrong_type", what, fix)
        return 0

    def _exact(self, mark: Mark, found: Money | None) -> Money | None:
        """Report an amount finer than people read it: shown rounded, it would mislead."""
        if found is not None and -int(found.amount.as_tuple().exponent) > DECIMALS_MAX:
            what = f"an amount with more than {DECIMALS_MAX} decimals"
            self._out.add(mark, "out_of_range", what, "write whole cents")
        return found


def _pair_reported(known: list[Operator]) -> bool:
    return any(all(operator in known for operator in pair) for pair in _TOGETHER)
