"""What a version adds and takes away, in the words its owner signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.rules.boundary.diff import Place, diff, in_words
from tests.unit.boundary.examples import SYSTEM, WORKFLOW, support

OLD = support()


def test_nothing_changed_is_no_change() -> None:
    """The same text compiles to the same version."""
    assert diff(OLD, support()) == ()
    assert in_words(()) == ""


def test_a_raised_bound_is_taken_away_and_added_under_its_tool() -> None:
    """And nothing else is mentioned."""
    changed = WORKFLOW.replace("at_most: 500.00 EUR", "at_most: 500.01 EUR")
    (place,) = diff(OLD, support(changed))

    assert place.where == "What the agent may do: tickets.update"
    assert [line[-14:] for line in place.taken_away] == ["0 EUR at most."]
    assert "500.01 EUR at most" in place.added[0]
    assert in_words((place,)).splitlines()[1].startswith("  - After a yes from support_lead")


@pytest.mark.parametrize(
    "before, after",
    [
        ("purpose: Answer tickets;", "purpose: Answer all tickets;"),
        ("owner: support-ops", "owner: other-ops"),
        ("agent: support-bot", "agent: other-bot"),
        ("environment: production", "environment: test"),
        ("expires: 2027-03-31", "expires: 2027-04-01"),
        ("for: [support_agent, support_lead]", "for: [support_agent]"),
        ("contact_id: text", "contact_id: email"),
        ("calls_per_task: 25", "calls_per_task: 26"),
        ("tell: on-call", "tell: nobody"),
        ("never: [crm.export]", "never: [crm.export, crm.purge]"),
        ("level: external", "level: external\n    touches: [legal]"),
        ("level: external", "level: external\n    may_ask: [form]"),
        ("{is: task.customer_email}", "{is: ann@example.com}"),
        ("body: {max_length: 4000, optional: true}", "body: {max_length: 4000}"),
        ("when: {ticket_state: [open, pending]}", "when: {ticket_state: [open]}"),
        ("because: twelve weeks", "because: eleven weeks"),
        ("until: 2027-01-31", "until: 2027-02-28"),
        ("who: [support_lead]", "who: [support_agent]"),
        ("within: 4h", "within: 5h"),
        ("status: put_back", "status: by_hand"),
    ],
)
def test_every_word_that_changes_is_told(before: str, after: str) -> None:
    """Whatever an owner changes is in the words they are shown before they sign."""
    assert before in WORKFLOW
    new = support(WORKFLOW.replace(before, after, 1))

    assert new.digest != OLD.digest
    assert diff(OLD, new)


@pytest.mark.parametrize(
    "before, after",
    [
        ("https://desk.example.com/mcp", "https://desk.example.net/mcp"),
        ("credential: desk-token", "credential: other-token"),
        ("timeout: 10s", "timeout: 11s"),
        ("expects: solved", "expects: closed"),
        ("idempotency_ttl: 2d", "idempotency_ttl: 3d"),
        ("field: ticket.state}", "field: ticket.status}"),
    ],
)
def test_what_only_the_system_file_changes_is_told(before: str, after: str) -> None:
    """The plumbing decides too."""
    assert before in SYSTEM
    new = support(system=SYSTEM.replace(before, after, 1))

    assert new.digest != OLD.digest
    assert [place.where.split(":")[0] for place in diff(OLD, new)] == [
        "How its systems are reached"
    ]


def test_what_cannot_be_shown_is_said_to_have_changed() -> None:
    """A version with another digest never looks like the same one."""
    (place,) = diff(OLD, replace(OLD, digest="other"))

    assert place.where == "What is not shown"


def test_programs_get_the_same() -> None:
    """Every list has its JSON."""
    place = Place(where="w", added=("a",), taken_away=("b",))

    assert place.as_json() == {"where": "w", "added": ["a"], "taken_away": ["b"]}
