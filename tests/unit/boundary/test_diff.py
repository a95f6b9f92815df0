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
    unseen = (
        "A value that is set for a child process, the roles of Sallyport or its version changed."
    )

    assert diff(OLD, replace(OLD, digest="other")) == (
        Place(where="What is not shown", added=(unseen,), taken_away=()),
    )


MAIL = """\
  mail.send:
    level: external
    only:
      to: {is: task.customer_email}
      template: {one_of: [ack, answer, refund_notice]}
      body: {max_length: 4000, optional: true}
    ask: [{who: [support_agent, support_lead], within: 8h}]
"""


def test_a_tool_that_comes_or_goes_is_told_with_all_its_lines() -> None:
    """What only the new version has stands as fully as what only the old one had."""
    without = support(WORKFLOW.replace(MAIL, "").replace(", sent_per_hour: 20", ""))
    limit = "At most 20 calls that reach outside in an hour (sent_per_hour)."
    tool = (
        "mail.send of desk (external: it reaches outside)",
        f"As defined by the accepted definition {OLD.pins['mail.send'].digest}.",
        "Nobody can take it back: each such call asks a person, whatever stands below.",
        "Always: to is the task's own customer_email.",
        'Always: template is one of "ack", "answer", "refund_notice".',
        "Always: body is text of 4000 characters at most, or left out.",
        "After a yes from support_agent or support_lead within 8 hours: whatever is left.",
        "What fits none of these lines is refused.",
    )
    places = {"How much": (limit,), "What the agent may do: mail.send": tool}
    assert diff(OLD, without) == tuple(
        Place(where=where, added=(), taken_away=lines) for where, lines in places.items()
    )
    assert diff(without, OLD) == tuple(
        Place(where=where, added=lines, taken_away=()) for where, lines in places.items()
    )
    assert in_words(diff(without, OLD)).splitlines()[:3] == [
        "How much",
        f"  + {limit}",
        "What the agent may do: mail.send",
    ]


def test_the_head_and_the_end_of_a_version_are_compared_too() -> None:
    """The first line stands for the workflow, the last for how it is stopped."""
    new = WORKFLOW.replace("agent: support-bot", "agent: other-bot").replace(
        "docs/manual-refunds.md", "docs/by-hand.md"
    )
    assert in_words(diff(OLD, support(new))) == (
        "The workflow\n"
        "  - Workflow customer-support, for agent support-bot\n"
        "  + Workflow customer-support, for agent other-bot\n"
        "If it must be stopped\n"
        "  - How people go on by hand: docs/manual-refunds.md.\n"
        "  + How people go on by hand: docs/by-hand.md.\n"
    )


def test_a_system_and_a_tool_of_one_name_are_two_places() -> None:
    """A system's own line ends its name with a colon, and its place is its name."""
    new = support(system=SYSTEM.replace("timeout: 10s", "timeout: 11s"))
    assert diff(OLD, new) == (
        Place(
            where="How its systems are reached: desk",
            added=("tickets.update: a call may take 11 seconds.",),
            taken_away=("tickets.update: a call may take 10 seconds.",),
        ),
    )


def test_programs_get_the_same() -> None:
    """Every list has its JSON."""
    place = Place(where="w", added=("a",), taken_away=("b",))

    assert place.as_json() == {"where": "w", "added": ["a"], "taken_away": ["b"]}
