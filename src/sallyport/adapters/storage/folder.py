"""The state folder: local, private, and owned by one process.

Rules:
  1. The folder is made with mode 0700 and every file in it with 0600; one that others may write to
     is refused.
  2. A network file system is refused: its locks and its fsync promise less than they say. So is
     one whose kind cannot be told.
  3. One process holds the lock for as long as it runs. The kernel lets go of it when the process
     ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from sallyport.errors import NetworkFileSystemError, StoreError, StoreLockedError

NETWORK = re.compile(
    r"(fuse\.)?(9p|afs|beegfs|ceph|cifs|coda|davfs2?|fhgfs|gfs2|glusterfs|gvfsd-fuse|lustre|ncpfs"
    r"|nfs[34]?|ocfs2|orangefs|rclone|s3fs|smb[23]?|smbfs|smbnetfs|sshfs)"
)
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
PID_BYTES_MAX = 32

Mounts: TypeAlias = Callable[[], str]
"""Returns the text of the mount table, in the format of `/proc/mounts`."""


def system_mounts() -> str:
    """Return the mount table that this process sees."""
    return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")


def prepare(folder: Path, mounts: Mounts) -> None:
    """Make the folder if there is none, and refuse one that state cannot be kept in.

    Raises:
        NetworkFileSystemError: It is on a network file system.
        StoreError: It cannot be made, or others may write to it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError as error:
        raise StoreError(f"state folder `{folder}` cannot be made: {error.strerror}") from error
    if found.st_uid != os.geteuid() or found.st_mode & OTHERS_WRITE:
        raise StoreError(
            f"state folder `{folder}` belongs to another user or can be written by others",
            fix=f"run `chmod 700 {folder}` as its owner, or name another folder",
        )
    _refuse_network(folder, mounts)


def touch_private(path: Path) -> None:
    """Make sure that a file exists and that only its owner may read it.

    Raises:
        OSError: It is a link or cannot be made.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file by these bytes, durably and at once.

    Raises:
        OSError: It cannot be written; the old bytes are still there.
    """
    part = path.with_name(f"{path.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


class FolderLock:
    """The lock of one process on a state folder."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            StoreLockedError: Another process, or another store in this one, holds it.
            StoreError: The lock file cannot be made.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._handle = os.open(path, flags, 0o600)
        except OSError as error:
            raise StoreError(f"`{path}` cannot be written: {error.strerror}") from error
        try:
            self._take(path)
        except BaseException:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Let another process in."""
        os.close(self._handle)

    def _take(self, path: Path) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._handle, PID_BYTES_MAX, 0).decode("ascii", "replace").strip()
            raise StoreLockedError(
                f"state folder `{path.parent}` is in use by process {holder or 'unknown'}"
            ) from error
        except OSError as error:
            raise StoreError(f"`{path}` cannot be locked: {error.strerror}") from error
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            # The lock counts, not the number in it; a full disk is reported where it matters.
            return


def _refuse_network(folder: Path, mounts: Mounts) -> None:
    try:
        table = mounts()
    except OSError as error:
        raise NetworkFileSystemError(
            f"the file system of `{folder}` cannot be told: no mount table"
        ) from error
    kind = _kind(folder.resolve(), table)
    if NETWORK.fullmatch(kind):
        raise NetworkFileSystemError(f"state folder `{folder}` is on a network file system: {kind}")


def _kind(folder: Path, table: str) -> str:
    """Return the type of the deepest mount that holds the folder; later mounts cover earlier."""
    depth, kind = -1, ""
    for point, found in _points(table):
        if folder.is_relative_to(point) and len(point.parts) >= depth:
            depth, kind = len(point.parts), found
    return kind


def _points(table: str) -> Iterator[tuple[Path, str]]:
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) > 2:  # noqa: PLR2004 - device, mount point, type
            yield Path(_unescape(fields[1])), fields[2]


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
