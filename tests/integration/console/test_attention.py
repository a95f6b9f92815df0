"""Exercises, figures, a shortest look, and gates that ask no more, in a real house's console."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from statistics import median_low
from typing import Any

import anyio
import httpx2
import pytest

from sallyport.flow.tasks import Opening
from sallyport.model import ApprovalState, Json, JsonObject, Person, Stage
from sallyport.ports import LedgerQuery
from sallyport.rules.attention.attention import Attention
from sallyport.rules.attention.exercises import DELAY_S, Exercise
from sallyport.rules.times import SECOND_US
from tests.authenticator import Authenticator
from tests.console_client import ORIGIN, Window, window
from tests.integration.console.conftest import ASKED, HOLDERS
from tests.integration.mcp.conftest import Desk
from tests.integration.mcp.house_fixture import (
    AGENT,
    DESK_TOKEN,
    LENA,
    MARA,
    WORKFLOW,
    Kit,
    demo_workflow,
    desk_system,
    listening,
    opened,
    raw_client,
    ticket,
)

pytestmark = pytest.mark.anyio
WITHIN_S = 30
FINE, CONFLICT = 200, 409
OTHER = "olga"
"""A second support lead, so that somebody can look again."""
OTHERS_KEY = Authenticator(origin=ORIGIN)
REPLY = """\
  tickets.draft_reply:
    level: update
    touches: [records]
    only:
      ticket_id: {is: task.ticket_id}
      body: {one_of: [thanks, sorry, done]}
"""


@pytest.fixture
async def team(kit: Kit) -> Kit:
    """Return a house in which everything of attention is on, and another support lead."""
    person = Person(name=OTHER, roles=frozenset({ASKED}), passkeys=(OTHERS_KEY.public,))
    await kit.house.people.keep(person, "a test")
    kit.house.inbox.exercises.attention = Attention(on=True, canaries=1000, second_looks=0)
    return kit


async def proposed(kit: Kit, args: JsonObject, tool: str = "tickets.update") -> str:
    """Have the agent propose a call that asks; return the question's id."""
    known = {each.id for each in await kit.house.inbox.exercises.waiting()}
    async with raw_client(kit, await _fresh_run(kit)) as client:
        await client.begin()
        await client.call(tool, **args)
    with anyio.fail_after(WITHIN_S):
        while True:
            for item in await kit.house.inbox.items():
                if item.approval is not None and item.approval.id not in known:
                    return item.approval.id
            await anyio.lowlevel.checkpoint()


async def _fresh_run(kit: Kit) -> str:
    """Return a task of a run of its own, that has read nothing yet."""
    opener = await kit.house.tasks.make_token("opener", agent=AGENT, workflow=WORKFLOW, by=LENA)
    opening = Opening(
        workflow=WORKFLOW,
        requester=MARA,
        inputs=ticket(),
        instance=kit.house.gateway.outside.ids.new("run"),
    )
    return (await kit.house.tasks.open(kit.house.tasks.bearer(opener), opening)).token


async def answered(at: Window, approval: str, holder: Authenticator, **said: Json) -> Any:
    """Answer a question as a page does, without looking at it first."""
    path = f"/approvals/{approval}"
    begun = await at.post(f"{path}/begin", {"kind": "approve", "because": "fine", **said})
    if begun.status_code != FINE:
        return begun
    credential = holder.answer_to(begun.json()["get"]["challenge"])
    done: JsonObject = {"ceremony": begun.json()["ceremony"], "credential": credential}
    return await at.post(f"{path}/answer", done)


async def entered(kit: Kit, name: str) -> Window:
    """Return somebody's window, signed in."""
    at = window(kit)
    await at.sign_in(name)
    return at


async def viewed(at: Window, path: str) -> Any:
    """Return the twin of a page."""
    return await at.view(path)


async def looked(kit: Kit, at: Window, approval: str) -> None:
    """Open a question's page, and let the time pass that a look takes."""
    assert (await at.get(f"/approvals/{approval}")).status_code == FINE
    kit.clock.ahead_us += 30 * SECOND_US


async def an_exercise(kit: Kit) -> Exercise:
    """Have a refund approved by the support lead, and return the exercise that is made of it."""
    question = await proposed(kit, {"ticket_id": "T-4711", "status": "pending", "refund": 120})
    at = await entered(kit, ASKED)
    await looked(kit, at, question)
    assert (await answered(at, question, HOLDERS[ASKED])).status_code == FINE
    await settled(kit)
    kit.clock.ahead_us += DELAY_S[1] * SECOND_US
    assert await kit.house.inbox.exercises.look() == 1
    (one,) = await kit.house.inbox.exercises.waiting()
    return one


async def settled(kit: Kit) -> None:
    """Wait until nothing is under way."""
    with anyio.fail_after(WITHIN_S):
        store = kit.house.gateway.outside.store
        while await store.rows("approvals", {"state": "approved"}) or [
            row
            for state in ("intended", "sent")
            for row in await store.rows("calls", {"action": state})
        ]:
            await anyio.lowlevel.checkpoint()


async def test_a_canary_is_answered_like_anything_and_said_at_once_to_be_none(
    team: Kit, desk: Desk
) -> None:
    """List, page and signature are as ever; then a page says what it was, and nothing was sent."""
    one = await an_exercise(team)
    at = await entered(team, OTHER)
    done_there = desk.report()
    listed = await viewed(at, "/inbox")
    page = await viewed(at, f"/approvals/{one.id}")

    assert one.id in json.dumps(listed["groups"])
    assert one.wrong is not None
    assert page["args"]["refund"] == one.wrong.shown == 210
    assert (page["state"], page["verdict"]) == ("waiting", "ask")
    assert page["sentences"] != []
    assert "ask" in {floor["verdict"] for floor in page["floors"]}
    assert "approval.given" not in {floor["code"] for floor in page["floors"]}
    assert not re.search("canary|exercise", json.dumps({**page, "attention": ""}))
    await looked(team, at, one.id)
    done = (await answered(at, one.id, OTHERS_KEY)).json()
    assert done == {"state": "exercise", "to": f"/approvals/{one.id}"}
    told = await viewed(at, f"/approvals/{one.id}")
    assert told["outcome"] == "missed"
    assert told["wrong"] == {"argument": "refund", "how": "amount", "was": "120", "shown": "210"}
    html = (await at.get(f"/approvals/{one.id}")).text
    assert "you said yes to it" in html
    assert "Nothing was sent" in html
    assert desk.report() == done_there
    assert await team.house.gateway.outside.store.rows("calls", {"id": one.call.id}) == []


async def test_an_exercise_is_spelled_and_read_like_a_question_that_just_came(team: Kit) -> None:
    """Ids and the number in it look alike, and what was read before the effect is not shown."""
    one = await an_exercise(team)
    real = await proposed(team, {"ticket_id": "T-4711", "status": "pending", "refund": 70})
    at = await entered(team, OTHER)
    seen = [await viewed(at, f"/approvals/{each}") for each in (one.id, real)]
    shapes = {
        (
            re.sub("[0-9a-f]", "x", str(each["id"])),
            re.sub("[0-9a-f]", "x", str(each["object"]["nonce"])),
            len(each["call"]),
            len(each["reads"]),
            tuple(sorted(each)),
            tuple(sorted(each["object"])),
        )
        for each in seen
    }
    assert len(shapes) == 1, shapes


async def test_who_knows_it_does_not_see_it_and_others_learn_nothing_of_the_answer(
    team: Kit,
) -> None:
    """The first reviewer's list is without it; after it is over, a third hears only that it was."""
    one = await an_exercise(team)
    first, other = await entered(team, ASKED), await entered(team, OTHER)
    assert one.id not in json.dumps(await viewed(first, "/inbox"))
    await looked(team, other, one.id)
    await answered(other, one.id, OTHERS_KEY, kind="reject", code="wrong_value", because="no")

    told = await viewed(first, f"/approvals/{one.id}")
    assert told["mine"] is False
    assert "outcome" not in told
    assert OTHER not in json.dumps(told)


async def test_everybody_is_told_that_there_are_exercises_and_nobody_where_there_are_none(
    team: Kit,
) -> None:
    """One line above the list, and on the page of the team."""
    at = await entered(team, OTHER)
    assert "Among these there can be exercises" in (await at.get("/inbox")).text
    assert (await viewed(at, "/team"))["attention"]["on"] is True
    team.house.inbox.exercises.attention = Attention()
    assert "Among these" not in (await at.get("/inbox")).text
    assert "It takes the setting" in (await at.get("/team")).text


async def test_a_yes_to_high_risk_counts_only_after_its_page_was_in_sight(team: Kit) -> None:
    """Too soon, or never looked at in this session, is refused; a no counts at once."""
    refund: JsonObject = {"ticket_id": "T-4711", "status": "pending", "refund": 130}
    question = await proposed(team, refund)
    at = await entered(team, OTHER)
    never = await answered(at, question, OTHERS_KEY)
    await at.get(f"/approvals/{question}")
    soon = await answered(at, question, OTHERS_KEY)

    for answer in (never, soon):
        assert answer.status_code == CONFLICT
        assert answer.json()["error"]["code"] == "approval.too_soon"
    elsewhere = await entered(team, OTHER)
    team.clock.ahead_us += 30 * SECOND_US
    assert (await answered(elsewhere, question, OTHERS_KEY)).status_code == CONFLICT
    assert "in sight for 5 seconds" in (await at.get(f"/approvals/{question}")).text
    assert (await answered(at, question, OTHERS_KEY)).status_code == FINE
    await settled(team)

    again = await proposed(team, {**refund, "refund": 131})
    no = await answered(elsewhere, again, OTHERS_KEY, kind="reject", code="other", because="no")
    assert no.status_code == FINE
    assert (await team.house.inbox.approval(again)).state is ApprovalState.REJECTED


async def test_figures_are_what_the_ledger_says_counted_by_hand(team: Kit) -> None:
    """Counts, shares and the median, recomputed here from the entries themselves."""
    await an_exercise(team)
    (one,) = await team.house.inbox.exercises.waiting()
    at = await entered(team, OTHER)
    await looked(team, at, one.id)
    await answered(at, one.id, OTHERS_KEY, kind="reject", code="wrong_value", because="no")
    for who, key, amount in (
        (OTHER, OTHERS_KEY, 140),
        ("mara2", Authenticator(origin=ORIGIN), 141),
    ):
        if who not in team.house.gateway.registry.people:
            person = Person(name=who, roles=frozenset({ASKED}), passkeys=(key.public,))
            await team.house.people.keep(person, "a test")
        question = await proposed(
            team, {"ticket_id": "T-4711", "status": "pending", "refund": amount}
        )
        team.clock.ahead_us += amount * SECOND_US
        theirs = await entered(team, who)
        await answered(theirs, question, key, kind="reject", code="other", because="no")
    shown = await viewed(at, "/team")

    entries = await _entries(team)
    asked = {one["approval"]: one["at_us"] for one in entries["approval.asked"]}
    answers = entries["approval.answered"]
    yes = [one for one in answers if one["yes"]]
    took = [one["at_us"] - asked[one["approval"]] for one in answers]
    assert shown["withheld"] is False
    assert shown["questions"] == len(asked) == 3
    assert shown["answers"] == {
        "total": len(answers),
        "approve": {"count": len(yes), "share": len(yes) * 100 // len(answers)},
        "change": {"count": 0, "share": 0},
        "reject": {
            "count": len(answers) - len(yes),
            "share": (len(answers) - len(yes)) * 100 // len(answers),
        },
    }
    assert shown["median_us"] == median_low(took)
    assert shown["canaries"] == {
        "total": 1,
        "caught": {"count": 1, "share": 100},
        "missed": {"count": 0, "share": 0},
    }
    names = [*team.house.gateway.registry.people]
    assert not [name for name in names if f'"{name}"' in json.dumps(shown)]


async def _entries(kit: Kit) -> dict[str, list[dict[str, Any]]]:
    """Return the raw entries of the ledger by kind, each with its time."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in await kit.house.gateway.outside.store.ledger(LedgerQuery(limit=10_000)):
        data = json.loads(entry.data)
        found.setdefault(data["kind"], []).append({**data["body"], "at_us": data["at_us"]})
    return found


async def test_of_fewer_than_three_people_nothing_is_said(team: Kit) -> None:
    """One person's answers are theirs."""
    await an_exercise(team)
    at = await entered(team, OTHER)
    shown = await viewed(at, "/team")
    assert shown["withheld"] is True
    assert "answers" not in shown
    assert "median_us" not in shown
    assert "Fewer than 3 people" in (await at.get("/team")).text


# --- Stop asking me this. ---


@pytest.fixture
async def routine(desk: Desk, tmp_path: Path) -> AsyncGenerator[Kit]:
    """Return a house whose gate is passed after three answers, all the same."""
    async with opened(tmp_path, secrets={"desk-token": DESK_TOKEN}, hold_s=0) as kit:
        await kit.activate(_inside(), {"desk.yaml": desk_system(desk.url)})
        await kit.stage(Stage.LIVE)
        kit.house.stop_asking.enough = 3
        for name, roles in (("reviewer", ["reviewer", "support_agent"]), ("owner", ["owner"])):
            key = (HOLDERS[name].public,)
            person = Person(name=name, roles=frozenset(roles), passkeys=key)
            await kit.house.people.keep(person, "a test")
        async with listening(kit):
            yield kit


def _inside() -> str:
    """Return the demo's boundary with prepared replies that ask, and are kept inside."""
    text = demo_workflow()
    start, end = text.index("  tickets.draft_reply:"), text.index("  tickets.update:")
    return text[:start] + REPLY + text[end:]


async def _passed(kit: Kit, replies: Sequence[str], **said: Json) -> None:
    at = await entered(kit, "reviewer")
    for body in replies:
        args: JsonObject = {"ticket_id": ticket()["ticket_id"], "body": body}
        question = await proposed(kit, args, "tickets.draft_reply")
        answer = await answered(at, question, HOLDERS["reviewer"], **said)
        assert answer.status_code == FINE, answer.text
        await settled(kit)


async def test_an_owner_is_offered_the_narrowest_version_and_signs_it_like_any_other(
    routine: Kit,
) -> None:
    """Only what was seen passes; the version is proved, shown as a diff, and waits to be signed."""
    await _passed(routine, ["thanks", "sorry", "thanks"])
    at = await entered(routine, "owner")
    page = await viewed(at, "/workflows/customer-support")
    (gate,) = page["unasked"]

    assert (gate["tool"], gate["entry"], gate["times"], gate["why_not"]) == (
        "tickets.draft_reply",
        "",
        3,
        "",
    )
    body: JsonObject = {"tool": "tickets.draft_reply", "entry": ""}
    done = await at.post("/workflows/customer-support/unasked", body)
    assert done.status_code == FINE, done.text
    (waits,) = (await viewed(at, "/workflows/customer-support"))["waiting"]
    assert waits["digest"] == done.json()["digest"]
    assert waits["problems"] == []
    assert waits["missing"]
    said = json.dumps(waits["changes"])
    assert "asked 3 times from" in said
    assert routine.house.gateway.registry.boundary_of("customer-support") is not None
    (made,) = routine.house.authority.proposed(workflow="customer-support")
    (allow,) = made.boundary.workflow.tools["tickets.draft_reply"].allow
    assert allow.args["body"].constraints[0].bounds == ("thanks", "sorry")
    (ask,) = made.boundary.workflow.tools["tickets.draft_reply"].ask
    assert ask.args["body"].constraints[0].bounds == ("done",)
    assert ask.who == ("owner", "reviewer")


async def test_once_two_people_signed_it_what_was_approved_passes_and_the_rest_asks(
    routine: Kit,
) -> None:
    """The owner alone changes nothing; with the second signature the narrow way is open."""
    await _passed(routine, ["thanks", "sorry", "thanks"])
    owner, second = await entered(routine, "owner"), await entered(routine, "reviewer")
    body: JsonObject = {"tool": "tickets.draft_reply", "entry": ""}
    digest = (await owner.post("/workflows/customer-support/unasked", body)).json()["digest"]
    await _signed(owner, HOLDERS["owner"], digest)
    assert routine.house.gateway.registry.active["customer-support"] != digest
    await _signed(second, HOLDERS["reviewer"], digest)
    assert routine.house.gateway.registry.active["customer-support"] == digest

    ticket_id = ticket()["ticket_id"]
    async with raw_client(routine, await _fresh_run(routine)) as client:
        await client.begin()
        await client.call("tickets.draft_reply", ticket_id=ticket_id, body="sorry")
    assert await routine.house.inbox.items() == []
    await proposed(routine, {"ticket_id": ticket_id, "body": "done"}, "tickets.draft_reply")


async def _signed(at: Window, holder: Authenticator, digest: str) -> None:
    """Sign a version, as its page does."""
    path = "/workflows/customer-support/sign"
    begun = (await at.post(f"{path}/begin", {"digest": digest})).json()
    credential = holder.answer_to(begun["get"]["challenge"])
    done: JsonObject = {"ceremony": begun["ceremony"], "credential": credential}
    answer = await at.post(path, done)
    assert answer.status_code == FINE, answer.text


async def test_one_change_or_rejection_and_the_gate_goes_on_asking(routine: Kit) -> None:
    """However often it was passed before and after."""
    await _passed(routine, ["thanks", "sorry", "thanks"])
    await _passed(routine, ["done"], kind="reject", code="other", because="no")
    at = await entered(routine, "owner")
    assert (await viewed(at, "/workflows/customer-support"))["unasked"] == []
    body: JsonObject = {"tool": "tickets.draft_reply", "entry": ""}
    refused = await at.post("/workflows/customer-support/unasked", body)
    assert refused.status_code == 404


async def test_a_yes_that_was_taken_back_was_no_yes(routine: Kit) -> None:
    """The operator who took it back objected, whatever the ledger says of the yes before it."""
    await _passed(routine, ["thanks", "sorry", "thanks"])
    evidence, store = routine.house.gateway.evidence, routine.house.gateway.outside.store
    (last,) = await store.rows("calls", newest_first=True, limit=1, only=("id",))
    draught = evidence.draught()
    index = {"call": str(last["id"]), "tool": "tickets.draft_reply"}
    evidence.note(draught, "approval.undone", {"call": str(last["id"])}, index=index)
    await store.append(draught.done())
    at = await entered(routine, "owner")
    assert (await viewed(at, "/workflows/customer-support"))["unasked"] == []


async def test_one_yes_where_two_are_needed_approves_nothing(routine: Kit, desk: Desk) -> None:
    """What only one of two said yes to was never let through, and is no reason to ask no more."""
    asks = "    ask:\n      - who: [reviewer, owner]\n        how_many: 2\n        within: 4h\n"
    text = _inside().replace(REPLY, REPLY + asks)
    await routine.activate(text, {"desk.yaml": desk_system(desk.url)})
    routine.house.stop_asking.enough = 1
    args: JsonObject = {"ticket_id": ticket()["ticket_id"], "body": "thanks"}
    question = await proposed(routine, args, "tickets.draft_reply")
    at = await entered(routine, "owner")
    for name, gates in (("reviewer", 0), ("owner", 1)):
        answer = await answered(await entered(routine, name), question, HOLDERS[name])
        assert answer.status_code == FINE, answer.text
        assert len((await viewed(at, "/workflows/customer-support"))["unasked"]) == gates


async def test_a_reviewer_is_not_offered_it_and_cannot_propose_it(routine: Kit) -> None:
    """Who answers does not write the rule under which nobody answers."""
    await _passed(routine, ["thanks", "sorry", "thanks"])
    at = await entered(routine, "reviewer")
    assert (await viewed(at, "/workflows/customer-support"))["unasked"] == []
    body: JsonObject = {"tool": "tickets.draft_reply", "entry": ""}
    refused = await at.post("/workflows/customer-support/unasked", body)
    assert refused.status_code == 403


async def test_what_pays_goes_on_asking_and_the_owner_reads_why(kit: Kit) -> None:
    """A refund was approved as often, and stays behind its gate."""
    kit.house.stop_asking.enough = 2
    at = await entered(kit, ASKED)
    for amount in (120, 121):
        question = await proposed(
            kit, {"ticket_id": "T-4711", "status": "pending", "refund": amount}
        )
        like = (await viewed(at, f"/approvals/{question}"))["like"]
        assert like == {"approved": amount - 120, "rejected": 0}
        assert (await answered(at, question, HOLDERS[ASKED])).status_code == FINE
        await settled(kit)
    owner = await entered(kit, "owner")
    (gate,) = (await viewed(owner, "/workflows/customer-support"))["unasked"]
    assert gate["why_not"] == "it touches money"
    html = (await owner.get("/workflows/customer-support")).text
    assert "It goes on asking: it touches money." in html
    body: JsonObject = {"tool": "tickets.update", "entry": gate["entry"]}
    refused: httpx2.Response = await owner.post("/workflows/customer-support/unasked", body)
    assert refused.status_code == CONFLICT
