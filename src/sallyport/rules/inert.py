"""Text that somebody else wrote, made harmless to look at: nothing hidden, nothing turned round.

Characters that a reader cannot see, that reorder what they do see, or that pass for an ordinary
blank, are taken out of the text and named by their code point, so that every door can show each
as a thing of its own (Unicode TR36). Browser and terminal mark the same ones: this is their list.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Control, format (bidi, zero width, tags), private use, unassigned, surrogate, separators.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_PLAIN = frozenset(("\n", "\t"))
# Marks and letters that draw nothing although their category says otherwise; variation selectors
# do so too, and can carry data. From the second block of those on, nothing is drawn.
_SELECTORS, _MORE_SELECTORS = range(0xFE00, 0xFE10), 0xE0100
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180b\u180c\u180d\u17b4\u17b5")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text as it is, or one marked character by its code point, `U+202E`."""

    text: str
    hidden: bool = False


def pieces(text: str) -> tuple[Piece, ...]:
    """Return a text in order: what can be taken as it looks, and what cannot."""
    if text and text.isascii() and text.isprintable():
        return (Piece(text),)
    return tuple(_pieces(text))


def plain(text: str) -> str:
    """Return a text in one line of characters, marked ones as `<U+202E>`."""
    return "".join(f"<{piece.text}>" if piece.hidden else piece.text for piece in pieces(text))


def revealed(text: str) -> str:
    """Return a text with only what hides in it as `<U+202E>`; a blank that can be seen stays."""
    if not hides_something(text):
        return text
    return "".join(f"<U+{ord(one):04X}>" if is_hidden(one) else one for one in text)


def hides_something(text: str) -> bool:
    """Return whether a text has characters that a reader would not see."""
    return not (text.isascii() and text.isprintable()) and any(map(is_hidden, text))


def _pieces(text: str) -> Iterator[Piece]:
    seen: list[str] = []
    for character in text:
        if not is_marked(character):
            seen.append(character)
            continue
        if seen:
            yield Piece("".join(seen))
            seen = []
        yield Piece(f"U+{ord(character):04X}", hidden=True)
    if seen:
        yield Piece("".join(seen))


def is_marked(character: str) -> bool:
    """Return whether a character is shown by its code point: it hides, or passes for a blank."""
    return character != " " and (unicodedata.category(character) == "Zs" or is_hidden(character))


def is_hidden(character: str) -> bool:
    """Return whether a character is drawn as nothing, or acts on what stands around it."""
    if character in _PLAIN:
        return False
    selects = ord(character) in _SELECTORS or ord(character) >= _MORE_SELECTORS
    return selects or character in _BLANK or unicodedata.category(character) in _HIDDEN
