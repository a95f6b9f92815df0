"""Runs the prover as a child process with a limit on its time."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from datetime import date
from typing import Final, cast

from sallyport.model import Json, JsonObject
from sallyport.ports import NO_SOLVER, Proof
from sallyport.rules import canonical, strict_json

ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
NOT_INSTALLED: Final = 3
"""The exit code of a worker that finds no solver."""

KEPT_MAX: Final = 64

_WORKER = ("-m", "sallyport.adapters.prover.worker")
_QUESTIONS: Final = 4
"""How many of its hardest questions a solver may give up on before the time of all is over."""


class ProcessProver:
    """Proves in a process of its own, which is killed when its time is over.

    What is certain stays certain: the last answers without anything unknown are kept, so that who
    checks a version and then signs it does not wait twice.
    """

    def __init__(self) -> None:
        self._known: dict[str, Proof] = {}

    async def prove(
        self, new: JsonObject, old: JsonObject | None, *, today: date, seconds: float = 30.0
    ) -> Proof:
        """Prove what `ports.Prover` says; never raises for sources that compile.

        Args:
            new: The sources of a version: `workflow` (text), `workflow_file`, `systems` (text by
                file name) and `pins`, as they are kept.
            old: The sources of the version it is compared with; None for its own claims.
            today: The first day that matters.
            seconds: How long all of it may take; what was not proved by then is unknown.
        """
        asked: JsonObject = {"new": new, "old": old, "today": today.isoformat()}
        question = canonical.encode(asked)
        digest = canonical.digest_bytes("proof", question)
        known = self._known.get(digest)
        if known is not None:
            return known
        began = time.monotonic()
        code, said = await _run(question, seconds)
        found = _answer(code, said, seconds, ms=int((time.monotonic() - began) * 1000))
        if not found.unknown:
            self._keep(digest, found)
        return found

    def _keep(self, digest: str, found: Proof) -> None:
        self._known[digest] = found
        while len(self._known) > KEPT_MAX:
            del self._known[next(iter(self._known))]


async def _run(asked: bytes, seconds: float) -> tuple[int | None, bytes]:
    """Return the worker's exit code, None where its time was over, and what it said."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        *_WORKER,
        str(max(seconds / _QUESTIONS, 0.1)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await worker.communicate(asked)
    except TimeoutError:
        return None, b""
    finally:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
    return worker.returncode, said


def _answer(code: int | None, said: bytes, seconds: float, *, ms: int) -> Proof:
    if code is None:
        return _unknown(f"the solver was stopped after {seconds:g} s", ms)
    if code == NOT_INSTALLED:
        return _unknown(NO_SOLVER, ms)
    if code != 0:
        return _unknown("the prover failed", ms)
    found = strict_json.loads(said, bytes_max=ANSWER_BYTES_MAX, depth_max=64)
    return _proof(cast("dict[str, list[Json]]", found), ms)


def _proof(found: dict[str, list[Json]], ms: int) -> Proof:
    unknown = tuple(str(one) for one in found["unknown"])
    refuted = tuple(one for one in found["counterexamples"] if isinstance(one, dict))
    return Proof(
        proved=not unknown and not refuted,
        unknown=unknown,
        counterexamples=refuted,
        unasked=tuple(str(one) for one in found["unasked"]),
        useless=tuple(str(one) for one in found["useless"]),
        solver=str(found["solver"]),
        ms=ms,
        formulas=str(found["formulas"]),
    )


def _unknown(why: str, ms: int) -> Proof:
    return Proof(proved=False, unknown=(why,), ms=ms)
