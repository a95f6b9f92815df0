"""One hash for a list, and the proof that something stands in it: RFC 6962, section 2.1.

Rules:
  1. A row and an inner node are hashed apart, so that no row passes for a part of the tree.
  2. Every length of a list has one tree; nothing is padded or repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_ROW, _NODE = b"\x00", b"\x01"


def root(rows: Sequence[bytes]) -> str:
    """Return the root hash of a list, in hex."""
    return _root([_of_row(one) for one in rows]).hex()


def path(rows: Sequence[bytes], index: int) -> tuple[str, ...]:
    """Return the hashes, in hex, that lead from the row at `index` to the root, lowest first."""
    return tuple(one.hex() for one in _path([_of_row(one) for one in rows], index))


def holds(row: bytes, index: int, size: int, way: Sequence[str], expected: str) -> bool:
    """Return whether a row stands at `index` of a list of `size` rows with this root.

    Never raises, whatever the proof is made of. The walk is that of RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, _of_row(row)
    for text in way:
        other = _hash_of(text)
        if other is None or last == 0:
            return False
        if at % 2 or at == last:
            found = _of_node(other, found)
            while at and not at % 2:
                at, last = at // 2, last // 2
        else:
            found = _of_node(found, other)
        at, last = at // 2, last // 2
    return last == 0 and found.hex() == expected


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    split = _split(len(hashes))
    return _of_node(_root(hashes[:split]), _root(hashes[split:]))


def _path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    if len(hashes) <= 1:
        return []
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if index < split:
        return [*_path(left, index), _root(right)]
    return [*_path(right, index - split), _root(left)]


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _of_row(row: bytes) -> bytes:
    return hashlib.sha256(_ROW + row).digest()


def _of_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _hash_of(text: str) -> bytes | None:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return None
    return found if len(found) == hashlib.sha256().digest_size else None
