"""Taking a yes back in the console: who sees it, who may, and what the pages say."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from sallyport.model import ApprovalState, CoolOff, JsonObject
from tests.console_client import Window, window
from tests.integration.console.conftest import ASKED, HOLDERS
from tests.integration.mcp.house_fixture import Kit, raw_client

pytestmark = pytest.mark.anyio
WITHIN_S = 30
TO = "ada@brandt-bakery.example"


async def approved(kit: Kit) -> str:
    """Have a mail proposed and approved; return the question, whose yes still waits."""
    kit.house.gateway.cool_off = CoolOff(usual_s=30, money_s=600)
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("mail.send", to=TO, template="ack", body="On it.")
    with anyio.fail_after(WITHIN_S):
        approval = (await kit.question()).approval
    assert approval is not None
    at, path = await signed_in(kit, ASKED), f"/approvals/{approval.id}"
    said: JsonObject = {"kind": "approve", "because": "fine", "confirm": TO}
    begun = (await at.post(f"{path}/begin", said)).json()
    credential = HOLDERS[ASKED].answer_to(begun["get"]["challenge"])
    done: JsonObject = {"ceremony": begun["ceremony"], "credential": credential}
    taken = await at.post(f"{path}/answer", done)
    assert taken.json().get("state") == "approved", taken.text
    return approval.id


async def signed_in(kit: Kit, name: str) -> Window:
    """Return a window in which somebody is signed in."""
    at = window(kit)
    await at.sign_in(name)
    return at


async def twin(at: Window, path: str) -> dict[str, Any]:
    """Return the twin of a page."""
    return await at.view(path)


async def test_the_inbox_and_the_page_offer_it_to_whoever_may(kit: Kit) -> None:
    """Both show until when; the one who said yes and an operator get a button, others do not."""
    approval = await approved(kit)
    for name, may in ((ASKED, True), ("operator", True), ("reviewer", False)):
        at = await signed_in(kit, name)
        (line,) = (await twin(at, "/inbox"))["cooling"]
        assert (line["id"], line["may"], line["by"]) == (approval, may, ASKED)
        stands = (await twin(at, f"/approvals/{approval}"))["cooling"]
        assert stands["may"] is may
        assert stands["not_before_us"] == line["not_before_us"]
        page = (await at.get("/inbox")).text
        assert f'data-act="/approvals/{approval}/undo"' in page


async def test_undo_needs_no_signature_and_sends_nothing(kit: Kit) -> None:
    """One press; the page says so, and the question is among what was settled."""
    approval = await approved(kit)
    refused = await (await signed_in(kit, "reviewer")).post(f"/approvals/{approval}/undo")
    assert refused.status_code == 403
    at = await signed_in(kit, ASKED)
    assert (await at.post(f"/approvals/{approval}/undo")).json() == {"to": f"/approvals/{approval}"}
    assert (await kit.house.inbox.approval(approval)).state is ApprovalState.UNDONE
    assert (await twin(at, "/inbox"))["cooling"] == []
    assert "taken back in time. Nothing was sent" in (await at.get(f"/approvals/{approval}")).text
    call = (await kit.house.inbox.approval(approval)).call_id
    steps = (await kit.house.reading.trace(call)).steps
    assert steps[4].said == f"{ASKED} took the yes back"
    again = await at.post(f"/approvals/{approval}/undo")
    assert again.status_code == 409
