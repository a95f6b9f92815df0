"""What people set, release, settle and sign, and what may not be done without a signature."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from sallyport.doors.client import ClientError, LocalClient
from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    NotRunningError,
    SignatureError,
    UpstreamLostError,
)
from sallyport.model import JsonObject
from sallyport.ports import Hear, Launch, Outbound, Reply
from sallyport.rules import approval as approvals
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.signing import activation
from tests.integration.api.office import AGENT, DESK_TOKEN, WORKFLOW, Office, errand, staffed

EVERYTHING = "everything"


@pytest.fixture
def new_office(portal: BlockingPortal, desk_url: str) -> Iterator[Office]:
    """Open an office whose agent is new: what would change something becomes a draft."""
    with staffed(portal, desk_url, live=False) as one:
        yield one


def _draft(office: Office) -> dict[str, Any]:
    drafted = office.mail(office.open_task())
    assert (drafted.status, drafted.body["call"]["ending"]) == (200, "draft")
    assert "STORED AS A DRAFT" in drafted.body["text"]
    (item,) = office.client.inbox()
    assert item["kind"] == "draft"
    return item


def test_a_draft_goes_out_only_by_release_and_yes(new_office: Office) -> None:
    """Releasing it is a new call, which asks; the answer signs what it binds."""
    office = new_office
    draft = _draft(office)["id"]
    signed = office.signed("lena", "release", {"draft": draft})
    released = office.client.release(draft, signed=signed)
    assert released["ending"] == "waiting"
    assert released["sentences"]
    assert office.client.log(kind="call.intended", tool="mail.send") == []

    said: dict[str, Any] = {"person": "lena", "yes": True, "because": "", "at_us": office.now_us()}
    said["typed"] = office.client.item(released["approval"]["id"])["confirm"]["value"]
    signature = office.keys["lena"].sign(approvals.signable(released["approval"], said))
    office.client.answer(released["approval"]["id"], **said, signature=signature)
    assert office.settled(released["call"])["ending"] == "done"
    again = office.signed("lena", "release", {"draft": draft})
    with pytest.raises(ConflictError):
        office.client.release(draft, signed=again)


def test_a_discarded_draft_never_goes_out(new_office: Office) -> None:
    """It leaves the inbox and cannot be released any more."""
    office = new_office
    draft = _draft(office)["id"]
    office.client.discard(draft, signed=office.signed("lena", "discard", {"draft": draft}))
    assert office.client.inbox() == []
    with pytest.raises(ConflictError):
        office.client.release(draft, signed=office.signed("lena", "release", {"draft": draft}))


def test_a_signature_releases_one_draft_once(new_office: Office) -> None:
    """Neither another draft, nor another verb, nor again."""
    office = new_office
    draft = _draft(office)["id"]
    for signed in (
        office.signed("lena", "release", {"draft": "another"}),
        office.signed("lena", "discard", {"draft": draft}),
        replace(office.signed("omar", "release", {"draft": draft}), person="lena"),
    ):
        with pytest.raises(SignatureError):
            office.client.release(draft, signed=signed)
    assert [item["kind"] for item in office.client.inbox()] == ["draft"]


def test_a_person_settles_what_nobody_here_can_know(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call whose answer was lost stays in doubt until somebody has looked."""

    async def lost(outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        del outbound, hear
        launch()
        raise UpstreamLostError("the line was cut")

    task = office.open_task()
    asked = office.mail(task)
    with monkeypatch.context() as patched:
        patched.setattr(office.house.gateway.outside.upstreams, "call", lost)
        office.answer("omar", office.next_question(), yes=True)
        call = office.settled(asked.body["call"]["id"])
    assert (call["ending"], call["action"]) == ("waiting", "in_doubt")
    assert "IN DOUBT" in call["text"]
    (item,) = office.client.inbox()
    assert (item["kind"], item["id"]) == ("in_doubt", call["call"])
    assert office.mail(task).status == 202

    details: JsonObject = {"call": call["call"], "happened": True, "because": "saw it leave"}
    settled = office.client.settle(
        call["call"],
        happened=True,
        because="saw it leave",
        signed=office.signed("lena", "settle", details),
    )
    assert (settled["ending"], settled["action"]) == ("done", "done")
    assert office.client.inbox() == []


def test_a_stop_needs_no_signature_and_a_resume_does(office: Office) -> None:
    """From the stop on nothing leaves; who may lift it is looked at."""
    task = office.open_task()
    stopped = office.client.stop(EVERYTHING, because="something is odd", by="mara")
    assert stopped["on_wire"] == []
    refused = office.propose(task, "kb.search", {"query": "delivery"})
    assert (refused.status, refused.body["call"]["ending"]) == (403, "refused")
    assert "something is odd" in refused.body["text"]
    assert [one["scope"] for one in office.client.status()["switches"]] == [EVERYTHING]

    details: JsonObject = {"scope": EVERYTHING, "because": "all is well"}
    signed = office.signed("mara", "resume", details)
    with pytest.raises(NotPermittedError):
        office.client.resume(EVERYTHING, because="all is well", signed=signed)
    signed = office.signed("lena", "resume", {**details, "because": "another reason"})
    with pytest.raises(SignatureError):
        office.client.resume(EVERYTHING, because="all is well", signed=signed)
    lifted = office.client.resume(
        EVERYTHING, because="all is well", signed=office.signed("lena", "resume", details)
    )
    assert [one["scope"] for one in lifted["lifted"]] == [EVERYTHING]
    assert office.propose(task, "kb.search", {"query": "delivery"}).status == 200


def test_a_floor_holds_what_changes_and_lets_reads_go_on(office: Office) -> None:
    """Draft-only for one agent: reads are untouched."""
    task = office.open_task()
    office.client.floor(f"agent:{AGENT}", "draft", because="being looked at", by="lena")
    assert office.propose(task, "kb.search", {"query": "delivery"}).status == 200
    assert office.mail(task).body["call"]["ending"] == "draft"
    with pytest.raises(BadInputError):
        office.client.floor(f"agent:{AGENT}", "allow", because="please", by="lena")
    with pytest.raises(BadInputError, match="not a scope"):
        office.client.stop("agent:*", because="all of them", by="lena")


def test_a_boundary_counts_from_an_owners_signature_on(office: Office) -> None:
    """Proposing changes nothing, a foreign signature changes nothing, an owner's does."""
    before = office.client.boundaries()
    workflow, systems = office.files(("calls_per_task: 25", "calls_per_task: 1"))
    proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
    assert proposed["plain"]
    assert office.client.boundaries() == before
    message = activation(**proposed["sign"])
    signature = office.keys["omar"].sign(message)
    with pytest.raises(NotPermittedError):
        office.client.activate(proposed["digest"], person="omar", signature=signature)
    with pytest.raises(SignatureError):
        office.client.activate(proposed["digest"], person="lena", signature=signature)
    signature = office.keys["lena"].sign(message)
    office.client.activate(proposed["digest"], person="lena", signature=signature)

    (active,) = office.client.boundaries()
    assert active["digest"] == proposed["digest"] != before[0]["digest"]
    task = office.open_task()
    assert office.propose(task, "kb.search", {"query": "one"}).status == 200
    assert office.propose(task, "kb.search", {"query": "two"}).status == 403


def test_every_problem_of_a_file_comes_back_with_its_place(office: Office) -> None:
    """Whoever wrote it sees all of them at once, and nothing counts."""
    workflow, systems = office.files(("level: external", "level: outside"), ("agent:", "agnet:"))
    with pytest.raises(BoundaryErrors) as failed:
        office.client.propose(workflow, file="support.yaml", systems=systems)
    assert len(failed.value.problems) >= 2
    assert all(problem.line > 0 for problem in failed.value.problems)


def test_a_system_is_looked_at_before_it_is_declared(office: Office) -> None:
    """What it offers now comes back with its definitions."""
    _, systems = office.files()
    seen = office.client.inspect(systems["desk.yaml"], file="desk.yaml")
    assert seen["system"] == "desk"
    assert {"mail.send", "tickets.get"} <= {tool["name"] for tool in seen["tools"]}


def test_trying_a_call_says_what_would_be_decided_and_does_nothing(office: Office) -> None:
    """No entry, no row, no effect; and the same verdict as the real thing."""
    inputs = dict(errand("T-4711").inputs)
    args = {"to": inputs["customer_email"], "template": "ack"}
    before = (office.client.log(limit=10_000), office.client.status()["waiting"])

    tried = office.client.try_call(WORKFLOW, "mail.send", args, inputs=inputs, requester="mara")
    foreign = {**args, "to": "outsider@evil.example"}
    refused = office.client.try_call(WORKFLOW, "mail.send", foreign, inputs=inputs)
    stranger = office.client.try_call(WORKFLOW, "mail.send", args, requester="nobody")
    refund = {"ticket_id": "T-4711", "status": "pending"}
    facts = {"ticket_state": "open"}
    quiet = office.client.try_call(WORKFLOW, "tickets.update", refund, inputs=inputs, facts=facts)
    told = office.client.try_call(
        WORKFLOW, "tickets.update", refund, inputs=inputs, facts=facts, influenced=True
    )

    assert [one["verdict"] for one in (tried, refused, stranger)] == ["ask", "refuse", "refuse"]
    assert (quiet["verdict"], told["verdict"]) == ("allow", "ask")
    assert tried["question"]["who"] == ["support_agent", "support_lead"]
    assert all(floor["sentence"] for floor in tried["floors"])
    assert (office.client.log(limit=10_000), office.client.status()["waiting"]) == before
    assert office.mail(office.open_task()).body["call"]["verdict"] == tried["verdict"]
    with pytest.raises(NotFoundError, match="no signed boundary"):
        office.client.try_call("unknown", "mail.send", args)


def test_an_old_signature_does_not_bring_an_old_boundary_back(office: Office) -> None:
    """Whoever reads it in the log, and proposes the old files anew, still needs the owner's key."""
    office.sign_boundary(("calls_per_task: 25", "calls_per_task: 24"))
    (entry,) = office.client.log(kind="boundary.activated", limit=1, newest_first=1)
    loose = entry["body"]
    signature = loose["signatures"][0]["signature"]
    tight = office.sign_boundary(("calls_per_task: 25", "calls_per_task: 2"))
    workflow, systems = office.files(("calls_per_task: 25", "calls_per_task: 24"))
    proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
    assert proposed["digest"] == loose["digest"]
    with pytest.raises(SignatureError):
        office.client.activate(loose["digest"], person="lena", signature=signature)

    assert [one["digest"] for one in office.client.boundaries()] == [tight]


def test_only_an_administrator_enrols_once_there_is_one(office: Office) -> None:
    """Local presence is enough for the first, and for nobody after."""
    roles, key = ["support_lead"], office.keys["mara"].public_key
    details: JsonObject = {"name": "eve", "roles": list(roles), "public_key": key}
    with pytest.raises(NotPermittedError):
        office.client.enrol("eve", roles, key)
    with pytest.raises(NotPermittedError):
        office.client.enrol("eve", roles, key, signed=office.signed("omar", "enrol", details))
    other: JsonObject = {**details, "roles": ["support_agent"]}
    with pytest.raises(SignatureError):
        office.client.enrol("eve", roles, key, signed=office.signed("lena", "enrol", other))
    assert "eve" not in {person["name"] for person in office.client.people()}


def test_a_person_who_was_switched_off_answers_nothing(office: Office) -> None:
    """Their key counts for nothing from that moment."""
    office.mail(office.open_task())
    question = office.next_question()
    late = office.an_answer("omar", question, yes=True)
    office.client.deactivate("omar", signed=office.signed("lena", "deactivate", {"name": "omar"}))
    with pytest.raises(NotPermittedError):
        office.client.answer(question, **late)
    headers = office.inbox_headers("omar")
    assert office.v1("GET", "/v1/inbox", headers=headers).status == 403


def test_a_secret_is_kept_by_name_and_never_shown(office: Office) -> None:
    """Too short a value is refused; what is listed is names."""
    office.client.keep_secret("crm-token", "a-long-enough-value")
    assert office.client.secrets() == ["crm-token", "desk-token"]
    for name, value in (("x y", "long enough"), ("short", "12345"), ("empty", "")):
        with pytest.raises(BadInputError) as refused:
            office.client.keep_secret(name, value)
        assert not value or value not in refused.value.what
    kept = office.portal.call(_get, office, "desk-token")
    assert kept == DESK_TOKEN
    with pytest.raises(NotFoundError):
        office.portal.call(_get, office, "unknown")


async def _get(office: Office, name: str) -> str:
    return office.house.secrets.get(name)


def test_an_agents_key_needs_agent_workflow_and_requester(office: Office) -> None:
    """And each has to exist."""
    with pytest.raises(BadInputError, match="`workflow`"):
        office.client.make_token("agent", by="lena", agent=AGENT, person="mara")
    with pytest.raises(NotFoundError):
        office.client.make_token(
            "agent", by="lena", agent=AGENT, workflow=WORKFLOW, person="nobody"
        )
    with pytest.raises(BadInputError, match="`kind`"):
        office.client.make_token("answerer", by="lena")


def test_the_status_tells_what_is_in_force_and_what_waits(office: Office) -> None:
    """One look is enough to know."""
    office.mail(office.open_task())
    status = office.client.status()
    assert status["url"] == f"http://127.0.0.1:{office.settings.port}"
    assert status["waiting"] == {"questions": 1, "flagged": 0, "drafts": 0, "in_doubt": 0}
    assert [flow["name"] for flow in status["workflows"]] == [WORKFLOW]
    assert status["warnings"] == []
    assert status["lone"] is False


def test_where_nothing_answers_the_client_says_so(office: Office) -> None:
    """A folder without a gateway is told apart from a gateway that refuses."""
    with pytest.raises(NotRunningError):
        LocalClient(office.settings.home / "elsewhere").status()
    with pytest.raises(NotFoundError):
        office.client.item("nothing")
    with pytest.raises(BadInputError):
        office.client.get("/admin/log", colour="blue")


def test_the_stop_file_is_told_and_lifted(office: Office) -> None:
    """The stop that needs no gateway counts at once, and `resume` takes it away."""
    task = office.open_task()
    (office.settings.state / "STOP").write_text("everything\n", encoding="utf-8")
    assert office.client.status()["stop_file"] == [EVERYTHING]
    assert office.propose(task, "kb.search", {"query": "delivery"}).status == 403
    details: JsonObject = {"scope": EVERYTHING, "because": "looked"}
    signed = office.signed("lena", "resume", details)
    office.client.resume(EVERYTHING, because="looked", signed=signed)
    assert office.propose(task, "kb.search", {"query": "delivery"}).status == 200


def test_the_people_door_takes_no_token_and_the_agents_door_has_no_admin(office: Office) -> None:
    """Neither listener has the other's addresses."""
    assert office.v1("GET", "/admin/status", token=office.opener).status == 404
    with pytest.raises(ClientError):
        office.client.get("/v1/tools")
    with pytest.raises(NotFoundError):
        office.client.get("/admin/nothing")


def test_a_draft_released_with_other_values_is_its_editors_and_somebody_else_answers(
    new_office: Office,
) -> None:
    """The new call has what the person wrote; the ledger names what they changed."""
    office = new_office
    draft = _draft(office)
    args: JsonObject = {**draft["args"], "template": "answer"}
    for details in ({"draft": draft["id"], "args": draft["args"]},):
        with pytest.raises(BadInputError, match="nothing was changed"):
            _released(office, details)
    released = _released(office, {"draft": draft["id"], "args": args})
    assert released["ending"] == "waiting"
    question = released["approval"]["id"]
    shown = office.client.item(question)
    assert shown["args"] == args
    assert shown["object"]["edit_of"] == draft["call"]
    with pytest.raises(NotPermittedError, match="changed themselves"):
        office.answer("lena", question, yes=True)
    assert office.answer("omar", question, yes=True)["state"] == "approved"
    (entry,) = office.client.log(kind="draft.released")
    assert entry["body"]["arguments"] == ["template"]


def _released(office: Office, details: JsonObject) -> dict[str, Any]:
    signed = office.signed("lena", "release", details)
    by: JsonObject = {"person": "lena", "at_us": signed.at_us, "signature": signed.signature}
    return office.client.post("/admin/release", {**details, "signed": by})
