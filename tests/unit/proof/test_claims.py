"""Planted holes, each found with a concrete call; and narrowings, each proved."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from sallyport.adapters.prover.z3_solver import solver
from sallyport.model import (
    Always,
    ArgumentRule,
    Boundary,
    Constraint,
    DataClass,
    Entry,
    Level,
    Trusted,
    Verdict,
)
from sallyport.rules.proof.claims import narrower
from sallyport.rules.proof.formula import Formula, Model
from sallyport.rules.proof.found import Found, Unsolved
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, support

TODAY = date(2026, 11, 21)
SOLVE = solver(10)
MORE = WORKFLOW.replace(
    "  mail.send:\n",
    "  kb.fetch:\n"
    "    level: read\n"
    "    only:\n"
    "      url: {url: 'https://kb.example.com/docs'}\n"
    "      to: {email: ann@example.com}\n"
    "      domain: {domain: example.com}\n"
    "      folder: {path_under: /srv/reports}\n"
    "      start: {starts_with: 'Re: ', optional: true}\n"
    "      labels: {each: {one_of: [bug, idea]}, at_most: 3 items, optional: true}\n"
    "      day: {below: 2027-01-01, optional: true}\n"
    "  mail.send:\n",
)


def changed(before: str, after: str) -> Boundary:
    """Return the boundary with one place changed."""
    assert MORE.count(before) == 1, before
    return support(MORE.replace(before, after))


OLD = support(MORE)

WIDER = [
    ("a limit raised by one cent", "at_most: 500.00 EUR", "at_most: 500.01 EUR"),
    ("a whole domain for one address", "email: ann@example.com", "email: '@example.com'"),
    ("a sub-domain", "domain: example.com", "domain: [example.com, under example.com]"),
    ("another domain", "domain: example.com", "domain: [example.com, examp1e.com]"),
    ("a prefix without its slash", "kb.example.com/docs'", "kb.example.com/'"),
    ("another host", "https://kb.example.com/docs'", "https://kb.example.com.evil.example/docs'"),
    ("a folder above", "path_under: /srv/reports", "path_under: /srv"),
    ("a shorter beginning", "starts_with: 'Re: '", "starts_with: 'Re'"),
    ("one item more", "at_most: 3 items", "at_most: 4 items"),
    ("one more word in a list", "one_of: [bug, idea]", "one_of: [bug, idea, wish]"),
    ("one day more", "day: {below: 2027-01-01", "day: {at_most: 2027-01-01"),
    ("a constraint dropped", "      ticket_id: {is: task.ticket_id}\n", "      ticket_id: any\n"),
    ("an argument made optional", "to: {is: task.customer_email}", "to: {is: task.customer_email, optional: true}"),  # noqa: E501
    ("a condition dropped", "    when: {ticket_state: [open, pending]}\n", ""),
    ("one more state", "ticket_state: [open, pending]", "ticket_state: [open, pending, closed]"),
    ("a role added", "for: [support_agent, support_lead]", "for: [support_agent, support_lead, guest]"),  # noqa: E501
    ("another agent", "agent: support-bot", "agent: other-bot"),
    ("a later end", "expires: 2027-03-31", "expires: 2027-04-30"),
    ("an `allow` that lasts longer", "until: 2027-01-31", "until: 2027-02-28"),
    ("more people to ask", "who: [support_lead]", "who: [support_lead, support_agent]"),
    ("more time to answer", "within: 4h", "within: 5h"),
    ("a question that is skipped", "    ask: [{who: [support_agent, support_lead], within: 8h}]", "    allow: [{because: busy, until: 2027-01-01}]"),  # noqa: E501
    ("a limit raised", "calls_per_task: 25", "calls_per_task: 26"),
    ("a limit dropped", "{calls_per_task: 25, sent_per_hour: 20}", "{calls_per_task: 25}"),
    ("a tool added", "  mail.send:\n", "  kb.all: {level: read}\n  mail.send:\n"),
    ("a longer text", "max_length: 4000", "max_length: 4001"),
]  # fmt: skip


@pytest.mark.parametrize("what, before, after", WIDER)
def test_a_widening_is_shown_by_a_call(what: str, before: str, after: str) -> None:
    """The call is refused or asked about today, and would be looser: the evaluator says so."""
    proof = narrower(changed(before, after), OLD, today=TODAY, solve=SOLVE)

    assert not proof.proved, what
    assert proof.counterexamples, proof.unknown
    assert all(one.was != one.now for one in proof.counterexamples)


BOTH_WAYS = {"another agent", "another domain", "another host", "a question that is skipped"}
"""Changes that grant something and take something away."""


@pytest.mark.parametrize("what, before, after", [one for one in WIDER if one[0] not in BOTH_WAYS])
def test_taking_it_back_is_proved_to_narrow(what: str, before: str, after: str) -> None:
    """The other way round nothing is gained, and that is certain."""
    proof = narrower(OLD, changed(before, after), today=TODAY, solve=SOLVE)

    assert proof.proved, (what, proof.unknown, proof.counterexamples)


@pytest.mark.parametrize(
    "before, after",
    [
        ("level: external", "level: external\n    may_ask: [form]"),
        ("environment: production", "environment: test"),
        ("owner: support-ops", "owner: other-ops"),
        ("    touches: [records, money]\n", "    touches: [records]\n"),
    ],
)
def test_what_no_formula_says_is_never_taken_as_proved(before: str, after: str) -> None:
    """It is named, and somebody has to look."""
    proof = narrower(changed(before, after), OLD, today=TODAY, solve=SOLVE)

    assert not proof.proved
    assert proof.unknown


def test_a_system_that_is_reached_otherwise_is_not_proved() -> None:
    """The same words mean something else at another address."""
    elsewhere = support(MORE, SYSTEM.replace("desk.example.com", "desk.example.net"))
    proof = narrower(elsewhere, OLD, today=TODAY, solve=SOLVE)

    assert proof.unknown == ["system `desk` is reached or handled in another way"]


def test_what_the_solver_does_not_know_is_not_proved() -> None:
    """Unknown is no yes."""

    def gives_up(_: Formula) -> Model | Unsolved | None:
        return Unsolved("it gave up")

    proof = narrower(
        changed("at_most: 3 items", "at_most: 2 items"), OLD, today=TODAY, solve=gives_up
    )

    assert proof.as_json() == {
        "proved": False,
        "unknown": ["`kb.fetch`: it gave up"],
        "counterexamples": [],
    }


def test_the_same_version_is_proved_at_once() -> None:
    """Nothing has to be asked of a solver."""
    assert narrower(support(MORE), OLD, today=TODAY, solve=SOLVE) == Found()


PROMISING = replace(
    OLD.workflow,
    always=(Always(where="always[0]", levels=(Level.EXTERNAL,), at_least=Verdict.ASK),),
    jurisdiction=("EU",),
    never=("crm.export", "crm.purge"),
)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"always": ()}, "`always[0]` is proved of this version no more"),
        ({"never": ("crm.export",)}, "`crm.purge` is kept from the agent no more, here and in its"),
        ({"jurisdiction": ()}, "its systems may lie elsewhere"),
        ({"jurisdiction": ("EU", "US")}, "its systems may lie elsewhere"),
        ({"data": frozenset(DataClass)}, "more classes of data may be handled"),
        ({"trust": (Trusted(tool="crm.get_contact"),)}, "more that systems say is trusted"),
        ({"name": "another"}, "something else changed that nothing is proved of"),
    ],
)
def test_what_a_version_no_longer_holds_is_told(changes: dict[str, Any], why: str) -> None:
    """It grants no call of today, so nothing refutes it; and it is no narrowing."""
    old = replace(OLD, workflow=PROMISING)
    new = replace(OLD, workflow=replace(PROMISING, **changes))
    proof = narrower(new, old, today=TODAY, solve=SOLVE)

    assert len(proof.unknown) == 1
    assert proof.unknown[0].startswith(why)
    assert narrower(old, old, today=TODAY, solve=SOLVE).proved


def test_whoever_adds_a_word_looks_at_the_prover() -> None:
    """Formulas speak of these fields, and of no others."""
    known = {
        one: {field.name for field in fields(one)} for one in (Entry, ArgumentRule, Constraint)
    }

    assert known == {
        Entry: {
            *("where", "args", "when", "because", "until", "who", "how_many", "within_s"),
            "needs_human",
        },
        ArgumentRule: {"name", "constraints", "optional"},
        Constraint: {"operator", "bounds", "inner"},
    }
