"""What a person says about a question, as the JSON doors take it: one of the four answers, signed.

`yes` alone is approve or reject. With a `kind`, it is one of the others, and `yes` is false.
"""

from __future__ import annotations

from collections.abc import Mapping

from sallyport.doors.api import lists, shapes
from sallyport.doors.api.fields import Field, Given, flag, one_of, table, text, whole, words
from sallyport.doors.api.wire import Said as Answered
from sallyport.errors import BadInputError
from sallyport.flow.house import House
from sallyport.flow.inbox.answering import Taken
from sallyport.model import JsonObject
from sallyport.rules.answering import BECAUSE_MAX, REASONS, Kind, Said
from sallyport.rules.attention.exercises import Exercise
from sallyport.rules.attention.telling import feedback
from sallyport.rules.statements import Signed

FIELDS: Mapping[str, Field] = {
    "person": text("who answers"),
    "yes": flag("whether it may be done"),
    "because": words("why", chars_max=BECAUSE_MAX),
    "at_us": whole("when it was signed, microseconds since 1970 UTC"),
    "signature": text("signature over the answer: hex, or a passkey's", chars_max=16_384),
    "kind": one_of(
        [one.value for one in Kind],
        "which answer it is, where it is neither a plain yes nor a plain no",
        optional=True,
    ),
    "code": one_of(list(REASONS), "why it is rejected", optional=True),
    "args": table("with `edit`, the arguments of the call that is made of it", optional=True),
    "typed": words(
        "with a yes to what cannot be taken back, the value of `confirm`, as it stands there",
        optional=True,
        chars_max=200,
    ),
    "to": text("with `hand_over`, the person or role it is handed to", optional=True),
    "ahead": lists.AHEAD,
}

STEP_FIELDS: Mapping[str, Field] = {
    "step": text("the workflow step that answers"),
    **{name: FIELDS[name] for name in ("yes", "because", "at_us", "signature", "code", "typed")},
}
"""What a workflow step says: yes or no."""


def said(body: Given) -> Said:
    """Return what a request's body says.

    Raises:
        BadInputError: It says yes and something else.
    """
    yes, named = body.flag("yes"), body.text("kind")
    kind = Kind(named) if named else (Kind.APPROVE if yes else Kind.REJECT)
    if yes is not (kind is Kind.APPROVE):
        raise BadInputError(f"`yes` is not what `{kind.value}` says", fix="give `yes` as it is")
    return Said(
        kind=kind,
        because=body.text("because"),
        code=body.text("code"),
        args=body.table("args") if "args" in body else None,
        to=body.text("to"),
        typed=body.text("typed"),
        ahead=lists.ahead(body),
    )


async def take(house: House, approval_id: str, body: Given) -> Answered:
    """Take a person's signed answer; the call goes on at once if that settles the question."""
    return await _take(house, approval_id, body, body.text("person"))


async def take_from_step(house: House, approval_id: str, body: Given) -> Answered:
    """Take a workflow step's signed yes or no."""
    return await _take(house, approval_id, body, body.text("step"))


async def _take(house: House, approval_id: str, body: Given, name: str) -> Answered:
    signed = Signed(person=name, at_us=body.whole("at_us"), signature=body.text("signature"))
    taken = await house.inbox.say(approval_id, said(body), signed)
    if taken.exercise is not None:
        return Answered(exercised(taken.exercise, signed.person))
    call = await house.inbox.call(taken.approval.call_id)
    return Answered({**shapes.question(taken.approval, call), **edited(taken)})


def exercised(one: Exercise, person: str) -> JsonObject:
    """Return what a person is told who has answered an exercise."""
    shown: JsonObject = {"approval": one.id, "state": "exercise", "call": one.call.id}
    return {**shown, "exercise": feedback(one, person)}


def edited(taken: Taken) -> JsonObject:
    """Return what became of the call that an edit made; nothing where nothing was edited."""
    if taken.edited is None:
        return {}
    ended = taken.edited
    shown: JsonObject = {
        "call": ended.call.id,
        "ending": ended.ending.value,
        "approval": ended.approval.id if ended.approval else "",
        "sentences": [shapes.floor(one)["sentence"] for one in ended.floors],
    }
    return {"edited": shown}
