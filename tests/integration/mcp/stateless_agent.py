"""A hand-driven agent of the stateless era in front of a system that asks, and its house."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from sallyport.model import Stage
from tests.integration.mcp import asking_system
from tests.integration.mcp.asking_system import Asker
from tests.integration.mcp.house_fixture import Kit, Raw, message, opened, raw_client

NOW = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
TASKS = f"{PREFIX}tasks"
TAKES_TASKS: Mapping[str, Any] = {"extensions": {TASKS: {}}}
OPENS_LINKS: Mapping[str, Any] = {"elicitation": {"url": {}}}
FILLS_FORMS: Mapping[str, Any] = {"elicitation": {"form": {}}}
ANSWER: Mapping[str, Any] = {"who": {"action": "accept", "content": {"name": "Ada"}}}
_NAMED = ("name", "uri", "taskId")


@dataclass
class Agent:
    """What an agent's client sends; each request declares what `can` says."""

    raw: Raw
    can: Mapping[str, Any] = field(default_factory=dict[str, Any])
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def able(self, can: Mapping[str, Any], **meta: Any) -> Agent:
        """Return the same agent with a client that can do something else."""
        return Agent(self.raw, can, meta)

    async def send(
        self, method: str, params: Mapping[str, Any] | None = None, **headers: str
    ) -> httpx2.Response:
        """Send a request as it should be, but for the headers named here."""
        meta = {
            f"{PREFIX}protocolVersion": NOW,
            f"{PREFIX}clientCapabilities": self.can,
            **self.meta,
        }
        body = message(method, {**(params or {}), "_meta": meta}, number=7)
        named = [str((params or {})[name]) for name in _NAMED if name in (params or {})]
        fields = {"MCP-Protocol-Version": NOW, "Mcp-Method": method}
        if named:
            fields["Mcp-Name"] = named[0]
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        fields = {name: value for name, value in fields.items() if value}
        return await self.raw.http.post(self.raw.path, json=body, headers=fields)

    async def result(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and return its result."""
        answer = await self.send(method, params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["result"]
        return found

    async def error(
        self, method: str, params: Mapping[str, Any] | None = None, **headers: str
    ) -> tuple[int, int, str]:
        """Send a request that fails; return HTTP status, JSON-RPC code and our own code."""
        answer = await self.send(method, params, **headers)
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["data"]["code"]

    async def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """Call a tool and return the result."""
        return await self.result("tools/call", {"name": tool, "arguments": args})

    async def back(self, result: Mapping[str, Any], tool: str, **rest: Any) -> dict[str, Any]:
        """Call a tool again, with what its first answer asked for."""
        again: dict[str, Any] = {
            "name": tool,
            "arguments": {},
            "requestState": result["requestState"],
            **rest,
        }
        return await self.result("tools/call", again)


@asynccontextmanager
async def asking_house(home: Path, system: Asker, *, hold_s: int = 0) -> AsyncGenerator[Kit]:
    """Open a house whose agent may use everything that the system has."""
    async with opened(home, upstreams=system, hold_s=hold_s) as kit:
        if kit.house.gateway.registry.boundary_of("customer-support") is None:
            await kit.activate(asking_system.WORKFLOW, {"asker.yaml": asking_system.SYSTEM_FILE})
            await kit.stage(Stage.LIVE)
        yield kit


@asynccontextmanager
async def agent_of(kit: Kit, token: str) -> AsyncGenerator[Agent]:
    """Return an agent with a token."""
    async with raw_client(kit, token) as raw:
        yield Agent(raw)


def listen(
    kit: Kit, token: str, wanted: Mapping[str, Any]
) -> tuple[tuple[str, str], dict[str, Any]]:
    """Return the request for a listening stream."""
    meta = {f"{PREFIX}protocolVersion": NOW, f"{PREFIX}clientCapabilities": TAKES_TASKS}
    body = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "subscriptions/listen",
        "params": {"notifications": wanted, "_meta": meta},
    }
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "text/event-stream, application/json",
        "MCP-Protocol-Version": NOW,
        "Mcp-Method": "subscriptions/listen",
    }
    return ("POST", kit.endpoint()), {"json": body, "headers": headers}
