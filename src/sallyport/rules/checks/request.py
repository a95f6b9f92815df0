"""Is there an open task behind this, of an agent that is switched on?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sallyport.model import Ending, Floor, Level, Origin, Stage
from sallyport.rules import asking, reasons
from sallyport.rules.context import Context
from sallyport.rules.times import SECOND_US, utc


def task(context: Context) -> Iterable[Floor]:
    """Refuse without a task that is open now."""
    if context.task is None or context.task.closed:
        return (reasons.refuse("request.no_task"),)
    if context.now_us >= context.task.expires_us:
        return (reasons.refuse("request.task_over", ended=utc(context.task.expires_us)),)
    return ()


def agent(context: Context) -> Iterable[Floor]:
    """Refuse an agent that is unknown or off; hold a new one to its stage."""
    found = context.agent
    if found is not None and found.active and found.stage is Stage.LIVE:
        return ()
    return _held_back(context)


def answer(context: Context) -> Iterable[Floor]:
    """Refuse answers to what was not asked, of this very task, or was answered already."""
    proposal = context.proposal
    if proposal.origin is not Origin.AGENT or not (proposal.parent or proposal.answers):
        return ()
    return _unfit(context)


def _held_back(context: Context) -> Iterator[Floor]:
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


def _unfit(context: Context) -> Iterator[Floor]:
    proposal, parent = context.proposal, context.parent
    if parent is None or parent.proposal.task_id != proposal.task_id:
        yield reasons.refuse("answer.unasked")
    elif parent.ending is not Ending.ASKED:
        yield reasons.refuse("answer.used")
    elif context.asks is None:
        yield reasons.refuse("answer.unasked")
    elif (parent.proposal.tool, parent.proposal.args) != (proposal.tool, proposal.args):
        yield reasons.refuse("answer.other_call")
    elif context.now_us > parent.proposed_us + asking.WITHIN_S * SECOND_US:
        yield reasons.refuse("answer.late", minutes=str(asking.WITHIN_S // 60))
    elif not asking.answers_all(context.asks, proposal.answers):
        yield reasons.refuse("answer.incomplete")
