"""Yeses that can still be taken back: listed, taken back, and acted on when their time is over.

Until when one waits stands in the database, so that a restart neither forgets it nor shortens it.
Taking one back is a stop of one call: it needs no signature, and whatever else happens at the same
moment, either the call leaves or it is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.errors import BadInputError, ConflictError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.inbox.waiting import Item, Waiting
from sallyport.model import Approval, ApprovalState, Call, Ending, Floor, Person
from sallyport.ports import Blocked, Update
from sallyport.rules import approval as approvals
from sallyport.rules import canonical, cool_off, reasons
from sallyport.rules.answering import BECAUSE_MAX
from sallyport.rules.commands import Ended
from sallyport.rules.roles import may

RIGHT = "call.undo"


class Cooling(Waiting):
    """Waits before what cannot be taken back."""

    async def cooling(self) -> Sequence[Item]:
        """Return every approved call that has not left yet and can be taken back, the next first.

        It still says *waiting*; its question says *approved*.
        """
        now_us = self._gateway.evidence.now_us()
        found = [one for one in await self._approved() if cool_off.runs(one, now_us)]
        found.sort(key=lambda one: one.not_before_us)
        return [Item(call=await self.call(one.call_id), approval=one) for one in found]

    def may_undo(self, approval: Approval, person: Person) -> bool:
        """Return whether a person may take back the yes to a question."""
        gave = any(answer.yes and answer.person == person.name for answer in approval.answers)
        return person.can_sign and (gave or may(person.roles, RIGHT))

    async def undo(self, approval_id: str, *, person: str, because: str = "") -> Call:
        """Take a yes back before its call leaves; the call ends as refused.

        Args:
            approval_id: The question that was approved.
            person: Who takes it back: one of those who said yes, or an operator.
            because: Why, in their words; kept.

        Raises:
            NotFoundError: No such question or person.
            NotPermittedError: This person may not.
            ConflictError: It is not approved, or it has left.
        """
        if len(because) > BECAUSE_MAX:
            raise BadInputError(f"the reason is longer than {BECAUSE_MAX}", fix="shorten it")
        approval = await self.approval(approval_id)
        if not self.may_undo(approval, self._person(person)):
            raise NotPermittedError(
                f"`{person}` gave no yes to `{approval_id[:40]}`",
                fix="whoever gave it takes it back, or an operator; anybody may stop the agent",
            )
        if not cool_off.runs(approval, self._gateway.evidence.now_us()):
            raise ConflictError(
                f"the yes to `{approval_id}` cannot be taken back any more",
                fix="look at what became of its call",
            )
        return await self._undone(approval, person, because)

    async def _undone(self, approval: Approval, person: str, because: str) -> Call:
        gateway, why = self._gateway, reasons.refuse("approval.undone", person=person)
        call = await self.call(approval.call_id)
        draught = gateway.evidence.draught()
        draught.changes += self._changes(approval, why, draught.at_us)
        gateway.evidence.note(
            draught,
            "approval.undone",
            {
                "approval": approval.id,
                "call": call.id,
                "person": person,
                "because": canonical.digest("because", because),
                "not_before_us": approval.not_before_us,
                "why": [f"refuse {why.code}"],
            },
            index={"call": call.id, "person": person, "tool": call.proposal.tool},
            secret={"because": because, "sentences": [reasons.say(why)]},
        )
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(
                f"the yes to `{approval.id}` cannot be taken back any more: its call has left",
                fix="look at what became of its call",
            )
        call = await self.call(approval.call_id)
        gateway.tell(Ended(call=call, floors=(why,)))
        return call

    def _changes(self, approval: Approval, why: Floor, at_us: int) -> Sequence[Update]:
        """Return what closes question and call together, and only if neither has gone on."""
        after = approvals.move(ApprovalState.APPROVED, "undo")
        kept = rows.kept_bytes(approval.call_id, self._gateway.outside.vault, floors=(why,))
        return (
            Update(
                "approvals",
                approval.id,
                {"state": ApprovalState.APPROVED.value},
                {"state": after.value, "changed_us": at_us},
            ),
            Update(
                "calls",
                approval.call_id,
                {"ending": Ending.WAITING.value, "action": None, "approval": approval.id},
                {
                    "ending": Ending.REFUSED.value,
                    "result": kept,
                    "reasons": canonical.text([f"refuse {why.code}"]),
                    "changed_us": at_us,
                },
            ),
        )

    async def act_on_due(self) -> int:
        """Go on with every yes that can be taken back no more; return with how many."""
        now_us = self._gateway.evidence.now_us()
        due = [one for one in await self._approved() if cool_off.is_over(one, now_us)]
        for one in due:
            call = await self.call(one.call_id)
            if call.id not in self._acting:
                self._acting.add(call.id)
                self._spawn(self._act(call, one.id))
        return len(due)

    async def _act(self, call: Call, approval_id: str) -> None:
        try:
            await self._gateway.carry_out(call, approval_id)
        finally:
            self._acting.discard(call.id)

    async def _approved(self) -> list[Approval]:
        """Return the approved questions that wait, or waited, before their calls leave."""
        found = await self._gateway.outside.store.rows(
            "approvals", {"state": ApprovalState.APPROVED.value}, only=("id", "not_before_us")
        )
        waited = [rows.text(row, "id") for row in found if rows.number(row, "not_before_us")]
        found_now = [await self.approval(one) for one in waited]
        return [one for one in found_now if one.state is ApprovalState.APPROVED]
