"""From a record of a business system back to who did it, why and how: in one query."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from sallyport.model import JsonObject
from sallyport.rules import records
from tests.integration.api.office import Office
from tests.requirements import requirement


@requirement("B-113")
def test_one_query_leads_from_a_records_id_to_the_whole_path(office: Office) -> None:
    """By the ticket that was changed, and by the mail that the desk itself numbered."""
    token = office.open_task()
    args = {"ticket_id": "T-4711", "status": "pending", "refund": Decimal("70.00")}
    changed = office.propose(token, "tickets.update", args).body["call"]["id"]
    draft_args = {"ticket_id": "T-4711", "body": "We are on it."}
    drafted = office.propose(token, "tickets.draft_reply", draft_args).body
    (item,) = [one for one in office.client.inbox() if one["call"] == changed]
    office.answer("omar", item["id"], yes=True)
    office.settled(changed)
    office.propose(token, "tickets.get", {"ticket_id": "T-4711"})

    found = office.client.get("/admin/log/record", id="T-4711")
    assert {one["call"] for one in found["calls"]} == {changed, drafted["call"]["id"]}
    (path,) = [one for one in found["calls"] if one["call"] == changed]
    assert path == office.client.trace(changed)
    steps = {step["name"]: step for step in path["steps"]}
    assert steps["request"]["facts"]["actor"]["agent"] == "support-bot"
    assert steps["approval"]["facts"]["answers"][0]["person"] == "omar"
    assert steps["action"]["facts"]["action"] == "done"

    by_the_desk = str(drafted["result"]["structuredContent"]["draft_id"])
    found = office.client.get("/admin/log/record", id=by_the_desk)
    assert [one["call"] for one in found["calls"]] == [drafted["call"]["id"]]
    assert office.client.get("/admin/log/record", id="T-9999")["calls"] == []


def test_no_id_stands_in_the_database_in_clear(office: Office) -> None:
    """It is found by a digest under the key, so the file alone says nothing."""
    token = office.open_task("T-4712", run="run-1")
    office.propose(token, "tickets.draft_reply", {"ticket_id": "T-4712", "body": "x"})
    assert office.client.get("/admin/log/record", id="T-4712")["calls"]
    for path in Path(office.settings.state).glob("*.db*"):
        assert b"T-4712" not in path.read_bytes()


def test_ids_are_what_look_ups_use_and_what_is_named_so() -> None:
    """Neither free text nor numbers that count something."""
    assert records.answered(
        {"structuredContent": {"draft_id": 7, "sent": True, "items": [{"id": "a"}, {"Id": "b"}]}}
    ) == ("7", "a")
    assert records.answered({"content": [{"type": "text", "text": '{"issueNumber": 12}'}]}) == (
        "12",
    )
    assert records.answered({"content": [{"type": "text", "text": "{not json"}]}) == ()
    assert records.answered({"structuredContent": {"body": "id", "count": 3, "void": "x"}}) == ()
    many: JsonObject = {"structuredContent": {"ids": [*map(str, range(100))]}}
    assert len(records.answered(many)) == records.AT_MOST
