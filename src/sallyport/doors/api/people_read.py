"""What people of this host may look at. Nothing here changes anything or needs a signature."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

from sallyport import __version__
from sallyport.doors.api import shapes
from sallyport.doors.api.wire import Asked, Said
from sallyport.doors.served import served
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.flow.inbox import Item
from sallyport.model import Boundary, Json, JsonObject
from sallyport.ports import LedgerQuery
from sallyport.rules.times import today

LOG_WORDS = ("call", "task", "agent", "person", "tool", "workflow", "verdict", "kind")
LOG_LIMIT = 100
EXPIRES_SOON = timedelta(days=14)

Ask: TypeAlias = Asked[None]


async def status(asked: Ask) -> Said:
    """Say what is in force, what waits, and what somebody should look at."""
    house, settings = asked.house, asked.settings
    gateway, registry = house.gateway, house.gateway.registry
    items = await house.inbox.items()
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
            "waiting": {
                "questions": sum(item.kind == "question" for item in items),
                "drafts": sum(item.kind == "draft" for item in items),
                "in_doubt": sum(item.kind == "in_doubt" for item in items),
            },
            "on_wire": [shapes.on_wire(out) for out in gateway.dispatcher.on_wire()],
            "warnings": list[Json](
                [
                    *_warnings(house, active),
                    *await _unsigned(house),
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
    return found


async def _unsigned(house: House) -> list[str]:
    """Return the versions that wait for a signature."""
    authority = house.authority
    waiting = [one for one in await authority.pending() if authority.missing(one) is not None]
    return [
        f"version {one.number} of {one.statement.workflow} is not fully signed" for one in waiting
    ]


async def inbox(asked: Ask) -> Said:
    """List questions, drafts and calls in doubt, oldest first, and what can wait for a round."""
    house = asked.house
    found = await house.inbox.items()
    items: list[Json] = [
        shapes.item(house, item, await shapes.why_of(house, item.call, only=item.call.verdict))
        for item in found
    ]
    return Said({"items": items, **house.rounds.gathered(found)})


async def inbox_item(asked: Ask) -> Said:
    """Show all that a person should see before they answer."""
    house = asked.house
    item = await _find(house, asked.path["id"])
    why = await shapes.why_of(house, item.call, only=item.call.verdict)
    return Said(await shapes.detail(house, item, why))


async def _find(house: House, item_id: str) -> Item:
    """Return what has this id: a question, a draft, or a call and its newest question."""
    store = house.gateway.outside.store
    if await store.rows("approvals", {"id": item_id}):
        approval = await house.inbox.approval(item_id)
        return Item(call=await house.inbox.call(approval.call_id), approval=approval)
    if await store.rows("drafts", {"id": item_id}):
        draft = await house.inbox.draft(item_id)
        return Item(call=await house.inbox.call(draft.call_id), draft=draft)
    if not await store.rows("calls", {"id": item_id}):
        raise NotFoundError(
            f"nothing in the inbox has the id `{item_id[:60]}`",
            fix="list what waits with `sallyport inbox`",
        )
    return Item(call=await house.inbox.call(item_id))


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
