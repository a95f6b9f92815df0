"""One catalogue of words: every word that is used is there, and every one that is there is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sallyport.doors.console
from sallyport.doors.console.words import KEYS, SCRIPT, WORDS, hour, instant, left, say, took

CONSOLE = Path(sallyport.doors.console.__file__).parent
SOURCES = {
    file.name: file.read_text(encoding="utf-8")
    for kind in ("*.py", "pages/*.py", "templates/*.html", "static/*.js")
    for file in sorted(CONSOLE.glob(kind))
    if file.name != "words.py"
}
BUILT = re.compile(r"""\bw\(\s*["']([a-z_.]*\.)["']\s*~""")


def used() -> set[str]:
    """Return every whole word that a template or a page names."""
    found: set[str] = set()
    for text in SOURCES.values():
        found |= set(re.findall(r"""["']([a-z][a-z_]*(?:\.[a-z_]+)*)["']""", text))
    return found & set(WORDS)


def prefixes() -> set[str]:
    """Return the beginnings of words whose end is a value: a verdict, a state, a check."""
    found: set[str] = set()
    for text in SOURCES.values():
        found |= set(BUILT.findall(text))
        found |= set(re.findall(r"""["']([a-z_.]+\.)\{""", text))
        found |= set(re.findall(r"""of ~ "\.\"""", text))
    return {one for one in found if "." in one} | {"js.", "key.", "verdict.", "ended."}


def test_every_word_that_is_named_is_defined() -> None:
    """A template or page that names a word nobody wrote would show an error page."""
    for name, text in SOURCES.items():
        if name.endswith(".js"):
            continue
        for word in re.findall(r"""\b(?:w|say)\(\s*["']([a-z_.]+)["']\s*[,)]""", text):
            assert word in WORDS, f"{name}: {word}"


def test_every_word_is_used() -> None:
    """A word that nothing shows is taken out."""
    built = tuple(prefixes())
    assert {one for one in WORDS if not one.startswith(built)} <= used()


def test_the_script_says_only_what_it_is_handed() -> None:
    """Every word of the script is in the catalogue, and none is handed over in vain."""
    script = SOURCES["console.js"]
    said = set(re.findall(r"""say\(\s*"([a-z.]+)\"""", script))
    said |= set(re.findall(r"""\? "([a-z.]+)" : "([a-z.]+)\"""", script)[0])
    assert said == set(SCRIPT)
    assert all(f"key.{name}" in WORDS for name, _ in KEYS)


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_word_is_plain(word: str) -> None:
    """No exclamation, no plea, no blame, and nothing twice."""
    text = WORDS[word]
    assert text.strip()
    assert not re.search(r"!|\bplease\b|\boops\b|\bsorry\b|are you sure|  ", text, re.IGNORECASE)


def test_times_and_durations_are_said_as_a_person_reads_them() -> None:
    """Down to the unit that matters."""
    at_us = 1_700_000_000_123_456
    assert (hour(at_us), instant(at_us)) == ("22:13", "22:13:20.123")
    assert (took(0), took(1400), took(2_000_000)) == ("", "1.4\u00a0ms", "2\u00a0s")
    said = [left(one * 1_000_000, 0) for one in (-1, 5, 61, 7200, 200_000)]
    assert said == ["over", "5\u00a0s", "1\u00a0min", "2\u00a0h", "2\u00a0d"]
    assert say("inbox.title", n=12) == "12 wait for you"
