"""The smallest world in which every rule can be met: one workflow, one tool, one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sallyport.model import (
    Agent,
    Answer,
    Approval,
    ApprovalState,
    ArgumentRule,
    Boundary,
    Constraint,
    Entry,
    Environment,
    Floor,
    Impact,
    JsonObject,
    Level,
    Limit,
    Lookup,
    Operator,
    Origin,
    Person,
    Plumbing,
    Proposal,
    Question,
    Stage,
    Switch,
    System,
    Task,
    ToolPin,
    ToolRule,
    Verdict,
    Workflow,
)
from sallyport.rules import approval_object
from sallyport.rules.context import Context, call_digest

NOW_US = 1_790_000_000 * 1_000_000
"""A day in September 2026."""
UNTIL = date(2099, 12, 31)
LONG_AGO = date(2020, 1, 1)
TOOL = "desk.act"
LOOK = "desk.look"
ANY = ArgumentRule(name="on", constraints=(Constraint(operator=Operator.ANY),))

LIVE = Agent(name="helper", owner="lea", stage=Stage.LIVE)
RITA = Person(name="rita", roles=frozenset({"staff"}), public_key="key-of-rita")
LEA = Person(name="lea", roles=frozenset({"lead"}), public_key="key-of-lea")
SAM = Person(name="sam", roles=frozenset({"lead"}), public_key="key-of-sam")
TASK = Task(
    id="t1",
    workflow="support",
    agent="helper",
    instance="run-1",
    requester="rita",
    boundary="v1",
    inputs={"ticket": "T1"},
    opened_us=NOW_US - 1,
    expires_us=NOW_US + 10**12,
)
PROPOSAL = Proposal(
    call_id="c1", task_id="t1", tool=TOOL, args={"on": "T1"}, channel="mcp", by="helper"
)
LOOKUP = Lookup(tool=LOOK, args={"on": "arg.on"}, path="state")
PLAIN = System(name="desk", url="http://desk.invalid/mcp")
READING = replace(PLAIN, facts={"state": LOOKUP}, tools={TOOL: Plumbing(before=LOOKUP)})


def allow(*, reasoned: bool = True, until: date | None = UNTIL, **more: Any) -> Entry:
    """Return an `allow` entry for every argument; with a reason and an end it loosens."""
    because = "weeks of asking" if reasoned else ""
    args = {"on": ANY}
    return Entry(
        where=f"{TOOL}.allow[0]",
        args=args,
        because=because,
        until=until if reasoned else None,
        **more,
    )


def ask(*who: str, how_many: int = 1, within_s: int | None = None, where: str = "") -> Entry:
    """Return an `ask` entry for every argument."""
    return Entry(
        where=where or f"{TOOL}.ask[0]",
        args={"on": ANY},
        who=who,
        how_many=how_many,
        within_s=within_s,
    )


def rule(level: Level = Level.READ, **more: Any) -> ToolRule:
    """Return the rule of the one tool; its one argument may be anything."""
    fields: dict[str, Any] = {"only": {"on": ANY}, **more}
    return ToolRule(tool=TOOL, system="desk", level=level, **fields)


def pin(tool: str = TOOL, schema: JsonObject | None = None) -> ToolPin:
    """Return an accepted definition; `schema` is what its arguments must fit."""
    wanted: JsonObject = schema or {"type": "object"}
    name = f"pin-{tool}-{sorted(wanted)}"
    definition: JsonObject = {"name": tool, "inputSchema": wanted}
    return ToolPin(system="desk", tool=tool, definition=definition, digest=name)


def boundary(
    tool: ToolRule | None = None,
    *,
    digest: str = "v1",
    system: System = PLAIN,
    pins: Mapping[str, ToolPin] | None = None,
    **workflow: Any,
) -> Boundary:
    """Return a boundary around one rule; `workflow` replaces fields of its workflow."""
    tools = {TOOL: tool or rule()}
    fields: dict[str, Any] = {
        "name": "support",
        "purpose": "be tested",
        "owner": "lea",
        "agent": "helper",
        "environment": Environment.PRODUCTION,
        "expires": UNTIL,
        "users": ("staff",),
        "task_inputs": {"ticket": "text"},
        "tools": tools,
    }
    known = {TOOL: pin(), LOOK: pin(LOOK)} if pins is None else pins
    return Boundary(
        workflow=Workflow(**{**fields, **workflow}),
        systems={"desk": system},
        pins=known,
        digest=digest,
    )


def context(*boundaries: Boundary, **more: Any) -> Context:
    """Return the snapshot of a call that nothing speaks against; `more` replaces its fields."""
    fields: dict[str, Any] = {
        "proposal": PROPOSAL,
        "now_us": NOW_US,
        "epoch": 7,
        "fresh": "c_fresh",
        "task": TASK,
        "agent": LIVE,
        "requester": RITA,
        "boundaries": boundaries or (boundary(),),
    }
    return Context(**{**fields, **more})


def switch(verdict: Verdict, scope: str = "everything") -> Switch:
    """Return a switch that somebody set."""
    return Switch(
        id=f"s-{scope}-{verdict.name}",
        scope=scope,
        verdict=verdict,
        because="drill",
        by="sam",
        since_us=NOW_US,
    )


def question(seen: Context, before: JsonObject | None = None, **more: Any) -> Approval:
    """Return the approval that was given to exactly this call; `more` replaces its fields."""
    answer = Answer(person="lea", yes=True, because="", at_us=NOW_US, signature="signed")
    fields: dict[str, Any] = {
        "id": "a1",
        "call_id": seen.proposal.call_id,
        "digest": call_digest(seen),
        "boundary": seen.active.digest if seen.active else "",
        "question": Question(who=("lead",)),
        "state": ApprovalState.APPROVED,
        "asked_us": NOW_US - 1,
        "expires_us": NOW_US + 10**9,
        "target": seen.target,
        "answers": (answer,),
    }
    asked = Approval(**{**fields, **more})
    made = approval_object.build(
        seen,
        approval=asked.id,
        nonce="n1",
        findings=(),
        expires_us=asked.expires_us,
        before=before,
    )
    kept: dict[str, Any] = {"about": approval_object.digest(made), "object": made}
    return replace(asked, **{**kept, **more})


def approved(seen: Context, before: JsonObject | None = None, **more: Any) -> Context:
    """Return the snapshot with a yes to exactly this call."""
    return replace(seen, approval=question(seen, before, **more))


def codes(floors: tuple[Floor, ...], verdict: Verdict | None = None) -> list[str]:
    """Return the codes of floors, of one verdict or of all."""
    return [floor.code for floor in floors if verdict is None or floor.verdict is verdict]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a decision depends on, as plain facts that the reference model understands.

    `entry` is `none`, `allow` (with reason and end), `bare` (an allow without them) or `ask`.
    `wrong` is empty, or names one thing that refuses whatever else holds. `frozen` is the level of
    the version that the task began under, None where it is the active one.
    """

    level: Level = Level.READ
    impact: bool = False
    stage: Stage = Stage.LIVE
    influenced: bool = False
    entry: str = "none"
    switches: tuple[Verdict, ...] = ()
    origin: Origin = Origin.AGENT
    answered: bool = False
    wrong: str = ""
    frozen: Level | None = None


WRONGS = (
    "no task",
    "closed",
    "over",
    "agent unknown",
    "agent off",
    "requester unknown",
    "requester off",
    "requester without role",
    "nobody permitted",
    "no boundary",
    "boundary over",
    "other agent",
    "tool never",
    "tool unlisted",
    "unnamed argument",
    "missing argument",
    "unread fact",
    "does not fit",
    "unusable schema",
    "no pin",
    "quarantined",
    "unreachable",
    "limit",
    "stop file",
)


def build(situation: Situation) -> Context:
    """Return the context of a situation."""
    entries: dict[str, dict[str, Any]] = {
        "none": {},
        "allow": {"allow": (allow(),)},
        "bare": {"allow": (allow(reasoned=False),)},
        "ask": {"ask": (ask("lead"),)},
    }
    touches = frozenset({Impact.MONEY} if situation.impact else ())
    active = boundary(rule(situation.level, touches=touches, **entries[situation.entry]))
    versions = [active]
    if situation.frozen is not None:
        versions.append(boundary(rule(situation.frozen), digest="v0"))
    seen = context(
        *versions,
        proposal=replace(PROPOSAL, origin=situation.origin),
        agent=replace(LIVE, stage=situation.stage),
        influenced=situation.influenced,
        switches=tuple(switch(verdict) for verdict in situation.switches),
    )
    seen = _spoiled(seen, situation.wrong) if situation.wrong else seen
    return approved(seen) if situation.answered else seen


def reference(situation: Situation) -> Verdict:
    """Return the verdict as a reader of the design would work it out by hand."""
    if situation.wrong:
        return Verdict.REFUSE
    floors = [Verdict.ALLOW, *_by_level(situation)]
    changes = max(situation.level, situation.frozen or Level.READ) >= Level.CREATE
    if changes:
        stages = {Stage.DRAFT: Verdict.DRAFT, Stage.ASK: Verdict.ASK, Stage.LIVE: Verdict.ALLOW}
        floors.append(stages[situation.stage])
        floors.append(Verdict.ASK if situation.influenced else Verdict.ALLOW)
    floors += [set_to for set_to in situation.switches if changes or set_to is Verdict.REFUSE]
    strictest = max(floors)
    if strictest is Verdict.DRAFT and situation.origin is Origin.RELEASE:
        strictest = Verdict.ASK
    if strictest is Verdict.ASK and situation.answered:
        strictest = Verdict.ALLOW
    return strictest


def _by_level(situation: Situation) -> list[Verdict]:
    asking = (Level.CLASSIFY, Level.UPDATE, Level.EXTERNAL)
    floors = [Verdict.ASK] if situation.frozen in asking else []
    if situation.entry == "ask":
        floors.append(Verdict.ASK)
    if situation.entry != "allow" and (situation.level in asking or situation.impact):
        floors.append(Verdict.ASK)
    return floors


def _spoiled(seen: Context, wrong: str) -> Context:
    simple: dict[str, dict[str, Any]] = {
        "no task": {"task": None},
        "closed": {"task": replace(TASK, closed=True)},
        "over": {"task": replace(TASK, expires_us=NOW_US)},
        "agent unknown": {"agent": None},
        "agent off": {"agent": replace(LIVE, active=False)},
        "requester unknown": {"requester": None},
        "requester off": {"requester": replace(RITA, active=False)},
        "requester without role": {"requester": replace(RITA, roles=frozenset({"lead"}))},
        "no boundary": {"boundaries": ()},
        "unnamed argument": {"proposal": replace(seen.proposal, args={"on": "T1", "off": 1})},
        "missing argument": {"proposal": replace(seen.proposal, args={})},
        "quarantined": {"quarantined": True},
        "unreachable": {"unreachable": True},
        "stop file": {"stop_scopes": (f"tool:{TOOL}",)},
    }
    if wrong in simple:
        return replace(seen, **simple[wrong])
    spoiled = tuple(_narrowed(one, wrong) for one in seen.boundaries)
    counters = {"task:t1:call": 1} if wrong == "limit" else {}
    return replace(seen, boundaries=spoiled, counters=counters)


def _narrowed(one: Boundary, wrong: str) -> Boundary:
    inner = one.workflow
    numbers: JsonObject = {"type": "object", "properties": {"on": {"type": "integer"}}}
    reference_out: JsonObject = {"$ref": "http://elsewhere.invalid/schema.json"}
    pins: dict[str, dict[str, ToolPin]] = {
        "does not fit": {TOOL: pin(schema=numbers)},
        "unusable schema": {TOOL: pin(schema=reference_out)},
        "no pin": {},
    }
    if wrong in pins:
        return replace(one, pins=pins[wrong])
    with_fact = replace(inner.tools[TOOL], when={"state": ("open",)})
    changed: dict[str, dict[str, Any]] = {
        "nobody permitted": {"users": ()},
        "boundary over": {"expires": LONG_AGO},
        "other agent": {"agent": "somebody"},
        "tool never": {"never": (TOOL,)},
        "tool unlisted": {"tools": {}},
        "unread fact": {"tools": {TOOL: with_fact}},
        "limit": {"limits": (Limit(name="calls_per_task", at_most=1, per="task"),)},
    }
    return replace(one, workflow=replace(inner, **changed[wrong]))
