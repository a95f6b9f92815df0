"""Two workflows with signed boundaries on one state folder, and how to work in them.

`bookkeeping` is for the agent alice and the system books, `noting` for bob and notes. Anna signs
boundaries and Ben with her, Ben answers questions, Rita asks.
"""

from __future__ import annotations

import json
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sallyport.adapters.keys.people import PersonKey
from sallyport.doors.app import opened
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.flow.tasks import Opening
from sallyport.model import Approval, JsonObject, Stage, Task
from sallyport.rules import approval as approvals
from sallyport.rules.channels import Notify, Told, Webhook
from sallyport.rules.commands import Ended
from sallyport.rules.statements import Signed, statement
from tests.signers import sign_off

BOOKS = """\
system: books
transport: http
url: http://127.0.0.1:{port}/mcp/books
tools:
  keyed.add: {{recovery: idempotency_key}}
  keyed.asked:
    recovery: idempotency_key
    before: {{tool: ledger.get, args: {{id: arg.id}}}}
  once.asked:
    before: {{tool: ledger.get, args: {{id: arg.id}}}}
"""

NOTES = """\
system: notes
transport: http
url: http://127.0.0.1:{port}/mcp/notes
"""

BOOKKEEPING = """\
workflow: bookkeeping
purpose: Enter what was bought.
owner: anna
agent: alice
environment: test
expires: 2035-12-31
for: [clerk]
limits: {amount_per_day: 100.00 EUR}
tools:
  ledger.get: {level: read, only: {id: {max_length: 40}}}
  keyed.add:
    level: update
    allow: [{args: {id: {max_length: 40}}, because: tested, until: 2035-12-31}]
  once.add:
    level: update
    allow: [{args: {id: {max_length: 40}}, because: tested, until: 2035-12-31}]
  once.pay:
    level: update
    only: {id: {max_length: 40}, amount: {at_most: 50.00 EUR}}
    allow: [{because: tested, until: 2035-12-31}]
  keyed.asked:
    level: update
    ask: [{args: {id: {max_length: 40}}, who: [lead], within: 1h}]
  once.asked:
    level: update
    ask: [{args: {id: {max_length: 40}}, who: [lead], within: 1h}]
  once.sent:
    level: external
    ask: [{args: {id: {max_length: 40}}, who: [lead], within: 1h}]
"""

NOTING = """\
workflow: noting
purpose: Write down what was said.
owner: anna
agent: bob
environment: test
expires: 2035-12-31
for: [clerk]
tools:
  notes.get: {level: read, only: {id: {max_length: 40}}}
  notes.add:
    level: update
    allow: [{args: {id: {max_length: 40}}, because: tested, until: 2035-12-31}]
"""

COOL_S = 2
"""How long a yes to what leaves the house can be taken back here."""

WORKFLOWS = {"bookkeeping": "alice", "noting": "bob"}


def settings(home: Path) -> Settings:
    """Return the settings of a home folder where a person does not answer themselves.

    Where `hook` lies in it, people are told of everything at the address in there.
    """
    hook = home / "hook"
    notify = Notify()
    if hook.exists():
        way = Webhook(url=hook.read_text(), secret="hook_key")
        notify = Notify(channels=(Told(name="hook", way=way),))
    return Settings(home=home, team="many", cool_off_s=COOL_S, notify=notify)


def open_home(home: Path) -> AbstractAsyncContextManager[House]:
    """Open the real house on a home folder."""
    return opened(settings(home))


def now_us() -> int:
    """Return the time that people sign with."""
    return time.time_ns() // 1000


def signed(home: Path, person: str, verb: str, details: JsonObject) -> Signed:
    """Return a person's signature for `verb`."""
    at_us = now_us()
    said = statement(verb, details, person=person, at_us=at_us)
    return Signed(person=person, at_us=at_us, signature=key_of(home, person).sign(said))


def key_of(home: Path, person: str) -> PersonKey:
    """Return a person's key."""
    return PersonKey.load(home / f"{person}.pem")


async def set_up(home: Path, port: int) -> None:
    """Make a home: people, agents, signed boundaries and a token for opening tasks in each."""
    async with open_home(home) as house:
        await _enrol(house, home)
        for workflow, agent in WORKFLOWS.items():
            await house.people.add_agent(
                agent, owner="anna", purpose="be tested", contact="anna", by="anna"
            )
            details: JsonObject = {"agent": agent, "stage": "live", "because": "tested"}
            by = signed(home, "anna", "stage", details)
            await house.people.stage(agent, Stage.LIVE, because="tested", by=by)
            token = await house.tasks.make_token(
                "opener", agent=agent, workflow=workflow, by="anna"
            )
            (home / f"{workflow}.token").write_text(token)
        await _sign(house, home, BOOKKEEPING, {"books.yaml": BOOKS.format(port=port)})
        await _sign(house, home, NOTING, {"notes.yaml": NOTES.format(port=port)})


async def _enrol(house: House, home: Path) -> None:
    keys = {name: PersonKey.generate() for name in ("anna", "ben")}
    for name, key in keys.items():
        key.save(home / f"{name}.pem")
    roles = ("administrator", "owner", "operator")
    await house.people.enrol("anna", roles, keys["anna"].public_key, by=None)
    ben, rita = ("lead", "reviewer"), ("clerk",)
    for name, held, key_hex in (("ben", ben, keys["ben"].public_key), ("rita", rita, "")):
        details: JsonObject = {"name": name, "roles": list(held), "public_key": key_hex}
        by = signed(home, "anna", "enrol", details)
        await house.people.enrol(name, held, key_hex, by=by)


async def _sign(house: House, home: Path, workflow: str, systems: dict[str, str]) -> None:
    proposed = await house.authority.propose(workflow, "workflow.yaml", systems)
    await sign_off(house, proposed, {name: key_of(home, name) for name in ("anna", "ben")})


async def new_task(house: House, home: Path, workflow: str, instance: str) -> Task:
    """Open a task of its own run, which has read nothing yet."""
    opener = house.tasks.bearer((home / f"{workflow}.token").read_text())
    opening = Opening(workflow=workflow, requester="rita", inputs={}, instance=instance)
    return (await house.tasks.open(opener, opening)).task


async def propose(house: House, home: Path, tool: str, name: str) -> Ended:
    """Propose one call in a task of its own, and do not wait for people."""
    workflow = "noting" if tool.startswith("notes.") else "bookkeeping"
    task = await new_task(house, home, workflow, f"run-{name}")
    return await house.call(task, tool, {"id": name}, channel="test", hold_ms=0)


async def answer_yes(house: House, home: Path, approval: Approval) -> None:
    """Ben says yes."""
    at_us = now_us()
    said = approvals.statement(approval, person="ben", yes=True, because="ok", at_us=at_us)
    await house.inbox.answer(
        approval.id,
        person="ben",
        yes=True,
        because="ok",
        at_us=at_us,
        signature=key_of(home, "ben").sign(said),
    )


def told(ended: Ended) -> str:
    """Return how a call ended, and why, as one line of JSON."""
    return json.dumps(
        {
            "call": ended.call.id,
            "ending": ended.ending.value,
            "action": ended.action.value if ended.action else None,
            "why": [floor.code for floor in ended.floors],
        }
    )
