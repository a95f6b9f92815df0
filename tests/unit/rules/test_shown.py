"""What of a call is put before a person besides its bare arguments."""

from __future__ import annotations

from sallyport.model import Lookup, Plumbing, Reversible
from sallyport.rules.shown import Shown, shown


def test_amounts_are_shown_as_amounts_and_what_decides_most_is_named() -> None:
    """Among what was given: only whole numbers count cents, and truth values are none."""
    plumbing = Plumbing(
        critical=("iban", "amount", "to"),
        units={"amount": "EUR", "dinar": "KWD", "fee": "EUR", "tip": "EUR", "paid": "EUR"},
        reversible=Reversible.BY_HAND,
        undo=Lookup(tool="bank.take_back", args={}),
    )

    seen = shown({"amount": 62000, "dinar": 1234, "to": "ann", "fee": "7", "paid": True}, plumbing)

    assert seen == Shown(
        critical=("amount", "to"),
        amounts={"amount": "620.00 EUR", "dinar": "1.234 KWD"},
        reversible=Reversible.BY_HAND,
        undo="bank.take_back",
    )
    assert seen.as_json() == {
        "critical": ["amount", "to"],
        "amounts": {"amount": "620.00 EUR", "dinar": "1.234 KWD"},
        "reversible": "by_hand",
        "undo": "bank.take_back",
    }


def test_an_amount_is_never_rounded_however_large_or_fine_it_is() -> None:
    """A person agrees to what they read."""
    plumbing = Plumbing(units={"dinar": "KWD", "yen": "JPY"})
    many = int("9" * 400)

    seen = shown({"dinar": -5, "yen": many}, plumbing)

    assert seen.amounts == {"dinar": "-0.005 KWD", "yen": f"{many}.00 JPY"}


def test_of_a_tool_that_nobody_described_nothing_is_said() -> None:
    """Neither that it can be taken back nor that it cannot."""
    seen = shown({"amount": 62000}, Plumbing())

    assert seen == Shown() == Shown(critical=(), amounts={}, reversible=None, undo="")
    assert seen.as_json() == {"critical": [], "amounts": {}, "reversible": "", "undo": ""}
