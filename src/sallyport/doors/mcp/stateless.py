"""The stateless era of MCP, 2026-07-28: each request stands for itself.

Rules:
  1. There are no sessions, no streams of their own, nothing that a server asks of a client, and no
     methods but those in the table here: everything else is 404.
  2. Whatever is wrong with a request itself is an HTTP error with the JSON-RPC error in it. What
     goes wrong behind that is an answer like any other.
  3. A client cancels by hanging up. That ends the waiting; a call is not recalled by it.
  4. Lists are for the one who asked: they are filtered, so nobody may share them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from sallyport.doors.mcp import calls, envelope, headers, held, offer, replies, results
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.eras import SPOKEN, SUBSCRIPTION_ID
from sallyport.doors.mcp.headers import Accepts
from sallyport.doors.mcp.listening import LIST_CHANGED_METHOD, Ear, Listening
from sallyport.doors.mcp.mirrored import Mirrors
from sallyport.doors.mcp.refusals import ParamsError, UnknownMethodError
from sallyport.doors.mcp.replies import Work
from sallyport.doors.mcp.wire import Wire
from sallyport.doors.mcp.words import INSTRUCTIONS
from sallyport.errors import InvariantError, SallyportError
from sallyport.flow.gateway import Asker
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, Request

CALL: Final = "tools/call"
LISTEN: Final = "subscriptions/listen"
ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"

LIST_FRESH_MS: Final = 5_000
"""How long a list may be used again. One who listens hears sooner that it changed."""

DISCOVERED_FRESH_MS: Final = 300_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP request of this era. `again` finds out whether its caller is still let in."""

    wire: Wire
    fields: Mapping[bytes, str]
    accepts: Accepts
    caller: Caller
    again: Callable[[], Awaitable[Caller]]


@dataclass(slots=True)
class _Offered:
    """What the listener of one stream was last told of."""

    offer: tuple[str, ...] | None


class Stateless:
    """Answers the requests of the stateless era.

    Args:
        house: Where calls are proposed.
        bounds: The settings.
        listening: The streams of all eras, which share one bound.
    """

    def __init__(self, house: House, bounds: Bounds, listening: Listening) -> None:
        self._house = house
        self._bounds = bounds
        self._listening = listening
        self._mirrors = Mirrors()
        self._methods: Mapping[str, Callable[[Exchange, Request], Awaitable[bytes]]] = {
            "server/discover": self._discover,
            "tools/list": self._list_tools,
        }

    async def serve(self, exchange: Exchange, request: Request) -> None:
        """Answer one request.

        Raises:
            SallyportError: The request itself is at fault; nothing was answered yet.
        """
        envelope.read(request, exchange.fields)
        if request.method == LISTEN:
            await self._listen(exchange, request)
            return
        await replies.reply(exchange.wire, [self._start(exchange, request)], exchange.accepts)

    def _start(self, exchange: Exchange, request: Request) -> Work:
        if request.method == CALL:
            return self._call(exchange, request)
        method = self._methods.get(request.method)
        if method is None:
            raise UnknownMethodError("the gateway has no such method in this version")
        return _work(request.id, partial(method, exchange, request))

    # --- Calls. ---

    def _call(self, exchange: Exchange, request: Request) -> Work:
        held.check(request)
        asked = calls.read(request)
        pin = calls.pinned(self._house, exchange.caller.task, asked.tool)
        if pin is not None:
            self._mirrors.check(pin, asked.args, exchange.fields)

        async def answer() -> bytes:
            asker = Asker(traceparent=asked.traceparent)
            hold_s, task = self._bounds.hold_s, exchange.caller.task
            ended = await calls.propose(self._house, task, asked, asker, hold_s)
            now = calls.pinned(self._house, task, asked.tool)
            return held.response(asked.id, ended, has_output_schema=calls.has_output_schema_of(now))

        return _work(request.id, answer, asked.progress)

    # --- What there is. ---

    async def _discover(self, exchange: Exchange, request: Request) -> bytes:
        del exchange
        result: JsonObject = {
            "supportedVersions": list[Json](SPOKEN),
            "capabilities": {"tools": {"listChanged": True}},
            "instructions": INSTRUCTIONS,
        }
        return jsonrpc.result(request.id, _private(result, DISCOVERED_FRESH_MS))

    async def _list_tools(self, exchange: Exchange, request: Request) -> bytes:
        task = exchange.caller.task
        await offer.compare(self._house, offer.unverified(self._house, task))
        page = offer.page(self._house.offered(task), request.params.get("cursor"))
        return jsonrpc.result(request.id, _private(page, LIST_FRESH_MS))

    # --- Listening. ---

    async def _listen(self, exchange: Exchange, request: Request) -> None:
        wanted = request.params.get("notifications")
        if not isinstance(wanted, dict):
            raise ParamsError("the member `notifications` is not an object")
        headers.check_reads_streams(exchange.fields)
        honoured: JsonObject = (
            {"toolsListChanged": True} if wanted.get("toolsListChanged") is True else {}
        )
        tag: JsonObject = {"_meta": {SUBSCRIPTION_ID: request.id}}
        changed = jsonrpc.notification(LIST_CHANGED_METHOD, tag) if honoured else b""
        ear = Ear(
            told=_Offered(offer.digests(self._house.offered(exchange.caller.task))),
            again=exchange.again,
            greeting=jsonrpc.notification(ACKNOWLEDGED, {**tag, "notifications": honoured}),
            changed=changed,
            farewell=jsonrpc.result(request.id, results.complete(tag)),
        )
        await self._listening.speak(exchange.wire, ear)


def _private(result: JsonObject, fresh_ms: int) -> JsonObject:
    return results.complete({**result, "ttlMs": fresh_ms, "cacheScope": "private"})


def _work(id_: Id, answer: Callable[[], Awaitable[bytes]], progress: Id | None = None) -> Work:
    task = asyncio.get_running_loop().create_task(_ours(answer))
    # A client may leave in the moment in which its answer fails; then nobody asks why.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return Work(id_, task, progress)


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
