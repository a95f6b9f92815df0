"""Reading the ledger: one call's eight steps, a search, and whether the chain holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sallyport.errors import NotFoundError, SallyportError, SealError, StoreCorruptError
from sallyport.flow.gateway import Gateway
from sallyport.flow.outside import Outside
from sallyport.flow.records import calls_about
from sallyport.model import JsonObject
from sallyport.ports import LedgerQuery, Logged
from sallyport.rules import signed_answers, workflow_steps
from sallyport.rules.attention import proven
from sallyport.rules.ledger import PROBLEMS_KEPT, Link, Verification, commit, verify
from sallyport.rules.overseen import Overseen
from sallyport.rules.strict_json import loads
from sallyport.rules.timeline import OPENED, Moment, timeline
from sallyport.rules.trace import Heard, Trace, trace

ENTRY_BYTES_MAX = 64 * 1024 * 1024
PAGE = 1000
TASK_ENTRIES_MAX = 2000
RECORD_CALLS_MAX = 50
KEPT = frozenset({"person.kept", "step.kept"})
"""The entries that tell of the keys of people and of workflow steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `log verify` found: the chain, and which sealed parts no longer match or were erased.

    `payloads` counts the entries that commit to a sealed part, `erased` those whose part is gone,
    `altered` numbers those whose part is not what the entry committed to. `signed` counts the
    answers of people whose signature holds, `unsigned` numbers those whose does not, with why; one
    whose sealed part was erased is neither.
    """

    chain: Verification
    payloads: int = 0
    erased: int = 0
    altered: tuple[int, ...] = ()
    signed: int = 0
    unsigned: tuple[tuple[int, str], ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every entry and every sealed part that is still there is as it was written.

        And whether every answer of a person is signed by a key of theirs over what was asked.
        """
        return self.chain.intact and not self.altered and not self.unsigned

    @property
    def said(self) -> str:
        """What this shows and what it does not, in plain words."""
        found = "follow from one another" if self.intact else "are not as they were written"
        return (
            f"{self.chain.entries} entries {found}; the last {self.chain.unanchored_tail} are "
            "anchored nowhere outside, so whoever can write this database could have cut or "
            "rewritten them"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A task's history in causal order. `cut` says that earlier calls of it were left out."""

    task: str
    moments: tuple[Moment, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class LastVerified:
    """When the whole ledger was read, and whether it was as it was written."""

    at_us: int
    intact: bool


class Reading:
    """Reads the ledger for people."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.last: LastVerified | None = None
        """What came of reading the whole ledger, the last time that this process did."""

    async def trace(self, call_id: str) -> Trace:
        """Return the eight steps of one call.

        Raises:
            NotFoundError: The ledger has no decision on a call of this id.
        """
        entries = await self._gateway.outside.store.ledger(LedgerQuery(call=call_id))
        heard = [await self.heard(entry) for entry in entries]
        found = trace(call_id, heard, await self._signatures(heard))
        if found is None:
            raise NotFoundError(
                f"the ledger has no call `{call_id[:60]}`", fix="find it with `sallyport log`"
            )
        return found

    async def about_record(self, record: str, limit: int = RECORD_CALLS_MAX) -> Sequence[Trace]:
        """Return the eight steps of every call that was about a record, newest first.

        Args:
            record: The record's id, as its own system has it.
            limit: At most so many calls.

        Raises:
            BadInputError: It cannot be a record's id.
        """
        outside = self._gateway.outside
        calls = await calls_about(outside.store, outside.vault, record, limit)
        return [await self.trace(call) for call in calls]

    async def timeline(self, task_id: str) -> Timeline:
        """Return what happened in a task, each thing after all that it follows from.

        Of a task that has made very many calls, these are the last ones.

        Raises:
            NotFoundError: The ledger has nothing of a task of this id.
        """
        newest = LedgerQuery(task=task_id, newest_first=True, limit=TASK_ENTRIES_MAX + 1)
        own = await self.search(newest)
        cut, own = len(own) > TASK_ENTRIES_MAX, own[:TASK_ENTRIES_MAX]
        if not own:
            raise NotFoundError(
                f"the ledger has no task `{task_id[:60]}`", fix="find it with `sallyport log`"
            )
        opened = LedgerQuery(task=task_id, kind=OPENED, limit=1)
        heard = [*await self.search(opened), *own]
        for call in dict.fromkeys(str(one.body["call"]) for one in own if one.body.get("call")):
            heard += await self.search(LedgerQuery(call=call))
        return Timeline(task=task_id, moments=timeline(heard), cut=cut)

    async def search(self, query: LedgerQuery, *, unseal: bool = False) -> Sequence[Heard]:
        """Return matching entries, their sealed parts opened only where that is asked for."""
        entries = await self._gateway.outside.store.ledger(query)
        if unseal:
            return [await self.heard(entry) for entry in entries]
        return [read(entry, None) for entry in entries]

    async def heard(self, entry: Logged) -> Heard:
        """Return one entry with its sealed part, unless that was erased."""
        return read(entry, await unsealed(self._gateway.outside, entry) if entry.commit else None)

    async def verify(self) -> Verified:
        """Read the whole ledger, a page at a time, and report everything that is wrong with it.

        Entries that are written meanwhile may or may not be read.
        """
        links = iter(self._gateway.outside.store.links())
        found = Verified(chain=verify(()))
        keys: dict[str, frozenset[str]] = {}
        overseen = Overseen()
        while page := await asyncio.to_thread(lambda: tuple(islice(links, PAGE))):
            part = await asyncio.to_thread(verify, page, after=found.chain.heads)
            found = replace(found, chain=_joined(found.chain, part))
            for link in page:
                found = await self._with_payload(found, link)
                found = await self._with_signature(found, link, keys)
                found = self._with_oversight(found, link, keys, overseen)
        self.last = LastVerified(at_us=self._gateway.evidence.now_us(), intact=found.intact)
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

    async def _with_signature(
        self, found: Verified, link: Link, keys: dict[str, frozenset[str]]
    ) -> Verified:
        """Add whether a person's answer is signed as the ledger says, with the keys up to here."""
        columns = link.columns or {}
        kind, committed = str(columns.get("kind") or ""), str(columns.get("commit") or "")
        if kind not in KEPT | signed_answers.KINDS | {proven.KIND}:
            return found
        logged = Logged(
            stream=link.stream, seq=link.seq, hash=link.hash, data=link.data, commit=committed
        )
        try:
            heard = await self.heard(logged)
        except (SallyportError, ValueError):
            return found
        if kind in KEPT:
            person, more = signed_answers.keys_in(heard)
            keys[person] = keys.get(person, frozenset()) | more
            return found
        wrong = await self._wrong(heard, keys)
        if wrong is None:
            return found
        if wrong:
            return replace(found, unsigned=(*found.unsigned, (link.seq, wrong)))
        return replace(found, signed=found.signed + 1)

    async def _wrong(self, heard: Heard, keys: Mapping[str, frozenset[str]]) -> str | None:
        """Return what is wrong with a signed answer, nothing if it holds; None if erased."""
        verify_one = self._gateway.outside.signatures.verify
        if heard.kind == proven.KIND:
            return proven.problem(heard, keys, verify_one)
        asked = await self._asked(heard)
        if not signed_answers.checkable(heard, asked):
            return None
        return signed_answers.problem(heard, asked, keys, verify_one)

    def _with_oversight(
        self, found: Verified, link: Link, keys: dict[str, frozenset[str]], overseen: Overseen
    ) -> Verified:
        """Add whether broken glass and yeses that can be taken back were kept to."""
        kind = str((link.columns or {}).get("kind") or "")
        if not overseen.concerns(kind, link.data):
            return found
        try:
            heard = read(Logged(stream="", seq=link.seq, hash="", data=link.data, commit=""), None)
        except (SallyportError, ValueError):
            return found
        signed, wrong = overseen.read(heard, keys, self._gateway.outside.signatures.verify)
        if wrong:
            return replace(found, unsigned=(*found.unsigned, (link.seq, wrong)))
        return replace(found, signed=found.signed + signed)

    async def _asked(self, answered: Heard) -> Heard | None:
        """Return the entry of the question that an answer is to."""
        query = LedgerQuery(call=str(answered.body.get("call")), kind="approval.asked")
        named = answered.body.get("approval")
        found = await self.search(query, unseal=True)
        return next((one for one in found if one.body.get("approval") == named), None)

    async def _signatures(self, heard: Sequence[Heard]) -> dict[int, str]:
        """Return, by entry, whether each answer of a call is signed by a key of that person."""
        said: dict[int, str] = {}
        for one in heard:
            if one.kind not in signed_answers.KINDS:
                continue
            asked = await self._asked(one)
            if not signed_answers.checkable(one, asked):
                said[one.seq] = "cannot be checked any more: its sealed part was erased"
                continue
            keys = await self._keys_of(str(one.body.get("person")), one.seq)
            verify_one = self._gateway.outside.signatures.verify
            said[one.seq] = signed_answers.problem(one, asked, keys, verify_one) or "valid"
        return said

    async def _keys_of(self, person: str, before: int) -> dict[str, frozenset[str]]:
        kind = "step.kept" if workflow_steps.is_step(person) else "person.kept"
        found = await self.search(LedgerQuery(person=person, kind=kind))
        known = (signed_answers.keys_in(one)[1] for one in found if one.seq < before)
        return {person: frozenset[str]().union(*known)}


async def unsealed(outside: Outside, entry: Logged) -> JsonObject | None:
    """Return what an entry only commits to; None once it was erased."""
    payload = await outside.store.payload(entry.seq, entry.commit)
    if payload is None:
        return None
    try:
        plain = outside.vault.open(f"payloads/{entry.commit}", payload.sealed)
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
