"""A home of its own for each test, the command line as a process, and real servers to connect."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NOTES = Path(__file__).resolve().parents[2] / "servers" / "notes_server.py"
MODULES = Path(__file__).resolve().parents[2] / "node" / "node_modules"
FILES = MODULES / "@modelcontextprotocol" / "server-filesystem" / "dist" / "index.js"
KEY = "sk-live-0123456789abcdefABCDEF"
TOKEN = "tok_9f8e7d6c5b4a"
ENDS_S = 20


@dataclass(frozen=True, slots=True)
class Machine:
    """One person's machine: a home folder, their keys, and a client's file."""

    folder: Path

    @property
    def home(self) -> Path:
        """The home folder of the gateway."""
        return self.folder / "home"

    @property
    def client(self) -> Path:
        """The client's configuration."""
        return self.folder / "claude_desktop_config.json"

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command, expect its exit code, and return what it printed."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SALLYPORT_")}
        done = subprocess.run(
            [sys.executable, "-m", "sallyport", *words],
            env={
                **kept,
                "SALLYPORT_HOME": str(self.home),
                "SALLYPORT_KEYS": str(self.folder / "keys"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *words: str) -> dict[str, Any]:
        """Run a command and return the object that it printed."""
        found: dict[str, Any] = json.loads(self.run(*words, "--json"))
        return found

    def write_client(self, *servers: str) -> bytes:
        """Write the client's file, as a person would, and return its bytes."""
        text = (
            '{\r\n  "mcpServers" : {\r\n' + ",\r\n".join(servers) + '\r\n  },  "theme":"dark" }\r\n'
        )
        self.client.write_bytes(text.encode())
        return self.client.read_bytes()

    def entry(self, name: str) -> tuple[str, list[str]]:
        """Return the command of a server in the client's file."""
        found = json.loads(self.client.read_bytes())["mcpServers"][name]
        return found["command"], found["args"]

    def all_files(self) -> bytes:
        """Return everything that lies in the home folder and the client's file, as one."""
        files = [
            path for path in self.home.rglob("*") if path.is_file() and path.name != "original"
        ]
        return b"".join(path.read_bytes() for path in [*files, self.client])

    def stop_gateway(self) -> None:
        """End the gateway that a command started, and wait until it is gone."""
        note = self.home / ".sallyport" / "serve.json"
        if not note.exists():
            return
        handle = os.pidfd_open(json.loads(note.read_bytes())["pid"])
        try:
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            assert select.select([handle], [], [], ENDS_S)[0], "the gateway did not end"
        finally:
            os.close(handle)


def notes(name: str = "notes", key: str = KEY, token: str = TOKEN) -> str:
    """Return a client's entry for the notes server, with credentials in both places."""
    entry = {
        "command": sys.executable,
        "args": [str(NOTES), f"--token={token}"],
        "env": {"NOTES_API_KEY": key},
    }
    return f'    "{name}" :{json.dumps(entry, indent=1)}'


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Return a machine on which nothing was done yet, apart from two settings."""
    found = Machine(tmp_path)
    found.home.mkdir()
    (found.home / "sallyport.yaml").write_text("port: 0\nhold_s: 0\n", encoding="utf-8")
    yield found
    found.stop_gateway()
