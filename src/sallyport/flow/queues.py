"""How many questions of each agent wait for people, so that one agent cannot bury the others.

Rules:
  1. A question takes its place before it is written down, so that two at once never share the last.
  2. What is counted in memory is never too little. Only when it says that there is no room is the
     database looked at, and what was settled meanwhile makes room.
"""

from __future__ import annotations

from sallyport.model import ApprovalState
from sallyport.ports import Store
from sallyport.rules.waiting_rules import WAITING_MAX


class Queues:
    """Counts the questions of agents.

    Args:
        store: The database.
        waiting: By agent, the ids of its questions; perhaps some that wait no more.
    """

    def __init__(self, store: Store, waiting: dict[str, set[str]]) -> None:
        self.at_most = WAITING_MAX
        self._store = store
        self._waiting = waiting
        self._entering: set[str] = set()

    async def crowded(self, agent: str) -> int:
        """Return how many questions of an agent wait, if no more may; else 0."""
        known = self._waiting.get(agent, set())
        if len(known) >= self.at_most:
            await self._look(known)
        return len(known) if len(known) >= self.at_most else 0

    def enter(self, agent: str, approval: str, *, anyway: bool = False) -> bool:
        """Take a place for a question that is about to be written down; False where none is left.

        Args:
            agent: Whose call it is.
            approval: The question.
            anyway: Take it even so: a call that waited already goes on waiting.
        """
        known = self._waiting.setdefault(agent, set())
        if len(known) >= self.at_most and not anyway:
            return False
        known.add(approval)
        self._entering.add(approval)
        return True

    def entered(self, agent: str, approval: str, *, written: bool) -> None:
        """Note whether a question that took a place was written down; if not, the place is free."""
        self._entering.discard(approval)
        if not written:
            self._waiting[agent].discard(approval)

    async def _look(self, known: set[str]) -> None:
        asked = tuple(known - self._entering)
        found = await self._store.pick("approvals", asked, only=("id", "state"))
        waits = {row["id"] for row in found if row["state"] == ApprovalState.WAITING.value}
        known.difference_update(one for one in asked if one not in waits)
