"""A business system that can shoot: an MCP server that kills the gateway at a chosen moment.

It writes down, with fsync, every request it received, every effect it had and every answer it gave,
each under the next number. It is a process of its own, outlives every gateway, and does only what
it was told over `/control`:

    plan     {"pid", "id", "tool", "moment"}: kill this process at the next such call, once
    complain {"id"}: answer the next call of that id with an error, once, and do nothing
    hold     {"calls"}: keep up to so many calls unanswered; the oldest is answered by the next
    journal  everything it wrote down so far

It also takes what a gateway tells people, under `/told`: each notice by its own id and by that of
what it is about. A plan for the tool `told` shoots there.

`before` is a request received and no effect, `during` an effect and no answer, `after` an answer
whose bytes have left. A tool whose name starts with `keyed.` honours idempotency keys, one that
starts with `once.` knows none.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

ROOT = Path(__file__).parents[2]
KEY = "io.sallyport/idempotency-key"
TOOLS = {
    "/mcp/books": (
        *("ledger.get", "keyed.add", "keyed.asked"),
        *("once.add", "once.asked", "once.pay", "once.sent"),
    ),
    "/mcp/notes": ("notes.add", "notes.get"),
}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class System:
    """The system, and what it remembers."""

    def __init__(self, journal: Path) -> None:
        self._file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._durable = True
        self._said: list[dict[str, Any]] = []
        self._done: dict[str, str] = {}
        self._plan: dict[str, Any] = {}
        self._complains: set[str] = set()
        self._held: list[asyncio.Event] = []
        self._hold = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        if scope["method"] != "POST":
            await _answer(send, 405, b"")
            return
        said = json.loads(body)
        if scope["path"] == "/control":
            await _answer(send, 200, json.dumps(self._control(**said)).encode())
        elif scope["path"] == "/told":
            await self._told(said["data"], send)
        elif "id" not in said:
            await _answer(send, 202, b"")
        elif said["method"] == "tools/call":
            if await self._shot(said["id"], said["params"], send):
                await receive()  # the end of a connection whose other side was just killed
        else:
            result = _hello() if said["method"] == "initialize" else _tools(scope["path"])
            await _answer(send, 200, _response(said["id"], result))

    async def _shot(self, id_: int, params: dict[str, Any], send: Send) -> bool:
        """Take a call; return whether its answer fell to the shot."""
        tool, args = params["name"], params["arguments"]
        key = params.get("_meta", {}).get(KEY, "")
        self._write("received", tool, args["id"])
        if self._shoots("before", tool, args["id"]):
            return True
        if args["id"] in self._complains:
            self._complains.discard(args["id"])
            await _answer(send, 200, _error(id_))
            return False
        text = await self._effect(tool, args["id"], key)
        if self._shoots("during", tool, args["id"]):
            return True
        result = {"content": [{"type": "text", "text": text}]}
        await _answer(send, 200, _response(id_, result))
        self._write("answered", tool, args["id"])
        self._shoots("after", tool, args["id"])
        return False

    async def _told(self, notice: dict[str, Any], send: Send) -> None:
        """Take what people are told; a shot before the answer leaves it unanswered."""
        self._write("told", notice["id"], notice["about"])
        if self._shoots("before", "told", "any"):
            return
        await _answer(send, 200, b"")
        self._shoots("after", "told", "any")

    async def _effect(self, tool: str, name: str, key: str) -> str:
        if tool.endswith(".get"):
            return f"account of {name}"
        if tool.startswith("keyed.") and key in self._done:
            return self._done[key]
        self._write("effect", tool, name)
        text = f"entered {name}"
        if key:
            self._done[key] = text
        await self._wait()
        return text

    async def _wait(self) -> None:
        if not self._hold:
            return
        mine = asyncio.Event()
        self._held.append(mine)
        self._let_go()
        await mine.wait()

    def _let_go(self) -> None:
        while len(self._held) > self._hold:
            self._held.pop(0).set()

    def _shoots(self, moment: str, tool: str, name: str) -> bool:
        plan = self._plan
        if [plan.get("moment"), plan.get("tool"), plan.get("id")] != [moment, tool, name]:
            return False
        self._plan = {}
        with contextlib.suppress(ProcessLookupError):
            os.kill(plan["pid"], signal.SIGKILL)
        return True

    def _write(self, what: str, tool: str, name: str) -> None:
        line = {"n": len(self._said), "what": what, "tool": tool, "id": name}
        self._said.append(line)
        os.write(self._file, json.dumps(line).encode() + b"\n")
        if self._durable:
            os.fsync(self._file)

    def _control(self, do: str, **more: Any) -> Any:
        match do:
            case "plan":
                self._plan = more
            case "complain":
                self._complains.add(more["id"])
            case "hold":
                self._durable = False
                self._hold = more["calls"]
                self._let_go()
            case "kill":
                os.kill(more["pid"], signal.SIGKILL)
            case _:
                return self._said
        return None


def _hello() -> dict[str, Any]:
    return {
        "protocolVersion": "2025-11-25",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "books", "version": "1"},
    }


def _tools(path: str) -> dict[str, Any]:
    return {
        "tools": [
            {
                "name": name,
                "inputSchema": _schema(name),
                "annotations": {"readOnlyHint": name.endswith(".get")},
            }
            for name in TOOLS[path]
        ]
    }


def _schema(tool: str) -> dict[str, Any]:
    properties = {"id": {"type": "string"}}
    if tool.endswith(".pay"):
        properties["amount"] = {"type": "number"}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _response(id_: int, result: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "result": result}).encode()


def _error(id_: int) -> bytes:
    error = {"code": -32603, "message": "not now"}
    return json.dumps({"jsonrpc": "2.0", "id": id_, "error": error}).encode()


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Desk:
    """The parent's hold on the system's process."""

    def __init__(self, port: int) -> None:
        self.port = port

    def control(self, do: str, **more: Any) -> Any:
        """Tell it something."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/control", json.dumps({"do": do, **more}))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def journal(self) -> list[dict[str, Any]]:
        """Return what it wrote down, once all that was sent before now has been read.

        Every socket that had bytes when the first question came is read before the last answer.
        """
        for _ in range(5):
            self.control("journal")
        said: list[dict[str, Any]] = self.control("journal")
        return said

    def ids(self, what: str, tool: str = "") -> list[str]:
        """Return the ids of what was received, had an effect or was answered, in order."""
        return [
            str(line["id"])
            for line in self.journal()
            if line["what"] == what and tool in {"", line["tool"]}
        ]


@contextmanager
def running_desk(folder: Path) -> Generator[Desk]:
    """Run the system in a process of its own."""
    command = [sys.executable, "-m", "tests.crash.upstream", str(folder / "journal")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield Desk(int(process.stdout.readline()))
        finally:
            process.kill()


def main(journal: Path) -> None:
    """Serve until killed; the port is the first line."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    os.write(1, f"{listening.getsockname()[1]}\n".encode())
    config = uvicorn.Config(
        System(journal), log_config=None, access_log=False, lifespan="off", ws="none"
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
