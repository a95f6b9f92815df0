"""A task's history over the wire: on the socket, for the opener, and for nobody else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.integration.api.office import Office
from tests.requirements import requirement


def worked(office: Office) -> str:
    """Work a task: a read, a write that a person sees, something refused; return its id."""
    token = office.open_task()
    read = office.propose(token, "tickets.get", {"ticket_id": "T-4711"}).body["call"]["id"]
    args = {"ticket_id": "T-4711", "status": "pending", "refund": Decimal("70.00")}
    held = office.propose(token, "tickets.update", args).body["call"]["id"]
    office.propose(token, "crm.export_contacts", {})
    (item,) = [one for one in office.client.inbox() if one["call"] == held]
    office.answer("omar", item["id"], yes=True)
    office.settled(held)
    return str(office.client.log(call=read, kind="call.decided")[0]["body"]["task"])


@requirement("A-65")
def test_a_worked_task_is_told_in_the_order_of_cause_and_effect(office: Office) -> None:
    """Every entry of the task's calls, once, each after all that it follows from."""
    task = worked(office)
    told = office.client.get(f"/admin/log/task/{task}")
    moments: list[dict[str, Any]] = told["moments"]
    seen: set[int] = set()
    for one in moments:
        assert seen.issuperset(one["after"]), one
        seen.add(one["seq"])

    wanted = {one["seq"]: one for one in office.client.log(task=task, limit=1000)}
    for call in {one["body"]["call"] for one in wanted.values() if one["body"].get("call")}:
        wanted |= {one["seq"]: one for one in office.client.log(call=call, limit=1000)}
    assert seen == set(wanted)
    assert moments[0]["kind"] == "task.opened"
    kinds = [one["kind"] for one in moments if one["tool"] == "tickets.update"]
    life = ["call.decided", "approval.asked", "approval.answered", "call.decided_again"]
    assert [kind for kind in kinds if kind in {*life, "call.concluded"}] == [
        *life,
        "call.concluded",
    ]
    effect = next(one for one in moments if one["kind"] == "call.intended")
    assert effect["after"] == [
        next(one["seq"] for one in moments if one["kind"] == "call.decided_again")
    ]
    over_http = office.v1("GET", f"/v1/tasks/{task}/timeline", token=office.opener)
    assert over_http.body["moments"] == moments


def test_the_history_of_others_is_not_there(office: Office) -> None:
    """An opener of another workflow, an agent and its task get what they would get for nothing."""
    task = worked(office)
    elsewhere = office.client.make_token("opener", by="lena", workflow="another")
    path = f"/v1/tasks/{task}/timeline"
    assert office.v1("GET", path, token=elsewhere).status == 404
    assert office.v1("GET", "/v1/tasks/t-none/timeline", token=office.opener).status == 404
    assert office.v1("GET", path, token=office.open_task("T-4712")).status == 403
    assert office.v1("GET", path).status == 401
