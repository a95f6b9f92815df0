"""Measure what a governed call costs, beside the same call without us.

make bench                       the whole table
make bench ARGS=--quick          a smoke run of a few seconds
make bench ARGS=--write          and write docs/bench.md
make bench ARGS=--profile        where the CPU of a governed call goes
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench import flame, report
from bench.processes import BenchError
from bench.race import Plan, Result, run
from bench.targets import TARGETS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bench.md"
CALLS, ROUNDS, CALLERS = 1000, 5, "1,16,64"
QUICK = {"calls": 50, "rounds": 1, "callers": "1,4"}


def main() -> int:
    """Run it. Returns 1 if any call failed, 2 if it could not run."""
    options = _options()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-", dir=options.folder) as folder:
        try:
            if options.profile:
                return _profile(Path(folder), options)
            return _told(_race(Path(folder), options, console), options, console)
        except BenchError as error:
            console.print(f"error: {error}", style="red", markup=False)
            return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=CALLS, help="calls a turn")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each target")
    parser.add_argument("--callers", default=CALLERS, help="numbers of callers, as 1,16,64")
    parser.add_argument("--targets", default=",".join(TARGETS), help="which of them to run")
    parser.add_argument("--folder", help="where to keep state: the disk that is measured")
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    parser.add_argument("--profile", action="store_true", help="show the widest functions")
    parser.add_argument("--stacks", type=Path, help="with --profile: write folded stacks here")
    options = parser.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    return options


def _plan(options: argparse.Namespace) -> Plan:
    targets = tuple(options.targets.split(","))
    unknown = set(targets) - set(TARGETS)
    if unknown:
        raise BenchError(f"no such target: {', '.join(sorted(unknown))}")
    return Plan(
        targets=targets,
        callers=tuple(int(number) for number in options.callers.split(",")),
        calls=options.calls,
        rounds=options.rounds,
    )


def _race(folder: Path, options: argparse.Namespace, console: Console) -> Result:
    plan = _plan(options)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("starting", total=plan.turns)
        return asyncio.run(
            run(plan, folder, lambda told: progress.update(bar, advance=1, description=told))
        )


def _told(result: Result, options: argparse.Namespace, console: Console) -> int:
    if options.json:
        print(json.dumps(report.as_json(result), indent=2))
    else:
        screen = Console()
        screen.print(*report.tables(result), result.machine, sep="\n", soft_wrap=True)
    if options.write:
        PAGE.write_text(report.page(result), encoding="utf-8")
    if result.failed:
        console.print(f"a call failed: {result.failed}", style="red", markup=False)
    return 1 if result.failed else 0


def _profile(folder: Path, options: argparse.Namespace) -> int:
    callers = int(options.callers.split(",")[0]) if options.callers != CALLERS else 16
    found = asyncio.run(flame.profile(folder, calls=options.calls, callers=callers))
    print("\n".join(flame.lines(found)))
    if options.stacks:
        options.stacks.write_text(flame.folded(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
