"""Who must sign a version before it counts: an owner first, and two where it may widen."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Person
from sallyport.rules.boundary.signing import (
    OWNERS,
    SECONDS,
    Change,
    Missing,
    Signature,
    Statement,
    activation,
    counting,
    missing,
)

ROLES = ("owner", "administrator", "reviewer", "operator", "auditor", "support_lead")
PEOPLE = {
    name: Person(name=name, roles=frozenset(roles), public_key=f"key-of-{name}")
    for name, roles in {
        "ann": ("owner",),
        "bob": ("administrator",),
        "cid": ("reviewer",),
        "dan": ("operator", "auditor", "support_lead"),
        "eve": (),
    }.items()
}
STATEMENT = Statement(
    workflow="support",
    digest="d" * 64,
    proposal="p1",
    against="a" * 64,
    change=Change.WIDENS,
    because="spring",
)

people = st.builds(
    Person,
    name=st.sampled_from("abc"),
    roles=st.frozensets(st.sampled_from(ROLES)),
    public_key=st.sampled_from(["", "k1", "k2"]),
    active=st.booleans(),
)


def signed(name: str, key: str = "") -> Signature:
    """Return somebody's signature."""
    return Signature(person=name, public_key=key or f"key-of-{name}", signature="s", at_us=1)


@pytest.mark.parametrize("change", Change)
@pytest.mark.parametrize("lone", [True, False])
def test_every_set_of_signers_is_enough_or_names_who_is_missing(change: Change, lone: bool) -> None:
    """All of them, by what the roles say: an owner always, a second person where it may widen."""
    for size in range(len(PEOPLE) + 1):
        for names in combinations(PEOPLE, size):
            who = [PEOPLE[name] for name in names]
            owner = {"ann", "bob"} & set(names)
            others = {"ann", "bob", "cid"} & set(names)
            both = change in {Change.FIRST, Change.WIDENS, Change.UNKNOWN} and not lone
            expected = (
                Missing.OWNER if not owner else Missing.SECOND if both and len(others) < 2 else None
            )
            assert missing(change, who, lone=lone) is expected


@given(st.lists(people, max_size=5), st.sampled_from(Change), people)
def test_one_more_signature_never_makes_more_missing(
    who: list[Person], change: Change, more: Person
) -> None:
    """Signing takes nothing away from what others have signed."""
    order = [Missing.OWNER, Missing.SECOND, None]
    before, after = (missing(change, some, lone=False) for some in (who, [*who, more]))

    assert order.index(after) >= order.index(before)


@given(st.lists(people, max_size=5))
def test_nobody_is_two_people(who: list[Person]) -> None:
    """However often one name stands there, and with whatever roles."""
    one = [replace(person, name="a") for person in who]

    assert missing(Change.WIDENS, one, lone=False) is not None


ANN = PEOPLE["ann"]


@pytest.mark.parametrize(
    "ann",
    [
        replace(ANN, active=False),
        replace(ANN, public_key="another"),
        replace(ANN, public_key=""),
        replace(ANN, roles=frozenset({"operator"})),
        replace(ANN, roles=frozenset[str]()),
    ],
)
def test_a_signature_counts_while_its_person_may_sign_with_that_key(ann: Person) -> None:
    """Whoever was switched off, has another key or lost the role has not signed."""
    given_ = (signed("ann"), signed("cid"))

    assert [one.person for one in counting(given_, PEOPLE)] == ["ann", "cid"]
    assert [one.person for one in counting(given_, {**PEOPLE, "ann": ann})] == ["cid"]
    assert [one.person for one in counting(given_, {})] == []


def test_a_person_counts_once() -> None:
    """The first of several signatures of theirs."""
    again = replace(signed("ann"), at_us=2)

    assert counting((signed("ann"), again), PEOPLE) == (signed("ann"),)


@pytest.mark.parametrize("field", [one.name for one in fields(Statement)])
def test_every_part_of_the_statement_is_signed(field: str) -> None:
    """What differs in anything has other bytes."""
    value: Any = Change.NARROWS if field == "change" else f"another {field}"
    other = replace(STATEMENT, **{field: value})

    assert other.as_bytes() != STATEMENT.as_bytes()


def test_a_statement_is_signed_as_doors_show_it() -> None:
    """Its members by name, in the words that other programs read, below one line that says what."""
    assert STATEMENT.as_json() == {
        "workflow": "support",
        "digest": "d" * 64,
        "proposal": "p1",
        "against": "a" * 64,
        "change": "widens",
        "because": "spring",
    }
    assert activation(**STATEMENT.as_json()) == STATEMENT.as_bytes()
    assert Statement(workflow="w", digest="d", proposal="p").as_bytes() == (
        b"sallyport/activate/v2\n"
        b'{"against":"","because":"","change":"first","digest":"d","proposal":"p","workflow":"w"}'
    )


def test_whoever_signs_first_may_sign_second() -> None:
    """Owners are among those who may, and only reviewers besides."""
    assert {"owner", "administrator"} == OWNERS
    assert {"owner", "administrator", "reviewer"} == SECONDS
    assert {change for change in Change if not change.needs_second} == {
        Change.SAME,
        Change.NARROWS,
    }


def test_what_a_version_grants_and_lacks_is_told_in_these_words() -> None:
    """They stand in the ledger and in what doors show, and older entries are read by them."""
    assert {str(change): change.needs_second for change in Change} == {
        "same": False,
        "narrows": False,
        "first": True,
        "widens": True,
        "unknown": True,
    }
    assert missing(Change.WIDENS, [], lone=False) == "owner"
    assert missing(Change.WIDENS, [ANN], lone=False) == "second"
    assert missing(Change.WIDENS, [ANN], lone=True) is None
