"""Which texts are domain names, how each is spelt for comparing, and why others are none."""

from __future__ import annotations

import pytest

from sallyport.model import Domain
from sallyport.rules.boundary.domains import NAME_MAX, bound_domain, domain_name, readable, within
from sallyport.rules.boundary.faults import Fault

LABEL = "a" * 63
OF_253 = ".".join([LABEL, LABEL, LABEL, "b" * 61])

SPELT: dict[str, str] = {
    "example.com": "example.com",
    "EXAMPLE.Com": "example.com",
    "localhost": "localhost",
    "1.com": "1.com",
    "a.1a": "a.1a",
    "a.0xg": "a.0xg",
    "a--b.com": "a--b.com",
    "axn--b.com": "axn--b.com",
    f"{LABEL}.com": f"{LABEL}.com",
    OF_253: OF_253,
    "bücher.example": "xn--bcher-kva.example",
    "AZ-bücher.Example": "xn--az-bcher-95a.example",
    "XN--BCHER-KVA.Example": "xn--bcher-kva.example",
    "bücher-2.example": "xn--bcher-2-n2a.example",
    f"{'ü' * 57}.com": f"xn--td{'a' * 57}.com",
    "xn--fa-hia.example": "xn--fa-hia.example",
    "日本語の.jp": "xn--u9ju32nb2abz6g.jp",
    "佐々木.jp": "xn--u6jy55gilq.jp",
    "ラーメン.jp": "xn--4dkp5a8a.jp",
    "日本ラーメンの.jp": "xn--u9jzmxa5b3b0719co4b.jp",
    "한글漢字.kr": "xn--p8s937bq39bs56a.kr",
    "ㄅ漢.tw": "xn--5ek338p.tw",
    "\u0430\u0440\u0440.рф": "xn--80a6aa.xn--p1ai",
    "\u0430\u0440\u0440.xn--p1ai": "xn--80a6aa.xn--p1ai",
    "\u0430\u0440\u0440-жук.com": "xn----7sbtq1aax.com",
}


@pytest.mark.parametrize("text", SPELT)
def test_a_name_has_one_spelling_and_that_is_its_own(text: str) -> None:
    """Lower-case ASCII, by which names are compared."""
    name = SPELT[text]
    assert domain_name(text) == name
    assert domain_name(name) == name
    assert domain_name(readable(name)) in {name, _REPLACED}


EMPTY = Fault("a part of it is empty")
LONG = Fault("it is too long")
NUMBER = Fault("it ends in a number, as no name does")
CHARACTER = Fault("it has a character that no name has")
MIXED = Fault("a part of it mixes the letters of several scripts")
ALIKE = Fault("its letters only look like plain ones")
_REPLACED = Fault("it has a letter that some readers replace; its `xn--` spelling has not")

NO_NAMES: dict[str, Fault] = {
    "": EMPTY,
    ".com": EMPTY,
    "com.": EMPTY,
    "a..b": EMPTY,
    "ü..example": EMPTY,
    f"{OF_253}b": LONG,
    "a.1": NUMBER,
    "127.0.0.1": NUMBER,
    "a.0x1f": NUMBER,
    "a.0x": NUMBER,
    "a.0X1F": NUMBER,
    "ü.1": NUMBER,
    "-a.com": CHARACTER,
    "a-.com": CHARACTER,
    "ab--c.com": CHARACTER,
    "a_b.com": CHARACTER,
    "a b.com": CHARACTER,
    "a.com\n": CHARACTER,
    f"{LABEL}a.com": CHARACTER,
    f"{'ü' * 60}.com": CHARACTER,
    "xn--a.com": CHARACTER,
    "BÜCHER.example": CHARACTER,
    "fü~.example": CHARACTER,
    "ü@.example": CHARACTER,
    "e\u0301.example": CHARACTER,
    "の한.jp": MIXED,
    "カ한.jp": MIXED,
    "ㄅの.tw": MIXED,
    "ㄅ한.tw": MIXED,
    "ex\u0430mple.com": MIXED,
    "\u0430-1.com": ALIKE,
    "\u0430\u0440\u0440.example": ALIKE,
    "a\u200d.example": _REPLACED,
    "a\u200c.example": _REPLACED,
    "fa\u00df.example": _REPLACED,
    "fa\u03c2.example": _REPLACED,
}


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_could_be_taken_for_another_name_is_none(text: str) -> None:
    """Each with the one clause that says why."""
    assert domain_name(text) == NO_NAMES[text]
    assert bound_domain(text) == NO_NAMES[text]


def test_an_owner_names_one_name_or_what_lies_below_it() -> None:
    """A whole top-level domain is nobody's."""
    assert NAME_MAX == 253
    assert bound_domain("Example.com") == Domain("example.com", under=False)
    assert bound_domain("under Example.com") == Domain("example.com", under=True)
    assert bound_domain("com") == Domain("com", under=False)
    assert bound_domain("under com") == Fault("everything below a top-level name is far too much")
    assert bound_domain("under ") == EMPTY
    assert bound_domain("under under example.com") == CHARACTER


@pytest.mark.parametrize(
    "name, itself, below",
    [
        ("example.com", True, False),
        ("a.example.com", False, True),
        ("a.b.example.com", False, True),
        ("evilexample.com", False, False),
        ("example.com.evil.example", False, False),
    ],
)
def test_below_a_name_is_not_the_name(name: str, *, itself: bool, below: bool) -> None:
    """And a name that ends alike is below another."""
    assert within(name, Domain("example.com")) is itself
    assert within(name, Domain("example.com", under=True)) is below


def test_a_spelling_is_read_as_people_write_it() -> None:
    """Part by part; plain parts stay as they are."""
    assert readable("xn--bcher-kva.axn--b.example") == "bücher.axn--b.example"
