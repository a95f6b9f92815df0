"""The machine's time, its chance, and the stop file of its people."""

import os
import time
from pathlib import Path

import pytest

from sallyport.adapters.host import HostStopFile, SystemClock, SystemIds
from sallyport.adapters.host.ids import ALPHABET, FIRST_TICK, TICK_US

EVERYTHING = ("everything",)


class SetClock:
    """A clock that a test sets."""

    def __init__(self, now_us: int) -> None:
        self.us = now_us

    def now_us(self) -> int:
        """Return the time that was set."""
        return self.us


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the place of a stop file that is not there yet."""
    return tmp_path / "STOP"


def test_the_clock_counts_microseconds_since_1970() -> None:
    """Between two readings of the machine's own."""
    before, now, after = time.time_ns(), SystemClock().now_us(), time.time_ns()

    assert before // 1000 <= now <= after // 1000


def test_ids_are_unique_and_of_one_form() -> None:
    """A prefix and 20 characters that nobody misreads."""
    ids = SystemIds(SystemClock())
    made = {ids.new("c_") for _ in range(2000)}

    assert len(made) == 2000
    assert all(len(one) == 22 and set(one[2:]) <= set(ALPHABET) for one in made)


def test_later_ids_sort_behind_earlier_ones() -> None:
    """So that a new row stands at the end of an index; after 34 years it starts anew."""
    clock = SetClock((FIRST_TICK + 1) * TICK_US)
    ids = SystemIds(clock)
    made: list[str] = []
    for _ in range(50):
        made.append(ids.new("c_"))
        clock.us += TICK_US * 1000

    assert made == sorted(made)
    clock.us = 0
    assert len(ids.new("c_")) == 22


def test_salts_are_32_fresh_bytes() -> None:
    """As long as the hash they key."""
    ids = SystemIds(SystemClock())

    assert len(ids.salt()) == 32
    assert ids.salt() != ids.salt()


def test_without_a_stop_file_nothing_is_stopped(path: Path) -> None:
    """Removing what is not there is fine."""
    stop = HostStopFile(path)
    stop.lift("everything")

    assert stop.scopes() == ()


def test_scopes_stand_one_to_a_line(path: Path) -> None:
    """White space around them and empty lines do not matter."""
    path.write_text("agent:support-bot\n\n  tool:mail.send \nworkflow:w\nsystem:crm")

    assert HostStopFile(path).scopes() == (
        "agent:support-bot",
        "tool:mail.send",
        "workflow:w",
        "system:crm",
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"\n \n", b"please stop", b"agent:a\nagent b", b"agent:", b"person:ann", b"Agent:a",
     b"\xff\xfe", b"agent:a\x00", b"everything", b"agent:a\n" * 20_000],
)  # fmt: skip
def test_whatever_cannot_be_understood_stops_everything(path: Path, text: bytes) -> None:
    """In doubt, whoever made the file meant it."""
    path.write_bytes(text)

    assert set(HostStopFile(path).scopes()) == set(EVERYTHING)


def test_what_is_not_a_file_stops_everything(path: Path, tmp_path: Path) -> None:
    """A folder, a dangling link, a pipe that nobody writes to."""
    stop = HostStopFile(path)
    path.mkdir()
    assert stop.scopes() == EVERYTHING
    path.rmdir()
    path.symlink_to(tmp_path / "nowhere")
    assert stop.scopes() == EVERYTHING
    path.unlink()
    os.mkfifo(path)
    assert stop.scopes() == EVERYTHING
    path.unlink()
    assert stop.scopes() == ()


def test_a_folder_that_cannot_be_asked_stops_everything(path: Path) -> None:
    """Not to know is to stop."""
    path.parent.joinpath("file").touch()

    assert HostStopFile(path.parent / "file" / "STOP").scopes() == EVERYTHING


def test_every_change_of_the_file_shows_at_once(path: Path) -> None:
    """Of the same length, within the same tick of the file system's clock, in place or replaced."""
    stop = HostStopFile(path)
    for number in range(200):
        path.write_text(f"agent:{number:03}")
        assert stop.scopes() == (f"agent:{number:03}",)
    path.unlink()
    assert stop.scopes() == ()


def test_a_settled_file_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its times are old, what was read is kept until its face changes."""
    path.write_text("agent:a")
    later = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    stop = HostStopFile(path)
    assert stop.scopes() == ("agent:a",)
    monkeypatch.delattr(os, "open")
    assert stop.scopes() == ("agent:a",)
    monkeypatch.undo()
    path.write_text("agent:bb")

    assert stop.scopes() == ("agent:bb",)


def test_removing_the_file_resumes(path: Path) -> None:
    """The other half of `resume`."""
    path.write_text("")
    stop = HostStopFile(path)
    assert stop.scopes() == EVERYTHING
    stop.lift("everything")

    assert stop.scopes() == ()


def test_lifting_one_scope_leaves_the_others(path: Path) -> None:
    """Resuming one agent must not let go of another one that the same file stops."""
    path.write_text("agent:a\nsystem:crm\n")
    stop = HostStopFile(path)
    stop.lift("agent:a")

    assert stop.scopes() == ("system:crm",)
