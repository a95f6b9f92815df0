"""What a person sees before they answer: whom and how much first, and amounts as amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.doors.cli.items import shown, telling, what_next
from sallyport.model import JsonObject, Lookup, Plumbing, Reversible
from sallyport.rules.shown import shown as args_shown

ARGS: JsonObject = {"memo": "for March", "iban": "DE02 1203 0000 0000 2020 51", "amount": 62000}
PAYING = Plumbing(reversible=Reversible.FALSE, critical=("amount", "iban"), units={"amount": "EUR"})


def item(plumbing: Plumbing, args: JsonObject = ARGS) -> JsonObject:
    """Return a question as the gateway answers it."""
    asked: JsonObject = {
        "kind": "question",
        "tool": "payments.send",
        "system": "bank",
        "level": "external",
        "how_many": 1,
        "args": args,
        "sentences": ["the boundary asks lead (payments.send.ask[0])"],
    }
    return {**asked, **args_shown(args, plumbing).as_json()}


def test_what_decides_whom_and_how_much_stands_first() -> None:
    """With the amount that is meant, and what is sent for it; the rest follows, complete."""
    lines = list(shown(item(PAYING)))
    start = lines.index("whom or how much:")

    assert lines[start : start + 5] == [
        "whom or how much:",
        "  amount: 620.00 EUR, sent as 62000",
        "  iban: DE02 1203 0000 0000 2020 51",
        "other arguments:",
        "  memo: for March",
    ]
    assert "nobody can take it back" in lines


def test_the_list_shows_it_as_well() -> None:
    """Whoever sorts by eye reads euros."""
    assert telling(item(PAYING)) == ("amount=620.00 EUR iban=DE02 1203 0000 0000 2020 51 \u2026")


def test_without_a_declaration_every_argument_stands_in_one_list() -> None:
    """As it was proposed, and nothing is promised about taking it back."""
    lines = list(shown(item(Plumbing())))

    assert "arguments:" in lines
    assert "  amount: 62000" in lines
    assert not [line for line in lines if "take" in line]


@pytest.mark.parametrize(
    "plumbing, line",
    [
        (Plumbing(reversible=Reversible.TRUE), "it can be taken back"),
        (
            Plumbing(reversible=Reversible.TRUE, undo=Lookup(tool="payments.cancel", args={})),
            "it can be taken back with payments.cancel",
        ),
        (
            Plumbing(reversible=Reversible.BY_HAND),
            "it can be taken back by people alone, in the system itself",
        ),
    ],
)
def test_a_way_back_is_named(plumbing: Plumbing, line: str) -> None:
    """As the system's operator declared it."""
    assert line in shown(item(plumbing))


@pytest.mark.parametrize("amount", ["62000", Decimal("620.00"), None, True])
def test_what_counts_no_cents_is_shown_as_it_is(amount: str | Decimal | bool | None) -> None:
    """Such a call is refused; where it is shown, nothing is made of it."""
    assert args_shown({"amount": amount}, PAYING).amounts == {}


def test_only_what_is_there_is_critical() -> None:
    """A critical argument that was left out has no line."""
    assert args_shown({"memo": "x"}, PAYING).critical == ()


def test_what_needs_a_human_and_is_over_says_so_and_how_to_close_it() -> None:
    """It was never sent, whatever became of its call."""
    over: JsonObject = {
        "kind": "flagged",
        "id": "a-1",
        "tool": "filings.send",
        "system": "portal",
        "level": "update",
        "who": ["legal"],
        "args": {},
        "expires_us": 1,
    }
    lines = list(shown(over))
    assert "nothing was done. It needs a human: it stays here until legal has decided" in lines[0]
    assert what_next(over) == ['sallyport inbox decide a-1 --because "…"']
