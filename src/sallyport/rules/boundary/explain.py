"""A boundary as plain sentences, complete, for the person who signs it.

Every word of the vocabulary has its sentence, so two boundaries that differ read differently. The
one thing not shown is a plain value set for a child process: it may be a secret somebody forgot to
store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from sallyport.model import (
    Ability,
    ArgumentRule,
    Bound,
    Boundary,
    Constraint,
    Entry,
    Environment,
    Folder,
    Impact,
    Items,
    Json,
    Level,
    Limit,
    Lookup,
    Operator,
    Plumbing,
    Question,
    Recovery,
    System,
    TaskInput,
    ToolRule,
    Workflow,
)
from sallyport.rules import canonical
from sallyport.rules.boundary.constraints import shown
from sallyport.rules.boundary.forms import FORMS, in_words
from sallyport.rules.boundary.workflow_file import loosens_a_default

_ENVIRONMENTS = {
    Environment.PERSONAL: "one person's own things",
    Environment.TEST: "a test environment",
    Environment.PRODUCTION: "production",
}
_LEVELS = {
    Level.READ: "reads",
    Level.DRAFT: "makes a draft",
    Level.CLASSIFY: "classifies",
    Level.CREATE: "creates",
    Level.UPDATE: "changes what is there",
    Level.EXTERNAL: "reaches outside",
}
_IMPACTS = {
    Impact.RECORDS: "records",
    Impact.MONEY: "money",
    Impact.CUSTOMER_COMMUNICATION: "what customers are told",
    Impact.ACCESS: "who has access",
    Impact.LEGAL: "legal matters",
    Impact.REGULATORY: "regulated matters",
    Impact.SAFETY: "safety",
    Impact.PUBLISHING: "what is published",
    Impact.DELETION: "what gets deleted",
}
_PERIODS = {"task": "in one task", "hour": "in an hour", "day": "in a day"}
_COUNTED = {"call": "calls", "external": "calls that reach outside"}
_RECOVERIES = {
    Recovery.IDEMPOTENCY_KEY: "sent again under the same key, which the system knows for {ttl}",
    Recovery.PROBE: "looked up with {probe}, which must answer {expects}",
    Recovery.AT_MOST_ONCE: "left for a person to settle, never sent again",
}
_CONSTRAINTS = {
    Operator.IS: "is {}",
    Operator.ONE_OF: "is one of {}",
    Operator.AT_LEAST: "is {} or more",
    Operator.ABOVE: "is above {}",
    Operator.AT_MOST: "is {} at most",
    Operator.BELOW: "is below {}",
    Operator.STARTS_WITH: "starts with {}",
    Operator.MAX_LENGTH: "is text of {} characters at most",
    Operator.ONLY: "is a list that holds nothing but {}",
    Operator.EACH: "is a list in which each item ({})",
    Operator.SOME: "is a list in which some item ({})",
    Operator.ANY: "is anything",
    Operator.ABSENT: "is left out",
}
_LENGTHS = {
    Operator.AT_LEAST: "has {} or more",
    Operator.ABOVE: "has more than {}",
    Operator.AT_MOST: "has {} at most",
    Operator.BELOW: "has fewer than {}",
}
_ABILITIES = {
    Ability.FORM: "values for a form",
    Ability.URL: "an address to be opened",
    Ability.SAMPLING: "words from its model",
    Ability.ROOTS: "the folders it works in",
}
_UNDO = {"put_back": "put back", "by_hand": "undone by hand"}
_UNITS = ((24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def explain(boundary: Boundary) -> str:
    """Return the boundary in words, one statement a line, ending with a line break."""
    workflow = boundary.workflow
    lines = [
        *_heading(workflow),
        *_limits(workflow.limits),
        *_block("What the agent may do", _tools(boundary)),
        *_block("What it may never do", _nevers(workflow)),
        *_block("How its systems are reached", _systems(boundary)),
        *_block("If it must be stopped", _stop(workflow)),
        "",
        f"Digest: {boundary.digest or '(not compiled)'}",
    ]
    return "\n".join(lines) + "\n"


def entry_in_words(entry: Entry, *, ask: bool) -> str:
    """Return one `allow` or `ask` entry as a sentence."""
    condition = "; ".join([*_arguments(entry.args), *_facts(entry.when)]) or "whatever is left"
    because = f", because {entry.because}" if entry.because else ""
    until = f", until {entry.until.isoformat()}" if entry.until else ""
    if not ask:
        return f"Without asking{because}{until}: {condition}."
    within = entry.within_s or Question(who=()).within_s
    return f"After a yes from {_people(entry)} within {_duration(within)}{because}: {condition}."


def argument_in_words(rule: ArgumentRule) -> str:
    """Return what is said of one argument."""
    said = " and ".join(_constraint(one) for one in rule.constraints)
    return f"{rule.name} {said}{', or left out' if rule.optional else ''}"


def _heading(workflow: Workflow) -> list[str]:
    inputs = ", ".join(f"{name} ({kind})" for name, kind in sorted(workflow.task_inputs.items()))
    return [
        f"Workflow {workflow.name}, for agent {workflow.agent}",
        "",
        f"Purpose: {workflow.purpose}",
        f"{workflow.owner} answers for it. It acts on {_ENVIRONMENTS[workflow.environment]}.",
        f"It counts through {workflow.expires.isoformat()}; after that everything is refused.",
        f"Only people with one of these roles may have it work: {', '.join(workflow.users)}.",
        f"Each task is bound to: {inputs}." if inputs else "Its tasks are bound to nothing.",
        "What any system says counts as untrusted: once such text has entered a task, creating,",
        "changing and reaching outside ask a person, whatever stands below.",
    ]


def _block(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", title, *found] if found else []


def _limits(limits: tuple[Limit, ...]) -> list[str]:
    lines = [
        f"  At most {one.at_most} {_COUNTED.get(one.counts, f'calls of {one.counts}')} "
        f"{_PERIODS.get(one.per, f'per {one.per}')} ({one.name})."
        for one in limits
    ]
    return _block("How much", lines or ["  Nothing limits the number of calls."])


def _tools(boundary: Boundary) -> Iterator[str]:
    for tool, rule in sorted(boundary.workflow.tools.items()):
        if rule.implied_by:
            continue
        system = rule.system or "no system yet"
        touches = ", ".join(_IMPACTS[one] for one in sorted(rule.touches))
        level = f"{rule.level.name.lower()}: it {_LEVELS[rule.level]}"
        yield f"  {tool} of {system} ({level}{f'; touches {touches}' if touches else ''})"
        pin = boundary.pins.get(tool)
        if pin is not None:
            yield f"    As defined by the accepted definition {pin.digest}."
        yield from (f"    {line}" for line in _tool(rule))
        implied = [name for name, one in boundary.workflow.tools.items() if one.implied_by == tool]
        if implied:
            yield f"    With it come {', '.join(sorted(implied))}."


def _tool(rule: ToolRule) -> Iterator[str]:
    yield from (f"Always: {line}." for line in _arguments(rule.only))
    yield from (f"Always {line}." for line in _facts(rule.when))
    for entry in rule.allow:
        yield entry_in_words(entry, ask=False)
    for entry in rule.ask:
        yield entry_in_words(entry, ask=True)
    if not rule.allow and not rule.ask:
        yield _default(rule)
    elif rule.ask:
        yield "What fits none of these lines is refused."
    else:
        yield "What does not fit is refused."
    for entry in rule.never:
        because = f", because {entry.because}" if entry.because else ""
        yield f"Never{because}: {'; '.join([*_arguments(entry.args), *_facts(entry.when)])}."
    if rule.may_ask:
        asked = " and ".join(_ABILITIES[one] for one in sorted(rule.may_ask))
        yield f"In the middle of it its system may ask the agent for {asked}."
    if not rule.only and not any(entry.args for entry in (*rule.allow, *rule.ask)):
        yield "It takes no arguments."
    for argument, way in sorted(rule.undo.items()):
        yield f"For people to know, not done by itself: {argument} is {_UNDO.get(way, way)}."


def _default(rule: ToolRule) -> str:
    if loosens_a_default(rule.level, rule.touches):
        return "Each such call asks an owner or reviewer."
    return "Each such call happens without asking."


def _arguments(rules: Mapping[str, ArgumentRule]) -> list[str]:
    return [argument_in_words(rule) for rule in rules.values()]


def _facts(when: Mapping[str, tuple[Json, ...]]) -> list[str]:
    return [f"only while {fact} is {_either(values)}" for fact, values in when.items()]


def _constraint(one: Constraint) -> str:
    bound = one.bounds[0] if one.bounds else None
    if one.operator is Operator.IS and isinstance(bound, TaskInput):
        return f"is the task's own {bound.name}"
    if one.operator in FORMS:
        said = " or ".join(_place(bound) for bound in one.bounds)
        return f"is {FORMS[one.operator].noun}{': ' if said else ''}{said}"
    if one.inner:
        return _CONSTRAINTS[one.operator].format(" and ".join(map(_constraint, one.inner)))
    words = _CONSTRAINTS[one.operator]
    if isinstance(bound, Items):
        words = _LENGTHS.get(one.operator, words)
    return words.format(_quoted(one))


def _place(bound: Bound) -> str:
    """Return what a parsed text must be; a path may hold any character, so it stands in quotes."""
    return f"in {canonical.text(str(bound))}" if isinstance(bound, Folder) else in_words(bound)


def _quoted(one: Constraint) -> str:
    """Return literals so that a text which looks like a number or an amount is told from one."""
    return ", ".join(
        canonical.text(bound) if isinstance(bound, str) else shown(bound) for bound in one.bounds
    )


def _either(values: tuple[Json, ...]) -> str:
    return " or ".join(canonical.text(value) for value in values)


def _people(entry: Entry) -> str:
    who = " or ".join(entry.who) or "nobody"
    return f"{entry.how_many} people who are {who}" if entry.how_many > 1 else who


def _duration(seconds: int) -> str:
    unit, name = next((u, n) for u, n in _UNITS if seconds % u == 0)
    count = seconds // unit
    return f"{count} {name}{'' if count == 1 else 's'}"


def _nevers(workflow: Workflow) -> Iterator[str]:
    for tool in workflow.never:
        yield f"  Call {tool}, whatever else is written here."
    yield "  Call a tool, or name an argument, that is not written here."


def _systems(boundary: Boundary) -> Iterator[str]:
    for name, system in sorted(boundary.systems.items()):
        yield f"  {name}: {_way(system)}"
        yield from (f"    {line}" for line in _surroundings(system))
        for fact, lookup in sorted(system.facts.items()):
            yield f"    The fact {fact} is read with {_lookup(lookup)}."
        for tool, plumbing in sorted(system.tools.items()):
            yield from (f"    {tool}: {line}" for line in _plumbing(plumbing))
        for tool, pin in sorted(boundary.pins.items()):
            if pin.system == name and tool not in boundary.workflow.tools:
                yield f"    {tool} is for look-ups only, as defined by {pin.digest}."


def _way(system: System) -> str:
    if system.url:
        return f"at {system.url}"
    words = " ".join(canonical.text(word) for word in system.command)
    return f"by starting {words}"


def _surroundings(system: System) -> Iterator[str]:
    if system.credential:
        yield f"It is sent the stored secret {system.credential}, which the agent never sees."
    for name, value in sorted(system.environment.items()):
        secret = value.removeprefix("secret:")
        kind = f"the stored secret {secret}" if secret != value else "a value written in its file"
        yield f"It is started with {name} set to {kind}."


def _plumbing(plumbing: Plumbing) -> Iterator[str]:
    if plumbing.level is not None:
        yield f"its operator states level {plumbing.level.name.lower()} at least."
    if plumbing.before is not None:
        yield f"its target is read first with {_lookup(plumbing.before)}."
    recovery = _RECOVERIES[plumbing.recovery].format(
        ttl=_duration(plumbing.idempotency_ttl_s),
        probe=_lookup(plumbing.probe) if plumbing.probe else "nothing",
        expects=canonical.text(plumbing.probe_expects),
    )
    yield f"a call whose fate is unknown is {recovery}."
    yield f"a call may take {_milliseconds(plumbing.timeout_ms)}."


def _milliseconds(duration: int) -> str:
    return _duration(duration // 1000) if duration % 1000 == 0 else f"{Decimal(duration) / 1000} s"


def _lookup(lookup: Lookup) -> str:
    args = ", ".join(f"{name}: {canonical.text(value)}" for name, value in lookup.args.items())
    way = f", taking {lookup.path} of the answer" if lookup.path else ""
    return f"{lookup.tool} ({args or 'no arguments'}){way}"


def _stop(workflow: Workflow) -> Iterator[str]:
    plan = workflow.stop
    if plan.by:
        people = " or ".join(plan.by)
        yield f"  Turn to {people}. This is information: it keeps nobody else from stopping it."
    if plan.tell:
        yield f"  Tell {plan.tell}. This is information: nobody is told by itself."
    if plan.by_hand:
        yield f"  How people go on by hand: {plan.by_hand}."
