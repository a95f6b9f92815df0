"""A system of its own for each test, and a home to work in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.gateway_child import Nursery, nursery
from tests.crash.upstream import Desk, running_desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Run one system; every call has an id of its own."""
    with running_desk(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Run the process that forks gateways."""
    with nursery(tmp_path_factory.mktemp("gateways")) as running:
        yield running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, desk: Desk, gateways: Nursery) -> Path:
    """Set up one home."""
    home = tmp_path_factory.mktemp("template")
    assert gateways.run("set_up", home, desk.port).code == 0
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """Return a home of its own for one test."""
    return shutil.copytree(template, tmp_path / "home")
