"""A passkey holder made of software: what a browser and its authenticator hand over, byte by byte.

Everything that it says can be set wrong, so that a test can ask what a checker lets through.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sallyport.adapters.keys import passkeys
from sallyport.adapters.keys.passkeys import Passkey
from sallyport.model import Json, JsonObject

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256, EDDSA = -7, -8


@dataclass(frozen=True, kw_only=True)
class Authenticator:
    """One passkey, and the page in which it is used."""

    rp: str = "localhost"
    origin: str = "http://localhost:8643"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    kind: str = "webauthn.get"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey = field(
        default_factory=ed25519.Ed25519PrivateKey.generate
    )

    @property
    def public(self) -> str:
        """The public key, as it is enrolled."""
        return str(Passkey(rp=self.rp, id=self.id, key=cbor2.dumps(self._cose())))

    def but(self, **changes: Any) -> Authenticator:
        """Return the same passkey under other circumstances."""
        return replace(self, **changes)

    def client_data(self, message: bytes, **more: Json) -> bytes:
        """Return what the browser says that it was asked for."""
        said = {
            "type": self.kind,
            "challenge": passkeys.to_text(passkeys.challenge(message)),
            "origin": self.origin,
            "crossOrigin": False,
            **more,
        }
        return json.dumps(said).encode()

    def authenticator_data(self) -> bytes:
        """Return what the authenticator says of itself."""
        digest = hashlib.sha256(self.rp.encode()).digest()
        return digest + bytes([self.flags]) + self.count.to_bytes(4, "big")

    def answer(self, message: bytes, client_data: bytes | None = None) -> JsonObject:
        """Return what `navigator.credentials.get` gives for a statement, in its JSON form."""
        client = client_data or self.client_data(message)
        data = self.authenticator_data()
        signed = self._sign(data + hashlib.sha256(client).digest())
        return {
            "id": passkeys.to_text(self.id),
            "rawId": passkeys.to_text(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": passkeys.to_text(client),
                "authenticatorData": passkeys.to_text(data),
                "signature": passkeys.to_text(signed),
            },
        }

    def answer_to(self, challenge: str) -> JsonObject:
        """Return what `navigator.credentials.get` gives for a challenge alone."""
        return self.answer(b"", self.client_data(b"", challenge=challenge))

    def sign(self, message: bytes) -> str:
        """Return the signature over a statement, as it is kept."""
        return passkeys.signature_of(self.answer(message))

    def made(self, message: bytes) -> JsonObject:
        """Return what `navigator.credentials.create` gives for a statement."""
        attested = self.but(flags=self.flags | ATTESTED, kind="webauthn.create")
        length = len(self.id).to_bytes(2, "big")
        data = attested.authenticator_data() + bytes(16) + length + self.id
        data += cbor2.dumps(self._cose())
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            "id": passkeys.to_text(self.id),
            "rawId": passkeys.to_text(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": passkeys.to_text(attested.client_data(message)),
                "attestationObject": passkeys.to_text(attestation),
            },
        }

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def _cose(self) -> dict[int, int | bytes]:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return {1: 1, 3: EDDSA, -1: 6, -2: self.key.public_key().public_bytes_raw()}
        at = self.key.public_key().public_numbers()
        return {1: 2, 3: ES256, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")}


def taken_apart(signature: str) -> dict[str, str]:
    """Return the fields of a signature as it is kept."""
    text = signature.removeprefix(passkeys.PREFIX)
    fields: dict[str, str] = json.loads(passkeys.from_text(text))
    return fields


def put_together(fields: dict[str, str]) -> str:
    """Return a signature of such fields."""
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return passkeys.PREFIX + base64.urlsafe_b64encode(plain).rstrip(b"=").decode()
