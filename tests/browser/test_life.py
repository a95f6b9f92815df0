"""From a proposal to its effect, through a real browser and a real passkey."""

from collections.abc import Sequence

import pytest

from sallyport.flow.versions import Version
from sallyport.model import ApprovalState, Boundary, Verdict
from sallyport.ports import LedgerQuery
from tests.browser.console import Desk
from tests.browser.scene import propose
from tests.integration.mcp.conftest import Desk as SupportDesk
from tests.integration.mcp.house_fixture import LENA, WORKFLOW, Kit, raw_client
from tests.requirements import requirement

pytestmark = pytest.mark.anyio

BODY = "Dear Ada, \u202eyour lamp <script>alert(1)</script> https://evil.example"


async def refund_call(kit: Kit) -> None:
    """Have the agent propose a refund that asks."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=120)


async def refund(kit: Kit) -> str:
    """Have the agent propose a refund that asks; return the question's id."""
    await refund_call(kit)
    approval = (await kit.question()).approval
    assert approval is not None
    return approval.id


async def test_a_refund_is_approved_with_a_passkey_and_done_once(
    kit: Kit, seat: Desk, desk: SupportDesk
) -> None:
    """Found in the inbox, read, signed; the desk has the refund, and the call page tells of it."""
    before = len(desk.report().refunds)
    approval_id = await refund(kit)
    await seat.open("/inbox")
    await seat.page.keyboard.press("j")
    async with seat.page.expect_navigation():
        await seat.page.keyboard.press("Enter")
    assert seat.page.url.endswith(f"/approvals/{approval_id}")
    async with seat.page.expect_navigation():
        await seat.page.keyboard.press("a")

    approval = await kit.house.inbox.approval(approval_id)
    await kit.house.background.close()
    assert [answer.person for answer in approval.answers] == [LENA]
    assert approval.answers[0].signature.startswith("passkey:")
    assert (await kit.house.inbox.approval(approval_id)).state is ApprovalState.USED
    done = desk.report().refunds[before:]
    assert [(one.ticket_id, one.cents) for one in done] == [("T-4711", 12_000)]

    await seat.page.reload()
    await seat.page.get_by_role("link", name="See the call").click()
    await seat.page.wait_for_url(f"**/calls/{approval.call_id}")
    assert await seat.page.locator("main .word", has_text="Done").count() >= 1
    assert await seat.page.locator(".step").count() == 8
    assert await seat.page.locator(".step", has_text=LENA).count() >= 1


async def test_a_rejection_sends_nothing_and_its_reason_is_kept(kit: Kit, seat: Desk) -> None:
    """Reject takes as few steps as approve, and a reason."""
    approval_id = await refund(kit)
    await seat.open(f"/approvals/{approval_id}")
    await seat.page.keyboard.press("r")
    await seat.page.fill("[data-because]", "the customer withdrew it")
    async with seat.page.expect_navigation():
        await seat.page.click("[data-answer=no]")

    approval = await kit.house.inbox.approval(approval_id)
    assert approval.state is ApprovalState.REJECTED
    assert approval.answers[0].because == "the customer withdrew it"
    assert await seat.page.get_by_text("Rejected. Nothing was sent.").count() == 1


@requirement("B-34")
async def test_a_draft_leaves_only_when_a_person_releases_it(
    kit: Kit, seat: Desk, desk: SupportDesk
) -> None:
    """The release is a new call that asks; only its answer lets it out, once."""
    scope = f"workflow:{WORKFLOW}"
    await kit.house.controls.set(scope, Verdict.DRAFT, because="a test", by=LENA)
    await refund_call(kit)
    await kit.house.controls.resume(scope, because="over", by=LENA)
    before = len(desk.report().refunds)
    await seat.open("/drafts")
    async with seat.page.expect_navigation():
        await seat.page.click(".row a.whole")
    async with seat.page.expect_navigation(url="**/approvals/*"):
        await seat.page.get_by_role("button", name="Release…").click()
    assert len(desk.report().refunds) == before
    async with seat.page.expect_navigation():
        await seat.page.keyboard.press("a")
    await kit.house.background.close()
    assert len(desk.report().refunds) == before + 1
    released = await kit.house.reading.search(LedgerQuery(kind="draft.released"))
    assert [one.body["by"] for one in released] == [LENA]


async def test_a_draft_that_is_discarded_is_never_sent(kit: Kit, seat: Desk) -> None:
    """It leaves the list; its page and the ledger still tell of it."""
    scope = f"workflow:{WORKFLOW}"
    await kit.house.controls.set(scope, Verdict.DRAFT, because="a test", by=LENA)
    await refund_call(kit)
    await seat.open("/drafts")
    await seat.page.click(".row a.whole")
    await seat.page.get_by_role("button", name="Discard…").click()
    await seat.page.get_by_text("This draft was thrown away.").wait_for()
    await seat.open("/drafts")
    assert await seat.page.get_by_text("No draft is stored.").count() == 1


async def test_a_version_is_signed_with_a_passkey_and_can_be_brought_back(
    kit: Kit, seat: Desk
) -> None:
    """The history tells of both versions in order, and of the one that brings the first back."""
    await propose(kit, because="they always say yes")
    await seat.open(f"/workflows/{WORKFLOW}")
    await seat.page.get_by_role("button", name="Sign it…").click()
    await seat.page.locator(".strip", has_text="Version 2").wait_for()
    await seat.page.get_by_role("button", name="Propose again…").click()
    await seat.page.get_by_role("button", name="Propose it").click()
    await seat.page.get_by_role("button", name="Sign it…").click()
    await seat.page.locator(".strip", has_text="Version 3").wait_for()

    found = await kit.house.authority.history(WORKFLOW)
    assert [(one.number, one.reverts) for one, _ in found] == [(1, 0), (2, 0), (3, 1)]
    assert all(one.startswith("passkey:") for one in signatures(found)[1:])
    shown = await seat.page.locator("table tbody tr td:first-child").all_inner_texts()
    assert shown == ["3", "2", "1"]


def signatures(found: Sequence[tuple[Version, Boundary | None]]) -> list[str]:
    """Return the signature under each version."""
    return [version.signatures[0].signature for version, _ in found]


async def mail_call(kit: Kit) -> None:
    """Have the agent propose a mail that asks."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        to = "ada@brandt-bakery.example"
        await client.call("mail.send", to=to, template="answer", body=BODY)


async def test_what_is_new_is_offered_and_moves_nothing(kit: Kit, seat: Desk) -> None:
    """An empty inbox fills itself; one with rows says how many are new, and stays as it is."""
    page = seat.page
    await seat.open("/inbox")
    await refund_call(kit)
    await page.locator("[data-row]").wait_for()
    async with page.expect_response("**/live"):
        await page.reload()
    await mail_call(kit)
    await seat.news("1 new.")
    assert await page.locator("[data-row]").count() == 1
    await page.click("[data-news] a")
    await page.locator("[data-row]").nth(1).wait_for()


async def test_an_inbox_in_which_somebody_types_is_not_read_anew(kit: Kit, seat: Desk) -> None:
    """Though it is empty: what was typed would be gone."""
    await seat.open("/inbox")
    await seat.page.click("[data-filter]")
    await refund_call(kit)
    await seat.news("1 new.")
    assert await seat.page.locator("[data-row]").count() == 0


async def test_what_an_agent_writes_is_inert(kit: Kit, seat: Desk) -> None:
    """Markup is shown as text, hidden characters by name, addresses are no links."""
    await mail_call(kit)
    approval = (await kit.question()).approval
    assert approval is not None
    await seat.open(f"/approvals/{approval.id}")

    assert await seat.page.locator(".cp", has_text="U+202E").count() >= 1
    assert await seat.page.get_by_text("<script>alert(1)</script>").count() >= 1
    assert await seat.page.locator("main script, main img, main a[href*=evil]").count() == 0
