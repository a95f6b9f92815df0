"""Measure what a governed call costs, beside the same call without us.

make bench                       our own path: governed, bare pass-through, direct
make bench ARGS=--quick          a smoke run of a few seconds; with --race as well
make bench ARGS=--write          and write the section in docs/bench.md; with all others as well
make bench ARGS=--profile        where the CPU of a governed call goes
make bench ARGS=--growth         what a call costs with more and more in the ledger
make bench ARGS=--fsync          ledger entries a second against the disk's syncs
make bench ARGS=--boundary       what a decision, a replay, loading and proving a boundary take
make bench ARGS=--people         what people wait for: inbox, question, effect; open consoles
make race                        all of it again beside other gateways (they are installed, once)
make race ARGS=--resume          go on with a race that was broken off
make soak ARGS="--minutes 30"    half of the capacity, with clients that misbehave
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import (
    boundary,
    contest,
    deciding,
    durability,
    flame,
    growth,
    machine,
    pages,
    people,
    plot,
    race,
    report,
    soak,
    standing,
)
from bench.peers.venvs import PLACE
from bench.processes import BenchError
from bench.targets import SYSTEMS, TARGETS

CALLS, ROUNDS, CALLERS = 1000, 5, "1,16,64"
RACE_ROUNDS, RACE_TURN_S = 3, 3.0
QUICK = {
    "calls": 50,
    "rounds": 1,
    "callers": "1,4",
    "turn_s": 1.0,
    "sizes": "1000,3000",
    "waiting": 60,
    "consoles": 5,
}
WIDE = 160
SIZES = "1000,10000,100000,1000000"

Run = Callable[[Path, argparse.Namespace, Console], int]


def main() -> int:
    """Run it. Returns 1 if a call or the soak failed, 2 if it could not run, 130 if stopped."""
    options = _options()
    console = Console(stderr=True)
    # Whoever ends us ends the servers that we started, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="sallyport-bench-", dir=options.folder) as folder:
        try:
            return _chosen(options)(Path(folder), options, console)
        except BenchError as error:
            console.print(f"error: {error}", style="red", markup=False)
            return 2
        except KeyboardInterrupt:
            again = "; go on with ARGS=--resume" if options.race else ""
            console.print(f"stopped{again}", style="red", markup=False)
            return 130


def _chosen(options: argparse.Namespace) -> Run:
    runs: dict[str, Run] = {
        "profile": _profile,
        "race": _race,
        "growth": _growth,
        "fsync": _durability,
        "boundary": _boundary,
        "people": _people,
        "soak": _soak,
    }
    return next((run for name, run in runs.items() if getattr(options, name)), _path)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--race", action="store_true", help="race against other gateways")
    kinds.add_argument("--growth", action="store_true", help="the cost at growing ledgers")
    kinds.add_argument("--fsync", action="store_true", help="the cost of durability")
    kinds.add_argument(
        "--boundary", action="store_true", help="a boundary: deciding, loading, proving"
    )
    kinds.add_argument("--people", action="store_true", help="what people wait for")
    kinds.add_argument("--soak", action="store_true", help="run for long, with bad clients")
    kinds.add_argument("--profile", action="store_true", help="show the widest functions")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls a turn")
    parser.add_argument("--rounds", type=int, help="turns of each target")
    parser.add_argument("--callers", default=CALLERS, help="numbers of callers, as 1,16,64")
    parser.add_argument("--targets", help="which of them to run, separated by `,` (race: `;`)")
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="race: in front of what")
    parser.add_argument("--turn-s", type=float, default=RACE_TURN_S, help="race: longest turn")
    parser.add_argument("--resume", action="store_true", help="race: go on with the last one")
    parser.add_argument("--sizes", default=SIZES, help="growth: ledger entries, as 1000,10000")
    parser.add_argument("--waiting", type=int, default=people.WAITING, help="people: questions")
    parser.add_argument("--consoles", type=int, default=people.CONSOLES, help="people: browsers")
    parser.add_argument("--minutes", type=float, default=2.0, help="soak: how long")
    parser.add_argument("--folder", help="where to keep state: the disk that is measured")
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", action="store_true", help=f"write into {pages.PAGE.name}")
    parser.add_argument("--stacks", type=Path, help="with --profile: write folded stacks here")
    options = parser.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    options.rounds = options.rounds or (RACE_ROUNDS if options.race else ROUNDS)
    return options


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _among(given: Sequence[str], known: Sequence[str], kind: str) -> tuple[str, ...]:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise BenchError(f"no such {kind}: {', '.join(sorted(unknown))}")
    return tuple(given)


def _bar(console: Console) -> Progress:
    told = TextColumn("{task.description}", table_column=None)
    return Progress(BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), told, console=console)


def _tell(options: argparse.Namespace, shown: Iterable[RenderableType], found: Any) -> None:
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        # Into a file or a pipe no column is cut.
        width = None if sys.stdout.isatty() else WIDE
        Console(width=width).print(*shown, sep="\n", soft_wrap=True)


# Our own path


def _path(folder: Path, options: argparse.Namespace, console: Console) -> int:
    named = options.targets.split(",") if options.targets else list(TARGETS)
    plan = race.Plan(
        targets=_among(named, list(TARGETS), "target"),
        callers=_numbers(options.callers),
        calls=options.calls,
        rounds=options.rounds,
    )
    with _bar(console) as progress:
        bar = progress.add_task("starting", total=plan.turns)
        result = asyncio.run(
            race.run(plan, folder, lambda told: progress.update(bar, advance=1, description=told))
        )
    _tell(options, [*report.tables(result), result.machine], report.as_json(result))
    if options.write:
        pages.write("path", report.section(result))
    if result.failed:
        console.print(f"a call failed: {result.failed}", style="red", markup=False)
    return 1 if result.failed else 0


def _profile(folder: Path, options: argparse.Namespace, console: Console) -> int:
    del console
    callers = int(options.callers.split(",")[0]) if options.callers != CALLERS else 16
    found = asyncio.run(flame.profile(folder, calls=options.calls, callers=callers))
    print("\n".join(flame.lines(found)))
    if options.stacks:
        options.stacks.write_text(flame.folded(found), encoding="utf-8")
    return 0


# The race


def _race(folder: Path, options: argparse.Namespace, console: Console) -> int:
    course = _course(options)
    notes = contest.Notes(PLACE / "rounds.jsonl", course)
    if options.resume:
        notes.resume()
    else:
        notes.begin()
    with _bar(console) as progress:
        bar = progress.add_task("starting", total=course.turns)

        def step(told: str) -> None:
            progress.update(bar, advance=1, description=told)
            if not console.is_terminal:
                console.print(told, markup=False, highlight=False)

        asyncio.run(contest.run(course, folder, notes, console.print, step))
    return _raced(course, notes, options, console)


def _course(options: argparse.Namespace) -> contest.Course:
    named = options.targets.split(";") if options.targets else list(contest.RACERS)
    return contest.Course(
        systems=_among(options.systems.split(","), list(SYSTEMS), "system"),
        racers=_among(named, contest.RACERS, "gateway"),
        callers=_numbers(options.callers),
        calls=options.calls,
        rounds=options.rounds,
        within_s=options.turn_s,
    )


def _raced(
    course: contest.Course, notes: contest.Notes, options: argparse.Namespace, console: Console
) -> int:
    found = list(contest.standings(course, notes.rounds))
    at = standing.AT if standing.AT in course.callers else max(course.callers)
    told = machine.line()
    shown: list[RenderableType] = [
        *standing.tables(course, found, at),
        *standing.absences(found),
        told,
    ]
    _tell(options, shown, standing.as_json(course, found, told))
    if options.write:
        pages.write("race", standing.section(course, found, told, at))
        picture = plot.draw(*standing.panels(course, found, at))
        (pages.DOCS / standing.PICTURE).write_text(picture + "\n", encoding="utf-8")
    ours = [one.out[name] for one in found for name in contest.OWN if name in one.out]
    for why in ours:
        console.print(f"our own path failed: {why}", style="red", markup=False)
    return 1 if ours or any(one.errors for one in _own(found)) else 0


def _own(found: Sequence[contest.Standing]) -> list[race.Figures]:
    return [
        figures
        for one in found
        for (name, _), figures in one.figures.items()
        if name in contest.OWN
    ]


# What else there is to know


def _growth(folder: Path, options: argparse.Namespace, console: Console) -> int:
    sizes = _numbers(options.sizes)
    say = _sayer(console)
    points = asyncio.run(growth.run(sizes, folder, calls=options.calls, say=say))
    told = machine.line()
    _tell(options, [growth.table(points), growth.verdict(points), told], growth.as_json(points))
    if options.write:
        pages.write("growth", growth.section(points, told))
    return 0


def _durability(folder: Path, options: argparse.Namespace, console: Console) -> int:
    found = asyncio.run(
        durability.run(folder, calls=options.calls, rounds=options.rounds, say=_sayer(console))
    )
    told = machine.line()
    _tell(options, [*durability.lines(found), told], durability.as_json(found))
    if options.write:
        pages.write("durability", durability.section(found, told))
    return 0


def _boundary(folder: Path, options: argparse.Namespace, console: Console) -> int:
    del folder
    with console.status("measuring"):
        figures = boundary.run(rounds=options.rounds)
        decided = deciding.run(decisions=options.calls)
    told = machine.line()
    found = {**boundary.as_json(figures), "decisions": deciding.as_json(decided)}
    _tell(options, [*boundary.lines(figures), *deciding.lines(decided), told], found)
    if options.write:
        pages.write("boundary", boundary.section(figures, deciding.section(decided), told))
    return 0


def _people(folder: Path, options: argparse.Namespace, console: Console) -> int:
    found = asyncio.run(
        people.run(
            folder,
            waiting=options.waiting,
            consoles=options.consoles,
            calls=options.calls,
            rounds=options.rounds,
            say=_sayer(console),
        )
    )
    told = machine.line()
    _tell(options, [*people.tables(found), *people.lines(found), told], people.as_json(found))
    if options.write:
        pages.write("people", people.section(found, told))
    return 0


def _soak(folder: Path, options: argparse.Namespace, console: Console) -> int:
    found = asyncio.run(soak.run(folder, minutes=options.minutes, say=_sayer(console)))
    told = machine.line()
    _tell(options, [soak.table(found), *soak.lines(found), told], soak.as_json(found))
    if options.write:
        pages.write("soak", soak.section(found, told))
    return 1 if found.faults else 0


def _sayer(console: Console) -> Callable[[str], None]:
    return lambda told: console.print(told, markup=False, highlight=False)


if __name__ == "__main__":
    raise SystemExit(main())
