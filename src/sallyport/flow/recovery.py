"""What a crash left behind, closed at the next start, before anything new is let in.

Rules:
  1. Nothing is sent again unless the tool's recovery class says that this is safe: an idempotency
     key inside its lifetime. Reads had no effect; all else is in doubt until somebody looks. So is
     what left unasked, under a broken glass or a yes beforehand, where that is over by now.
  2. An approved question whose call was never intended goes on: its answer still counts, once. One
     whose yes can still be taken back goes on when its time is over, as if nothing had happened.
  3. A question that was answered with no ends its call, if the crash came before that.
  4. A question that waited goes on waiting; it is a row, not a process.
  5. What a person made of a call is proposed, if the crash came before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sallyport.flow import edits, rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import read
from sallyport.flow.runs import Asker
from sallyport.model import (
    ActionState,
    Approval,
    ApprovalState,
    Call,
    DraftState,
    Ending,
    Floor,
    Plumbing,
    Recovery,
)
from sallyport.ports import LedgerQuery, Row, Update
from sallyport.rules import cool_off, reasons
from sallyport.rules.answering import refusal
from sallyport.rules.commands import Ended
from sallyport.rules.steps import close_asked, close_unsent, resume_intent
from sallyport.rules.times import SECOND_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What recovery did: how many calls it closed, left in doubt, and carried on."""

    closed: int
    in_doubt: int
    carried_on: int


async def recover(gateway: Gateway) -> Recovered:
    """Close every intent without an outcome, and go on with what was answered."""
    await _return_drafts(gateway)
    ended = [await _close(gateway, call) for call in await _open_intents(gateway)]
    # Whatever system waited in mid-work for an answer, its connection is gone.
    ended += [await gateway.finish(close_asked(call)) for call in await _asked(gateway)]
    waiting = await _waiting(gateway)
    for call, approval in waiting:
        if approval.state in {ApprovalState.REJECTED, ApprovalState.CHANGED}:
            await gateway.finish(close_unsent(call, rejected(approval)))
    now_us = gateway.evidence.now_us()
    carried_on = [
        await gateway.carry_out(call, approval.id)
        for call, approval in waiting
        if approval.state is ApprovalState.APPROVED and not cool_off.runs(approval, now_us)
    ]
    for edit in await edits.left(gateway):
        await gateway.propose(edit)
    in_doubt = sum(e.action is ActionState.IN_DOUBT for e in ended)
    return Recovered(closed=len(ended) - in_doubt, in_doubt=in_doubt, carried_on=len(carried_on))


async def _return_drafts(gateway: Gateway) -> None:
    """Store drafts again whose release was recorded and whose call never came to be."""
    store = gateway.outside.store
    where: Row = {"state": DraftState.RELEASED.value}
    found = await store.rows("drafts", where, only=("id", "released_as"))
    released = {rows.text(row, "released_as"): rows.text(row, "id") for row in found}
    known = await store.pick("calls", list(released), only=("id",))
    became = {rows.text(row, "id") for row in known}
    for draft_id in (draft for name, draft in released.items() if name not in became):
        draught = gateway.evidence.draught()
        columns: Row = {"state": DraftState.STORED.value, "released_as": ""}
        expect: Row = {"state": DraftState.RELEASED.value}
        draught.changes.append(Update("drafts", draft_id, expect, columns))
        gateway.evidence.note(draught, "draft.returned", {"draft": draft_id})
        await store.append(draught.done())


async def _open_intents(gateway: Gateway) -> Sequence[Call]:
    store, vault = gateway.outside.store, gateway.outside.vault
    intended = await store.rows("calls", {"action": ActionState.INTENDED.value})
    return [rows.call_of(row, vault) for row in intended]


async def _asked(gateway: Gateway) -> Sequence[Call]:
    store, vault = gateway.outside.store, gateway.outside.vault
    open_ = {"ending": Ending.ASKED.value, "action": ActionState.SENT.value}
    return [rows.call_of(row, vault) for row in await store.rows("calls", open_)]


def rejected(approval: Approval) -> Floor:
    """Return the floor of a question that somebody answered with anything but a yes."""
    no = next((answer for answer in approval.answers if not answer.yes), None)
    if no is None:
        return reasons.refuse("approval.rejected", person="somebody", because="no reason")
    return refusal(no)


async def _waiting(gateway: Gateway) -> Sequence[tuple[Call, Approval]]:
    """Return the calls from whose question nothing has followed yet, in order."""
    store, vault = gateway.outside.store, gateway.outside.vault
    waiting = {"ending": Ending.WAITING.value, "action": None}
    calls = [rows.call_of(row, vault) for row in await store.rows("calls", waiting)]
    found = await store.pick("approvals", [call.approval_id for call in calls])
    asked = {rows.text(row, "id"): rows.approval_of(row, vault) for row in found}
    return [(call, asked[call.approval_id]) for call in calls if call.approval_id in asked]


async def _close(gateway: Gateway, call: Call) -> Ended:
    plumbing = _plumbing(gateway, call)
    age_us = gateway.evidence.now_us() - call.proposed_us
    again = (
        plumbing.recovery is Recovery.IDEMPOTENCY_KEY
        and age_us < plumbing.idempotency_ttl_s * SECOND_US
        and _still_asks_nobody(gateway, call)
        and await _still_covered(gateway, call)
    )
    steps = resume_intent(call, again=again, plumbing=plumbing)
    return await gateway.walk(steps, Asker(gone=True))


def _still_asks_nobody(gateway: Gateway, call: Call) -> bool:
    """Return whether the glass that a call went ahead under, if any, is broken even now."""
    if not call.glass:
        return True
    now_us, broken = gateway.evidence.now_us(), gateway.registry.broken_glasses()
    return any(one.id == call.glass and now_us < one.ends_us for one in broken)


async def _still_covered(gateway: Gateway, call: Call) -> bool:
    """Return whether the yes beforehand that a call left under, if any, is in force even now."""
    query = LedgerQuery(call=call.id, kind="call.decided", newest_first=True, limit=1)
    decided = [read(one, None) for one in await gateway.outside.store.ledger(query)]
    under = decided[0].body.get("grant") if decided else None
    if not isinstance(under, dict):
        return True
    kept = gateway.registry.grants.get(str(under["id"]))
    now_us = gateway.evidence.now_us()
    return kept is not None and await gateway.grants.found(kept, now_us) is not None


def _plumbing(gateway: Gateway, call: Call) -> Plumbing:
    return gateway.registry.plumbing_of(call)
