"""One byte sequence per value, so that a digest means the value and nothing else.

Rules:
  1. Objects are sorted by key (code points), no white space, UTF-8, only the escapes JSON demands.
  2. Numbers are integers or exact decimals in plain notation with their digits kept (`50.00` stays
     `50.00`). A float is refused, since it is not what anybody wrote.
  3. Every digest names what it is of (`sallyport/call/v1`), so one can never pass for another.

The writers below define the form. A value of nothing but texts, integers, truth values and null,
which is nearly every value, is written by msgspec: the same bytes in a third of the time, as
`tests/unit/rules/test_canonical.py` shows. This runs a dozen times for every call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, cast

import msgspec

from sallyport.errors import InvariantError
from sallyport.model import Json

_string: Callable[[str], str] = json.encoder.encode_basestring
_quick: Callable[[Any], bytes] = msgspec.json.Encoder(order="sorted").encode
_PLAIN = frozenset({str, int, bool, type(None), msgspec.Raw})


def ready(data: bytes) -> Json:
    """Return bytes that are canonical already as a part of a value to be written."""
    return cast("Json", msgspec.Raw(data))


def encode(value: Json) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        InvariantError: The value holds a float or something that is not JSON.
    """
    return text(value).encode()


def text(value: Json) -> str:
    """Return the canonical form of a JSON value as a string.

    Raises:
        InvariantError: The value holds a float or something that is not JSON.
    """
    if _is_plain(value):
        with suppress(UnicodeEncodeError):  # half a character has a form here, but no bytes
            return _quick(value).decode()
    return _write(value)


def digest(kind: str, value: Json) -> str:
    """Return the hex SHA-256 of a value's canonical bytes, named by what it is of.

    Args:
        kind: What is digested, for example `call` or `approval`.
        value: The value.
    """
    return digest_bytes(kind, encode(value))


def digest_bytes(kind: str, data: bytes) -> str:
    """Return the hex SHA-256 of bytes that are canonical already."""
    return hashlib.sha256(f"sallyport/{kind}/v1\n".encode() + data).hexdigest()


def _is_plain(value: object) -> bool:
    """Return whether a value is plain all through. The loops are spelled out: they must be fast."""
    kind = type(value)
    if kind is dict:
        for item in cast("dict[object, object]", value).values():  # no key but a text is written
            if type(item) not in _PLAIN and not _is_plain(item):
                return False
        return True
    if kind is list:
        for item in cast("list[object]", value):
            if type(item) not in _PLAIN and not _is_plain(item):
                return False
        return True
    return kind in _PLAIN


def _write(value: Json) -> str:
    return _WRITERS.get(type(value), _other)(value)


def _object(value: dict[str, Json]) -> str:
    return "{" + ",".join([f"{_string(k)}:{_write(value[k])}" for k in sorted(value)]) + "}"


def _array(value: list[Json]) -> str:
    return "[" + ",".join([_write(item) for item in value]) + "]"


def _truth(value: bool) -> str:  # noqa: FBT001 (it is the value itself)
    return "true" if value else "false"


def _null(_: None) -> str:
    return "null"


def _ready(value: msgspec.Raw) -> str:
    return bytes(value).decode()


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise InvariantError("a number that is not finite has no canonical form")
    return f"{value:f}"


def _other(value: object) -> str:
    """Write a text that is one of our enumerations; refuse all else."""
    if isinstance(value, str):
        return _string(value)
    raise InvariantError(f"a `{type(value).__name__}` has no canonical form")


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: _string,
    dict: _object,
    list: _array,
    int: str,
    bool: _truth,
    type(None): _null,
    Decimal: _decimal,
    msgspec.Raw: _ready,
}
