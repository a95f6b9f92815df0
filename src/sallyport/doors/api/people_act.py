"""What people of this host may set, answer and sign.

Whatever loosens is verified here, by the person's own key, before anything else is looked at.
"""

from __future__ import annotations

from typing import TypeAlias

from sallyport.doors.api import shapes
from sallyport.doors.api.fields import Given
from sallyport.doors.api.wire import Asked, Said
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Stage, Verdict
from sallyport.rules import approval as approvals
from sallyport.rules.boundary.diff import diff, in_words

RESUME_ROLES = ("owner", "operator", "administrator")
SETTLE_ROLES = ("administrator", "operator", "owner", "reviewer")
"""Who may say what became of a call in doubt, or throw a draft away."""

Ask: TypeAlias = Asked[None]


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
    who = house.people.verify(
        "discard", {"draft": draft_id}, asked.body.signed(), roles=SETTLE_ROLES
    )
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
    who = house.people.verify("settle", details, body.signed(), roles=SETTLE_ROLES)
    call = await house.inbox.settle(
        body.text("call"),
        person=who.name,
        happened=body.flag("happened"),
        because=body.text("because"),
    )
    return Said(shapes.call(call))


async def propose(asked: Ask) -> Said:
    """Compile a boundary against the tools that are offered now; nothing counts yet."""
    body = asked.body
    proposed = await asked.house.authority.propose(
        body.text("workflow"), body.text("file"), body.texts_by_name("systems")
    )
    name, digest = proposed.boundary.workflow.name, proposed.boundary.digest
    active = asked.house.gateway.registry.boundary_of(name)
    changes = diff(active, proposed.boundary) if active else ()
    return Said(
        {
            "digest": digest,
            "workflow": name,
            "plain": proposed.plain,
            "replaces": active.digest if active else "",
            "changes": [dict[str, Json](one.as_json()) for one in changes],
            "changes_in_words": in_words(changes),
            "problems": [dict[str, Json](one.as_dict()) for one in proposed.problems],
            "sign": {"workflow": name, "digest": digest, "proposal": proposed.id},
        }
    )


async def activate(asked: Ask) -> Said:
    """Put a proposed boundary in force, on an owner's signature."""
    body = asked.body
    signed = await asked.house.authority.activate(
        body.text("digest"), person=body.text("person"), signature=body.text("signature")
    )
    boundary = signed.boundary
    return Said(
        {
            "workflow": boundary.workflow.name,
            "digest": boundary.digest,
            "counts_from_us": signed.counts_from_us,
        }
    )


async def inspect(asked: Ask) -> Said:
    """Connect to a system and list what it offers now."""
    body = asked.body
    system, pins = await asked.house.authority.inspect(body.text("text"), body.text("file"))
    tools: list[Json] = [
        {"name": pin.tool, "definition": pin.definition, "digest": pin.digest} for pin in pins
    ]
    return Said({"system": system.name, "tools": tools})


async def keep_secret(asked: Ask) -> Said:
    """Keep a credential, sealed."""
    name = asked.body.text("name")
    evidence = asked.house.gateway.evidence
    await asked.house.secrets.put(name, asked.body.text("value"), evidence=evidence)
    return Said({"name": name})


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
