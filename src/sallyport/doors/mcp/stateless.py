"""The stateless era of MCP, 2026-07-28: each request stands for itself.

Rules:
  1. There are no sessions, and no methods but those in the tables here: everything else is 404.
  2. Whatever is wrong with a request itself is an HTTP error with the JSON-RPC error in it. What
     goes wrong behind that is an answer like any other.
  3. A client cancels by hanging up. `callings.py` says what that does to a call.
  4. Lists are for the one who asked: they are filtered, so nobody may share them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from sallyport.doors.mcp import envelope, labels, methods, offer, replies, results
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.callings import Callings
from sallyport.doors.mcp.client import TASKS, Client, check_takes_tasks, client_of
from sallyport.doors.mcp.eras import SPOKEN
from sallyport.doors.mcp.exchange import Exchange
from sallyport.doors.mcp.held import CALL
from sallyport.doors.mcp.listening import Listening
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.refusals import UnknownMethodError
from sallyport.doors.mcp.replies import Work
from sallyport.doors.mcp.subscribing import LISTEN, Subscribing
from sallyport.doors.mcp.tasks import CANCEL, GET, UPDATE, Tasks
from sallyport.doors.mcp.words import INSTRUCTIONS
from sallyport.errors import InvariantError, SallyportError
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, Request
from sallyport.rules.methods import DECLARED, METHODS, SUBSCRIBE, UNSUBSCRIBE

LIST_FRESH_MS: Final = 5_000
"""How long a list may be used again. One who listens hears sooner that it changed."""

DISCOVERED_FRESH_MS: Final = 300_000

PROPOSED: Final = frozenset({CALL, *METHODS}) - {SUBSCRIBE, UNSUBSCRIBE}
"""The methods each use of which is a call. Subscribing is a part of listening in this era."""

log = logging.getLogger(__name__)


class Stateless:
    """Answers the requests of the stateless era.

    Args:
        house: Where calls are proposed.
        bounds: The settings.
        listening: The streams of all eras, which share one bound.
    """

    def __init__(self, house: House, bounds: Bounds, listening: Listening) -> None:
        self._house = house
        self._tasks = Tasks(house)
        self._callings = Callings(house, bounds, self._tasks)
        self._subscribing = Subscribing(house, listening, self._tasks)
        self._methods: Mapping[str, Callable[[Caller, Request], Awaitable[JsonObject]]] = {
            "server/discover": self._discover,
            "tools/list": self._list_tools,
        }
        self._of_tasks: Mapping[str, Callable[[Caller, Request], Awaitable[JsonObject]]] = {
            GET: self._tasks.get,
            UPDATE: self._tasks.update,
            CANCEL: self._tasks.cancel,
        }

    async def serve(self, exchange: Exchange, request: Request) -> None:
        """Answer one request.

        Raises:
            SallyportError: The request itself is at fault; nothing was answered yet.
        """
        client = client_of(envelope.read(request, exchange.fields))
        if request.method == LISTEN:
            await self._subscribing.serve(exchange, client, request)
            return
        work = self._start(exchange, request, client)
        await replies.reply(exchange.wire, [work], exchange.accepts)

    def _start(self, exchange: Exchange, request: Request, client: Client) -> Work:
        if self._proposes(exchange.caller, request.method):
            return self._propose(exchange, request, client)
        method = self._methods.get(request.method)
        if method is None:
            method = self._of_tasks.get(request.method)
            if method is None:
                raise UnknownMethodError("the gateway has no such method in this version")
            check_takes_tasks(client)
        return _work(request.id, partial(_said, method, exchange.caller, request))

    def _proposes(self, caller: Caller, method: str) -> bool:
        """Return whether a method is one that proposes calls here.

        A list of what nobody may use is a method that there is not. To use what was not declared
        is a call, which is refused and written down.
        """
        declared = method == CALL or method in DECLARED
        return method in PROPOSED and (declared or method in self._house.serves(caller.task))

    def _propose(self, exchange: Exchange, request: Request, client: Client) -> Work:
        calling = self._callings.read(
            request, exchange.caller, client, exchange.fields, exchange.wire.scheme
        )
        outbox = Outbox()
        answer = partial(self._callings.answer, calling, outbox)
        return _work(request.id, answer, calling.asked.progress, outbox)

    # --- What there is. ---

    async def _discover(self, caller: Caller, request: Request) -> JsonObject:
        del request
        capabilities: JsonObject = {
            "tools": {"listChanged": True},
            **methods.capabilities(self._house.serves(caller.task)),
            "logging": {},
            "extensions": {TASKS: {}},
        }
        result: JsonObject = {
            "supportedVersions": list[Json](SPOKEN),
            "capabilities": capabilities,
            "instructions": labels.instructions(
                INSTRUCTIONS, self._house.instructions(caller.task)
            ),
        }
        return _private(result, DISCOVERED_FRESH_MS)

    async def _list_tools(self, caller: Caller, request: Request) -> JsonObject:
        task = caller.task
        await offer.compare(self._house, offer.unverified(self._house, task))
        page = offer.page(self._house.offered(task), request.params.get("cursor"))
        return _private(page, LIST_FRESH_MS)


def _private(result: JsonObject, fresh_ms: int) -> JsonObject:
    return results.complete({**result, "ttlMs": fresh_ms, "cacheScope": "private"})


async def _said(
    method: Callable[[Caller, Request], Awaitable[JsonObject]], caller: Caller, request: Request
) -> bytes:
    return jsonrpc.result(request.id, await method(caller, request))


def _work(
    id_: Id,
    answer: Callable[[], Awaitable[bytes]],
    progress: Id | None = None,
    outbox: Outbox | None = None,
) -> Work:
    task = asyncio.get_running_loop().create_task(_ours(answer))
    # A client may leave in the moment in which its answer fails; then nobody asks why.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    # An empty outbox counts as false, so this cannot be an `or`.
    return Work(id_, task, progress, Outbox() if outbox is None else outbox)


async def _ours(answer: Callable[[], Awaitable[bytes]]) -> bytes:
    """Return the answer, or fail with an error that may be shown."""
    try:
        return await answer()
    except SallyportError:
        raise
    except Exception:
        # A fault of ours must reach neither the agent as a traceback nor its connection.
        log.exception("a request could not be answered")
        raise InvariantError("the gateway failed while it answered this") from None
