"""What a change of a boundary grants, as it is kept with the version and in the ledger.

Rules:
  1. Only a proof makes a change a narrowing. No solver, no time left, a call that shows otherwise,
     or a version it cannot be compared with: each of them needs a second person.
  2. What is kept is bounded; the digest of the formulas stands for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sallyport.flow.sources import Sources
from sallyport.model import Json, JsonObject
from sallyport.ports import Proof, Prover
from sallyport.rules.boundary.signing import Change

PROOF_S = 30.0
NO_PROOF = Proof(proved=False)
KEPT_MAX = 10
"""Reasons and counterexamples that are kept of each proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a version grants, compared with the one that counts, and what it was proved to keep.

    `proof` compares; it is None where there was nothing to compare. `own` is about the version by
    itself: what it promises, and what of it grants nothing.
    """

    change: Change
    at_us: int
    own: Proof
    proof: Proof | None = None

    def as_json(self) -> JsonObject:
        """Return what is kept of it."""
        found = self.proof or NO_PROOF
        return {
            "result": self.change.value,
            "at_us": self.at_us,
            "solver": found.solver,
            "ms": found.ms,
            "formulas": found.formulas,
            "own_formulas": self.own.formulas,
            "unknown": list[Json](found.unknown[:KEPT_MAX]),
            "counterexamples": list[Json](found.counterexamples[:KEPT_MAX]),
        }


async def judged(
    prover: Prover,
    new: Sources,
    old: Sources | None,
    *,
    same: bool,
    today: date,
    at_us: int,
) -> Judged:
    """Return what a version grants that the one in force does not.

    Args:
        prover: Who proves.
        new: The sources of the version that is proposed.
        old: The sources of the version in force, if there is one.
        same: Whether both have the same digest.
        today: The first day that matters.
        at_us: The time of the judgement.
    """
    text = new.as_json()
    own = await prover.prove(text, None, today=today, seconds=PROOF_S)
    if old is None or same:
        return Judged(change=Change.SAME if same else Change.FIRST, at_us=at_us, own=own)
    proof = await prover.prove(text, old.as_json(), today=today, seconds=PROOF_S)
    return Judged(change=_change(proof), at_us=at_us, proof=proof, own=own)


def _change(proof: Proof) -> Change:
    if proof.counterexamples:
        return Change.WIDENS
    return Change.NARROWS if proof.proved and not proof.unknown else Change.UNKNOWN
