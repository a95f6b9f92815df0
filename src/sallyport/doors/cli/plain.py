"""Makes visible what a terminal would act on and an eye would miss.

Whoever decides by a text must see all of it: control characters move the cursor and hide lines,
bidirectional controls reorder letters, and zero-width ones make different names look alike.
"""

from __future__ import annotations

import re
from typing import Final

from sallyport.model import Json
from sallyport.rules import canonical
from sallyport.rules.inert import is_marked

_MISTAKABLE: Final = re.compile(r"""[+-]?[0-9.,_]+(?:[eE][+-]?[0-9]+)?|true|false|null|["\[{].*|""")
"""Texts that JSON would write in the same way as what is no text; and the empty one."""


def inert(text: str, *, lines: bool = False) -> str:
    """Return a text in which every character that acts or hides stands as its code point.

    Args:
        text: Any text.
        lines: Whether a line feed stays a line feed.
    """
    return "".join(c if (lines and c == "\n") or not _acts(c) else _named(c) for c in text)


def value(of: Json) -> str:
    """Return a value complete and readable: a text as it is, anything else as exact JSON."""
    return inert(of, lines=True) if isinstance(of, str) else inert(canonical.text(of))


def argument(of: Json) -> str:
    """Return an argument as `value` does; a text that could be taken for something else in quotes.

    So the text "50" and the number 50 are told apart, by whoever signs for one of them.
    """
    if isinstance(of, str) and "\n" not in of and _MISTAKABLE.fullmatch(of):
        return inert(canonical.text(of))
    return value(of)


def block(text: str, margin: str) -> str:
    """Return a text of several lines with a mark before each, so that none passes for ours."""
    if "\n" not in text:
        return text
    return "".join(f"\n{margin}| {line}" for line in text.split("\n"))


def _acts(character: str) -> bool:
    if " " <= character <= "~":
        return False
    return character in "\n\t" or is_marked(character)


def _named(character: str) -> str:
    return f"\u2039U+{ord(character):04X}\u203a"
