"""What a dead gateway left on disk, read without opening a house, so nothing is recovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sallyport.adapters.keys.key_file import KeyFile
from sallyport.adapters.storage.store import open_store
from sallyport.flow import rows
from sallyport.model import Call
from sallyport.ports import LedgerQuery
from sallyport.rules import ledger
from tests.crash.upstream import Desk

MANY = 10**9


@dataclass(frozen=True, kw_only=True)
class Found:
    """Calls by the id they carry to the system (look-ups left out), and the ledger by number.

    `untold` counts what still waits in the outbox.
    """

    calls: Mapping[str, Call]
    entries: Mapping[int, dict[str, Any]]
    approvals: Mapping[str, str]
    questions: set[str]
    untold: int
    intact: bool
    rolled_back: str

    def state(self, name: str) -> str:
        """Return what is known of a call's effect; nothing when there is no such call."""
        call = self.calls.get(name)
        return str(call.action.value) if call and call.action else ""

    def kinds(self) -> dict[int, str]:
        """Return the kind of every entry."""
        return {seq: str(entry["kind"]) for seq, entry in self.entries.items()}

    def of_call(self, name: str, kind: str) -> list[dict[str, Any]]:
        """Return a call's entries of one kind."""
        call = self.calls.get(name)
        return [
            entry["body"]
            for entry in self.entries.values()
            if call and entry["kind"] == kind and entry["body"].get("call") == call.id
        ]

    def intents(self, name: str) -> list[dict[str, Any]]:
        """Return the entries that tell of an intent: the decision's, or one of their own."""
        at_once = (body for body in self.of_call(name, "call.decided") if body["intent"])
        return [*at_once, *self.of_call(name, "call.intended")]


async def look(home: Path) -> Found:
    """Read the state folder of a gateway that is not running."""
    state = home / ".sallyport"
    key = KeyFile.load(state / "key")
    store = open_store(state, key_id=key.fingerprint)
    try:
        logged = await store.ledger(LedgerQuery(limit=MANY))
        calls = [rows.call_of(row, key) for row in await store.rows("calls")]
        return Found(
            calls={str(c.proposal.args["id"]): c for c in calls if c.proposal.channel == "test"},
            entries={entry.seq: ledger.read(entry.data) or {} for entry in logged},
            questions={str(r["id"]) for r in await store.rows("approvals")},
            untold=len(await store.rows("outbox", {"state": "waiting"})),
            approvals={str(r["call"]): str(r["state"]) for r in await store.rows("approvals")},
            intact=ledger.verify(store.links()).intact,
            rolled_back=store.opened.rolled_back,
        )
    finally:
        await store.close()


async def counted(home: Path, counters: Sequence[str]) -> int:
    """Return what a gateway that is not running has counted, over several counters."""
    state = home / ".sallyport"
    store = open_store(state, key_id=KeyFile.load(state / "key").fingerprint)
    try:
        return sum((await store.counters(counters)).values())
    finally:
        await store.close()


def intended_before(found: Found, desk: Desk, names: set[str]) -> bool:
    """Return whether each call that reached the system left an intent for its digest behind."""
    reached = {
        str(line["id"])
        for line in desk.journal()
        if line["id"] in names and not str(line["tool"]).endswith(".get")
    }
    return all(
        [body["digest"] for body in found.intents(name)] == [found.calls[name].digest]
        for name in reached
        if name in found.calls
    ) and reached <= set(found.calls)
