"""What waits for people: questions, drafts, and calls in doubt; and what an answer sets going.

Rules:
  1. An answer counts only with the person's own signature over all that the question binds.
  2. The answer is durable before anything follows from it; then the call is decided anew.
  3. Silence expires a question; nothing is ever approved by time passing.
  4. Releasing a draft is a new call with the same arguments, decided anew, that asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.registry import let_go
from sallyport.model import (
    ActionState,
    Answer,
    Approval,
    ApprovalState,
    Call,
    Draft,
    DraftState,
    Ending,
    Origin,
    Person,
    Proposal,
)
from sallyport.ports import Blocked, Row, Update
from sallyport.rules import approval as approvals
from sallyport.rules import canonical, reasons
from sallyport.rules.asking import WITHIN_S
from sallyport.rules.commands import Ended
from sallyport.rules.steps import close_asked, close_unsent
from sallyport.rules.times import SECOND_US

LATE_S = 30
"""How much later than its answer would have been in time a call is closed whose system asked."""

Spawn = Callable[[Awaitable[object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that waits: the call, and the question, draft or doubt about it."""

    call: Call
    approval: Approval | None = None
    draft: Draft | None = None

    @property
    def kind(self) -> str:
        """`question`, `draft` or `in_doubt`."""
        if self.draft is not None:
            return "draft"
        return "question" if self.approval is not None else "in_doubt"


class Inbox:
    """Lists what waits and takes answers.

    Args:
        gateway: Where registry, evidence and ports are.
        lone: Returns whether `team: one` is in force.
        spawn: Runs what follows from an answer, so that the answerer need not wait for it.
    """

    def __init__(self, gateway: Gateway, lone: Callable[[], bool], spawn: Spawn) -> None:
        self._gateway = gateway
        self._lone = lone
        self._spawn = spawn

    # --- What waits. ---

    async def items(self) -> Sequence[Item]:
        """Return everything that waits for a person, oldest first."""
        store = self._gateway.outside.store
        items: list[Item] = []
        for row in await store.rows("approvals", {"state": ApprovalState.WAITING.value}):
            approval = rows.approval_of(row)
            items.append(Item(call=await self.call(approval.call_id), approval=approval))
        for row in await store.rows("drafts", {"state": DraftState.STORED.value}):
            draft = rows.draft_of(row)
            items.append(Item(call=await self.call(draft.call_id), draft=draft))
        doubts = await store.rows("calls", {"action": ActionState.IN_DOUBT.value})
        items += [Item(call=rows.call_of(row, self._gateway.outside.vault)) for row in doubts]
        return sorted(items, key=lambda item: item.call.proposed_us)

    async def call(self, call_id: str) -> Call:
        """Return a call.

        Raises:
            NotFoundError: No call has this id.
        """
        found = await self._gateway.outside.store.rows("calls", {"id": call_id})
        if not found:
            raise NotFoundError(f"no call has the id `{call_id[:60]}`")
        return rows.call_of(found[0], self._gateway.outside.vault)

    async def approval(self, approval_id: str) -> Approval:
        """Return a question.

        Raises:
            NotFoundError: No question has this id.
        """
        found = await self._gateway.outside.store.rows("approvals", {"id": approval_id})
        if not found:
            raise NotFoundError(f"no question has the id `{approval_id[:40]}`")
        return rows.approval_of(found[0])

    async def draft(self, draft_id: str) -> Draft:
        """Return a draft.

        Raises:
            NotFoundError: No draft has this id.
        """
        found = await self._gateway.outside.store.rows("drafts", {"id": draft_id})
        if not found:
            raise NotFoundError(f"no draft has the id `{draft_id[:40]}`")
        return rows.draft_of(found[0])

    # --- Answers. ---

    async def answer(
        self,
        approval_id: str,
        *,
        person: str,
        yes: bool,
        because: str,
        at_us: int,
        signature: str,
    ) -> Approval:
        """Take one person's signed answer; the call goes on at once if that settles the question.

        Raises:
            NotFoundError: No such question or person.
            SignatureError: Not signed by this person over this question.
            NotPermittedError: This person may not answer it.
            ConflictError: It was settled already, or has expired.
        """
        approval = await self.approval(approval_id)
        who = self._person(person)
        said = approvals.statement(approval, person=person, yes=yes, because=because, at_us=at_us)
        if not self._gateway.outside.signatures.verify(who.public_key, said, signature):
            raise SignatureError(f"the answer to `{approval_id}` is not signed by `{person}`")
        call = await self.call(approval.call_id)
        counting = approvals.still_counting(approval, self._gateway.registry.signers())
        own = approvals.admit(
            counting,
            who,
            requester=call.requester,
            now_us=self._gateway.evidence.now_us(),
            lone=self._lone(),
        )
        answer = Answer(
            person=person,
            yes=yes,
            because=because,
            at_us=at_us,
            signature=signature,
            confirmed_own=own or self._lone(),
        )
        after = approvals.answered(counting, answer)
        await self._record_answer(approval, after, answer, call)
        self._follow(call, after, answer)
        return after

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

    async def settle(self, call_id: str, *, person: str, happened: bool, because: str) -> Call:
        """Record what a person found out about a call in doubt.

        An identical proposal still gets this call until it was told, so that nothing that did
        happen is done a second time.

        Raises:
            NotFoundError: No such call or person.
            ConflictError: The call is not in doubt.
            BadInputError: No reason was given.
        """
        self._person(person)
        if not because.strip():
            raise BadInputError("no reason was given", fix='add --because "…": how do you know?')
        call = await self.call(call_id)
        if call.action is not ActionState.IN_DOUBT:
            raise ConflictError(f"call `{call_id}` is not in doubt")
        action = ActionState.DONE if happened else ActionState.FAILED
        settled = replace(call, action=action, ending=Ending.DONE)
        draught = self._gateway.evidence.draught()
        columns: Row = {
            "action": action.value,
            "ending": Ending.DONE.value,
            "changed_us": draught.at_us,
        }
        draught.changes.append(
            Update("calls", call.id, {"action": ActionState.IN_DOUBT.value}, columns)
        )
        self._gateway.evidence.note(
            draught,
            "call.settled",
            {"call": call.id, "happened": happened, "because": because, "by": person},
            index={"call": call.id, "person": person},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"call `{call_id}` was settled meanwhile")
        return settled

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
        let_go(self._gateway.registry, call)

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
                {"ending": Ending.WAITING.value, "action": None},
                {
                    "ending": Ending.REFUSED.value,
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

    # --- Time. ---

    async def close_asked(self) -> int:
        """Close calls whose systems waited in mid-work for an answer that did not come in time."""
        horizon = self._gateway.evidence.now_us() - (WITHIN_S + LATE_S) * SECOND_US
        open_ = {"ending": Ending.ASKED.value, "action": ActionState.SENT.value}
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
            found = await self._gateway.outside.store.rows("approvals", {"state": state.value})
            for row in found:
                approval = rows.approval_of(row)
                if now_us >= approval.expires_us:
                    expired += await self._expire(approval)
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
                {"ending": Ending.WAITING.value, "action": None},
                {"ending": Ending.EXPIRED.value, **changed},
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

    # --- What follows. ---

    async def _record_answer(
        self, before: Approval, after: Approval, answer: Answer, call: Call
    ) -> None:
        draught = self._gateway.evidence.draught()
        draught.changes.append(
            Update(
                "approvals",
                before.id,
                {"state": before.state.value, "answers": rows.answers_text(before)},
                {
                    "state": after.state.value,
                    "answers": rows.answers_text(after),
                    "changed_us": draught.at_us,
                },
            )
        )
        self._gateway.evidence.note(
            draught,
            "approval.answered",
            {
                "call": call.id,
                "approval": before.id,
                "bound": approvals.bound(before),
                "person": answer.person,
                "yes": answer.yes,
                "at_us": answer.at_us,
                "signature": answer.signature,
                "confirmed_own": answer.confirmed_own,
                "state": after.state.value,
                "because": canonical.digest("because", answer.because),
            },
            index={"call": call.id, "person": answer.person, "tool": call.proposal.tool},
            secret={"because": answer.because},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(
                f"question `{before.id}` was answered by somebody else meanwhile",
                fix="look at it again with `sallyport inbox`",
            )

    def _follow(self, call: Call, approval: Approval, answer: Answer) -> None:
        if approval.state is ApprovalState.APPROVED:
            self._spawn(self._gateway.carry_out(call, approval.id))
        elif approval.state is ApprovalState.REJECTED:
            why = reasons.refuse(
                "approval.rejected", person=answer.person, because=answer.because or "no reason"
            )
            self._spawn(self._gateway.finish(close_unsent(call, why)))

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

    def _person(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None:
            raise NotFoundError(f"person `{name[:80]}` is not known here")
        if not person.active or not person.public_key:
            raise NotPermittedError(f"`{name}` is not enrolled", fix="enrol on this host first")
        return person
