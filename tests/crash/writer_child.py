"""A child process that appends until it is killed, and prints what was acknowledged.

Each line is one acknowledged append: the number of the append, and the numbers of its two records.
"""

import asyncio
import os
import sys
from pathlib import Path

from sallyport.adapters.storage import SqliteStore, open_store
from sallyport.ports import Append, Appended, Insert, Record, Reserve

CALLERS = 8


def item(number: int) -> Append:
    """Return an append of two records, one row and one reservation, all with its number."""
    name = f"c_{number}"
    said = {"call": name}
    return Append(
        records=(
            Record(kind="decided", at_us=number, body={"n": number}, index=said),
            Record(kind="intended", at_us=number, body={"n": number}, index=said),
        ),
        changes=(Insert("calls", {"id": name}), Reserve("calls", 1)),
    )


async def caller(store: SqliteStore, numbers: range) -> None:
    """Append one after the other, and say so after each."""
    for number in numbers:
        done = await store.append(item(number))
        if isinstance(done, Appended):
            os.write(1, f"{number} {done.seqs[0]} {done.seqs[1]}\n".encode())


async def main(folder: Path, first: int) -> None:
    """Run several callers for ever."""
    store = open_store(folder, key_id="k")
    async with asyncio.TaskGroup() as group:
        for n in range(CALLERS):
            group.create_task(caller(store, range(first + n, 10**9, CALLERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
