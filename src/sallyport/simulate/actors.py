"""Who acts in the simulated world: agents, people, operators, and the owner who signs anew.

They use the same functions as the doors do, at the worst moments, and often wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from sallyport.errors import ConflictError
from sallyport.flow.gateway import Asker
from sallyport.flow.inbox import Spawn
from sallyport.flow.registry import Token
from sallyport.flow.tasks import Opening
from sallyport.model import Ending, Json, JsonObject, Person, Proposal, Task, Verdict
from sallyport.ports import Change, Insert, Row, Update
from sallyport.rules import approval as approvals
from sallyport.simulate import scenery
from sallyport.simulate.invariants import Watch
from sallyport.simulate.life import Life
from sallyport.simulate.schedule import Until
from sallyport.simulate.store import MemoryStore
from sallyport.simulate.surroundings import KeyedDigests
from sallyport.simulate.systems import Systems

SCOPES = (
    "everything",
    *(f"agent:{agent}" for agent in scenery.WORKFLOWS.values()),
    *(f"workflow:{workflow}" for workflow in scenery.WORKFLOWS),
    *(f"system:{system}" for system in scenery.SYSTEMS),
    *(f"tool:{tool}" for tool in scenery.LEVELS),
)


@dataclass(slots=True, eq=False)
class Client:
    """An agent at work on one task: what it wants, again and again until it has it."""

    task: Task
    wishes: list[tuple[str, JsonObject]]


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the actors act in."""

    chance: Random
    store: MemoryStore
    systems: Systems
    signatures: KeyedDigests
    watch: Watch
    life: Life
    spawn: Spawn
    clients: list[Client] = field(default_factory=list[Client])
    askers: list[Asker] = field(default_factory=list[Asker])

    def waiting(self, table: str, state: str, column: str = "state") -> Row | None:
        """Return one of the rows in a state, or None."""
        found = [row for row in self.store.committed_rows(table) if row[column] == state]
        return self.chance.choice(found) if found else None

    def new(self, prefix: str) -> str:
        """Return a fresh id."""
        return self.life.gateway.outside.ids.new(prefix)


# --- Agents, and who opens tasks for them. ---


async def open_task(scene: Scene) -> None:
    """Open a task and let an agent go to work on it."""
    workflow = scene.chance.choices(list(scenery.WORKFLOWS), (5, 3, 2))[0]
    agent = scenery.WORKFLOWS[workflow]
    opener = Token(id="opener", kind="opener", agent=agent, workflow=workflow)
    ticket = scene.chance.choice(scenery.TICKETS)
    opening = Opening(
        workflow=workflow,
        requester=scenery.REQUESTER,
        inputs={"ticket": ticket},
        instance=scene.chance.choice(("", scene.new("run"))),
        lasts_s=scene.chance.choice((600, 24 * 3600)),
    )
    opened = await scene.life.tasks.open(opener, opening)
    wishes = [_wish(scene.chance, ticket) for _ in range(4)]
    scene.clients.append(Client(task=opened.task, wishes=wishes))


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


async def _propose(scene: Scene, client: Client, wish: tuple[str, JsonObject]) -> None:
    tool, args = wish
    proposal = Proposal(
        call_id=scene.new("c"),
        task_id=client.task.id,
        tool=tool,
        args=args,
        channel="simulated",
        by=client.task.agent,
    )
    scene.watch.proposed(proposal)
    asker = Asker()
    scene.askers.append(asker)
    gateway = scene.life.gateway
    ended = await gateway.propose(proposal, asker)
    scene.askers[:] = [one for one in scene.askers if one is not asker]
    call = ended.call
    if any(floor.code.startswith("request.") for floor in ended.floors):
        scene.clients[:] = [one for one in scene.clients if one is not client]
    if call.delivered or ended.ending is Ending.WAITING or asker.gone:
        return
    if gateway.registry.held.get((call.proposal.task_id, call.digest)) == call.id:
        await scene.life.inbox.delivered(call)


async def leave(scene: Scene) -> None:
    """Let a client vanish while its call is under way."""
    if scene.askers:
        scene.chance.choice(scene.askers).gone = True


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
    call_id = str(row["id"])
    happened = scene.systems.effects.get(call_id, 0) > 0
    await scene.life.inbox.settle(call_id, person="lea", happened=happened, because="I looked")


async def expire(scene: Scene) -> None:
    """Let time pass for questions."""
    await scene.life.inbox.expire()


async def _answer(scene: Scene, approval_id: str, person: Person, *, yes: bool) -> None:
    approval = await scene.life.inbox.approval(approval_id)
    for _ in range(scene.chance.choice((0, 0, 1, 8))):
        await Until()
    at_us = scene.life.gateway.evidence.now_us()
    said = approvals.statement(approval, person=person.name, yes=yes, because="", at_us=at_us)
    forged = scene.chance.random() < 0.05  # noqa: PLR2004
    key = "a key of nobody" if forged else person.public_key
    await scene.life.inbox.answer(
        approval_id,
        person=person.name,
        yes=yes,
        because="",
        at_us=at_us,
        signature=scene.signatures.sign(key, said),
    )


def _somebody(scene: Scene, row: Row) -> Person:
    if scene.chance.random() < 0.3:  # noqa: PLR2004
        return scene.chance.choice(scenery.PEOPLE)
    able = [person for person in scenery.PEOPLE if person.name in {"lea", "lou"}]
    del row
    return scene.chance.choice(able)


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
