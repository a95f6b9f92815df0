"""Performs the commands of `rules/steps.py`, one call at a time, many calls at once.

Rules:
  1. A port that fails means that the call is refused, or in doubt if it may have left; it is never
     taken as done.
  2. What was intended and could not be closed stays claimed, so that a repeat cannot do it twice.
  3. An invariant that broke pauses the agent at once, here and in the database if that still works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from sallyport.errors import (
    InvariantError,
    SallyportError,
    StoreError,
)
from sallyport.flow import rows
from sallyport.flow.dispatch import Dispatcher, Fences
from sallyport.flow.evidence import Draught, Evidence
from sallyport.flow.grants import Grants
from sallyport.flow.outside import Outside
from sallyport.flow.queues import Queues
from sallyport.flow.records import records_of
from sallyport.flow.registry import Registry, run_of
from sallyport.flow.runs import Asker, Run
from sallyport.flow.sending import Sender
from sallyport.flow.signers import key_of
from sallyport.flow.under_way import UnderWay, Walk
from sallyport.model import (
    AT_ONCE,
    Approval,
    Asks,
    Call,
    Ending,
    Origin,
    Proposal,
    Switch,
    Task,
    Verdict,
)
from sallyport.ports import Blocked, Fence, RaiseEpoch
from sallyport.rules import approval as approvals
from sallyport.rules import beforehand, break_glass
from sallyport.rules.checks.limits import reservations
from sallyport.rules.commands import (
    Append,
    Asked,
    Command,
    Concluded,
    Decided,
    DecidedAgain,
    Ended,
    Event,
    Influenced,
    Intended,
    Kept,
    Load,
    Perform,
    Reply,
    Stopped,
)
from sallyport.rules.context import Context
from sallyport.rules.steps import Steps, carry_out, decline_asked, govern


class Gateway:
    """The governed path: proposals in, endings out."""

    def __init__(
        self, outside: Outside, registry: Registry, evidence: Evidence, fences: Fences
    ) -> None:
        self.outside = outside
        self.registry = registry
        self.evidence = evidence
        self.fences = fences
        self.dispatcher = Dispatcher(fences, outside.stop_file, outside.clock.now_us)
        self.sender = Sender(outside, registry, evidence, self.dispatcher)
        self.cool_off = AT_ONCE
        self.prepare: Callable[[Task, str], Awaitable[None]] | None = None
        self.under_way = UnderWay()
        self.queues = Queues(outside.store, registry.waiting)
        self.grants = Grants(outside, registry, fences, self.still_counting)
        self._watchers: dict[str, list[Callable[[Ended], None]]] = {}
        self._noted = set(registry.influenced)

    async def propose(self, proposal: Proposal, asker: Asker | None = None) -> Ended:
        """Take a proposal through the eight steps.

        Raises:
            StoreError: Nothing could be recorded, so nothing was done; or, if the call had left,
                its outcome could not be recorded and the call stays in doubt.
        """
        ended = await self.walk(govern(proposal), asker or Asker(), proposal.call_id)
        self.tell(ended)
        return ended

    async def carry_out(self, call: Call, approval_id: str) -> Ended:
        """Go on with a call whose question was answered with yes."""
        ended = await self.walk(carry_out(call, approval_id), Asker(gone=True), call.id)
        self.tell(ended)
        return ended

    async def decline(self, call: Call, asks: Asks, asker: Asker) -> Ended:
        """Go on with a call whose system asked for something that it will not get."""
        ended = await self.walk(decline_asked(call, asks), asker, call.id)
        self.tell(ended)
        return ended

    async def finish(self, steps: Steps) -> Ended:
        """Take a call that nobody is connected for to its end, and tell whoever watches it."""
        ended = await self.walk(steps, Asker(gone=True))
        self.tell(ended)
        return ended

    async def walk(self, steps: Steps, asker: Asker, call_id: str = "") -> Ended:
        """Drive one generator of steps to its end.

        Args:
            steps: What to do.
            asker: Who waits for it.
            call_id: The call that can be taken back meanwhile, if it can.
        """
        run = Run(asker=asker, walk=Walk(by=asker))
        if not call_id:
            return await self._walk(steps, run)
        with self.under_way.walking(call_id, run.walk):
            return await self._walk(steps, run)

    async def _walk(self, steps: Steps, run: Run) -> Ended:
        try:
            command = next(steps)
            while True:
                command = steps.send(await self._perform(command, run))
        except StopIteration as end:
            ended: Ended = end.value
            self._release_claim(run, ended)
            return ended
        except InvariantError as broken:
            await self._pause(run, broken)
            raise
        except SallyportError:
            self._release_claim(run, None)
            raise
        finally:
            steps.close()

    def tell(self, ended: Ended) -> None:
        """Tell whoever watches a call that it is over; one that only waits is not."""
        if ended.ending is Ending.WAITING and not ended.doubt:
            return
        for then in self._watchers.pop(ended.call.id, []):
            then(ended)

    def when_over(self, call_id: str, then: Callable[[Ended], None]) -> Callable[[], None]:
        """Have `then` called once the call is over; return a function that takes this back."""
        watchers = self._watchers.setdefault(call_id, [])
        watchers.append(then)

        def forget() -> None:
            if then in watchers:
                watchers.remove(then)
            if not watchers:
                self._watchers.pop(call_id, None)

        return forget

    async def commit(
        self, draught: Draught, scopes: tuple[str, ...], then: Callable[[], None]
    ) -> bool:
        """Commit a change of authority, then let it count: memory and fence in one step.

        Args:
            draught: The change and its entry.
            scopes: Whose earlier decisions it makes too old.
            then: Changes what is in memory; called only once the commit is durable.

        Returns:
            Whether it was committed; False when one of its own guards did not hold.
        """
        epoch = self.fences.begin()
        draught.changes.append(RaiseEpoch(scopes, epoch))
        try:
            kept = not isinstance(await self.outside.store.append(draught.done()), Blocked)
        except BaseException:
            self.fences.abandon(epoch)
            raise
        if not kept:
            self.fences.abandon(epoch)
            return False
        then()
        self.fences.settle(epoch, scopes)
        return True

    # --- One command each. ---

    async def _perform(self, command: Command, run: Run) -> Reply:
        match command:
            case Load():
                return await self._load(command, run)
            case Append():
                return await self._append(command, run)
            case Perform():
                return await self.sender.send(command, run)

    async def _load(self, command: Load, run: Run) -> Context:
        proposal = command.proposal
        await self._prepared(proposal)
        epoch = self.fences.epoch
        task = self.registry.tasks.get(proposal.task_id)
        boundaries = self.registry.boundaries_for(task) if task else ()
        context = Context(
            proposal=proposal,
            now_us=self.evidence.now_us(),
            epoch=epoch,
            fresh=self.outside.ids.new("c"),
            task=task,
            agent=self.registry.agents.get(task.agent) if task else None,
            requester=self.registry.people.get(task.requester) if task else None,
            boundaries=boundaries,
            barred_by=self.registry.barred_by(task, proposal.tool) if task else (),
            influenced=self._influenced(task),
            switches=tuple(self.registry.switches.values()),
            stop_scopes=self.outside.stop_file.scopes(),
            broken=self.registry.broken,
            approval=await self._approval(command.approval_id),
            crowded=await self._crowded(command, task),
            cool_off=self.cool_off,
            glasses=() if command.taken_up else self.registry.broken_glasses(),
        )
        context = await self._with_parent(self._with_tool_state(context))
        context = await self.grants.seen(context, taken_up=command.taken_up)
        if not command.taken_up:
            context = await self._claim(context, run)
        run.context = context if proposal.origin is not Origin.GATEWAY else run.context
        counters = [reserved.counter for reserved in reservations(context)]
        if context.grant is not None:
            counters.append(beforehand.counter(context.grant.id))
        if not counters:
            return context
        return replace(context, counters=await self.outside.store.counters(counters))

    async def _crowded(self, command: Load, task: Task | None) -> int:
        """Return how many questions of the agent wait, if a new one would be too many."""
        agents_own = command.proposal.origin is Origin.AGENT and not command.taken_up
        return await self.queues.crowded(task.agent) if task is not None and agents_own else 0

    async def _append(self, command: Append, run: Run) -> Kept | Stopped:
        asked = _asked(command.events)
        if asked is None:
            return await self._written(command, run)
        call, approval_id, anyway = asked
        if not self.queues.enter(call.agent, approval_id, anyway=anyway):
            return Stopped("crowded", "approvals")
        reply: Kept | Stopped = Stopped("changed", "approvals")
        try:
            reply = await self._written(command, run)
        finally:
            written = isinstance(reply, Kept)
            self.queues.entered(call.agent, approval_id, written=written)
        return reply

    async def _written(self, command: Append, run: Run) -> Kept | Stopped:
        events = tuple(e for e in command.events if not self._known_influence(e))
        heard = not run.asker.gone
        draught = self.evidence.of(events, listening=heard)
        draught.changes += records_of(events, self.registry, self.outside.vault, draught.at_us)
        if any(_too_late(event, draught.at_us) for event in events):
            return Stopped("changed", "approvals")
        fence = Fence(command.scopes, command.fence) if command.fence is not None else None
        runs = self._mark_influenced(events)
        reply = await self.outside.store.append(draught.done(fence))
        if reply == Blocked(why="exists", subject="instances"):
            self._noted |= runs
            return await self._written(command, run)
        if isinstance(reply, Blocked):
            return Stopped(reply.why, reply.subject)
        self._noted |= runs
        for event in events:
            self._keep_in_step(event, run)
        if heard and run.asker.gone:
            await self._keep_unheard(events)
        return Kept()

    async def _keep_unheard(self, events: Iterable[Event]) -> None:
        """Keep what was noted as handed over while its asker left: a repeat must find it."""
        for event in events:
            if isinstance(event, Concluded) and event.owed and _wants_handing_over(event.call):
                await self.outside.store.append(self.evidence.kept(event).done())

    # --- The parts of a snapshot. ---

    async def _prepared(self, proposal: Proposal) -> None:
        """Have the tool compared with its pin, whoever proposes: an agent, a person, or recovery.

        An answer may come hours after the question, and recovery runs before any agent called.
        """
        task = self.registry.tasks.get(proposal.task_id)
        if task is not None and self.prepare is not None:
            await self.prepare(task, proposal.tool)

    def _influenced(self, task: Task | None) -> bool:
        return task is None or run_of(task.agent, task.instance) in self.registry.influenced

    def _with_tool_state(self, context: Context) -> Context:
        active, system = context.active, context.system
        if active is None or system is None:
            return context
        quarantined = self.registry.changed(active, context.proposal.tool)
        unreachable = system.name not in self.registry.verified
        if not quarantined and not unreachable:
            return context
        return replace(context, quarantined=quarantined, unreachable=unreachable)

    async def _with_parent(self, context: Context) -> Context:
        """Add the call that a proposal's answers belong to, and what its system asked."""
        proposal = context.proposal
        if proposal.origin is not Origin.AGENT or not proposal.parent:
            return context
        found = await self.outside.store.rows("calls", {"id": proposal.parent})
        if not found:
            return context
        kept = rows.result_of(found[0], self.outside.vault) or {}
        parent = rows.call_of(found[0], self.outside.vault)
        return replace(context, parent=parent, asks=rows.asks_of(kept))

    async def _approval(self, approval_id: str) -> Approval | None:
        if not approval_id:
            return None
        found = await self.outside.store.rows("approvals", {"id": approval_id})
        if not found:
            return None
        return self.still_counting(rows.approval_of(found[0], self.outside.vault))

    def still_counting(self, approval: Approval) -> Approval:
        """Return a question with only the yeses that count now: of whoever may still sign.

        Each signature is checked again over the question as it stands, so that whoever could write
        to the database, and had no key, has won nothing.
        """
        workflow = str(approval.object.get("workflow") or "")
        verified = {
            answer.person
            for answer in approval.answers
            if (person := self.registry.answerer(answer.person, workflow)) is not None
            and person.can_sign
            and key_of(
                self.outside.signatures,
                person,
                approvals.statement_of(approval, answer),
                answer.signature,
            )
        }
        return approvals.still_counting(approval, verified)

    async def _claim(self, context: Context, run: Run) -> Context:
        """Take the place of this proposal, or find who holds it. No await before the claim.

        Whoever is being taken back is waited for: what becomes of it decides whose place it is.
        """
        if context.task is None:
            return context
        key = (context.proposal.task_id, context.call_digest)
        self._leave_other_claim(run, key, context.proposal.call_id)
        holder = self.registry.held.holder(key)
        while holder not in {None, context.proposal.call_id} and await self.under_way.settled(
            str(holder)
        ):
            holder = self.registry.held.holder(key)
        if holder is None or holder == context.proposal.call_id:
            self.registry.held.take(key, context.proposal.call_id)
            run.claim = key
            return context
        return replace(context, earlier=await self._earlier(holder, context))

    def _leave_other_claim(self, run: Run, key: tuple[str, str], call_id: str) -> None:
        """Give back the place that a proposal had under another version: nothing left from it."""
        if run.claim is not None and run.claim != key:
            self.registry.held.leave(run.claim, call_id)
            run.claim = None

    async def _earlier(self, call_id: str, context: Context) -> Call:
        found = await self.outside.store.rows("calls", {"id": call_id})
        if not found:
            return _in_flight(call_id, context)
        call = rows.call_of(found[0], self.outside.vault)
        # Noted as handed over and still held: its asker is leaving, and the result is being kept.
        leaving = call.delivered and call.action is not None
        return replace(call, ending=Ending.WAITING, delivered=False) if leaving else call

    # --- Memory in step with what was committed. ---

    def _known_influence(self, event: Event) -> bool:
        return isinstance(event, Influenced) and run_of(event.agent, event.instance) in self._noted

    def _mark_influenced(self, events: tuple[Event, ...]) -> set[str]:
        """Count new influence before it is written, and also when that fails.

        Two first reads may both try to write it; the second is told, and leaves it out.
        """
        runs = {run_of(e.agent, e.instance) for e in events if isinstance(e, Influenced)}
        self.registry.influenced |= runs
        return runs

    def _keep_in_step(self, event: Event, run: Run) -> None:
        match event:
            case Concluded(call=call) if call.proposal.origin is not Origin.GATEWAY:
                told = not (run.asker.gone and event.owed)
                if told and _is_over(call):
                    self.registry.held.let_go(call)
                else:
                    self.registry.held.hold(call)
            case _:
                return

    def _release_claim(self, run: Run, ended: Ended | None) -> None:
        """Give the claim back where nothing of this proposal is left to find or to fear."""
        if run.claim is None:
            return
        over = ended is not None and ended.call.delivered
        never_left = ended is None and not run.sent
        if (over or never_left) and run.context is not None:
            self.registry.held.leave(run.claim, run.context.proposal.call_id)

    async def _pause(self, run: Run, broken: InvariantError) -> None:
        if run.context is None or run.context.task is None:
            self.registry.broken = broken.what
            return
        agent = run.context.task.agent
        epoch = self.fences.close((f"agent:{agent}",))
        switch = Switch(
            id=self.outside.ids.new("s"),
            scope=f"agent:{agent}",
            verdict=Verdict.REFUSE,
            because=f"an invariant broke: {broken.what}",
            by="gateway",
            since_us=self.evidence.now_us(),
        )
        self.registry.switches[switch.id] = switch
        draught = self.evidence.draught()
        self.evidence.switched(draught, switch, [])
        draught.changes.append(RaiseEpoch((switch.scope,), epoch))
        with contextlib.suppress(StoreError):
            await self.outside.store.append(draught.done())


def _asked(events: Iterable[Event]) -> tuple[Call, str, bool] | None:
    """Return the call that asks, its question, and whether it may whatever else waits.

    It may where it waited already, or where a person proposed it.
    """
    call: Call | None = None
    for event in events:
        if isinstance(event, Decided | DecidedAgain):
            call = event.call
        elif isinstance(event, Asked) and call is not None:
            anyway = bool(event.again) or call.proposal.origin is not Origin.AGENT
            return call, event.approval.id, anyway
    return None


def _too_late(event: Event, at_us: int) -> bool:
    """Return whether what permits it ended between the decision and the intent that uses it."""
    if isinstance(event, Decided) and event.decision.verdict is not Verdict.ALLOW:
        return False
    if isinstance(event, Decided) and event.decision.grant and event.context.grant is not None:
        return at_us >= event.context.grant.ahead.until_us
    if isinstance(event, Decided) and event.call.glass:
        return break_glass.is_over(event.context, event.call.glass, at_us)
    if not isinstance(event, Intended) or event.approval is None:
        return False
    return at_us >= event.approval.ends_us


def _is_over(call: Call) -> bool:
    return call.ending is not Ending.WAITING


def _wants_handing_over(call: Call) -> bool:
    agents_own = call.proposal.origin is not Origin.GATEWAY
    return agents_own and _is_over(call) and not call.delivered


def _in_flight(call_id: str, context: Context) -> Call:
    """Return a stand-in for a call that holds the claim and has not reached the database yet."""
    return Call(
        id=call_id,
        proposal=replace(context.proposal, call_id=call_id),
        agent=context.task.agent if context.task else "",
        instance=context.task.instance if context.task else "",
        workflow=context.task.workflow if context.task else "",
        requester=context.task.requester if context.task else "",
        system=context.system.name if context.system else "",
        level=context.level,
        digest=context.call_digest,
        boundary=context.active.digest if context.active else "",
        ending=Ending.WAITING,
        proposed_us=context.now_us,
    )
