"""What each of the four answers must say, what of it is signed, and which key may sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import (
    Ahead,
    Answer,
    ApprovalState,
    JsonObject,
    Level,
    Passed,
    Question,
    Verdict,
)
from sallyport.rules import answering, reasons
from sallyport.rules.answering import (
    REASONS,
    Kind,
    Said,
    admit_hand_over,
    admit_key,
    check,
    signed_part,
)
from sallyport.rules.approval import admit, answered, said_by, statement
from sallyport.rules.routing import meant_for
from tests.requirements import requirement
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LEA, NOW_US, RITA, SAM

ASKING = worlds.context(worlds.boundary(worlds.rule(Level.UPDATE)))
WAITING = worlds.question(ASKING, state=ApprovalState.WAITING, answers=())
ARGS = ASKING.proposal.args


@pytest.mark.parametrize(
    "given",
    [
        Said(kind=Kind.APPROVE),
        Said(kind=Kind.REJECT, code="wrong_value", because="40, not 400"),
        Said(kind=Kind.EDIT, args={**ARGS, "on": "T2"}),
        Said(kind=Kind.WORDS, because="ask her first"),
        Said(kind=Kind.WORDS, because="x" * 4000),
        Said(kind=Kind.ESCALATE),
        Said(kind=Kind.HAND_OVER, to="lead"),
        Said(kind=Kind.NOT_MINE),
    ],
    ids=lambda given: f"{given.kind.value}-{len(given.because)}",
)
def test_every_answer_can_be_given(given: Said) -> None:
    """And what each says is signed, all of it."""
    check(given, ARGS)
    base = said_by(WAITING, given, person="lea", at_us=1)
    others = {
        said_by(WAITING, replace(given, because="other words"), person="lea", at_us=1),
        said_by(WAITING, replace(given, code="other"), person="lea", at_us=1),
        said_by(WAITING, replace(given, args={"on": "T9"}), person="lea", at_us=1),
        said_by(WAITING, replace(given, to="somebody"), person="lea", at_us=1),
        said_by(WAITING, given, person="sam", at_us=1),
        said_by(WAITING, given, person="lea", at_us=2),
    }
    assert base not in others
    assert len(others) == 6


def test_what_is_signed_has_these_names() -> None:
    """Other programs sign answers too, so no name in it ever changes; what is empty is left out."""
    full = Said(
        kind=Kind.EDIT,
        because="b",
        code="other",
        args={"on": "T2"},
        to="sam",
        ahead=Ahead(at_most=5, until_us=9, free=("z", "a")),
        typed="40.00 EUR",
    )
    usual: JsonObject = {"person": "lea", "because": "", "at_us": 1}

    whole: JsonObject = {
        **usual,
        "yes": False,
        "because": "b",
        "kind": "edit",
        "code": "other",
        "args": {"on": "T2"},
        "to": "sam",
        "ahead": {"at_most": 5, "until_us": 9, "free": ["a", "z"]},
        "typed": "40.00 EUR",
    }
    assert signed_part(full, person="lea", at_us=1) == whole
    yes, no = Said(kind=Kind.APPROVE), Said(kind=Kind.REJECT)
    assert signed_part(yes, person="lea", at_us=1) == {**usual, "yes": True}
    assert signed_part(no, person="lea", at_us=1) == {**usual, "yes": False}


def test_what_people_answer_has_these_names() -> None:
    """They are signed, kept and sent by other programs."""
    names = ("approve", "reject", "edit", "words", "escalate", "hand_over", "not_mine")
    parts = [signed_part(Said(kind=Kind(name)), person="lea", at_us=1) for name in names]

    assert [kind.value for kind in Kind] == list(names)
    assert [part.get("kind") for part in parts] == [None, None, *names[2:]]
    yes = Said(kind=Kind.APPROVE)
    assert yes == Said(
        kind=Kind.APPROVE, because="", code="", args=None, to="", ahead=None, typed=""
    )


def test_no_two_kinds_of_answer_have_the_same_bytes() -> None:
    """A signature over one is never good for another."""
    said = [said_by(WAITING, Said(kind=kind), person="lea", at_us=1) for kind in Kind]
    assert len(set(said)) == len(Kind)
    assert statement(WAITING, person="lea", yes=True, because="", at_us=1) == said[0]


_CODES = (
    "wrong_target, wrong_value, unsupported, out_of_date, not_wanted, not_allowed, done_already, "
    "not_now, broken, suspicious, other"
)


@pytest.mark.parametrize(
    "given, what, fix",
    [
        (
            Said(kind=Kind.REJECT, code="x" * 41),
            f"`{'x' * 40}` is no reason to reject",
            f"use one of {_CODES}",
        ),
        (
            Said(kind=Kind.APPROVE, code="other"),
            "`other` is no reason to reject",
            f"use one of {_CODES}",
        ),
        (
            Said(kind=Kind.REJECT, because="no"),
            "no reason to reject was named",
            f"use one of {_CODES}",
        ),
        (Said(kind=Kind.EDIT), "new arguments are given with an edit, and only there", "edit it"),
        (
            Said(kind=Kind.APPROVE, args={}),
            "new arguments are given with an edit, and only there",
            "edit it",
        ),
        (
            Said(kind=Kind.EDIT, args=ARGS),
            "nothing was changed",
            "change an argument, or approve it",
        ),
        (
            Said(kind=Kind.WORDS, because="  "),
            "there are no words for the agent",
            "write what it should do",
        ),
        (
            Said(kind=Kind.HAND_OVER),
            "a question is handed over to somebody",
            "name a person or a role",
        ),
        (
            Said(kind=Kind.ESCALATE, to="lea"),
            "a question is handed over to somebody",
            "name a person or a role",
        ),
        (
            Said(kind=Kind.APPROVE, because="x" * 4001),
            "the reason is longer than 4000 characters",
            "shorten it",
        ),
        (
            Said(kind=Kind.REJECT, code="other", ahead=Ahead(at_most=1, until_us=1)),
            "only a yes covers more calls",
            "leave out how many more",
        ),
    ],
)
def test_an_answer_that_does_not_say_what_it_must_is_refused(
    given: Said, what: str, fix: str
) -> None:
    """One clear sentence for each, and what to do about it."""
    with pytest.raises(BadInputError) as refused:
        check(given, ARGS)
    assert (refused.value.what, refused.value.fix) == (what, fix)


def test_the_reasons_to_reject_are_a_closed_catalogue() -> None:
    """Each is a code and a sentence; what the agent is told has both the reason and the words."""
    assert dict(REASONS) == {
        "wrong_target": "it is about the wrong record, person or recipient",
        "wrong_value": "a value is wrong",
        "unsupported": "nothing supports it",
        "out_of_date": "what it goes by is out of date",
        "not_wanted": "the requester does not want it",
        "not_allowed": "a rule of ours forbids it",
        "done_already": "it was done already",
        "not_now": "it is the wrong time for it",
        "broken": "a system or a tool does not work as it should",
        "suspicious": "it looks like an attack, or like an agent gone wrong",
        "other": "another reason",
    }
    for code, sentence in REASONS.items():
        no = Answer(person="lea", yes=False, because="see", at_us=1, signature="s", code=code)
        said = reasons.say(answering.refusal(no))
        assert said == f"lea said no: {'see' if code == 'other' else f'{sentence}; see'}"


@pytest.mark.parametrize(
    "no, sentence",
    [
        ({}, "lea said no: no reason"),
        ({"because": "  "}, "lea said no: no reason"),
        ({"code": "other", "because": " "}, "lea said no: no reason"),
        ({"code": "of another release", "because": "see"}, "lea said no: see"),
        ({"code": "not_now"}, "lea said no: it is the wrong time for it"),
        ({"kind": "words", "because": "ask her"}, "lea wrote back: ask her"),
        (
            {"kind": "edit", "arguments": ("on", "to")},
            "lea changed on, to, and proposed that in its place: without a word",
        ),
        (
            {"kind": "edit", "arguments": ("on",), "because": "typo"},
            "lea changed on, and proposed that in its place: typo",
        ),
    ],
    ids=str,
)
def test_the_agent_is_told_who_said_no_and_why(no: dict[str, Any], sentence: str) -> None:
    """Whatever of a reason there is: that of the catalogue, their own words, or none."""
    fields: dict[str, Any] = {"because": "", "at_us": 1, "signature": "s", **no}
    floor = answering.refusal(Answer(person="lea", yes=False, **fields))
    assert (floor.verdict, reasons.say(floor)) == (Verdict.REFUSE, sentence)


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
    changed = {"requester": "rita", "editor": "lea", "owner": ""}
    assert admit(WAITING, LEA, now_us=NOW_US, lone=True, **changed) is True
    asker = replace(RITA, roles=frozenset({"lead"}))
    with pytest.raises(NotPermittedError, match="own request"):
        admit(WAITING, asker, now_us=NOW_US, lone=False, requester="rita", editor="", owner="")


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


@pytest.mark.parametrize(
    "who, asked", [(("lead", "owner"), "lead, owner"), ((), "(nobody)")], ids=str
)
def test_a_question_is_handed_to_those_it_asks(who: tuple[str, ...], asked: str) -> None:
    """They are named; whom it was handed to is cut where nobody is called so."""
    question = replace(WAITING, question=Question(who=who))
    with pytest.raises(NotPermittedError) as refused:
        admit_hand_over(question, "x" * 81, {})
    assert refused.value.what == f"`{'x' * 80}` may not answer this"
    assert refused.value.fix == f"hand it to {asked}, or to somebody who is"


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
