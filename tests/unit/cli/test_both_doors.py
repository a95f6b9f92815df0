"""The browser and the terminal mark the same characters of a text that somebody else wrote."""

import re
import sys
import unicodedata

import pytest
from markupsafe import escape

from sallyport.doors.cli.plain import value
from sallyport.doors.console.page import said

MARKED = {
    "reorders": "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c",
    "ends a reordering": "\u202c\u2069",
    "has no width": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f",
    "acts on a terminal": "\x00\x07\x08\r\x1b\x7f\x9b",
    "breaks a line": "\x0b\x0c\x85\u2028\u2029",
    "passes for a blank": "\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u3000",
    "is drawn as nothing": "\u115f\u1160\u3164\uffa0\u2800\u17b4\u180b",
    "carries data": "\U000e0041\U000e007f\ufe00\ufe0f\U000e0100",
    "is nobody's": "\ue000\uf8ff\U0010fffd\u0378",
}
PLAIN = {
    "letters": "Grüße, 日本, Ελλάδα, مرحبا",
    "signs": '"quoted" & <b>bold</b> {{ x }} ${y} `z` %s',
    "blanks": "one two\nthree",
    "pictures": "🙂",
}
CASES = [
    pytest.param(char, id=f"{why} U+{ord(char):04X}") for why, of in MARKED.items() for char in of
]


def in_terminal(text: str) -> list[str]:
    """Return the code points that the terminal marks."""
    return re.findall("\u2039(U\\+[0-9A-F]+)\u203a", value(text))


def in_browser(text: str) -> list[str]:
    """Return the code points that the browser marks."""
    return re.findall(r'<span class="cp">(U\+[0-9A-F]+)</span>', said(text))


@pytest.mark.parametrize("character", CASES)
def test_what_hides_or_misleads_is_marked_at_both_doors(character: str) -> None:
    """By its code point, and the character itself reaches neither."""
    text, name = f"a{character}b", f"U+{ord(character):04X}"
    assert in_terminal(text) == in_browser(text) == [name]
    assert character not in value(text)
    assert character not in said(text)


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_can_be_seen_is_shown_as_it_is_at_both_doors(text: str) -> None:
    """Nothing is cut; the browser gets it escaped, so that markup is text there."""
    assert value(text) == text
    assert said(text) == f'<span class="said">{escape(text)}</span>'


def test_both_doors_mark_the_same_of_all_characters() -> None:
    """Every code point that there is, and a tab, which only a terminal acts on."""
    everything = map(chr, range(sys.maxunicode + 1))
    differs = [one for one in everything if unicodedata.category(one) not in {"Lo", "Cn", "Co"}]
    assert [one for one in differs if in_terminal(one) != in_browser(one)] == ["\t"]
