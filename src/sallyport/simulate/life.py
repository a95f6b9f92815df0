"""One life of the gateway's process: from a start to a crash, on whatever the last one left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sallyport.flow import grants
from sallyport.flow import registry as registries
from sallyport.flow.controls import Controls
from sallyport.flow.dispatch import Fences
from sallyport.flow.evidence import Evidence
from sallyport.flow.gateway import Gateway
from sallyport.flow.glasses import Glasses
from sallyport.flow.inbox import Inbox, Spawn
from sallyport.flow.outside import Outside
from sallyport.flow.people import People
from sallyport.flow.recovery import recover
from sallyport.flow.registry import Registry
from sallyport.flow.tasks import Tasks
from sallyport.model import AT_ONCE, CoolOff
from sallyport.simulate import scenery


@dataclass(frozen=True, slots=True)
class Life:
    """The flow, as the application would put it together."""

    gateway: Gateway
    inbox: Inbox
    controls: Controls
    tasks: Tasks
    glasses: Glasses


async def start(
    outside: Outside,
    spawn: Spawn,
    recovered: Callable[[], None],
    cool_off: CoolOff = AT_ONCE,
) -> Life:
    """Start the gateway as `serve` does: load, close what was left open, and only then let in.

    Args:
        outside: The world.
        spawn: Runs what follows from an answer.
        recovered: Told when recovery is over and nobody was let in yet.
        cool_off: How long a yes can be taken back.
    """
    registry = await registries.load(outside.store, outside.vault)
    await _restore(outside, registry)
    registry.verified |= set(scenery.SYSTEMS)
    evidence = Evidence(outside, await outside.store.last_time_us())
    gateway = Gateway(outside, registry, evidence, Fences(await outside.store.epoch()))
    await grants.remember(outside.store, registry, gateway.fences)
    gateway.queues.at_most = scenery.WAITING_MAX
    gateway.cool_off = cool_off
    glasses = Glasses(gateway, People(gateway, team_of_one=False))
    if cool_off is not AT_ONCE:
        await glasses.restore()
    draught = evidence.draught()
    evidence.note(draught, "gateway.started", {"stop_file": list(outside.stop_file.scopes())})
    await outside.store.append(draught.done())
    await recover(gateway)
    recovered()
    return Life(
        gateway=gateway,
        inbox=Inbox(gateway, lambda: False, spawn),
        controls=Controls(gateway),
        tasks=Tasks(gateway, outside.ids.new, token_hash),
        glasses=glasses,
    )


def token_hash(token: str) -> str:
    """Return what a token is stored under."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _restore(outside: Outside, registry: Registry) -> None:
    registry.boundaries.update(scenery.boundaries())
    for row in await outside.store.rows("boundaries", {"state": "active"}):
        registry.active[str(row["workflow"])] = str(row["id"])
