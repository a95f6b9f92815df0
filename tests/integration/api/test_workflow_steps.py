"""The second kind of authority: a step of a workflow that answers by its own key, over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from sallyport.adapters.keys import PersonKey
from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotPermittedError,
    SallyportError,
)
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules.statements import statement
from tests.integration.api.office import WORKFLOW, Answered, Office
from tests.requirements import requirement

STEP = "step.refund_check"
REFUND = {"ticket_id": "T-4711", "status": "pending", "refund": Decimal("80.00")}
PEOPLE_ASKED = "who: [support_lead]\n        within: 4h"
STEP_ASKED = f"who: [{STEP}]\n        within: 4h"


@dataclass(frozen=True)
class Program:
    """A program with a key, which answers as a step."""

    office: Office
    name: str
    key: PersonKey

    def questions(self) -> list[dict[str, Any]]:
        """Return what this step is asked."""
        at_us = self.office.now_us()
        said = statement("list-step-questions", {}, person=self.name, at_us=at_us)
        headers = {
            "Sallyport-Step": self.name,
            "Sallyport-At": str(at_us),
            "Sallyport-Signature": self.key.sign(said),
        }
        listed = self.office.v1("GET", "/v1/steps/questions", headers=headers)
        assert listed.status == 200, listed
        return [*listed.body["items"]]

    def answer(
        self,
        question: str,
        *,
        yes: bool = True,
        says: bool | None = None,
        token: str = "",
        **changes: Any,
    ) -> Answered:
        """Sign an answer over what the question binds, change what was sent, and send it."""
        bound = self.office.client.item(question)["statement_of"]
        said: JsonObject = {
            "person": self.name,
            "yes": yes,
            "because": "paid within the year",
            "at_us": self.office.now_us(),
        }
        if not yes:
            said["code"] = "not_allowed"
        sent = {name: value for name, value in said.items() if name != "person"}
        sent |= {"step": self.name, "signature": self.key.sign(approvals.signable(bound, said))}
        sent["yes"] = yes if says is None else says
        path = f"/v1/steps/questions/{question}/answer"
        return self.office.v1("POST", path, {**sent, **changes}, token=token)


def registered(office: Office, name: str = STEP, workflow: str = WORKFLOW) -> Program:
    """Register a step on the administrator's signature."""
    key = PersonKey.generate()
    add_step(office, name, workflow, key.public_key)
    return Program(office, name, key)


def add_step(
    office: Office, name: str, workflow: str, public_key: str, by: str = "lena"
) -> dict[str, Any]:
    """Have somebody sign for a step."""
    details: JsonObject = {
        "name": name,
        "workflow": workflow,
        "public_key": public_key,
        "because": "it reads the payment ledger itself",
    }
    signed = office.signed(by, "add-step", details)
    by_json = {"person": by, "at_us": signed.at_us, "signature": signed.signature}
    return office.client.post("/admin/steps", {**details, "signed": by_json})


def asked(office: Office) -> tuple[str, str]:
    """Propose a refund that asks, and return the call and the question."""
    told = office.propose(office.open_task(), "tickets.update", REFUND)
    assert told.status == 202, told.body["text"]
    call = told.body["call"]
    (item,) = [one for one in office.client.inbox() if one["call"] == call["id"]]
    return str(call["id"]), str(item["id"])


@requirement("B-26", "B-79")
def test_a_registered_step_authorises_what_a_signed_boundary_asks_it(office: Office) -> None:
    """It sees the question complete, signs the statement a person would, and the call is made."""
    step = registered(office)
    office.sign_boundary((PEOPLE_ASKED, STEP_ASKED))
    call, question = asked(office)

    (seen,) = step.questions()
    assert seen["id"] == question
    assert seen["object"]["action"]["args"] == REFUND
    with pytest.raises(NotPermittedError):
        office.answer("omar", question, yes=True)

    told = step.answer(question)
    assert (told.status, told.body["state"]) == (200, "approved")
    done = office.settled(call)
    assert (done["ending"], done["action"]) == ("done", "done")

    (entry,) = office.client.log(kind="approval.answered", call=call)
    assert (entry["body"]["person"], entry["body"]["key"]) == (STEP, step.key.public_key)
    verified = office.client.verify_log()
    assert verified["intact"], verified
    steps = office.client.trace(call)["steps"]
    (answer,) = steps[4]["facts"]["answers"]
    assert answer["signature"] == "valid"


@requirement("B-26", "B-79")
def test_unsigned_forged_foreign_and_borrowed_answers_are_refused(office: Office) -> None:
    """Nothing leaves for any of them, and the question still waits for the real step."""
    step, foreign = registered(office), registered(office, "step.another", "another-workflow")
    office.sign_boundary((PEOPLE_ASKED, STEP_ASKED))
    call, question = asked(office)
    forger = Program(office, STEP, PersonKey.generate())
    person = Program(office, STEP, office.keys["omar"])

    task = office.open_task(run="second")
    agent_token = office.client.make_token(
        "agent", by="lena", agent="support-bot", workflow=WORKFLOW, person="mara"
    )
    refused = {
        "unsigned": step.answer(question, signature="0" * 128),
        "no signature": step.answer(question, signature="x"),
        "another key": forger.answer(question),
        "a person's key": person.answer(question),
        "another workflow's step": foreign.answer(question),
        "nobody's step": Program(office, "step.nobody", step.key).answer(question),
        "another reason than was signed": step.answer(question, because="because"),
        "yes where no was signed": step.answer(question, yes=False, says=True),
        "only with a task's token": step.answer(question, signature="0" * 128, token=task),
        "only with an agent's token": step.answer(question, signature="00", token=agent_token),
        "only with an opener's token": step.answer(
            question, signature="0" * 128, token=office.opener
        ),
    }
    assert {why: told.status for why, told in refused.items() if told.status < 400} == {}
    assert office.client.call(call)["ending"] == "waiting"
    assert foreign.questions() == []
    assert step.answer(question).body["state"] == "approved"


def test_a_person_cannot_be_a_step_nor_a_step_a_person(office: Office) -> None:
    """Neither by name, role or key, nor at the other's address."""
    step = registered(office)
    office.sign_boundary((PEOPLE_ASKED, STEP_ASKED))
    _, question = asked(office)
    key = PersonKey.generate().public_key
    for name, roles, public_key in (
        ("step.mine", ["support_lead"], key),
        ("mallory", [STEP], key),
        ("mallory", ["support_lead"], step.key.public_key),
    ):
        details: JsonObject = {"name": name, "roles": [*roles], "public_key": public_key}
        signed = office.signed("lena", "enrol", details)
        with pytest.raises((BadInputError, ConflictError)):
            office.client.enrol(name, roles, public_key, signed=signed)
    with pytest.raises(ConflictError):
        add_step(office, "step.borrowed", WORKFLOW, office.keys["omar"].public_key)
    with pytest.raises(NotPermittedError):
        add_step(office, "step.mine", WORKFLOW, key, by="omar")

    at_the_peoples = {"person": STEP, "yes": True, "because": "", "at_us": 1, "signature": "00"}
    told = office.v1("POST", f"/v1/inbox/{question}/answer", at_the_peoples)
    assert told.status == 401
    said: JsonObject = {"scope": "everything", "because": "fine"}
    at_us = office.now_us()
    signature = step.key.sign(statement("resume", said, person=STEP, at_us=at_us))
    with pytest.raises(NotPermittedError):
        office.client.post(
            "/admin/resume",
            {**said, "signed": {"person": STEP, "at_us": at_us, "signature": signature}},
        )


def test_a_step_says_no_and_the_call_ends(office: Office) -> None:
    """With a reason of the catalogue, as a person does."""
    step = registered(office)
    office.sign_boundary((PEOPLE_ASKED, STEP_ASKED))
    call, question = asked(office)
    assert step.answer(question, yes=False).body["state"] == "rejected"
    assert office.settled(call)["ending"] == "refused"


def test_a_step_that_was_removed_answers_nothing(office: Office) -> None:
    """Nor does it come back under the same name."""
    step = registered(office)
    office.sign_boundary((PEOPLE_ASKED, STEP_ASKED))
    call, question = asked(office)
    office.client.post("/admin/steps/remove", {"name": STEP, "by": "lena"})

    assert step.answer(question).status == 403
    assert office.client.call(call)["ending"] == "waiting"
    with pytest.raises(ConflictError):
        registered(office)


def test_no_step_answers_for_what_leaves_the_house(office: Office) -> None:
    """A boundary that names one there cannot be signed, nor one whose step nobody registered."""
    mail = "ask: [{who: [support_agent, support_lead], within: 8h}]"
    for change, code in (
        ((mail, f"ask: [{{who: [{STEP}], within: 8h}}]"), "boundary.step_outside"),
        ((PEOPLE_ASKED, STEP_ASKED), "boundary.unknown_step"),
    ):
        workflow, systems = office.files(change)
        proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
        found = {one["code"]: one["severity"] for one in proposed["problems"]}
        assert found[code] == "error"
        statement_signed = proposed["sign"]
        assert statement_signed
        with pytest.raises(SallyportError):
            office.client.activate(proposed["digest"], person="lena", signature="00" * 64)


def test_a_step_and_a_person_make_two(office: Office) -> None:
    """Where two are asked, the step counts as one of them, once."""
    step = registered(office)
    two = f"who: [{STEP}, support_lead]\n        how_many: 2\n        within: 4h"
    office.sign_boundary((PEOPLE_ASKED, two))
    call, question = asked(office)
    assert step.answer(question).body["state"] == "waiting"
    assert step.answer(question).status == 409
    assert office.answer("omar", question, yes=True)["state"] == "approved"
    assert office.settled(call)["ending"] == "done"


def test_plain_words_name_the_step(office: Office) -> None:
    """Whoever signs the boundary reads that a program answers."""
    registered(office)
    workflow, systems = office.files((PEOPLE_ASKED, STEP_ASKED))
    proposed = office.client.propose(workflow, file="support.yaml", systems=systems)
    assert f"the workflow step {STEP}" in str(proposed["plain"])
