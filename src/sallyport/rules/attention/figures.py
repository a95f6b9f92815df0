"""How a team answers, from ledger entries alone: counts, shares, and how long it took.

Rules:
  1. Nothing is about one person, and nobody is named. Of so few people that a figure would be about
     one of them, there are none.
  2. Everything follows from the entries that are given, so whoever has the ledger can check it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sallyport.model import JsonObject
from sallyport.rules.answering import Kind as Answers
from sallyport.rules.attention.exercises import PEOPLE_MIN, Outcome
from sallyport.rules.trace import Heard
from sallyport.rules.workflow_steps import is_step

KINDS = (
    "approval.asked",
    "approval.answered",
    "approval.passed",
    "approval.expired",
    "exercise.answered",
)
"""The entries that figures are made from."""

WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a team has answered.

    `median_us` and `slow_us` are the time from the question to its first answer that half, and nine
    of ten, of the answers stayed within. `answers` counts them by what they were; `canaries` and
    `second_looks` by what came of them.
    """

    people: int
    questions: int
    answered: int
    expired: int
    passed: int
    median_us: int
    slow_us: int
    answers: Mapping[str, int]
    canaries: Mapping[str, int]
    second_looks: Mapping[str, int]

    @property
    def withheld(self) -> bool:
        """Whether so few people answered that every figure would be about one of them."""
        return self.people < PEOPLE_MIN

    def as_json(self) -> JsonObject:
        """Return what is shown; of too few people, that there are too few, and nothing else."""
        if self.withheld:
            return {"withheld": True, "people_min": PEOPLE_MIN}
        return {
            "withheld": False,
            "people_min": PEOPLE_MIN,
            "questions": self.questions,
            "answered": self.answered,
            "expired": self.expired,
            "passed": self.passed,
            "median_us": self.median_us,
            "slow_us": self.slow_us,
            "answers": _shares(self.answers),
            "canaries": _shares(self.canaries),
            "second_looks": _shares(self.second_looks),
        }


def figures(entries: Iterable[Heard]) -> Figures:
    """Return the figures of these entries, whatever else is among them.

    The share of an answer is of all answers; an edit and words back are both changes.
    """
    told = list(entries)
    answered = [one for one in told if one.kind == "approval.answered"]
    took = sorted(_took(told, answered))
    came = [str(one.body.get("outcome")) for one in told if one.kind == "exercise.answered"]
    return Figures(
        people=len({name for name in map(_person, answered) if not is_step(name)}),
        questions=sum(one.kind == "approval.asked" for one in told),
        answered=len(answered),
        expired=sum(one.kind == "approval.expired" for one in told),
        passed=sum(one.kind == "approval.passed" for one in told),
        median_us=_at(took, 1, 2),
        slow_us=_at(took, 9, 10),
        answers=_counted((_answer(one) for one in answered), ("approve", "change", "reject")),
        canaries=_counted(came, (Outcome.CAUGHT.value, Outcome.MISSED.value)),
        second_looks=_counted(came, (Outcome.AGREED.value, Outcome.DIFFERED.value)),
    )


def _person(one: Heard) -> str:
    return str(one.body.get("person"))


def _answer(one: Heard) -> str:
    if one.body.get("yes") is True:
        return Answers.APPROVE.value
    return "change" if one.body.get("kind") else Answers.REJECT.value


def _took(told: Sequence[Heard], answered: Sequence[Heard]) -> Iterable[int]:
    """Yield how long each question waited for its first answer."""
    asked = {str(o.body.get("approval")): o.at_us for o in told if o.kind == "approval.asked"}
    first: dict[str, int] = {}
    for one in answered:
        question = str(one.body.get("approval"))
        first[question] = min(first.get(question, one.at_us), one.at_us)
    return (at_us - asked[question] for question, at_us in first.items() if question in asked)


def _at(took: Sequence[int], part: int, whole: int) -> int:
    """Return the value that this part of the sorted ones does not exceed; 0 of none."""
    return took[(len(took) * part + whole - 1) // whole - 1] if took else 0


def _counted(found: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    """Count what has one of these names; a passed-on exercise says nothing, and has none."""
    counts = Counter(found)
    return {name: counts[name] for name in names}


def _shares(counts: Mapping[str, int]) -> JsonObject:
    """Return each count, and its share in whole per cent, rounded down; null of nothing."""
    total = sum(counts.values())
    return {
        "total": total,
        **{
            name: {"count": count, "share": count * WHOLE // total if total else None}
            for name, count in counts.items()
        },
    }
