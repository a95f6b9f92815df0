"""What does not fit between a workflow's words on its sources and what its systems declare.

Data of a class that the workflow does not handle, and a system that lies elsewhere, are errors.
What is trusted or counted to no effect is a warning: somebody relies on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sallyport.model import OURS, Boundary, Limit, Operator, Plumbing, System, ToolRule
from sallyport.rules.boundary.forms import FORMS
from sallyport.rules.boundary.limit_words import COST
from sallyport.rules.boundary.problems import Problem, Severity, unplaced
from sallyport.rules.boundary.sums import constraints_of, names
from sallyport.rules.boundary.writers import holds

_EXACT = frozenset({Operator.IS, Operator.ONE_OF, Operator.ONLY, *FORMS})


def of_workflow(boundary: Boundary) -> Iterator[Problem]:
    """Yield what is wrong with `jurisdiction`, `data`, `trust` and `limits`."""
    yield from _places(boundary)
    for tool, rule in boundary.workflow.tools.items():
        if not rule.implied_by:
            yield from _classes(boundary, rule, _plumbing(boundary.systems, tool, rule))
    yield from _trust(boundary)
    for limit in boundary.workflow.limits:
        yield from _limit(boundary, limit)


def _places(boundary: Boundary) -> Iterator[Problem]:
    workflow = boundary.workflow
    if not workflow.jurisdiction:
        return
    allowed = " or ".join(workflow.jurisdiction)
    for name, system in boundary.systems.items():
        if not system.jurisdiction:
            what = f"it is not said where system `{name}` lies, and the workflow needs {allowed}"
            fix = "state its `jurisdiction` in its file"
            yield unplaced(workflow.name, "jurisdiction", "elsewhere", what, fix)
        elif not _lies_in(system.jurisdiction, workflow.jurisdiction):
            what = f"system `{name}` lies in {system.jurisdiction}, not in {allowed}"
            fix = f"add {system.jurisdiction} to `jurisdiction`, or use another system"
            yield unplaced(workflow.name, "jurisdiction", "elsewhere", what, fix)


def _lies_in(place: str, allowed: tuple[str, ...]) -> bool:
    """Return whether data that lies at a place lies in one that is allowed."""
    return place in allowed or (place in EU_MEMBERS and "EU" in allowed)


def _classes(boundary: Boundary, rule: ToolRule, plumbing: Plumbing) -> Iterator[Problem]:
    handled = boundary.workflow.data
    taken = {f"takes `{name}`": one for name, one in plumbing.args.items() if names(rule, name)}
    given = {f"returns `{path}`": one.data for path, one in plumbing.fields.items()}
    for what, data in {**taken, **given}.items():
        if data is not None and data not in handled:
            said = f"`{rule.tool}` {what}, which is {data.value} data"
            fix = f"add `{data.value}` to `data` of the workflow, or do without the tool"
            yield unplaced(boundary.workflow.name, f"tools.{rule.tool}", "data", said, fix)


def _trust(boundary: Boundary) -> Iterator[Problem]:
    for one in boundary.workflow.trust:
        rule = boundary.workflow.tools[one.tool]
        if not holds(one, _plumbing(boundary.systems, one.tool, rule)):
            what = f"`{one}` is trusted, and its system does not say that one of ours wrote it last"
            known = " or ".join(f"`writer: {writer.value}`" for writer in sorted(OURS))
            fix = f"state {known} in the file of `{rule.system}` if that is so"
            yield _warning(boundary, "trust", "no_effect", what, fix)


def _limit(boundary: Boundary, limit: Limit) -> Iterator[Problem]:
    rules = boundary.workflow.tools.items()
    at = f"limits.{limit.name}"
    if limit.counts == COST:
        costs = (_plumbing(boundary.systems, tool, rule).cost for tool, rule in rules)
        stated = {cost.currency for cost in costs if cost is not None}
        if limit.currency not in stated:
            what = f"no tool's cost is stated in {limit.currency}, so `{limit.name}` counts nothing"
            yield _warning(boundary, at, "no_effect", what, "state `cost` in a system's file")
        for currency in sorted(stated - {limit.currency}):
            what = f"costs in {currency} are not counted by `{limit.name}`"
            yield _warning(boundary, at, "no_effect", what, f"add a limit in {currency}")
    for tool, rule in rules:
        used = {one.operator for one in constraints_of(rule, limit.each)}
        if used and not used & _EXACT:
            what = f"`{limit.each}` of `{tool}` is not parsed, so two spellings count apart"
            fix = "bound it by `email`, `is`, `one_of` or another word that is parsed"
            yield _warning(boundary, at, "unparsed", what, fix)


def _plumbing(systems: Mapping[str, System], tool: str, rule: ToolRule) -> Plumbing:
    system = systems.get(rule.system)
    return (system.tools.get(tool) if system else None) or Plumbing()


def _warning(boundary: Boundary, where: str, code: str, what: str, fix: str) -> Problem:
    file = boundary.workflow.name
    return unplaced(file, where, code, what, fix, severity=Severity.WARNING)


# fmt: off
EU_MEMBERS = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)
# fmt: on
