"""A desk in a process of its own, one per test, and the credential that opens it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sallyport.demo.launch import running_desk


@dataclass(frozen=True)
class Desk:
    """Where a test finds its desk."""

    url: str
    token: str
    db: Path


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncGenerator[Desk]:
    """Run a fresh desk over a real socket for one test."""
    db = tmp_path / "desk.db"
    async with running_desk(db, "only-the-gateway-knows") as running:
        yield Desk(url=running.url, token="only-the-gateway-knows", db=db)
