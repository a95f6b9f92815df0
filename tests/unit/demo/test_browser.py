"""The demo's link: a fresh one as long as nobody came in by any, and then no more."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sallyport.demo.browser import FRESH_S, START, Entrance
from sallyport.doors.client import LocalClient
from sallyport.model import Json


class Gate(LocalClient):
    """A gateway's socket that hands out links and knows who came in."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.links = 0
        self.came = False

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Hand out a link."""
        assert (path, sorted(body)) == ("/admin/console", ["signed"])
        self.links += 1
        return {"url": f"http://localhost:1/enter/{self.links}"}

    def log(self, **query: Json) -> list[dict[str, Any]]:
        """Return the one entry that says that somebody signed in, if so."""
        assert query["kind"] == "session.begun"
        return [{"kind": "session.begun"}] if self.came else []


@pytest.fixture
def entrance(monkeypatch: pytest.MonkeyPatch) -> Entrance:
    """Return an entrance on a machine without a screen, with its first link shown."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    found = Entrance(Gate(), Console(file=io.StringIO(), width=80))
    found.open({})
    return found


def shown(entrance: Entrance) -> list[str]:
    """Return the lines that hold a link."""
    assert isinstance(entrance.console.file, io.StringIO)
    return [line for line in entrance.console.file.getvalue().splitlines() if START in line]


def test_the_link_stands_whole_on_the_first_line(entrance: Entrance) -> None:
    """A terminal of any width can copy it."""
    assert shown(entrance) == [f"{START} http://localhost:1/enter/1"]


def test_a_link_is_replaced_when_it_is_over_and_nobody_has_come(entrance: Entrance) -> None:
    """Not before, and not for somebody who is in already."""
    assert not entrance.is_stale()
    entrance.made_s -= FRESH_S + 1
    assert entrance.is_stale()
    entrance.renew({})
    assert len(shown(entrance)) == 2
    assert not entrance.is_stale()
    entrance.made_s -= FRESH_S + 1
    assert isinstance(entrance.client, Gate)
    entrance.client.came = True
    assert not entrance.is_stale()
