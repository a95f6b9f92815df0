"""Finding a call by the record that it was about: what is written with an effect to make it so.

A row is added in the commit of the intent and of the outcome themselves, so whatever was done is
found, and what was found was done or meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sallyport.flow import rows
from sallyport.flow.registry import Registry
from sallyport.model import Call, Level, Origin
from sallyport.ports import Insert, Store, Vault
from sallyport.rules import records
from sallyport.rules.commands import Concluded, Event, Intended


def records_of(
    events: Iterable[Event], registry: Registry, vault: Vault, at_us: int
) -> list[Insert]:
    """Return the rows by which the calls of these events are found later."""
    found: list[Insert] = []
    for event in events:
        if not isinstance(event, Intended | Concluded) or not _changes(event.call):
            continue
        call = event.call
        named = records.proposed(call.proposal.args, registry.plumbing_of(call))
        part = "arg"
        if isinstance(event, Concluded):
            known = set(named)
            named = tuple(one for one in records.answered(event.result) if one not in known)
            part = "result"
        found += [
            Insert(
                "records",
                {
                    "id": f"{call.id}/{part}/{number}",
                    "mark": mark_of(vault, record),
                    "call": call.id,
                    "at_us": at_us,
                },
            )
            for number, record in enumerate(named)
        ]
    return found


async def calls_about(store: Store, vault: Vault, record: str, limit: int) -> Sequence[str]:
    """Return the ids of the calls that were about a record, newest first.

    Raises:
        BadInputError: It cannot be a record's id.
    """
    mark = mark_of(vault, records.spelled(record))
    found = await store.rows("records", {"mark": mark}, newest_first=True, limit=limit)
    return tuple(dict.fromkeys(rows.text(row, "call") for row in found))


def mark_of(vault: Vault, record: str) -> str:
    """Return what a record's id is looked up by."""
    return vault.mark(records.MARK, record.encode("utf-8", "surrogatepass"))


def _changes(call: Call) -> bool:
    return call.level is not Level.READ and call.proposal.origin is not Origin.GATEWAY
