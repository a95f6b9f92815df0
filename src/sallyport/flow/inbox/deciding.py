"""Closing what only people close, where its call is over without an answer of theirs."""

from __future__ import annotations

from sallyport.errors import ConflictError, NotFoundError
from sallyport.flow import rows
from sallyport.flow.inbox.answering import decided
from sallyport.flow.inbox.waiting import OPEN, Waiting
from sallyport.model import Approval, ApprovalState, JsonObject
from sallyport.ports import Blocked
from sallyport.rules import canonical, flags
from sallyport.rules.statements import Signed


class Deciding(Waiting):
    """Takes decisions on flagged questions that are over."""

    async def decide(self, approval_id: str, *, person: str, because: str, by: Signed) -> Approval:
        """Close a flagged question whose call is over, with a decision on record.

        Args:
            approval_id: The question.
            person: Who has signed for it, as was verified.
            because: What they looked at, and what they think of it.
            by: Their signature over `flags.details`, kept with the decision.

        Raises:
            NotFoundError: No such question or person, or none that only people close.
            NotPermittedError: It is for others to decide.
            ConflictError: It still waits for an answer, or was decided already.
        """
        approval = await self.approval(approval_id)
        call = await self.call(approval.call_id)
        flags.admit(approval, self._person(person), requester=call.requester, lone=self._lone())
        await self._must_be_open(approval)
        draught = self._gateway.evidence.draught()
        draught.changes.append(decided(approval, draught.at_us))
        body: JsonObject = {
            "call": call.id,
            "approval": approval.id,
            "state": approval.state.value,
            "person": person,
            "at_us": by.at_us,
            "signature": by.signature,
            "because": canonical.digest("because", because),
        }
        self._gateway.evidence.note(
            draught,
            "flag.decided",
            body,
            index={"call": call.id, "person": person, "tool": call.proposal.tool},
            secret={"because": because},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"`{approval.id}` was decided by somebody else meanwhile")
        return approval

    async def _must_be_open(self, approval: Approval) -> None:
        found = await self._gateway.outside.store.rows("flagged", {"id": approval.id})
        if not found:
            raise NotFoundError(f"`{approval.id}` is none that only people close")
        if rows.text(found[0], "state") != OPEN:
            raise ConflictError(f"`{approval.id}` was decided already")
        if approval.state in {ApprovalState.WAITING, ApprovalState.APPROVED}:
            raise ConflictError(
                f"`{approval.id}` still waits for an answer", fix="say yes or no to it"
            )
