"""Who may open and do what in the console: every address, every role, own and foreign items."""

from collections.abc import Iterator

import anyio
import httpx2
import pytest

from sallyport.doors.app import agents_app
from sallyport.doors.console import pages
from sallyport.doors.console.app import COOKIE
from sallyport.flow import rows
from sallyport.model import ApprovalState, JsonObject, Verdict
from sallyport.rules.roles import ROLES, may
from tests.authenticator import Authenticator
from tests.console_client import ORIGIN, Window, window
from tests.integration.console.conftest import ASKED, HOLDERS
from tests.integration.mcp.house_fixture import LENA, MARA, WORKFLOW, Kit, raw_client
from tests.requirements import requirement

pytestmark = pytest.mark.anyio
WITHIN_S = 30
FINE, OUT, FORBIDDEN = 200, 401, 403


def addresses() -> Iterator[tuple[str, str, str]]:
    """Yield every page, twin, file and act: its method, its address and its right."""
    for page in pages.PAGES:
        yield "GET", filled(page.path), page.right
        yield "GET", f"{filled(page.path)}.json", page.right
    for file in pages.FILES:
        yield "GET", filled(file.path), file.right
    for act in pages.ACTS:
        yield "POST", filled(act.path), act.right


def filled(path: str) -> str:
    """Return an address with something in its holes."""
    return path.replace("{id}", "none").replace("{name}", "none")


async def opened(at: Window, method: str, path: str) -> httpx2.Response:
    """Open an address, or do what it does."""
    return await at.get(path) if method == "GET" else await at.post(path, {"id": "none"})


async def test_every_address_opens_for_exactly_the_roles_with_its_right(kit: Kit) -> None:
    """The catalogue is the whole truth: nothing more opens, and nothing less."""
    differences: list[str] = []
    for role in (*ROLES, ASKED):
        at = window(kit)
        await at.sign_in(role)
        for method, path, right in addresses():
            answer = await opened(at, method, path)
            kept_out = f"this needs the right `{right}`" in answer.text.replace("&#39;", "'")
            if kept_out == may({role}, right) or kept_out != (
                answer.status_code == FORBIDDEN and "needs the right" in answer.text
            ):
                differences.append(f"{role}: {method} {path} gave {answer.status_code}")
    assert differences == []


async def test_nobody_opens_anything_without_a_session(kit: Kit) -> None:
    """Each address sends whoever comes without one to sign in, or says so."""
    for method, path, _ in [*addresses(), ("GET", "/live", "")]:
        answer = await opened(window(kit), method, path)
        if method == "GET" and not path.endswith(".json"):
            assert answer.status_code == 303, path
            assert answer.headers["location"].partition("?")[0] == "/sign-in", path
        else:
            assert answer.status_code == OUT, path


async def test_no_token_of_an_agent_or_program_opens_or_answers_anything(kit: Kit) -> None:
    """As bearer or as cookie; nor does a session open the doors of agents."""
    opener = await kit.house.tasks.make_token(
        "opener", agent="support-bot", workflow=WORKFLOW, by=LENA
    )
    approval = await question(kit)
    for token in (await kit.task_token(), await kit.agent_token(), opener):
        for method, path, _ in [*addresses(), ("POST", f"/approvals/{approval}/answer", "")]:
            at = window(kit)
            at.http.headers["cookie"] = f"{COOKIE}={token}"
            at.http.headers["authorization"] = f"Bearer {token}"
            answer = await opened(at, method, path)
            assert answer.status_code == OUT, f"{method} {path}"
    assert (await kit.house.inbox.approval(approval)).state is ApprovalState.WAITING


async def test_a_session_is_worth_nothing_to_agents_and_their_door_has_no_console(
    kit: Kit,
) -> None:
    """Two listeners: neither serves what the other does, nor takes what it takes."""
    secret = await window(kit).sign_in(LENA)
    transport = httpx2.ASGITransport(app=agents_app(kit.house, kit.settings))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as agents:
        agents.headers["cookie"] = f"{COOKIE}={secret}"
        agents.headers["authorization"] = f"Bearer {secret}"
        for method, path, _ in addresses():
            answer = await agents.request(method, path)
            assert answer.status_code in {404, 405}, path
        hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert (await agents.post(f"/mcp/{WORKFLOW}", json=hello)).status_code == OUT
        for path in ("/v1/tools", "/v1/calls/none", "/v1/inbox"):
            assert (await agents.get(path)).status_code in {OUT, 422}, path
    at = window(kit)
    for path in (f"/mcp/{WORKFLOW}", "/v1/calls", "/admin/status"):
        answer = await at.http.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].partition("?")[0] == "/sign-in", path


async def question(kit: Kit) -> str:
    """Have the agent propose a refund for mara, which asks; return the question's id."""
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=120)
    with anyio.fail_after(WITHIN_S):
        approval = (await kit.question()).approval
    assert approval is not None
    return approval.id


async def answered(at: Window, approval: str, holder: Authenticator) -> httpx2.Response:
    """Say yes to a question, as a page does."""
    path = f"/approvals/{approval}"
    said: JsonObject = {"kind": "approve", "yes": True, "because": "fine"}
    begun = await at.post(f"{path}/begin", said)
    if begun.status_code != FINE:
        return begun
    credential = holder.answer_to(begun.json()["get"]["challenge"])
    done: JsonObject = {"ceremony": begun.json()["ceremony"], "credential": credential}
    return await at.post(f"{path}/answer", done)


@requirement("B-50")
@pytest.mark.parametrize("name", [*ROLES, MARA, ASKED])
async def test_only_the_asked_role_answers_and_nobody_their_own(kit: Kit, name: str) -> None:
    """With their own passkey: whoever else signs, and whatever else is signed, is refused."""
    approval = await question(kit)
    at = window(kit)
    await at.sign_in(name)
    forged = await answered(at, approval, Authenticator(origin=ORIGIN))
    assert forged.status_code == FORBIDDEN
    assert (await kit.house.inbox.approval(approval)).state is ApprovalState.WAITING

    done = await answered(at, approval, HOLDERS[name])
    state = (await kit.house.inbox.approval(approval)).state
    if name == ASKED:
        assert done.status_code == FINE, done.text
        assert state in {ApprovalState.APPROVED, ApprovalState.USED}
    else:
        assert done.status_code == FORBIDDEN, done.text
        assert state is ApprovalState.WAITING


@requirement("A-80")
async def test_whoever_was_switched_off_is_out_at_once_and_counts_no_more(kit: Kit) -> None:
    """Their session, the page that listens, and what they had begun to sign: within no time."""
    approval = await question(kit)
    at = window(kit)
    await at.sign_in(ASKED)
    assert (await at.get("/inbox")).status_code == FINE
    await kit.house.people.deactivate(ASKED, by=kit.signed("deactivate", {"name": ASKED}))

    for path in ("/inbox", "/inbox.json", "/live", f"/approvals/{approval}"):
        assert (await at.get(path)).status_code == OUT, path
    late = await answered(at, approval, HOLDERS[ASKED])
    assert late.status_code == OUT
    assert ASKED not in kit.house.gateway.registry.signers()
    assert (await kit.house.inbox.approval(approval)).state is ApprovalState.WAITING


async def things(kit: Kit) -> dict[str, str]:
    """Have the agent do things for mara; return the addresses of their pages, by table line."""
    scope = f"workflow:{WORKFLOW}"
    async with raw_client(kit, await kit.task_token()) as client:
        await client.begin()
        await kit.house.controls.set(scope, Verdict.DRAFT, because="a test", by=LENA)
        await client.call("tickets.update", ticket_id="T-4711", status="pending", refund=121)
        await kit.house.controls.resume(scope, because="over", by=LENA)
    approval = await question(kit)
    call = await kit.house.inbox.call((await kit.house.inbox.approval(approval)).call_id)
    (draft,) = await kit.house.gateway.outside.store.rows("drafts")
    return {
        "/approvals/{id}": f"/approvals/{approval}",
        "/drafts/{id}": f"/drafts/{rows.text(draft, 'id')}",
        "/calls/{id}": f"/calls/{call.id}",
        "/tasks/{id}": f"/tasks/{call.proposal.task_id}",
        "/agents/{name}": f"/agents/{call.agent}",
        "/agents/{name}/access": f"/agents/{call.agent}/access",
        "/workflows/{name}": f"/workflows/{WORKFLOW}",
    }


MADE_ELSEWHERE = frozenset({"/quick/{id}", "/break-glass/{id}"})
"""Pages of things that somebody asks for in a message, or by a signature: their tests make them."""


async def test_what_there_is_opens_by_right_whether_ones_own_or_not(kit: Kit) -> None:
    """The pages of real things: mara asked for all of them, and sees no more than her role does."""
    found = await things(kit)
    named = {line.path for line in pages.PAGES if "{" in line.path}
    assert set(found) == named - MADE_ELSEWHERE
    wrong: list[str] = []
    for name in (*ROLES, ASKED, MARA):
        at = window(kit)
        await at.sign_in(name)
        role = ASKED if name == MARA else name
        for line in pages.PAGES:
            if line.path not in found:
                continue
            for ending in ("", ".json"):
                status = (await at.get(found[line.path] + ending)).status_code
                if status != (FINE if may({role}, line.right) else FORBIDDEN):
                    wrong.append(f"{name}: {line.path}{ending} gave {status}")
    assert wrong == []


async def test_a_draft_leaves_only_by_the_hand_of_somebody_with_the_right(kit: Kit) -> None:
    """Every role and the requester herself try; whoever lacks the right cannot even begin."""
    draft = (await things(kit))["/drafts/{id}"]
    for name in (*ROLES, ASKED, MARA):
        at = window(kit)
        await at.sign_in(name)
        role = ASKED if name == MARA else name
        for verb in ("release", "discard"):
            begun = await at.post(f"{draft}/{verb}/begin")
            right = may({role}, "draft.release")
            assert begun.status_code == (FINE if right else FORBIDDEN), (name, verb)
            forged: JsonObject = {"ceremony": "none", "credential": {"id": "none"}}
            done = await at.post(f"{draft}/{verb}", forged)
            assert done.status_code != FINE, (name, verb)
    (kept,) = await kit.house.gateway.outside.store.rows("drafts")
    assert kept["state"] == "stored"
