"""Personal Ed25519 keys: people sign with their own, and Sallyport only ever checks.

The private key stays with the person, in a PKCS8 PEM file of mode 0600, under a passphrase if they
give one. A public key is 32 raw bytes in hex; a signature is 64 bytes in hex.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sallyport.adapters.keys import passkeys
from sallyport.adapters.keys.private_files import create_private, read_private
from sallyport.errors import KeyFileError

PEM_BYTES_MAX = 8192
PUBLIC_KEY_HEX = 64
SIGNATURE_HEX = 128
HEX = frozenset("0123456789abcdef")

PRIME = 2**255 - 19
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
WEAK = frozenset({0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8})
"""The y of every point of small order. For such a key, anybody can find signatures that pass."""


class PersonKey:
    """A person's private key. `public_key` is its public half in hex, which is enrolled."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()

    def __repr__(self) -> str:
        return f"PersonKey({self.public_key})"

    @classmethod
    def generate(cls) -> Self:
        """Return a new key; it exists in memory only until `save`."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path, passphrase: str = "") -> Self:
        """Read a key from its file.

        Raises:
            KeyFileError: The file is missing, open to others or not an Ed25519 key, or the
                passphrase does not fit.
        """
        pem = read_private(path, at_most=PEM_BYTES_MAX)
        try:
            key = load_pem_private_key(pem, passphrase.encode() or None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFileError(
                f"key file `{path}` does not open with this passphrase, or is no key",
                fix="give the passphrase it was made with, or name another key file",
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileError(
                f"key file `{path}` holds no Ed25519 key",
                fix="make one with `sallyport admin people add`",
            )
        return cls(key)

    def save(self, path: Path, passphrase: str = "") -> None:
        """Write the key to a new file.

        Raises:
            ConflictError: There is a file of that name.
            KeyFileError: It cannot be written.
        """
        cover = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        create_private(path, self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cover))

    def sign(self, message: bytes) -> str:
        """Return the hex signature over a message."""
        return self._key.sign(message).hex()


class PersonalSignatures:
    """Checks what people signed, with a key of their own or a passkey: `ports.Signatures`."""

    def verify(self, public_key: str, message: bytes, signature: str) -> bool:
        """Return whether this key made this signature; never raises, whatever it is given."""
        if public_key.startswith(passkeys.PREFIX):
            return passkeys.verify(public_key, message, signature)
        return _verify(public_key, message, signature)

    def usable(self, public_key: str) -> bool:
        """Return whether a key may be enrolled."""
        if public_key.startswith(passkeys.PREFIX):
            return passkeys.read(public_key) is not None
        return is_usable_key(public_key)


def _verify(public_key: str, message: bytes, signature: str) -> bool:
    """Return whether an Ed25519 key made a signature.

    Only lower-case hex of the exact length is looked at, so a signature has one spelling. A weak
    key has no signatures.
    """
    if not (is_usable_key(public_key) and _is_hex(signature, SIGNATURE_HEX)):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def is_usable_key(public_key: str) -> bool:
    """Return whether a hex public key may be enrolled: spelled in the one way, and not weak."""
    if not _is_hex(public_key, PUBLIC_KEY_HEX):
        return False
    y = int.from_bytes(bytes.fromhex(public_key), "little") & (2**255 - 1)
    return y < PRIME and y not in WEAK


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and HEX.issuperset(text)
