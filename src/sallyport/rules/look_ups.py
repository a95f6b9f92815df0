"""What the gateway must read for itself before it can decide: facts, and the target's own state.

Every look-up is a call: declared in the system file, bounded, decided and logged like any other.
Its arguments come from the proposal or the task, so a look-up reaches exactly the proposed record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sallyport.model import (
    Decision,
    Floor,
    Json,
    JsonObject,
    Level,
    Lookup,
    Origin,
    Plumbing,
    Proposal,
    Recovery,
    Verdict,
)
from sallyport.rules import canonical, reasons
from sallyport.rules.boundary.evaluate import facts_needed
from sallyport.rules.commands import Answered
from sallyport.rules.context import Context

MISSING = "boundary.fact_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One read to make. `fact` names what it answers; `is_target` marks the before-image."""

    lookup: Lookup
    fact: str = ""
    is_target: bool = False


def wanted(context: Context) -> tuple[Needed, ...]:
    """Return the reads a decision on this call needs, each tool and arguments only once."""
    if context.proposal.origin is Origin.GATEWAY or context.system is None:
        return ()
    facts = context.system.facts
    needed = [
        Needed(lookup=facts[name], fact=name) for name in _facts_named(context) if name in facts
    ]
    before = plumbing_of(context).before
    if before is not None and context.level >= Level.CLASSIFY:
        needed.append(Needed(lookup=before, is_target=True))
    return tuple(needed)


def plumbing_of(context: Context) -> Plumbing:
    """Return how the proposed tool is handled; the defaults where its system says nothing."""
    found = context.system.tools.get(context.proposal.tool) if context.system else None
    return found or Plumbing()


def retries_of(context: Context) -> int:
    """Return how often a call may be sent again that got no answer.

    None of a call that would do something twice, whatever is declared, and none of one that brings
    the answer to a question: nobody knows whether its system still waits for it.
    """
    plumbing = plumbing_of(context)
    keyed = plumbing.recovery is Recovery.IDEMPOTENCY_KEY
    harmless = keyed or context.level is Level.READ
    return plumbing.retries if harmless and not context.proposal.answers else 0


def refused_anyway(decision: Decision) -> bool:
    """Return whether the call is refused for a reason that no look-up could change."""
    return decision.verdict is Verdict.REFUSE and any(
        floor.verdict is Verdict.REFUSE and floor.code != MISSING for floor in decision.floors
    )


def without_unread(decision: Decision) -> Decision:
    """Return a refusal without the facts that were not read: they are no reason for it."""
    floors = tuple(floor for floor in decision.floors if floor.code != MISSING)
    return replace(decision, floors=floors)


def proposal(context: Context, needed: Needed, number: int) -> Proposal:
    """Return the look-up as a proposal of the gateway, a child of the call that needs it."""
    parent = context.proposal
    return Proposal(
        call_id=f"{context.fresh}.{number}",
        task_id=parent.task_id,
        tool=needed.lookup.tool,
        args=arguments(needed.lookup, parent.args, context.task.inputs if context.task else {}),
        channel="gateway",
        origin=Origin.GATEWAY,
        parent=parent.call_id,
        by="gateway",
    )


def arguments(lookup: Lookup, args: JsonObject, inputs: Mapping[str, Json]) -> JsonObject:
    """Fill in a look-up's arguments; one whose source is absent is left out, and so refused."""
    filled: JsonObject = {}
    for name, source in lookup.args.items():
        if isinstance(source, str) and source.startswith("arg."):
            if source[4:] in args:
                filled[name] = args[source[4:]]
        elif isinstance(source, str) and source.startswith("task."):
            if source[5:] in inputs:
                filled[name] = inputs[source[5:]]
        else:
            filled[name] = source
    return filled


def value(needed: Needed, result: JsonObject) -> Json:
    """Return the wanted value of a structured answer; null where the path leads nowhere."""
    found: Json = result.get("structuredContent")
    for step in needed.lookup.path.split(".") if needed.lookup.path else ():
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def matches(expected: Json, needed: Needed, result: JsonObject, context: Context) -> bool:
    """Return whether a probe shows what the call would have brought about.

    `expected` is the value itself, or `arg.NAME` for the value that was proposed.
    """
    if isinstance(expected, str) and expected.startswith("arg."):
        expected = context.proposal.args.get(expected[4:])
    return canonical.text(value(needed, result)) == canonical.text(expected)


def probed(happened: bool) -> Answered:  # noqa: FBT001 (it is what the probe found)
    """Return what the asker of a call gets whose own answer was lost, and which a probe found."""
    if happened:
        said = "It was done; its answer was lost in a restart."
        return Answered(result={"content": [{"type": "text", "text": said}]})
    error = "it was not done: the gateway restarted before it left"
    return Answered(error={"code": -32001, "message": error})


def failed(needed: Needed) -> Floor:
    """Return the floor of a read that did not succeed: what it would have told is not known."""
    return reasons.refuse("lookup.failed", what=needed.fact or "the target record")


def _facts_named(context: Context) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for rule in context.rules:
        names.update(dict.fromkeys(facts_needed(rule)))
    return tuple(names)
