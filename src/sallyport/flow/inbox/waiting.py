"""What waits, read from the database. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sallyport.errors import NotFoundError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Call,
    Draft,
    DraftState,
    Origin,
    Person,
)
from sallyport.rules import approval as approvals

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


class Waiting:
    """Lists what waits, and says who may answer it.

    Args:
        gateway: Where registry, evidence and ports are.
        lone: Returns whether `team: one` is in force.
        spawn: Runs what follows from an answer, so that the answerer need not wait for it.
        owners_answer: Whether people answer for agents that they own.
    """

    def __init__(
        self,
        gateway: Gateway,
        lone: Callable[[], bool],
        spawn: Spawn,
        *,
        owners_answer: bool = True,
    ) -> None:
        self._gateway = gateway
        self._lone = lone
        self._spawn = spawn
        self._owners_answer = owners_answer

    async def items(self) -> Sequence[Item]:
        """Return everything that waits for a person, oldest first."""
        store = self._gateway.outside.store
        items: list[Item] = []
        for row in await store.rows("approvals", {"state": ApprovalState.WAITING.value}):
            approval = rows.approval_of(row, self._gateway.outside.vault)
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
        return rows.approval_of(found[0], self._gateway.outside.vault)

    async def draft(self, draft_id: str) -> Draft:
        """Return a draft.

        Raises:
            NotFoundError: No draft has this id.
        """
        found = await self._gateway.outside.store.rows("drafts", {"id": draft_id})
        if not found:
            raise NotFoundError(f"no draft has the id `{draft_id[:40]}`")
        return rows.draft_of(found[0])

    def admit(self, approval: Approval, call: Call, person: Person) -> bool:
        """Check that a person may answer now; return whether it is a request of their own.

        Raises:
            NotPermittedError: It asks others, or they had a hand in it.
            ConflictError: It was settled already, has expired, or they have spoken.
        """
        edited = call.proposal.origin is Origin.EDIT
        agent = self._gateway.registry.agents.get(call.agent)
        return approvals.admit(
            approval,
            person,
            requester=call.requester,
            now_us=self._gateway.evidence.now_us(),
            lone=self._lone(),
            editor=call.proposal.by if edited else "",
            owner="" if self._owners_answer or agent is None else agent.owner,
        )

    def _person(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None:
            raise NotFoundError(f"person `{name[:80]}` is not known here")
        if not person.can_sign:
            raise NotPermittedError(f"`{name}` is not enrolled", fix="enrol on this host first")
        return person
