"""A disk that is full or damaged: one clear error, nothing half done, nothing lost."""

# ruff: noqa: ASYNC220, ASYNC221, ASYNC240 - nothing else runs in these loops

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sallyport.adapters.keys import KeyFile
from sallyport.adapters.storage import SqliteStore, open_store
from sallyport.errors import StoreCorruptError, StoreError
from sallyport.ports import Append, Insert, Payload, Record, Update
from sallyport.rules import ledger
from tests.unit.storage.appends import call, change

pytestmark = pytest.mark.anyio

FULL_DISK = Path(__file__).with_name("full_disk.py")


async def test_a_full_disk_refuses_and_later_goes_on(folder: Path) -> None:
    """Every caller of a failed batch hears it; rows, counters, epochs and chain agree after."""
    ran = subprocess.run(
        [sys.executable, FULL_DISK, folder],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    saw = json.loads(ran.stdout)

    assert saw["refused_all"]
    assert saw["errors"]
    assert all(
        error.startswith("StoreError: the disk of the state folder") for error in saw["errors"]
    )
    assert saw["acknowledged"] == saw["read_while_full"] > 0
    assert saw["recovered"]
    done = saw["acknowledged"] + saw["callers"]
    assert [saw[name] for name in ("rows", "sent", "epoch", "entries")] == [done] * 4
    assert saw["intact"]
    store = open_store(folder, key_id="k")
    assert (store.head().seq, store.opened.rolled_back) == (done, "")
    await store.close()


async def test_a_lock_held_by_another_process_is_waited_for_and_then_told(
    folder: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens the file beside us stops us at most for a while."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder / "sallyport.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="another process has locked"):
            await store.append(change(call("c_1")))
        holder.communicate("")

    await store.append(change(call("c_1")))
    assert ledger.verify(store.links()).entries == 1


async def test_a_damaged_page_is_told_and_not_traced(
    folder: Path, opening: Callable[[], SqliteStore]
) -> None:
    """Wherever the damage shows, at opening, reading or verifying, it is a `StoreCorruptError`."""
    store = opening()
    for number in range(200):
        await store.append(change(call(f"c_{number}", tool="x" * 200)))
    await store.close()
    path = folder / "sallyport.db"
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)

    with pytest.raises(StoreCorruptError):
        opening()


async def test_nothing_sealed_is_readable_in_the_files(
    folder: Path, tmp_path: Path, opening: Callable[[], SqliteStore]
) -> None:
    """A planted payload, proposal, secret and draft are in no byte of the state folder."""
    key = KeyFile.create(tmp_path / "key")
    planted = b"PLANTED-4711-hunter2"
    store = opening()
    salt = b"s" * 32
    commit = ledger.commit(salt, planted)
    payload = Payload(commit=commit, salt=salt, sealed=key.seal(f"payloads/{commit}", planted))
    await store.append(
        Append(
            records=(Record(kind="said", at_us=1, body={}, payload=payload),),
            changes=(
                call("c_1", proposal=key.seal("calls/c_1/proposal", planted)),
                Insert("secrets", {"id": "crm", "sealed": key.seal("secrets/crm", planted)}),
                Insert("images", {"id": "i_1", "sealed": key.seal("images/i_1", planted)}),
            ),
        )
    )

    on_disk = b"".join(file.read_bytes() for file in folder.iterdir())
    assert b"said" in on_disk
    assert planted not in on_disk
    stored = await store.payload(1, commit)
    assert stored is not None
    assert key.open(f"payloads/{commit}", stored.sealed) == planted


async def test_what_was_overwritten_is_gone_from_the_file(
    folder: Path, opening: Callable[[], SqliteStore]
) -> None:
    """Erasing means erasing: freed bytes are zeroed, so a page keeps no trace."""
    store = opening()
    planted = b"PLANTED-4711" * 40
    await store.append(change(Insert("secrets", {"id": "crm", "sealed": planted})))
    await store.append(change(Update("secrets", "crm", {}, {"sealed": b"", "created_us": 1})))
    await store.close()

    assert planted[:12] not in (folder / "sallyport.db").read_bytes()
