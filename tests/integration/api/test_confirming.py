"""Before a yes that nobody can take back: one value is typed, checked where it counts, signed."""

from __future__ import annotations

from typing import Any

import pytest

from sallyport.errors import NotConfirmedError, SignatureError
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from tests.integration.api.office import Office
from tests.requirements import requirement

ADA = "ada@brandt-bakery.example"


def _yes(office: Office, question: str, *, typed: str | None, sent: str | None = None) -> Any:
    """Say yes, having typed something, or having sent something else than was signed."""
    bound = office.client.item(question)["statement_of"]
    said: JsonObject = {
        "person": "omar",
        "yes": True,
        "because": "looked at it",
        "at_us": office.now_us(),
    }
    if typed is not None:
        said["typed"] = typed
    signature = office.keys["omar"].sign(approvals.signable(bound, said))
    if sent is not None:
        said["typed"] = sent
    body = {**said, "approval": question, "signature": signature}
    return office.client.post("/admin/answer", body)


@requirement("B-116")
def test_a_yes_to_the_wrong_record_is_caught_by_what_has_to_be_typed(office: Office) -> None:
    """Nothing, another address, one that only looks alike: refused, and the question waits."""
    asked = office.mail(office.open_task())
    call = asked.body["call"]["id"]
    (item,) = office.client.inbox()
    assert item["confirm"] == {"name": "to", "value": ADA}

    for typed in (None, " ", "bob@brandt-bakery.example", ADA.upper(), ADA.replace("a", "\u0430")):
        with pytest.raises(NotConfirmedError):
            _yes(office, item["id"], typed=typed)
    with pytest.raises(SignatureError):
        _yes(office, item["id"], typed="bob@brandt-bakery.example", sent=ADA)
    assert office.client.call(call)["ending"] == "waiting"
    assert office.client.log(kind="approval.answered", call=call) == []

    assert _yes(office, item["id"], typed=ADA)["state"] == "approved"
    office.later(700)
    office.portal.call(office.house.inbox.act_on_due)
    assert office.settled(call)["action"] == "done"
    assert office.client.verify_log()["intact"]
    (answer,) = office.client.trace(call)["steps"][4]["facts"]["answers"]
    assert answer["signature"] == "valid"


def test_what_is_typed_belongs_to_what_people_answer_about(office: Office) -> None:
    """It stands in the signed object; and a no needs nothing typed."""
    office.mail(office.open_task())
    (item,) = office.client.inbox()
    assert office.client.item(item["id"])["object"]["confirm"] == item["confirm"]
    bound = item["statement_of"]
    said: JsonObject = {
        "person": "omar",
        "yes": False,
        "because": "no",
        "code": "not_now",
        "at_us": office.now_us(),
    }
    with_typed: JsonObject = {**said, "typed": ADA}
    for part, fine in ((with_typed, False), (said, True)):
        signature = office.keys["omar"].sign(approvals.signable(bound, part))
        body = {**part, "approval": item["id"], "signature": signature}
        if fine:
            assert office.client.post("/admin/answer", body)["state"] == "rejected"
        else:
            with pytest.raises(NotConfirmedError):
                office.client.post("/admin/answer", body)


def test_what_can_be_taken_back_asks_nobody_to_type(office: Office) -> None:
    """A ticket's status is put back by a call."""
    args = {"ticket_id": "T-4711", "status": "open", "refund": 70}
    office.propose(office.open_task(), "tickets.update", args)
    (item,) = office.client.inbox()
    assert item["confirm"] is None
    with pytest.raises(NotConfirmedError):
        _yes(office, item["id"], typed="T-4711")
    assert _yes(office, item["id"], typed=None)["state"] == "approved"
