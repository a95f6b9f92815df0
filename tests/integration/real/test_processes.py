"""What the processes behind a gateway may see, and that none outlives it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.real import servers
from tests.integration.real.desks import furnish
from tests.real_gateway import RealGateway, Watch, descendants, real_gateway

PLANTED = "SALLYPORT_PLANTED"
DECLARED = {"DESK_URL": "http://desk.example", "DESK_TOKEN": "secret:desk-token"}
TOKEN = "desk-credential-0123456789"


def kill(gateway: RealGateway) -> None:
    """End the gateway as a crash does."""
    gateway.process.kill()


def stop(gateway: RealGateway) -> None:
    """Ask the gateway to end, as an operator does."""
    os.kill(gateway.process.pid, signal.SIGTERM)


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with."""
    found = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    pairs = (one.decode().partition("=") for one in found if one)
    return {name: value for name, _, value in pairs}


def command_of(pid: int) -> list[str]:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]


def test_a_server_sees_what_was_declared_and_nothing_of_the_gateways_own(tmp_path: Path) -> None:
    """The start environment of our own server and of npm's, as the kernel keeps it."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with real_gateway(
        tmp_path / "home", credentials={"desk-token": TOKEN}, environment={PLANTED: "gateway-only"}
    ) as gateway:
        furnish(gateway, "own", servers.sdk(), environment=DECLARED)
        furnish(gateway, "files", servers.filesystem(shelf))
        started = {pid: command_of(pid) for pid in descendants(gateway.process.pid)}
        seen = {" ".join(words): environment_of(pid) for pid, words in started.items()}
        gateways_own = environment_of(gateway.process.pid)

    assert gateways_own[PLANTED] == "gateway-only"
    own, files = _started(seen, servers.SDK), _started(seen, servers.FILESYSTEM)
    assert own.pop("PATH") == f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    assert own == {"DESK_URL": "http://desk.example", "DESK_TOKEN": TOKEN}
    assert set(files) == {"PATH"}


@pytest.mark.parametrize("end", [kill, stop])
def test_no_server_outlives_its_gateway(tmp_path: Path, end: Callable[[RealGateway], None]) -> None:
    """Servers on node and Python, and one that would stay when its inlet closes: all end."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    with real_gateway(tmp_path / "home") as gateway:
        furnish(gateway, "files", servers.filesystem(shelf))
        furnish(gateway, "git", servers.git())
        furnish(gateway, "stubborn", servers.stubborn(servers.clock()))
        started = descendants(gateway.process.pid)
        watch = Watch([*started, gateway.process.pid])
        end(gateway)
        left = watch.left()

    assert len(started) >= 4, started
    assert {pid: started.get(pid, "the gateway") for pid in left} == {}


def _started(seen: dict[str, dict[str, str]], path: str) -> dict[str, str]:
    """Return the environment of the one process that the gateway started with this file."""
    found = [environment for command, environment in seen.items() if path in command]
    assert found, sorted(seen)
    return found[0]
