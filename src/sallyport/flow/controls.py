"""Stop, resume and floors: the switches that people set by hand.

Rules:
  1. A switch counts in memory first and is written down second: from the first line of `set` on,
     nothing that was decided earlier can leave.
  2. `set` returns the calls that were on the wire at that moment, because they cannot be recalled.
  3. Lifting a switch only takes that switch away; what the boundary says stands as before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sallyport.errors import BadInputError, ConflictError, NotFoundError, StoreError
from sallyport.flow import file_stops, grants
from sallyport.flow.dispatch import OnWire
from sallyport.flow.gateway import Gateway
from sallyport.flow.registry import Granted
from sallyport.model import Json, Switch, Verdict
from sallyport.ports import Blocked, RaiseEpoch, Row, Update

SCOPE = re.compile(r"everything|(agent|workflow|system|tool):[^\s:*][^\s*]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a switch did: itself, and the calls it came too late for."""

    switch: Switch
    on_wire: tuple[OnWire, ...]


class Controls:
    """Sets and lifts switches."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def stop(self, scope: str, *, because: str, by: str) -> Effect:
        """Let nothing more leave for a scope, and say what is out already."""
        return await self.set(scope, Verdict.REFUSE, because=because, by=by)

    async def set(self, scope: str, verdict: Verdict, *, because: str, by: str) -> Effect:
        """Set a floor for a scope; it counts from this moment.

        Args:
            scope: `everything`, or `agent:NAME`, `workflow:NAME`, `system:NAME`, `tool:NAME`.
            verdict: The least strict verdict from now on; `refuse` is a stop.
            because: Why, in the person's words; kept for ever.
            by: Who sets it.

        Raises:
            BadInputError: The scope cannot be read, or no reason was given.
            StoreError: It counts, but could not be written down: everything is refused from now.
        """
        _readable(scope, because, verdict)
        gateway = self._gateway
        epoch = gateway.fences.close((scope,))
        switch = Switch(
            id=gateway.outside.ids.new("s"),
            scope=scope,
            verdict=verdict,
            because=because,
            by=by,
            since_us=gateway.evidence.now_us(),
        )
        gateway.registry.switches[switch.id] = switch
        over = grants.reached(gateway.registry, scope)
        out = tuple(w for w in gateway.dispatcher.on_wire() if _reaches(scope, w))
        await self._write_down(switch, out, epoch, over)
        return Effect(switch=switch, on_wire=out)

    async def resume(self, scope: str, *, because: str, by: str) -> tuple[Switch, ...]:
        """Lift every switch of exactly this scope, and a stop file that covers it.

        Raises:
            NotFoundError: Nothing is set for this scope.
            ConflictError: Somebody else lifted it meanwhile, or the stop file cannot be removed
                and goes on stopping.
        """
        gateway = self._gateway
        lifted = tuple(s for s in gateway.registry.switches.values() if s.scope == scope)
        by_file = scope in gateway.outside.stop_file.scopes()
        if not lifted and not by_file:
            raise NotFoundError(f"nothing is stopped or set for `{scope}`")
        draught = gateway.evidence.draught()
        for switch in lifted:
            columns: Row = {"lifted_us": draught.at_us, "lifted_by": by}
            draught.changes.append(Update("switches", switch.id, {"lifted_us": None}, columns))
        gateway.evidence.note(
            draught,
            "switch.lifted",
            {
                "scope": scope,
                "switches": [switch.id for switch in lifted],
                "stop_file": by_file,
                "because": because,
                "by": by,
            },
            index={"person": by},
        )
        if by_file:
            left = frozenset(gateway.outside.stop_file.scopes()) - {scope}
            file_stops.note(gateway, draught, left, by=by)
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"what stops `{scope}` was changed meanwhile")
        for switch in lifted:
            gateway.registry.switches.pop(switch.id, None)
        if by_file:
            self._lift_file(scope)
        return lifted

    def _lift_file(self, scope: str) -> None:
        self._gateway.registry.filed -= {scope}
        try:
            self._gateway.outside.stop_file.lift(scope)
        except OSError as error:
            raise ConflictError(
                f"the stop file cannot be changed ({error.strerror}) and goes on stopping",
                fix="remove `STOP` from the state folder by hand",
            ) from error

    async def _write_down(
        self, switch: Switch, out: tuple[OnWire, ...], epoch: int, over: tuple[Granted, ...]
    ) -> None:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        wire: list[Json] = [w.call.id for w in out]
        gateway.evidence.switched(draught, switch, wire)
        for kept in over:
            grants.ending(gateway.evidence, draught, kept, "stop", by=switch.by, once=False)
        draught.changes.append(RaiseEpoch((switch.scope,), epoch))
        try:
            await gateway.outside.store.append(draught.done())
        except StoreError:
            gateway.registry.broken = "a stop could not be written down"
            raise


def _readable(scope: str, because: str, verdict: Verdict) -> None:
    if SCOPE.fullmatch(scope) is None:
        raise BadInputError(
            f"`{scope[:80]}` is not a scope",
            fix="use everything, or agent:NAME, workflow:NAME, system:NAME or tool:NAME",
        )
    if not because.strip():
        raise BadInputError("no reason was given", fix='add --because "…"; it is kept in the log')
    if verdict is Verdict.ALLOW:
        raise BadInputError(
            "a floor cannot loosen", fix="sign a boundary with an `allow` entry, or use resume"
        )


def _reaches(scope: str, out: OnWire) -> bool:
    call = out.call
    return scope in {
        "everything",
        f"agent:{call.agent}",
        f"workflow:{call.workflow}",
        f"system:{call.system}",
        f"tool:{call.proposal.tool}",
    }
