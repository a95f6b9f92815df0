"""What a boundary costs: how long it takes to load, and to prove what a change of it grants.

The boundary that is measured has 100 tools with 10 entries each. Its entries are apart in a bound
on money, as an owner writes steps of an amount.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from bench import pages
from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import Boundary, Json, ToolPin
from sallyport.rules import VERSION, canonical
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.proof.claims import narrower

TOOLS, ENTRIES = 100, 10
TODAY = date(2026, 11, 21)
QUESTION_S = 5.0
AIMS_MS = {"load": 1000.0, "prove one tool": 100.0, "prove all": 6000.0}

_HEAD = """\
workflow: large
purpose: Measure what size costs.
owner: owner@example.com
agent: bot
environment: test
expires: 2027-12-31
for: [clerk, lead]
task: {id: text, customer: email}
limits: {calls_per_task: 25, amounts_per_day: 5000.00 EUR}
tools:
"""
_SYSTEM = "system: desk\ntransport: http\nurl: https://desk.example.com/mcp\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, in milliseconds; the aim is of the median."""

    name: str
    median_ms: float
    slowest_ms: float
    aim_ms: float


def workflow(tools: int = TOOLS, entries: int = ENTRIES, *, raised: int = -1, by: int = 0) -> str:
    """Return a workflow file with so many tools and entries.

    Args:
        tools: How many tools.
        entries: How many entries each of them has.
        raised: The number of the one tool whose highest bound is another; -1 for all of them.
        by: By how many cents it is higher.
    """
    parts = (_tool(n, entries, by if raised in {n, -1} else 0) for n in range(tools))
    return _HEAD + "".join(parts)


def compiled(text: str) -> Boundary:
    """Return the boundary of a workflow file of ours, with its tools accepted."""
    loaded = load_workflow(text, "large.yaml")
    desk = load_system(_SYSTEM, "desk.yaml")
    pins = [_pin(tool) for tool in loaded.tools]
    return compile_boundary(loaded, {"desk": desk}, pins, code_version=VERSION, roles=())


def run(*, rounds: int) -> tuple[Figure, ...]:
    """Measure loading and proving."""
    return (*_loading(rounds), *_proving(rounds))


def _loading(rounds: int) -> Iterator[Figure]:
    text = workflow()
    yield _figure("load", rounds, lambda: compiled(text))


def _proving(rounds: int) -> Iterator[Figure]:
    solve = solver(QUESTION_S)
    old = compiled(workflow())
    one, all_of_it = compiled(workflow(raised=7, by=-1)), compiled(workflow(by=-1))
    wider = compiled(workflow(raised=7, by=1))

    def proves(new: Boundary, *, so: bool) -> None:
        if narrower(new, old, today=TODAY, solve=solve).proved is not so:
            raise RuntimeError("the prover said something else than what is so")

    proves(one, so=True)
    yield _figure("prove one tool", rounds, lambda: proves(one, so=True))
    yield _figure("refute one tool", rounds, lambda: proves(wider, so=False), "prove one tool")
    yield _figure("prove all", rounds, lambda: proves(all_of_it, so=True))


def _figure(name: str, rounds: int, what: Callable[[], object], aim: str = "") -> Figure:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        taken.append((time.perf_counter() - began) * 1000)
    return Figure(name, statistics.median(taken), max(taken), AIMS_MS[aim or name])


def lines(figures: tuple[Figure, ...]) -> list[str]:
    """Return the figures for people."""
    return [
        f"{one.name}: {one.median_ms:,.1f} ms (slowest {one.slowest_ms:,.1f}; "
        f"aim {one.aim_ms:,.0f})"
        for one in figures
    ]


def section(figures: tuple[Figure, ...], decided: str, told: str) -> str:
    """Return the part of the page: these figures, and what `bench.deciding` says below them."""
    rows = [
        (one.name, f"{one.median_ms:,.1f}", f"{one.slowest_ms:,.1f}", f"{one.aim_ms:,.0f}")
        for one in figures
    ]
    return "\n".join(
        (
            '## A boundary: `make bench ARGS="--boundary --write"`',
            "",
            f"- Machine: {told}.",
            f"- The large boundary has {TOOLS} tools with {ENTRIES} entries each.",
            "",
            pages.table(("what", "median ms", "slowest ms", "aim ms"), rows),
            "",
            decided,
        )
    )


def as_json(figures: tuple[Figure, ...]) -> dict[str, Any]:
    """Return the figures for programs."""
    return {"tools": TOOLS, "entries": TOOLS * ENTRIES, "figures": [asdict(one) for one in figures]}


def _tool(number: int, entries: int, cents: int) -> str:
    top = 100 * entries * 100 + cents
    steps = [f"{100 * n}.00" for n in range(entries)] + [f"{top // 100}.{top % 100:02d}"]
    rows = [_allow(steps[1])]
    rows += [_ask(low, high) for low, high in pairwise(steps[1:])]
    return (
        f"  t{number}.pay:\n    level: update\n    touches: [money]\n    only:\n"
        "      id: {is: task.id}\n      to: {email: task.customer}\n"
        "      status: {one_of: [open, pending, solved]}\n"
        "      note: {max_length: 4000, optional: true}\n" + rows[0] + "    ask:\n"
    ) + "".join(rows[1:])


def _allow(high: str) -> str:
    return (
        f"    allow:\n      - args: {{amount: {{at_most: {high} EUR}}}}\n"
        "        because: it was never rejected\n        until: 2027-06-30\n"
    )


def _ask(low: str, high: str) -> str:
    return (
        f"      - args: {{amount: {{above: {low} EUR, at_most: {high} EUR}}}}\n"
        "        who: [lead]\n        within: 4h\n"
    )


def _pin(tool: str) -> ToolPin:
    named: dict[str, Json] = {name: {} for name in ("id", "to", "status", "note", "amount")}
    definition: dict[str, Json] = {
        "name": tool,
        "inputSchema": {"type": "object", "properties": named, "required": ["id", "to", "amount"]},
    }
    digest = canonical.digest("tool", definition)
    return ToolPin(system="desk", tool=tool, definition=definition, digest=digest)
