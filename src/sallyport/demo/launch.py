"""Start the desk as a process of its own and stop it by its handle.

The child gets the desk's credential by its environment and nothing else of the parent's but what
Python needs to find the package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from sallyport.errors import UpstreamDownError

_START_S = 30
_STOP_S = 10
_PASSED_ON = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TMPDIR")


class DeskStartError(UpstreamDownError):
    """The desk's process ended or stayed silent before it was ready."""

    code = "demo.desk_start"
    fix = "read what the desk wrote above, and free its port or its database file"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDesk:
    """A desk that accepts requests: where, and the process that serves it."""

    url: str
    process: Process


@asynccontextmanager
async def running_desk(
    db: Path, token: str, *, port: int = 0, honour_keys: bool = True
) -> AsyncGenerator[RunningDesk]:
    """Run a desk on 127.0.0.1 for as long as the block lasts.

    Args:
        db: The desk's own file; filled with the demo's queue when it is new.
        token: The bearer credential it will expect.
        port: Where to listen; 0 picks a free port.
        honour_keys: False makes it treat a repeated idempotency key as a new request.

    Raises:
        DeskStartError: The desk did not become ready.
    """
    command = [sys.executable, "-m", "sallyport.demo.desk", "--db", str(db), "--port", str(port)]
    if not honour_keys:
        command.append("--ignore-idempotency")
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    process = await anyio.open_process(
        command, stdin=None, stderr=None, env={**kept, "DESK_TOKEN": token}
    )
    async with process:
        try:
            yield RunningDesk(url=await _ready(process), process=process)
        finally:
            await _stop(process)


async def _ready(process: Process) -> str:
    """Wait for the ready line and return the address in it."""
    if process.stdout is None:
        raise DeskStartError("the desk's output cannot be read")
    said = ""
    try:
        with anyio.fail_after(_START_S):
            async for part in TextReceiveStream(process.stdout):
                said += part
                if said.endswith("\n"):
                    return said.split()[-1]
    except TimeoutError as silent:
        raise DeskStartError(f"the desk said nothing for {_START_S} seconds") from silent
    raise DeskStartError("the desk ended before it was ready")


async def _stop(process: Process) -> None:
    """Ask it to end, so that its database is folded up; end it by force if it will not."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            process.terminate()
        with anyio.move_on_after(_STOP_S):
            await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
