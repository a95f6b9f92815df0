"""A yes to a list and a yes beforehand, at both JSON doors and in the terminal, on a real desk."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.doors.cli import inbox, keys
from sallyport.doors.cli import lists as terminal
from sallyport.errors import (
    ConflictError,
    InvariantError,
    NotPermittedError,
    SallyportError,
    SignatureError,
)
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules import batches
from sallyport.rules.times import SECOND_US
from tests.integration.api.office import Office

MAIL = "  mail.send:\n    level: external"
TAG = """  tickets.tag:
    level: update
    only:
      ticket_id: {is: task.ticket_id}
      label: {max_length: 40}
    ask: [{who: [support_lead]}]
"""
TAGS = (MAIL, TAG + MAIL)
"""What puts one more tool into the demo's boundary: a label on a ticket, which asks a lead."""
TICKETS = ("T-4711", "T-4712", "T-4713")


@pytest.fixture
def tagging(office: Office) -> Office:
    """Return an office whose agent may label tickets where a lead says yes."""
    office.sign_boundary(TAGS)
    return office


def _tag(office: Office, token: str, ticket: str, label: str = "question") -> dict[str, Any]:
    return office.propose(token, "tickets.tag", {"ticket_id": ticket, "label": label}).body


def _asked(office: Office, tickets: tuple[str, ...] = TICKETS) -> list[str]:
    """Have a label proposed for each ticket; return the questions, by ticket."""
    calls = [str(_tag(office, office.open_task(one), one)["call"]["id"]) for one in tickets]
    found = {str(one["call"]): str(one["id"]) for one in office.client.inbox()}
    return [found[call] for call in calls]


def _list(office: Office, ids: list[str], who: str = "omar", **changes: Any) -> dict[str, Any]:
    """Return a yes to a list, signed."""
    items = [office.client.item(one) for one in sorted(ids)]
    place = batches.places([one["statement_of"] for one in items])[0]
    part: JsonObject = {"person": who, "yes": True, "because": "seen", "at_us": office.now_us()}
    said = batches.signable(batches.about(items[0]["object"], place.root, place.size), part)
    body = {name: part[name] for name in ("person", "because", "at_us")}
    return {**body, "approvals": ids, "signature": office.keys[who].sign(said), **changes}


def test_one_signature_over_a_list_does_every_row_once_and_each_verifies(tagging: Office) -> None:
    """The plan names what differs; the log verifies every answer; a replay does nothing."""
    ids = _asked(tagging)
    plan = tagging.client.post("/admin/list/plan", {"approvals": ids, "person": "omar"})
    assert (plan["differing"], plan["same"]) == (["ticket_id"], {"label": "question"})
    assert plan["apart"] == []
    signed = _list(tagging, ids)
    rows = tagging.client.post("/admin/list/sign", signed)["rows"]
    for row in rows:
        assert row["state"] == "approved"
        assert tagging.settled(str(row["call"]))["ending"] == "done"

    with pytest.raises((ConflictError, NotPermittedError)):
        tagging.client.post("/admin/list/sign", signed)
    verified = tagging.client.verify_log()
    assert (verified["intact"], verified["unsigned"]) == (True, [])
    for row in rows:
        (said,) = tagging.client.trace(str(row["call"]))["steps"][4]["facts"]["answers"]
        assert (said["person"], said["signature"]) == ("omar", "valid")


def test_at_the_public_door_a_list_is_signed_like_any_answer(tagging: Office) -> None:
    """No token opens it; another list than the signed one is refused; the right one is done."""
    ids = _asked(tagging)
    signed = _list(tagging, ids)
    less = tagging.v1("POST", "/v1/inbox/answers", {**signed, "approvals": ids[:2]})
    bare = tagging.v1("POST", "/v1/inbox/answers", {}, token=tagging.opener)
    assert (less.status, bare.status) == (403, 401)
    done = tagging.v1("POST", "/v1/inbox/answers", signed)

    assert done.status == 200
    assert {row["state"] for row in done.body["rows"]} == {"approved"}
    for row in done.body["rows"]:
        tagging.settled(row["call"])


def test_what_does_not_belong_into_a_list_is_named_and_a_list_with_it_is_refused(
    tagging: Office,
) -> None:
    """A mail leaves the house: it is answered by itself."""
    ids = _asked(tagging)
    call = tagging.mail(tagging.open_task("T-4711", run="mails")).body["call"]["id"]
    mail = next(str(one["id"]) for one in tagging.client.inbox() if one["call"] == call)
    wished: JsonObject = {"approvals": [*ids, mail], "person": "omar"}
    (apart,) = tagging.client.post("/admin/list/plan", wished)["apart"]
    assert (apart["approval"], apart["why"]) == (mail, "it leaves the house")
    with pytest.raises(NotPermittedError, match=mail):
        tagging.client.post("/admin/list/sign", _list(tagging, [*ids, mail]))


def _ahead(office: Office, question: str, **changes: Any) -> dict[str, Any]:
    """Say yes to a question and to two more with another label, signed."""
    bound = office.client.item(question)["statement_of"]
    ahead: JsonObject = {
        "at_most": 2,
        "until_us": office.now_us() + 600 * SECOND_US,
        "free": ["label"],
        **changes,
    }
    part: JsonObject = {
        "person": "omar",
        "yes": True,
        "because": "all labels of this one",
        "at_us": office.now_us(),
        "ahead": ahead,
    }
    signature = office.keys["omar"].sign(approvals.signable(bound, part))
    body = {**part, "approval": question, "signature": signature}
    return office.client.post("/admin/answer", body)


def test_a_yes_beforehand_is_counted_shown_and_taken_back(tagging: Office) -> None:
    """Two more labels leave at once; taken back, or used up, the next one asks."""
    token = tagging.open_task()
    tagging.propose(token, "tickets.get", {"ticket_id": "T-4711"})
    first = str(_tag(tagging, token, "T-4711")["call"]["id"])
    (question,) = [str(one["id"]) for one in tagging.client.inbox() if one["call"] == first]
    offered = tagging.client.item(question)["ahead"]
    assert (offered["why_not"], offered["free"]) == ("", ["label"])
    with pytest.raises(NotPermittedError, match="ticket_id"):
        _ahead(tagging, question, free=["ticket_id"])
    _ahead(tagging, question)
    tagging.settled(first)
    second = _tag(tagging, token, "T-4711", "delivery")
    (grant,) = tagging.client.get("/admin/grants")["grants"]

    assert second["call"]["ending"] == "done"
    assert (grant["used"], grant["at_most"], grant["person"]) == (1, 2, "omar")
    body: JsonObject = {"grant": grant["id"], "by": "omar", "because": "enough"}
    tagging.client.post("/admin/grants/revoke", body)
    assert _tag(tagging, token, "T-4711", "damage")["call"]["ending"] == "waiting"
    assert tagging.client.get("/admin/grants")["grants"] == []
    with pytest.raises(SallyportError):
        tagging.client.post("/admin/grants/revoke", body)
    verified = tagging.client.verify_log()
    assert (verified["intact"], verified["unsigned"]) == (True, [])


def test_a_mail_is_never_said_yes_to_beforehand(tagging: Office) -> None:
    """It leaves the house, and says so where somebody looks at it."""
    call = tagging.mail(tagging.open_task()).body["call"]["id"]
    (question,) = [str(one["id"]) for one in tagging.client.inbox() if one["call"] == call]
    assert tagging.client.item(question)["ahead"]["why_not"] == "it leaves the house"
    with pytest.raises(SallyportError):
        _ahead(tagging, question, free=[])


def test_a_row_more_than_was_signed_is_nobodys_list(tagging: Office) -> None:
    """Whoever passes the request on cannot add to it."""
    ids = _asked(tagging)
    with pytest.raises(SignatureError):
        tagging.client.post("/admin/list/sign", _list(tagging, ids[:2], approvals=list(ids)))


class Holder(NamedTuple):
    """Somebody's key as the terminal opens it."""

    name: str
    key: PersonKey

    def sign(self, message: bytes) -> str:
        """Return the signature over a message."""
        return self.key.sign(message)


@pytest.fixture
def at_terminal(tagging: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Return the office with omar at its terminal."""
    holder = Holder("omar", tagging.keys["omar"])

    def opened(_who: str) -> Holder:
        return holder

    monkeypatch.setattr(keys, "open_key", opened)
    return tagging


def test_in_the_terminal_a_list_is_shown_and_signed(
    at_terminal: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is the same stands once; each row says how it stands afterwards."""
    ids = _asked(at_terminal)
    terminal.batch(ids, because="all three", home=at_terminal.settings.home, sure=True)
    said = capsys.readouterr().out

    assert "3 calls of tickets.tag" in said
    assert "in all of them, label: question" in said
    assert all(ticket in said for ticket in TICKETS)
    assert said.count("approved, call") == 3


def test_in_the_terminal_a_yes_beforehand_is_said_listed_and_taken_back(
    at_terminal: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--next`, then what is left of it, then none."""
    home = at_terminal.settings.home
    token = at_terminal.open_task()
    at_terminal.propose(token, "tickets.get", {"ticket_id": "T-4711"})
    call = str(_tag(at_terminal, token, "T-4711")["call"]["id"])
    (question,) = [str(one["id"]) for one in at_terminal.client.inbox() if one["call"] == call]
    inbox.show(question, home=home)
    assert "may differ: label" in capsys.readouterr().out
    inbox.yes(question, because="labels", more=3, free=["label"], home=home, sure=True)
    _tag(at_terminal, token, "T-4711", "delivery")
    terminal.grants(home=home)
    listed = capsys.readouterr().out
    assert "1 of 3" in listed
    (grant,) = at_terminal.client.get("/admin/grants")["grants"]
    terminal.revoke(grant["id"], because="enough", who="omar", home=home)
    terminal.grants(home=home)

    assert "nobody has said yes to anything beforehand" in capsys.readouterr().out


def test_a_gateway_that_shows_another_list_than_it_has_signed_is_found_out(
    at_terminal: Office,
) -> None:
    """The terminal puts together what it signs from what it shows."""
    ids = _asked(at_terminal)
    wished: JsonObject = {"approvals": list(ids), "person": "omar"}
    found = at_terminal.client.post("/admin/list/plan", wished)
    assert terminal.about(found)["size"] == 3
    for forge in ("args", "object", "statement_of"):
        rows = [dict(row) for row in found["rows"]]
        rows[1][forge] = {**rows[0][forge], "label": "spam"}
        with pytest.raises(InvariantError):
            terminal.about({**found, "rows": list[Any](rows)})
