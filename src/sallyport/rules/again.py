"""Decide a logged call again, from its ledger entry and the boundary that it names.

Rules:
  1. Nothing is looked up that the entry does not hold: what it saw is sealed in it.
  2. Decided by the same rules the decision is the same: verdict, every floor's code, and the line
     of the boundary. What the gateway met on the way to the effect, such as a read that failed,
     stands in the entry as a floor of its own and counts beside them.
  3. An entry whose sealed part was erased, or whose boundary is of another release, cannot be
     decided again; that is said, and is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sallyport.model import (
    Agent,
    Ahead,
    Answer,
    Approval,
    ApprovalState,
    Asks,
    Boundary,
    BreakGlass,
    Call,
    Ending,
    GlassState,
    Grant,
    Json,
    Level,
    Origin,
    Person,
    Proposal,
    Question,
    Stage,
    Switch,
    Task,
    Verdict,
    Vouched,
)
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.look_ups import MISSING
from sallyport.rules.trace import Heard

MET = frozenset(
    {
        "approval.stale",
        "fence.closed",
        "gateway.unsettled",
        "limit.each",
        "limit.reached",
        "limit.sum",
        "lookup.failed",
    }
)
"""Reasons that the gateway may meet after it decided; a limit may be used up by another call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What became of one logged decision. `why_not` says why it could not be decided again."""

    seq: int
    call: str
    logged: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def same(self) -> bool:
        """Whether it was decided again, as it was logged."""
        return not self.why_not and self.logged == self.found


def again(entry: Heard, proposed: Heard, boundaries: Mapping[str, Boundary]) -> Again:
    """Decide the call of a `call.decided` or `call.decided_again` entry again.

    Args:
        entry: The entry, with its sealed part.
        proposed: The call's `call.decided` entry, which holds what was proposed.
        boundaries: Every version that is known, by digest.
    """
    call = str(entry.body.get("call"))
    context = context_of(entry, proposed, boundaries)
    if isinstance(context, str):
        return Again(seq=entry.seq, call=call, why_not=context)
    decision = decide(context)
    logged = _texts(entry.body.get("floors"))
    met = [one for one in logged if one.rpartition(" ")[2] in MET]
    found = [f"{floor.verdict.name.lower()} {floor.code}" for floor in decision.floors]
    met = [one for one in met if one not in found]
    unread = f"refuse {MISSING}"
    if unread not in logged:
        # It was refused before anything was read, so the unread facts were no reason.
        found = [one for one in found if one != unread]
    verdict = max([decision.verdict, *(Verdict[one.partition(" ")[0].upper()] for one in met)])
    return Again(
        seq=entry.seq,
        call=call,
        logged=(str(entry.body.get("verdict")), str(entry.body.get("entry")), *sorted(logged)),
        found=(verdict.name.lower(), decision.entry, *sorted([*met, *found])),
    )


class _Switch(msgspec.Struct):
    id: str
    scope: str
    verdict: str
    because: str
    by: str
    since_us: int


class _Answer(msgspec.Struct):
    person: str
    yes: bool
    confirmed_own: bool


class _Approval(msgspec.Struct):
    id: str
    digest: str
    boundary: str
    target: str
    who: tuple[str, ...]
    how_many: int
    state: ApprovalState
    expires_us: int
    answers: tuple[_Answer, ...]
    not_before_us: int = 0


class _Glass(msgspec.Struct):
    id: str
    scope: str
    asked: str
    second: str
    ends_us: int


class _Grant(msgspec.Struct):
    id: str
    approval: str
    task: str
    tool: str
    boundary: str
    person: str
    at_most: int
    until_us: int
    free: tuple[str, ...]
    who: tuple[str, ...]
    how_many: int
    args: dict[str, Any]
    meta: dict[str, Any]
    asked_for: frozenset[str]


class _Parent(msgspec.Struct):
    id: str
    task: str
    tool: str
    args: dict[str, Any]
    ending: Ending
    proposed_us: int


class _Seen(msgspec.Struct):
    """The snapshot that a decision was made on, as `Context.as_json` writes it."""

    now_us: int
    epoch: int
    task: str | None
    inputs: dict[str, Any] | None
    task_expires_us: int | None
    task_closed: bool | None
    agent: str | None
    stage: Stage | None
    agent_active: bool | None
    requester: str | None
    roles: tuple[str, ...] | None
    requester_active: bool | None
    boundaries: tuple[str, ...]
    barred_by: tuple[str, ...]
    quarantined: bool
    unreachable: bool
    influenced: bool
    switches: tuple[_Switch, ...]
    stop_file: tuple[str, ...]
    broken: str
    counters: dict[str, int]
    facts: dict[str, Any]
    target: str
    approval: _Approval | None
    declared: tuple[str, ...]
    parent: _Parent | None
    asks: dict[str, Any] | None
    crowded: int = 0
    glasses: tuple[_Glass, ...] = ()
    grant: _Grant | None = None


class _Actor(msgspec.Struct):
    agent: str
    instance: str


class _Proposed(msgspec.Struct):
    call: str
    actor: _Actor
    task: str
    workflow: str
    requester: str
    channel: str
    origin: Origin
    parent: str
    by: str
    tool: str


class _Sealed(msgspec.Struct):
    args: dict[str, Any]
    meta: dict[str, Any]
    answers: dict[str, Any]


def context_of(entry: Heard, proposed: Heard, boundaries: Mapping[str, Boundary]) -> Context | str:
    """Return the context that a logged decision was made in, or why it cannot be had."""
    if entry.secret is None or proposed.secret is None:
        return "its sealed part was erased"
    try:
        seen = msgspec.convert(entry.secret.get("context"), _Seen)
        about = msgspec.convert(proposed.body, _Proposed)
        sealed = msgspec.convert(proposed.secret, _Sealed)
    except msgspec.ValidationError:
        return "it was written by another release"
    held = [boundaries[digest] for digest in seen.boundaries if digest in boundaries]
    if len(held) != len(seen.boundaries):
        return "its boundary is of another release, or not kept"
    return Context(
        proposal=_proposal(about, sealed, seen),
        now_us=seen.now_us,
        epoch=seen.epoch,
        fresh=about.call,
        task=_task(about, seen),
        agent=_agent(seen),
        requester=_requester(seen),
        boundaries=tuple(held),
        barred_by=seen.barred_by,
        quarantined=seen.quarantined,
        unreachable=seen.unreachable,
        influenced=seen.influenced,
        switches=tuple(_switch(one) for one in seen.switches),
        stop_scopes=seen.stop_file,
        broken=seen.broken,
        counters=seen.counters,
        facts=seen.facts,
        target=seen.target,
        approval=_approval(seen.approval, about.call) if seen.approval else None,
        parent=_parent(seen.parent, about) if seen.parent else None,
        asks=Asks(requests=seen.asks) if seen.asks is not None else None,
        crowded=seen.crowded,
        glasses=tuple(_glass(one) for one in seen.glasses),
        grant=_grant(seen.grant) if seen.grant else None,
    )


def _proposal(about: _Proposed, sealed: _Sealed, seen: _Seen) -> Proposal:
    return Proposal(
        call_id=about.call,
        task_id=about.task,
        tool=about.tool,
        args=sealed.args,
        meta=sealed.meta,
        answers=sealed.answers,
        channel=about.channel,
        origin=about.origin,
        parent=about.parent,
        by=about.by,
        declared=frozenset(seen.declared),
    )


def _task(about: _Proposed, seen: _Seen) -> Task | None:
    if seen.task is None or seen.inputs is None or seen.task_expires_us is None:
        return None
    return Task(
        id=seen.task,
        workflow=about.workflow,
        agent=about.actor.agent,
        instance=about.actor.instance,
        requester=about.requester,
        boundary="",
        inputs=seen.inputs,
        opened_us=0,
        expires_us=seen.task_expires_us,
        closed=seen.task_closed is True,
    )


def _agent(seen: _Seen) -> Agent | None:
    if seen.agent is None or seen.stage is None:
        return None
    return Agent(name=seen.agent, owner="", stage=seen.stage, active=seen.agent_active is True)


def _requester(seen: _Seen) -> Person | None:
    if seen.requester is None:
        return None
    roles = frozenset(seen.roles or ())
    return Person(name=seen.requester, roles=roles, active=seen.requester_active is True)


def _switch(one: _Switch) -> Switch:
    return Switch(
        id=one.id,
        scope=one.scope,
        verdict=Verdict[one.verdict.upper()],
        because=one.because,
        by=one.by,
        since_us=one.since_us,
    )


def _approval(one: _Approval, call_id: str) -> Approval:
    answers = tuple(
        Answer(
            person=said.person,
            yes=said.yes,
            because="",
            at_us=0,
            signature="",
            confirmed_own=said.confirmed_own,
        )
        for said in one.answers
    )
    return Approval(
        id=one.id,
        call_id=call_id,
        digest=one.digest,
        boundary=one.boundary,
        question=Question(who=one.who, how_many=one.how_many),
        state=one.state,
        asked_us=0,
        expires_us=one.expires_us,
        target=one.target,
        answers=answers,
        not_before_us=one.not_before_us,
    )


def _grant(one: _Grant) -> Grant:
    return Grant(
        id=one.id,
        approval=one.approval,
        task=one.task,
        tool=one.tool,
        boundary=one.boundary,
        person=one.person,
        ahead=Ahead(at_most=one.at_most, until_us=one.until_us, free=one.free),
        question=Question(who=one.who, how_many=one.how_many),
        args=one.args,
        meta=one.meta,
        asked_for=one.asked_for,
    )


def _glass(one: _Glass) -> BreakGlass:
    """Return a broken glass, as far as a decision looks at it."""
    names = (one.asked, one.second)
    vouched = [Vouched(person=name, at_us=0, signature="", key="") for name in names]
    return BreakGlass(
        id=one.id,
        scope=one.scope,
        because="",
        lasts_s=0,
        state=GlassState.IN_FORCE,
        asked=vouched[0],
        asked_us=0,
        second=vouched[1],
        ends_us=one.ends_us,
    )


def _parent(one: _Parent, about: _Proposed) -> Call:
    """Return the call whose system asked, as far as a decision looks at it."""
    return Call(
        id=one.id,
        proposal=Proposal(
            call_id=one.id, task_id=one.task, tool=one.tool, args=one.args, channel=about.channel
        ),
        agent=about.actor.agent,
        instance=about.actor.instance,
        workflow=about.workflow,
        requester=about.requester,
        system="",
        level=Level.READ,
        digest="",
        boundary="",
        ending=one.ending,
        proposed_us=one.proposed_us,
    )


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
