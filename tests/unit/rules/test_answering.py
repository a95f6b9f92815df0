"""What each of the four answers must say, what of it is signed, and which key may sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Answer, ApprovalState, JsonObject, Level, Passed
from sallyport.rules import answering, reasons
from sallyport.rules.answering import REASONS, Kind, Said, admit_hand_over, admit_key, check
from sallyport.rules.approval import admit, answered, said_by, statement
from sallyport.rules.routing import meant_for
from tests.requirements import requirement
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LEA, NOW_US, RITA, SAM

ASKING = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
WAITING = worlds.question(ASKING, state=ApprovalState.WAITING, answers=())
ARGS = ASKING.proposal.args


@pytest.mark.parametrize(
    "said",
    [
        Said(kind=Kind.APPROVE),
        Said(kind=Kind.REJECT, code="wrong_value", because="40, not 400"),
        Said(kind=Kind.EDIT, args={**ARGS, "on": "T2"}),
        Said(kind=Kind.WORDS, because="ask her first"),
        Said(kind=Kind.ESCALATE),
        Said(kind=Kind.HAND_OVER, to="lead"),
        Said(kind=Kind.NOT_MINE),
    ],
    ids=lambda said: said.kind.value,
)
def test_every_answer_can_be_given(said: Said) -> None:
    """And what each says is signed, all of it."""
    check(said, ARGS)
    base = said_by(WAITING, said, person="lea", at_us=1)
    others = {
        said_by(WAITING, replace(said, because="other words"), person="lea", at_us=1),
        said_by(WAITING, replace(said, code="other"), person="lea", at_us=1),
        said_by(WAITING, replace(said, args={"on": "T9"}), person="lea", at_us=1),
        said_by(WAITING, replace(said, to="somebody"), person="lea", at_us=1),
        said_by(WAITING, said, person="sam", at_us=1),
        said_by(WAITING, said, person="lea", at_us=2),
    }
    assert base not in others
    assert len(others) == 6


def test_no_two_kinds_of_answer_have_the_same_bytes() -> None:
    """A signature over one is never good for another."""
    said = [said_by(WAITING, Said(kind=kind), person="lea", at_us=1) for kind in Kind]
    assert len(set(said)) == len(Kind)
    assert statement(WAITING, person="lea", yes=True, because="", at_us=1) == said[0]


@pytest.mark.parametrize(
    "said, sentence",
    [
        (Said(kind=Kind.REJECT, code="bad mood"), "no reason to reject"),
        (Said(kind=Kind.APPROVE, code="other"), "no reason to reject"),
        (Said(kind=Kind.REJECT, because="no"), "no reason to reject was named"),
        (Said(kind=Kind.EDIT), "new arguments"),
        (Said(kind=Kind.APPROVE, args={}), "new arguments"),
        (Said(kind=Kind.EDIT, args=ARGS), "nothing was changed"),
        (Said(kind=Kind.WORDS, because="  "), "no words"),
        (Said(kind=Kind.HAND_OVER), "handed over to somebody"),
        (Said(kind=Kind.ESCALATE, to="lea"), "handed over to somebody"),
        (Said(kind=Kind.APPROVE, because="x" * 4001), "longer than 4000"),
    ],
)
def test_an_answer_that_does_not_say_what_it_must_is_refused(said: Said, sentence: str) -> None:
    """One clear sentence for each."""
    with pytest.raises(BadInputError, match=sentence):
        check(said, ARGS)


def test_the_reasons_to_reject_are_a_closed_catalogue() -> None:
    """Each is a code and a sentence; what the agent is told has both the reason and the words."""
    assert all(code.replace("_", "").isalpha() for code in REASONS)
    for code, sentence in REASONS.items():
        no = Answer(person="lea", yes=False, because="see", at_us=1, signature="s", code=code)
        said = reasons.say(answering.refusal(no))
        assert said == f"lea said no: {'see' if code == 'other' else f'{sentence}; see'}"


@pytest.mark.parametrize("kind", ["edit", "words"])
def test_a_change_ends_the_question_as_it_was(kind: str) -> None:
    """Even where two yeses were asked for and one was given."""
    given = Answer(person="lea", yes=False, because="b", at_us=1, signature="s", kind=kind)
    after = answered(WAITING, given)

    assert after.state is ApprovalState.CHANGED
    assert (
        answering.refusal(given).code
        == {"edit": "approval.edited", "words": "approval.words"}[kind]
    )


@requirement("B-95")
def test_requester_editor_and_declared_owner_do_not_answer() -> None:
    """Unless one works alone, and then the answer says so."""
    for who in ({"requester": "lea"}, {"editor": "lea"}, {"owner": "lea"}):
        parts = {"requester": "rita", "editor": "", "owner": "", **who}
        with pytest.raises(NotPermittedError):
            admit(WAITING, LEA, now_us=NOW_US, lone=False, **parts)
        assert admit(WAITING, SAM, now_us=NOW_US, lone=False, **parts) is False
    assert admit(WAITING, LEA, now_us=NOW_US, lone=True, requester="rita", editor="lea") is True
    asker = replace(RITA, roles=frozenset({"lead"}))
    with pytest.raises(NotPermittedError, match="own request"):
        admit(WAITING, asker, now_us=NOW_US, lone=False, requester="rita")


def test_a_key_answers_once() -> None:
    """Two people who share a key are one signature."""
    once = answered(
        WAITING,
        Answer(person="sam", yes=False, because="", at_us=1, signature="s", kind="words", key="k1"),
    )
    with pytest.raises(NotPermittedError, match="answered already"):
        admit_key(once, LEA, "k1", Level.READ)
    admit_key(once, LEA, "k2", Level.READ)


@requirement("B-50")
@pytest.mark.parametrize("level", list(Level))
def test_whoever_has_a_passkey_answers_with_it_where_it_matters(level: Level) -> None:
    """At *update* and *external* a key in a file is not enough any more."""
    passkey = "passkey:localhost:a:b"
    person = replace(LEA, passkeys=(passkey,))
    admit_key(WAITING, person, passkey, level)
    admit_key(WAITING, LEA, LEA.public_key, level)
    if level in {Level.UPDATE, Level.EXTERNAL}:
        with pytest.raises(NotPermittedError, match="has a passkey"):
            admit_key(WAITING, person, LEA.public_key, level)
    else:
        admit_key(WAITING, person, LEA.public_key, level)


def test_handing_over_gives_nobody_a_right() -> None:
    """Only to a role that is asked, or to somebody who holds it and can sign."""
    people = {"lea": LEA, "off": replace(LEA, name="off", active=False), "rita": RITA}
    admit_hand_over(WAITING, "lead", people)
    admit_hand_over(WAITING, "lea", people)
    for to in ("owner", "rita", "off", "nobody"):
        with pytest.raises(NotPermittedError, match="may not answer"):
            admit_hand_over(WAITING, to, people)


def test_what_was_changed_is_named_whatever_its_value() -> None:
    """Added, left out, and another number with the same value."""
    old: JsonObject = {"a": 1, "b": "x", "c": [1, 2]}
    new: JsonObject = {"a": 1, "b": "y", "d": None}
    assert answering.changed(old, new) == ("b", "c", "d")
    assert answering.changed(old, old) == ()


@pytest.mark.parametrize(
    "passed, with_lea, with_sam",
    [
        ((), True, True),
        ((("lea", "not_mine", ""),), False, True),
        ((("lea", "hand_over", "sam"),), False, True),
        ((("lea", "not_mine", ""), ("sam", "hand_over", "lea")), True, False),
        ((("lea", "hand_over", "lead"),), True, True),
        ((("lea", "hand_over", "sam"), ("sam", "escalate", "")), True, True),
    ],
)
def test_passing_on_moves_a_question_between_lists(
    passed: tuple[tuple[str, str, str], ...], *, with_lea: bool, with_sam: bool
) -> None:
    """And nothing more: see `admit`, which does not look at it."""
    told = [
        Passed(person=person, how=how, to=to, because="", at_us=1, signature="s")
        for person, how, to in passed
    ]
    assert meant_for(told, "lea", {"lead"}) is with_lea
    assert meant_for(told, "sam", {"lead"}) is with_sam
