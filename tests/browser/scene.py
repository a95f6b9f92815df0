"""A house in which everything that a page can show has happened: for tests and for pictures."""

from __future__ import annotations

from dataclasses import dataclass

from sallyport.flow.sources import sources_of
from sallyport.model import ApprovalState, Verdict
from tests.integration.mcp.house_fixture import (
    AGENT,
    LENA,
    WORKFLOW,
    Kit,
    demo_workflow,
    raw_client,
)

BODY = "Dear Ada, \u202eyour lamp <script>alert(1)</script> https://evil.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The ids of what is there."""

    waiting: str
    odd: str
    rejected: str
    draft: str
    call: str
    done: str

    @property
    def pages(self) -> tuple[tuple[str, str], ...]:
        """Every page of the console, by the name of its picture."""
        return (
            ("inbox", "/inbox"),
            ("approval", f"/approvals/{self.odd}"),
            ("refund", f"/approvals/{self.waiting}"),
            ("answered", f"/approvals/{self.rejected}"),
            ("drafts", "/drafts"),
            ("draft", f"/drafts/{self.draft}"),
            ("agents", "/agents"),
            ("agent", f"/agents/{AGENT}"),
            ("access", f"/agents/{AGENT}/access"),
            ("workflows", "/workflows"),
            ("workflow", f"/workflows/{WORKFLOW}"),
            ("call", f"/calls/{self.call}"),
            ("done", f"/calls/{self.done}"),
            ("ledger", "/ledger"),
            ("controls", "/controls"),
            ("people", "/people"),
        )


async def furnish(kit: Kit) -> Scene:
    """Let everything happen once: allowed, asked, refused, drafted, rejected; and a new version."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("crm.get_contact", contact_id="C-1001")
        done = await _newest(kit, "crm.get_contact")
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=9000)
        await client.call("tickets.update", ticket_id="T-4711", status="open", refund=61)
        rejected = await _newest_question(kit)
        await kit.answer(yes=False)
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
    call = (await kit.house.inbox.approval(waiting)).call_id
    drafts = await kit.house.gateway.outside.store.rows("drafts")
    return Scene(
        waiting=waiting,
        odd=odd,
        rejected=rejected,
        draft=str(drafts[0]["id"]),
        call=call,
        done=done,
    )


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
    text = demo_workflow().replace("50.00 EUR", "80.00 EUR")
    await kit.house.authority.propose(text, "workflow.yaml", systems, because=because)
