"""One byte sequence per value, so that a digest means the value and nothing else.

Rules:
  1. Objects are sorted by key (code points), no white space, UTF-8, only the escapes JSON demands.
  2. Numbers are integers or exact decimals in plain notation with their digits kept (`50.00` stays
     `50.00`). A float is refused, since it is not what anybody wrote.
  3. Every digest names what it is of (`sallyport/call/v1`), so one can never pass for another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal

from sallyport.errors import InvariantError
from sallyport.model import Json

_string: Callable[[str], str] = json.encoder.encode_basestring


def encode(value: Json) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        InvariantError: The value holds a float or something that is not JSON.
    """
    return text(value).encode("utf-8")


def text(value: Json) -> str:
    """Return the canonical form of a JSON value as a string."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts)


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


def _write(value: Json, put: Callable[[str], object]) -> None:
    match value:
        case str():
            put(_string(value))
        case None:
            put("null")
        case bool():
            put("true" if value else "false")
        case int():
            put(str(value))
        case Decimal():
            put(_decimal(value))
        case dict():
            _write_object(value, put)
        case list():
            _write_array(value, put)
        case _:
            raise InvariantError(f"a `{type(value).__name__}` has no canonical form")


def _write_object(value: dict[str, Json], put: Callable[[str], object]) -> None:
    put("{")
    comma = ""
    for key in sorted(value):
        put(f"{comma}{_string(key)}:")
        _write(value[key], put)
        comma = ","
    put("}")


def _write_array(value: list[Json], put: Callable[[str], object]) -> None:
    put("[")
    comma = ""
    for item in value:
        put(comma)
        _write(item, put)
        comma = ","
    put("]")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise InvariantError("a number that is not finite has no canonical form")
    return f"{value:f}"
