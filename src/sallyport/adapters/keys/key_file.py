"""The key file, and the sealing of rows with what is derived from it.

Rules:
  1. Nothing is sealed with the file's own 32 bytes: every purpose has its own key (HKDF-SHA256),
     and every label under it another, so that random nonces never run out and a row's bytes open
     in no other row.
  2. The label is associated data as well. A sealed value is version, 12-byte nonce, AES-256-GCM.
  3. Opening tells nothing but that it failed.
  4. Sealing does nothing in which Python would let another thread go first, which costs more than
     the sealing: nonces are fetched a page at a time, every byte used once, and the HMAC is made of
     two hashes begun beforehand (RFC 2104, 4).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sallyport.adapters.keys.private_files import create_private, read_private
from sallyport.errors import ConflictError, KeyFileError, SealError

KEY_BYTES = 32
NONCE_BYTES = 12
NONCES = 256
BLOCK_BYTES = 64
VERSION = b"\x01"


class RowVault:
    """Seals bytes for one purpose. Implements `ports.Vault`."""

    def __init__(self, key: bytes) -> None:
        block = key.ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + b"sallyport/row/v1\n")
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        self._nonces: list[bytes] = []

    def seal(self, label: str, plain: bytes) -> bytes:
        """Return sealed bytes that open under the same label only."""
        nonce = self._nonce()
        sealed = self._cipher(label).encrypt(nonce, plain, _bound(label))
        return VERSION + nonce + sealed

    def open(self, label: str, sealed: bytes) -> bytes:
        """Return the plain bytes.

        Raises:
            SealError: Another key or label sealed them, or a byte was changed.
        """
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != VERSION or len(nonce) != NONCE_BYTES:
            raise SealError(f"the sealed bytes of `{label}` have no known format")
        try:
            return self._cipher(label).decrypt(nonce, rest, _bound(label))
        except InvalidTag as error:
            raise SealError(f"the sealed bytes of `{label}` do not open") from error

    def mark(self, label: str, plain: bytes) -> str:
        """Return a keyed digest, always the same for the same bytes under the same label."""
        return hmac.digest(self._key(f"marks/{label}"), plain, "sha256").hex()

    def _nonce(self) -> bytes:
        """Return a nonce that nobody else gets, whatever thread asks; one `pop` is one step."""
        while True:
            try:
                return self._nonces.pop()
            except IndexError:
                fresh = os.urandom(NONCE_BYTES * NONCES)
                starts = range(0, len(fresh), NONCE_BYTES)
                self._nonces.extend(fresh[at : at + NONCE_BYTES] for at in starts)

    def _cipher(self, label: str) -> AESGCM:
        return AESGCM(self._key(label))

    def _key(self, label: str) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(label.encode())
        outer.update(inner.digest())
        return outer.digest()


class KeyFile(RowVault):
    """The key that a state folder is sealed with. It is itself the vault for rows.

    `fingerprint` is a public name of the key; the database keeps it, so that a start with another
    key file fails before anything is read or written.
    """

    def __init__(self, master: bytes) -> None:
        super().__init__(_derive(master, "rows"))
        self._master = master
        self.fingerprint = _derive(master, "fingerprint")[:16].hex()

    def __repr__(self) -> str:
        return f"KeyFile({self.fingerprint})"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file.

        Raises:
            KeyFileError: It is missing, open to others, a link, or not 32 bytes long.
        """
        master = read_private(path, at_most=KEY_BYTES)
        if len(master) != KEY_BYTES:
            raise KeyFileError(f"key file `{path}` is {len(master)} bytes long, not {KEY_BYTES}")
        return cls(master)

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new key file of mode 0600.

        Raises:
            ConflictError: There is one already.
            KeyFileError: It cannot be written.
        """
        create_private(path, secrets.token_bytes(KEY_BYTES))
        return cls.load(path)

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """Read the key file, or make it at the first start; two starts at once get the same."""
        if not path.exists() and not path.is_symlink():
            try:
                return cls.create(path)
            except ConflictError:
                return cls.load(path)
        return cls.load(path)

    def vault(self, purpose: str) -> RowVault:
        """Return a vault with a key of its own for another purpose, for example `backups`."""
        return RowVault(_derive(self._master, f"purpose/{purpose}"))


def _derive(master: bytes, purpose: str) -> bytes:
    info = f"sallyport/{purpose}/v1".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _bound(label: str) -> bytes:
    return b"sallyport/sealed/v1\n" + label.encode()
