"""One call out and its answer in: what leaves, who hears what is said meanwhile, what came of it.

Rules:
  1. A port that fails means that the call did not leave, or that nobody knows; it is never taken
     as done.
  2. What a system says is searched for credentials before anybody reads it, and labels the run
     before it is passed on.
  3. What a person approved is what runs: nothing may be asked and answered any more.
"""

from __future__ import annotations

from sallyport.errors import UpstreamDownError, UpstreamError
from sallyport.flow.dispatch import Dispatcher
from sallyport.flow.evidence import Evidence
from sallyport.flow.outside import Outside
from sallyport.flow.registry import Registry, run_of
from sallyport.flow.runs import Run
from sallyport.flow.secrets import Secrets
from sallyport.flow.under_way import TakenBackError, Walk
from sallyport.model import Call, JsonObject, Origin, Recovery
from sallyport.ports import Hear, NotLaunchedError, Outbound
from sallyport.ports import Reply as Upstream
from sallyport.rules import asking, canonical, reasons
from sallyport.rules.commands import Answered, Lost, NotSent, Perform, Recalled


class Sender:
    """Lets calls leave.

    Args:
        outside: The systems.
        registry: What is known of them.
        evidence: Where a credential in an answer is noted.
        dispatcher: The fence in front of the wire.
    """

    def __init__(
        self, outside: Outside, registry: Registry, evidence: Evidence, dispatcher: Dispatcher
    ) -> None:
        self.secrets: Secrets | None = None
        self._outside = outside
        self._registry = registry
        self._evidence = evidence
        self._dispatcher = dispatcher

    async def send(self, command: Perform, run: Run) -> Answered | NotSent | Lost | Recalled:
        """Let a call leave, once, if it still may; return what came of it."""
        call = command.call
        agents_own = call.proposal.origin is not Origin.GATEWAY
        walk = run.walk if agents_own else Walk()
        launch = self._dispatcher.launch_for(call, command.scopes, command.epoch)
        try:
            run.sent = run.sent or agents_own
            if walk.taken_back:
                return _recalled(call, sent=False)
            outbound = self._outbound(command, run)
            calling = self._outside.upstreams.call(outbound, launch, self._ear(call, run))
            reply = await walk.answer(calling)
        except TakenBackError:
            return _recalled(call, sent=self._dispatcher.is_out(call.id))
        except NotLaunchedError as closed:
            return NotSent(reasons.refuse(closed.why, scope="this call"))
        except UpstreamDownError:
            return NotSent(reasons.refuse("upstream.down", system=call.system))
        except UpstreamError as lost:
            return Lost(lost.what)
        finally:
            self._dispatcher.landed(call.id)
        return await self._answered(reply, call, outbound)

    async def _answered(self, reply: Upstream, call: Call, outbound: Outbound) -> Answered | Lost:
        if reply.asks is not None and asking.unasked(reply.asks, outbound.abilities):
            return Lost(f"system `{call.system}` asks for input that it was never offered")
        answered = Answered(result=reply.result, error=reply.error, asks=reply.asks)
        if self.secrets is None:
            return answered
        return await self.secrets.searched(answered, call, self._evidence)

    def _ear(self, call: Call, run: Run) -> Hear | None:
        """Return who hears what the system says meanwhile: text from outside, so a label first."""
        hear = run.asker.hear
        if hear is None or call.proposal.origin is not Origin.AGENT:
            return None

        def heard(method: str, params: JsonObject) -> None:
            self._registry.influenced.add(run_of(call.agent, call.instance))
            said = canonical.encode([method, params])
            if self.secrets is None or self.secrets.leak(said) is None:
                hear(method, params)

        return heard

    def _outbound(self, command: Perform, run: Run) -> Outbound:
        call, declines = command.call, command.declines
        boundary = self._registry.boundaries.get(call.boundary)
        system = boundary.systems.get(call.system) if boundary else None
        plumbing = system.tools.get(call.proposal.tool) if system else None
        keyed = plumbing is not None and plumbing.recovery is Recovery.IDEMPOTENCY_KEY
        context = run.context if call.proposal.origin is Origin.AGENT else None
        # What a person approved is what runs: then nothing may be asked and answered any more.
        may_ask = command.may_be_asked and declines is None and not call.approval_id
        asks = declines if declines is not None or context is None else context.asks
        hears = context is not None and run.asker.hear is not None
        return Outbound(
            call_id=call.id,
            system=call.system,
            tool=call.proposal.tool,
            arguments=canonical.encode(call.proposal.args),
            meta=call.proposal.meta,
            principal=call.agent,
            timeout_ms=plumbing.timeout_ms if plumbing else 30_000,
            idempotency_key=call.idempotency_key if keyed else "",
            abilities=context.abilities if context is not None and may_ask else frozenset(),
            answers=call.proposal.answers if declines is None else {},
            state=asks.state if asks is not None else "",
            progress=hears and run.asker.progress,
            log_level=run.asker.log_level if hears else "",
        )


def _recalled(call: Call, *, sent: bool) -> Recalled:
    return Recalled(reasons.refuse("call.cancelled", agent=call.agent), sent=sent)
