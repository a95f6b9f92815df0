"""A child process whose disk is full for a while: files may grow no further, then they may again.

Prints what it saw as one JSON object.
"""

import asyncio
import json
import resource
import sys
from pathlib import Path

from sallyport.adapters.storage import SqliteStore, open_store
from sallyport.ports import Append, Appended, Insert, RaiseEpoch, Record, Reserve
from sallyport.rules.ledger import verify

CALLERS = 16


def item(number: int) -> Append:
    """Return an append that touches everything a failed commit has to take back."""
    return Append(
        records=(Record(kind="x", at_us=number, body={"n": number, "long": "x" * 2000}),),
        changes=(
            Insert("calls", {"id": f"c_{number}"}),
            Reserve("sent", 1),
            RaiseEpoch(("agent:a",)),
        ),
    )


async def crowd(store: SqliteStore, callers: int, first: int) -> tuple[int, set[str]]:
    """Append from many callers at once; return how many were acknowledged, and the errors."""
    results = await asyncio.gather(
        *(store.append(item(first + n)) for n in range(callers)), return_exceptions=True
    )
    errors = {f"{type(e).__name__}: {e}" for e in results if isinstance(e, BaseException)}
    return sum(isinstance(result, Appended) for result in results), errors


async def fill(store: SqliteStore, callers: int, first: int = 0) -> tuple[int, set[str]]:
    """Append until the disk refuses; return the acknowledged, and what was said."""
    acknowledged = 0
    while True:
        done, errors = await crowd(store, callers, first)
        acknowledged, first = acknowledged + done, first + callers
        if errors:
            return acknowledged, errors


async def main(folder: Path) -> None:
    """Run out of room, by many callers and then to the last byte by one, and recover."""
    store = open_store(folder, key_id="k")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, unlimited[1]))
    acknowledged, errors = await fill(store, CALLERS)
    more_done, alone = await fill(store, 1, first=10_000)
    acknowledged += more_done
    head = store.head()
    again, more = await crowd(store, CALLERS, 20_000)
    same_head = head == store.head()
    read = len(await store.rows("calls"))
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    recovered, none = await crowd(store, CALLERS, 30_000)
    shown = verify(store.links())
    result = {
        "acknowledged": acknowledged,
        "errors": sorted(errors | more | alone),
        "refused_all": again == 0 and same_head,
        "read_while_full": read,
        "recovered": recovered == CALLERS and not none,
        "rows": len(await store.rows("calls")),
        "sent": (await store.counters(["sent"]))["sent"],
        "epoch": await store.epoch(),
        "entries": shown.entries,
        "intact": shown.intact,
        "callers": CALLERS,
    }
    await store.close()
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
