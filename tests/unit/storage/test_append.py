"""The guarded append: all of it or nothing, and nobody pays for a neighbour."""

from collections.abc import Sequence
from typing import Any

import anyio
import pytest

from sallyport.adapters.storage import SqliteStore
from sallyport.errors import InvariantError, StoreError
from sallyport.ports import (
    Append,
    Appended,
    Blocked,
    Fence,
    Insert,
    LedgerQuery,
    Payload,
    RaiseEpoch,
    Record,
    Reserve,
    Update,
)
from sallyport.rules import ledger
from tests.unit.storage.appends import call, change, record

pytestmark = pytest.mark.anyio

Result = Appended | Blocked | Exception


async def all_at_once(store: SqliteStore, items: Sequence[Append]) -> list[Result]:
    """Append everything concurrently, so that it meets in batches; results in order."""
    results: list[Result | None] = [None] * len(items)

    async def one(number: int, item: Append) -> None:
        try:
            results[number] = await store.append(item)
        except (StoreError, InvariantError) as error:
            results[number] = error

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for number, item in enumerate(items):
                group.start_soon(one, number, item)
    return [result for result in results if result is not None]


async def test_an_append_returns_its_numbers_and_is_read_back(store: SqliteStore) -> None:
    """What was acknowledged is seen by the next read: rows, ledger, time, head."""
    result = await store.append(
        Append(records=(record(at_us=5), record(at_us=7, call="c_1")), changes=(call("c_1"),))
    )

    assert result == Appended(epoch=0, seqs=(1, 2))
    rows = await store.rows("calls", {"id": "c_1"})
    assert [(row["ending"], row["result"], row["tool"]) for row in rows] == [("waiting", None, "")]
    found = await store.ledger(LedgerQuery(call="c_1"))
    assert [entry.seq for entry in found] == [2]
    assert await store.last_time_us() == 7
    assert store.head() == ledger.Head(2, found[0].hash)
    assert ledger.verify(store.links()).intact


async def test_rows_come_in_order_of_insertion(store: SqliteStore) -> None:
    """Ids say nothing about order; `newest_first` and `limit` work on insertion."""
    for name in ("c_9", "c_1", "c_5"):
        await store.append(change(call(name)))

    rows = await store.rows("calls", {"task": "t_1"})
    newest = await store.rows("calls", newest_first=True, limit=2)

    assert [row["id"] for row in rows] == ["c_9", "c_1", "c_5"]
    assert [row["id"] for row in newest] == ["c_5", "c_1"]
    assert await store.rows("calls", {"action": None, "task": "t_2"}) == []


async def test_a_known_id_is_a_conflict_and_leaves_no_trace(store: SqliteStore) -> None:
    """An insert of a known id blocks its append, records included."""
    await store.append(change(call("c_1")))

    assert await store.append(change(Insert("drafts", {"id": "d_1"}), call("c_1"))) == Blocked(
        why="exists", subject="calls"
    )
    assert await store.rows("drafts") == []
    assert store.head().seq == 1


async def test_an_update_holds_only_while_its_expectation_does(store: SqliteStore) -> None:
    """Compare and act: a used approval is not used again, and null is a value like any other."""
    await store.append(change(call("c_1", action=None)))
    use = Update("calls", "c_1", {"ending": "waiting", "action": None}, {"action": "intended"})

    assert isinstance(await store.append(change(use)), Appended)
    assert await store.append(change(use)) == Blocked(why="changed", subject="calls")
    assert await store.append(change(Update("calls", "c_2", {}, {"ending": "done"}))) == Blocked(
        why="changed", subject="calls"
    )


async def test_an_update_without_new_values_only_looks(store: SqliteStore) -> None:
    """An empty row makes an update a pure guard."""
    await store.append(change(call("c_1")))

    looks = Update("calls", "c_1", {"ending": "waiting"}, {})
    misses = Update("calls", "c_1", {"ending": "done"}, {})

    assert isinstance(await store.append(change(looks)), Appended)
    assert isinstance(await store.append(change(misses)), Blocked)


@pytest.mark.parametrize("amount", [1, 3])
async def test_a_reservation_is_exact_under_64_callers(store: SqliteStore, amount: int) -> None:
    """However they interleave, exactly as many pass as the limit has room for."""
    at_most = 50
    items = [change(Reserve("sent/hour", amount, at_most))] * 64 * 3

    results = await all_at_once(store, items)

    passed = at_most // amount
    assert sum(isinstance(result, Appended) for result in results) == passed
    assert results.count(Blocked(why="limit", subject="sent/hour")) == len(items) - passed
    assert await store.counters(["sent/hour", "other"]) == {
        "sent/hour": passed * amount,
        "other": 0,
    }
    assert store.head().seq == passed


async def test_a_reservation_can_be_given_back_and_counted_without_limit(
    store: SqliteStore,
) -> None:
    """A negative amount frees room; without `at_most` nothing is compared."""
    await store.append(change(Reserve("a", 5, 5)))
    await store.append(change(Reserve("a", -2)))

    assert isinstance(await store.append(change(Reserve("a", 2, 5))), Appended)
    assert await store.append(change(Reserve("a", 1, 5))) == Blocked(why="limit", subject="a")
    assert await store.append(change(Reserve("new", 6, 5))) == Blocked(why="limit", subject="new")
    assert isinstance(await store.append(change(Reserve("a", 100))), Appended)


async def test_a_raised_epoch_fences_what_was_decided_before(store: SqliteStore) -> None:
    """A fence looks at its own scopes and at `everything`, and at nothing else."""
    raised = await store.append(change(RaiseEpoch(("agent:a", "tool:t"))))

    assert isinstance(raised, Appended)
    assert raised.epoch == await store.epoch() == 1
    assert await store.append(change(fence=Fence(("agent:a",), 0))) == Blocked(
        why="epoch", subject="agent:a"
    )
    assert isinstance(await store.append(change(fence=Fence(("agent:b",), 0))), Appended)
    assert isinstance(await store.append(change(fence=Fence(("agent:a",), 1))), Appended)
    await store.append(change(RaiseEpoch(("everything",))))
    assert await store.append(change(fence=Fence(("agent:b",), 1))) == Blocked(
        why="epoch", subject="everything"
    )


async def test_no_intent_passes_the_fence_after_a_stop(store: SqliteStore) -> None:
    """In a crowd of busy callers, everything behind the stop in the ledger is fenced off."""
    intents = [change(call(f"c_{n}"), fence=Fence(("agent:a",), 0)) for n in range(300)]
    stop = Append(records=(record("stop"),), changes=(RaiseEpoch(("agent:a",)),))

    results = await all_at_once(store, [*intents[:150], stop, *intents[150:]])

    (stopped,) = (entry.seq for entry in await store.ledger(LedgerQuery(kind="stop")))
    assert all(isinstance(result, Appended | Blocked) for result in results)
    assert store.head().seq == stopped
    assert len(await store.rows("calls")) == stopped - 1


async def test_an_epoch_of_a_blocked_append_was_never_raised(store: SqliteStore) -> None:
    """What is rolled back is rolled back in memory too."""
    await store.append(change(call("c_1")))
    blocked = change(RaiseEpoch(("agent:a",)), call("c_1"))

    await all_at_once(store, [blocked, blocked, change(call("c_2"))])

    assert await store.epoch() == 0
    assert await store.rows("epochs") == []
    assert isinstance(await store.append(change(fence=Fence(("agent:a",), 0))), Appended)


async def test_one_bad_append_disturbs_no_other_of_its_batch(store: SqliteStore) -> None:
    """Conflicts, limits and unstorable values among good appends: the good ones all happen."""
    await store.append(change(call("known")))
    bad = [
        change(call("known")),
        change(Reserve("full", 1, 0)),
        change(call("bad_1", delivered="many")),
        change(call("bad_2", proposed_us=2**70)),
        change(Insert("calls", {"task": "no id"})),
        change(call("bad_3", tool="\ud800")),
    ]
    good = [change(call(f"c_{n}")) for n in range(len(bad) * 8)]
    mixed = [item for n, one in enumerate(good) for item in (one, bad[n % len(bad)])]

    results = await all_at_once(store, mixed)

    assert all(isinstance(result, Appended) for result in results[::2])
    assert not any(isinstance(result, Appended) for result in results[1::2])
    assert sum(isinstance(result, InvariantError) for result in results) == 4 * 8
    assert len(await store.rows("calls")) == 1 + len(good)
    assert ledger.verify(store.links()).entries == 1 + len(good)
    assert ledger.verify(store.links()).intact


async def test_an_unstorable_value_is_not_in_the_error(store: SqliteStore) -> None:
    """The error says what kind of fault it was, and nothing that was in the call."""
    with pytest.raises(InvariantError) as caught:
        await store.append(change(call("c_1", delivered="hunter2")))

    assert "hunter2" not in str(caught.value)
    assert store.head().seq == 0


@pytest.mark.parametrize(
    "bad",
    [
        Insert("nothing", {"id": "1"}),
        Insert("calls", {"id": "1", "nothing": 1}),
        Insert("calls; DROP TABLE calls", {"id": "1"}),
        Insert("ledger", {"stream": "w", "seq": 1, "data": b""}),
        Insert("counters", {"id": "sent", "value": -1000}),
        Insert("meta", {"id": "store.key", "value": ""}),
        Update("meta", "store.key", {}, {"value": ""}),
        Update("epochs", "everything", {}, {"epoch": 0}),
        Update("calls", "1", {"nothing": 1}, {"ending": "done"}),
        Update("calls", "1", {}, {"id": "2"}),
    ],
)
async def test_names_come_only_from_the_schema(store: SqliteStore, bad: Insert | Update) -> None:
    """Unknown tables and columns, and those the store keeps for itself, are refused."""
    with pytest.raises(InvariantError):
        await store.append(change(bad))


async def test_a_record_with_an_unknown_search_word_is_refused(store: SqliteStore) -> None:
    """The ledger's search columns are a closed set."""
    with pytest.raises(InvariantError, match="`colour`"):
        await store.append(Append(records=(record(colour="red"),)))


async def test_a_float_never_reaches_the_ledger(store: SqliteStore) -> None:
    """A body with a float is refused before anything is written."""
    body = {"amount": 0.1}
    with pytest.raises(InvariantError):
        await store.append(
            Append(records=(Record(kind="x", at_us=1, body=body),))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        )

    assert store.head().seq == 0


async def test_the_ledger_is_searched_by_every_word_and_by_time(store: SqliteStore) -> None:
    """Each word of the query matches exactly; times are from inclusive to exclusive."""
    words = ("call", "task", "agent", "person", "tool", "workflow", "verdict")
    for number, word in enumerate(words):
        await store.append(Append(records=(record(word, at_us=number, **{word: "it"}),)))

    for word in words:
        wanted: dict[str, Any] = {word: "it"}
        (found,) = await store.ledger(LedgerQuery(**wanted))
        assert ledger.read(found.data)["kind"] == word  # type: ignore[index]
    window = await store.ledger(LedgerQuery(since_us=2, until_us=4))
    newest = await store.ledger(LedgerQuery(newest_first=True, limit=3))
    assert [entry.seq for entry in window] == [3, 4]
    assert [entry.seq for entry in newest] == [7, 6, 5]


async def test_a_payload_is_kept_apart_from_its_commitment(store: SqliteStore) -> None:
    """The entry holds the commitment alone; two entries may commit to the same bytes."""
    commit = ledger.commit(b"s" * 32, b"plain")
    payload = Payload(commit=commit, salt=b"s" * 32, sealed=b"sealed")
    said = Record(kind="said", at_us=1, body={}, payload=payload)

    await store.append(Append(records=(said, said)))

    first, second = await store.ledger(LedgerQuery())
    assert first.commit == second.commit == commit
    assert b"sealed" not in first.data
    assert await store.payload(second.seq, commit) == payload
    assert await store.payload(second.seq + 1, commit) is None


async def test_a_cancelled_caller_harms_nobody(store: SqliteStore) -> None:
    """An append whose caller is gone still happens, and the store goes on."""
    with anyio.move_on_after(0):
        await store.append(change(call("c_1")))
    await store.append(change(call("c_2")))

    assert [row["id"] for row in await store.rows("calls")][-1] == "c_2"
    assert ledger.verify(store.links()).intact


async def test_a_closed_store_takes_nothing(store: SqliteStore) -> None:
    """What was accepted before closing is done; what comes after is refused. Twice is fine."""
    await all_at_once(store, [change(call(f"c_{n}")) for n in range(100)])
    await store.close()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.append(change())
    with pytest.raises(StoreError):
        await store.rows("calls")


async def test_a_very_large_crowd_is_answered_to_the_last(store: SqliteStore) -> None:
    """More callers than one batch takes are answered in several."""
    results = await all_at_once(store, [change(call(f"c_{n}")) for n in range(700)])

    seqs = sorted(result.seqs[0] for result in results if isinstance(result, Appended))
    assert seqs == list(range(1, 701))
