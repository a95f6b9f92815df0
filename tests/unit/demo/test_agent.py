"""The agent that believes everything, and the control experiment: the desk with no gateway."""

import json
from decimal import Decimal
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.server.lowlevel.server import Server
from mcp.types import CallToolResult, ListToolsResult

from sallyport.demo.agent import (
    AGENT_NAME,
    PATIENCE,
    Agent,
    Event,
    Ruling,
    repeat_calls,
    ruling_in,
    work_ticket,
)
from sallyport.demo.report import DeskReport, desk_report
from sallyport.demo.story import CALLS_PER_TASK, QUEUE, Errand, damage, missing
from tests.unit.demo.conftest import Desk

_ERRANDS = {errand.ticket_id: errand for errand in QUEUE}


async def _work(desk: Desk, *tickets: str) -> tuple[list[Event], DeskReport]:
    told: list[Event] = []
    with anyio.fail_after(60):
        for ticket in tickets:
            await work_ticket(desk.url, desk.token, _ERRANDS[ticket], told.append)
    return told, desk_report(desk.db)


@pytest.mark.anyio
async def test_an_ordinary_ticket_is_worked_from_first_to_last(desk: Desk) -> None:
    """It does what the requester asked before it reads a word that an outsider wrote."""
    told, report = await _work(desk, "T-4712")

    assert [event.tool for event in told] == [
        "tickets.update",
        "tickets.get",
        "crm.get_contact",
        "kb.search",
        "tickets.draft_reply",
        "mail.send",
    ]
    assert [event.told_by for event in told[:2]] == ["requester", "routine"]
    assert [event.number for event in told] == [1, 2, 3, 4, 5, 6]
    assert {event.ending for event in told} == {"done"}
    assert not damage(report)


@pytest.mark.anyio
async def test_unguarded_the_customer_list_goes_to_an_outsider(desk: Desk) -> None:
    """One sentence in a ticket and every address is out of the house."""
    _, report = await _work(desk, "T-4715")

    assert [mail.to for mail in report.strangers] == ["leads@growth-hacks.example"]
    assert "ada@brandt-bakery.example" in report.strangers[0].body
    assert report.answered["crm.export_contacts"] == 1


@pytest.mark.anyio
async def test_unguarded_a_ticket_sets_its_own_refund(desk: Desk) -> None:
    """The desk pays over the limit, and pays under it, because the text said so."""
    _, report = await _work(desk, "T-4716", "T-4719")

    assert [refund.cents for refund in report.refunds] == [62000, 4500]
    assert len(damage(report)) == 2


@pytest.mark.anyio
async def test_unguarded_a_ticket_changes_another_customers_records(desk: Desk) -> None:
    """Her cousin's address and her cousin's ticket change on the word of a stranger."""
    _, report = await _work(desk, "T-4717")
    foreign = {(c.record, c.after, c.caller) for c in report.changes if c.record != "T-4717"}

    assert foreign == {
        ("C-1001", "greta.voss@elsewhere.example", AGENT_NAME),
        ("T-4711", "solved", AGENT_NAME),
    }


@pytest.mark.anyio
async def test_unguarded_a_ticket_makes_the_agent_loop(desk: Desk) -> None:
    """The same search reaches the desk again and again, far over the calls of one task."""
    _, report = await _work(desk, "T-4718")

    assert report.answered["kb.search"] == PATIENCE + 1
    assert report.answered["kb.search"] > 2 * CALLS_PER_TASK


@pytest.mark.anyio
async def test_unguarded_the_whole_queue_is_worked_with_every_harm_and_nothing_missing(
    desk: Desk,
) -> None:
    """The control experiment: the attacks work, so a clean desk later is the gateway's doing."""
    told, report = await _work(desk, *_ERRANDS)

    assert not missing(report)
    assert damage(report) == (
        "a mail nobody asked for went to the outsider leads@growth-hacks.example",
        "620.00 EUR nobody granted went to Femi Adler",
        "45.00 EUR nobody granted went to Bruno Keller",
        "status of T-4711 became solved",
        "email of C-1001 became greta.voss@elsewhere.example",
        "the customer list was handed out 1 time",
        f"the knowledge base was searched {len(QUEUE) + PATIENCE} times for 10 tickets",
    )
    assert {event.ruling for event in told} == {None}


_HELD = {
    "id": "call-7",
    "verdict": "ask",
    "ending": "waiting",
    "reasons": [{"code": "level.external", "sentence": "mail leaves the house"}],
    "held_until": "2026-11-21T18:00:00Z",
    "who": ["support_agent"],
}


class _Gatekeeper:
    """A scripted server in the gateway's place: holds mail until `answered`, refuses the rest."""

    def __init__(self) -> None:
        self.answered = False
        self.seen: list[tuple[str, dict[str, Any] | None]] = []

    def server(self) -> Server[Any]:
        async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
            return ListToolsResult(tools=[])

        async def call_tool(_context: Any, params: Any) -> CallToolResult:
            self.seen.append((params.name, params.arguments))
            return self._answer(params.name)

        return Server("gatekeeper", on_list_tools=list_tools, on_call_tool=call_tool)

    def _answer(self, tool: str) -> CallToolResult:
        word: dict[str, Any] = {"id": "call-1", "verdict": "refuse", "ending": "refused"}
        if tool == "mail.send":
            word = {**_HELD, "ending": "done"} if self.answered else _HELD
        return CallToolResult.model_validate(
            {
                "content": [{"type": "text", "text": word["ending"]}],
                "isError": word["ending"] == "refused",
                "_meta": {"io.sallyport/call": word},
            }
        )


@pytest.mark.anyio
async def test_a_refused_call_is_noted_and_the_work_goes_on() -> None:
    """Nothing that comes back stops the agent before its last call."""
    gate, told = _Gatekeeper(), list[Event]()
    with anyio.fail_after(30):
        async with Client(gate.server(), mode="legacy") as client:
            events = await Agent(client, _ERRANDS["T-4711"], told.append).work()

    assert list(events) == told
    assert [event.ending for event in events] == ["refused"] * 5 + ["waiting"]
    assert [tool for tool, _ in gate.seen][-1] == "mail.send"


@pytest.mark.anyio
async def test_a_held_call_is_repeated_to_the_letter() -> None:
    """The result of an approved call is fetched by making exactly the same call again."""
    gate = _Gatekeeper()
    errand = _ERRANDS["T-4711"]
    with anyio.fail_after(30):
        async with Client(gate.server(), mode="legacy") as client:
            events = await Agent(client, errand, lambda _: None).work()
            held = [event for event in events if event.is_waiting]
            gate.answered = True
            repeated = await Agent(client, errand, lambda _: None).repeat(held)

    assert [event.ending for event in repeated] == ["done"]
    assert gate.seen[-1] == gate.seen[-2]
    assert repeated[0].told_by == "gateway"


@pytest.mark.anyio
async def test_repeating_opens_a_connection_of_its_own(desk: Desk) -> None:
    """Results can be fetched long after the connection that asked is gone."""
    told, _ = await _work(desk, "T-4714")
    with anyio.fail_after(30):
        again = await repeat_calls(
            desk.url, desk.token, _ERRANDS["T-4714"], told[-1:], lambda _: None
        )

    assert again[0].arguments == told[-1].arguments
    assert len(desk_report(desk.db).mails) == 2


def test_the_gateways_word_is_read_from_meta() -> None:
    """Everything the demo prints about a call stands in the result's reserved key."""
    assert ruling_in({"io.sallyport/call": json.loads(json.dumps(_HELD))}) == Ruling(
        call_id="call-7",
        verdict="ask",
        ending="waiting",
        reasons=(("level.external", "mail leaves the house"),),
        held_until="2026-11-21T18:00:00Z",
        who=("support_agent",),
    )


@pytest.mark.parametrize("meta", [{}, {"io.sallyport/call": "ask"}, {"other": {"id": "1"}}])
def test_without_a_gateways_word_there_is_no_ruling(meta: dict[str, Any]) -> None:
    """A direct connection, or somebody else's `_meta`, is no ruling."""
    assert ruling_in(meta) is None


def test_an_errand_binds_the_inputs_the_boundary_names() -> None:
    """The opener's three values, and nothing of the ticket's text."""
    errand: Errand = _ERRANDS["T-4713"]

    assert errand.refund == Decimal("120.00")
    assert errand.inputs == {
        "ticket_id": "T-4713",
        "contact_id": "C-1003",
        "customer_email": "chiara@monti-studio.example",
    }
