"""The first settings of a home: two homes of one machine do not take each other's ports."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sallyport.doors.cli import reach
from sallyport.doors.settings import Settings, load_settings


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The usual ports, moved to where nobody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found = Settings(home=tmp_path, port=port, console_port=port + 1)

    def settings(**_: object) -> Settings:
        return found

    monkeypatch.setattr(reach, "Settings", settings)
    return found


@pytest.fixture(params=["port", "console_port"])
def taken(request: pytest.FixtureRequest, usual: Settings) -> Iterator[str]:
    """One of the two, in use by somebody else."""
    name = str(request.param)
    with socket.create_server(("127.0.0.1", getattr(usual, name))):
        yield name


def test_a_first_home_has_the_usual_ports(usual: Settings, tmp_path: Path) -> None:
    """What is usual is not written down."""
    assert reach.settle(tmp_path)

    assert "port" not in (tmp_path / "sallyport.yaml").read_text(encoding="utf-8")
    assert usual.port


def test_where_either_port_is_in_use_the_next_home_has_two_others(
    taken: str, usual: Settings, tmp_path: Path
) -> None:
    """Both move, so that the console of one home never stands on the port of another."""
    reach.settle(tmp_path)

    found = load_settings(tmp_path)
    assert taken
    assert found.port >= usual.port + 2
    assert found.console_port == found.port + 1


def test_settings_that_are_there_stay(tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "sallyport.yaml").write_text("team: one\n", encoding="utf-8")

    assert not reach.settle(tmp_path)
    assert (tmp_path / "sallyport.yaml").read_text(encoding="utf-8") == "team: one\n"
