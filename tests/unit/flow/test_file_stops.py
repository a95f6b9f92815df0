"""The stop file is written down and told of once, whoever wrote it and whenever that was."""

from __future__ import annotations

from typing import Any

import pytest

from sallyport.errors import StoreError
from sallyport.flow.file_stops import CHANGED, FileStops
from sallyport.model import Json, JsonObject
from tests.unit.flow.room import Room


class Watched(Room):
    """A room whose stop file somebody looks at."""

    def start(self) -> None:
        """Start the gateway, and know again what was written down."""
        super().start()
        self.file_stops = FileStops(self.gateway)
        self.run(self.file_stops.restore())

    def look(self, *scopes: str) -> list[JsonObject]:
        """Let the file stop these and look twice; return what was written down."""
        self.stop_file.write(scopes)
        before = len(self.noted())
        self.run(self.file_stops.look())
        self.run(self.file_stops.look())
        return self.noted()[before:]

    def noted(self) -> list[JsonObject]:
        """Return all that was written down."""
        return [entry.body for entry in self.heard(kind=CHANGED)]


def said(scopes: list[Json], began: list[Json], ended: list[Json], **more: Any) -> JsonObject:
    """Return an entry."""
    return {"scopes": scopes, "began": began, "ended": ended, "on_wire": [], "by": "", **more}


def test_it_is_written_down_once_when_it_begins_and_when_it_ends() -> None:
    """Each scope by itself, and nothing while nothing changes."""
    room = Watched()

    assert room.look() == []
    assert room.look("everything") == [said(["everything"], ["everything"], [])]
    assert room.look("system:kb", "agent:helper") == [
        said(["agent:helper", "system:kb"], ["agent:helper", "system:kb"], ["everything"])
    ]
    assert room.look("system:kb") == [said(["system:kb"], [], ["agent:helper"])]
    assert room.look() == [said([], [], ["system:kb"])]


def test_a_restart_tells_nothing_again_and_what_was_done_meanwhile_once() -> None:
    """The ledger says what was known."""
    room = Watched()
    room.look("everything")
    room.start()
    assert room.look("everything") == []
    room.stop_file.write(())
    room.start()
    assert room.look() == [said([], [], ["everything"])]
    room.stop_file.write(("agent:helper",))
    room.start()
    assert room.look("agent:helper") == [said(["agent:helper"], ["agent:helper"], [])]


def test_whoever_lifts_it_is_named_and_it_is_told_of_once() -> None:
    """In the append that lifts it."""
    room = Watched()
    room.look("agent:helper", "system:kb")
    room.run(room.controls.resume("agent:helper", because="over", by="sam"))

    assert room.noted()[1:] == [said(["system:kb"], [], ["agent:helper"], by="sam")]
    assert room.look("system:kb") == []
    room.start()
    assert room.look("system:kb") == []


def test_what_was_already_out_is_named() -> None:
    """It cannot be recalled, as with any stop; where it is lifted nothing came too late."""
    room = Watched()
    noted: list[JsonObject] = []

    async def after() -> None:
        for scopes in (("everything",), ()):
            room.stop_file.write(scopes)
            await room.file_stops.look()

    room.upstreams.after = after
    went = room.propose(room.task(), "kb.search", {"q": "how"})
    noted = room.noted()

    assert [one["on_wire"] for one in noted] == [[went.call.id], []]


def test_what_could_not_be_written_down_is_at_the_next_look() -> None:
    """The file stops all the same."""
    room = Watched()
    room.stop_file.write(("everything",))
    room.failing = True
    with pytest.raises(StoreError):
        room.run(room.file_stops.look())
    room.failing = False

    assert room.noted() == []
    assert room.look("everything") == [said(["everything"], ["everything"], [])]
