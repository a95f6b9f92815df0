"""Pages that lead from one thing to what belongs to it: a task, a record, a report, a version."""

from __future__ import annotations

from typing import Any, cast

import anyio
import pytest

from sallyport.model import ApprovalState, Person, Verdict
from sallyport.ports import LedgerQuery
from sallyport.rules.times import SECOND_US
from tests.console_client import Window, window
from tests.integration.console.conftest import ASKED, HOLDERS
from tests.integration.mcp.house_fixture import (
    LENA,
    WORKFLOW,
    Kit,
    demo_workflow,
    desk_system,
    raw_client,
)

pytestmark = pytest.mark.anyio
WITHIN_S = 30


async def worked(kit: Kit) -> str:
    """Have the agent draft a reply and ask for a refund; return the call that asks."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("tickets.draft_reply", ticket_id="T-4711", body="We are on it.")
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=70)
    (item,) = [one for one in await kit.house.inbox.items() if one.approval is not None]
    return item.call.id


async def of(kit: Kit, role: str) -> Window:
    """Return the window of the person of a role."""
    at = window(kit)
    await at.sign_in(role)
    return at


async def test_a_call_leads_to_its_task_told_in_order(kit: Kit) -> None:
    """The page and its twin tell the same, each thing after what it follows from."""
    call = await worked(kit)
    at = await of(kit, "auditor")
    task = cast(dict[str, Any], await at.view(f"/calls/{call}"))["task"]
    shown = await at.get(f"/calls/{call}")
    assert f'href="/tasks/{task}"' in shown.text

    view = cast(dict[str, Any], await at.view(f"/tasks/{task}"))
    seen: set[int] = set()
    for one in view["moments"]:
        assert seen.issuperset(one["after"])
        seen.add(one["seq"])
    told = [one["moments"] for one in view["calls"]]
    assert [moment for part in told for moment in part] == view["moments"]
    page = await at.get(f"/tasks/{task}")
    assert page.status_code == 200
    for one in view["moments"]:
        assert one["said"] in page.text
    assert (await at.get("/tasks/none")).status_code == 404
    heard = await kit.house.reading.search(LedgerQuery(kind="page.shown"))
    assert {str(one.body["page"]) for one in heard} >= {"task", "call"}


async def test_the_ledger_finds_calls_by_the_records_own_id(kit: Kit) -> None:
    """One field, one query: the ticket leads to the call, and the call to all eight steps."""
    await worked(kit)
    at = await of(kit, "auditor")
    view = (await at.get("/ledger.json", record="T-4711")).json()
    (found,) = view["about"]
    page = await at.get("/ledger", record="T-4711")
    assert f'href="/calls/{found["call"]}"' in page.text
    nothing = await at.get("/ledger", record="T-0000")
    assert "No call that changes anything was about it." in nothing.text
    looked = await kit.house.reading.search(LedgerQuery(kind="page.shown", person="auditor"))
    assert [one.body["page"] for one in looked] == ["record"] * 3


@pytest.mark.parametrize("before", ["9" * 19, "9" * 400, "-1", "x", "\u0663"])
async def test_a_time_in_an_address_that_is_none_is_one_clear_sentence(
    kit: Kit, before: str
) -> None:
    """Also one that no database could hold."""
    at = await of(kit, "auditor")
    for path in ("/ledger", "/ledger.json"):
        assert (await at.get(path, before=before)).status_code == 422


async def test_the_reports_count_what_came_to_nothing(kit: Kit) -> None:
    """The page has the twin's figures; a window that is none is one clear sentence."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("crm.export_contacts")
    at = await of(kit, "auditor")
    view = (await at.get("/reports.json", days="7")).json()
    assert view["failures"]["total"] == 1
    page = await at.get("/reports", days="7")
    assert "Permission" in page.text
    for days in ("0", "x", "99999", "-1"):
        assert (await at.get("/reports", days=days)).status_code == 422


async def test_a_draft_is_edited_and_released_by_its_editor(kit: Kit) -> None:
    """The form has its values; what came back is a new call that asks somebody else."""
    await kit.house.controls.set(
        "agent:support-bot", Verdict.DRAFT, because="a look at its drafts", by="lena"
    )
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("tickets.update", ticket_id="T-4711", status="pending")
    (item,) = await kit.house.inbox.items()
    assert item.draft is not None
    draft = item.draft.id
    at = await of(kit, "reviewer")
    view = cast(dict[str, Any], await at.view(f"/drafts/{draft}"))
    fields = {str(one["name"]): str(one["text"]) for one in view["form"]}
    same = await at.post(f"/drafts/{draft}/edit/begin", {"kind": "edit", "fields": {**fields}})
    assert same.status_code == 422
    changed = {**fields, "status": "open"}
    begun = (await at.post(f"/drafts/{draft}/edit/begin", {"fields": {**changed}})).json()
    signed = HOLDERS["reviewer"].answer_to(begun["get"]["challenge"])
    body = {"ceremony": begun["ceremony"], "credential": signed}
    done = await at.post(f"/drafts/{draft}/edit/answer", body)
    to = str(done.json()["to"])
    assert to.startswith("/approvals/"), done.text
    approval = await kit.house.inbox.approval(to.removeprefix("/approvals/"))
    assert approval.state is ApprovalState.WAITING
    asked = await kit.house.inbox.call(approval.call_id)
    assert (asked.proposal.by, asked.proposal.args["status"]) == ("reviewer", "open")


async def test_what_needs_a_human_is_closed_on_its_page(kit: Kit) -> None:
    """It stands in the inbox when its call is over, and goes with a signed decision."""
    text = demo_workflow().replace("within: 4h", "within: 4h\n        needs_human: true")
    system = kit.house.gateway.registry.boundary_of(WORKFLOW)
    assert system is not None
    agents = Person(name="agents", roles=frozenset({"support_agent"}))
    await kit.house.people.keep(agents, "a test")
    await kit.activate(text, {"desk.yaml": desk_system(system.systems["desk"].url)})
    call = await worked(kit)
    (item,) = [one for one in await kit.house.inbox.items() if one.call.id == call]
    assert item.approval is not None
    kit.clock.ahead_us += 5 * 3600 * SECOND_US
    with anyio.fail_after(WITHIN_S):
        await kit.house.inbox.expire()
    at = await of(kit, ASKED)
    inbox = cast(dict[str, Any], await at.view("/inbox"))
    (group,) = [one for one in inbox["groups"] if one["name"] == "flagged"]
    assert [(one["kind"], one["call"]) for one in group["items"]] == [("flagged", call)]
    others = await of(kit, "reviewer")
    theirs = cast(dict[str, Any], await others.view("/inbox"))
    assert "flagged" not in [one["name"] for one in theirs["groups"]]
    path = f"/approvals/{item.approval.id}"
    view = cast(dict[str, Any], await at.view(path))
    assert view["flagged"] == {"decide": True, "why": ""}
    begun = (await at.post(f"{path}/decide/begin", {"because": "looked at it"})).json()
    signed = HOLDERS[ASKED].answer_to(begun["get"]["challenge"])
    body = {"ceremony": begun["ceremony"], "credential": signed}
    assert (await at.post(f"{path}/decide", body)).json() == {"to": "/inbox"}
    assert (await at.view(path))["flagged"] is None


async def test_a_version_that_waits_is_sent_back_from_its_page(kit: Kit) -> None:
    """Whoever would sign second says why; what is in force stays, and it cannot be signed."""
    agents = Person(name="agents", roles=frozenset({"support_agent"}))
    await kit.house.people.keep(agents, "a test")
    active = kit.house.gateway.registry.boundary_of(WORKFLOW)
    assert active is not None
    wide = demo_workflow().replace("calls_per_task: 25", "calls_per_task: 26")
    system = {"desk.yaml": desk_system(active.systems["desk"].url)}
    proposed = await kit.house.authority.propose(wide, "workflow.yaml", system)
    signature = kit.key.sign(proposed.statement)
    await kit.house.authority.activate(proposed.boundary.digest, person=LENA, signature=signature)

    at = await of(kit, "reviewer")
    path = f"/workflows/{WORKFLOW}"
    (waits,) = cast(list[dict[str, Any]], (await at.view(path))["waiting"])
    assert (waits["may_send_back"], waits["may_withdraw"]) == (True, False)
    given = {"version": str(waits["number"]), "how": "send_back", "because": "25 are enough"}
    begun = (await at.post(f"{path}/aside/begin", {**given})).json()
    signed = HOLDERS["reviewer"].answer_to(begun["get"]["challenge"])
    body = {"ceremony": begun["ceremony"], "credential": signed}
    assert (await at.post(f"{path}/aside", body)).json() == {"to": path}

    view = cast(dict[str, Any], await at.view(path))
    assert view["waiting"] == []
    assert view["history"][0]["state"] == "sent_back"
    assert kit.house.gateway.registry.boundary_of(WORKFLOW) == active
    again = await at.post(f"{path}/sign/begin", {"digest": proposed.boundary.digest})
    assert again.status_code == 404
