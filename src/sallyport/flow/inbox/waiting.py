"""What waits, read from the database. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sallyport.errors import NotFoundError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.exercises import Exercises
from sallyport.flow.gateway import Gateway
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Call,
    Draft,
    DraftState,
    Person,
)
from sallyport.rules import approval as approvals
from sallyport.rules import workflow_steps

OPEN, DECIDED = "open", "decided"
"""Where a question stands that only people close."""

Spawn = Callable[[Awaitable[object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that waits: the call, and the question, draft or doubt about it."""

    call: Call
    approval: Approval | None = None
    draft: Draft | None = None
    not_for: tuple[str, ...] = ()
    """Who is left out, because they know how an exercise was answered when it was real."""
    flagged: bool = False
    """Whether the question is over, and stays until somebody whom it asked has decided."""

    @property
    def kind(self) -> str:
        """`question`, `flagged`, `draft` or `in_doubt`."""
        if self.draft is not None:
            return "draft"
        if self.flagged:
            return "flagged"
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
        self.exercises = Exercises(gateway.outside, gateway.registry, gateway.evidence, lone)
        self._acting: set[str] = set()
        """The calls that go on now, after the time in which their yes could be taken back."""

    async def items(self) -> Sequence[Item]:
        """Return everything that waits for a person, oldest first."""
        store = self._gateway.outside.store
        items: list[Item] = []
        waiting = await store.rows("approvals", {"state": ApprovalState.WAITING.value})
        asked = [rows.approval_of(row, self._gateway.outside.vault) for row in waiting]
        drafts = [
            rows.draft_of(row)
            for row in await store.rows("drafts", {"state": DraftState.STORED.value})
        ]
        named = [one.call_id for one in asked] + [one.call_id for one in drafts]
        calls = await self._calls(named)
        items += [Item(call=calls[one.call_id], approval=one) for one in asked]
        items += [Item(call=calls[one.call_id], draft=one) for one in drafts]
        items += await self.flagged()
        doubts = await store.rows("calls", {"action": ActionState.IN_DOUBT.value})
        items += [Item(call=rows.call_of(row, self._gateway.outside.vault)) for row in doubts]
        items += [
            Item(call=one.call, approval=one.approval, not_for=one.knows)
            for one in await self.exercises.waiting()
        ]
        return sorted(items, key=_since)

    async def flagged(self) -> Sequence[Item]:
        """Return the questions that are over, and stay until a person has decided."""
        found: list[Item] = []
        for row in await self._gateway.outside.store.rows("flagged", {"state": OPEN}):
            approval = await self.approval(rows.text(row, "id"))
            if approval.state not in {ApprovalState.WAITING, ApprovalState.APPROVED}:
                call = await self.call(approval.call_id)
                found.append(Item(call=call, approval=approval, flagged=True))
        return found

    async def _calls(self, ids: Sequence[str]) -> dict[str, Call]:
        """Return calls that there are, by id."""
        vault = self._gateway.outside.vault
        found = [
            rows.call_of(row, vault) for row in await self._gateway.outside.store.pick("calls", ids)
        ]
        return {one.id: one for one in found}

    async def call(self, call_id: str) -> Call:
        """Return a call.

        Raises:
            NotFoundError: No call has this id.
        """
        found = await self._gateway.outside.store.rows("calls", {"id": call_id})
        if not found:
            picture = await self.exercises.of_call(call_id)
            if picture is not None:
                return picture.call
            raise NotFoundError(f"no call has the id `{call_id[:60]}`")
        return rows.call_of(found[0], self._gateway.outside.vault)

    async def approval(self, approval_id: str) -> Approval:
        """Return a question.

        Raises:
            NotFoundError: No question has this id.
        """
        found = await self._gateway.outside.store.rows("approvals", {"id": approval_id})
        if not found:
            exercise = await self.exercises.find(approval_id)
            if exercise is not None:
                return exercise.approval
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
        step = workflow_steps.is_step(person.name)
        agent = self._gateway.registry.agents.get(call.agent)
        return approvals.admit(
            approval,
            person,
            requester=call.requester,
            now_us=self._gateway.evidence.now_us(),
            lone=self._lone() and not step,
            editor=call.proposal.by if call.proposal.edited else "",
            owner="" if self._owners_answer or agent is None else agent.owner,
        )

    def _person(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None:
            raise NotFoundError(f"person `{name[:80]}` is not known here")
        if not person.can_sign:
            raise NotPermittedError(f"`{name}` is not enrolled", fix="enrol on this host first")
        return person


def _since(item: Item) -> int:
    """Return since when something waits; a picture of a call is as old as its question."""
    if item.not_for and item.approval is not None:
        return item.approval.asked_us
    return item.call.proposed_us
