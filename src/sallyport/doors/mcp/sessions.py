"""Sessions of the handshake era, which outlive a restart of the gateway.

Rules:
  1. A session id is sealed: it holds the negotiated version and opens only together with the token
     and the workflow it was made for. Nobody guesses one, and nobody uses another's.
  2. Memory holds only what is going on now, and not more of it than the bounds say.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, field

from sallyport.doors.mcp.refusals import DoorError, SessionError
from sallyport.errors import SealError
from sallyport.flow.gateway import Asker
from sallyport.ports import Vault
from sallyport.rules import jsonrpc
from sallyport.rules.jsonrpc import Id

LIVE_MAX = 4096
ENDED_MAX = 65536
ID_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class Flight:
    """A request that is being answered: who waits for it, and the work on the answer."""

    asker: Asker
    work: asyncio.Task[bytes]


@dataclass(slots=True, kw_only=True)
class Session:
    """One client's session.

    `offer` holds the digests of the tools that the client was last told of, None before it knows
    any. `stream` marks the one listening stream that messages go to.
    """

    id: str
    version: str
    offer: tuple[str, ...] | None = None
    stream: object | None = None
    flights: dict[Id, Flight] = field(default_factory=dict[Id, Flight])


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._live: dict[str, Session] = {}
        self._ended: dict[str, None] = {}

    def begin(self, token_id: str, workflow: str, version: str) -> Session:
        """Return a new session."""
        sealed = self._vault.seal(_label(token_id, workflow), version.encode())
        return self._keep(Session(id=_spell(sealed), version=version))

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
        version = self._open(session_id, token_id, workflow)
        known = self._live.pop(session_id, None)
        return self._keep(known or Session(id=session_id, version=version))

    def end(self, session: Session) -> None:
        """End a session; calls that are under way go on."""
        self._live.pop(session.id, None)
        session.stream = None
        self._ended[session.id] = None
        if len(self._ended) > ENDED_MAX:
            del self._ended[next(iter(self._ended))]

    def _open(self, session_id: str, token_id: str, workflow: str) -> str:
        if session_id in self._ended or len(session_id) > ID_LENGTH_MAX:
            raise SessionError("the session was ended")
        try:
            sealed = base64.urlsafe_b64decode(session_id + "=" * (-len(session_id) % 4))
            version = self._vault.open(_label(token_id, workflow), sealed).decode()
        except (SealError, binascii.Error, ValueError):
            raise SessionError("the session is not known for this token") from None
        if _spell(sealed) != session_id or version not in jsonrpc.VERSIONS:
            raise SessionError("the session is not known for this token")
        return version

    def _keep(self, session: Session) -> Session:
        """Put a session at the end of the line, and let go of the one nobody used longest."""
        self._live[session.id] = session
        if len(self._live) > LIVE_MAX:
            del self._live[next(iter(self._live))]
        return session


def _label(token_id: str, workflow: str) -> str:
    return f"mcp-session/{token_id}/{workflow}"


def _spell(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
