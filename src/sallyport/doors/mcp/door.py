"""The HTTP endpoint: one request in, checked from the outside in, one answer out.

The order is fixed: host and origin, token, HTTP method, headers, body, messages. So nobody learns
anything about what lies behind a check that they did not pass.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from sallyport.doors.mcp import envelope, eras, headers, page, replies, resource
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.caller import Caller, admitted
from sallyport.doors.mcp.exchange import Exchange
from sallyport.doors.mcp.handshake import INITIALIZE, Handshake, session_id_header
from sallyport.doors.mcp.headers import Accepts
from sallyport.doors.mcp.listening import Listening
from sallyport.doors.mcp.refusals import (
    Headers,
    HttpMethodError,
    ParamsError,
    body_of,
    headers_of,
    status_of,
)
from sallyport.doors.mcp.sessions import Session
from sallyport.doors.mcp.stateless import Stateless
from sallyport.doors.mcp.wire import ClientGoneError, Wire
from sallyport.errors import (
    InvariantError,
    NotAuthenticatedError,
    NotPermittedError,
    SallyportError,
)
from sallyport.flow.house import House
from sallyport.model import Json
from sallyport.rules import jsonrpc, strict_json
from sallyport.rules.jsonrpc import (
    Id,
    InvalidMessageError,
    Notification,
    Request,
    Response,
)

PATH = "/mcp/{workflow}"

log = logging.getLogger(__name__)


def mcp_routes(house: House, settings: Bounds) -> list[BaseRoute]:
    """Return the routes of the door for agents."""
    return [
        Route(PATH, Door(house, settings), name="mcp"),
        resource.route(settings),
        page.route(house, settings),
    ]


class Door:
    """The endpoint of every workflow, as an ASGI application."""

    def __init__(self, house: House, bounds: Bounds) -> None:
        self._house = house
        self._bounds = bounds
        self._listening = Listening(house)
        self._handshake = Handshake(house, bounds, self._listening.subscriptions)
        self._stateless = Stateless(house, bounds, self._listening)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        wire = Wire(scope, receive, send)
        try:
            await self._serve(wire)
        except ClientGoneError:
            return
        except SallyportError as error:
            await self._refuse(wire, error)
        except Exception:
            # A fault of ours is for our log; the client gets a clean answer, or a cut stream.
            log.exception("an HTTP request could not be answered")
            fault = InvariantError("the gateway failed while it answered this")
            await self._refuse(wire, fault)

    async def _serve(self, wire: Wire) -> None:
        fields = wire.headers()
        headers.check_host(fields, self._bounds)
        caller = await admitted(self._house, fields, wire.workflow, self._bounds)
        match wire.method:
            case "POST":
                await self._post(wire, fields, caller)
            case "GET":
                await self._get(wire, fields, caller)
            case "DELETE":
                headers.check_handshake_version(fields)
                self._handshake.end(caller, self._session(fields, caller))
                await wire.answer(204, b"")
            case _:
                raise HttpMethodError("this address has no such HTTP method")

    async def _post(self, wire: Wire, fields: Mapping[bytes, str], caller: Caller) -> None:
        headers.check_media_type(fields)
        accepts = headers.accepts(fields)
        body = await wire.body(fields.get(b"content-length"), self._bounds.body_bytes_max)
        value = strict_json.loads(
            body, bytes_max=self._bounds.body_bytes_max, depth_max=self._bounds.depth_max
        )
        if eras.is_stateless(fields.get(b"mcp-protocol-version"), value):
            await self._post_stateless(wire, fields, caller, value, accepts)
            return
        headers.check_handshake_version(fields)
        if _begins(value):
            await self._begin(wire, caller, value, accepts)
            return
        session = self._session(fields, caller)
        messages = jsonrpc.read_all(value, session.version)
        works = self._handshake.take(caller, session, messages, streams=accepts.stream)
        if works:
            begin = self._handshake.beginner(session)
            await replies.reply(wire, works, accepts, batch=isinstance(value, list), begin=begin)
        else:
            await wire.answer(202, b"")

    async def _post_stateless(
        self,
        wire: Wire,
        fields: Mapping[bytes, str],
        caller: Caller,
        value: Json,
        accepts: Accepts,
    ) -> None:
        message = jsonrpc.read(value)
        match message:
            case Request():
                again = self._again(wire, fields)
                exchange = Exchange(
                    wire=wire, fields=fields, accepts=accepts, caller=caller, again=again
                )
                try:
                    await self._stateless.serve(exchange, message)
                except SallyportError as error:
                    await self._refuse(wire, error, message.id)
            case Notification():
                envelope.check_notification(fields)
                await wire.answer(202, b"")
            case Response():
                raise InvalidMessageError("a response came, and nobody asked for one")

    async def _begin(self, wire: Wire, caller: Caller, value: Json, accepts: Accepts) -> None:
        request = jsonrpc.read(value)
        if not isinstance(request, Request):
            await wire.answer(202, b"")
            return
        try:
            answer, session = self._handshake.initialize(caller, request)
        except ParamsError as error:
            await replies.at_once(wire, body_of(error, request.id), accepts)
            return
        await replies.at_once(wire, answer, accepts, [session_id_header(session)])

    async def _get(self, wire: Wire, fields: Mapping[bytes, str], caller: Caller) -> None:
        headers.check_handshake_version(fields)
        headers.check_reads_streams(fields)
        session = self._session(fields, caller)
        if last := fields.get(b"last-event-id"):
            await self._handshake.resume(wire, session, last)
            return
        self._handshake.greet(session, caller.task)
        await self._listening.serve(wire, session, self._again(wire, fields))

    def _again(
        self, wire: Wire, fields: Mapping[bytes, str]
    ) -> Callable[[], Coroutine[None, None, Caller]]:
        return lambda: admitted(self._house, fields, wire.workflow, self._bounds)

    async def _refuse(self, wire: Wire, error: SallyportError, id_: Id | None = None) -> None:
        if wire.started:
            return
        extra = headers_of(error) + _challenge(wire, error)
        with contextlib.suppress(ClientGoneError):
            await wire.drain(self._bounds.body_bytes_max)
            await wire.answer(status_of(error), body_of(error, id_), extra)

    def _session(self, fields: Mapping[bytes, str], caller: Caller) -> Session:
        return self._handshake.find(caller, fields.get(b"mcp-session-id"))


def _challenge(wire: Wire, error: SallyportError) -> Headers:
    if not isinstance(error, (NotAuthenticatedError, NotPermittedError)):
        return []
    return resource.challenge(error, wire.scheme, wire.headers(), wire.workflow)


def _begins(value: Json) -> bool:
    return isinstance(value, dict) and value.get("method") == INITIALIZE
