"""What is said in these tests is compared with golden files: see `tests/sentences.py`."""

from tests.sentences import said as said  # noqa: PLC0414 (for all tests here)
