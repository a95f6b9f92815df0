"""What is said about a call that waits for a person, to whoever is not the agent itself.

Rules:
  1. No argument of a call is shown: these words reach people whom nobody has identified.
  2. They say that nothing has happened, who can change that, until when, and how. None of them can
     be used to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sallyport.model import ActionState, Approval, ApprovalState, Ending
from sallyport.rules.commands import Ended
from sallyport.rules.times import utc

TAKEN_BACK: Final = frozenset({"approval.withdrawn", "call.cancelled"})
"""The reasons with which a call ends that its agent took back."""

TITLE: Final = "A call waits for a person"
ABOUT: Final = "An agent wants to do something that a person has to agree to first."
UNKNOWN: Final = "There is no such question here."
"""What is said of an address that nobody was given."""

HOW: Final = (
    "To see the whole call and answer it: on the machine of the gateway, run",
    "Nobody can answer on this page. It leaves out what the call would send.",
)


def status(ended: Ended) -> str:
    """Return how it stands with a call that is a task of a client, in one line; empty if over."""
    if was_withdrawn(ended):
        return "It was taken back. Nothing has happened."
    approval = ended.approval
    if is_over(ended):
        return ""
    if approval is None or approval.state is not ApprovalState.WAITING:
        return _under_way(approval)
    return (
        f"HELD, NOT DONE. `{ended.call.proposal.tool}` waits for a yes from {_who(approval)}, "
        f"until {utc(approval.expires_us)} (question {approval.id})."
    )


def elicitation(ended: Ended, approval: Approval) -> str:
    """Return what a client shows its user beside the link to the page."""
    return (
        f"Nothing has happened yet: `{ended.call.proposal.tool}` waits for a yes from "
        f"{_who(approval)}, until {utc(approval.expires_us)} (question {approval.id}). The page "
        "says how to answer. Go on when it was answered; going on earlier approves nothing."
    )


def page(ended: Ended, approval: Approval) -> tuple[tuple[str, str], ...]:
    """Return what the page behind the link says, line by line: what it is about, and the words."""
    return (
        ("Question", approval.id),
        ("Tool", ended.call.proposal.tool),
        ("Workflow", ended.call.workflow),
        ("Who may answer", _who(approval)),
        ("Until", utc(approval.expires_us)),
        ("State", _state(ended, approval)),
    )


def command(approval: Approval) -> str:
    """Return the command with which a person looks at a question."""
    return f"sallyport inbox show {approval.id}"


def was_withdrawn(ended: Ended) -> bool:
    """Return whether the agent took its call back and nothing has happened."""
    return ended.ending is Ending.REFUSED and any(one.code in TAKEN_BACK for one in ended.floors)


def is_over(ended: Ended) -> bool:
    """Return whether the agent can be told how the call ended, be it that nobody knows."""
    in_doubt = bool(ended.doubt) or ended.action is ActionState.IN_DOUBT
    return in_doubt or ended.ending is not Ending.WAITING


def _under_way(approval: Approval | None) -> str:
    if approval is None or not approval.not_before_us:
        return "It was approved and is under way."
    leaves = utc(approval.not_before_us)
    return f"It was approved, and leaves at {leaves} unless the yes is taken back before."


def _state(ended: Ended, approval: Approval) -> str:
    if ended.doubt or ended.action is ActionState.IN_DOUBT:
        return "approved and sent; whether it happened is not known, and a person has to find out"
    if ended.ending is Ending.WAITING:
        waits = approval.state is ApprovalState.WAITING
        return "waits; nothing has happened yet" if waits else "approved, under way"
    if ended.ending is Ending.DONE and ended.action is ActionState.DONE:
        return "approved and done"
    return _OVER.get(approval.state, "over; it was not done")


_OVER: Final[Mapping[ApprovalState, str]] = {
    ApprovalState.REJECTED: "a person said no; nothing has happened",
    ApprovalState.UNDONE: "the yes was taken back; nothing has happened",
    ApprovalState.EXPIRED: "nobody answered in time; nothing has happened",
    ApprovalState.WITHDRAWN: "the agent took it back; nothing has happened",
}


def _who(approval: Approval) -> str:
    who = " or ".join(approval.question.who)
    number = approval.question.how_many
    return who if number == 1 else f"{number} of {who}"
