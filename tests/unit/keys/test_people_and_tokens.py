"""Personal keys, and tokens of which only the hash is kept."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.adapters.keys import (
    PersonalSignatures,
    PersonKey,
    is_usable_key,
    new_token,
    people,
    token_hash,
)
from sallyport.errors import ConflictError, KeyFileError

ANN = PersonKey.generate()
BOB = PersonKey.generate()
SIGNATURES = PersonalSignatures()


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_a_saved_key_signs_as_before(tmp_path: Path, passphrase: str) -> None:
    """0600 from the first byte; the passphrase is optional."""
    ANN.save(tmp_path / "ann.pem", passphrase)
    loaded = PersonKey.load(tmp_path / "ann.pem", passphrase)

    assert loaded.public_key == ANN.public_key
    assert SIGNATURES.verify(ANN.public_key, b"yes", loaded.sign(b"yes"))
    assert stat.S_IMODE((tmp_path / "ann.pem").stat().st_mode) == 0o600
    with pytest.raises(ConflictError):
        BOB.save(tmp_path / "ann.pem")


@pytest.mark.parametrize("saved,given_", [("secret", ""), ("secret", "hunter2"), ("", "extra")])
def test_a_wrong_passphrase_is_one_clear_error(tmp_path: Path, saved: str, given_: str) -> None:
    """And it is not repeated in it."""
    ANN.save(tmp_path / "ann.pem", saved)
    with pytest.raises(KeyFileError, match="passphrase") as caught:
        PersonKey.load(tmp_path / "ann.pem", given_)

    assert "hunter2" not in caught.value.what


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    """Garbage, or a file that others may read."""
    path = tmp_path / "ann.pem"
    path.touch(mode=0o600)
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(KeyFileError):
        PersonKey.load(path)
    path.unlink()
    ANN.save(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError):
        PersonKey.load(path)


def test_a_signature_is_good_for_its_message_and_key_alone() -> None:
    """Another message, another person, another spelling: no."""
    signature = ANN.sign(b"message")

    assert SIGNATURES.verify(ANN.public_key, b"message", signature)
    assert not SIGNATURES.verify(ANN.public_key, b"massage", signature)
    assert not SIGNATURES.verify(BOB.public_key, b"message", signature)
    assert not SIGNATURES.verify(ANN.public_key, b"message", signature.upper())
    assert not SIGNATURES.verify(ANN.public_key.upper(), b"message", signature)
    assert not SIGNATURES.verify(ANN.public_key, b"message", f" {signature[1:]}")
    assert not SIGNATURES.verify("", b"message", "")


hexes = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.text() | hexes, st.binary(), st.text() | st.tuples(hexes, hexes).map("".join))
def test_garbage_is_never_a_signature_and_never_an_error(
    key: str, message: bytes, signature: str
) -> None:
    """Whatever comes from outside, the answer is no."""
    assert not SIGNATURES.verify(key, message, signature)
    assert not SIGNATURES.verify(ANN.public_key, message, signature)


def test_weak_keys_have_no_signatures_and_are_not_enrolled() -> None:
    """For a point of small order, a signature of zeros passes for one message in a few."""
    p, y8 = people.PRIME, people.ORDER_8
    d = -121665 * pow(121666, -1, p) % p
    assert (d * pow(y8, 4, p) + 2 * y8 * y8 - 1) % p == 0, "twice this point is of order 4"
    for y in (*people.WEAK, p, p + 1):
        for sign in (0, 2**255):
            key = (y | sign).to_bytes(32, "little").hex()
            assert not is_usable_key(key)
            assert not any(
                SIGNATURES.verify(
                    key, bytes([n]), (y | sign).to_bytes(32, "little").hex() + "0" * 64
                )
                for n in range(64)
            )
    assert is_usable_key(ANN.public_key)
    assert not is_usable_key(ANN.public_key.upper())


def test_tokens_are_long_fresh_and_kept_as_hashes() -> None:
    """43 characters of chance behind the prefix; a hash for any text at all."""
    tokens = {new_token("sp_task_") for _ in range(100)}

    assert len(tokens) == 100
    assert all(token.startswith("sp_task_") and len(token) == 8 + 43 for token in tokens)
    assert len({token_hash(token) for token in tokens}) == 100
    assert len(token_hash("\ud800")) == 64
