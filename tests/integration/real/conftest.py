"""Gateways with real servers behind them, started once for all tests that share them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.real import servers
from tests.integration.real.desks import Desk, furnish
from tests.real_gateway import RealGateway, real_gateway

GIT = ("git", "-c", "init.defaultBranch=main")


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealGateway]:
    """A gateway that holds calls for long enough to be answered in the same request."""
    with real_gateway(tmp_path_factory.mktemp("holds"), hold_s=60) as running:
        yield running


@pytest.fixture(scope="session")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealGateway]:
    """A gateway that holds no call open: an agent is told at once that it waits."""
    with real_gateway(tmp_path_factory.mktemp("hasty"), hold_s=0) as running:
        yield running


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the filesystem server looks after, with one note in it."""
    folder = tmp_path_factory.mktemp("shelf").resolve()
    (folder / "note.txt").write_text("buy oats\nfeed Olga\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def files(gateway: RealGateway, shelf: Path) -> Desk:
    """The filesystem server, all of its tools but one declared."""
    return furnish(gateway, "files", servers.filesystem(shelf), without={"directory_tree"})


@pytest.fixture(scope="session")
def git(gateway: RealGateway) -> Desk:
    """The git server."""
    return furnish(gateway, "git", servers.git())


@pytest.fixture(scope="session")
def clock(gateway: RealGateway) -> Desk:
    """The time server."""
    return furnish(gateway, "clock", servers.clock())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, and a change that is staged."""
    folder = tmp_path / "repository"
    folder.mkdir()
    in_git(folder, "init", "--quiet")
    in_git(folder, "config", "user.name", "Nora")
    in_git(folder, "config", "user.email", "nora@example.com")
    for text, commit in (("one\n", True), ("one\ntwo\n", False)):
        (folder / "poem.txt").write_text(text, encoding="utf-8")
        in_git(folder, "add", "poem.txt")
        if commit:
            in_git(folder, "commit", "--quiet", "--message", "Begin the poem")
    return folder


def in_git(folder: Path, *words: str) -> str:
    """Run git in a folder and return what it prints."""
    done = subprocess.run([*GIT, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
