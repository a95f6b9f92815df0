"""The solver in the test's own process: what the gateway's worker answers, without a worker."""

from __future__ import annotations

from datetime import date

import anyio.to_thread

from sallyport.adapters.prover.worker import proved
from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import JsonObject
from sallyport.ports import Proof


class NearProver:
    """Proves in a thread, which saves the start of a process. Implements `ports.Prover`."""

    async def prove(
        self, new: JsonObject, old: JsonObject | None, *, today: date, seconds: float = 30.0
    ) -> Proof:
        """Return what the worker would."""
        asked: JsonObject = {"new": new, "old": old, "today": today.isoformat()}
        return await anyio.to_thread.run_sync(_proof, asked, seconds)


def _proof(asked: JsonObject, seconds: float) -> Proof:
    solve = solver(seconds / 4)
    found = proved(asked, solve)
    return Proof(
        proved=found.proved,
        unknown=tuple(found.unknown),
        counterexamples=tuple(one.as_json() for one in found.counterexamples),
        useless=tuple(found.useless),
        solver=solve.name,
        formulas=solve.formulas,
    )
