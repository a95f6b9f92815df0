"""Try real clients and both generations of the SDK, through a real gateway: `make clients`.

    python -m tests.clients.run [--direct] [--only WORD] [--json]

Each line of the table is one step, and passed only if the client was told what it should be and the
upstream's own journal says the same. Exit code 0 means that all have passed. `--direct` leaves the
gateway out: what fails then is the SDKs' own, or this script's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from tests.clients import apps, example
from tests.clients.boundary import Desk, furnish
from tests.clients.processes import need, upstream
from tests.clients.sdks import CLIENTS, FEATURES, SDK2, SDKS, TRANSPORTS, Client, Pair, Sdk
from tests.real_gateway import RealGateway, real_gateway

Done = TypeVar("Done")

WHY_LENGTH = 160
HOLD_S = 25
SHARED = "sdk2-http"
SDK1_ERA = "2025-11-25"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the table."""

    part: str
    name: str
    passed: bool
    why: str
    took_ms: int


def say(line: str) -> None:
    """Print a line at once, so that whoever waits sees it."""
    print(line, flush=True)  # noqa: T201 - what this script is for


class Run:
    """Does one step after the other, and keeps what became of each."""

    def __init__(self, *, only: str, quiet: bool) -> None:
        self.steps: list[Step] = []
        self._only = only
        self._quiet = quiet

    def wants(self, part: str) -> bool:
        """Return whether a part was asked for."""
        return self._only in part

    def step(self, part: str, name: str, do: Callable[[], Done]) -> Done | None:
        """Do a step and return what it brings; what goes wrong in it is its own line."""
        started = time.monotonic()
        brought, why = None, ""
        try:
            brought = do()
        except Exception as error:  # noqa: BLE001 - the next step is tried all the same
            why = " ".join(f"{error}".split()) or type(error).__name__
        took_ms = round((time.monotonic() - started) * 1000)
        step = Step(part=part, name=name, passed=not why, why=why, took_ms=took_ms)
        self.steps.append(step)
        if not self._quiet:
            say(_row(step))
        return brought

    @property
    def passed(self) -> bool:
        """Whether there were steps and all have passed."""
        return bool(self.steps) and all(step.passed for step in self.steps)

    def report(self) -> None:
        """Print how many have passed, or everything as one object."""
        if self._quiet:
            say(json.dumps({"passed": self.passed, "steps": [asdict(one) for one in self.steps]}))
        else:
            say(f"{sum(one.passed for one in self.steps)} of {len(self.steps)} steps passed")


def _row(step: Step) -> str:
    verdict = "passed" if step.passed else "FAILED"
    return f"{verdict}  {step.part:44}  {step.name:34} {step.took_ms:6} ms  {step.why[:WHY_LENGTH]}"


# The SDKs


@dataclass(frozen=True, slots=True)
class Place:
    """An upstream, and how it is reached."""

    sdk: Sdk
    transport: str
    journal: Path
    url: str

    @property
    def name(self) -> str:
        """What its workflow is called."""
        return f"{self.sdk.name}-{self.transport}"

    @property
    def title(self) -> str:
        """What a table calls it."""
        return f"mcp {self.sdk.version} over {self.transport}"

    @property
    def target(self) -> dict[str, Any]:
        """Where a client connects that comes without a gateway."""
        if self.url:
            return {"url": self.url, "headers": {}}
        command = self.sdk.server("stdio")
        return {"command": command, "env": {"JOURNAL": str(self.journal)}}

    def behind(self, gateway: RealGateway) -> Desk:
        """Put a gateway in front of it."""
        if self.url:
            return furnish(gateway, self.name, url=self.url)
        environment = {"JOURNAL": str(self.journal)}
        command = self.sdk.server("stdio")
        return furnish(gateway, self.name, command=command, environment=environment)


@contextmanager
def places(folder: Path, log: IO[bytes]) -> Generator[list[Place]]:
    """Serve every upstream for as long as the block lasts; those on stdio start when needed."""
    found: list[Place] = []
    with ExitStack() as ending:
        for sdk in SDKS:
            for transport in TRANSPORTS:
                journal = folder / f"{sdk.name}-{transport}.journal"
                journal.touch()
                url = ""
                if transport == "http":
                    url = ending.enter_context(upstream(sdk.server("http"), journal, log))
                found.append(Place(sdk, transport, journal, url))
        yield found


def direct(run: Run, place: Place) -> None:
    """Let every client do everything at an upstream, with nothing in between."""
    for client in CLIENTS:
        era = client.era if place.sdk is SDK2 else SDK1_ERA
        where = f"{client.title} to {place.title}"
        features(run, where, client, At(place.target, place.journal, era))


def through(run: Run, place: Place, desk: Desk) -> None:
    """Let every client do everything at an upstream, through a gateway."""
    for client in CLIENTS:
        where = f"{client.title} to {place.title}"
        features(run, where, client, At(desk.target, place.journal, client.era))


@dataclass(frozen=True, slots=True)
class At:
    """Where a client connects, whose journal stands at the other end, and what era is spoken."""

    target: dict[str, Any]
    journal: Path
    era: str


def features(run: Run, part: str, client: Client, at: At) -> None:
    """Let a client do everything at one place; if it cannot connect, that is what fails."""
    if not run.wants(part):
        return
    with client.connected(at.target) as talking:
        pair = Pair(talking, at.journal, at.era)
        for name, feature in FEATURES.items():
            run.step(part, name, partial(feature, pair))


# Clients that other people wrote


def try_apps(run: Run, place: Place, patient: Desk, hasty: Desk) -> None:
    """Let each read, be refused, and wait for a person in both ways."""
    for number, kind in enumerate(apps.KINDS):
        if not run.wants(kind.title):
            continue
        now, later = f"now {number}", f"later {number}"
        with kind.at(patient) as app:
            run.step(kind.title, "list and call", partial(apps.sees, app))
            run.step(kind.title, "refused", partial(apps.is_refused, app))
            meanwhile = partial(apps.answered_meanwhile, app, patient, place.journal, text=now)
            run.step(kind.title, "held, answered meanwhile", meanwhile)
            if kind.slow_s:
                slow = partial(meanwhile, text=f"slow {number}", after_s=kind.slow_s)
                run.step(kind.title, f"held, answered after {kind.slow_s} s", slow)
        if kind.hasty_s:
            with kind.at(patient, patience_s=kind.hasty_s) as app:
                gives_up = partial(apps.gives_up, app, patient, place.journal, f"lost {number}")
                run.step(kind.title, "held, gave up, repeated", gives_up)
        with kind.at(hasty) as app:
            if kind.tasks:
                task = partial(apps.answered_meanwhile, app, hasty, place.journal, later)
                run.step(kind.title, "held as a task, answered later", task)
                continue
            afterwards = partial(apps.answered_later, app, hasty, place.journal, later)
            run.step(kind.title, "held, answered later, repeated", afterwards)


def try_example(run: Run, folder: Path) -> None:
    """Do what the README of the example for LangGraph says."""
    part = "examples/langgraph"
    if not run.wants(part):
        return
    with example.connected(folder) as connected:
        for name, step in example.STEPS.items():
            run.step(part, name, partial(step, connected))


def intact(gateway: RealGateway) -> None:
    """The ledger verifies after all that."""
    found = gateway.client.verify_log()
    need(found["intact"], f"{found['problems']}")


def governed(run: Run, upstreams: list[Place], folder: Path) -> None:
    """Serve two gateways, one that holds calls open and one that does not, and try everyone."""
    with (
        real_gateway(folder / "patient", hold_s=HOLD_S) as patient,
        real_gateway(folder / "hasty", hold_s=0) as hasty,
    ):
        for place in upstreams:
            desk = run.step(place.title, "a boundary in force", partial(place.behind, patient))
            if desk is not None:
                through(run, place, desk)
            if desk is not None and place.name == SHARED:
                try_apps(run, place, desk, place.behind(hasty))
        for gateway in (patient, hasty):
            run.step("the ledger", "verified", partial(intact, gateway))


def main() -> int:
    """Run what was asked for; return 0 only if every step has passed."""
    chosen = _options()
    run = Run(only=chosen.only, quiet=chosen.json)
    with tempfile.TemporaryDirectory() as named, ExitStack() as ending:
        folder = Path(named)
        log = ending.enter_context((folder / "servers.log").open("wb"))
        for place in (upstreams := ending.enter_context(places(folder, log))):
            if chosen.direct:
                direct(run, place)
        if not chosen.direct:
            governed(run, upstreams, folder)
            try_example(run, folder)
    run.report()
    return 0 if run.passed else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="clients", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--direct", action="store_true", help="the SDKs alone, without a gateway")
    parser.add_argument("--only", default="", metavar="WORD", help="parts that contain this")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
