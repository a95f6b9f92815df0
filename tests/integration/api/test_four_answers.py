"""The four answers at the people's door, signed by keys, and what the ledger shows of them."""

from __future__ import annotations

from typing import Any

import pytest

from sallyport.errors import BadInputError, NotPermittedError, SignatureError
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from tests.integration.api.office import Office, errand
from tests.requirements import requirement


def _say(office: Office, who: str, question: str, **said: Any) -> dict[str, Any]:
    shown = office.client.item(question)
    bound = shown["statement_of"]
    part: JsonObject = {
        "person": who,
        "yes": False,
        "because": "looked at it",
        "at_us": office.now_us(),
        **said,
    }
    if not part["yes"] and not {"kind", "code"} & part.keys():
        part["code"] = "other"
    if part["yes"] and shown["confirm"]:
        part["typed"] = shown["confirm"]["value"]
    signature = office.keys[who].sign(approvals.signable(bound, part))
    body = {**part, "approval": question, "signature": signature}
    return office.client.post("/admin/answer", body)


def _mailed(office: Office, ticket: str = "T-4711") -> tuple[str, str]:
    """Have a mail proposed; return the call and the question about it."""
    asked = office.mail(office.open_task(ticket), ticket)
    call = str(asked.body["call"]["id"])
    items = [one for one in office.client.inbox() if one["call"] == call]
    return call, str(items[0]["id"])


@requirement("A-54")
def test_the_log_shows_who_said_yes_with_which_key_how_long_it_took_and_that_it_is_signed(
    office: Office,
) -> None:
    """Person, credential, reason, time to decide, and whether the signature holds."""
    call, question = _mailed(office)
    office.answer("omar", question, yes=True)
    office.settled(call)
    (said,) = office.client.trace(call)["steps"][4]["facts"]["answers"]

    assert said["person"] == "omar"
    assert said["key"] == office.keys["omar"].public_key
    assert said["because"] == "looked at it"
    assert said["signature"] == "valid"
    assert said["took_us"] >= 0
    verified = office.client.verify_log()
    assert (verified["intact"], verified["unsigned"]) == (True, [])
    assert verified["signed"] >= 1


def test_an_edit_is_another_call_which_the_editor_does_not_answer(office: Office) -> None:
    """The first ends; the new one asks, and somebody else says yes."""
    call, question = _mailed(office)
    args = {"to": errand("T-4711").customer_email, "template": "answer"}
    changed = _say(office, "omar", question, kind="edit", args=args)
    again = changed["edited"]["approval"]

    assert changed["state"] == "changed"
    assert office.settled(call)["ending"] == "refused"
    shown = office.client.item(again)
    assert shown["args"] == args
    assert shown["object"]["edit_of"] == call
    with pytest.raises(NotPermittedError, match="changed themselves"):
        office.answer("omar", again, yes=True)
    office.answer("lena", again, yes=True)
    assert office.settled(changed["edited"]["call"])["ending"] == "done"


def test_words_a_reason_and_passing_on_are_taken(office: Office) -> None:
    """Each as it was signed; another code, or an unsigned word, is refused."""
    _, question = _mailed(office)
    passed = _say(office, "omar", question, kind="hand_over", to="lena")
    assert passed["state"] == "waiting"
    assert office.client.item(question)["passed"][0]["to"] == "lena"
    with pytest.raises(NotPermittedError, match="may not answer"):
        _say(office, "omar", question, kind="hand_over", to="vera")
    with pytest.raises(BadInputError):
        _say(office, "omar", question, code="because")
    unsigned = office.an_answer("omar", question, yes=False)
    with pytest.raises(SignatureError):
        office.client.post("/admin/answer", {**unsigned, "approval": question, "code": "not_now"})
    assert _say(office, "omar", question, code="not_now")["state"] == "rejected"
    _, second = _mailed(office, "T-4712")
    assert _say(office, "omar", second, kind="words")["state"] == "changed"


@requirement("B-95")
def test_a_requester_with_the_role_does_not_answer_for_themselves(office: Office) -> None:
    """They hold the role that is asked, and it is their own request."""
    _, question = _mailed(office)
    with pytest.raises(NotPermittedError, match="their own request"):
        office.answer("mara", question, yes=True)
    office.answer("omar", question, yes=True)
