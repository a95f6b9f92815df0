"""The yeses that were said beforehand and are in force: which covers a call, and when one is over.

Rules:
  1. What one covers is read from the answer that it was said with, and that answer's signature is
     checked again each time. A row in the database alone permits nothing.
  2. Whatever changes what is in force over it ends it: a stop, a floor, another boundary, the end
     of the task. Lifting or reverting that does not bring it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sallyport.flow import rows
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Draught, Evidence
from sallyport.flow.outside import Outside
from sallyport.flow.registry import Granted, Registry
from sallyport.model import Answer, Approval, Grant, Origin
from sallyport.ports import LedgerQuery, Row, Store, Update
from sallyport.rules import beforehand
from sallyport.rules.context import Context


class Grants:
    """Finds the yes beforehand that a call may leave under.

    Args:
        outside: The ports.
        registry: Where those are that have not ended.
        fences: Says what changed since one was given.
        still_counting: Returns a question with only the answers that count now.
    """

    def __init__(
        self,
        outside: Outside,
        registry: Registry,
        fences: Fences,
        still_counting: Callable[[Approval], Approval],
    ) -> None:
        self.lone: Callable[[], bool] = bool
        """Whether one person works alone: only then one's own yes covers one's own request."""
        self._outside = outside
        self._registry = registry
        self._fences = fences
        self._still_counting = still_counting

    async def seen(self, context: Context, *, taken_up: bool) -> Context:
        """Return a snapshot with the yes beforehand that its call fits, the newest of several."""
        agents_own = context.proposal.origin is Origin.AGENT and not taken_up
        if not self._registry.grants or context.task is None or not agents_own:
            return context
        for kept in reversed(tuple(self._registry.grants.values())):
            if (kept.task, kept.tool) != (context.task.id, context.proposal.tool):
                continue
            grant = await self.found(kept, context.now_us)
            if grant is not None and beforehand.fits(grant, context) and await self._left(grant):
                return replace(context, grant=grant)
        return context

    async def found(self, kept: Granted, now_us: int) -> Grant | None:
        """Return what a yes beforehand covers; None where it is over, or its answer counts not."""
        if self.over(kept, now_us):
            return None
        row = await self._outside.store.rows("approvals", {"id": kept.approval})
        if not row:
            return None
        approval = self._still_counting(rows.approval_of(row[0], self._outside.vault))
        answers = (one for one in approval.answers if one.person == kept.person and one.yes)
        answer = next(answers, None)
        if answer is None or not self._by_right(approval, answer):
            return None
        grant = beforehand.granted(kept.id, approval, answer)
        same = grant is not None and (grant.task, grant.tool) == (kept.task, kept.tool)
        return grant if same else None

    def over(self, kept: Granted, now_us: int) -> str:
        """Return why a yes beforehand is over, as a word; nothing while it is not."""
        task = self._registry.tasks.get(kept.task)
        if kept.id not in self._registry.grants:
            return "ended"
        if now_us >= kept.until_us:
            return "time"
        if task is None or task.closed or now_us >= task.expires_us:
            return "task"
        if self._registry.active.get(kept.workflow) != kept.boundary:
            return "boundary"
        if not kept.scopes.isdisjoint(self._outside.stop_file.scopes()):
            return "stop"
        return "changed" if self._fences.closed_for(kept.watched, kept.epoch) else ""

    def _by_right(self, approval: Approval, answer: Answer) -> bool:
        """Return whether whoever said it could say it today."""
        if answer.confirmed_own:
            return self.lone()
        person = self._registry.people.get(answer.person)
        held = person.roles if person is not None else frozenset[str]()
        return bool(held.intersection(approval.question.who))

    async def _left(self, grant: Grant) -> bool:
        name = beforehand.counter(grant.id)
        return (await self._outside.store.counters([name]))[name] < grant.ahead.at_most


async def remember(store: Store, registry: Registry, fences: Fences) -> None:
    """Know again, after a restart, what was changed over each yes since it was said.

    Else one that ended so, a moment before the gateway did, would count again. One whose end the
    ledger has is over, whatever its row says.
    """
    for kept in tuple(registry.grants.values()):
        ends = await store.ledger(LedgerQuery(kind="grant.ended", task=kept.task))
        if any(f'"approval":"{kept.approval}"'.encode() in one.data for one in ends):
            del registry.grants[kept.id]
    for scope in sorted({scope for one in registry.grants.values() for scope in one.watched}):
        for row in await store.rows("epochs", {"id": scope}):
            fences.remember(scope, rows.number(row, "epoch"))


def ending(
    evidence: Evidence,
    draught: Draught,
    kept: Granted,
    why: str,
    *,
    by: str,
    because: str = "",
    once: bool = True,
) -> None:
    """Add to an append that a yes beforehand ends.

    With `once`, nothing of the append happens where it has ended already; a stop does not hang
    on that.
    """
    row: Row = {"ended_us": draught.at_us, "ended_by": by, "why": why}
    expect: Row = {"ended_us": None} if once else {}
    draught.changes.append(Update("grants", kept.id, expect, row))
    evidence.note(
        draught,
        "grant.ended",
        {
            "grant": kept.id,
            "approval": kept.approval,
            "task": kept.task,
            "tool": kept.tool,
            "why": why,
            "by": by,
        },
        index={"task": kept.task, "tool": kept.tool, "person": by, "agent": kept.agent},
        secret={"because": because} if because else None,
    )


def reached(registry: Registry, scope: str) -> tuple[Granted, ...]:
    """Return the yeses beforehand that a stop or a floor of a scope ends, and let go of them.

    From here on none of them covers a call, written down or not.
    """
    found = tuple(one for one in registry.grants.values() if scope in one.scopes)
    for one in found:
        del registry.grants[one.id]
    return found
