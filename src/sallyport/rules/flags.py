"""Questions that only people close: whatever becomes of the call, somebody must have decided.

Rules:
  1. A question is flagged by what was found when it was put, which every answer signs.
  2. It leaves the queue with an answer of somebody whom it asks, or, where the call is over without
     one, with a decision that such a person signs. Time, a stop and the agent do not close it.
  3. A decision on what is over has no effect but to be on record. No program makes one.
"""

from __future__ import annotations

from typing import Final

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Approval, JsonObject, Person
from sallyport.rules.answering import BECAUSE_MAX

FINDING: Final = "review.needs_human"
VERB: Final = "decide"
"""What is signed for a flagged question whose call is over."""


def is_flagged(approval: Approval) -> bool:
    """Return whether only people close a question."""
    found = approval.object.get("findings")
    return isinstance(found, list) and FINDING in found


def details(approval_id: str, because: str) -> JsonObject:
    """Return what a person signs to close what is over.

    Raises:
        BadInputError: They do not say what they think of it.
    """
    if not because.strip() or len(because) > BECAUSE_MAX:
        raise BadInputError(
            "a decision needs its words",
            fix='add --because "…": what you looked at, what you think',
        )
    return {"approval": approval_id, "because": because}


def admit(approval: Approval, person: Person, *, requester: str, lone: bool) -> None:
    """Check that a person may close a flagged question whose call is over.

    Raises:
        NotPermittedError: It asks others, or it was their own request.
    """
    who = approval.question.who
    if not lone and not person.roles.intersection(who):
        asked = ", ".join(who) or "(nobody)"
        raise NotPermittedError(f"`{approval.id}` is for {asked} to decide")
    if not lone and person.name == requester:
        raise NotPermittedError(
            "nobody decides on their own request", fix="ask somebody else who holds the role"
        )
