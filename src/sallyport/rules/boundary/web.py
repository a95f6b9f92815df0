"""Addresses on the web, read before they are compared.

Rules:
  1. `scheme://host[:port][/path][?query][#fragment]` and nothing else: no user name, no backslash,
     no white space, no control character, and a `/` between the host and anything that follows.
  2. The host is a domain name, or an IP address in its one spelling. A number that some readers
     take for an address (`2130706433`, `127.1`, `0x7f.1`) is neither.
  3. The path is compared segment by segment, each with its percent-encoding undone once. `.`, `..`,
     an empty segment inside, and what hides a `/`, a `%` or a control character is refused, however
     encoded, as is a look-alike of those that some readers fold into them (U+FF0F), since a server
     may see another path than the one compared.
  4. Query and fragment are read and not compared.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote

from sallyport.model import WEB_PORTS, WebAddress
from sallyport.rules.boundary.domains import domain_name
from sallyport.rules.boundary.faults import Fault

ADDRESS_MAX = 8_192
PORT_MAX = 65_535

_FORM = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[1-9][0-9]{0,4}))?", re.ASCII)
_LOOSE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE = "-._~!$&'()*+,;=:@"
_NO_PLACE = Fault("its host or its port is not one")


def web_address(text: str) -> WebAddress | Fault:
    """Return the address that a text is; its path in segments, the last one perhaps empty."""
    if len(text) > ADDRESS_MAX:
        return Fault("it is too long")
    if "\\" in text or not text.isprintable() or " " in text:
        return Fault("it has a backslash, a space or an invisible character")
    form = _FORM.fullmatch(text)
    if form is None:
        return Fault("it is not written as `https://host/path`")
    if form["path"] is None and (form["query"] or form["fragment"]):
        return Fault("it lacks a `/` after its host")
    scheme = form["scheme"].lower()
    place = _place(scheme, form["authority"])
    path = _segments(form["path"] or "/")
    if isinstance(place, Fault):
        return place
    return path if isinstance(path, Fault) else WebAddress(scheme, *place, path)


def bound_web_address(text: str) -> WebAddress | Fault:
    """Return what an owner writes: an address without a query, which covers what lies below it."""
    if "?" in text or "#" in text:
        return Fault("only scheme, host, port and path are compared")
    found = web_address(text)
    if isinstance(found, Fault):
        return found
    path = found.path[:-1] if found.path[-1] == "" else found.path
    return WebAddress(found.scheme, found.host, found.port, path)


def below(address: WebAddress, bound: WebAddress) -> bool:
    """Return whether an address is the bound or lies below it."""
    same_place = (address.scheme, address.host, address.port) == (
        bound.scheme,
        bound.host,
        bound.port,
    )
    return same_place and address.path[: len(bound.path)] == bound.path


def may_be_below(address: WebAddress, bound: WebAddress) -> bool:
    """Return whether a server may serve what the bound means for this address."""
    if (address.scheme, address.host, address.port) != (bound.scheme, bound.host, bound.port):
        return False
    folded = [_served(segment) for segment in address.path[: len(bound.path)]]
    return folded == [_served(segment) for segment in bound.path]


def _served(segment: str) -> str:
    """Return a segment as servers that ignore capitals and path parameters see it."""
    return unicodedata.normalize("NFKC", unquote(segment)).partition(";")[0].casefold()


def _place(scheme: str, authority: str) -> tuple[str, int] | Fault:
    """Return host and port."""
    if scheme not in WEB_PORTS:
        return Fault("it begins with neither `https://` nor `http://`")
    if "@" in authority:
        return Fault("it has a user name before its host")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts["host"]:
        return _NO_PLACE
    port = int(parts["port"] or WEB_PORTS[scheme])
    if port > PORT_MAX:
        return _NO_PLACE
    host = _host(parts["host"])
    return host if isinstance(host, Fault) else (host, port)


def _host(text: str) -> str | Fault:
    try:
        if text.startswith("["):
            return _version_6(IPv6Address(text[1:-1]))
        if text.replace(".", "").isdecimal():
            return str(IPv4Address(text))
    except AddressValueError:
        return Fault("its host is a number that readers take for different addresses")
    return domain_name(text)


def _version_6(address: IPv6Address) -> str | Fault:
    if address.scope_id:
        # RFC 6874: a zone means another machine on each machine.
        return Fault("its host has a zone")
    return str(address.ipv4_mapped) if address.ipv4_mapped else f"[{address.compressed}]"


def _segments(path: str) -> tuple[str, ...] | Fault:
    segments = path[1:].split("/")
    found: list[str] = []
    for number, segment in enumerate(segments, start=1):
        if not segment and number < len(segments):
            return Fault("its path has an empty segment")
        plain = _plain(segment)
        if isinstance(plain, Fault):
            return plain
        found.append(quote(plain, safe=_PATH_SAFE))
    return tuple(found)


def _plain(segment: str) -> str | Fault:
    """Return a segment with its percent-encoding undone, if it then means one thing only."""
    try:
        plain = unquote(segment, errors="strict") if "%" in segment else segment
    except UnicodeDecodeError:
        return Fault("its path is not encoded as UTF-8")
    if _LOOSE_PERCENT.search(segment):
        return Fault("its path has a `%` that encodes nothing")
    folded = unicodedata.normalize("NFKC", plain)
    if not plain.isprintable() or {"/", "\\", "%"} & set(folded):
        return Fault("its path hides a `/`, a `%` or a control character")
    if "." in folded and not folded.partition(";")[0].strip(". "):
        return Fault("its path goes up or nowhere with `.` or `..`")
    return plain
