"""What a call changes, as an operator declares it: read strictly, said in words, computed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Effect, JsonObject
from sallyport.rules.boundary.effects import in_words
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.telling.before import changes

HEAD = "system: desk\nurl: https://desk.example.com/mcp\ntools:\n  tickets.update:\n    changes: "
DECLARED = {
    "status": Effect(source="arg.status"),
    "refunded": Effect(source="arg.refund", plus=True),
    "version": Effect(source=1, plus=True, only_with="status"),
}


def test_each_field_is_read_with_what_it_becomes() -> None:
    """A source alone, or what is added, and the argument without which nothing changes."""
    spelled = "{status: arg.status, refunded: {plus: arg.refund}, version: {plus: 1, with: status}}"
    system = load_system(HEAD + spelled, "desk.yaml")
    assert system.tools["tickets.update"].changes == DECLARED
    assert in_words(DECLARED) == (
        "status becomes arg.status; refunded grows by arg.refund; version grows by 1 where status "
        "is sent"
    )


def test_each_way_to_write_a_change_is_one_of_two() -> None:
    """`to` is the source alone, and an argument is named with or without `arg.`."""
    spelled = "{a: {to: arg.x}, b: {to: open, with: arg.z}, c: {plus: 1.5, with: z}, d: true}"
    found = load_system(HEAD + spelled, "desk.yaml").tools["tickets.update"].changes
    assert found == {
        "a": Effect(source="arg.x"),
        "b": Effect(source="open", only_with="z"),
        "c": Effect(source=Decimal("1.5"), plus=True, only_with="z"),
        "d": Effect(source=True),
    }
    assert in_words(found) == (
        'a becomes arg.x; b becomes "open" where z is sent; c grows by 1.5 where z is sent; '
        "d becomes true"
    )


@pytest.mark.parametrize(
    "spelled, said",
    [
        ("{}", "names no field"),
        ("{status: {}}", "does not say what it becomes"),
        ("{status: {to: arg.a, plus: 1}}", "does not say what it becomes"),
        ("{status: arg.}", "names nothing"),
        ("{status: {becomes: 1}}", "unknown word"),
        ("{status: [1]}", ""),
        ("7", ""),
    ],
)
def test_what_says_nothing_is_an_error(spelled: str, said: str) -> None:
    """One clear sentence, with line and column."""
    with pytest.raises(BoundaryErrors) as found:
        load_system(HEAD + spelled, "desk.yaml")
    assert said.replace("unknown word", "") in str(found.value)


def test_what_is_not_sent_changes_nothing_and_no_number_is_guessed() -> None:
    """Sums are exact; of what is no number nobody knows what it grows to."""
    image: JsonObject = {"structuredContent": {"status": "open", "refunded": Decimal("0.10")}}
    told = {one.field: one for one in changes(image, {"refund": Decimal("0.20")}, DECLARED)}
    assert set(told) == {"refunded"}
    assert told["refunded"].after == Decimal("0.30")
    told = {one.field: one for one in changes(None, {"status": "x", "refund": True}, DECLARED)}
    assert (told["status"].known, told["status"].after) == (False, "x")
    assert (told["refunded"].after, told["version"].after) == (None, None)
