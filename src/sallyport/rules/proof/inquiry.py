"""One question about the calls of one tool: is there a call like this?

First a solver is asked. Where it is certain that there is none, there is none. Where it has a
model, calls at the bounds of what the rules say are tried, then the call that the model speaks of;
only what is confirmed, by the evaluator itself, is an answer. The rest is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Final, TypeAlias

from sallyport.model import ArgumentRule, Boundary, JsonObject, ToolRule
from sallyport.rules.proof.encode import DAY, Said, fits, said
from sallyport.rules.proof.formula import Compare, Formula, Model, all_of, holds_in, no
from sallyport.rules.proof.found import Counterexample, Solver, Unsolved
from sallyport.rules.proof.search import Case, after, names_of, near
from sallyport.rules.proof.subjects import World
from sallyport.rules.replay import Recorded
from sallyport.rules.times import DAY_US, today

MODELS_MAX: Final = 25
CALLS_MAX: Final = 3000
NOON_US: Final = DAY_US // 2
_EPOCH: Final = date(1970, 1, 1).toordinal()

Confirm: TypeAlias = Callable[[Case], Counterexample | None]
"""Puts a call before the evaluator; None where it does not show what was asked for."""


class Inquiry:
    """What can be asked of the calls that some rules of one tool speak of.

    Args:
        rules: Rules of the same tool, in different versions; none of them need to be in force.
        days: The first and the last day that matter, as `date.toordinal` counts them.
        solve: The solver.
    """

    def __init__(self, rules: tuple[ToolRule, ...], days: tuple[int, int], solve: Solver) -> None:
        self._rules = rules
        self._first, self._last = days
        self._solve = solve
        self.world = World()
        self.names = names_of(rules)

    def said(self, rule: ToolRule) -> Said:
        """Return what one of the rules says of a call."""
        return said(rule, self.world, self.names)

    def fits(self, args: Mapping[str, ArgumentRule]) -> Formula:
        """Return that each of these arguments fits, as far as it is there."""
        return fits(args, self.world)

    def none(self, wanted: Formula) -> bool:
        """Return whether it is certain that there is no such call."""
        return self._solve(all_of((self.world.axioms(), self._days(), wanted))) is None

    def answer(self, wanted: Formula, confirm: Confirm) -> Counterexample | Unsolved | None:
        """Return a call that a formula describes and the evaluator confirms.

        None means that there is none for certain.
        """
        wanted = all_of((self._days(), wanted))
        model = self._solve(all_of((self.world.axioms(), wanted)))
        if model is None:
            return None
        found = next(filter(None, map(confirm, self.near())), None)
        for _ in range(MODELS_MAX):
            if found is not None:
                return found
            if model is None:
                break
            if isinstance(model, Unsolved):
                return model
            found = confirm(after(model, self.world, self._rules, self._first))
            wanted = all_of((wanted, no(self._like(model))))
            model = self._solve(all_of((self.world.axioms(), wanted)))
        return found or Unsolved("neither proved nor refuted")

    def near(self) -> Iterator[Case]:
        """Yield calls at the bounds of what the rules say, on days that matter."""
        cases = islice(near(self._rules, self._first), CALLS_MAX)
        return (case for case in cases if self._first <= case.day <= self._last)

    def _days(self) -> Formula:
        return all_of((Compare(DAY, ">=", self._first), Compare(DAY, "<=", self._last)))

    def _like(self, model: Model) -> Formula:
        """Return that another model agrees with this one in every test of every argument."""
        parts: list[Formula] = []
        for name in self.names:
            subject = self.world.named(f"arg.{name}")
            told = [subject.present, *self.world.said_of(subject)]
            parts += [one if holds_in(one, model) else no(one) for one in told]
        return all_of(parts)


def recorded(
    case: Case, tool: str, boundary: Boundary, *, role: str = "", agent: str = ""
) -> Recorded:
    """Return a case as a call that can be replayed under a boundary."""
    return Recorded(
        where="a call",
        tool=tool,
        args=case.args,
        role=role or next(iter(boundary.workflow.users), ""),
        at_us=(case.day - _EPOCH) * DAY_US + NOON_US,
        inputs=case.inputs,
        facts=case.facts,
        agent=agent or boundary.workflow.agent,
    )


def context_of(call: Recorded) -> JsonObject:
    """Return what else a decision about a call looked at, for people and programs."""
    return {
        "inputs": dict(call.inputs),
        "facts": dict(call.facts),
        "day": today(call.at_us).isoformat(),
        "role": call.role,
        "agent": call.agent,
    }


def asked_also(rule: ToolRule, args: Mapping[str, ArgumentRule]) -> ToolRule:
    """Return a rule that says nothing but these arguments, so that calls at their bounds are tried.

    It stands beside the rule in question and is never in force.
    """
    return ToolRule(tool=rule.tool, system="", level=rule.level, only=args, units=rule.units)
