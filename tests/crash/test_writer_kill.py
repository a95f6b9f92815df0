"""kill -9 the writer, again and again: all that was acknowledged is there, and nothing half."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from sallyport.adapters.storage import SqliteStore, open_store
from sallyport.ports import LedgerQuery
from sallyport.rules import ledger

CHILD = Path(__file__).with_name("writer_child.py")
ROUNDS = 20
MANY = 10**9

pytestmark = pytest.mark.anyio


def kill_after(folder: Path, first: int, lines: int) -> dict[int, tuple[int, int]]:
    """Run the child, kill it once it acknowledged so much, and return all that it had said."""
    with subprocess.Popen(
        [sys.executable, CHILD, folder, str(first)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    whole = (line.split() for line in said if line.endswith("\n"))
    return {int(number): (int(one), int(two)) for number, one, two in whole}


async def check(store: SqliteStore, acknowledged: dict[int, tuple[int, int]]) -> None:
    """Every acknowledged append is there, and every append is there with all its parts."""
    shown = ledger.verify(store.links())
    entries = await store.ledger(LedgerQuery(limit=MANY))
    of_call: dict[object, list[int]] = {}
    for entry in entries:
        read = ledger.read(entry.data)
        assert read is not None
        assert isinstance(read["body"], dict)
        of_call.setdefault(read["body"]["n"], []).append(entry.seq)
    rows = {str(row["id"]) for row in await store.rows("calls")}

    assert shown.intact
    assert store.opened.rolled_back == ""
    assert {number: tuple(of_call[number]) for number in acknowledged} == acknowledged
    assert all(len(seqs) == 2 and seqs[1] == seqs[0] + 1 for seqs in of_call.values())
    assert rows == {f"c_{number}" for number in of_call}
    assert await store.counters(["calls"]) == {"calls": len(rows)}


async def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Killed at any moment: chain whole, no half append, every acknowledged entry in its place."""
    chance = random.Random(4711)  # noqa: S311 - repeatable
    acknowledged: dict[int, tuple[int, int]] = {}
    for number in range(ROUNDS):
        lines = chance.choice([0, 1, 2, 30, 120, 300])
        acknowledged |= kill_after(tmp_path / "state", number * 1_000_000, lines)
        store = open_store(tmp_path / "state", key_id="k")
        await check(store, acknowledged)
        await store.close()

    assert len(acknowledged) > 10 * ROUNDS
