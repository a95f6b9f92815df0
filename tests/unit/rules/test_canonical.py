"""One byte sequence per value, whichever way it is written."""

import hashlib
import json
import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import InvariantError
from sallyport.model import Json, Origin
from sallyport.rules import canonical

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_EXACT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _defined(value: Any) -> str:
    """Return the form as the writers define it, without the quick way."""
    return canonical._write(value)  # pyright: ignore[reportPrivateUsage]


@given(_PLAIN)
def test_the_quick_way_writes_what_the_writers_define(value: Json) -> None:
    """A digest must not depend on which of the two ways wrote its bytes."""
    assert canonical.text(value) == _defined(value)


def test_every_character_is_written_in_one_way() -> None:
    """All of Unicode, as a text and as a key, controls and quotes included."""
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))

    assert canonical.text(everything) == _defined(everything)
    assert canonical.text({everything: 1}) == _defined({everything: 1})


@given(st.dictionaries(st.text(max_size=2), st.integers()))
def test_keys_stand_in_the_order_of_their_code_points(value: dict[str, Json]) -> None:
    """Also beyond the first plane, where UTF-16 would sort otherwise."""
    keys = list(json.loads(canonical.text(value)))

    assert keys == sorted(value)


@given(_EXACT)
def test_the_form_says_the_value_and_nothing_else(value: Json) -> None:
    """What was written reads back as the same value, with every digit."""
    read = json.loads(canonical.encode(value), parse_float=Decimal)

    assert canonical.encode(read) == canonical.encode(value)
    assert read == value


def test_an_amount_keeps_its_digits() -> None:
    """`50.00` is what was written, and `50` would be another text."""
    assert canonical.text({"refund": Decimal("50.00"), "n": 1}) == '{"n":1,"refund":50.00}'


@pytest.mark.parametrize(
    "value",
    [1.0, {"a": 1.0}, [1, [2.5]], (1, 2), {"a": (1,)}, b"x", Decimal("NaN"), {"a": {1}}],
    ids=repr,
)
def test_what_is_not_exact_json_has_no_form(value: Any) -> None:
    """A float is not what anybody wrote; a tuple or bytes are not JSON."""
    with pytest.raises(InvariantError):
        canonical.encode(value)


@pytest.mark.parametrize("key", [1, None, True, 1.5, b"a"])
def test_a_key_is_a_text(key: Any) -> None:
    """A number as a key would read back as another value; whatever stands under it or beside it."""
    values: list[Any] = [{key: 1}, {"b": 1, key: 1}, {key: Decimal("1.50")}, {"b": {key: [1]}}]
    for value in values:
        with pytest.raises(TypeError):
            canonical.encode(value)


def test_an_enumeration_is_written_as_its_text() -> None:
    """Our own enumerations are texts."""
    assert canonical.text({"origin": Origin.AGENT}) == f'{{"origin":"{Origin.AGENT.value}"}}'
    assert canonical.text({Origin.AGENT: 1}) == f'{{"{Origin.AGENT.value}":1}}'


def test_half_a_character_has_no_bytes() -> None:
    """A lone surrogate is refused when it should become bytes."""
    with pytest.raises(UnicodeEncodeError):
        canonical.encode({"text": "\ud800"})


def test_a_digest_names_what_it_is_of() -> None:
    """SHA-256 over the kind, on a line of its own, and the canonical bytes; in hex."""
    expected = hashlib.sha256(b'sallyport/call/v1\n{"a":1,"b":2}').hexdigest()

    assert canonical.digest("call", {"b": 2, "a": 1}) == expected
    assert canonical.digest_bytes("call", b'{"a":1,"b":2}') == expected


def test_bytes_that_are_ready_stand_as_they_are() -> None:
    """Beside plain values, and beside an amount, which is written the long way."""
    ready = canonical.ready(b'{"b":1,"a":2}')

    assert canonical.text({"x": ready, "n": 1}) == '{"n":1,"x":{"b":1,"a":2}}'
    assert canonical.text({"x": ready, "n": Decimal("1.50")}) == '{"n":1.50,"x":{"b":1,"a":2}}'
    assert canonical.text([ready, Decimal("1.50"), True, False, None, 7, "t"]) == (
        '[{"b":1,"a":2},1.50,true,false,null,7,"t"]'
    )


@pytest.mark.parametrize(
    "value, what",
    [
        (Decimal("Infinity"), "a number that is not finite has no canonical form"),
        (1.5, "a `float` has no canonical form"),
        ([(1, 2)], "a `tuple` has no canonical form"),
    ],
)
def test_what_has_no_form_is_named_by_its_type(value: Any, what: str) -> None:
    """And never by its value."""
    with pytest.raises(InvariantError) as caught:
        canonical.text(value)
    assert caught.value.what == what
