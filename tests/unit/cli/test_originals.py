"""A client's file comes back byte for byte, or is not touched."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sallyport.doors.connect import originals
from sallyport.doors.connect.originals import Connection, KeptError
from sallyport.errors import ConflictError, NotFoundError


def connect(
    state: Path, path: Path, before: bytes, after: bytes, name: str = "cursor"
) -> Connection:
    """Keep a file's bytes and replace them."""
    connection = Connection(
        id=originals.fresh_id(state, name),
        client=name,
        path=str(path),
        mode=originals.mode_of(path),
        original_sha256=originals.sha256(before),
        written_sha256=originals.sha256(after),
        workflows=("a",),
        tokens=("t",),
    )
    originals.keep(state, connection, before, after)
    originals.write(path, after, connection.mode)
    return connection


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from([0o600, 0o644, 0o400]))
def test_the_original_comes_back_byte_for_byte(
    tmp_path: Path, before: bytes, after: bytes, mode: int
) -> None:
    """With its mode, whatever the bytes are."""
    path = tmp_path / "mcp.json"
    path.unlink(missing_ok=True)
    path.write_bytes(before)
    path.chmod(mode)
    connection = connect(tmp_path / "state", path, before, after)
    found = originals.chosen(tmp_path / "state", "")
    assert found == connection
    originals.restore(tmp_path / "state", found, force=False)
    originals.forget(tmp_path / "state", found)

    assert path.read_bytes() == before
    assert originals.mode_of(path) == mode
    assert originals.connections(tmp_path / "state") == []


def test_a_file_that_was_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    """The person is told which lines, and may insist."""
    path = tmp_path / "mcp.json"
    path.write_bytes(b"a\nb\n")
    connection = connect(tmp_path, path, b"a\nb\n", b"a\nsallyport\n")
    path.write_bytes(b"a\nsallyport\nmine\n")

    with pytest.raises(ConflictError, match="lines 3"):
        originals.restore(tmp_path, connection, force=False)
    assert path.read_bytes() == b"a\nsallyport\nmine\n"
    originals.restore(tmp_path, connection, force=True)
    assert path.read_bytes() == b"a\nb\n"


def test_an_original_that_was_tampered_with_is_not_put_back(tmp_path: Path) -> None:
    """Not even by force."""
    path = tmp_path / "mcp.json"
    path.write_bytes(b"a")
    connection = connect(tmp_path, path, b"a", b"b")
    (originals.folder(tmp_path, connection.id) / originals.ORIGINAL).write_bytes(b"c")

    with pytest.raises(KeptError):
        originals.restore(tmp_path, connection, force=True)
    assert path.read_bytes() == b"b"


def test_connections_of_one_client_come_off_in_turn(tmp_path: Path) -> None:
    """The latest first, so that every original meets the bytes that replaced it."""
    path = tmp_path / "mcp.json"
    path.write_bytes(b"1")
    connect(tmp_path, path, b"1", b"2")
    second = connect(tmp_path, path, b"2", b"3")
    os.utime(originals.folder(tmp_path, second.id) / originals.MANIFEST, (2**32, 2**32))

    for expected in (b"2", b"1"):
        connection = originals.chosen(tmp_path, "cursor")
        originals.restore(tmp_path, connection, force=False)
        originals.forget(tmp_path, connection)
        assert path.read_bytes() == expected


def test_several_clients_must_be_told_apart(tmp_path: Path) -> None:
    """Nothing is guessed, and what could be meant is listed."""
    for name in ("cursor", "vscode"):
        path = tmp_path / name
        path.write_bytes(b"1")
        connect(tmp_path, path, b"1", b"2", name)

    with pytest.raises(ConflictError) as caught:
        originals.chosen(tmp_path, "")
    assert "cursor" in caught.value.fix
    with pytest.raises(NotFoundError):
        originals.chosen(tmp_path, "emacs")
    assert originals.chosen(tmp_path, "vscode").client == "vscode"


def test_a_file_that_cannot_be_written_is_left_whole(tmp_path: Path) -> None:
    """No half file, and no leftover beside it."""
    with pytest.raises(KeptError):
        originals.write(tmp_path / "missing" / "mcp.json", b"x", 0o600)
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Whoever keeps their configuration elsewhere finds it there."""
    real, link = tmp_path / "real.json", tmp_path / "mcp.json"
    real.write_bytes(b"a")
    link.symlink_to(real)
    originals.write(link, b"b", 0o600)

    assert link.is_symlink()
    assert real.read_bytes() == b"b"
