"""What is claimed of a boundary, and the calls that refute it.

A claim about one tool is a formula that must have no model. Where a solver says so, it is proved.
Where it has one, the model is made a concrete call and put before the evaluator itself: only what
the evaluator confirms is shown as a counterexample. Whatever is neither is unknown, which counts as
not proved. What no formula says (who may ask, which systems, which limits) is compared field by
field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final, TypeAlias

from sallyport.model import Boundary, Decision, Json, JsonObject, Limit, Question, ToolRule, Verdict
from sallyport.rules.proof.encode import DAY, NOTHING, Said, said
from sallyport.rules.proof.formula import (
    Compare,
    Formula,
    Model,
    all_of,
    holds_in,
    no,
    some_of,
)
from sallyport.rules.proof.search import Case, after, names_of, near
from sallyport.rules.proof.subjects import World
from sallyport.rules.replay import Recorded, decided
from sallyport.rules.times import DAY_US

MODELS_MAX: Final = 25
CALLS_MAX: Final = 3000
_NOON_US: Final = DAY_US // 2
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Unsolved:
    """A solver's answer that it does not know, and why."""

    why: str


Solver: TypeAlias = Callable[[Formula], "Model | Unsolved | None"]
"""Returns a model of a formula, None where it is certain that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A call that is treated more loosely than was claimed, as the evaluator confirms."""

    tool: str
    args: JsonObject
    context: JsonObject
    was: str
    now: str

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "tool": self.tool,
            "args": self.args,
            "context": self.context,
            "was": self.was,
            "now": self.now,
        }


@dataclass(slots=True)
class Proof:
    """What came of all claims. It is proved only if nothing refutes it and nothing is unknown."""

    counterexamples: list[Counterexample] = field(default_factory=list[Counterexample])
    unknown: list[str] = field(default_factory=list[str])

    @property
    def proved(self) -> bool:
        """Whether every claim holds for certain."""
        return not self.counterexamples and not self.unknown

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "proved": self.proved,
            "unknown": list[Json](self.unknown),
            "counterexamples": [dict[str, Json](one.as_json()) for one in self.counterexamples],
        }


def narrower(new: Boundary, old: Boundary, *, today: date, solve: Solver) -> Proof:
    """Prove that a version grants nothing that another did not, from today on.

    Args:
        new: The version that is proposed.
        old: The version that counts.
        today: The first day that matters.
        solve: The solver.
    """
    claim = _Narrower(new, old, today.toordinal(), solve)
    claim.run()
    return claim.proof


@dataclass(slots=True)
class _Narrower:
    new: Boundary
    old: Boundary
    day: int
    solve: Solver
    proof: Proof = field(default_factory=Proof)

    def run(self) -> None:
        self._people()
        self._limits()
        self._systems()
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
        for what, now, was in (
            ("the environment", new.environment, old.environment),
            ("who answers for it", new.owner, old.owner),
            ("the inputs of a task", dict(new.task_inputs), dict(old.task_inputs)),
        ):
            if now != was:
                self.proof.unknown.append(f"{what} changed")

    def _limits(self) -> None:
        kept = {(limit.counts, limit.per): limit.at_most for limit in self.new.workflow.limits}
        for limit in self.old.workflow.limits:
            if kept.get((limit.counts, limit.per), limit.at_most + 1) > limit.at_most:
                self._limit(limit)

    def _limit(self, limit: Limit) -> None:
        what = f"more than {limit.at_most} may be counted by `{limit.name}`"
        self._show_any(what, earlier=limit.at_most)

    def _systems(self) -> None:
        for name, system in self.new.systems.items():
            if name in self.old.systems and self.old.systems[name] != system:
                self.proof.unknown.append(f"system `{name}` is reached or handled in another way")

    def _show_any(
        self, what: str, *, role: str = "", agent: str = "", day: int = 0, earlier: int = 0
    ) -> None:
        """Look for any call that shows a difference which does not depend on its arguments."""
        for tool, rule in self.new.workflow.tools.items():
            for case in islice(near((rule,), day or self.day), CALLS_MAX):
                shown = self._compare(tool, case, role=role, agent=agent, earlier=earlier)
                if shown is not None:
                    self.proof.counterexamples.append(shown)
                    return
        self.proof.unknown.append(what)

    # --- One tool. ---

    def _tool(self, tool: str, rule: ToolRule) -> None:
        before = self.old.workflow.tools.get(tool)
        if tool in self.new.workflow.never:
            return
        if before is not None:
            self._fields(tool, rule, before)
        gone = tool in self.old.workflow.never or before is None
        if not gone and rule == before:
            return
        shown = self._refuted(tool, rule, None if gone else before)
        if shown is not None:
            self.proof.counterexamples.append(shown)

    def _fields(self, tool: str, rule: ToolRule, before: ToolRule) -> None:
        """Compare what decides beyond the words for arguments."""
        pins = self.new.pins.get(tool), self.old.pins.get(tool)
        told = {
            "its definition is another": pins[0] != pins[1],
            "it is of another system": rule.system != before.system,
            "its level is lower": rule.level < before.level,
            "it is said to touch less": not rule.touches >= before.touches,
            "its system may ask the agent for more": not rule.may_ask <= before.may_ask,
        }
        self.proof.unknown += [f"`{tool}`: {what}" for what, is_so in told.items() if is_so]

    def _refuted(self, tool: str, rule: ToolRule, before: ToolRule | None) -> Counterexample | None:
        """Return a call that one tool's rule grants and did not; None where there is none."""
        rules = (rule,) if before is None else (rule, before)
        world, names = World(), names_of(rules)
        now = said(rule, world, names)
        was = NOTHING if before is None else said(before, world, names)
        wanted = all_of((self._days(), _looser(now, was)))
        model = self.solve(all_of((world.axioms(), wanted)))
        if model is None:
            return None
        calls = (self._compare(tool, case) for case in near(rules, self.day))
        found = next((one for one in islice(calls, CALLS_MAX) if one is not None), None)
        for _ in range(MODELS_MAX):
            if found is not None or model is None:
                break
            if isinstance(model, Unsolved):
                self.proof.unknown.append(f"`{tool}`: {model.why}")
                return None
            found = self._compare(tool, after(model, world, rules, self.day))
            wanted = all_of((wanted, no(_like(model, world, rules))))
            model = self.solve(all_of((world.axioms(), wanted)))
        if found is None:
            self.proof.unknown.append(f"`{tool}`: neither proved nor refuted")
        return found

    def _days(self) -> Formula:
        until = self.new.workflow.expires.toordinal()
        return all_of((Compare(DAY, ">=", self.day), Compare(DAY, "<=", until)))

    def _compare(
        self, tool: str, case: Case, *, role: str = "", agent: str = "", earlier: int = 0
    ) -> Counterexample | None:
        """Return a call that the new version treats more loosely, as the evaluator says it."""
        call = Recorded(
            where="a call",
            tool=tool,
            args=case.args,
            role=role or next((r for r in self.new.workflow.users if r in self._users), ""),
            at_us=(case.day - _EPOCH) * DAY_US + _NOON_US,
            inputs=case.inputs,
            facts=case.facts,
            agent=agent or self.new.workflow.agent,
        )
        now = decided(call, self.new, earlier=earlier)
        was = decided(call, self.old, earlier=earlier)
        if not _is_looser(now, was):
            return None
        context: JsonObject = {
            "inputs": case.inputs,
            "facts": case.facts,
            "day": date.fromordinal(case.day).isoformat(),
            "role": call.role,
            "agent": call.agent,
        }
        if earlier:
            context["earlier_calls"] = earlier
        return Counterexample(
            tool=tool, args=case.args, context=context, was=_told(was), now=_told(now)
        )

    @property
    def _users(self) -> tuple[str, ...]:
        return self.old.workflow.users


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
    )


def _told(decision: Decision) -> str:
    if decision.verdict is not Verdict.ASK or decision.question is None:
        return decision.verdict.name.lower()
    question = decision.question
    people = " or ".join(question.who)
    count = f"{question.how_many} of " if question.how_many > 1 else ""
    return f"ask {count}{people} within {question.within_s} s"


def _like(model: Model, world: World, rules: tuple[ToolRule, ...]) -> Formula:
    """Return that another model agrees with this one in every test of every argument."""
    parts: list[Formula] = []
    for name in names_of(rules):
        subject = world.named(f"arg.{name}")
        told = [subject.present, *(world.said_of(subject))]
        parts += [one if holds_in(one, model) else no(one) for one in told]
    return all_of(parts)
