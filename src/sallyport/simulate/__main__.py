"""Runs many seeded worlds and says what was found: `python -m sallyport.simulate --seeds 2000`.

Exits with 1 when an invariant broke, and names the command that shows that world step by step.
"""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from sallyport.simulate.report import Report
from sallyport.simulate.world import STEPS, World

Seeds = Annotated[int, typer.Option(min=1, help="How many worlds to run.")]
First = Annotated[int, typer.Option(min=0, help="The first seed.")]
Only = Annotated[int | None, typer.Option("--seed", min=0, help="Run this one world.")]
Steps = Annotated[int, typer.Option(min=1, help="Steps before a world is brought to rest.")]
Trace = Annotated[bool, typer.Option("--trace", help="With --seed: print every step.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def simulate(
    *,
    seeds: Seeds = 200,
    first: First = 0,
    seed: Only = None,
    steps: Steps = STEPS,
    trace: Trace = False,
    as_json: AsJson = False,
) -> None:
    """Run seeded worlds around the real flow and check every invariant after every step."""
    console = Console(stderr=True, highlight=False)
    wanted = range(first, first + seeds) if seed is None else range(seed, seed + 1)

    def told(line: str) -> None:
        console.print(line, markup=False)

    started = time.monotonic()
    report = Report()
    with _progress(console, hidden=trace) as progress:
        bar = progress.add_task("worlds", total=len(wanted))
        for number in wanted:
            report.add(World(number, steps=steps, trace=told if trace else None).run())
            progress.advance(bar)
    seconds = round(time.monotonic() - started, 1)
    figures = report.as_json() | {"seconds": seconds}
    typer.echo(json.dumps(figures, indent=2) if as_json else report.in_words(seconds))
    raise typer.Exit(1 if report.violations else 0)


def _progress(console: Console, *, hidden: bool) -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden)


if __name__ == "__main__":
    typer.run(simulate)
