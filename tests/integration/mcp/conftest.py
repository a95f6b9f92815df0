"""The demo's desk for all tests of a file, and a fresh house in front of it for each."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sallyport.demo.report import DeskReport, desk_report
from sallyport.model import Stage
from tests.integration.mcp.house_fixture import (
    DESK_TOKEN,
    Kit,
    demo_workflow,
    desk_system,
    listening,
    opened,
)


@dataclass(frozen=True)
class Desk:
    """Where the desk listens, and its own records."""

    url: str
    db: Path

    def report(self) -> DeskReport:
        """Return what the desk itself says that happened."""
        return desk_report(self.db)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run the demo's desk in a process of its own."""
    db = tmp_path_factory.mktemp("desk") / "desk.db"
    command = [sys.executable, "-m", "sallyport.demo.desk", "--db", str(db), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "DESK_TOKEN": DESK_TOKEN}
    ) as process:
        try:
            assert process.stdout is not None
            yield Desk(url=process.stdout.readline().split()[-1], db=db)
        finally:
            process.terminate()


@pytest.fixture
def hold_s() -> int:
    """Return how long a call is held; a test that wants another time overrides this."""
    return 20


@asynccontextmanager
async def ready(desk: Desk, home: Path, hold_s: int) -> AsyncGenerator[Kit]:
    """Open a house whose agent may do what the demo's boundary says, and serve it."""
    async with opened(home, secrets={"desk-token": DESK_TOKEN}, hold_s=hold_s) as kit:
        await kit.activate(demo_workflow(), {"desk.yaml": desk_system(desk.url)})
        await kit.stage(Stage.LIVE)
        async with listening(kit):
            yield kit


@pytest.fixture
async def kit(desk: Desk, tmp_path: Path, hold_s: int) -> AsyncGenerator[Kit]:
    """Return a house of its own for each test."""
    async with ready(desk, tmp_path, hold_s) as kit:
        yield kit
