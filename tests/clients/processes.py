"""Programs that a run starts: upstreams, and clients that take orders a line at a time.

Each is stopped by its handle and waited for. Nothing is waited for longer than `WITHIN_S`.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 30
ENDS_S = 10
COMPLAINT_LENGTH = 300


class Failed(Exception):  # noqa: N818 - a step's outcome, in one sentence
    """A step did not show what it should."""


def need(holds: object, otherwise: str) -> None:
    """Fail the step with a sentence unless something holds."""
    if not holds:
        raise Failed(otherwise)


@contextmanager
def running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> Generator[subprocess.Popen[bytes]]:
    """Run a program, with pipes for its input and output, for as long as the block lasts."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log if log is not None else subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends whoever listens there; ask, then make, the others to end."""
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextmanager
def upstream(command: Sequence[str], journal: Path, log: IO[bytes]) -> Generator[str]:
    """Serve an upstream over HTTP; the block gets its address."""
    with running(command, environment={"JOURNAL": str(journal)}, log=log) as process:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        need(port, f"`{' '.join(command)}` did not start")
        yield f"http://127.0.0.1:{port}/mcp"


class Talker:
    """A client in a process of its own, that is told what to do and says what came of it."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self._process = process
        self._log = log
        self._ids = itertools.count(1)
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._guard = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def start(self, do: str, **details: Any) -> int:
        """Give an order and return its number at once."""
        number = next(self._ids)
        line = json.dumps({"id": number, "do": do, **details}) + "\n"
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"the client ended: {self.complaint()}") from None
        return number

    def finish(self, number: int) -> Any:
        """Wait for what came of an order."""
        try:
            answer = self._box(number).get(timeout=WITHIN_S)
        except queue.Empty:
            raise Failed(f"nothing came within {WITHIN_S} s") from None
        if "error" in answer:
            raise Failed(str(answer["error"]))
        return answer["said"]

    def do(self, do: str, **details: Any) -> Any:
        """Give an order and wait for what comes of it."""
        return self.finish(self.start(do, **details))

    def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """Call a tool."""
        result: dict[str, Any] = self.do("call", tool=tool, args=args)
        return result

    def complaint(self) -> str:
        """Return the end of what the client has written about itself."""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:COMPLAINT_LENGTH] if lines else "it did not say why"

    def _box(self, number: int) -> queue.Queue[dict[str, Any]]:
        with self._guard:
            return self._answers.setdefault(number, queue.Queue())

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            self._box(answer["id"]).put(answer)
        with self._guard:
            waiting = [*self._answers.values()]
        # Once the run is done with this client, its log is closed and nobody waits.
        with suppress(ValueError):
            for box in waiting:
                box.put({"error": f"the client ended: {self.complaint()}"})


@contextmanager
def talker(python: str, module: str, target: Mapping[str, Any]) -> Generator[Talker]:
    """Run a client module in its own environment."""
    command = (python, "-m", f"tests.clients.drivers.{module}")
    environment = {"TARGET": json.dumps(target), "PYTHONPATH": ""}
    with (
        tempfile.TemporaryFile() as log,
        running(command, environment=environment, log=log) as process,
    ):
        yield Talker(process, log)


def installed(path: str) -> str:
    """Return where something is that `make clients` installs.

    Raises:
        SystemExit: It is not there.
    """
    found = ROOT / path
    if not found.exists():
        raise SystemExit(f"`{path}` is not there: run `make clients`")
    return str(found)


def own_python() -> str:
    """Return the interpreter that runs this."""
    return sys.executable
