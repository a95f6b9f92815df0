"""What the gateway hands out to get it back: request state, and links to what waits.

Rules:
  1. Both are sealed. Nobody reads, forges or guesses one, and what was changed does not open.
  2. Request state opens for the token and workflow that it was handed to, on the request that it
     was the answer to, and until its time is over. Once a question was answered, the ledger knows
     that it was; state is no promise that it still waits.
  3. A link shows what waits and does nothing. It says nothing about arguments.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from sallyport.doors.mcp.caller import Caller
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.errors import BadInputError, SealError
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.strict_json import loads

ASKED: Final = "asked"
"""Its system asked the agent for something; the answers go on with the call."""

HELD: Final = "held"
"""A person has to answer; who comes back wants to know what became of the call."""

LENGTH_MAX: Final = 4096
_LINK: Final = "mcp-held-link"
_KINDS: Final = (ASKED, HELD)


class StateError(ParamsError):
    """Request state that was not handed out for this, or is too old."""

    code = "mcp.request_state"
    fix = "repeat exactly the call without `requestState` and `inputResponses`"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a client brings back. `same` is the digest of the request that it belongs to."""

    kind: str
    call_id: str
    same: str
    until_us: int


class Seals:
    """Hands out request state and links, and reads them again.

    Args:
        house: Whose vault and clock count.
    """

    def __init__(self, house: House) -> None:
        self._vault = house.gateway.outside.vault
        self._evidence = house.gateway.evidence

    def hand_out(self, caller: Caller, state: State) -> str:
        """Return a state as it travels."""
        said: list[Json] = [state.kind, state.call_id, state.same, state.until_us]
        return _spell(self._vault.seal(_label(caller), canonical.encode(said)))

    def read(self, caller: Caller, text: str, same: str) -> State:
        """Return the state that was handed out to this caller for this request.

        Args:
            caller: Who brings it.
            text: What they bring.
            same: The digest of the request that it came with; see `digest`.

        Raises:
            StateError: It was not, or its time is over.
        """
        found = self._state(caller, text)
        if found is None:
            raise StateError(
                "the member `requestState` was not given to this token, or was changed"
            )
        if found.same != same:
            raise StateError("the member `requestState` belongs to another request")
        if self._evidence.now_us() > found.until_us:
            raise StateError("the member `requestState` is too old")
        return found

    def link(self, call_id: str) -> str:
        """Return the last part of the address of the page about a call that waits."""
        return _spell(self._vault.seal(_LINK, call_id.encode()))

    def call_of(self, link: str) -> str:
        """Return the call that a link is about; empty for what is no link of ours."""
        opened = self._open(_LINK, link)
        return opened.decode() if opened is not None else ""

    def _state(self, caller: Caller, text: str) -> State | None:
        opened = self._open(_label(caller), text)
        if opened is None:
            return None
        match loads(opened, bytes_max=LENGTH_MAX, depth_max=2):
            case [str(kind), str(call_id), str(same), int(until_us)] if kind in _KINDS:
                return State(kind=kind, call_id=call_id, same=same, until_us=until_us)
            case _:
                return None

    def _open(self, label: str, text: str) -> bytes | None:
        if len(text) > LENGTH_MAX:
            return None
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            opened = self._vault.open(label, sealed)
        except (SealError, BadInputError, binascii.Error, ValueError):
            return None
        return opened if _spell(sealed) == text else None


def digest(method: str, name: str, args: JsonObject) -> str:
    """Return what tells one request from another: what is asked for, without what comes along."""
    return canonical.digest("mcp-request", {"method": method, "name": name, "args": args})


def _label(caller: Caller) -> str:
    return f"mcp-request-state/{caller.token.id}/{caller.task.workflow}"


def _spell(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
