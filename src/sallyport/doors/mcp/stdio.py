"""`sallyport mcp`: MCP over stdin and stdout, for clients that start a program.

Rules:
  1. It is thin: one line in is one POST to the gateway, and what comes back is lines out. It holds
     no rules and no state but the session, or in the stateless era the arguments that the tools it
     saw listed want in headers. So whatever it does wrong the gateway refuses.
  2. Every request that was read gets exactly one answer, also when the gateway is down or goes
     away; a request is never sent twice, since it may have had its effect. A stream that breaks
     off is gone on with from the last event that came.
  3. Threads and `http.client` are enough, and start fast. stdout carries messages, nothing else.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

from sallyport.adapters.keys.private_files import read_private
from sallyport.doors.mcp import envelope, eras, mirrored
from sallyport.errors import (
    BadInputError,
    KeyFileError,
    NotAuthenticatedError,
    SallyportError,
)
from sallyport.model import Json, JsonObject
from sallyport.rules import jsonrpc, mirrors, strict_json
from sallyport.rules.jsonrpc import Id, Notification, Request
from sallyport.rules.mirrors import Mark

TOKEN_VARIABLE = "SALLYPORT_TOKEN"  # noqa: S105 (a name)
TOKEN_BYTES_MAX = 1024
LINE_BYTES_MAX = 256 * 1024 * 1024
ANSWER_BYTES_MAX = 256 * 1024 * 1024
DEPTH_MAX = 512
IN_FLIGHT_MAX = 64
CONNECT_S = 10.0
LAST_ANSWERS_S = 5.0
"""How long answers that are under way are waited for once stdin has ended."""

AGAIN_S = 1.0
RESUMES_MAX = 30
"""How often in a row a broken stream is tried again, AGAIN_S apart, while nothing comes of it."""

ROOM_S = 30.0
"""How long a request waits for one of IN_FLIGHT_MAX others to end."""

NOTIFICATION_S = 10.0
_READ = 65536


class GatewayDownError(SallyportError):
    """Nobody listens where the gateway should be; nothing was sent."""

    code = "gateway.down"
    fix = "start it with `sallyport serve`, then repeat the call"


class TooMuchError(SallyportError):
    """Too many requests are being answered already; this one was not sent."""

    code = "gateway.busy"
    fix = "wait until others are answered, then send it again"


class GatewayLostError(SallyportError):
    """The gateway went away while it answered."""

    code = "gateway.lost"
    fix = "repeat exactly this call once the gateway is back: you then learn what became of it"


def token_from(environment: Mapping[str, str], file: Path | None = None) -> str:
    """Return the token: from a file that only its owner reads, or from `SALLYPORT_TOKEN`.

    Raises:
        KeyFileError: The file cannot be read, or others can read it.
        NotAuthenticatedError: There is none.
    """
    token = _read_private(file) if file is not None else environment.get(TOKEN_VARIABLE, "")
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise NotAuthenticatedError(
            "there is no token to speak with",
            fix=f"set {TOKEN_VARIABLE}, or name a file of mode 0600 that holds the token",
        )
    return token


def run(url: str, workflow: str, token: str, *, stdin: int = 0, stdout: int = 1) -> int:
    """Carry messages between a client and the gateway until the client closes stdin.

    Args:
        url: Where the gateway listens, for example `http://127.0.0.1:8642`.
        workflow: The workflow that the token is for.
        token: The bearer token of an agent or a task.
        stdin: The descriptor to read from.
        stdout: The descriptor to write to.

    Returns:
        The exit status: 0, also when the client left first.

    Raises:
        BadInputError: The address cannot be one.
    """
    bridge = _Bridge(_Gateway.at(url, workflow, token), _Out(stdout))
    try:
        for line in _lines(stdin):
            bridge.carry(line)
        bridge.finish()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        bridge.close()
    return 0


# --- Lines. ---


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yield the lines of a descriptor; one beyond all bounds ends the reading."""
    pending = bytearray()
    while chunk := os.read(descriptor, _READ):
        start = len(pending)
        pending += chunk
        while (end := pending.find(b"\n", start)) >= 0:
            line, start = bytes(pending[:end]).strip(), 0
            del pending[: end + 1]
            if line:
                yield line
        if len(pending) > LINE_BYTES_MAX:
            return
    if pending.strip():
        yield bytes(pending).strip()


class _Out:
    """stdout: whole lines, one at a time, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self.broken = False

    def write(self, message: bytes) -> None:
        data = memoryview(message.replace(b"\n", b" ") + b"\n")
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                self.broken = True


# --- The gateway. ---


@dataclass(frozen=True, slots=True)
class _Gateway:
    """Where the gateway is, and how one connection to it is made."""

    scheme: str
    host: str
    port: int
    path: str
    token: str
    ports: ClassVar[Mapping[str, int]] = {"http": 80, "https": 443}

    @classmethod
    def at(cls, url: str, workflow: str, token: str) -> _Gateway:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in cls.ports or not parts.hostname:
            raise BadInputError(
                "the gateway's address is no URL", fix="use one like http://127.0.0.1:8642"
            )
        path = f"{parts.path.rstrip('/')}/mcp/{quote(workflow, safe='')}"
        return cls(parts.scheme, parts.hostname, port or cls.ports[parts.scheme], path, token)

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        """Return an open connection.

        Raises:
            GatewayDownError: Nobody listens there.
        """
        connection: http.client.HTTPConnection
        if self.scheme == "https":
            connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=timeout_s, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        try:
            connection.connect()
        except OSError as error:
            raise GatewayDownError(f"no gateway answers at {self.host}:{self.port}") from error
        return connection

    def headers(self, session: _Session) -> dict[str, str]:
        """Return the headers of a request in a session."""
        fields = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }
        if session.id:
            fields["Mcp-Session-Id"] = session.id
        if session.version:
            fields["MCP-Protocol-Version"] = session.version
        return fields


@dataclass(slots=True)
class _Session:
    """What `initialize` settled."""

    id: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the client: its bytes, and what can be told of it before it is sent.

    `stateless` is its request if that is of the stateless era, `cancels` the id of one that is no
    longer wanted.
    """

    data: bytes
    method: str = ""
    ids: tuple[Id, ...] = ()
    readable: bool = True
    stateless: Request | None = None
    cancels: Json = None

    @classmethod
    def of(cls, data: bytes) -> _Line:
        try:
            value = strict_json.loads(data, bytes_max=LINE_BYTES_MAX, depth_max=DEPTH_MAX)
            messages = jsonrpc.read_all(value, jsonrpc.BATCH_VERSION)
        except BadInputError:
            return cls(data, readable=False)  # the gateway says what is wrong with it
        requests = [message for message in messages if isinstance(message, Request)]
        ids = tuple(request.id for request in requests)
        if len(messages) == 1 and isinstance(messages[0], Notification):
            return cls(data, cancels=_cancelled(messages[0]))
        method = requests[0].method if len(requests) == 1 else ""
        is_stateless = method and eras.is_stateless(None, value)
        return cls(data, method, ids, stateless=requests[0] if is_stateless else None)


@dataclass(slots=True)
class _Flight:
    """A request that is being answered, and the connection it is answered on once there is one.

    `event` is the id of the last event that came.
    """

    connection: http.client.HTTPConnection | None = None
    cancelled: bool = False
    event: str = ""


class _Bridge:
    """Carries lines to the gateway and messages back."""

    def __init__(self, gateway: _Gateway, out: _Out) -> None:
        self._gateway = gateway
        self._out = out
        self._session = _Session()
        self._open: set[http.client.HTTPConnection] = set()
        self._flights: dict[Id, _Flight] = {}
        self._marks: dict[str, tuple[Mark, ...]] = {}
        self._lock = threading.Lock()
        self._room = threading.Semaphore(IN_FLIGHT_MAX)
        self._closing = threading.Event()
        self._listener: threading.Thread | None = None
        self._workers: list[threading.Thread] = []

    def carry(self, data: bytes) -> None:
        """Send one line. `initialize` and notifications are waited for, so that order is kept."""
        if self._out.broken:
            raise BrokenPipeError
        line = _Line.of(data)
        if self._cancel(line.cancels):
            return
        flight = _Flight()
        if line.method == "initialize" or not line.ids:
            self._exchange(line, flight)
            return
        if not self._room.acquire(timeout=ROOM_S):
            self._fail(line.ids, TooMuchError(f"{IN_FLIGHT_MAX} requests are under way"))
            return
        if line.stateless is not None:
            self._flights[line.stateless.id] = flight
        worker = threading.Thread(target=self._work, args=(line, flight), daemon=True)
        self._workers = [one for one in self._workers if one.is_alive()] + [worker]
        worker.start()

    def finish(self) -> None:
        """Wait a little for answers that are under way."""
        deadline = time.monotonic() + LAST_ANSWERS_S
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Hang up. The gateway keeps what was still to be answered."""
        self._closing.set()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)
        for thread in (*self._workers, self._listener):
            if thread is not None:
                thread.join(1.0)

    def _work(self, line: _Line, flight: _Flight) -> None:
        try:
            self._exchange(line, flight)
        finally:
            self._room.release()
            with self._lock:
                if line.stateless and self._flights.get(line.stateless.id) is flight:
                    del self._flights[line.stateless.id]

    def _cancel(self, id_: Json) -> bool:
        """Hang up on a request of the stateless era, where that is what cancelling means."""
        with self._lock:
            flight = self._flights.get(id_) if isinstance(id_, (str, int)) else None
            if flight is None:
                return False
            flight.cancelled = True
            if flight.connection is not None:
                _hang_up(flight.connection)
        return True

    # --- One message. ---

    def _exchange(self, line: _Line, flight: _Flight) -> None:
        """Send a line and write what comes back; what cannot be had is an error to its ids."""
        owed = dict.fromkeys(line.ids)
        try:
            missing = self._carried(line, flight, owed, self._post(line, flight))
            tries = 0
            while owed and flight.event and tries < RESUMES_MAX and not self._given_up(flight):
                before = flight.event
                self._closing.wait(AGAIN_S)
                missing = self._carried(line, flight, owed, self._resume(line, flight))
                tries = tries + 1 if flight.event == before else 0
        except SallyportError as error:
            missing = error
        if not self._given_up(flight):
            self._fail(owed, missing)

    def _carried(
        self, line: _Line, flight: _Flight, owed: dict[Id, None], messages: Iterator[bytes]
    ) -> SallyportError:
        """Write messages, strike off whom they answer, and return why others are not answered."""
        try:
            for message in messages:
                if line.stateless is not None and line.method == "tools/list":
                    self._learn(message)
                self._out.write(message)
                for answered in _answered(message):
                    owed.pop(answered, None)
        except (GatewayLostError, GatewayDownError) as error:
            if flight.event:
                return GatewayLostError("the gateway went away while it answered")
            return error
        return GatewayLostError("the gateway sent no answer to this")

    def _given_up(self, flight: _Flight) -> bool:
        return self._closing.is_set() or flight.cancelled

    def _fail(self, ids: Iterable[Id], error: SallyportError) -> None:
        for id_ in ids:
            self._out.write(_error(id_, error))

    def _post(self, line: _Line, flight: _Flight) -> Iterator[bytes]:
        with self._connected(CONNECT_S) as connection:
            with self._lock:
                flight.connection = connection
                if flight.cancelled:
                    return
            try:
                _patience(connection, None if line.ids else NOTIFICATION_S)
                connection.request("POST", self._gateway.path, line.data, self._headers(line))
                answer = connection.getresponse()
                yield from self._answers(line, flight, answer)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise GatewayLostError("the gateway went away while it answered") from error

    def _resume(self, line: _Line, flight: _Flight) -> Iterator[bytes]:
        """Go on with a stream that broke off, from its last event."""
        with self._connected(CONNECT_S) as connection:
            try:
                _patience(connection, None)
                fields = self._gateway.headers(self._session) | {"Last-Event-ID": flight.event}
                connection.request("GET", self._gateway.path, headers=fields)
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    flight.event = ""
                yield from self._answers(line, flight, answer)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise GatewayLostError("the gateway went away while it answered") from error

    def _headers(self, line: _Line) -> dict[str, str]:
        request = line.stateless
        if request is None:
            return self._gateway.headers(self._session)
        found = self._gateway.headers(_Session()) | envelope.headers_of(request)
        name, args = request.params.get("name"), request.params.get("arguments")
        if isinstance(name, str) and isinstance(args, dict):
            found |= mirrors.repeated(self._marks.get(name, ()), args)
        return found

    def _learn(self, listed: bytes) -> None:
        """Remember which arguments the tools of a list want in headers."""
        value = _loads(listed)
        result = value.get("result") if isinstance(value, dict) else None
        tools = result.get("tools") if isinstance(result, dict) else None
        for tool in tools if isinstance(tools, list) else []:
            if isinstance(tool, dict) and isinstance(name := tool.get("name"), str):
                self._marks[name] = mirrored.usable(tool.get("inputSchema"))

    def _answers(
        self, line: _Line, flight: _Flight, answer: http.client.HTTPResponse
    ) -> Iterator[bytes]:
        if answer.getheader("Content-Type", "").startswith("text/event-stream"):
            for event, message in _events(answer):
                flight.event = event or flight.event
                if message:
                    yield message
            return
        body = answer.read(ANSWER_BYTES_MAX)
        if answer.status >= http.client.BAD_REQUEST:
            yield from _refusals(line, answer.status, body)
        elif body:
            if line.method == "initialize":
                self._begin(answer, body)
            yield body

    def _begin(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        value = _loads(body)
        result = value.get("result") if isinstance(value, dict) else None
        version = result.get("protocolVersion") if isinstance(result, dict) else None
        session_id = answer.getheader("Mcp-Session-Id")
        if not isinstance(version, str) or not session_id:
            return
        self._session = _Session(session_id, version)
        if self._listener is None:
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()

    # --- What the gateway says by itself. ---

    def _listen(self) -> None:
        """Keep a listening stream open for as long as the client is there."""
        while not self._closing.is_set():
            with contextlib.suppress(
                SallyportError, OSError, http.client.HTTPException, ValueError
            ):
                self._hear()
            self._closing.wait(AGAIN_S)

    def _hear(self) -> None:
        with self._connected(CONNECT_S) as connection:
            _patience(connection, None)
            connection.request(
                "GET", self._gateway.path, headers=self._gateway.headers(self._session)
            )
            answer = connection.getresponse()
            if answer.status == http.client.OK:
                for _, message in _events(answer):
                    if message:
                        self._out.write(message)

    @contextlib.contextmanager
    def _connected(self, timeout_s: float) -> Generator[http.client.HTTPConnection]:
        connection = self._gateway.connect(timeout_s)
        with self._lock:
            self._open.add(connection)
        try:
            if self._closing.is_set():
                raise GatewayLostError("the client has left")
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def _cancelled(message: Notification) -> Json:
    wanted = message.method == "notifications/cancelled"
    return message.params.get("requestId") if wanted else None


def _patience(connection: http.client.HTTPConnection, timeout_s: float | None) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(timeout_s)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Wake whichever thread reads from a connection."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _events(answer: http.client.HTTPResponse) -> Iterator[tuple[str, bytes]]:
    """Yield the events of a stream, id and message; our gateway puts each on one `data` line."""
    event = ""
    while line := answer.readline(ANSWER_BYTES_MAX):
        name, _, value = line.rstrip(b"\r\n").partition(b":")
        if name == b"id":
            event = value.strip().decode("ascii", "replace")
        elif name == b"data":
            yield event, value.strip()
            event = ""


def _refusals(line: _Line, status: int, body: bytes) -> Iterator[bytes]:
    """Yield what an HTTP error says, once to each request that it answers."""
    value = _loads(body)
    error: Json = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        error = {"code": jsonrpc.SERVER_ERROR, "message": f"the gateway answered HTTP {status}"}
    for id_ in line.ids if line.readable else (None,):
        response: JsonObject = {"jsonrpc": "2.0", "id": id_, "error": error}
        yield jsonrpc.encode(response)


def _error(id_: Id, error: SallyportError) -> bytes:
    data: JsonObject = dict(error.as_dict())
    return jsonrpc.error(id_, jsonrpc.SERVER_ERROR, error.what, data)


def _answered(message: bytes) -> Iterator[Id]:
    """Yield the ids that a message answers."""
    value = _loads(message)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and "method" not in item:
            id_ = item.get("id")
            if isinstance(id_, (str, int)):
                yield id_


def _loads(data: bytes) -> Json:
    try:
        return strict_json.loads(data, bytes_max=ANSWER_BYTES_MAX, depth_max=DEPTH_MAX)
    except BadInputError:
        return None


def _read_private(file: Path) -> str:
    try:
        return read_private(file, at_most=TOKEN_BYTES_MAX).decode("ascii", "replace")
    except KeyFileError as error:
        raise KeyFileError(
            error.what.replace("key file", "token file", 1),
            fix="name a file of yours, of mode 0600, that holds the token",
        ) from error
