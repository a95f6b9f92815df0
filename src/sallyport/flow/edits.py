"""What a person makes of a call: proposed in that person's name, and after a crash once more.

Rules:
  1. An edit is written down with its answer and proposed right after. If the gateway ended between
     the two, the next one proposes it: what somebody signed is not lost.
  2. Only what is still signed, argument by argument, by a person who counts; and only once, since
     the name of the new call stands in the answer.
  3. It is decided anew like any proposal, and somebody else than its editor answers for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import read, unsealed
from sallyport.flow.signers import key_of
from sallyport.model import JsonObject, Origin, Proposal
from sallyport.ports import LedgerQuery, Row
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.trace import Heard

LATEST = 200
"""How many answers back an edit is looked for; all before were proposed when they were new."""


def proposal_of(before: Proposal, args: JsonObject, *, person: str, call_id: str) -> Proposal:
    """Return what a person proposes instead of a call.

    Args:
        before: The call as it was.
        args: Its arguments now.
        person: Who changed them.
        call_id: The new call.
    """
    return Proposal(
        call_id=call_id,
        task_id=before.task_id,
        tool=before.tool,
        args=args,
        meta=before.meta,
        channel=Origin.EDIT.value,
        origin=Origin.EDIT,
        parent=before.call_id,
        by=person,
    )


async def left(gateway: Gateway) -> Sequence[Proposal]:
    """Return the edits that were signed and never proposed, in the order of their answers."""
    query = LedgerQuery(kind="approval.answered", newest_first=True, limit=LATEST)
    heard = [(entry, read(entry, None)) for entry in await gateway.outside.store.ledger(query)]
    edits = {
        str(said.body["as"]): (entry, said)
        for entry, said in reversed(heard)
        if said.body.get("as")
    }
    known = await gateway.outside.store.pick("calls", list(edits), only=("id",))
    proposed = {rows.text(row, "id") for row in known}
    found: list[Proposal] = []
    for name, (entry, said) in edits.items():
        if name not in proposed:
            secret = await unsealed(gateway.outside, entry)
            made = await _signed(gateway, replace(said, secret=secret))
            found += [made] if made is not None else []
    return found


async def _signed(gateway: Gateway, answered: Heard) -> Proposal | None:
    """Return what an answer proposes, if its editor signed just that and counts."""
    body, said = answered.body, _said(answered.secret or {})
    person = gateway.registry.people.get(str(body["person"]))
    asked = await _row(gateway, "approvals", str(body["approval"]))
    call = await _row(gateway, "calls", str(body["call"]))
    if said.args is None or person is None or not person.can_sign or asked is None or call is None:
        return None
    approval = rows.approval_of(asked, gateway.outside.vault)
    at_us = cast("int", body["at_us"])
    statement = approvals.said_by(approval, said, person=person.name, at_us=at_us)
    if not key_of(gateway.outside.signatures, person, statement, str(body["signature"])):
        return None
    before = rows.call_of(call, gateway.outside.vault).proposal
    return proposal_of(before, said.args, person=person.name, call_id=str(body["as"]))


def _said(secret: JsonObject) -> Said:
    """Return what was said, as far as its sealed part is still there."""
    args, because, typed = secret.get("args"), secret.get("because"), secret.get("typed")
    return Said(
        kind=Kind.EDIT,
        because=str(because or ""),
        args=args if isinstance(args, dict) else None,
        typed=str(typed or ""),
    )


async def _row(gateway: Gateway, table: str, name: str) -> Row | None:
    found = await gateway.outside.store.pick(table, [name])
    return found[0] if found else None
