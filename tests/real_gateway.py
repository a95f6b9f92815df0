"""A real gateway for tests: `sallyport serve` as a process of its own, and the people who run it.

Nothing of it runs in the test's process, so what a test sees is what a client or an operator sees.
It is stopped by its handle, and waited for; no test leaves one behind.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar

from sallyport.adapters.keys import PersonKey
from sallyport.doors.client import LocalClient
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules.statements import Signed, statement
from tests.signers import sign_off_at

OWNER = "lena"
"""Enrolled at the start, with a key; signs boundaries and answers questions."""

REQUESTER = "nora"
"""Enrolled at the start, without a key: only asks for things, through agents."""

OWNER_ROLES = ("administrator", "operator", "owner", "reviewer")
SECOND = "vera"
"""Enrolled at the start, with a key: signs boundaries besides the owner."""

REQUESTER_ROLE = "staff"
WORKS_S = 30

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealGateway:
    """A gateway that serves, and a person's key to run it with.

    `url` is where agents come in; `log` returns what the process has written so far.
    """

    home: Path
    url: str
    process: subprocess.Popen[bytes]
    client: LocalClient
    key: PersonKey
    second: PersonKey
    log: Callable[[], str]

    def mcp_url(self, workflow: str) -> str:
        """Return the MCP endpoint of a workflow."""
        return f"{self.url}/mcp/{workflow}"

    def signed(self, verb: str, details: JsonObject) -> Signed:
        """Sign a statement as the owner, now."""
        at_us = time.time_ns() // 1000
        said = statement(verb, details, person=OWNER, at_us=at_us)
        return Signed(person=OWNER, at_us=at_us, signature=self.key.sign(said))

    def add_agent(self, name: str, *, stage: str = "live") -> None:
        """Register an agent and move it to a stage."""
        self.client.add_agent(name, owner=OWNER, purpose="be tested", contact=OWNER, by=OWNER)
        self.stage(name, stage)

    def stage(self, agent: str, stage: str) -> None:
        """Move an agent to a stage."""
        because = "a test wants it there"
        details: JsonObject = {"agent": agent, "stage": stage, "because": because}
        signed = self.signed("stage", details)
        self.client.stage(agent, stage, because=because, signed=signed)

    @contextmanager
    def staged(self, agent: str, stage: str) -> Generator[None]:
        """Have an agent at a stage for as long as the block lasts, then live again."""
        self.stage(agent, stage)
        try:
            yield
        finally:
            self.stage(agent, "live")

    def sign(self, workflow: str, systems: Mapping[str, str]) -> None:
        """Put a boundary in force from file texts; whatever its check says is a failure."""
        proposed = self.client.propose(workflow, file="workflow.yaml", systems=systems)
        sign_off_at(self.client, proposed, {OWNER: self.key, SECOND: self.second})

    def agent_token(self, agent: str, workflow: str) -> str:
        """Return a key for an agent's standing task, asked for by the requester."""
        return self.client.make_token(
            "agent", by=OWNER, agent=agent, workflow=workflow, person=REQUESTER
        )

    def waiting(self, kind: str, *, workflow: str, tool: str) -> list[dict[str, Any]]:
        """Return the questions or drafts about a tool of a workflow that wait now."""
        wanted = (kind, workflow, tool)
        items = self.client.inbox()
        return [one for one in items if (one["kind"], one["workflow"], one["tool"]) == wanted]

    def answer(self, question: Mapping[str, Any], *, yes: bool) -> None:
        """Answer a question as the owner."""
        shown = self.client.item(question["id"])
        at_us, because = time.time_ns() // 1000, "looked at it"
        more = {} if yes else {"code": "other"}
        if yes and shown["confirm"]:
            more = {"typed": shown["confirm"]["value"]}
        said: JsonObject = {"person": OWNER, "yes": yes, "because": because, "at_us": at_us}
        said |= more
        self.client.answer(
            question["id"],
            person=OWNER,
            yes=yes,
            because=because,
            at_us=at_us,
            signature=self.key.sign(approvals.signable(shown["statement_of"], said)),
            **more,
        )

    def settled(self, call: str) -> dict[str, Any]:
        """Return a call once it no longer waits."""

        def over() -> dict[str, Any] | None:
            found = self.client.call(call)
            return found if found["ending"] != "waiting" else None

        return until(over)


@contextmanager
def real_gateway(
    home: Path,
    *,
    hold_s: int = 45,
    credentials: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Generator[RealGateway]:
    """Serve a fresh home, staffed with an owner and a requester, for as long as the block lasts.

    Args:
        home: The home folder; what is in it counts.
        hold_s: How long a call that asks is held open.
        credentials: Credentials to keep before anything is connected.
        environment: Variables that the process sees beside those of the test.
    """
    home.mkdir(parents=True, exist_ok=True)
    settings = f"port: 0\nhold_s: {hold_s}\nteam: many\ncool_off_s: 0\ncool_off_money_s: 0\n"
    (home / "sallyport.yaml").write_text(settings, encoding="utf-8")
    with _serving(home, environment or {}) as (process, log):
        client = LocalClient(home)
        key = PersonKey.generate()
        client.enrol(OWNER, list(OWNER_ROLES), key.public_key)
        gateway = RealGateway(
            home=home,
            url=str(client.status()["url"]),
            process=process,
            client=client,
            key=key,
            second=PersonKey.generate(),
            log=log.text,
        )
        for name, role, public_key in (
            (REQUESTER, REQUESTER_ROLE, ""),
            (SECOND, "reviewer", gateway.second.public_key),
        ):
            details: JsonObject = {"name": name, "roles": [role], "public_key": public_key}
            client.enrol(name, [role], public_key, signed=gateway.signed("enrol", details))
        for name, value in (credentials or {}).items():
            client.keep_secret(name, value)
        yield gateway


@contextmanager
def again(before: RealGateway) -> Generator[RealGateway]:
    """Serve the home of a gateway that has stopped once more, with the same people."""
    with _serving(before.home, {}) as (process, log):
        client = LocalClient(before.home)
        url = str(client.status()["url"])
        yield replace(before, url=url, process=process, client=client, log=log.text)


def until(found: Callable[[], Found | None]) -> Found:
    """Return what a look brings once it brings something; every look is a round trip.

    Raises:
        TimeoutError: It brought nothing in good time.
    """
    deadline = time.monotonic() + WORKS_S
    while time.monotonic() < deadline:
        value = found()
        if value is not None:
            return value
    raise TimeoutError("what the test waits for did not come")


def descendants(pid: int) -> dict[int, str]:
    """Return the processes that a process has started, and those that they have: name by id."""
    names: dict[int, str] = {}
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended while the folder was read
        one = int(stat.parent.name)
        names[one], parents[one] = head.partition("(")[2], int(tail.split()[1])
    found = {one: names[one] for one, parent in parents.items() if parent == pid}
    for child in tuple(found):
        found |= descendants(child)
    return found


class Watch:
    """Watches processes that need not be children of the test, by handles that outlive them."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._running = {os.pidfd_open(pid): pid for pid in pids}

    def left(self) -> set[int]:
        """Wait until all have ended; return those that have not in good time."""
        poll = select.poll()
        for handle in self._running:
            poll.register(handle, select.POLLIN)
        deadline = time.monotonic() + WORKS_S
        while self._running and (rest_s := deadline - time.monotonic()) > 0:
            for handle, _ in poll.poll(rest_s * 1000):
                poll.unregister(handle)
                os.close(handle)
                del self._running[handle]
        left = set(self._running.values())
        for handle in self._running:
            os.close(handle)
        return left


class _Log:
    """Reads what a process writes, so that it never blocks, and tells when it says it is ready."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: list[bytes] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.append(line)
            if line.rstrip().endswith(b" ready"):
                self._ready.set()
        self._ready.set()

    def text(self) -> str:
        """Return what was written so far."""
        return b"".join(self._lines).decode("utf-8", "replace")

    def wait_for_ready(self) -> None:
        """Wait until the process says that it is ready, or ends."""
        self._ready.wait(WORKS_S)

    def close(self) -> None:
        """Read to the end, which comes with the end of the process."""
        self._thread.join(WORKS_S)
        self._stream.close()


@contextmanager
def _serving(
    home: Path, environment: Mapping[str, str]
) -> Generator[tuple[subprocess.Popen[bytes], _Log]]:
    command = [sys.executable, "-m", "sallyport", "serve", "--home", str(home)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    with ExitStack() as ending:
        assert process.stderr is not None
        log = _Log(process.stderr)
        ending.callback(log.close)
        ending.callback(_stop, process)
        log.wait_for_ready()
        assert process.poll() is None, f"the gateway did not start: {log.text()}"
        yield process, log


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end; end it by force if it will not, and say so."""
    process.terminate()
    try:
        process.wait(WORKS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
