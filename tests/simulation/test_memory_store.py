"""The simulated database keeps the promises of the embedded one, or its worlds prove nothing."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sallyport.adapters.storage import open_store
from sallyport.ports import (
    Append,
    Appended,
    Blocked,
    Change,
    Fence,
    Insert,
    RaiseEpoch,
    Record,
    Reserve,
    Update,
)
from sallyport.simulate.store import Commit, MemoryStore

NAMES = st.sampled_from(["a", "b"])
SCOPES = st.sampled_from([("everything",), ("agent:x",), ("agent:y", "tool:z")])
STATES = st.sampled_from(["on", "off", None])


def _inserted(name: str, action: str | None) -> Change:
    return Insert("calls", {"id": name, "ending": "on", "action": action})


def _updated(name: str, was: str | None, now: str | None) -> Change:
    return Update("calls", name, {"action": was}, {"action": now})


def _unguarded(name: str, now: str) -> Change:
    return Update("calls", name, {}, {"ending": now})


def _append(changes: list[Change], fence: Fence | None, at_us: int) -> Append:
    records = (Record(kind="test", at_us=at_us, body={}),)
    return Append(records=records, changes=tuple(changes), fence=fence)


CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.builds(_inserted, NAMES, STATES),
    st.builds(_updated, NAMES, STATES, STATES),
    st.builds(_unguarded, NAMES, st.sampled_from(["on", "off"])),
    st.builds(Reserve, NAMES, st.sampled_from([1, 1, 2, -1]), st.sampled_from([None, 1, 2])),
    st.builds(RaiseEpoch, SCOPES, st.integers(0, 3)),
)
FENCES = st.none() | st.builds(Fence, SCOPES, st.integers(0, 4))
APPENDS = st.builds(_append, st.lists(CHANGES, max_size=3), FENCES, st.integers(1, 9))


def _ignored(_commit: Commit) -> None:
    return


def _at_once(work: Coroutine[Any, Any, Any], store: MemoryStore) -> Any:
    """Take a coroutine of the simulated store to its end, committing whatever it queues."""
    while True:
        try:
            work.send(None)
        except StopIteration as end:
            return end.value
        store.commit(store.queued)


async def _really(folder: Path, appends: Sequence[Append]) -> list[Any]:
    store = open_store(folder, key_id="0" * 32)
    seen: list[Any] = [await store.append(item) for item in appends]
    rows = [(row["id"], row["ending"], row["action"]) for row in await store.rows("calls")]
    seen += [rows, dict(await store.counters(["a", "b"])), await store.epoch()]
    seen.append(await store.last_time_us())
    await store.close()
    return seen


def _simulated(appends: Sequence[Append]) -> list[Any]:
    store = MemoryStore(_ignored)
    seen: list[Any] = [_at_once(store.append(item), store) for item in appends]
    rows = [
        (row["id"], row["ending"], row["action"]) for row in _at_once(store.rows("calls"), store)
    ]
    seen += [rows, dict(_at_once(store.counters(["a", "b"]), store))]
    seen += [_at_once(store.epoch(), store), _at_once(store.last_time_us(), store)]
    return seen


@settings(max_examples=60)
@given(appends=st.lists(APPENDS, min_size=1, max_size=8))
def test_both_databases_answer_alike(tmp_path_factory: Any, appends: list[Append]) -> None:
    """The same appends are taken or turned back, for the same reason, with the same rows after."""
    real = asyncio.run(_really(tmp_path_factory.mktemp("state"), appends))

    assert _simulated(appends) == real


def test_a_crash_keeps_a_first_part_of_what_was_queued() -> None:
    """Appends become durable in their order, so what survives has no holes."""
    item = Append(records=(Record(kind="test", at_us=1, body={}),))
    for surviving in range(4):
        store = MemoryStore(_ignored)
        waiting = [store.append(item) for _ in range(3)]
        for one in waiting:
            one.send(None)
        store.crash(surviving)
        for one in waiting:
            one.close()

        assert [link.seq for link in store.links()] == list(range(1, min(surviving, 3) + 1))


def test_answers_come_in_the_order_of_commit() -> None:
    """Whoever was committed first is told first, as the one writer does."""
    store = MemoryStore(_ignored)
    block = Append(records=(), changes=(Update("calls", "nobody", {}, {"ending": "on"}),))
    take = Append(records=(Record(kind="test", at_us=1, body={}),))
    first, second = store.append(block), store.append(take)
    waits = [first.send(None), second.send(None)]
    store.commit(2)

    assert [wait.ready() for wait in waits] == [True, False]
    assert _at_once(first, store) == Blocked(why="changed", subject="calls")
    assert _at_once(second, store) == Appended(epoch=0, seqs=(1,))
