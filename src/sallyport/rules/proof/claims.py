"""The claim that one version of a boundary grants nothing that another did not.

For each tool it is a formula that must have no model. What no formula says (who may ask, which
systems, which limits) is compared field by field; a field that nothing here knows and that differs
is unknown. Unknown counts as not proved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice

from sallyport.model import Boundary, Decision, Limit, Question, ToolRule
from sallyport.rules.proof.differences import alike, beyond_words, differences
from sallyport.rules.proof.encode import NOTHING, Said
from sallyport.rules.proof.formula import Formula, all_of, no, some_of
from sallyport.rules.proof.found import Counterexample, Found, Solver, Unsolved, told
from sallyport.rules.proof.inquiry import CALLS_MAX, Inquiry, context_of, recorded
from sallyport.rules.proof.search import Case, near
from sallyport.rules.proof.sequences import at_most, keeps, passing, sums
from sallyport.rules.replay import decided

__all__ = ["Counterexample", "Found", "Solver", "Unsolved", "narrower", "sums_at_most"]


def narrower(new: Boundary, old: Boundary, *, today: date, solve: Solver) -> Found:
    """Prove that a version grants nothing that another did not, from today on.

    Args:
        new: The version that is proposed.
        old: The version that counts.
        today: The first day that matters.
        solve: The solver.
    """
    claim = _Narrower(new, old, today.toordinal(), solve)
    claim.run()
    return claim.found


def sums_at_most(boundary: Boundary, limit: Limit, amount: int, day: int, solve: Solver) -> bool:
    """Return whether it is certain that no call adds more than so many millionths to a sum."""
    days = (day, boundary.workflow.expires.toordinal())
    for _, rule in sums(boundary, limit):
        inquiry = Inquiry((rule,), days, solve)
        happens = no(inquiry.said(rule).refused)
        if not inquiry.none(all_of((happens, no(inquiry.fits(at_most(limit, amount)))))):
            return False
    return True


@dataclass(slots=True)
class _Narrower:
    new: Boundary
    old: Boundary
    day: int
    solve: Solver
    found: Found = field(default_factory=Found)

    def run(self) -> None:
        self._people()
        self._limits()
        self.found.unknown += differences(self.new, self.old)
        for tool, rule in self.new.workflow.tools.items():
            self._tool(tool, rule)

    # --- The workflow. ---

    def _people(self) -> None:
        new, old = self.new.workflow, self.old.workflow
        if new.agent != old.agent:
            self._show_any(f"agent `{new.agent}` may work in it", agent=new.agent)
        for role in new.users:
            if role not in old.users:
                self._show_any(f"people with the role `{role}` may have it work", role=role)
        if new.expires > old.expires:
            self._show_any(
                f"it counts until {new.expires.isoformat()}", day=new.expires.toordinal()
            )

    def _limits(self) -> None:
        for limit in self.old.workflow.limits:
            if not keeps(self.new, limit, partial(self._largest, limit)):
                shown = passing(self.new, self.old, limit, self.day)
                what = f"more than `{limit.name}` let pass may be counted"
                self.found.take(shown or Unsolved("no calls were found that show it"), what)

    def _largest(self, limit: Limit, amount: int) -> bool:
        return sums_at_most(self.new, limit, amount, self.day, self.solve)

    def _show_any(self, what: str, *, role: str = "", agent: str = "", day: int = 0) -> None:
        """Look for any call that shows a difference which does not depend on its arguments."""
        tools = self.new.workflow.tools.items()
        cases = ((tool, case) for tool, rule in tools for case in near((rule,), day or self.day))
        shown = (
            self._compare(tool, case, role=role, agent=agent)
            for tool, case in islice(cases, CALLS_MAX)
        )
        first = next(filter(None, shown), None)
        if first is None:
            self.found.unknown.append(what)
        else:
            self.found.counterexamples.append(first)

    # --- One tool. ---

    def _tool(self, tool: str, rule: ToolRule) -> None:
        before = self.old.workflow.tools.get(tool)
        if tool in self.new.workflow.never:
            return
        if before is not None:
            self.found.unknown += [f"`{tool}`: {what}" for what in beyond_words(rule, before)]
        gone = tool in self.old.workflow.never or before is None
        if not gone and alike(rule, before):
            return
        self.found.take(self._refuted(tool, rule, None if gone else before), f"`{tool}`")

    def _refuted(
        self, tool: str, rule: ToolRule, before: ToolRule | None
    ) -> Counterexample | Unsolved | None:
        """Return a call that one tool's rule grants and did not."""
        rules = (rule,) if before is None else (rule, before)
        inquiry = Inquiry(rules, (self.day, self.new.workflow.expires.toordinal()), self.solve)
        now = inquiry.said(rule)
        was = NOTHING if before is None else inquiry.said(before)
        return inquiry.answer(_looser(now, was), lambda case: self._compare(tool, case))

    def _compare(
        self, tool: str, case: Case, *, role: str = "", agent: str = ""
    ) -> Counterexample | None:
        """Return a call that the new version treats more loosely, as the evaluator says it."""
        users = self.old.workflow.users
        shared = next((one for one in self.new.workflow.users if one in users), "")
        call = recorded(case, tool, self.new, role=role or shared, agent=agent)
        now, was = decided(call, self.new), decided(call, self.old)
        if not _is_looser(now, was):
            return None
        return Counterexample(
            tool=tool, args=case.args, context=context_of(call), was=told(was), now=told(now)
        )


# --- Looser. ---


def _looser(now: Said, was: Said) -> Formula:
    """Return that the new version is looser: in its verdict, or in whom it asks and how."""
    weaker = (
        all_of((asked, before))
        for question, asked in now.questions
        for other, before in was.questions
        if _is_weaker(question, other)
    )
    looser = (all_of((now.allowed, no(was.allowed))), all_of((now.asked, was.refused)))
    return some_of((*looser, *weaker))


def _is_looser(now: Decision, was: Decision) -> bool:
    if now.verdict != was.verdict:
        return now.verdict < was.verdict
    if now.question is None or was.question is None:
        return False
    return _is_weaker(now.question, was.question)


def _is_weaker(now: Question, was: Question) -> bool:
    return (
        not set(now.who) <= set(was.who)
        or now.how_many < was.how_many
        or now.within_s > was.within_s
        or (was.needs_human and not now.needs_human)
    )
