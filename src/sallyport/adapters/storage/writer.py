"""One thread that writes: it takes what is waiting, commits it once, and answers everybody.

While one batch is being synced to disk, the next one gathers; so a slow disk makes batches larger
and not the queue slower. Where there is a crowd, those who were just answered are given a moment to
come back: a transaction costs more than the rows in it. Nothing accepted is left without an answer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias

from sallyport.adapters.storage.engine import Engine, Job, Outcome
from sallyport.errors import SallyportError, StoreError
from sallyport.ports import Appended, Blocked

BATCH_MAX = 256
CROWD = 4
"""So many waiting when a batch was answered are a crowd. Whoever comes alone never waits."""
GATHER_S = 0.0005

Answer: TypeAlias = "asyncio.Future[Appended | Blocked]"
Waiting: TypeAlias = "tuple[Job, Answer, asyncio.AbstractEventLoop]"


class Writer:
    """The queue before the engine, and the thread that empties it."""

    def __init__(self, engine: Engine, after_batch: Callable[[], None]) -> None:
        """Start the thread; `after_batch` runs in it whenever a batch was answered."""
        self._engine = engine
        self._after_batch = after_batch
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sallyport-writer", daemon=True)
        self._thread.start()

    async def append(self, job: Job) -> Appended | Blocked:
        """Return when the job is on disk, or was not done. Cancelling does not take it back.

        Raises:
            StoreError: The database could not take it, or the store is closed.
        """
        if self._closed:
            raise StoreError("the store is closed", fix="start the gateway again")
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        self._queue.put((job, answer, loop))
        return await answer

    def close(self) -> None:
        """Finish what was accepted and end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            batch, open_ = self._gather()
            if batch:
                _tell(batch, self._engine.run([job for job, _, _ in batch]))
                self._after_batch()
                if self._queue.qsize() >= CROWD:
                    time.sleep(GATHER_S)

    def _gather(self) -> tuple[list[Waiting], bool]:
        batch: list[Waiting] = []
        found = self._queue.get()
        while found is not None:
            batch.append(found)
            if len(batch) == BATCH_MAX:
                return batch, True
            try:
                found = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False


def _tell(batch: list[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Answer everybody of one event loop with one call into it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Answer, Outcome]]] = {}
    for (_, answer, loop), outcome in zip(batch, outcomes, strict=True):
        by_loop.setdefault(loop, []).append((answer, outcome))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, answers)
        except RuntimeError:
            # The loop is closed, and whoever waited in it is gone.
            continue


def _settle(answers: list[tuple[Answer, Outcome]]) -> None:
    for answer, outcome in answers:
        if answer.done():
            continue
        if isinstance(outcome, SallyportError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
