"""Run the official MCP conformance suite, pinned, through a gateway with its rules and ledger on.

    python -m tests.conformance.run [--direct] [--only 2026-07-28] [--keep FOLDER]

It starts our own server with one of everything (`tests/servers/everything.py`), a gateway of its
own with a signed boundary that allows each of that server's tools, resources and prompts, and the
suite against the gateway. Three tools ask a person, who sits beside it and answers. The suite
cannot send a header, so the gateway's unsafe door is open. Both requirement sets are frozen by the
suite; exit code 0 means that every scenario they require has passed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast

import yaml

from sallyport.adapters.keys import PersonKey
from sallyport.doors.client import LocalClient
from sallyport.errors import SallyportError
from sallyport.model import Ability, JsonObject, Level
from sallyport.rules.boundary.new import Answers, render_system, render_workflow
from tests.real_gateway import OWNER, REQUESTER, REQUESTER_ROLE, RealGateway, real_gateway

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EVERYTHING = ROOT / "tests" / "servers" / "everything.py"
SUITE = HERE / "node_modules" / "@modelcontextprotocol" / "conformance"
REVISIONS = ("2025-11-25", "2026-07-28")
NODE_MIN = 22
WORKFLOW, AGENT = "everything", "suite"
STARTS_S, RUNS_S = 60, 900
CALLS = 1_000_000
REASON_LENGTH = 200
ASKING = frozenset({"slow_compute", "failing_job", "protocol_error_job"})
"""The tools that wait for a person: what the suite expects to become tasks."""

PATIENCE_S = 30
"""What takes longer than this the person leaves waiting, so that the suite can take it back."""

LOOKS_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario of the suite: whether a revision requires it, and what came of it."""

    name: str
    required: bool
    ran: bool
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it ran and nothing in it failed."""
        return self.ran and not self.failures

    @property
    def about_tasks(self) -> bool:
        """Whether it is about the extension for tasks."""
        return self.name.startswith("tasks-")


# What the suite found


def requirements(revision: str) -> dict[str, bool]:
    """Return the server scenarios that a revision's set runs, and whether it requires each."""
    text = (SUITE / "requirements" / f"{revision}.yaml").read_text(encoding="utf-8")
    table = cast("dict[str, Any]", yaml.safe_load(text))
    found = dict.fromkeys(cast("list[str]", table["server"]), True)
    extra = cast("list[dict[str, str]]", table["not_scored"])
    return found | {one["scenario"]: False for one in extra if one["leg"] == "server"}


def read_results(folder: Path, revision: str) -> list[Scenario]:
    """Return what became of every scenario; one that left no checks did not run."""
    return [
        _scenario(folder, name, required=required)
        for name, required in requirements(revision).items()
    ]


def _scenario(folder: Path, name: str, *, required: bool) -> Scenario:
    files = sorted(folder.glob(f"server-{name}-[0-9][0-9][0-9][0-9]-*/checks.json"))
    checks = cast(
        "list[dict[str, Any]]", json.loads(files[-1].read_text(encoding="utf-8")) if files else []
    )
    failures = tuple(
        f"{one['id']}: {' '.join(str(one.get('errorMessage') or 'no reason given').split())}"
        for one in checks
        if one["status"] == "FAILURE"
    )
    return Scenario(name=name, required=required, ran=bool(files), failures=failures)


def say(line: str) -> None:
    """Print a line at once, so that whoever waits sees it."""
    print(line, flush=True)  # noqa: T201 - what this script is for


def report(revision: str, found: Sequence[Scenario]) -> bool:
    """Print the counts and every failure; return whether all that is required has passed."""
    required = [one for one in found if one.required]
    passed = sum(one.passed for one in required)
    say(f"\n{revision}: {passed}/{len(required)}")
    tasks = [one for one in found if one.about_tasks]
    if tasks:
        say(f"{revision} Tasks: {sum(one.passed for one in tasks)}/{len(tasks)}")
    for one in found:
        if not one.passed:
            say(_explained(one))
    return passed == len(required)


def _explained(one: Scenario) -> str:
    first, *others = one.failures or ("it did not run",)
    more = f" (and {len(others)} more)" if others else ""
    kind = "failed" if one.required else "not required"
    return f"  {kind:12}  {one.name:45}  {first[:REASON_LENGTH]}{more}"


# What is started


@contextmanager
def _process(command: Sequence[str], log: IO[bytes]) -> Generator[subprocess.Popen[bytes]]:
    """Run a program for as long as the block lasts; it is stopped by its handle."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STARTS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def everything(log: IO[bytes]) -> Generator[str]:
    """Serve our server with one of everything; the block gets its address."""
    with _process((sys.executable, str(EVERYTHING)), log) as process:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        if not port:
            raise SystemExit(f"{EVERYTHING.name} did not start, see {log.name}")
        yield f"http://127.0.0.1:{port}/mcp"


def furnish(home: Path, url: str) -> tuple[int, PersonKey]:
    """Sign a boundary that has every tool of a server; return how many, and the person's key."""
    with real_gateway(home) as gateway:
        bare = render_system(WORKFLOW, url=url)
        offered = gateway.client.inspect(bare, file=f"{WORKFLOW}.yaml")["tools"]
        tools = [one["definition"] for one in offered]
        reads = [name for one in tools if (name := str(one["name"])) not in ASKING]
        system = render_system(WORKFLOW, url=url, reads=reads)
        text = render_workflow(_answers(), [(one, _level(one)) for one in tools])
        gateway.sign(text, {f"{WORKFLOW}.yaml": system})
        gateway.add_agent(AGENT)
        return len(tools), gateway.key


def _level(definition: JsonObject) -> Level:
    return Level.UPDATE if definition["name"] in ASKING else Level.READ


def _answers() -> Answers:
    return Answers(
        name=WORKFLOW,
        purpose="Run the conformance suite.",
        owner=OWNER,
        agent=AGENT,
        requesters=(REQUESTER_ROLE,),
        expires=datetime.fromtimestamp(time.time(), UTC).date() + timedelta(days=30),
        system=WORKFLOW,
        asks=("reviewer",),
        calls_per_task=CALLS,
        may_ask=tuple(Ability),
    )


@contextmanager
def gateway(home: Path, log: IO[bytes], key: PersonKey) -> Generator[str]:
    """Serve a furnished home with its unsafe door open; the block gets the workflow's address."""
    command = (sys.executable, "-m", "sallyport", "serve", "--home", str(home))
    unsafe = ("--unsafe-loopback-agent", AGENT, "--unsafe-loopback-requester", REQUESTER)
    with _process((*command, *unsafe), log) as process:
        url = _address(home, process, log)
        client = LocalClient(home)
        served = RealGateway(
            home=home,
            url=url,
            process=process,
            client=client,
            key=key,
            second=PersonKey.generate(),
            log=lambda: log.name,
        )
        with person(served):
            yield served.mcp_url(WORKFLOW)


@contextmanager
def person(served: RealGateway) -> Generator[None]:
    """Have somebody say yes to what waits, but for what takes too long, while the block lasts."""
    over = threading.Event()

    def answer() -> None:
        while not over.wait(LOOKS_EVERY_S):
            # What was taken back in the meantime cannot be answered any more.
            with contextlib.suppress(SallyportError):
                for item in served.client.inbox():
                    if item["kind"] == "question" and _is_short(item["args"]):
                        served.answer(item, yes=True)

    watching = threading.Thread(target=answer)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join(STARTS_S)


def _is_short(args: Mapping[str, Any]) -> bool:
    return float(args.get("seconds", 0)) < PATIENCE_S


def _address(home: Path, process: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    deadline = time.monotonic() + STARTS_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return str(LocalClient(home).status()["url"])
        except SallyportError:
            time.sleep(0.1)
    raise SystemExit(f"the gateway did not start, see {log.name}")


def verified(home: Path) -> str:
    """Return what the ledger says of itself after the suite."""
    found = LocalClient(home).verify_log()
    return f"{found['entries']} entries, {'intact' if found['intact'] else found['problems']}"


def node() -> str:
    """Return a node that is new enough: the environment's own, else the machine's."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is not None:
        said = subprocess.run((found, "--version"), capture_output=True, text=True, check=True)
        if int(said.stdout.removeprefix("v").partition(".")[0]) >= NODE_MIN:
            return found
    raise SystemExit(f"the suite needs node {NODE_MIN} or newer: run `make dev`")


def run_suite(url: str, revision: str, folder: Path) -> list[Scenario]:
    """Run one requirement set against an address."""
    if not SUITE.exists():
        raise SystemExit("the suite is not installed: run `make conformance`")
    script = str(SUITE / "dist" / "index.js")
    command = (node(), script, "server", "--url", url, "--requirements", revision)
    with (folder / f"suite-{revision}.log").open("wb") as log:
        subprocess.run(
            (*command, "-o", str(folder / revision)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=RUNS_S,
            check=False,  # its exit code says less than the checks that it leaves
        )
    return read_results(folder / revision, revision)


# The run


def main() -> int:
    """Run what was asked for; return 0 only when all that is required has passed."""
    chosen = _options()
    place = nullcontext(chosen.keep) if chosen.keep else tempfile.TemporaryDirectory()
    with place as named, ExitStack() as ending:
        folder = Path(named).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        log = ending.enter_context((folder / "servers.log").open("wb"))
        upstream = ending.enter_context(everything(log))
        url = upstream
        if not chosen.direct:
            number, key = furnish(folder / "home", upstream)
            say(f"a boundary has {number} tools and methods, {len(ASKING)} of which ask a person")
            url = ending.enter_context(gateway(folder / "home", log, key))
        revisions = (chosen.only,) if chosen.only else REVISIONS
        passed = [report(one, run_suite(url, one, folder)) for one in revisions]
        if not chosen.direct:
            say(f"\nledger: {verified(folder / 'home')}")
    return 0 if all(passed) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--direct", action="store_true", help="without the gateway")
    parser.add_argument("--only", choices=REVISIONS, help="one revision's requirements")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave every check there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
