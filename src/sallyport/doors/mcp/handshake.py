"""The handshake era of MCP, 2024-11-05 to 2025-11-25: `initialize` first, then a session.

Rules:
  1. Whatever goes wrong with one message is a JSON-RPC error to that message, never a traceback.
  2. An id that is being answered in a session cannot be asked again meanwhile.
  3. Cancelling a request ends the waiting for it. A call is not recalled by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from sallyport import __version__
from sallyport.doors.mcp import calls, offer
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.refusals import ParamsError, body_of
from sallyport.doors.mcp.replies import Work
from sallyport.doors.mcp.sessions import Flight, Session, Sessions
from sallyport.doors.mcp.words import INSTRUCTIONS, SERVER_NAME
from sallyport.errors import InvariantError, SallyportError
from sallyport.flow.gateway import Asker
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, InvalidMessageError, Message, Notification, Request

INITIALIZE = "initialize"
CALL = "tools/call"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of one caller, and the session it came in."""

    caller: Caller
    session: Session
    request: Request


class Handshake:
    """Answers the messages of the handshake era.

    Args:
        house: Where calls are proposed.
        bounds: The settings.
    """

    def __init__(self, house: House, bounds: Bounds) -> None:
        self.sessions = Sessions(house.gateway.outside.vault)
        self._house = house
        self._bounds = bounds
        self._methods: Mapping[str, Callable[[Asking], Awaitable[JsonObject]]] = {
            "ping": self._ping,
            "tools/list": self._list_tools,
        }

    # --- The beginning. ---

    def initialize(self, caller: Caller, request: Request) -> tuple[bytes, Session]:
        """Begin a session and return the answer that says so.

        Raises:
            ParamsError: The client names no version.
        """
        asked = request.params.get("protocolVersion")
        if not isinstance(asked, str):
            raise ParamsError("the member `protocolVersion` is not a text")
        version = jsonrpc.negotiate(asked)
        session = self.sessions.begin(caller.token.id, caller.task.workflow, version)
        session.offer = offer.digests(self._house.offered(caller.task))
        result: JsonObject = {
            "protocolVersion": version,
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": SERVER_NAME, "version": __version__},
            "instructions": INSTRUCTIONS,
        }
        return jsonrpc.result(request.id, result), session

    # --- Messages in a session. ---

    def take(self, caller: Caller, session: Session, messages: Sequence[Message]) -> list[Work]:
        """Take the messages of one body; return the work on answers to those that want one.

        Raises:
            InvalidMessageError: Two requests with one id are under way.
        """
        requests = [message for message in messages if isinstance(message, Request)]
        _check_ids(session, requests)
        for message in messages:
            if isinstance(message, Notification):
                self._notified(session, message)
        return [self._start(Asking(caller, session, request)) for request in requests]

    def _start(self, asking: Asking) -> Work:
        session, id_ = asking.session, asking.request.id
        if asking.request.method != CALL:
            return Work(id_, _spawn(self._guarded(id_, self._plain(asking))))
        asker = Asker()
        progress, call = self._call(asking, asker)
        work = Work(id_, _spawn(self._guarded(id_, call)), progress)
        session.flights[id_] = Flight(asker, work.task)
        work.task.add_done_callback(lambda _: session.flights.pop(id_, None))
        return work

    def _call(self, asking: Asking, asker: Asker) -> tuple[Id | None, Coroutine[None, None, bytes]]:
        try:
            asked = calls.read(asking.request)
        except ParamsError as error:
            return None, _said(body_of(error, asking.request.id))
        asker.traceparent = asked.traceparent
        hold_s = self._bounds.hold_s
        return asked.progress, calls.answer(self._house, asking.caller.task, asked, asker, hold_s)

    async def _plain(self, asking: Asking) -> bytes:
        request = asking.request
        method = self._methods.get(request.method)
        if method is not None:
            return jsonrpc.result(request.id, await method(asking))
        if request.method == INITIALIZE:
            raise InvalidMessageError("`initialize` stands alone in its body", id=request.id)
        data: JsonObject = {
            "code": "rpc.unknown_method",
            "what": "the gateway has no such method",
            "fix": "use initialize, ping, tools/list or tools/call",
        }
        return jsonrpc.error(request.id, jsonrpc.METHOD_NOT_FOUND, "method not found", data)

    async def _guarded(self, id_: Id, answer: Coroutine[None, None, bytes]) -> bytes:
        """Return the answer, or the error that there was in its place."""
        try:
            return await answer
        except SallyportError as error:
            return body_of(error, id_)
        except Exception:
            # A fault of ours must reach neither the agent as a traceback nor its connection.
            log.exception("a request could not be answered")
            return body_of(InvariantError("the gateway failed while it answered this"), id_)

    async def _ping(self, asking: Asking) -> JsonObject:
        del asking
        return {}

    async def _list_tools(self, asking: Asking) -> JsonObject:
        task = asking.caller.task
        await offer.compare(self._house, offer.unverified(self._house, task))
        pins = self._house.offered(task)
        asking.session.offer = offer.digests(pins)
        return offer.page(pins, asking.request.params.get("cursor"))

    def _notified(self, session: Session, message: Notification) -> None:
        if message.method != "notifications/cancelled":
            return
        flight = session.flights.get(_request_id(message.params.get("requestId")))
        if flight is not None:
            flight.asker.gone = True
            flight.work.cancel()


def session_id_header(session: Session) -> tuple[bytes, bytes]:
    """Return the header that tells a client its session."""
    return (b"mcp-session-id", session.id.encode())


def _check_ids(session: Session, requests: Sequence[Request]) -> None:
    seen: set[Id] = set()
    for request in requests:
        if request.id in seen or request.id in session.flights:
            raise InvalidMessageError("a request with this id is under way already", id=request.id)
        seen.add(request.id)


def _request_id(value: Json) -> Id:
    return value if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _spawn(work: Coroutine[None, None, bytes]) -> asyncio.Task[bytes]:
    return asyncio.get_running_loop().create_task(work)


async def _said(answer: bytes) -> bytes:
    return answer
