"""A staffed office to test the doors in: a real desk, a real gateway on real sockets, real keys."""

from __future__ import annotations

import asyncio
import http.client
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import uvicorn
from anyio.from_thread import BlockingPortal
from starlette.applications import Starlette

from sallyport.adapters.keys import PersonKey
from sallyport.demo import story
from sallyport.doors.app import agents_app, opened, people_app
from sallyport.doors.client import LocalClient
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules import canonical
from sallyport.rules.statements import Signed, statement
from sallyport.rules.strict_json import loads
from tests.signers import sign_off_at

WORKFLOW = story.WORKFLOW
AGENT = "support-bot"
DESK_TOKEN = "desk-credential-0123456789"
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "lena": ("administrator", "operator", "owner", "support_agent", "support_lead"),
    "omar": ("support_agent", "support_lead"),
    "mara": ("support_agent",),
    "vera": ("reviewer",),
}
SECOND = "vera"
"""Who signs boundaries besides their owner."""

START_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back over HTTP."""

    status: int
    body: dict[str, Any]
    raw: bytes


@dataclass(slots=True, kw_only=True)
class Office:
    """A gateway that is up, and the people and programs around it."""

    house: House
    settings: Settings
    portal: BlockingPortal
    desk_url: str
    client: LocalClient
    keys: dict[str, PersonKey]
    heard: list[bytes] = field(default_factory=list[bytes])
    opener: str = ""

    # --- Programs. ---

    def v1(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answered:
        """Make one request at the public door."""
        connection = self.begin(method, path, body, token=token, headers=headers, raw=raw)
        try:
            answer = connection.getresponse()
            data = answer.read()
            self.heard.append(data)
            return Answered(status=answer.status, body=_object(data), raw=data)
        finally:
            connection.close()

    def begin(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> http.client.HTTPConnection:
        """Send one request at the public door, and do not wait."""
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=START_S)
        sent = raw if raw is not None else canonical.encode(body) if body is not None else None
        named = {"content-type": "application/json", **(headers or {})}
        if token:
            named["authorization"] = f"Bearer {token}"
        connection.request(method, path, sent, named)
        return connection

    def open_task(self, ticket: str = "T-4711", *, requester: str = "mara", run: str = "") -> str:
        """Open a task for a ticket, and return its token."""
        opened_task = self.v1(
            "POST", "/v1/tasks", opening(ticket, requester, run or ticket), token=self.opener
        )
        assert opened_task.status == 201, opened_task
        return str(opened_task.body["token"])

    def propose(
        self, token: str, tool: str, args: Mapping[str, Any], *, hold_s: int = 0
    ) -> Answered:
        """Propose a call over REST."""
        body = {"tool": tool, "args": dict(args), "hold_s": hold_s}
        return self.v1("POST", "/v1/calls", body, token=token)

    def mail(self, token: str, ticket: str = "T-4711", *, hold_s: int = 0) -> Answered:
        """Propose a mail, which asks the people of support."""
        args = {"to": errand(ticket).customer_email, "template": "ack"}
        return self.propose(token, "mail.send", args, hold_s=hold_s)

    # --- People. ---

    def signed(self, who: str, verb: str, details: JsonObject) -> Signed:
        """Sign a statement, now."""
        at_us = self.now_us()
        said = statement(verb, details, person=who, at_us=at_us)
        return Signed(person=who, at_us=at_us, signature=self.keys[who].sign(said))

    def an_answer(self, who: str, question: str, *, yes: bool, by: str = "") -> dict[str, Any]:
        """Return an answer as `who`, signed with their key, or with that of `by`."""
        shown = self.client.item(question)
        bound = shown["statement_of"]
        said: JsonObject = {
            "person": who,
            "yes": yes,
            "because": "looked at it",
            "at_us": self.now_us(),
        }
        if not yes:
            said["code"] = "other"
        elif shown["confirm"]:
            said["typed"] = shown["confirm"]["value"]
        signature = self.keys[by or who].sign(approvals.signable(bound, said))
        return {**said, "signature": signature}

    def answer(self, who: str, question: str, *, yes: bool, by: str = "") -> dict[str, Any]:
        """Answer a question at the people's door."""
        given = self.an_answer(who, question, yes=yes, by=by)
        return self.client.answer(question, **given)

    def inbox_headers(self, who: str) -> dict[str, str]:
        """Return the headers of a person who lists the inbox over the network."""
        signed = self.signed(who, "list-inbox", {})
        return {
            "Sallyport-Person": who,
            "Sallyport-At": str(signed.at_us),
            "Sallyport-Signature": signed.signature,
        }

    def next_question(self) -> str:
        """Return the id of the first question that waits, once one does."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            for item in self.client.inbox():
                return str(item["id"])
        raise TimeoutError("nobody asked anything")

    def sign_boundary(self, *changes: tuple[str, str], by: str = "lena") -> str:
        """Propose and sign the demo's boundary with some of its text changed; return its digest."""
        workflow, systems = self.files(*changes)
        proposed = self.client.propose(workflow, file="support.yaml", systems=systems)
        keys = {name: self.keys[name] for name in (by, SECOND)}
        return str(sign_off_at(self.client, proposed, keys)["digest"])

    def files(self, *changes: tuple[str, str]) -> tuple[str, dict[str, str]]:
        """Return the demo's files with this desk's address and some of their text changed."""
        folder = story.demo_files()
        workflow = (folder / "workflows" / f"{WORKFLOW}.yaml").read_text(encoding="utf-8")
        system = (folder / "systems" / "desk.yaml").read_text(encoding="utf-8")
        for before, after in changes:
            assert before in workflow, before
            workflow = workflow.replace(before, after)
        return workflow, {"desk.yaml": system.replace("http://127.0.0.1:8787/mcp", self.desk_url)}

    # --- Time and the database. ---

    def now_us(self) -> int:
        """Return the gateway's time."""
        return self.house.gateway.evidence.now_us()

    def later(self, seconds: int) -> None:
        """Let the gateway's clock go ahead, and whatever is due happen."""
        clock = cast(Any, self.house.gateway.outside.clock)
        clock.now_us = lambda: time.time_ns() // 1000 + seconds * 1_000_000
        self.portal.call(self.house.inbox.expire)

    def on_disk(self) -> bytes:
        """Return every byte of the state folder but the key."""
        files = [p for p in self.settings.state.iterdir() if p.is_file() and p.name != "key"]
        return b"".join(path.read_bytes() for path in files)

    def settled(self, call: str) -> dict[str, Any]:
        """Return a call once nothing of it is under way any more."""
        self.portal.call(_idle, self.house)
        return self.client.call(call)


@contextmanager
def staffed(
    portal: BlockingPortal, desk_url: str, *, team: str = "many", live: bool = True
) -> Generator[Office]:
    """Open an office on a fresh home; closed when the block ends."""
    with tempfile.TemporaryDirectory(prefix="sp-") as home:
        settings = Settings(home=Path(home), port=0, team=team, cool_off_s=0, cool_off_money_s=0)
        with portal.wrap_async_context_manager(_serving(settings)) as (house, known):
            keys = {name: PersonKey.generate() for name in PEOPLE}
            client = LocalClient(settings.home)
            office = Office(
                house=house,
                settings=known,
                portal=portal,
                desk_url=desk_url,
                client=client,
                keys=keys,
            )
            _hire(office, ("lena",) if team == "one" else tuple(PEOPLE), live=live)
            yield office


def _hire(office: Office, names: tuple[str, ...], *, live: bool) -> None:
    client = office.client
    for name in names:
        details: JsonObject = {
            "name": name,
            "roles": list(PEOPLE[name]),
            "public_key": office.keys[name].public_key,
        }
        signed = office.signed("lena", "enrol", details) if name != names[0] else None
        client.enrol(name, list(PEOPLE[name]), office.keys[name].public_key, signed=signed)
    client.keep_secret(story.CREDENTIAL, DESK_TOKEN)
    client.add_agent(AGENT, owner="lena", purpose="be tested", contact="lena", by="lena")
    if live:
        details = {"agent": AGENT, "stage": "live", "because": "shown to work"}
        signed = office.signed("lena", "stage", details)
        client.stage(AGENT, "live", because="shown to work", signed=signed)
    office.sign_boundary()
    office.opener = client.make_token("opener", by="lena", agent=AGENT, workflow=WORKFLOW)


def errand(ticket: str) -> story.Errand:
    """Return what the demo knows of a ticket."""
    return next(one for one in story.QUEUE if one.ticket_id == ticket)


def opening(ticket: str, requester: str, run: str) -> JsonObject:
    """Return the body that opens a task for a ticket."""
    return {
        "workflow": WORKFLOW,
        "requester": requester,
        "purpose": "answer a ticket",
        "inputs": dict(errand(ticket).inputs),
        "words": errand(ticket).words,
        "instance": run,
    }


class _Server(uvicorn.Server):
    """Says when it has started."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncGenerator[tuple[House, Settings]]:
    async with opened(settings) as house:
        agents, people = socket.socket(), socket.socket(socket.AF_UNIX)
        agents.bind(("127.0.0.1", 0))
        people.bind(str(settings.socket))
        known = replace(settings, port=agents.getsockname()[1])
        servers = (_Server(agents_app(house, known)), _Server(people_app(house, known)))
        pairs = zip(servers, (agents, people), strict=True)
        running = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in pairs]
        try:
            for server in servers:
                await asyncio.wait_for(server.ready.wait(), START_S)
            yield house, known
        finally:
            for server in servers:
                server.should_exit = True
            await asyncio.wait_for(asyncio.gather(*running), START_S)


async def _idle(house: House) -> None:
    """Wait until everything that was set going has ended."""
    background = cast(Any, house.background)
    while background._tasks:
        await asyncio.wait(set(background._tasks), timeout=START_S)


def _object(data: bytes) -> dict[str, Any]:
    if not data.startswith(b"{"):
        return {}
    value = loads(data, bytes_max=2**24, depth_max=200)
    assert isinstance(value, dict)
    return value
