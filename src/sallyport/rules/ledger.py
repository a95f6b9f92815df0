"""What makes the ledger evidence: canonical entries, each bound to the one before it.

Rules:
  1. An entry's bytes are canonical and hold its stream, its number and the hash of its predecessor
     (the first one: the genesis hash of its stream), so that no entry fits in any other place.
  2. Proposed values stay outside. An entry holds a salted commitment to them, and erasing the
     sealed bytes leaves the chain as it was.
  3. A chain alone finds what was changed inside it. Whoever can write the database can rewrite the
     end, so `verify` states the tail that no checkpoint outside has anchored: all of it, for now.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sallyport.model import Json, JsonObject
from sallyport.rules import canonical

PROBLEMS_KEPT = 1000
"""A ledger broken everywhere must not fill the memory of whoever verifies it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an entry says, before it has a place.

    `index` repeats the words people search by, so that a changed search column is found too.
    """

    kind: str
    at_us: int
    body: JsonObject
    index: Mapping[str, str] = field(default_factory=dict[str, str])
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a stream: its number and hash. Before the first one, 0 and the genesis."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry as stored. `columns` are the search columns beside it, or None if not at hand."""

    stream: str
    seq: int
    hash: str
    data: bytes
    columns: Mapping[str, str | int] | None = None


class Fault(StrEnum):
    """What can be wrong with one stored entry."""

    GAP = "gap"
    """Entries before it are missing."""
    REORDERED = "reordered"
    """It stands after a later one."""
    DUPLICATE = "duplicate"
    """It has the number of the entry before it."""
    CHANGED = "changed"
    """Its bytes, number or stream are not those that were hashed."""
    BROKEN = "broken"
    """It does not follow from the entry before it."""
    NOT_CANONICAL = "not_canonical"
    """Its bytes are not what Sallyport writes."""
    COLUMNS = "columns"
    """The columns people search by say something else than the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault, and where: `index` counts the entries read, from 0."""

    index: int
    stream: str
    seq: int
    what: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What reading a whole ledger has shown.

    `faults` counts all problems; `problems` lists the first thousand. Entries up to
    `anchored_up_to` are proved by a checkpoint outside; the last `unanchored_tail` are not, and
    could be cut or rewritten by whoever can write the database.
    """

    entries: int
    heads: Mapping[str, Head]
    faults: int
    problems: tuple[Problem, ...]
    anchored_up_to: int
    unanchored_tail: int

    @property
    def intact(self) -> bool:
        """Whether every entry is as it was written, in its place."""
        return self.faults == 0


def genesis(stream: str) -> str:
    """Return the hash that the first entry of a stream follows from."""
    return canonical.digest_bytes("ledger-genesis", stream.encode())


def entry_bytes(stream: str, seq: int, prev: str, content: Content) -> bytes:
    """Return the canonical bytes of an entry: what is stored, hashed and exported.

    Raises:
        InvariantError: The body holds a float or something that is not JSON.
    """
    return in_place(prepare(content), stream, seq, prev)


def prepare(content: Content) -> str:
    """Return the part of an entry that does not depend on its place.

    It sorts before the rest, so it can be written before the number is known.

    Raises:
        InvariantError: The body holds a float or something that is not JSON.
    """
    index: dict[str, Json] = dict(content.index)
    return canonical.text(
        {
            "at_us": content.at_us,
            "body": content.body,
            "commit": content.commit,
            "index": index,
            "kind": content.kind,
        }
    )[:-1]


def in_place(prepared: str, stream: str, seq: int, prev: str) -> bytes:
    """Return the bytes of a prepared entry at its place in the chain."""
    return f'{prepared},"prev":"{prev}","seq":{seq},"stream":{canonical.text(stream)}}}'.encode()


def chain_hash(data: bytes) -> str:
    """Return the hex hash of an entry, which its successor holds as `prev`."""
    return canonical.digest_bytes("ledger-entry", data)


def commit(salt: bytes, plain: bytes) -> str:
    """Return the hex commitment to bytes that stand outside: HMAC-SHA256 under a random salt.

    Without the salt, short and guessable values cannot be found by trying.
    """
    return hmac.digest(salt, plain, "sha256").hex()


def verify(links: Iterable[Link], *, after: Mapping[str, Head] | None = None) -> Verification:
    """Read a ledger once, in stored order, and report everything that is wrong with it.

    Never raises for what the entries hold, and keeps no more than one entry in memory.

    Args:
        links: The entries of one or several streams.
        after: The entry each stream is read from; a stream not named is read from its beginning.
    """
    heads = dict(after or {})
    problems: list[Problem] = []
    entries = faults = 0
    for index, link in enumerate(links):
        before = heads.get(link.stream) or Head(0, genesis(link.stream))
        for what in _faults(before, link):
            faults += 1
            if faults <= PROBLEMS_KEPT:
                problems.append(Problem(index=index, stream=link.stream, seq=link.seq, what=what))
        heads[link.stream] = max(before, Head(link.seq, link.hash), key=lambda head: head.seq)
        entries += 1
    return Verification(
        entries=entries,
        heads=heads,
        faults=faults,
        problems=tuple(problems),
        anchored_up_to=0,
        unanchored_tail=entries,
    )


def read(data: bytes) -> JsonObject | None:
    """Return the entry that these bytes hold, or None when Sallyport never wrote them.

    A doubled key, `NaN` or an exponent is not written again as it stood, so it needs no rule.
    """
    try:
        value: Json = json.loads(data, parse_float=_number, parse_constant=str)
        if isinstance(value, dict) and canonical.encode(value) == data:
            return value
    except (ValueError, RecursionError):
        return None
    return None


def _number(text: str) -> Json:
    # One that is written with an exponent may be short here and endless when it is written out.
    return text if "e" in text.lower() else Decimal(text)


def columns(entry: JsonObject) -> dict[str, Json]:
    """Return what the search columns beside an entry must say; empty ones are left out."""
    index = entry.get("index")
    shown: dict[str, Json] = dict(index) if isinstance(index, dict) else {}
    for name in ("at_us", "commit", "kind"):
        shown[name] = entry.get(name)
    return {name: value for name, value in shown.items() if value != ""}


def _faults(before: Head, link: Link) -> Iterator[Fault]:
    misplaced = _misplaced(before, link)
    if misplaced is not None:
        yield misplaced
    entry = read(link.data)
    if entry is None:
        yield Fault.NOT_CANONICAL
        entry = {}
    elif (entry.get("stream"), entry.get("seq")) != (link.stream, link.seq):
        yield Fault.CHANGED
        return
    if chain_hash(link.data) != link.hash:
        yield Fault.CHANGED
    elif misplaced is None and entry and entry.get("prev") != before.hash:
        yield Fault.BROKEN
    if entry and link.columns is not None and columns(entry) != _said(link.columns):
        yield Fault.COLUMNS


def _misplaced(before: Head, link: Link) -> Fault | None:
    if link.seq == before.seq + 1:
        return None
    if link.seq > before.seq:
        return Fault.GAP
    return Fault.DUPLICATE if link.seq == before.seq else Fault.REORDERED


def _said(stored: Mapping[str, str | int]) -> dict[str, Json]:
    return {name: value for name, value in stored.items() if value != ""}
