"""Step 2: everything a decision may look at, in one frozen value with a digest.

Facts come from the gateway, never from what an agent says. A decision reads this and nothing else,
so the same context gives the same decision, today and when an auditor replays it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sallyport.model import (
    AT_ONCE,
    Agent,
    Approval,
    Asks,
    Boundary,
    BreakGlass,
    Call,
    CoolOff,
    Grant,
    Json,
    JsonObject,
    Level,
    Person,
    Proposal,
    Switch,
    System,
    Task,
    ToolRule,
)
from sallyport.rules import asking, canonical
from sallyport.rules.once import Once


@dataclass(frozen=True, kw_only=True)
class Context:
    """One snapshot. It has no slots, so that what is asked of it a hundred times is kept.

    `boundaries` holds the active version first, then the one the task was opened under if it is
    another; the stricter counts. `barred_by` names the agent's other workflows whose `never` keeps
    the tool from it. `stop_scopes` is what the stop file covers. `broken` says why
    nothing can be trusted here any more, if that is so. `counters` has one value per limit that
    could count this call. `facts` and `target` are filled in by look-ups; `earlier` is an identical
    call of this task whose result was not delivered yet. `fresh` is an id that nothing has used,
    from which ids of look-ups and questions are derived. `unreachable` says that the system's tools
    could not be compared with their pins. `parent` and `asks` are the call whose system asked, and
    what it asked, where the proposal brings answers. `crowded` is how many questions of the agent
    wait for people, where no more may; 0 while there is room, and for a call that was asked about.
    `cool_off` is how long a yes to what cannot be taken back waits; no verdict depends on it.
    `glasses` are those that are broken, for a call that is new. `grant` is a yes that was said
    beforehand to calls like this one.
    """

    proposal: Proposal
    now_us: int
    epoch: int
    fresh: str
    task: Task | None = None
    agent: Agent | None = None
    requester: Person | None = None
    boundaries: tuple[Boundary, ...] = ()
    barred_by: tuple[str, ...] = ()
    quarantined: bool = False
    unreachable: bool = False
    influenced: bool = False
    switches: tuple[Switch, ...] = ()
    stop_scopes: tuple[str, ...] = ()
    broken: str = ""
    counters: Mapping[str, int] = field(default_factory=dict[str, int])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    target: str = ""
    approval: Approval | None = None
    earlier: Call | None = None
    parent: Call | None = None
    asks: Asks | None = None
    crowded: int = 0
    cool_off: CoolOff = AT_ONCE
    glasses: tuple[BreakGlass, ...] = ()
    grant: Grant | None = None

    @Once
    def active(self) -> Boundary | None:
        """The boundary that counts now; None when none was signed."""
        return self.boundaries[0] if self.boundaries else None

    @Once
    def rule(self) -> ToolRule | None:
        """What the active boundary says of the proposed tool."""
        return self.active.workflow.tools.get(self.proposal.tool) if self.active else None

    @Once
    def system(self) -> System | None:
        """The system that the proposed tool belongs to, as far as the boundary knows one."""
        if self.active is None:
            return None
        found = self.rule or self.active.pins.get(self.proposal.tool)
        return self.active.systems.get(found.system) if found else None

    @Once
    def level(self) -> Level:
        """The level that the call is treated at: the rule's, and for look-ups always read."""
        if self.proposal.origin == "gateway":
            return Level.READ
        return max([rule.level for rule in self.rules], default=Level.EXTERNAL)

    @Once
    def rules(self) -> tuple[ToolRule, ...]:
        """What each boundary says of the tool; shorter than `boundaries` where one is silent."""
        found = [b.workflow.tools.get(self.proposal.tool) for b in self.boundaries]
        return tuple([rule for rule in found if rule is not None])

    @Once
    def scopes(self) -> tuple[str, ...]:
        """Every scope a stop, a floor or an epoch could name to reach this call.

        Nobody stops a task by a switch; it is among them because closing it raises its epoch. So
        is a yes beforehand, which can be taken back.
        """
        names = ["everything"]
        if self.task is not None:
            names += [f"agent:{self.task.agent}", f"workflow:{self.task.workflow}"]
            names.append(f"task:{self.task.id}")
        if self.system is not None:
            names.append(f"system:{self.system.name}")
        if self.grant is not None:
            names.append(f"grant:{self.grant.id}")
        return (*names, f"tool:{self.proposal.tool}")

    @Once
    def abilities(self) -> frozenset[str]:
        """What the system may ask in mid-call: declared by the agent and named by every boundary.

        Nothing in a look-up or a release: there is no agent to be asked.
        """
        if self.proposal.origin != "agent" or not self.proposal.declared or not self.rules:
            return frozenset()
        named = frozenset[str].intersection(*(frozenset(r.may_ask) for r in self.rules))
        return asking.within(self.proposal.declared, named)

    def as_json(self) -> JsonObject:
        """Return what the decision saw, for the sealed part of the ledger and for replay."""
        return {
            "now_us": self.now_us,
            "epoch": self.epoch,
            "task": self.task.id if self.task else None,
            "inputs": dict(self.task.inputs) if self.task else None,
            "task_expires_us": self.task.expires_us if self.task else None,
            "task_closed": self.task.closed if self.task else None,
            "agent": self.agent.name if self.agent else None,
            "stage": self.agent.stage.value if self.agent else None,
            "agent_active": self.agent.active if self.agent else None,
            "requester": self.requester.name if self.requester else None,
            "roles": list[Json](sorted(self.requester.roles)) if self.requester else None,
            "requester_active": self.requester.active if self.requester else None,
            "boundaries": [b.digest for b in self.boundaries],
            "barred_by": list(self.barred_by),
            "quarantined": self.quarantined,
            "unreachable": self.unreachable,
            "influenced": self.influenced,
            "switches": [_switch(one) for one in self.switches],
            "stop_file": list(self.stop_scopes),
            "broken": self.broken,
            "counters": dict(self.counters),
            "facts": dict(self.facts),
            "target": self.target,
            "approval": _approval(self.approval) if self.approval else None,
            "declared": list[Json](sorted(self.proposal.declared)),
            "parent": _parent(self.parent) if self.parent else None,
            "asks": self.asks.requests if self.asks else None,
            "crowded": self.crowded,
            "glasses": [_glass(one) for one in self.glasses],
            "grant": _grant(self.grant) if self.grant else None,
        }

    @Once
    def said(self) -> bytes:
        """The canonical bytes of `as_json`, which are sealed and digested."""
        return canonical.encode(self.as_json())

    @Once
    def call_digest(self) -> str:
        """The digest of what would be forwarded."""
        return call_digest(self)

    def digest(self) -> str:
        """Return the digest of the snapshot, which the ledger keeps in clear."""
        return canonical.digest_bytes("context", self.said)


def _switch(switch: Switch) -> JsonObject:
    return {
        "id": switch.id,
        "scope": switch.scope,
        "verdict": switch.verdict.name.lower(),
        "because": switch.because,
        "by": switch.by,
        "since_us": switch.since_us,
    }


def _glass(glass: BreakGlass) -> JsonObject:
    return {
        "id": glass.id,
        "scope": glass.scope,
        "asked": glass.asked.person,
        "second": glass.second.person if glass.second else "",
        "ends_us": glass.ends_us,
    }


def _grant(grant: Grant) -> JsonObject:
    ahead = grant.ahead
    return {
        "id": grant.id,
        "approval": grant.approval,
        "task": grant.task,
        "tool": grant.tool,
        "boundary": grant.boundary,
        "person": grant.person,
        "at_most": ahead.at_most,
        "until_us": ahead.until_us,
        "free": list[Json](ahead.free),
        "who": list[Json](grant.question.who),
        "how_many": grant.question.how_many,
        "args": grant.args,
        "meta": grant.meta,
        "asked_for": list[Json](sorted(grant.asked_for)),
    }


def _approval(approval: Approval) -> JsonObject:
    cools: JsonObject = {}
    if approval.not_before_us:
        cools = {"not_before_us": approval.not_before_us}
    return {
        **cools,
        "id": approval.id,
        "digest": approval.digest,
        "boundary": approval.boundary,
        "target": approval.target,
        "who": list(approval.question.who),
        "how_many": approval.question.how_many,
        "state": approval.state.value,
        "expires_us": approval.expires_us,
        "answers": [
            {"person": one.person, "yes": one.yes, "confirmed_own": one.confirmed_own}
            for one in approval.answers
        ],
    }


def _parent(parent: Call) -> JsonObject:
    return {
        "id": parent.id,
        "task": parent.proposal.task_id,
        "tool": parent.proposal.tool,
        "args": parent.proposal.args,
        "ending": parent.ending.value,
        "proposed_us": parent.proposed_us,
    }


def call_digest(context: Context) -> str:
    """Return the digest of what would be forwarded, for whom, to which pinned tool.

    Everything that leaves is covered: tool, pin, arguments, forwarded `_meta`, what the system may
    ask and what it is answered. The boundary is bound by the approval in addition, so that a new
    version makes the question stale and does not make the same proposal look new.
    """
    proposal, task = context.proposal, context.task
    pin = context.active.pins.get(proposal.tool) if context.active else None
    said: JsonObject = {
        "task": proposal.task_id,
        "agent": task.agent if task else "",
        "requester": task.requester if task else "",
        "system": pin.system if pin else "",
        "tool": proposal.tool,
        "pin": pin.digest if pin else "",
        "args": proposal.args,
        "meta": proposal.meta,
        "origin": proposal.origin.value,
        "parent": proposal.parent,
    }
    if context.abilities:
        said["abilities"] = list[Json](sorted(context.abilities))
    if proposal.answers:
        said["answers"] = proposal.answers
    return canonical.digest("call", said)
