"""The house as one value: everything the doors may ask for.

A client that leaves does not end its call: once begun, a call runs to its recorded end. One that
cancels it says so with `cancel`, or with `leave` where leaving means that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from sallyport.errors import NotFoundError, SallyportError
from sallyport.flow import rows
from sallyport.flow.absences import Absences
from sallyport.flow.aside import Aside
from sallyport.flow.authority import Authority
from sallyport.flow.background import Background
from sallyport.flow.baselines import Baselines
from sallyport.flow.comparing import Comparing
from sallyport.flow.controls import Controls
from sallyport.flow.devices import DeviceBook
from sallyport.flow.federated import Federated
from sallyport.flow.file_stops import FileStops
from sallyport.flow.gateway import Gateway
from sallyport.flow.glasses import Glasses
from sallyport.flow.inbox import Inbox
from sallyport.flow.notices import Notices
from sallyport.flow.people import People
from sallyport.flow.quick import QuickLinks
from sallyport.flow.reading import Reading
from sallyport.flow.recovery import Recovered
from sallyport.flow.regain import Regain
from sallyport.flow.reports import Reports
from sallyport.flow.rounds import Rounds
from sallyport.flow.runs import Asker
from sallyport.flow.secrets import Secrets
from sallyport.flow.sessions import Sessions
from sallyport.flow.tasks import Tasks
from sallyport.flow.team import Team
from sallyport.flow.unasked import StopAsking
from sallyport.flow.workflow_steps import WorkflowSteps
from sallyport.model import (
    Boundary,
    Call,
    Draft,
    Ending,
    JsonObject,
    Origin,
    Proposal,
    Task,
    ToolPin,
)
from sallyport.ports import News
from sallyport.rules import reasons
from sallyport.rules.commands import Ended
from sallyport.rules.methods import METHODS, instructions_key
from sallyport.rules.steps import close_asked

HOLD_MS = 45_000
"""How long a call that asks is held open, in the hope of a quick answer: below the 60 s after
which common MCP clients give up."""


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


def _declared(boundary: Boundary) -> set[str]:
    return set(boundary.workflow.tools) - set(boundary.workflow.never)
