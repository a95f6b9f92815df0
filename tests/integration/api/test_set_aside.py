"""A version that waits is sent back, or withdrawn: what is in force stays in force."""

from __future__ import annotations

import pytest

from sallyport.errors import BadInputError, ConflictError, NotFoundError, NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules.boundary.signing import activation
from tests.integration.api.office import WORKFLOW, Office

WIDE = ("calls_per_task: 25", "calls_per_task: 26")


def waits(office: Office) -> int:
    """Have the owner sign a widening that waits for a second person; return its number."""
    workflow, systems = office.files(WIDE)
    proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
    signature = office.keys["lena"].sign(activation(**proposed["sign"]))
    office.client.activate(proposed["digest"], person="lena", signature=signature)
    newest = office.client.history(WORKFLOW)["versions"][0]
    assert newest["state"] == "pending"
    return int(newest["version"])


def aside(office: Office, who: str, number: int, how: str, because: str = "it stays at 25") -> str:
    """Have somebody sign to put a version aside."""
    details: JsonObject = {
        "workflow": WORKFLOW,
        "version": number,
        "how": how,
        "because": because,
    }
    signed = office.signed(who, "set-aside", details)
    by = {"person": who, "at_us": signed.at_us, "signature": signed.signature}
    return str(office.client.post("/admin/boundary/aside", {**details, "signed": by})["state"])


def test_who_should_sign_second_sends_it_back_with_why(office: Office) -> None:
    """It is over: nobody signs it any more, and the ledger has whose words and signature."""
    before = office.client.boundaries()[0]["digest"]
    number = waits(office)
    with pytest.raises(BadInputError):
        aside(office, "vera", number, "send_back", because=" ")
    for nobody in ("omar", "lena"):
        with pytest.raises(NotPermittedError):
            aside(office, nobody, number, "send_back")
    assert aside(office, "vera", number, "send_back") == "sent_back"

    assert office.client.history(WORKFLOW)["versions"][0]["state"] == "sent_back"
    assert office.client.boundaries()[0]["digest"] == before
    (entry,) = office.client.log(kind="boundary.set_aside")
    assert (entry["body"]["by"], entry["body"]["because"]) == ("vera", "it stays at 25")
    with pytest.raises(ConflictError):
        aside(office, "vera", number, "send_back")
    with pytest.raises(NotFoundError):
        aside(office, "vera", number + 9, "send_back")


def test_its_author_withdraws_it_and_may_propose_it_anew(office: Office) -> None:
    """The same file is another version then, with signatures of its own."""
    number = waits(office)
    with pytest.raises(NotPermittedError):
        aside(office, "vera", number, "withdraw")
    assert aside(office, "lena", number, "withdraw", because="") == "withdrawn"
    assert waits(office) == number + 1
    states = [one["state"] for one in office.client.history(WORKFLOW)["versions"]]
    assert states[:2] == ["pending", "withdrawn"]


def test_what_is_in_force_is_not_put_aside(office: Office) -> None:
    """There a stop or another version is what helps."""
    active = int(office.client.history(WORKFLOW)["versions"][0]["version"])
    with pytest.raises(ConflictError):
        aside(office, "lena", active, "withdraw")
