"""The headers of one request: read once, each at most once, and only those that mean something.

Rules:
  1. `Host` must be ours and `Origin`, where there is one, must be of a page of ours: a web page
     that rebinds a name to 127.0.0.1 can send anything else, but not these.
  2. A header that decides something must not come twice: two readers would see two requests.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.eras import STATELESS
from sallyport.doors.mcp.refusals import (
    DoorError,
    ForeignHostError,
    HeaderMismatchError,
    MediaTypeError,
    NotAcceptableError,
    PostOnlyError,
    VersionError,
)
from sallyport.errors import NotAuthenticatedError
from sallyport.rules import jsonrpc

TOKEN_LENGTH_MAX = 512

_SINGLE = frozenset(
    {
        b"host",
        b"origin",
        b"authorization",
        b"content-type",
        b"content-length",
        b"mcp-session-id",
        b"last-event-id",
        b"mcp-protocol-version",
        b"mcp-method",
        b"mcp-name",
    }
)
_SINGLE_PREFIX = b"mcp-param-"
_TELLING = frozenset(
    {b"authorization", b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"}
)
_JSON = frozenset({"application/json", "application/*", "*/*"})
_STREAM = frozenset({"text/event-stream", "text/*"})


@dataclass(frozen=True, slots=True)
class Accepts:
    """The forms of an answer that a client takes."""

    json: bool
    stream: bool


def read(raw: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, str]:
    """Return headers by lower-case name, joined with commas where they may repeat.

    Raises:
        DoorError: One that decides something came twice.
    """
    found: dict[bytes, str] = {}
    for name, value in raw:
        # RFC 9110 5.5: white space around a value is no part of it; not every server takes it off.
        text = value.decode("latin-1").strip(" \t")
        if name not in found:
            found[name] = text
        elif name in _SINGLE or name.startswith(_SINGLE_PREFIX):
            raise _came_twice(name)
        else:
            found[name] += f",{text}"
    return found


def _came_twice(name: bytes) -> DoorError:
    kind = HeaderMismatchError if name.startswith(b"mcp-") else DoorError
    return kind(f"the header `{name.decode('latin-1')}` came twice")


def check_host(headers: Mapping[bytes, str], bounds: Bounds) -> None:
    """Check that the request was meant for this host, by a page of this host if by any.

    Raises:
        ForeignHostError: It was not.
    """
    host = _host_name(headers.get(b"host", ""))
    if not _is_loopback(host) and host not in bounds.allowed_hosts:
        raise ForeignHostError("the header `Host` names neither this machine nor an allowed host")
    origin = headers.get(b"origin")
    if origin is None or origin in bounds.allowed_origins:
        return
    if not _is_loopback(_origin_name(origin)):
        raise ForeignHostError("the header `Origin` is of a page that is not allowed here")


def names_nobody(headers: Mapping[bytes, str]) -> bool:
    """Return whether a request says nothing of who sends it, and comes through no proxy."""
    return _TELLING.isdisjoint(headers)


def bearer(headers: Mapping[bytes, str]) -> str:
    """Return the token that a request carries.

    Raises:
        NotAuthenticatedError: It carries none.
    """
    scheme, _, token = headers.get(b"authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_LENGTH_MAX:
        raise NotAuthenticatedError("the request carries no bearer token")
    return token


def accepts(headers: Mapping[bytes, str]) -> Accepts:
    """Return which forms of an answer the client takes; without a word, JSON.

    Raises:
        NotAcceptableError: None that there is.
    """
    header = headers.get(b"accept")
    if header is None:
        return Accepts(json=True, stream=False)
    kinds = {_media_type(part) for part in header.split(",")}
    found = Accepts(json=not kinds.isdisjoint(_JSON), stream=not kinds.isdisjoint(_STREAM))
    if not (found.json or found.stream):
        raise NotAcceptableError("the client takes neither JSON nor an event stream")
    return found


def check_reads_streams(headers: Mapping[bytes, str]) -> None:
    """Check that the client reads event streams, or at least did not say that it does not.

    Raises:
        NotAcceptableError: It reads something else only.
    """
    kinds = {_media_type(part) for part in headers.get(b"accept", "*/*").split(",")}
    if kinds.isdisjoint(_STREAM | {"*/*"}):
        raise NotAcceptableError("the client does not read event streams")


def check_media_type(headers: Mapping[bytes, str]) -> None:
    """Check that the body says that it is JSON.

    Raises:
        MediaTypeError: It does not.
    """
    if _media_type(headers.get(b"content-type", "")) != "application/json":
        raise MediaTypeError("the body is not marked as JSON")


def check_handshake_version(headers: Mapping[bytes, str]) -> None:
    """Check that the version, where the request names one, is one that has sessions.

    Raises:
        PostOnlyError: It has none, and so neither a stream of its own nor anything to end.
        VersionError: It is not spoken here.
    """
    version = headers.get(b"mcp-protocol-version")
    if version == STATELESS:
        raise PostOnlyError(f"{STATELESS} has no such HTTP method")
    if version is not None and version not in jsonrpc.VERSIONS:
        raise VersionError(
            "the header `MCP-Protocol-Version` names a version not spoken here", requested=version
        )


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _host_name(value: str) -> str:
    """Return a `Host` header without its port; what is no host has no name."""
    name, bracket, rest = value.partition("]")
    if bracket:
        return name[1:].lower() if value.startswith("[") and _is_port(rest) else ""
    name, colon, port = value.partition(":")
    return name.lower() if not colon or port.isdecimal() else ""


def _is_port(rest: str) -> bool:
    return not rest or (rest.startswith(":") and rest[1:].isdecimal())


def _origin_name(origin: str) -> str:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https"} else ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
