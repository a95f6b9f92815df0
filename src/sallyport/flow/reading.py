"""Reading the ledger: one call's eight steps, a search, and whether the chain holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sallyport.errors import NotFoundError, SealError, StoreCorruptError
from sallyport.flow.gateway import Gateway
from sallyport.model import JsonObject
from sallyport.ports import LedgerQuery, Logged
from sallyport.rules.ledger import PROBLEMS_KEPT, Link, Verification, commit, verify
from sallyport.rules.strict_json import loads
from sallyport.rules.trace import Heard, Trace, trace

ENTRY_BYTES_MAX = 64 * 1024 * 1024
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `log verify` found: the chain, and which sealed parts no longer match or were erased.

    `payloads` counts the entries that commit to a sealed part, `erased` those whose part is gone,
    `altered` numbers those whose part is not what the entry committed to.
    """

    chain: Verification
    payloads: int = 0
    erased: int = 0
    altered: tuple[int, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every entry and every sealed part that is still there is as it was written."""
        return self.chain.intact and not self.altered

    @property
    def said(self) -> str:
        """What this shows and what it does not, in plain words."""
        found = "follow from one another" if self.intact else "are not as they were written"
        return (
            f"{self.chain.entries} entries {found}; the last {self.chain.unanchored_tail} are "
            "anchored nowhere outside, so whoever can write this database could have cut or "
            "rewritten them"
        )


class Reading:
    """Reads the ledger for people."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def trace(self, call_id: str) -> Trace:
        """Return the eight steps of one call.

        Raises:
            NotFoundError: The ledger has no decision on a call of this id.
        """
        entries = await self._gateway.outside.store.ledger(LedgerQuery(call=call_id))
        found = trace(call_id, [await self.heard(entry) for entry in entries])
        if found is None:
            raise NotFoundError(f"the ledger has no call `{call_id[:60]}`")
        return found

    async def search(self, query: LedgerQuery, *, unseal: bool = False) -> Sequence[Heard]:
        """Return matching entries, their sealed parts opened only where that is asked for."""
        entries = await self._gateway.outside.store.ledger(query)
        if unseal:
            return [await self.heard(entry) for entry in entries]
        return [read(entry, None) for entry in entries]

    async def heard(self, entry: Logged) -> Heard:
        """Return one entry with its sealed part, unless that was erased."""
        return read(entry, await self._unsealed(entry) if entry.commit else None)

    async def verify(self) -> Verified:
        """Read the whole ledger, a page at a time, and report everything that is wrong with it.

        Entries that are written meanwhile may or may not be read.
        """
        links = iter(self._gateway.outside.store.links())
        found = Verified(chain=verify(()))
        while page := await asyncio.to_thread(lambda: tuple(islice(links, PAGE))):
            part = await asyncio.to_thread(verify, page, after=found.chain.heads)
            found = replace(found, chain=_joined(found.chain, part))
            for link in page:
                found = await self._with_payload(found, link)
        return found

    async def _with_payload(self, found: Verified, link: Link) -> Verified:
        """Add what has become of the sealed part that an entry commits to."""
        committed = str((link.columns or {}).get("commit") or "")
        if not committed:
            return found
        found = replace(found, payloads=found.payloads + 1)
        payload = await self._gateway.outside.store.payload(link.seq, committed)
        if payload is None:
            return replace(found, erased=found.erased + 1)
        try:
            plain = self._gateway.outside.vault.open(f"payloads/{committed}", payload.sealed)
        except SealError:
            return replace(found, altered=(*found.altered, link.seq))
        if commit(payload.salt, plain) != committed:
            return replace(found, altered=(*found.altered, link.seq))
        return found

    async def _unsealed(self, entry: Logged) -> JsonObject | None:
        committed = entry.commit
        payload = await self._gateway.outside.store.payload(entry.seq, committed)
        if payload is None:
            return None
        try:
            plain = self._gateway.outside.vault.open(f"payloads/{committed}", payload.sealed)
        except SealError:
            return {"unreadable": "the sealed part was altered, or sealed under another key"}
        return _object(plain)


def read(entry: Logged, secret: JsonObject | None) -> Heard:
    """Return one ledger entry as people read it."""
    whole = _object(entry.data)
    body, kind, at_us = whole.get("body"), whole.get("kind"), whole.get("at_us")
    if not isinstance(body, dict) or not isinstance(kind, str) or not isinstance(at_us, int):
        raise StoreCorruptError(f"ledger entry {entry.seq} cannot be read")
    return Heard(seq=entry.seq, kind=kind, at_us=at_us, body=body, secret=secret)


def _joined(before: Verification, page: Verification) -> Verification:
    """Return what two stretches of a ledger, read one after the other, have shown together."""
    later = (replace(p, index=p.index + before.entries) for p in page.problems)
    entries = before.entries + page.entries
    return Verification(
        entries=entries,
        heads=page.heads,
        faults=before.faults + page.faults,
        problems=(*before.problems, *later)[:PROBLEMS_KEPT],
        anchored_up_to=before.anchored_up_to,
        unanchored_tail=entries - before.anchored_up_to,
    )


def _object(data: bytes) -> JsonObject:
    value = loads(data, bytes_max=ENTRY_BYTES_MAX, depth_max=512)
    if not isinstance(value, dict):
        raise StoreCorruptError("a ledger entry is not an object")
    return value
