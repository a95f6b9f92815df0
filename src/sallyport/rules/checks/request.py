"""Is there an open task behind this, of an agent that is switched on?"""

from __future__ import annotations

from collections.abc import Iterator

from sallyport.model import Floor, Level, Stage
from sallyport.rules import reasons
from sallyport.rules.context import Context
from sallyport.rules.times import utc


def task(context: Context) -> Iterator[Floor]:
    """Refuse without a task that is open now."""
    if context.task is None or context.task.closed:
        yield reasons.refuse("request.no_task")
    elif context.now_us >= context.task.expires_us:
        yield reasons.refuse("request.task_over", ended=utc(context.task.expires_us))


def agent(context: Context) -> Iterator[Floor]:
    """Refuse an agent that is unknown or off; hold a new one to its stage."""
    if context.task is None:
        return
    name = context.task.agent
    if context.agent is None:
        yield reasons.refuse("agent.unknown", agent=name)
    elif not context.agent.active:
        yield reasons.refuse("agent.inactive", agent=name)
    elif context.level >= Level.CREATE and context.agent.stage is Stage.DRAFT:
        yield reasons.draft("agent.stage_draft", agent=name)
    elif context.level >= Level.CREATE and context.agent.stage is Stage.ASK:
        yield reasons.ask("agent.stage_ask", agent=name)
