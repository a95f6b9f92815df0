"""Breaking the glass: asked for by one, signed by a second, ended, and looked at by a third.

Rules:
  1. What loosens is written down before it counts; what ends counts before it is written down.
  2. It ends by itself at its time, when somebody ends it, and when one of the two may no more.
  3. After a restart it counts only if both signatures hold, and for no longer than before.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    StoreError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People
from sallyport.flow.signers import key_of
from sallyport.model import BreakGlass, Call, GlassState, Json, JsonObject, Person, Vouched
from sallyport.ports import Blocked, Insert, LedgerQuery, RaiseEpoch, Row, Update
from sallyport.rules import break_glass, statements
from sallyport.rules.break_glass import ASK, BY_TIME, MAY, REVIEW, SECOND
from sallyport.rules.roles import may
from sallyport.rules.statements import Signed
from sallyport.rules.times import SECOND_US

OPEN = frozenset({GlassState.ASKED, GlassState.IN_FORCE, GlassState.ENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """A break-glass and the ids of the calls that went ahead under it."""

    glass: BreakGlass
    calls: tuple[str, ...]


class Glasses:
    """Asks for, puts in force, ends and reviews."""

    def __init__(self, gateway: Gateway, people: People) -> None:
        self._gateway = gateway
        self._people = people

    # --- The three signatures. ---

    async def ask(self, scope: str, because: str, lasts_s: int, by: Signed) -> BreakGlass:
        """Ask to go past the reviewers; nothing changes until a second person signs.

        Args:
            scope: `workflow:NAME` or `tool:NAME`.
            because: Why; kept for ever.
            lasts_s: For how many seconds, from the second signature on.
            by: The first signature, over `rules.break_glass.asked`.

        Raises:
            BadInputError: Scope, reason or end will not do.
            NotFoundError: There is no such workflow or tool.
            NotPermittedError: They may not ask, or there is nobody who could be the second.
            ConflictError: The same was asked for already, or is in force.
        """
        details = break_glass.asked(scope, because, lasts_s)
        if scope not in self.scopes():
            raise NotFoundError(
                f"`{scope[:80]}` is not in force here", fix="look with `sallyport boundary history`"
            )
        if self._people.lone():
            raise NotPermittedError(
                "there is nobody to be the second, and nobody breaks the glass alone",
                fix="answer the questions yourself, or enrol another person",
            )
        for one in await self.open():
            if one.scope == scope and one.state is not GlassState.ENDED:
                raise ConflictError(f"break-glass `{one.id}` is for the same already")
        vouched = self._vouched(ASK, details, by)
        draught = self._gateway.evidence.draught()
        glass = BreakGlass(
            id=self._gateway.outside.ids.new("g"),
            scope=scope,
            because=because,
            lasts_s=lasts_s,
            state=GlassState.ASKED,
            asked=vouched,
            asked_us=draught.at_us,
        )
        draught.changes.append(Insert("glasses", rows.glass_row(glass)))
        body: JsonObject = {"glass": glass.id, **details, "asked": _told(vouched)}
        self._gateway.evidence.note(draught, "glass.asked", body, index={"person": vouched.person})
        await self._gateway.outside.store.append(draught.done())
        return glass

    async def second(self, glass_id: str, by: Signed) -> BreakGlass:
        """Put what somebody asked for in force, as the second person.

        Raises:
            NotFoundError: There is none with this id.
            NotPermittedError: They may not, or are the first.
            ConflictError: It is in force or over, or was asked for too long ago.
        """
        glass = await self.get(glass_id)
        details = break_glass.seconded(glass)
        break_glass.admit_second(glass, self._known(by), "", self._gateway.evidence.now_us())
        vouched = self._vouched(SECOND, details, by)
        draught = self._gateway.evidence.draught()
        break_glass.admit_second(glass, self._known(by), vouched.key, draught.at_us)
        after = replace(
            glass,
            state=GlassState.IN_FORCE,
            second=vouched,
            since_us=draught.at_us,
            ends_us=draught.at_us + glass.lasts_s * SECOND_US,
        )
        draught.changes.append(_moved(glass, after))
        body: JsonObject = {
            **details,
            "asked": _told(glass.asked),
            "second": _told(vouched),
            "ends_us": after.ends_us,
        }
        self._gateway.evidence.note(draught, "glass.broken", body, index={"person": vouched.person})
        count = functools.partial(self._gateway.registry.glasses.__setitem__, glass.id, after)
        if not await self._gateway.commit(draught, (glass.scope,), count):
            raise ConflictError(f"break-glass `{glass_id}` was settled meanwhile")
        return after

    async def review(self, glass_id: str, found: str, words: str, by: Signed) -> BreakGlass:
        """Say, as a third person, what was found when looking at what was done.

        Args:
            glass_id: Which.
            found: `in_order` or `not_in_order`.
            words: What they looked at and what follows from it; kept.
            by: The signature, over `rules.break_glass.reviewed`.

        Raises:
            NotFoundError: There is none with this id.
            NotPermittedError: They may not, or are one of the two.
            ConflictError: It is not over, or was looked at already.
        """
        glass = await self.get(glass_id)
        break_glass.admit_review(glass, self._known(by))
        calls = await self.calls(glass_id)
        details = break_glass.reviewed(glass, calls, found, words)
        vouched = self._vouched(REVIEW, details, by)
        break_glass.admit_review(glass, self._known(by), vouched.key)
        after = replace(glass, state=GlassState.REVIEWED, review=vouched, found=found, words=words)
        draught = self._gateway.evidence.draught()
        draught.changes.append(_moved(glass, after))
        body: JsonObject = {**details, "review": _told(vouched)}
        self._gateway.evidence.note(
            draught, "glass.reviewed", body, index={"person": vouched.person}
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"break-glass `{glass_id}` was looked at meanwhile")
        return after

    # --- How it ends. ---

    async def end(self, glass_id: str, *, by: str) -> BreakGlass:
        """End what is in force, or say no to what was asked for; it counts from this line on.

        It tightens, so nobody signs for it.

        Raises:
            NotFoundError: There is none with this id.
            ConflictError: It is over already.
        """
        glass = await self.get(glass_id)
        if glass.state not in {GlassState.ASKED, GlassState.IN_FORCE}:
            raise ConflictError(f"break-glass `{glass_id}` is over already")
        if not by.strip():
            raise BadInputError("nobody is named who ends it", fix="say who does this")
        return await self._end(glass, by)

    async def look(self) -> int:
        """End what is over by time, or by one of its people; return how many."""
        now_us, people = self._gateway.evidence.now_us(), self._gateway.registry.people
        ended = 0
        for glass in tuple(self._gateway.registry.glasses.values()):
            if now_us >= glass.ends_us or not break_glass.stands(glass, people):
                why = BY_TIME if now_us >= glass.ends_us else "one of the two may not sign any more"
                ended += (await self._end(glass, why)).state is GlassState.ENDED
        for glass in await self._all(GlassState.ASKED):
            if now_us >= glass.asked_us + break_glass.LAPSES_US:
                ended += (await self._end(glass, BY_TIME)).state is GlassState.LAPSED
        return ended

    async def _end(self, glass: BreakGlass, by: str) -> BreakGlass:
        gateway, was_in_force = self._gateway, glass.state is GlassState.IN_FORCE
        epoch = gateway.fences.close((glass.scope,)) if was_in_force else 0
        gateway.registry.glasses.pop(glass.id, None)
        draught = gateway.evidence.draught()
        after = replace(
            glass,
            state=GlassState.ENDED if was_in_force else GlassState.LAPSED,
            ended_us=draught.at_us,
            ended_by=by,
        )
        draught.changes.append(_moved(glass, after))
        if was_in_force:
            draught.changes.append(RaiseEpoch((glass.scope,), epoch))
        kind = "glass.ended" if was_in_force else "glass.lapsed"
        body: JsonObject = {
            "glass": glass.id,
            "scope": glass.scope,
            "by": by,
            "two": list[Json](sorted(break_glass.two(glass))),
        }
        gateway.evidence.note(draught, kind, body, index={"person": by})
        try:
            written = await gateway.outside.store.append(draught.done())
        except StoreError:
            if was_in_force:
                gateway.registry.broken = "the end of a break-glass could not be written down"
            raise
        if not isinstance(written, Blocked):
            return after
        now = await self.get(glass.id)
        overtaken = not was_in_force and now.state is GlassState.IN_FORCE
        return await self._end(now, by) if overtaken else now

    async def end_all(self, why: str) -> None:
        """End everything that is in force."""
        for glass in await self._all(GlassState.IN_FORCE):
            await self._end(glass, why)

    async def restore(self) -> None:
        """Let what is in force count again, where both signatures hold; at the start."""
        for glass in await self._all(GlassState.IN_FORCE):
            if self._holds(glass) and not await self._was_ended(glass):
                self._gateway.registry.glasses[glass.id] = glass
            else:
                await self._end(glass, "gateway: what is signed and written down says otherwise")
        await self.look()

    async def _was_ended(self, glass: BreakGlass) -> bool:
        """Return whether the ledger has its end, whatever its row says."""
        ends = LedgerQuery(kind="glass.ended", since_us=glass.since_us)
        named = f'"glass":"{glass.id}"'.encode()
        return any(named in one.data for one in await self._gateway.outside.store.ledger(ends))

    def _holds(self, glass: BreakGlass) -> bool:
        """Return whether both signatures are over exactly this, and its end is what they say."""
        second = glass.second
        if second is None or glass.ends_us != glass.since_us + glass.lasts_s * SECOND_US:
            return False
        first: JsonObject = {
            "scope": glass.scope,
            "because": glass.because,
            "lasts_s": glass.lasts_s,
        }
        made = ((ASK, first, glass.asked), (SECOND, break_glass.seconded(glass), second))
        return (
            len(break_glass.two(glass)) == len(break_glass.keys(glass)) == len(made)
            and glass.lasts_s <= break_glass.LASTS_MAX_S
            and abs(glass.since_us - second.at_us) < statements.GOOD_FOR_US
            and all(self._signed(verb, details, vouched) for verb, details, vouched in made)
        )

    def _signed(self, verb: str, details: JsonObject, vouched: Vouched) -> bool:
        said = statements.statement(verb, details, person=vouched.person, at_us=vouched.at_us)
        person = self._gateway.registry.people.get(vouched.person)
        if person is None or vouched.key not in person.keys:
            return False
        return self._gateway.outside.signatures.verify(vouched.key, said, vouched.signature)

    # --- What there is. ---

    async def get(self, glass_id: str) -> BreakGlass:
        """Return one.

        Raises:
            NotFoundError: There is none with this id.
        """
        found = await self._gateway.outside.store.rows("glasses", {"id": glass_id})
        if not found:
            raise NotFoundError(
                f"no break-glass has the id `{glass_id[:60]}`",
                fix="list them with `sallyport break-glass`",
            )
        return rows.glass_of(found[0])

    async def open(self) -> Sequence[BreakGlass]:
        """Return what was asked for, is in force, or has to be looked at, oldest first."""
        return [one for one in await self.every() if one.state in OPEN]

    async def every(self) -> Sequence[BreakGlass]:
        """Return all that there ever were, oldest first."""
        found = await self._gateway.outside.store.rows("glasses")
        return [rows.glass_of(row) for row in found]

    async def to_review(self) -> Sequence[Under]:
        """Return what is over and was not looked at, with what was done under it."""
        ended = await self._all(GlassState.ENDED)
        return [Under(glass=one, calls=await self.calls(one.id)) for one in ended]

    async def calls(self, glass_id: str) -> tuple[str, ...]:
        """Return the ids of the calls that went ahead under one, sorted."""
        store = self._gateway.outside.store
        found = await store.rows("calls", {"glass": glass_id}, only=("id",))
        return tuple(sorted(rows.text(row, "id") for row in found))

    async def call(self, call_id: str) -> Call:
        """Return one of these calls."""
        store, vault = self._gateway.outside.store, self._gateway.outside.vault
        return rows.call_of((await store.rows("calls", {"id": call_id}))[0], vault)

    def scopes(self) -> tuple[str, ...]:
        """Return everything for which the glass can be broken now."""
        registry = self._gateway.registry
        active = [registry.boundaries[digest].workflow for digest in registry.active.values()]
        tools = {tool for one in active for tool in one.tools}
        return break_glass.scopes([one.name for one in active], tools)

    async def _all(self, state: GlassState) -> Sequence[BreakGlass]:
        found = await self._gateway.outside.store.rows("glasses", {"state": state.value})
        return [rows.glass_of(row) for row in found]

    def _known(self, by: Signed) -> Person:
        person = self._gateway.registry.people.get(by.person)
        if person is None or not person.can_sign:
            raise NotPermittedError(
                f"`{by.person[:80]}` is not enrolled", fix="enrol on this host first"
            )
        return person

    def _vouched(self, verb: str, details: JsonObject, by: Signed) -> Vouched:
        """Return a signature that counts: theirs, fresh, once, and of somebody who may.

        Raises:
            SignatureError: It is not.
            NotPermittedError: They lack the right.
        """
        person = self._known(by)
        if not may(person.roles, MAY[verb]):
            raise NotPermittedError(
                f"`{by.person}` may not do this", fix=f"it needs the right `{MAY[verb]}`"
            )
        self._people.verify(verb, details, by)
        said = statements.statement(verb, details, person=by.person, at_us=by.at_us)
        key = key_of(self._gateway.outside.signatures, person, said, by.signature)
        return Vouched(person=by.person, at_us=by.at_us, signature=by.signature, key=key)


def _told(vouched: Vouched) -> JsonObject:
    return {
        "person": vouched.person,
        "at_us": vouched.at_us,
        "signature": vouched.signature,
        "key": vouched.key,
    }


def _moved(before: BreakGlass, after: BreakGlass) -> Update:
    """Return the change of one, which holds only if nobody changed it meanwhile."""
    row: Row = rows.glass_row(after)
    columns: Row = {name: value for name, value in row.items() if name != "id"}
    return Update("glasses", before.id, {"state": before.state.value}, columns)
