"""Every sentence that is said while a file of tests runs stands in a golden file beside it.

A test asserts what it is about, a verdict or a code; people decide by the sentence. So what is said
on the way is compared as well: each finding about a boundary, each reason of a decision, each
clause on a text that is none, and each error.
A file is compared once it has a golden file, `golden/said/NAME.txt`. `make said` writes them anew;
read what changed before it is committed. Tests that draw their own words (hypothesis) are left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import is_hypothesis_test

from sallyport.errors import SallyportError
from sallyport.model import Floor
from sallyport.rules.boundary import forms
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.problems import BoundaryErrors, Problem
from sallyport.rules.checks import authority
from sallyport.rules.reasons import say

Heard = Problem | Floor | Fault | SallyportError

REMEMBERING: Final = (vars(authority)["_defaults"], vars(forms)["_as_one_thing"])
"""What would say a sentence once, and to whoever asks first."""
WRITE: Final = os.environ.get("SAID") == "write"
LONG: Final = 2000
"""More letters than a sentence of ours has where nobody wrote a long name."""

_written: dict[Path, set[str]] = {}


@pytest.fixture(autouse=True)
def golden_sentences(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Compare what is said in a test with what has been read."""
    golden = _golden(request.path)
    if is_hypothesis_test(request.function) or not (WRITE or golden.exists()):
        yield
        return
    heard: list[Heard] = []
    for one in REMEMBERING:
        one.cache_clear()
    for kind in (Problem, Floor, Fault, SallyportError):
        _listen(monkeypatch, kind, heard)
    yield
    lines = {line for line in map(_line, heard) if 0 < len(line) < LONG}
    if WRITE:
        _write(golden, lines)
        return
    new = sorted(lines - known(golden.parents[2].parent))
    assert not new, f"a new sentence; read it, then `make said`: {new[0]}"


def _golden(tests: Path) -> Path:
    return tests.parent / "golden" / "said" / f"{tests.stem}.txt"


@lru_cache(maxsize=1)
def known(unit: Path) -> frozenset[str]:
    """Return the sentences of all golden files."""
    files = unit.glob("*/golden/said/*.txt")
    return frozenset(line for one in files for line in one.read_text("utf-8").split("\n"))


def _listen(monkeypatch: pytest.MonkeyPatch, kind: type[Any], heard: list[Any]) -> None:
    """Keep whatever is made of a kind."""
    begin = kind.__init__

    def begun(self: Any, *args: Any, **words: Any) -> None:
        begin(self, *args, **words)
        heard.append(self)

    monkeypatch.setattr(kind, "__init__", begun)


def _line(heard: Heard) -> str:
    match heard:
        case Floor():
            text = f"{heard.verdict.name.lower()} {heard.code}: {say(heard)}"
        case Problem():
            text = f"{heard.severity} {heard.code} {heard.where}: {heard.what}; {heard.fix}"
        case Fault():
            text = f"fault: {heard.why}"
        case BoundaryErrors():
            text = ""
        case _:
            text = f"{heard.code}: {heard.what}; {heard.fix}"
    return text.encode("unicode_escape").decode()


def _write(golden: Path, lines: set[str]) -> None:
    """Add to what was said in this run."""
    _written.setdefault(golden, set()).update(lines)
    if _written[golden]:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text("\n".join(sorted(_written[golden])) + "\n", encoding="utf-8")
