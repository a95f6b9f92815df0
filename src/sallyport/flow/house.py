"""The house as one value: everything the doors may ask for, and how it opens and closes.

Rules:
  1. Before the first call is let in, boundaries are compiled again, a stop file counts, and what a
     crash left behind is closed.
  2. A ledger that cannot be trusted pauses everything and voids what was approved.
  3. A client that leaves does not end its call: once begun, a call runs to its recorded end. One
     that cancels it says so with `cancel`, or with `leave` where leaving means that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sallyport.errors import NotFoundError, SallyportError
from sallyport.flow import grants, rows
from sallyport.flow import registry as registries
from sallyport.flow.absences import Absences
from sallyport.flow.aside import Aside
from sallyport.flow.authority import Authority
from sallyport.flow.baselines import Baselines
from sallyport.flow.comparing import Comparing
from sallyport.flow.controls import Controls
from sallyport.flow.devices import DeviceBook
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Evidence
from sallyport.flow.federated import Federated
from sallyport.flow.file_stops import FileStops
from sallyport.flow.gateway import Gateway
from sallyport.flow.glasses import Glasses
from sallyport.flow.inbox import Inbox
from sallyport.flow.notices import Notices
from sallyport.flow.outside import Outside
from sallyport.flow.people import People
from sallyport.flow.quick import QuickLinks
from sallyport.flow.reading import Reading
from sallyport.flow.recovery import Recovered, recover
from sallyport.flow.regain import Regain
from sallyport.flow.reports import Reports
from sallyport.flow.rounds import Rounds
from sallyport.flow.runs import Asker
from sallyport.flow.secrets import Secrets, load_secrets
from sallyport.flow.sessions import SESSIONS_LAST, Sessions
from sallyport.flow.tasks import Tasks
from sallyport.flow.team import Team
from sallyport.flow.unasked import StopAsking
from sallyport.flow.workflow_steps import WorkflowSteps
from sallyport.model import (
    AT_ONCE,
    ApprovalState,
    Boundary,
    Call,
    CoolOff,
    Draft,
    Ending,
    Json,
    JsonObject,
    Origin,
    Proposal,
    Task,
    ToolPin,
)
from sallyport.ports import News, Row, Update
from sallyport.rules import reasons
from sallyport.rules.attention.attention import OFF, Attention
from sallyport.rules.commands import Ended
from sallyport.rules.methods import METHODS, instructions_key
from sallyport.rules.steps import close_asked
from sallyport.rules.waiting_rules import WAITING_MAX

HOLD_MS = 45_000
"""How long a call that asks is held open, in the hope of a quick answer: below the 60 s after
which common MCP clients give up."""

TICK_S = 5

ACT_S = 0.5
"""How often it is looked whose time to be taken back is over, which broken glass is, and what the
stop file stops."""

EXERCISE_S = 30
"""How often it is looked at which exercises are due."""

TELL_S = 1
"""How often the outbox is looked at; an idle look costs some microseconds."""


@dataclass(slots=True, kw_only=True)
class House:
    """Everything that `serve` owns."""

    gateway: Gateway
    tasks: Tasks
    inbox: Inbox
    controls: Controls
    file_stops: FileStops
    glasses: Glasses
    authority: Authority
    aside: Aside
    baselines: Baselines
    comparing: Comparing
    people: People
    steps: WorkflowSteps
    reports: Reports
    absences: Absences
    rounds: Rounds
    reading: Reading
    team: Team
    stop_asking: StopAsking
    secrets: Secrets
    sessions: Sessions
    regain: Regain
    federated: Federated
    notices: Notices
    devices: DeviceBook
    quick: QuickLinks
    background: Background
    recovered: Recovered | None = None
    closing: bool = False
    news: list[Callable[[News], None]] = field(default_factory=list[Callable[[News], None]])
    """Who wants to hear what systems say outside of calls; doors add and remove themselves."""
    _holds: set[asyncio.Future[Ended]] = field(default_factory=set[asyncio.Future[Ended]])

    async def call(
        self,
        task: Task,
        tool: str,
        args: JsonObject,
        *,
        channel: str,
        meta: JsonObject | None = None,
        asker: Asker | None = None,
        hold_ms: int = HOLD_MS,
        declared: frozenset[str] = frozenset(),
    ) -> Ended:
        """Propose a call and, if it asks, hold on for a while to see it answered.

        The call itself is not bound to whoever waits here: when this is cancelled the call goes
        on, and its result waits for an identical proposal.

        Args:
            task: The task that the bearer's credential names.
            tool: The tool's wire name, or a method of `rules.methods`.
            args: The arguments, numbers exact.
            channel: The door it came through.
            meta: The listed part of the request's `_meta`.
            asker: Who waits; the door marks it as gone when the client leaves.
            hold_ms: How long to hold a call that asks; 0 to answer at once.
            declared: What the agent can be asked in the middle of the call (`rules.asking`).
        """
        proposal = Proposal(
            call_id=self.gateway.outside.ids.new("c"),
            task_id=task.id,
            tool=tool,
            args=args,
            meta=meta or {},
            channel=channel,
            by=task.agent,
            declared=declared,
        )
        return await self._proposed(proposal, asker or Asker(), hold_ms)

    async def answer(
        self,
        task: Task,
        call_id: str,
        answers: JsonObject,
        *,
        channel: str,
        asker: Asker | None = None,
        hold_ms: int = HOLD_MS,
        declared: frozenset[str] = frozenset(),
    ) -> Ended:
        """Go on with a call whose system asked: the same call with the answers is a new call.

        Args:
            task: As for `call`.
            call_id: The call that ended as *asked*.
            answers: One MCP result object for each question, by its key.
            channel: As for `call`.
            asker: As for `call`.
            hold_ms: As for `call`.
            declared: As for `call`.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        before = (await self.look(task, call_id)).call.proposal
        proposal = replace(
            before,
            call_id=self.gateway.outside.ids.new("c"),
            channel=channel,
            by=task.agent,
            parent=call_id,
            declared=declared,
            answers=answers,
        )
        return await self._proposed(proposal, asker or Asker(), hold_ms)

    async def look(self, task: Task, call_id: str) -> Ended:
        """Return what has become of an agent's call of this task, without handing it over.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        call = await self.inbox.call(call_id)
        if call.proposal.task_id != task.id or call.proposal.origin is not Origin.AGENT:
            raise NotFoundError(f"no call has the id `{call_id[:60]}`")
        ended = await self._with_question(Ended(call=call, taken_up=True))
        return replace(await self._stored(ended), draft=await self._draft_of(call))

    async def result(self, task: Task, call_id: str, hold_ms: int = 0) -> Ended:
        """Return what has become of a call, handed over if it is over; wait for it a while.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        ended = await self._held(await self.look(task, call_id), hold_ms)
        return replace(ended, draft=await self._draft_of(ended.call))

    async def withdraw(self, task: Task, call_id: str) -> Ended:
        """Take back a call that waits for a person; one that is under way or over stays as it is.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        ended = await self.look(task, call_id)
        if ended.approval is not None and await self.inbox.withdraw(ended.approval, ended.call):
            ended = await self.look(task, call_id)
            self.gateway.tell(ended)
        return ended

    async def cancel(self, task: Task, call_id: str) -> Ended:
        """Take back a call of this task, however far it has come, and return what became of it.

        One that is out is cancelled at its system, one that waits for a person is withdrawn, and
        one whose system asks is given up. One that is over stays as it is.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        await self.gateway.under_way.take_back(call_id)
        ended = await self.withdraw(task, call_id)
        if ended.ending is not Ending.ASKED or ended.asks is None:
            return ended
        call, why = ended.call, reasons.refuse("call.cancelled", agent=ended.call.agent)
        if ended.asks.open:
            self.gateway.outside.upstreams.let_go(ended.asks.state)
        return await self.gateway.finish(close_asked(call, why))

    async def leave(self, asker: Asker) -> None:
        """Take a call back whose asker has left, where leaving is the protocol's cancelling.

        Only what it waited for itself: a question to a person stands, and so does what a person
        has said yes to.
        """
        if not self.closing:
            await self.gateway.under_way.take_back(asker.call_id, by=asker)

    async def decline(
        self, task: Task, call_id: str, *, asker: Asker | None = None, hold_ms: int = HOLD_MS
    ) -> Ended:
        """Go on with a call whose system asked, without an answer for it.

        Args:
            task: As for `call`.
            call_id: The call that ended as *asked*. Any other is returned as it is.
            asker: As for `call`.
            hold_ms: As for `call`.

        Raises:
            NotFoundError: No call of this task has this id.
        """
        ended = await self.look(task, call_id)
        if ended.ending is not Ending.ASKED or ended.asks is None:
            return await self._held(ended, hold_ms)
        asker = asker or Asker()
        asker.call_id = call_id
        return await self._followed(
            self.gateway.decline(ended.call, ended.asks, asker), asker, hold_ms
        )

    async def _draft_of(self, call: Call) -> Draft | None:
        if call.ending is not Ending.DRAFT:
            return None
        found = await self.gateway.outside.store.rows("drafts", {"call": call.id})
        return rows.draft_of(found[0]) if found else None

    async def _proposed(self, proposal: Proposal, asker: Asker, hold_ms: int) -> Ended:
        asker.call_id = proposal.call_id
        return await self._followed(self.gateway.propose(proposal, asker), asker, hold_ms)

    async def _followed(
        self, work: Coroutine[Any, Any, Ended], asker: Asker, hold_ms: int
    ) -> Ended:
        running = self.background.start(work)
        try:
            ended = await asyncio.shield(running)
        except asyncio.CancelledError:
            asker.gone = True
            raise
        asker.call_id = ended.call.id
        return await self._held(ended, hold_ms)

    def offered(self, task: Task) -> tuple[ToolPin, ...]:
        """Return the tools that a task may use, exactly: declared now and when it began."""
        return tuple(pin for pin in self._usable(task) if pin.tool not in METHODS)

    def serves(self, task: Task) -> frozenset[str]:
        """Return the methods of `rules.methods` that a task may use, as `offered` does tools."""
        return frozenset(pin.tool for pin in self._usable(task) if pin.tool in METHODS)

    def instructions(self, task: Task) -> tuple[tuple[str, str], ...]:
        """Return what the systems of a task tell its agent beforehand: system and text.

        Only of systems that it may use, and only what was accepted and is still so.
        """
        registry, names = self.gateway.registry, {pin.system for pin in self._usable(task)}
        found: list[tuple[str, str]] = []
        for boundary in registry.boundaries_for(task)[:1]:
            for name in sorted(names):
                key = instructions_key(name)
                pin = boundary.pins.get(key)
                if pin is not None and not registry.changed(boundary, key):
                    found.append((name, str(pin.definition.get("instructions", ""))))
        return tuple(found)

    def _usable(self, task: Task) -> tuple[ToolPin, ...]:
        registry = self.gateway.registry
        boundaries = registry.boundaries_for(task)
        if not boundaries:
            return ()
        names = set[str].intersection(*(_declared(boundary) for boundary in boundaries))
        pins = boundaries[0].pins
        return tuple(
            pins[name]
            for name in sorted(names)
            if name in pins
            and not registry.changed(boundaries[0], name)
            and not registry.barred_by(task, name)
        )

    def told(self, news: News) -> None:
        """Pass on what a system said outside of a call."""
        for hear in tuple(self.news):
            hear(news)

    def begin_closing(self) -> None:
        """Let nobody wait for this house any longer: held calls answer that they are held."""
        self.closing = True
        for over in self._holds:
            if not over.done():
                over.set_exception(TimeoutError())

    async def close(self) -> None:
        """Let running calls end, then let go of everything."""
        await self.background.close()
        await self.notices.close()
        await self.gateway.outside.upstreams.close()
        draught = self.gateway.evidence.draught()
        self.gateway.evidence.note(draught, "gateway.stopped", {})
        with contextlib.suppress(SallyportError):
            await self.gateway.outside.store.append(draught.done())
        await self.gateway.outside.store.close()

    async def _held(self, ended: Ended, hold_ms: int) -> Ended:
        if (ended.ending is Ending.WAITING and not ended.doubt and ended.call.action is None) or (
            ended.taken_up and ended.call.ending is Ending.WAITING
        ):
            ended = await self._wait(ended, hold_ms)
        if ended.taken_up or ended.ending is not Ending.WAITING:
            return await self._deliver(ended)
        return ended

    async def _wait(self, ended: Ended, hold_ms: int) -> Ended:
        if hold_ms <= 0 or self.closing:
            return await self._with_question(ended)
        over: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        forget = self.gateway.when_over(
            ended.call.id, lambda end: None if over.done() else over.set_result(end)
        )
        self._holds.add(over)
        try:
            # The answer may have come between the append and this line: look once more.
            known = await self._stored(ended)
            if known.ending is not Ending.WAITING and not self._is_being_kept(known.call):
                return known
            return await asyncio.wait_for(over, hold_ms / 1000)
        except TimeoutError:
            return await self._with_question(ended)
        finally:
            self._holds.discard(over)
            forget()

    def _is_being_kept(self, call: Call) -> bool:
        """Return whether a result noted as handed over is just taken back from who left."""
        held = self.gateway.registry.held.holds(call)
        return call.delivered and call.action is not None and held

    async def _with_question(self, ended: Ended) -> Ended:
        """Return a held call with its question and its reasons, for a repeat that brought none."""
        if ended.approval is not None or not ended.call.approval_id:
            return ended
        approval = await self.inbox.approval(ended.call.approval_id)
        return replace(await self._stored(ended), approval=approval)

    async def _stored(self, ended: Ended) -> Ended:
        found = await self.gateway.outside.store.rows("calls", {"id": ended.call.id})
        if not found:
            return ended
        call = rows.call_of(found[0], self.gateway.outside.vault)
        kept = rows.result_of(found[0], self.gateway.outside.vault) or {}
        return replace(
            ended,
            call=call,
            result=kept.get("result"),
            error=kept.get("error"),
            asks=rows.asks_of(kept),
            floors=rows.floors_of(kept) or ended.floors,
        )

    async def _deliver(self, ended: Ended) -> Ended:
        """Hand over a result that was kept for its asker, and note that it was handed over."""
        if ended.call.delivered or ended.ending is Ending.WAITING:
            return ended
        full = await self._stored(ended) if ended.taken_up else ended
        if self.gateway.registry.held.holds(full.call) and full.ending is not Ending.WAITING:
            await self.inbox.delivered(full.call)
        return full


class Background:
    """Work that nobody waits for, kept alive and reported when it fails."""

    def __init__(self, report: Callable[[BaseException], None]) -> None:
        self._tasks: set[asyncio.Future[Any]] = set()
        self._forever: set[asyncio.Task[Any]] = set()
        self._report = report

    def start(self, work: Coroutine[Any, Any, Ended]) -> asyncio.Task[Ended]:
        """Run work to its end even if whoever started it leaves."""
        task = asyncio.get_running_loop().create_task(work)
        self._keep(task)
        return task

    def spawn(self, work: Awaitable[object]) -> None:
        """Run work to its end; a failure is reported."""
        self._keep(asyncio.ensure_future(work))

    def repeat(self, work: Callable[[], Awaitable[object]], every_s: float) -> None:
        """Run work every so often until the house closes."""

        async def forever() -> None:
            while True:
                await asyncio.sleep(every_s)
                try:
                    await work()
                except SallyportError as error:
                    self._report(error)

        self._forever.add(asyncio.get_running_loop().create_task(forever()))

    async def close(self) -> None:
        """End what repeats, and wait for the rest."""
        for task in self._forever:
            task.cancel()
        await asyncio.gather(*self._forever, return_exceptions=True)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, kept: asyncio.Future[Any]) -> None:
        self._tasks.add(kept)
        kept.add_done_callback(self._over)

    def _over(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._report(task.exception() or RuntimeError("no exception"))


async def open_house(
    outside: Outside,
    *,
    new_token: Callable[[str], str],
    token_hash: Callable[[str], str],
    team_of_one: bool,
    distrust: str,
    report: Callable[[BaseException], None],
    owners_answer: bool = True,
    waiting_max: int = WAITING_MAX,
    rounds: Sequence[int] = (),
    attention: Attention = OFF,
    cool_off: CoolOff = AT_ONCE,
    built: Callable[[House], None] = lambda _: None,
    console: Callable[[], str] = str,
    sessions_last: tuple[int, int] = SESSIONS_LAST,
) -> House:
    """Open the house: load, compile, check, recover.

    Args:
        outside: The ports.
        new_token: Makes tokens.
        token_hash: Hashes them.
        team_of_one: Whether the settings say `team: one`.
        distrust: Why the ledger cannot be trusted, or empty.
        report: Gets the failures of work that nobody waits for.
        owners_answer: Whether people answer for agents that they own.
        waiting_max: How many questions of one agent may wait at a time.
        cool_off: How long a yes waits before what cannot be taken back leaves.
        rounds: When rounds are, as `waiting_rules.times_of_day` has it.
        attention: Whether there are exercises among the questions, and how many.
        built: Gets the house before anything can leave it, so that what asks it for systems and
            secrets can be connected.
        console: Returns what links into the console begin with.
        sessions_last: Seconds until a session of the console ends: unused, and in any case.
    """
    registry = await registries.load(outside.store, outside.vault)
    evidence = Evidence(outside, await outside.store.last_time_us())
    gateway = Gateway(outside, registry, evidence, Fences(await outside.store.epoch()))
    await grants.remember(outside.store, registry, gateway.fences)
    gateway.queues.at_most = waiting_max
    gateway.cool_off = cool_off
    gateway.sender.secrets = secrets = await load_secrets(outside.store, outside.vault)
    people = People(gateway, team_of_one=team_of_one)
    authority = Authority(gateway, people.lone)
    comparing = Comparing(gateway)
    gateway.prepare = comparing.prepare
    background = Background(report)
    idle_s, lasts_s = sessions_last
    sessions = Sessions(gateway, new_token, token_hash, idle_s=idle_s, lasts_s=lasts_s)
    gateway.grants.lone = people.lone
    gathering = Rounds(gateway, rounds)
    inbox = Inbox(gateway, people.lone, background.spawn, owners_answer=owners_answer)
    inbox.exercises.attention = attention
    reading = Reading(gateway)
    house = House(
        gateway=gateway,
        tasks=Tasks(gateway, new_token, token_hash),
        inbox=inbox,
        controls=Controls(gateway),
        file_stops=FileStops(gateway),
        glasses=Glasses(gateway, people),
        authority=authority,
        aside=Aside(gateway, authority, people),
        baselines=Baselines(gateway, people),
        comparing=comparing,
        people=people,
        steps=WorkflowSteps(gateway, people, inbox),
        absences=Absences(gateway, people),
        rounds=gathering,
        reading=reading,
        reports=Reports(gateway, reading),
        team=Team(gateway, reading, inbox.exercises),
        stop_asking=StopAsking(gateway, authority, reading),
        secrets=secrets,
        sessions=sessions,
        regain=Regain(gateway, people, sessions, new_token, token_hash),
        federated=Federated(gateway, people, sessions),
        notices=Notices(gateway, people.lone, console, gathering),
        devices=DeviceBook(gateway),
        quick=QuickLinks(gateway),
        background=background,
    )
    built(house)
    house.notices.quick = house.quick.path
    await house.devices.load()
    await house.sessions.load()
    outside.upstreams.listen(house.told)
    await authority.restore()
    await house.baselines.restore()
    await house.glasses.restore()
    await house.file_stops.restore()
    await _opened(gateway, distrust)
    if distrust:
        await _distrusted(house, distrust)
    house.recovered = await recover(gateway)
    background.repeat(house.inbox.expire, TICK_S)
    background.repeat(house.inbox.escalate, TICK_S)
    background.repeat(house.inbox.close_asked, TICK_S)
    background.repeat(house.inbox.end_grants, TICK_S)
    await house.inbox.exercises.look()
    if attention.on:
        background.repeat(house.inbox.exercises.look, EXERCISE_S)
    background.repeat(house.inbox.act_on_due, ACT_S)
    background.repeat(house.glasses.look, ACT_S)
    background.repeat(house.file_stops.look, ACT_S)
    background.repeat(authority.bring_due, TICK_S)
    _tell(house)
    return house


def _tell(house: House) -> None:
    """Begin to send notices, each channel by itself."""
    for name in house.notices.channels:
        house.background.repeat(partial(house.notices.send_due, name), TELL_S)
    if house.notices.channels:
        house.background.repeat(house.notices.remind, TICK_S)


async def _opened(gateway: Gateway, distrust: str) -> None:
    draught = gateway.evidence.draught()
    stopped: list[Json] = list(gateway.outside.stop_file.scopes())
    body: JsonObject = {
        "stop_file": stopped,
        "distrust": distrust,
        "boundaries": list[Json](sorted(gateway.registry.active.values())),
    }
    gateway.evidence.note(draught, "gateway.started", body)
    await gateway.outside.store.append(draught.done())


async def _distrusted(house: House, why: str) -> None:
    """Void what was approved, and stop everything until a person has looked and resumes.

    The stop is written down, because the next start finds nothing wrong any more: closing notes
    the ledger as it is by then.
    """
    await _void_approvals(house.gateway)
    await house.glasses.end_all("gateway: the ledger cannot be trusted")
    because = f"the ledger cannot be trusted: {why}"
    await house.controls.stop("everything", because=because, by="gateway")


async def _void_approvals(gateway: Gateway) -> None:
    draught = gateway.evidence.draught()
    voided: list[Json] = []
    for state in (ApprovalState.WAITING, ApprovalState.APPROVED):
        for row in await gateway.outside.store.rows("approvals", {"state": state.value}):
            stale: Row = {"state": ApprovalState.STALE.value, "changed_us": draught.at_us}
            draught.changes.append(Update("approvals", rows.text(row, "id"), {}, stale))
            voided.append(rows.text(row, "id"))
    gateway.evidence.note(draught, "approvals.voided", {"approvals": voided})
    await gateway.outside.store.append(draught.done())


def _declared(boundary: Boundary) -> set[str]:
    return set(boundary.workflow.tools) - set(boundary.workflow.never)
