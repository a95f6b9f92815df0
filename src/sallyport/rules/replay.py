"""What a boundary would have said to recorded calls, before anything is connected.

A recording is looked at with what it holds: tool, arguments, and where it has them the person's
role, the task's inputs, facts and time. Everything else is taken as if it spoke for the call: an
agent that may act, a definition of the tool that any arguments fit, no text from outside. So this
says what the boundary's own words do; the gateway may be stricter, never looser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sallyport.errors import BadInputError
from sallyport.model import (
    Agent,
    Boundary,
    Decision,
    Json,
    JsonObject,
    Person,
    Proposal,
    Stage,
    Task,
    ToolPin,
    Verdict,
    Workflow,
)
from sallyport.rules import reasons
from sallyport.rules.checks.limits import Reservation, reservations
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.times import today

EXAMPLES_MAX = 3
_FOR_EVER = 2**62
_NONE: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One call as it was recorded. `where` names the line; empty texts were not recorded."""

    where: str
    tool: str
    args: JsonObject
    task: str = ""
    role: str = ""
    person: str = ""
    at_us: int = 0
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One call that stands for its like: where it was recorded, and why it got its verdict."""

    where: str
    tool: str
    arguments: tuple[str, ...]
    why: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of all calls.

    `asks` counts the questions of each day for each group of people who could answer. `examples`
    has a few for each verdict and reason.
    """

    calls: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter[Verdict])
    tools: dict[str, Counter[Verdict]] = field(default_factory=dict[str, Counter[Verdict]])
    asks: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    examples: dict[tuple[Verdict, str, str], list[Example]] = field(
        default_factory=dict[tuple[Verdict, str, str], list[Example]]
    )

    def add(self, call: Recorded, decision: Decision) -> None:
        """Count one call."""
        verdict = decision.verdict
        self.calls += 1
        self.verdicts[verdict] += 1
        self.tools.setdefault(call.tool, Counter())[verdict] += 1
        if decision.question is not None:
            day = today(call.at_us).isoformat() if call.at_us else ""
            self.asks[day, " or ".join(decision.question.who)] += 1
        if verdict is not Verdict.ALLOW:
            self._keep(call, decision)

    def _keep(self, call: Recorded, decision: Decision) -> None:
        floor = decision.floors[0]
        kept = self.examples.setdefault((decision.verdict, call.tool, floor.code), [])
        if len(kept) < EXAMPLES_MAX:
            example = Example(
                where=call.where,
                tool=call.tool,
                arguments=tuple(sorted(call.args)),
                why=reasons.say(floor),
            )
            kept.append(example)

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        return {
            "calls": self.calls,
            "verdicts": _by_name(self.verdicts),
            "tools": {tool: _by_name(found) for tool, found in sorted(self.tools.items())},
            "asks": [
                {"day": day, "who": who, "questions": count}
                for (day, who), count in sorted(self.asks.items())
            ],
            "examples": [dict[str, Json](one) for one in self._examples()],
        }

    def _examples(self) -> Iterator[JsonObject]:
        for (verdict, tool, code), found in sorted(self.examples.items(), reverse=True):
            for one in found:
                yield {
                    "verdict": verdict.name.lower(),
                    "tool": tool,
                    "code": code,
                    "where": one.where,
                    "arguments": list[Json](one.arguments),
                    "why": one.why,
                }


def replay(calls: Iterable[Recorded], boundary: Boundary, *, now_us: int) -> Tally:
    """Decide recorded calls under a boundary, as if nothing but its words spoke.

    Args:
        calls: What was recorded.
        boundary: As compiled, with or without pins.
        now_us: The time of calls that were recorded without one.
    """
    going = Replay(boundary, now_us=now_us)
    for call in calls:
        going.add(call)
    return going.tally


class Replay:
    """A replay in the making: what was counted so far, and what limits have been used up."""

    def __init__(self, boundary: Boundary, *, now_us: int = 0) -> None:
        self.tally = Tally()
        self._boundary = _with_any_arguments(boundary)
        self._now_us = now_us
        self._used = Counter[str]()

    def add(self, call: Recorded) -> None:
        """Decide one call more. What is allowed counts towards limits from then on."""
        context = _context(call, self._boundary, self._now_us, self._used)
        decision = decide(context)
        if decision.verdict is Verdict.ALLOW:
            self._used.update({one.counter: one.amount for one in reservations(context)})
        self.tally.add(call, decision)


def decided(call: Recorded, boundary: Boundary) -> Decision:
    """Return what a boundary says of one call, as `replay` does.

    Args:
        call: The call; its `at_us` is the time of the decision.
        boundary: As compiled.
    """
    return decide(_context(call, _with_any_arguments(boundary, call.tool), call.at_us))


def in_turn(
    calls: Iterable[Recorded], boundary: Boundary
) -> Iterator[tuple[Decision, tuple[Reservation, ...]]]:
    """Yield what a boundary says of calls that come one after the other, and what each one uses.

    Whatever is not refused counts from then on: what a person is asked about may be answered yes.

    Args:
        calls: The calls; the `at_us` of each is the time of its decision.
        boundary: As compiled.
    """
    permissive, used = _with_any_arguments(boundary), Counter[str]()
    for call in calls:
        context = _context(call, permissive, call.at_us)
        taken = reservations(context)
        counters = {one.counter: used[one.counter] for one in taken}
        decision = decide(replace(context, counters=counters))
        if decision.verdict is not Verdict.REFUSE:
            used.update({one.counter: one.amount for one in taken})
        yield decision, taken


def read(line: Json, where: str) -> Iterator[Recorded]:
    """Yield the calls that one recorded line holds.

    A line is `{"tool": ..., "args": {...}}` with, where known, `task`, `role`, `person`, `at` (a
    number of microseconds), `inputs` and `facts`; or a `tools/call` as MCP has it; or
    `{"calls": [[tool, args], ...]}`, the calls of one task.

    Raises:
        BadInputError: It is none of these.
    """
    if not isinstance(line, dict):
        raise _unreadable(where)
    tool, method, calls = line.get("tool"), line.get("method"), line.get("calls")
    if isinstance(tool, str):
        yield _own(line, tool, where)
    elif method == "tools/call":
        yield _on_the_wire(_object(line.get("params"), where), where)
    elif isinstance(calls, list):
        for one in calls:
            yield _of_a_run(one, where)
    elif not isinstance(method, str):
        raise _unreadable(where)


def _own(line: JsonObject, tool: str, where: str) -> Recorded:
    return Recorded(
        where=where,
        tool=tool,
        args=_object(line.get("args", {}), where),
        task=_text(line.get("task")),
        role=_text(line.get("role")),
        person=_text(line.get("person")),
        at_us=_whole(line.get("at")),
        inputs=_object(line.get("inputs", {}), where),
        facts=_object(line.get("facts", {}), where),
    )


def _on_the_wire(params: JsonObject, where: str) -> Recorded:
    tool = params.get("name")
    if not isinstance(tool, str):
        raise _unreadable(where)
    return Recorded(where=where, tool=tool, args=_object(params.get("arguments", {}), where))


def _of_a_run(call: Json, where: str) -> Recorded:
    match call:
        case [str(tool), args]:
            return Recorded(where=where, tool=tool, args=_object(args, where), task=where)
        case _:
            raise _unreadable(where)


def _unreadable(where: str) -> BadInputError:
    return BadInputError(
        f"{where} holds no call",
        fix='write one JSON object a line, such as {"tool": "mail.send", "args": {}}',
    )


def _object(value: Json, where: str) -> JsonObject:
    if not isinstance(value, dict):
        raise _unreadable(where)
    return value


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _with_any_arguments(boundary: Boundary, only: str = "") -> Boundary:
    """Return a boundary whose tools take any arguments; with `only`, that one tool alone."""
    pins = {
        tool: ToolPin(system=rule.system, tool=tool, definition={}, digest=tool)
        for tool, rule in boundary.workflow.tools.items()
        if only in {"", tool}
    }
    return replace(boundary, pins=pins)


def _context(
    call: Recorded, boundary: Boundary, now_us: int, used: Mapping[str, int] = _NONE
) -> Context:
    workflow = boundary.workflow
    task = Task(
        id=call.task or "replay",
        workflow=workflow.name,
        agent=call.agent or workflow.agent,
        instance="replay",
        requester=call.person or "somebody",
        boundary=boundary.digest,
        inputs=call.inputs,
        opened_us=0,
        expires_us=_FOR_EVER,
    )
    return Context(
        proposal=Proposal(
            call_id=call.where, task_id=task.id, tool=call.tool, args=call.args, channel="replay"
        ),
        now_us=call.at_us or now_us,
        epoch=0,
        fresh=call.where,
        task=task,
        agent=Agent(name=task.agent, owner=workflow.owner, stage=Stage.LIVE),
        requester=Person(name=task.requester, roles=_roles(call, workflow)),
        boundaries=(boundary,),
        facts=call.facts,
        counters=used,
    )


def _roles(call: Recorded, workflow: Workflow) -> frozenset[str]:
    """Return the role that was recorded; else all that may use the workflow speak for the call."""
    return frozenset([call.role] if call.role else workflow.users)


def _by_name(found: Counter[Verdict]) -> JsonObject:
    return {verdict.name.lower(): found[verdict] for verdict in Verdict}
