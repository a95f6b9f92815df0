"""Try the mutants of the rules, and say which of them no test notices.

python -m scripts.mutants                            what is not known yet of all of the rules
python -m scripts.mutants boundary.evaluate decide   two modules
python -m scripts.mutants boundary.evaluate --alive  only say which live, from what is known
python -m scripts.mutants --report                   the figures, module by module
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Final

from scripts.mutants import made
from scripts.mutants.atlas import CACHE, refresh
from scripts.mutants.made import ROOT, Mutant
from scripts.mutants.results import Results, Row, is_argued
from scripts.mutants.trying import Tryer, Verdict
from scripts.mutants.typed import refused

_KNOWN: Final = ("hypothesis", "jsonschema_rs", "pytest", "yaml", "anyio", "rich.console", "typer")

_tryers: list[Tryer] = []


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was asked for."""

    modules: tuple[str, ...]
    only: str
    workers: int
    sample: int
    ways: str
    fresh: bool
    unsettled: bool
    again: bool
    measure: tuple[str, ...]


def _begin(tryer: Tryer) -> None:
    _tryers.append(tryer)


def _try(mutant: Mutant, text: str, known: Row | None) -> Verdict:
    if known is None:
        return _tryers[0].verdict(mutant, text)
    return _tryers[0].again(mutant, text, str(known["by"]), str(known["way"]))


def wanted(chosen: Chosen) -> list[Mutant]:
    """Return the mutants that were asked for."""
    found = [m for module in chosen.modules for m in made.mutants(module) if chosen.only in m.name]
    if not chosen.sample:
        return found
    picked = random.Random(chosen.sample).sample(found, min(chosen.sample, len(found)))  # noqa: S311
    return sorted(picked, key=lambda m: (m.module, m.number))


def run(chosen: Chosen, results: Results) -> None:
    """Try what is not known yet, and keep what came of it."""
    atlas = refresh(chosen.workers, chosen.measure)
    todo = list(left(chosen, results))
    texts = {module: made.read(module).text for module in {m.module for m in todo}}
    tryer = Tryer(atlas, results.noticed(), ways=chosen.ways)
    context = get_context("fork")
    with ProcessPoolExecutor(
        chosen.workers, context, initializer=_begin, initargs=(tryer,)
    ) as pool:
        known = (results.of(m) if chosen.again else None for m in todo)
        futures = pool.map(_try, todo, (texts[m.module] for m in todo), known, chunksize=4)
        for verdict in _counted(futures, len(todo)):
            if verdict.is_known:
                results.keep(verdict)


def left(chosen: Chosen, results: Results) -> Iterator[Mutant]:
    """Yield what is to be tried: what is not known; `unsettled`, what nobody noticed so far.

    With `again`, what a test noticed.
    """
    for mutant in wanted(chosen):
        if chosen.again:
            known = results.of(mutant)
            if known is not None and known["killed"] and known["way"] != "types":
                yield mutant
        elif chosen.unsettled:
            known = results.of(mutant)
            if known is None or not (known["killed"] or is_argued(mutant.name)):
                yield mutant
        elif chosen.fresh or not results.knows(mutant):
            yield mutant


def look_at_types(chosen: Chosen, results: Results) -> None:
    """Ask the type checker about what lives or is not known yet."""
    unsettled = list(left(replace(chosen, unsettled=True, again=False), results))
    for verdict in refused(unsettled):
        results.keep(verdict)


def _counted(verdicts: Iterator[Verdict], total: int) -> Iterator[Verdict]:
    """Say now and then how far it is."""
    began, alive = time.monotonic(), 0
    for number, verdict in enumerate(verdicts, start=1):
        alive += not verdict.killed
        yield verdict
        if number % 50 == 0 or number == total:
            pace = (time.monotonic() - began) / number
            left = pace * (total - number) / 60
            print(
                f"{number} of {total}, {alive} live, {pace:.2f} s each, {left:.0f} min left: "
                f"{verdict.mutant.module}",
                file=sys.stderr,
                flush=True,
            )


def say(chosen: Chosen, results: Results, *, as_json: bool) -> int:
    """Print the figures and whatever lives; 1 if something lives that nobody argued about."""
    rows = [results.row(module) for module in chosen.modules]
    if as_json:
        print(json.dumps(rows, indent=1))
        return int(any(row["alive"] for row in rows))
    for row in rows:
        print(
            f"{row['module']:28} {row['mutants']:5} mutants {row['tried']:5} tried "
            f"{row['killed']:5} killed {row['argued']:4} argued {row['alive']:4} alive"
        )
    names = ("mutants", "tried", "killed", "argued", "alive")
    total = {name: sum(int(row[name]) for row in rows) for name in names}
    print(" ".join(f"{total[name]} {name}," for name in names).rstrip(","))
    return int(total["alive"] > 0)


def say_alive(chosen: Chosen, results: Results) -> None:
    """Print what lives and stands in no argument: its place and what was changed."""
    for mutant in wanted(chosen):
        found = results.of(mutant)
        if found is not None and not found["killed"] and not is_argued(mutant.name):
            reached = found["reached_by"]
            print(
                f"{made.path_of(mutant.module).relative_to(ROOT)}:{mutant.first} ({reached} tests)"
            )
            print(f"    {mutant.name}")


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", help="below sallyport.rules; all if none is named")
    parser.add_argument("--only", default="", metavar="TEXT", help="whose name holds this text")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N of them, by chance")
    parser.add_argument(
        "--quick",
        dest="ways",
        action="store_const",
        const="quick",
        default="both",
        help="ask for a moment, and leave out what only the slow way can tell",
    )
    parser.add_argument(
        "--slow", dest="ways", action="store_const", const="slow", help="collect anew for each"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what is known of them")
    parser.add_argument(
        "--unsettled", action="store_true", help="only what nobody noticed so far, tests or types"
    )
    parser.add_argument(
        "--again", action="store_true", help="ask whatever noticed each of them once more"
    )
    parser.add_argument("--types", action="store_true", help="ask the type checker, not the tests")
    parser.add_argument(
        "--measure", action="append", default=[], metavar="FILE", help="only this, if it changed"
    )
    parser.add_argument("--alive", action="store_true", help="only say which live")
    parser.add_argument("--report", action="store_true", help="only say the figures")
    parser.add_argument("--list", action="store_true", help="only name them")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    if unknown := sorted({*asked.modules} - {*made.modules()}):
        parser.error(f"no module below sallyport.rules: {', '.join(unknown)}")
    chosen = Chosen(
        modules=tuple(asked.modules or made.modules()),
        only=asked.only,
        workers=asked.workers,
        sample=asked.sample,
        ways=asked.ways,
        fresh=asked.fresh,
        unsettled=asked.unsettled,
        again=asked.again,
        measure=tuple(asked.measure),
    )
    os.chdir(ROOT)
    os.environ.setdefault("HYPOTHESIS_PROFILE", "mutation")
    CACHE.mkdir(parents=True, exist_ok=True)
    if asked.list:
        for mutant in wanted(chosen):
            print(f"{mutant.first:4} {mutant.name}")
        return 0
    results = Results("slow" if asked.ways == "slow" else "")
    if asked.types:
        look_at_types(chosen, results)
    elif not (asked.alive or asked.report):
        run(chosen, results)
        if asked.ways == "both" and not asked.again:
            look_at_types(chosen, results)
    if not asked.report:
        say_alive(chosen, results)
    return say(chosen, results, as_json=asked.json)


def _import_what_is_not_ours(names: Sequence[str]) -> None:
    """Import what every child needs and no mutant changes: once, for all that are forked."""
    for name in names:
        importlib.import_module(name)


if __name__ == "__main__":
    _import_what_is_not_ours(_KNOWN)
    sys.exit(main())
