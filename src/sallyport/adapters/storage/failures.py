"""What SQLite says, in the words of Sallyport's errors. A value never enters a sentence."""

from __future__ import annotations

import sqlite3

from sallyport.errors import StoreCorruptError, StoreError

OF_THE_ITEM = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    OverflowError,
    UnicodeError,
)
"""Faults of one append alone: a value or a row that no table takes."""

SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk of the state folder is full",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_BUSY: "another process has locked the database",
    sqlite3.SQLITE_LOCKED: "another process has locked the database",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk of the state folder failed",
}
CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
PRIMARY = 0xFF


def store_error(error: Exception) -> StoreError:
    """Return the error that tells whoever can act what the database could not do."""
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    primary = int(getattr(error, "sqlite_errorcode", 0) or 0) & PRIMARY
    if primary in CORRUPT or _mentions_no_database(error):
        return StoreCorruptError(f"the database is damaged or not a database (`{name}`)")
    if isinstance(error, OSError):
        return StoreError(f"the state folder cannot be used: {error.strerror}")
    sentence = SENTENCES.get(primary, "the database could not do it")
    return StoreError(f"{sentence} (`{name}`)")


def _mentions_no_database(error: Exception) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error)
