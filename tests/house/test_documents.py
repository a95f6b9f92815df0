"""Generated documents say what their source says."""

from scripts import docs


def test_every_generated_document_is_current() -> None:
    """`make docs` would change nothing."""
    assert docs.stale() == []
