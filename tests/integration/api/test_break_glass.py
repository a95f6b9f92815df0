"""Breaking the glass at the people's door, on a real gateway: two sign, it ends, a third looks."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.errors import NotPermittedError, SignatureError
from sallyport.model import Json, JsonObject
from sallyport.rules import break_glass
from tests.integration.api.office import Office

SCOPE, WHY, HOUR = "tool:mail.send", "nobody of support can be reached", 3600


@pytest.fixture(autouse=True)
def _auditor(office: Office) -> Generator[None]:
    """Somebody who is neither of the two."""
    if "ada" not in office.keys:
        office.keys["ada"] = PersonKey.generate()
    key = office.keys["ada"].public_key
    details: JsonObject = {"name": "ada", "roles": ["auditor"], "public_key": key}
    signed = office.signed("lena", "enrol", details)
    office.client.enrol("ada", ["auditor"], key, signed=signed)
    yield
    for one in office.client.get("/admin/break-glass")["break_glass"]:
        if one["state"] in {"asked", "in_force"}:
            office.client.post("/admin/break-glass/end", {"glass": one["id"], "by": "test"})


def _sign(office: Office, who: str, verb: str, details: JsonObject) -> JsonObject:
    signed = office.signed(who, verb, details)
    return {"person": who, "at_us": signed.at_us, "signature": signed.signature}


def _ask(office: Office, who: str = "lena") -> dict[str, Any]:
    details: JsonObject = {"scope": SCOPE, "because": WHY, "lasts_s": HOUR}
    body: JsonObject = {**details, "signed": _sign(office, who, break_glass.ASK, details)}
    return office.client.post("/admin/break-glass", body)


def _second(office: Office, glass: dict[str, Any], who: str = "vera") -> dict[str, Any]:
    said = _sign(office, who, break_glass.SECOND, glass["sign_second"])
    return office.client.post("/admin/break-glass/second", {"glass": glass["id"], "signed": said})


def _review(office: Office, glass: dict[str, Any], who: str) -> dict[str, Any]:
    calls: list[Json] = [one["call"] for one in glass["calls"]]
    given: JsonObject = {"found": "in_order", "words": "I read the mail"}
    details: JsonObject = {
        "glass": glass["id"],
        "scope": SCOPE,
        "calls": len(calls),
        "digest": break_glass.calls_digest(str(one) for one in calls),
        **given,
    }
    said = _sign(office, who, break_glass.REVIEW, details)
    body: JsonObject = {"glass": glass["id"], **given, "signed": said}
    return office.client.post("/admin/break-glass/review", body)


def test_from_asking_to_looking_at_it(office: Office) -> None:
    """A mail asks, then goes ahead, then asks again; all of it is signed, listed and verified."""
    asked = _ask(office)
    assert asked["state"] == "asked"
    with pytest.raises(NotPermittedError, match="nobody breaks the glass alone"):
        _second(office, asked, "lena")
    with pytest.raises(NotPermittedError):
        _second(office, asked, "omar")
    assert office.mail(office.open_task("T-4714"), "T-4714").body["call"]["ending"] == "waiting"

    broken = _second(office, asked)
    assert (broken["state"], broken["second"]["person"]) == ("in_force", "vera")
    status = office.client.status()
    assert [one["id"] for one in status["break_glass"]] == [asked["id"]]
    went = office.mail(office.open_task("T-4711")).body["call"]
    assert (went["ending"], went["verdict"]) == ("done", "allow")

    ended = office.client.post("/admin/break-glass/end", {"glass": asked["id"], "by": "mara"})
    assert [one["call"] for one in ended["calls"]] == [went["id"]]
    assert any("nobody has looked at" in one for one in office.client.status()["warnings"])
    for one_of_the_two in ("lena", "vera"):
        with pytest.raises(NotPermittedError):
            _review(office, ended, one_of_the_two)
    assert _review(office, ended, "ada")["state"] == "reviewed"
    assert not any("nobody has looked" in one for one in office.client.status()["warnings"])
    verified = office.client.verify_log()
    assert (verified["intact"], verified["unsigned"]) == (True, [])


def test_a_review_is_of_all_the_calls_or_none(office: Office) -> None:
    """Whoever signs for a list that leaves one out has signed something else."""
    broken = _second(office, _ask(office))
    office.mail(office.open_task("T-4711"))
    ended = office.client.post("/admin/break-glass/end", {"glass": broken["id"], "by": "mara"})
    with pytest.raises(SignatureError):
        _review(office, {**ended, "calls": []}, "ada")
    assert _review(office, ended, "ada")["found"] == "in_order"


def test_no_token_comes_near_it(office: Office) -> None:
    """The addresses are on the people's socket alone."""
    for path in ("/admin/break-glass", "/admin/undo", "/v1/break-glass"):
        assert office.v1("POST", path, {}, token=office.opener).status in {401, 403, 404}


def test_the_agent_is_not_told_of_it(office: Office) -> None:
    """Neither at once nor when it asks later how its call stands: that is among people."""
    _second(office, _ask(office))
    token = office.open_task("T-4711")
    went = office.mail(token).body
    later = office.v1("GET", f"/v1/calls/{went['call']['id']}", token=token).body
    assert later["call"]["ending"] == "done"
    assert "glass" not in str(went) + str(later)
