"""Opening: ours, whole, of this version, alone, on a local disk; or one clear error."""

# ruff: noqa: ASYNC240, S608 - nothing else runs in these loops

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from sallyport.adapters.storage import SqliteStore, database, open_store, schema
from sallyport.adapters.storage.migrate import MIGRATIONS, migrate
from sallyport.errors import (
    BrokenChainError,
    KeyFileError,
    NetworkFileSystemError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreVersionError,
)
from sallyport.ports import Append, Appended, RaiseEpoch, Reserve
from tests.unit.storage.appends import call, change, record

pytestmark = pytest.mark.anyio

KEY_ID = "0" * 32
Opening = Callable[[], SqliteStore]


def run_sql(folder: Path, script: str) -> None:
    """Change the closed database behind Sallyport's back."""
    connection = sqlite3.connect(folder / "sallyport.db", isolation_level=None)
    connection.executescript(script)
    connection.close()


async def a_folder_with(opening: Opening, entries: int) -> None:
    """Make a state folder with some entries, and close it."""
    store = opening()
    for number in range(entries):
        await store.append(change(call(f"c_{number}")))
    await store.close()


async def test_everything_is_as_it_was_after_opening_again(opening: Opening) -> None:
    """Rows, counters, epochs, time, head and stream survive."""
    store = opening()
    assert store.opened.created
    await store.append(
        Append(
            records=(record(at_us=9),),
            changes=(call("c_1"), Reserve("n", 3), RaiseEpoch(("agent:a",))),
        )
    )
    head, stream = store.head(), store.stream
    await store.close()

    again = opening()
    assert not again.opened.created
    assert again.opened.rolled_back == ""
    assert (again.head(), again.opened.head, again.stream) == (head, head, stream)
    assert (await again.counters(["n"]), await again.epoch()) == ({"n": 3}, 1)
    assert await again.last_time_us() == 9
    assert len(await again.rows("calls")) == 1


async def test_the_folder_and_its_files_are_private(folder: Path, store: SqliteStore) -> None:
    """0700 and 0600, the write-ahead log included."""
    await store.append(change(call("c_1")))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert set(modes) == {"sallyport.db", "sallyport.db-wal", "sallyport.db-shm", "lock", "head"}
    assert set(modes.values()) == {0o600}


async def test_a_second_serve_is_refused_by_name(folder: Path, opening: Opening) -> None:
    """The error names the process that has it; once that is gone, the folder is free."""
    store = opening()
    with pytest.raises(StoreLockedError, match=f"process {os.getpid()}"):
        open_store(folder, key_id=KEY_ID)
    await store.close()

    opening()


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "glusterfs"])
async def test_a_network_file_system_is_refused(folder: Path, kind: str) -> None:
    """The deepest mount decides; a local root above it does not help."""
    place = folder.parent.resolve()
    table = (
        f"/dev/sda / ext4 rw 0 0\nserver:/x {str(place).replace(' ', chr(92) + '040')} {kind} rw"
    )
    with pytest.raises(NetworkFileSystemError, match=kind):
        open_store(folder, key_id=KEY_ID, mounts=lambda: table)

    assert list(folder.iterdir()) == []


async def test_a_mount_table_that_cannot_be_read_is_refused(folder: Path) -> None:
    """Not to know is not to trust."""

    def no_table() -> str:
        raise PermissionError

    with pytest.raises(NetworkFileSystemError):
        open_store(folder, key_id=KEY_ID, mounts=no_table)


async def test_a_folder_that_others_can_write_is_refused(folder: Path) -> None:
    """Whoever can write the folder can replace what is in it."""
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(StoreError, match="written by others"):
        open_store(folder, key_id=KEY_ID)


async def test_a_file_in_place_of_the_folder_is_one_clear_error(folder: Path) -> None:
    """No traceback of the operating system."""
    folder.write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(folder, key_id=KEY_ID)


async def test_another_key_file_is_refused_before_anything_is_read(
    folder: Path, opening: Opening
) -> None:
    """Fails closed, and the right key still opens."""
    await a_folder_with(opening, 1)
    with pytest.raises(KeyFileError, match="not the one"):
        open_store(folder, key_id="1" * 32)

    opening()


@pytest.mark.parametrize("garbage", [b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_garbage_is_not_a_database(folder: Path, garbage: bytes) -> None:
    """And is left as it is."""
    folder.mkdir(mode=0o700)
    (folder / "sallyport.db").write_bytes(garbage)
    with pytest.raises(StoreCorruptError):
        open_store(folder, key_id=KEY_ID)

    assert (folder / "sallyport.db").read_bytes() == garbage


async def test_a_database_of_somebody_else_is_refused(folder: Path) -> None:
    """It is a database, but not ours."""
    folder.mkdir(mode=0o700)
    run_sql(folder, "CREATE TABLE notes (id TEXT)")
    with pytest.raises(StoreCorruptError, match="not one that Sallyport made"):
        open_store(folder, key_id=KEY_ID)


async def test_a_newer_database_is_left_alone(folder: Path, opening: Opening) -> None:
    """An old Sallyport does not guess what a new one meant."""
    await a_folder_with(opening, 1)
    run_sql(folder, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreVersionError, match="9999"):
        open_store(folder, key_id=KEY_ID)


async def test_an_older_database_is_migrated_to_the_present_schema(
    folder: Path, opening: Opening
) -> None:
    """One from before the first step gets every table; that it names no key is told after."""
    folder.mkdir(mode=0o700)
    run_sql(folder, f"PRAGMA application_id = {database.APPLICATION}; {database.VERSION_TABLE}")
    with pytest.raises(StoreCorruptError, match="which key"):
        open_store(folder, key_id=KEY_ID)
    run_sql(folder, f"INSERT INTO meta VALUES ('store.stream', 'w-1'), ('store.key', '{KEY_ID}')")

    store = opening()
    assert isinstance(await store.append(change(call("c_1"))), Appended)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    folder: Path, opening: Opening
) -> None:
    """All steps or none: here the last table of the first step is there already."""
    folder.mkdir(mode=0o700)
    run_sql(folder, f"PRAGMA application_id = {database.APPLICATION}; {database.VERSION_TABLE}")
    run_sql(folder, "CREATE TABLE ledger (id TEXT)")
    before = sqlite3.connect(folder / "sallyport.db")
    was = database.shape(before)
    with pytest.raises(StoreError):
        open_store(folder, key_id=KEY_ID)

    assert database.shape(before) == was
    before.close()


async def test_migrations_schema_and_sql_file_are_one(tmp_path: Path) -> None:
    """A new database and a migrated one are the same, and both are what `schema.py` says."""
    assert database.SCHEMA.read_text("utf-8") == schema.ddl()
    fresh, old = (sqlite3.connect(tmp_path / name, isolation_level=None) for name in ("a", "b"))
    fresh.executescript(schema.ddl())
    migrate(old)

    assert database.shape(old) == database.shape(fresh)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == database.VERSION
    old.close()
    fresh.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'b'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.METADATA) == []
    engine.dispose()


async def test_versions_that_were_signed_before_they_had_a_table_are_kept(tmp_path: Path) -> None:
    """In the order in which they counted, each with its one signature."""
    old = sqlite3.connect(tmp_path / "old", isolation_level=None)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine("sqlite://", creator=lambda: old, poolclass=StaticPool)
    with engine.connect() as shared, shared.begin():
        config.attributes["connection"] = shared
        command.upgrade(config, "0001")
    columns = "id, workflow, state, signed_by, signature, signed_us, active_from_us"
    old.executemany(
        f"INSERT INTO boundaries ({columns}) VALUES (?, 'w', ?, 'lena', 'signed', ?, ?)",
        [("second", "active", 20, 20), ("first", "superseded", 10, 10)],
    )
    old.execute("INSERT INTO people (id, public_key) VALUES ('lena', 'key')")
    migrate(old)

    found = old.execute("SELECT id, digest, state, signatures, from_us FROM versions ORDER BY id")
    signed = '[{"person":"lena","public_key":"key","signature":"signed","at_us":%d}]'
    assert found.fetchall() == [
        ("w/1", "first", "superseded", signed % 10, 10),
        ("w/2", "second", "active", signed % 20, 20),
    ]
    old.close()


@pytest.mark.parametrize(
    "change_",
    [
        "CREATE TRIGGER t AFTER INSERT ON calls BEGIN DELETE FROM ledger; END",
        "CREATE VIEW v AS SELECT * FROM calls",
        "CREATE TABLE extra (id TEXT)",
        "ALTER TABLE calls ADD COLUMN extra TEXT",
        "DROP INDEX ledger_by_call",
        "DROP TABLE drafts",
    ],
)
async def test_a_schema_that_somebody_changed_is_refused(
    folder: Path, opening: Opening, change_: str
) -> None:
    """A trigger in the file would run with our hands."""
    await a_folder_with(opening, 1)
    run_sql(folder, change_)
    with pytest.raises(StoreCorruptError):
        open_store(folder, key_id=KEY_ID)


@pytest.mark.parametrize(
    "change_",
    [
        "UPDATE ledger SET data = '{}' WHERE seq = 3",
        "UPDATE ledger SET hash = '0' WHERE seq = 3",
        "UPDATE ledger SET hash = '0' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 2",
    ],
)
async def test_a_last_entry_that_does_not_follow_is_found_at_start(
    folder: Path, opening: Opening, change_: str
) -> None:
    """Where the next entry would be chained to something that was changed."""
    await a_folder_with(opening, 3)
    run_sql(folder, change_.replace("'{}'", "CAST('{}' AS BLOB)"))
    with pytest.raises(BrokenChainError):
        open_store(folder, key_id=KEY_ID)


async def test_a_cut_ledger_is_noticed(folder: Path, opening: Opening) -> None:
    """The note beside the database knows how long it was, and warns until somebody acted."""
    await a_folder_with(opening, 5)
    run_sql(folder, "DELETE FROM ledger WHERE seq > 3")
    store = opening()

    assert store.opened.rolled_back == "the ledger has 3 entries, and 5 were noted"


async def test_an_older_copy_of_the_database_is_noticed(folder: Path, opening: Opening) -> None:
    """Also when it has grown past the note: then its past is another one."""
    await a_folder_with(opening, 2)
    shutil.copy(folder / "sallyport.db", folder.parent / "old.db")
    note_of_two = (folder / "head").read_bytes()
    await a_folder_with(opening, 0)
    store = opening()
    await store.append(Append(records=(record("x"), record("y"))))
    await store.close()
    note_of_four = (folder / "head").read_bytes()

    shutil.copy(folder.parent / "old.db", folder / "sallyport.db")
    store = opening()
    assert store.opened.rolled_back == "the ledger has 2 entries, and 4 were noted"
    await store.append(Append(records=(record("a"), record("b"), record("c"))))
    await store.close()
    (folder / "head").write_bytes(note_of_four)
    store = opening()
    assert store.opened.rolled_back == "entry 4 is not the one that was noted"
    await store.close()
    (folder / "head").write_bytes(note_of_two)
    assert opening().opened.rolled_back == ""


async def test_a_database_that_was_removed_is_noticed(folder: Path, opening: Opening) -> None:
    """A fresh database beside an old note is not a first start."""
    await a_folder_with(opening, 2)
    (folder / "sallyport.db").unlink()

    assert "was noted" in opening().opened.rolled_back


@pytest.mark.parametrize("note", [None, b"", b"[]", b'{"stream": 1}', b"\xff"])
async def test_a_missing_or_broken_note_is_noticed(
    folder: Path, opening: Opening, note: bytes | None
) -> None:
    """The note is written whole or not at all, so a broken one was broken by somebody."""
    await a_folder_with(opening, 2)
    if note is None:
        (folder / "head").unlink()
    else:
        (folder / "head").write_bytes(note)

    assert "note of the ledger's head" in opening().opened.rolled_back


async def test_a_link_in_place_of_the_database_is_refused(folder: Path, tmp_path: Path) -> None:
    """Nobody makes us write elsewhere."""
    folder.mkdir(mode=0o700)
    (folder / "sallyport.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError):
        open_store(folder, key_id=KEY_ID)

    assert not (tmp_path / "elsewhere").exists()
