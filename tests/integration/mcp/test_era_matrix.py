"""A form passes between every pair of eras: what the agent speaks, and what the system speaks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

from sallyport.model import Stage
from tests.integration.mcp.house_fixture import listening, opened

pytestmark = pytest.mark.anyio
SERVER = Path(__file__).parents[2] / "servers" / "everything.py"
SYSTEM = """\
system: everything
transport: http
url: {url}
tools:
  test_elicitation: {{level: read}}
"""
WORKFLOW = """\
workflow: customer-support
purpose: Ask across eras.
owner: lena@example.com
agent: support-bot
environment: test
expires: 2035-12-31
for: [support_agent]
tools:
  test_elicitation:
    level: read
    only: {message: {max_length: 40}}
    may_ask: [form]
"""


@contextmanager
def upstream(*words: str) -> Generator[str]:
    """Run a real server of an era; the block gets its address."""
    command = [sys.executable, str(SERVER), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/mcp"
        finally:
            server.kill()


@pytest.mark.parametrize("agent, version", [("legacy", "2025-11-25"), ("auto", "2026-07-28")])
@pytest.mark.parametrize("words", [("legacy",), ()])
async def test_a_form_reaches_the_agent_and_its_answer_the_system(
    tmp_path: Path, agent: str, version: str, words: tuple[str, ...]
) -> None:
    """The user is asked once, and the system has the answer in the same piece of work."""
    shown: list[str] = []

    async def fill(context: Any, params: Any) -> types.ElicitResult:
        del context
        shown.append(params.message)
        names: dict[str, Any] = params.requested_schema["properties"]
        return types.ElicitResult(action="accept", content=dict.fromkeys(names, "Ada"))

    with upstream(*words) as url, anyio.fail_after(60):
        async with opened(tmp_path, hold_s=0) as kit:
            await kit.activate(WORKFLOW, {"everything.yaml": SYSTEM.format(url=url)})
            await kit.stage(Stage.LIVE)
            headers = {"Authorization": f"Bearer {await kit.task_token({})}"}
            async with listening(kit), httpx2.AsyncClient(headers=headers, timeout=60) as http:
                transport = streamable_http_client(kit.endpoint(), http_client=http)
                async with Client(transport, mode=agent, elicitation_callback=fill) as client:
                    spoken = client.protocol_version
                    found = await client.call_tool("test_elicitation", {"message": "Who?"})

    assert spoken == version
    assert len(shown) == 1
    assert shown[0].endswith("Who?")
    assert not found.is_error
    assert "Ada" in str(found.content)
