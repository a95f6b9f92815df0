"""The thin client carries both ways: what a system asks, and streams that break off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import pytest
from mcp import Client, types
from mcp.client.stdio import stdio_client

from tests.integration.mcp.asking_system import MEMO
from tests.integration.mcp.curious_system import Curious, curious_house
from tests.integration.mcp.house_fixture import WORKFLOW, Kit, message
from tests.integration.mcp.test_stdio import CHILD, child, lines

pytestmark = pytest.mark.anyio
HELLO: Mapping[str, Any] = {"protocolVersion": "2025-11-25", "capabilities": {}}
WRITE = {"name": "write", "arguments": {"text": "once"}}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[tuple[Kit, Curious]]:
    """Open a house in front of a system that asks."""
    async with curious_house(tmp_path, hold_s=0) as found:
        yield found


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_what_a_system_asks_is_answered_over_stdio(
    house: tuple[Kit, Curious], mode: str
) -> None:
    """A form, progress and a resource, in either era."""
    kit, system = house
    heard: list[Any] = []

    async def fill(context: Any, params: Any) -> types.ElicitResult:
        del context, params
        return types.ElicitResult(action="accept", content={"name": "Ada"})

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        del progress, total
        heard.append(message)

    with anyio.fail_after(60):
        transport = stdio_client(child(kit.url, await kit.task_token({})))
        async with Client(transport, mode=mode, elicitation_callback=fill) as client:
            asked = await client.call_tool("ask", {"what": "form"})
            await client.call_tool("greet", {}, progress_callback=hear)
            read = await client.read_resource(MEMO)

    assert isinstance(asked.content[0], types.TextContent)
    assert "Ada" in asked.content[0].text
    assert set(heard) == {"half"}
    assert read.contents[0].uri == MEMO
    assert system.seen[1].answers["who"] == {"action": "accept", "content": {"name": "Ada"}}


async def test_a_stream_that_breaks_off_is_gone_on_with(house: tuple[Kit, Curious]) -> None:
    """A proxy cuts the connection; the client gets one answer, and the system one call."""
    kit, system = house
    token = await kit.task_token({})
    async with cutting(kit.url) as (url, cut):
        with started(url, token) as process:
            assert process.stdin is not None
            hello = message("initialize", HELLO, number=0)
            process.stdin.write(lines(hello, message("tools/call", WRITE, number=1)))
            process.stdin.flush()
            with anyio.fail_after(60):
                await system.busy.wait()
                await cut()
                system.go_on.set()
                answers = [await anyio.to_thread.run_sync(line_of, process) for _ in range(2)]

    assert [one["id"] for one in answers] == [0, 1]
    assert answers[1]["result"]["content"][0]["text"] == "written: once"
    assert system.written == ["once"]


@asynccontextmanager
async def cutting(url: str) -> AsyncGenerator[tuple[str, Callable[[], Awaitable[None]]]]:
    """Stand between client and gateway; the block gets an address, and what cuts a begun stream."""
    target = urlsplit(url)
    primed: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
                if b"retry:" in data and not primed.done():
                    primed.set_result(writer)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(target.hostname, target.port)
        await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer))

    async def cut() -> None:
        (await primed).transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", cut
    finally:
        server.close()


@contextmanager
def started(url: str, token: str) -> Generator[subprocess.Popen[bytes]]:
    """Run the thin client."""
    command = [sys.executable, str(CHILD), url, WORKFLOW]
    environment = {**os.environ, "SALLYPORT_TOKEN": token}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Return the next message that the thin client writes."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0]
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found
