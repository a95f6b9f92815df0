"""Is the call inside the boundary, in the active version and in the one the task began under?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from sallyport.model import ASKS_BY_DEFAULT, Boundary, Floor, Impact, Json, Level
from sallyport.rules import reasons
from sallyport.rules.boundary.evaluate import Ruling, rule_on
from sallyport.rules.context import Context
from sallyport.rules.times import today


def declared(context: Context) -> Iterable[Floor]:
    """Refuse without a signed boundary that is in force, names this agent and names this tool."""
    if context.task is None:
        return ()
    if not context.boundaries:
        return (reasons.refuse("boundary.none", workflow=context.task.workflow),)
    floors: list[Floor] = []
    for boundary in context.boundaries:
        floors += _in_force(context, boundary)
        floors += _names_tool(context, boundary)
    tool = context.proposal.tool
    floors += [
        reasons.refuse("boundary.tool_barred", workflow=name, tool=tool, agent=context.task.agent)
        for name in context.barred_by
    ]
    return floors


def rulings(context: Context) -> tuple[Ruling, ...]:
    """Return what each boundary's rule for the tool says of the arguments, the active one first."""
    inputs: Mapping[str, Json] = context.task.inputs if context.task else {}
    day = today(context.now_us)
    args, facts = context.proposal.args, context.facts
    found = [rule_on(one, args, inputs=inputs, facts=facts, today=day) for one in context.rules]
    return tuple(found)


def entries(context: Context, ruled: tuple[Ruling, ...]) -> list[Floor]:
    """State what the boundary's entries say, and the defaults of level and impact."""
    floors: list[Floor] = []
    for rule, ruling in zip(context.rules, ruled, strict=True):
        floors += ruling.floors
        if not ruling.loosens:
            floors += _defaults(rule.level, rule.touches)
        if rule.irreversible:
            floors.append(reasons.ask("irreversible.ask", tool=rule.tool))
    return floors


def look_up(context: Context) -> Iterator[Floor]:
    """Refuse a look-up that the system file does not declare."""
    tool, system = context.proposal.tool, context.system
    if system is None:
        yield reasons.refuse("tool.unknown", tool=tool)
    elif tool not in _declared_look_ups(context):
        yield reasons.refuse("tool.lookup_only", tool=tool, system=system.name)


def _in_force(context: Context, boundary: Boundary) -> Iterable[Floor]:
    workflow = boundary.workflow
    floors: list[Floor] = []
    if context.task is not None and workflow.agent != context.task.agent:
        name, agent = workflow.name, context.task.agent
        floors.append(reasons.refuse("boundary.agent", workflow=name, agent=agent))
    if today(context.now_us) > workflow.expires:
        name, over = workflow.name, workflow.expires.isoformat()
        floors.append(reasons.refuse("boundary.expired", workflow=name, expires=over))
    return floors


def _names_tool(context: Context, boundary: Boundary) -> Iterable[Floor]:
    workflow, tool = boundary.workflow, context.proposal.tool
    if tool in workflow.never:
        return (reasons.refuse("boundary.tool_never", workflow=workflow.name, tool=tool),)
    if tool not in workflow.tools:
        return (reasons.refuse("boundary.tool_not_declared", workflow=workflow.name, tool=tool),)
    return ()


@lru_cache(maxsize=1024)
def _defaults(level: Level, touches: frozenset[Impact]) -> tuple[Floor, ...]:
    """Return the floors that stand unless a reasoned `allow` entry lifts them."""
    name = level.name.lower()
    if level in ASKS_BY_DEFAULT:
        found = [reasons.ask("level.ask", level=name)]
    else:
        found = [reasons.allow("level.default", level=name)]
    if touches:
        found.append(reasons.ask("impact.ask", impacts=_listed(touches)))
    return tuple(found)


def _listed(impacts: frozenset[Impact]) -> str:
    return ", ".join(sorted(impact.value.replace("_", " ") for impact in impacts))


def _declared_look_ups(context: Context) -> set[str]:
    if context.system is None:
        return set()
    facts = {fact.tool for fact in context.system.facts.values()}
    plumbing = context.system.tools.values()
    images = {p.before.tool for p in plumbing if p.before is not None}
    probes = {p.probe.tool for p in plumbing if p.probe is not None}
    return facts | images | probes
