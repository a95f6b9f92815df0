"""All that people answer about, as one value with one digest, which every answer signs.

Rules:
  1. It is made by the gateway from what would be sent, never from what an agent says of it; it is
     complete, and nothing in it is shortened.
  2. Right before the effect it is made again from what holds then. Any difference makes the answers
     stale, and the question comes back with what changed.
  3. What was found, and the number that makes the value unique, belong to the moment of asking: a
     run that goes on reading meanwhile does not undo an answer. What is refused by then is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sallyport.model import Approval, Floor, Json, JsonObject, Plumbing
from sallyport.rules import canonical, confirming, cool_off
from sallyport.rules.context import Context

VERSION = 1
KIND = "approval-object"

CHANGED: Mapping[str, str] = {
    "action.tool": "another tool",
    "action.pin": "the tool's definition changed",
    "action.system": "another system",
    "action.environment": "the environment changed",
    "action.level": "the tool's level changed",
    "action.args": "the arguments changed",
    "action.meta": "what is sent along changed",
    "action.target": "the record it is about changed",
    "action.before": "the record it is about changed",
    "requester": "the requester changed",
    "agent": "another agent",
    "instance": "another run of the agent",
    "task": "another task",
    "workflow": "another workflow",
    "boundary": "a new version of the boundary is in force",
    "findings": "other checks have something to say",
    "cost": "what it costs changed",
    "reversibility": "whether it can be taken back changed",
    "edit_of": "it was made from another call",
    "confirm": "what has to be typed for a yes changed",
    "approval": "the question was exchanged",
    "nonce": "the question was exchanged",
    "expires_us": "the time to answer was moved",
    "cool_off_s": "the time to take a yes back was changed",
    "again": "what changed before was exchanged",
    "v": "another release of Sallyport wrote it",
}
"""By the name of a part, what a person reads where it differs."""


def build(
    context: Context,
    *,
    approval: str,
    nonce: str,
    findings: Iterable[Floor],
    expires_us: int,
    before: JsonObject | None,
    replaces: Approval | None = None,
) -> JsonObject:
    """Return the object that a question is about.

    Args:
        context: What was seen when the question was put.
        approval: The question's id.
        nonce: A number that nobody could guess and nothing has used.
        findings: The floors of the decision.
        expires_us: When the answer comes too late.
        before: The record as it was read, where one was.
        replaces: The question that went stale, where this one is put in its place.
    """
    made: JsonObject = {
        **_of(context, before),
        "approval": approval,
        "nonce": nonce,
        "findings": list[Json](dict.fromkeys(floor.code for floor in findings)),
        "expires_us": expires_us,
        **_cool_off(cool_off.seconds(context)),
    }
    return {**made, "again": _again(replaces, made) if replaces else None}


def short_id(prefix: str, fresh: str) -> str:
    """Return an id short enough to type, derived from one that nobody can guess."""
    return f"{prefix}-{canonical.digest('short-id', [prefix, fresh])[:10]}"


def nonce_of(fresh: str) -> str:
    """Return the number that makes an object unique, derived from an id that nobody can guess."""
    return canonical.digest("nonce", fresh)[:32]


def digest(made: JsonObject) -> str:
    """Return the digest of an object; nothing for no object."""
    return canonical.digest(KIND, made) if made else ""


def rebuilt(approval: Approval, context: Context, before: JsonObject | None) -> JsonObject:
    """Return the object of a question as it would be made now."""
    kept = approval.object
    return {
        **_of(context, before),
        "approval": approval.id,
        "nonce": kept.get("nonce"),
        "findings": kept.get("findings"),
        "expires_us": approval.expires_us,
        **_cool_off(cool_off.of(kept)),
        "again": kept.get("again"),
    }


def holds(approval: Approval, context: Context, before: JsonObject | None) -> bool:
    """Return whether what was answered about is, to the last byte, what would happen now."""
    now = digest(rebuilt(approval, context, before))
    return bool(approval.about) and approval.about == digest(approval.object) == now


def differences(old: JsonObject, new: JsonObject) -> tuple[str, ...]:
    """Return the names of the parts in which two objects differ, in the order of the table."""
    then, now = _flat(old), _flat(new)
    return tuple(name for name in CHANGED if then.get(name) != now.get(name))


def in_words(names: Iterable[Json]) -> tuple[str, ...]:
    """Return what a person reads of parts that differ."""
    return tuple(dict.fromkeys(CHANGED[str(name)] for name in names if str(name) in CHANGED))


def came_back(made: JsonObject) -> tuple[str, ...]:
    """Return, in words, what changed since the call was asked before; nothing if it was not."""
    match made.get("again"):
        case {"changed": [*names]}:
            return in_words(names)
        case _:
            return ()


def _of(context: Context, before: JsonObject | None) -> JsonObject:
    """Return the parts that follow from a context."""
    proposal, task, boundary = context.proposal, context.task, context.active
    pin = boundary.pins.get(proposal.tool) if boundary else None
    plumbing = _plumbing(context)
    return {
        "v": VERSION,
        "action": {
            "tool": proposal.tool,
            "pin": pin.digest if pin else "",
            "system": context.system.name if context.system else "",
            "environment": boundary.workflow.environment.value if boundary else "",
            "level": context.level.name.lower(),
            "args": proposal.args,
            "meta": proposal.meta,
            "target": context.target,
            "before": before,
        },
        "requester": task.requester if task else "",
        "agent": task.agent if task else "",
        "instance": task.instance if task else "",
        "task": proposal.task_id,
        "workflow": task.workflow if task else "",
        "boundary": boundary.digest if boundary else "",
        "cost": str(plumbing.cost) if plumbing.cost else "",
        "reversibility": plumbing.reversible.value if plumbing.reversible else "",
        "edit_of": proposal.parent if proposal.edited else "",
        confirming.PART: confirming.wanted(proposal.args, plumbing),
    }


def _cool_off(seconds: int) -> JsonObject:
    return {"cool_off_s": seconds} if seconds else {}


def _plumbing(context: Context) -> Plumbing:
    found = context.system.tools.get(context.proposal.tool) if context.system else None
    return found or Plumbing()


def _again(replaced: Approval, made: JsonObject) -> JsonObject:
    """Say which question this one replaces, and in what they differ."""
    usual = {"approval", "nonce", "expires_us", "again"}
    found = differences(replaced.object, made) if replaced.object else ()
    named = [name for name in found if name not in usual]
    return {"approval": replaced.id, "changed": list[Json](named)}


def _flat(made: JsonObject) -> dict[str, Json]:
    action = made.get("action")
    parts = action if isinstance(action, dict) else {}
    return {**made, **{f"action.{name}": value for name, value in parts.items()}}
