"""How agents answer systems that ask in the middle of a call: rightly, twice, badly, or not at all.

An answer is a proposal of its own, as the doors make it, by whoever has the call's id.
"""

from __future__ import annotations

from sallyport.flow import rows
from sallyport.flow.runs import Asker
from sallyport.model import Call, Ending, JsonObject, Proposal
from sallyport.rules import reasons
from sallyport.rules.steps import close_asked
from sallyport.simulate.scene import Client, Scene
from sallyport.simulate.schedule import Until

_SAID: tuple[JsonObject, ...] = (
    {"q": {"action": "accept", "content": {"which": "this"}}},
    {"q": {"action": "accept", "content": {"which": "that"}}},
    {"q": {"action": "decline"}},
    {"q": {"action": "accept"}, "more": {}},
)


async def answers(scene: Scene, client: Client, call_id: str) -> list[Proposal]:
    """Return what an agent answers to a question: once, at the same moment twice, or not at all."""
    for _ in range(scene.chance.choice((0, 0, 1, 8))):
        await Until()
    dice = scene.chance.random()
    if dice < 0.1:  # noqa: PLR2004
        return []
    if dice < 0.25:  # noqa: PLR2004
        await _decline(scene, call_id)
        return []
    call = await scene.life.inbox.call(call_id)
    return [_answer(scene, client, call) for _ in range(scene.chance.choice((1, 1, 2)))]


def _answer(scene: Scene, client: Client, call: Call) -> Proposal:
    tool, args = call.proposal.tool, call.proposal.args
    if scene.chance.random() < 0.05:  # noqa: PLR2004
        tool, args = scene.chance.choice(client.wishes)
    return Proposal(
        call_id=scene.new("c"),
        task_id=client.task.id,
        tool=tool,
        args=args,
        channel="simulated",
        parent=call.id,
        by=client.task.agent,
        declared=client.declared,
        answers=scene.chance.choices(_SAID, (6, 6, 2, 1))[0],
    )


async def _decline(scene: Scene, call_id: str) -> None:
    """Say that no answer comes, or take the call back, as the doors do."""
    gateway = scene.life.gateway
    found = await gateway.outside.store.rows("calls", {"id": call_id})
    call = rows.call_of(found[0], gateway.outside.vault)
    asks = rows.asks_of(rows.result_of(found[0], gateway.outside.vault) or {})
    if asks is None or call.ending is not Ending.ASKED:
        return
    if scene.chance.random() < 0.7:  # noqa: PLR2004
        await gateway.decline(call, asks, Asker())
        return
    gateway.outside.upstreams.let_go(asks.state)
    await gateway.finish(close_asked(call, reasons.refuse("call.cancelled", agent=call.agent)))
