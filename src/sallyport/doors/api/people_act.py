"""What people of this host may set, answer and sign.

Whatever loosens is verified here, by the person's own key, before anything else is looked at.
"""

from __future__ import annotations

from typing import TypeAlias

from sallyport.doors.api import saying, shapes
from sallyport.doors.api.fields import Given
from sallyport.doors.api.wire import Asked, Said
from sallyport.doors.served import served
from sallyport.errors import BadInputError
from sallyport.model import Away, Json, JsonObject, Stage, Verdict
from sallyport.rules import approval as approvals
from sallyport.rules import flags
from sallyport.rules.methods import INSTRUCTIONS

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
    who = asked.house.people.verify("resume", details, asked.body.signed(), right="floor.lift")
    lifted = await asked.house.controls.resume(scope, because=because, by=who.name)
    return Said({"lifted": [shapes.switch(one) for one in lifted]})


async def console(asked: Ask) -> Said:
    """Make a link that signs the person in to the console, once, within two minutes."""
    who = asked.house.people.verify("console", {}, asked.body.signed())
    secret = asked.house.sessions.link(who.name)
    return Said({"url": _entry(asked, secret), "person": who.name})


async def give_answer(asked: Ask) -> Said:
    """Take a person's signed answer to a question."""
    return await saying.take(asked.house, asked.body.text("approval"), asked.body)


async def release(asked: Ask) -> Said:
    """Propose a draft anew, for the person who signs, perhaps with other arguments."""
    house, draft, signed = asked.house, asked.body.text("draft"), asked.body.signed()
    args = asked.body.table("args") if "args" in asked.body else None
    details: JsonObject = {"draft": draft} if args is None else {"draft": draft, "args": args}
    who = house.people.verify("release", details, signed, right="draft.release")
    fresh_id = house.gateway.outside.ids.new("c")
    ended = await house.inbox.release(draft, person=who.name, fresh_id=fresh_id, args=args)
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
    signed = asked.body.signed()
    who = house.people.verify("discard", {"draft": draft_id}, signed, right="draft.release")
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
    who = house.people.verify("settle", details, body.signed(), right="doubt.settle")
    call = await house.inbox.settle(
        body.text("call"),
        person=who.name,
        happened=body.flag("happened"),
        because=body.text("because"),
    )
    return Said(shapes.call(call))


async def decide(asked: Ask) -> Said:
    """Close a flagged question whose call is over, on the signature of somebody it asked."""
    house, body = asked.house, asked.body
    details = flags.details(body.text("approval"), body.text("because"))
    signed = body.signed()
    who = house.people.verify(flags.VERB, details, signed)
    approval = await house.inbox.decide(
        body.text("approval"), person=who.name, because=body.text("because"), by=signed
    )
    return Said({"approval": approval.id, "state": approval.state.value})


async def inspect(asked: Ask) -> Said:
    """Connect to a system; list what it offers now, and what it tells agents beforehand."""
    body = asked.body
    system, pins = await asked.house.authority.inspect(body.text("text"), body.text("file"))
    tools: list[Json] = [
        {"name": pin.tool, "definition": pin.definition, "digest": pin.digest}
        for pin in pins
        if pin.tool != INSTRUCTIONS
    ]
    told = [pin.definition.get("instructions") for pin in pins if pin.tool == INSTRUCTIONS]
    return Said({"system": system.name, "tools": tools, "instructions": told[0] if told else ""})


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


async def invite(asked: Ask) -> Said:
    """Make a link by which a person without any key makes their first passkey."""
    body = asked.body
    name = body.text("name")
    secret = await asked.house.regain.invite(name, by=body.signed() if "signed" in body else None)
    return Said({"url": _entry(asked, secret), "person": name})


async def recover(asked: Ask) -> Said:
    """Bring back an administrator who lost everything, or say from when that can be done."""
    found = await asked.house.regain.recover(asked.body.text("name"))
    url = _entry(asked, found.link) if found.link else ""
    return Said({"person": found.person, "from_us": found.from_us, "url": url})


async def remove_passkey(asked: Ask) -> Said:
    """Take one passkey from a person."""
    body = asked.body
    kept = await asked.house.people.remove_passkey(
        body.text("name"), body.text("passkey"), by=body.signed()
    )
    return Said(shapes.person(kept))


def _entry(asked: Ask, secret: str) -> str:
    return f"{served(asked.settings).console}/enter/{secret}"


async def deactivate(asked: Ask) -> Said:
    """Switch a person off."""
    kept = await asked.house.people.deactivate(asked.body.text("name"), by=asked.body.signed())
    await asked.house.sessions.end_all(kept.name)
    return Said(shapes.person(kept))


async def away(asked: Ask) -> Said:
    """Have somebody told in a person's place for a while, or end that."""
    body, absences = asked.body, asked.house.absences
    name, by, until_us = body.text("name"), body.signed(), body.whole("until_us")
    if not until_us:
        return Said(shapes.person(await absences.come_back(name, by=by)))
    window = Away(from_us=body.whole("from_us"), until_us=until_us, to=body.text("to"))
    return Said(shapes.person(await absences.leave(name, window, by=by)))


async def add_step(asked: Ask) -> Said:
    """Register a workflow step that may answer, on an administrator's signature."""
    body = asked.body
    kept = await asked.house.steps.add(
        body.text("name"),
        workflow=body.text("workflow"),
        public_key=body.text("public_key"),
        because=body.text("because"),
        by=body.signed(),
    )
    return Said(shapes.workflow_step(kept))


async def remove_step(asked: Ask) -> Said:
    """Let nothing that a workflow step signs count any more."""
    body = asked.body
    return Said(
        shapes.workflow_step(await asked.house.steps.remove(body.text("name"), by=body.text("by")))
    )


async def add_agent(asked: Ask) -> Said:
    """Register an agent, at the stage *draft*."""
    body = asked.body
    kept = await asked.house.people.add_agent(
        body.text("name"),
        owner=body.text("owner"),
        purpose=body.text("purpose"),
        contact=body.text("contact"),
        by=body.text("by"),
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
