"""Domain names, read before they are compared.

Rules:
  1. Compared is the lower-case ASCII spelling (IDNA 2008, RFC 5891); `Bücher.example` and
     `xn--bcher-kva.example` are one name.
  2. What two readers take for two names is none: an empty part, a final dot, a letter that older
     readers replace, another dot than `.`, a number where a name should end.
  3. A name that poses as another is none: letters of several scripts in one part, or a part of
     which every letter only looks like a plain one.
  4. `example.com` is exactly that. `under example.com` is any name below it, and not itself.
"""

from __future__ import annotations

import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

import idna

from sallyport.model import Domain
from sallyport.rules.boundary.faults import Fault

NAME_MAX = 253
UNDER = "under "

_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
# RFC 5894 section 7.2: IDNA 2003 maps these to others, or drops them.
_REPLACED = frozenset("\u00df\u03c2\u200c\u200d")
_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)
_OTHER_SCRIPT_NAMES = {"IDEOGRAPHIC": "CJK", "KATAKANA-HIRAGANA": "KATAKANA"}
# Letters that most fonts draw as the plain letter below them: Cyrillic, Greek, Armenian, Latin.
# fmt: off
_LOOKALIKES = frozenset(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u051d\u0445\u0443"
    "\u044a\u044c\u0432\u043a\u043c\u043d\u0433\u0442\u04af\u0475\u0461"
    "\u03b1\u03bf\u03bd\u03c1\u03b9\u03ba\u03c5\u03c9\u03c4\u03b3\u03c7\u03b7"
    "\u0578\u057d\u0570\u0585\u0581\u0566\u0584\u0575"
    "\u0251\u0261\u1d0f\u1d04\u028b\u0269\u026f"
)
# fmt: on


def domain_name(text: str) -> str | Fault:
    """Return the lower-case ASCII spelling of a domain name."""
    text = text.lower() if text.isascii() else text.translate(_ASCII_LOWER)
    labels = text.split(".")
    if "" in labels:
        return Fault("a part of it is empty")
    if not (text.isascii() and "xn--" not in text):
        found = _in_ascii(labels)
        if isinstance(found, Fault):
            return found
        labels = found
    name = ".".join(labels)
    if len(name) > NAME_MAX:
        return Fault("it is too long")
    if _NUMBER.fullmatch(labels[-1]):
        return Fault("it ends in a number, as no name does")
    if not all(map(_is_plain, labels)):
        return Fault("it has a character that no name has")
    return name


def bound_domain(text: str) -> Domain | Fault:
    """Return what an owner writes: `example.com`, or `under example.com`."""
    under = text.startswith(UNDER)
    name = domain_name(text.removeprefix(UNDER))
    if isinstance(name, Fault):
        return name
    if under and "." not in name:
        return Fault("everything below a top-level name is far too much")
    return Domain(name, under)


def within(name: str, bound: Domain) -> bool:
    """Return whether a name, in lower-case ASCII, is what the bound says."""
    return name.endswith(f".{bound.name}") if bound.under else name == bound.name


def readable(name: str) -> str:
    """Return an ASCII name as people write it; unchanged where it has no other spelling."""
    labels = [
        idna.ulabel(label) if label.startswith("xn--") else label for label in name.split(".")
    ]
    return ".".join(labels)


def _is_plain(label: str) -> bool:
    return bool(_PLAIN.fullmatch(label)) and (label[2:4] != "--" or label.startswith("xn--"))


def _in_ascii(labels: list[str]) -> list[str] | Fault:
    found: list[str] = []
    abroad = not labels[-1].isascii() or labels[-1].startswith("xn--")
    for label in labels:
        if label.isascii() and not label.startswith("xn--"):
            found.append(label)
            continue
        if _REPLACED & set(label):
            return Fault("it has a letter that some readers replace; its `xn--` spelling has not")
        try:
            letters = idna.ulabel(label)
            found.append(idna.alabel(letters).decode())
        except ValueError:  # which `idna.IDNAError` is
            return Fault("it has a character that no name has")
        if not _one_script(letters):
            return Fault("a part of it mixes the letters of several scripts")
        if not abroad and all(one.isascii() or one in _LOOKALIKES for one in letters):
            return Fault("its letters only look like plain ones")
    return found


def _one_script(label: str) -> bool:
    scripts = {_script(one) for one in label if unicodedata.category(one).startswith("L")}
    return len(scripts) <= 1 or any(scripts <= allowed for allowed in _TOGETHER)


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return _OTHER_SCRIPT_NAMES.get(first, first)
