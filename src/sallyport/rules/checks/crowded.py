"""How many questions of one agent may wait: a flood of them would leave nobody who reads them.

It is no limit of a boundary. A call that would ask is refused while there is no room, and may be
proposed again once somebody has answered; what asks nobody goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from sallyport.model import Floor, Verdict
from sallyport.rules import reasons
from sallyport.rules.context import Context


def full(context: Context, verdict: Verdict) -> Iterable[Floor]:
    """Refuse a call that would ask while as many questions of its agent wait as may."""
    task, waiting = context.task, context.crowded
    if verdict is not Verdict.ASK or not waiting or task is None:
        return ()
    return (reasons.refuse("agent.waiting_full", agent=task.agent, waiting=str(waiting)),)
