"""The handshake era of MCP, 2024-11-05 to 2025-11-25: `initialize` first, then a session.

Rules:
  1. Whatever goes wrong with one message is a JSON-RPC error to that message, never a traceback.
  2. An id that is being answered in a session cannot be asked again meanwhile.
  3. Cancelling a request ends the waiting for it, and takes its call back: its system is told, and
     a question to a person is withdrawn. A lost connection does neither.
  4. What a client is asked, it is asked on the stream of the request that needs it; so a client
     that reads no streams is asked nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sallyport import __version__
from sallyport.doors.mcp import (
    calls,
    labels,
    methods,
    news,
    offer,
    questions,
    results,
    subscriptions,
)
from sallyport.doors.mcp.bounds import TICK_S, Bounds
from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.calls import Asked
from sallyport.doors.mcp.conversation import Conversation
from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.presence import Presence
from sallyport.doors.mcp.refusals import DoorError, ParamsError, body_of
from sallyport.doors.mcp.replies import Stream, Work
from sallyport.doors.mcp.sessions import Flight, Session, Sessions
from sallyport.doors.mcp.streams import PRIMED_SINCE, ResumableStream, Shelf
from sallyport.doors.mcp.subscriptions import Subscriptions
from sallyport.doors.mcp.wire import Wire
from sallyport.doors.mcp.words import INSTRUCTIONS, SERVER_NAME
from sallyport.errors import InvariantError, SallyportError
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject, Task
from sallyport.ports import News
from sallyport.rules import asking, jsonrpc
from sallyport.rules.commands import Ended
from sallyport.rules.jsonrpc import (
    Id,
    InvalidMessageError,
    Message,
    Notification,
    Request,
    Response,
)
from sallyport.rules.methods import DECLARED, LOG_LEVELS, METHODS, READ, SUBSCRIBE, UNSUBSCRIBE

INITIALIZE = "initialize"
CALL = "tools/call"

SUBSCRIBED_MAX: Final = 1000
"""How many resources one session may want to hear of."""

_NEWS: Final = frozenset({news.RESOURCES_CHANGED, news.PROMPTS_CHANGED})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of one caller, and the session it came in.

    `streams` says whether the caller reads streams.
    """

    caller: Caller
    session: Session
    request: Request
    streams: bool


class Handshake:
    """Answers the messages of the handshake era.

    Args:
        house: Where calls are proposed.
        bounds: The settings.
        subscribed: Who listens to which resource, in any era.
    """

    def __init__(self, house: House, bounds: Bounds, subscribed: Subscriptions) -> None:
        self.sessions = Sessions(house.gateway.outside.vault)
        self._shelf = Shelf()
        self._house = house
        self._bounds = bounds
        self._subscribed = subscribed
        self._methods: Mapping[str, Callable[[Asking], Awaitable[JsonObject]]] = {
            "ping": self._ping,
            "tools/list": self._list_tools,
            "logging/setLevel": self._set_level,
        }
        self._watches = False
        self.sessions.forgot = self._unlisten
        house.news.append(self._told)

    # --- The beginning and the end. ---

    def initialize(self, caller: Caller, request: Request) -> tuple[bytes, Session]:
        """Begin a session and return the answer that says so.

        Raises:
            ParamsError: The client names no version.
        """
        asked = request.params.get("protocolVersion")
        if not isinstance(asked, str):
            raise ParamsError("the member `protocolVersion` is not a text")
        version = jsonrpc.negotiate(asked)
        abilities = asking.declared(request.params.get("capabilities"))
        token, task = caller.token, caller.task
        session = self.sessions.begin(token.id, task.workflow, version, abilities)
        session.task, session.token = task, token
        session.offer = offer.digests(self._house.offered(task))
        capabilities: JsonObject = {
            "tools": {"listChanged": True},
            **methods.capabilities(self._house.serves(task)),
            "logging": {},
        }
        result: JsonObject = {
            "protocolVersion": version,
            "capabilities": capabilities,
            "serverInfo": {"name": SERVER_NAME, "version": __version__},
            "instructions": labels.instructions(INSTRUCTIONS, self._house.instructions(task)),
        }
        return jsonrpc.result(request.id, result), session

    def find(self, caller: Caller, session_id: str | None) -> Session:
        """Return the session of a request.

        Raises:
            DoorError: The request names none.
            SessionError: It was ended, or belongs to another token or workflow.
        """
        session = self.sessions.find(session_id, caller.token.id, caller.task.workflow)
        session.task, session.token = caller.task, caller.token
        return session

    def end(self, caller: Caller, session: Session) -> None:
        """End a session; calls that are under way go on."""
        session.task, session.token = caller.task, caller.token
        self.sessions.end(session)
        self._shelf.drop(session.id)
        self._unlisten(session)

    # --- Messages in a session. ---

    def take(
        self,
        caller: Caller,
        session: Session,
        messages: Sequence[Message],
        *,
        streams: bool,
    ) -> list[Work]:
        """Take the messages of one body; return the work on answers to those that want one.

        Args:
            caller: Who sends them.
            session: Of the caller.
            messages: What the body holds.
            streams: Whether the caller reads streams.

        Raises:
            InvalidMessageError: Two requests with one id are under way.
        """
        requests = [message for message in messages if isinstance(message, Request)]
        _check_ids(session, requests)
        for message in messages:
            match message:
                case Notification():
                    self._notified(session, message)
                case Response():
                    questions.answered(session, message)
                case _:
                    continue
        return [self._start(Asking(caller, session, request, streams)) for request in requests]

    def _start(self, asked: Asking) -> Work:
        id_ = asked.request.id
        if not self._proposes(asked):
            return Work(id_, _spawn(self._guarded(id_, self._plain(asked))))
        try:
            read = _read(asked.request)
        except ParamsError as error:
            return Work(id_, _spawn(_said(body_of(error, id_))))
        outbox, presence = Outbox(), Presence()
        conversation = self._conversation(asked, read, outbox, presence)
        task = _spawn(self._guarded(id_, self._answer(asked, conversation)))
        flights = asked.session.flights
        flights[id_] = Flight(presence, task, conversation.cancel)
        task.add_done_callback(lambda _: flights.pop(id_, None))
        return Work(id_, task, read.progress, outbox)

    def _proposes(self, asked: Asking) -> bool:
        """Return whether a request proposes a call.

        A list of what nobody may use is a method that there is not. To use what was not declared
        is a call, which is refused and written down.
        """
        method = asked.request.method
        if method == CALL or method in DECLARED:
            return True
        return method in METHODS and method in self._house.serves(asked.caller.task)

    def _conversation(
        self, asked: Asking, read: Asked, outbox: Outbox, presence: Presence
    ) -> Conversation:
        return Conversation(
            house=self._house,
            session=asked.session,
            task=asked.caller.task,
            asked=read,
            hold_s=self._bounds.hold_s,
            abilities=asked.session.abilities if asked.streams else frozenset(),
            outbox=outbox,
            presence=presence,
        )

    async def _answer(self, asked: Asking, conversation: Conversation) -> bytes:
        if conversation.asked.tool not in {SUBSCRIBE, UNSUBSCRIBE}:
            return await self._ended(asked, conversation)
        uri = str(conversation.asked.args["uri"])
        async with self._subscribed.turn(asked.caller.task.agent, uri):
            return await self._ended(asked, conversation)

    async def _ended(self, asked: Asking, conversation: Conversation) -> bytes:
        id_, read, task = asked.request.id, conversation.asked, asked.caller.task
        if read.tool == UNSUBSCRIBE and self._leaves(asked, read):
            return jsonrpc.result(id_, {})
        if read.tool == SUBSCRIBE and len(asked.session.subscribed) >= SUBSCRIBED_MAX:
            raise ParamsError(f"the session is subscribed to {SUBSCRIBED_MAX} resources already")
        ended = await conversation.ended()
        if read.tool not in METHODS:
            schema = calls.has_output_schema_of(calls.pinned(self._house, task, read.tool))
            return results.response(id_, ended, has_output_schema=schema)
        if read.tool == SUBSCRIBE:
            self._joined(asked.session, ended)
        return methods.response(id_, ended)

    async def _plain(self, asked: Asking) -> bytes:
        request = asked.request
        method = self._methods.get(request.method)
        if method is not None:
            return jsonrpc.result(request.id, await method(asked))
        if request.method == INITIALIZE:
            raise InvalidMessageError("`initialize` stands alone in its body", id=request.id)
        data: JsonObject = {
            "code": "rpc.unknown_method",
            "what": "the gateway has no such method here",
            "fix": "use a method of the capabilities that `initialize` told of",
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

    async def _ping(self, asked: Asking) -> JsonObject:
        del asked
        return {}

    async def _list_tools(self, asked: Asking) -> JsonObject:
        task = asked.caller.task
        await offer.compare(self._house, offer.unverified(self._house, task))
        pins = self._house.offered(task)
        asked.session.offer = offer.digests(pins)
        return offer.page(pins, asked.request.params.get("cursor"))

    async def _set_level(self, asked: Asking) -> JsonObject:
        level = asked.request.params.get("level")
        if not isinstance(level, str) or level not in LOG_LEVELS:
            raise ParamsError(
                "the member `level` names no level", fix=f"use one of {', '.join(LOG_LEVELS)}"
            )
        asked.session.log_level = level
        return {}

    def _notified(self, session: Session, message: Notification) -> None:
        if message.method != "notifications/cancelled":
            return
        flight = session.flights.get(_request_id(message.params.get("requestId")))
        if flight is not None:
            flight.work.cancel()
            self._house.background.spawn(flight.cancel())

    # --- Streams. ---

    def beginner(self, session: Session) -> Callable[[Sequence[Work]], Stream]:
        """Return what makes the stream of a POST, one that its client can go on with."""

        def begin(works: Sequence[Work]) -> Stream:
            flights = (session.flights.get(work.id) for work in works)
            stream = ResumableStream(
                works,
                session=session.id,
                name=self._house.gateway.outside.ids.new("e"),
                primed=session.version >= PRIMED_SINCE,
                presence=[flight.presence for flight in flights if flight is not None],
            )
            return self._shelf.put(stream)

        return begin

    async def resume(self, wire: Wire, session: Session, event_id: str) -> None:
        """Go on with the stream of an event.

        Raises:
            DoorError: It is not kept, or is none of this session.
        """
        found = self._shelf.find(event_id, session.id)
        if found is None:
            raise DoorError(
                "the stream of this `Last-Event-ID` is not kept here any more",
                fix="repeat exactly the request to learn what became of it",
            )
        stream, after = found
        await stream.resume(wire, after)

    # --- News. ---

    def greet(self, session: Session, task: Task) -> None:
        """Leave word for a client whose subscriptions went with an earlier process."""
        if session.forgotten and READ in self._house.serves(task):
            session.outbox.put(jsonrpc.notification(news.RESOURCES_CHANGED))
        session.forgotten = False

    def _told(self, said: News) -> None:
        for session in self.sessions:
            if session.task is None:
                continue
            wanted = news.Wanted(methods=_NEWS, uris=session.subscribed.keys())
            message = news.told(self._house, session.task, wanted, said)
            if message and message not in session.outbox:
                session.outbox.put(message)

    def _unlisten(self, session: Session) -> None:
        """Let a session hear of no resource any more."""
        if session.task is not None and session.token is not None:
            self._subscribed.end(Caller(session.token, session.task), session.subscribed)
        session.subscribed.clear()

    async def _let_go_of_the_ended(self) -> None:
        """End what a session subscribed to whose token is good no more."""
        for session in self.sessions:
            over = session.token is not None and self._house.tasks.is_over(session.token)
            if session.subscribed and over:
                self._unlisten(session)

    def _joined(self, session: Session, ended: Ended) -> None:
        subscription = subscriptions.subscribed(ended)
        if subscription is not None and subscription[2] not in session.subscribed:
            session.subscribed[subscription[2]] = subscription
            self._subscribed.add(subscription)
            if not self._watches:
                self._watches = True
                self._house.background.repeat(self._let_go_of_the_ended, TICK_S)

    def _leaves(self, asked: Asking, read: Asked) -> bool:
        """Let a session hear of a resource no more; return whether others of the agent do."""
        uri = str(read.args["uri"])
        subscription = asked.session.subscribed.pop(uri, None)
        if subscription is not None:
            self._subscribed.leave(subscription)
        return self._subscribed.others(asked.caller.task, uri)


def session_id_header(session: Session) -> tuple[bytes, bytes]:
    """Return the header that tells a client its session."""
    return (b"mcp-session-id", session.id.encode())


def _read(request: Request) -> Asked:
    return calls.read(request) if request.method == CALL else methods.read(request)


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
