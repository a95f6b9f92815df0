"""What a passkey is about to sign: made here, kept here, taken once.

Rules:
  1. The statement is built by the gateway; a browser gets its hash and hands back a signature.
  2. A ceremony belongs to one session, is good for one thing, once, and for five minutes.
  3. A session has so many open at a time; a newer one ends the oldest. Whoever has not signed in
     yet shares one such number with all others, and takes none from anybody's session.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sallyport.adapters.keys import passkeys
from sallyport.errors import ConflictError
from sallyport.model import Json, JsonObject, Person
from sallyport.rules.statements import GOOD_FOR_US

OPEN_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """One statement that waits for its signature. `data` is what it was made from."""

    kind: str
    session: str
    statement: bytes
    until_us: int
    data: JsonObject = field(default_factory=dict[str, Json])


class Ceremonies:
    """Keeps statements until they are signed."""

    def __init__(self) -> None:
        self._open: dict[str, Ceremony] = {}

    def begin(
        self,
        kind: str,
        statement: bytes,
        *,
        now_us: int,
        session: str = "",
        data: JsonObject | None = None,
    ) -> str:
        """Keep a statement; return the ceremony's id."""
        self._open = {key: one for key, one in self._open.items() if one.until_us > now_us}
        theirs = [key for key, one in self._open.items() if one.session == session]
        for key in theirs[: max(0, len(theirs) - OPEN_MAX + 1)]:
            del self._open[key]
        ceremony = secrets.token_urlsafe(16)
        self._open[ceremony] = Ceremony(
            kind=kind,
            session=session,
            statement=statement,
            until_us=now_us + GOOD_FOR_US,
            data=data or {},
        )
        return ceremony

    def take(self, ceremony: str, kind: str, *, now_us: int, session: str = "") -> Ceremony:
        """Return a ceremony, once.

        Raises:
            ConflictError: It was used, is over, or was begun by or for something else.
        """
        found = self._open.pop(ceremony, None)
        if found is None or (found.kind, found.session) != (kind, session):
            raise ConflictError("this was signed already, or not begun here", fix="begin again")
        if now_us >= found.until_us:
            raise ConflictError("it took too long to sign this", fix="begin again")
        return found


def to_get(ceremony: str, statement: bytes, rp: str, person: Person | None = None) -> JsonObject:
    """Return what a browser needs to sign a statement: options in WebAuthn's JSON form."""
    allowed = [passkeys.read(key) for key in person.passkeys] if person else []
    return {
        "ceremony": ceremony,
        "get": {
            "challenge": passkeys.to_text(passkeys.challenge(statement)),
            "rpId": rp,
            "timeout": 120_000,
            "userVerification": "required",
            "allowCredentials": [
                {"type": "public-key", "id": passkeys.to_text(one.id)}
                for one in allowed
                if one is not None and one.rp == rp
            ],
        },
    }


def to_create(ceremony: str, statement: bytes, rp: str, person: Person) -> JsonObject:
    """Return what a browser needs to make a passkey for somebody."""
    known = [passkeys.read(key) for key in person.passkeys]
    return {
        "ceremony": ceremony,
        "create": {
            "challenge": passkeys.to_text(passkeys.challenge(statement)),
            "rp": {"id": rp, "name": "Sallyport"},
            "user": {
                "id": passkeys.to_text(person.name.encode()[:64]),
                "name": person.name,
                "displayName": person.name,
            },
            "pubKeyCredParams": [
                {"type": "public-key", "alg": number} for number in passkeys.ALGORITHMS
            ],
            "timeout": 120_000,
            "attestation": "none",
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "excludeCredentials": [
                {"type": "public-key", "id": passkeys.to_text(one.id)}
                for one in known
                if one is not None
            ],
        },
    }
