"""What whoever answered an exercise is told, at once: what it was, and that nothing follows."""

from __future__ import annotations

from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.answering import Kind as Answers
from sallyport.rules.attention.exercises import Exercise, Kind, Outcome, State, outcome_of

NOTHING = (
    "Nothing was sent, and nothing could have been: an exercise has no call. It counts for the "
    "team, and nobody is named."
)
_OUTCOMES = {
    Outcome.CAUGHT: "This was an exercise. One value had been made wrong, and you did not let it "
    "pass.",
    Outcome.MISSED: "This was an exercise. One value had been made wrong, and you said yes to it.",
    Outcome.AGREED: "This was a second look. Somebody else had answered the same question before, "
    "and you agree.",
    Outcome.DIFFERED: "This was a second look. Somebody else had answered the same question "
    "before, and you do not agree.",
    Outcome.PASSED_ON: "This was an exercise. You passed it on, which counts neither way.",
}
_WRONG = {
    "recipient": "It showed another recipient",
    "amount": "It showed another amount",
    "record": "It showed the record of another task",
}
_FIRST = {
    Answers.APPROVE.value: "It had been approved.",
    Answers.REJECT.value: "It had been rejected.",
    Answers.EDIT.value: "It had been changed.",
    Answers.WORDS.value: "It had been sent back to the agent with words.",
}
_OTHERS = "This was an exercise, and it is over."


def feedback(one: Exercise, person: str) -> JsonObject:
    """Return what a person is told of an exercise that is over.

    Whoever did not answer it hears no more than that it was one.
    """
    if one.state is not State.ANSWERED or one.answer is None or one.answer.person != person:
        return {"mine": False, "sentences": [_OTHERS, NOTHING]}
    came_of_it = outcome_of(one)
    said: list[Json] = [_OUTCOMES[came_of_it], *_details(one), NOTHING]
    return {
        "mine": True,
        "kind": one.kind.value,
        "outcome": came_of_it.value,
        "sentences": said,
        "wrong": _wrong(one),
    }


def _details(one: Exercise) -> list[Json]:
    if one.kind is Kind.SECOND_LOOK:
        return [_FIRST[one.first]] if one.first in _FIRST else []
    return [f"{_WRONG[one.wrong.how]}."] if one.wrong else []


def _wrong(one: Exercise) -> JsonObject | None:
    if one.wrong is None:
        return None
    return {
        "argument": one.wrong.argument,
        "how": one.wrong.how,
        "was": _text(one.wrong.was),
        "shown": _text(one.wrong.shown),
    }


def _text(value: Json) -> str:
    return value if isinstance(value, str) else canonical.text(value)
