"""Text of others is shown with nothing hidden in it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sallyport.rules.inert import Piece, hides_something, pieces, plain


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
