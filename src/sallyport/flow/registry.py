"""What counts right now, in memory: the one process that owns the database keeps it in step.

Rules:
  1. Nothing is here that is not in the database; it is loaded at start and changed after a commit.
  2. The exceptions close things: a stop and a claim count here before they are written down.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from sallyport.flow import rows
from sallyport.flow.places import Places
from sallyport.model import (
    Agent,
    Boundary,
    BreakGlass,
    Call,
    Ending,
    Person,
    Plumbing,
    Switch,
    System,
    Task,
    WorkflowStep,
)
from sallyport.ports import Row, Store, Vault
from sallyport.rules import break_glass, workflow_steps
from sallyport.rules.times import SECOND_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential's row: what the bearer is. The token itself is stored nowhere.

    `kind` is `agent` (opens its standing task), `opener` (opens tasks) or `task` (is one task).
    """

    id: str
    kind: str
    agent: str = ""
    workflow: str = ""
    task: str = ""
    person: str = ""
    expires_us: int = 0
    label: str = ""
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The row of a yes beforehand; what it covers stands, signed, with its answer.

    `epoch` is the newest that counted when it was said: whatever was raised since ends it.
    """

    id: str
    approval: str
    person: str
    task: str
    agent: str
    workflow: str
    system: str
    tool: str
    boundary: str
    at_most: int
    since_us: int
    until_us: int
    epoch: int

    @property
    def scopes(self) -> frozenset[str]:
        """Every scope of which a stop or a floor ends it."""
        return frozenset(self.watched | {"everything"})

    @property
    def watched(self) -> frozenset[str]:
        """The scopes of which any change ends it: all but what concerns everybody."""
        return frozenset(
            {
                *(f"agent:{self.agent}", f"workflow:{self.workflow}", f"task:{self.task}"),
                *(f"system:{self.system}", f"tool:{self.tool}", f"grant:{self.id}"),
            }
        )


@dataclass(slots=True)
class Registry:
    """The nouns that decisions read.

    `boundaries` holds every version that an open task may need, by digest; `active` the digest
    in force per workflow, the one that was signed last as the last; `baselines` the digest of the
    version that a workflow is held to besides, where that is switched on. `offered` has the digest
    that each pinned tool had when it was last looked at. `held` has the calls that identical
    proposals get. `waiting` has the questions of each agent, and perhaps some that wait no more.
    `grants` are the yeses that were said beforehand and have not ended.
    """

    agents: dict[str, Agent] = field(default_factory=dict[str, Agent])
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    steps: dict[str, WorkflowStep] = field(default_factory=dict[str, WorkflowStep])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token])
    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    switches: dict[str, Switch] = field(default_factory=dict[str, Switch])
    boundaries: dict[str, Boundary] = field(default_factory=dict[str, Boundary])
    active: dict[str, str] = field(default_factory=dict[str, str])
    baselines: dict[str, str] = field(default_factory=dict[str, str])
    influenced: set[str] = field(default_factory=set[str])
    quarantined: set[str] = field(default_factory=set[str])
    verified: set[str] = field(default_factory=set[str])
    offered: dict[str, str] = field(default_factory=dict[str, str])
    held: Places = field(default_factory=Places)
    waiting: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    grants: dict[str, Granted] = field(default_factory=dict[str, Granted])
    glasses: dict[str, BreakGlass] = field(default_factory=dict[str, BreakGlass])
    """Those that are broken now."""
    filed: frozenset[str] = frozenset()
    """The scopes that the stop file stops, as the ledger has it."""
    broken: str = ""
    """Why everything is refused: a broken invariant, or a stop that could not be written down."""

    def boundary_of(self, workflow: str) -> Boundary | None:
        """Return the boundary that is in force for a workflow."""
        return self.boundaries.get(self.active.get(workflow, ""))

    def plumbing_of(self, call: Call) -> Plumbing:
        """Return how a call's tool is handled, by the boundary that the call was decided under."""
        boundary = self.boundaries.get(call.boundary)
        system = boundary.systems.get(call.system) if boundary else None
        found = system.tools.get(call.proposal.tool) if system else None
        return found or Plumbing()

    def boundaries_for(self, task: Task) -> tuple[Boundary, ...]:
        """Return what a task is held to: the active version, and the one it began under.

        Besides, the workflow's baseline while it is on. None at all when one of them is missing,
        because a version that cannot be read cannot permit.
        """
        active = self.boundary_of(task.workflow)
        frozen = self.boundaries.get(task.boundary)
        if active is None or frozen is None:
            return ()
        held = (active,) if active is frozen else (active, frozen)
        if task.workflow not in self.baselines:
            return held
        floor = self.boundaries.get(self.baselines[task.workflow])
        if floor is None:
            return ()
        return held if any(floor is one for one in held) else (*held, floor)

    def kept_from(self, agent: str) -> tuple[str, ...]:
        """Return the tools that an agent's workflows keep from it, wherever it works."""
        every = (self.boundaries[digest].workflow for digest in self.active.values())
        return tuple(sorted({tool for one in every if one.agent == agent for tool in one.never}))

    def barred_by(self, task: Task, tool: str) -> tuple[str, ...]:
        """Return the agent's other workflows whose `never` keeps a tool from it, by name.

        What follows from a tool that is kept away is kept away with it.
        """
        active = self.boundary_of(task.workflow)
        rule = active.workflow.tools.get(tool) if active else None
        names = {tool, rule.implied_by if rule else tool}
        every = (self.boundaries[digest].workflow for digest in self.active.values())
        found = (one for one in every if one.agent == task.agent and one.name != task.workflow)
        return tuple(sorted(one.name for one in found if not names.isdisjoint(one.never)))

    def reached_as(self, name: str) -> System | None:
        """Return the definition by which a system is reached: the one that was signed last."""
        for digest in reversed(self.active.values()):
            found = self.boundaries[digest].systems.get(name)
            if found is not None:
                return found
        return None

    def changed(self, boundary: Boundary, tool: str) -> bool:
        """Return whether a tool is not what this very boundary was signed for.

        Its definition is another one, or its system is now reached as another workflow's owner
        wrote it. What one owner accepted is not accepted by the others.
        """
        pin = boundary.pins.get(tool)
        if pin is None:
            return False
        name = f"{pin.system}/{pin.tool}"
        if name in self.quarantined or self.offered.get(name, pin.digest) != pin.digest:
            return True
        system, reached = boundary.systems.get(pin.system), self.reached_as(pin.system)
        return system is None or reached is None or not system.reached_like(reached)

    def broken_glasses(self) -> tuple[BreakGlass, ...]:
        """Return what is broken now, and counts: both who signed for it still can."""
        if not self.glasses:
            return ()
        found = self.glasses.values()
        return tuple(one for one in found if break_glass.stands(one, self.people))

    def reviewers(self) -> tuple[Person, ...]:
        """Return the people who can answer: active, and enrolled with a key."""
        return tuple(p for p in self.people.values() if p.can_sign)

    def answerer(self, name: str, workflow: str) -> Person | None:
        """Return whoever may have answered a question of a workflow: a person, or its own step."""
        if not workflow_steps.is_step(name):
            return self.people.get(name)
        step = self.steps.get(name)
        if step is None or step.workflow != workflow:
            return None
        return workflow_steps.as_answerer(step)

    def signers(self) -> frozenset[str]:
        """Return the names of the people whose signature counts now."""
        return frozenset(person.name for person in self.reviewers())

    def close_task(self, task_id: str) -> None:
        """Note that a task is over."""
        task = self.tasks.get(task_id)
        if task is not None:
            self.tasks[task_id] = replace(task, closed=True)

    def forget_tasks(self, now_us: int, keep_s: int = 3600) -> None:
        """Drop tasks that ended a while ago; the database still has them."""
        horizon = now_us - keep_s * SECOND_US
        over = [t.id for t in self.tasks.values() if t.expires_us < horizon and not t.standing]
        for task_id in over:
            del self.tasks[task_id]


async def load(store: Store, vault: Vault) -> Registry:
    """Return the registry as the database has it. Boundaries are compiled by their own flow."""
    registry = Registry()
    for row in await store.rows("agents"):
        registry.agents[rows.text(row, "id")] = rows.agent_of(row)
    for row in await store.rows("people"):
        registry.people[rows.text(row, "id")] = rows.person_of(row)
    registry.steps.update(await _steps(store))
    for row in await store.rows("tokens", {"revoked": 0}):
        token = token_of(row)
        registry.tokens[token.id] = token
    for row in await store.rows("tasks", {"closed": 0}):
        task = rows.task_of(row, vault)
        registry.tasks[task.id] = task
    for row in await store.rows("switches", {"lifted_us": None}):
        switch = rows.switch_of(row)
        registry.switches[switch.id] = switch
    registry.grants.update(await _grants(store))
    for row in await store.rows("instances", {"influenced": 1}):
        registry.influenced.add(rows.text(row, "id"))
    for row in await store.rows("pins", {"state": "quarantined"}):
        registry.quarantined.add(rows.text(row, "id"))
    for row in await store.rows("calls", {"delivered": 0}):
        _load_call(registry, rows.call_of(row, vault))
    return registry


def _load_call(registry: Registry, call: Call) -> None:
    registry.held.hold(call)
    if call.ending is Ending.WAITING and call.approval_id:
        registry.waiting.setdefault(call.agent, set()).add(call.approval_id)


async def _steps(store: Store) -> dict[str, WorkflowStep]:
    found = [rows.workflow_step_of(row) for row in await store.rows("workflow_steps")]
    return {step.name: step for step in found}


async def _grants(store: Store) -> dict[str, Granted]:
    found = [granted_of(row) for row in await store.rows("grants", {"ended_us": None})]
    return {grant.id: grant for grant in found}


def token_of(row: Row) -> Token:
    """Return the token of a row."""
    return Token(
        id=rows.text(row, "id"),
        kind=rows.text(row, "kind"),
        agent=rows.text(row, "agent"),
        workflow=rows.text(row, "workflow"),
        task=rows.text(row, "task"),
        person=rows.text(row, "person"),
        expires_us=rows.number(row, "expires_us"),
        label=rows.text(row, "label"),
        revoked=bool(row["revoked"]),
    )


def token_row(token: Token, created_us: int) -> Row:
    """Return the row of a token."""
    return {
        "id": token.id,
        "kind": token.kind,
        "agent": token.agent,
        "workflow": token.workflow,
        "task": token.task,
        "person": token.person,
        "expires_us": token.expires_us,
        "revoked": int(token.revoked),
        "created_us": created_us,
        "label": token.label,
    }


def granted_of(row: Row) -> Granted:
    """Return the yes beforehand of a row."""
    return Granted(
        id=rows.text(row, "id"),
        approval=rows.text(row, "approval"),
        person=rows.text(row, "person"),
        task=rows.text(row, "task"),
        agent=rows.text(row, "agent"),
        workflow=rows.text(row, "workflow"),
        system=rows.text(row, "system"),
        tool=rows.text(row, "tool"),
        boundary=rows.text(row, "boundary"),
        at_most=rows.number(row, "at_most"),
        since_us=rows.number(row, "since_us"),
        until_us=rows.number(row, "until_us"),
        epoch=rows.number(row, "epoch"),
    )


def granted_row(grant: Granted) -> Row:
    """Return the row of a yes beforehand that is in force."""
    return {**asdict(grant), "ended_us": None, "ended_by": "", "why": ""}


def run_of(agent: str, instance: str) -> str:
    """Return the name that labels follow: one run of one agent."""
    return f"{agent}/{instance}"
