"""What waits, in brief: enough to count, order and choose, and nothing that is sealed.

A list of thousands is read without opening one call; who wants to see an item opens that one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.model import ActionState, ApprovalState, DraftState, Ending, Passed
from sallyport.ports import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits. `kind` is `question`, `draft` or `in_doubt`, `id` that of its own."""

    kind: str
    id: str
    call: str
    agent: str
    workflow: str
    tool: str
    requester: str
    since_us: int
    who: tuple[str, ...] = ()
    expires_us: int = 0
    passed: tuple[Passed, ...] = ()


async def waiting(gateway: Gateway) -> Sequence[Waiting]:
    """Return everything that waits for a person: what ends soonest first, then the oldest."""
    store = gateway.outside.store
    asked = await store.rows("approvals", {"state": ApprovalState.WAITING.value})
    drafts = await store.rows("drafts", {"state": DraftState.STORED.value})
    doubts = await store.rows("calls", {"action": ActionState.IN_DOUBT.value})
    held = await store.rows("calls", {"ending": Ending.WAITING.value}) if asked else ()
    stored = [
        call for row in drafts for call in await store.rows("calls", {"id": rows.text(row, "call")})
    ]
    calls = {rows.text(row, "id"): row for row in (*held, *stored)}
    found = [
        *(_question(row, calls[rows.text(row, "call")]) for row in asked if _has(calls, row)),
        *(_draft(row, calls[rows.text(row, "call")]) for row in drafts if _has(calls, row)),
        *(_doubt(row) for row in doubts),
    ]
    return sorted(found, key=lambda one: (one.expires_us or 2**62, one.since_us))


def _has(calls: dict[str, Row], row: Row) -> bool:
    return rows.text(row, "call") in calls


def _question(row: Row, call: Row) -> Waiting:
    found = _of(
        call,
        kind="question",
        item=rows.text(row, "id"),
        since_us=rows.number(row, "asked_us"),
        who=tuple(json.loads(rows.text(row, "who"))),
        expires_us=rows.number(row, "expires_us"),
    )
    return replace(found, passed=rows.passed_of(row))


def _draft(row: Row, call: Row) -> Waiting:
    item, since_us = rows.text(row, "id"), rows.number(row, "stored_us")
    return _of(call, kind="draft", item=item, since_us=since_us)


def _doubt(call: Row) -> Waiting:
    item, since_us = rows.text(call, "id"), rows.number(call, "proposed_us")
    return _of(call, kind="in_doubt", item=item, since_us=since_us)


def _of(
    call: Row,
    *,
    kind: str,
    item: str,
    since_us: int,
    who: tuple[str, ...] = (),
    expires_us: int = 0,
) -> Waiting:
    return Waiting(
        kind=kind,
        id=item,
        call=rows.text(call, "id"),
        agent=rows.text(call, "agent"),
        workflow=rows.text(call, "workflow"),
        tool=rows.text(call, "tool"),
        requester=rows.text(call, "requester"),
        since_us=since_us,
        who=who,
        expires_us=expires_us,
    )
