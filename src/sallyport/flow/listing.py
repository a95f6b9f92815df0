"""What waits, in brief: enough to count, order and choose, and nothing that is sealed.

A list of thousands is read without opening one call; who wants to see an item opens that one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sallyport.flow import rows
from sallyport.flow.exercise_rows import TABLE, exercise_of
from sallyport.flow.gateway import Gateway
from sallyport.model import ActionState, ApprovalState, DraftState, Ending, Level, Passed
from sallyport.ports import Row, Store
from sallyport.rules.attention.exercises import Exercise, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits; `id` is that of its own.

    `kind` is `question`, `flagged` (over, and not decided by a person), `draft` or `in_doubt`.
    """

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
    not_for: tuple[str, ...] = ()
    """Who is left out, because they know how an exercise was answered when it was real."""
    level: Level = Level.EXTERNAL
    boundary: str = ""
    """The digest of the boundary that asked."""
    risen: int = 1
    """As an approval has it."""


_NAMED = ("id", "agent", "workflow", "tool", "requester", "level", "boundary")
_CALL = (*_NAMED, "proposed_us", "ending")
ASKED = ("id", "call", "who", "asked_us", "expires_us", "changed_us", "passed", "risen")
"""The index `approvals_in_brief` holds all of these; another one would have every row read."""
_STAMP = ("id", "changed_us")
_STORED = ("id", "call", "stored_us")
_NONE = (-1, None)
_GOES_ON = frozenset({ApprovalState.WAITING.value, ApprovalState.APPROVED.value})


class Listing:
    """Lists what waits; a question that has not changed since it was listed is not read again."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._known: dict[str, tuple[int, Waiting]] = {}

    async def waiting(self) -> Sequence[Waiting]:
        """Return everything that waits for a person: what ends soonest first, then the oldest."""
        store = self._gateway.outside.store
        drafts = await store.rows("drafts", {"state": DraftState.STORED.value}, only=_STORED)
        doubts = await store.rows("calls", {"action": ActionState.IN_DOUBT.value}, only=_CALL)
        calls = await _calls(store, drafts)
        found = [
            *(await self._questions()),
            *(_draft(row, calls[rows.text(row, "call")]) for row in drafts if row["call"] in calls),
            *(_doubt(row) for row in doubts),
            *(await self._flagged()),
            *(await _exercises(self._gateway)),
        ]
        return sorted(found, key=lambda one: (one.expires_us or 2**62, one.since_us))

    async def _flagged(self) -> Sequence[Waiting]:
        """Return the questions that are over, and that only a person's decision closes."""
        store = self._gateway.outside.store
        named = [rows.text(row, "id") for row in await store.rows("flagged", {"state": "open"})]
        asked = await store.pick("approvals", named, only=(*ASKED, "state"))
        over = [row for row in asked if row["state"] not in _GOES_ON]
        calls = await _calls(store, over)
        return [
            replace(_question(row, calls[rows.text(row, "call")]), kind="flagged", expires_us=0)
            for row in over
            if row["call"] in calls
        ]

    async def _questions(self) -> Sequence[Waiting]:
        store, known = self._gateway.outside.store, self._known
        waits, columns = {"state": ApprovalState.WAITING.value}, _STAMP if known else ASKED
        asked = await store.rows("approvals", waits, only=columns)
        fresh = [row for row in asked if known.get(str(row["id"]), _NONE)[0] != row["changed_us"]]
        if known:
            named = [rows.text(row, "id") for row in fresh]
            fresh = list(await store.pick("approvals", named, only=ASKED))
        calls = await _calls(store, fresh)
        for row in fresh:
            if _held(calls, row):
                one = _question(row, calls[rows.text(row, "call")])
                known[one.id] = (rows.number(row, "changed_us"), one)
        ids = [str(row["id"]) for row in asked]
        self._known = {one: known[one] for one in ids if one in known}
        return [one for _, one in self._known.values()]


async def waiting(gateway: Gateway) -> Sequence[Waiting]:
    """Return everything that waits for a person, as `Listing` does, once."""
    return await Listing(gateway).waiting()


async def _calls(store: Store, asked: Sequence[Row]) -> dict[str, Row]:
    """Return the calls that rows name, by id."""
    named = [rows.text(row, "call") for row in asked]
    return {rows.text(row, "id"): row for row in await store.pick("calls", named, only=_CALL)}


async def _exercises(gateway: Gateway) -> Sequence[Waiting]:
    """Return the exercises among the questions; there are few, so they may be opened."""
    store, vault = gateway.outside.store, gateway.outside.vault
    found = await store.rows(TABLE, {"state": State.WAITING.value})
    return [_exercise(exercise_of(row, vault)) for row in found]


def _exercise(one: Exercise) -> Waiting:
    call, approval = one.call, one.approval
    return Waiting(
        kind="question",
        id=approval.id,
        call=call.id,
        agent=call.agent,
        workflow=call.workflow,
        tool=call.proposal.tool,
        requester=call.requester,
        since_us=approval.asked_us,
        who=approval.question.who,
        expires_us=approval.expires_us,
        not_for=one.knows,
        level=call.level,
        boundary=call.boundary,
        risen=approval.risen,
    )


def _held(calls: dict[str, Row], row: Row) -> bool:
    """Return whether the call of a question still waits for it."""
    call = calls.get(rows.text(row, "call"))
    return call is not None and call["ending"] == Ending.WAITING.value


@functools.lru_cache(maxsize=1024)
def _names(kept: str) -> tuple[str, ...]:
    return tuple(json.loads(kept))


def _question(row: Row, call: Row) -> Waiting:
    return _of(
        call,
        kind="question",
        item=rows.text(row, "id"),
        since_us=rows.number(row, "asked_us"),
        who=_names(rows.text(row, "who")),
        expires_us=rows.number(row, "expires_us"),
        passed=rows.passed_of(row),
        risen=1 + rows.number(row, "risen"),
    )


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
    passed: tuple[Passed, ...] = (),
    risen: int = 1,
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
        passed=passed,
        level=Level[rows.text(call, "level").upper()],
        boundary=rows.text(call, "boundary"),
        risen=risen,
    )
