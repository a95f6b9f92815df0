"""Makes hostile messages from a seed: the same seed gives the same messages.

A message starts as a call that is in order and is then spoilt in one to three ways, so that most
come close to being valid. What is spoilt as text cannot be said in a parsed value: duplicate keys,
half characters, numbers beyond all bounds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

Spoil = Callable[[random.Random, Any], Any]

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**399,
    10**401,
    1.5,
    -0.0,
    1e300,
    "",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "R-1",
    "../../etc/passwd",
    "<script>",
    "x" * 300,
    [],
    [[]],
    {},
    {"": None},
    {"__proto__": {"admin": True}},
    {"$ref": "http://127.0.0.1:9/schema"},
)
DEEP: tuple[Any, ...] = ({}, {"a": None}, {"a": {}}, {"a": 1}, [])
NAMES = (
    "look",
    "change",
    "LOOK",
    "look ",
    "look\n",
    "look\x00",
    "l\u043eok",
    "../look",
    "x" * 200,
    "",
)
METHODS = (
    "tools/call",
    "tools/call ",
    "tools/list",
    "ping",
    "initialize",
    "notifications/cancelled",
    "notifications/initialized",
    "resources/read",
    "tools/execute",
    "__class__",
    "",
)
TEXT_SPOILS = (
    (b'"id":"', b'"id":"R-9","id":"'),
    (b'"method"', b'"method":"ping","method"'),
    (b'"arguments":{', b'"arguments":{"id":"R-1"},"arguments":{'),
    (b"R-", b"\\ud800R-"),
    (b"R-", b"\\udfff"),
    (b'"count":', b'"count":1e999999999,"x":'),
    (b'"count":', b'"count":NaN,"x":'),
    (b'"price":', b'"price":-Infinity,"x":'),
    (b'"price":', b'"price":0x10,"x":'),
    (b'"price":', b'"price":01,"x":'),
    (b"{", b"\xef\xbb\xbf{"),
    (b"}", b",}"),
    (b'"', b"'"),
    (b":", b"/**/:"),
    (b"R-", b"\xff\xfe"),
    (b"R-", b"\xc0\xaf"),
    (b"R-", b"\x00"),
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"text/plain"),
    (b"content-type", b"\xff"),
    (b"content-length", b"-1"),
    (b"content-length", b"9" * 30),
    (b"accept", b"text/event-stream"),
    (b"accept", b"image/png"),
    (b"accept", b",,;q=;"),
    (b"host", b"evil.example"),
    (b"host", b"[::"),
    (b"origin", b"http://[::1"),
    (b"origin", b"null"),
    (b"authorization", b"Bearer \xff\xfe"),
    (b"authorization", b"bearer" + b" " * 600),
    (b"mcp-session-id", b"\xe9"),
    (b"mcp-session-id", b"A" * 5000),
    (b"mcp-session-id", b"%%%%"),
    (b"mcp-protocol-version", b"2026-07-28"),
    (b"mcp-protocol-version", b""),
)


@dataclass
class Hostile:
    """One request: its body, and headers that replace the proper ones."""

    body: bytes
    headers: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])


def arguments(chance: random.Random) -> Any:
    """Return arguments of `look`: right, nearly right, or nothing like it."""
    args: dict[str, Any] = {"id": f"R-{chance.randrange(10**6)}"}
    if chance.random() < 0.5:
        args["count"] = chance.choice([0, 1, 100, 101, -1, "5", 5.0, 5.5, True, None, 10**30])
    if chance.random() < 0.5:
        args["price"] = chance.choice([0, 99.5, 99.51, -0.01, 1e-300, "1", False, [], 1e22])
    if chance.random() < 0.4:
        args["deep"] = chance.choice((*DEEP, nested(chance)))
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        args = chance.choice(_ARGUMENT_SPOILS)(chance, args)
    return args


def nested(chance: random.Random) -> Any:
    """Return an object of objects, from shallow to far too deep."""
    value: Any = None
    for _ in range(chance.choice([1, 5, 40, 58, 70, 200])):
        value = {"a": value} if chance.random() < 0.9 else [value]
    return value


def message(chance: random.Random, number: int) -> Hostile:
    """Return one hostile request; about one in eight is in order after all."""
    value: Any = {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": "look", "arguments": arguments(chance)},
    }
    for _ in range(chance.choice([0, 1, 1, 2])):
        value = chance.choice(_MESSAGE_SPOILS)(chance, value)
    body = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if chance.random() < 0.25:
        body = _spoilt_text(chance, body)
    headers = dict([chance.choice(HEADERS)]) if chance.random() < 0.08 else {}
    return Hostile(body, headers)


def _spoilt_text(chance: random.Random, body: bytes) -> bytes:
    if chance.random() < 0.6:
        old, new = chance.choice(TEXT_SPOILS)
        return body.replace(b'": ', b'":').replace(old, new, 1)
    at = chance.randrange(len(body))
    match chance.randrange(4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + chance.randbytes(chance.randrange(1, 5)) + body[at:]
        case 2:
            return body[:at] + bytes([body[at] ^ 1 << chance.randrange(8)]) + body[at + 1 :]
        case _:
            return body + chance.choice([b"{}", b"\x00", b"\n[", body])


def _object(value: Any) -> dict[str, Any] | None:
    """Return a value if it is an object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _with(value: Any, **members: Any) -> Any:
    """Return an object with other members; anything else stays as it is."""
    found = _object(value)
    return value if found is None else {**found, **members}


def _drop(chance: random.Random, value: Any) -> Any:
    found = _object(value)
    if not found:
        return value
    gone = chance.choice(list(found))
    return {name: item for name, item in found.items() if name != gone}


def _replace(chance: random.Random, value: Any) -> Any:
    found = _object(value)
    return _with(value, **{chance.choice(list(found)): _odd(chance)}) if found else _odd(chance)


def _add(chance: random.Random, value: Any) -> Any:
    name = chance.choice(["x", "", "ID", "id ", "_meta", "i\u0301d"])
    return _with(value, **{name: _odd(chance)})


def _odd(chance: random.Random) -> Any:
    return chance.choice(ODD)


def _in_params(spoil: Spoil) -> Spoil:
    def spoilt(chance: random.Random, value: Any) -> Any:
        found = _object(value)
        if found is None or "params" not in found:
            return value
        return {**found, "params": spoil(chance, found["params"])}

    return spoilt


def _tool_name(chance: random.Random, value: Any) -> Any:
    return _with(value, name=chance.choice(NAMES))


def _meta(chance: random.Random, value: Any) -> Any:
    keys = ["progressToken", "traceparent", "io.sallyport/call", "Authorization"]
    return _with(value, _meta={chance.choice(keys): _odd(chance)})


def _method(chance: random.Random, value: Any) -> Any:
    return _with(value, method=chance.choice(METHODS))


def _id(chance: random.Random, value: Any) -> Any:
    return _with(value, id=_odd(chance))


def _wrap(chance: random.Random, value: Any) -> Any:
    return [value] * chance.choice([0, 1, 2, 101])


def _response(chance: random.Random, value: Any) -> Any:
    return {"jsonrpc": "2.0", "id": _odd(chance), chance.choice(["result", "error"]): _odd(chance)}


_ARGUMENT_SPOILS: tuple[Spoil, ...] = (_drop, _replace, _add, lambda chance, _: _odd(chance))
_MESSAGE_SPOILS: tuple[Spoil, ...] = (
    _drop,
    _replace,
    _add,
    _id,
    _method,
    _wrap,
    _response,
    _in_params(_drop),
    _in_params(_replace),
    _in_params(_tool_name),
    _in_params(_tool_name),
    _in_params(_meta),
)
