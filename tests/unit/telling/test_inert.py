"""Text of others is shown with nothing hidden in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.rules.inert import Piece, hides_something, is_hidden, pieces, plain, revealed


def _spelled(piece: Piece) -> str:
    """Return the text that a piece stands for."""
    return chr(int(piece.text.removeprefix("U+"), 16)) if piece.hidden else piece.text


@given(st.text())
def test_pieces_lose_nothing_and_show_no_hidden_character(text: str) -> None:
    """What comes out spells the text again, and what is shown as text can be seen."""
    found = pieces(text)
    assert "".join(_spelled(piece) for piece in found) == text
    for piece in found:
        if not piece.hidden:
            shown = piece.text.replace("\n", "").replace("\t", "")
            assert all(unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"} for c in shown)


@given(st.text())
def test_a_text_hides_something_exactly_where_a_piece_says_so(text: str) -> None:
    """The quick question and the long answer agree, but for blanks that are shown as such."""
    marked = [_spelled(piece) for piece in pieces(text) if piece.hidden]
    assert hides_something(text) == any(unicodedata.category(one) != "Zs" for one in marked)


def test_direction_and_zero_width_characters_are_named() -> None:
    """The characters of the known tricks: reordering, joining, tags, selectors, blank letters."""
    tricks = "\u202e\u2066\u200b\u200d\ufeff\u00ad\U000e0041\ufe0f\u3164\x00\u2028"
    assert all(piece.hidden for piece in pieces(tricks))
    assert pieces("a\u202eb") == (Piece("a"), Piece("U+202E", hidden=True), Piece("b"))
    assert plain("a\u200bb") == "a<U+200B>b"
    assert plain("lines\nand\ttabs stay") == "lines\nand\ttabs stay"


HIDDEN = (
    *("\x00", "\x1b", "\x7f", "\u00ad", "\u200b", "\u202e", "\ufeff", "\U000e0041"),  # Cc, Cf
    *("\ue000", "\u0378", "\ud800", "\u2028", "\u2029"),  # Co, Cn, Cs, Zl, Zp
    *("\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f"),
    *("\u180b", "\u180c", "\u180d", "\u17b4", "\u17b5"),
    *("\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef", "\U0010ffff"),
)
SEEN = ("\n", "\t", " ", "~", "é", "世", "\u0301", "\ufdff", "\ufe10", "\U0001f512")
BLANKS = ("\u00a0", "\u2003", "\u3000")


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_what_draws_nothing_or_acts_on_its_neighbours_is_hidden(character: str) -> None:
    """By its category, or because it is known for it: alone, and in the midst of a text."""
    named = f"<U+{ord(character):04X}>"

    assert is_hidden(character)
    assert hides_something(f"a{character}b")
    assert plain(f"a{character}b") == revealed(f"a{character}b") == f"a{named}b"
    assert plain(character) == named


@pytest.mark.parametrize("character", SEEN, ids=ascii)
def test_what_can_be_seen_stays_as_it_is(character: str) -> None:
    """Line breaks and tabs too: they have their own look."""
    assert not is_hidden(character)
    assert not hides_something(f"é{character}b")
    assert plain(f"é{character}b") == revealed(f"é{character}b") == f"é{character}b"
    assert pieces(f"é{character}b") == (Piece(f"é{character}b"),)


@pytest.mark.parametrize("character", BLANKS, ids=ascii)
def test_what_passes_for_a_blank_is_named_where_all_is_shown(character: str) -> None:
    """It hides nothing, so only the text that names everything names it."""
    assert not hides_something(f"a{character}b")
    assert revealed(f"a{character}b") == f"a{character}b"
    assert plain(f"a{character}b") == f"a<U+{ord(character):04X}>b"


def test_a_text_is_cut_into_its_pieces_in_order() -> None:
    """What is next to each other and seen is one piece; of nothing there is none."""
    hidden = Piece("U+200B", hidden=True)

    assert pieces("") == ()
    assert pieces("plain") == (Piece("plain"),)
    assert pieces("\u200bab\u200b\u200bc") == (hidden, Piece("ab"), hidden, hidden, Piece("c"))
    assert not Piece("a").hidden
