"""The key file: private, whole, the right one; and what it seals opens nowhere else."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.adapters.keys import KeyFile
from sallyport.errors import ConflictError, KeyFileError, SealError

KEY = KeyFile(b"\x07" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the place of a key file that is not there yet."""
    return tmp_path / "key"


def test_the_first_start_makes_a_private_key_file_and_the_next_reads_it(path: Path) -> None:
    """32 random bytes with mode 0600, and nothing else in the folder."""
    first = KeyFile.load_or_create(path)
    second = KeyFile.load_or_create(path)

    assert first.fingerprint == second.fingerprint
    assert len(path.read_bytes()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["key"]  # noqa: PTH208 - names are what is compared
    assert second.open("a", first.seal("a", b"x")) == b"x"


def test_two_first_starts_at_once_get_one_key(path: Path) -> None:
    """Whoever comes second reads what the first has made, whole."""
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(KeyFile.load_or_create, [path] * 32))

    assert len({key.fingerprint for key in keys}) == 1


def test_an_existing_key_file_is_never_replaced(path: Path) -> None:
    """Its loss would be the loss of everything sealed."""
    KeyFile.create(path)
    before = path.read_bytes()
    with pytest.raises(ConflictError):
        KeyFile.create(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o777])
def test_a_key_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    """The error says which mode, and what to do."""
    KeyFile.create(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"mode {mode:04o}") as caught:
        KeyFile.load_or_create(path)

    assert "chmod 600" in caught.value.fix


@pytest.mark.parametrize("length", [0, 31, 33, 10_000])
def test_a_key_file_of_another_length_is_refused(path: Path, length: int) -> None:
    """Cut, padded or something else: not our key."""
    path.touch(mode=0o600)
    path.write_bytes(b"k" * length)
    with pytest.raises(KeyFileError):
        KeyFile.load_or_create(path)


def test_a_link_is_refused_even_to_a_good_key(path: Path, tmp_path: Path) -> None:
    """Nor does a dangling one make a key somewhere else."""
    KeyFile.create(tmp_path / "real")
    path.symlink_to(tmp_path / "real")
    with pytest.raises(KeyFileError, match="link"):
        KeyFile.load_or_create(path)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError):
        KeyFile.load_or_create(path)

    assert not (tmp_path / "nowhere").exists()


def test_a_folder_or_pipe_in_its_place_is_refused_at_once(path: Path) -> None:
    """A named pipe would otherwise be waited for."""
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyFileError):
        KeyFile.load(path)
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(KeyFileError):
        KeyFile.load(path)


def test_a_missing_key_file_is_an_error_where_one_must_be(path: Path) -> None:
    """A state folder that was sealed is not opened with a new key."""
    with pytest.raises(KeyFileError, match="missing"):
        KeyFile.load(path)


@given(st.text(), st.binary())
def test_what_was_sealed_opens_under_its_label(label: str, plain: bytes) -> None:
    """Whatever it is, the empty value too; and the same value never looks the same."""
    sealed = KEY.seal(label, plain)

    assert KEY.open(label, sealed) == plain
    assert KEY.seal(label, plain) != sealed
    assert len(sealed) == 1 + 12 + len(plain) + 16


def test_a_sealed_value_does_not_open_in_another_row() -> None:
    """Whoever can write the database cannot swap two credentials."""
    with pytest.raises(SealError):
        KEY.open("secrets/b", KEY.seal("secrets/a", b"x"))


def test_a_sealed_value_does_not_open_under_another_key_or_purpose() -> None:
    """A wrong key file shows at the first value, and purposes are apart."""
    sealed = KEY.seal("a", b"x")
    for other in (KeyFile(b"\x08" * 32), KEY.vault("backups")):
        with pytest.raises(SealError):
            other.open("a", sealed)

    assert KEY.vault("backups").open("a", KEY.vault("backups").seal("a", b"x")) == b"x"


def test_every_changed_or_cut_sealed_value_is_refused() -> None:
    """Any bit of version, nonce, text or tag; any length."""
    sealed = KEY.seal("a", b"plain")
    for position, byte in enumerate(sealed):
        changed = sealed[:position] + bytes([byte ^ 1]) + sealed[position + 1 :]
        with pytest.raises(SealError):
            KEY.open("a", changed)
        with pytest.raises(SealError):
            KEY.open("a", sealed[:position])


def test_neither_key_nor_plain_text_is_ever_shown() -> None:
    """Not in what a debugger prints, not in an error."""
    with pytest.raises(SealError) as caught:
        KEY.open("a", KEY.seal("b", b"hunter2"))

    assert "hunter2" not in str(caught.value)
    assert (b"\x07" * 32).hex() not in repr(KEY)
    assert KEY.fingerprint in repr(KEY)


def test_a_mark_is_the_same_for_the_same_bytes_under_one_key_and_label_only() -> None:
    """So what was written is found by it, and nobody without the key can guess it."""
    vault, other = KeyFile(b"k" * 32), KeyFile(b"o" * 32)
    mark = vault.mark("records", b"T-4711")
    assert mark == KeyFile(b"k" * 32).mark("records", b"T-4711")
    others = (vault.mark("records", b"T-4712"), vault.mark("other", b"T-4711"))
    assert len({mark, *others, other.mark("records", b"T-4711")}) == 4
