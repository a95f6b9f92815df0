"""Finds credentials in what starts or reaches a server. In doubt a value is one.

A value that is taken for a credential without need only moves into encrypted storage; one that is
missed would stand in a file.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

TELLING: Final = frozenset(
    {
        "apikey",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "dsn",
        "jwt",
        "key",
        "keys",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "pat",
        "private",
        "pwd",
        "secret",
        "secrets",
        "signature",
        "token",
        "tokens",
    }
)
MARK: Final = "secret:"
LENGTH_MIN: Final = 20
KNOWN_MIN: Final = 4
"""A shorter value is only taken for itself where it is a whole word."""
BITS_MIN: Final = 3.3
"""Entropy per character from which a long word of letters and digits passes for chance."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", re.ASCII)
_ISSUED = re.compile(
    r"(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,}|gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}"
    r"|xox[abeprs]-[\w-]{8,}|A[KS]IA[A-Z0-9]{12,}|AIza[\w-]{20,}|ya29\.[\w.-]{10,}|npm_\w{16,}"
    r"|hf_\w{16,}|eyJ[\w-]{8,}\.[\w.-]*|-----BEGIN [A-Z ]+-----",
    re.ASCII,
)
_BEARER = re.compile(r"(?:bearer|basic|token)\s+(\S{6,})", re.IGNORECASE | re.ASCII)
_CHANCE = re.compile(r"[A-Za-z0-9_+/=.-]+", re.ASCII)
_OPTION = re.compile(r"(--?[A-Za-z][A-Za-z0-9_-]*)(?:=(.*))?", re.ASCII | re.DOTALL)
_SETTING = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.+)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A command without its credentials.

    `found` maps a variable's name to the credential that stood in the words; each word has
    `secret:NAME` in its place.
    """

    words: tuple[str, ...]
    found: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def tells(name: str) -> bool:
    """Return whether a name says that its value is a credential."""
    words = [word.lower() for word in _WORD.findall(name)]
    return not TELLING.isdisjoint(words) or "apikey" in "".join(words)


def is_credential(name: str, value: str) -> bool:
    """Return whether a named value is a credential, by its name or by its looks."""
    return bool(value.strip()) and (tells(name) or looks(value))


def looks(value: str) -> bool:
    """Return whether a value looks like a credential, whatever it is called."""
    if _ISSUED.search(value) or _BEARER.search(value):
        return True
    return address_holds_one(value) if "://" in value else _is_chance(value)


def address_holds_one(value: str) -> bool:
    """Return whether an address has a password or a credential in its query."""
    try:
        parts = urlsplit(value)
        if parts.password:
            return True
    except ValueError:
        return True
    asked = any(is_credential(name, said) for name, said in parse_qsl(parts.query))
    return asked or any(_ISSUED.search(piece) for piece in parts.path.split("/"))


def cleaned(words: Sequence[str], known: Iterable[str] = ()) -> Cleaned:
    """Return a command's words with `secret:NAME` where a credential stood.

    Args:
        words: The command's arguments.
        known: Values that are credentials, whatever they look like.
    """
    found: dict[str, str] = {}
    marks = {value: _taken(found, "input", value) for value in sorted(known, key=len) if value}
    plain = [_replaced(word, marks) for word in words]
    used = {name: value for name, value in found.items() if any(MARK + name in w for w in plain)}
    return Cleaned(words=tuple(_clean(plain, used)), found=used)


def _replaced(word: str, marks: Mapping[str, str]) -> str:
    for value in sorted(marks, key=len, reverse=True):
        if value == word or (len(value) >= KNOWN_MIN and value in word):
            return word.replace(value, marks[value])
    return word


def _clean(words: Sequence[str], found: dict[str, str]) -> Iterator[str]:
    announced = ""
    for word in words:
        if MARK in word:
            announced = ""
            yield word
            continue
        option = _OPTION.fullmatch(word)
        if announced and option is None:
            yield _taken(found, announced, word)
            announced = ""
            continue
        announced = ""
        if option is None:
            yield _clean_word(word, found)
        elif option[2] is not None:
            yield _clean_value(option[1], option[2], f"{option[1]}=", found)
        else:
            announced = option[1] if tells(option[1]) else ""
            yield word


def _clean_word(word: str, found: dict[str, str]) -> str:
    setting = _SETTING.fullmatch(word)
    if setting:
        return _clean_value(setting[1], setting[2], f"{setting[1]}=", found)
    bearer = _BEARER.search(word)
    if bearer:
        start, end = bearer.span(1)
        return f"{word[:start]}{_taken(found, 'authorization', bearer[1])}{word[end:]}"
    header, colon, said = word.partition(":")
    if colon and said and "//" not in said[:2] and tells(header):
        blank = said[: len(said) - len(said.lstrip())]
        return f"{header}:{blank}{_taken(found, header, said.lstrip())}"
    return _taken(found, "argument", word) if _is_bare(word) and looks(word) else word


def _clean_value(name: str, value: str, before: str, found: dict[str, str]) -> str:
    if not is_credential(name, value):
        return before + value
    return before + _taken(found, name, value)


def _is_bare(word: str) -> bool:
    """Return whether a word can be judged by its looks: no path and no name of a package."""
    return "://" in word or bool(_ISSUED.search(word)) or not re.search(r"[@/.\\]|^-", word)


def _taken(found: dict[str, str], name: str, value: str) -> str:
    base = "_".join(word.upper() for word in _WORD.findall(name)) or "ARGUMENT"
    variable, number = f"ARG_{base}"[:48], 2
    while variable in found and found[variable] != value:
        variable, number = f"ARG_{base}"[:45] + f"_{number}", number + 1
    found[variable] = value
    return MARK + variable


def _is_chance(value: str) -> bool:
    if len(value) < LENGTH_MIN or not _CHANCE.fullmatch(value):
        return False
    mixed = re.search(r"[A-Za-z]", value) and re.search(r"[0-9]", value)
    pathlike = value.startswith(("/", "./", "../")) or value.count("/") > 2  # noqa: PLR2004
    return bool(mixed) and not pathlike and _bits(value) >= BITS_MIN


def _bits(value: str) -> float:
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
