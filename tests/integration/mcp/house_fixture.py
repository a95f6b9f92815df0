"""A whole gateway in this process: real store, keys and upstream connections, behind the MCP door.

Composed here and not by the application, so that a test can hold every part in its hand: answer
questions with real signatures, count at the system, and close with everything let go.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import uvicorn
from starlette.applications import Starlette

from sallyport.adapters.host import HostStopFile, SystemClock, SystemIds
from sallyport.adapters.keys import (
    KeyFile,
    PersonalSignatures,
    PersonKey,
    new_token,
    token_hash,
)
from sallyport.adapters.mcp import McpUpstreams
from sallyport.adapters.storage import open_store
from sallyport.doors.mcp import mcp_routes
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.flow.inbox import Item
from sallyport.flow.opening import open_house
from sallyport.flow.outside import Outside
from sallyport.flow.tasks import Opening
from sallyport.model import CoolOff, Json, JsonObject, Stage, System
from sallyport.ports import Clock, Upstreams
from sallyport.rules import approval as approvals
from sallyport.rules import confirming
from sallyport.rules.statements import Signed, statement
from tests.provers import NearProver
from tests.signers import sign_off

LENA = "lena"
"""The one who is enrolled: owner, administrator and support lead."""
MARA = "mara"
"""The one for whom the work is done."""
AGENT = "support-bot"
WORKFLOW = "customer-support"
DESK_TOKEN = "only-the-gateway-knows"

_DEMO = files("sallyport.demo") / "files"


@dataclass
class MovableClock:
    """The machine's clock, and a way to let time pass."""

    ahead_us: int = 0
    real: Clock = field(default_factory=SystemClock)

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return self.real.now_us() + self.ahead_us


@dataclass(kw_only=True)
class Kit:
    """A running house and the people around it."""

    house: House
    settings: Settings
    app: Starlette
    clock: MovableClock
    key: PersonKey
    url: str = ""

    def endpoint(self, workflow: str = WORKFLOW) -> str:
        """Return the address of a workflow's door."""
        return f"{self.url}/mcp/{workflow}"

    def signed(self, verb: str, details: JsonObject) -> Signed:
        """Return lena's signature over a statement."""
        at_us = self.clock.now_us()
        said = statement(verb, details, person=LENA, at_us=at_us)
        return Signed(person=LENA, at_us=at_us, signature=self.key.sign(said))

    async def activate(self, workflow: str, systems: Mapping[str, str]) -> None:
        """Propose a boundary, and sign it."""
        proposed = await self.house.authority.propose(workflow, "workflow.yaml", systems)
        await sign_off(self.house, proposed, {LENA: self.key})

    async def stage(self, stage: Stage) -> None:
        """Let the agent go further, or less far."""
        details: JsonObject = {"agent": AGENT, "stage": stage.value, "because": "a test"}
        signed = self.signed("stage", details)
        await self.house.people.stage(AGENT, stage, because="a test", by=signed)

    async def task_token(
        self,
        inputs: Mapping[str, Json] | None = None,
        *,
        workflow: str = WORKFLOW,
        lasts_s: int = 3600,
    ) -> str:
        """Open a task for mara and return the token that is the task."""
        opener = await self.house.tasks.make_token(
            "opener", agent=AGENT, workflow=workflow, by=LENA
        )
        opening = Opening(
            workflow=workflow,
            requester=MARA,
            inputs=ticket() if inputs is None else inputs,
            lasts_s=lasts_s,
        )
        return (await self.house.tasks.open(self.house.tasks.bearer(opener), opening)).token

    async def agent_token(self, workflow: str = WORKFLOW) -> str:
        """Make a key for the agent itself."""
        return await self.house.tasks.make_token(
            "agent", agent=AGENT, workflow=workflow, person=MARA, by=LENA
        )

    async def question(self) -> Item:
        """Return the one question that waits, once there is one."""
        while True:
            asked = [item for item in await self.house.inbox.items() if item.kind == "question"]
            if asked:
                return asked[0]
            await anyio.lowlevel.checkpoint()

    async def answer(self, *, yes: bool) -> None:
        """Answer the question that waits, as lena."""
        approval = (await self.question()).approval
        assert approval is not None
        at_us = self.clock.now_us()
        said = approvals.statement(approval, person=LENA, yes=yes, because="fine", at_us=at_us)
        await self.house.inbox.answer(
            approval.id,
            person=LENA,
            yes=yes,
            because="fine",
            at_us=at_us,
            signature=self.key.sign(said),
            typed=confirming.value(approval) if yes else "",
        )


def ticket() -> dict[str, Json]:
    """Return what the task about Ada's ticket is bound to."""
    return {
        "ticket_id": "T-4711",
        "contact_id": "C-1001",
        "customer_email": "ada@brandt-bakery.example",
    }


def demo_workflow() -> str:
    """Return the demo's boundary, as it is shipped."""
    return (_DEMO / "workflows" / "customer-support.yaml").read_text(encoding="utf-8")


def desk_system(url: str) -> str:
    """Return the demo's system file, for a desk that listens at `url`."""
    text = (_DEMO / "systems" / "desk.yaml").read_text(encoding="utf-8")
    return text.replace("http://127.0.0.1:8787/mcp", url)


@asynccontextmanager
async def opened(
    home: Path,
    *,
    upstreams: Upstreams | None = None,
    secrets: Mapping[str, str] | None = None,
    **settings: Any,
) -> AsyncGenerator[Kit]:
    """Open a house in a folder, with lena enrolled and the agent registered the first time.

    Args:
        home: Where its state is; an older house there goes on.
        upstreams: The way out; the real one when it is None.
        secrets: What the real way out may fill in.
        settings: Settings that differ from their defaults.
    """
    at_once: dict[str, Any] = {"cool_off_s": 0, "cool_off_money_s": 0}
    chosen = Settings(home=home, **{**at_once, **settings})
    built: list[House] = []

    def systems() -> Mapping[str, System]:
        return built[0].authority.systems() if built else {}

    chosen.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = KeyFile.load_or_create(chosen.state / "key")
    store = open_store(chosen.state, key_id=key.fingerprint)
    clock = MovableClock()
    outside = Outside(
        store=store,
        upstreams=upstreams or McpUpstreams(systems, (secrets or {}).__getitem__),
        clock=clock,
        ids=SystemIds(clock),
        vault=key,
        signatures=PersonalSignatures(),
        stop_file=HostStopFile(chosen.state / "STOP"),
        prover=NearProver(),
    )
    failures: list[BaseException] = []
    house = await open_house(
        outside,
        new_token=new_token,
        token_hash=token_hash,
        team_of_one=True,
        distrust=store.opened.rolled_back,
        report=failures.append,
        built=built.append,
        cool_off=CoolOff(usual_s=chosen.cool_off_s, money_s=chosen.cool_off_money_s),
    )
    try:
        kit = Kit(
            house=house,
            settings=chosen,
            app=Starlette(routes=mcp_routes(house, chosen)),
            clock=clock,
            key=await _people(house, home / "lena.pem"),
        )
        yield kit
    finally:
        await house.close()
    assert failures == []


async def _people(house: House, key_file: Path) -> PersonKey:
    if LENA in house.gateway.registry.people:
        return PersonKey.load(key_file)
    key = PersonKey.generate()
    key.save(key_file)
    roles = {"owner", "administrator", "support_lead"}
    await house.people.enrol(LENA, roles, key.public_key, by=None)
    details: JsonObject = {"name": MARA, "roles": ["support_agent"], "public_key": ""}
    at_us = house.gateway.evidence.now_us()
    said = statement("enrol", details, person=LENA, at_us=at_us)
    by = Signed(person=LENA, at_us=at_us, signature=key.sign(said))
    await house.people.enrol(MARA, {"support_agent"}, "", by=by)
    await house.people.add_agent(AGENT, owner=LENA, purpose="be tested", contact=LENA, by=LENA)
    return key


@asynccontextmanager
async def listening(kit: Kit) -> AsyncGenerator[Kit]:
    """Serve the door on a free port of 127.0.0.1 for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            kit.app,
            log_config=None,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await anyio.lowlevel.checkpoint()
        kit.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield kit
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def raw_client(kit: Kit, token: str) -> AsyncGenerator[Raw]:
    """Return a client that sends what it is told, straight into the application."""
    transport = httpx2.ASGITransport(app=kit.app)
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=headers
    ) as client:
        yield Raw(client)


@dataclass
class Raw:
    """A hand-driven client."""

    http: httpx2.AsyncClient
    path: str = f"/mcp/{WORKFLOW}"
    number: int = 0

    async def post(self, content: bytes | Any, **headers: str) -> httpx2.Response:
        """Post bytes as they are, or anything else as JSON; `_` in header names means `-`."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(content, bytes):
            return await self.http.post(self.path, content=content, headers=fields)
        return await self.http.post(self.path, json=content, headers=fields)

    async def begin(self, version: str = "2025-11-25") -> dict[str, Any]:
        """Begin a session, use it from now on, and return what the gateway said."""
        hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "raw"}}
        answer = await self.post(message("initialize", hello, number=0))
        self.http.headers["Mcp-Session-Id"] = answer.headers["mcp-session-id"]
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def ask(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and return the whole answer."""
        self.number += 1
        answer = await self.post(message(method, params, number=self.number))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert found["id"] == self.number
        return found

    async def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """Call a tool and return the result."""
        answer = await self.ask("tools/call", {"name": tool, "arguments": args})
        result: dict[str, Any] = answer["result"]
        return result


def message(
    method: str, params: Mapping[str, Any] | None = None, *, number: int | str | None = None
) -> dict[str, Any]:
    """Return a JSON-RPC message; a notification where it has no number."""
    found: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if number is not None:
        found["id"] = number
    if params is not None:
        found["params"] = dict(params)
    return found


def texts(result: Mapping[str, Any]) -> Sequence[str]:
    """Return the texts of a result."""
    return [block["text"] for block in result["content"] if block["type"] == "text"]
