"""The door of the people on this host: everything a person may see, set and answer.

Rules:
  1. It is served on a socket that only this user can open; being able to open it is local presence.
  2. Whatever loosens is signed by a person's own key all the same, and is verified here.
  3. Whatever tightens needs no signature: a stop must never wait for one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

from starlette.requests import Request
from starlette.routing import BaseRoute

from sallyport import __version__
from sallyport.doors.api import shapes
from sallyport.doors.api.fields import (
    Field,
    Given,
    flag,
    one_of,
    signed,
    table,
    text,
    texts,
    texts_by_name,
    whole,
    words,
)
from sallyport.doors.api.wire import Asked, Endpoint, Said, routes
from sallyport.doors.settings import Settings
from sallyport.errors import BadInputError, ConflictError, NotFoundError
from sallyport.flow.house import House
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.flow.inbox import Item
from sallyport.flow.secrets import Secrets
from sallyport.model import Boundary, Call, Json, JsonObject, Stage, Verdict
from sallyport.ports import LedgerQuery
from sallyport.rules import approval as approvals
from sallyport.rules.times import today

FILE_CHARS_MAX = 1_000_000
LOG_LIMIT = 100
LOG_LIMIT_MAX = 10_000
EXPIRES_SOON = timedelta(days=14)
RESUME_ROLES = ("owner", "operator", "administrator")

Ask: TypeAlias = Asked[None]
Line: TypeAlias = Endpoint[None]
Run: TypeAlias = Callable[[Ask], Coroutine[None, None, Said]]


def admin_routes(house: House, settings: Settings) -> list[BaseRoute]:
    """Return the routes of the people's socket."""
    return routes(house, settings, ENDPOINTS, _present)


def _present(request: Request, endpoint: Endpoint[None], body: JsonObject) -> None:
    """Admit whoever reached the socket: the file system has checked that they are on this host."""
    del request, endpoint, body


# --- What is going on. ---


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
            "url": f"http://{settings.host}:{settings.port}",
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
            "warnings": list[Json](_warnings(house, active)),
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
    if not registry.reviewers():
        found.append("nobody is enrolled who could answer a question")
    return found


# --- Stopping and going on. ---


async def stop(asked: Ask) -> Said:
    """Let nothing more leave for a scope."""
    return await _set(asked, Verdict.REFUSE)


async def floor(asked: Ask) -> Said:
    """Set the least strict verdict for a scope."""
    return await _set(asked, Verdict[asked.body.text("verdict").upper()])


async def _set(asked: Ask, verdict: Verdict) -> Said:
    body = asked.body
    effect = await asked.house.controls.set(
        body.text("scope"), verdict, because=body.text("because"), by=body.text("by")
    )
    out: list[Json] = [shapes.on_wire(one) for one in effect.on_wire]
    return Said({"switch": shapes.switch(effect.switch), "on_wire": out})


async def resume(asked: Ask) -> Said:
    """Lift what was set for a scope, on the signature of somebody who may."""
    scope, because = asked.body.text("scope"), asked.body.text("because")
    if not because.strip():
        raise BadInputError("no reason was given", fix='add --because "…"; it is kept in the log')
    details: JsonObject = {"scope": scope, "because": because}
    who = asked.house.people.verify("resume", details, asked.body.signed(), roles=RESUME_ROLES)
    lifted = await asked.house.controls.resume(scope, because=because, by=who.name)
    return Said({"lifted": [shapes.switch(one) for one in lifted]})


# --- What waits for people. ---


async def inbox(asked: Ask) -> Said:
    """List questions, drafts and calls in doubt, oldest first."""
    house = asked.house
    items: list[Json] = [
        shapes.item(item, await shapes.why_of(house, item.call, only=item.call.verdict))
        for item in await house.inbox.items()
    ]
    return Said({"items": items})


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


async def give_answer(asked: Ask) -> Said:
    """Take a person's signed answer to a question."""
    body = asked.body
    approval = await asked.house.inbox.answer(
        body.text("approval"),
        person=body.text("person"),
        yes=body.flag("yes"),
        because=body.text("because"),
        at_us=body.whole("at_us"),
        signature=body.text("signature"),
    )
    return Said(shapes.question(approval, await asked.house.inbox.call(approval.call_id)))


async def release(asked: Ask) -> Said:
    """Propose a draft anew, for the person who signs."""
    house, draft = asked.house, asked.body.text("draft")
    who = house.people.verify("release", {"draft": draft}, asked.body.signed())
    fresh_id = house.gateway.outside.ids.new("c")
    ended = await house.inbox.release(draft, person=who.name, fresh_id=fresh_id)
    sentences = [shapes.floor(one)["sentence"] for one in ended.floors]
    shown: JsonObject = {
        "call": ended.call.id,
        "ending": ended.ending.value,
        "sentences": sentences,
    }
    if ended.approval is not None:
        shown["approval"] = approvals.bound(ended.approval)
    return Said(shown)


async def discard(asked: Ask) -> Said:
    """Throw a draft away."""
    house, draft_id = asked.house, asked.body.text("draft")
    who = house.people.verify("discard", {"draft": draft_id}, asked.body.signed())
    draft = await house.inbox.discard(draft_id, person=who.name)
    return Said({"draft": draft.id, "state": draft.state.value})


async def settle(asked: Ask) -> Said:
    """Record what a person found out about a call in doubt."""
    house, body = asked.house, asked.body
    details: JsonObject = {
        "call": body.text("call"),
        "happened": body.flag("happened"),
        "because": body.text("because"),
    }
    who = house.people.verify("settle", details, body.signed())
    call = await house.inbox.settle(
        body.text("call"),
        person=who.name,
        happened=body.flag("happened"),
        because=body.text("because"),
    )
    return Said(_call(call))


# --- What happened. ---


async def call(asked: Ask) -> Said:
    """Say how a call stands."""
    found = await asked.house.inbox.call(asked.path["id"])
    shown = await shapes.as_it_stands(asked.house, found)
    return Said({**_call(found), "text": shown["text"]})


def _call(found: Call) -> JsonObject:
    return {
        "call": found.id,
        "ending": found.ending.value,
        "action": found.action.value if found.action else None,
        "verdict": found.verdict.name.lower(),
    }


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


# --- Authority. ---


async def propose(asked: Ask) -> Said:
    """Compile a boundary against the tools that are offered now; nothing counts yet."""
    body = asked.body
    proposed = await asked.house.authority.propose(
        body.text("workflow"), body.text("file"), body.texts_by_name("systems")
    )
    name, digest = proposed.boundary.workflow.name, proposed.boundary.digest
    return Said(
        {
            "digest": digest,
            "workflow": name,
            "plain": proposed.plain,
            "problems": [dict[str, Json](one.as_dict()) for one in proposed.problems],
            "sign": {"workflow": name, "digest": digest},
        }
    )


async def activate(asked: Ask) -> Said:
    """Put a proposed boundary in force, on an owner's signature."""
    body = asked.body
    boundary = await asked.house.authority.activate(
        body.text("digest"), person=body.text("person"), signature=body.text("signature")
    )
    return Said({"workflow": boundary.workflow.name, "digest": boundary.digest})


async def boundaries(asked: Ask) -> Said:
    """Show every boundary in force, in plain words."""
    registry = asked.house.gateway.registry
    active = [registry.boundaries[digest] for _, digest in sorted(registry.active.items())]
    return Said({"active": [shapes.boundary(one) for one in active]})


async def inspect(asked: Ask) -> Said:
    """Connect to a system and list what it offers now."""
    body = asked.body
    system, pins = await asked.house.authority.inspect(body.text("text"), body.text("file"))
    tools: list[Json] = [
        {"name": pin.tool, "definition": pin.definition, "digest": pin.digest} for pin in pins
    ]
    return Said({"system": system.name, "tools": tools})


# --- Credentials. ---


def _secrets(house: House) -> Secrets:
    if house.gateway.secrets is None:
        raise ConflictError(
            "this gateway holds no secrets", fix="start it with `sallyport serve`"
        )
    return house.gateway.secrets


async def keep_secret(asked: Ask) -> Said:
    """Keep a credential, sealed."""
    name = asked.body.text("name")
    evidence = asked.house.gateway.evidence
    await _secrets(asked.house).put(name, asked.body.text("value"), evidence=evidence)
    return Said({"name": name})


async def secret_names(asked: Ask) -> Said:
    """List the names of held credentials."""
    return Said({"names": list[Json](_secrets(asked.house).names())})


async def people(asked: Ask) -> Said:
    """List the people that are known."""
    known = asked.house.gateway.registry.people.values()
    return Said({"people": [shapes.person(one) for one in known]})


async def enrol(asked: Ask) -> Said:
    """Add a person, or give one a key and roles."""
    body = asked.body
    kept = await asked.house.people.enrol(
        body.text("name"),
        body.texts("roles"),
        body.text("public_key"),
        by=body.signed() if "signed" in body else None,
    )
    return Said(shapes.person(kept))


async def deactivate(asked: Ask) -> Said:
    """Switch a person off."""
    kept = await asked.house.people.deactivate(asked.body.text("name"), by=asked.body.signed())
    return Said(shapes.person(kept))


async def agents(asked: Ask) -> Said:
    """List the agents that are known."""
    known = asked.house.gateway.registry.agents.values()
    return Said({"agents": [shapes.agent(one) for one in known]})


async def add_agent(asked: Ask) -> Said:
    """Register an agent, at the stage *draft*."""
    body = asked.body
    kept = await asked.house.people.add_agent(
        body.text("name"), owner=body.text("owner"), by=body.text("by")
    )
    return Said(shapes.agent(kept))


async def stage(asked: Ask) -> Said:
    """Move an agent to another stage, on an owner's signature."""
    body = asked.body
    kept = await asked.house.people.stage(
        body.text("agent"),
        Stage(body.text("stage")),
        because=body.text("because"),
        by=body.signed(),
    )
    return Said(shapes.agent(kept))


async def tokens(asked: Ask) -> Said:
    """List the tokens that count; the tokens themselves are stored nowhere."""
    known = asked.house.gateway.registry.tokens.values()
    return Said({"tokens": [shapes.token(one) for one in known]})


async def make_token(asked: Ask) -> Said:
    """Make a token and show it, once."""
    body = asked.body
    if body.text("kind") == "agent":
        _needs(body, "agent", "workflow", "person")
    made = await asked.house.tasks.make_token(
        body.text("kind"),
        agent=body.text("agent"),
        workflow=body.text("workflow"),
        person=body.text("person"),
        label=body.text("label"),
        lasts_s=body.whole("lasts_s"),
        by=body.text("by"),
    )
    return Said({"token": made})


def _needs(body: Given, *names: str) -> None:
    """An agent's key without one of these would open nothing."""
    for name in names:
        if not body.text(name):
            raise BadInputError(
                f"field `{name}` of the body is missing for an agent's key",
                fix=f"give `{name}`: a key is for one agent, workflow and requester",
            )


async def revoke(asked: Ask) -> Said:
    """Make a token worthless from this moment."""
    gone = await asked.house.tasks.revoke(asked.body.text("id"), by=asked.body.text("by"))
    return Said(shapes.token(gone))


# --- The table. ---

LOG_WORDS = ("call", "task", "agent", "person", "tool", "workflow", "verdict", "kind")
_SCOPE = text("`everything`, or `agent:NAME`, `workflow:NAME`, `system:NAME`, `tool:NAME`")
_BECAUSE = text("why, in your own words; it is kept", chars_max=4000)
_BY = text("who does this")
_SWITCH: Mapping[str, Field] = {"scope": _SCOPE, "because": _BECAUSE, "by": _BY}
_LOG: Mapping[str, Field] = {
    **{name: text(f"only entries of this {name}", optional=True) for name in LOG_WORDS},
    "since_us": whole("from this time on, microseconds since 1970 UTC", optional=True),
    "until_us": whole("before this time, microseconds since 1970 UTC", optional=True),
    "limit": whole("at most so many entries", at_most=LOG_LIMIT_MAX, optional=True),
    "newest_first": flag("1 for the newest first", optional=True),
}
_TRY: Mapping[str, Field] = {
    "workflow": text("the workflow"),
    "tool": text("the tool's name"),
    "args": table("its arguments"),
    "requester": words("for whom; somebody of the workflow's users if left out", optional=True),
    "inputs": table("the task's inputs", optional=True),
    "facts": table("what the gateway would have read, by name", optional=True),
    "influenced": flag("whether text from outside has entered the task", optional=True),
    "agent": words("the agent; the workflow's own if left out", optional=True),
}
_TOKEN: Mapping[str, Field] = {
    "kind": one_of(("agent", "opener"), "what it is for"),
    "agent": words("the agent that bears it, or that tasks are opened for", optional=True),
    "workflow": words("the one workflow it is for", optional=True),
    "person": words("an agent's key: the requester of its standing task", optional=True),
    "label": words("what people call it", optional=True, chars_max=200),
    "lasts_s": whole("seconds until it ends; 0 for no end", at_most=10**10, optional=True),
    "by": _BY,
}
_ANSWER: Mapping[str, Field] = {
    "approval": text("the question's id"),
    "person": text("who answers"),
    "yes": flag("whether it may be done"),
    "because": words("why", chars_max=4000),
    "at_us": whole("when it was signed, microseconds since 1970 UTC"),
    "signature": text("hex signature over the answer"),
}
_PROPOSE: Mapping[str, Field] = {
    "workflow": text("the workflow file's text", chars_max=FILE_CHARS_MAX),
    "file": text("its name, for messages"),
    "systems": texts_by_name("system files: text by file name"),
}
_PERSON: Mapping[str, Field] = {
    "name": text("what they are called"),
    "roles": texts("their roles"),
    "public_key": words("hex Ed25519 key; empty for somebody who only requests", chars_max=200),
    "signed": signed("enrol", optional=True),
}
_SETTLE: Mapping[str, Field] = {
    "call": text("the call in doubt"),
    "happened": flag("whether it happened"),
    "because": _BECAUSE,
    "signed": signed("settle"),
}
_STAGE: Mapping[str, Field] = {
    "agent": text("the agent"),
    "stage": one_of([one.value for one in Stage], "the stage it moves to"),
    "because": _BECAUSE,
    "signed": signed("stage"),
}
_FLOOR: Mapping[str, Field] = {
    **_SWITCH,
    "verdict": one_of(("ask", "draft", "refuse"), "the least strict verdict from now on"),
}
_RESUME: Mapping[str, Field] = {
    "scope": _SCOPE,
    "because": _BECAUSE,
    "signed": signed("resume"),
}
_ACTIVATE: Mapping[str, Field] = {
    "digest": text("the proposed boundary's digest"),
    "person": text("the owner who signs"),
    "signature": text("hex signature over the activation of this digest"),
}


def _get(path: str, does: str, run: Run, query: Mapping[str, Field] | None = None) -> Line:
    return Endpoint(method="GET", path=f"/admin{path}", does=does, run=run, query=query or {})


def _post(path: str, does: str, run: Run, **fields: Field) -> Line:
    return Endpoint(method="POST", path=f"/admin{path}", does=does, run=run, body=fields)


ENDPOINTS: Sequence[Line] = (
    _get("/status", "What is in force, and what waits", status),
    _post("/stop", "Stop a scope", stop, **_SWITCH),
    _post("/floor", "Set a floor for a scope", floor, **_FLOOR),
    _post("/resume", "Lift what was set for a scope", resume, **_RESUME),
    _get("/inbox", "What waits for people", inbox),
    _get("/inbox/{id}", "One thing that waits, in full", inbox_item),
    _post("/answer", "Answer a question", give_answer, **_ANSWER),
    _post(
        "/release", "Release a draft", release, draft=text("the draft"), signed=signed("release")
    ),
    _post(
        "/discard", "Discard a draft", discard, draft=text("the draft"), signed=signed("discard")
    ),
    _post("/settle", "Settle a call in doubt", settle, **_SETTLE),
    _get("/calls/{id}", "How a call stands", call),
    _get("/log", "Search the ledger", log, _LOG),
    _get("/log/verify", "Verify the ledger", log_verify),
    _get("/log/{call}", "A call's eight steps", log_call),
    _post("/try", "A hypothetical call", try_it, **_TRY),
    _post("/boundary/propose", "Compile a boundary", propose, **_PROPOSE),
    _post("/boundary/activate", "Put a boundary in force", activate, **_ACTIVATE),
    _get("/boundaries", "The boundaries in force", boundaries),
    _post(
        "/systems/inspect",
        "What a system offers",
        inspect,
        file=text("the system file's name, for messages"),
        text=text("the system file's text", chars_max=FILE_CHARS_MAX),
    ),
    _post(
        "/secrets",
        "Keep a credential",
        keep_secret,
        name=text("its name"),
        value=words("the credential"),
    ),
    _get("/secrets", "The names of held credentials", secret_names),
    _get("/people", "The people that are known", people),
    _post("/people", "Enrol a person", enrol, **_PERSON),
    _post(
        "/people/deactivate",
        "Switch a person off",
        deactivate,
        name=text("the person"),
        signed=signed("deactivate"),
    ),
    _get("/agents", "The agents that are known", agents),
    _post("/agents", "Register an agent", add_agent, name=text("name"), owner=text("owner"), by=_BY),
    _post("/agents/stage", "Move an agent to a stage", stage, **_STAGE),
    _get("/tokens", "The tokens that count", tokens),
    _post("/tokens", "Make a token", make_token, **_TOKEN),
    _post("/tokens/revoke", "Revoke a token", revoke, id=text("its id"), by=_BY),
)
