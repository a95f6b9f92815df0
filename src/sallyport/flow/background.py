"""What runs beside the calls: work that nobody waits for, and looks that repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sallyport.rules.commands import Ended


class Background:
    """Work that nobody waits for, kept alive and reported when it fails."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._tasks: set[asyncio.Future[Any]] = set()
        self._forever: set[asyncio.Task[Any]] = set()
        self._report = report

    def start(self, work: Coroutine[Any, Any, Ended]) -> asyncio.Task[Ended]:
        """Run work to its end even if whoever started it leaves."""
        task = asyncio.get_running_loop().create_task(work)
        self._keep(task)
        return task

    def spawn(self, work: Awaitable[object]) -> None:
        """Run work to its end; a failure is reported."""
        self._keep(asyncio.ensure_future(work))

    def repeat(self, work: Callable[[], Awaitable[object]], every_s: float) -> None:
        """Run work every so often until the house closes; a failure is reported, and it goes on."""

        async def forever() -> None:
            while True:
                await asyncio.sleep(every_s)
                try:
                    await work()
                # Even a mistake of ours: else questions would no longer expire, and nobody hear.
                except Exception as error:  # noqa: BLE001
                    self._report(error)

        self._forever.add(asyncio.get_running_loop().create_task(forever()))

    async def close(self) -> None:
        """End what repeats, and wait for the rest."""
        for task in self._forever:
            task.cancel()
        await asyncio.gather(*self._forever, return_exceptions=True)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, kept: asyncio.Future[Any]) -> None:
        self._tasks.add(kept)
        kept.add_done_callback(self._over)

    def _over(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._report(task.exception() or RuntimeError("no exception"))
