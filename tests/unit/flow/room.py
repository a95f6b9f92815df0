"""The flow on in-memory ports, run by hand: no event loop, no disk, and every byte out is seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from sallyport.errors import UpstreamError
from sallyport.flow import grants, rows
from sallyport.flow import registry as registries
from sallyport.flow.controls import Controls
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Evidence
from sallyport.flow.gateway import Gateway
from sallyport.flow.inbox import Inbox
from sallyport.flow.outside import Outside
from sallyport.flow.people import People
from sallyport.flow.reading import Reading
from sallyport.flow.tasks import Tasks
from sallyport.model import Agent, JsonObject, Person, Proposal, Task, ToolPin, Verdict
from sallyport.ports import Hear, Launch, LedgerQuery, News, Outbound, Reply, Signatures
from sallyport.rules import approval as approvals
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed, statement
from sallyport.rules.trace import Heard
from sallyport.simulate import scenery
from sallyport.simulate.schedule import Until
from sallyport.simulate.store import MemoryStore
from sallyport.simulate.surroundings import (
    CountedIds,
    JumpingClock,
    KeyedDigests,
    PaperStop,
    PlainVault,
)

_T = TypeVar("_T")

BOSS = Person(name="boss", roles=frozenset({"administrator", "owner"}), public_key="key-of-boss")
AGENTS = (*scenery.AGENTS, Agent(name="stray", owner="lea"))
PEOPLE = (*scenery.PEOPLE, BOSS)


async def _nothing() -> None:
    """Do nothing while the call is out."""


class Recorder:
    """Systems that answer everything at once and keep what reached them."""

    def __init__(self) -> None:
        self.sent: list[Outbound] = []
        self.answer: JsonObject = {"content": [{"type": "text", "text": "well"}]}
        self.trouble: UpstreamError | None = None
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], Awaitable[None]] = _nothing

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Let it leave, remember it, answer."""
        await Until()
        self.before()
        launch()
        self.sent.append(outbound)
        await self.after()
        if self.trouble is not None:
            raise self.trouble
        if outbound.tool == "tickets.read":
            return Reply(result={"structuredContent": {"state": "open"}})
        return Reply(result=self.answer)

    async def unlisten(self, system: str, principal: str, uri: str) -> None:
        """Never say anything of a resource."""

    def let_go(self, state: str) -> None:
        """Wait for nothing."""

    async def prepare(self, system: str, principal: str) -> None:
        """Nothing to open."""

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """No tool is compared here."""
        return ()

    def watch(self, changed: Callable[[str], None]) -> None:
        """Nothing changes here."""

    def listen(self, told: Callable[[News], None]) -> None:
        """Nothing is said here outside of a call."""

    async def close(self) -> None:
        """Nothing is open."""


class Room:
    """One gateway with its registry, and what the flow builds around it."""

    def __init__(
        self,
        *,
        people: Sequence[Person] = PEOPLE,
        signatures: Signatures | None = None,
        team_of_one: bool = False,
    ) -> None:
        self.store = MemoryStore(lambda _: None)
        self.clock = JumpingClock()
        self.keys = KeyedDigests()
        self.upstreams = Recorder()
        self.stop_file = PaperStop()
        self.failing = False
        self.spawned: list[Awaitable[object]] = []
        self._team_of_one = team_of_one
        self._signatures = signatures or self.keys
        self._tokens = 0
        now_us = self.clock.now_us()
        for person in people:
            self.store.plant("people", rows.person_row(person, now_us))
        for agent in AGENTS:
            self.store.plant("agents", rows.agent_row(agent, now_us))
        self._ids = CountedIds()
        self.start()

    def start(self) -> None:
        """Start the gateway on what the database has, as after a restart."""
        outside = Outside(
            store=self.store,
            upstreams=self.upstreams,
            clock=self.clock,
            ids=self._ids,
            vault=PlainVault(),
            signatures=self._signatures,
            stop_file=self.stop_file,
        )
        registry = self.run(registries.load(self.store, outside.vault))
        registry.boundaries.update(scenery.boundaries())
        registry.active.update({name: f"{name}-v0" for name in scenery.WORKFLOWS})
        registry.verified |= set(scenery.SYSTEMS)
        evidence = Evidence(outside, self.run(self.store.last_time_us()))
        self.gateway = Gateway(outside, registry, evidence, Fences(self.run(self.store.epoch())))
        self.run(grants.remember(self.store, registry, self.gateway.fences))
        self.controls = Controls(self.gateway)
        self.people = People(self.gateway, team_of_one=self._team_of_one)
        self.tasks = Tasks(self.gateway, self._new_token, lambda token: f"hash-of-{token}")
        self.inbox = Inbox(self.gateway, self.people.lone, self.spawned.append)
        self.reading = Reading(self.gateway)

    def run(self, work: Awaitable[_T]) -> _T:
        """Run work to its end; the store commits whenever somebody waits for it."""
        coroutine = cast("Coroutine[Until, None, _T]", work)
        while True:
            try:
                waits = coroutine.send(None)
            except StopIteration as end:
                return cast("_T", end.value)
            if not waits.ready():
                self.store.commit(self.store.queued, failing=self.failing)

    def follow(self) -> list[object]:
        """Run what followed from answers, and return how each ended."""
        work, self.spawned[:] = list(self.spawned), []
        return [self.run(one) for one in work]

    def task(self, workflow: str = "support", **changes: Any) -> Task:
        """Return an open task of a workflow, known to the gateway and the database."""
        now_us = self.clock.now_us()
        fields: dict[str, Any] = {
            "id": self._ids.new("t"),
            "workflow": workflow,
            "agent": scenery.WORKFLOWS.get(workflow, "helper"),
            "instance": "run-1",
            "requester": scenery.REQUESTER,
            "boundary": f"{workflow}-v0",
            "inputs": {"ticket": "T1"},
            "opened_us": now_us,
            "expires_us": now_us + 10**12,
        }
        task = Task(**{**fields, **changes})
        self.store.plant("tasks", rows.task_row(task, PlainVault()))
        self.gateway.registry.tasks[task.id] = task
        return task

    def propose(self, task: Task, tool: str, args: JsonObject, **more: Any) -> Ended:
        """Propose a call and return how it ended."""
        proposal = Proposal(
            call_id=self._ids.new("c"),
            task_id=task.id,
            tool=tool,
            args=args,
            channel="mcp",
            by=task.agent,
        )
        return self.run(self.gateway.propose(replace(proposal, **more)))

    def answer(self, ended: Ended, person: str, *, yes: bool, because: str = "seen") -> None:
        """Sign and give an answer to the question that a call ended with."""
        assert ended.approval is not None
        at_us = self.clock.now_us()
        approval = self.run(self.inbox.approval(ended.approval.id))
        said = approvals.statement(approval, person=person, yes=yes, because=because, at_us=at_us)
        self.run(
            self.inbox.answer(
                approval.id,
                person=person,
                yes=yes,
                because=because,
                at_us=at_us,
                signature=self.keys.sign(f"key-of-{person}", said),
            )
        )

    def signed(
        self, verb: str, details: JsonObject, person: str = "boss", ago_us: int = 0
    ) -> Signed:
        """Return a statement that a person signed just now, or a while ago."""
        at_us = self.clock.now_us() - ago_us
        said = statement(verb, details, person=person, at_us=at_us)
        return Signed(
            person=person, at_us=at_us, signature=self.keys.sign(f"key-of-{person}", said)
        )

    def heard(self, **query: Any) -> Sequence[Heard]:
        """Return ledger entries with their sealed parts opened."""
        return self.run(self.reading.search(LedgerQuery(**query), unseal=True))

    def kinds(self) -> list[str]:
        """Return the kinds of all ledger entries, in order."""
        return [entry.kind for entry in self.heard()]

    @property
    def sent(self) -> list[str]:
        """The tools of the calls that left, in order."""
        return [outbound.tool for outbound in self.upstreams.sent]

    def _new_token(self, prefix: str) -> str:
        self._tokens += 1
        return f"{prefix}-token-{self._tokens}"


def refusals(ended: Ended) -> list[str]:
    """Return the codes that refused a call."""
    return [floor.code for floor in ended.floors if floor.verdict is Verdict.REFUSE]
