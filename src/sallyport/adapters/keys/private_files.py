"""Files that only their owner may read.

Rules:
  1. A file appears whole and with mode 0600, or not at all; an existing one is never replaced.
  2. A file that others could have read or swapped (a link, a foreign owner, an open mode) is
     refused, not repaired: what was readable yesterday is no secret today.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from sallyport.errors import ConflictError, KeyFileError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def create_private(path: Path, data: bytes) -> None:
    """Write a new file of mode 0600 and make it durable.

    Raises:
        ConflictError: There is a file of that name.
        KeyFileError: The folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(part, data)
        try:
            os.link(part, path, follow_symlinks=False)
        finally:
            part.unlink()
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise ConflictError(
            f"`{path}` exists already", fix="choose another name, or move the file away"
        ) from error
    except OSError as error:
        raise KeyFileError(
            f"key file `{path}` cannot be written: {error.strerror}",
            fix="make its folder writable for the user that runs Sallyport",
        ) from error


def read_private(path: Path, *, at_most: int) -> bytes:
    """Return the bytes of a file that only its owner may read.

    Raises:
        KeyFileError: It is missing, a link, not a file, another user's, readable by others, or
            longer than `at_most` bytes.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise KeyFileError(f"key file `{path}` is missing") from error
    except OSError as error:
        raise KeyFileError(f"key file `{path}` is a link or cannot be opened") from error
    try:
        _refuse_open(path, os.fstat(handle))
        data = os.read(handle, at_most + 1)
    except OSError as error:
        raise KeyFileError(f"key file `{path}` cannot be read: {error.strerror}") from error
    finally:
        os.close(handle)
    if len(data) > at_most:
        raise KeyFileError(f"key file `{path}` is longer than {at_most} bytes")
    return data


def _refuse_open(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileError(f"key file `{path}` is not a regular file")
    if found.st_uid != os.geteuid():
        raise KeyFileError(f"key file `{path}` belongs to another user")
    if found.st_mode & OTHERS:
        raise KeyFileError(
            f"key file `{path}` is open to other users (mode {found.st_mode & 0o777:04o})",
            fix=f"run `chmod 600 {path}`, and replace the key if others may have read it",
        )


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
