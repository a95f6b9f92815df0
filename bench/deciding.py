"""What a decision costs, with every reason, and how fast recorded calls are replayed.

Measured is `rules.decide` alone, on a context that was just made, as the gateway makes one for
every call. The demo's calls are one of each of its tools, and one of each verdict.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

from bench import boundary as large
from bench.pages import table
from sallyport.model import (
    Agent,
    Boundary,
    Json,
    JsonObject,
    Person,
    Proposal,
    Stage,
    Task,
    ToolPin,
)
from sallyport.rules import VERSION, canonical, strict_json
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.replay import read, replay

DECISIONS, REPLAYED = 1000, 20_000
ROUNDS = 5
"""Turns of each sort of call, one after the other; the quietest counts."""
NOW_US = 1_795_000_000_000_000
AIM_US, AIM_RATIO, AIM_REPLAY = 10.0, 1.5, 20_000

_OWN: dict[str, Json] = {
    "ticket_id": "4711",
    "contact_id": "C-1",
    "customer_email": "ann@example.com",
}
_REFUND: JsonObject = {"ticket_id": "4711", "status": "solved"}
DEMO: tuple[tuple[str, JsonObject], ...] = (
    ("tickets.list", {"status": "open"}),
    ("tickets.get", {"ticket_id": "4711"}),
    ("crm.get_contact", {"contact_id": "C-1"}),
    ("kb.search", {"query": "refund after a late delivery"}),
    ("tickets.draft_reply", {"ticket_id": "4711", "body": "It is on its way."}),
    ("tickets.update", {**_REFUND, "refund": Decimal("40.00")}),
    ("tickets.update", {**_REFUND, "refund": Decimal("120.00")}),
    ("tickets.update", {**_REFUND, "refund": Decimal("620.00")}),
    ("mail.send", {"to": "ann@example.com", "template": "answer"}),
)
TOOLS, ENTRIES = 100, 10
LARGE, RICH = "100 x 10", "100 x 10, e-mail and sum"
AS_IN_THE_DEMO = (
    ("{email: task.customer}", "{is: task.customer}"),
    (", amounts_per_day: 5000.00 EUR", ""),
)
_LARGE_OWN: dict[str, Json] = {"id": "4711", "customer": "ann@example.com"}
_LARGE_ARGS: JsonObject = {"id": "4711", "to": "ann@example.com", "status": "open"}
# Of the first and the last tool, calls that the first and the last entry cover.
_LARGE_CALLS = tuple(
    (f"t{number}.pay", {**_LARGE_ARGS, "amount": amount})
    for number in (0, TOOLS - 1)
    for amount in (Decimal("50.00"), Decimal(100 * ENTRIES - 1))
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What one sort of call took, in microseconds."""

    boundary: str
    call: str
    verdict: str
    p50_us: float
    p99_us: float


@dataclass(frozen=True, slots=True)
class Result:
    """All of it: the calls, the medians over them, and calls replayed in a second."""

    decided: tuple[Decided, ...]
    demo_p50_us: float
    large_p50_us: float
    rich_p50_us: float
    replayed_per_s: float


def run(*, decisions: int = DECISIONS, replayed: int = REPLAYED) -> Result:
    """Measure the decisions on all boundaries, then the replay."""
    demo, big = _demo(), large.workflow(TOOLS, ENTRIES)
    plain = _as_in_the_demo(big)
    sorts = (
        ("demo", demo, DEMO, _OWN),
        (LARGE, large.compiled(plain), _LARGE_CALLS, _LARGE_OWN),
        (RICH, large.compiled(big), _LARGE_CALLS, _LARGE_OWN),
    )
    rounds = [[one for sort in sorts for one in _timed(*sort, decisions)] for _ in range(ROUNDS)]
    found = [min(same, key=lambda one: one.p50_us) for same in zip(*rounds, strict=True)]
    return Result(
        decided=tuple(found),
        demo_p50_us=_median(found, "demo"),
        large_p50_us=_median(found, LARGE),
        rich_p50_us=_median(found, RICH),
        replayed_per_s=_replayed(demo, replayed),
    )


def section(result: Result) -> str:
    """Return the part of the page."""
    rows = [
        (one.boundary, one.call, one.verdict, f"{one.p50_us:.1f}", f"{one.p99_us:.1f}")
        for one in result.decided
    ]
    return "\n".join(
        (
            "### Decisions",
            "",
            *(f"- {line}" for line in lines(result)),
            "",
            table(("boundary", "call", "verdict", "p50 µs", "p99 µs"), rows),
        )
    )


def lines(result: Result) -> list[str]:
    """Return the figures for people, each with its aim."""
    growth = result.large_p50_us / result.demo_p50_us
    of_demo = f"decision with reasons, demo boundary: p50 {result.demo_p50_us:.1f} µs"
    of_large = f"100 tools with 10 entries: p50 {result.large_p50_us:.1f} µs, {growth:.2f}x"
    of_rich = (
        f"the same with an e-mail address and a sum of money in each call, which the demo's have"
        f" not: p50 {result.rich_p50_us:.1f} µs"
    )
    replayed = f"replay of recorded calls: {result.replayed_per_s:,.0f} a second of one core"
    return [
        f"{of_demo} (aim {AIM_US:.0f})",
        f"{of_large} (aim {AIM_RATIO}x)",
        of_rich,
        f"{replayed} (aim {AIM_REPLAY:,})",
    ]


def as_json(result: Result) -> dict[str, Any]:
    """Return the figures for programs."""
    return asdict(result)


def _demo() -> Boundary:
    folder = files("sallyport.demo") / "files"
    text = (folder / "workflows" / "customer-support.yaml").read_text(encoding="utf-8")
    loaded = load_workflow(text, "customer-support.yaml")
    said = (folder / "systems" / "desk.yaml").read_text(encoding="utf-8")
    pins = [_pin(tool) for tool in loaded.tools]
    desk = load_system(said, "desk.yaml")
    return compile_boundary(loaded, {desk.name: desk}, pins, code_version=VERSION, roles=())


def _pin(tool: str) -> ToolPin:
    names = {name for called, args in DEMO if called == tool for name in args}
    properties: JsonObject = {name: {} for name in sorted(names)}
    definition: JsonObject = {
        "name": tool,
        "inputSchema": {"type": "object", "properties": properties},
    }
    digest = canonical.digest("tool", definition)
    return ToolPin(system="desk", tool=tool, definition=definition, digest=digest)


def _as_in_the_demo(workflow: str) -> str:
    """Return the large workflow with the constraints and limits that the demo's has."""
    for said, instead in AS_IN_THE_DEMO:
        if said not in workflow:
            raise RuntimeError(f"the large boundary does not say `{said}` any more")
        workflow = workflow.replace(said, instead)
    return workflow


def _timed(
    name: str,
    boundary: Boundary,
    calls: tuple[tuple[str, JsonObject], ...],
    own: dict[str, Json],
    decisions: int,
) -> Iterator[Decided]:
    for tool, args in calls:
        context = _context(boundary, tool, args, own, 0)
        verdict = decide(context).verdict.name.lower()
        took = sorted(_took(boundary, tool, args, own, n) for n in range(decisions))
        half, last = took[len(took) // 2], took[len(took) * 99 // 100]
        yield Decided(name, _said(tool, args), verdict, half, last)


def _took(
    boundary: Boundary, tool: str, args: JsonObject, own: dict[str, Json], number: int
) -> float:
    context = _context(boundary, tool, args, own, number)
    began = time.perf_counter_ns()
    decide(context)
    return (time.perf_counter_ns() - began) / 1000


def _said(tool: str, args: JsonObject) -> str:
    amount = args.get("refund") or args.get("amount")
    return f"{tool}, {amount}" if amount else tool


def _context(
    boundary: Boundary, tool: str, args: JsonObject, own: dict[str, Json], number: int
) -> Context:
    workflow = boundary.workflow
    return Context(
        proposal=Proposal(call_id=f"c{number}", task_id="t", tool=tool, args=args, channel="mcp"),
        now_us=NOW_US + number,
        epoch=0,
        fresh=f"f{number}",
        task=_task(boundary, own),
        agent=Agent(name=workflow.agent, owner=workflow.owner, stage=Stage.LIVE),
        requester=Person(name="ann", roles=frozenset(workflow.users[:1])),
        boundaries=(boundary,),
        counters={"task:t:call": 3},
        facts={"ticket_state": "open"},
    )


def _task(boundary: Boundary, own: dict[str, Json]) -> Task:
    return Task(
        id="t",
        workflow=boundary.workflow.name,
        agent=boundary.workflow.agent,
        instance="i",
        requester="ann",
        boundary=boundary.digest,
        inputs=own,
        opened_us=0,
        expires_us=2**62,
    )


def _median(found: list[Decided], name: str) -> float:
    return statistics.median(one.p50_us for one in found if one.boundary == name)


def _replayed(boundary: Boundary, calls: int) -> float:
    """Return how many recorded calls are read, decided and counted in a second of one core."""
    recorded = [_recorded(number).encode() for number in range(calls)]
    began = time.process_time()
    lines = (strict_json.loads(one, bytes_max=1 << 20, depth_max=64) for one in recorded)
    replay((call for line in lines for call in read(line, "line")), boundary, now_us=NOW_US)
    return calls / (time.process_time() - began)


def _recorded(number: int) -> str:
    tool, args = DEMO[number % len(DEMO)]
    return json.dumps(
        {
            "tool": tool,
            "args": args,
            "task": f"t{number // len(DEMO)}",
            "role": "support_agent",
            "at": NOW_US + number * 1_000_000,
            "inputs": _OWN,
            "facts": {"ticket_state": "open"},
        },
        default=float,
    )
