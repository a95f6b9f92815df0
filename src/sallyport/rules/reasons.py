"""Every reason a person decides by, as a sentence. `docs/reasons.md` is written from this table.

A sentence names arguments and bounds; it names a proposed value only where the boundary compares
it with a bound. The clear part of the ledger keeps the code alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.model import Floor, Verdict

NO_WORDS = "without a word"
"""Stands where a person was free to say why, and did not."""

SENTENCES: Mapping[str, str] = {
    # Who asks, and in which task.
    "request.no_task": "there is no open task behind this token",
    "request.task_over": "the task ended at {ended}",
    "agent.unknown": "agent `{agent}` is not known here",
    "agent.inactive": "agent `{agent}` is switched off",
    "agent.stage_draft": "agent `{agent}` is new: what would change something becomes a draft",
    "agent.waiting_full": "{waiting} calls of agent `{agent}` wait for people, and no more may",
    "agent.stage_ask": "agent `{agent}` is on probation: what would change something asks a person",
    "permission.requester_unknown": "the requester `{person}` is not known here",
    "permission.requester_role": "the requester holds none of the roles {roles}",
    # An answer to what a system asked in the middle of a call.
    "answer.unasked": "it answers a question that was not asked in this task",
    "answer.late": "the question was asked more than {minutes} minutes ago",
    "answer.used": "the question was answered already, or its system waits no more",
    "answer.other_call": "the call is not the one whose system asked",
    "answer.incomplete": "it does not answer exactly what was asked",
    "answer.none": "its system asked the agent for something and got no answer in time",
    "answer.declined": "its system asked the agent for something, and the agent declined",
    # The boundary.
    "boundary.none": "workflow `{workflow}` has no signed boundary",
    "boundary.agent": "workflow `{workflow}` is not open to agent `{agent}`",
    "boundary.expired": "the boundary of `{workflow}` ended on {expires}",
    "boundary.tool_not_declared": "tool `{tool}` is not declared in workflow `{workflow}`",
    "boundary.tool_never": "workflow `{workflow}` never allows tool `{tool}`",
    "boundary.tool_barred": "workflow `{workflow}` keeps tool `{tool}` from `{agent}` everywhere",
    "boundary.argument_unnamed": "argument `{argument}` is not named in the boundary",
    "boundary.argument_missing": "argument `{argument}` is missing",
    "boundary.only": "{detail}",
    "boundary.template": "argument `{argument}` is none of its templates: {detail}",
    "boundary.when": "{fact} is `{value}`, and the boundary asks for {wanted}",
    "boundary.never": "the boundary forbids it ({where}): {detail}",
    "boundary.no_entry": "no entry of `{tool}` covers these arguments: {detail}",
    "boundary.allow": "the boundary allows it ({where})",
    "boundary.ask": "the boundary asks {who} ({where})",
    "boundary.allow_over": "the boundary allowed it until {until} ({where})",
    "boundary.unit": "argument `{argument}` must be a whole number: {number} for {amount}",
    "boundary.fact_missing": "the gateway could not read {fact}",
    # Level, impact, influence.
    "level.default": "level {level} is allowed by default",
    "level.ask": "at level {level} a person is asked unless the boundary says otherwise",
    "impact.ask": "it touches {impacts}, so a person is asked unless the boundary says otherwise",
    "review.needs_human": "it stays in the queue until {who} has decided",
    "edit.ask": "{person} changed it, so somebody else answers for it",
    "irreversible.ask": "nobody can take back what `{tool}` does, so a person is always asked",
    "influence.untrusted": "text from outside entered this task, so level {level} asks a person",
    # Parameters, target, limits.
    "parameters.schema": "argument {at} does not fit the tool's schema: {problem}",
    "parameters.schema_unusable": "the tool's schema cannot be used: {problem}",
    "tool.unknown": "no connected system offers tool `{tool}`",
    "tool.quarantined": "the definition of tool `{tool}` changed since it was accepted",
    "tool.lookup_only": "tool `{tool}` is not declared as a look-up of system `{system}`",
    "limit.reached": "limit `{limit}` of {at_most} per {per} is used up",
    "limit.each": "limit `{limit}` of {at_most} per {per} for each `{each}` is used up",
    "limit.sum": "limit `{limit}` of {at_most} per {per} does not leave the {amount} of this call",
    "limit.untold": "limit `{limit}` cannot count `{argument}`, which is no amount in {currency}",
    # Switches, and the gateway itself.
    "switch.stop": "{scope} was stopped by {by}: {because}",
    "switch.floor": "{scope} was set to {verdict} by {by}: {because}",
    "stop.file": "a stop file covers {scope}",
    "fence.closed": "authority over it changed before the first byte left",
    "check.failed": "the check `{check}` failed to run",
    "gateway.broken": "the gateway refuses everything until it is started again: {why}",
    "gateway.unsettled": "authority changed {rounds} times while this was being decided",
    "call.cancelled": "agent `{agent}` cancelled it",
    "upstream.down": "system `{system}` could not be reached; nothing was sent",
    "lookup.failed": "the gateway could not read {what} first",
    # Approval.
    "approval.given": "{people} said yes",
    "approval.ahead": "{person} said yes beforehand to up to {at_most} calls like {approval}",
    "approval.own": "confirmed by the person who asked",
    "approval.rejected": "{person} said no: {because}",
    "approval.edited": "{person} changed {arguments}, and proposed that in its place: {because}",
    "approval.words": "{person} wrote back: {because}",
    "approval.expired": "nobody answered in time",
    "glass.broken": "{first} and {second} broke the glass for {scope}, until {until} ({glass})",
    "approval.undone": "{person} took the yes back before anything had left",
    "approval.withdrawn": "agent `{agent}` took its call back",
    "approval.stale": "the boundary or the target changed after the question was asked",
}


def say(floor: Floor) -> str:
    """Return the sentence of a floor.

    Never raises: a code without a sentence, or a missing word, comes back as the bare code.
    """
    template = SENTENCES.get(floor.code)
    if template is None:
        return floor.code
    try:
        return template.format_map(floor.words)
    except KeyError:
        return floor.code


def refuse(code: str, **words: str) -> Floor:
    """Return a floor that refuses."""
    return Floor(verdict=Verdict.REFUSE, code=code, words=words)


def ask(code: str, **words: str) -> Floor:
    """Return a floor that asks a person."""
    return Floor(verdict=Verdict.ASK, code=code, words=words)


def draft(code: str, **words: str) -> Floor:
    """Return a floor that stores a draft."""
    return Floor(verdict=Verdict.DRAFT, code=code, words=words)


def allow(code: str, **words: str) -> Floor:
    """Return a floor that has no objection."""
    return Floor(verdict=Verdict.ALLOW, code=code, words=words)
