"""Messages that one browser can open, and the token by which its push service knows us.

RFC 8291 with RFC 8188 (`aes128gcm`, one record), and RFC 8292. Every message has the same length,
so that a push service, which sees all of them, learns from none how much was said. Why no library
does this stands in docs/adr/0012.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from sallyport.rules.devices import Device, from_text, to_text

SALT_BYTES: Final = 16
RECORD_BYTES: Final = 4096
"""RFC 8291 4: no push service has to take more."""
SAID_BYTES: Final = 3072
"""So long is every message before it is encrypted."""
LAST: Final = b"\x02"
SCALAR_BYTES: Final = 32
GOOD_FOR_S: Final = 12 * 3600
"""RFC 8292 2 allows a day."""


@dataclass(frozen=True, slots=True)
class Once:
    """What is made anew for each message: a key of ours and a salt."""

    key: ec.EllipticCurvePrivateKey
    salt: bytes

    @classmethod
    def make(cls) -> Once:
        """Return fresh ones."""
        return cls(ec.generate_private_key(ec.SECP256R1()), os.urandom(SALT_BYTES))


def encrypted(plain: bytes, device: Device, once: Once, *, padded: int = SAID_BYTES) -> bytes:
    """Return a body that the device can open, and nobody else.

    Args:
        plain: What is said; shorter than `padded`.
        device: For whom.
        once: A key and a salt that were never used before.
        padded: How long it is made before it is encrypted.

    Raises:
        ValueError: The device's key is not on its curve, or there is too much to say.
    """
    if len(plain) >= padded:
        raise ValueError("too much to say in one message")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), device.key)
    ours = _public(once.key)
    shared = once.key.exchange(ec.ECDH(), theirs)
    # RFC 8291 3.4: first the two keys and the secret, then RFC 8188 2.2 and 2.3 with the salt.
    known = _derived(shared, device.auth, b"WebPush: info\0" + device.key + ours, 32)
    key = _derived(known, once.salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(known, once.salt, b"Content-Encoding: nonce\0", 12)
    said = (plain + LAST).ljust(padded, b"\0")
    head = once.salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, said, None)


class BrowserKeys:
    """Writes for browsers. Implements `ports.BrowserKeys`."""

    def encrypted(self, plain: bytes, device: Device) -> bytes:
        """Return a body that the device can open, and nobody else."""
        return encrypted(plain, device, Once.make())

    def authorization(self, kept: str, endpoint: str, *, contact: str, now_s: int) -> str:
        """Return the header by which the push service at an address knows who writes."""
        parts, key = urlsplit(endpoint), _key(kept)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": now_s + GOOD_FOR_S,
            "sub": f"mailto:{contact}",
        }
        head = {"typ": "JWT", "alg": "ES256"}
        signed = jwt.encode(head, claims, _jwk(key), algorithms=["ES256"])
        return f"vapid t={signed}, k={to_text(_public(key))}"


def new_push_key() -> str:
    """Return a new private key of ours, as it is kept."""
    return to_text(_scalar(ec.generate_private_key(ec.SECP256R1())))


def public_push_key(kept: str) -> str:
    """Return the public half of a key that is kept, as browsers take it.

    Raises:
        ValueError: It is none.
    """
    return to_text(_public(_key(kept)))


def _key(kept: str) -> ec.EllipticCurvePrivateKey:
    raw = from_text(kept)
    if len(raw) != SCALAR_BYTES:
        raise ValueError("this is no key on P-256")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(SCALAR_BYTES, "big")


def _jwk(key: ec.EllipticCurvePrivateKey) -> ECKey:
    raw = _public(key)
    x, y = raw[1 : 1 + SCALAR_BYTES], raw[1 + SCALAR_BYTES :]
    numbers = {"x": to_text(x), "y": to_text(y), "d": to_text(_scalar(key))}
    return ECKey.import_key({"kty": "EC", "crv": "P-256", **numbers})


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
