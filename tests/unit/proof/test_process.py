"""The prover's own process: killed in time, and never the reason for an error."""

from __future__ import annotations

from datetime import date

import anyio
import pytest

from sallyport.adapters.prover import ProcessProver
from sallyport.model import JsonObject
from sallyport.ports import NO_SOLVER, Proof
from tests.unit.proof.planted import DESK, PLUMBING, changed

TODAY = date(2026, 11, 21)
WORKER = "sallyport.adapters.prover.process._WORKER"
pytestmark = pytest.mark.anyio


def sources(workflow: str = DESK) -> JsonObject:
    """Return the sources of a version, as they are kept."""
    return {
        "workflow": workflow,
        "workflow_file": "desk.yaml",
        "systems": {"desk.yaml": PLUMBING},
        "pins": [],
    }


async def proof(prover: ProcessProver, workflow: str, *, seconds: float = 30.0) -> Proof:
    """Return what is proved of a version against the desk, in bounded time."""
    with anyio.fail_after(60):
        return await prover.prove(sources(workflow), sources(), today=TODAY, seconds=seconds)


async def test_a_proof_tells_its_solver_its_time_and_what_was_asked() -> None:
    """So that it can be kept with the version."""
    found = await proof(ProcessProver(), changed("4000", "3999"))

    assert found.proved
    assert found.solver.startswith("z3 ")
    assert found.ms > 0
    assert len(found.formulas) == 64


async def test_what_is_certain_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the same one; another question is asked anew."""
    prover = ProcessProver()
    wider = changed("4000", "4001")
    first = await proof(prover, wider)
    monkeypatch.setattr(WORKER, ("-c", "raise SystemExit(1)"))

    assert await proof(prover, wider) is first
    assert (await proof(prover, changed("4000", "4002"))).unknown == ("the prover failed",)


@pytest.mark.parametrize(
    "program, why",
    [
        ("while True: pass", "the solver was stopped after 0.5 s"),
        ("raise SystemExit(1)", "the prover failed"),
        ("raise SystemExit(3)", NO_SOLVER),
    ],
)
async def test_no_answer_is_unknown_and_asked_again_later(
    program: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time over, a crash, no solver: none of them is a proof, and none of them is kept."""
    prover = ProcessProver()
    narrow = changed("4000", "3999")
    with monkeypatch.context() as patched:
        patched.setattr(WORKER, ("-c", program))
        found = await proof(prover, narrow, seconds=0.5)

    assert (found.proved, found.unknown, found.counterexamples) == (False, (why,), ())
    assert (await proof(prover, narrow)).proved
