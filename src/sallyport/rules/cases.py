"""Cases beside a workflow file: what is given, what is called, what must come of it.

Decided by the code that decides real calls, with the tools as they are pinned in a file. What a
case does not give is taken as it speaks for the call: an agent that is live, a task that is open,
no switch set, no text from outside. The day is always given, so that a case says the same for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sallyport.model import (
    Agent,
    Boundary,
    Decision,
    Json,
    JsonObject,
    Limit,
    Money,
    Person,
    Proposal,
    Stage,
    System,
    Task,
    ToolPin,
    Verdict,
    Workflow,
)
from sallyport.rules import canonical, reasons
from sallyport.rules.boundary import values
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.inputs import fits
from sallyport.rules.boundary.problems import Collector, Mark, suggest
from sallyport.rules.boundary.sums import millionths
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table, parse, to_json
from sallyport.rules.checks.limits import reservations
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.times import DAY_US

SUFFIX = ".cases.yaml"
REQUIRED = {"workflow": "customer-support", "given": "{date: 2027-01-31}", "cases": "[...]"}
GIVEN_WORDS = ("date", "as", "task", "facts", "used", "influenced", "stage")
CASE_REQUIRED = {
    "case": "a mail to a stranger is refused",
    "tool": "mail.send",
    "expect": "refuse",
}
CASE_WORDS = (*CASE_REQUIRED, "args", "given", "reason", "entry", "who")
VERDICTS = {verdict.name.lower(): verdict for verdict in Verdict}
CASES_MAX = 2000
USED_MAX = 10_000_000

_NOON_US = DAY_US // 2
_FOR_EVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is supposed around a call.

    `used` says how much of a limit is gone, by the limit's name: a number of calls, or millionths
    of its currency. A fact that is not given was not read, and refuses whatever needs it.
    """

    roles: tuple[str, ...]
    now_us: int
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    used: Mapping[str, int] = field(default_factory=dict[str, int])
    influenced: bool = False
    stage: Stage = Stage.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call, what is given, and what must come of it; empty words were not asked for."""

    name: str
    mark: Mark
    tool: str
    args: JsonObject
    given: Given
    expect: Verdict
    reason: str
    entry: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a case; `wrong` has one clause for each thing that is not as expected."""

    case: Case
    decision: Decision
    wrong: tuple[str, ...]

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        case, came = self.case, decided_json(self.decision)
        return {
            "case": case.name,
            "line": case.mark.line,
            "tool": case.tool,
            "expected": case.expect.name.lower(),
            "came": came,
            "as_expected": not self.wrong,
            "wrong": list[Json](self.wrong),
        }


def load_cases(
    text: str, file: str, workflow: Workflow, facts: Collection[str]
) -> tuple[Case, ...]:
    """Return the cases that a file declares, in its order.

    Args:
        text: The file's text, YAML or JSON.
        file: Its name, for messages.
        workflow: The workflow that the cases are about.
        facts: The names of the facts that its systems can tell.

    Raises:
        BoundaryErrors: With every problem of the file.
    """
    out = Collector(file)
    root = values.table(out, parse(text, out), "the file")
    if not root.values:
        out.stop_if_any()
    cases = _Reader(out, workflow, facts).read(root)
    out.stop_if_any()
    return cases


def compile_offline(
    workflow: Workflow,
    systems: Mapping[str, System],
    listed: Mapping[str, Iterable[JsonObject]],
    *,
    code_version: str,
) -> Boundary:
    """Return a boundary without a gateway: tools as they are listed, or else with any arguments.

    Args:
        workflow: As loaded.
        systems: By name.
        listed: The definitions of a system's tools, by its name; a system that is missing here
            takes the arguments that the boundary itself permits.
        code_version: Of the code that decides.
    """
    pins = [pin(name, one) for name, tools in listed.items() for one in tools]
    known = {one.tool for one in pins}
    unlisted = [system for name, system in systems.items() if name not in listed]
    for tool, rule in workflow.tools.items():
        homes = [one for one in unlisted if rule.system in {"", one.name}]
        if homes and (tool not in known or rule.system):
            home = next((one for one in homes if tool in one.tools), homes[0])
            pins.append(pin(home.name, {"name": tool}))
    return compile_boundary(workflow, systems, pins, code_version=code_version, roles=())


def pin(system: str, definition: JsonObject) -> ToolPin:
    """Return a tool's definition, held by its hash as an accepted one is."""
    return ToolPin(
        system=system,
        tool=str(definition.get("name", "")),
        definition=definition,
        digest=canonical.digest("tool", definition),
    )


def run(case: Case, boundary: Boundary) -> Outcome:
    """Decide the call of a case and compare."""
    decision = supposed(boundary, case.tool, case.args, case.given)
    return Outcome(case=case, decision=decision, wrong=tuple(_wrong(case, decision)))


def supposed(boundary: Boundary, tool: str, args: JsonObject, given: Given) -> Decision:
    """Return what would be decided on a call, with every reason."""
    context = _context(boundary, tool, args, given)
    counters = {one.counter: given.used.get(one.limit.name, 0) for one in reservations(context)}
    return decide(replace(context, counters=counters))


def unreached(boundary: Boundary, outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """Return the lines of a boundary that no case came to: its tools and their entries."""
    rules = [rule for rule in boundary.workflow.tools.values() if not rule.implied_by]
    lines = dict.fromkeys(boundary.workflow.never)
    for rule in rules:
        entries = (*rule.allow, *rule.ask, *rule.never)
        lines |= dict.fromkeys([entry.where for entry in entries] or [rule.tool])
    reached: set[str] = set()
    for one in outcomes:
        floors = one.decision.floors
        reached |= {one.case.tool, one.decision.entry}
        reached |= {floor.words["where"] for floor in floors if "where" in floor.words}
    return tuple(line for line in lines if line not in reached)


def decided_json(decision: Decision) -> JsonObject:
    """Return a decision for programs."""
    question = decision.question
    return {
        "verdict": decision.verdict.name.lower(),
        "entry": decision.entry,
        "who": list[Json](question.who) if question else [],
        "how_many": question.how_many if question else 0,
        "floors": [
            {"verdict": f.verdict.name.lower(), "code": f.code, "sentence": reasons.say(f)}
            for f in decision.floors
        ],
    }


def _wrong(case: Case, came: Decision) -> Iterator[str]:
    if came.verdict is not case.expect:
        yield f"expected {case.expect.name.lower()}, came {came.verdict.name.lower()}"
    said = [floor.code for floor in came.floors if floor.verdict is came.verdict]
    if case.reason and case.reason not in said:
        yield f"expected the reason {case.reason}, came {', '.join(dict.fromkeys(said))}"
    if case.entry and case.entry != came.entry:
        yield f"expected the entry {case.entry}, came {came.entry or 'none'}"
    who = came.question.who if came.question else ()
    if case.who and set(case.who) != set(who):
        asked = " or ".join(who) or "nobody"
        yield f"expected that {' or '.join(case.who)} is asked, came {asked}"


def _context(boundary: Boundary, tool: str, args: JsonObject, given: Given) -> Context:
    workflow = boundary.workflow
    task = Task(
        id="supposed",
        workflow=workflow.name,
        agent=workflow.agent,
        instance="supposed",
        requester="somebody",
        boundary=boundary.digest,
        inputs=given.inputs,
        opened_us=0,
        expires_us=_FOR_EVER,
    )
    return Context(
        proposal=Proposal(
            call_id="supposed", task_id=task.id, tool=tool, args=args, channel="supposed"
        ),
        now_us=given.now_us,
        epoch=0,
        fresh="supposed",
        task=task,
        agent=Agent(name=task.agent, owner=workflow.owner, stage=given.stage),
        requester=Person(name=task.requester, roles=frozenset(given.roles)),
        boundaries=(boundary,),
        influenced=given.influenced,
        facts=given.facts,
    )


class _Reader:
    def __init__(self, out: Collector, workflow: Workflow, facts: Collection[str]) -> None:
        self._out = out
        self._workflow = workflow
        self._facts = facts
        self._limits = {limit.name: limit for limit in workflow.limits}

    def read(self, root: Table) -> tuple[Case, ...]:
        out, found = self._out, root.values
        values.known_words(out, root, REQUIRED, "the file of cases")
        values.required(out, root, REQUIRED, "the file of cases")
        name = values.name(out, found.get("workflow"), "the workflow")
        if name and name != self._workflow.name:
            what = f"these cases are about `{name}`, and the file beside is `{self._workflow.name}`"
            out.add(found["workflow"].mark, "other_workflow", what, "correct the name")
        shared = values.table(out, found.get("given"), "`given`")
        if "given" in found:
            values.required(out, shared, {"date": "2027-01-31"}, "`given`")
        given = self._given(shared, self._blank())
        return self._cases(found.get("cases"), given)

    def _blank(self) -> Given:
        return Given(roles=self._workflow.users[:1], now_us=_NOON_US)

    def _cases(self, node: Node | None, given: Given) -> tuple[Case, ...]:
        nodes = values.items(self._out, node, "`cases`")
        if isinstance(node, Listing) and not nodes:
            self._out.add(node.mark, "empty", "`cases` has no case", "write at least one")
        if node is not None and len(nodes) > CASES_MAX:
            what = f"there are more than {CASES_MAX} cases"
            self._out.add(node.mark, "too_large", what, "split the workflow")
            return ()
        cases = tuple(self._case(one, given) for one in nodes)
        self._check_names(cases)
        return cases

    def _check_names(self, cases: tuple[Case, ...]) -> None:
        seen: set[str] = set()
        for case in cases:
            if case.name and case.name in seen:
                what = f"two cases are called `{case.name}`"
                self._out.add(case.mark, "duplicate_key", what, "say how they differ")
            seen.add(case.name)

    def _case(self, node: Node, given: Given) -> Case:
        out = self._out
        table = values.table(out, node, "a case")
        found = table.values
        values.known_words(out, table, CASE_WORDS, "a case")
        if isinstance(node, Table):
            values.required(out, table, CASE_REQUIRED, "a case")
        expect = values.choice(out, found.get("expect"), VERDICTS, "a verdict")
        if "who" in found and expect and expect != "ask":
            what = f"`who` is about a question, and the case expects {expect}"
            out.add(table.keys["who"], "pointless", what, "remove `who`, or write `expect: ask`")
        tool = values.text(out, found.get("tool"), "`tool`")
        if tool:
            values.check_tool(out, found["tool"].mark, tool)
        args = values.table(out, found.get("args"), "`args`")
        return Case(
            name=values.text(out, found.get("case"), "`case`"),
            mark=node.mark,
            tool=tool,
            args={name: to_json(value) for name, value in args.values.items()},
            given=self._given(values.table(out, found.get("given"), "`given`"), given),
            expect=VERDICTS.get(expect, Verdict.REFUSE),
            reason=values.choice(out, found.get("reason"), reasons.SENTENCES, "a reason"),
            entry=values.choice(out, found.get("entry"), self._entries(), "an entry"),
            who=values.names(out, found.get("who"), "`who`"),
        )

    def _entries(self) -> list[str]:
        rules = self._workflow.tools.values()
        return [entry.where for rule in rules for entry in (*rule.allow, *rule.ask)]

    def _given(self, table: Table, shared: Given) -> Given:
        """Return what a table gives, on top of what all cases share."""
        out, found = self._out, table.values
        values.known_words(out, table, GIVEN_WORDS, "`given`")
        day = values.day(out, found.get("date"), "`date`")
        stage = values.choice(out, found.get("stage"), [one.value for one in Stage], "a stage")
        return Given(
            roles=values.names(out, found["as"], "`as`") if "as" in found else shared.roles,
            now_us=noon_us(day) if "date" in found else shared.now_us,
            inputs={**shared.inputs, **self._inputs(found.get("task"))},
            facts={**shared.facts, **self._known_facts(found.get("facts"))},
            used={**shared.used, **self._used(found.get("used"))},
            influenced=values.truth(out, found["influenced"], "`influenced`")
            if "influenced" in found
            else shared.influenced,
            stage=Stage(stage) if stage else shared.stage,
        )

    def _inputs(self, node: Node | None) -> dict[str, Json]:
        found = values.table(self._out, node, "`task`")
        kinds, said = self._workflow.task_inputs, dict[str, Json]()
        for name, value in found.values.items():
            said[name] = to_json(value)
            if name not in kinds:
                what = f"workflow `{self._workflow.name}` has no input `{name}`"
                self._out.add(found.keys[name], "unknown_input", what, suggest(name, kinds))
            elif not fits(kinds[name], said[name]):
                what = f"input `{name}` is not of kind {kinds[name]}"
                self._out.add(value.mark, "wrong_type", what, "write one that an opener could bind")
        return said

    def _known_facts(self, node: Node | None) -> dict[str, Json]:
        found = values.table(self._out, node, "`facts`")
        for name, mark in found.keys.items():
            if name not in self._facts:
                what = f"no system of this workflow tells the fact `{name}`"
                self._out.add(mark, "unknown_fact", what, suggest(name, self._facts))
        return {name: to_json(value) for name, value in found.values.items()}

    def _used(self, node: Node | None) -> dict[str, int]:
        found = values.table(self._out, node, "`used`")
        used: dict[str, int] = {}
        for name, value in found.values.items():
            limit = self._limits.get(name)
            if limit is None:
                what = f"workflow `{self._workflow.name}` has no limit `{name}`"
                fix = suggest(name, self._limits)
                self._out.add(found.keys[name], "unknown_word", what, fix)
            else:
                used[name] = self._counted(limit, value)
        return used

    def _counted(self, limit: Limit, node: Node) -> int:
        what = f"what is used of `{limit.name}`"
        if not limit.currency:
            return values.whole(self._out, node, what, at_least=0, at_most=USED_MAX)
        amount = isinstance(node, Scalar) and values.money(node.value)
        if isinstance(amount, Money) and amount.currency == limit.currency:
            return millionths(amount.amount)
        what = f"{what} is not an amount in {limit.currency}"
        self._out.add(node.mark, "wrong_type", what, f"write `1.00 {limit.currency}`")
        return 0


def noon_us(day: date) -> int:
    """Return the middle of a day, UTC."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY_US + _NOON_US
