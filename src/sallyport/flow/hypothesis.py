"""A call that nobody makes: what would be decided, and why, with no effect and nothing written.

Everything that counts now is taken as it is (boundary, stage, switches, limits); only the task,
and the facts that would have to be read from a system, are supposed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sallyport.errors import NotFoundError
from sallyport.flow.gateway import Gateway
from sallyport.model import Boundary, Decision, Json, JsonObject, Person, Proposal, Task
from sallyport.rules.checks.limits import reservations
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.times import SECOND_US

TASK_ID = "t_supposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is supposed of a call and its task.

    Args:
        tool: The tool's wire name.
        args: The arguments.
        requester: A person; empty for somebody whom the workflow is for.
        inputs: The task's inputs.
        facts: What the gateway would have read, by the names that the boundary uses.
        influenced: Whether text from outside has entered the agent's run.
        agent: An agent; empty for the one that the workflow names.
    """

    tool: str
    args: JsonObject
    requester: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    influenced: bool = False
    agent: str = ""


async def try_call(
    gateway: Gateway, workflow: str, supposed: Supposed, *, boundary: Boundary | None = None
) -> Decision:
    """Return what would be decided on a supposed call. Writes nothing and reaches no system.

    Args:
        gateway: Where the registry and the counters are.
        workflow: The workflow that the call would be proposed in.
        supposed: The call.
        boundary: A compiled boundary to try in place of the active one.

    Raises:
        NotFoundError: The workflow has no boundary in force, and none was given.
    """
    boundary = boundary or gateway.registry.boundary_of(workflow)
    if boundary is None:
        raise NotFoundError(
            f"workflow `{workflow[:80]}` has no signed boundary",
            fix="sign one with `sallyport boundary sign`, or name another workflow",
        )
    context = _context(gateway, boundary, supposed)
    counters = [reserved.counter for reserved in reservations(context)]
    if counters:
        counted = await gateway.outside.store.counters(counters)
        context = replace(context, counters=counted)
    return decide(context)


def _context(gateway: Gateway, boundary: Boundary, supposed: Supposed) -> Context:
    registry, now_us = gateway.registry, gateway.evidence.now_us()
    task = _task(boundary, supposed, now_us)
    context = Context(
        proposal=Proposal(
            call_id="c_supposed",
            task_id=task.id,
            tool=supposed.tool,
            args=supposed.args,
            channel="try",
            by=task.agent,
        ),
        now_us=now_us,
        epoch=gateway.fences.epoch,
        fresh="c_supposed",
        task=task,
        agent=registry.agents.get(task.agent),
        requester=_requester(gateway, boundary, supposed),
        boundaries=_held_to(gateway, boundary, task),
        barred_by=registry.barred_by(task, supposed.tool),
        influenced=supposed.influenced,
        switches=tuple(registry.switches.values()),
        stop_scopes=("everything",) if registry.broken else gateway.outside.stop_file.scopes(),
        facts=supposed.facts,
    )
    return replace(context, quarantined=registry.changed(boundary, supposed.tool))


def _held_to(gateway: Gateway, boundary: Boundary, task: Task) -> tuple[Boundary, ...]:
    """Return the boundary; where it is the one in force, all that its next task is held to."""
    if gateway.registry.boundary_of(task.workflow) is not boundary:
        return (boundary,)
    return gateway.registry.boundaries_for(task)


def _task(boundary: Boundary, supposed: Supposed, now_us: int) -> Task:
    agent = supposed.agent or boundary.workflow.agent
    return Task(
        id=TASK_ID,
        workflow=boundary.workflow.name,
        agent=agent,
        instance=agent,
        requester=supposed.requester,
        boundary=boundary.digest,
        inputs=supposed.inputs,
        opened_us=now_us,
        expires_us=now_us + 3600 * SECOND_US,
    )


def _requester(gateway: Gateway, boundary: Boundary, supposed: Supposed) -> Person | None:
    if supposed.requester:
        return gateway.registry.people.get(supposed.requester)
    return Person(name="somebody", roles=frozenset(boundary.workflow.users))
