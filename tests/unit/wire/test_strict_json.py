"""Strict JSON: what is read means one thing, and what could mean two is refused."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError, MalformedJsonError, TooLargeError
from sallyport.model import Json
from sallyport.rules import canonical, strict_json

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
PLAIN = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | WORDS
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


def read(data: bytes, *, bytes_max: int = 100_000, depth_max: int = 32) -> Json:
    """Read with room for a test."""
    return strict_json.loads(data, bytes_max=bytes_max, depth_max=depth_max)


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_what_strict_json_accepts_means_what_the_standard_library_reads(
    value: Json, escaped: bool, indent: int | None
) -> None:
    """Valid JSON without fractions is read as everybody else reads it, escaped or not."""
    data = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()

    assert read(data) == json.loads(data)


@given(VALUES)
def test_canonical_bytes_are_read_back_to_the_same_value(value: Json) -> None:
    """What we write we can read."""
    assert read(canonical.encode(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9)))
def test_a_fraction_keeps_its_digits(number: Decimal) -> None:
    """Numbers are exact: `50.00` stays `50.00`."""
    assert str(read(f"{number:f}".encode())) == f"{number:f}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"nul",
        b"'a'",
        b"[1,]",
        b'{"a":1,}',
        b"{1:2}",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"0x1",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b'{"a":NaN}',
        b"1 2",
        b"{}{}",
        b"{}\x00",
        b'"\x01"',
        b'"tab\there"',
        b'"\\x41"',
        b"// note\n1",
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        '"ä"'.encode("latin-1"),
        '{"a":1}'.encode("utf-16"),
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\ud83d":1}',
        b'[[{"a":["\\uDFFF"]}]]',
        b'{"a":1,"a":1}',
        b'{"a":1,"\\u0061":2}',
        b'{"x":{"a":1,"b":2,"a":3}}',
    ],
)
def test_what_two_readers_could_read_differently_is_refused(data: bytes) -> None:
    """Broken text, foreign encodings, half characters, doubled keys and endless numbers."""
    with pytest.raises(MalformedJsonError):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"1" * 401,
        b"-" + b"1" * 5000,
        b"0." + b"1" * 400,
        b"1e401",
        b"1E-401",
        b"1e999999999999999999999",
        b"[0e-500]",
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b"[" * 90_000,
        b'["\\"",' + b"[" * 40,
    ],
)
def test_numbers_and_nesting_are_bounded(data: bytes) -> None:
    """A few bytes never become a number of a gigabyte, and no depth ends the process."""
    with pytest.raises(TooLargeError):
        read(data)


def test_nesting_without_end_is_refused_below_the_interpreters_own_limit() -> None:
    """Even a depth limit set too high gives an error of ours, not a crash."""
    with pytest.raises(BadInputError):
        read(b"[" * 90_000, depth_max=100_000)


def test_brackets_inside_a_text_have_no_depth() -> None:
    """Only structure counts."""
    text = '"[{' * 50
    assert read(json.dumps([text]).encode()) == [text]


def test_the_deepest_value_allowed_is_read() -> None:
    """The limit itself is inside."""
    assert read(b"[" * 32 + b"]" * 32) is not None


def test_size_is_checked_before_anything_is_read() -> None:
    """A long text is refused for its length, whatever it holds."""
    with pytest.raises(TooLargeError):
        read(b"\xff" * 11, bytes_max=10)


@pytest.mark.parametrize(
    "data", [b'{"a":"hunter2",}', b'{"hunter2 x":1,"hunter2 x":2}', b'["hunter2", NaN]']
)
def test_no_error_repeats_what_was_sent(data: bytes) -> None:
    """What was refused may be a secret."""
    with pytest.raises(MalformedJsonError) as caught:
        read(data)

    assert "hunter2" not in caught.value.what


def test_a_doubled_key_is_named_when_it_is_a_plain_name() -> None:
    """Whoever sent it should find it."""
    with pytest.raises(MalformedJsonError, match="the key `amount` stands twice"):
        read(b'{"amount":1,"amount":1000}')


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_sentence(data: bytes) -> None:
    """There is no third way out."""
    try:
        read(data)
    except BadInputError as error:
        assert error.what  # noqa: PT017 - either way out is right


NOT_FINITE = "the JSON text has a number that is not finite"
DIGITS = "a number has more than 400 digits when written out"


@pytest.mark.parametrize(
    "data, kind, what",
    [
        (b"\xff" * 11, TooLargeError, "the JSON text has 11 bytes, more than 10"),
        (b"ab\xff", MalformedJsonError, "the JSON text is not UTF-8 at byte 2"),
        (b"[\n1,]", MalformedJsonError, "the JSON text is broken at line 2 column 3"),
        (b"[[[[]]]]", TooLargeError, "the JSON text is nested deeper than 3 levels"),
        (b"NaN", MalformedJsonError, NOT_FINITE),
        (b"-Infinity", MalformedJsonError, NOT_FINITE),
        (b'["\\ud83d"]', MalformedJsonError, "the JSON text escapes half a character"),
        (b"1e401", TooLargeError, DIGITS),
        (b"1e-401", TooLargeError, DIGITS),
        (b"1e9999999", TooLargeError, DIGITS),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    data: bytes, kind: type[BadInputError], what: str
) -> None:
    """With where it is, and never with what stands there."""
    with pytest.raises(kind) as caught:
        read(data, bytes_max=10, depth_max=3)

    assert type(caught.value) is kind
    assert caught.value.what == what


@pytest.mark.parametrize(
    "data, what",
    [
        (b'{"a.b:/-_9":1,"a.b:/-_9":2}', "the key `a.b:/-_9` stands twice in one object"),
        (b'{"b":1,"a":1,"c":2,"a":2,"b":2}', "the key `b` stands twice in one object"),
        (b'{"' + b"a" * 64 + b'":1,"' + b"a" * 64 + b'":2}', f"the key `{'a' * 64}` stands twice"),
        (b'{"' + b"a" * 65 + b'":1,"' + b"a" * 65 + b'":2}', "a key stands twice in one object"),
        (b'{"a b":1,"a b":2}', "a key stands twice in one object"),
        (b'{"":1,"":2}', "a key stands twice in one object"),
    ],
)
def test_a_doubled_key_is_named_only_where_it_can_be_no_secret(data: bytes, what: str) -> None:
    """Up to 64 plain characters; of several the first that comes again."""
    with pytest.raises(MalformedJsonError) as caught:
        read(data)

    assert caught.value.what.startswith(what)


@pytest.mark.parametrize(
    "data, value",
    [
        (b"1" * 400, int("1" * 400)),
        (b"-" + b"1" * 399, -int("1" * 399)),
        (b"1e400", Decimal("1e400")),
        (b"1e-400", Decimal("1e-400")),
        (b"0." + b"1" * 398, Decimal("0." + "1" * 398)),
        (b"1.50", Decimal("1.50")),
    ],
)
def test_the_longest_numbers_are_read_exactly(data: bytes, value: int | Decimal) -> None:
    """The limit itself is inside."""
    found = read(data)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "data",
    [b"1" * 401, b"0." + b"1" * 399, b"1e401", b"1e-401", b"-" + b"1" * 400, b"1" * 401 + b".0"],
)
def test_one_digit_more_is_too_many(data: bytes) -> None:
    """Signs and points are counted as they are sent."""
    with pytest.raises(TooLargeError, match=DIGITS):
        read(data)


def test_a_text_as_long_and_as_deep_as_may_be_is_read() -> None:
    """Depth counts what stands inside each other, not what stands side by side."""
    assert read(b"[[],[]]", bytes_max=7, depth_max=2) == [[], []]
    assert read(b'[{},{"a":[]},[]]', bytes_max=16, depth_max=3) == [{}, {"a": []}, []]
    with pytest.raises(TooLargeError, match="deeper than 2"):
        read(b'[{},{"a":[]},[]]', depth_max=2)
    with pytest.raises(TooLargeError, match="has 7 bytes, more than 6"):
        read(b"[[],[]]", bytes_max=6)


def test_brackets_in_a_text_beside_deep_structure_have_no_depth() -> None:
    """Quotes and backslashes within a text do not end it."""
    data = rb'["[{\"[[", "\\", [1, "]"]]'

    assert read(data, depth_max=2) == ['[{"[[', "\\", [1, "]"]]
    with pytest.raises(TooLargeError):
        read(data, depth_max=1)


def test_an_escape_that_is_whole_is_read_wherever_it_stands() -> None:
    """Both halves of a character make one, in names, lists and texts."""
    assert read(b'{"\\ud83d\\ude00":["\\u00e4",{"a":"\\ud83d\\ude00"},1,null]}') == {
        "\U0001f600": ["\u00e4", {"a": "\U0001f600"}, 1, None]
    }
    for data in (b'["\\ud83d"]', b'{"a":"\\ud83d"}', b'{"\\ud83d":1}', b'"\\ud83d"'):
        with pytest.raises(MalformedJsonError, match="half a character"):
            read(data)


def test_nesting_that_no_limit_of_ours_ends_is_said_as_such() -> None:
    """The interpreter's own limit is no crash."""
    with pytest.raises(TooLargeError, match="nested deeper than 100000 levels"):
        read(b"[" * 90_000, depth_max=100_000)
