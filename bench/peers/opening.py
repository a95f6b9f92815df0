"""Opens each peer in front of a system, with the least that its own documentation asks for."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from bench.load import Address
from bench.peers.venvs import python_of
from bench.processes import START_S, BenchError, announced, running, tail
from bench.targets import Running, Site
from bench.upstream import TOOL

SHARED = "FastMCP proxy, shared client"
FRESH = "FastMCP proxy, default"
CTRLRUN = "ctrlrun gateway"
CONTEXTFORGE = "ContextForge"

Say = Callable[[str], None]
Open = Callable[[Site, Say], AbstractAsyncContextManager[Running]]

CTRLRUN_POLICY = f"""schema: ctrlrun.policy/v2
actions:
  mcp.up.{TOOL}:
    decision: allow
"""
ADMINISTRATOR = "admin@example.com"


@asynccontextmanager
async def _fastmcp(site: Site, say: Say, name: str, kind: str) -> AsyncGenerator[Running]:
    python = await python_of("fastmcp", say)
    room = site.room(name)
    script = str(Path(__file__).with_name("fastmcp_proxy.py"))
    command = (str(python), script, site.upstream, kind)
    async with running(command, room / "log", folder=room, more=_alone()) as process:
        url = await announced(process, room / "log")
        yield Running(address=Address(url), roots=(process.pid,))


def _shared(site: Site, say: Say) -> AbstractAsyncContextManager[Running]:
    return _fastmcp(site, say, SHARED, "shared")


def _fresh(site: Site, say: Say) -> AbstractAsyncContextManager[Running]:
    return _fastmcp(site, say, FRESH, "fresh")


@asynccontextmanager
async def _ctrlrun(site: Site, say: Say) -> AsyncGenerator[Running]:
    python = await python_of("ctrlrun", say)
    room, port = site.room(CTRLRUN), _free_port()
    (room / "ctrlrun.yaml").write_text(CTRLRUN_POLICY, encoding="utf-8")
    command = [str(python.with_name("ctrlrun")), "gateway", "--upstream", site.upstream]
    command += ["--alias", "up", "--listen", f"127.0.0.1:{port}", "--principal", "bench"]
    async with running(command, room / "log", folder=room, more=_alone()) as process:
        await _until_open(process, port, room / "log")
        url = f"http://127.0.0.1:{port}/mcp"
        yield Running(address=Address(url), roots=(process.pid,))


@asynccontextmanager
async def _contextforge(site: Site, say: Say) -> AsyncGenerator[Running]:
    python = await python_of("contextforge", say)
    room, port = site.room(CONTEXTFORGE), _free_port()
    more = {**_alone(), **_contextforge_settings()}
    command = (str(python.with_name("mcpgateway")), "--host", "127.0.0.1", "--port", str(port))
    async with running(command, room / "log", folder=room, more=more) as process:
        await _until_open(process, port, room / "log")
        token = await _contextforge_token(python, room, more)
        base = f"http://127.0.0.1:{port}"
        body = {"name": "up", "url": site.upstream, "transport": "STREAMABLEHTTP"}
        await asyncio.to_thread(_post, f"{base}/gateways", token, body)
        address = Address(f"{base}/mcp/", token, tool=f"up-{TOOL}")
        yield Running(address=address, roots=(process.pid,))


def _contextforge_settings() -> dict[str, str]:
    """Return its settings: as delivered, but for what keeps it from calling this machine."""
    return {
        "AUTH_REQUIRED": "true",
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "AUTH_ENCRYPTION_SECRET": secrets.token_urlsafe(48),
        "BASIC_AUTH_PASSWORD": secrets.token_urlsafe(24),
        "PLATFORM_ADMIN_EMAIL": ADMINISTRATOR,
        "PLATFORM_ADMIN_PASSWORD": secrets.token_urlsafe(24),
        "DATABASE_URL": "sqlite:///./contextforge.db",
        "RATE_LIMITING_ENABLED": "false",
        "SSRF_ALLOW_LOCALHOST": "true",
        "MCPGATEWAY_UI_ENABLED": "false",
        "MCPGATEWAY_ADMIN_API_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
    }


async def _contextforge_token(python: Path, room: Path, more: Mapping[str, str]) -> str:
    command = [str(python), "-m", "mcpgateway.utils.create_jwt_token", "--exp", "1440"]
    command += ["--username", ADMINISTRATOR, "--secret", more["JWT_SECRET_KEY"]]
    log = room / "token"
    async with running(command, log, folder=room, more=more) as process:
        await asyncio.wait_for(process.wait(), START_S)
    return tail(log).splitlines()[-1]


def _post(url: str, token: str, body: Mapping[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=START_S) as answer:  # noqa: S310
            answer.read()
    except urllib.error.URLError as error:
        raise BenchError(f"it did not take the system: {error}") from None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def _until_open(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    deadline = time.monotonic() + 2 * START_S
    while time.monotonic() < deadline and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise BenchError(f"it did not start: {tail(log)[-300:]}")


def _alone() -> dict[str, str]:
    """Return what keeps our own modules out of a peer's environment."""
    return {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""}


PEERS: Mapping[str, Open] = {
    SHARED: _shared,
    FRESH: _fresh,
    CTRLRUN: _ctrlrun,
    CONTEXTFORGE: _contextforge,
}
PACKAGES: Mapping[str, str] = {
    SHARED: "fastmcp",
    FRESH: "fastmcp",
    CTRLRUN: "ctrlrun",
    CONTEXTFORGE: "contextforge",
}
"""The requirement file of each peer."""
