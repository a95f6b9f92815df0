"""How questions end without an answer: by time, or because an agent takes its call back."""

from __future__ import annotations

from sallyport.flow import rows
from sallyport.flow.inbox.waiting import Waiting
from sallyport.model import ActionState, Approval, ApprovalState, Call
from sallyport.model import Ending as Ends
from sallyport.ports import Blocked, Update
from sallyport.rules import approval as approvals
from sallyport.rules import canonical, reasons
from sallyport.rules.asking import WITHIN_S
from sallyport.rules.commands import Ended
from sallyport.rules.steps import close_asked
from sallyport.rules.times import SECOND_US

LATE_S = 30
"""How much later than its answer would have been in time a call is closed whose system asked."""


class Ending(Waiting):
    """Ends what nobody answered, and hands over what is over."""

    async def delivered(self, call: Call) -> None:
        """Note that the asker has been handed the result; an identical proposal is now new."""
        draught = self._gateway.evidence.draught()
        draught.changes.append(
            Update("calls", call.id, {}, {"delivered": 1, "changed_us": draught.at_us})
        )
        self._gateway.evidence.note(
            draught, "call.delivered", {"call": call.id}, index={"call": call.id}
        )
        await self._gateway.outside.store.append(draught.done())
        self._gateway.registry.held.let_go(call)

    async def withdraw(self, approval: Approval, call: Call) -> bool:
        """Close a question whose agent takes its call back; return whether it was still open."""
        why = reasons.refuse("approval.withdrawn", agent=call.agent)
        draught = self._gateway.evidence.draught()
        changed = {"changed_us": draught.at_us}
        draught.changes += [
            Update(
                "approvals",
                approval.id,
                {"state": ApprovalState.WAITING.value},
                {"state": approvals.move(ApprovalState.WAITING, "withdraw").value, **changed},
            ),
            Update(
                "calls",
                call.id,
                {"ending": Ends.WAITING.value, "action": None},
                {
                    "ending": Ends.REFUSED.value,
                    "result": rows.kept_bytes(call.id, self._gateway.outside.vault, floors=(why,)),
                    "reasons": canonical.text([f"refuse {why.code}"]),
                    **changed,
                },
            ),
        ]
        self._gateway.evidence.note(
            draught,
            "approval.withdrawn",
            {"approval": approval.id, "call": call.id, "agent": call.agent},
            index={"call": call.id, "agent": call.agent},
        )
        return not isinstance(await self._gateway.outside.store.append(draught.done()), Blocked)

    async def close_asked(self) -> int:
        """Close calls whose systems waited in mid-work for an answer that did not come in time."""
        horizon = self._gateway.evidence.now_us() - (WITHIN_S + LATE_S) * SECOND_US
        open_ = {"ending": Ends.ASKED.value, "action": ActionState.SENT.value}
        over = [
            row
            for row in await self._gateway.outside.store.rows("calls", open_)
            if rows.number(row, "proposed_us") < horizon
        ]
        for row in over:
            call = rows.call_of(row, self._gateway.outside.vault)
            await self._gateway.finish(close_asked(call))
        return len(over)

    async def expire(self) -> int:
        """Expire every question whose time is over; return how many."""
        now_us = self._gateway.evidence.now_us()
        expired = 0
        for state in (ApprovalState.WAITING, ApprovalState.APPROVED):
            found = await self._gateway.outside.store.rows(
                "approvals", {"state": state.value}, only=("id", "expires_us")
            )
            over = [row for row in found if now_us >= rows.number(row, "expires_us")]
            for row in over:
                approval = await self.approval(rows.text(row, "id"))
                ended = approval.state is state and now_us >= approval.ends_us
                expired += await self._expire(approval) if ended else 0
        return expired

    async def _expire(self, approval: Approval) -> int:
        draught = self._gateway.evidence.draught()
        state = approvals.move(approval.state, "expire")
        changed = {"changed_us": draught.at_us}
        draught.changes += [
            Update(
                "approvals",
                approval.id,
                {"state": approval.state.value},
                {"state": state.value, **changed},
            ),
            Update(
                "calls",
                approval.call_id,
                {"ending": Ends.WAITING.value, "action": None},
                {"ending": Ends.EXPIRED.value, **changed},
            ),
        ]
        self._gateway.evidence.note(
            draught,
            "approval.expired",
            {"call": approval.call_id, "approval": approval.id},
            index={"call": approval.call_id},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            return 0
        call = await self.call(approval.call_id)
        self._gateway.tell(Ended(call=call, floors=(reasons.refuse("approval.expired"),)))
        return 1
