"""Stored drafts: releasing one is a new call with the same arguments, which asks."""

from __future__ import annotations

from dataclasses import replace

from sallyport.errors import BadInputError, ConflictError
from sallyport.flow.inbox.waiting import Waiting
from sallyport.model import Draft, DraftState, Json, JsonObject, Origin, Proposal
from sallyport.ports import Blocked, Row, Update
from sallyport.rules.answering import changed
from sallyport.rules.commands import Ended


class Drafts(Waiting):
    """Releases drafts, and throws them away."""

    async def release(
        self, draft_id: str, *, person: str, fresh_id: str, args: JsonObject | None = None
    ) -> Ended:
        """Propose a draft's call anew, for a person; it asks, and that person may answer it.

        Args:
            draft_id: The draft.
            person: Who releases it.
            fresh_id: The id of the new call.
            args: Other arguments than the agent's; whoever gives them may not answer for them.

        Raises:
            NotFoundError: No such draft or person.
            BadInputError: The other arguments are the same.
            ConflictError: The draft was released or discarded already.
        """
        draft = await self.draft(draft_id)
        self._person(person)
        drafted = await self.call(draft.call_id)
        before = drafted.proposal.args
        if args is not None and not changed(before, args):
            raise BadInputError("nothing was changed", fix="change a value, or release it as it is")
        names = () if args is None else changed(before, args)
        await self._move_draft(
            draft, DraftState.RELEASED, person, released_as=fresh_id, arguments=names
        )
        proposal = Proposal(
            call_id=fresh_id,
            task_id=draft.task_id,
            tool=drafted.proposal.tool,
            args=before if args is None else args,
            meta=drafted.proposal.meta,
            channel="release" if args is None else Origin.EDIT.value,
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
        self,
        draft: Draft,
        state: DraftState,
        person: str,
        *,
        released_as: str = "",
        arguments: tuple[str, ...] = (),
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
            {
                "draft": draft.id,
                "call": draft.call_id,
                "as": released_as,
                "arguments": list[Json](arguments),
                "by": person,
            },
            index={"call": draft.call_id, "person": person, "tool": draft.tool},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"draft `{draft.id}` was released or discarded already")
        return replace(draft, state=state, released_as=released_as)
