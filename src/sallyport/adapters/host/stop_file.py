"""The stop that needs no Sallyport: a file named `STOP` in the state folder.

Rules:
  1. One scope per line: `everything`, `agent:NAME`, `workflow:NAME`, `system:NAME`, `tool:NAME`.
  2. Whatever else the file is or holds (nothing, a link, a folder, unreadable, one line that is no
     scope) stops everything. Only a file that is not there stops nothing.
  3. The file is asked for before each first byte, so one `lstat` is all it costs while there is
     none. What was read is kept while the file's identity, size and times stay the same, once
     they are old enough that a change would have shown.
"""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path
from typing import TypeAlias

EVERYTHING = ("everything",)
SCOPE = re.compile(r"everything|(?:agent|workflow|system|tool):[^\s\x00-\x1f\x7f]{1,200}")
FILE_BYTES_MAX = 65536
SETTLED_NS = 2_000_000_000

Face: TypeAlias = "tuple[int, int, int, int, int]"


class HostStopFile:
    """The stop file of a state folder. Implements `ports.StopFile`."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        self._known: tuple[Face, tuple[str, ...]] | None = None

    def scopes(self) -> tuple[str, ...]:
        """Return the scopes the file stops: none without a file, `everything` if in doubt."""
        try:
            found = os.lstat(self._path)
        except FileNotFoundError:
            return ()
        except OSError:
            return EVERYTHING
        face = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode)
        if self._known is not None and self._known[0] == face:
            return self._known[1]
        scopes = _read(self._path) if stat.S_ISREG(found.st_mode) else EVERYTHING
        settled = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS
        self._known = (face, scopes) if settled and scopes is not EVERYTHING else None
        return scopes

    def lift(self, scope: str) -> None:
        """Take one scope out of the file; the last one, and an unreadable file, take it with them.

        Raises:
            OSError: It cannot be changed, and goes on stopping.
        """
        left = [one for one in self.scopes() if one != scope]
        if not left:
            Path(self._path).unlink(missing_ok=True)
            return
        beside = Path(f"{self._path}.next")
        beside.write_text("".join(f"{one}\n" for one in left), encoding="utf-8")
        beside.replace(self._path)


def _read(path: str) -> tuple[str, ...]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
        lines = data.decode("utf-8").splitlines()
    except (OSError, ValueError):
        return EVERYTHING
    scopes = tuple(line.strip() for line in lines if line.strip())
    if not scopes or len(data) > FILE_BYTES_MAX or not all(map(SCOPE.fullmatch, scopes)):
        return EVERYTHING
    return scopes
