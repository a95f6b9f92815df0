"""Passkeys: people sign with what their machine or phone holds, and Sallyport only ever checks.

A passkey signs the SHA-256 of a statement as its WebAuthn challenge, so whatever can be signed with
a personal key can be signed with a passkey, and both are checked in the same place. A public key is
`passkey:RP:ID:KEY`, a signature `passkey:` and one JSON object in base64url: all that anybody needs
to check it later, offline. The authenticator itself never shows what it signs; see SECURITY.md.

Source: W3C Web Authentication, Level 3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.exceptions import WebAuthnException

from sallyport.errors import BadInputError, SignatureError
from sallyport.model import JsonObject
from sallyport.rules.strict_json import loads

PREFIX = "passkey:"
CHARS_MAX = 16_384
FIELDS = frozenset({"id", "client_data", "authenticator_data", "signature"})
ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256: COSE numbers, in the order in which they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A public key: for which site it was made, its id and its COSE key."""

    rp: str
    id: bytes
    key: bytes

    def __str__(self) -> str:
        return f"{PREFIX}{self.rp}:{to_text(self.id)}:{to_text(self.key)}"


def challenge(message: bytes) -> bytes:
    """Return what an authenticator signs in place of a statement."""
    return hashlib.sha256(message).digest()


def read(text: str) -> Passkey | None:
    """Return the passkey that a text spells; None when it spells none."""
    parts = text.removeprefix(PREFIX).split(":")
    if not text.startswith(PREFIX) or len(parts) != 3 or len(text) > CHARS_MAX:  # noqa: PLR2004
        return None
    try:
        found = Passkey(rp=parts[0], id=from_text(parts[1]), key=from_text(parts[2]))
    except (binascii.Error, ValueError):
        return None
    return found if str(found) == text and found.rp and found.id and found.key else None


def registered(credential: JsonObject, *, message: bytes, rp: str) -> Passkey:
    """Return the passkey that a browser has just made for a statement.

    Args:
        credential: What `navigator.credentials.create` gave, as its JSON form.
        message: The statement that its maker agreed to, whose hash was the challenge.
        rp: The site, a host name.

    Raises:
        SignatureError: It was made for something or somewhere else, or without checking the person.
        BadInputError: It is no such credential.
    """
    try:
        made = verify_registration_response(
            credential=json.dumps(credential),
            expected_challenge=challenge(message),
            expected_rp_id=rp,
            expected_origin=_origin(credential, rp),
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise SignatureError("this passkey was not made for this", fix="make it again") from error
    except Exception as error:  # its readers meet what a stranger wrote, and fail as they please
        raise BadInputError("this is no passkey", fix="use the page's own button") from error
    return Passkey(rp=rp, id=made.credential_id, key=made.credential_public_key)


def signature_of(credential: JsonObject) -> str:
    """Return the signature in what `navigator.credentials.get` gave, as it is kept.

    Raises:
        BadInputError: It is no such credential.
    """
    response = credential.get("response")
    if not isinstance(response, dict):
        raise BadInputError("this is no passkey's answer", fix="use the page's own button")
    kept = {
        "id": credential.get("id"),
        "client_data": response.get("clientDataJSON"),
        "authenticator_data": response.get("authenticatorData"),
        "signature": response.get("signature"),
    }
    if not all(isinstance(value, str) for value in kept.values()):
        raise BadInputError("this is no passkey's answer", fix="use the page's own button")
    return PREFIX + to_text(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode())


def verify(public_key: str, message: bytes, signature: str) -> bool:
    """Return whether this passkey signed this statement; never raises, whatever it is given."""
    passkey = read(public_key)
    kept = _kept(signature)
    if passkey is None or kept is None or kept["id"] != to_text(passkey.id):
        return False
    credential: JsonObject = {
        "id": kept["id"],
        "rawId": kept["id"],
        "type": "public-key",
        "response": {
            "clientDataJSON": kept["client_data"],
            "authenticatorData": kept["authenticator_data"],
            "signature": kept["signature"],
        },
    }
    try:
        found = verify_authentication_response(
            credential=json.dumps(credential),
            expected_challenge=challenge(message),
            expected_rp_id=passkey.rp,
            expected_origin=_origin(credential, passkey.rp),
            credential_public_key=passkey.key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 (what cannot be read, however it fails, signs nothing)
        return False
    return found.user_verified


def signer(signature: str) -> str:
    """Return the id of the passkey that a signature names, as text; empty when it names none."""
    kept = _kept(signature)
    return kept["id"] if kept else ""


def to_text(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_text(text: str) -> bytes:
    """Return the bytes of base64url without padding.

    Raises:
        ValueError: It is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _kept(signature: str) -> dict[str, str] | None:
    if not signature.startswith(PREFIX) or len(signature) > CHARS_MAX:
        return None
    try:
        plain = from_text(signature.removeprefix(PREFIX))
        found = loads(plain, bytes_max=CHARS_MAX, depth_max=2)
    except (ValueError, binascii.Error, BadInputError):
        return None
    if not isinstance(found, dict) or found.keys() != FIELDS:
        return None
    kept = {name: value for name, value in found.items() if isinstance(value, str)}
    return kept if len(kept) == len(FIELDS) else None


def _origin(credential: JsonObject, rp: str) -> str:
    """Return the origin that a credential claims, if it is one of the site's own.

    Raises:
        ValueError: It is another site's, or not over TLS where that is needed.
    """
    response = credential.get("response")
    text = response.get("clientDataJSON") if isinstance(response, dict) else None
    if not isinstance(text, str):
        raise ValueError  # noqa: TRY004 (one kind for whatever is wrong with it)
    claimed: JsonObject | None = json.loads(from_text(text))
    origin = str(claimed.get("origin", "")) if isinstance(claimed, dict) else ""
    parts = urlsplit(origin)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
    if not secure or parts.hostname != rp:
        raise ValueError
    return origin
