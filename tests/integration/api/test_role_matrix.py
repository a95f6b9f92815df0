"""Who may sign what at the people's door: every address, every role, own and others' questions.

The catalogue of `rules.roles` is the whole truth: what a role does not hold, its signature does not
do, and what it holds is not refused for want of a role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from sallyport.adapters.keys import PersonKey
from sallyport.doors.api.admin import ENDPOINTS
from sallyport.doors.api.v1 import ENDPOINTS as PUBLIC
from sallyport.errors import NotPermittedError, SallyportError, SignatureError
from sallyport.flow.absences import details as away
from sallyport.model import JsonObject, Person
from sallyport.rules import break_glass
from sallyport.rules.boundary.signing import activation
from sallyport.rules.roles import ROLES, may
from tests.integration.api.office import AGENT, WORKFLOW, Office, staffed

ASKED = "support_lead"
"""The role that the demo's boundary asks; the one who asks for themselves holds it as well."""
SELF = "mara"
WHO = (*ROLES, ASKED)
OWN_KEY = PersonKey.generate().public_key
SIGNS_ITSELF = {
    "/admin/answer",
    "/admin/decide",
    "/admin/undo",
    "/admin/list/sign",
    "/admin/boundary/activate",
    "/admin/boundary/aside",
    "/admin/break-glass/second",
    "/admin/break-glass/review",
}
"""Addresses whose signature is over something that has to be there first."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is signed at an address, and the right that it needs; nothing where any key will do."""

    verb: str
    details: JsonObject
    right: str


ACTS: Mapping[str, Act] = {
    "/admin/resume": Act("resume", {"scope": "everything", "because": "over"}, "floor.lift"),
    "/admin/console": Act("console", {}, ""),
    "/admin/release": Act("release", {"draft": "none"}, "draft.release"),
    "/admin/discard": Act("discard", {"draft": "none"}, "draft.release"),
    "/admin/settle": Act(
        "settle", {"call": "none", "happened": True, "because": "seen"}, "doubt.settle"
    ),
    "/admin/break-glass": Act(
        break_glass.ASK,
        break_glass.asked("tool:mail.send", "nobody is there", 600),
        "glass.ask",
    ),
    "/admin/boundary/baseline/mark": Act(
        "baseline", {"workflow": WORKFLOW, "version": 1}, "boundary.sign"
    ),
    "/admin/boundary/baseline/off": Act(
        "baseline-off", {"workflow": WORKFLOW, "because": "over"}, "boundary.sign"
    ),
    "/admin/people": Act(
        "enrol", {"name": "new", "roles": ["reviewer"], "public_key": ""}, "people.change"
    ),
    "/admin/people/away": Act("away", away(SELF, None), "people.change"),
    "/admin/people/deactivate": Act("deactivate", {"name": "nobody"}, "people.change"),
    "/admin/people/invite": Act("invite", {"name": "keyless"}, "people.change"),
    "/admin/people/passkeys/remove": Act(
        "remove-passkey", {"name": "nobody", "passkey": "none"}, "people.change"
    ),
    "/admin/steps": Act(
        "add-step",
        {"name": "step.check", "workflow": WORKFLOW, "public_key": OWN_KEY, "because": "a test"},
        "people.change",
    ),
    "/admin/agents/stage": Act(
        "stage", {"agent": AGENT, "stage": "live", "because": "a test"}, "agent.stage"
    ),
}


@pytest.fixture(scope="module")
def office(portal: BlockingPortal, desk_url: str) -> Iterator[Office]:
    """Open an office in which there is one person of each role, each with a key."""
    with staffed(portal, desk_url) as one:
        for role in WHO:
            key = one.keys[role] = PersonKey.generate()
            person = Person(name=role, roles=frozenset({role}), public_key=key.public_key)
            portal.call(one.house.people.keep, person, "a test")
        portal.call(one.house.people.keep, Person(name="keyless", roles=frozenset()), "a test")
        yield one


def signed_lines() -> set[str]:
    """Return the addresses at which something that is signed is taken."""
    return {
        line.path for line in ENDPOINTS if line.body and {"signed", "signature"} & set(line.body)
    }


def test_every_address_that_takes_a_signature_is_in_the_matrix() -> None:
    """A new one has to be added here before anything of it lands."""
    assert signed_lines() == {*ACTS, *SIGNS_ITSELF}


def sent(office: Office, path: str, who: str, key: str = "") -> SallyportError | None:
    """Sign an act as somebody, with their own or another's key; return how it was refused."""
    act = ACTS[path]
    signed = office.signed(who, act.verb, act.details)
    if key:
        signed = _forged(office, who, key, act)
    vouched = {"person": who, "at_us": signed.at_us, "signature": signed.signature}
    error = refused(office, path, {**act.details, "signed": vouched})
    for glass in office.client.get("/admin/break-glass")["break_glass"]:
        if glass["state"] in {"asked", "in_force"}:
            office.client.post("/admin/break-glass/end", {"glass": glass["id"], "by": "lena"})
    return error


def _forged(office: Office, who: str, key: str, act: Act) -> Any:
    real = office.keys[who]
    office.keys[who] = office.keys[key]
    try:
        return office.signed(who, act.verb, act.details)
    finally:
        office.keys[who] = real


def refused(office: Office, path: str, body: Mapping[str, Any]) -> SallyportError | None:
    """Post a body; return how it was refused, and None where it was not."""
    try:
        office.client.post(path, body)
    except SallyportError as error:
        return error
    return None


@pytest.mark.parametrize("path", ACTS)
def test_a_signature_does_what_its_roles_hold_and_nothing_else(office: Office, path: str) -> None:
    """Each role, at each address; and a role's name under another's key does nothing anywhere."""
    right, wrong = ACTS[path].right, list[str]()
    for role in WHO:
        forged = sent(office, path, role, key="vera")
        if not isinstance(forged, SignatureError | NotPermittedError):
            wrong.append(f"{role} with another key: {forged}")
        error = sent(office, path, role)
        allowed = not isinstance(error, NotPermittedError)
        if allowed != (not right or may({role}, right)) or isinstance(error, SignatureError):
            wrong.append(f"{role}: {error}")
    assert wrong == []


def test_a_version_is_signed_first_by_whoever_may_sign_boundaries(office: Office) -> None:
    """Nobody else's signature is taken, nor that of somebody who may only sign second."""
    wrong: list[str] = []
    for role in WHO:
        workflow, systems = office.files(("within: 4h", "within: 3h"))
        proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
        signature = office.keys[role].sign(activation(**proposed["sign"]))
        body = {"digest": proposed["digest"], "person": role, "signature": signature}
        taken = not isinstance(refused(office, "/admin/boundary/activate", body), NotPermittedError)
        if taken != may({role}, "boundary.sign"):
            wrong.append(role)
    assert wrong == []


def asked_by(office: Office, requester: str) -> str:
    """Have the agent ask about a mail for somebody; return the question's id."""
    task = office.open_task(requester=requester, run=f"run-{office.now_us()}")
    call = office.mail(task).body["call"]["id"]
    return str(next(one["id"] for one in office.client.inbox() if one["call"] == call))


@pytest.mark.parametrize("door", ["/admin/answer", "/v1/inbox/{approval}/answer"])
def test_a_question_is_answered_by_whom_it_asks_and_never_by_who_asked(
    office: Office, door: str
) -> None:
    """Own and others' questions, every role, at both doors; the same name under another's key."""
    for requester in (SELF, ASKED):
        for role in (*ROLES, SELF, ASKED):
            question = asked_by(office, requester)
            real = office.an_answer(role, question, yes=True)
            real["typed"] = office.client.item(question)["confirm"]["value"]
            forged = office.an_answer(role, question, yes=True, by="vera")
            assert answered(office, door, question, forged) in {401, 403}, role
            status = answered(office, door, question, real)
            may_answer = role in {SELF, ASKED} and role != requester
            assert (status == 200) == may_answer, (role, requester, status)
            assert may_answer or status in {401, 403}, (role, requester, status)
            assert (still_waits(office, question)) != may_answer


def answered(office: Office, door: str, question: str, body: dict[str, Any]) -> int:
    """Answer at one of the doors; return the status."""
    if door.startswith("/v1"):
        return office.v1("POST", door.replace("{approval}", question), body).status
    error = refused(office, door, {**body, "approval": question})
    if error is None:
        return 200
    return 403 if isinstance(error, NotPermittedError | SignatureError) else 422


def still_waits(office: Office, question: str) -> bool:
    """Return whether a question waits."""
    return any(one["id"] == question for one in office.client.inbox())


def test_no_token_answers_at_any_address(office: Office) -> None:
    """Each kind of token, each address where something is answered, unsigned and forged."""
    question = asked_by(office, SELF)
    what = {"agent": AGENT, "workflow": WORKFLOW, "person": SELF}
    tokens = {
        "agent": office.client.make_token("agent", by="lena", **what),
        "opener": office.opener,
        "task": office.open_task(),
    }
    lines = [one for one in PUBLIC if one.method == "POST" and one.path.startswith(PEOPLES)]
    assert len(lines) >= 4
    for line in lines:
        path = line.path.replace("{approval}", question)
        for kind, token in tokens.items():
            for body in bodies(office, question, kind, token):
                found = office.v1("POST", path, body, token=token)
                assert found.status in {401, 403, 404, 422}, (line.path, kind, found)
    assert still_waits(office, question)


PEOPLES = ("/v1/inbox", "/v1/steps")


def bodies(office: Office, question: str, kind: str, token: str) -> Iterator[dict[str, Any]]:
    """Yield what an agent could send in place of a person's answer."""
    said = {"yes": True, "because": "", "at_us": office.now_us()}
    for signature in ("", token, OWN_KEY):
        for name in (ASKED, AGENT, kind, "step.check"):
            for field_name in ("person", "step"):
                yield {**said, field_name: name, "signature": signature}
                yield {**said, field_name: name, "signature": signature, "approvals": [question]}
