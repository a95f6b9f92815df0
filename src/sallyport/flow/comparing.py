"""Whether a system's tools are still what somebody signed for.

Rules:
  1. A tool whose definition is no longer the pinned one is quarantined until a boundary with the
     new definition is signed, or it comes back as it was.
  2. A system that cannot be compared is not called. One that is stopped is not even connected to.
  3. Whenever tools may have changed, whatever was decided before is too old to leave.
"""

from __future__ import annotations

import asyncio
import contextlib

from sallyport.errors import UpstreamError
from sallyport.flow.gateway import Gateway
from sallyport.model import Task, ToolPin, Verdict
from sallyport.ports import Row, Update

COMPARISONS_MAX = 3


class Comparing:
    """Compares tools with their pins, before the first call and whenever they may have changed."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._comparing: dict[str, asyncio.Lock] = {}
        self._changes: dict[str, int] = {}
        gateway.outside.upstreams.watch(self._tools_may_have_changed)

    async def prepare(self, task: Task, tool: str) -> None:
        """Connect to the system that a tool needs; compare its tools if that was not done since."""
        for boundary in self._gateway.registry.boundaries_for(task):
            pin = boundary.pins.get(tool)
            if pin is None:
                continue
            if self._stopped(task, pin):
                continue
            with contextlib.suppress(UpstreamError):
                await self._gateway.outside.upstreams.prepare(pin.system, task.agent)
            if pin.system not in self._gateway.registry.verified:
                await self.compare(pin.system)

    def _stopped(self, task: Task, pin: ToolPin) -> bool:
        """Return whether the call will be refused by a stop: then not even a handshake leaves."""
        covering = {
            "everything",
            f"agent:{task.agent}",
            f"workflow:{task.workflow}",
            f"system:{pin.system}",
            f"tool:{pin.tool}",
        }
        switches = self._gateway.registry.switches.values()
        stopped = {s.scope for s in switches if s.verdict is Verdict.REFUSE}
        return bool(covering & (stopped | set(self._gateway.outside.stop_file.scopes())))

    async def compare(self, name: str) -> bool:
        """Compare a system's tools with their pins; return whether that could be done.

        Quarantines what fits no boundary in force and lifts what came back as it was; where only
        some boundaries have the new definition, `Registry.changed` tells them apart. Waits for
        nobody twice: calls that come meanwhile share one comparison.
        """
        registry = self._gateway.registry
        async with self._comparing.setdefault(name, asyncio.Lock()):
            for _ in range(COMPARISONS_MAX):
                if name in registry.verified:
                    return True
                seen = self._changes.get(name, 0)
                try:
                    await self._compare_once(name)
                except UpstreamError:
                    return False
                # What changed again meanwhile was not compared, so it is looked at once more.
                if self._changes.get(name, 0) == seen:
                    registry.verified.add(name)
            return name in registry.verified

    async def _compare_once(self, name: str) -> None:
        registry = self._gateway.registry
        offered = {pin.tool: pin for pin in await self._gateway.outside.upstreams.tools(name)}
        active = [registry.boundaries[digest] for digest in registry.active.values()]
        pins = [pin for one in active for pin in one.pins.values() if pin.system == name]
        accepted = {(pin.tool, pin.digest) for pin in pins}
        for pin in pins:
            now = offered.get(pin.tool)
            registry.offered[f"{name}/{pin.tool}"] = now.digest if now else ""
            fits = now is not None and (pin.tool, now.digest) in accepted
            await self._compare_pin(pin, now, changed=not fits)

    async def _compare_pin(self, pin: ToolPin, now: ToolPin | None, *, changed: bool) -> None:
        pin_id = f"{pin.system}/{pin.tool}"
        registry = self._gateway.registry
        if changed and pin_id not in registry.quarantined:
            registry.quarantined.add(pin_id)
            await self._note_pin(pin, "tool.quarantined", "quarantined", now)
        elif not changed and pin_id in registry.quarantined:
            await self._note_pin(pin, "tool.restored", "accepted", now)
            registry.quarantined.discard(pin_id)

    async def _note_pin(self, pin: ToolPin, kind: str, state: str, now: ToolPin | None) -> None:
        evidence = self._gateway.evidence
        draught = evidence.draught()
        columns: Row = {"state": state, "changed_us": draught.at_us}
        draught.changes.append(Update("pins", f"{pin.system}/{pin.tool}", {}, columns))
        evidence.note(
            draught,
            kind,
            {
                "system": pin.system,
                "tool": pin.tool,
                "pinned": pin.digest,
                "offered": now.digest if now else "",
            },
            index={"tool": pin.tool},
        )
        await self._gateway.outside.store.append(draught.done())

    def _tools_may_have_changed(self, system: str) -> None:
        """Let nothing leave for a system that was decided on before its tools may have changed."""
        self._changes[system] = self._changes.get(system, 0) + 1
        self._gateway.registry.verified.discard(system)
        self._gateway.fences.close((f"system:{system}",))
