"""The example for LangGraph, done as its README says: every process is its own, as it will be.

Only three things differ: no question is asked on the way, the port is a free one, and the files lie
in a folder that is thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.processes import ROOT, WITHIN_S, Failed, need
from tests.clients.sdks import SDK1
from tests.real_gateway import Watch

EXAMPLE = ROOT / "examples" / "langgraph"
CONNECT = ("connect", "--name", "outbox", "--agent", "langgraph-agent", "--writes", "ask", "--yes")
ADA, BOB = "ada@example.com", "bob@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The example in a folder of its own, in front of a gateway of its own."""

    folder: Path
    environment: dict[str, str]

    def sallyport(self, *words: str) -> str:
        """Run a command as the person at the desk."""
        return self._run(sys.executable, "-m", "sallyport", *words)

    def agent(self, order: str) -> list[str]:
        """Run the agent, which ends by itself; return the lines it printed."""
        return self._run(SDK1.python, "agent.py", order).splitlines()

    def questions(self) -> dict[str, str]:
        """Return what waits: the id of a question by whom the message is for."""
        items: list[dict[str, Any]] = json.loads(self.sallyport("inbox", "--json"))["items"]
        return {item["args"]["to"]: item["id"] for item in items}

    def sent(self) -> list[str]:
        """Return what the outbox itself says was sent."""
        file = self.folder / "outbox.txt"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,  # what it has said is the better message
            cwd=self.folder,
            env={**os.environ, **self.environment},
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["nothing was said"]
            raise Failed(f"`{' '.join(command[1:4])}` ended with {done.returncode}: {said[-1]}")
        return done.stdout


@contextmanager
def connected(folder: Path) -> Generator[Example]:
    """Copy the example and connect its server; the gateway that this starts is ended."""
    home = folder / "home"
    shutil.copytree(EXAMPLE, folder / "example")
    home.mkdir()
    (home / "sallyport.yaml").write_text("hold_s: 0\nport: 0\n", encoding="utf-8")
    environment = {
        "SALLYPORT_HOME": str(home),
        "SALLYPORT_KEYS": str(folder / "keys"),
    }
    example = Example(folder=folder / "example", environment=environment)
    try:
        server = str(example.folder / "outbox_server.py")
        example.sallyport(*CONNECT, "--", SDK1.python, server)
        token = home / ".sallyport" / "connections" / "langgraph-agent" / "outbox.token"
        environment["SALLYPORT_TOKEN"] = token.read_text(encoding="utf-8").strip()
        url = json.loads(example.sallyport("admin", "status", "--json"))["url"]
        environment["SALLYPORT_URL"] = f"{url}/mcp/outbox"
        yield example
    finally:
        _end(home)


def _end(home: Path) -> None:
    """End the gateway of a home, if one runs there, and wait for it."""
    note = home / ".sallyport" / "serve.json"
    if not note.exists():
        return
    pid = int(json.loads(note.read_text(encoding="utf-8"))["pid"])
    watch = Watch([pid])
    os.kill(pid, 15)
    need(not watch.left(), "the example's gateway did not end")


def starts(example: Example) -> None:
    """The agent works until both messages wait; its process ends, and nothing was sent."""
    lines = example.agent("start")
    waiting = [line for line in lines if line.startswith("waits: send_message")]
    need(len(waiting) == len({ADA, BOB}), f"it printed {lines}")
    need(set(example.questions()) == {ADA, BOB}, f"what waits is {example.questions()}")
    need(not example.sent(), f"sent was {example.sent()}")


def resumes_too_early(example: Example) -> None:
    """Resuming before any answer, three times, changes nothing and asks nothing new."""
    before = example.questions()
    for _ in range(3):
        lines = example.agent("resume")
        need(sum(line.startswith("waits: ") for line in lines) == len(before), f"it said {lines}")
    need(example.questions() == before, "other questions wait now")
    need(not example.sent(), f"sent was {example.sent()}")


def resumes_in_part(example: Example) -> None:
    """One of two is answered: its result comes in a new process, and the other waits on."""
    example.sallyport("inbox", "yes", example.questions()[ADA])
    lines = example.agent("resume")
    need(f"send_message: sent to {ADA}" in lines, f"it printed {lines}")
    need([*example.questions()] == [BOB], f"what waits is {example.questions()}")
    need(example.sent() == [f"to {ADA}: Thank you, Ada."], f"sent was {example.sent()}")


def finishes(example: Example) -> None:
    """The other is answered with no: the model hears it, and nothing was sent twice."""
    example.sallyport("inbox", "no", example.questions()[BOB], "--because", "not him")
    lines = example.agent("resume")
    need("send_message: REFUSED. `send_message` was not done." in lines, f"it printed {lines}")
    need(lines[-1].startswith("Repeating it"), f"it printed {lines}")
    need(example.sent() == [f"to {ADA}: Thank you, Ada."], f"sent was {example.sent()}")


STEPS = {
    "start: works until a person must answer": starts,
    "resume too early: waits on": resumes_too_early,
    "resume after one yes: its result": resumes_in_part,
    "resume after a no: told, and done": finishes,
}
