"""An answer in the ledger is what a person signed, and nobody has to be asked to see it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sallyport.model import Ahead, Json, JsonObject
from sallyport.rules import approval_object, batches, canonical
from sallyport.rules.answering import Kind, Said, ahead_of, signed_part
from sallyport.rules.approval import signable
from sallyport.rules.signed_answers import (
    KINDS,
    checkable,
    key_of,
    keys_in,
    problem,
)
from sallyport.rules.signed_answers import (
    signed_part as part_of_entry,
)
from sallyport.rules.trace import Heard

MADE: JsonObject = {
    "agent": "helper",
    "workflow": "support",
    "action": {"tool": "desk.act", "args": {"on": "T1"}},
}
BOUND: JsonObject = {
    "id": "a1",
    "call": "c1",
    "digest": "d",
    "about": approval_object.digest(MADE),
    "boundary": "v1",
    "target": "",
    "who": ["lead"],
    "how_many": 1,
    "expires_us": 900,
}
ASKED = Heard(
    seq=1,
    kind="approval.asked",
    at_us=10,
    body={**{name: value for name, value in BOUND.items() if name != "id"}, "approval": "a1"},
    secret={"object": MADE},
)
KEYS = {"ada": frozenset({"key-1", "key-2"})}


def _signed(key: str, message: bytes) -> str:
    return hashlib.sha256(key.encode() + message).hexdigest()


def _verify(key: str, message: bytes, signature: str) -> bool:
    return _signed(key, message) == signature


def _entry(body: JsonObject, secret: JsonObject) -> Heard:
    more: JsonObject = {"because": canonical.digest("because", secret["because"])}
    return Heard(seq=2, kind="approval.answered", at_us=20, body={**body, **more}, secret=secret)


def _answered(said: Said, key: str = "key-1", made: bytes = b"", **more: Json) -> Heard:
    """Return the entry of an answer, with what a gateway writes down of it."""
    part = signed_part(said, person="ada", at_us=15)
    secret: JsonObject = {"because": said.because}
    body: dict[str, Json] = {"bound": BOUND, "key": key, **part}
    for name in ("args", "typed"):
        if name in body:
            secret[name] = body.pop(name)
    body["signature"] = _signed(key, made or signable(BOUND, part))
    return _entry({**body, **more}, secret)


YES = Said(kind=Kind.APPROVE, because="it is right", typed="T1")
EVERYTHING = [
    Said(kind=Kind.APPROVE),
    YES,
    Said(kind=Kind.APPROVE, ahead=Ahead(at_most=3, until_us=99, free=("on",))),
    Said(kind=Kind.REJECT, code="wrong_value", because="too much"),
    Said(kind=Kind.EDIT, args={"on": "T2"}),
    Said(kind=Kind.EDIT, args={}),
    Said(kind=Kind.WORDS, because="ask them first"),
    Said(kind=Kind.ESCALATE),
    Said(kind=Kind.HAND_OVER, to="ben"),
    Said(kind=Kind.NOT_MINE, because="on leave"),
]


@pytest.mark.parametrize("said", EVERYTHING)
def test_whatever_was_said_is_put_together_again_byte_for_byte(said: Said) -> None:
    """From what stands in clear and what is sealed; either of the person's keys counts."""
    for key in ("key-1", "key-2"):
        assert problem(_answered(said, key), ASKED, KEYS, _verify) == ""
    entry = _answered(said)
    assert part_of_entry(entry.body, entry.secret or {}) == signed_part(
        said, person="ada", at_us=15
    )


def test_an_entry_that_names_no_key_is_taken_by_its_signature() -> None:
    """As older releases wrote it down."""
    entry = _answered(YES)
    body = {name: value for name, value in entry.body.items() if name != "key"}

    assert problem(replace(entry, body=body), ASKED, KEYS, _verify) == ""


SAID_ELSE: dict[str, tuple[JsonObject, JsonObject]] = {
    "another person": ({"person": "ben"}, {}),
    "another time": ({"at_us": 16}, {}),
    "a no": ({"yes": False}, {}),
    "another kind": ({"kind": "words"}, {}),
    "a code": ({"code": "other"}, {}),
    "somebody it went to": ({"to": "ben"}, {}),
    "a yes beforehand": ({"ahead": ahead_of(Ahead(at_most=9, until_us=9))}, {}),
    "other arguments": ({}, {"args": {}}),
    "another value that was typed": ({}, {"typed": "T2"}),
    "no value that was typed": ({}, {"typed": ""}),
}


@pytest.mark.parametrize("what", SAID_ELSE)
def test_nothing_that_was_signed_can_be_changed_afterwards(what: str) -> None:
    """Whoever changes an entry would need the person's key."""
    body, secret = SAID_ELSE[what]
    entry = _answered(YES)
    changed = replace(entry, body={**entry.body, **body}, secret={**(entry.secret or {}), **secret})
    person = changed.body["person"]

    said = problem(changed, ASKED, {**KEYS, "ben": KEYS["ada"]}, _verify)
    assert said == f"no key that `{person}` was enrolled with has signed it"


def test_a_key_that_somebody_was_not_enrolled_with_is_not_theirs() -> None:
    """Nor is another's; a long name is cut, since nobody checked it."""
    entry = _answered(YES, "key-3")

    assert problem(entry, ASKED, KEYS, _verify) == (
        "no key that `ada` was enrolled with has signed it"
    )
    assert problem(_answered(YES), ASKED, {"ben": KEYS["ada"]}, _verify) == (
        "no key that `ada` was enrolled with has signed it"
    )
    long = _answered(YES, person="a" * 81)
    assert problem(long, ASKED, KEYS, _verify) == (
        f"no key that `{'a' * 80}` was enrolled with has signed it"
    )


def test_the_key_that_is_noted_is_the_one_that_signed() -> None:
    """Of two keys of one person, an auditor must know which."""
    entry = _answered(YES)

    noted = replace(entry, body={**entry.body, "key": "key-2"})
    assert problem(noted, ASKED, KEYS, _verify) == (
        "another key is noted than the one that signed it"
    )


def test_the_words_are_the_ones_it_was_given_with() -> None:
    """The clear part holds their digest, so that a later seal cannot hold others."""
    entry = _answered(YES)
    other = replace(entry, secret={**(entry.secret or {}), "because": "it is wrong"})

    assert problem(other, ASKED, KEYS, _verify) == ("its words are not the ones it was given with")


def test_what_was_erased_cannot_be_checked_any_more() -> None:
    """That is no sign of a forgery, and it is said as what it is."""
    entry = _answered(YES)
    erased = "its sealed part was erased, so it cannot be checked any more"
    without = replace(entry, secret=None)
    asked_without = replace(ASKED, secret=None)

    assert checkable(entry, ASKED)
    for one, asked in ((without, ASKED), (entry, None), (entry, asked_without)):
        assert not checkable(one, asked)
        assert problem(one, asked, KEYS, _verify) == erased


@pytest.mark.parametrize("name", [*BOUND])
def test_an_answer_to_another_question_is_none_to_this_one(name: str) -> None:
    """What it binds is compared with the question's own entry, piece by piece."""
    elsewhere: JsonObject = {**BOUND, name: "another"}
    part = signed_part(YES, person="ada", at_us=15)
    entry = _answered(YES, made=signable(elsewhere, part), bound=elsewhere)

    assert problem(entry, ASKED, KEYS, _verify) == (
        "it is about another question than the one that was asked"
    )


@pytest.mark.parametrize("made", [{**MADE, "agent": "another"}, None, "no object", {}])
def test_the_object_that_was_asked_about_is_the_one_that_was_signed(made: Json) -> None:
    """By its digest, in the question as in the answer."""
    other = replace(ASKED, secret={"object": made})

    assert problem(_answered(YES), other, KEYS, _verify) == (
        "it is about another question than the one that was asked"
    )


def test_the_clear_part_of_a_question_names_what_it_was_about() -> None:
    """It is compared as well, so that what is sealed cannot be exchanged together with it."""
    other = replace(ASKED, body={**ASKED.body, "about": "another"})

    assert problem(_answered(YES), other, KEYS, _verify) == (
        "it is about another question than the one that was asked"
    )


def test_a_question_that_had_no_object_was_about_none() -> None:
    """Those of the first release: what their answers bind says so."""
    nothing: JsonObject = {**BOUND, "about": ""}
    asked = replace(ASKED, body={**ASKED.body, "about": ""}, secret={"object": None})
    part = signed_part(YES, person="ada", at_us=15)
    entry = _answered(YES, made=signable(nothing, part), bound=nothing)

    assert problem(entry, asked, KEYS, _verify) == ""


@pytest.mark.parametrize("bound", [None, "a1", ["a1"]])
def test_an_entry_that_binds_nothing_is_about_nothing(bound: Json) -> None:
    """It never raises, whatever stands in the ledger."""
    assert problem(_answered(YES, bound=bound), ASKED, KEYS, _verify) == (
        "it is about another question than the one that was asked"
    )


OTHER: JsonObject = {**BOUND, "id": "a2", "call": "c2"}


def _listed(place: int = 0, **changes: Any) -> Heard:
    """Return the entry of an answer that was signed for a list of two."""
    listed = batches.places([BOUND, OTHER])[place]
    written: dict[str, Any] = {**msgspec.to_builtins(listed), **changes}
    part = signed_part(YES, person="ada", at_us=15)
    made = batches.signable(batches.about(MADE, listed.root, listed.size), part)
    return _answered(YES, made=made, listed=written)


def test_a_signature_for_a_list_holds_for_each_of_its_rows() -> None:
    """By its place under the root that was signed."""
    assert problem(_listed(), ASKED, KEYS, _verify) == ""


@pytest.mark.parametrize(
    "entry",
    [
        _listed(1),
        _listed(index=1),
        _listed(size=1),
        _listed(root="00" * 32),
        _listed(path=[]),
        _listed(size="two"),
    ],
    ids=["another row's", "index", "size", "root", "path", "no number"],
)
def test_what_does_not_stand_in_the_list_was_not_signed_with_it(entry: Heard) -> None:
    """Another row, another place, another list, or none at all."""
    assert problem(entry, ASKED, KEYS, _verify) == ("it does not stand in the list that was signed")


def test_a_list_is_signed_as_a_list() -> None:
    """A signature for one answer is none for a list, nor the other way round."""
    listed = _listed()
    single = _answered(YES, listed=listed.body["listed"])
    body = {name: value for name, value in listed.body.items() if name != "listed"}
    nobody = "no key that `ada` was enrolled with has signed it"

    assert problem(single, ASKED, KEYS, _verify) == nobody
    assert problem(replace(listed, body=body), ASKED, KEYS, _verify) == nobody


def test_the_key_that_made_a_signature_is_found_among_several() -> None:
    """None where none did."""
    assert key_of(b"m", _signed("key-2", b"m"), KEYS["ada"], _verify) == "key-2"
    assert key_of(b"m", _signed("key-3", b"m"), KEYS["ada"], _verify) == ""
    assert key_of(b"m", _signed("key-2", b"m"), frozenset(), _verify) == ""


@pytest.mark.parametrize(
    "body, whose, keys",
    [
        ({"person": "ada", "public_key": "key-1"}, "ada", {"key-1"}),
        (
            {"person": "ada", "public_key": "key-1", "passkeys": ["p1", "p2"]},
            "ada",
            {"key-1", "p1", "p2"},
        ),
        ({"person": "ada", "passkeys": ["p1", ""]}, "ada", {"p1"}),
        ({"person": "ada", "public_key": "", "passkeys": "p1"}, "ada", set[str]()),
        ({"person": "ada", "public_key": None}, "ada", set[str]()),
        ({"step": "step.check", "public_key": "key-4"}, "step.check", {"key-4"}),
    ],
)
def test_an_entry_tells_whose_keys_there_are_since_then(
    body: JsonObject, whose: str, keys: set[str]
) -> None:
    """Of people and of steps; no key is none, and never an empty one."""
    entry = Heard(seq=1, kind="person.kept", at_us=1, body=body)

    assert keys_in(entry) == (whose, frozenset(keys))


def test_two_kinds_of_entries_hold_what_people_signed() -> None:
    """What ends a question, and what passes it on."""
    assert {"approval.answered", "approval.passed"} == KINDS
