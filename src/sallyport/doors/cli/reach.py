"""Reaching the gateway of a home folder, and starting it where none runs.

A gateway that was started here lives on by itself; what it says goes to `serve.log` in its state
folder, whose last lines are the error when it does not come up.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sallyport.doors.client import LocalClient
from sallyport.doors.settings import FILE, Settings, load_settings
from sallyport.errors import NotRunningError, SallyportError
from sallyport.model import JsonObject

START_S: Final = 40.0
POLL_S: Final = 0.05
END_S: Final = 30.0
ANSWER_S: Final = 120.0
LOOK_S: Final = 10.0
OTHER_S: Final = 3.0
"""How long a gateway that somebody else is starting is waited for once ours gave up."""

LOG: Final = "serve.log"
LOG_LINES: Final = 5
LOG_BYTES_MAX: Final = 1024 * 1024
HOMES: Final = 50
"""How many homes of one machine find ports by themselves."""


class NotStartedError(SallyportError):
    """The gateway did not come up."""

    code = "gateway.not_started"
    fix = "run `sallyport serve` to see why"


class NotEndedError(SallyportError):
    """The gateway did not end."""

    code = "gateway.not_ended"
    fix = "look with `sallyport log` what is on the wire, then try again; or end the process itself"


@dataclass(frozen=True, slots=True)
class Reached:
    """The people's door of one home folder. Implements `connect.parties.Gateway`."""

    state: Path
    timeout_s: float = ANSWER_S

    def get(self, path: str, query: Mapping[str, str] | None = None) -> JsonObject:
        """Return what a path below `/admin` answers."""
        return self._client.get(f"/admin/{quote(path)}", **(query or {}))

    def post(self, path: str, body: JsonObject) -> JsonObject:
        """Send a body to a path below `/admin` and return the answer."""
        return self._client.post(f"/admin/{quote(path)}", body)

    @property
    def _client(self) -> LocalClient:
        return LocalClient(self.state, timeout_s=self.timeout_s)


def ensure_running(home: Path) -> Reached:
    """Return the home's gateway, started where none answers.

    Raises:
        NotStartedError: It did not come up; the error says what it said last.
        SettingsError: Its settings cannot be used.
    """
    settings = load_settings(home)
    reached = Reached(settings.state)
    if not answers(settings.state):
        _start(settings)
    return reached


def answers(state: Path) -> bool:
    """Return whether a gateway answers on a state folder's socket."""
    try:
        Reached(state, LOOK_S).get("status")
    except NotRunningError:
        return False
    except SallyportError:
        return True
    return True


def running(home: Path) -> int | None:
    """Return the process of the home's gateway; None where none answers.

    Raises:
        SallyportError: One answers, and not as it should.
    """
    try:
        pid = Reached(load_settings(home).state, LOOK_S).get("status").get("pid")
    except NotRunningError:
        return None
    return pid if isinstance(pid, int) and pid > 1 else None


def end(home: Path, pid: int) -> None:
    """Tell a home's gateway to end, and wait until it has.

    Args:
        home: The home folder.
        pid: The process, as the gateway itself has said it.

    Raises:
        NotEndedError: It may not be told to, or it still answers.
    """
    state = load_settings(home).state
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError:
        raise NotEndedError(f"process {pid} belongs to another user") from None
    until = time.monotonic() + END_S
    while time.monotonic() < until:
        if not answers(state):
            return
        time.sleep(POLL_S)
    raise NotEndedError(f"the gateway (process {pid}) still answers after {END_S:.0f} s")


def address(state: Path, settings: Settings) -> str:
    """Return where a running gateway listens for agents."""
    try:
        said = json.loads((state / "serve.json").read_bytes())
        return str(said["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"http://{settings.host}:{settings.port}"


def settle(home: Path) -> bool:
    """Write a first settings file where a home has none; return whether it was written.

    Two homes on one machine need ports of their own, so what is in use is passed over.
    """
    path = home / FILE
    if path.exists():
        return False
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "# The settings of this gateway; docs/settings.md lists them all.\nteam: one\n"
    usual = Settings(home=home)
    further = _free(usual)
    if further:
        text += f"port: {usual.port + further}\nconsole_port: {usual.console_port + further}\n"
    path.write_text(text, encoding="utf-8")
    return True


def _start(settings: Settings) -> None:
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = settings.state / LOG
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    before = log.stat().st_size if log.exists() else 0
    child = _spawn(settings, log)
    until = time.monotonic() + START_S
    gone = False
    while time.monotonic() < until:
        if answers(settings.state):
            return
        if child.poll() is not None and not gone:
            gone, until = True, min(until, time.monotonic() + OTHER_S)
        time.sleep(POLL_S)
    if not gone:
        child.terminate()
        child.wait()
    raise NotStartedError(_last_words(log, before))


def _spawn(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sallyport", "serve", "--home", str(settings.home)]
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - our own program, by its list of words
            command,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            cwd=settings.home,
            start_new_session=True,
        )
    finally:
        os.close(handle)


def _last_words(log: Path, before: int) -> str:
    said = log.read_bytes()[before:].decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in said if line.strip()][-LOG_LINES:]
    return "\n".join(["the gateway did not start; it said:", *(lines or ["nothing"])])


def _free(usual: Settings) -> int:
    """Return how far above the usual ports two are free, for agents and for the console."""
    for further in range(0, 2 * HOMES, 2):
        of_agents = _is_free(usual.host, usual.port + further)
        if of_agents and _is_free(usual.console_host, usual.console_port + further):
            return further
    return 0


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
