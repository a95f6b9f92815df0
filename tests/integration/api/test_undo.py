"""Taking a yes back at both doors: whoever gave it, an operator, in time, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from sallyport.errors import ConflictError, NotPermittedError, SignatureError
from sallyport.model import CoolOff, JsonObject
from tests.integration.api.office import Office

LATER_S = 40


@pytest.fixture
def approved(office: Office) -> tuple[str, str]:
    """A mail that Omar said yes to and that still waits: its call and question."""
    office.house.gateway.cool_off = CoolOff(usual_s=30, money_s=600)
    asked = office.mail(office.open_task())
    call = str(asked.body["call"]["id"])
    question = office.next_question()
    assert office.answer("omar", question, yes=True)["state"] == "approved"
    return call, question


def _undo(office: Office, who: str, question: str, by: str = "") -> dict[str, Any]:
    details: JsonObject = {"approval": question, "because": "wrong person"}
    signed = office.signed(by or who, "undo", details)
    said: JsonObject = {"person": who, "at_us": signed.at_us, "signature": signed.signature}
    return office.client.post("/admin/undo", {**details, "signed": said})


def _cooling(office: Office) -> list[str]:
    return [str(one["id"]) for one in office.client.get("/admin/inbox")["cooling"]]


def test_the_one_who_said_yes_takes_it_back_and_nothing_was_sent(
    office: Office, approved: tuple[str, str]
) -> None:
    """Listed with its end, then refused; the system saw nothing, and the agent hears who it was."""
    call, question = approved
    (item,) = office.client.get("/admin/inbox")["cooling"]
    assert (item["id"], item["state"], item["args"]["template"]) == (question, "approved", "ack")
    assert item["not_before_us"] > office.now_us()

    assert _undo(office, "omar", question)["state"] == "undone"
    assert _cooling(office) == []
    assert office.settled(call)["ending"] == "refused"
    office.later(LATER_S)
    office.portal.call(office.house.inbox.act_on_due)
    assert office.client.log(kind="call.intended", call=call) == []
    assert "omar took the yes back" in office.client.call(call)["text"]
    assert office.client.verify_log()["intact"] is True


def test_untouched_it_leaves_by_itself(office: Office, approved: tuple[str, str]) -> None:
    """After its time, once, and then it can be taken back no more."""
    call, question = approved
    office.later(LATER_S)
    office.portal.call(office.house.inbox.act_on_due)
    assert office.settled(call)["ending"] == "done"
    with pytest.raises(ConflictError, match="any more"):
        _undo(office, "omar", question)
    assert office.client.verify_log()["unsigned"] == []


def test_others_and_forgers_take_nothing_back(office: Office, approved: tuple[str, str]) -> None:
    """Vera gave no yes, Mara has no say, and Omar's name needs Omar's key."""
    _, question = approved
    for who in ("vera", "mara"):
        with pytest.raises(NotPermittedError):
            _undo(office, who, question)
    with pytest.raises(SignatureError):
        _undo(office, "omar", question, by="vera")
    assert _cooling(office) == [question]
    assert _undo(office, "lena", question)["state"] == "undone"


def test_over_the_network_it_takes_the_persons_signature_and_no_token(
    office: Office, approved: tuple[str, str]
) -> None:
    """An agent cannot keep its call from being taken back, nor take it back as a person."""
    call, question = approved
    path = f"/v1/inbox/{question}/undo"
    details: JsonObject = {"approval": question, "because": ""}
    signed = office.signed("omar", "undo", details)
    body = {"person": "omar", "because": "", "at_us": signed.at_us}
    forged = office.v1("POST", path, {**body, "signature": "0" * 128}, token=office.opener)
    assert forged.status == 403
    taken = office.v1("POST", path, {**body, "signature": signed.signature})
    assert (taken.status, taken.body["call"]) == (200, call)
