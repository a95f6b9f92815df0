"""A yes to a list, and yeses beforehand, as the JSON doors show and take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sallyport.doors.api import shapes
from sallyport.doors.api.fields import Field, Given, text, texts, whole, words
from sallyport.doors.api.wire import Asked
from sallyport.doors.api.wire import Said as Answered
from sallyport.errors import BadInputError
from sallyport.flow.house import House
from sallyport.flow.inbox import Item
from sallyport.flow.inbox.batch import Answered as Taken
from sallyport.flow.inbox.beforehand import Given as InForce
from sallyport.model import Ahead, Approval, Call, Json, JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules import batches, beforehand
from sallyport.rules.answering import BECAUSE_MAX
from sallyport.rules.batches import Plan, Row
from sallyport.rules.statements import Signed

PLAN: Mapping[str, Field] = {
    "approvals": texts("the questions that are wished for in one list"),
    "person": text("who would sign it"),
}
SIGN: Mapping[str, Field] = {
    "approvals": texts("the questions of the list, all of them"),
    "because": words("why; it goes with every row", chars_max=BECAUSE_MAX),
    "person": text("who says yes"),
    "at_us": whole("when it was signed, microseconds since 1970 UTC"),
    "signature": text("signature over the list: hex, or a passkey's", chars_max=16_384),
}
REVOKE: Mapping[str, Field] = {
    "grant": text("the yes beforehand"),
    "by": text("who takes it back"),
    "because": words("why; it is kept", chars_max=BECAUSE_MAX, optional=True),
}
AHEAD = Field(
    {
        "type": "object",
        "properties": {
            "at_most": {"type": "integer", "minimum": 1, "maximum": beforehand.CALLS_MAX},
            "until_us": {"type": "integer", "minimum": 0, "maximum": 2**62},
            "free": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["at_most", "until_us", "free"],
        "additionalProperties": False,
    },
    "with a yes, that it covers so many more calls of the kind on this task, until then; `free` "
    "are the arguments that may differ",
    optional=True,
)


async def plan(asked: Asked[Any]) -> Answered:
    """Show the list that a person may sign of these questions, and what is left out of it."""
    found = await asked.house.inbox.plan(asked.body.texts("approvals"), asked.body.text("person"))
    return Answered(planned(asked.house, found))


async def sign(asked: Asked[Any]) -> Answered:
    """Take a person's signed yes to a list, row by row."""
    body = asked.body
    signed = Signed(
        person=body.text("person"), at_us=body.whole("at_us"), signature=body.text("signature")
    )
    taken = await asked.house.inbox.say_list(body.texts("approvals"), body.text("because"), signed)
    return Answered({"rows": [answered(one) for one in taken]})


async def grants(asked: Asked[Any]) -> Answered:
    """List the yeses beforehand that are in force, each with its counter."""
    return Answered({"grants": [in_force(one) for one in await asked.house.inbox.grants()]})


async def revoke(asked: Asked[Any]) -> Answered:
    """Take a yes beforehand back; nothing more leaves under it."""
    body = asked.body
    kept = await asked.house.inbox.revoke(
        body.text("grant"), by=body.text("by"), because=body.text("because")
    )
    return Answered({"grant": kept.id, "task": kept.task, "tool": kept.tool})


def planned(house: House, found: Plan) -> JsonObject:
    """Return a list as a person sees it before they sign it.

    `rows` has of each question what it binds and what it is about, so that whoever signs can check
    both; `differing` names the arguments in which the rows differ, `same` holds the others.
    """
    return {
        "rows": [_row(house, one) for one in found.rows],
        "apart": [{**_named(one), "why": why} for one, why in found.apart],
        "differing": list[Json](found.differing),
        "same": found.same,
        "can_be_signed": len(found.rows) >= batches.AT_LEAST,
    }


def answered(one: Taken) -> JsonObject:
    """Return what became of one row of a list."""
    if one.taken is None:
        error: JsonObject = dict[str, Json](one.why.as_dict()) if one.why else {}
        return {**_named(one.row), "state": "not_answered", "error": error}
    return shapes.question(one.taken.approval, one.row.call)


def in_force(one: InForce) -> JsonObject:
    """Return a yes beforehand with its counter."""
    kept = one.granted
    return {
        "id": kept.id,
        "approval": kept.approval,
        "person": kept.person,
        "task": kept.task,
        "agent": kept.agent,
        "workflow": kept.workflow,
        "tool": kept.tool,
        "at_most": kept.at_most,
        "used": one.used,
        "free": list[Json](one.free),
        "since_us": kept.since_us,
        "until_us": kept.until_us,
    }


def offered(house: House, approval: Approval, call: Call) -> JsonObject:
    """Return what a yes to this question may cover besides; `why_not` where it may nothing."""
    return {
        "why_not": house.inbox.why_not_ahead(approval, call),
        "free": list[Json](house.inbox.may_differ(approval, call)),
        "calls_max": beforehand.CALLS_MAX,
        "hours_max": beforehand.HOURS_MAX,
    }


def ahead(body: Given) -> Ahead | None:
    """Return what an answer says beforehand, if it does.

    Raises:
        BadInputError: It names an argument that is none.
    """
    if "ahead" not in body:
        return None
    inner = Given(body.table("ahead"))
    free = inner.texts("free")
    if len(free) != len(set(free)):
        raise BadInputError("an argument that may differ stands twice", fix="name it once")
    return Ahead(at_most=inner.whole("at_most"), until_us=inner.whole("until_us"), free=tuple(free))


def _row(house: House, row: Row) -> JsonObject:
    shown = shapes.item(house, Item(call=row.call, approval=row.approval), ())
    return {**shown, "object": row.approval.object, "statement_of": approvals.bound(row.approval)}


def _named(row: Row) -> JsonObject:
    return {
        "approval": row.approval.id,
        "call": row.call.id,
        "tool": row.call.proposal.tool,
        "args": row.call.proposal.args,
    }
