"""What people of this host may look at. Nothing here changes anything or needs a signature."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

from sallyport import __version__
from sallyport.doors.api import lists, shapes, undoing
from sallyport.doors.api.wire import Asked, Said
from sallyport.doors.served import served
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.flow.inbox import Item
from sallyport.flow.listing import waiting
from sallyport.model import Boundary, GlassState, Json, JsonObject
from sallyport.ports import LedgerQuery
from sallyport.rules.attention.exercises import State
from sallyport.rules.failures import DAYS
from sallyport.rules.times import today, utc

LOG_WORDS = ("call", "task", "agent", "person", "tool", "workflow", "verdict", "kind")
LOG_LIMIT = 100
EXPIRES_SOON = timedelta(days=14)

Ask: TypeAlias = Asked[None]


async def status(asked: Ask) -> Said:
    """Say what is in force, what waits, and what somebody should look at."""
    house, settings = asked.house, asked.settings
    gateway, registry = house.gateway, house.gateway.registry
    items = await waiting(gateway)
    active = [registry.boundaries[digest] for digest in registry.active.values()]
    return Said(
        {
            "version": __version__,
            "pid": os.getpid(),
            "home": str(settings.home),
            "url": served(settings).url,
            "console": served(settings).console,
            "team": settings.team,
            "lone": house.people.lone(),
            "workflows": [_workflow(boundary) for boundary in active],
            "switches": [shapes.switch(one) for one in registry.switches.values()],
            "stop_file": list[Json](gateway.outside.stop_file.scopes()),
            "break_glass": [undoing.shown(one) for one in registry.broken_glasses()],
            "waiting": {
                "questions": sum(item.kind == "question" for item in items),
                "flagged": sum(item.kind == "flagged" for item in items),
                "drafts": sum(item.kind == "draft" for item in items),
                "in_doubt": sum(item.kind == "in_doubt" for item in items),
            },
            "on_wire": [shapes.on_wire(out) for out in gateway.dispatcher.on_wire()],
            "warnings": list[Json](
                [
                    *_warnings(house, active),
                    *await _unsigned(house),
                    *await _unreviewed(house),
                    *await house.notices.warnings(),
                ]
            ),
        }
    )


def _workflow(boundary: Boundary) -> JsonObject:
    workflow = boundary.workflow
    return {
        "name": workflow.name,
        "agent": workflow.agent,
        "digest": boundary.digest,
        "expires": workflow.expires.isoformat(),
        "owner": workflow.owner,
    }


def _warnings(house: House, active: Sequence[Boundary]) -> list[str]:
    registry = house.gateway.registry
    now = today(house.gateway.evidence.now_us())
    found = [f"everything is refused: {registry.broken}"] if registry.broken else []
    for boundary in active:
        workflow = boundary.workflow
        if workflow.expires < now:
            found.append(f"the boundary of {workflow.name} ended on {workflow.expires}")
        elif workflow.expires - now <= EXPIRES_SOON:
            found.append(f"the boundary of {workflow.name} ends on {workflow.expires}")
    found += [f"tool {pin} changed and is quarantined" for pin in sorted(registry.quarantined)]
    found += [f"{name} is held to its baseline" for name in sorted(registry.baselines)]
    if not registry.reviewers():
        found.append("nobody is enrolled who could answer a question")
    found += [
        f"the reviewers are gone past for {one.scope} until {utc(one.ends_us)} ({one.id})"
        for one in registry.broken_glasses()
    ]
    return found


async def _unsigned(house: House) -> list[str]:
    """Return the versions that wait for a signature."""
    authority = house.authority
    waiting = [one for one in await authority.pending() if authority.missing(one) is not None]
    return [
        f"version {one.number} of {one.statement.workflow} is not fully signed" for one in waiting
    ]


async def _unreviewed(house: House) -> list[str]:
    """Return what went past the reviewers and was not looked at."""
    return [
        f"break-glass {one.glass.id} is over, and nobody has looked at its {len(one.calls)} calls"
        for one in await house.glasses.to_review()
    ]


async def inbox(asked: Ask) -> Said:
    """List questions, drafts and calls in doubt, oldest first, and what can wait for a round."""
    house = asked.house
    found = await house.inbox.items()
    items: list[Json] = []
    for item in found:
        why = await shapes.why_of(house, item.call, only=item.call.verdict)
        items.append(shapes.item(house, item, why))
        # A list of thousands is read in one go otherwise, and agents wait meanwhile.
        await asyncio.sleep(0)
    cooling: list[Json] = [shapes.item(house, one, ()) for one in await house.inbox.cooling()]
    glasses = [one for one in await house.glasses.open() if one.state is not GlassState.IN_FORCE]
    more: JsonObject = {
        "cooling": cooling,
        "break_glass": [undoing.shown(one) for one in glasses],
    }
    return Said({"items": items, **house.rounds.gathered(found), **more})


async def inbox_item(asked: Ask) -> Said:
    """Show all that a person should see before they answer."""
    house = asked.house
    item = await _find(house, asked.path["id"])
    why = await shapes.why_of(house, item.call, only=item.call.verdict)
    shown = await shapes.detail(house, item, why)
    if item.approval is not None:
        shown["ahead"] = lists.offered(house, item.approval, item.call)
    return Said(shown)


async def _find(house: House, item_id: str) -> Item:
    """Return what has this id: a question, a draft, or a call and its newest question."""
    store = house.gateway.outside.store
    exercise = await house.inbox.exercises.find(item_id)
    if exercise is not None and exercise.state is State.WAITING:
        return Item(call=exercise.call, approval=exercise.approval, not_for=exercise.knows)
    if await store.rows("approvals", {"id": item_id}):
        approval = await house.inbox.approval(item_id)
        over = any(one.approval == approval for one in await house.inbox.flagged())
        call = await house.inbox.call(approval.call_id)
        return Item(call=call, approval=approval, flagged=over)
    if await store.rows("drafts", {"id": item_id}):
        draft = await house.inbox.draft(item_id)
        return Item(call=await house.inbox.call(draft.call_id), draft=draft)
    if not await store.rows("calls", {"id": item_id}):
        raise NotFoundError(
            f"nothing in the inbox has the id `{item_id[:60]}`",
            fix="list what waits with `sallyport inbox`",
        )
    return Item(call=await house.inbox.call(item_id))


async def team(asked: Ask) -> Said:
    """Say how the team answers, all together, and what of attention is switched on."""
    return Said(await asked.house.team.figures())


async def call(asked: Ask) -> Said:
    """Say how a call stands."""
    found = await asked.house.inbox.call(asked.path["id"])
    shown = await shapes.as_it_stands(asked.house, found)
    return Said({**shapes.call(found), "text": shown["text"]})


async def log(asked: Ask) -> Said:
    """Search the ledger."""
    given = asked.query
    query = LedgerQuery(
        **{name: given.text(name) for name in LOG_WORDS},
        since_us=given.whole("since_us"),
        until_us=given.whole("until_us", 2**62),
        limit=given.whole("limit", LOG_LIMIT),
        newest_first=given.flag("newest_first"),
    )
    entries = await asked.house.reading.search(query)
    return Said({"entries": [shapes.heard(entry) for entry in entries]})


async def log_verify(asked: Ask) -> Said:
    """Read the whole ledger and say whether it is as it was written."""
    return Said(shapes.verified(await asked.house.reading.verify()))


async def log_call(asked: Ask) -> Said:
    """Show the eight steps of a call."""
    return Said(shapes.trace(await asked.house.reading.trace(asked.path["call"])))


async def log_record(asked: Ask) -> Said:
    """Show the eight steps of every call that was about a record."""
    record = asked.query.text("id")
    found = await asked.house.reading.about_record(record)
    return Said({"record": record, "calls": [shapes.trace(one) for one in found]})


async def failures(asked: Ask) -> Said:
    """Say what came to nothing, by class, reason and tool."""
    days = asked.query.whole("days", DAYS)
    return Said(await asked.house.reports.failures(days, asked.query.text("workflow")))


async def labels(asked: Ask) -> Said:
    """Say how often people gave another label than the agent."""
    return Said(await asked.house.reports.labels(asked.query.whole("days", DAYS)))


async def log_task(asked: Ask) -> Said:
    """Show what happened in a task, in the order of cause and effect."""
    return Said(shapes.timeline(await asked.house.reading.timeline(asked.path["task"])))


async def try_it(asked: Ask) -> Said:
    """Say what would be decided on a call that nobody makes."""
    body = asked.body
    supposed = Supposed(
        tool=body.text("tool"),
        args=body.table("args"),
        requester=body.text("requester"),
        inputs=body.table("inputs"),
        facts=body.table("facts"),
        influenced=body.flag("influenced"),
        agent=body.text("agent"),
    )
    decision = await try_call(asked.house.gateway, body.text("workflow"), supposed)
    shown: JsonObject = {
        "verdict": decision.verdict.name.lower(),
        "floors": [shapes.floor(one) for one in decision.floors],
        "entry": decision.entry,
    }
    if decision.question is not None:
        shown["question"] = {
            "who": list[Json](decision.question.who),
            "how_many": decision.question.how_many,
            "within_s": decision.question.within_s,
        }
    return Said(shown)


async def secret_names(asked: Ask) -> Said:
    """List the names of held credentials."""
    return Said({"names": list[Json](asked.house.secrets.names())})


async def people(asked: Ask) -> Said:
    """List the people that are known."""
    known = asked.house.gateway.registry.people.values()
    return Said({"people": [shapes.person(one) for one in known]})


async def steps(asked: Ask) -> Said:
    """List the workflow steps that may, or might once, answer."""
    registry = asked.house.gateway.registry
    return Said({"steps": [shapes.workflow_step(one) for one in registry.steps.values()]})


async def agents(asked: Ask) -> Said:
    """List the agents that are known, each with the tools that it may never call."""
    registry = asked.house.gateway.registry
    known: list[Json] = [
        {**shapes.agent(one), "never": list[Json](registry.kept_from(one.name))}
        for one in registry.agents.values()
    ]
    return Said({"agents": known})


async def tokens(asked: Ask) -> Said:
    """List the tokens that count; the tokens themselves are stored nowhere."""
    known = asked.house.gateway.registry.tokens.values()
    return Said({"tokens": [shapes.token(one) for one in known]})
