"""What needs a human stays in the queue until one of those it asks has decided, come what may."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.errors import BadInputError, ConflictError, NotFoundError, NotPermittedError
from sallyport.model import JsonObject
from tests.integration.api.office import Office
from tests.requirements import requirement

LEAD = "who: [support_lead]\n        within: 4h"
FLAGGED = f"{LEAD}\n        needs_human: true"
ARGS = {"ticket_id": "T-4711", "status": "pending", "refund": Decimal("70.00")}


def asked(office: Office) -> tuple[str, str, str]:
    """Have something proposed that needs a human: the task's token, the call, the question."""
    token = office.open_task(run="run-1")
    call = office.propose(token, "tickets.update", ARGS).body["call"]["id"]
    (item,) = [one for one in office.client.inbox() if one["call"] == call]
    return token, str(call), str(item["id"])


def decide(office: Office, who: str, question: str, because: str = "it is in order") -> str:
    """Have somebody sign that they have decided on what is over."""
    details: JsonObject = {"approval": question, "because": because}
    signed = office.signed(who, "decide", details)
    by = {"person": who, "at_us": signed.at_us, "signature": signed.signature}
    return str(office.client.post("/admin/decide", {**details, "signed": by})["state"])


def kinds(office: Office) -> dict[str, str]:
    """Return what waits, by id."""
    return {str(one["id"]): str(one["kind"]) for one in office.client.inbox()}


@requirement("A-74")
def test_neither_time_nor_the_agent_takes_it_out_of_the_queue(office: Office) -> None:
    """Nothing is done, its asker is told so, and it stays until a holder of the role decides."""
    office.sign_boundary((LEAD, FLAGGED))
    _, call, question = asked(office)
    shown = office.client.item(question)
    assert "review.needs_human" in shown["object"]["findings"]
    assert any("until support_lead has decided" in one for one in shown["sentences"])
    with pytest.raises(ConflictError):
        decide(office, "omar", question)

    office.later(4 * 3600 + 1)
    assert office.client.call(call)["ending"] == "expired"
    assert kinds(office)[question] == "flagged"
    with pytest.raises(ConflictError):
        office.answer("omar", question, yes=True)

    for nobody in ("vera", "mara"):
        with pytest.raises(NotPermittedError):
            decide(office, nobody, question)
    with pytest.raises(BadInputError):
        decide(office, "omar", question, because=" ")
    assert kinds(office)[question] == "flagged"

    assert decide(office, "omar", question) == "expired"
    assert question not in kinds(office)
    (entry,) = office.client.log(kind="flag.decided", call=call)
    assert entry["body"]["person"] == "omar"
    with pytest.raises(ConflictError):
        decide(office, "lena", question)
    assert office.client.log(kind="call.intended", call=call) == []


@requirement("A-74")
def test_an_agent_that_takes_its_call_back_leaves_it_to_be_decided(office: Office) -> None:
    """The call is withdrawn; what was flagged about it is not."""
    office.sign_boundary((LEAD, FLAGGED))
    _, call, question = asked(office)
    task = office.portal.call(office.house.inbox.call, call).proposal.task_id
    found = office.portal.call(office.house.tasks.known, task)
    assert found is not None
    office.portal.call(office.house.withdraw, found, call)
    assert office.client.call(call)["ending"] == "refused"
    assert kinds(office)[question] == "flagged"
    assert decide(office, "lena", question) == "withdrawn"
    assert question not in kinds(office)


def test_an_answer_of_a_holder_of_the_role_is_a_decision(office: Office) -> None:
    """A no as well as a yes: nothing is left to decide."""
    office.sign_boundary((LEAD, FLAGGED))
    for yes in (True, False):
        _, call, question = asked(office)
        office.answer("omar", question, yes=yes)
        office.settled(call)
        assert question not in kinds(office)


def test_what_is_not_flagged_is_over_when_it_is_over(office: Office) -> None:
    """An ordinary question leaves nothing to decide."""
    _, call, question = asked(office)
    office.later(4 * 3600 + 1)
    assert office.client.call(call)["ending"] == "expired"
    assert kinds(office) == {}
    with pytest.raises(NotFoundError):
        decide(office, "omar", question)
