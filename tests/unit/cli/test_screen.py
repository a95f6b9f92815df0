"""What is shown at a terminal is whole, readable, and cannot pass for something else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.cli.items import TELLING_LETTERS_MAX, telling
from sallyport.doors.cli.screen import folded

WIDTH = 40
VISIBLE = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E))


@given(VISIBLE)
def test_folding_cuts_nothing(text: str) -> None:
    """Whatever stands in the line stands in the folded one, in the same order."""
    assert "".join(folded(text, WIDTH).split()) == "".join(text.split())


@given(VISIBLE)
def test_what_is_folded_never_starts_like_a_line_of_ours(text: str) -> None:
    """An argument's later parts stand deeper than its name, so that they are seen to be its own."""
    _, *more = folded(f"  note: {text}", WIDTH).split("\n")

    assert all(line.startswith("    ") for line in more)


def test_a_command_is_left_whole() -> None:
    """It is there to be copied."""
    line = f"answer: sallyport inbox yes a-1 --because {'x' * WIDTH}"

    assert folded(line, WIDTH) == line


def test_a_value_that_looks_like_a_command_is_folded_all_the_same() -> None:
    """Only our own lines are left whole."""
    line = f"  note: sallyport inbox yes {'x ' * WIDTH}"

    assert "\n" in folded(line, WIDTH)


@pytest.mark.parametrize(
    "args, shown",
    [
        ({}, ""),
        ({"refund": Decimal("45.0"), "status": "open", "ticket_id": "T-1"}, "refund=45.0"),
        ({"template": "ack", "to": "ada@example.com"}, "to=ada@example.com template=ack"),
        ({"body": "x" * (TELLING_LETTERS_MAX + 1)}, "\u2026"),
        ({"lines": ["a"], "note": "a\nb"}, "\u2026"),
        ({"to": "\u202emoc"}, "to=\u2039U+202E\u203amoc"),
    ],
)
def test_the_list_names_what_tells_calls_apart(args: dict[str, object], shown: str) -> None:
    """Numbers, then addresses, inert; and a sign that there is more."""
    said = telling({"args": args})  # type: ignore[dict-item]

    assert said.startswith(shown)
    assert said.endswith("\u2026") == (len(args) > said.count("="))
