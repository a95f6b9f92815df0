"""Which devices are reached: those whose push service the settings name, read strictly."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules import devices
from sallyport.rules.devices import Device, from_text, served, to_text

KEY = b"\x04" + bytes(range(64))
AUTH = bytes(range(240, 256))
SERVICES = ("push.example",)
ENDPOINT = "https://push.example/send/1"
NO_SUBSCRIPTION = ("this is no push subscription", "use the page's own button")


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _given(key: bytes = KEY, auth: bytes = AUTH, **more: Json) -> JsonObject:
    keys: JsonObject = {"p256dh": _spelled(key), "auth": _spelled(auth)}
    return {"endpoint": ENDPOINT, "keys": keys, "label": "my phone", **more}


def _refused(given_: JsonObject) -> tuple[str, str]:
    with pytest.raises(BadInputError) as caught:
        devices.read("ada", given_, SERVICES, at_us=5)
    return caught.value.what, caught.value.fix


def test_a_device_is_what_its_browser_gave() -> None:
    """Its id follows from where it is reached, so that the same one is there once."""
    digest = hashlib.sha256(ENDPOINT.encode()).hexdigest()

    assert devices.read("ada", _given(), SERVICES, at_us=5) == Device(
        id=f"d_{digest[:20]}",
        person="ada",
        label="my phone",
        endpoint=ENDPOINT,
        key=KEY,
        auth=AUTH,
        made_us=5,
    )


@pytest.mark.parametrize(
    "label, shown",
    [
        ("", ""),
        (None, ""),
        (["my phone"], ""),
        ("  my \n phone ", "my phone"),
        ("my\u202ephone", "my<U+202E>phone"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80),
    ],
)
def test_a_label_is_one_short_line_with_nothing_hidden_in_it(label: Json, shown: str) -> None:
    """It is the browser's word, and is shown to people."""
    assert devices.read("ada", _given(label=label), SERVICES, at_us=5).label == shown


def test_a_device_may_have_no_label() -> None:
    """Nobody has to name it."""
    nameless = {name: value for name, value in _given().items() if name != "label"}

    assert devices.read("ada", nameless, SERVICES, at_us=5).label == ""


@pytest.mark.parametrize(
    "given_",
    [
        {},
        _given(keys=None),
        _given(keys=[]),
        _given(keys={"p256dh": _spelled(KEY)}),
        _given(keys={"auth": _spelled(AUTH)}),
        _given(keys={"p256dh": 4, "auth": _spelled(AUTH)}),
        _given(key=KEY[:-1]),
        _given(key=KEY + b"x"),
        _given(key=b"\x02" + KEY[1:]),
        _given(key=b"\x05" + KEY[1:]),
        _given(auth=AUTH[:-1]),
        _given(auth=AUTH + b"x"),
    ],
)
def test_what_is_not_whole_is_no_subscription(given_: JsonObject) -> None:
    """A public key of 65 bytes on the curve, as it is written in full, and 16 secret bytes."""
    assert _refused(given_) == NO_SUBSCRIPTION


def test_a_service_that_the_settings_do_not_name_is_refused() -> None:
    """Or whoever signs in could have the gateway write to any host."""
    said = (
        "this browser is reached at a push service that the settings do not name",
        "have an operator add its host to `services` of the channel",
    )
    assert _refused(_given(endpoint="https://other.example/")) == said
    assert _refused({name: one for name, one in _given().items() if name != "endpoint"}) == said


LONGEST = ENDPOINT + "x" * (2048 - len(ENDPOINT))


@pytest.mark.parametrize(
    "endpoint, reached",
    [
        (ENDPOINT, True),
        ("https://eu.push.example/1", True),
        ("https://PUSH.example:8443/1", True),
        (LONGEST, True),
        (LONGEST + "x", False),
        ("https://evilpush.example/1", False),
        ("https://push.example.evil.test/1", False),
        ("https://evil.test/push.example", False),
        ("http://push.example/1", False),
        ("https://ada@push.example/1", False),
        ("https://push.example/a b", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_service_is_a_host_that_is_named_or_one_below_it(endpoint: str, reached: bool) -> None:
    """Over https, in at most 2,048 characters."""
    assert served(endpoint, SERVICES) is reached
    assert served(endpoint, ("other.example", *SERVICES)) is reached
    assert not served(endpoint, ())


@given(st.binary(max_size=70))
def test_bytes_survive_the_spelling_of_browsers(raw: bytes) -> None:
    """Base64 for addresses, without the signs at its end."""
    assert to_text(raw) == _spelled(raw)
    assert from_text(to_text(raw)) == raw


@pytest.mark.parametrize("text", ["a", "a b=", "ä", "%%%%", "YQ==="])
def test_what_is_spelled_otherwise_is_no_bytes(text: str) -> None:
    """Nothing is left out of it and read all the same."""
    assert from_text(text) == b""


def test_what_is_kept_sealed_of_a_device_is_what_reaches_it() -> None:
    """In the words of browsers."""
    device = Device(id="d_1", person="ada", label="", endpoint=ENDPOINT, key=KEY, auth=AUTH)

    assert device.made_us == 0
    assert devices.as_json(device) == {
        "endpoint": ENDPOINT,
        "p256dh": _spelled(KEY),
        "auth": _spelled(AUTH),
    }
