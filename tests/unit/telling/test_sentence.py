"""One sentence of what a call will do: the tool's name in words, and what decides whom or how much.

It is what a person reads first, so it is compared letter by letter.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Json, JsonObject
from sallyport.rules.telling.sentence import Part, name_of, parts, sentence


@pytest.mark.parametrize(
    "tool, words",
    [
        ("tickets.update", "Update tickets"),
        ("crm.contacts.send-invite", "Send invite crm contacts"),
        ("files/team_drive.delete_all", "Delete all files team drive"),
        ("refund", "Refund"),
        ("give_back-all/of it", "Give back all of it"),
        ("tickets.", "Tickets"),
        ("iban.Check", "Check iban"),
    ],
)
def test_a_tool_s_name_is_said_in_words_verb_first(tool: str, words: str) -> None:
    """Whatever parts a wire name in two; only its first letter is changed."""
    assert name_of(tool) == words
    assert sentence(tool, {}) == words


@pytest.mark.parametrize(
    "value, told",
    [
        (True, "yes"),
        (False, "no"),
        (None, "nothing"),
        (0, "0"),
        (Decimal("40.50"), "40.50"),
        ("plain", "plain"),
        ("a\u202eb", "a<U+202E>b"),
        ([], "0 items"),
        (["a"], "1 item"),
        (["a", "b", "c"], "3 items"),
        ({"amount": "40.00", "currency": "EUR"}, "40.00 EUR"),
        ({"amount": "40.00", "currency": "EUR", "note": "x"}, "3 fields"),
        ({"amount": "40.00"}, "1 field"),
        ({}, "0 fields"),
    ],
)
def test_a_value_is_said_so_that_a_heading_stays_one(value: Json, told: str) -> None:
    """An amount is an amount; of what is long, only how much it is."""
    assert sentence("x", {"of_it": value}, leading=["of_it"]) == f"X: of it {told}"


def test_a_sentence_is_words_and_marked_values() -> None:
    """A page marks each value by its argument; the words between belong to none."""
    args: JsonObject = {"note": "thanks", "pay_to": "DE02", "amount": "40.00 EUR"}

    assert parts("billing.refund", args, leading=iter(["amount", "no_such", "pay_to"])) == (
        Part("Refund billing"),
        Part(": amount "),
        Part("40.00 EUR", "amount"),
        Part(", pay to "),
        Part("DE02", "pay_to"),
    )
    assert parts("billing.refund", args, title="Give\u200b back", leading=["note"]) == (
        Part("Give<U+200B> back", ""),
        Part(": note "),
        Part("thanks", "note"),
    )


def test_where_nobody_said_what_matters_the_first_three_short_ones_stand() -> None:
    """In the order of the call; what is longer than sixty characters or has parts is left out."""
    args: JsonObject = {
        "body": "x" * 61,
        "subject": "x" * 60,
        "labels": ["a"],
        "customer": {"id": 1},
        "count": 3,
        "urgent": True,
        "fourth": "y",
    }

    assert sentence("mail.send", args) == f"Send mail: subject {'x' * 60}, count 3, urgent yes"
    assert sentence("mail.send", args, leading=["gone"]) == sentence("mail.send", args)
    assert sentence("mail.send", args, leading=["body"]) == f"Send mail: body {'x' * 61}"
