"""Every line that was asked for, and the tests that show it is done.

The manifest (`*.toml` beside this file) holds all ids. A test that makes an id's check says so:

    @requirement("B-89")
    def test_the_page_shows_every_argument() -> None: ...

and the id's `none_yet` line goes. A test of the manifest holds both directions.
"""

import pytest


def requirement(*ids: str) -> pytest.MarkDecorator:
    """Mark a test as making the check of these ids, written as plain strings."""
    return pytest.mark.requirement(*ids)
