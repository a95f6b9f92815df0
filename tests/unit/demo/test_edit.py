"""The demo's edit: one cent in one line, refused by the promise that the same file makes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sallyport.demo.edit import AFTER, BEFORE, Refusal, edited, in_words
from sallyport.demo.story import WORKFLOW, demo_files
from sallyport.model import JsonObject

TEXT = (demo_files() / "workflows" / f"{WORKFLOW}.yaml").read_text(encoding="utf-8")
CALL: JsonObject = {
    "tool": "tickets.update",
    "args": {"refund": Decimal("500.01")},
    "was": "refuse",
    "now": "ask lead",
}
REFUSED = Refusal(why=("500.01 is above",), answer="no", calls=(), still_in_force=True)


def test_the_edit_is_one_line() -> None:
    """What differs is the limit that stands in the `ask` entry, by one cent; not the promise."""
    changed = [
        (one, other)
        for one, other in zip(TEXT.splitlines(), edited(TEXT).splitlines(), strict=True)
        if one != other
    ]

    assert changed == [(BEFORE.splitlines()[1].strip("\n"), AFTER.splitlines()[1].strip("\n"))]


def test_a_boundary_without_that_line_cannot_be_edited() -> None:
    """The demo would show nothing, so it says so in place of passing."""
    with pytest.raises(ValueError, match="another line"):
        edited(TEXT.replace("500.00 EUR", "400.00 EUR"))


def test_it_holds_only_where_everything_does() -> None:
    """Refused, by a reason, with a call above the limit, and nothing changed."""
    assert REFUSED.holds
    assert replace(REFUSED, why=("something",), calls=(CALL,)).holds
    for broken in (
        replace(REFUSED, answer=""),
        replace(REFUSED, why=()),
        replace(REFUSED, why=("something else",)),
        replace(REFUSED, still_in_force=False),
    ):
        assert not broken.holds


def test_the_call_is_told_in_one_line() -> None:
    """Which call, what it is and what it would become."""
    said = in_words(CALL)

    assert said.startswith('tickets.update {"refund":500.01}: ')
    assert said.endswith("in force it is refuse; the edit would make it ask lead")
