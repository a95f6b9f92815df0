"""A passkey's signature counts for one statement, from one site, with its person checked."""

import json

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from sallyport.adapters.keys import PersonalSignatures, PersonKey, passkeys
from sallyport.errors import BadInputError, SignatureError
from sallyport.model import Json, JsonObject
from tests.authenticator import PRESENT, VERIFIED, Authenticator, put_together, taken_apart
from tests.requirements import requirement

SAID = b"sallyport/answer/v1\n" + b'{"yes":true}'
EDDSA = Authenticator()
ES256 = Authenticator(key=ec.generate_private_key(ec.SECP256R1()))
BOTH = pytest.mark.parametrize("holder", [EDDSA, ES256], ids=["EdDSA", "ES256"])
SIGNATURES = PersonalSignatures()


def counts(holder: Authenticator, signature: str, message: bytes = SAID) -> bool:
    """Return whether a signature passes for this passkey."""
    return SIGNATURES.verify(holder.public, message, signature)


@BOTH
def test_a_good_signature_counts(holder: Authenticator) -> None:
    """And again later: it is checked from what is kept alone."""
    signature = holder.sign(SAID)
    assert counts(holder, signature)
    assert counts(holder, signature)
    assert passkeys.signer(signature) == passkeys.to_text(holder.id)


@BOTH
def test_it_counts_for_no_other_statement(holder: Authenticator) -> None:
    """A yes is not the next yes."""
    assert not counts(holder, holder.sign(SAID), SAID + b" ")
    assert not counts(holder, holder.sign(b""), SAID)


@requirement("B-50")
@BOTH
@pytest.mark.parametrize("field", ["id", "client_data", "authenticator_data", "signature"])
def test_no_byte_of_it_can_be_changed(holder: Authenticator, field: str) -> None:
    """Every byte of every field, one at a time: approval without a valid assertion is refused."""
    fields = taken_apart(holder.sign(SAID))
    data = passkeys.from_text(fields[field])
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        forged = put_together({**fields, field: passkeys.to_text(changed)})
        assert not counts(holder, forged), f"byte {at} of {field} may be anything"


@BOTH
@pytest.mark.parametrize("field", ["id", "client_data", "authenticator_data", "signature"])
@pytest.mark.parametrize("value", ["", "A", "é", "AAAA", "\ud800"])
def test_no_field_can_be_something_else(holder: Authenticator, field: str, value: str) -> None:
    """Nor be left out, nor joined by another."""
    fields = taken_apart(holder.sign(SAID))
    assert not counts(holder, put_together({**fields, field: value}))
    assert not counts(holder, put_together({key: fields[key] for key in fields if key != field}))
    assert not counts(holder, put_together({**fields, "more": "AAAA"}))


@pytest.mark.parametrize("value", [1, None, [], {}])
@pytest.mark.parametrize("field", ["id", "client_data", "authenticator_data", "signature"])
def test_no_field_can_be_of_another_kind(field: str, value: Json) -> None:
    """That is no signature, and no fault either."""
    fields: JsonObject = {**taken_apart(EDDSA.sign(SAID)), field: value}
    plain = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    forged = passkeys.PREFIX + passkeys.to_text(plain)
    assert not counts(EDDSA, forged)
    assert passkeys.signer(forged) == ""


@BOTH
@pytest.mark.parametrize(
    "origin",
    [
        "http://console.example",
        "https://console.example.evil.example",
        "https://evil.example",
        "https://sub.console.example",
        "https://console.example@evil.example",
        "null",
        "",
    ],
)
def test_only_a_page_of_its_own_site_over_tls_can_ask(holder: Authenticator, origin: str) -> None:
    """The authenticator's hash of the site is right; the page was another."""
    at_home = holder.but(rp="console.example", origin="https://console.example")
    assert counts(at_home, at_home.sign(SAID))
    assert not counts(at_home, at_home.but(origin=origin).sign(SAID))


@BOTH
def test_a_passkey_of_another_site_does_not_count(holder: Authenticator) -> None:
    """Whether the page or the authenticator says so."""
    other = holder.but(rp="evil.example", origin="https://evil.example")
    assert not counts(holder, other.sign(SAID))
    assert not counts(holder, holder.but(rp="evil.example").sign(SAID))


@BOTH
@pytest.mark.parametrize("flags", [0, PRESENT, VERIFIED])
def test_a_person_who_was_not_checked_has_not_signed(holder: Authenticator, flags: int) -> None:
    """A touch alone is not enough, nor is a check without a touch."""
    assert not counts(holder, holder.but(flags=flags).sign(SAID))


@BOTH
def test_what_was_said_for_making_a_passkey_signs_nothing(holder: Authenticator) -> None:
    """The kind of the ceremony is part of what is signed."""
    assert not counts(holder, holder.but(kind="webauthn.create").sign(SAID))


def test_somebody_elses_passkey_does_not_count() -> None:
    """Nor does theirs under one's own id, nor one's own key under another id."""
    stranger = Authenticator()
    assert not counts(EDDSA, stranger.sign(SAID))
    assert not counts(EDDSA, stranger.but(id=EDDSA.id).sign(SAID))
    assert not counts(EDDSA, EDDSA.but(id=stranger.id).sign(SAID))


def test_a_personal_key_and_a_passkey_do_not_stand_for_each_other() -> None:
    """Each kind has its own spelling, and neither is read as the other."""
    own = PersonKey.generate()
    assert not SIGNATURES.verify(own.public_key, SAID, EDDSA.sign(SAID))
    assert not SIGNATURES.verify(EDDSA.public, SAID, own.sign(SAID))


@given(st.text())
def test_any_text_is_checked_without_a_fault(text: str) -> None:
    """As a signature and as a key."""
    assert not counts(EDDSA, passkeys.PREFIX + text)
    assert not SIGNATURES.verify(passkeys.PREFIX + text, SAID, EDDSA.sign(SAID))


@BOTH
def test_a_made_passkey_is_taken(holder: Authenticator) -> None:
    """It can be enrolled, and what it signs counts."""
    made = passkeys.registered(holder.made(SAID), message=SAID, rp="localhost")
    assert str(made) == holder.public
    assert SIGNATURES.usable(str(made))
    assert SIGNATURES.verify(str(made), SAID, holder.sign(SAID))


@pytest.mark.parametrize(
    "holder",
    [
        EDDSA.but(flags=PRESENT),
        EDDSA.but(rp="evil.example"),
        EDDSA.but(origin="https://evil.example"),
        EDDSA.but(origin="http://127.0.0.1:8643"),
    ],
    ids=["unchecked", "other-site", "other-page", "no-name"],
)
def test_a_passkey_made_elsewhere_is_not_taken(holder: Authenticator) -> None:
    """Nor one whose person was not checked."""
    with pytest.raises((SignatureError, BadInputError)):
        passkeys.registered(holder.made(SAID), message=SAID, rp="localhost")


def test_a_passkey_made_for_another_statement_is_not_taken() -> None:
    """One enrolment is not another."""
    with pytest.raises(SignatureError):
        passkeys.registered(EDDSA.made(b"other"), message=SAID, rp="localhost")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1, "response": {}},
        {"response": {"clientDataJSON": "e30"}},
        {"id": "A", "response": {"clientDataJSON": "!", "attestationObject": "A"}},
        EDDSA.answer(SAID),
    ],
)
def test_what_is_no_credential_is_one_clear_error(credential: JsonObject) -> None:
    """A page that sends garbage is told so."""
    with pytest.raises((BadInputError, SignatureError)):
        passkeys.registered(credential, message=SAID, rp="localhost")


@pytest.mark.parametrize("credential", [{}, {"response": 1}, {"id": "A", "response": {}}])
def test_what_is_no_answer_is_one_clear_error(credential: JsonObject) -> None:
    """Before anything is kept."""
    with pytest.raises(BadInputError):
        passkeys.signature_of(credential)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "passkey:",
        "passkey:localhost:AA",
        "passkey::AA:AA",
        "passkey:a:A:AA",
        "passkey:a:AA:AA=",
    ],
)
def test_a_key_has_one_spelling(text: str) -> None:
    """What is none is nobody's key."""
    assert passkeys.read(text) is None
    assert not SIGNATURES.usable(text)


def test_a_signature_that_is_too_long_is_not_read() -> None:
    """However much text a browser sends."""
    padded = EDDSA.answer(SAID, EDDSA.client_data(SAID, more="x" * passkeys.CHARS_MAX))
    assert not counts(EDDSA, passkeys.signature_of(padded))


DEEP = b"[" * 5000
NO_CURVE = {1: 2, 3: -7, -1: 1, -2: b"", -3: b""}
NO_KEYS = [b"", b"\x04" * 65, cbor2.dumps([1]), cbor2.dumps(NO_CURVE), cbor2.dumps({1: 2, 3: "x"})]


def test_what_a_stranger_nested_is_no_signature_and_no_fault() -> None:
    """A browser's words are read by parsers that give up in ways of their own."""
    fields = {**taken_apart(EDDSA.sign(SAID)), "client_data": passkeys.to_text(DEEP)}
    assert not counts(EDDSA, put_together(fields))
    made = EDDSA.made(SAID)
    made["response"] = {"clientDataJSON": passkeys.to_text(DEEP), "attestationObject": "AA"}
    with pytest.raises((BadInputError, SignatureError)):
        passkeys.registered(made, message=SAID, rp="localhost")


@pytest.mark.parametrize("key", NO_KEYS, ids=bytes.hex)
def test_a_key_that_is_none_signs_nothing(key: bytes) -> None:
    """Whatever an enrolment once let through, it is no fault to check against it."""
    public = str(passkeys.Passkey(rp="localhost", id=EDDSA.id, key=key or b"\0"))
    assert not SIGNATURES.verify(public, SAID, EDDSA.sign(SAID))
