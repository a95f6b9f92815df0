"""Addresses on the web: what each text is read as, or why it is none."""

from __future__ import annotations

import pytest

from sallyport.model import WebAddress
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.web import below, bound_web_address, may_be_below, web_address

LONG = "https://example.com/"
ODD = "it has a backslash, a space or an invisible character"
NO_FORM = "it is not written as `https://host/path`"
NO_SLASH = "it lacks a `/` after its host"
NO_SCHEME = "it begins with neither `https://` nor `http://`"
NO_PLACE = "its host or its port is not one"
A_NUMBER = "its host is a number that readers take for different addresses"
HIDES = "its path hides a `/`, a `%` or a control character"
CLIMBS = "its path goes up or nowhere with `.` or `..`"
EMPTY = "its path has an empty segment"


def at(*path: str, host: str = "example.com", scheme: str = "https", port: int = 443) -> WebAddress:
    """Return an address with these segments."""
    return WebAddress(scheme, host, port, path)


READ: list[tuple[str, WebAddress | str]] = [
    ("https://example.com", at("")),
    ("https://example.com/", at("")),
    ("https://example.com/a", at("a")),
    ("https://example.com/a/", at("a", "")),
    ("https://example.com/a/b.c/d?e=f/g?h#i/#j", at("a", "b.c", "d")),
    ("https://example.com/?q", at("")),
    ("https://example.com/#f", at("")),
    ("HTTPS://Example.COM:8443/A", at("A", port=8443)),
    ("http://example.com", at("", scheme="http", port=80)),
    ("http://example.com:443/", at("", scheme="http")),
    ("https://example.com:65535/", at("", port=65535)),
    ("https://example.com:65536/", NO_PLACE),
    ("https://example.com:0/", NO_PLACE),
    ("https://example.com:8a/", NO_PLACE),
    ("https://:443/", NO_PLACE),
    ("https://[::1/", NO_PLACE),
    ("https:///", NO_PLACE),
    (LONG + "a" * (8192 - len(LONG)), at("a" * (8192 - len(LONG)))),
    (LONG + "a" * (8193 - len(LONG)), "it is too long"),
    ("https://example.com/a\\b", ODD),
    ("https://example.com/a b", ODD),
    ("https://example.com/a\tb", ODD),
    ("https://example.com/a\u200bb", ODD),
    ("", NO_FORM),
    ("example.com/a", NO_FORM),
    ("https:/example.com/a", NO_FORM),
    ("//example.com/a", NO_FORM),
    ("1https://example.com/a", NO_FORM),
    ("https://example.com?a", NO_SLASH),
    ("https://example.com#a", NO_SLASH),
    ("ftp://example.com/", NO_SCHEME),
    ("svn+ssh-2.0://example.com/", NO_SCHEME),
    ("https://ann@example.com/", "it has a user name before its host"),
    ("https://127.0.0.1/", at("", host="127.0.0.1")),
    ("https://127.1/", A_NUMBER),
    ("https://2130706433/", A_NUMBER),
    ("https://127.0.0.01/", A_NUMBER),
    ("https://\u0661.0.0.1/", A_NUMBER),
    ("https://[nonsense]/", A_NUMBER),
    ("https://[2001:DB8:0::1]:8443/", at("", host="[2001:db8::1]", port=8443)),
    ("https://[::ffff:7f00:1]/", at("", host="127.0.0.1")),
    ("https://[fe80::1%25eth0]/", "its host has a zone"),
    ("https://a..example/", "a part of it is empty"),
    ("https://a_b.example/", "it has a character that no name has"),
    ("https://b\u00fccher.example/", at("", host="xn--bcher-kva.example")),
    ("https://example.com//", EMPTY),
    ("https://example.com//a", EMPTY),
    ("https://example.com/a//", EMPTY),
    ("https://example.com/%61%2D%20%C3%A9", at("a-%20%C3%A9")),
    ("https://example.com/\u00e9", at("%C3%A9")),
    ("https://example.com/-._~!$&'()*+,;=:@", at("-._~!$&'()*+,;=:@")),
    ("https://example.com/%20", at("%20")),
    ("https://example.com/;a", at(";a")),
    ("https://example.com/...a", at("...a")),
    ("https://example.com/..~", at("..~")),
    ("https://example.com/%ff", "its path is not encoded as UTF-8"),
    ("https://example.com/%", "its path has a `%` that encodes nothing"),
    ("https://example.com/%4g", "its path has a `%` that encodes nothing"),
    ("https://example.com/%2f", HIDES),
    ("https://example.com/%5C", HIDES),
    ("https://example.com/%252e", HIDES),
    ("https://example.com/%07", HIDES),
    ("https://example.com/\uff0f", HIDES),
    ("https://example.com/\uff3c", HIDES),
    ("https://example.com/\uff05", HIDES),
    ("https://example.com/.", CLIMBS),
    ("https://example.com/a/../b", CLIMBS),
    ("https://example.com/%2e%2E/b", CLIMBS),
    ("https://example.com/..%20./b", CLIMBS),
    ("https://example.com/..;x.y/b", CLIMBS),
    ("https://example.com/\u2025/b", CLIMBS),
]


@pytest.mark.parametrize("text, read", READ, ids=range(len(READ)))
def test_a_text_is_one_address_or_none_and_why(text: str, read: WebAddress | str) -> None:
    """Scheme, host and port in one spelling, the path segment by segment."""
    assert web_address(text) == (Fault(read) if isinstance(read, str) else read)


BOUND: list[tuple[str, WebAddress | str]] = [
    ("https://example.com", at()),
    ("https://example.com/", at()),
    ("https://example.com/a", at("a")),
    ("https://example.com/a/b/", at("a", "b")),
    ("https://example.com/?a", "only scheme, host, port and path are compared"),
    ("https://example.com/#a", "only scheme, host, port and path are compared"),
    ("example.com", NO_FORM),
]


@pytest.mark.parametrize("text, read", BOUND)
def test_what_an_owner_writes_covers_what_lies_below_it(text: str, read: WebAddress | str) -> None:
    """So its final slash means nothing, and a query would."""
    assert bound_web_address(text) == (Fault(read) if isinstance(read, str) else read)


DOCS = at("Docs", "a%C3%9F")
PLACES = [
    (at("Docs", "a%C3%9F"), True, True),
    (at("Docs", "a%C3%9F", "x"), True, True),
    (at("Docs", "a%C3%9F", ""), True, True),
    (at("Docs"), False, False),
    (at("Docs", "b"), False, False),
    (at("docs", "ASS"), False, True),
    (at("Docs;v=1", "a%C3%9F;w"), False, True),
    (at("\uff24ocs", "a%C3%9F"), False, True),
    (at("Docs", "a%C3%9F", host="example.org"), False, False),
    (at("Docs", "a%C3%9F", scheme="http"), False, False),
    (at("Docs", "a%C3%9F", port=8443), False, False),
]


@pytest.mark.parametrize("address, is_below, may_be", PLACES)
def test_an_address_lies_below_another_where_each_segment_is_the_same(
    address: WebAddress, *, is_below: bool, may_be: bool
) -> None:
    """Letter by letter to let it through; as a careless server reads it to forbid it."""
    assert below(address, DOCS) is is_below
    assert may_be_below(address, DOCS) is may_be
    assert below(address, at()) is may_be_below(address, at())
    assert below(address, at()) is (address.host == "example.com" and str(address).startswith(LONG))
