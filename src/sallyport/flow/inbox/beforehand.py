"""Yeses that are said beforehand: offered with a question, listed with their counters, and ended.

Taking one back is a stop: it needs no signature, and from its commit on nothing leaves under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sallyport.errors import BadInputError, ConflictError, NotFoundError, NotPermittedError
from sallyport.flow.grants import ending
from sallyport.flow.inbox.waiting import Waiting
from sallyport.flow.registry import Granted
from sallyport.model import Ahead, Approval, Boundary, Call
from sallyport.rules import beforehand
from sallyport.rules.answering import BECAUSE_MAX
from sallyport.rules.roles import may

RIGHT = "floor.set"

WHY = {
    "time": "its time is over",
    "task": "its task is over",
    "boundary": "another boundary is in force",
    "stop": "a stop or a floor was set over it",
    "changed": "what is in force over it changed",
    "answer": "the answer that it was said with counts no more",
    "used": "all of its calls were made",
    "revoked": "somebody took it back",
}
"""Why a yes beforehand ended, by the word that the ledger keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A yes beforehand in force, and how many calls have left under it."""

    granted: Granted
    used: int
    free: tuple[str, ...]


class Beforehand(Waiting):
    """Keeps the yeses that were said beforehand."""

    def may_go_ahead(self, ahead: Ahead, approval: Approval, call: Call) -> None:
        """Check that somebody may say this beforehand with their answer.

        Raises:
            BadInputError: It is for too many calls, too long, or names no arguments of the call.
            NotPermittedError: Such calls are each answered by themselves.
        """
        now_us = self._gateway.evidence.now_us()
        beforehand.check(ahead, approval, call, self._boundary(call), now_us=now_us)

    def why_not_ahead(self, approval: Approval, call: Call) -> str:
        """Return why nobody may say yes beforehand with this question; nothing if one may."""
        return beforehand.refusal(approval, call, self._boundary(call))

    def may_differ(self, approval: Approval, call: Call) -> tuple[str, ...]:
        """Return the arguments that whoever says yes beforehand may let differ."""
        return beforehand.may_differ(approval, call, self._boundary(call))

    async def grants(self) -> Sequence[Given]:
        """Return every yes beforehand that is in force, what ends soonest first."""
        gateway = self._gateway
        found: list[Given] = []
        for kept in sorted(gateway.registry.grants.values(), key=lambda one: one.until_us):
            grant = await gateway.grants.found(kept, gateway.evidence.now_us())
            if grant is not None:
                used = await self._used(kept)
                found.append(Given(granted=kept, used=used, free=grant.ahead.free))
        return found

    async def revoke(self, grant_id: str, *, by: str, because: str = "") -> Granted:
        """Take a yes beforehand back; nothing more leaves under it.

        Args:
            grant_id: Which.
            by: Who takes it back: whoever gave it, or anybody who may set a floor.
            because: Why, in their words; kept.

        Raises:
            NotFoundError: No such yes is in force, or no such person is known.
            NotPermittedError: This person may not.
        """
        if len(because) > BECAUSE_MAX:
            raise BadInputError(f"the reason is longer than {BECAUSE_MAX}", fix="shorten it")
        kept = self._gateway.registry.grants.get(grant_id)
        if kept is None:
            raise NotFoundError(
                f"no yes beforehand has the id `{grant_id[:40]}`",
                fix="list them with `sallyport inbox grants`",
            )
        person = self._gateway.registry.people.get(by)
        if person is None or not person.active:
            raise NotFoundError(f"person `{by[:80]}` is not known here")
        if person.name != kept.person and not may(person.roles, RIGHT):
            raise NotPermittedError(
                f"`{by}` did not give it, and has not the right `{RIGHT}`",
                fix="whoever gave it takes it back, or somebody who may stop",
            )
        if not await self._end(kept, "revoked", by=by, because=because):
            raise ConflictError(f"`{grant_id}` has ended already")
        return kept

    async def end_grants(self) -> int:
        """End every yes beforehand that is over; return how many."""
        ended = 0
        for kept in tuple(self._gateway.registry.grants.values()):
            why = await self._over(kept)
            ended += bool(why) and await self._end(kept, why)
        return ended

    def _grant(self, kept: Granted) -> None:
        """Let a yes beforehand count, unless what it was given under has changed meanwhile."""
        if self._gateway.fences.closed_for(kept.scopes, kept.epoch):
            self._spawn(self._end(kept, "changed"))
        else:
            self._gateway.registry.grants[kept.id] = kept

    async def _over(self, kept: Granted) -> str:
        gateway = self._gateway
        now_us = gateway.evidence.now_us()
        why = gateway.grants.over(kept, now_us)
        if why:
            return why
        if await self._used(kept) >= kept.at_most:
            return "used"
        return "" if await gateway.grants.found(kept, now_us) is not None else "answer"

    async def _end(self, kept: Granted, why: str, *, by: str = "", because: str = "") -> bool:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        ending(gateway.evidence, draught, kept, why, by=by, because=because)

        def counts() -> None:
            gateway.registry.grants.pop(kept.id, None)

        return await gateway.commit(draught, (beforehand.scope(kept.id),), counts)

    async def _used(self, kept: Granted) -> int:
        name = beforehand.counter(kept.id)
        return (await self._gateway.outside.store.counters([name]))[name]

    def _boundary(self, call: Call) -> Boundary | None:
        return self._gateway.registry.boundaries.get(call.boundary)
