"""Is the call inside the boundary, in the active version and in the one the task began under?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sallyport.model import ASKS_BY_DEFAULT, Boundary, Floor, Impact, Json, ToolRule
from sallyport.rules import reasons
from sallyport.rules.boundary.evaluate import Ruling, rule_on
from sallyport.rules.context import Context
from sallyport.rules.times import today


def declared(context: Context) -> Iterator[Floor]:
    """Refuse without a signed boundary that is in force, names this agent and names this tool."""
    if context.task is None:
        return
    if not context.boundaries:
        yield reasons.refuse("boundary.none", workflow=context.task.workflow)
    for boundary in context.boundaries:
        yield from _in_force(context, boundary)
        yield from _names_tool(context, boundary)


def rulings(context: Context) -> tuple[Ruling, ...]:
    """Return what each boundary's rule for the tool says of the arguments, the active one first."""
    inputs: Mapping[str, Json] = context.task.inputs if context.task else {}
    day = today(context.now_us)
    return tuple(
        rule_on(rule, context.proposal.args, inputs=inputs, facts=context.facts, today=day)
        for rule in context.rules
    )


def entries(context: Context, ruled: tuple[Ruling, ...]) -> Iterator[Floor]:
    """State what the boundary's entries say, and the defaults of level and impact."""
    for rule, ruling in zip(context.rules, ruled, strict=True):
        yield from ruling.floors
        yield from _defaults(rule, ruling)


def look_up(context: Context) -> Iterator[Floor]:
    """Refuse a look-up that the system file does not declare."""
    tool, system = context.proposal.tool, context.system
    if system is None:
        yield reasons.refuse("tool.unknown", tool=tool)
    elif tool not in _declared_look_ups(context):
        yield reasons.refuse("tool.lookup_only", tool=tool, system=system.name)


def _in_force(context: Context, boundary: Boundary) -> Iterator[Floor]:
    workflow = boundary.workflow
    if context.task is not None and workflow.agent != context.task.agent:
        yield reasons.refuse("boundary.agent", workflow=workflow.name, agent=context.task.agent)
    if today(context.now_us) > workflow.expires:
        yield reasons.refuse(
            "boundary.expired", workflow=workflow.name, expires=workflow.expires.isoformat()
        )


def _names_tool(context: Context, boundary: Boundary) -> Iterator[Floor]:
    workflow, tool = boundary.workflow, context.proposal.tool
    if tool in workflow.never:
        yield reasons.refuse("boundary.tool_never", workflow=workflow.name, tool=tool)
    elif tool not in workflow.tools:
        yield reasons.refuse("boundary.tool_not_declared", workflow=workflow.name, tool=tool)


def _defaults(rule: ToolRule, ruling: Ruling) -> Iterator[Floor]:
    if ruling.loosens:
        return
    level = rule.level.name.lower()
    if rule.level in ASKS_BY_DEFAULT:
        yield reasons.ask("level.ask", level=level)
    else:
        yield reasons.allow("level.default", level=level)
    if rule.touches:
        yield reasons.ask("impact.ask", impacts=_listed(rule.touches))


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
