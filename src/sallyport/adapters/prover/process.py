"""Runs the prover as a child process with a limit on its time."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import date
from typing import Final

from sallyport.errors import BadInputError, InvariantError
from sallyport.model import JsonObject
from sallyport.rules import canonical, strict_json

ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
NOT_INSTALLED: Final = 3
"""The exit code of a worker that finds no solver."""


async def prove(
    new: JsonObject, old: JsonObject, *, today: date, seconds: float = 30.0
) -> JsonObject:
    """Prove that one version of a boundary grants nothing that another did not.

    Args:
        new: The sources of the version that is proposed: `workflow` (text), `file`, `systems`
            (text by file name) and `pins`, as they are kept.
        old: The sources of the version that counts.
        today: The first day that matters.
        seconds: How long all of it may take; what was not proved by then is unknown.

    Returns:
        `{"proved", "unknown", "counterexamples"}`, as `rules.proof.claims.Proof` has it.

    Raises:
        BadInputError: The solver is not installed.
    """
    asked: JsonObject = {"new": new, "old": old, "today": today.isoformat()}
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sallyport.adapters.prover.worker",
        str(max(seconds / 4, 0.1)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await worker.communicate(canonical.encode(asked))
    except TimeoutError:
        return _unknown(f"the solver was stopped after {seconds:g} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
    return _answer(worker.returncode, said)


def _answer(code: int | None, said: bytes) -> JsonObject:
    if code == NOT_INSTALLED:
        raise BadInputError(
            "nothing can be proved here: the solver is not installed",
            fix='install it with `pip install "sallyport[prove]"`',
        )
    if code != 0:
        return _unknown("the prover failed")
    found = strict_json.loads(said, bytes_max=ANSWER_BYTES_MAX, depth_max=64)
    if not isinstance(found, dict):
        raise InvariantError("the prover answered with no object")
    return found


def _unknown(why: str) -> JsonObject:
    return {"proved": False, "unknown": [why], "counterexamples": []}
