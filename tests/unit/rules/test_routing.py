"""In whose list a question stands that was passed on."""

from __future__ import annotations

import pytest

from sallyport.model import Passed
from sallyport.rules.routing import meant_for


def _passed(*steps: tuple[str, str, str]) -> list[Passed]:
    return [
        Passed(person=person, how=how, to=to, because="", at_us=at, signature="")
        for at, (person, how, to) in enumerate(steps)
    ]


HANDS_TO_ANN = ("ben", "hand_over", "ann")
HANDS_TO_BEN = ("ann", "hand_over", "ben")
HANDS_TO_LEADS = ("ben", "hand_over", "lead")
ANN_SAYS_NOT_MINE = ("ann", "not_mine", "")
BEN_SAYS_NOT_MINE = ("ben", "not_mine", "")
ESCALATED = ("ben", "escalate", "")
TO_NOBODY_ELSE = ("ben", "escalate", "cleo")


@pytest.mark.parametrize(
    "steps, is_anns",
    [
        ((), True),
        ((HANDS_TO_ANN,), True),
        ((HANDS_TO_LEADS,), True),
        ((HANDS_TO_BEN,), False),
        ((HANDS_TO_BEN, HANDS_TO_ANN), True),
        ((HANDS_TO_ANN, HANDS_TO_BEN), False),
        ((ANN_SAYS_NOT_MINE,), False),
        ((ANN_SAYS_NOT_MINE, BEN_SAYS_NOT_MINE), False),
        ((BEN_SAYS_NOT_MINE,), True),
        ((BEN_SAYS_NOT_MINE, ANN_SAYS_NOT_MINE), False),
        ((HANDS_TO_BEN, BEN_SAYS_NOT_MINE), False),
        ((HANDS_TO_BEN, ESCALATED), True),
        ((HANDS_TO_BEN, TO_NOBODY_ELSE), True),
        ((ANN_SAYS_NOT_MINE, ESCALATED), False),
        ((ANN_SAYS_NOT_MINE, HANDS_TO_ANN), True),
        ((ANN_SAYS_NOT_MINE, HANDS_TO_LEADS), False),
        ((HANDS_TO_ANN, ANN_SAYS_NOT_MINE), False),
    ],
)
def test_a_question_stands_with_whoever_it_was_passed_to(
    steps: tuple[tuple[str, str, str], ...], is_anns: bool
) -> None:
    """Whoever said that it is not theirs has it no more, until it is handed to them by name."""
    assert meant_for(_passed(*steps), "ann", {"lead"}) is is_anns
