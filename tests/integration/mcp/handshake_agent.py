"""A hand-driven client of the handshake era that reads streams event by event, and can cut them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.integration.mcp.house_fixture import Kit, message

ASKABLE: Mapping[str, Any] = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}
STREAM = "text/event-stream"


@dataclass(frozen=True)
class Event:
    """One event of a stream: its id, and the message in it if it has one."""

    id: str
    message: dict[str, Any] | None
    retry: str = ""


@dataclass
class Stream:
    """An answer that is a stream."""

    response: httpx2.Response
    seen: list[Event] = field(default_factory=list[Event])
    _lines: AsyncIterator[str] | None = None

    async def next(self) -> Event:
        """Return the next event; comments are passed over."""
        if self._lines is None:
            self._lines = self.response.aiter_lines()
        found: dict[str, str] = {}
        async for line in self._lines:
            if not line and found:
                data = found.get("data", "")
                event = Event(
                    found.get("id", ""), json.loads(data) if data else None, found.get("retry", "")
                )
                self.seen.append(event)
                return event
            name, _, value = line.partition(":")
            if name:
                found[name] = value.removeprefix(" ")
        raise EOFError

    async def message(self) -> dict[str, Any]:
        """Return the next message."""
        while True:
            event = await self.next()
            if event.message is not None:
                return event.message

    async def rest(self) -> list[dict[str, Any]]:
        """Return the messages up to the stream's end."""
        found: list[dict[str, Any]] = []
        while True:
            try:
                found.append(await self.message())
            except EOFError:
                return found


@dataclass
class Hand:
    """A client in a session."""

    http: httpx2.AsyncClient
    path: str

    async def begin(
        self, version: str = "2025-11-25", capabilities: Mapping[str, Any] = ASKABLE
    ) -> dict[str, Any]:
        """Begin a session, and return what the gateway said."""
        hello: dict[str, Any] = {"protocolVersion": version, "capabilities": capabilities}
        answer = await self.http.post(self.path, json=message("initialize", hello, number=0))
        self.http.headers["Mcp-Session-Id"] = answer.headers["mcp-session-id"]
        found: dict[str, Any] = answer.json()["result"]
        return found

    async def send(self, body: Any) -> httpx2.Response:
        """Post something and return the whole answer."""
        return await self.http.post(self.path, json=body)

    async def ask(
        self, method: str, params: Mapping[str, Any] | None = None, number: int | str = 1
    ) -> dict[str, Any]:
        """Send a request and return the answer."""
        answer = await self.send(message(method, params, number=number))
        assert answer.status_code == 200, answer.text
        if answer.headers["content-type"] == STREAM:
            data = [line[6:] for line in answer.text.splitlines() if line.startswith("data: {")]
            found: dict[str, Any] = json.loads(data[-1])
            return found
        whole: dict[str, Any] = answer.json()
        return whole

    async def answers(self, question: Mapping[str, Any], result: Any = None) -> int:
        """Answer a question of the gateway; return the HTTP status."""
        said: dict[str, Any] = {"jsonrpc": "2.0", "id": question["id"], "result": result or {}}
        return (await self.send(said)).status_code

    @asynccontextmanager
    async def streamed(
        self, method: str, params: Mapping[str, Any], number: int | str = 1
    ) -> AsyncGenerator[Stream]:
        """Send a request whose answer is a stream; leaving the block cuts it."""
        body = message(method, params, number=number)
        request = self.http.stream("POST", self.path, json=body, headers={"Accept": STREAM})
        async with request as response:
            assert response.status_code == 200
            yield Stream(response)

    @asynccontextmanager
    async def listening(self, last: str = "") -> AsyncGenerator[Stream]:
        """Open a listening stream, or go on with one."""
        headers = {"Accept": STREAM, **({"Last-Event-ID": last} if last else {})}
        async with self.http.stream("GET", self.path, headers=headers) as response:
            yield Stream(response)


def call(tool: str, **args: Any) -> dict[str, Any]:
    """Return the parameters of a call."""
    return {"name": tool, "arguments": args}


@asynccontextmanager
async def hand(kit: Kit, token: str | None = None) -> AsyncGenerator[Hand]:
    """Return a client over real HTTP, in a task of its own unless it has a token."""
    headers = {
        "Authorization": f"Bearer {token or await kit.task_token({})}",
        "Accept": f"application/json, {STREAM}",
    }
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        yield Hand(http, kit.endpoint())
