"""What is shown to somebody who decides hides nothing and does nothing."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.cli.plain import argument, block, inert
from sallyport.model import Json


@given(st.text())
def test_nothing_that_acts_or_hides_is_left(text: str) -> None:
    """No control, no reordering, no invisible character reaches the terminal."""
    shown = inert(text)

    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in shown)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    """Nothing is cut and nothing is changed."""
    assert inert(text) == text


@pytest.mark.parametrize(
    "text,shown",
    [
        ("\u202egpj.exe", "\u2039U+202E\u203agpj.exe"),
        ("a\u200bb", "a\u2039U+200B\u203ab"),
        ("\x1b[2K", "\u2039U+001B\u203a[2K"),
        ("a\nb", "a\u2039U+000A\u203ab"),
        ("a\u00a0b", "a\u2039U+00A0\u203ab"),
        ("\U000e0041", "\u2039U+E0041\u203a"),
        ("\ud800", "\u2039U+D800\u203a"),
        ("Grüße, 日本 🙂", "Grüße, 日本 🙂"),
    ],
)
def test_the_usual_tricks_are_named(text: str, shown: str) -> None:
    """By their code points, so that a person can look them up."""
    assert inert(text) == shown


def test_no_line_of_a_value_passes_for_ours() -> None:
    """Each line of a longer text stands behind a mark."""
    said = block(inert("hello\nwho may answer: everybody", lines=True), "  ")

    assert said.splitlines() == ["", "  | hello", "  | who may answer: everybody"]


@pytest.mark.parametrize(
    "of,shown",
    [
        ("50", '"50"'),
        (50, "50"),
        (Decimal("50.00"), "50.00"),
        ("50.00", '"50.00"'),
        ("1e3", '"1e3"'),
        ("true", '"true"'),
        (True, "true"),
        ("null", '"null"'),
        (None, "null"),
        ("", '""'),
        ('["a"]', '"[\\"a\\"]"'),
        (["a"], '["a"]'),
        ("50 EUR", "50 EUR"),
        ("T-4711", "T-4711"),
        ("open", "open"),
    ],
)
def test_a_text_that_looks_like_something_else_stands_in_quotes(of: Json, shown: str) -> None:
    """Whoever signs for the text "50" sees that it is not the number."""
    assert argument(of) == shown


@given(st.text(max_size=8), st.integers() | st.booleans() | st.none() | st.lists(st.integers()))
def test_no_text_is_shown_as_anything_else_is(text: str, other: Json) -> None:
    """Of a text and what is no text, no two are shown alike."""
    assert argument(text) != argument(other)
