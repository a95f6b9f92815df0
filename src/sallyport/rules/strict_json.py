"""JSON that can be read in one way only, so that two readers never see two different calls.

Rules:
  1. UTF-8 without a byte order mark; one value, nothing after it; no lone surrogates.
  2. A key stands once in its object. RFC 8259 section 4 leaves duplicates to each reader, which is
     how a check and the system behind it come to see different arguments.
  3. Numbers are exact: integers, or decimals with the digits that were sent. NaN and Infinity are
     not JSON. Digits and exponents are bounded, so that plain notation stays short.
  4. Size and depth are bounded before anything is built.
  5. What is refused is never repeated in the error, since it may be a secret.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import cast

from sallyport.errors import MalformedJsonError, TooLargeError
from sallyport.model import Json

DIGITS_MAX = 400
"""The longest number, and the largest distance of its first digit from the decimal point."""

_BRACKET_OR_STRING = re.compile(rb'[\[\]{}]|"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_OPENING = (b"[", b"{")
_CLOSING = (b"]", b"}")


def loads(data: bytes, *, bytes_max: int, depth_max: int) -> Json:
    """Return the value that `data` spells.

    Args:
        data: One JSON text in UTF-8.
        bytes_max: The longest text accepted, in bytes.
        depth_max: How many objects and arrays may stand inside each other; `[]` has depth 1.

    Raises:
        TooLargeError: `data` is longer or deeper than that, or holds a number with too many digits.
        MalformedJsonError: `data` is not strict JSON.
    """
    if len(data) > bytes_max:
        raise TooLargeError(f"the JSON text has {len(data)} bytes, more than {bytes_max}")
    _check_depth(data, depth_max)
    value = _decode(_text(data), depth_max)
    # Only an escape can spell a surrogate: the raw bytes were decoded strictly.
    if b"\\u" in data:
        _check_surrogates(value)
    return value


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"the JSON text is not UTF-8 at byte {error.start}") from None


def _decode(text: str, depth_max: int) -> Json:
    try:
        return cast("Json", _DECODER.decode(text))
    except RecursionError:
        raise _too_deep(depth_max) from None
    except json.JSONDecodeError as error:
        raise MalformedJsonError(
            f"the JSON text is broken at line {error.lineno} column {error.colno}"
        ) from None


def _check_depth(data: bytes, depth_max: int) -> None:
    if data.count(b"[") + data.count(b"{") <= depth_max:
        return
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(data):
        token = match.group()
        if token in _OPENING:
            depth += 1
            if depth > depth_max:
                raise _too_deep(depth_max)
        elif token in _CLOSING:
            depth -= 1


def _too_deep(depth_max: int) -> TooLargeError:
    return TooLargeError(f"the JSON text is nested deeper than {depth_max} levels")


def _check_surrogates(value: Json) -> None:
    match value:
        case str():
            _check_string(value)
        case list():
            for item in value:
                _check_surrogates(item)
        case dict():
            for key, item in value.items():
                _check_string(key)
                _check_surrogates(item)
        case _:
            pass


def _check_string(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedJsonError("the JSON text escapes half a character") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedJsonError(f"{_duplicate(pairs)} stands twice in one object")
    return members


def _duplicate(pairs: list[tuple[str, Json]]) -> str:
    often = Counter(key for key, _ in pairs)
    key = max(often, key=often.__getitem__)
    return f"the key `{key}`" if _PLAIN_NAME.fullmatch(key) else "a key"


def _integer(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise _too_long()
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > DIGITS_MAX:
        raise _too_long()
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise _too_long() from None
    if not -DIGITS_MAX <= number.adjusted() <= DIGITS_MAX:
        raise _too_long()
    return number


def _too_long() -> TooLargeError:
    return TooLargeError(f"a number has more than {DIGITS_MAX} digits when written out")


def _constant(_: str) -> Json:
    raise MalformedJsonError("the JSON text has a number that is not finite")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=_constant,
)
