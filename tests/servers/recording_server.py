"""A system that keeps every byte it receives: behind HTTP in a thread, or as a child process.

It speaks one era, says that its tools may change so that it is listened to, and has a bit of all
that MCP knows. Its one tool answers as the argument `id` says: `R-1` is found, `R-307` is that HTTP
status, with an address elsewhere. As a child process it is `recording_server.py ERA TAPE`, and what
it sees and hears goes into the file TAPE.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

NOW = "2026-07-28"
FOUND = {"content": [{"type": "text", "text": "found"}]}
ABLE = {
    "tools": {"listChanged": True},
    "resources": {"listChanged": True, "subscribe": True},
    "prompts": {"listChanged": True},
    "completions": {},
    "logging": {},
}
TOOL: dict[str, Any] = {
    "name": "get_record",
    "description": "Look at one record.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "region": {"type": "string", "x-mcp-header": "Region"},
        },
        "required": ["id"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True},
}
RESULTS: Mapping[str, dict[str, Any]] = {
    "tools/list": {"tools": [TOOL]},
    "resources/list": {"resources": [{"uri": "memo:1", "name": "memo"}]},
    "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "memo:{n}", "name": "m"}]},
    "resources/read": {"contents": [{"uri": "memo:1", "text": "found"}]},
    "prompts/list": {"prompts": [{"name": "greeting"}]},
    "prompts/get": {"messages": [{"role": "user", "content": {"type": "text", "text": "found"}}]},
    "completion/complete": {"completion": {"values": ["found"]}},
}
OF_SESSIONS = ("resources/subscribe", "resources/unsubscribe", "logging/setLevel")
LISTENING = ("GET", "subscriptions/listen")
END = b"\r\n\r\n"


def answer(message: Mapping[str, Any], *, stateless: bool) -> dict[str, Any]:
    """Return the response to a request, as a server of one era gives it."""
    method, result = message["method"], dict[str, Any]()
    match method:
        case "server/discover" if stateless:
            result = {"supportedVersions": [NOW], "capabilities": ABLE}
        case "initialize" if not stateless:
            version = message["params"]["protocolVersion"]
            result = {"protocolVersion": version, "capabilities": ABLE, "serverInfo": {}}
        case _ if method in RESULTS:
            result = RESULTS[method]
        case _ if method in OF_SESSIONS and not stateless:
            pass
        case "tools/call" if message["params"]["arguments"]["id"] == "R-1":
            result = dict(FOUND)
        case _:
            code = -32022 if method == "initialize" else -32601
            return {**_head(message), "error": {"code": code, "message": "not here"}}
    furniture = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    return {**_head(message), "result": {**result, **furniture} if stateless else result}


def heeded(message: Mapping[str, Any]) -> bytes:
    """Return what a listener of the stateless era is told first."""
    params = {
        "_meta": {"io.modelcontextprotocol/subscriptionId": message["id"]},
        "notifications": message["params"]["notifications"],
    }
    method = "notifications/subscriptions/acknowledged"
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()


def _head(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": message["id"]}


# Over HTTP


@dataclass(frozen=True)
class Heard:
    """One request, as it came off the socket."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        """The JSON-RPC method, or else that of HTTP."""
        return str(self.message.get("method") or self.head.split(b" ")[0].decode())

    @property
    def message(self) -> dict[str, Any]:
        """What is in the body."""
        with suppress(ValueError):
            found: dict[str, Any] = json.loads(self.body)
            return found
        return {}

    def header(self, name: str) -> list[bytes]:
        """Return every value of a header."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [value.strip() for key, _, value in lines if key.decode().lower() == name.lower()]


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@dataclass
class RecordingServer:
    """The system behind HTTP. `tape` has all that came in, `heard` the same, request by request.

    A step that `redirects` names, by its JSON-RPC or HTTP method, is answered with that status and
    the address `elsewhere`.
    """

    stateless: bool
    elsewhere: str = ""
    redirects: Mapping[str, int] = field(default_factory=dict[str, int])
    tape: bytearray = field(default_factory=bytearray)
    heard: list[Heard] = field(default_factory=list[Heard])
    connections: int = 0
    url: str = ""

    def methods(self) -> set[str]:
        """Return the methods that were heard."""
        return {one.method for one in tuple(self.heard)}

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection, one after the other."""
        self.connections += 1
        pending = bytearray()
        with suppress(ConnectionError):
            while (heard := self._next(connection, pending)) is not None:
                self.heard.append(heard)
                connection.sendall(self._answer(heard))

    def _next(self, connection: socket.socket, pending: bytearray) -> Heard | None:
        while END not in pending:
            if not self._more(connection, pending):
                return None
        head, _, rest = bytes(pending).partition(END)
        (length,) = Heard(head, b"").header("Content-Length") or [b"0"]
        pending[:] = rest
        while len(pending) < int(length):
            if not self._more(connection, pending):
                return None
        body = bytes(pending[: int(length)])
        del pending[: int(length)]
        return Heard(head, body)

    def _more(self, connection: socket.socket, pending: bytearray) -> bool:
        data = connection.recv(65536)
        self.tape += data
        pending += data
        return bool(data)

    def _answer(self, heard: Heard) -> bytes:
        status = self.redirects.get(heard.method) or _wanted(heard.message)
        if status is not None:
            return self._reply(status, b"{}", f"Location: {self.elsewhere}\r\n")
        if heard.method in LISTENING:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n"
            return head + b"data: " + heeded(heard.message) + b"\n\n" if self.stateless else head
        if "id" not in heard.message:
            return self._reply(200 if heard.method == "DELETE" else 202, b"")
        said = answer(heard.message, stateless=self.stateless)
        session = "" if self.stateless else "Mcp-Session-Id: session-1\r\n"
        return self._reply(200, json.dumps(said).encode(), session)

    def _reply(self, status: int, body: bytes, headers: str = "") -> bytes:
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        )
        return f"{head}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _wanted(message: Mapping[str, Any]) -> int | None:
    """Return the HTTP status that a call asks for, if it is not the usual one."""
    if message.get("method") != "tools/call":
        return None
    number = int(message["params"]["arguments"]["id"].removeprefix("R-"))
    return number if number > 1 else None


@contextmanager
def recording_server(
    *, stateless: bool, elsewhere: str = "", redirects: Mapping[str, int] | None = None
) -> Generator[RecordingServer]:
    """Serve on a free port of 127.0.0.1 for as long as the block lasts."""
    recorder = RecordingServer(stateless, elsewhere, redirects or {})

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            recorder.serve(self.request)

    with _Threads(("127.0.0.1", 0), Handler) as server:
        recorder.url = f"http://127.0.0.1:{server.server_address[1]}/mcp"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()


# As a child process


def record_stdin(tape: Path, *, stateless: bool) -> None:
    """Keep the environment, the arguments and every line; answer as a server of one era."""
    with tape.open("ab", buffering=0) as file:
        file.write(json.dumps({"environ": dict(os.environ), "argv": sys.argv}).encode() + b"\n")
        for line in sys.stdin.buffer:
            file.write(line)
            message = json.loads(line)
            if message["method"] in LISTENING:
                said = heeded(message)
            elif "id" in message:
                said = json.dumps(answer(message, stateless=stateless)).encode()
            else:
                continue
            sys.stdout.buffer.write(said + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    record_stdin(Path(sys.argv[2]), stateless=sys.argv[1] == "stateless")
