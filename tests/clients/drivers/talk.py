"""How a client that runs in its own environment talks with the run: one JSON object a line.

Every line on stdin is an order, `{"id", "do", ...}`; each is carried out at once, beside those that
are still under way, and answered by `{"id", "said"}` or `{"id", "error"}`. Nothing but the standard
library is needed here, so that any environment can use it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

STATEMENT = "io.sallyport/call"
Order = dict[str, Any]
Do = Callable[[Order], Awaitable[Any]]


async def obey(orders: Mapping[str, Do]) -> None:
    """Carry out orders until stdin ends; then let go of what is still under way."""
    under_way: set[asyncio.Task[None]] = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = cast("Order", json.loads(line))
        task = asyncio.create_task(_answer(order, orders[order["do"]]))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


def ruling(meta: Any) -> Any:
    """Return what the gateway says about a call, from the `_meta` of its result."""
    return cast("Order", meta or {}).get(STATEMENT)


async def _answer(order: Order, do: Do) -> None:
    try:
        answer: Order = {"id": order["id"], "said": await do(order)}
    except Exception as error:  # noqa: BLE001 - the run judges what went wrong
        answer = {"id": order["id"], "error": _complaint(error)}
    say(answer)


def _complaint(error: BaseException) -> str:
    """Return an error's name and sentence; of a group, its first."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseException", error.exceptions[0])
    return f"{type(error).__name__}: {error}"


def say(value: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
