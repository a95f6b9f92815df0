"""What came of claims about a boundary: calls that refute them, and what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sallyport.model import Decision, Json, JsonObject, Verdict
from sallyport.rules.boundary.values import duration
from sallyport.rules.proof.formula import Formula, Model


@dataclass(frozen=True, slots=True)
class Unsolved:
    """A solver's answer that it does not know, and why."""

    why: str


Solver: TypeAlias = Callable[[Formula], "Model | Unsolved | None"]
"""Returns a model of a formula, None where it is certain that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A call that is treated more loosely than was claimed, as the evaluator confirms.

    `was` is what was claimed, or what another version says; `now` is what is said of the call.
    """

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
class Found:
    """What came of all claims. They are proved only if nothing refutes them or is unknown.

    Two lists refute nothing: `unasked` has the entries that let happen unasked what asks by
    default, `useless` those that no call can match, and tools that nobody can reach.
    """

    counterexamples: list[Counterexample] = field(default_factory=list[Counterexample])
    unknown: list[str] = field(default_factory=list[str])
    unasked: list[str] = field(default_factory=list[str])
    useless: list[str] = field(default_factory=list[str])

    @property
    def proved(self) -> bool:
        """Whether every claim holds for certain."""
        return not self.counterexamples and not self.unknown

    def take(self, answer: Counterexample | Unsolved | None, what: str) -> None:
        """Add an answer about `what`; None is a proof."""
        if isinstance(answer, Unsolved):
            self.unknown.append(f"{what}: {answer.why}")
        elif answer is not None:
            self.counterexamples.append(answer)

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "proved": self.proved,
            "unknown": list[Json](self.unknown),
            "counterexamples": [one.as_json() for one in self.counterexamples],
        }


def told(decision: Decision) -> str:
    """Return what a decision says of a call: `ask support_lead within 4h`, `refuse`."""
    if decision.verdict is not Verdict.ASK or decision.question is None:
        return decision.verdict.name.lower()
    question = decision.question
    people = " or ".join(question.who)
    count = f"{question.how_many} of " if question.how_many > 1 else ""
    alone = ", by their decision alone" if question.needs_human else ""
    return f"ask {count}{people} within {duration(question.within_s)}{alone}"
