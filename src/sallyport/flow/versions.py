"""One version of a boundary as it is kept: what was proved of it, who signed it, when it counts.

Rules:
  1. A version is added and ends; nothing else of it changes but that signatures come to it while
     it is pending, and the time from which it counts.
  2. The numbers of a workflow's versions go up by one, in the order of their first signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

from sallyport.flow import rows
from sallyport.model import Json, JsonObject
from sallyport.ports import Row, Store
from sallyport.rules import VERSION, canonical
from sallyport.rules.boundary.signing import Change, Signature, Statement
from sallyport.rules.strict_json import loads

KEPT_BYTES_MAX = 16 * 1024 * 1024
KEPT_DEPTH_MAX = 512


CLEAR = ("result", "solver", "ms", "at_us", "formulas", "own_formulas")
"""What of a proof stands in clear in the ledger; calls and reasons stand sealed beside it."""


class State(StrEnum):
    """Where a version stands. Only an active or superseded one was ever in force."""

    PENDING = "pending"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    OVERTAKEN = "overtaken"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: the statement that was signed, by whom, and what became of it.

    `from_us` is 0 while signatures are missing; `author` is who signed first and so stands for
    what is written; `reverts` the number of the version whose sources it brings back, or 0.
    """

    number: int
    statement: Statement
    state: State
    author: str
    signatures: tuple[Signature, ...]
    proof: JsonObject
    proposed_us: int
    from_us: int = 0
    ended_us: int = 0
    reverts: int = 0

    @property
    def id(self) -> str:
        """The key of its row."""
        return f"{self.statement.workflow}/{self.number}"

    @property
    def digest(self) -> str:
        """The digest of its boundary."""
        return self.statement.digest

    @property
    def index(self) -> dict[str, str]:
        """The columns that its entries are searched by."""
        return {"workflow": self.statement.workflow, "person": self.signatures[-1].person}

    def signed(self, by: Signature) -> Version:
        """Return the version with one more signature."""
        return replace(self, signatures=(*self.signatures, by))

    def as_entry(self) -> JsonObject:
        """Return what the ledger keeps of it in clear."""
        return {
            "version": self.number,
            **self.statement.as_json(),
            "author": self.author,
            "signatures": list[Json](map(_signature, self.signatures)),
            "proof": {name: self.proof[name] for name in CLEAR if name in self.proof},
            "reverts": self.reverts,
            "rules": VERSION,
        }


def version_row(version: Version) -> Row:
    """Return the row of a version."""
    statement = version.statement
    return {
        "id": version.id,
        "workflow": statement.workflow,
        "number": version.number,
        "digest": statement.digest,
        "proposal": statement.proposal,
        "state": version.state.value,
        "author": version.author,
        "because": statement.because,
        "against": statement.against,
        "change": statement.change.value,
        "proof": canonical.text(version.proof),
        "signatures": canonical.text(list[Json](map(_signature, version.signatures))),
        "proposed_us": version.proposed_us,
        "from_us": version.from_us,
        "ended_us": version.ended_us,
        "reverts": version.reverts,
    }


def version_of(row: Row) -> Version:
    """Return the version of a row."""
    given = cast("list[dict[str, Any]]", _loaded(row, "signatures") or [])
    return Version(
        number=rows.number(row, "number"),
        statement=Statement(
            workflow=rows.text(row, "workflow"),
            digest=rows.text(row, "digest"),
            proposal=rows.text(row, "proposal"),
            against=rows.text(row, "against"),
            change=Change(rows.text(row, "change")),
            because=rows.text(row, "because"),
        ),
        state=State(rows.text(row, "state")),
        author=rows.text(row, "author"),
        signatures=tuple(Signature(**one) for one in given),
        proof=cast("JsonObject", _loaded(row, "proof") or {}),
        proposed_us=rows.number(row, "proposed_us"),
        from_us=rows.number(row, "from_us"),
        ended_us=rows.number(row, "ended_us"),
        reverts=rows.number(row, "reverts"),
    )


async def versions(store: Store, where: Mapping[str, str]) -> Sequence[Version]:
    """Return the versions whose columns equal `where`, by workflow and number."""
    found = [version_of(row) for row in await store.rows("versions", where)]
    return sorted(found, key=lambda one: (one.statement.workflow, one.number))


def next_number(known: Iterable[Version]) -> int:
    """Return the number that the next version of a workflow has."""
    return max((one.number for one in known), default=0) + 1


def _signature(one: Signature) -> Json:
    return {
        "person": one.person,
        "public_key": one.public_key,
        "signature": one.signature,
        "at_us": one.at_us,
    }


def _loaded(row: Row, column: str) -> Json:
    text = rows.text(row, column)
    if not text:
        return None
    return loads(text.encode(), bytes_max=KEPT_BYTES_MAX, depth_max=KEPT_DEPTH_MAX)
