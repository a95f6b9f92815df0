"""Every reason has its sentence, every sentence its use, and every blank is filled in."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sallyport
from sallyport.model import Floor, Verdict
from sallyport.rules import reasons
from sallyport.rules.reasons import SENTENCES, say

SOURCES = Path(sallyport.__file__).parent
MAKERS = {maker.__name__ for maker in (reasons.allow, reasons.ask, reasons.draft, reasons.refuse)}
CODE = re.compile(r"[a-z]+\.[a-z_]+")


@dataclass(frozen=True)
class Use:
    """One place that states a reason: its code, and the words it fills in."""

    where: str
    code: str
    words: frozenset[str]


def _uses() -> Iterator[Use]:
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _makes_a_reason(node.func):
                code = node.args[0] if node.args else None
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    words = frozenset(word.arg for word in node.keywords if word.arg)
                    yield Use(f"{path.name}:{node.lineno}", code.value, words)


def _makes_a_reason(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in MAKERS
        and isinstance(function.value, ast.Name)
        and function.value.id == "reasons"
    )


def _spelled() -> set[str]:
    """Return every text in the sources that is a code of the table, however it comes to count."""
    found: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        if path.name != "reasons.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found & set(SENTENCES)


def _blanks(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


USES = tuple(_uses())
SPELLED = _spelled()


def test_reasons_are_stated_in_many_places() -> None:
    """A search that finds nothing would prove nothing."""
    assert len(USES) > 30


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.where}-{use.code}")
def test_every_reason_has_a_sentence_and_fills_it_in(use: Use) -> None:
    """The words at the place where it is stated are exactly those the sentence needs.

    `scope` may be given where the code is one of several that a closed fence has.
    """
    assert use.code in SENTENCES
    assert use.words == _blanks(SENTENCES[use.code])


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_is_used(code: str) -> None:
    """A sentence that nothing states would be documentation of what does not happen."""
    assert code in SPELLED


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_one_clause_without_a_full_stop(code: str) -> None:
    """Lower case, so that several can be joined; the code is dotted."""
    sentence = SENTENCES[code]

    assert CODE.fullmatch(code)
    assert sentence == sentence.strip()
    assert not sentence.endswith(".")
    assert sentence[0].islower() or sentence[0] == "{"


def test_each_reason_is_said_as_it_is_published() -> None:
    """Word by word what stands in `docs/reasons.md`, no more and no less."""
    text = (Path(__file__).parents[3] / "docs" / "reasons.md").read_text(encoding="utf-8")
    published = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.+) \|$", text, re.MULTILINE))

    assert dict(SENTENCES) == published
    assert say(reasons.refuse("approval.own")) == published["approval.own"]
    assert reasons.NO_WORDS == "without a word"


def test_switches_and_fences_fill_in_theirs() -> None:
    """The reasons whose code is chosen at run time have every word they need."""
    words = {"scope": "everything", "by": "sam", "because": "drill", "verdict": "ask"}

    for code in ("switch.stop", "switch.floor"):
        assert _blanks(SENTENCES[code]) <= set(words)
    for code in ("fence.closed", "stop.file"):
        assert _blanks(SENTENCES[code]) <= {"scope"}


@pytest.mark.parametrize(
    "floor",
    [
        Floor(verdict=Verdict.REFUSE, code="no.such_code"),
        Floor(verdict=Verdict.REFUSE, code="boundary.none"),
        Floor(verdict=Verdict.REFUSE, code="boundary.none", words={"other": "x"}),
    ],
    ids=["unknown code", "no words", "other words"],
)
def test_a_reason_that_cannot_be_said_is_its_code(floor: Floor) -> None:
    """Saying a reason never raises."""
    assert say(floor) == floor.code


def test_a_word_cannot_become_a_template() -> None:
    """What stands in a word is text, braces and all."""
    floor = reasons.refuse("boundary.none", workflow="{0.__class__} {detail}")

    assert say(floor) == "workflow `{0.__class__} {detail}` has no signed boundary"
