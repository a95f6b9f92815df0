"""What a reviewer should know before signing: everything that does not fit together.

Errors make a boundary useless or unsafe: it must not be signed. Warnings and notes are for people.
A definition's annotations come from the system, so they may only raise a level. Where a definition
says nothing, whoever runs the system may say so in its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sallyport.model import (
    ArgumentRule,
    Boundary,
    Constraint,
    Entry,
    Json,
    Level,
    Lookup,
    Operator,
    System,
    TaskInput,
    ToolPin,
    ToolRule,
)
from sallyport.rules.boundary import promises, sources
from sallyport.rules.boundary.apart import sorts_of
from sallyport.rules.boundary.compile import calls_of, lookups
from sallyport.rules.boundary.evaluate import facts_needed, in_force
from sallyport.rules.boundary.problems import Problem, Severity, suggest
from sallyport.rules.workflow_steps import is_step

ENDS_SOON = timedelta(days=14)
_SORTS = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "boolean": "truth",
    "array": "list",
    "object": "object",
    "null": "null",
}
_OPEN_ENDED = frozenset({"$ref", "allOf", "anyOf", "oneOf", "patternProperties"})


def check(
    boundary: Boundary,
    *,
    today: date,
    offered: Iterable[ToolPin] = (),
    roles: Iterable[str] = (),
) -> tuple[Problem, ...]:
    """Return every problem of a compiled boundary, errors first, in the order of the file.

    Args:
        boundary: As compiled.
        today: The day of the check, UTC.
        offered: All accepted tool definitions, to tell a collision from a tool nobody offers.
        roles: The names of all roles that people may hold; when empty, roles are not checked.
    """
    checker = _Checker(boundary, today, tuple(offered), frozenset(roles))
    rank = list(Severity)
    return tuple(sorted(checker.run(), key=lambda problem: rank.index(problem.severity)))


@dataclass(frozen=True, slots=True)
class _Checker:
    boundary: Boundary
    today: date
    offered: tuple[ToolPin, ...]
    roles: frozenset[str]

    def run(self) -> Iterator[Problem]:
        yield from self._dates()
        yield from self._roles()
        yield from self._inputs()
        for tool, rule in self.boundary.workflow.tools.items():
            yield from self._tool(tool, rule)
        for system in self.boundary.systems.values():
            yield from self._lookups(system)
        yield from self._never()
        yield from sources.of_workflow(self.boundary)
        yield from promises.of_workflow(self.boundary)

    def _dates(self) -> Iterator[Problem]:
        expires = self.boundary.workflow.expires
        if expires < self.today:
            fix = "write a later date and have it signed again"
            yield self._error("expires", "expired", f"the workflow ended on {expires}", fix)
        elif expires - self.today <= ENDS_SOON:
            what = f"the workflow ends on {expires}"
            yield self._say(Severity.WARNING, "expires", "ends_soon", what, "decide about its end")

    def _roles(self) -> Iterator[Problem]:
        workflow = self.boundary.workflow
        named = [("for", role) for role in workflow.users]
        for tool, rule in workflow.tools.items():
            named += [(f"tools.{tool}", role) for entry in rule.ask for role in entry.who]
        for where, role in dict.fromkeys(named):
            if self.roles and role not in self.roles:
                yield self._unknown(where, role)
        yield from self._steps()

    def _unknown(self, where: str, role: str) -> Problem:
        if is_step(role):
            workflow = self.boundary.workflow.name
            what = f"`{role}` is not a registered step of this workflow"
            fix = f"have an administrator add it: sallyport admin steps add {role} {workflow}"
            return self._error(where, "unknown_step", what, fix)
        fix = suggest(role, sorted(self.roles))
        return self._error(where, "unknown_role", f"nobody can hold the role `{role}`", fix)

    def _steps(self) -> Iterator[Problem]:
        """Report workflow steps where only people answer."""
        for rule in self.boundary.workflow.tools.values():
            fix = "name a role of people in its place"
            for entry in rule.ask:
                for name in filter(is_step, entry.who):
                    if rule.level is Level.EXTERNAL:
                        what = f"`{name}` is asked about what leaves the house"
                        yield self._error(entry.where, "step_outside", what, fix)
                    if entry.needs_human:
                        what = f"`{name}` is asked what needs a human"
                        yield self._error(entry.where, "step_outside", what, fix)

    def _inputs(self) -> Iterator[Problem]:
        """Report inputs that nothing uses, and look-ups that need one which is not declared."""
        workflow = self.boundary.workflow
        used = {one.name for rule in workflow.tools.values() for one in _inputs_of(rule)}
        for system in self.boundary.systems.values():
            for name in _sources(calls_of(system), "task."):
                used.add(name)
                if name not in workflow.task_inputs:
                    what = f"a look-up of `{system.name}` needs `task.{name}`"
                    yield self._error("task", "unknown_input", what, f"add `{name}` under `task`")
        for name in workflow.task_inputs:
            if name not in used:
                what = f"no tool is bound to the input `{name}`"
                fix = f"add `{{is: task.{name}}}` to an argument, or remove the input"
                yield self._say(Severity.WARNING, f"task.{name}", "unused_input", what, fix)

    def _tool(self, tool: str, rule: ToolRule) -> Iterator[Problem]:
        where = f"tools.{tool}"
        pin = self.boundary.pins.get(tool)
        if pin is None or pin.system != rule.system:
            yield self._unbound(where, tool, rule)
            return
        yield from self._level(where, rule, pin)
        yield from self._arguments(where, rule, pin)
        yield from self._facts(where, rule)
        yield from self._entries(where, rule)
        yield from promises.of_tool(self.boundary, rule, pin)

    def _unbound(self, where: str, tool: str, rule: ToolRule) -> Problem:
        homes = sorted({pin.system for pin in self.offered if pin.tool == tool})
        if len(homes) > 1 and not rule.system:
            what = f"tool `{tool}` is offered by {', '.join(homes)}"
            return self._error(where, "collision", what, f"add `system: {homes[0]}` or another")
        system = rule.system or next(iter(homes), "")
        if system and system not in self.boundary.systems:
            what = f"system `{system}` of tool `{tool}` is not connected"
            return self._error(where, "no_system", what, "connect it, or correct its name")
        what = f"no accepted tool is called `{tool}`"
        known = sorted({pin.tool for pin in self.offered})
        fix = suggest(tool, known) if known else "connect its system and accept its definition"
        return self._error(where, "no_pin", what, fix)

    def _level(self, where: str, rule: ToolRule, pin: ToolPin) -> Iterator[Problem]:
        plumbing = self.boundary.systems[rule.system].tools.get(rule.tool)
        stated = plumbing.level if plumbing else None
        name, at = rule.level.name.lower(), f"{where}.level"
        if stated is not None and rule.level < stated:
            wanted = stated.name.lower()
            what = f"level {name} is looser than the {wanted} that `{rule.system}` states"
            yield self._error(at, "level", what, f"write `level: {wanted}` or stricter")
        hints = _object(pin.definition.get("annotations"))
        reads = hints.get("readOnlyHint")
        if rule.level is Level.READ and reads is False:
            what = f"`{rule.tool}` says of itself that it does not only read"
            yield self._error(at, "level", what, "write a stricter level")
        elif rule.level is Level.READ and reads is not True and stated is not Level.READ:
            what = f"`{rule.tool}` does not say that it only reads"
            fix = f"write a stricter level, or state `level: read` for it in `{rule.system}`"
            yield self._error(at, "level", what, fix)
        if hints.get("destructiveHint") is True and reads is not True and rule.level < Level.UPDATE:
            what = f"`{rule.tool}` says of itself that it destroys, and level {name} is looser"
            yield self._error(at, "level", what, "write `level: update` or stricter")

    def _arguments(self, where: str, rule: ToolRule, pin: ToolPin) -> Iterator[Problem]:
        schema = _object(pin.definition.get("inputSchema"))
        known = _known_arguments(schema)
        entries = (*rule.allow, *rule.ask)
        for name, at in _named(where, rule):
            if known is not None and name not in known:
                what = f"`{rule.tool}` has no argument `{name}`"
                yield self._error(at, "unknown_argument", what, suggest(name, sorted(known)))
        yield from self._sorts(where, rule, _object(schema.get("properties")))
        wanted = schema.get("required")
        needed = wanted if isinstance(wanted, list) else []
        for name in (one for one in needed if isinstance(one, str)):
            for entry in entries or (Entry(where=where),):
                yield from self._required(name, rule, entry)

    def _sorts(
        self, where: str, rule: ToolRule, properties: Mapping[str, Json]
    ) -> Iterator[Problem]:
        """Report constraints that no value of the type in the definition can meet."""
        for at, said in _said(where, rule):
            stated = _object(properties.get(said.name)).get("type")
            listed: list[Json] = stated if isinstance(stated, list) else [stated]
            types = [one for one in listed if isinstance(one, str)]
            known = {_SORTS.get(one) for one in types}
            if known and not known.intersection(*map(sorts_of, said.constraints)):
                takes = " or ".join(types)
                what = f"`{rule.tool}` takes `{said.name}` as {takes}, and what is asked is no such"
                yield self._error(at, "unfit", what, "write a constraint on such a value")

    def _required(self, name: str, rule: ToolRule, entry: Entry) -> Iterator[Problem]:
        said = [rules[name] for rules in (rule.only, entry.args) if name in rules]
        at = entry.where if entry.where.startswith("tools.") else f"tools.{entry.where}"
        if not said and name not in rule.templates:
            what = f"`{rule.tool}` needs the argument `{name}`, which is not named"
            yield self._error(at, "unnamed_argument", what, f"add `{name}` with a constraint")
        elif any(_is_absent(one) for one in said):
            what = f"`{rule.tool}` needs the argument `{name}`, which must be left out"
            yield self._error(at, "unnamed_argument", what, f"remove `absent` from `{name}`")

    def _facts(self, where: str, rule: ToolRule) -> Iterator[Problem]:
        facts = self.boundary.systems[rule.system].facts
        for fact in facts_needed(rule):
            if fact not in facts:
                what = f"system `{rule.system}` has no fact `{fact}`"
                fix = suggest(fact, facts) if facts else f"add `facts: {{{fact}: ...}}` to its file"
                yield self._error(f"{where}.when", "unknown_fact", what, fix)
                continue
            named = {name for name, _ in _named(where, rule)}
            for name in _sources((facts[fact],), "arg."):
                if name not in named:
                    what = f"fact `{fact}` is read by the argument `{name}`, which is not named"
                    fix = f"add `{name}` under `only`"
                    yield self._error(f"{where}.only", "unnamed_argument", what, fix)

    def _entries(self, where: str, rule: ToolRule) -> Iterator[Problem]:
        for entry in rule.allow:
            at = f"{where}.allow"
            if not in_force(entry, self.today):
                what = f"`{entry.where}` ended on {entry.until}"
                fix = "remove it, or give it a new reason and end"
                yield self._say(Severity.WARNING, at, "allow_over", what, fix)
            elif entry.until is not None:
                why = f", because {entry.because}" if entry.because else ""
                what = f"`{entry.where}` lets it happen unasked until {entry.until}{why}"
                yield self._say(Severity.NOTE, at, "allow", what, "be sure of it before signing")

    def _lookups(self, system: System) -> Iterator[Problem]:
        for tool, plumbing in system.tools.items():
            pin = self._pin(system, tool)
            reads = [one for one in (plumbing.before, plumbing.probe) if one is not None]
            known = _known_arguments(_object(pin.definition.get("inputSchema"))) if pin else None
            for name in _sources(reads, "arg."):
                if known is not None and name not in known:
                    what = f"`{tool}` of `{system.name}` has no argument `{name}` to look up by"
                    fix = suggest(name, sorted(known))
                    yield self._error(f"systems.{system.name}", "unknown_argument", what, fix)
        for one in dict.fromkeys(lookup.tool for lookup in lookups(system)):
            yield from self._lookup_tool(system, one)
        yield from self._undos(system)

    def _undos(self, system: System) -> Iterator[Problem]:
        for tool, plumbing in system.tools.items():
            if plumbing.undo is not None:
                named = {one: self._pin(system, one) for one in (tool, plumbing.undo.tool)}
                pins = {name: pin for name, pin in named.items() if pin is not None}
                undo = plumbing.undo
                yield from promises.of_undo(self.boundary, system.name, tool, undo, pins)

    def _lookup_tool(self, system: System, tool: str) -> Iterator[Problem]:
        at, known = f"systems.{system.name}", self.boundary.pins.get(tool)
        if known is not None and known.system != system.name:
            what = f"look-up tool `{tool}` is offered by {known.system} and {system.name}"
            yield self._error(at, "collision", what, "rename it in one of the systems")
            return
        pin = self._pin(system, tool)
        if pin is None:
            what = f"look-up tool `{tool}` of `{system.name}` is not accepted"
            yield self._error(at, "no_pin", what, "connect the system and accept its definition")
            return
        if _object(pin.definition.get("annotations")).get("readOnlyHint") is False:
            what = f"look-up tool `{tool}` says of itself that it does not only read"
            yield self._error(at, "level", what, "use a tool that only reads")

    def _never(self) -> Iterator[Problem]:
        workflow = self.boundary.workflow
        for tool in workflow.never:
            if tool in workflow.tools:
                what = f"`{tool}` is declared and never allowed at once"
                fix = "remove it from one of the two"
                yield self._say(Severity.WARNING, "never", "never", what, fix)

    def _pin(self, system: System, tool: str) -> ToolPin | None:
        found = self.boundary.pins.get(tool)
        if found is not None and found.system == system.name:
            return found
        offered = (pin for pin in self.offered if (pin.system, pin.tool) == (system.name, tool))
        return next(offered, None)

    def _error(self, where: str, code: str, what: str, fix: str) -> Problem:
        return self._say(Severity.ERROR, where, code, what, fix)

    def _say(self, severity: Severity, where: str, code: str, what: str, fix: str) -> Problem:
        return Problem(
            file=self.boundary.workflow.name,
            line=0,
            column=0,
            where=where,
            code=f"boundary.{code}",
            what=what,
            fix=fix,
            severity=severity,
        )


def _named(where: str, rule: ToolRule) -> Iterator[tuple[str, str]]:
    """Yield each argument that a rule names, and where."""
    for at, said in _said(where, rule):
        yield said.name, at
    yield from ((name, f"{where}.templates.{name}") for name in rule.templates)


def _said(where: str, rule: ToolRule) -> Iterator[tuple[str, ArgumentRule]]:
    """Yield what a rule says of each argument, and where."""
    for name, said in rule.only.items():
        yield f"{where}.only.{name}", said
    for entry in (*rule.allow, *rule.ask, *rule.never):
        for name, said in entry.args.items():
            yield f"tools.{entry.where}.args.{name}", said


def _constraints(rule: ToolRule) -> Iterator[Constraint]:
    said: list[Mapping[str, ArgumentRule]] = [rule.only]
    said += [entry.args for entry in (*rule.allow, *rule.ask, *rule.never)]
    said += [template.slots for listed in rule.templates.values() for template in listed]
    for arguments in said:
        for argument in arguments.values():
            yield from argument.constraints


def _inputs_of(rule: ToolRule) -> Iterator[TaskInput]:
    for constraint in _constraints(rule):
        yield from (bound for bound in constraint.bounds if isinstance(bound, TaskInput))


def _sources(reads: Iterable[Lookup], prefix: str) -> list[str]:
    """Return the names that look-ups take from `arg.` or `task.`, each once."""
    values = (value for read in reads for value in read.args.values())
    texts = (value for value in values if isinstance(value, str) and value.startswith(prefix))
    return list(dict.fromkeys(text.removeprefix(prefix) for text in texts))


def _known_arguments(schema: Mapping[str, Json]) -> frozenset[str] | None:
    """Return the arguments that a schema lists; None where it leaves them open."""
    listed = schema.get("properties", {})
    if not isinstance(listed, dict) or _OPEN_ENDED & schema.keys():
        return None
    if schema.get("additionalProperties", False) is not False:
        return None
    return frozenset(listed)


def _is_absent(rule: ArgumentRule) -> bool:
    return any(one.operator is Operator.ABSENT for one in rule.constraints)


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
