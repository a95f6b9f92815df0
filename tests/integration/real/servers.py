"""Servers that other people wrote, as commands that a gateway can start.

They are installed by `make`, pinned. Where one is missing the test fails and says how to have it:
a check that did not run is none.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILESYSTEM = "tests/node/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"
GIT = ".venv-servers/bin/mcp-server-git"
TIME = ".venv-servers/bin/mcp-server-time"
LANGCHAIN = ".venv-langchain/bin/python"
SDK = "tests/servers/sdk_server.py"

_STUBBORN = '"$@"; exec sleep 1000'
_TAP = 'log=$1; shift; tee -a "$log" | "$@"'


def installed(path: str, *, target: str) -> str:
    """Return where a file that `make` installs is; fail with the target that does."""
    found = ROOT / path
    if not found.exists():
        pytest.fail(f"`{path}` is not there: run `make {target}`", pytrace=False)
    return str(found)


def filesystem(folder: Path) -> tuple[str, ...]:
    """Return the command of npm's server-filesystem for one folder."""
    return (_node(), installed(FILESYSTEM, target="node"), str(folder))


def git() -> tuple[str, ...]:
    """Return the command of PyPI's mcp-server-git."""
    return (installed(GIT, target="servers"),)


def clock() -> tuple[str, ...]:
    """Return the command of PyPI's mcp-server-time."""
    return (installed(TIME, target="servers"), "--local-timezone", "Etc/UTC")


def sdk() -> tuple[str, ...]:
    """Return the command of our own server on the official SDK; it can tell its environment."""
    return (sys.executable, str(ROOT / SDK), "stdio")


def tapped(log: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command with a tap in its inlet: every line that reaches the server is kept."""
    return ("/bin/sh", "-c", _TAP, "tap", str(log), *command)


def stubborn(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that does not end when its inlet closes."""
    return ("/bin/sh", "-c", _STUBBORN, "stubborn", *command)


def calls_in(log: Path) -> list[dict[str, Any]]:
    """Return the parameters of every `tools/call` that went through a tap."""
    messages = [json.loads(line) for line in log.read_bytes().splitlines()]
    return [one["params"] for one in messages if one.get("method") == "tools/call"]


def _node() -> str:
    """Return the node of this environment, else the host's."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None:
        pytest.fail("`node` is not there: run `make node`", pytrace=False)
    return found
