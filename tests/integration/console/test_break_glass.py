"""Going past the reviewers in the console: three people, three passkeys, a banner everywhere."""

from __future__ import annotations

import httpx2
import pytest

from sallyport.model import JsonObject
from sallyport.ports import LedgerQuery
from tests.console_client import Window
from tests.integration.console.conftest import HOLDERS
from tests.integration.console.test_undo import TO, signed_in, twin
from tests.integration.mcp.house_fixture import Kit, raw_client
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
ASKING: JsonObject = {"scope": "tool:mail.send", "minutes": "60", "because": "nobody answers"}


async def sign(at: Window, who: str, path: str, body: JsonObject | None = None) -> httpx2.Response:
    """Do what a form does that a passkey signs."""
    begun = await at.post(f"{path}/begin", body or {})
    if begun.status_code != 200:
        return begun
    credential = HOLDERS[who].answer_to(begun.json()["get"]["challenge"])
    done: JsonObject = {"ceremony": begun.json()["ceremony"], "credential": credential}
    return await at.post(path, done)


async def mailed(kit: Kit) -> str:
    """Have a mail proposed; return how it stands."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("mail.send", to=TO, template="ack", body="On it.")
    (row,) = await kit.house.gateway.outside.store.rows(
        "calls", {"tool": "mail.send"}, newest_first=True, limit=1
    )
    return str(row["ending"])


@requirement("B-88")
async def test_from_controls_to_the_review_in_the_inbox(kit: Kit) -> None:
    """Asked, refused alone, signed second, on every page, ended, and looked at by a third."""
    operator, owner = await signed_in(kit, "operator"), await signed_in(kit, "owner")
    auditor = await signed_in(kit, "auditor")
    assert (await twin(operator, "/controls"))["glass"]["may_ask"] is True
    page = str((await sign(operator, "operator", "/break-glass/ask", ASKING)).json()["to"])
    alone = await sign(operator, "operator", f"{page}/second")
    assert alone.status_code == 403
    assert "nobody breaks the glass alone" in alone.text
    assert await mailed(kit) == "waiting"

    (line,) = (await twin(owner, "/inbox"))["glasses"]
    assert (line["href"], line["state"]) == (page, "asked")
    assert (await sign(owner, "owner", f"{page}/second")).status_code == 200
    for path in ("/inbox", "/people", "/controls", "/agents", page):
        assert "operator and owner broke the glass" in (await auditor.get(path)).text, path

    assert (await sign(auditor, "auditor", f"{page}/review")).status_code != 200
    assert (await operator.post(f"{page}/end")).json() == {"to": page}
    assert "broke the glass" not in (await auditor.get("/inbox")).text
    assert [(await twin(at, "/inbox"))["glasses"] for at in (operator, owner)] == [[], []]
    (left,) = (await twin(auditor, "/inbox"))["glasses"]
    assert (left["href"], left["state"]) == (page, "ended")
    found: JsonObject = {"found": "in_order", "words": "nothing was sent at all"}
    assert (await sign(owner, "owner", f"{page}/review", found)).status_code == 403
    assert (await sign(auditor, "auditor", f"{page}/review", found)).status_code == 200
    assert (await twin(auditor, "/inbox"))["glasses"] == []
    assert (await twin(auditor, page))["state"] == "reviewed"


async def test_what_went_ahead_is_listed_in_words(kit: Kit) -> None:
    """Each call with its sentence, for whom and how it ended; and its page names the glass."""
    operator, owner = await signed_in(kit, "operator"), await signed_in(kit, "owner")
    page = str((await sign(operator, "operator", "/break-glass/ask", ASKING)).json()["to"])
    await sign(owner, "owner", f"{page}/second")
    assert await mailed(kit) == "done"
    (call,) = (await twin(owner, page))["calls"]
    assert (call["ending"], call["requester"]) == ("done", "mara")
    looked = await kit.house.reading.search(LedgerQuery(kind="page.shown", person="owner"))
    assert [one.body["page"] for one in looked] == ["break-glass"]
    shown = (await owner.get(str(call["href"]))).text
    assert "broke the glass for tool:mail.send" in shown.replace("&#39;", "'")


async def test_who_may_not_gets_no_form_and_no_signature(kit: Kit) -> None:
    """A reviewer may sign second and not ask; a support lead may do neither."""
    reviewer = await signed_in(kit, "reviewer")
    assert (await twin(reviewer, "/controls"))["glass"]["may_ask"] is False
    assert (await reviewer.post("/break-glass/ask/begin", ASKING)).status_code == 403
    operator = await signed_in(kit, "operator")
    for wrong in (
        {**ASKING, "scope": "everything"},
        {**ASKING, "minutes": "241"},
        {**ASKING, "minutes": "x"},
        {**ASKING, "because": " "},
    ):
        assert (await operator.post("/break-glass/ask/begin", wrong)).status_code == 422
