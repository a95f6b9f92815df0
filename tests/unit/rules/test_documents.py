"""What agents and people are told in fixed words is what is published."""

from __future__ import annotations

from pathlib import Path

from scripts import docs

ROOT = Path(__file__).resolve().parents[3]


def test_every_reason_is_published_word_by_word() -> None:
    """Codes never change, and a changed sentence is read before it is said: `make docs`."""
    assert docs.reasons() == (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
