"""All that a person should see of a call before they answer: read here once, for page and twin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sallyport.doors.api import shapes
from sallyport.doors.api.shapes import Reason
from sallyport.doors.console.page import Visit
from sallyport.flow.inbox import Item
from sallyport.model import Call, Json, JsonObject, ToolRule, Verdict
from sallyport.ports import LedgerQuery
from sallyport.rules.shown import shown as args_shown
from sallyport.rules.telling.money import in_currency
from sallyport.rules.telling.odd import Like, Odd, odd
from sallyport.rules.telling.origins import Answered, Origin, origins
from sallyport.rules.telling.sentence import Part, parts
from sallyport.rules.trace import Heard

RUN_MAX = 100
"""So many earlier answers of the same task are searched for a value."""
LIKE_MAX = 200
SECTIONS: Mapping[str, str] = {
    "request": "request",
    "agent": "stage",
    "permission": "permission",
    "boundary": "boundary",
    "level": "level",
    "impact": "impact",
    "irreversible": "impact",
    "influence": "sources",
    "parameters": "parameters",
    "tool": "parameters",
    "limit": "limits",
    "switch": "switches",
    "stop": "switches",
    "approval": "approval",
    "glass": "approval",
}
"""The check that a reason comes from, by the first word of its code."""


async def brief(visit: Visit, item: Item) -> JsonObject:
    """Return one line's worth of an item: its sentence, and the first odd thing."""
    why = await shapes.why_of(visit.house, item.call, only=Verdict(item.call.verdict))
    shown = shapes.item(visit.house, item, why)
    facts = await _origins(visit, item.call)
    found = _odd(shown, facts, item)
    return {
        **shown,
        "sentence": _sentence(visit, item.call, shown),
        "verdict": item.call.verdict.name.lower(),
        "answered": sum(one.yes for one in item.approval.answers) if item.approval else 0,
        "origins": [one.as_json() for one in facts],
        "odd": [one.as_json() for one in found],
    }


async def whole(visit: Visit, item: Item) -> JsonObject:
    """Return everything of an item that its page shows."""
    why = await shapes.why_of(visit.house, item.call)
    asks = [one for one in why if one.verdict is item.call.verdict]
    shown = await shapes.detail(visit.house, item, asks)
    facts = await _origins(visit, item.call)
    like = await _like(visit, item.call)
    task = visit.house.gateway.registry.tasks.get(item.call.proposal.task_id)
    return {
        **shown,
        "sentence": _sentence(visit, item.call, shown),
        "parts": _marked(_parts(visit, item.call, shown), facts),
        "before": shown["preview"],
        "verdict": item.call.verdict.name.lower(),
        "answered": sum(one.yes for one in item.approval.answers) if item.approval else 0,
        "origins": [one.as_json() for one in facts],
        "odd": [one.as_json() for one in _odd(shown, facts, item, like)],
        "floors": [_floor(one) for one in why],
        "like": {"approved": like.approved, "rejected": like.rejected},
        "words": task.words if task else "",
        "high": shown["confirm"] is not None or shown["how_many"] != 1,
        "digest": (item.approval.about if item.approval else "") or item.call.digest,
    }


def rule_of(visit: Visit, call: Call) -> ToolRule | None:
    """Return what the boundary of a call says of its tool."""
    boundary = visit.house.gateway.registry.boundaries.get(call.boundary)
    return boundary.workflow.tools.get(call.proposal.tool) if boundary else None


def sentence_of(visit: Visit, call: Call) -> str:
    """Return the one sentence of what a call does."""
    plumbing = visit.house.gateway.registry.plumbing_of(call)
    return _sentence(visit, call, args_shown(call.proposal.args, plumbing).as_json())


def _sentence(visit: Visit, call: Call, shown: JsonObject) -> str:
    return "".join(one.text for one in _parts(visit, call, shown))


def _parts(visit: Visit, call: Call, shown: JsonObject) -> tuple[Part, ...]:
    boundary = visit.house.gateway.registry.boundaries.get(call.boundary)
    pin = boundary.pins.get(call.proposal.tool) if boundary else None
    title = pin.definition.get("title") if pin else None
    amounts, critical = shown["amounts"], shown["critical"]
    rule = boundary.workflow.tools.get(call.proposal.tool) if boundary else None
    args = {**call.proposal.args, **(in_currency(rule, call.proposal.args) if rule else {})}
    args |= amounts if isinstance(amounts, dict) else {}
    leading = [str(one) for one in critical] if isinstance(critical, list) else []
    tool = call.proposal.tool
    return parts(tool, args, title=title if isinstance(title, str) else "", leading=leading)


def _marked(said: Sequence[Part], facts: Sequence[Origin]) -> list[Json]:
    """Return a sentence in parts, each value with whether it may be believed."""
    trusted = {one.argument: one.trusted for one in facts}
    return [
        {
            "text": one.text,
            "argument": one.argument,
            "trusted": trusted.get(one.argument, not one.argument),
        }
        for one in said
    ]


async def _origins(visit: Visit, call: Call) -> tuple[Origin, ...]:
    answered = await _answered(visit, call)
    return origins(call.proposal.args, rule_of(visit, call), answered)


async def _answered(visit: Visit, call: Call) -> Sequence[Answered]:
    """Return what the call's task had been answered before it was proposed, newest first."""
    task = call.proposal.task_id
    if task not in visit.read:
        visit.read[task] = await _answers(visit, LedgerQuery(task=task))
    known = visit.read[task]
    if len(known) == RUN_MAX:
        return await _answers(visit, LedgerQuery(task=task, until_us=call.proposed_us))
    return [one for one in known if one.at_us < call.proposed_us]


async def _answers(visit: Visit, query: LedgerQuery) -> Sequence[Answered]:
    found = await visit.house.reading.search(
        replace(query, kind="call.concluded", newest_first=True, limit=RUN_MAX), unseal=True
    )
    calls = [str(one.body.get("call")) for one in found]
    named = await visit.house.gateway.outside.store.pick("calls", calls, only=("id", "tool"))
    tools = {row["id"]: str(row["tool"]) for row in named}
    return [
        Answered(
            call=call,
            tool=tools.get(call, call),
            at_us=one.at_us,
            trusted=False,
            content=(one.secret or {}).get("result"),
        )
        for call, one in zip(calls, found, strict=True)
    ]


def _odd(
    shown: JsonObject, facts: Sequence[Origin], item: Item, like: Like | None = None
) -> tuple[Odd, ...]:
    args = item.call.proposal.args
    declared = shown["critical"]
    critical = [str(one) for one in declared] if isinstance(declared, list) else []
    return odd(args, facts, critical=critical or list(args), like=like)


async def _like(visit: Visit, call: Call) -> Like:
    """Return how earlier calls of the same tool in the same workflow were answered."""
    query = LedgerQuery(
        tool=call.proposal.tool,
        workflow=call.workflow,
        kind="approval.answered",
        until_us=call.proposed_us,
        newest_first=True,
        limit=LIKE_MAX,
    )
    found: Sequence[Heard] = await visit.house.reading.search(query)
    yes = sum(one.body.get("yes") is True for one in found)
    return Like(approved=yes, rejected=len(found) - yes)


def _floor(reason: Reason) -> JsonObject:
    check = SECTIONS.get(reason.code.partition(".")[0], "checks")
    shown: dict[str, Json] = {**reason.as_json(), "check": check}
    return shown
