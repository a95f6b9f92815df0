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
    Always,
    ArgumentRule,
    Bound,
    Boundary,
    Constraint,
    DataClass,
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
    Reversible,
    System,
    TaskInput,
    Template,
    ToolRule,
    Verdict,
    Workflow,
    Writer,
)
from sallyport.rules import canonical
from sallyport.rules.boundary import effects
from sallyport.rules.boundary.amounts import minor_digits
from sallyport.rules.boundary.constraints import shown
from sallyport.rules.boundary.forms import FORMS, in_words
from sallyport.rules.boundary.limit_words import COST, SUM
from sallyport.rules.boundary.workflow_file import loosens_a_default
from sallyport.rules.methods import INSTRUCTIONS
from sallyport.rules.workflow_steps import is_step

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
_AT_LEAST = {
    Verdict.ASK: "asks a person at least",
    Verdict.DRAFT: "is stored as a draft at most",
    Verdict.REFUSE: "is refused",
}
_REVERSIBLE = {
    Reversible.TRUE: "what it did can be taken back by a call",
    Reversible.BY_HAND: "what it did can be taken back by people alone",
    Reversible.FALSE: "what it did can be taken back by nobody",
}
_DATA = {
    DataClass.PUBLIC: "public data",
    DataClass.INTERNAL: "internal data",
    DataClass.PERSONAL: "personal data",
    DataClass.FINANCIAL: "financial data",
    DataClass.HEALTH: "data about health",
    DataClass.SECRET: "secrets",
}
_WRITERS = {
    Writer.STAFF: "our own people",
    Writer.SYSTEM: "the system itself",
    Writer.CUSTOMER: "a customer",
    Writer.AGENT: "an agent",
    Writer.UNKNOWN: "somebody unknown",
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
        *_block("What is proved of every version", map(_always, workflow.always)),
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
    stays = ", and it stays in the queue until one of them has decided" if entry.needs_human else ""
    asked = f"After a yes from {_people(entry)} within {_duration(within)}{stays}{because}"
    return f"{asked}: {condition}."


def never_in_words(entry: Entry) -> str:
    """Return one `never` entry as a sentence."""
    because = f", because {entry.because}" if entry.because else ""
    return f"Never{because}: {'; '.join([*_arguments(entry.args), *_facts(entry.when)])}."


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
        f"It may handle data that is {' or '.join(sorted(workflow.data))}. {_places(workflow)}",
        "What any system says counts as untrusted: once such text has entered a task, creating,",
        "changing and reaching outside ask a person, whatever stands below.",
        *_trust(workflow),
    ]


def _places(workflow: Workflow) -> str:
    if not workflow.jurisdiction:
        return "Its systems may lie anywhere."
    return f"Its systems must lie in {' or '.join(workflow.jurisdiction)}."


def _trust(workflow: Workflow) -> Iterator[str]:
    if workflow.trust:
        yield "Only this is not, where its system says that one of ours wrote it last:"
    for one in workflow.trust:
        yield f"- {one.path or 'everything'} of what {one.tool} returns."


def _block(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", title, *found] if found else []


def _limits(limits: tuple[Limit, ...]) -> list[str]:
    lines = [f"  {_limit(one)} ({one.name})." for one in limits]
    return _block("How much", lines or ["  Nothing limits the number of calls."])


def _limit(limit: Limit) -> str:
    period = _PERIODS.get(limit.per, f"per {limit.per}")
    of = f" over {limit.argument}" if limit.argument else ""
    each = f", counted apart for each {limit.each}" if limit.each else ""
    most = limit.told(limit.at_most)
    if limit.counts == SUM:
        return f"At most {most} {period}, summed{of}{each}"
    if limit.counts == COST:
        return f"At most {most} {period} for what calls cost{of}, as their systems state it{each}"
    counted = _COUNTED.get(limit.counts, f"calls of {limit.counts}")
    return f"At most {most} {counted}{of} {period}{each}"


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


def _nature(rule: ToolRule) -> Iterator[str]:
    """Yield what follows for a tool from what its system's file declares."""
    if rule.irreversible:
        yield "Nobody can take it back: each such call asks a person, whatever stands below."
    for argument, currency in sorted(rule.units.items()):
        yield f"Its {argument} is written here in {currency} and sent as {_counted(currency)}."


def _tool(rule: ToolRule) -> Iterator[str]:
    yield from _nature(rule)
    yield from _bounds(rule)
    for entry in rule.allow:
        yield entry_in_words(entry, ask=False)
    for entry in rule.ask:
        yield entry_in_words(entry, ask=True)
    if not rule.allow and not rule.ask:
        yield default_in_words(rule)
    elif rule.ask:
        yield "What fits none of these lines is refused."
    else:
        yield "What does not fit is refused."
    yield from map(never_in_words, rule.never)
    if rule.may_ask:
        asked = " and ".join(_ABILITIES[one] for one in sorted(rule.may_ask))
        yield f"In the middle of it its system may ask the agent for {asked}."
    if not any((rule.only, rule.templates, *(entry.args for entry in (*rule.allow, *rule.ask)))):
        yield "It takes no arguments."
    for argument, way in sorted(rule.undo.items()):
        yield f"For people to know, not done by itself: {argument} is {_UNDO.get(way, way)}."


def _bounds(rule: ToolRule) -> Iterator[str]:
    yield from (f"Always: {line}." for line in _arguments(rule.only))
    yield from (f"Always {line}." for line in _facts(rule.when))
    for argument, templates in rule.templates.items():
        yield from _templates(rule, argument, templates)


def _templates(rule: ToolRule, argument: str, templates: tuple[Template, ...]) -> Iterator[str]:
    missing = "" if argument in rule.only else ", and is never left out"
    yield f"Always: {argument} is one of these texts, letter by letter but for its slots{missing}."
    for one in templates:
        name = f"{argument} {one.name}"
        yield f"  {name}: {canonical.text(one.text)}"
        slots = map(argument_in_words, one.slots.values())
        yield from (f"    In {name}, slot {slot}." for slot in slots)


def default_in_words(rule: ToolRule) -> str:
    """Return what happens to each call of a tool that has neither `allow` nor `ask`."""
    if loosens_a_default(rule.level, rule.touches):
        return "Each such call asks an owner or reviewer."
    return "Each such call happens without asking."


def _arguments(rules: Mapping[str, ArgumentRule]) -> list[str]:
    return [argument_in_words(rule) for rule in rules.values()]


def _facts(when: Mapping[str, tuple[Json, ...]]) -> list[str]:
    return [f"only while {fact} is {_either(values)}" for fact, values in when.items()]


def _constraint(one: Constraint) -> str:
    if one.operator in FORMS:
        said = " or ".join(_place(bound) for bound in one.bounds)
        return f"is {FORMS[one.operator].noun}{': ' if said else ''}{said}"
    if one.inner:
        return _CONSTRAINTS[one.operator].format(" and ".join(map(_constraint, one.inner)))
    match one.bounds:
        case (TaskInput(name),) if one.operator is Operator.IS:
            return f"is the task's own {name}"
        case (Items(),) if one.operator in _LENGTHS:
            return _LENGTHS[one.operator].format(_quoted(one))
        case _:
            return _CONSTRAINTS[one.operator].format(_quoted(one))


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
    steps = any(is_step(name) for name in entry.who)
    named = (f"the workflow step {name}" if is_step(name) else name for name in entry.who)
    who = " or ".join(named) or "nobody"
    if entry.how_many > 1:
        return f"{entry.how_many} {'of' if steps else 'people who are'} {who}"
    return who


def _duration(seconds: int) -> str:
    unit, name = next((u, n) for u, n in _UNITS if seconds % u == 0)
    count = seconds // unit
    return f"{count} {name}{'' if count == 1 else 's'}"


def _nevers(workflow: Workflow) -> Iterator[str]:
    for tool in workflow.never:
        yield f"  Call {tool}, whatever else is written here."
    yield "  Call a tool, or name an argument, that is not written here."


def _always(line: Always) -> str:
    """Return one `always` line as a sentence."""
    if line.at_most is not None:
        return f"  {_limit(line.at_most)}, whatever is called ({line.at_most.name})."
    if line.at_least is None:
        fits = "; ".join(f"{one}, or left out" for one in _arguments(line.args))
        return f"  Every call of {_either_of(line.tools)} that is not refused: {fits}."
    which = [
        f"of {_either_of(line.tools)}" if line.tools else "",
        f"of system {_either_of(line.systems)}" if line.systems else "",
        f"at level {_either_of(one.name.lower() for one in line.levels)}" if line.levels else "",
        f"that touches {_either_of(_IMPACTS[one] for one in line.touches)}" if line.touches else "",
    ]
    return f"  Every call {' '.join(filter(None, which))} {_AT_LEAST[line.at_least]}."


def _either_of(words: Iterable[str]) -> str:
    return " or ".join(words)


def _systems(boundary: Boundary) -> Iterator[str]:
    for name, system in sorted(boundary.systems.items()):
        yield f"  {name}: {_way(system)}"
        yield from (f"    {line}" for line in _surroundings(system))
        for fact, lookup in sorted(system.facts.items()):
            yield f"    The fact {fact} is read with {_lookup(lookup)}."
        for tool, plumbing in sorted(system.tools.items()):
            yield from (f"    {tool}: {line}" for line in _plumbing(plumbing))
        for tool, pin in sorted(boundary.pins.items()):
            if pin.system != name or tool in boundary.workflow.tools:
                continue
            if pin.tool == INSTRUCTIONS:
                said = canonical.text(pin.definition.get("instructions"))
                yield f"    Agents read what it tells them, {said}, as defined by {pin.digest}."
            else:
                yield f"    {tool} is for look-ups only, as defined by {pin.digest}."


def _way(system: System) -> str:
    if system.url:
        return f"at {system.url}"
    words = " ".join(canonical.text(word) for word in system.command)
    return f"by starting {words}"


def _surroundings(system: System) -> Iterator[str]:
    if system.jurisdiction:
        yield f"Its data lies in {system.jurisdiction}."
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
    yield from _declared(plumbing)


def _declared(plumbing: Plumbing) -> Iterator[str]:
    """Yield what the system's operator declares of a tool, and what follows from it."""
    if plumbing.reversible is not None:
        yield f"{_REVERSIBLE[plumbing.reversible]}."
    if plumbing.undo is not None:
        yield f"it is taken back with {_lookup(plumbing.undo)}."
    if plumbing.retries:
        again = "once more" if plumbing.retries == 1 else f"up to {plumbing.retries} times more"
        yield f"a call that gets no answer is sent {again}, as the same call."
    if plumbing.cost is not None:
        yield f"a call costs {plumbing.cost.amount} {plumbing.cost.currency}."
    if plumbing.critical:
        critical = ", ".join(plumbing.critical)
        yield f"whom or how much is decided by {critical}, which people are shown first."
    if plumbing.changes:
        yield f"it changes its record: {effects.in_words(plumbing.changes)}."
    for argument, currency in sorted(plumbing.units.items()):
        yield f"{argument} counts {currency} in {_counted(currency)}."
    for argument, data in sorted(plumbing.args.items()):
        yield f"{argument} takes {_DATA[data]}."
    yield from _answers(plumbing)


def _answers(plumbing: Plumbing) -> Iterator[str]:
    if plumbing.writer is not Writer.UNKNOWN:
        yield f"all that it answers was written last by {_WRITERS[plumbing.writer]}."
    for path, one in sorted(plumbing.fields.items()):
        data = f"holds {_DATA[one.data]} and " if one.data else ""
        writer = _WRITERS[one.writer]
        yield f"in its answer, {canonical.text(path)} {data}was written last by {writer}."


def _counted(currency: str) -> str:
    digits = minor_digits(currency)
    return f"whole numbers: {10**digits} for 1 {currency}"


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
        yield f"  Tell {plan.tell}. Sallyport tells them of a stop where its settings say how."
    if plan.by_hand:
        yield f"  How people go on by hand: {plan.by_hand}."
