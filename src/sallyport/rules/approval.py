"""The second gate: who may answer, what an answer does, and when it still counts.

Rules:
  1. The transitions stand in one table. What is not in it is impossible.
  2. An empty list of roles permits nobody. Nobody answers their own request, or what they changed
     themselves, except a lone person in `team: one`, and then the answer says so for ever.
  3. One no ends the question, and so does a change. Enough different people, with different keys,
     saying yes approve it. Silence expires it. The yes of somebody who was switched off before the
     call left counts no more.
  4. An approval counts for one digest, under one boundary, for one state of the target, once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Boundary,
    JsonObject,
    Listed,
    Person,
)
from sallyport.rules import batches, canonical, confirming, cool_off
from sallyport.rules.answering import Kind, Said, signed_part
from sallyport.rules.context import Context, call_digest
from sallyport.rules.times import utc
from sallyport.rules.workflow_steps import is_step

TRANSITIONS: Mapping[tuple[ApprovalState, str], ApprovalState] = {
    (ApprovalState.WAITING, "approve"): ApprovalState.APPROVED,
    (ApprovalState.WAITING, "reject"): ApprovalState.REJECTED,
    (ApprovalState.WAITING, "change"): ApprovalState.CHANGED,
    (ApprovalState.WAITING, "expire"): ApprovalState.EXPIRED,
    (ApprovalState.WAITING, "stale"): ApprovalState.STALE,
    (ApprovalState.WAITING, "withdraw"): ApprovalState.WITHDRAWN,
    (ApprovalState.APPROVED, "use"): ApprovalState.USED,
    (ApprovalState.APPROVED, "expire"): ApprovalState.EXPIRED,
    (ApprovalState.APPROVED, "stale"): ApprovalState.STALE,
    (ApprovalState.APPROVED, "undo"): ApprovalState.UNDONE,
}


_BY_PEOPLE: Mapping[ApprovalState, str] = {
    ApprovalState.APPROVED: "approved",
    ApprovalState.USED: "approved",
    ApprovalState.REJECTED: "rejected",
    ApprovalState.CHANGED: "changed",
}


def move(state: ApprovalState, event: str) -> ApprovalState:
    """Return the state after an event.

    Raises:
        ConflictError: There is no such transition.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise ConflictError(f"an approval that is {state.value} cannot {event}")
    return after


def statement(approval: Approval, *, person: str, yes: bool, because: str, at_us: int) -> bytes:
    """Return the bytes that a person signs: their answer over all that the question binds.

    A yes to what nobody can take back is a yes that names it, as it has to; a no is for another
    reason than those of the catalogue.
    """
    yes_to = Said(kind=Kind.APPROVE, because=because, typed=confirming.value(approval))
    said = yes_to if yes else Said(kind=Kind.REJECT, because=because, code="other")
    return said_by(approval, said, person=person, at_us=at_us)


def said_by(approval: Approval, said: Said, *, person: str, at_us: int) -> bytes:
    """Return the bytes that a person signs, whichever of the answers it is."""
    return signable(bound(approval), signed_part(said, person=person, at_us=at_us))


def said_to_list(
    approval: Approval, listed: Listed, said: Said, *, person: str, at_us: int
) -> bytes:
    """Return the bytes that a person signs for a list that a question stands in.

    Nothing where it does not stand there: nobody has signed nothing.
    """
    if not batches.stands_in(bound(approval), listed):
        return b""
    about = batches.about(approval.object, listed.root, listed.size)
    return batches.signable(about, signed_part(said, person=person, at_us=at_us))


def statement_of(approval: Approval, answer: Answer) -> bytes:
    """Return the bytes that a yes was signed over, to check it again right before the effect."""
    typed = confirming.value(approval)
    said = Said(kind=Kind.APPROVE, because=answer.because, ahead=answer.ahead, typed=typed)
    if answer.listed is not None:
        listed, at_us = answer.listed, answer.at_us
        return said_to_list(approval, listed, said, person=answer.person, at_us=at_us)
    return said_by(approval, said, person=answer.person, at_us=answer.at_us)


def signable(bound_to: JsonObject, answer: JsonObject) -> bytes:
    """Return the bytes to sign for an answer to what a question binds, as `bound` gives it."""
    return b"sallyport/answer/v1\n" + canonical.encode({**answer, "approval": bound_to})


def bound(approval: Approval) -> JsonObject:
    """Return everything that an approval is bound to."""
    return {
        "id": approval.id,
        "call": approval.call_id,
        "digest": approval.digest,
        "about": approval.about,
        "boundary": approval.boundary,
        "target": approval.target,
        "who": list(approval.question.who),
        "how_many": approval.question.how_many,
        "expires_us": approval.expires_us,
    }


def admit(
    approval: Approval,
    person: Person,
    *,
    requester: str,
    now_us: int,
    lone: bool,
    editor: str,
    owner: str,
) -> bool:
    """Check that this person may answer now, and return whether it is their own request.

    Args:
        approval: The question.
        person: Who answers; enrolled, with a key.
        requester: The person the call is for.
        editor: The person whose change made the call what it is; empty where nobody changed it.
        owner: The agent's owner, where the settings keep owners from answering for their agents.
        now_us: The time of the answer.
        lone: Whether `team: one` is in force.

    Raises:
        NotPermittedError: Not a role that may answer, or one's own request.
        ConflictError: It was answered, used or ended already, or this person has spoken.
    """
    if approval.state is not ApprovalState.WAITING:
        raise ConflictError(settled(approval))
    if now_us >= approval.expires_us:
        raise ConflictError(f"approval `{approval.id}` has expired")
    if any(answer.person == person.name for answer in approval.answers):
        raise ConflictError(f"`{person.name}` has answered `{approval.id}` already")
    _admit_role(approval, person, lone=lone)
    if lone:
        return person.name in {requester, editor}
    apart = {
        owner: "here nobody answers for an agent that they own",
        editor: "nobody answers what they changed themselves",
        requester: "nobody answers their own request",
    }
    if person.name in apart:
        raise NotPermittedError(apart[person.name], fix="ask somebody else who holds the role")
    return False


def settled(approval: Approval) -> str:
    """Return how a question that waits no more came to its end: by whom and when, if people did."""
    said = _BY_PEOPLE.get(approval.state)
    if said is None or not approval.answers:
        return f"question `{approval.id}` is {approval.state.value} already"
    last = approval.answers[-1]
    return f"question `{approval.id}` was {said} by {last.person} at {utc(last.at_us)}"


def answered(approval: Approval, answer: Answer) -> Approval:
    """Return the approval with one more answer.

    One no rejects it, one change ends it as it was, enough yeses approve it.
    """
    answers = (*approval.answers, answer)
    state = approval.state
    if not answer.yes:
        state = move(state, "change" if answer.kind else "reject")
    approval = replace(approval, answers=answers)
    if answer.yes and _agreed(approval) >= approval.question.how_many:
        state = move(state, "approve")
    return replace(approval, state=state)


def still_counting(approval: Approval, people: Collection[str]) -> Approval:
    """Return the approval with only the answers of those whose signature counts now.

    Args:
        approval: The question as it was answered so far.
        people: The names of those who are active and enrolled with a key.
    """
    answers = tuple(answer for answer in approval.answers if answer.person in people)
    return replace(approval, answers=answers)


def satisfies(context: Context) -> bool:
    """Return whether the context's approval answers the question this call puts now."""
    approval = context.approval
    if approval is None or approval.state is not ApprovalState.APPROVED:
        return False
    boundary = context.active
    return boundary is not None and (
        approval.digest == call_digest(context)
        and _still(approval, context, boundary)
        and _agreed(approval) >= approval.question.how_many
        and cool_off.is_over(approval, context.now_us)
        and context.now_us < approval.ends_us
    )


def _agreed(approval: Approval) -> int:
    return sum(answer.yes for answer in approval.answers)


def _still(approval: Approval, context: Context, boundary: Boundary) -> bool:
    return approval.boundary == boundary.digest and approval.target == context.target


def _admit_role(approval: Approval, person: Person, *, lone: bool) -> None:
    if not person.can_sign:
        raise NotPermittedError(f"`{person.name}` is not enrolled")
    held = {role for role in person.roles if role == person.name or not is_step(role)}
    if not lone and not held.intersection(approval.question.who):
        who = ", ".join(approval.question.who) or "(nobody)"
        raise NotPermittedError(f"`{approval.id}` asks {who}")
