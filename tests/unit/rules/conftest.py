"""What is said in these tests is compared with golden files: see `tests/sentences.py`."""

from tests.sentences import golden_sentences as golden_sentences  # noqa: PLC0414 (for all here)
