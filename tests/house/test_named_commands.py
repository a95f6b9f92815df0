"""Whatever command an error, a document or a screen names can be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from sallyport.doors.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = (
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "src").rglob("*.py")),
)
# In backticks or on a line of its own in a code block; never in the middle of a sentence.
NAMED = re.compile(r"(?:`|^)sallyport ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*){0,2})", re.MULTILINE)


def named() -> Iterator[tuple[str, str]]:
    """Yield each file and the first words after `sallyport` in it."""
    for path in WRITTEN:
        for found in NAMED.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), found[1]


@pytest.mark.parametrize("file, words", sorted(set(named())))
def test_a_command_that_is_named_exists(file: str, words: str) -> None:
    """Each word is a command of the group before it, until one takes words of its own."""
    command: Any = typer.main.get_command(app)
    for word in words.split():
        known = getattr(command, "commands", None)
        if known is None or (
            getattr(command, "invoke_without_command", False) and word not in known
        ):
            return
        assert word in known, f"{file} names `sallyport {words}`"
        command = known[word]
