"""Stored drafts: releasing one is a new call with the same arguments, which asks."""

from __future__ import annotations

from dataclasses import replace

from sallyport.errors import ConflictError
from sallyport.flow.inbox.waiting import Waiting
from sallyport.model import Draft, DraftState, Origin, Proposal
from sallyport.ports import Blocked, Row, Update
from sallyport.rules.commands import Ended


class Drafts(Waiting):
    """Releases drafts, and throws them away."""

    async def release(self, draft_id: str, *, person: str, fresh_id: str) -> Ended:
        """Propose a draft's call anew, for a person; it asks, and that person may answer it.

        Raises:
            NotFoundError: No such draft or person.
            ConflictError: The draft was released or discarded already.
        """
        draft = await self.draft(draft_id)
        self._person(person)
        drafted = await self.call(draft.call_id)
        await self._move_draft(draft, DraftState.RELEASED, person, released_as=fresh_id)
        proposal = Proposal(
            call_id=fresh_id,
            task_id=draft.task_id,
            tool=drafted.proposal.tool,
            args=drafted.proposal.args,
            meta=drafted.proposal.meta,
            channel="release",
            origin=Origin.RELEASE,
            parent=drafted.id,
            by=person,
        )
        return await self._gateway.propose(proposal)

    async def discard(self, draft_id: str, *, person: str) -> Draft:
        """Throw a draft away; what it would have done stays in the ledger.

        Raises:
            NotFoundError: No such draft or person.
            ConflictError: The draft was released or discarded already.
        """
        self._person(person)
        return await self._move_draft(await self.draft(draft_id), DraftState.DISCARDED, person)

    async def _move_draft(
        self, draft: Draft, state: DraftState, person: str, *, released_as: str = ""
    ) -> Draft:
        draught = self._gateway.evidence.draught()
        columns: Row = {
            "state": state.value,
            "released_as": released_as,
            "changed_us": draught.at_us,
        }
        expect = {"state": DraftState.STORED.value}
        draught.changes.append(Update("drafts", draft.id, expect, columns))
        self._gateway.evidence.note(
            draught,
            f"draft.{state.value}",
            {"draft": draft.id, "call": draft.call_id, "as": released_as, "by": person},
            index={"call": draft.call_id, "person": person, "tool": draft.tool},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"draft `{draft.id}` was released or discarded already")
        return replace(draft, state=state, released_as=released_as)
