"""Texts that are parsed before they are compared: what each reader takes, refuses and compares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sallyport.model import (
    Bound,
    Domain,
    Folder,
    Json,
    Mailbox,
    Moment,
    Operator,
    TaskInput,
    WebAddress,
)
from sallyport.rules.boundary.faults import Fault
from sallyport.rules.boundary.folders import bound_folder, folder, inside, may_be_inside
from sallyport.rules.boundary.forms import in_words, may_fit, unfit
from sallyport.rules.boundary.inputs import KINDS, fits
from sallyport.rules.boundary.inputs import unfit as unfit_inputs
from sallyport.rules.boundary.mailboxes import (
    addressed,
    bound_mailbox,
    delivered,
    mailbox,
    may_be_addressed,
)
from sallyport.rules.boundary.moments import as_day, as_moment
from sallyport.rules.boundary.web import web_address
from tests.unit.boundary.examples import problems_of
from tests.unit.boundary.gallery import one_tool

# Paths.

SIZE = "it is empty or too long"
UNSEEN = "it has a backslash or a control character"
LOOKS = "it has a character that some readers take for `.` or `/`"
BEGINS = "it begins with `//` or `~`"
DRIVE = "it begins with a drive letter or a scheme"
ENCODED = "it has a percent-encoded character"
UP = "it goes up with `..`"
ROOT = "it is the root of everything"


def at(text: str) -> Folder:
    """Return a path by its parts, as it stands."""
    return Folder(text.startswith("/"), tuple(text.strip("/").split("/")))


PATHS: list[tuple[str, Folder | Fault]] = [
    ("", Fault(SIZE)),
    ("a", Folder(absolute=False, parts=("a",))),
    ("/srv/a", Folder(absolute=True, parts=("srv", "a"))),
    ("/srv//a/./b/", Folder(absolute=True, parts=("srv", "a", "b"))),
    ("./srv", Folder(absolute=False, parts=("srv",))),
    ("/", Folder(absolute=True, parts=())),
    (".", Folder(absolute=False, parts=())),
    ("a" * 4096, Folder(absolute=False, parts=("a" * 4096,))),
    ("a" * 4097, Fault(SIZE)),
    ("/srv/...", Folder(absolute=True, parts=("srv", "..."))),
    ("srv/a:b", Folder(absolute=False, parts=("srv", "a:b"))),
    ("/c:/a", Folder(absolute=True, parts=("c:", "a"))),
    ("srv/~a", Folder(absolute=False, parts=("srv", "~a"))),
    ("100%", Folder(absolute=False, parts=("100%",))),
    ("a%2", Folder(absolute=False, parts=("a%2",))),
    ("a%zz", Folder(absolute=False, parts=("a%zz",))),
    ("a\\b", Fault(UNSEEN)),
    ("a\nb", Fault(UNSEEN)),
    ("a\u200bb", Fault(UNSEEN)),
    ("a%2e", Fault(ENCODED)),
    ("a%2F", Fault(ENCODED)),
    ("a%A9b", Fault(ENCODED)),
    ("a/../b", Fault(UP)),
    ("..", Fault(UP)),
    ("a/\uff0e\uff0e/b", Fault(LOOKS)),
    ("a\u2025", Folder(absolute=False, parts=("a\u2025",))),
    ("a/\u2025", Fault(LOOKS)),
    ("a\uff0fb", Fault(LOOKS)),
    ("a\uff3cb", Fault(LOOKS)),
    ("//srv/a", Fault(BEGINS)),
    ("~/a", Fault(BEGINS)),
    ("~ann", Fault(BEGINS)),
    ("C:/a", Fault(DRIVE)),
    ("file:a", Fault(DRIVE)),
]


@pytest.mark.parametrize("text, read", PATHS)
def test_a_path_is_read_in_parts_or_refused_with_its_reason(
    text: str, read: Folder | Fault
) -> None:
    """What another reader may take for another path is none."""
    assert folder(text) == read


def test_an_owner_writes_any_folder_but_a_whole_drive() -> None:
    """Whatever is refused of a call is refused of an owner."""
    assert bound_folder("/srv/a/") == Folder(absolute=True, parts=("srv", "a"))
    assert bound_folder("a/..") == Fault(UP)
    assert [bound_folder(one) for one in ("/", ".", "./", "/./")] == [Fault(ROOT)] * 4


# A path, a folder, whether it lies in it, and whether some file system may find it there.
WITHIN = [
    ("/srv/a", "/srv/a", True, True),
    ("/srv/a/b", "/srv/a", True, True),
    ("/srv", "/srv/a", False, False),
    ("/srv/ab", "/srv/a", False, False),
    ("/a/srv", "/srv", False, False),
    ("srv/a", "srv", True, True),
    ("srv/a", "/srv", False, True),
    ("/srv/a", "srv", False, True),
    ("/SRV/a", "/srv", False, True),
    ("/srv/a", "/Srv", False, True),
    ("/stra\u00dfe/a", "/STRASSE", False, True),
    ("/srv./a", "/srv", False, True),
    ("/srv /a", "/srv", False, True),
    ("/srv. ./a", "/srv", False, True),
    ("/srv~/a", "/srv", False, False),
    ("/.srv", "/srv", False, False),
    ("/\uff53rv/a", "/srv", False, True),
]


@pytest.mark.parametrize("path, bound, lies, may_lie", WITHIN)
def test_a_path_lies_in_a_folder_part_by_part(
    path: str, bound: str, lies: bool, may_lie: bool
) -> None:
    """And may be found there where capitals, dots at the end or widths of letters do not count."""
    assert inside(at(path), at(bound)) is lies
    assert may_be_inside(at(path), at(bound)) is may_lie


# E-mail addresses.

LONG = "it is too long"
SEVERAL = "it is more than one plain address"
NO_AT = "it has not one `@`"
WAYS = "what stands before the `@` can be read in several ways"
# A part of a name has 63 letters at most, and what stands before the `@` 64.
NAME_OF_189 = f"{'d' * 63}.{'e' * 63}.{'f' * 61}"

ADDRESSES: list[tuple[str, Mailbox | Fault]] = [
    ("ann@example.com", Mailbox("ann", Domain("example.com"))),
    ("a.b+c_1@Example.com", Mailbox("a.b+c_1", Domain("example.com"))),
    ("a&b'c~d=e-f@example.com", Mailbox("a&b'c~d=e-f", Domain("example.com"))),
    ("a+.+b@example.com", Mailbox("a+.+b", Domain("example.com"))),
    ("_a@example.com", Mailbox("_a", Domain("example.com"))),
    (f"{'x' * 64}@{NAME_OF_189}", Mailbox("x" * 64, Domain(NAME_OF_189))),
    (f"{'x' * 64}@{NAME_OF_189}f", Fault(LONG)),
    (f"{'x' * 64}@example.com", Mailbox("x" * 64, Domain("example.com"))),
    (f"{'x' * 65}@example.com", Fault(WAYS)),
    *((f"a{one}b@example.com", Fault(SEVERAL)) for one in ' ,;<>()"'),
    ("ann", Fault(NO_AT)),
    ("a@b@example.com", Fault(NO_AT)),
    ("@example.com", Fault(WAYS)),
    *((f"{one}a@example.com", Fault(WAYS)) for one in ".+-~&'="),
    *((f"a{one}@example.com", Fault(WAYS)) for one in ("..b", ".", "%b", "!b", "\u00e9")),
    ("ann@", Fault("a part of it is empty")),
    ("ann@127.0.0.1", Fault("it ends in a number, as no name does")),
]


@pytest.mark.parametrize("text, read", ADDRESSES)
def test_an_address_is_one_plain_one_or_refused_with_its_reason(
    text: str, read: Mailbox | Fault
) -> None:
    """Its domain compares in lower case, the rest letter by letter."""
    assert mailbox(text) == read


MAILBOXES: list[tuple[str, Mailbox | Fault]] = [
    ("ann@example.com", Mailbox("ann", Domain("example.com"))),
    ("@example.com", Mailbox("", Domain("example.com"))),
    ("under example.com", Mailbox("", Domain("example.com", under=True))),
    ("@under example.com", Mailbox("", Domain("example.com", under=True))),
    ("example.com", Fault("it has no `@`")),
    ("a@b@example.com", Fault(NO_AT)),
    ("@a@example.com", Fault("it has a character that no name has")),
    ("under com", Fault("everything below a top-level name is far too much")),
    ("@", Fault("a part of it is empty")),
]


@pytest.mark.parametrize("text, read", MAILBOXES)
def test_an_owner_writes_one_box_or_all_of_a_domain(text: str, read: Mailbox | Fault) -> None:
    """`ann@example.com`, `@example.com` and `under example.com`, and nothing that looks alike."""
    assert bound_mailbox(text) == read


# An address, a bound, whether it is meant, and whether mail to it may end there.
MEANT = [
    ("ann@example.com", "ann@example.com", True, True),
    ("ann@EXAMPLE.com", "ann@example.com", True, True),
    ("Ann@example.com", "ann@example.com", False, True),
    ("ann+x@example.com", "ann@example.com", False, True),
    ("ann@example.com", "ANN+y+z@example.com", False, True),
    ("bob@example.com", "ann@example.com", False, False),
    ("anna@example.com", "ann@example.com", False, False),
    ("ann@example.org", "ann@example.com", False, False),
    ("ann@example.com", "@example.com", True, True),
    ("ann@mail.example.com", "@example.com", False, False),
    ("ann@mail.example.com", "under example.com", True, True),
    ("ann@example.com", "under example.com", False, False),
]


@pytest.mark.parametrize("text, bound, is_meant, may_end", MEANT)
def test_a_bound_means_its_box_and_a_never_whatever_is_delivered_there(
    text: str, bound: str, is_meant: bool, may_end: bool
) -> None:
    """Capitals and what follows a `+` decide for `only`, and decide nothing for `never`."""
    box, known = mailbox(text), bound_mailbox(bound)
    assert isinstance(box, Mailbox)
    assert isinstance(known, Mailbox)

    assert addressed(box, known) is is_meant
    assert may_be_addressed(box, known) is may_end


def test_many_systems_deliver_alike_without_capitals_and_without_what_follows_a_plus() -> None:
    """All of it that follows the first one."""
    spelt = ("ann", "ANN", "Ann+x", "ann+x+y", "ann+")
    assert {delivered(one) for one in spelt} == {"ann"}


# Days and points in time.

DAYS: list[tuple[Json, date | None]] = [
    ("2026-01-02", date(2026, 1, 2)),
    ("2024-02-29", date(2024, 2, 29)),
    ("2026-02-29", None),
    ("2026-13-01", None),
    ("2026-1-2", None),
    ("20260102", None),
    ("2026-W01-1", None),
    ("2026/01/02", None),
    ("2026-01/02", None),
    ("2026-01-02T00:00:00Z", None),
    ("\u0662\u0660\u0662\u0666-01-02", None),
    ("", None),
    (20260103, None),
    (None, None),
    (["2026-01-02"], None),
]


@pytest.mark.parametrize("value, read", DAYS)
def test_a_day_has_one_spelling(value: Json, read: date | None) -> None:
    """Four digits, two and two; a week's day and another calendar's digits are none."""
    assert as_day(value) == read


MOMENTS: list[tuple[Json, Moment | None]] = [
    ("1970-01-01T00:00:00Z", Moment(0)),
    ("1970-01-01T00:00:00.000001Z", Moment(1)),
    ("1970-01-02T00:00:01.5Z", Moment(86_401_500_000)),
    ("1970-01-01T02:00:00+02:00", Moment(0)),
    ("1969-12-31T22:30:00-01:30", Moment(0)),
    ("1969-12-31T23:59:59Z", Moment(-1_000_000)),
    ("1970-01-01T14:59:00+14:59", Moment(0)),
    ("1970-01-01T15:00:00+15:00", None),
    ("1970-01-01T00:00:00", None),
    ("1970-01-01 00:00:00Z", None),
    ("1970-01-01T00:00:00z", None),
    ("1970-01-01T00:00:00.0000001Z", None),
    ("1970-13-01T00:00:00Z", None),
    ("1970-01-01T25:00:00Z", None),
    ("0001-01-01T00:00:00+14:00", None),
    ("9999-12-31T23:59:59-14:00", None),
    ("1970-01-01", None),
    (0, None),
    (None, None),
]


@pytest.mark.parametrize("value, read", MOMENTS)
def test_a_point_in_time_states_its_zone_and_is_counted_in_microseconds(
    value: Json, read: Moment | None
) -> None:
    """What no calendar has, and what no zone's clock can show, is none."""
    assert as_moment(value) == read


# Inputs of a task.

OF_KIND: list[tuple[str, Json, bool]] = [
    ("text", "a", True),
    ("text", "a" * 500, True),
    ("text", "a" * 501, False),
    ("text", "", False),
    ("text", "a\nb", False),
    ("text", 5, False),
    ("number", 5, True),
    ("number", Decimal("5.5"), True),
    ("number", "5", False),
    ("number", True, False),
    ("date", "2026-01-02", True),
    ("date", "1970-01-01T00:00:00Z", False),
    ("date", 5, False),
    ("time", "1970-01-01T00:00:00Z", True),
    ("time", "2026-01-02", False),
    ("email", "ann@example.com", True),
    ("email", "@example.com", False),
    ("email", f"{'x' * 64}@{NAME_OF_189}", True),
    ("domain", "example.com", True),
    ("domain", "under example.com", False),
    ("url", "https://example.com/docs", True),
    ("url", "https://example.com/docs?a=b", False),
    ("url", "example.com", False),
    ("path", "/srv/a", True),
    ("path", "/", False),
    ("path", "a/..", False),
    ("colour", "red", False),
    ("", "a", False),
]


@pytest.mark.parametrize("kind, value, is_so", OF_KIND)
def test_an_input_is_of_its_kind_or_not(kind: str, value: Json, is_so: bool) -> None:
    """A kind that nobody knows has no values."""
    assert fits(kind, value) is is_so


def test_these_are_the_kinds_of_inputs() -> None:
    """As an owner may write them; each has a case above."""
    assert KINDS == ("text", "number", "date", "time", "email", "domain", "url", "path")
    assert {kind for kind, _, is_so in OF_KIND if is_so} == {*KINDS}


def test_each_input_that_may_not_be_bound_is_named() -> None:
    """In the order in which they came; one that is missing is no fault here."""
    kinds = {"ticket": "text", "mail": "email", "day": "date"}

    assert unfit_inputs(kinds, {}) == ()
    assert unfit_inputs(kinds, {"ticket": "T-1", "mail": "ann@example.com"}) == ()
    assert unfit_inputs(kinds, {"mail": "ann", "other": 1, "ticket": "T-1", "day": 5}) == (
        "input `mail` is not of kind email",
        "input `other` is not declared",
        "input `day` is not of kind date",
    )


# Bounds of all four forms.

OWN = TaskInput("own")
EXAMPLE, UNDER = Domain("example.com"), Domain("example.com", under=True)
BOOKS = Domain("xn--bcher-kva.example")
DOCS = web_address("https://example.com/docs")
assert isinstance(DOCS, WebAddress)

NOUNS = [
    ("domain", Operator.DOMAIN, "a domain name"),
    ("email", Operator.EMAIL, "one e-mail address"),
    ("url", Operator.URL, "a web address"),
    ("path_under", Operator.PATH_UNDER, "a path"),
]


@pytest.mark.parametrize("word, operator, noun", NOUNS)
def test_what_is_no_text_or_not_of_the_form_is_told_what_it_must_be(
    word: str, operator: Operator, noun: str
) -> None:
    """The form's own noun, and the reader's own reason; what cannot be read may be forbidden."""
    assert unfit("x", operator, (), 5, {}) == f"x must be {noun}, written as text"
    assert unfit("x", operator, (), "a\\b", {}).startswith(f"x must be {noun}, and it ")
    assert may_fit(operator, (OWN,), 5, {"own": "a"})
    assert may_fit(operator, (OWN,), "a\\b", {"own": "a"})
    assert operator.value == word


EXAMPLES = [
    ("domain", "`example.com`, or `under example.com` for its sub-domains"),
    ("email", "`ann@example.com`, or `@example.com` for anyone there"),
    ("url", "`https://example.com/docs`, which covers what lies below it"),
    ("path_under", "`/srv/reports`"),
]


@pytest.mark.parametrize("word, example", EXAMPLES)
def test_an_owner_who_wrote_no_bound_is_shown_one(word: str, example: str) -> None:
    """Whatever stands there instead."""
    (found,) = problems_of(one_tool(f"only: {{a: {{{word}: 5}}}}"))

    assert found.what == f"`{word}` is not text"
    assert found.fix == f"write for example {example}"


FITTING: list[tuple[Operator, Bound, str]] = [
    (Operator.DOMAIN, EXAMPLE, "example.com"),
    (Operator.DOMAIN, UNDER, "a.example.com"),
    (Operator.EMAIL, Mailbox("ann", EXAMPLE), "ann@example.com"),
    (Operator.EMAIL, Mailbox("", EXAMPLE), "bob@example.com"),
    (Operator.URL, DOCS, "https://example.com/docs/a"),
    (Operator.PATH_UNDER, at("/srv"), "/srv/a"),
]
OTHERS: dict[Operator, tuple[str, Bound]] = {
    Operator.DOMAIN: ("example.org", Domain("example.net")),
    Operator.EMAIL: ("ann@example.org", Mailbox("ann", Domain("example.net"))),
    Operator.URL: ("https://example.org/", WebAddress("https", "example.net", 443, ())),
    Operator.PATH_UNDER: ("/other", at("/third")),
}


@pytest.mark.parametrize("operator, bound, value", FITTING)
def test_a_text_fits_where_one_of_the_bounds_means_it(
    operator: Operator, bound: Bound, value: str
) -> None:
    """Any of them; and with none written, every text of the form fits."""
    other, elsewhere = OTHERS[operator]

    assert unfit("x", operator, (), value, {}) == ""
    assert unfit("x", operator, (bound,), value, {}) == ""
    assert unfit("x", operator, (elsewhere, bound), value, {}) == ""
    assert (
        unfit("x", operator, (bound, elsewhere), other, {})
        == f"x must be {in_words(bound)} or {in_words(elsewhere)}"
    )
    assert may_fit(operator, (), other, {}) is True
    assert may_fit(operator, (elsewhere, bound), value, {}) is True
    assert may_fit(operator, (bound, elsewhere), other, {}) is False


OWN_ONES: list[tuple[Operator, str, str]] = [
    (Operator.DOMAIN, "example.com", "EXAMPLE.com"),
    (Operator.EMAIL, "ann@example.com", "ann@EXAMPLE.com"),
    (Operator.URL, "https://example.com/docs", "https://example.com/docs/a"),
    (Operator.PATH_UNDER, "/srv", "/srv/a"),
]


@pytest.mark.parametrize("operator, own, value", OWN_ONES)
def test_an_input_of_the_task_is_a_bound_once_it_is_known(
    operator: Operator, own: str, value: str
) -> None:
    """Not known, nothing fits and everything may."""
    said = "x must be the task's own own"
    other, _ = OTHERS[operator]

    assert unfit("x", operator, (OWN,), value, {"own": own}) == ""
    assert unfit("x", operator, (OWN,), other, {"own": own}) == said
    assert unfit("x", operator, (OWN,), value, {}) == said
    assert unfit("x", operator, (OWN,), value, {"own": 5}) == said
    assert may_fit(operator, (OWN,), value, {"own": own}) is True
    assert may_fit(operator, (OWN,), other, {"own": own}) is False
    assert may_fit(operator, (OWN,), other, {}) is True
    assert may_fit(operator, (OWN,), other, {"own": 5}) is True


MANY: list[tuple[Operator, str, str]] = [
    (Operator.DOMAIN, "under example.com", "a.example.com"),
    (Operator.EMAIL, "@example.com", "ann@example.com"),
    (Operator.EMAIL, "under example.com", "ann@a.example.com"),
    (Operator.PATH_UNDER, "/", "/srv"),
    (Operator.URL, "https://example.com/?a=b", "https://example.com/"),
]


@pytest.mark.parametrize("operator, own, value", MANY)
def test_an_input_never_stands_for_many(operator: Operator, own: str, value: str) -> None:
    """Whoever binds the task names one thing."""
    assert unfit("x", operator, (OWN,), value, {"own": own}) == "x must be the task's own own"
    assert may_fit(operator, (OWN,), value, {"own": own}) is True


BOUNDS: list[tuple[Bound, str]] = [
    (OWN, "the task's own own"),
    (EXAMPLE, "the domain example.com"),
    (UNDER, "a domain under example.com"),
    (BOOKS, "the domain xn--bcher-kva.example (b\u00fccher.example)"),
    (Mailbox("ann", EXAMPLE), "the address ann@example.com"),
    (Mailbox("", EXAMPLE), "an address at example.com"),
    (Mailbox("", UNDER), "an address under example.com"),
    (
        Mailbox("ann", BOOKS),
        "the address ann@xn--bcher-kva.example (b\u00fccher.example)",
    ),
    (DOCS, "https://example.com/docs or below it"),
    (
        WebAddress("https", "xn--bcher-kva.example", 443, ()),
        "https://xn--bcher-kva.example/ (b\u00fccher.example) or below it",
    ),
    (at("/srv/a"), "in /srv/a"),
    (Decimal("5.50"), "5.50"),
]


@pytest.mark.parametrize("bound, words", BOUNDS)
def test_a_bound_is_said_as_what_an_argument_must_be(bound: Bound, words: str) -> None:
    """A name that ASCII cannot spell is shown as people read it, too."""
    assert in_words(bound) == words
