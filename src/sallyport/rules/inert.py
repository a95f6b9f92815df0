"""Text that somebody else wrote, made harmless to look at: nothing hidden, nothing turned round.

Characters that a reader cannot see, or that reorder what they do see, are taken out of the text and
named by their code point, so that a page can show each as a thing of its own (Unicode TR36).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Control, format (bidi, zero width, tags), private use, unassigned, surrogate, separators.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_PLAIN = frozenset("\n\t")
# Marks and letters that draw nothing although their category says otherwise; variation selectors
# do so too, and can carry data.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180b\u180c\u180d\u17b4\u17b5")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text as it is, or one hidden character by its code point, `U+202E`."""

    text: str
    hidden: bool = False


def pieces(text: str) -> tuple[Piece, ...]:
    """Return a text in order: what can be seen, and what hides in it."""
    if text and text.isascii() and text.isprintable():
        return (Piece(text),)
    return tuple(_pieces(text))


def plain(text: str) -> str:
    """Return a text in one line of characters, hidden ones as `<U+202E>`."""
    return "".join(f"<{piece.text}>" if piece.hidden else piece.text for piece in pieces(text))


def hides_something(text: str) -> bool:
    """Return whether a text has characters that a reader would not see."""
    return any(map(is_hidden, text))


def _pieces(text: str) -> Iterator[Piece]:
    seen: list[str] = []
    for character in text:
        if not is_hidden(character):
            seen.append(character)
            continue
        if seen:
            yield Piece("".join(seen))
            seen = []
        yield Piece(f"U+{ord(character):04X}", hidden=True)
    if seen:
        yield Piece("".join(seen))


def is_hidden(character: str) -> bool:
    """Return whether a character is drawn as nothing, or acts on what stands around it."""
    if character in _PLAIN:
        return False
    selects = "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0100"
    return selects or character in _BLANK or unicodedata.category(character) in _HIDDEN
