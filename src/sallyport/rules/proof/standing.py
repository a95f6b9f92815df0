"""What every version of a boundary must keep by itself, whatever stood there before.

  1. Its `always` lines.
  2. Nothing that reaches outside, moves money or changes access happens unasked, but by a live
     `allow` entry with its reason and end; each of those is named.

Beside that it tells of entries that no call can match and of tools that nobody can reach: they
grant nothing, and somebody meant them to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sallyport.model import (
    Always,
    Boundary,
    Decision,
    Impact,
    JsonObject,
    Level,
    Limit,
    ToolRule,
    Verdict,
)
from sallyport.rules.boundary import units
from sallyport.rules.boundary.constraints import unmet
from sallyport.rules.boundary.gates import lifts, openings
from sallyport.rules.proof.claims import sums_at_most
from sallyport.rules.proof.encode import Said
from sallyport.rules.proof.formula import Formula, all_of, no, some_of
from sallyport.rules.proof.found import Counterexample, Found, Solver, Unsolved, told
from sallyport.rules.proof.inquiry import Inquiry, asked_also, context_of, recorded
from sallyport.rules.proof.search import Case
from sallyport.rules.proof.sequences import keeps, passing
from sallyport.rules.replay import decided

GUARDED: Final = frozenset({Impact.MONEY, Impact.ACCESS})
"""With level *external*, what never happens below *ask* by default."""


def standing(boundary: Boundary, *, today: date, solve: Solver) -> Found:
    """Prove what a version must keep by itself, from a day on.

    Args:
        boundary: As compiled.
        today: The first day that matters.
        solve: The solver.
    """
    claims = _Standing(boundary, today, solve)
    claims.run()
    return claims.found


@dataclass(slots=True)
class _Standing:
    boundary: Boundary
    today: date
    solve: Solver
    found: Found = field(default_factory=Found)

    def run(self) -> None:
        for line in self.boundary.workflow.always:
            self._always(line)
        for tool, rule in self._callable():
            if rule.level is Level.EXTERNAL or rule.touches & GUARDED:
                self._guarded(tool, rule)
        for tool, rule in self.boundary.workflow.tools.items():
            self.found.useless += self._useless(tool, rule)

    def _callable(self) -> Iterator[tuple[str, ToolRule]]:
        workflow = self.boundary.workflow
        return ((tool, rule) for tool, rule in workflow.tools.items() if tool not in workflow.never)

    def _inquiry(self, *rules: ToolRule) -> Inquiry:
        days = (self.today.toordinal(), self.boundary.workflow.expires.toordinal())
        return Inquiry(rules, days, self.solve)

    # --- `always`. ---

    def _always(self, line: Always) -> None:
        if line.at_most is not None:
            self.found.take(self._summed(line, line.at_most), line.where)
            return
        for tool, rule in self._callable():
            if _speaks_of(line, tool, rule):
                answer = self._fitting(line, tool, rule) if line.args else self._treated(line, tool)
                self.found.take(answer, f"{line.where} of `{tool}`")

    def _fitting(self, line: Always, tool: str, rule: ToolRule) -> Counterexample | Unsolved | None:
        """Ask for a call that is not refused and has an argument that does not fit."""
        inquiry = self._inquiry(rule, asked_also(rule, line.args))
        happens = no(inquiry.said(rule).refused)

        def confirm(case: Case) -> Counterexample | None:
            if _fits(line, rule, case):
                return None
            return self._shown(line.where, tool, case, Verdict.REFUSE)

        return inquiry.answer(all_of((happens, no(inquiry.fits(line.args)))), confirm)

    def _treated(self, line: Always, tool: str) -> Counterexample | Unsolved | None:
        """Ask for a call that is treated more loosely than a line says."""
        wanted = line.at_least or Verdict.REFUSE
        inquiry = self._inquiry(self.boundary.workflow.tools[tool])
        said = inquiry.said(self.boundary.workflow.tools[tool])
        looser = said.allowed if wanted is Verdict.ASK else no(said.refused)
        return inquiry.answer(looser, lambda case: self._shown(line.where, tool, case, wanted))

    def _summed(self, line: Always, limit: Limit) -> Counterexample | Unsolved | None:
        """Ask for calls that add up to more: what a version with such a limit would refuse."""
        day = self.today.toordinal()

        def largest(amount: int) -> bool:
            return sums_at_most(self.boundary, limit, amount, day, self.solve)

        if keeps(self.boundary, limit, largest):
            return None
        workflow = self.boundary.workflow
        held = replace(self.boundary, workflow=replace(workflow, limits=(limit,)))
        shown = passing(self.boundary, held, limit, day)
        if shown is None:
            return Unsolved("no limit holds it for certain, and no calls were found that pass it")
        return replace(shown, context={**shown.context, "claim": line.where})

    def _shown(self, claim: str, tool: str, case: Case, wanted: Verdict) -> Counterexample | None:
        """Return a call that the evaluator treats more loosely than is claimed."""
        decision = self._decided(tool, case)
        if decision.verdict >= wanted:
            return None
        call = recorded(case, tool, self.boundary)
        context: JsonObject = {**context_of(call), "claim": claim}
        was = "refuse" if wanted is Verdict.REFUSE else f"at least {wanted.name.lower()}"
        return Counterexample(
            tool=tool, args=case.args, context=context, was=was, now=told(decision)
        )

    def _decided(self, tool: str, case: Case) -> Decision:
        return decided(recorded(case, tool, self.boundary), self.boundary)

    # --- What asks by default. ---

    def _guarded(self, tool: str, rule: ToolRule) -> None:
        """Claim that nothing happens unasked but by the entries that are named with their end."""
        inquiry = self._inquiry(rule)
        said = inquiry.said(rule)
        named = {entry.where for entry in rule.allow if lifts(rule, entry)}

        def confirm(case: Case) -> Counterexample | None:
            if self._decided(tool, case).entry in named:
                return None
            return self._shown("the default of its level and impacts", tool, case, Verdict.ASK)

        wanted = all_of((said.allowed, no(_by_entries(said, named))))
        self.found.take(inquiry.answer(wanted, confirm), f"`{tool}` asks by default")
        self.found.unasked += map(str, openings(rule, today=self.today))

    # --- What grants nothing. ---

    def _useless(self, tool: str, rule: ToolRule) -> Iterator[str]:
        """Yield what no call can ever use, as far as that is certain."""
        if tool in self.boundary.workflow.never:
            yield f"`{tool}` can never be called: it stands under `never`"
            return
        inquiry = self._inquiry(rule)
        unseen = self._unseen(inquiry, tool, rule)
        if not unseen:
            return
        said = inquiry.said(rule)
        if inquiry.none(no(said.refused)):
            yield f"`{tool}` can never be called: whatever it is called with is refused"
            return
        conditions = dict(said.entries)
        for where in unseen:
            if where and inquiry.none(conditions[where]):
                yield f"no call can ever match `{where}`"

    def _unseen(self, inquiry: Inquiry, tool: str, rule: ToolRule) -> set[str]:
        """Return the entries that no call at hand uses; an empty name for the tool itself."""
        unseen = {entry.where for entry in (*rule.allow, *rule.ask)} or {""}
        for case in inquiry.near():
            decision = self._decided(tool, case)
            if decision.verdict is not Verdict.REFUSE:
                unseen.discard(decision.entry)
            if not unseen:
                break
        return unseen


def _speaks_of(line: Always, tool: str, rule: ToolRule) -> bool:
    return (
        (not line.tools or tool in line.tools)
        and (not line.levels or rule.level in line.levels)
        and (not line.systems or rule.system in line.systems)
        and (not line.touches or bool(rule.touches & set(line.touches)))
    )


def _fits(line: Always, rule: ToolRule, case: Case) -> bool:
    args = units.stated(rule.units, case.args)
    return not any(
        unmet(name, one, args[name], case.inputs)
        for name, wanted in line.args.items()
        if name in args
        for one in wanted.constraints
    )


def _by_entries(said: Said, named: set[str]) -> Formula:
    return some_of(condition for where, condition in said.entries if where in named)
