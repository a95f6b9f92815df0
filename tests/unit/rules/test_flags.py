"""Questions that only people close: which they are, what closes one, and who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Json, Question
from sallyport.rules import flags
from tests.unit.rules import worlds

ASKED = replace(worlds.question(worlds.context()), question=Question(who=("lead",)))


@pytest.mark.parametrize(
    "findings, flagged",
    [
        (["review.needs_human"], True),
        (["level.ask", "review.needs_human"], True),
        (["level.ask"], False),
        ([], False),
        (None, False),
        ("review.needs_human", False),
        ({"review.needs_human": 1}, False),
    ],
)
def test_a_question_is_flagged_by_what_was_found_when_it_was_put(
    findings: Json,
    flagged: bool,
) -> None:
    """In the list that every answer signs, and nowhere else."""
    assert flags.is_flagged(replace(ASKED, object={"findings": findings})) is flagged
    assert not flags.is_flagged(replace(ASKED, object={}))


def test_a_decision_is_signed_with_its_words() -> None:
    """What was looked at and thought, of one question."""
    assert flags.VERB == "decide"
    assert flags.details("a1", "w" * 4000) == {"approval": "a1", "because": "w" * 4000}


@pytest.mark.parametrize("because", ["", " \n", "w" * 4001])
def test_a_decision_without_words_is_none(because: str) -> None:
    """Nor one with more than anybody reads."""
    with pytest.raises(BadInputError) as caught:
        flags.details("a1", because)
    assert caught.value.what == "a decision needs its words"
    assert caught.value.fix == 'add --because "…": what you looked at, what you think'


def test_somebody_whom_it_asks_may_close_it() -> None:
    """With one of its roles, and not on their own request; who works alone, on any."""
    both = replace(ASKED, question=Question(who=("lead", "support")))
    flags.admit(ASKED, worlds.LEA, requester="rita", lone=False)
    flags.admit(both, worlds.LEA, requester="rita", lone=False)
    flags.admit(ASKED, worlds.LEA, requester="lea", lone=True)
    flags.admit(ASKED, worlds.RITA, requester="rita", lone=True)


@pytest.mark.parametrize(
    "who, asked",
    [(("owner",), "owner"), (("owner", "security"), "owner, security"), ((), "(nobody)")],
)
def test_nobody_else_may(who: tuple[str, ...], asked: str) -> None:
    """It says whom it asks."""
    others = replace(ASKED, question=Question(who=who))
    with pytest.raises(NotPermittedError) as caught:
        flags.admit(others, worlds.LEA, requester="rita", lone=False)
    assert caught.value.what == f"`a1` is for {asked} to decide"
    assert caught.value.fix == NotPermittedError.fix


def test_nobody_decides_on_their_own_request() -> None:
    """Not even whom it asks."""
    with pytest.raises(NotPermittedError) as caught:
        flags.admit(ASKED, worlds.LEA, requester="lea", lone=False)
    assert caught.value.what == "nobody decides on their own request"
    assert caught.value.fix == "ask somebody else who holds the role"
