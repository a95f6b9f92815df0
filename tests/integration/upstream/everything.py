"""The real server with one of everything, in every way that it can be reached."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sallyport.model import System

SERVER = Path(__file__).parents[2] / "servers" / "everything.py"

WAYS = ("http legacy", "http both", "stdio legacy", "stdio both")
"""Transport and eras; a server that knows both is spoken to in the stateless one."""


@contextmanager
def everything(way: str) -> Generator[System]:
    """Run it in one of these ways, for as long as this is entered."""
    transport, eras = way.split()
    words = [word for word in (transport, eras) if word in ("stdio", "legacy")]
    command = (sys.executable, str(SERVER), *words)
    if transport == "stdio":
        yield System(name="desk", command=command)
        return
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield System(name="desk", url=f"http://127.0.0.1:{port}/mcp")
        finally:
            server.kill()
