"""What the doors say of what waits, and who says over them that they are away."""

from typing import Any

import pytest

from sallyport.doors.client import LocalClient
from sallyport.errors import NotPermittedError
from sallyport.model import JsonObject
from sallyport.rules.times import DAY_US
from tests.integration.api.office import Office


def _away(office: Office, by: str, **window: Any) -> dict[str, Any]:
    details: JsonObject = {"name": "omar", "from_us": 0, "until_us": 0, "to": "", **window}
    signed = office.signed(by, "away", details)
    said: JsonObject = {"person": by, "at_us": signed.at_us, "signature": signed.signature}
    return office.client.post("/admin/people/away", {**details, "signed": said})


def _told_of(client: LocalClient) -> dict[str, Any]:
    return {one["name"]: one["away"] for one in client.people()}


def test_a_person_is_away_over_the_door_and_comes_back(office: Office) -> None:
    """Their own signature, who stands in on the list of people, and nobody else's signature."""
    until_us = office.now_us() + DAY_US
    with pytest.raises(NotPermittedError):
        _away(office, "mara", until_us=until_us, to="lena")
    _away(office, "omar", until_us=until_us, to="lena")
    assert _told_of(office.client)["omar"] == {"from_us": 0, "until_us": until_us, "to": "lena"}
    _away(office, "omar")
    assert _told_of(office.client)["omar"] is None


def test_the_inbox_says_what_cannot_wait_and_what_is_alike(office: Office) -> None:
    """Without rounds everything cannot wait; each question says how far it has risen."""
    office.mail(office.open_task())
    (item,) = office.client.inbox()
    found = office.client.get("/admin/inbox")

    assert (item["risen"], len(item["alike"])) == (1, 16)
    assert found["groups"] == {"now": [item["id"]], "round": []}
    assert (found["round"], found["alike"]) == (None, [])
