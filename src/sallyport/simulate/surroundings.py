"""The small ports of the simulated world: time that jumps, chance that repeats, cheap keys.

None of it protects anything. A signature here is a digest with the key in it, a seal a label in
front of the bytes: enough to notice what is signed or opened wrongly, and fast.
"""

from __future__ import annotations

import hashlib

from sallyport.errors import SealError

START_US = 1_790_000_000 * 1_000_000
"""A day in September 2026, inside every boundary of the scenery."""


class JumpingClock:
    """A clock that is set by the world, forward and back. Implements `ports.Clock`."""

    def __init__(self) -> None:
        self._now_us = START_US

    def now_us(self) -> int:
        """Return the present time, whatever the world made of it."""
        return self._now_us

    def jump(self, by_us: int) -> None:
        """Move the clock."""
        self._now_us = max(START_US // 2, self._now_us + by_us)


class CountedIds:
    """Ids that count. Implements `ports.Ids`."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: str) -> str:
        """Return the next id."""
        self._count += 1
        return f"{prefix}_{self._count}"

    def salt(self) -> bytes:
        """Return the next salt."""
        self._count += 1
        return self._count.to_bytes(32, "big")


class PlainVault:
    """Keeps bytes under their label. Implements `ports.Vault`."""

    def seal(self, label: str, plain: bytes) -> bytes:
        """Return label and bytes."""
        return label.encode() + b"\0" + plain

    def open(self, label: str, sealed: bytes) -> bytes:
        """Return the bytes that were put under this label."""
        found, _, plain = sealed.partition(b"\0")
        if found != label.encode():
            raise SealError(f"bytes sealed for another place were opened as `{label}`")
        return plain

    def mark(self, label: str, plain: bytes) -> str:
        """Return a digest of label and bytes."""
        return hashlib.sha256(label.encode() + b"\0" + plain).hexdigest()


class KeyedDigests:
    """Signatures that anyone can make who knows the key. Implements `ports.Signatures`."""

    def sign(self, key: str, message: bytes) -> str:
        """Return the signature of a key over a message."""
        return hashlib.sha256(key.encode() + b"\0" + message).hexdigest()

    def verify(self, public_key: str, message: bytes, signature: str) -> bool:
        """Return whether a signature is this key's over this message."""
        return signature == self.sign(public_key, message)

    def usable(self, public_key: str) -> bool:
        """Return whether a key may be enrolled: every key of this world may."""
        return bool(public_key)


class PaperStop:
    """A stop file that is a value. Implements `ports.StopFile`."""

    def __init__(self) -> None:
        self._scopes: tuple[str, ...] = ()

    def scopes(self) -> tuple[str, ...]:
        """Return what the file stops."""
        return self._scopes

    def write(self, scopes: tuple[str, ...]) -> None:
        """Let the file appear."""
        self._scopes = scopes

    def lift(self, scope: str) -> None:
        """Take one scope out of the file."""
        self._scopes = tuple(one for one in self._scopes if one != scope)
