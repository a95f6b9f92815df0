"""Stores in folders of their own, closed when the test is over."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sallyport.adapters.storage import SqliteStore, open_store

KEY_ID = "0" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the place of a state folder that is not there yet."""
    return tmp_path / "state"


@pytest.fixture
async def opening(folder: Path, anyio_backend: str) -> AsyncIterator[Callable[[], SqliteStore]]:
    """Return a function that opens the folder's store; what is still open at the end is closed."""
    stores: list[SqliteStore] = []

    def open_now() -> SqliteStore:
        stores.append(open_store(folder, key_id=KEY_ID))
        return stores[-1]

    yield open_now
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opening: Callable[[], SqliteStore]) -> SqliteStore:
    """Return an open store in a new folder."""
    return opening()
