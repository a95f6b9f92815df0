"""A house in which everything that a page can show has happened: for tests and for pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sallyport.adapters.keys import PersonKey
from sallyport.flow.sources import sources_of
from sallyport.model import ApprovalState, JsonObject, Person, Verdict
from sallyport.rules import break_glass
from sallyport.rules.statements import Signed, statement
from tests.integration.mcp.house_fixture import (
    AGENT,
    LENA,
    WORKFLOW,
    Kit,
    Raw,
    demo_workflow,
    raw_client,
)
from tests.signers import sign_off

BODY = "Dear Ada, \u202eyour lamp <script>alert(1)</script> https://evil.example"


LABELS = """  tickets.tag:
    level: update
    only:
      ticket_id: {is: task.ticket_id}
      label: {max_length: 40}
    ask: [{who: [support_lead]}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The ids of what is there."""

    waiting: str
    odd: str
    rejected: str
    draft: str
    call: str
    done: str
    glass: str
    task: str
    labels: tuple[str, str]
    quick: str

    @property
    def pages(self) -> tuple[tuple[str, str], ...]:
        """Every page of the console, by the name of its picture."""
        return (
            ("inbox", "/inbox"),
            ("approval", f"/approvals/{self.odd}"),
            ("refund", f"/approvals/{self.waiting}"),
            ("answered", f"/approvals/{self.rejected}"),
            ("list", f"/lists?ids={','.join((*self.labels, self.waiting))}"),
            ("quick", self.quick),
            ("drafts", "/drafts"),
            ("draft", f"/drafts/{self.draft}"),
            ("agents", "/agents"),
            ("agent", f"/agents/{AGENT}"),
            ("access", f"/agents/{AGENT}/access"),
            ("workflows", "/workflows"),
            ("workflow", f"/workflows/{WORKFLOW}"),
            ("call", f"/calls/{self.call}"),
            ("done", f"/calls/{self.done}"),
            ("task", f"/tasks/{self.task}"),
            ("ledger", "/ledger"),
            ("controls", "/controls"),
            ("glass", f"/break-glass/{self.glass}"),
            ("people", "/people"),
            ("team", "/team"),
            ("reports", "/reports"),
        )


async def furnish(kit: Kit) -> Scene:
    """Let everything happen once: allowed, asked, refused, drafted, rejected; and a new version."""
    await with_labels(kit)
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("crm.get_contact", contact_id="C-1001")
        done = await _newest(kit, "crm.get_contact")
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=9000)
        await client.call("tickets.update", ticket_id="T-4711", status="open", refund=61)
        rejected = await _newest_question(kit)
        await kit.answer(yes=False)
        labels = await _labelled(kit, client)
        scope = f"agent:{AGENT}"
        controls = kit.house.controls
        await controls.set(scope, Verdict.DRAFT, because="wrong replies this morning", by=LENA)
        to = "ada@brandt-bakery.example"
        await client.call("mail.send", to=to, template="ack", body="Thank you, we are on it.")
        await controls.resume(scope, because="looked at", by=LENA)
        await controls.set("tool:mail.send", Verdict.ASK, because="a supplier asked twice", by=LENA)
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=120)
        waiting = await _newest_question(kit)
        await client.call("mail.send", to=to, template="answer", body=BODY)
        odd = await _newest_question(kit)
    await propose(kit, because="they always say yes")
    glass = await went_past(kit)
    call = await kit.house.inbox.call((await kit.house.inbox.approval(waiting)).call_id)
    drafts = await kit.house.gateway.outside.store.rows("drafts")
    return Scene(
        waiting=waiting,
        odd=odd,
        rejected=rejected,
        draft=str(drafts[0]["id"]),
        call=call.id,
        done=done,
        glass=glass,
        task=call.proposal.task_id,
        labels=labels,
        quick=await kit.house.quick.path(labels[0]),
    )


async def with_labels(kit: Kit) -> None:
    """Put a version in force under which a ticket can be labelled, which weighs little and asks."""
    stored = await kit.house.gateway.outside.store.rows("boundaries", {"workflow": WORKFLOW})
    systems = sources_of(stored[0]).systems
    proposed = await kit.house.authority.propose(workflow(), "workflow.yaml", systems)
    await sign_off(kit.house, proposed, {LENA: kit.key})


def workflow() -> str:
    """Return the demo's boundary, and labels."""
    return demo_workflow().replace("  mail.send:\n", f"{LABELS}  mail.send:\n")


async def _labelled(kit: Kit, client: Raw) -> tuple[str, str]:
    await client.call("tickets.tag", ticket_id="T-4711", label="question")
    first = await _newest_question(kit)
    await client.call("tickets.tag", ticket_id="T-4711", label="delivery")
    return first, await _newest_question(kit)


async def went_past(kit: Kit) -> str:
    """Let two people break the glass and end it; return its id. The second is gone afterwards."""
    house, key, second = kit.house, PersonKey.generate(), "vera"
    vera = Person(name=second, roles=frozenset({"reviewer"}), public_key=key.public_key)
    await house.people.keep(vera, "a test")
    asked = break_glass.asked("tool:mail.send", "nobody of support can be reached", 3600)
    by = signed_by(kit, LENA, kit.key, break_glass.ASK, asked)
    glass = await house.glasses.ask("tool:mail.send", str(asked["because"]), 3600, by)
    by = signed_by(kit, second, key, break_glass.SECOND, break_glass.seconded(glass))
    await house.glasses.second(glass.id, by)
    await house.glasses.end(glass.id, by=LENA)
    await house.people.keep(replace(vera, active=False), "a test")
    return glass.id


def signed_by(kit: Kit, name: str, key: PersonKey, verb: str, details: JsonObject) -> Signed:
    """Return what somebody signs now."""
    at_us = kit.house.gateway.evidence.now_us()
    said = statement(verb, details, person=name, at_us=at_us)
    return Signed(person=name, at_us=at_us, signature=key.sign(said))


async def _newest(kit: Kit, tool: str) -> str:
    store = kit.house.gateway.outside.store
    (row,) = await store.rows("calls", {"tool": tool}, newest_first=True, limit=1)
    return str(row["id"])


async def _newest_question(kit: Kit) -> str:
    store = kit.house.gateway.outside.store
    where = {"state": ApprovalState.WAITING.value}
    (row,) = await store.rows("approvals", where, newest_first=True, limit=1)
    return str(row["id"])


async def propose(kit: Kit, *, because: str) -> None:
    """Propose a version that asks of fewer refunds; nobody signs it."""
    stored = await kit.house.gateway.outside.store.rows("boundaries", {"workflow": WORKFLOW})
    systems = sources_of(stored[0]).systems
    text = workflow().replace("50.00 EUR", "80.00 EUR")
    await kit.house.authority.propose(text, "workflow.yaml", systems, because=because)
