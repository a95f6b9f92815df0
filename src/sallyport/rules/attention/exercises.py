"""An exercise: a question that was answered before, put once more, changed or as it was.

A *canary* is a past call with one value made wrong. A *second look* is a past call as it was, put
to somebody who does not know how it was answered. Neither can be told from a real question before
it is answered, and whoever answers is told at once what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sallyport.model import (
    Answer,
    Approval,
    ApprovalState,
    Call,
    Ending,
    Json,
    JsonObject,
    Origin,
    Person,
    Plumbing,
    Verdict,
)
from sallyport.rules import approval_object, canonical, confirming
from sallyport.rules.answering import PASSES
from sallyport.rules.answering import Kind as Answers
from sallyport.rules.roles import may
from sallyport.rules.times import SECOND_US

PEOPLE_MIN: Final = 3
"""With fewer who answer, there are no exercises and no figures: they would be about a person."""

WHOLE: Final = 1000
DELAY_S: Final = (600, 7200)
"""An exercise comes so many seconds after the answer that it is made from, at least and at most."""


class Kind(StrEnum):
    """What an exercise is."""

    CANARY = "canary"
    SECOND_LOOK = "second_look"


class Outcome(StrEnum):
    """What came of an exercise."""

    CAUGHT = "caught"
    MISSED = "missed"
    AGREED = "agreed"
    DIFFERED = "differed"
    PASSED_ON = "passed_on"
    """Whoever had it left it to others, which says nothing either way."""


class State(StrEnum):
    """Where an exercise stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The value that a canary shows, the one that was there, and what kind of mistake that is.

    `how` is `recipient`, `amount` or `record`.
    """

    argument: str
    how: str
    was: Json
    shown: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise.

    `call` is a picture of a call: no call of its id is kept anywhere. `of` is the question that it
    was made from, `first` how that was answered, and `knows` who saw that one and is left out.
    """

    kind: Kind
    state: State
    approval: Approval
    call: Call
    of: str
    of_call: str
    first: str
    knows: tuple[str, ...]
    wrong: Wrong | None = None
    answer: Answer | None = None

    @property
    def id(self) -> str:
        """The id of the question that people see."""
        return self.approval.id


def reviewers(people: Iterable[Person]) -> tuple[Person, ...]:
    """Return the people who can answer questions now."""
    return tuple(one for one in people if one.can_sign and may(one.roles, "call.answer"))


def enough(people: Iterable[Person]) -> bool:
    """Return whether so many people answer that a figure is about none of them."""
    return len(reviewers(people)) >= PEOPLE_MIN


def sampled(approval_id: str, kind: Kind, per_thousand: int) -> bool:
    """Return whether an exercise is made from a question: its id decides, so nobody can choose."""
    return _number(approval_id, f"{kind.value} is drawn") % WHOLE < per_thousand


def due_us(approval_id: str, kind: Kind, answered_us: int) -> int:
    """Return when the exercise that is made from a question comes."""
    low, high = DELAY_S
    after_s = low + _number(approval_id, f"{kind.value} comes") % (high - low)
    return answered_us + after_s * SECOND_US


def drawn(approval_id: str, of: int) -> int:
    """Return which one of so many is taken, by the question's id."""
    return _number(approval_id, "one of several") % of


def put(
    of: Approval,
    call: Call,
    *,
    fresh: tuple[str, str],
    nonce: str,
    at_us: int,
    plumbing: Plumbing,
    wrong: Wrong | None = None,
) -> Exercise:
    """Return the exercise that is made from an answered question.

    Args:
        of: The question, as it was answered.
        call: Its call.
        fresh: An id for the question that people see, and one for its picture of a call.
        nonce: A number that nobody could guess and nothing has used.
        at_us: When it is put.
        plumbing: How its tool is handled, from which it follows what is typed before a yes.
        wrong: What is made wrong; nothing for a second look.
    """
    approval_id, call_id = fresh
    args = call.proposal.args
    args = {**args, wrong.argument: wrong.shown} if wrong is not None else args
    expires_us = at_us + of.question.within_s * SECOND_US
    about: JsonObject = {
        **_object(of.object, args),
        "approval": approval_id,
        "nonce": nonce,
        "expires_us": expires_us,
        confirming.PART: confirming.wanted(args, plumbing),
    }
    # No call has this digest, whatever it holds: it is of something else than a call.
    digest = canonical.digest("exercise", about)
    approval = replace(
        of,
        id=approval_id,
        call_id=call_id,
        digest=digest,
        state=ApprovalState.WAITING,
        asked_us=at_us,
        expires_us=expires_us,
        about=approval_object.digest(about),
        object=about,
        answers=(),
        passed=(),
        risen=1,
    )
    return Exercise(
        kind=Kind.SECOND_LOOK if wrong is None else Kind.CANARY,
        state=State.WAITING,
        approval=approval,
        call=_picture(call, args, approval, digest),
        of=of.id,
        of_call=call.id,
        first=first_of(of),
        knows=tuple(dict.fromkeys(one.person for one in of.answers)),
        wrong=wrong,
    )


def first_of(answered: Approval) -> str:
    """Return how a question was answered: `approve`, `reject`, `edit` or `words`."""
    if not answered.answers:
        return ""
    last = answered.answers[-1]
    return last.kind or (Answers.APPROVE if last.yes else Answers.REJECT).value


def outcome(exercise: Exercise, kind: Answers) -> Outcome:
    """Return what an answer to an exercise means. Nothing but a yes overlooks what is wrong."""
    yes = kind is Answers.APPROVE
    if kind in PASSES:
        return Outcome.PASSED_ON
    if exercise.kind is Kind.CANARY:
        return Outcome.MISSED if yes else Outcome.CAUGHT
    agrees = yes is (exercise.first == Answers.APPROVE.value)
    return Outcome.AGREED if agrees else Outcome.DIFFERED


def outcome_of(over: Exercise) -> Outcome:
    """Return what came of an exercise that was answered."""
    kind = over.answer.kind if over.answer is not None else Answers.NOT_MINE.value
    return outcome(over, Answers(kind))


def _picture(call: Call, args: JsonObject, approval: Approval, digest: str) -> Call:
    """Return what looks like a call that waits. It is said to be of the gateway, which it is."""
    proposal = replace(
        call.proposal, call_id=approval.call_id, args=args, origin=Origin.GATEWAY, answers={}
    )
    return replace(
        call,
        id=approval.call_id,
        proposal=proposal,
        digest=digest,
        ending=Ending.WAITING,
        action=None,
        approval_id=approval.id,
        verdict=Verdict.ASK,
        idempotency_key="",
        delivered=False,
    )


def _object(made: JsonObject, args: JsonObject) -> JsonObject:
    action = made.get("action")
    parts: JsonObject = action if isinstance(action, dict) else {}
    return {**made, "action": {**parts, "args": args}}


def _number(approval_id: str, what: str) -> int:
    said = f"sallyport/exercise/v1\n{what}\n{approval_id}".encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:8], "big")
