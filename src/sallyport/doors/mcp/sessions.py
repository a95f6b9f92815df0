"""Sessions of the handshake era, which outlive a restart of the gateway.

Rules:
  1. A session id is sealed: it holds the negotiated version and what the client can be asked, and
     opens only together with the token and the workflow it was made for. Nobody guesses one, and
     nobody uses another's.
  2. Memory holds only what is going on now, and not more of it than the bounds say. What is lost
     with it (a log level, what a client wants to hear of) is said to the client, or safe to lose.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field

from sallyport.doors.mcp.outbox import Outbox
from sallyport.doors.mcp.presence import Presence
from sallyport.doors.mcp.refusals import DoorError, SessionError
from sallyport.doors.mcp.subscriptions import Subscription
from sallyport.errors import SealError
from sallyport.flow.registry import Token
from sallyport.model import Task
from sallyport.ports import Vault
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id, Response

LIVE_MAX = 4096
ENDED_MAX = 65536
ID_LENGTH_MAX = 512


@dataclass(frozen=True, slots=True)
class Flight:
    """A request that is being answered: whether its client is there, and the work on the answer.

    `cancel` takes its call back.
    """

    presence: Presence
    work: asyncio.Task[bytes]
    cancel: Callable[[], Coroutine[None, None, None]]


@dataclass(slots=True, kw_only=True)
class Session:
    """One client's session.

    `abilities` says what the client can be asked (`rules.asking`), `task` what it last worked in,
    and `token` with which token.
    `offer` holds the digests of the tools that the client was last told of, None before it knows
    any. `stream` marks the one listening stream that the messages of `outbox` go to. `questions`
    are those that the client has not answered yet, and `subscribed` the resources that it hears of,
    by their URI. `forgotten` says that what it wanted to hear of went with an earlier process.
    """

    id: str
    version: str
    abilities: frozenset[str] = frozenset()
    task: Task | None = None
    token: Token | None = None
    offer: tuple[str, ...] | None = None
    stream: object | None = None
    log_level: str = ""
    flights: dict[Id, Flight] = field(default_factory=dict[Id, Flight])
    questions: dict[Id, asyncio.Future[Response]] = field(
        default_factory=dict[Id, "asyncio.Future[Response]"]
    )
    subscribed: dict[str, Subscription] = field(default_factory=dict[str, Subscription])
    outbox: Outbox = field(default_factory=Outbox)
    forgotten: bool = False


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.forgot: Callable[[Session], None] = lambda _: None
        """Called with a session that is in memory no more, for want of room."""
        self._live: dict[str, Session] = {}
        self._ended: dict[str, None] = {}

    def __iter__(self) -> Iterator[Session]:
        """Iterate over the sessions in memory."""
        return iter(tuple(self._live.values()))

    def begin(
        self,
        token_id: str,
        workflow: str,
        version: str,
        abilities: frozenset[str] = frozenset(),
    ) -> Session:
        """Return a new session."""
        said = " ".join((version, *sorted(abilities)))
        sealed = self._vault.seal(_label(token_id, workflow), said.encode())
        return self._keep(Session(id=_spell(sealed), version=version, abilities=abilities))

    def find(self, session_id: str | None, token_id: str, workflow: str) -> Session:
        """Return the session of a request.

        Raises:
            DoorError: The request names none.
            SessionError: It was ended, or belongs to another token or workflow.
        """
        if session_id is None:
            raise DoorError(
                "the request names no session", fix="begin with `initialize`, send Mcp-Session-Id"
            )
        version, *abilities = self._open(session_id, token_id, workflow)
        known = self._live.pop(session_id, None)
        if known is None:
            can = frozenset(abilities)
            known = Session(id=session_id, version=version, abilities=can, forgotten=True)
        return self._keep(known)

    def end(self, session: Session) -> None:
        """End a session; calls that are under way go on."""
        self._live.pop(session.id, None)
        session.stream = None
        session.outbox.close()
        for question in session.questions.values():
            question.cancel()
        self._ended[session.id] = None
        if len(self._ended) > ENDED_MAX:
            del self._ended[next(iter(self._ended))]

    def _open(self, session_id: str, token_id: str, workflow: str) -> list[str]:
        if session_id in self._ended or len(session_id) > ID_LENGTH_MAX:
            raise SessionError("the session was ended")
        try:
            sealed = base64.urlsafe_b64decode(session_id + "=" * (-len(session_id) % 4))
            said = self._vault.open(_label(token_id, workflow), sealed).decode().split(" ")
        except (SealError, binascii.Error, ValueError):
            raise SessionError("the session is not known for this token") from None
        if _spell(sealed) != session_id or said[0] not in jsonrpc.VERSIONS:
            raise SessionError("the session is not known for this token")
        return said

    def _keep(self, session: Session) -> Session:
        """Put a session at the end of the line, and let go of the one nobody used longest."""
        self._live[session.id] = session
        if len(self._live) > LIVE_MAX:
            self.forgot(self._live.pop(next(iter(self._live))))
        return session


def _label(token_id: str, workflow: str) -> str:
    return f"mcp-session/{token_id}/{workflow}"


def _spell(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
