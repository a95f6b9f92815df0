"""Real servers from the SDK, a raw server that does as it is told, and the way out to both."""

import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sallyport.adapters.mcp import Limits, McpUpstreams
from sallyport.model import System

SDK_SERVER = Path(__file__).parents[2] / "servers" / "sdk_server.py"

Gateway = Callable[..., AbstractAsyncContextManager[McpUpstreams]]

RAW_CHILD = SDK_SERVER.with_name("raw_child.py")


@pytest.fixture
def gateway() -> Gateway:
    """Return a maker of ways out to the systems given."""

    @asynccontextmanager
    async def make(
        *systems: System, secrets: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> AsyncGenerator[McpUpstreams]:
        declared = {system.name: system for system in systems}
        upstreams = McpUpstreams(lambda: declared, (secrets or {}).__getitem__, limits=limits)
        try:
            yield upstreams
        finally:
            await upstreams.close()

    return make


@pytest.fixture(params=["json legacy", "json both", "sse legacy", "sse both", "stdio both"])
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """Each real server: over HTTP with JSON answers, with streamed answers, and over stdio.

    Those that speak both eras are spoken to in the stateless one.
    """
    with running(*str(request.param).split()) as system:
        yield system


@contextmanager
def running(*how: str) -> Generator[System]:
    """Run the SDK's server, in the way that its own words name, for as long as this is entered."""
    command = (sys.executable, str(SDK_SERVER), *how)
    if how[0] == "stdio":
        yield System(name="desk", command=command)
        return
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield System(name="desk", url=f"http://127.0.0.1:{port}/mcp")
        finally:
            server.kill()


@pytest.fixture
def stdio_system() -> System:
    """Return the SDK's server as a child process of the handshake era."""
    return System(name="desk", command=(sys.executable, str(SDK_SERVER), "stdio", "legacy"))


@pytest.fixture
def child_system() -> Callable[..., System]:
    """Return a maker of child processes that misbehave in the way named."""

    def make(mode: str, **more: Any) -> System:
        return System(name="desk", command=(sys.executable, str(RAW_CHILD), mode), **more)

    return make
