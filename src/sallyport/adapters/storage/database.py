"""Opening the database file: ours, of this version, whole, and sealed with the key at hand.

Rules:
  1. A new database appears in one transaction, or not at all.
  2. An older one is migrated, a newer one is left alone, and anything that is not exactly our
     schema (a trigger, a view, another column) is refused.
  3. Every connection is durable (WAL, synchronous FULL) and trusts nothing stored in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from sallyport.adapters.storage.statements import KEPT
from sallyport.errors import KeyFileError, StoreCorruptError, StoreVersionError

VERSION = "0014"
"""The schema of this code; the newest file in `migrations/versions` has the same."""

APPLICATION = 0x53414C4C
"""`SALL`: tells our files from other SQLite files."""

SCHEMA = Path(__file__).with_name("schema.sql")
BUSY_MS = 2000

WRITER = f"""
PRAGMA busy_timeout = {BUSY_MS};
PRAGMA trusted_schema = OFF;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA journal_size_limit = 67108864;
"""
READER = f"""
PRAGMA busy_timeout = {BUSY_MS};
PRAGMA trusted_schema = OFF;
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
"""
VERSION_TABLE = """
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
"""

Shape: TypeAlias = "dict[str, tuple[tuple[object, ...], ...]]"


def connect_writer(path: Path) -> sqlite3.Connection:
    """Return the connection that writes; there is one.

    Raises:
        sqlite3.Error: The file cannot be opened or is not a database.
    """
    return _connect(path, "rw", WRITER)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, and never checkpoints.

    Raises:
        sqlite3.Error: The file cannot be opened or is not a database.
    """
    return _connect(path, "ro", READER)


def create(connection: sqlite3.Connection, kept: Mapping[str, str]) -> None:
    """Fill an empty database: tables, version, and the store's own rows of `meta`.

    Raises:
        sqlite3.Error: It cannot be written; it is as empty as before.
    """
    connection.executescript(f"BEGIN EXCLUSIVE;{VERSION_TABLE}{SCHEMA.read_text('utf-8')}")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (VERSION,))
    rows = [(KEPT + name, value) for name, value in kept.items()]
    connection.executemany("INSERT INTO meta (id, value) VALUES (?, ?)", rows)
    connection.execute("COMMIT")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was ever written to this database."""
    return not _names(connection)


def version(connection: sqlite3.Connection) -> str:
    """Return the schema version of a database that is not empty; empty before the first one.

    Raises:
        StoreCorruptError: Sallyport did not make this database.
        StoreVersionError: A newer Sallyport made it.
    """
    ours = connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    if not ours or "alembic_version" not in _names(connection):
        raise StoreCorruptError("the file is a database, but not one that Sallyport made")
    rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    found = str(rows[0][0]) if rows else ""
    if found > VERSION:
        raise StoreVersionError(f"the database has schema `{found}`, newer than `{VERSION}`")
    return found


def check_shape(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    """Return the columns of every table, after comparing all of them with `schema.sql`.

    Raises:
        StoreCorruptError: The database has another table, column, index, trigger or view.
    """
    pristine = sqlite3.connect(":memory:", isolation_level=None)
    try:
        pristine.executescript(SCHEMA.read_text("utf-8"))
        wanted = shape(pristine)
    finally:
        pristine.close()
    found = shape(connection)
    different = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    if different:
        raise StoreCorruptError(f"`{different[0]}` is not as the schema of Sallyport has it")
    tables = (name for name in found if name.startswith("table "))
    return {
        name.removeprefix("table "): tuple(str(column[0]) for column in found[name])
        for name in tables
    }


def shape(connection: sqlite3.Connection) -> Shape:
    """Return what a database consists of, whatever the order in which its columns came."""
    found: Shape = {}
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, name, sql in rows:
        if name == "alembic_version" or name.startswith("sqlite_"):
            continue
        parts = [(" ".join(str(sql).split()),)]
        if kind == "table":
            columns = connection.execute(f'PRAGMA table_xinfo("{name}")')
            parts = [column[1:] for column in columns]
        found[f"{kind} {name}"] = tuple(sorted(parts, key=str))
    return found


def kept(connection: sqlite3.Connection, key_id: str) -> str:
    """Return the stream of this database, after comparing the key it was sealed with.

    Raises:
        KeyFileError: Another key file belongs to it.
        StoreCorruptError: It does not say.
    """
    rows: dict[str, str] = dict(connection.execute("SELECT id, value FROM meta").fetchall())
    stream, sealed_with = rows.get(f"{KEPT}stream", ""), rows.get(f"{KEPT}key", "")
    if not stream or not sealed_with:
        raise StoreCorruptError("the database does not say which key it was sealed with")
    if sealed_with != key_id:
        raise KeyFileError("the key file is not the one that sealed this database")
    return stream


def _names(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def _connect(path: Path, mode: str, pragmas: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    try:
        connection.executescript(pragmas)
    except BaseException:
        connection.close()
        raise
    return connection
