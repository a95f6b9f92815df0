"""The real gateway, set up the way an owner would: people, an agent, a signed boundary, a token."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import START_S, BenchError, python, running, tail
from bench.upstream import NOTE, TOOL
from sallyport.adapters.keys.people import PersonKey
from sallyport.doors.client import LocalClient
from sallyport.errors import SallyportError
from sallyport.rules.boundary.signing import activation

WORKFLOW = "bench"
AGENT = "bench-bot"
OWNER = "owner"
ROLES = ["administrator", "caller", "operator", "owner"]

BOUNDARY = f"""
workflow: {WORKFLOW}
purpose: Measure what a call costs.
owner: {OWNER}
agent: {AGENT}
environment: test
expires: 2099-12-31
for: [caller]
tools:
  {TOOL}:
    level: read
    only: {{text: {{max_length: 4000}}}}
"""
ASKING = f"""{BOUNDARY}\
  {NOTE}:
    level: update
    only: {{text: {{max_length: 4000}}}}
    ask:
      - {{args: {{text: any}}, who: [operator], within: 1m}}
"""
"""The same with one tool that asks a person."""
SERVE = python("-m", "sallyport", "serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that serves the bench's workflow. `key` is the owner's, if it was set up here."""

    pid: int
    url: str
    token: str
    client: LocalClient
    key: PersonKey | None


@asynccontextmanager
async def gateway(
    folder: Path,
    upstream: str,
    *,
    serve: Sequence[str] = SERVE,
    token: str = "",
    hold_s: int = 0,
    boundary: str = BOUNDARY,
    more: str = "",
    key: PersonKey | None = None,
) -> AsyncGenerator[Gateway]:
    """Run a gateway in front of `upstream` for as long as the block lasts.

    Args:
        folder: An empty folder, which becomes the home; or the home that `token` is for.
        upstream: The address of the system.
        serve: The command that serves; `--home` is added.
        token: The agent's, where the home was set up before.
        hold_s: How long a call that asks is held open.
        boundary: The workflow.
        more: Further settings, as lines.
        key: The owner's, where the home was set up before and somebody goes on signing.
    """
    settings = f"port: 0\nhold_s: {hold_s}\ncool_off_s: 0\ncool_off_money_s: 0\n{more}"
    (folder / "sallyport.yaml").write_text(settings, encoding="utf-8")
    log = folder / "serve.log"
    async with running([*serve, "--home", str(folder)], log) as process:
        client = LocalClient(folder)
        url = await _answering(client, process, log)
        if not token:
            key = PersonKey.generate()
            token = await asyncio.to_thread(_set_up, client, upstream, boundary, key)
        where = f"{url}/mcp/{WORKFLOW}"
        yield Gateway(pid=process.pid, url=where, token=token, client=client, key=key)


def tell(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process of ours."""
    os.kill(pid, number)


async def _answering(client: LocalClient, process: asyncio.subprocess.Process, log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.returncode is None:
        try:
            return str((await asyncio.to_thread(client.status))["url"])
        except SallyportError:
            await asyncio.sleep(0.05)
    raise BenchError(f"the gateway did not start:\n{tail(log)}")


def _set_up(client: LocalClient, upstream: str, boundary: str, key: PersonKey) -> str:
    client.enrol(OWNER, ROLES, key.public_key)
    client.add_agent(AGENT, owner=OWNER, purpose="be measured", contact=OWNER, by=OWNER)
    system = f"system: echo\ntransport: http\nurl: {upstream}\n"
    proposed = client.propose(boundary, file="bench.yaml", systems={"echo.yaml": system})
    digest = str(proposed["digest"])
    signature = key.sign(activation(**proposed["sign"]))
    client.activate(digest, person=OWNER, signature=signature)
    return client.make_token("agent", by=OWNER, agent=AGENT, workflow=WORKFLOW, person=OWNER)
