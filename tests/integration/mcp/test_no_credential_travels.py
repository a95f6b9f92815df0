"""An agent's credentials end at the gateway, wherever it puts them and however it comes in.

Each agent has a text of its own for every place that could hold a credential, and uses all places
in all that it sends. The system behind the gateway keeps every byte that it gets, from the first
greeting to the end of the last session. None of those texts may be among them.
"""

from __future__ import annotations

import hashlib
import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.lowlevel
import pytest

from sallyport.adapters.mcp import McpUpstreams
from sallyport.errors import UpstreamError
from sallyport.model import JsonObject, System
from sallyport.ports import Outbound
from sallyport.rules.boundary.new import render_system
from sallyport.rules.jsonrpc import VERSION_HEADER_SINCE, VERSIONS
from tests.real_gateway import OWNER, REQUESTER, REQUESTER_ROLE, RealGateway, real_gateway, until
from tests.servers import recording_server as recording
from tests.servers.recording_server import Heard, RecordingServer, recording_server

OWN = "own-credential-of-the-gateway-0123456789"
NOW = recording.NOW
RECORDS = ("R-1", "R-301", "R-302", "R-303", "R-307", "R-308", "R-401", "R-404", "R-429", "R-500")
"""What each agent asks for: one that is found, then every kind of redirect and of failure."""

HEADERS = (
    "Proxy-Authorization",
    "Cookie",
    "X-Api-Key",
    "Api-Key",
    "X-Auth-Token",
    "X-Goog-Api-Key",
    "X-Amz-Security-Token",
    "X-Forwarded-Authorization",
    "X-Forwarded-For",
    "Forwarded",
    "X-Whatever",
    "User-Agent",
    "Referer",
    "From",
    "Last-Event-ID",
    "Mcp-Param-Token",
    "Mcp-Whatever",
    "tracestate",
    "baggage",
)
META = (
    "authorization",
    "com.example/api-key",
    "io.modelcontextprotocol/authorization",
    "io.sallyport/call",
    "progressToken",
    "tracestate",
    "baggage",
)
VARIABLES = ("OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "MCP_HEADERS", "DESK_KEY")


# The agents


@dataclass(frozen=True)
class Way:
    """How an agent gets in: an address, or a program to start with these words."""

    url: str
    program: Sequence[str]
    workflow: str

    @property
    def endpoint(self) -> str:
        """Where MCP is spoken over HTTP."""
        return f"{self.url}/mcp/{self.workflow}"


@dataclass
class Agent:
    """One who plants a credential in every place. `planted` has the text of each, by place."""

    door: str
    token: str
    planted: dict[str, str] = field(default_factory=dict[str, str])
    sent: int = 0

    def __post_init__(self) -> None:
        self.planted["the token itself"] = self.token

    def canary(self, place: str) -> str:
        """Return the credential that stands in a place, and in no other."""
        return self.planted.setdefault(place, f"canary{self._number(place)[:26]}")

    def trace(self, place: str) -> str:
        """Return a well-formed `traceparent` whose trace is the credential of a place."""
        trace_id = self.planted.setdefault(place, self._number(place)[:32])
        return f"00-{trace_id}-{trace_id[:16]}-01"

    def _number(self, place: str) -> str:
        return hashlib.sha256(f"{self.door}, {place}".encode()).hexdigest()

    def fields(self, token: str = "") -> dict[str, str]:
        """Return the headers of each request."""
        return {
            "Authorization": f"Bearer {token or self.token}",
            "traceparent": self.trace("header traceparent"),
            **{name: self.canary(f"header {name}") for name in HEADERS},
        }

    def query(self) -> str:
        """Return what stands behind the path of each request."""
        names = ("access_token", "api_key", "anything")
        return "?" + "&".join(f"{name}={self.canary(f'query {name}')}" for name in names)

    def message(self, method: str, params: Mapping[str, Any], **meta: object) -> dict[str, Any]:
        """Return a request with a credential in each of its corners."""
        self.sent += 1
        own = {name: self.canary(f"meta {name}") for name in META}
        own["traceparent"] = self.trace("meta traceparent")
        return {
            "jsonrpc": "2.0",
            "id": f"{self.canary('id')}-{self.sent}",
            "method": method,
            "params": {**params, "token": self.canary("params"), "_meta": {**own, **meta}},
            "authorization": self.canary("member"),
        }

    def notification(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the same without an id."""
        said = self.message(method, params)
        return {name: value for name, value in said.items() if name != "id"}

    def itself(self) -> dict[str, Any]:
        """Return what the agent says about itself."""
        return {name: self.canary(f"client {name}") for name in ("name", "version", "title")}

    def able(self) -> dict[str, Any]:
        """Return what the agent says that it can do."""
        names = ("elicitation", "sampling", "roots", "experimental", "extensions")
        return {name: {"x": {"key": self.canary(f"capability {name}")}} for name in names}


def hello(agent: Agent, version: str) -> dict[str, Any]:
    """Return the beginning of a handshake."""
    own = {"protocolVersion": version, "capabilities": agent.able(), "clientInfo": agent.itself()}
    return agent.message("initialize", own)


def errand(record: str) -> dict[str, Any]:
    """Return the parameters of a call."""
    return {"name": "get_record", "arguments": {"id": record, "region": "eu"}}


def looks(agent: Agent) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what an agent asks for beside tools: method and parameters."""
    yield "resources/list", {}
    yield "resources/templates/list", {}
    yield "resources/read", {"uri": "memo:1"}
    yield "prompts/list", {}
    yield "prompts/get", {"name": "greeting", "arguments": {}}
    ref = {"type": "ref/prompt", "name": "greeting", "token": agent.canary("reference")}
    argument = {"name": "who", "value": "a", "token": agent.canary("argument")}
    yield "completion/complete", {"ref": ref, "argument": argument}


def shaken(agent: Agent) -> Iterator[dict[str, Any]]:
    """Yield what an agent of the handshake era sends once it began, one message after the other."""
    yield agent.notification("notifications/initialized", {})
    yield agent.message("tools/list", {})
    for method, params in looks(agent):
        yield agent.message(method, params)
    yield agent.message("resources/subscribe", {"uri": "memo:1"})
    yield agent.message("resources/unsubscribe", {"uri": "memo:1"})
    yield agent.message("logging/setLevel", {"level": agent.canary("level")})
    for record in RECORDS:
        yield agent.message("tools/call", errand(record))
    reason = {"requestId": 1, "reason": agent.canary("reason")}
    yield agent.notification("notifications/cancelled", reason)
    yield agent.message(agent.canary("method"), {})


def standing(agent: Agent) -> Iterator[dict[str, Any]]:
    """Yield what an agent of the stateless era sends."""
    prefix = "io.modelcontextprotocol/"
    meta = {
        f"{prefix}protocolVersion": NOW,
        f"{prefix}clientInfo": agent.itself(),
        f"{prefix}clientCapabilities": agent.able(),
        f"{prefix}logLevel": "debug",
    }
    yield agent.message("server/discover", {}, **meta)
    level = {f"{prefix}logLevel": agent.canary("level")}
    yield agent.message("tools/call", errand("R-1"), **{**meta, **level})
    yield agent.message("tools/list", {}, **meta)
    for method, params in looks(agent):
        yield agent.message(method, params, **meta)
    for record in RECORDS:
        yield agent.message("tools/call", errand(record), **meta)
    yield agent.message(
        "subscriptions/listen", {"notifications": {"toolsListChanged": True}}, **meta
    )


# The doors


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP: of a stream, the first line."""

    status: int
    session: str
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the body, or nothing where it is no object."""
        with suppress(ValueError):
            found: dict[str, Any] = json.loads(self.body)
            return found
        return {}


def ask(
    agent: Agent,
    verb: str,
    url: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    query: bool = True,
) -> Answer:
    """Send one HTTP request with everything an agent could put into it."""
    address = urlsplit(url)
    fields = {
        **agent.fields(),
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        **(headers or {}),
    }
    data = None if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
    try:
        path = address.path + agent.query() if query else address.path
        connection.request(verb, path, data, fields)
        answer = connection.getresponse()
        streams = answer.headers.get_content_type() == "text/event-stream"
        said = answer.readline() if streams else answer.read()
        return Answer(answer.status, answer.getheader("Mcp-Session-Id", ""), said)
    finally:
        connection.close()


def by_handshake(agent: Agent, way: Way, version: str) -> list[bytes]:
    """Begin a session, work in it, listen, and end it."""
    begun = ask(agent, "POST", way.endpoint, hello(agent, version))
    agent.planted["session"] = begun.session
    own = {"Mcp-Session-Id": begun.session}
    if version >= VERSION_HEADER_SINCE:
        own["MCP-Protocol-Version"] = version
    ask(agent, "GET", way.endpoint, None, own)
    said = [ask(agent, "POST", way.endpoint, one, own).body for one in shaken(agent)]
    ask(agent, "DELETE", way.endpoint, None, own)
    return said


def statelessly(agent: Agent, way: Way) -> list[bytes]:
    """Discover, work and listen, with nothing before."""
    said: list[bytes] = []
    for one in standing(agent):
        own = {"MCP-Protocol-Version": NOW, "Mcp-Method": one["method"]}
        about = one["params"].get("name") or one["params"].get("uri")
        if about:
            own |= {"Mcp-Name": about, "Mcp-Param-Region": "eu"}
        said.append(ask(agent, "POST", way.endpoint, one, own).body)
    return said


def by_rest(agent: Agent, way: Way) -> list[bytes]:
    """Open a task and work in it. This door takes nothing that it does not know, so both ways."""
    words = {name: agent.canary(f"task {name}") for name in ("purpose", "words", "instance")}
    task: JsonObject = {"workflow": way.workflow, "requester": REQUESTER, "inputs": {}, **words}
    opened = ask(agent, "POST", f"{way.url}/v1/tasks", task, query=False).json()
    agent.planted["task token"] = str(opened.get("token", agent.token))
    own = {"Authorization": f"Bearer {agent.planted['task token']}"}
    ask(agent, "GET", f"{way.url}/v1/tools", None, own, query=False)

    calls = [{"tool": "get_record", "args": errand(record)["arguments"]} for record in RECORDS]
    more = {"_meta": {"key": agent.canary("meta")}, "authorization": agent.canary("member")}
    url = f"{way.url}/v1/calls"
    ask(agent, "POST", url, {**calls[0], **more}, own, query=False)
    ask(agent, "POST", url, calls[0], own)
    return [ask(agent, "POST", url, call, own, query=False).body for call in calls]


def by_program(agent: Agent, way: Way, messages: Iterator[dict[str, Any]]) -> list[bytes]:
    """Speak over stdin and stdout with a program whose environment is full of credentials."""
    canaries = {name: agent.canary(f"environment {name}") for name in VARIABLES}
    environment = {**os.environ, **canaries, "SALLYPORT_TOKEN": agent.token}
    pipe = subprocess.PIPE
    with subprocess.Popen(way.program, stdin=pipe, stdout=pipe, env=environment) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        said: list[bytes] = []
        for one in messages:
            program.stdin.write(json.dumps(one).encode() + b"\n")
            program.stdin.flush()
            if "id" in one and one["method"] not in recording.LISTENING:
                said.append(program.stdout.readline())
        program.stdin.close()
    return said


def program_by_handshake(agent: Agent, way: Way, version: str) -> list[bytes]:
    """Begin with a handshake, then work."""

    def messages() -> Iterator[dict[str, Any]]:
        yield hello(agent, version)
        yield from shaken(agent)

    return by_program(agent, way, messages())


def program_statelessly(agent: Agent, way: Way) -> list[bytes]:
    """Work with nothing before."""
    return by_program(agent, way, standing(agent))


Speak = Callable[[Agent, Way], list[bytes]]

DOORS: Mapping[str, Speak] = {
    **{f"http {version}": partial(by_handshake, version=version) for version in VERSIONS},
    f"http {NOW}": statelessly,
    **{
        f"program {version}": partial(program_by_handshake, version=version)
        for version in (VERSIONS[0], VERSIONS[-1])
    },
    f"program {NOW}": program_statelessly,
    "rest": by_rest,
}


# What reached the other side


def leaked(planted: Mapping[str, str], tape: bytes) -> set[str]:
    """Return the places whose credential is on a tape, in whatever case or packed in base64."""
    low = tape.lower()
    return {
        place
        for place, value in planted.items()
        if value.lower().encode() in low or any(packed in tape for packed in _packed(value))
    }


def _packed(value: str) -> Iterator[bytes]:
    """Yield what stays the same of a text in base64, whatever stands before and after it."""
    for ahead in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            packed = encode(bytes(ahead) + value.encode())
            yield packed[(ahead * 8 + 5) // 6 : (ahead + len(value)) * 8 // 6]


@dataclass(frozen=True)
class Upstream:
    """A kind of system."""

    stateless: bool
    over_http: bool


UPSTREAMS = {
    "http handshake": Upstream(stateless=False, over_http=True),
    "http stateless": Upstream(stateless=True, over_http=True),
    "stdio handshake": Upstream(stateless=False, over_http=False),
    "stdio stateless": Upstream(stateless=True, over_http=False),
}


@dataclass(frozen=True, kw_only=True)
class Life:
    """A whole life of a gateway, from its start to its end.

    `tape` is all that its system got, `heard` the same by requests where they came over HTTP;
    `agents` and `answers` are by door.
    """

    upstream: Upstream
    tape: bytes
    heard: Sequence[Heard]
    agents: Mapping[str, Agent]
    answers: Mapping[str, Sequence[bytes]]
    elsewhere: RecordingServer


@pytest.fixture(scope="module", params=UPSTREAMS)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Have an agent come in by every door of one gateway in front of each kind of system."""
    upstream = UPSTREAMS[str(request.param)]
    folder = tmp_path_factory.mktemp("life")
    tape = folder / "tape"
    with (
        recording_server(stateless=True) as elsewhere,
        recording_server(stateless=upstream.stateless, elsewhere=elsewhere.url) as desk,
    ):
        surroundings = Agent("the gateway's own environment", OWNER)
        variables = {name: surroundings.canary(name) for name in VARIABLES}
        with real_gateway(
            folder / "home", credentials={"desk-key": OWN}, environment=variables
        ) as gateway:
            system = _system(upstream, desk.url, tape)
            agents = {
                door: _hired(gateway, door, number, system) for number, door in enumerate(DOORS)
            }
            answers = {
                door: DOORS[door](agent, _way(gateway, number))
                for number, (door, agent) in enumerate(agents.items())
            }
            if upstream.over_http:
                until(lambda: desk.methods() & set(recording.LISTENING) or None)
        return Life(
            upstream=upstream,
            tape=bytes(desk.tape) if upstream.over_http else tape.read_bytes(),
            heard=desk.heard,
            agents={**agents, surroundings.door: surroundings},
            answers=answers,
            elsewhere=elsewhere,
        )


def _system(upstream: Upstream, url: str, tape: Path) -> str:
    if upstream.over_http:
        return render_system("desk", url=url, credential="desk-key")
    era = "stateless" if upstream.stateless else "handshake"
    command = (sys.executable, recording.__file__, era, str(tape))
    return render_system("desk", command=command, environment={"DESK_KEY": "secret:desk-key"})


def _hired(gateway: RealGateway, door: str, number: int, system: str) -> Agent:
    name = f"errands-{number}"
    gateway.sign(WORKFLOW.replace("NAME", name), {"desk.yaml": system})
    gateway.add_agent(f"{name}-bot")
    kind = "opener" if door == "rest" else "agent"
    person = {} if kind == "opener" else {"person": REQUESTER}
    token = gateway.client.make_token(kind, by=OWNER, agent=f"{name}-bot", workflow=name, **person)
    return Agent(door, token)


def _way(gateway: RealGateway, number: int) -> Way:
    workflow = f"errands-{number}"
    words = ("-m", "sallyport", "mcp", "--home", str(gateway.home), "--workflow", workflow)
    return Way(gateway.url, (sys.executable, *words), workflow)


WORKFLOW = f"""\
workflow: NAME
purpose: See what gets through.
owner: {OWNER}
agent: NAME-bot
environment: test
expires: 2035-12-31
for: [{REQUESTER_ROLE}]
tools:
  get_record:
    level: read
    only:
      id: {{max_length: 20}}
      region: {{max_length: 20}}
  resources/read: {{level: read, only: {{uri: {{starts_with: "memo:"}}}}}}
  prompts/get:
    level: read
    only:
      name: {{max_length: 20}}
      arguments: {{any: true, optional: true}}
  completion/complete:
    level: read
    only:
      ref: {{any: true}}
      argument: {{any: true}}
"""


# What holds


def test_nothing_that_an_agent_puts_anywhere_reaches_a_system(life: Life) -> None:
    """Every door, every place; and the calls did go through, so there was something to carry."""
    found = {door: leaked(agent.planted, life.tape) for door, agent in life.agents.items()}
    assert {door: places for door, places in found.items() if places} == {}

    assert set(life.answers) == set(DOORS)
    for door, answers in life.answers.items():
        assert any(b"found" in answer for answer in answers), (door, answers)


def test_every_message_that_can_leave_did(life: Life) -> None:
    """Otherwise the tape would say nothing about those that are missing."""
    always = {"server/discover", "tools/call", *recording.RESULTS}
    shaking = {"initialize", "notifications/initialized"}
    if life.upstream.over_http:
        own = {"subscriptions/listen"} if life.upstream.stateless else {*shaking, "GET", "DELETE"}
        assert {one.method for one in life.heard} >= always | own
    else:
        own = {"subscriptions/listen"} if life.upstream.stateless else shaking
        assert {one["method"] for one in _lines(life)[1:]} >= always | own


def test_the_systems_own_credential_is_in_its_own_place_alone(life: Life) -> None:
    """Over HTTP one header of each request; for a program one variable, and no other is there."""
    if life.upstream.over_http:
        for one in life.heard:
            assert one.header("Authorization") == [f"Bearer {OWN}".encode()]
        places = len(life.heard)
    else:
        starts = [one["environ"] for one in _lines(life) if "environ" in one]
        for environment in starts:
            # Python itself adds LC_CTYPE to its own environment when it starts without a locale.
            assert environment.keys() - {"LC_CTYPE"} == {"PATH", "DESK_KEY"}
            assert environment["DESK_KEY"] == OWN
        places = len(starts)
    assert life.tape.count(OWN.encode()) == places > 0


def test_whoever_a_system_points_to_hears_nothing(life: Life) -> None:
    """Each agent's call met every kind of redirect; no connection was made."""
    assert life.elsewhere.connections == 0
    if life.upstream.over_http:
        met = [one.message["params"]["arguments"]["id"] for one in life.heard if _is_call(one)]
        assert {(record, met.count(record)) for record in RECORDS[1:]} == {
            (record, len(DOORS)) for record in RECORDS[1:]
        }


def _is_call(heard: Heard) -> bool:
    return heard.method == "tools/call"


def _lines(life: Life) -> list[dict[str, Any]]:
    return [json.loads(line) for line in life.tape.splitlines()]


# What the same eyes see where it does not hold


class _PassThrough(http.server.BaseHTTPRequestHandler):
    """A gateway as they are often written: it hands on whatever it gets."""

    upstream = ""

    def do_POST(self) -> None:
        self._pass_on()

    def do_GET(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fields = {name: value for name, value in self.headers.items() if name != "Content-Length"}
        connection = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=30)
        connection.request(self.command, self.path, body, fields)
        answer = connection.getresponse()
        streams = answer.headers.get_content_type() == "text/event-stream"
        said = answer.readline() if streams else answer.read()
        connection.close()
        self.send_response(answer.status)
        for name in ("Content-Type", "Mcp-Session-Id"):
            self.send_header(name, answer.getheader(name, ""))
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing on stderr."""


@contextmanager
def pass_through(upstream: str) -> Generator[str]:
    """Serve the careless gateway; yield its address."""
    handler = type("Handler", (_PassThrough,), {"upstream": upstream})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("door", DOORS)
def test_a_gateway_that_hands_everything_on_is_caught(door: str, tmp_path: Path) -> None:
    """The same agent and the same look at the tape: what it planted is found, place by place."""
    agent, tape = Agent(door, "bearer-token-of-an-agent"), tmp_path / "tape"
    stateless = door.endswith(NOW)
    era = "stateless" if stateless else "handshake"
    with recording_server(stateless=stateless) as desk, pass_through(desk.url) as url:
        program = (sys.executable, recording.__file__, era, str(tape))
        DOORS[door](agent, Way(url, program, "errands"))
        heard = tape.read_bytes() if door.startswith("program") else bytes(desk.tape)

    assert leaked(agent.planted, heard) == set(agent.planted)


def test_a_credential_is_found_in_base64_wherever_it_begins() -> None:
    """Basic authentication and encoded headers would hide it from a plain look."""
    for before in ("", "u", "us", "use"):
        tape = b64encode(f"{before}:canary-of-somebody:x".encode())
        assert leaked({"there": "canary-of-somebody"}, tape) == {"there"}


# Every step at which a system may point elsewhere

STEPS = (
    *((True, step) for step in ("server/discover", "tools/list", "tools/call")),
    (True, "subscriptions/listen"),
    *((False, step) for step in ("server/discover", "initialize", "notifications/initialized")),
    *((False, step) for step in ("tools/list", "tools/call", "GET", "DELETE")),
)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [302, 308])
@pytest.mark.parametrize("stateless, step", STEPS)
async def test_a_redirect_is_followed_at_no_step(stateless: bool, step: str, status: int) -> None:
    """Not for a greeting, not for a list, not at the end of a session."""
    with (
        recording_server(stateless=True) as elsewhere,
        recording_server(
            stateless=stateless, elsewhere=elsewhere.url, redirects={step: status}
        ) as desk,
    ):
        system = System(name="desk", url=desk.url, credential="desk-key")
        upstreams = McpUpstreams(lambda: {"desk": system}, {"desk-key": OWN}.__getitem__)
        with anyio.fail_after(20):
            with suppress(UpstreamError):
                await upstreams.tools("desk")
            with suppress(UpstreamError):
                await upstreams.call(_outbound(), lambda: None)
            while step in recording.LISTENING and step not in desk.methods():
                await anyio.lowlevel.checkpoint()
            await upstreams.close()

    assert step in desk.methods()
    assert elsewhere.connections == 0


def _outbound() -> Outbound:
    return Outbound(
        call_id="call_1",
        system="desk",
        tool="get_record",
        arguments=b'{"id":"R-1"}',
        meta={},
        principal="bot",
        timeout_ms=20_000,
        idempotency_key="",
    )
