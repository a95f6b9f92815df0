"""A note beside the database of how far the ledger had come.

A database that was cut, or replaced by an older copy of itself, is shorter than its note or has
another entry at that place. This finds the accident and the careless hand; whoever replaces the
whole folder is found only by a checkpoint kept outside.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sallyport.adapters.storage.folder import write_private
from sallyport.rules.ledger import Head

EVERY = 256
"""Entries between two notes while the gateway runs; closing writes one more."""


class HeadFile:
    """The note in the state folder."""

    def __init__(self, path: Path, stream: str) -> None:
        self._path = path
        self._stream = stream
        self._noted = 0

    def compare(self, connection: sqlite3.Connection, head: Head) -> str:
        """Return why the ledger is not the one that was noted, or nothing.

        The note is left as it is, so that a start that dies before it acted is warned again.

        Raises:
            sqlite3.Error: The database cannot be read.
        """
        self._noted = head.seq
        try:
            noted: Any = json.loads(self._path.read_bytes())
            stream, seq, linked = str(noted["stream"]), int(noted["seq"]), str(noted["hash"])
        except FileNotFoundError:
            return "the note of the ledger's head is missing" if head.seq else ""
        except (OSError, ValueError, KeyError, TypeError):
            return "the note of the ledger's head cannot be read"
        if stream != self._stream:
            return f"the ledger is `{self._stream}`, and `{stream}` was noted"
        if head.seq < seq:
            return f"the ledger has {head.seq} entries, and {seq} were noted"
        found = connection.execute(
            "SELECT hash FROM ledger WHERE stream = ? AND seq = ?", (stream, seq)
        ).fetchone()
        if seq and found != (linked,):
            return f"entry {seq} is not the one that was noted"
        return ""

    def note(self, head: Head, *, always: bool = False) -> None:
        """Write the note when it is due. A disk that refuses it is told of by the next append."""
        if not always and head.seq - self._noted < EVERY:
            return
        text = json.dumps({"stream": self._stream, "seq": head.seq, "hash": head.hash})
        try:
            write_private(self._path, f"{text}\n".encode())
            self._noted = head.seq
        except OSError:
            return
