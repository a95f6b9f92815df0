"""What is typed before a yes to what nobody can take back, and what passes for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.errors import NotConfirmedError
from sallyport.model import (
    Approval,
    ApprovalState,
    Json,
    JsonObject,
    Plumbing,
    Question,
    Reversible,
)
from sallyport.rules import confirming
from sallyport.rules.answering import Kind, Said

LONGEST = "x" * 80


def _plumbing(*critical: str, reversible: Reversible | None = Reversible.FALSE) -> Plumbing:
    return Plumbing(reversible=reversible, critical=critical, units={"cents": "EUR"})


def _asks(confirm: Json) -> Approval:
    return Approval(
        id="a1",
        call_id="c1",
        digest="d",
        boundary="v1",
        question=Question(who=("lead",)),
        state=ApprovalState.WAITING,
        asked_us=0,
        expires_us=9,
        object={"confirm": confirm},
    )


TO = _asks({"name": "to", "value": "ada@brandt.example"})


@pytest.mark.parametrize("reversible", [None, Reversible.TRUE, Reversible.BY_HAND])
def test_nothing_is_typed_where_it_can_be_taken_back(reversible: Reversible | None) -> None:
    """Or where nobody said that it cannot."""
    plumbing = _plumbing("to", reversible=reversible)

    assert confirming.wanted({"to": "ada"}, plumbing) is None


@pytest.mark.parametrize(
    "args, critical, name, value",
    [
        ({"note": "hi", "to": "ada"}, ("to",), "to", "ada"),
        ({"to": "ada", "cents": 6200}, ("cents", "to"), "cents", "62.00 EUR"),
        ({"to": "ada", "number": 7}, ("number",), "number", "7"),
        ({"to": "ada", "note": "hi"}, ("absent",), "to", "ada"),
        ({"to": "ada", "note": "hi"}, (), "to", "ada"),
        ({"to": "  ada \n"}, ("to",), "to", "ada"),
        ({"to": " ", "note": "hi"}, ("to",), "note", "hi"),
        ({"to": "", "note": "hi"}, ("to",), "note", "hi"),
        ({"to": "x"}, ("to",), "to", "x"),
        ({"to": LONGEST}, ("to",), "to", LONGEST),
        ({"to": LONGEST + "x", "note": "hi"}, ("to",), "note", "hi"),
        ({"to": ["ada"], "all": None, "note": "hi"}, ("to", "all"), "note", "hi"),
        ({"share": Decimal("0.5"), "note": "hi"}, ("share",), "note", "hi"),
    ],
    ids=[
        *("critical", "an amount", "a number", "critical is absent", "nothing critical", "spaces"),
        *("blank", "empty", "shortest", "longest", "too long", "no text", "a fraction"),
    ],
)
def test_the_first_value_that_decides_is_typed_as_it_will_be_sent(
    args: JsonObject, critical: tuple[str, ...], name: str, value: str
) -> None:
    """Amounts as amounts; what nobody types is passed over."""
    found = confirming.wanted(args, _plumbing(*critical))

    assert found == {"name": name, "value": value}


@pytest.mark.parametrize("args", [{}, {"to": ""}, {"to": ["ada"]}], ids=str)
def test_where_nothing_can_be_typed_nothing_is(args: JsonObject) -> None:
    """The question is asked without it."""
    assert confirming.wanted(args, _plumbing("to")) is None


@pytest.mark.parametrize(
    "confirm, asked, value",
    [
        ({"name": "to", "value": "ada"}, {"name": "to", "value": "ada"}, "ada"),
        (None, None, ""),
        ("ada", None, ""),
        ({"name": "to"}, {"name": "to"}, ""),
        ({"name": "to", "value": None}, {"name": "to", "value": None}, ""),
    ],
    ids=str,
)
def test_what_is_to_be_typed_stands_in_what_is_answered_about(
    confirm: Json, asked: JsonObject | None, value: str
) -> None:
    """Nowhere else, and nothing where it does not stand there."""
    assert confirming.asked(_asks(confirm)) == asked
    assert confirming.value(_asks(confirm)) == value


@pytest.mark.parametrize(
    "approval, kind, typed",
    [
        (TO, Kind.APPROVE, "ada@brandt.example"),
        (TO, Kind.REJECT, ""),
        (TO, Kind.ESCALATE, ""),
        (_asks(None), Kind.APPROVE, ""),
        (_asks(None), Kind.WORDS, ""),
    ],
)
def test_a_yes_says_what_it_is_to_and_nothing_else_is_typed(
    approval: Approval, kind: Kind, typed: str
) -> None:
    """A no takes no typing."""
    confirming.check(approval, Said(kind=kind, typed=typed))


UNTYPED = "this cannot be taken back, and `to` was not typed as it stands there"
TOO_MUCH = "something was typed where nothing is asked"


@pytest.mark.parametrize(
    "approval, kind, typed, what",
    [
        (TO, Kind.APPROVE, "", UNTYPED),
        (TO, Kind.APPROVE, "ada@brandt.example ", UNTYPED),
        (TO, Kind.APPROVE, "Ada@brandt.example", UNTYPED),
        (TO, Kind.REJECT, "ada@brandt.example", TOO_MUCH),
        (_asks(None), Kind.APPROVE, "ada", TOO_MUCH),
        (_asks(None), Kind.REJECT, "ada", TOO_MUCH),
    ],
)
def test_what_was_typed_otherwise_is_no_yes(
    approval: Approval, kind: Kind, typed: str, what: str
) -> None:
    """A value that only looks the same is another one."""
    with pytest.raises(NotConfirmedError) as refused:
        confirming.check(approval, Said(kind=kind, typed=typed))

    fix = "leave it out" if what == TOO_MUCH else NotConfirmedError.fix
    assert (refused.value.what, refused.value.fix) == (what, fix)
