"""What an owner reads of the gallery: golden files, and sentences that can be read aloud."""

from __future__ import annotations

import re

import pytest

from tests.gallery.shelf import GOLDEN, NAMES, explained, golden

WORDS_MAX = 26
_QUOTED = re.compile(r'"[^"]*"')
_END = re.compile(r"(?<=[.:;]) ")


@pytest.mark.parametrize("file", sorted(golden()))
def test_what_is_read_of_the_gallery_stands_in_a_golden_file(file: str) -> None:
    """`python -m tests.gallery.shelf` writes them anew, after somebody has read the change."""
    assert (GOLDEN / file).read_text(encoding="utf-8") == golden()[file]


def test_no_golden_file_is_left_over() -> None:
    """A boundary that left the gallery takes its own along."""
    assert {path.name for path in GOLDEN.iterdir()} == set(golden())


@pytest.mark.parametrize("name", NAMES)
def test_an_explanation_can_be_read_aloud(name: str) -> None:
    """Short sentences; texts of the owner in quotes count as one word, and no line is a digest."""
    text = explained(name)
    sentences = [part for line in text.splitlines() for part in _END.split(line)]
    long = [one for one in sentences if len(_QUOTED.sub("text", one).split()) > WORDS_MAX]
    assert long == []
    assert not re.search(r"[0-9a-f]{32}", text)


@pytest.mark.parametrize("name", NAMES)
def test_an_explanation_names_no_secret_and_every_tool(name: str) -> None:
    """Whoever signs sees each tool by its name."""
    text = explained(name)
    assert "What the agent may do" in text
    assert "What it may never do" in text
