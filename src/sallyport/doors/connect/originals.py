"""Keeps a client's original file and puts it back, byte for byte.

Rules:
  1. The original and what is known of it are durable before the client's file is replaced.
  2. A file is replaced whole (a second file, then one rename), with its mode and through a link to
     where it really lies.
  3. A file that somebody changed since is not overwritten, unless that is asked for by name.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sallyport.errors import ConflictError, NotFoundError, SallyportError

FOLDER: Final = "connections"
MANIFEST: Final = "manifest.json"
ORIGINAL: Final = "original"
WRITTEN: Final = "written"
PRIVATE: Final = 0o600
LINES_MAX: Final = 12


class KeptError(SallyportError):
    """A kept connection that cannot be read or written."""

    code = "connect.connection"
    fix = "look into the folder `connections` of the state folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One client behind Sallyport: which file was changed, from which bytes into which.

    A connection of a server alone changed no file; its `path` is empty.
    """

    id: str
    client: str
    path: str
    mode: int
    original_sha256: str
    written_sha256: str
    workflows: tuple[str, ...]
    tokens: tuple[str, ...]
    """The stored names (hashes) of the tokens that were made for it."""


def folder(state: Path, connection: str) -> Path:
    """Return where a connection's files lie."""
    return state / FOLDER / connection


def fresh_id(state: Path, client: str) -> str:
    """Return a name for a new connection: the client's, numbered from the second on."""
    number = 1
    while folder(state, name := client if number == 1 else f"{client}-{number}").exists():
        number += 1
    return name


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep(state: Path, connection: Connection, original: bytes, written: bytes) -> None:
    """Keep a client's original bytes, those that replace them, and what is known of both."""
    place = private_folder(folder(state, connection.id))
    write(place / ORIGINAL, original, PRIVATE)
    write(place / WRITTEN, written, PRIVATE)
    write(place / MANIFEST, json.dumps(asdict(connection), indent=2).encode(), PRIVATE)


def connections(state: Path) -> list[Connection]:
    """Return every connection that is in place, the oldest first.

    Raises:
        KeptError: A manifest cannot be read.
    """
    found = (state / FOLDER).glob(f"*/{MANIFEST}")
    return [_read(path) for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]


def chosen(state: Path, name: str) -> Connection:
    """Return the connection of this name, or the latest of this client.

    Connections of one client lie upon each other, so that the latest is taken off first. Without a
    name there must be one client only.

    Raises:
        NotFoundError: There is none.
        ConflictError: It could be several.
    """
    known = connections(state)
    found = [one for one in known if not name or name in {one.id, one.client}]
    if name not in {one.client for one in found}:
        found = found[:1] if name else found
    if not found:
        raise NotFoundError(
            f"`{name}` is not connected" if name else "no client is connected",
            fix="run `sallyport connect` first" if not known else f"use one of: {_ids(known)}",
        )
    if len({one.client for one in found}) > 1:
        raise ConflictError("several clients are connected", fix=f"name one of: {_ids(found)}")
    return found[-1]


def restore(state: Path, connection: Connection, *, force: bool) -> None:
    """Put the original bytes back.

    Raises:
        ConflictError: The file is not what Sallyport wrote there.
        KeptError: The original is missing or is not what was kept.
    """
    if not connection.path:
        return
    path, original = Path(connection.path), _original(state, connection)
    now = path.read_bytes() if path.exists() else b""
    if sha256(now) == connection.original_sha256:
        return
    if sha256(now) != connection.written_sha256 and not force:
        changes = _changes(_kept(state, connection), now)
        raise ConflictError(
            f"`{path}` was changed since it was connected: {changes}",
            fix="undo those changes, or restore the original over them with --force",
        )
    write(path, original, connection.mode)


def forget(state: Path, connection: Connection) -> None:
    """Remove what was kept of a connection, once the client has its original back."""
    shutil.rmtree(folder(state, connection.id))


def mode_of(path: Path) -> int:
    """Return a file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def sha256(data: bytes) -> str:
    """Return the hex SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def write(path: Path, data: bytes, mode: int) -> None:
    """Replace a file in one step, or make it.

    Raises:
        KeptError: It cannot be written; what was there is there still.
    """
    real = path.resolve()
    part = real.with_name(f".{real.name}.{secrets.token_hex(6)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(real)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise KeptError(
            f"`{path}` cannot be written: {error.strerror}",
            fix="make it writable for this user, then try again",
        ) from error


def _original(state: Path, connection: Connection) -> bytes:
    try:
        data = (folder(state, connection.id) / ORIGINAL).read_bytes()
    except OSError as error:
        raise KeptError(f"the original of `{connection.id}` cannot be read") from error
    if sha256(data) != connection.original_sha256:
        raise KeptError(f"the kept original of `{connection.id}` is not what was kept")
    return data


def _kept(state: Path, connection: Connection) -> bytes:
    path = folder(state, connection.id) / WRITTEN
    return path.read_bytes() if path.is_file() else b""


def _read(path: Path) -> Connection:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        for name in ("workflows", "tokens"):
            found[name] = tuple(found[name])
        return Connection(**found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeptError(f"`{path}` cannot be read") from error


def _changes(before: bytes, now: bytes) -> str:
    """Return which lines were changed, by their numbers alone: they may hold credentials."""
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, now))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    found = [
        str(low + 1) if high - low <= 1 else f"{low + 1} to {high}"
        for kind, _, _, low, high in matcher.get_opcodes()
        if kind != "equal"
    ]
    more = f" and {len(found) - LINES_MAX} more" if len(found) > LINES_MAX else ""
    return f"its lines {', '.join(found[:LINES_MAX])}{more} are not as Sallyport wrote them"


def _ids(found: Sequence[Connection]) -> str:
    return ", ".join(one.id for one in found)
