"""A system that can shoot, a home to copy, and gateways to be shot at."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.gateway_child import Nursery, Ran, nursery
from tests.crash.upstream import Desk, running_desk

Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run one system for all crashes; every call has an id of its own."""
    with running_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="session")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Run the process that forks gateways."""
    with nursery(tmp_path_factory.mktemp("gateways")) as running:
        yield running


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, desk: Desk, gateways: Nursery) -> Path:
    """Set up one home."""
    home = tmp_path_factory.mktemp("template")
    assert gateways.run("set_up", home, desk.port).code == 0
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """Return a home of its own for one test."""
    return shutil.copytree(template, tmp_path / "home")


@pytest.fixture
def run(gateways: Nursery, desk: Desk, home: Path) -> Run:
    """Return what runs a gateway on that home."""

    def runs(action: str, **more: Any) -> Ran:
        return gateways.run(action, home, desk.port, **more)

    return runs
