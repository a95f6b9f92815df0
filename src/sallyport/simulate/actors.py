"""Who acts in the simulated world: agents, people, operators, and the owner who signs anew.

They use the same functions as the doors do, at the worst moments, and often wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from sallyport.errors import ConflictError
from sallyport.flow.inbox.answering import Taken
from sallyport.flow.registry import Token
from sallyport.flow.runs import Asker
from sallyport.flow.tasks import Opening
from sallyport.model import Ahead, Call, Ending, Json, JsonObject, Person, Proposal, Verdict
from sallyport.ports import Change, Insert, Row, Update
from sallyport.rules import approval as approvals
from sallyport.rules import batches, canonical
from sallyport.rules import break_glass as glass
from sallyport.rules.answering import Kind, Said
from sallyport.rules.statements import Signed, statement
from sallyport.rules.times import SECOND_US
from sallyport.simulate import replies, scenery
from sallyport.simulate.scene import Client, Scene
from sallyport.simulate.schedule import Until

SCOPES = (
    "everything",
    *(f"agent:{agent}" for agent in scenery.WORKFLOWS.values()),
    *(f"workflow:{workflow}" for workflow in scenery.WORKFLOWS),
    *(f"system:{system}" for system in scenery.SYSTEMS),
    *(f"tool:{tool}" for tool in scenery.LEVELS),
)

DECLARED = (("form",), ("form", "roots"), ("form", "sampling"), ())
"""What agents say that they can be asked."""


# --- Agents, and who opens tasks for them. ---


async def open_task(scene: Scene) -> None:
    """Open a task and let an agent go to work on it."""
    workflow = scene.chance.choices(list(scenery.WORKFLOWS), (5, 3, 2))[0]
    agent = scenery.WORKFLOWS[workflow]
    opener = Token(id="opener", kind="opener", agent=agent, workflow=workflow)
    ticket = scene.chance.choice(scenery.TICKETS)
    # A run of its own that wants one thing gets far enough to be asked by a system.
    one_thing = scene.chance.randrange(1000) < scene.single
    opening = Opening(
        workflow=workflow,
        requester=scenery.REQUESTER,
        inputs={"ticket": ticket},
        instance=scene.new("run") if one_thing else scene.chance.choice(("", scene.new("run"))),
        lasts_s=scene.chance.choice((600, 24 * 3600)),
    )
    opened = await scene.life.tasks.open(opener, opening)
    wishes = [_wish(scene.chance, ticket) for _ in range(4)]
    wishes = [_one_thing(scene.chance, ticket)] if one_thing else wishes
    declared = frozenset(scene.chance.choice(DECLARED))
    scene.clients.append(Client(task=opened.task, wishes=wishes, declared=declared))


async def close_task(scene: Scene) -> None:
    """Close a task while its agent is at work."""
    if not scene.clients:
        return
    client = scene.clients.pop(scene.chance.randrange(len(scene.clients)))
    await scene.life.tasks.close(client.task.id, by="lea")


async def propose(scene: Scene) -> None:
    """Propose one of an agent's wishes, and take the result if one came."""
    if scene.clients:
        client = scene.chance.choice(scene.clients)
        await _propose(scene, client, scene.chance.choice(client.wishes))


async def hurry(scene: Scene) -> None:
    """Let one agent propose all its wishes at once."""
    if scene.clients:
        client = scene.chance.choice(scene.clients)
        for wish in client.wishes:
            scene.spawn(_propose(scene, client, wish))


async def note_more(scene: Scene) -> None:
    """Let an agent propose several notes at once, where it may go on unasked if anywhere."""
    granted = {one.task for one in scene.life.gateway.registry.grants.values()}
    lucky = [one for one in scene.clients if one.task.id in granted]
    if not scene.clients:
        return
    client = scene.chance.choice(lucky or scene.clients)
    ticket = str(client.task.inputs["ticket"])
    for text in scene.chance.sample("bcdefgh", 3):
        args: JsonObject = {"ticket": ticket, "text": text}
        scene.spawn(_propose(scene, client, ("tickets.note", args)))


async def _propose(scene: Scene, client: Client, wish: tuple[str, JsonObject]) -> None:
    tool, args = wish
    proposal = Proposal(
        call_id=scene.new("c"),
        task_id=client.task.id,
        tool=tool,
        args=args,
        channel="simulated",
        by=client.task.agent,
        declared=client.declared,
    )
    await follow(scene, client, proposal)


async def follow(scene: Scene, client: Client, proposal: Proposal) -> None:
    """See a proposal to its end, and take the result if one came."""
    scene.watch.proposed(proposal)
    asker = Asker()
    scene.askers.append(asker)
    gateway = scene.life.gateway
    ended = await gateway.propose(proposal, asker)
    scene.askers[:] = [one for one in scene.askers if one is not asker]
    call = ended.call
    if ended.ending is Ending.ASKED and not asker.gone:
        scene.spawn(_go_on(scene, client, call.id))
    if any(floor.code.startswith("request.") for floor in ended.floors):
        scene.clients[:] = [one for one in scene.clients if one is not client]
    if call.delivered or ended.ending is Ending.WAITING or asker.gone:
        return
    if gateway.registry.held.holds(call):
        await scene.life.inbox.delivered(call)


async def reply(scene: Scene) -> None:
    """Answer a system that asked somebody, perhaps long ago and perhaps somebody else."""
    row = scene.waiting("calls", "asked", "ending")
    if row is not None and scene.clients:
        await _go_on(scene, scene.chance.choice(scene.clients), str(row["id"]))


async def _go_on(scene: Scene, client: Client, call_id: str) -> None:
    for proposal in await replies.answers(scene, client, call_id):
        scene.spawn(follow(scene, client, proposal))


async def leave(scene: Scene) -> None:
    """Let a client vanish while its call is under way."""
    if scene.askers:
        scene.chance.choice(scene.askers).gone = True


def _one_thing(chance: Random, ticket: str) -> tuple[str, JsonObject]:
    """Return what agents want of the system that asks in mid-call, mostly unasked by people."""
    if chance.random() < 0.6:  # noqa: PLR2004
        return "tickets.note", {"ticket": ticket, "text": "c"}
    return "tickets.update", {"ticket": ticket, "refund": chance.choice((10, 15, 200))}


def _wish(chance: Random, own: str) -> tuple[str, JsonObject]:
    ticket = own if chance.random() < 0.9 else chance.choice(scenery.TICKETS)  # noqa: PLR2004
    wishes: Mapping[tuple[str, Json], int] = {
        ("kb.search", "refunds"): 2,
        ("tickets.read", ticket): 1,
        ("tickets.note", chance.choice(("a", "b"))): 4,
        ("tickets.update", chance.choice((10, 30, 200, 200, 900))): 5,
        ("tickets.close", ticket): 2,
        ("billing.charge", chance.choice((5, 8, 30, 300))): 5,
        ("mail.send", chance.choice(("x@example.com", "y@example.com"))): 4,
        ("desk.unknown", ""): 1,
    }
    tool, value = chance.choices(list(wishes), list(wishes.values()))[0]
    names = {"kb.search": "q", "tickets.note": "text", "tickets.update": "refund"}
    names |= {"billing.charge": "amount", "mail.send": "to"}
    args: JsonObject = {"ticket": ticket} if tool.startswith("tickets.") else {}
    if tool in names:
        args[names[tool]] = value
    return tool, args


# --- People. ---


async def answer(scene: Scene) -> None:
    """Answer a question: by the right person or another, in time or late, once or twice."""
    row = scene.waiting("approvals", "waiting")
    if row is None:
        return
    approval_id = str(row["id"])
    person = _somebody(scene, row)
    yes = scene.chance.random() < 0.85  # noqa: PLR2004
    for _ in range(1 if scene.chance.random() < 0.9 else 2):  # noqa: PLR2004
        await _answer(scene, approval_id, person, yes=yes)


async def change(scene: Scene) -> None:
    """Change a call that waits, write back to its agent, or pass it on."""
    row = scene.waiting("approvals", "waiting")
    if row is None:
        return
    approval = await scene.life.inbox.approval(str(row["id"]))
    call = await scene.life.inbox.call(approval.call_id)
    said = _otherwise(scene.chance, call)
    if said.args is not None:
        scene.watch.edits(call.id, said.because, said.args)
    editor = _somebody(scene, row)
    taken = await _say(scene, approval.id, editor, said)
    if taken.edited is not None and taken.edited.approval is not None:
        await _answer(scene, taken.edited.approval.id, editor, yes=True)


def _otherwise(chance: Random, call: Call) -> Said:
    number = {"refund", "amount"}.intersection(call.proposal.args)
    if number and chance.random() < 0.6:  # noqa: PLR2004
        changed = {name: chance.choice((20, 150, 450)) for name in number}
        args = {**call.proposal.args, **changed}
        return Said(kind=Kind.EDIT, args=args, because=canonical.text(args))
    kind = chance.choice((Kind.WORDS, Kind.ESCALATE, Kind.NOT_MINE, Kind.HAND_OVER))
    return Said(kind=kind, because="ask first", to="lea" if kind is Kind.HAND_OVER else "")


async def ahead(scene: Scene) -> None:
    """Say yes to a question and to more of its kind, where one may and where not."""
    rows = [row for row in scene.store.committed_rows("approvals") if row["state"] == "waiting"]
    if not rows:
        return
    notes = [row for row in rows if await _is_note(scene, row)]
    row = scene.chance.choice(notes or rows)
    until_us = scene.life.gateway.evidence.now_us() + scene.chance.choice((2, 900)) * SECOND_US
    free = scene.chance.choice(((), ("text",), ("text",), ("ticket",)))
    wished = Ahead(at_most=scene.chance.choice((1, 2, 3)), until_us=until_us, free=free)
    said = Said(kind=Kind.APPROVE, ahead=wished)
    await _say(scene, str(row["id"]), _reviewer(scene), said)
    await note_more(scene)


async def _is_note(scene: Scene, row: Row) -> bool:
    return (await scene.life.inbox.call(str(row["call"]))).proposal.tool == "tickets.note"


async def take_back(scene: Scene) -> None:
    """Take back what somebody said yes to beforehand, and end what is over."""
    known = sorted(scene.life.gateway.registry.grants)
    if known:
        await scene.life.inbox.revoke(scene.chance.choice(known), by="lea")
    await scene.life.inbox.end_grants()


async def sign_list(scene: Scene) -> None:
    """Say yes to all questions of one kind with one signature, perhaps twice."""
    waiting = [row for row in scene.store.committed_rows("approvals") if row["state"] == "waiting"]
    person = _reviewer(scene)
    plan = await scene.life.inbox.plan([str(row["id"]) for row in waiting], person.name)
    if len(plan.rows) < batches.AT_LEAST:
        return
    for _ in range(scene.chance.choice((0, 0, 1, 8))):
        await Until()
    place = batches.places([approvals.bound(row.approval) for row in plan.rows])[0]
    at_us = scene.life.gateway.evidence.now_us()
    said, first = Said(kind=Kind.APPROVE), plan.rows[0].approval
    made = approvals.said_to_list(first, place, said, person=person.name, at_us=at_us)
    signature = scene.signatures.sign(person.public_key, made)
    signed = Signed(person=person.name, at_us=at_us, signature=signature)
    for _ in range(1 if scene.chance.random() < 0.8 else 2):  # noqa: PLR2004
        await scene.life.inbox.say_list([row.approval.id for row in plan.rows], "", signed)


def _reviewer(scene: Scene) -> Person:
    able = [person for person in scenery.PEOPLE if person.name in {"lea", "sam"}]
    return scene.chance.choice(able)


async def carry_on(scene: Scene) -> None:
    """Go on with an approved call a second time, as a restart or another node might."""
    row = scene.waiting("approvals", "approved")
    if row is None:
        return
    call = await scene.life.inbox.call(str(row["call"]))
    if call.ending is Ending.WAITING and call.action is None:
        await scene.life.gateway.carry_out(call, str(row["id"]))


async def release(scene: Scene) -> None:
    """Release a draft, or throw it away."""
    row = scene.waiting("drafts", "stored")
    if row is None:
        return
    inbox, draft_id = scene.life.inbox, str(row["id"])
    if scene.chance.random() < 0.8:  # noqa: PLR2004
        await inbox.release(draft_id, person="lea", fresh_id=scene.new("c"))
    else:
        await inbox.discard(draft_id, person="lea")


async def settle(scene: Scene) -> None:
    """Look in the system itself what became of a call in doubt, and say so."""
    row = scene.waiting("calls", "in_doubt", "action")
    if row is None or scene.systems.under_way(str(row["id"])):
        return
    call_id, part_of = str(row["id"]), str(row["parent"])
    # An answer that never left is part of the work of the call whose system asked.
    happened = scene.systems.has_happened(call_id) or scene.systems.has_happened(part_of)
    await scene.life.inbox.settle(call_id, person="lea", happened=happened, because="I looked")


async def expire(scene: Scene) -> None:
    """Let time pass for questions, those to people and those to agents."""
    await scene.life.inbox.escalate()
    await scene.life.inbox.expire()
    await scene.life.inbox.close_asked()


async def _answer(scene: Scene, approval_id: str, person: Person, *, yes: bool) -> None:
    await _say(
        scene,
        approval_id,
        person,
        Said(kind=Kind.APPROVE if yes else Kind.REJECT, code="" if yes else "other"),
    )


async def _say(scene: Scene, approval_id: str, person: Person, said: Said) -> Taken:
    approval = await scene.life.inbox.approval(approval_id)
    for _ in range(scene.chance.choice((0, 0, 1, 8))):
        await Until()
    at_us = scene.life.gateway.evidence.now_us()
    statement = approvals.said_by(approval, said, person=person.name, at_us=at_us)
    forged = scene.chance.random() < 0.05  # noqa: PLR2004
    key = "a key of nobody" if forged else person.public_key
    signature = scene.signatures.sign(key, statement)
    signed = Signed(person=person.name, at_us=at_us, signature=signature)
    return await scene.life.inbox.say(approval_id, said, signed)


def _somebody(scene: Scene, row: Row) -> Person:
    if scene.chance.random() < 0.3:  # noqa: PLR2004
        return scene.chance.choice(scenery.PEOPLE)
    able = [person for person in scenery.PEOPLE if person.name in {"lea", "lou"}]
    del row
    return scene.chance.choice(able)


async def act_on_due(scene: Scene) -> None:
    """Go on with what can be taken back no more, as the house does every moment."""
    await scene.life.inbox.act_on_due()
    await scene.life.glasses.look()


async def undo(scene: Scene) -> None:
    """Take a yes back: whoever gave it or somebody else, in time or late, once or twice."""
    row = scene.waiting("approvals", "approved")
    if row is None:
        return
    person = _somebody(scene, row)
    for _ in range(1 if scene.chance.random() < 0.8 else 2):  # noqa: PLR2004
        await scene.life.inbox.undo(str(row["id"]), person=person.name, because="too soon")


async def break_glass(scene: Scene) -> None:
    """Ask to go past the reviewers, or sign second: the right people or others, or forged."""
    row, glasses = scene.waiting("glasses", "asked"), scene.life.glasses
    person = scene.chance.choice([*scenery.PEOPLE, *(_reviewer(scene) for _ in range(6))])
    if row is None or scene.chance.random() < 0.2:  # noqa: PLR2004
        scope = scene.chance.choice(glasses.scopes())
        lasts_s = scene.chance.choice((60, 1800, 14_400))
        details = glass.asked(scope, "nobody is there", lasts_s)
        by = _vouched(scene, person, glass.ASK, details)
        await glasses.ask(scope, "nobody is there", lasts_s, by)
        return
    asked = await glasses.get(str(row["id"]))
    by = _vouched(scene, person, glass.SECOND, glass.seconded(asked))
    await glasses.second(asked.id, by)


async def mend(scene: Scene) -> None:
    """End what is broken."""
    row = scene.waiting("glasses", "in_force")
    if row is not None:
        await scene.life.glasses.end(str(row["id"]), by="sam")


def _vouched(scene: Scene, person: Person, verb: str, details: JsonObject) -> Signed:
    at_us = scene.life.gateway.evidence.now_us()
    said = statement(verb, details, person=person.name, at_us=at_us)
    forged = scene.chance.random() < 0.05  # noqa: PLR2004
    key = "a key of nobody" if forged else person.public_key
    signature = scene.signatures.sign(key, said)
    return Signed(person=person.name, at_us=at_us, signature=signature)


# --- Operators and owners. ---


async def switch(scene: Scene) -> None:
    """Stop something, or set a floor."""
    scope = scene.chance.choice(SCOPES)
    verdict = scene.chance.choice((Verdict.REFUSE, Verdict.REFUSE, Verdict.DRAFT, Verdict.ASK))
    because = scene.new("because")
    raised = scene.watch.raises(scope, verdict, because)
    effect = await scene.life.controls.set(scope, verdict, because=because, by="lea")
    raised.listed = frozenset(out.call.id for out in effect.on_wire)


async def resume(scene: Scene) -> None:
    """Lift what is set for one scope."""
    gateway = scene.life.gateway
    switched = [switch.scope for switch in gateway.registry.switches.values()]
    scopes = sorted({*switched, *gateway.outside.stop_file.scopes()})
    if not scopes:
        return
    scope = scene.chance.choice(scopes)
    lifted = await scene.life.controls.resume(scope, because="it is over", by="lea")
    scene.watch.lifted(one.because for one in lifted)


async def activate(scene: Scene) -> None:
    """Put another version of a boundary in force, as a signature does."""
    gateway = scene.life.gateway
    workflow = scene.chance.choice(list(scenery.WORKFLOWS))
    after = scenery.boundary(workflow, scene.chance.randrange(scenery.VERSIONS))
    before = gateway.registry.active[workflow]
    if before == after.digest:
        return
    known = await gateway.outside.store.rows("boundaries", {"id": after.digest})
    draught = gateway.evidence.draught()
    superseded = Update("boundaries", before, {"state": "active"}, {"state": "superseded"})
    row: Row = {"id": after.digest, "workflow": workflow, "state": "active"}
    active: Change = Insert("boundaries", row)
    if known:
        active = Update("boundaries", after.digest, {}, {"state": "active"})
    draught.changes += [superseded, active]
    body: JsonObject = {"workflow": workflow, "digest": after.digest, "replaces": before}
    gateway.evidence.note(draught, "boundary.activated", body, index={"workflow": workflow})

    def put_in_force() -> None:
        gateway.registry.active[workflow] = after.digest

    if not await gateway.commit(draught, (f"workflow:{workflow}",), put_in_force):
        raise ConflictError("another version was activated meanwhile")
