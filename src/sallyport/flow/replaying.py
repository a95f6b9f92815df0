"""Recorded traffic decided again: as it was, to see that it would be; under other words, to plan.

Rules:
  1. Read only: nothing is written, nobody is asked, no system is reached.
  2. Sealed parts are opened here and go no further: what comes out has tools, names of arguments,
     codes and the sentences of reasons.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sallyport.flow.authority import Authority
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import Reading
from sallyport.model import Boundary, Json, JsonObject, Origin
from sallyport.ports import LedgerQuery
from sallyport.rules.again import Again, again
from sallyport.rules.replay import Recorded, Replay, Tally
from sallyport.rules.trace import Heard

PAGE = 500
KEPT = 20
DECIDED, AGAIN = "call.decided", "call.decided_again"


@dataclass(slots=True, kw_only=True)
class Exact:
    """How logged decisions compare with deciding again: all, equal, different, and undecidable."""

    decisions: int = 0
    same: int = 0
    different: list[Again] = field(default_factory=list[Again])
    undecidable: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, found: Again) -> None:
        """Count one decision."""
        self.decisions += 1
        if found.why_not:
            self.undecidable[found.why_not] = self.undecidable.get(found.why_not, 0) + 1
        elif found.same:
            self.same += 1
        else:
            self.different.append(found)

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "decisions": self.decisions,
            "same": self.same,
            "different": len(self.different),
            "undecidable": dict[str, Json](self.undecidable),
            "examples": [_difference(one) for one in self.different[:KEPT]],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """What a boundary would have said: the tally, and what of the ledger is not in it."""

    tally: Tally
    elsewhere: int
    erased: int
    people: dict[str, int]

    def as_json(self) -> JsonObject:
        """Return it for programs; `people` are those enrolled who could answer each question."""
        asks: list[Json] = [self._asked(day, who) for day, who in sorted(self.tally.asks)]
        return {
            **self.tally.as_json(),
            "asks": asks,
            "of_other_workflows": self.elsewhere,
            "erased": self.erased,
        }

    def _asked(self, day: str, who: str) -> JsonObject:
        count, people = self.tally.asks[day, who], self.people.get(who, 0)
        said: JsonObject = {"day": day, "who": who, "questions": count, "people": people}
        if people:
            said["each"] = -(-count // people)
        return said


class Replaying:
    """Decides what the ledger holds again."""

    def __init__(self, gateway: Gateway, reading: Reading, authority: Authority) -> None:
        self._gateway = gateway
        self._reading = reading
        self._authority = authority

    async def exactly(self, since_us: int = 0) -> Exact:
        """Decide every logged call again under the versions that it was decided under."""
        boundaries = await self._boundaries()
        exact = Exact()
        async for entry in self._entries(DECIDED, since_us):
            exact.add(again(entry, entry, boundaries))
        async for entry in self._entries(AGAIN, since_us):
            exact.add(again(entry, await self._proposed(entry), boundaries))
        return exact

    async def under(self, boundary: Boundary, since_us: int = 0) -> Under:
        """Say what a boundary would have said to the calls of its workflow.

        Approvals, stages, switches and influence are left out, as in any replay.
        """
        tally, elsewhere, erased = Replay(boundary), 0, 0
        async for entry in self._entries(DECIDED, since_us):
            if entry.body.get("origin") != Origin.AGENT.value:
                continue
            if entry.body.get("workflow") != boundary.workflow.name:
                elsewhere += 1
            elif entry.secret is None:
                erased += 1
            else:
                tally.add(_recorded(entry, boundary.workflow.users))
        found = tally.tally
        return Under(
            tally=found,
            elsewhere=elsewhere,
            erased=erased,
            people={who: self._holding(who.split(" or ")) for _, who in found.asks},
        )

    def _holding(self, roles: Iterable[str]) -> int:
        known = self._gateway.registry.people.values()
        wanted = frozenset(roles)
        return sum(one.can_sign and bool(wanted & one.roles) for one in known)

    async def _boundaries(self) -> dict[str, Boundary]:
        """Return every version that is kept and still compiles to its digest."""
        found = dict(self._gateway.registry.boundaries)
        stored = await self._gateway.outside.store.rows("boundaries", {})
        for name in {str(row["workflow"]) for row in stored}:
            for version, boundary in await self._authority.history(name):
                if boundary is not None:
                    found[version.digest] = boundary
        return found

    async def _proposed(self, entry: Heard) -> Heard:
        """Return the entry that tells what a call proposed."""
        call = str(entry.body.get("call"))
        found = await self._reading.search(LedgerQuery(call=call, kind=DECIDED), unseal=True)
        return found[0] if found else replace(entry, secret=None)

    async def _entries(self, kind: str, since_us: int) -> AsyncIterator[Heard]:
        """Yield the entries of a kind, oldest first, a page at a time."""
        query = LedgerQuery(kind=kind, since_us=since_us, limit=PAGE)
        seen: set[int] = set()
        while True:
            page = await self._reading.search(query, unseal=True)
            fresh = [entry for entry in page if entry.seq not in seen]
            for entry in fresh:
                yield entry
            if len(page) < query.limit:
                return
            # A page may end among entries of one moment: the next one begins with them again.
            seen = {entry.seq for entry in page if entry.at_us == page[-1].at_us}
            limit = query.limit if fresh else 2 * query.limit
            query = replace(query, since_us=page[-1].at_us, limit=limit)


def _recorded(entry: Heard, users: tuple[str, ...]) -> Recorded:
    body, secret = entry.body, entry.secret or {}
    seen: Any = secret.get("context") or {}
    args: Any = secret.get("args") or {}
    held = [str(role) for role in seen.get("roles") or ()]
    return Recorded(
        where=str(body.get("call")),
        tool=str(body.get("tool")),
        args=args,
        task=str(body.get("task")),
        role=next((role for role in held if role in users), next(iter(held), "")),
        person=str(body.get("requester")),
        at_us=int(seen.get("now_us") or entry.at_us),
        inputs=seen.get("inputs") or {},
        facts=seen.get("facts") or {},
    )


def _difference(one: Again) -> JsonObject:
    return {
        "entry": one.seq,
        "call": one.call,
        "logged": list[Json](one.logged),
        "found": list[Json](one.found),
    }
