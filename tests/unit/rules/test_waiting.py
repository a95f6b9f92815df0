"""What is said of a call that waits to whoever is not the agent: to a client, and on its page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import ActionState, ApprovalState, Ending, Floor, Question, Verdict
from sallyport.rules import reasons, waiting
from sallyport.rules.commands import Ended
from tests.unit.rules.test_told import APPROVAL, TWO_US, ended_as

WAITS = ended_as(Ending.WAITING, approval=APPROVAL)
TWO_OF_THEM = replace(APPROVAL, question=Question(who=("lead", "owner"), how_many=2))
APPROVED = replace(APPROVAL, state=ApprovalState.APPROVED)
COOLING = replace(APPROVED, not_before_us=TWO_US + 30_000_000)


@pytest.mark.parametrize(
    "ended, status",
    [
        (
            WAITS,
            (
                "HELD, NOT DONE. `desk.act` waits for a yes from lead or owner, until"
                " 2026-01-01 14:00:00 UTC (question a1)."
            ),
        ),
        (
            replace(WAITS, approval=TWO_OF_THEM),
            (
                "HELD, NOT DONE. `desk.act` waits for a yes from 2 of lead or owner, until"
                " 2026-01-01 14:00:00 UTC (question a1)."
            ),
        ),
        (replace(WAITS, approval=None), "It was approved and is under way."),
        (replace(WAITS, approval=APPROVED), "It was approved and is under way."),
        (
            replace(WAITS, approval=COOLING),
            (
                "It was approved, and leaves at 2026-01-01 14:00:30 UTC unless the yes is taken"
                " back before."
            ),
        ),
        (
            ended_as(Ending.REFUSED, reasons.refuse("approval.withdrawn", agent="bot")),
            "It was taken back. Nothing has happened.",
        ),
        (ended_as(Ending.DONE, approval=APPROVAL), ""),
        (ended_as(Ending.WAITING, action=ActionState.IN_DOUBT, approval=APPROVAL), ""),
        (replace(WAITS, doubt="no answer"), ""),
    ],
)
def test_a_client_hears_in_one_line_how_it_stands(ended: Ended, status: str) -> None:
    """Nothing once it is over: then the agent is told."""
    assert waiting.status(ended) == status


def test_a_client_shows_its_user_that_nothing_has_happened() -> None:
    """Who may answer, until when, and that going on approves nothing."""
    assert waiting.elicitation(WAITS, APPROVAL) == (
        "Nothing has happened yet: `desk.act` waits for a yes from lead or owner, until 2026-01-01"
        " 14:00:00 UTC (question a1). The page says how to answer. Go on when it was answered;"
        " going on earlier approves nothing."
    )


def test_the_page_says_what_it_is_about_and_no_argument() -> None:
    """Line by line, for somebody whom nobody has identified."""
    assert waiting.page(WAITS, TWO_OF_THEM) == (
        ("Question", "a1"),
        ("Tool", "desk.act"),
        ("Workflow", "support"),
        ("Who may answer", "2 of lead or owner"),
        ("Until", "2026-01-01 14:00:00 UTC"),
        ("State", "waits; nothing has happened yet"),
    )


DOUBTFUL = "approved and sent; whether it happened is not known, and a person has to find out"
OVER = "over; it was not done"


@pytest.mark.parametrize(
    "ended, state, said",
    [
        (WAITS, ApprovalState.WAITING, "waits; nothing has happened yet"),
        (WAITS, ApprovalState.APPROVED, "approved, under way"),
        (ended_as(Ending.DONE, action=ActionState.DONE), ApprovalState.USED, "approved and done"),
        (ended_as(Ending.DONE, action=ActionState.FAILED), ApprovalState.USED, OVER),
        (ended_as(Ending.REFUSED, action=ActionState.DONE), ApprovalState.USED, OVER),
        (ended_as(Ending.WAITING, action=ActionState.IN_DOUBT), ApprovalState.USED, DOUBTFUL),
        (replace(WAITS, doubt="no answer"), ApprovalState.USED, DOUBTFUL),
        (
            ended_as(Ending.REFUSED),
            ApprovalState.REJECTED,
            "a person said no; nothing has happened",
        ),
        (
            ended_as(Ending.REFUSED),
            ApprovalState.UNDONE,
            "the yes was taken back; nothing has happened",
        ),
        (
            ended_as(Ending.EXPIRED),
            ApprovalState.EXPIRED,
            "nobody answered in time; nothing has happened",
        ),
        (
            ended_as(Ending.REFUSED),
            ApprovalState.WITHDRAWN,
            "the agent took it back; nothing has happened",
        ),
        (ended_as(Ending.REFUSED), ApprovalState.STALE, OVER),
        (ended_as(Ending.REFUSED), ApprovalState.CHANGED, OVER),
    ],
)
def test_the_page_says_how_it_stands(ended: Ended, state: ApprovalState, said: str) -> None:
    """In one clause for each end there is."""
    assert dict(waiting.page(ended, replace(APPROVAL, state=state)))["State"] == said


def test_the_page_says_how_to_answer_and_cannot_be_used_for_it() -> None:
    """Word for word what stands on it, wherever the question is."""
    assert waiting.TITLE == "A call waits for a person"
    assert waiting.ABOUT == ("An agent wants to do something that a person has to agree to first.")
    assert waiting.UNKNOWN == "There is no such question here."
    assert waiting.HOW == (
        "To see the whole call and answer it: on the machine of the gateway, run",
        "Nobody can answer on this page. It leaves out what the call would send.",
    )
    assert waiting.command(APPROVAL) == "sallyport inbox show a1"


@pytest.mark.parametrize(
    "ended, is_so",
    [
        (ended_as(Ending.REFUSED, reasons.refuse("approval.withdrawn", agent="bot")), True),
        (ended_as(Ending.REFUSED, reasons.refuse("call.cancelled", agent="bot")), True),
        (
            ended_as(
                Ending.REFUSED,
                reasons.refuse("fence.closed"),
                reasons.refuse("call.cancelled", agent="bot"),
            ),
            True,
        ),
        (ended_as(Ending.REFUSED, reasons.refuse("fence.closed")), False),
        (ended_as(Ending.REFUSED), False),
        (ended_as(Ending.WAITING, Floor(verdict=Verdict.REFUSE, code="call.cancelled")), False),
    ],
)
def test_a_call_was_taken_back_only_where_nothing_has_happened(ended: Ended, is_so: bool) -> None:
    """One of which nobody knows is in doubt."""
    assert waiting.was_withdrawn(ended) is is_so


@pytest.mark.parametrize("ending", Ending)
def test_an_agent_can_be_told_of_everything_that_does_not_wait(ending: Ending) -> None:
    """Of what waits too, once nobody knows what became of it."""
    assert waiting.is_over(ended_as(ending)) is (ending is not Ending.WAITING)
    assert waiting.is_over(ended_as(ending, action=ActionState.IN_DOUBT))
    assert waiting.is_over(ended_as(ending, doubt="no answer"))
    assert waiting.is_over(ended_as(ending, action=ActionState.INTENDED)) is (
        ending is not Ending.WAITING
    )
