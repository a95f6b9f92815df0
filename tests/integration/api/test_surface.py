"""Who may reach what: every address of the agents' listener, with every kind of credential."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from starlette.routing import Route

from sallyport.doors.api.callers import ANSWER, KINDS, PERSON
from sallyport.doors.api.v1 import ENDPOINTS, Line
from sallyport.doors.app import agents_app
from tests.integration.api.office import AGENT, WORKFLOW, Office, errand, opening
from tests.requirements import requirement

METADATA = "/.well-known/oauth-protected-resource/mcp/{workflow}"
OPEN_TO_ALL = {"/healthz", "/v1/openapi.json", METADATA, "/held/{link}", "/v1/{rest:path}"}
"""RFC 9728 has the metadata read by whoever has no token yet; it is the same for every name. A
link to what is held is sealed, and says nothing to whoever guesses. The last one is every address
that there is not."""


@pytest.fixture
def tokens(office: Office) -> dict[str, str]:
    """One token of each kind."""
    what = {"agent": AGENT, "workflow": WORKFLOW, "person": "mara"}
    return {
        "agent": office.client.make_token("agent", by="lena", **what),
        "opener": office.opener,
        "task": office.open_task(),
    }


def _reached(office: Office, line: Line, token: str = "") -> int:
    path = re.sub(r"{\w+}", "nothing-of-this-id", line.path)
    body: Any = {} if line.body is not None else None
    return office.v1(line.method, path, body, token=token).status


def test_every_address_wants_a_credential(office: Office) -> None:
    """All routes of the listener are walked, so that a new one cannot be forgotten."""
    app = agents_app(office.house, office.settings)
    walked: set[str] = set()
    for route in app.routes:
        assert isinstance(route, Route)
        for method in route.methods or ():
            path = re.sub(r"{\w+(:\w+)?}", "x", route.path)
            status = office.v1(method, path, {} if method == "POST" else None).status
            assert (status in {401, 403}) != (route.path in OPEN_TO_ALL), (method, route.path)
            walked.add(route.path)
    assert {line.path for line in ENDPOINTS} <= walked


def test_every_token_opens_what_it_is_for_and_nothing_else(
    office: Office, tokens: dict[str, str]
) -> None:
    """The matrix of all addresses and all kinds of tokens, complete."""
    for line in ENDPOINTS:
        for kind, token in tokens.items():
            status = _reached(office, line, token)
            mine = not line.credential or kind in KINDS.get(line.credential, frozenset())
            assert (status not in {401, 403}) == mine, (line.method, line.path, kind, status)


def test_no_token_lists_or_answers_anything(office: Office, tokens: dict[str, str]) -> None:
    """A question that waits stays unseen and unanswered, whatever token is presented."""
    call = office.mail(tokens["task"]).body["call"]["id"]
    (item,) = office.client.inbox()
    body = {"person": "omar", "yes": True, "because": "", "at_us": 1}
    for token in tokens.values():
        listed = office.v1("GET", "/v1/inbox", token=token)
        answer = f"/v1/inbox/{item['id']}/answer"
        unsigned = office.v1("POST", answer, body, token=token)
        forged = office.v1("POST", answer, {**body, "signature": "0" * 128}, token=token)
        assert (listed.status, unsigned.status, forged.status) == (401, 401, 403)
    assert office.client.call(call)["ending"] == "waiting"


def test_people_have_no_token(office: Office) -> None:
    """The two addresses of people take signatures, and no bearer is asked for."""
    assert [line.path for line in ENDPOINTS if line.credential in {PERSON, ANSWER}] == [
        "/v1/inbox",
        "/v1/inbox/{approval}/answer",
        "/v1/inbox/answers",
        "/v1/inbox/{approval}/undo",
    ]


@requirement("B-24")
def test_an_agent_can_propose_and_has_no_way_to_execute(
    office: Office, tokens: dict[str, str]
) -> None:
    """Of all addresses its token opens three: propose, see how it stands, list tools."""
    for kind in ("agent", "task"):
        opened = {
            (line.method, line.path)
            for line in ENDPOINTS
            if line.credential and _reached(office, line, tokens[kind]) not in {401, 403}
        }
        assert opened == {
            ("POST", "/v1/calls"),
            ("GET", "/v1/calls/{id}"),
            ("GET", "/v1/tools"),
        }
    app: Any = agents_app(office.house, office.settings)
    other = [str(r.path) for r in app.routes if not r.path.startswith("/v1/")]
    assert all(path in OPEN_TO_ALL or path.startswith("/mcp/") for path in other), other

    asked = office.mail(tokens["task"])
    assert asked.body["call"]["ending"] == "waiting"
    assert office.client.log(kind="call.intended", tool="mail.send") == []


def test_what_is_not_ones_own_is_not_there(office: Office) -> None:
    """Another task's call is answered exactly like one that never was."""
    call = office.mail(office.open_task()).body["call"]["id"]
    other = office.open_task("T-4714")
    foreign = office.v1("GET", f"/v1/calls/{call}", token=other)
    unknown = office.v1("GET", f"/v1/calls/{'x' * len(call)}", token=other)
    assert foreign.status == unknown.status == 404
    assert foreign.body["error"]["code"] == unknown.body["error"]["code"]


def test_an_opener_closes_its_task_and_nothing_more_is_done_in_it(office: Office) -> None:
    """The task's token is worthless from then on, and a foreign opener cannot do that."""
    told = office.v1("POST", "/v1/tasks", opening("T-4711", "mara", "r"), token=office.opener)
    elsewhere = office.client.make_token("opener", by="lena", workflow="another")
    path = f"/v1/tasks/{told.body['task']}"
    assert office.v1("DELETE", path, token=elsewhere).status == 404
    assert office.v1("DELETE", path, token=office.opener).body["closed"] is True
    assert office.mail(told.body["token"]).status == 401


def test_a_revoked_token_opens_nothing(office: Office, tokens: dict[str, str]) -> None:
    """It is known by the beginning of its hash, since the token is stored nowhere."""
    listed = {one["kind"]: one["id"] for one in office.client.tokens()}
    for kind, token in tokens.items():
        office.client.revoke(listed[kind], by="lena")
        line = next(one for one in ENDPOINTS if kind in KINDS.get(one.credential, frozenset()))
        assert _reached(office, line, token) == 401


def test_an_over_token_opens_nothing(office: Office) -> None:
    """Its end counts to the second."""
    token = office.client.make_token("opener", by="lena", workflow=WORKFLOW, lasts_s=60)
    assert office.v1("POST", "/v1/tasks", {}, token=token).status == 422
    office.later(60)
    assert office.v1("POST", "/v1/tasks", {}, token=token).status == 401


@requirement("B-22")
@pytest.mark.parametrize("missing", ["workflow", "requester", "inputs"])
def test_a_task_needs_its_kind_and_its_requester(office: Office, missing: str) -> None:
    """An envelope without one of them is 422, and says which."""
    body = opening("T-4711", "mara", "run")
    del body[missing]
    told = office.v1("POST", "/v1/tasks", body, token=office.opener)
    assert told.status == 422
    assert f"`{missing}`" in told.body["error"]["what"]
    assert told.body["error"]["fix"]


def _bad_bodies() -> Iterator[tuple[bytes, int, str]]:
    good = opening("T-4711", "mara", "run")
    yield b"{", 400, "input.json"
    yield b'{"workflow": "a", "workflow": "b"}', 400, "input.json"
    yield b'{"lasts_s": NaN}', 400, "input.json"
    yield b"[]", 422, "input.bad"
    yield b"[" * 100, 413, "input.too_large"
    yield json.dumps({**good, "surprise": 1}).encode(), 422, "input.bad"
    yield json.dumps({**good, "workflow": 7}).encode(), 422, "input.bad"
    yield json.dumps({**good, "requester": "nobody-known"}).encode(), 422, "input.bad"
    yield json.dumps({**good, "workflow": "unknown"}).encode(), 403, "access.not_permitted"
    yield json.dumps({**good, "inputs": {"colour": "blue"}}).encode(), 422, "input.bad"
    yield b'"' + b"x" * (5 * 1024 * 1024) + b'"', 413, "input.too_large"


@pytest.mark.parametrize("raw, status, code", list(_bad_bodies()), ids=range(11))
def test_bad_input_gets_one_clear_sentence(
    office: Office, raw: bytes, status: int, code: str
) -> None:
    """What, where and how to fix it; and no value is repeated."""
    told = office.v1("POST", "/v1/tasks", raw=raw, token=office.opener)
    assert (told.status, told.body["error"]["code"]) == (status, code)
    assert told.body["error"]["fix"]
    assert len(told.raw) < 1000


def test_a_page_of_another_origin_is_not_let_in(office: Office) -> None:
    """Nor is a name that was rebound to this host."""
    path = "/v1/openapi.json"
    assert office.v1("GET", path).status == 200
    assert office.v1("GET", path, headers={"Origin": "https://evil.example"}).status == 403
    assert office.v1("GET", path, headers={"Host": "evil.example"}).status == 403
    assert office.v1("GET", path, headers={"Origin": "http://localhost:3000"}).status == 200


@pytest.mark.parametrize("method, path", [("GET", "/v1/nothing"), ("PUT", "/v1/tasks")])
def test_an_address_that_is_not_there_says_so(office: Office, method: str, path: str) -> None:
    """In the same form as every other error, with or without a token."""
    for token in ("", office.opener):
        told = office.v1(method, path, token=token)
        assert (told.status, told.body["error"]["code"]) == (404, "input.not_found")


def test_a_failure_that_nobody_foresaw_tells_an_id_and_no_value(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets a sentence; the log gets the place."""

    async def broken() -> None:
        raise ValueError("a-value-of-somebody")

    monkeypatch.setattr(office.house.inbox, "items", broken)
    with caplog.at_level(logging.ERROR):
        told = office.v1("GET", "/v1/inbox", headers=office.inbox_headers("omar"))
    error_id = re.search(r"error (e\w+)", told.body["error"]["what"])
    assert told.status == 500
    assert error_id is not None
    assert error_id[1] in caplog.text
    assert "v1.py" in caplog.text
    assert "a-value-of-somebody" not in caplog.text + told.raw.decode()


def test_the_document_describes_every_address_and_every_answer(office: Office) -> None:
    """OpenAPI 3.1 from the very table that serves: real answers fit the schemas it shows."""
    document = json.loads(office.v1("GET", "/v1/openapi.json").raw)
    shown = {(m.upper(), p) for p, operations in document["paths"].items() for m in operations}
    assert document["openapi"] == "3.1.0"
    assert shown == {(line.method, line.path) for line in ENDPOINTS}
    ids = [o["operationId"] for p in document["paths"].values() for o in p.values()]
    assert len(ids) == len(set(ids))

    told = office.v1("POST", "/v1/tasks", opening("T-4711", "mara", "r"), token=office.opener)
    _fits(document, "POST", "/v1/tasks", told.status, told.raw)
    task = str(told.body["token"])
    asked = office.mail(task)
    _fits(document, "POST", "/v1/calls", asked.status, asked.raw)
    call = asked.body["call"]["id"]
    read = office.propose(task, "tickets.get", {"ticket_id": "T-4711"})
    _fits(document, "POST", "/v1/calls", read.status, read.raw)
    for path, token, variable in (
        ("/v1/tools", task, ""),
        ("/v1/calls/{id}", task, call),
        ("/v1/traces/{call}", office.opener, call),
    ):
        got = office.v1("GET", re.sub(r"{\w+}", variable, path), token=token)
        _fits(document, "GET", path, got.status, got.raw)
    listed = office.v1("GET", "/v1/inbox", headers=office.inbox_headers("omar"))
    _fits(document, "GET", "/v1/inbox", listed.status, listed.raw)
    question = listed.body["items"][0]["id"]
    answer = office.an_answer("omar", question, yes=False)
    given = office.v1("POST", f"/v1/inbox/{question}/answer", answer)
    _fits(document, "POST", "/v1/inbox/{approval}/answer", given.status, given.raw)
    closed = office.v1("DELETE", f"/v1/tasks/{told.body['task']}", token=office.opener)
    _fits(document, "DELETE", "/v1/tasks/{id}", closed.status, closed.raw)
    wrong = office.v1("GET", "/v1/tools")
    jsonschema_rs.validate(document["components"]["schemas"]["Error"], json.loads(wrong.raw))


def _fits(document: dict[str, Any], method: str, path: str, status: int, raw: bytes) -> None:
    responses = document["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, (method, path, status, raw)
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    jsonschema_rs.validate(schema, json.loads(raw))


def test_the_offer_is_the_boundary(office: Office) -> None:
    """Exactly the declared tools are listed, and a read through REST works."""
    task = office.open_task()
    offered = [tool["name"] for tool in office.v1("GET", "/v1/tools", token=task).body["tools"]]
    assert offered == [
        "crm.get_contact",
        "kb.search",
        "mail.send",
        "tickets.draft_reply",
        "tickets.get",
        "tickets.list",
        "tickets.update",
    ]
    read = office.propose(task, "crm.get_contact", {"contact_id": errand("T-4711").contact_id})
    assert (read.status, read.body["call"]["ending"]) == (200, "done")
    refused = office.propose(task, "crm.export_contacts", {})
    assert (refused.status, refused.body["call"]["ending"]) == (403, "refused")
