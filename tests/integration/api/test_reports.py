"""What came to nothing, by class: over the wire, from what really happened."""

from __future__ import annotations

from typing import Any

import pytest

from sallyport.errors import BadInputError
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from tests.integration.api.office import WORKFLOW, Office
from tests.requirements import requirement


def rejected(office: Office, code: str | None) -> dict[str, Any]:
    """Have a mail proposed and rejected for a reason."""
    call = office.mail(office.open_task()).body["call"]["id"]
    (item,) = [one for one in office.client.inbox() if one["call"] == call]
    said: JsonObject = {
        "person": "omar",
        "yes": False,
        "because": "see there",
        "at_us": office.now_us(),
    }
    if code is not None:
        said["code"] = code
    signature = office.keys["omar"].sign(approvals.signable(item["statement_of"], said))
    body = {**said, "approval": item["id"], "signature": signature}
    return office.client.post("/admin/answer", body)


@requirement("B-114")
def test_a_rejection_needs_a_reason_and_is_reported_by_its_class(office: Office) -> None:
    """Beside what the gateway refused, each under the nature of what went wrong."""
    with pytest.raises(BadInputError):
        rejected(office, None)
    (waits,) = office.client.inbox()
    office.answer("omar", waits["id"], yes=False)
    for code in ("wrong_target", "wrong_target", "unsupported", "broken", "not_allowed"):
        assert rejected(office, code)["state"] == "rejected"
    token = office.open_task()
    office.propose(token, "crm.export_contacts", {})
    office.propose(token, "tickets.get", {"ticket_id": "T-9999"})

    report = office.client.get("/admin/reports/failures")
    by = {one["class"]: one for one in report["classes"]}
    assert report["total"] == 8
    assert {name: (one["rejected"], one["refused"]) for name, one in by.items()} == {
        "software": (1, 0),
        "reasoning": (2, 1),
        "retrieval": (1, 0),
        "permission": (1, 1),
        "workflow": (0, 0),
        "security": (0, 0),
        "unclassified": (1, 0),
    }
    assert by["reasoning"]["reasons"][0] == {"by": "people", "code": "wrong_target", "count": 2}
    assert by["reasoning"]["tools"][0] == {
        "workflow": WORKFLOW,
        "tool": "mail.send",
        "count": 2,
    }
    elsewhere = office.client.get("/admin/reports/failures", workflow="another")
    assert elsewhere["total"] == 0
    office.later(3 * 24 * 3600)
    assert office.client.get("/admin/reports/failures", days=1)["total"] == 0
