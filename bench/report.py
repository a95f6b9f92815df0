"""A finished run as a table on the screen, as a section of the documentation, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from bench import pages
from bench.race import Result
from bench.targets import BARE, DIRECT

COLUMNS = (
    "callers",
    "target",
    "CPU ms/call",
    f"x {BARE}",
    f"x {DIRECT}",
    "p50 ms",
    "p99 ms",
    "calls/s",
    "errors",
    "disk syncs/s",
)
MEMORY_COLUMNS = ("target", "peak MiB", "at the end MiB", "after calls")


def rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table: one for each number of callers and target."""
    for callers in result.plan.callers:
        for name in result.plan.targets:
            found = result.figures[name, callers]
            yield (
                str(callers),
                name,
                f"{found.cpu_ms:.3f}",
                ratio(result, name, BARE, callers),
                ratio(result, name, DIRECT, callers),
                f"{found.p50_ms:.2f}",
                f"{found.p99_ms:.2f}",
                f"{found.calls_per_s:.0f}",
                str(found.errors),
                f"{found.syncs_per_s:.0f}",
            )


def ratio(result: Result, name: str, to: str, callers: int) -> str:
    """Return how many times the CPU of another target this one took in the same run."""
    other = result.figures.get((to, callers))
    if other is None or other.cpu_ms == 0:
        return "-"
    return f"{result.figures[name, callers].cpu_ms / other.cpu_ms:.2f}"


def memory_rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the memory table."""
    for name, found in result.memory.items():
        yield name, f"{found.peak_mib:.0f}", f"{found.now_mib:.0f}", str(found.calls)


def tables(result: Result) -> Iterator[Table]:
    """Yield the tables for the screen."""
    plan = result.plan
    title = f"{plan.calls} calls a turn, medians of {plan.rounds} rounds"
    for caption, columns, lines in (
        (title, COLUMNS, rows(result)),
        ("memory", MEMORY_COLUMNS, memory_rows(result)),
    ):
        table = Table(*columns, title=caption, title_justify="left")
        for line in lines:
            table.add_row(*line)
        yield table


def as_json(result: Result) -> dict[str, Any]:
    """Return the run as JSON: figures by target, then by number of callers."""
    figures: dict[str, dict[str, Any]] = {}
    for (name, callers), found in result.figures.items():
        figures.setdefault(name, {})[str(callers)] = asdict(found)
    return {
        "machine": result.machine,
        "plan": asdict(result.plan),
        "figures": figures,
        "memory": {name: asdict(found) for name, found in result.memory.items()},
    }


def section(result: Result) -> str:
    """Return the run as a section of the documentation."""
    plan = result.plan
    return f"""## The governed path: `make bench ARGS=--write`

- Machine: {result.machine}.
- Run: {plan.calls} calls a turn, {plan.rounds} rounds in turns, medians; no two calls are alike.
- *governed* is `sallyport serve` with a signed boundary, all checks, the ledger and its fsyncs.
  *pass-through* is our own server and upstream client with nothing in between. *direct* is the
  system itself, an MCP server that does next to nothing.
- CPU is that of the target's own processes.

{pages.table(COLUMNS, rows(result))}

{pages.table(MEMORY_COLUMNS, memory_rows(result))}
"""
